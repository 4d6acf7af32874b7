"""表单只计一次: which forms were sent and done."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
