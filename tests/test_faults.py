"""Faults of the machine under a working desk: each has its answer in Chinese, nothing is lost, and it works again after.

==============================  =====================================================  ================================
what happens                    how it is made here                                    what the person gets
==============================  =====================================================  ================================
disk full, SQLite               ``max_page_count`` (the database's own full disk)      507, the form's fields to send again
disk full, PostgreSQL           a tablespace on a small disk of its own                507, the same
disk full, an export            a small disk (tmpfs)                                   job «未完成», no half file
disk full, a backup             a small disk, and a process's limit of file size       «磁盘已满», no half file, on page one
disk full, the queue of jobs    the queue says so                                      507, nothing was asked for
disk full, end of a job         the database on a small disk, room made meanwhile      the job ends, none runs for ever
database locked                 another process holds BEGIN IMMEDIATE                  503, fields, works after
database gone and back          PostgreSQL stopped and started (smart, immediate)      503, then the next request works
folder gone, not writable       renamed away; query_only                               503, works after
machine's power                 test_power_cut (both databases), test_server_killed    nothing said is lost
job process killed              test_jobs_killed                                       «程序重启时中断», nothing half-written
clock moved                     test_clock                                             a sentence, nothing is decided
==============================  =====================================================  ================================
"""

import contextlib
import errno
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import contextmanager
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from conftest import _fresh
from peewee import OperationalError

from admin_app import create_app
from admin_app.config import Config
from cast import KEY, settle
from desk import Desk
from models.backups import Backup
from models.base import connect, database
from models.faults import fault_of, is_full
from models.households import Household
from models.jobs import Job
from models.vault import vault
from models.verifying import verify
from views import work

FIELD = re.compile(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', re.S)


def given_back(window: Desk) -> list[tuple[str, str]]:
    """The fields that an error's page holds ready to be sent again, as a browser would."""
    return [(unescape(name), unescape(value)) for name, value in FIELD.findall(window.html)]


def send_again(window: Desk) -> Desk:
    fields: dict[str, list[str]] = {}
    for name, value in given_back(window):
        fields.setdefault(name, []).append(value)
    action = unescape(re.search(r'<form method="post" action="([^"]+)"', window.html)[1])
    return window.post(action, fields)


@pytest.fixture
def recorder(cast, desk) -> Desk:
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/households/new/")
    assert window.status == 200
    return window


HOME = {"name": "赵德旺", "building": "翠竹巷 3 栋", "address": "昆明市五华区翠竹巷 3 栋 1 室", "people": "2", "note": "&<敲门要响>"}


@contextmanager
def full_disk():
    """The database may not grow by one page more; Peewee's own connection, as the desk's requests use it."""
    (pages,) = database.execute_sql("PRAGMA page_count").fetchone()
    database.execute_sql(f"PRAGMA max_page_count = {pages}")
    yield
    database.execute_sql("PRAGMA max_page_count = 1073741823")


def test_the_sentences_are_told_apart():
    for said, code, word in [
        ("database or disk is full", 507, "磁盘已满"), ("database is locked", 503, "正忙"),
        ("attempt to write a readonly database", 503, "只能读"), ("unable to open database file", 503, "连不上"),
        ('could not extend file "base/1": No space left on device', 507, "磁盘已满"),
        ("the connection is closed", 503, "连不上"),
    ]:  # fmt: skip
        fault = fault_of(OperationalError(said))
        assert (fault.code, word in fault.says) == (code, True), said
    assert is_full(OSError(errno.ENOSPC, "x")) and is_full(OSError(errno.EDQUOT, "x"))
    assert not is_full(OSError(errno.ENOENT, "No such file"))


def test_a_full_disk_is_said_with_what_was_typed_and_it_works_once_there_is_room(cast, recorder):
    long = HOME | {"note": "长" * 20000}
    with full_disk():
        recorder.post("/admin/households/new/", long)
        assert recorder.status == 507 and recorder.says("磁盘已满，刚才的操作没有保存")
        assert dict(given_back(recorder))["name"] == "赵德旺"
        assert recorder.get("/admin/households/").status == 200  # looking is still possible
        recorder.get("/admin/households/new/")
        recorder.post("/admin/households/new/", long)
    assert not Household.select().exists()
    assert send_again(recorder).status == 200
    row = Household.get()
    assert row.name == "赵德旺" and row.note == "长" * 20000
    assert database.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",) and verify() == []


def test_a_database_that_another_program_holds_is_said_and_the_same_form_goes_through_after(cast, recorder, sqlite_url):
    database.execute_sql("PRAGMA busy_timeout = 100")
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);"
         "db.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.readline()",
         sqlite_url.removeprefix("sqlite:///")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout.readline() == "held\n"
    recorder.post("/admin/households/new/", HOME)
    assert recorder.status == 503 and recorder.says("数据库正忙，另一个程序正占用着它") and recorder.says("再提交一次")
    assert dict(given_back(recorder)) == HOME and not Household.select().exists()
    holder.communicate("go\n")
    assert send_again(recorder).status == 200
    assert Household.get().note == HOME["note"]


