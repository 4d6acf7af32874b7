"""汇入 between two served programs: a station on SQLite sends over HTTP, a county on PostgreSQL answers; each a process of its
own with a database of its own, worked through its pages, its commands and its interface.

What the interface says to strangers, replays and nonsense is `test_upwards_api`'s.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from test_transfer_there_and_back import Installation
from test_transfer_wire import free_port, serving
from test_upwards import FULL

from cast import KEY
from desk import _TOKEN, PASSWORD, give_password
from models import clock, erasing, upwards, upwards_timetable
from models.base import transaction
from models.messages import UNSENT, Message
from models.upwards import UpwardBatch, UpwardLink, UpwardRecord
from models.upwards_in import ReceivedBatch, ReceivedRecord, UpwardSender
from models.volunteers import Volunteer

ROOT = Path(__file__).parent.parent


class Pair:
    """The station and the county above it, both served; the station's people know the county's token."""

    def __init__(self, folder: Path, postgres_url: str) -> None:
        self.folder, self.stack = folder, ExitStack()
        self.station = Installation(f"sqlite:///{folder / 'station.db'}", "文林社区工作站")
        self.county = Installation(postgres_url, "五华区志愿服务平台")
        self.ports = free_port(), free_port(), free_port()  # the station's, the county's, and that of the wire between them
        self.allowed = f"127.0.0.1:{self.ports[1]},127.0.0.1:{self.ports[2]}"
        upwards.allowed.open(self.allowed.split(","))
        with self.county.open():
            self.token = UpwardSender.enter(self.county.cast.admin, name="文林社区工作站", division="530102001001").new_token(
                self.county.cast.admin
            )
        with self.station.open():
            cast = self.station.cast
            self.person = cast.registered("李明", **FULL)
            cast.posted(self.person, 150)
            give_password(cast.head)
            self.link = UpwardLink.enter(cast.head, target="provincial", url=f"http://127.0.0.1:{self.ports[1]}", token=self.token)

    def serve(self, monkeypatch) -> None:
        monkeypatch.setenv("UPWARD_HOSTS", self.allowed)
        self.there = self.stack.enter_context(serving(self.county.url, self.folder / "c", self.ports[1]))
        self.here = self.stack.enter_context(serving(self.station.url, self.folder / "s", self.ports[0]))

    def due(self, **more) -> subprocess.Popen:
        """The station's timetable, as its server looks at it every few minutes, in a process of its own."""
        env = {**os.environ, "DATABASE_URL": self.station.url, "INSTANCE": str(self.folder / "s"), "DATA_KEY": KEY.hex(),
               "UPWARD_HOSTS": self.allowed}  # fmt: skip
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "upwards", "due"]
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)

    def sends(self) -> None:
        """The next day's moment has come, and the timetable has done what it can. The server may have been first."""
        with self.station.open():
            UpwardLink.update(every="day", hour="0", done_for=None).execute()
        self.goes_on()

    def goes_on(self) -> None:
        program = self.due()
        said, _ = program.communicate(timeout=120)
        assert program.returncode == 0, said
        with self.station.open():
            assert not upwards_timetable.due(clock.now()) and not upwards_timetable.unsent(clock.now()), said

    def changes(self, phone: str) -> None:
        with self.station.open():
            Volunteer.amend(self.person.id, self.station.cast.head, phone=phone)


@pytest.fixture
def pair(tmp_path, postgres_url, quick_passwords, monkeypatch):
    made = Pair(tmp_path, postgres_url)
    made.serve(monkeypatch)
    yield made
    made.stack.close()
    upwards.allowed.open([])


class Window:
    """The head of the station in a browser without script, at the served program."""

    def __init__(self, url: str) -> None:
        self.url, self.session = url, requests.Session()
        page = self.get("/login")
        self.post("/login", page, username="head", password=PASSWORD)

    def get(self, path: str) -> str:
        return self.session.get(self.url + path, timeout=60).text

    def post(self, path: str, page: str, **form) -> requests.Response:
        found = _TOKEN.search(page)
        assert found, page
        return self.session.post(self.url + path, data=form | {"csrf_token": found[1]}, timeout=60)

    def presses(self, path: str, on: str, **form) -> None:
        """A button that asks for a job, and its end."""
        answer = self.post(path, self.get(on), **form)
        assert answer.ok and "/admin/jobs/" in answer.url, (answer.status_code, answer.url)
        for _ in range(240):
            if "已完成" in (said := self.get(answer.url.removeprefix(self.url))):
                return
            assert "未完成" not in said, said
            time.sleep(0.25)
        raise AssertionError("the job did not end")


