"""月结 (方案 二(5) 统一台账): a station's month is added up once and stands; what comes later counts to an open month.

An entry's ``period`` is the month to which it is reported: the month of service while that is open, else the first
open one. A reported figure is read by period, so that it never moves after its month is closed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from peewee import SQL, BigAutoField, BigIntegerField, CharField, DateTimeField, IntegerField, fn

from models import clock
from models.audit import trail
from models.base import BaseModel, transaction
from models.fields import JSONText
from models.moves import permit
from models.refusals import Refusal, refuse
from models.scope import Actor, find
from models.stations import Station, station_field
from rules.findings import Finding
from rules.months import first_day, has_ended, next_month
from rules.states import RECORD

WAITS = ("draft", "returned", "submitted", "approved", "noticed")  # states in which a record may still be posted


class MonthClose(BaseModel):
    """One closed month of one station, as it was added up. Never changed, never undone (triggers in `models.schema`)."""

    resource = "closes"
    station_path = "station"

    id = BigAutoField()
    station = station_field(backref="closes")
    month = CharField(max_length=7, verbose_name="月份")
    records = IntegerField(verbose_name="入账记录", help_text="条")
    people = IntegerField(verbose_name="服务人数", help_text="人")
    minutes = IntegerField(verbose_name="入账工时")
    taken_back = IntegerField(verbose_name="冲正工时")
    other_minutes = IntegerField(default=0, verbose_name="其他工时", help_text="不来自服务记录的荣誉工时，例如培训")
    net_minutes = IntegerField(verbose_name="净增工时")
    by_origin = JSONText(verbose_name="按来源")
    last_seq = BigIntegerField(verbose_name="截至账序", help_text="月结时工时账的最后一笔")
    closed_by = BigIntegerField(null=True)
    closer = CharField(max_length=60, verbose_name="月结人")
    closed_at = DateTimeField(verbose_name="月结时间")

    class Meta:
        indexes = ((("station", "month"), True),)

    def __str__(self) -> str:
        return f"{self.month} 月结"

    @classmethod
    def close(cls, station_id: int, month: str, by: Actor) -> "MonthClose":
        """Add the month up and close it; closed already, it is the same row.

        Raises ``Refusal`` for a month that has not ended, is out of turn, or has records that still wait.
        """
        from models.hours import Chain  # whose writer asks this room for the period

        permit(by, "enter", cls.resource)
        with transaction():
            station = find(Station, station_id, by)
            chain = Chain.lock(station.id)  # nobody posts while the month is added up
            made = cls.get_or_none(cls.station == station.id, cls.month == month)
            if made is not None:
                return made
            if wrong := cannot_close(station.id, month):
                raise Refusal(*wrong)
            row = cls(
                station=station.id, month=month, last_seq=chain.seq, closed_by=by.account_id, closer=by.name,
                closed_at=clock.now(), **figures_of(station.id, month).__dict__,
            )  # fmt: skip
            row.save(force_insert=True)
            trail(by, "close", cls._meta.table_name, row.id, station=station.id, after={"month": month})
        return row


@dataclass(frozen=True)
class Figures:
    """What a month adds up to. Minutes are whole; ``net_minutes`` = ``minutes`` + ``other_minutes`` - ``taken_back``."""

    records: int = 0
    people: int = 0
    minutes: int = 0
    taken_back: int = 0
    other_minutes: int = 0
    net_minutes: int = 0
    by_origin: dict[str, int] = field(default_factory=dict)


def first_open(station_id: int) -> str:
    """The month after the last one closed; blank where none ever was."""
    last = MonthClose.select(fn.MAX(MonthClose.month)).where(MonthClose.station == station_id).scalar()
    return next_month(last) if last else ""


def reported_in() -> Any:
    """The month an entry is reported in, as SQL; entries from before there were periods count to their own day's."""
    from models.hours import Entry

    # Literals, not parameters: PostgreSQL must see that what is selected is what is grouped by.
    return fn.COALESCE(Entry.period, fn.SUBSTR(Entry.day.cast("text"), SQL("1"), SQL("7")))


def served_here() -> Any:
    """Not what came along from another station with a person, nor from before the account was kept, as SQL."""
    from models.hours import Entry

    return (Entry.kind != "transfer") & (Entry.debit != "opening") & (Entry.credit != "opening")


def figures_of(station_id: int, month: str) -> Figures:
    """The month added up from the entries themselves, closed or not."""
    return months_of(station_id, month).get(month, Figures())


