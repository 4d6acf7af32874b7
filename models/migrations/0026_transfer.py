"""异地转移 between installations: who leaves, who arrives, and what they bring."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
