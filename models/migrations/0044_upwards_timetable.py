"""汇入平台 by a timetable, and deletions that go up."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
