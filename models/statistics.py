"""信息和项目对接 (方案 三(1)): what is counted for supervisors, each figure with the very condition of its rows.

A measure is one condition over one table whose rows belong to a station. Its figure is one grouped statement, its rows
are the list under the same condition; so a figure opens to what it counts, and the stations of a county sum to the
county's line, because every row has one station.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from peewee import SQL, Case, Expression, Field, ForeignKeyField, Node, fn

from models.activities import Activity
from models.base import BaseModel
from models.closes import reported_in, served_here
from models.courses import Attendance, Training
from models.fields import CodeField, CodesField, SealedCodesField
from models.hours import Entry
from models.households import Hardship, Household, Recipient, codes_by_index
from models.needs import Need
from models.projects import Project
from models.records import ServiceRecord
from models.scope import Actor, within
from models.stars import StarGrant
from models.stations import SURNAME, Division, Station
from models.vocabulary import names
from models.volunteers import Volunteer
from rules.divisions import level, subtree
from rules.needs import LIVING, MET

MONTHS = 12  # of a period that is not said otherwise


@dataclass(frozen=True)
class Period:
    """From the first day of a month to the last day of a month."""

    first: date
    last: date

    @classmethod
    def of(cls, since: str, until: str, today: date) -> "Period":
        """The months "2026-01" to "2026-11"; where one is blank or no month, the twelve months up to today."""
        last = _month(until) or today.replace(day=1)
        first = _month(since) or _back(last, MONTHS - 1)
        first, last = min(first, last), max(first, last)
        return cls(first, _after(last) - timedelta(days=1))

    @property
    def months(self) -> list[str]:
        """ "2026-01" and so on, in order."""
        found, at = [], self.first
        while at <= self.last:
            found.append(f"{at:%Y-%m}")
            at = _after(at)
        return found

    def back(self, months: int) -> list[str]:
        """So many months up to the period's last, the latest first: what a page offers."""
        return [f"{_back(self.last.replace(day=1), n):%Y-%m}" for n in range(months)]

    def holds(self, column: Node) -> Expression:
        """The condition that a date or a moment lies in the period."""
        return (column >= self.first) & (column < self.last + timedelta(days=1))


def _month(said: str) -> date | None:
    try:
        return date.fromisoformat(f"{said}-01")
    except ValueError:
        return None


def _back(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)


def _after(month: date) -> date:
    return _back(month, -1)


@dataclass(frozen=True)
class Measure:
    """One figure. ``amount`` is what is summed, None where rows are counted; ``month`` tells a row's month as
    "2026-01", None where a row counts in several months. ``people`` marks counts of people or households that the plan protects: small
    ones are hidden above the station (`rules.statistics`). ``through`` is the key whose row has the month."""

    name: str
    label: str
    model: type[BaseModel]
    where: Callable[[Period], Expression]
    month: Node | None = None
    amount: Node | None = None
    people: bool = False
    through: ForeignKeyField | None = None

    @property
    def in_hours(self) -> bool:
        """Whether the figure is whole minutes, shown as hours."""
        return self.amount is not None


def month_of(day: Field) -> Node:
    """A day's month as "2026-01"."""
    # Not as parameters: PostgreSQL must see that what is selected is what is grouped by.
    return fn.SUBSTR(day.cast("text"), SQL("1"), SQL("7"))


def _honour() -> Node:
    """Honour minutes with their sign: a reversal takes away what it took."""
    up, down = (Entry.credit == "honour", Entry.minutes), (Entry.debit == "honour", 0 - Entry.minutes)
    return Case(None, [up, down], 0)


def _active(period: Period) -> Expression:
    served = ServiceRecord.select(ServiceRecord.volunteer).where(
        ServiceRecord.state == "posted", period.holds(ServiceRecord.started_at)
    )
    return Volunteer.id.in_(served)


def _looked_after(period: Period) -> Expression:
    """Households on the books at the period's end."""
    known = Household.entered_at < period.last + timedelta(days=1)
    return known & (Household.left_on.is_null() | (Household.left_on > period.last))


def _covered(period: Period) -> Expression:
    """Of these the ones of which a need was being served in the period, from its dispatch to whoever said it was met."""
    begun = Need.dispatched_on <= period.last
    served = Need.select(Need.household).where(
        ((Need.state == "serving") & begun) | (Need.state.in_(MET) & begun & (Need.met_on >= period.first))
    )
    return _looked_after(period) & Household.id.in_(served)


def _trained(period: Period) -> Expression:
    held = Training.select(Training.id).where(period.holds(Training.day))
    return (Attendance.state == "attended") & Attendance.training.in_(held)


