"""期初工时: what was served before the account was kept; and stars that were recognised before, with their proof."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
