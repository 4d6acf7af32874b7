"""升级: from every schema version that was ever released, on a copy first; and what a failing one leaves."""

import shutil
from contextlib import contextmanager

import pytest
from peewee import PostgresqlDatabase
from playhouse.migrations import Runner
from test_migrations import described

from admin_app import create_app
from admin_app.config import Config
from cast import KEY
from models import schema
from models.backups import Backup
from models.base import connect, database
from models.copies import beside, figures
from models.fields import keyring
from models.projects import Project
from models.refusals import Refusal
from models.schema import MIGRATIONS, newest
from models.upgrading import bring_up
from models.vault import vault

VERSIONS = sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))
ENTERED = "0, '2026-01-05 09:00:00'"


def worked_in(version: str) -> None:
    """The database as a program of that version left it: its scripts taken, and rows in it."""
    Runner(database.obj, str(MIGRATIONS)).up("0001_initial")
    for code, level in (("53", "province"), ("530102001001", "community")):
        database.execute_sql(
            "INSERT INTO division (code, name, level, active, revision, entered_at) "
            f"VALUES ('{code}', '文林社区', '{level}', '1', {ENTERED})"
        )
    database.execute_sql(
        "INSERT INTO station (id, division_id, name, head_name, contact_name, address, phone, opening, active, next_card, "
        f"revision, entered_at) VALUES (1, '530102001001', '文林社区工作站', '张站长', '', '', '', '', '1', 1, {ENTERED})"
    )
    database.execute_sql(
        "INSERT INTO project (id, station_id, state, name, category, recipients, starts_on, ends_on, place, headcount, "
        "posts, conditions, risks, guarantees, details, revision, entered_at) VALUES (1, 1, 'draft', '爱心陪伴', '01', "
        f"' 01 ', '2026-01-01', '2026-12-31', '', 3, '陪护 3 人', '', '', '', '', {ENTERED})"
    )
    Runner(database.obj, str(MIGRATIONS)).up(version)


@pytest.fixture
def old(safe, request):
    """Makes a database of an older version, connected to; closes it in the end."""
    keyring.open(KEY)

    def make(url: str, version: str) -> None:
        connect(url)
        database.connect()
        worked_in(version)

    yield make
    database.close_all()


@contextmanager
def a_further_script(monkeypatch, tmp_path, body: str):
    """The program of tomorrow, which has one script more."""
    scripts = tmp_path / "scripts"
    shutil.copytree(MIGRATIONS, scripts)
    (scripts / "9998_tomorrow.py").write_text(f"def up(migrator, db):\n    {body}\n")
    monkeypatch.setattr(schema, "MIGRATIONS", scripts)
    yield
    monkeypatch.undo()


def now_in_it() -> dict:
    db = beside(database.obj.station_url)
    db.connect()
    found = figures(db)
    db.close()
    return found


@pytest.mark.parametrize("version", VERSIONS[:-1])
def test_from_every_version_it_comes_up_to_todays_with_a_backup_made_before(old, version, sqlite_url):
    old(sqlite_url, version)
    applied = bring_up()
    assert applied == VERSIONS[VERSIONS.index(version) + 1 :]
    row = Project.get_by_id(1)
    assert (row.name, row.state, row.posts) == ("爱心陪伴", "draft", "陪护 3 人")
    made = Backup.get()
    assert made.good and made.why == "upgrade" and made.file.endswith("-before-upgrade.backup")
    assert vault.unlock(made.path)["schema"] == version
    assert bring_up() == [] and Backup.select().count() == 1


def test_there_is_a_version_for_every_script():
    assert len(VERSIONS) >= 18 and VERSIONS[0] == "0001_initial" and VERSIONS[-1] == newest()


