"""The numbered scripts give exactly the schema that the models describe, on both databases."""

from datetime import date

import pytest
from peewee import PostgresqlDatabase
from playhouse.migrations import Runner

from models.base import connect, database
from models.consents import Consent, words_of
from models.projects import Project
from models.schema import APPEND_ONLY, MIGRATIONS, TABLES, create_all, upgrade


def described() -> dict[str, str]:
    """name -> what the database says of every column, constraint, index and trigger, the runner's own out.

    Column by column, not as the statement that made the table: one added later stands last there.
    """
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
        tables = "FROM sqlite_master AS t, "
        queries = [
            "SELECT type || ' ' || name, sql FROM sqlite_master WHERE type != 'table' AND sql IS NOT NULL",
            "SELECT t.name || '.' || c.name, c.type || c.\"notnull\" || coalesce(c.dflt_value, '') || c.pk "
            f"{tables}pragma_table_info(t.name) AS c WHERE t.type = 'table'",
            "SELECT t.name || '.' || k.\"from\" || ' key', k.\"table\" || coalesce(k.\"to\", '') || k.on_delete "
            f"{tables}pragma_foreign_key_list(t.name) AS k WHERE t.type = 'table'",
            "SELECT t.name || ' unique ' || i.name, '' "
            f"{tables}pragma_index_list(t.name) AS i WHERE t.type = 'table' AND i.\"unique\"",
        ]
    rows = [row for query in queries for row in database.execute_sql(query).fetchall()]
    return {
        name: "".join((sql or "").replace("IF NOT EXISTS ", "").split())
        for name, sql in rows
        if "migration" not in name and not name.startswith("sqlite_")
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
        database.close_all()
    assert len(made["upgrade"]) > len(TABLES) + len(APPEND_ONLY)
    assert made["upgrade"] == made["create_all"]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_project_of_before_knows_its_day_of_publishing_from_the_trail(kind, request, sqlite_url):
    connect(sqlite_url if kind == "sqlite" else request.getfixturevalue("fresh_postgres")())
    database.connect()
    Runner(database.obj, str(MIGRATIONS)).up("0052_presence")
    entered = "0, '2026-01-05 09:00:00'"
    database.execute_sql(
        "INSERT INTO division (code, name, level, active, revision, entered_at) "
        f"VALUES ('530102001001', '文林社区', 'community', '1', {entered})"
    )
    database.execute_sql(
        "INSERT INTO station (id, division_id, name, head_name, contact_name, address, phone, opening, active, next_card, "
        f"revision, entered_at) VALUES (1, '530102001001', '文林社区工作站', '张站长', '', '', '', '', '1', 1, {entered})"
    )
    for key, state in ((1, "published"), (2, "closed"), (3, "published"), (4, "draft")):
        database.execute_sql(
            "INSERT INTO project (id, station_id, state, name, category, recipients, starts_on, ends_on, place, headcount, posts, "
            f"conditions, risks, guarantees, details, revision, entered_at) VALUES ({key}, 1, '{state}', '爱心陪伴', '01', ' 01 ', "
            f"'2026-01-01', '2026-12-31', '', 3, '', '', '', '', '', {entered})"
        )
    for number, (key, action, at) in enumerate(
        [(1, "submit", "2026-02-01 09:00:00"), (1, "publish", "2026-02-03 16:20:00"), (2, "publish", "2026-02-04 23:59:59"),
         (2, "close", "2026-03-01 09:00:00"), (4, "enter", "2026-02-05 09:00:00")], 1
    ):  # fmt: skip
        database.execute_sql(
            "INSERT INTO trail (at, who, role, table_name, row_key, action, reason, chain, seq) "
            f"VALUES ('{at}', '张站长', 'head', 'project', '{key}', '{action}', '', 1, {number})"
        )
    upgrade()
    told = dict(Project.select(Project.id, Project.published_on).tuples())
    assert told == {1: date(2026, 2, 3), 2: date(2026, 2, 4), 3: None, 4: None}
    database.close()


def test_an_upgrade_twice_changes_nothing(sqlite_url):
    connect(sqlite_url)
    database.connect()
    assert upgrade()[0] == "0001_initial"
    before = described()
    assert upgrade() == []
    assert described() == before
    database.close()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_what_the_first_release_kept_is_still_there_and_can_go_on(kind, request, sqlite_url):
    connect(sqlite_url if kind == "sqlite" else request.getfixturevalue("fresh_postgres")())
    database.connect()
    Runner(database.obj, str(MIGRATIONS)).up("0001_initial")
    entered = "0, '2026-01-05 09:00:00'"
    for code, level in (("53", "province"), ("530102001001", "community")):
        database.execute_sql(
            "INSERT INTO division (code, name, level, active, revision, entered_at) "
            f"VALUES ('{code}', '文林社区', '{level}', '1', {entered})"
        )
    database.execute_sql(
        "INSERT INTO station (id, division_id, name, head_name, contact_name, address, phone, opening, active, next_card, "
        f"revision, entered_at) VALUES (1, '530102001001', '文林社区工作站', '张站长', '', '', '', '', '1', 1, {entered})"
    )
    database.execute_sql(
        "INSERT INTO project (id, station_id, state, name, category, recipients, starts_on, ends_on, place, headcount, posts, "
        "conditions, risks, guarantees, details, revision, entered_at) VALUES (1, 1, 'draft', '爱心陪伴', '01', ' 01 ', "
        f"'2026-01-01', '2026-12-31', '', 3, '陪护 3 人', '', '', '', '', {entered})"
    )
    for key, birth, day in ((1, "1980-05-06", "'2026-02-01'"), (2, "2010-05-06", "'2026-02-01'"), (3, "2015-05-06", "'2026-02-01'"),
                            (4, "1980-05-06", "NULL")):  # fmt: skip
        database.execute_sql(
            "INSERT INTO volunteer (id, station_id, state, name, document_type, document_number, document_index, gender, birth_date, "
            "phone, ethnicity, politics, education, occupation, skills, speciality, categories, service_times, national_no, "
            f"guardian_name, consent_on, refused_for, revision, entered_at) VALUES ({key}, 1, 'registered', '李明', 'resident_id', '', "
            f"'d{key}', '1', '{birth}', '', '', '', '', '', '', '', '', '', '', '李秀英', {day}, '', {entered})"
        )
    assert len(upgrade()) >= 10
    # A day of agreement that a registration held is a consent to the first words, of the kind that the age asked for.
    said = Consent.select(Consent.volunteer, Consent.kind, Consent.given_by, Consent.giver, Consent.age, Consent.text)
    first = "consent@53:2021-11-01"
    assert sorted(said.tuples()) == [
        (1, "registration", "self", "李明", 45, first), (2, "guardian", "guardian", "李秀英", 15, first),
        (3, "guardian_child", "guardian", "李秀英", 10, first),
    ]  # fmt: skip
    assert "不用于商业目的" in words_of(first, "registration")
    row = Project.get_by_id(1)
    assert (row.name, row.state, row.posts, row.recruiting) == ("爱心陪伴", "draft", "陪护 3 人", "open")
    assert row.moved_at is None and row.needs.count() == 0
    database.close()
