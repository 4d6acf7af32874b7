"""政策草案."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
