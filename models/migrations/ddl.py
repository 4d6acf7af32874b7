"""Runs the frozen statements that stand beside a numbered script, one file for each kind of database."""

from pathlib import Path

from peewee import Database, PostgresqlDatabase


def run(db: Database, script: str) -> None:
    """Execute ``<script>.sqlite.sql`` or ``<script>.postgresql.sql``; statements end with «;» at the end of a line."""
    kind = "postgresql" if isinstance(db, PostgresqlDatabase) else "sqlite"
    for statement in Path(script).with_suffix(f".{kind}.sql").read_text("utf-8").split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
