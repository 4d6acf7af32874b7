"""汇入平台: for which station the platform last took a record; a volunteer who was claimed goes up again, for the new one."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
