"""The first schema: the tables as they were, frozen, so that no later change of a model changes it."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
