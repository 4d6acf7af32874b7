"""The machine's clock stands wrong: nothing is decided or posted by it, signing in still works, and it is said how to go on."""

from datetime import datetime, timedelta

import pytest
from test_upgrading import old, worked_in  # noqa: F401 - `old` is a fixture

from cast import person
from models import applications, clock, expiring, people, records
from models.audit import Trail
from models.backups import Backup, due, rotate
from models.base import database
from models.hours import Entry
from models.keying import key_in
from models.moves import whole
from models.records import ServiceRecord, move_all
from models.refusals import Refusal
from models.vault import vault
from models.verifying import verify
from models.volunteers import Volunteer


@pytest.fixture
def machine(monkeypatch):
    """Sets the machine's own clock, so far from what it really is."""
    real = clock.wall

    def stand(**by: float) -> None:
        monkeypatch.setattr(clock, "wall", lambda: real() + timedelta(**by))

    return stand


@pytest.fixture
def noticed(cast):
    """A record of two hours whose notice runs; the clock is trusted up to now."""
    (row,) = key_in([cast.draft(cast.registered("李明"), cast.activity())], cast.recorder)
    for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all([row.id], move, by)
    clock.tick()
    return cast, row


@pytest.mark.parametrize("by", [{"days": -1}, {"days": -3000}, {"minutes": -16}])
def test_set_back_nothing_is_entered_decided_or_posted(noticed, machine, by):
    cast, row = noticed
    trails = Trail.select().count()
    machine(**by)
    for attempt in (
        lambda: Volunteer.enter(cast.recorder, **person("王后来")),
        lambda: ServiceRecord.move(row.id, "withdraw", cast.head, "撤回"),
        lambda: key_in([cast.draft(Volunteer.get(), cast.activity())], cast.recorder),
    ):
        with pytest.raises(Refusal, match=r"电脑的时间是 .*，早于最近一次办理的时间 .*请先把电脑的日期和时间调准"):
            attempt()
    assert Trail.select().count() == trails and Volunteer.select().count() == 1
    machine(minutes=0)
    Volunteer.enter(cast.recorder, **person("王后来"))  # set right, it goes on at once
    assert Volunteer.select().count() == 2


def test_a_few_minutes_to_and_fro_are_no_fault(noticed, machine):
    for minutes in (-14, 0, 14, 60 * 24 * 50):
        machine(minutes=minutes)
        assert clock.fault() is None


def test_put_a_year_ahead_no_notice_ends_and_nothing_expires(noticed, machine):
    """By such a clock every notice would be over, and what cannot be undone would be posted."""
    cast, row = noticed
    machine(days=366)
    assert "晚了 366 天" in clock.fault().says
    for attempt in (
        lambda: move_all([row.id], "post", cast.head), records.post_due, lambda: Volunteer.enter(cast.recorder, **person()),
    ):  # fmt: skip
        with pytest.raises(Refusal, match="确认之前不办理、不入账"):
            attempt()
    assert not Entry.select().exists() and ServiceRecord.get().state == "noticed"
    machine(days=0)
    assert clock.fault() is None and verify() == []


def test_the_jobs_of_the_night_hold_still_too(noticed, desk, machine, monkeypatch):
    ran = []
    for module, name in ((records, "post_due"), (applications, "move_up_all"), (expiring, "expire_due")):
        monkeypatch.setattr(module, name, lambda name=name: ran.append(name) or 0)
    tasks = desk.app.extensions["jobs"]._registry.periodic_tasks
    assert len(tasks) >= 8

    def night() -> None:
        database.close()
        for task in tasks:
            if type(task).__name__ in ("post_due", "move_up", "expire_hours"):
                task.execute()
        database.connect(reuse_if_open=True)

    machine(days=366)
    night()
    assert ran == []
    machine(days=0)
    night()
    assert sorted(ran) == ["expire_due", "move_up_all", "post_due"]


