"""到期作废 (方案 二(6)): what is still in lots past their term leaves the account; honour minutes never do.

A lot's minutes expire on the chain of the station where the person stands now: that is where her account is kept, and
goes along when she moves.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from peewee import Expression, fn

from models import clock
from models.base import transaction
from models.hours import Balance, Entry, Lot, Writer
from models.scope import SYSTEM, Actor
from models.volunteers import Volunteer

AT_ONCE = 500  # lots in one transaction: the desk is not kept waiting behind a night's work
SOON = 30  # days ahead that a desk is told of what will run out


def over(day: date) -> Expression:
    """Lots past their term on that day with something left."""
    return (Lot.left > 0) & (Lot.expires_on <= day)


def expire_due(by: Actor = SYSTEM) -> int:
    """Write off what every lot past its term still holds, and return how many lots that were.

    Station by station, in transactions of a bounded number of lots. Run again it finds nothing; what a cancelled
    exchange returns later to a lot past its term goes at the next run.
    """
    today = clock.today()
    there = Lot.select(Volunteer.station).join(Volunteer).where(over(today)).distinct()
    return sum(_expire_station(station, today, by) for station in sorted(key for (key,) in there.tuples()))


def _expire_station(station_id: int, day: date, by: Actor) -> int:
    done = 0
    while True:
        with transaction():
            some = _expire_some(station_id, day, by)
        done += some
        if some < AT_ONCE:
            return done


def _expire_some(station_id: int, day: date, by: Actor) -> int:
    writer = Writer.open(station_id)  # held before it is asked who stands here: nobody moves away meanwhile
    due = (
        Lot.select(Lot.id, Lot.volunteer)
        .join(Volunteer)
        .where(over(day), Volunteer.station == station_id)
        .order_by(Lot.volunteer, Lot.earned_on, Lot.id)
        .limit(AT_ONCE)
    )
    found = list(due.tuples())
    if not found:
        return 0
    Balance.hold(person for _, person in found)
    # Read again under the lock: what was spent between is no longer there to expire.
    lots = list(Lot.select().where(Lot.id.in_([key for key, _ in found]), Lot.left > 0).order_by(Lot.volunteer, Lot.id))
    times = _times_before(lot.id for lot in lots)
    writer.write([_expiry(lot, times.get(lot.id, 0), day, by) for lot in lots])
    return len(found)


def write_off(volunteer: int, by: Actor, reason: str) -> None:
    """Write off all that a volunteer could still exchange: she gives it up. Inside the caller's transaction, which
    holds her balance; ``reason`` stands on each entry."""
    person = Volunteer.get_by_id(volunteer)
    writer = Writer.open(person.station_id)
    lots = list(Lot.select().where(Lot.volunteer == volunteer, Lot.left > 0).order_by(Lot.earned_on, Lot.id))
    times, today = _times_before(lot.id for lot in lots), clock.today()
    writer.write([_expiry(lot, times.get(lot.id, 0), today, by) | {"reason": reason} for lot in lots])


def _times_before(lots: Iterable[int]) -> dict[int, int]:
    """How often something of each lot has expired: minutes that came back to it expire once more."""
    before = Entry.select(Entry.lot, fn.COUNT(Entry.id)).where(Entry.lot.in_(list(lots)), Entry.kind == "expiry")
    return dict(before.group_by(Entry.lot).tuples())


def _expiry(lot: Lot, times: int, day: date, by: Actor) -> dict[str, Any]:
    return {
        "key": f"expiry:{lot.id}:{times}", "day": day, "kind": "expiry", "origin": lot.origin, "debit": "exchangeable",
        "credit": "expiry", "volunteer": lot.__data__["volunteer"], "lot": lot.id, "minutes": lot.left,
        "approved_by": by.account_id, "reason": f"{lot.earned_on} 的工时 {lot.expires_on} 到期",
    }  # fmt: skip


def runs_out_soon(by: Actor) -> Expression:
    """30 天内到期: balances of people with exchangeable minutes whose term is over within so many days."""
    today = clock.today()
    soon = Lot.select(Lot.volunteer).where(Lot.left > 0, Lot.expires_on.between(today, today + timedelta(days=SOON)))
    return Balance.volunteer.in_(soon)
