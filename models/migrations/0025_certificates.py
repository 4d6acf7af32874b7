"""志愿服务证明: applications, certificates, and the records that each rests on."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
