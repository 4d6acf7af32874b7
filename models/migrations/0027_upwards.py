"""汇入上级平台: records, batches and links of the sending side; senders, batches and records of the receiving one."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
