"""发布日期: the day on which a project was published; of older ones as the trail of that move says, else empty."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
