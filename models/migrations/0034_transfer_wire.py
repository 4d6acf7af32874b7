"""异地转移 over the network: answers on their way back."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
