"""What a pairing delivered for what it promised (方案 三(3)): SQL sums by month, `rules.pairing` judges by quarter.

A visit is an activity of the agreement that was held; its minutes are the posted records of these activities.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from peewee import Expression, ModelSelect, fn

from models import clock, policy
from models.activities import Activity
from models.needs import Need
from models.pairing import PairedHousehold, Pairing
from models.records import ServiceRecord
from models.scope import NOTHING, Actor, within
from models.stations import Station
from models.team_hours import MINUTES, MONTH, POSTED
from models.units import Unit
from models.vocabulary import names
from rules import pairing as rules
from rules.divisions import subtree
from rules.findings import Decision
from rules.needs import LIVING
from rules.pairing import Line, Quarter, Share

SHOWN_QUARTERS = 8  # on an agreement's page; longer ago is in the ledger
SATISFIED = ("5", "4")  # 非常满意, 满意
PREFECTURE_DIGITS = 4

Done = dict[tuple[int, Quarter], tuple[int, int]]


def held(*chosen) -> ModelSelect:
    """The visits of agreements; narrow by `Activity.pairing`."""
    return Activity.select(*chosen).where(Activity.state == "held", Activity.pairing.is_null(False))


def served(*chosen) -> ModelSelect:
    """The posted records of agreements' visits; narrow by `Activity.pairing`."""
    return ServiceRecord.select(*chosen).join(Activity).where(POSTED, Activity.state == "held")


def done(keys: Sequence[int], first: date, last: date) -> Done:
    """(agreement, quarter) -> visits and minutes between these days; two grouped statements for all of them."""
    if not keys:
        return {}
    among = (Activity.pairing.in_(keys), Activity.day.between(first, last))
    visits = held(Activity.pairing, MONTH, fn.COUNT(Activity.id)).where(*among).group_by(Activity.pairing, MONTH)
    minutes = served(Activity.pairing, MONTH, MINUTES).where(*among).group_by(Activity.pairing, MONTH)
    found: Done = {}
    for place, query in enumerate((visits, minutes)):
        for key, month, amount in query.tuples():
            at = (key, Quarter.of(date.fromisoformat(f"{month}-01")))
            was = list(found.get(at, (0, 0)))
            was[place] += amount
            found[at] = (was[0], was[1])
    return found


def _line(row: Pairing, quarter: Quarter, until: date, found: Done) -> Line:
    return rules.line(
        quarter, (row.starts_on, until), (row.promised_visits, row.promised_minutes),
        found.get((row.id, quarter), (0, 0)),
    )  # fmt: skip


def quarters(row: Pairing) -> list[Line]:
    """The agreement's quarters up to today's, newest first; the running one against its whole promise."""
    today = clock.today()
    wanted = [
        quarter
        for quarter in rules.last_quarters(min(today, row.until), SHOWN_QUARTERS)
        if quarter.last >= row.starts_on
    ]
    if not wanted or row.starts_on > today:
        return []
    found = done([row.id], wanted[0].first, wanted[-1].last)
    return [_line(row, quarter, row.until, found) for quarter in reversed(wanted)]


# --- named lists ---


def expiring(by: Actor) -> Expression:
    """In force, and its last day comes within the days that policy gives."""
    today = clock.today()
    days = policy.for_actor("pairing", by).rule.expiring_days
    return (Pairing.state == "active") & Pairing.ends_on.between(today, today + timedelta(days=days))


def behind(by: Actor) -> Expression:
    """In force, the quarter ends within the days that policy gives, and it owes visits or minutes still."""
    today = clock.today()
    quarter = Quarter.of(today)
    if (quarter.last - today).days > policy.for_actor("pairing", by).rule.behind_days:
        return NOTHING
    columns = (Pairing.id, Pairing.starts_on, Pairing.ends_on, Pairing.ended_on, Pairing.promised_visits,
               Pairing.promised_minutes)  # fmt: skip
    rows = list(Pairing.select(*columns).where(Pairing.state == "active", within(Pairing, by)))
    found = done([row.id for row in rows], quarter.first, quarter.last)
    return Pairing.id.in_([row.id for row in rows if _line(row, quarter, row.until, found).behind] or [0])


