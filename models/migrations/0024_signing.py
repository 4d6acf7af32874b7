"""签名与互认: the installation's keys, and the other installations whose signatures count here."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
