"""备份: a locked copy made while people work, tried before it counts; the rotation; and what the first page says."""

import gzip
import os
import sqlite3
import stat
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from cast import KEY
from models import backing_up, backups, clock, copies
from models.audit import Trail
from models.backing_up import back_up, back_up_if_due, make
from models.backups import Backup, due, rotate, standing
from models.base import address, database
from models.hours import Entry
from models.jobs import Job
from models.refusals import Refusal
from models.rehearsal import rehearse
from models.scope import SYSTEM
from models.vault import new_key, vault
from models.volunteers import Volunteer
from rules.rotation import spare


@pytest.fixture
def worked(cast_on_either, safe):
    """Somebody has hours in the account, on SQLite and on PostgreSQL."""
    cast_on_either.posted(cast_on_either.registered("李明"))
    return cast_on_either


def opened(file: Path) -> tuple[dict, bytes]:
    """What is in a backup, read without our program: age, a line of JSON, gzip."""
    import json

    line, _, packed = pyrage.decrypt(file.read_bytes(), [vault._own]).partition(b"\n")
    return json.loads(line), gzip.decompress(packed)


def test_a_backup_holds_what_the_database_holds_and_was_tried(worked):
    row = back_up(worked.admin)
    assert row.good and row.fault == "" and row.who == worked.admin.name
    assert row.path.name == f"{copies.name_of(address())}-{row.made_at:%Y-%m-%d-%H%M}.backup"
    manifest, data = opened(row.path)
    assert manifest["figures"]["rows"]["entry"] == Entry.select().count() > 0
    assert manifest["figures"]["chains"][str(worked.a.id)][1] == Entry.select().order_by(Entry.id.desc()).get().hash
    assert manifest["schema"] == manifest["program"] and len(data) == manifest["bytes"]
    assert Trail.select().where(Trail.action == "backup", Trail.row == str(row.id)).exists()
    assert not list(vault.scratch.iterdir())  # no copy in the clear is left
    assert [path.name for path in vault.folder.iterdir()] == [row.file]
    assert not [key for key in (KEY, KEY.hex().encode()) if key in data]  # the data key is never beside the data
    if os.name == "posix":
        assert stat.S_IMODE(row.path.stat().st_mode) == 0o600


def test_nothing_of_it_can_be_read_without_its_key(cast, safe):
    cast.registered("欧阳慧琼")
    row = back_up(cast.admin)
    raw = row.path.read_bytes()
    assert "欧阳慧琼".encode() not in raw and b"manifest" not in raw and b"rows" not in raw
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(raw, [pyrage.x25519.Identity.generate()])


def test_the_county_may_be_let_in_with_its_own_key(cast, safe, tmp_path):
    countys = pyrage.x25519.Identity.generate()
    vault.open(
        folder=vault.folder, scratch=vault.scratch, key=new_key(), also_for=str(countys.to_public())
    )
    assert pyrage.decrypt(back_up(cast.admin).path.read_bytes(), [countys])


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"key": "geheim"}, "BACKUP_KEY 不是备份密钥"), ({"also_for": "age1x"}, "BACKUP_ALSO_FOR 里有一个不是公钥"),
        ({"keep": "7"}, "BACKUP_KEEP 应是三个数"), ({"keep": "0,5,12"}, "天数至少为 1"),
    ],
)  # fmt: skip
def test_settings_that_are_none_are_refused_in_words(tmp_path, safe, said, wrong):
    given = {"folder": tmp_path, "scratch": tmp_path, "key": new_key()} | said
    with pytest.raises(ValueError, match=wrong):
        vault.open(**given)
    vault.open(folder=tmp_path, scratch=tmp_path, key=new_key(), keep="3，2,1")
    assert vault.keep == (3, 2, 1)
    vault.keep = (7, 5, 12)


def test_people_go_on_working_while_it_is_made_and_the_copy_is_of_one_moment(worked, monkeypatch):
    """A volunteer is registered in the middle of the copy: she waits for nobody, and is not half in it."""
    url, before = address(), Volunteer.select().count()

    def enter() -> None:
        code = (
            "import sys; sys.path[:0] = ['tests', '.']\n"
            "from models.base import connect, database; from models.fields import keyring\n"
            "from models.people import Account; from models.volunteers import Volunteer; from cast import KEY, person\n"
            f"keyring.open(KEY); connect({url!r}); database.connect()\n"
            "Volunteer.enter(Account.get(Account.username == 'recorder').actor(), **person('王小二', phone='13900009999'))\n"
        )
        subprocess.run([sys.executable, "-c", code], cwd=backing_up.Path(__file__).parents[1], check=True, timeout=60)

    real = copies.figures

    def figures_then_somebody_enters(db):
        found = real(db)
        enter()
        return found

    monkeypatch.setattr(copies, "figures", figures_then_somebody_enters)
    row = back_up(worked.admin)
    assert row.good, row.fault
    assert opened(row.path)[0]["figures"]["rows"]["volunteer"] == before
    assert Volunteer.select().count() == before + 1


