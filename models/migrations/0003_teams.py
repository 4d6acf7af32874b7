"""服务队、队员、文明单位、结对帮扶, and the activities that are theirs (方案 二(4)、三(3))."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
