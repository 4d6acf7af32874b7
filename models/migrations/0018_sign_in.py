"""登录: sessions that the server keeps, the second factor, wrong tries by name and address, passwords to be changed."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