def test_a_copy_that_does_not_hold_what_the_database_holds_is_thrown_away(worked, monkeypatch):
    real = copies.figures
    monkeypatch.setattr(copies, "figures", lambda db: real(db) | {"rows": real(db)["rows"] | {"entry": 999}})
    with pytest.raises(Refusal, match="试恢复后与数据库不一致：entry 应有 999 行"):
        back_up(worked.admin)
    assert not list(vault.folder.iterdir()) and not list(vault.scratch.iterdir())
    assert "entry 应有 999 行" in Backup.get().fault and not Backup.get().good
    assert "entry 应有 999 行" in standing().wrong


def test_a_disk_that_reads_back_something_else_is_found_out(cast, safe, monkeypatch):
    real = vault.lock

    def lock_then_rot(manifest, plain, into, said):
        real(manifest, plain, into, said)
        with into.open("r+b") as file:
            file.seek(-20, os.SEEK_END)
            file.write(b"rot")

    monkeypatch.setattr(vault, "lock", lock_then_rot)
    with pytest.raises(Refusal, match="不是完整的备份"):
        back_up(cast.admin)
    assert not list(vault.folder.iterdir())


def test_a_true_copy_of_an_account_that_does_not_fit_is_kept_but_is_not_good(cast, safe):
    cast.posted(cast.registered("李明"))
    good = back_up(cast.admin)
    database.execute_sql("DROP TRIGGER entry_no_update")
    database.execute_sql("UPDATE entry SET minutes = minutes + 1 WHERE id = 1")
    bad = back_up(cast.admin)
    assert not bad.good and "工时账核对不符" in bad.fault and bad.path.exists()
    assert Backup.last_good() == good and "工时账核对不符" in standing().wrong


def test_only_the_head_and_the_administrator_may(cast, safe):
    for who in (cast.recorder, cast.county, cast.auditor, cast.volunteer):
        with pytest.raises(Refusal):
            back_up(who)
    assert not Backup.select().exists() and not vault.folder.exists()


def test_a_folder_that_cannot_be_written_is_said(cast, safe, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match=r"写不了备份的存放位置 .*file/there"):
        back_up(cast.admin, tmp_path / "file" / "there")
    assert "写不了备份的存放位置" in standing().wrong


def test_without_pg_dump_it_says_what_to_install(postgres_url, safe, tmp_path):
    vault.tools = str(tmp_path)
    with pytest.raises(Refusal, match=r"没有找到 pg_dump.*PG_TOOLS"):
        copies.copy_out(postgres_url, tmp_path / "x", lambda done, total: None)


def test_two_of_one_minute_are_two_files(cast, safe, monkeypatch):
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    first, second = make(SYSTEM, vault.folder), make(SYSTEM, vault.folder)
    assert first.file != second.file and first.file.exists() and second.file.exists()


# --- the rotation ---


def test_the_rotation_keeps_days_weeks_and_months():
    start = datetime(2026, 1, 1, 3, 25)
    made = {n: start + timedelta(days=n) for n in range(400)}
    made[400] = made[399] - timedelta(hours=2)  # a second one of the last day
    kept = {made[key].date() for key in set(made) - spare(made, 7, 5, 12)}
    last = made[399].date()
    assert {last - timedelta(days=n) for n in range(7)} <= kept
    assert len({day.strftime("%Y-%m") for day in kept}) == 12
    assert len(kept) == len(set(made) - spare(made, 7, 5, 12)) <= 7 + 5 + 12
    assert 400 in spare(made, 7, 5, 12)


def test_it_removes_nothing_for_a_long_holiday_or_a_clock_that_stands_wrong():
    made = {n: datetime(2026, 1, 1) + timedelta(days=n) for n in range(7)}
    assert spare(made, 7, 5, 12) == set()
    made[7] = datetime(2036, 1, 1)  # the clock jumped ten years
    assert spare(made, 7, 5, 12) <= {0} and spare({}, 7, 5, 12) == set()


def written(days_ago: int, good: bool = True, why: str = "night") -> Backup:
    at = clock.now() - timedelta(days=days_ago)
    vault.folder.mkdir(exist_ok=True)
    row = Backup.create(
        made_at=at, folder=str(vault.folder), file=f"station-{days_ago:03d}{why}.backup", why=why, who="系统", good=good,
        fault="" if good else "不符",
    )  # fmt: skip
    row.path.write_bytes(b"x")
    return row


def test_only_files_of_its_own_go_and_never_the_last_good_one(db, safe):
    before = written(500, why="upgrade")
    rows = [written(days) for days in range(40, 0, -1)]
    stranger = vault.folder / "station-2020-01-01-0312.backup"
    stranger.write_bytes(b"somebody else's")
    assert rotate() == sum(not row.path.exists() for row in [*rows, before])
    assert stranger.exists() and not before.path.exists()
    assert all(row.path.exists() for row in rows[-7:])
    assert len([row for row in rows if row.path.exists()]) <= 7 + 5 + 2
    assert Backup.select().where(Backup.removed_at.is_null(False)).count() >= 25
    assert rotate() == 0


