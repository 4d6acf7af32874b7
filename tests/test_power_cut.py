"""The power goes at any moment: what was said to be done is there, and nothing is half-done.

A clerk works in a process of its own on one SQLite file and says each move that is finished; it is killed with SIGKILL
and the file is opened again. ``PROVE`` set (`make prove`) it is killed fifty times, else six times.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from peewee import fn

from cast import KEY
from models import audit_checks
from models.base import database
from models.gifts import Gift
from models.hours import Entry, Lot
from models.policy import PolicyVersion
from models.projects import Project
from models.records import ServiceRecord
from models.rewards import Redemption, RewardItem
from models.verifying import verify
from models.volunteers import Volunteer
from power_clerk import BATCH

CUTS = 50 if os.environ.get("PROVE") else 6
CLERK = Path(__file__).parent / "power_clerk.py"
STOCK = 100_000
GIFT = {"given": "given", "taken back": "cancelled"}
WAY = ["draft", "submitted", "approved", "noticed", "posted"]


@pytest.fixture
def station(cast, sqlite_url) -> str:
    lay_out(cast)
    return sqlite_url


def lay_out(cast) -> None:
    """Four people with an account, a thing to be had, gifts allowed, hours that end after a month, and notices that
    last no working day."""
    PolicyVersion.create(
        topic="publicity", division="53", since=date(2020, 1, 1), source="文件",
        values={"record_days": 0, "star_days": 0, "honour_days": 0, "certificate_days": 0},
    )  # fmt: skip
    PolicyVersion.create(
        topic="giving", division="53", since=date(2020, 1, 1), source="文件",
        values={"gift": "anyone", "relations": [], "gift_yearly_hours": 0, "donation": True, "served": []},
    )  # fmt: skip
    PolicyVersion.create(
        topic="exchange", division="53", since=date(2020, 1, 1), source="文件",
        values={"points_per_hour": 1, "origins": ["desk"], "floor_hours": 0, "yearly_cap_points": 0, "valid_months": 1},
    )  # fmt: skip
    for name in ("李一", "李二", "李三", "李四"):
        cast.registered(name)
    cast.activity()
    Project.update(ends_on=date(2099, 12, 31)).execute()  # a clerk's day is ten: fifty of them outlive any project
    RewardItem.enter(cast.head, name="大米", kind="goods", points=1, stock=STOCK)


def work_until_cut(url: str, things: int) -> tuple[list[list], bool]:
    """What the clerk said before it was killed, some way into whatever came after so many things done; and whether a
    log was left to recover. Counted in things and not in seconds, so that a busy machine cuts as deep."""
    with subprocess.Popen([sys.executable, CLERK, url, KEY.hex()], stdout=subprocess.PIPE, text=True) as clerk:
        try:
            lines = [clerk.stdout.readline() for _ in range(things)]
            time.sleep(random.uniform(0, 0.05))
            assert clerk.poll() is None, "the clerk ended by itself"
        finally:
            clerk.kill()
        lines += clerk.stdout
    log = Path(url.removeprefix("sqlite:///") + "-wal")
    return [json.loads(line) for line in lines if line.endswith("\n")], log.exists() and log.stat().st_size > 0


def test_killed_at_any_moment_all_that_was_said_is_there_and_nothing_is_half_done(station):
    database.close()
    said, logs, seen = [], 0, Counter()
    for cut in range(CUTS):
        # The last one works long enough to come to everything, whatever chance gave the others.
        new, log = work_until_cut(station, random.randint(1, 30) if cut < CUTS - 1 else 80)
        said, logs = said + new, logs + log
        seen.update(what for what, *_ in new)
        database.connect()
        assert database.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute_sql("PRAGMA journal_mode").fetchone() == ("wal",)
        assert verify() == []
        nothing_is_half_done(said)
        database.close()
    database.connect()
    assert logs > 0
    assert set(seen) >= {*WAY, "reserved", "cancelled", "imported", "given", "taken back", "expired", "released"}


def nothing_is_half_done(said: list[list]) -> None:
    assert audit_checks.verify()[1] == []
    everything_said_is_there(said)
    sheets_moved_as_one()
    records_stand_in_the_account_with_all_their_entries()
    exchanges_stand_with_their_entries_and_stock()
    gifts_stand_with_all_their_entries()
    what_expired_is_gone_as_one()
    tables_were_taken_whole()


def everything_said_is_there(said: list[list]) -> None:
    states = dict(ServiceRecord.select(ServiceRecord.id, ServiceRecord.state).tuples())
    exchanges = dict(Redemption.select(Redemption.id, Redemption.state).tuples())
    gifts = dict(Gift.select(Gift.id, Gift.state).tuples())
    born = {str(day) for (day,) in Volunteer.select(Volunteer.birth_date).tuples()}
    for what, *keys in said:
        if what in WAY:
            assert all(WAY.index(states[key]) >= WAY.index(what) for key in keys)
        elif what == "imported":
            assert keys[0] in born
        elif what in ("given", "taken back"):
            assert gifts[keys[0]] in (GIFT[what], "cancelled")
        elif what == "expired":
            assert Entry.get_by_id(keys[1]).kind == "expiry"
        elif what == "released":
            assert PolicyVersion.get_by_id(keys[0]).values == {"points_per_hour": keys[1]}
        else:
            assert exchanges[keys[0]] in (what, "cancelled")


def sheets_moved_as_one() -> None:
    query = ServiceRecord.select(ServiceRecord.activity, ServiceRecord.state, ServiceRecord.notice).tuples()
    sheets: dict[int, list] = {}
    for activity, *stands in query:
        sheets.setdefault(activity, []).append(tuple(stands))
    assert sheets
    for stands in sheets.values():
        assert len(stands) == 4
        assert len(set(stands)) == 1


def records_stand_in_the_account_with_all_their_entries() -> None:
    entries = Counter(Entry.select(Entry.record, Entry.credit).where(Entry.kind == "service").tuples())
    posted = {
        key for (key,) in ServiceRecord.select(ServiceRecord.id).where(ServiceRecord.state == "posted").tuples()
    }
    assert entries == Counter((key, credit) for key in posted for credit in ("honour", "exchangeable"))
    assert {key for (key,) in Lot.select(Lot.record).where(Lot.gift.is_null()).tuples()} == posted


def exchanges_stand_with_their_entries_and_stock() -> None:
    rows = (
        Entry.select(Entry.redemption, Entry.kind, fn.SUM(Entry.minutes))
        .where(Entry.redemption.is_null(False))
        .group_by(Entry.redemption, Entry.kind)
    )
    kept = {(key, kind): minutes for key, kind, minutes in rows.tuples()}
    expected, out = {}, 0
    for made in Redemption.select():
        expected[made.id, "exchange"] = made.minutes
        if made.state == "cancelled":
            expected[made.id, "cancellation"] = made.minutes
        else:
            out += made.quantity
    assert kept == expected
    assert RewardItem.get().stock == STOCK - out


def gifts_stand_with_all_their_entries() -> None:
    """Out of the giver, into the receiver or the pool; taken back, all of it went back."""
    rows = Entry.select(Entry.gift, Entry.debit, Entry.credit, fn.SUM(Entry.minutes)).where(Entry.gift.is_null(False))
    kept = {tuple(key): minutes for *key, minutes in rows.group_by(Entry.gift, Entry.debit, Entry.credit).tuples()}
    expected = {}
    for gift in Gift.select():
        way = ["exchangeable", "gift", "exchangeable"] if gift.receiver_id else ["exchangeable", "station"]
        for out, into in pairwise(way):
            expected[gift.id, out, into] = gift.minutes
            if gift.state == "cancelled":
                expected[gift.id, into, out] = gift.minutes
        if gift.receiver_id and gift.state == "cancelled":  # there and back, each step both ways
            expected |= {(gift.id, "exchangeable", "gift"): 2 * gift.minutes, (gift.id, "gift", "exchangeable"): 2 * gift.minutes}
    assert kept == expected


def what_expired_is_gone_as_one() -> None:
    """Everything that a night writes off is one transaction: of lots with one last day, all or none."""
    nights = Entry.select(Entry.day).where(Entry.kind == "expiry").distinct().tuples()
    for (night,) in nights:
        assert not Lot.select().where(Lot.left > 0, Lot.expires_on <= night).exists()


def tables_were_taken_whole() -> None:
    born = Counter(v.birth_date for v in Volunteer.select(Volunteer.birth_date).where(Volunteer.state == "applied"))
    assert all(people == BATCH for people in born.values())
