"""Certificates of service that a volunteer applied for herself, told from those asked for at the desk."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
