"""工时账: minutes given, donated, moved, run out and given as a bonus; who introduced whom; the nightly check."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
