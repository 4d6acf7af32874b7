"""恢复: a backup takes the database's place whole or not at all, and never over anything without being told."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from zlib import compress

import pyrage
import pytest
from test_faults import filled

from admin_app import witness
from cast import KEY
from models import clock, restoring
from models.audit import Trail
from models.backing_up import back_up, make
from models.base import address, connect, database
from models.copies import name_of
from models.fields import keyring
from models.hours import Entry
from models.jobs import Job
from models.people import Account
from models.refusals import Refusal
from models.restoring import restore
from models.scope import SYSTEM
from models.sessions import Session, begin
from models.vault import new_key, vault
from models.verifying import verify
from models.volunteers import Volunteer

ROOT = Path(__file__).parents[1]


def quiet(_text: str) -> None:
    pass


def again(file: Path, **more):
    return restore(file, tell=quiet, overwrite=name_of(address()), **more)


@pytest.fixture
def backed(cast_on_either, safe):
    """Somebody has hours; it was backed up; then somebody else came."""
    cast = cast_on_either
    cast.posted(cast.registered("李明"))
    Job.create(kind="export", title="导出", params={}, asked_by=cast.head.account_id, state="running")
    begin(Account.get_by_id(cast.head.account_id), "127.0.0.1", "Firefox")
    row = back_up(cast.admin)
    begin(Account.get_by_id(cast.head.account_id), "127.0.0.1", "Edge")
    cast.registered("王后来")
    return cast, row.path


def test_the_state_of_the_backup_comes_back_and_what_stood_there_is_backed_up_before(backed):
    _, file = backed
    entries = Entry.select().count()
    done = again(file)
    assert [row.name for row in Volunteer.select()] == ["李明"]
    assert Entry.select().count() == entries and verify() == []
    assert [row.how for row in Session.select()] == ["restored"]  # that of the backup; one begun since is not there
    assert (Job.get().state, Job.get().message) == ("failed", "恢复备份时中断，没有完成；请重新提交。")
    trace = Trail.select().where(Trail.action == "restore").get()
    assert file.name in trace.reason and done.applied == [] and done.faults == []
    before = next(path for path in vault.folder.iterdir() if "before-restore" in path.name)
    assert str(before) in done.before
    assert not list(vault.scratch.iterdir())
    again(before)  # and back again: nothing was lost
    assert {row.name for row in Volunteer.select()} == {"李明", "王后来"}


def test_over_anything_it_wants_the_databases_name_and_says_what_is_lost(backed):
    _, file = backed
    for typed in ("", "yes", "1"):
        with pytest.raises(Refusal, match=r"2 个工作站、2 名志愿者、1 条服务记录、2 笔工时账分录.*--overwrite " + name_of(address())):
            restore(file, overwrite=typed, tell=quiet)
    assert Volunteer.select().count() == 2
    assert [path.name for path in vault.folder.iterdir()] == [file.name]


def test_into_an_empty_database_it_asks_nothing(backed, request, tmp_path):
    _, file = backed
    on_postgres = address().startswith("postgresql")
    url = request.getfixturevalue("fresh_postgres")() if on_postgres else f"sqlite:///{tmp_path / 'new.db'}"
    database.close()
    connect(url)
    done = restore(file, tell=quiet)
    assert done.before == "" and Volunteer.select().count() == 1
    assert [path.name for path in vault.folder.iterdir()] == [file.name]


# --- what it will not take ---


def test_another_backup_key_another_data_key_and_another_kind_are_said_beforehand(cast, safe, tmp_path):
    file = back_up(cast.admin).path
    given = {"folder": vault.folder, "scratch": vault.scratch}
    key = str(vault._own)
    vault.open(**given, key=new_key())
    with pytest.raises(Refusal, match="另一把备份密钥"):
        again(file)
    vault.open(**given, key=key)
    keyring.open(b"another key, of thirty-two bytes")
    with pytest.raises(Refusal, match=r"数据密钥与 .* 备份时的不是同一把.*DATA_KEY"):
        again(file)
    keyring.open(KEY)
    database.obj.station_url = "postgresql://somewhere/else"
    with pytest.raises(Refusal, match="是 SQLite 数据库的备份，而现在用的是 PostgreSQL"):
        restoring.check(file)
    database.obj.station_url = f"sqlite:///{tmp_path / 'station.db'}"
    assert restoring.check(file)["database"] == "station"


def forged(file: Path, **manifest) -> Path:
    """The same backup with another manifest, locked with the right key."""
    line, _, data = pyrage.decrypt(file.read_bytes(), [vault._own]).partition(b"\n")
    other = file.with_name("forged.backup")
    text = json.dumps(json.loads(line) | manifest).encode() + b"\n" + data
    other.write_bytes(pyrage.encrypt(text, [vault._own.to_public()]))
    return other


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ({"schema": "9999_later"}, "比本程序（.*）新；请先更新程序"),
        ({"format": 2}, "格式是 2，本程序只认得格式 1"),
        ({"sha256": "0" * 64}, "与清单上的校验码不符"),
        ({"figures": {"schema": "0001_initial", "rows": {}, "chains": {}, "trail": None}}, "试恢复后与清单不一致"),
    ],
    ids=["newer", "format", "sum", "figures"],
)
def test_what_does_not_fit_is_not_restored(cast, safe, manifest, says):
    cast.registered("李明")
    file = forged(back_up(cast.admin).path, **manifest)
    with pytest.raises(Refusal, match=says):
        again(file)
    assert Volunteer.get().name == "李明" and not list(vault.scratch.iterdir())
    assert not [path for path in vault.folder.iterdir() if "before" in path.name]


@pytest.mark.parametrize("spoil", ["cut", "flip", "junk", "empty"])
def test_a_file_cut_short_altered_or_strange_is_not_restored(cast, safe, spoil):
    file = back_up(cast.admin).path
    raw = file.read_bytes()
    file.write_bytes({
        "cut": raw[: len(raw) // 2], "flip": raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:], "junk": compress(raw),
        "empty": b"",
    }[spoil])  # fmt: skip
    with pytest.raises(Refusal, match="不是完整的备份"):
        again(file)
    assert Account.select().exists() and not list(vault.scratch.iterdir())


def test_an_account_that_does_not_fit_is_restored_only_when_told(cast, safe):
    cast.posted(cast.registered("李明"))
    database.execute_sql("DROP TRIGGER entry_no_update")
    database.execute_sql("UPDATE entry SET minutes = minutes + 1 WHERE id = 1")
    file = back_up(cast.admin).path
    with pytest.raises(Refusal, match="工时账核对不符：工作站 1 第 1 笔"):
        again(file)
    assert again(file, with_faults=True).faults[0].startswith("工作站 1 第 1 笔")


def test_where_the_present_state_cannot_be_backed_up_nothing_is_replaced(cast, safe, monkeypatch):
    file = back_up(cast.admin).path
    cast.registered("王后来")
    monkeypatch.setattr(vault, "folder", vault.folder / "here.backup")
    vault.folder.write_bytes(b"")  # a file where the folder should be
    with pytest.raises(Refusal, match="恢复之前没能备份现在的数据库，没有恢复：写不了备份的存放位置"):
        again(file)
    assert Volunteer.get().name == "王后来"


def test_a_database_that_cannot_be_read_is_kept_under_another_name(cast, safe, tmp_path):
    cast.registered("李明")
    file = back_up(cast.admin).path
    database.close_all()
    station = tmp_path / "station.db"
    station.write_bytes(b"not a database any more " * 500)
    with pytest.raises(Refusal, match=r"读不出来（会原样改名保留）.*--overwrite station"):
        restore(file, tell=quiet)
    done = again(file)
    database.connect(reuse_if_open=True)
    assert "原样改名保留" in done.before and Volunteer.get().name == "李明"
    (damaged,) = tmp_path.glob("station.db.damaged-*")
    assert damaged.read_bytes().startswith(b"not a database")


def test_on_a_full_disk_the_old_state_stays_and_it_works_after(cast, safe, small_disk, tmp_path):
    people = [cast.registered(f"李{n}") for n in "一二三"]
    file = back_up(cast.admin).path
    database.close_all()  # what is in its log is in the file then
    shutil.copyfile(tmp_path / "station.db", small_disk / "station.db")
    connect(f"sqlite:///{small_disk / 'station.db'}")
    Volunteer.update(name="王后来").where(Volunteer.id == people[0].id).execute()
    film = filled(small_disk)
    with pytest.raises(Refusal, match="没有恢复，数据库还是原来的：磁盘已满"):
        again(file)
    assert {row.name for row in Volunteer.select()} == {"王后来", "李二", "李三"}
    assert database.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",) and verify() == []
    film.unlink()
    again(file)
    assert {row.name for row in Volunteer.select()} == {"李一", "李二", "李三"}


def test_a_server_that_still_runs_sees_the_restored_state_at_its_next_question(cast, safe):
    file = back_up(cast.admin).path
    cast.registered("王后来")
    with closing(sqlite3.connect(address().removeprefix("sqlite:///"))) as other:
        ask = "SELECT COUNT(*) FROM volunteer"
        assert other.execute(ask).fetchone() == (1,)
        again(file)
        assert other.execute(ask).fetchone() == (0,)


def test_killed_in_the_middle_of_a_restore_there_is_the_old_state_or_the_new(cast, safe, tmp_path):
    """The restore is killed at every step of the way it takes; never is there half a database."""
    cast.registered("李明")
    file = back_up(cast.admin).path
    cast.registered("王后来")
    database.close()
    code = (
        "import os, sys; sys.path[:0] = ['tests', '.']\n"
        "from pathlib import Path; from cast import KEY\n"
        "from models.base import connect; from models.fields import keyring; from models.vault import vault\n"
        "from models.restoring import restore\n"
        f"keyring.open(KEY); connect({address()!r})\n"
        f"vault.open(folder=Path({str(vault.folder)!r}), scratch=Path({str(vault.scratch)!r}), key={str(vault._own)!r})\n"
        f"restore(Path({str(file)!r}), overwrite='station', tell=lambda text: print(text, flush=True))\n"
    )
    old, new = {"李明", "王后来"}, {"李明"}
    for stop_at in (1, 2, 3):  # while it opens and tries the backup, backs up what is there, writes over it
        with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as run:
            for _ in range(stop_at):
                run.stdout.readline()
            run.kill()
        database.connect()
        assert database.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",) and verify() == []
        assert {row.name for row in Volunteer.select()} in ((old,) if stop_at < 3 else (old, new))
        database.close()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    database.connect()
    assert {row.name for row in Volunteer.select()} == new
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


# --- the command ---


def test_the_command_restores_and_says_so(cast, desk):
    file = back_up(cast.admin).path
    cast.registered("王后来")
    window = desk.signed_in_as(cast.head)
    instance = desk.app.config["STATION"].instance
    witness.watch(instance)  # the heads of a log that goes further than the one in the backup
    run = desk.app.test_cli_runner().invoke

    def invoke(*words):
        database.close()
        done = run(args=["restore", str(file), *words])
        database.connect(reuse_if_open=True)
        return done

    refused = invoke()
    assert refused.exit_code == 1 and "--overwrite station" in refused.output
    done = invoke("--overwrite", "station")
    assert done.exit_code == 0, done.output
    assert "所有人需要重新登录" in done.output and "before-restore" in done.output
    assert not Volunteer.select().exists()
    assert window.get("/admin/").path.startswith("/login")
    assert "audit_heads-before-restore" in done.output and list(instance.glob("audit_heads-before-restore-*.json"))
    assert witness.watch(instance) == []


@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
def test_a_damaged_database_stops_the_server_in_words_and_restore_mends_it(cast, safe, sqlite_url, tmp_path):
    file = make(SYSTEM, vault.folder).file
    database.close()
    (tmp_path / "station.db").write_bytes(b"no database " * 1000)
    env = os.environ | {
        "INSTANCE": str(tmp_path), "DATABASE_URL": sqlite_url, "DATA_KEY": KEY.hex(), "SECRET_KEY": "s",
        "BACKUP_KEY": str(vault._own), "PORT": "1",
    }  # fmt: skip

    def run(*words):
        return subprocess.run([sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    server = run("-m", "admin_app.server")
    assert server.returncode == 1 and "数据库打不开" in server.stderr and "Traceback" not in server.stderr
    verify_ = run("-m", "flask", "--app", "wsgi", "verify")
    assert verify_.returncode == 1 and "数据库打不开" in verify_.stderr
    done = run("-m", "flask", "--app", "wsgi", "restore", str(file), "--overwrite", "station")
    assert done.returncode == 0, done.stderr
    assert run("-m", "flask", "--app", "wsgi", "verify").returncode == 0
    database.connect()
    assert Account.select().count() == 11 and clock.fault() is None
