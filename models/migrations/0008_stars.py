"""The star as a case (evidence, review, notice), honours, preferential measures and who took them up."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
