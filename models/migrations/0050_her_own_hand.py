"""What a volunteer does herself: the printed code of her first sign-in, and who withdrew or said a turn off by herself."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
