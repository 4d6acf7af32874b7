"""盘点: counts of two persons, what they correct in the book of the shelves, and how a thing is specified."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
