"""评价、投诉、异常、月结 and the appeal of a correction; the month in which an entry is reported."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
