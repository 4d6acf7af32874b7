"""结对户: the households that an agreement helps (方案 三(3)); they are the needs' own, hence after them."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
