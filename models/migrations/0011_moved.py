"""Since when a row stands where it stands: what the inbox says of how long it waits."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
