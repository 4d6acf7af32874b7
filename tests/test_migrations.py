"""The numbered scripts give exactly the schema that the models describe, on both databases."""

import pytest
from peewee import PostgresqlDatabase

from models.base import connect, database
from models.schema import APPEND_ONLY, TABLES, create_all, upgrade


def described() -> dict[str, str]:
    """name -> what the database says of every table's columns, constraints, index and trigger, the runner's own out."""
    if isinstance(database.obj, PostgresqlDatabase):
        queries = [
            "SELECT table_name || '.' || column_name, data_type || coalesce(character_maximum_length::text, '') || "
            "is_nullable || coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = 'public'",
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace",
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        ]
    else:
        queries = ["SELECT type || ' ' || name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"]
    rows = [row for query in queries for row in database.execute_sql(query).fetchall()]
    return {
        name: "".join((sql or "").replace("IF NOT EXISTS ", "").split())
        for name, sql in rows
        if "migration" not in name
    }


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_the_scripts_and_the_models_agree(kind, request, tmp_path):
    made = {}
    for how in (upgrade, create_all):
        url = (
            f"sqlite:///{tmp_path / how.__name__}.db"
            if kind == "sqlite"
            else request.getfixturevalue("fresh_postgres")()
        )
        connect(url)
        database.connect()
        how()
        made[how.__name__] = described()
        database.close()
        if hasattr(database.obj, "close_all"):
            database.obj.close_all()
    assert len(made["upgrade"]) > len(TABLES) + len(APPEND_ONLY)
    assert made["upgrade"] == made["create_all"]


def test_an_upgrade_twice_changes_nothing(sqlite_url):
    connect(sqlite_url)
    database.connect()
    assert upgrade() == ["0001_initial"]
    before = described()
    assert upgrade() == []
    assert described() == before
    database.close()
