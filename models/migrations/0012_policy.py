"""政策版本: editions of one day, bounds for the divisions below, and who released it."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
