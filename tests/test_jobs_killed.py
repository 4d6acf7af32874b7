"""The server is killed with SIGKILL in the middle of long work: an export, an import, a backup.

After the restart the job says that it was interrupted, nothing half-written is left (no file, no row, no copy in the
clear, no scratch database), and asked for again it is done.
"""

import random
import time
from contextlib import closing
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from conftest import _fresh
from test_server_killed import PASSWORD, Served

from admin_app import create_app
from admin_app.config import Config
from cast import KEY, settle
from desk import Desk
from models.backups import Backup
from models.base import database
from models.copies import clear_scratch, create_database, server
from models.jobs import Job
from models.people import Account, set_password
from models.scope import SYSTEM
from models.vault import vault
from models.verifying import verify
from models.volunteers import Volunteer
from rules.identity import make_resident_id

MANY = 3000  # people in the ledger that is written, so that it can be caught at it
LONG = 400  # rows in the workbook that is taken in
GIVE_UP = 60  # seconds


@pytest.fixture
def desk_of(tmp_path):
    """Starts the real server on a database; everybody's password is the same."""
    running = []

    def start(url: str) -> Served:
        for name in ("head", "recorder"):
            set_password(Account.get(Account.username == name), PASSWORD, SYSTEM)
        database.close()
        desk = Served(url, tmp_path / "instance")
        desk.env |= {"PG_TOOLS": vault.tools}
        running.append(desk)
        desk.start()
        return desk

    yield start
    for desk in running:
        if desk.server.poll() is None:
            desk.kill()


def kill_at_work(desk: Served, kind: str) -> int:
    """Kill the server as soon as a job of this kind is at work, and start it again; the job."""
    until = time.monotonic() + GIVE_UP
    with database.connection_context():
        while (job := Job.select().where(Job.kind == kind).order_by(Job.id.desc()).first()) is None or job.state == "waiting":
            assert time.monotonic() < until, "the job was never taken up"
            time.sleep(0.005)
        assert job.state == "running", f"too late: {job.state} {job.message}"
    desk.kill()
    with database.connection_context():
        assert Job.get_by_id(job.id).state == "running"
    desk.start()
    with database.connection_context():
        ended = Job.get_by_id(job.id)
        assert (ended.state, ended.message) == ("failed", "程序重启时中断，没有完成；请重新提交。")
    return job.id


def done(kind: str) -> Job:
    until = time.monotonic() + GIVE_UP
    while time.monotonic() < until:
        with database.connection_context():
            job = Job.select().where(Job.kind == kind).order_by(Job.id.desc()).get()
        if job.state not in ("waiting", "running"):
            return job
        time.sleep(0.05)
    raise AssertionError(f"{kind} never ended")


@pytest.mark.slow
def test_killed_in_an_export(cast, safe, sqlite_url, desk_of, tmp_path):
    first = cast.registered("李明")
    rows = [dict(first.__data__) | {"id": None, "card_no": f"5301020010019{n:05d}", "document_index": f"i{n}"} for n in range(MANY)]
    for row in rows:
        del row["id"]
    Volunteer.insert_many(rows).execute()
    desk = desk_of(sqlite_url)
    desk.post("/login", desk.token("/login"), username="head", password=PASSWORD)
    desk.post("/admin/exports/", desk.token("/admin/exports/"), ledger="volunteers")
    key = kill_at_work(desk, "export")
    assert not (tmp_path / "instance" / "jobs" / str(key)).exists()
    desk.post("/admin/exports/", desk.token("/admin/exports/"), ledger="volunteers")
    job = done("export")
    assert job.state == "done", job.message
    with closing(openpyxl.load_workbook(tmp_path / "instance" / "jobs" / str(job.id) / job.file_name, read_only=True)) as book:
        assert sum(1 for _ in book.active.iter_rows()) > MANY
    database.connect()


