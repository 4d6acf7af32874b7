"""消息、机器人通知: what an account is told, the robots that tell a group chat, and what was sent to them."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
