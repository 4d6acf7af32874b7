"""Prints the statements that create tables as the models say today, to be frozen beside a new numbered script.

python -m models.migrations.freeze Household Recipient > models/migrations/0002_needs.sqlite.sql
python -m models.migrations.freeze --postgresql Household Recipient > models/migrations/0002_needs.postgresql.sql
"""

import re
import sys

from peewee import PostgresqlDatabase, SqliteDatabase

from models.base import database
from models.schema import TABLES


def statements(names: list[str]) -> list[str]:
    """The DDL of these tables and their indexes. Raises ``KeyError`` for a name that is no table."""
    tables = {table.__name__: table for table in TABLES}
    said = []
    for table in (tables[name] for name in names):
        contexts = [table._schema._create_table(safe=False), *table._schema._create_indexes(safe=False)]
        said += [re.sub(r"\s+", " ", context.query()[0]) for context in contexts]
    return said


def main(words: list[str]) -> None:
    kind = PostgresqlDatabase if "--postgresql" in words else SqliteDatabase
    database.initialize(kind("unopened"))
    for statement in statements([word for word in words if not word.startswith("--")]):
        sys.stdout.write(f"{statement};\n")


if __name__ == "__main__":
    main(sys.argv[1:])