def test_signing_in_still_works_and_the_first_page_says_what_to_do(noticed, desk, machine):
    cast, _ = noticed
    people.set_password(people.Account.get(people.Account.username == "recorder"), "a good password for tests", cast.recorder)
    machine(days=-1)
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/").says("请先把电脑的日期和时间调准") and not window.says("电脑的时间是对的")
    window.get("/admin/households/new/")
    window.post("/admin/households/new/", name="赵德旺", building="翠竹巷", address="翠竹巷 1 号", people="1")
    assert window.status == 200 and window.says("时间不对时不办理、不入账") and window.says("赵德旺")


def test_after_a_long_absence_the_head_says_that_it_is_right(noticed, desk, machine):
    cast, _ = noticed
    machine(days=90)
    recorder, head = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.head)
    recorder.get("/admin/")
    assert recorder.says("晚了 90 天") and not recorder.says("电脑的时间是对的")
    recorder.post("/admin/clock/right/")
    assert clock.fault() is not None
    assert head.get("/admin/").says("电脑的时间是对的")
    assert head.post("/admin/clock/right/").says("已确认电脑的时间是对的")
    trace = Trail.get(Trail.action == "clock")
    assert clock.fault() is None and trace.who == "张站长" and "晚了 90 天" in trace.reason


def test_that_it_goes_back_only_the_administrator_says(noticed, desk, machine):
    """As after work under a clock that stood in the future, which has been set right since."""
    cast, _ = noticed
    machine(days=-30)
    head, admin = desk.signed_in_as(cast.head), desk.signed_in_as(cast.admin)
    head.get("/admin/")
    head.post("/admin/clock/right/")
    assert clock.fault() is not None
    admin.get("/admin/")
    admin.post("/admin/clock/right/")
    assert clock.fault() is None and Trail.get(Trail.action == "clock").who == "管理员"
    Volunteer.enter(cast.recorder, **person())


def test_the_command_says_it_and_takes_it(noticed, desk, machine):
    run = desk.app.test_cli_runner().invoke

    def invoke(*words):
        database.close()
        done = run(args=["clock", *words])
        database.connect(reuse_if_open=True)
        return done

    assert "时间正常" in invoke().output
    machine(days=-30)
    refused = invoke()
    assert refused.exit_code == 1 and "早于最近一次办理的时间" in refused.output
    assert invoke("--right").exit_code == 0 and clock.fault() is None


def test_the_mark_follows_the_clock_and_never_a_wrong_one(cast, machine):
    clock.tick()
    mark = clock.Setting.read(clock.MARK)
    for days in (-1, 366):
        machine(days=days)
        assert clock.tick() is not None and clock.Setting.read(clock.MARK) == mark
    machine(hours=3)
    assert clock.tick() is None and clock.Setting.read(clock.MARK) > mark


def test_a_demo_clock_moved_far_is_no_fault(cast):
    clock.tick()
    clock.move_demo_clock(366)
    assert clock.fault() is None
    with whole():
        pass


def test_backups_are_due_and_kept_whatever_the_clock_did(cast, safe, machine):
    def backed_up() -> Backup:
        at = clock.now()
        row = Backup.create(made_at=at, folder=str(vault.folder), file=f"{at:%Y%m%d}.backup", why="night", who="系统", good=True)
        row.path.write_bytes(b"x")
        return row

    vault.folder.mkdir()
    machine(days=366)
    ahead = backed_up()
    machine(days=0)
    assert due()
    rows = [backed_up()]
    assert not due() and rotate() == 0 and ahead.path.exists() and Backup.last_good() == rows[0]


def test_a_database_of_before_remembers_the_time_of_its_last_trail(old, sqlite_url, postgres_url):  # noqa: F811
    for url in (sqlite_url, postgres_url):
        old(url, "0017_decisions")
        database.execute_sql(
            "INSERT INTO trail (at, who, role, table_name, row_key, action, reason) "
            "VALUES ('2026-03-05 09:30:15', '张站长', 'head', 'x', '1', 'enter', '')"
        )
        from models.upgrading import bring_up

        bring_up()
        assert datetime.fromisoformat(clock.Setting.read(clock.MARK)) == datetime(2026, 3, 5, 9, 30, 15)
        database.close_all()