def test_what_is_secret_is_never_given_back_nor_what_no_page_of_ours_sent(cast, recorder):
    database.execute_sql("PRAGMA query_only = 1")
    head = Desk(recorder.app)
    head.get("/login")
    recorder.post("/password", old="geheim geheim", new="noch geheimer 7", again="noch geheimer 7")
    assert "geheim" not in recorder.html
    recorder.get("/admin/households/new/")
    recorder.post("/admin/households/new/", HOME)
    assert recorder.status == 503 and recorder.says("只能读不能写") and given_back(recorder)
    recorder.post("/admin/households/new/", HOME | {"csrf_token": "forged"})
    assert not given_back(recorder) and recorder.status == 400
    database.execute_sql("PRAGMA query_only = 0")


def test_the_databases_folder_goes_and_comes_back(cast, sqlite_url, tmp_path, quick_passwords):
    database.close()
    home = tmp_path / "disk"
    home.mkdir()
    shutil.move(tmp_path / "station.db", home / "station.db")
    app = create_app(Config(tmp_path, f"sqlite:///{home / 'station.db'}", "s", KEY, None, False))
    database.connect()
    window = Desk(app).signed_in_as(cast.recorder)
    database.close()
    home.rename(tmp_path / "unplugged")
    window.get("/admin/households/")
    assert window.status == 503 and window.says("数据库暂时连不上") and window.says("返回上一页重试")
    (tmp_path / "unplugged").rename(home)
    assert window.get("/admin/households/").status == 200 and window.path.startswith("/admin/households/")


def test_a_job_that_cannot_be_queued_was_never_asked_for(cast, desk):
    head = desk.signed_in_as(cast.head)
    head.get("/admin/backups/")
    queue = desk.app.extensions["jobs"].storage
    def full(*_a, **_k):
        raise sqlite3.OperationalError("database or disk is full")

    queue.enqueue, kept = full, queue.enqueue
    head.post("/admin/backups/now/")
    assert head.status == 507 and head.says("磁盘已满") and not Job.select().exists()
    queue.enqueue = kept
    assert send_again(head).status == 200 and Job.select().count() == 1


def test_an_import_whose_file_finds_no_room_was_never_asked_for(cast, desk, small_disk, tmp_path):
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/imports/", kind="volunteers")
    jobs = tmp_path / "jobs"
    shutil.move(jobs, tmp_path / "jobs of before")
    jobs.symlink_to(small_disk)
    film = filled(small_disk)
    film.write_bytes(b"x" * (shutil.disk_usage(small_disk).free + film.stat().st_size - 4096))
    table = "\n".join(["姓名,性别", *("李明,女" for _ in range(9000))]).encode()
    page.post("/admin/imports/", {"file": (BytesIO(table), "名单.csv")}, kind="volunteers")
    assert page.status == 507 and page.says("磁盘已满") and not Job.select().exists() and list(small_disk.iterdir()) == [film]


# --- files on a full disk ---


def filled(disk: Path) -> Path:
    """All but 16 KiB of it taken by somebody's file."""
    file = disk / "somebody's film.mp4"
    file.write_bytes(b"x" * (shutil.disk_usage(disk).free - 16384))
    return file


def test_an_export_on_a_full_disk_leaves_no_half_file_and_works_after(cast, desk, small_disk):
    for n in range(30):
        cast.registered(f"李{'一二三四五六七八九十'[n % 10]}{'甲乙丙'[n // 10]}")
    film = filled(small_disk)
    head = desk.signed_in_as(cast.head)
    head.get("/admin/exports/")
    head.post("/admin/exports/", ledger="volunteers")
    job = Job.get()
    film.write_bytes(b"x" * (shutil.disk_usage(small_disk).free + film.stat().st_size - 4096))
    work.run(job.id, small_disk / "jobs")
    database.connect(reuse_if_open=True)
    job = Job.get()
    assert job.state == "failed" and job.message == work.FULL
    assert not (small_disk / "jobs").exists()
    film.unlink()
    Job.update(state="waiting").execute()
    work.run(job.id, small_disk / "jobs")
    database.connect(reuse_if_open=True)
    assert Job.get().state == "done" and (small_disk / "jobs" / Job.get().file_name).exists()


def test_a_backup_on_a_full_disk_leaves_no_half_file_and_the_first_page_says_so(cast, desk, small_disk):
    vault.folder = small_disk / "backups"
    film = filled(small_disk)
    head = desk.signed_in_as(cast.head)
    head.get("/admin/backups/")
    head.post("/admin/backups/now/")
    desk.work()
    assert Job.get().state == "failed" and "磁盘已满，没有备份成" in Job.get().message
    assert not list(vault.folder.iterdir()) and not list(vault.scratch.iterdir())
    assert head.get("/admin/").says("备份有问题：磁盘已满，没有备份成")
    film.unlink()
    head.get("/admin/backups/")
    head.post("/admin/backups/now/")
    desk.work()
    assert Backup.last_good().path.exists()
    assert not head.get("/admin/").says("备份有问题")


