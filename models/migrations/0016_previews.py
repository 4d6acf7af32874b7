"""政策试算: the previews that were made of drafts."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
