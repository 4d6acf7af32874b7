"""网上报名: what came from the site, its receipt, and who is provisional until her document was seen at the desk."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
