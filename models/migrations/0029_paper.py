"""签到表照片、记录本: photographs beside sheets, and which lines stand in a volunteer's paper book."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