def test_a_bad_one_is_never_kept_in_the_place_of_a_good_one(db, safe):
    vault.keep = (1, 0, 0)
    good = written(300)
    for days in range(200, 0, -1):
        written(days, good=False)
    rotate()
    vault.keep = (7, 5, 12)
    assert good.path.exists() and Backup.last_good() == good


# --- every night ---


def test_it_is_due_once_a_night_and_caught_up_later(db, safe, monkeypatch):
    morning = datetime.combine(clock.today(), datetime.min.time()) + timedelta(hours=9)
    monkeypatch.setattr(clock, "now", lambda: morning)
    assert due()
    for hours, is_due in ((7, True), (5, False)):  # at two in the night, at four
        row = Backup.create(made_at=morning - timedelta(hours=hours), folder="", why="night", who="系统", good=True)
        assert due() is is_due
        row.delete_instance()
    Backup.create(made_at=morning - timedelta(hours=1), folder="", why="night", who="系统", good=False, fault="x")
    Backup.create(made_at=morning + timedelta(days=300), folder="", why="night", who="系统", good=True)
    assert due()  # a failed one, and one of a clock that stood wrong, are none


def test_the_nights_one_is_made_by_nobody_and_then_not_again(cast, safe):
    row = back_up_if_due()
    assert row.good and (row.why, row.who) == ("night", "系统")
    assert back_up_if_due() is None


# --- on the screens ---


def test_the_first_page_says_when_and_to_where_and_what_is_wrong(cast, desk):
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/").says("还没有备份过")
    row = back_up(cast.admin)
    assert head.get("/admin/").says(f"上次备份 {row.made_at:%Y-%m-%d %H:%M}，存放在 {row.folder}。")
    assert desk.signed_in_as(cast.admin).get("/admin/").says(row.folder)
    assert not desk.signed_in_as(cast.recorder).get("/admin/").says("上次备份")
    row.path.unlink()
    assert head.get("/admin/").says("不见了，请检查存放位置")
    row.path.write_bytes(b"")
    Backup.update(made_at=clock.now() - timedelta(days=3)).execute()
    assert head.get("/admin/").says("已经 3 天没有备份成功")
    assert timedelta(days=2) == backups.LATE


def test_the_head_makes_one_with_a_button_and_others_may_not(cast, desk):
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/backups/").says("立即备份")
    head.post("/admin/backups/now/")
    head.get("/admin/backups/")
    assert head.post("/admin/backups/now/").says("已经在备份，请等它做完")
    assert Job.select().where(Job.kind == "backup").count() == 1
    desk.work()
    job = Job.get(Job.kind == "backup")
    assert job.state == "done" and job.result["检查"].startswith("合格")
    assert head.get("/admin/backups/").says(Backup.get().file)
    for who in (cast.recorder, cast.county, cast.auditor):
        window = desk.signed_in_as(who)
        assert window.get("/admin/backups/").status == 403
        window.get("/admin/")
        assert window.post("/admin/backups/now/").status == 403
    assert Backup.select().count() == 1


def test_a_backup_that_is_stopped_half_way_leaves_nothing(cast, desk, monkeypatch):
    head = desk.signed_in_as(cast.head)
    head.get("/admin/backups/")
    head.post("/admin/backups/now/")
    Job.update(cancel=True).execute()
    desk.work()
    assert Job.get().state == "cancelled"
    assert not list(vault.folder.iterdir()) and not list(vault.scratch.iterdir())
    assert not Backup.select().exists()


def test_the_command_says_what_it_made_and_fails_when_it_made_none(cast, desk, tmp_path):
    run = desk.app.test_cli_runner().invoke
    database.close()
    done = run(args=["backup", "--to", str(tmp_path / "usb")])
    database.connect(reuse_if_open=True)
    assert done.exit_code == 0 and "试恢复与核对合格" in done.output and str(tmp_path / "usb") in done.output
    (tmp_path / "full").write_text("")
    database.close()
    done = run(args=["backup", "--to", str(tmp_path / "full" / "x")])
    database.connect(reuse_if_open=True)
    assert done.exit_code == 1 and "写不了备份的存放位置" in done.output


def test_a_trial_that_finds_a_broken_file_says_so(safe, tmp_path):
    file = tmp_path / "broken.db"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE a (b)")
        db.executemany("INSERT INTO a VALUES (?)", [(str(n) * 50,) for n in range(2000)])
    with file.open("r+b") as raw:
        raw.seek(8192)
        raw.write(b"\xff" * 4096)
    assert rehearse(f"sqlite:///{file}").broken