def unpaired(by: Actor) -> Expression:
    """Units in use that no community has an agreement with."""
    return Unit.active & Unit.id.not_in(Pairing.select(Pairing.unit).where(Pairing.state == "active"))


# --- 成效 ---


@dataclass(frozen=True)
class Card:
    """A unit's score, and what it rests on."""

    score: Decision[int | None]
    visits: Share
    minutes: Share
    households: int
    satisfied: Share
    version: str


def card(unit: Unit, by: Actor) -> Card:
    """成效 of a unit over the last four quarters, the running one up to today; of the agreements that ``by`` may know."""
    today = clock.today()
    version = policy.for_actor("pairing", by)
    recent = rules.last_quarters(today)
    rows = list(
        Pairing.select().where(
            Pairing.unit == unit.id, Pairing.state.in_(("active", "expired", "ended")),
            Pairing.ends_on >= recent[0].first, within(Pairing, by),
        )
    )  # fmt: skip
    keys = [row.id for row in rows]
    found = done(keys, recent[0].first, today)
    lines = [_line(row, quarter, min(row.until, today), found) for row in rows for quarter in recent]
    visits = rules.together(one.visits for one in lines)
    minutes = rules.together(one.minutes for one in lines)
    helped = (
        PairedHousehold.select(PairedHousehold.household).where(PairedHousehold.pairing.in_(keys)) if keys else None
    )
    households = helped.distinct().count() if helped is not None else 0
    satisfied = _satisfied(helped, recent[0].first) if households else Share(0, 0)
    judged = rules.score(visits, minutes, households, satisfied, version.rule)
    return Card(judged, visits, minutes, households, satisfied, version.key)


def _satisfied(households: ModelSelect, since: date) -> Share:
    """How many of the needs rated by these households since that day were met to their satisfaction."""
    rated = (
        Need.select(Need.satisfaction, fn.COUNT(Need.id))
        .where(Need.household.in_(households), Need.satisfaction != "", Need.rated_on >= since)
        .group_by(Need.satisfaction)
    )
    counted = dict(rated.tuples())
    return Share(sum(counted.get(code, 0) for code in SATISFIED), sum(counted.values()))


# --- 就地、就近、就便 ---


def near(station: Station, by: Actor, categories: Iterable[str] = ()) -> list[rules.Suggestion]:
    """Units to ask for this community, the nearest first; ``categories`` wanted, or those of its open needs."""
    wanted = list(dict.fromkeys(categories)) or _wanted(station, by)
    words = names("category")
    low, high = subtree(str(station.division_id)[:PREFECTURE_DIGITS])
    mine = Pairing.select(Pairing.unit).where(Pairing.station == station.id, Pairing.state == "active")
    rows = Unit.select(Unit.id, Unit.name, Unit.division, Unit.categories).where(
        within(Unit, by), Unit.active, Unit.division >= low, Unit.division < high, Unit.id.not_in(mine)
    )
    busy = dict(
        Pairing.select(Pairing.unit, fn.COUNT(Pairing.id))
        .where(Pairing.state == "active")
        .group_by(Pairing.unit)
        .tuples()
    )
    candidates = [
        rules.Candidate(row.id, row.name, str(row.division_id), frozenset(row.categories), busy.get(row.id, 0))
        for row in rows
    ]
    return rules.suggest(str(station.division_id), {code: words.get(code, code) for code in wanted}, candidates)


def _wanted(station: Station, by: Actor) -> list[str]:
    """What the community's open needs ask for, the most frequent first."""
    asked = (
        Need.select(Need.category, fn.COUNT(Need.id))
        .where(Need.station == station.id, Need.state.in_(LIVING), within(Need, by))
        .group_by(Need.category)
        .order_by(fn.COUNT(Need.id).desc(), Need.category)
    )
    return [code for code, _ in asked.tuples()]