@pytest.mark.postgres
@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-2]])
def test_on_postgresql_too(old, version, postgres_url):
    old(postgres_url, version)
    assert bring_up()[-1] == newest()
    assert Project.get_by_id(1).name == "爱心陪伴" and Backup.get().good
    assert isinstance(database.obj, PostgresqlDatabase)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_script_that_fails_on_the_copy_touches_nothing_and_the_backup_is_there(
    old, kind, request, tmp_path, monkeypatch
):
    old(request.getfixturevalue(f"{kind}_url"), VERSIONS[-1])
    before, shape = now_in_it(), described()
    body = "db.execute_sql('DELETE FROM project'); db.execute_sql('ALTER TABLE x')"
    says = rf"升级在副本上没有成功.*数据库没有改动，还是 {VERSIONS[-1]}；升级前的备份在"
    with a_further_script(monkeypatch, tmp_path, body), pytest.raises(Refusal, match=says):
        bring_up()
    assert now_in_it() == before and described() == shape
    (file,) = vault.folder.iterdir()
    assert vault.unlock(file)["figures"] == before
    assert bring_up() == []  # the program of today opens it as ever


def test_an_upgrade_after_which_the_account_does_not_fit_is_not_made(old, cast, safe, tmp_path, monkeypatch):
    cast.posted(cast.registered("李明"))
    before = now_in_it()
    wrong = "db.execute_sql('UPDATE balance SET honour = honour + 1')"
    with a_further_script(monkeypatch, tmp_path, wrong), pytest.raises(Refusal, match=r"没有升级：工时账核对不符.*余额与分录合计不符"):
        bring_up()
    assert now_in_it() == before


def test_one_that_fails_only_on_the_real_database_leaves_it_whole(old, sqlite_url, tmp_path, monkeypatch):
    """Whatever the copy did not show: the scripts are taken in one transaction, or not at all."""
    old(sqlite_url, VERSIONS[-2])
    before, shape = now_in_it(), described()
    body = "db.execute_sql('DELETE FROM project'); db.database.endswith('scratch.db') or db.execute_sql('ALTER TABLE x')"
    with a_further_script(monkeypatch, tmp_path, body), pytest.raises(Refusal, match=r"升级没有成功：.*数据库没有改动"):
        bring_up()
    assert now_in_it() == before and described() == shape


def test_without_room_for_the_backup_nothing_is_upgraded(old, sqlite_url, tmp_path):
    old(sqlite_url, VERSIONS[-2])
    vault.folder = tmp_path / "file"
    vault.folder.write_text("")
    with pytest.raises(Refusal, match="升级之前没能备份，数据库没有改动"):
        bring_up()
    assert now_in_it()["schema"] == VERSIONS[-2]


def test_an_older_program_does_not_open_a_newer_database(old, sqlite_url, tmp_path, monkeypatch):
    old(sqlite_url, VERSIONS[-1])
    with a_further_script(monkeypatch, tmp_path, "pass"):
        bring_up()
    with pytest.raises(Refusal, match=r"数据库的结构（9998_tomorrow）比程序（.*）新"):
        bring_up()


def test_an_empty_database_is_not_backed_up_first(safe, sqlite_url):
    keyring.open(KEY)
    connect(sqlite_url)
    database.connect()
    assert bring_up() == VERSIONS
    assert not vault.folder.exists()
    database.close()


def test_the_program_says_why_it_does_not_start(old, sqlite_url, tmp_path, monkeypatch):
    old(sqlite_url, VERSIONS[-1])
    database.close()
    with a_further_script(monkeypatch, tmp_path, "db.execute_sql('ALTER TABLE x')"):
        app = create_app(Config(tmp_path, sqlite_url, "s", KEY, None, False))
    page = app.test_client().get("/admin/")
    assert page.status_code == 503 and "升级在副本上没有成功" in page.text and "升级前的备份在" in page.text
    done = app.test_cli_runner().invoke(args=["export", "volunteers", "x.xlsx"])
    assert done.exit_code == 1 and "升级在副本上没有成功" in done.output
