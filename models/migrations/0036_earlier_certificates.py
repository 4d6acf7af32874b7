"""Certificates that were issued on paper before there was this program: where they come from, and their own number."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