MEASURES = {
    measure.name: measure
    for measure in (
        Measure(
            "volunteers", "注册志愿者", Volunteer,
            lambda period: (Volunteer.state == "registered") & (Volunteer.registered_on <= period.last),
        ),
        Measure("active", "活跃志愿者", Volunteer, _active),
        Measure("households", "困难家庭", Household, _looked_after, people=True),
        Measure("covered", "已服务家庭", Household, _covered, people=True),
        Measure(
            "asked", "采集需求", Need, lambda period: period.holds(Need.collected_on), month=month_of(Need.collected_on),
        ),
        Measure(
            "met", "办结需求", Need, lambda period: Need.state.in_(MET) & period.holds(Need.met_on), month=month_of(Need.met_on),
        ),
        Measure(
            "trained", "参训人次", Attendance, _trained, month=month_of(Training.day), through=Attendance.training,
        ),
        Measure(
            "activities", "开展活动", Activity,
            lambda period: (Activity.state == "held") & period.holds(Activity.day), month=month_of(Activity.day),
        ),
        Measure(
            "records", "服务人次", ServiceRecord,
            lambda period: (ServiceRecord.state == "posted") & period.holds(ServiceRecord.started_at),
            month=month_of(ServiceRecord.started_at),
        ),
        Measure(
            "hours", "服务时长", Entry,
            lambda period: ((Entry.credit == "honour") | (Entry.debit == "honour")) & served_here()
            & reported_in().between(period.months[0], period.months[-1]),
            month=reported_in(), amount=_honour(),
        ),
        Measure(
            "stars", "认定星级", StarGrant,
            lambda period: (StarGrant.state == "recognised") & period.holds(StarGrant.recognised_on),
            month=month_of(StarGrant.recognised_on),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One row of a table: a division or a station, and which stations it sums."""

    code: str  # division code, or the community's for a station
    name: str
    station: int | None
    stations: frozenset[int]

    @property
    def short(self) -> str:
        """The name where there is little room: every station's ends with the same words."""
        return self.name.removesuffix(SURNAME) or self.name


def lines(division: str, by: Actor) -> list[Line]:
    """What lies beneath a division: prefectures of the province, counties of a prefecture, else its stations.

    Only what this person may know of, and only divisions that have a station.
    """
    low, high = subtree(division)
    found = Station.select(Station.id, Station.name, Station.division).where(
        Station.division >= low, Station.division < high, within(Station, by)
    )
    stations = [(key, name, str(code)) for key, name, code in found.order_by(Station.division, Station.id).tuples()]
    width = {"province": 4, "prefecture": 6}.get(level(division))
    if width is None:
        return [Line(code, name, key, frozenset({key})) for key, name, code in stations]
    beneath: dict[str, set[int]] = {}
    for key, _, code in stations:
        beneath.setdefault(code[:width], set()).add(key)
    names = dict(Division.select(Division.code, Division.name).where(Division.code.in_(list(beneath))).tuples())
    return [Line(code, names.get(code, code), None, frozenset(keys)) for code, keys in beneath.items()]


def by_station(measure: Measure, period: Period, by: Actor) -> dict[int, int]:
    """The figure of each station of this person's, in one statement."""
    return dict(_grouped(measure, measure.model.station, period, by))


def by_month(measure: Measure, period: Period, by: Actor) -> dict[str, int]:
    """The figure of each month of the period, "2026-01" first.

    One statement, or one a month where what is counted stands through several: whoever served in two months was active
    in both.
    """
    if measure.month is None:
        return {
            month: sum(by_station(measure, Period.of(month, month, period.last), by).values())
            for month in period.months
        }
    found = dict(_grouped(measure, measure.month, period, by))
    return {month: found.get(month, 0) for month in period.months}


def _grouped(measure: Measure, key: Node, period: Period, by: Actor) -> Iterable[tuple]:
    amount = fn.COUNT(1) if measure.amount is None else fn.COALESCE(fn.SUM(measure.amount), 0)
    query = measure.model.select(key, amount).where(within(measure.model, by), measure.where(period))
    if measure.through is not None:
        query = query.join(measure.through.rel_model, on=measure.through)
    return query.group_by(key).tuples()


@dataclass(frozen=True)
class Cross:
    """Rows told apart by the words of one vocabulary: volunteers by skill, unmet needs by category.

    ``column`` holds one code or several; a row with several counts under each.
    """

    name: str
    title: str
    model: type[BaseModel]
    column: CodeField | CodesField | SealedCodesField
    where: Callable[[], Expression]
    people: bool = False


CROSSES = {
    cross.name: cross
    for cross in (
        Cross("skills", "注册志愿者的技能", Volunteer, Volunteer.skills, lambda: Volunteer.state == "registered"),
        Cross("unmet", "还没有办结的需求", Need, Need.category, lambda: Need.state.in_(LIVING), people=True),
        Cross("recruiting", "招募中的项目", Project, Project.category, lambda: Project.state == "published"),
        Cross("willing", "愿意做的志愿者", Volunteer, Volunteer.categories, lambda: Volunteer.state == "registered"),
        Cross(
            "hardship",
            "服务对象的困难类别",
            Recipient,
            Recipient.hardship,
            lambda: Recipient.left_on.is_null(),
            people=True,
        ),
    )
}


def by_code(cross: Cross, by: Actor) -> dict[tuple[int, str], int]:
    """(station, code) -> rows that stand so now, in one statement; retired words too."""
    station, model = cross.model.station, cross.model
    chosen = model.select().where(within(model, by), cross.where())
    if isinstance(cross.column, CodeField):
        rows = chosen.select(station, cross.column, fn.COUNT(1)).group_by(station, cross.column).tuples()
        return {(key, code): count for key, code, count in rows if code}
    codes = list(names(cross.column.kind))
    if isinstance(cross.column, SealedCodesField):
        return _by_index(cross, codes, by)
    sums = [fn.SUM(Case(None, [(cross.column.has(code), 1)], 0)) for code in codes]
    rows = chosen.select(station, *sums).group_by(station).tuples()
    return {(row[0], code): count for row in rows for code, count in zip(codes, row[1:], strict=True) if count}


def _by_index(cross: Cross, codes: list[str], by: Actor) -> dict[tuple[int, str], int]:
    """Of a sealed column: counted by the keyed index beside it, nobody's row is opened."""
    rows = (
        Hardship.select(Hardship.station, Hardship.category_index, fn.COUNT(1))
        .join(Recipient)
        .where(within(Hardship, by), cross.where())
        .group_by(Hardship.station, Hardship.category_index)
    )
    code_of = codes_by_index(codes)
    found: dict[tuple[int, str], int] = {}
    for key, index, count in rows.tuples():
        if index in code_of:  # two of one category while a key is changed
            found[key, code_of[index]] = found.get((key, code_of[index]), 0) + count
    return found
