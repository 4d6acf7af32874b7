"""招募: how a project recruits, its posts, and the applications for them."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
