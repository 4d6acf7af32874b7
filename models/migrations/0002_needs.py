"""Households, recipients, visits and needs (方案 二(1))."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
