"""撤站: a dissolved station and its successor."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
