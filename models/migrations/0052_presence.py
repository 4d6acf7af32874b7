"""签到与在场: kiosks, and the presses of coming and going."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
