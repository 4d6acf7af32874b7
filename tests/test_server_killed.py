"""The server itself is killed with SIGKILL while a desk posts records and makes exchanges in it over HTTP.

What a page had answered is there after the restart, nothing is half-done, and `verify` passes. ``PROVE`` set it is
killed ten times, else twice; `test_power_cut` kills whoever works on the data layer, fifty times.
"""

import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from datetime import date, datetime, timedelta
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from cast import KEY
from models import clock
from models.base import database
from models.hours import Entry
from models.keying import Draft, key_in
from models.people import Account, set_password
from models.policy import PolicyVersion
from models.records import ServiceRecord, move_all
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM
from models.verifying import verify

ROOT = Path(__file__).parents[1]
KILLS = 10 if os.environ.get("PROVE") else 2
PASSWORD = "correct horse 7"
GIVE_UP = 60  # seconds
GONE = (ConnectionError, urllib.error.URLError, TimeoutError, HTTPException)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None  # the answer itself is what was acknowledged


class Served:
    """The real server on one database, and a desk that is signed in to it."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.env = os.environ | {
            "INSTANCE": str(folder), "PORT": str(self.port), "DATABASE_URL": url, "DATA_KEY": KEY.hex(),
            "SECRET_KEY": "a secret for tests",
        }  # fmt: skip
        self.desk = urllib.request.build_opener(_Stay, urllib.request.HTTPCookieProcessor(CookieJar()))
        self.server: subprocess.Popen | None = None

    def start(self) -> None:
        self.server = subprocess.Popen(
            [sys.executable, "-m", "admin_app.server"], cwd=ROOT, env=self.env, stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + GIVE_UP
        while time.monotonic() < until:
            assert self.server.poll() is None, "the server ended by itself"
            try:
                self.get("/healthz")
                return
            except GONE:
                time.sleep(0.05)
        pytest.fail("no answer")

    def kill(self) -> None:
        assert self.server.poll() is None, "the server ended by itself"
        self.server.kill()
        self.server.wait(GIVE_UP)

    def get(self, path: str) -> str:
        with self.desk.open(f"http://127.0.0.1:{self.port}{path}", timeout=GIVE_UP) as page:
            return page.read().decode()

    def post(self, path: str, token: str, **said: object) -> str:
        """Where the answer leads. Raises one of `GONE` when there was none."""
        data = urllib.parse.urlencode(said | {"csrf_token": token}).encode()
        try:
            self.desk.open(f"http://127.0.0.1:{self.port}{path}", data, timeout=GIVE_UP)
        except urllib.error.HTTPError as answer:
            assert answer.code == 302, answer.code
            return answer.headers["Location"]
        raise AssertionError("the form came back instead of an answer")

    def token(self, path: str) -> str:
        return re.search(r'name="csrf[-_]token" (?:content|value)="([^"]+)"', self.get(path))[1]


@pytest.fixture
def noticed(cast, sqlite_url) -> list[int]:
    """Records of two people whose notice is over, and a thing to be had."""
    # Notices that last no working day, and nothing odd about sixty records keyed late.
    for topic, values in (("publicity", {"record_days": 0}), ("anomalies", {"backfills": 1000})):
        PolicyVersion.create(topic=topic, division="530102", since=date(2020, 1, 1), source="文件", values=values)
    set_password(Account.get(Account.username == "head"), PASSWORD, SYSTEM)
    RewardItem.enter(cast.head, name="理发", points=1)
    people = [cast.registered("李一"), cast.registered("李二")]
    cast.posted(people[0], minutes=4800)
    day = clock.today() - timedelta(days=1)
    lines = []
    for back in range(60):
        activity = cast.activity(day - timedelta(days=back))
        start = datetime.combine(activity.day, datetime.min.time()) + timedelta(hours=14)
        lines.append(Draft(people[1].id, activity.id, start, start + timedelta(hours=2), content="陪伴", quality="1"))
    keys = [row.id for row in key_in(lines, cast.recorder)]
    for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all(keys, move, by)
    clock.move_demo_clock(20)
    return keys


def work(desk: Served, keys: list[int], saver: int, item: int, done: dict[str, set[int]]) -> None:
    """Post and exchange until the server is gone; what it answered goes into ``done``."""
    token = desk.token("/admin/records/")
    for n, key in enumerate(keys):
        desk.post("/admin/records/move/", token, move="post", id=key)
        done["posted"].add(key)
        request = f"{n:04d}{random.randrange(16**20):020x}"
        made = desk.post("/admin/rewards/exchange/", token, key=request, volunteer=saver, item=item, quantity=1)
        done["exchanged"].add(int(re.search(r"id=(\d+)", made)[1]))


@pytest.mark.slow
def test_a_server_killed_while_it_posts_and_exchanges_keeps_all_it_answered_and_nothing_by_half(
    noticed, sqlite_url, tmp_path
):
    saver, item = Redemption.volunteer.rel_model.get(name="李一").id, RewardItem.get().id
    database.close()
    desk, done = Served(sqlite_url, tmp_path / "instance"), {"posted": set(), "exchanged": set()}
    desk.start()
    desk.post("/login", desk.token("/login"), username="head", password=PASSWORD)
    for n in range(10 * KILLS):
        if n >= KILLS and done["posted"] and done["exchanged"]:
            break
        # On a busy machine the first answers take longer than the first kills leave.
        killer = threading.Timer(random.uniform(0.3, 1.2) * (1 + n // KILLS), desk.kill)
        killer.start()
        with suppress(*GONE):
            work(desk, [key for key in noticed if key not in done["posted"]], saver, item, done)
        killer.join()
        with database.connection_context():
            assert database.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
            assert verify() == []
            states = dict(ServiceRecord.select(ServiceRecord.id, ServiceRecord.state).tuples())
            assert all(states[key] == "posted" for key in done["posted"])
            assert done["exchanged"] <= {row.id for row in Redemption.select(Redemption.id)}
            in_account = {key for (key,) in Entry.select(Entry.record).where(Entry.kind == "service").tuples()}
            assert in_account == {key for key, state in states.items() if state == "posted"}
            paid = dict(Entry.select(Entry.redemption, Entry.minutes).where(Entry.kind == "exchange").tuples())
            assert set(paid) == {row.id for row in Redemption.select(Redemption.id)}
        desk.start()
    desk.kill()
    assert done["posted"] and done["exchanged"]


def test_asked_to_end_it_ends_well_and_its_file_alone_is_whole(cast, sqlite_url, tmp_path):
    database.close_all()
    served, log = Served(sqlite_url, tmp_path), tmp_path / "station.db-wal"
    served.start()
    assert "登录" in served.get("/login") and log.exists()
    served.server.terminate()
    assert served.server.wait(GIVE_UP) == 0 and not log.exists()
