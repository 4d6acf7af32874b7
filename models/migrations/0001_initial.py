"""The first schema: the tables as they were, frozen, so that no later change of a model changes it."""

from pathlib import Path

from peewee import PostgresqlDatabase


def up(migrator, db):
    kind = "postgresql" if isinstance(db, PostgresqlDatabase) else "sqlite"
    for statement in Path(__file__).with_suffix(f".{kind}.sql").read_text("utf-8").split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
