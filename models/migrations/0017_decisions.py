"""判定与告知: which format version judged a record, who accompanied a child, and how a correction's decision was told."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
