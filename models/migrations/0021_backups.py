"""备份: what became of each; and how late it already was when this was taken, to know a clock that was set back."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
