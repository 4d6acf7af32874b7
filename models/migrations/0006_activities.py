"""排班、保险 (方案 二(3)(4)), what an activity demands, and which languages are spoken on either side."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