def months_of(station_id: int, month: str = "") -> dict[str, Figures]:
    """Every month of the station that has entries of honour minutes (or this one alone), in three statements."""
    from models.hours import Entry

    period = reported_in()
    # Who moves to or from another station takes along what was reported here already: neither served nor taken back.
    own = [Entry.station == station_id, served_here(), *([period == month] if month else [])]
    sums: dict[str, dict[str, Any]] = {}
    credits = (
        Entry.select(period, Entry.kind, Entry.origin, fn.SUM(Entry.minutes))
        .where(*own, Entry.credit == "honour")
        .group_by(period, Entry.kind, Entry.origin)
    )
    for key, kind, origin, minutes in credits.tuples():
        one = sums.setdefault(key, {"minutes": 0, "other_minutes": 0, "taken_back": 0, "by_origin": {}})
        if kind == "service":
            one["minutes"] += int(minutes)
            one["by_origin"][origin] = int(minutes)
        else:
            one["other_minutes"] += int(minutes)
    debits = Entry.select(period, fn.SUM(Entry.minutes)).where(*own, Entry.debit == "honour").group_by(period)
    for key, minutes in debits.tuples():
        one = sums.setdefault(key, {"minutes": 0, "other_minutes": 0, "taken_back": 0, "by_origin": {}})
        one["taken_back"] = int(minutes)
    counts = (
        Entry.select(period, fn.COUNT(Entry.record.distinct()), fn.COUNT(Entry.volunteer.distinct()))
        .where(*own, Entry.credit == "honour", Entry.kind == "service")
        .group_by(period)
    )
    for key, records, people in counts.tuples():
        sums[key] |= {"records": records, "people": people}
    return {
        key: Figures(**one, net_minutes=one["minutes"] + one["other_minutes"] - one["taken_back"])
        for key, one in sorted(sums.items())
    }


def next_to_close(station_id: int) -> str:
    """The month whose turn it is: the one after the last, or the first in which anybody served; blank before that."""
    from models.hours import Entry
    from models.records import ServiceRecord

    if month := first_open(station_id):
        return month
    own = (Entry.station == station_id) & (Entry.credit == "honour") & served_here()
    first = Entry.select(fn.MIN(reported_in())).where(own).scalar()
    served = ServiceRecord.select(fn.MIN(ServiceRecord.started_at)).where(
        ServiceRecord.station == station_id, ServiceRecord.state.in_(WAITS)
    )
    found = [first, str(served.scalar() or "")[:7]]
    return min((month for month in found if month), default="")


def waiting_in(station_id: int, month: str) -> dict[str, int]:
    """How many records of the month's service may still be posted, by state."""
    from models.records import ServiceRecord

    counted = (
        ServiceRecord.select(ServiceRecord.state, fn.COUNT(ServiceRecord.id))
        .where(
            ServiceRecord.station == station_id, ServiceRecord.state.in_(WAITS),
            ServiceRecord.started_at >= first_day(month), ServiceRecord.started_at < first_day(next_month(month)),
        )
        .group_by(ServiceRecord.state)
    )  # fmt: skip
    found = dict(counted.tuples())
    return {state: found[state] for state in WAITS if state in found}


def cannot_close(station_id: int, month: str) -> list[Finding]:
    """Why this month cannot be closed now; empty where it can."""
    turn = next_to_close(station_id)
    if not turn:
        return [Finding("month", "本站还没有入账的服务记录，没有可以月结的月份。")]
    if month != turn:
        return [Finding("month", f"月结按月份先后办理，现在轮到 {turn}。")]
    if not has_ended(month, clock.today()):
        return [Finding("month", f"{month} 还没有结束，下月才能月结。")]
    waiting = waiting_in(station_id, month)
    if waiting:
        said = "、".join(f"「{RECORD.state(state).label}」{count} 条" for state, count in waiting.items())
        says = f"{month} 还有 {sum(waiting.values())} 条服务记录没有办完：{said}。请先办理完，不该有的作废。"
        return [Finding("month", says)]
    return []


def current(station_id: int) -> list[tuple[str, Figures]]:
    """The months of the station that are still open and have entries, oldest first."""
    after = first_open(station_id)
    return [(month, one) for month, one in months_of(station_id).items() if month >= after]


@dataclass(frozen=True)
class Wrong:
    """One closed month that its entries do not bear out."""

    station: int
    says: str


def check_closes(station_id: int) -> Iterator[Wrong]:
    """Hold every close of the station against its entries: the figures, the order, and nothing written into it later."""
    from models.hours import Entry

    closes = list(MonthClose.select().where(MonthClose.station == station_id).order_by(MonthClose.month))
    if not closes:
        return
    now = months_of(station_id)
    expected = closes[0].month
    for row in closes:
        if row.month != expected:
            yield Wrong(station_id, f"月结缺少 {expected}。")
            expected = row.month
        expected = next_month(expected)
        found = now.get(row.month, Figures()).__dict__
        if any(getattr(row, name) != value for name, value in found.items()):
            yield Wrong(station_id, f"{row.month} 月结的数字与分录合计不符。")
        late = Entry.select(fn.MIN(Entry.seq)).where(
            Entry.station == station_id, Entry.seq > row.last_seq, reported_in() == row.month
        )
        if seq := late.scalar():
            yield Wrong(station_id, f"第 {seq} 笔是在 {row.month} 月结以后记到这个月的。")


def closable(by: Actor) -> tuple[str, Figures, list[Finding]] | None:
    """For a station's desk: the month whose turn it is, what it adds up to, and what stands in the way."""
    if by.station_id is None:
        raise refuse("只有工作站自己月结。")
    month = next_to_close(by.station_id)
    if not month:
        return None
    return month, figures_of(by.station_id, month), cannot_close(by.station_id, month)