@pytest.mark.slow
def test_killed_in_an_import(cast, safe, sqlite_url, desk_of, tmp_path):
    (tmp_path / "instance").mkdir()
    app = create_app(Config(tmp_path / "instance", sqlite_url, "a secret for tests", KEY, None, False))
    database.connect(reuse_if_open=True)
    window = Desk(app).signed_in_as(cast.recorder)  # a browser for the upload; the work is the served one's
    book = openpyxl.Workbook()
    book.active.append(["姓名", "身份证号", "联系电话"])
    for n in range(LONG):
        number = make_resident_id("530102", date(1960, 1, 1) + timedelta(days=n), n % 999 + 1)
        book.active.append([f"王{'一二三四五六七八九十'[n % 10]}", number, f"139{n:08d}"])
    book.save(tmp_path / "people.xlsx")
    window.get("/admin/imports/?kind=volunteers")
    app.extensions["run_job"] = lambda key: None  # taken up by the server when it starts
    file = BytesIO((tmp_path / "people.xlsx").read_bytes())
    window.post("/admin/imports/", kind="volunteers", file=(file, "people.xlsx"))
    desk = desk_of(sqlite_url)
    looked = done("import_preview")
    assert looked.state == "done", looked.message
    desk.post("/login", desk.token("/login"), username="recorder", password=PASSWORD)
    for _ in range(2):
        desk.post(f"/admin/imports/take/{looked.id}", desk.token("/admin/"))
        until = time.monotonic() + GIVE_UP
        with database.connection_context():  # in the middle of it: some rows are written, none is there
            while Job.select(Job.state).order_by(Job.id.desc()).scalar() == "waiting":
                assert time.monotonic() < until
                time.sleep(0.002)
        time.sleep(random.uniform(0, 0.3))
        kill_at_work(desk, "import_take")
        with database.connection_context():
            assert not Volunteer.select().exists()
    desk.post(f"/admin/imports/take/{looked.id}", desk.token("/admin/"))
    job = done("import_take")
    assert job.state == "done", job.message
    database.connect()
    assert Volunteer.select().count() == LONG


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_killed_in_a_backup(kind, request, safe, desk_of, tmp_path):
    url = request.getfixturevalue(f"{kind}_url")
    life = _fresh(url)
    next(life)
    cast = settle()
    cast.posted(cast.registered("李明"))
    desk = desk_of(url)
    desk.post("/login", desk.token("/login"), username="head", password=PASSWORD)
    desk.post("/admin/backups/now/", desk.token("/admin/backups/"))
    for at_least in (1, 60):  # while it is copied, and while it is tried
        until = time.monotonic() + GIVE_UP
        with database.connection_context():
            while (Job.select(Job.done).order_by(Job.id.desc()).scalar() or 0) < at_least:
                assert time.monotonic() < until
                time.sleep(0.002)
        kill_at_work(desk, "backup")
        instance = tmp_path / "instance"
        assert not [path for path in (instance / "backups").iterdir() if path.suffix != ".backup"]
        assert not list((instance / "scratch").iterdir())
        if kind == "postgres":
            with server(url) as there:
                left = there.execute("SELECT datname FROM pg_database WHERE datname LIKE '%_check_%'").fetchall()
            assert left == []
        desk.post("/admin/backups/now/", desk.token("/admin/backups/"))
    job = done("backup")
    assert job.state == "done", job.message
    with database.connection_context():
        assert Backup.last_good().path.exists() and Backup.select().count() == 1 and verify() == []
    desk.kill()
    database.connect()
    list(life)


@pytest.mark.postgres
def test_scratch_databases_of_a_dead_server_go_and_others_stay(postgres_url, safe):
    vault.maker = "server"
    dead = create_database(postgres_url)
    vault.maker = "command"
    alive = create_database(postgres_url)
    assert clear_scratch(postgres_url) == 1
    with server(postgres_url) as there:
        names = {name for (name,) in there.execute("SELECT datname FROM pg_database").fetchall()}
        assert dead not in names and alive in names
        there.execute(f'DROP DATABASE "{alive}"')