def test_a_job_whose_end_finds_no_room_ends_once_there_is_some(cast, desk, small_disk, tmp_path, monkeypatch):
    """The database itself on the full disk: no job runs on for ever in everybody's eyes."""
    monkeypatch.setattr(work, "WAITS", (0.3,) * 20)
    monkeypatch.setattr(work, "KINDS", {"long": lambda job, by, folder: fill() or ("", {"note": "长" * 50000})})
    Job.create(kind="long", title="任务", params={}, asked_by=cast.head.account_id)
    database.close_all()  # what is in its log is in the file then
    shutil.copyfile(tmp_path / "station.db", small_disk / "station.db")
    connect(f"sqlite:///{small_disk / 'station.db'}")
    film = small_disk / "film.mp4"

    def fill() -> None:
        with contextlib.suppress(OSError), film.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        threading.Timer(0.8, film.unlink).start()

    work.run(1, tmp_path / "jobs")
    assert not film.exists()
    with database.connection_context():
        assert Job.get().state == "done" and len(Job.get().result["note"]) == 50000
        assert database.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of a process")
def test_the_command_says_that_the_disk_is_full(cast, safe, sqlite_url, tmp_path):
    database.close()
    env = {
        "INSTANCE": str(tmp_path), "DATABASE_URL": sqlite_url, "DATA_KEY": KEY.hex(), "SECRET_KEY": "s",
        "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000000, 1000000)); import signal; " \
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); import sys; sys.argv = ['flask', '--app', 'wsgi', 'backup']; " \
        "from flask.cli import main; main()"  # fmt: skip
    assert resource.RLIMIT_FSIZE
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[1], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr and "没有备份成" in done.stderr, done.stderr
    assert not list((tmp_path / "backups").iterdir()) and not list((tmp_path / "scratch").iterdir())
    database.connect()


# --- PostgreSQL stopped and started under a running server ---


@pytest.mark.postgres
@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_postgresql_goes_and_comes_back_under_a_running_server(cluster, tmp_path, quick_passwords, how):
    life = _fresh(cluster.url)
    next(life)
    cast = settle()
    database.close()
    app = create_app(Config(tmp_path, cluster.url, "s", KEY, None, False))
    database.connect(reuse_if_open=True)
    window = Desk(app).signed_in_as(cast.recorder)
    database.close()
    window.get("/admin/households/new/")
    several_connections(app)
    cluster.stop(how)
    window.post("/admin/households/new/", HOME)
    assert window.status == 503 and window.says("数据库暂时连不上") and dict(given_back(window)) == HOME
    assert window.client.get("/admin/households/").status_code == 503
    cluster.start()
    # Every connection that the pool still held is of a server that is no more: none of them fails a request.
    assert send_again(window).status == 200 and window.path.startswith("/admin/households/")
    for _ in range(5):
        assert window.client.get("/admin/households/").status_code == 200
    with database.connection_context():
        assert Household.get().name == "赵德旺" and verify() == []
    database.connect(reuse_if_open=True)
    list(life)


@pytest.mark.postgres
def test_a_full_disk_of_postgresql_is_said_too(cluster, tmp_path, quick_passwords, small_disk):
    life = _fresh(cluster.url)
    next(life)
    cast = settle()
    shutil.chown(small_disk, cluster.server.system_user)
    for folder in small_disk.parents:
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    database.execute_sql(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
    database.execute_sql("ALTER TABLE household SET TABLESPACE small")
    database.execute_sql("ALTER TABLE household ALTER COLUMN note SET STORAGE EXTERNAL")
    own = tmp_path / "own"  # the program shuts its folder to others, and PostgreSQL is one
    own.mkdir()
    app = create_app(Config(own, cluster.url, "s", KEY, None, False))
    database.connect(reuse_if_open=True)
    window = Desk(app).signed_in_as(cast.recorder)
    film = filled(small_disk)
    window.get("/admin/households/new/")
    window.post("/admin/households/new/", HOME | {"note": "长" * 20000})
    assert window.status == 507 and window.says("磁盘已满")
    film.unlink()
    assert send_again(window).status == 200
    database.connect(reuse_if_open=True)
    assert len(Household.get().note) == 20000
    database.execute_sql("ALTER TABLE household SET TABLESPACE pg_default")
    database.execute_sql("DROP TABLESPACE small")
    list(life)


def several_connections(app) -> None:
    """Five requests at once, so that the pool holds five connections afterwards."""
    wall = threading.Barrier(5)

    def ask() -> None:
        with database.connection_context():
            database.execute_sql("SELECT 1")
            wall.wait(10)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(database.obj._connections) >= 5
