"""列名对应: what a station's headers stand for, remembered."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