@pytest.mark.postgres
def test_the_head_makes_and_sends_a_batch_and_the_county_answers_it(pair):
    window = Window(pair.here)
    window.presses("/admin/upwards/make/", "/admin/upwards/", target="provincial")
    with pair.station.open():
        batch = UpwardBatch.get()
    window.presses(f"/admin/upwards/send/?id={batch.id}", f"/admin/upwards/details/?id={batch.id}")
    with pair.station.open():
        batch = UpwardBatch.get()
        assert (batch.state, batch.accepted, batch.refused) == ("answered", batch.records, 0) and batch.records >= 3
        assert not UpwardRecord.select().where(UpwardRecord.state == "sent").exists()
    with pair.county.open():
        assert (ReceivedBatch.get().number, ReceivedBatch.get().accepted) == (batch.number, batch.records)
        assert Volunteer.select().count() == 0  # what was received mixes with nothing there
        kept = ReceivedRecord.get(ReceivedRecord.kind == "volunteer")
        assert json.loads(kept.data)["name"] == "李明"
    assert "已回执" in window.get("/admin/upwards/")


@pytest.mark.postgres
def test_by_the_timetable_what_changed_goes_up_and_what_is_erased_is_deleted_there(pair):
    pair.sends()
    pair.changes("13900001111")
    pair.sends()
    with pair.county.open():
        first, second = ReceivedBatch.select().order_by(ReceivedBatch.id)
        assert first.records > second.records == 1 and first.refused == second.refused == 0
        kept = ReceivedRecord.get(ReceivedRecord.kind == "volunteer")
        assert json.loads(kept.data)["phone"] == "13900001111"
    with pair.station.open(), transaction():
        erasing.erase_volunteer(pair.person.id, pair.station.cast.head, "本人申请注销")
    pair.sends()
    with pair.county.open():
        kept = ReceivedRecord.get(ReceivedRecord.kind == "volunteer")
        assert (kept.data, kept.document) == ("{}", "") and kept.deleted_at
        served = ReceivedRecord.get(ReceivedRecord.kind == "service")
        assert "name" not in json.loads(served.data) and served.hours == "2.50"
    with pair.station.open():
        assert UpwardRecord.get(UpwardRecord.kind == "volunteer").state == "accepted"
    pair.sends()
    with pair.county.open():
        assert ReceivedBatch.select().count() == 3  # nothing changed since


class Wire(BaseHTTPRequestHandler):
    """The line between the two: what is posted is carried to the county; while it is ``cut`` no answer comes back."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
        answer = requests.post(self.server.there + self.path, data=body, headers=head, timeout=60)
        self.server.carried.append(body)
        if self.server.cut.is_set():
            self.server.arrived.set()
            self.server.over.wait(60)
            return
        self.send_response(answer.status_code)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_):
        pass


@pytest.fixture
def wire(pair):
    server = ThreadingHTTPServer(("127.0.0.1", pair.ports[2]), Wire)
    server.there, server.carried = pair.there, []
    server.cut, server.arrived, server.over = threading.Event(), threading.Event(), threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pair.station.open():
        UpwardLink.update(url=f"http://127.0.0.1:{pair.ports[2]}").execute()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.mark.postgres
def test_killed_before_the_answer_came_back_it_sends_the_same_again_and_the_county_has_it_once(pair, wire):
    wire.cut.set()
    with pair.station.open():
        UpwardLink.update(every="day", hour="0", done_for=None).execute()
    program = pair.due()
    assert wire.arrived.wait(90)
    program.send_signal(signal.SIGKILL)
    program.wait(20)
    with pair.station.open():
        number = UpwardBatch.get().number
        assert UpwardBatch.get().state == "made"
    pair.changes("13900002222")  # changed meanwhile: under that number goes what went
    wire.cut.clear()
    wire.over.set()
    pair.goes_on()
    assert len(set(wire.carried)) == 1 and len(wire.carried) > 1
    pair.sends()
    assert len(set(wire.carried)) == 2
    with pair.station.open():
        assert {row.state for row in UpwardBatch.select()} == {"answered"}
        assert UpwardRecord.get(UpwardRecord.kind == "volunteer").state == "accepted"
    with pair.county.open():
        assert ReceivedBatch.select().where(ReceivedBatch.number == number).count() == 1
        assert json.loads(ReceivedRecord.get(ReceivedRecord.kind == "volunteer").data)["phone"] == "13900002222"


@pytest.mark.postgres
def test_a_withdrawn_token_is_told_at_the_station_and_a_new_one_sends_what_waited(pair):
    with pair.county.open():
        UpwardSender.get().revoke(pair.county.cast.admin)
    pair.sends()
    with pair.station.open():
        batch = UpwardBatch.get()
        assert (batch.state, batch.next_at) == ("made", None) and "401" in batch.note
        assert Message.get(Message.event == UNSENT).row == batch.id
    assert "没有送到平台" in Window(pair.here).get("/admin/")
    with pair.county.open():
        assert not ReceivedBatch.select().exists()
        token = UpwardSender.get().new_token(pair.county.cast.admin)
    with pair.station.open():
        UpwardLink.amend(pair.link.id, pair.station.cast.head, token=token, every="never")
    pair.sends()
    with pair.county.open():
        assert ReceivedBatch.get().number == batch.number
