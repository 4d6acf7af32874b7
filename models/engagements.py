"""合理安排服务时间 (方案 二(3)): when volunteers are taken already, at any station, and how much they did of late."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from models import clock
from models.activities import Activity
from models.assignments import Assignment
from models.records import DEAD, ServiceRecord
from rules.activities import LIVE, TAKES_TIME
from rules.records import Span
from rules.rostering import week_of


@dataclass(frozen=True)
class Turn:
    """The turn that is being filled: which activity of which station, on which day."""

    activity: int
    station: int
    day: date
    load_days: int  # how many days back «of late» reaches


@dataclass
class Times:
    """When these people are taken, at any station, and what they did of late. A turn whose service is recorded counts
    by its record."""

    busy: dict[int, list[Span]] = field(default_factory=dict)
    here: dict[int, list[Span]] = field(default_factory=dict)
    minutes: dict[int, int] = field(default_factory=dict)
    turns: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, turn: Turn, keys: list[int], but: int | None) -> "Times":
        monday = week_of(turn.day)
        low, high = (datetime.combine(monday + timedelta(days=n), time()) for n in (-1, 8))
        since = datetime.combine(clock.today() - timedelta(days=turn.load_days), time())
        found, recorded = cls(), set()
        rows = (
            ServiceRecord.select(
                ServiceRecord.volunteer, ServiceRecord.activity, ServiceRecord.started_at, ServiceRecord.ended_at,
                ServiceRecord.station, Activity.name, ServiceRecord.minutes,
            )
            .join(Activity)
            .where(ServiceRecord.volunteer.in_(keys), ServiceRecord.started_at >= min(low, since),
                   ServiceRecord.state.not_in(DEAD))
            .tuples()
        )  # fmt: skip
        for who, activity, start, end, station, called, minutes in rows:
            recorded.add((who, activity))
            if low <= start < high:
                found.take(turn, who, activity, Span(start, end, _named(turn, station, called, "记录"), minutes))
            if start >= since:
                found.count(who, minutes)
        turns = (
            Assignment.select(
                Assignment.volunteer, Assignment.activity, Assignment.starts_at, Assignment.ends_at,
                Assignment.station, Activity.name, Assignment.state,
            )
            .join(Activity)
            .where(Assignment.volunteer.in_(keys), Assignment.starts_at >= min(low, since), Assignment.id != (but or 0),
                   Assignment.state.in_(TAKES_TIME))
            .tuples()
        )  # fmt: skip
        for who, activity, start, end, station, called, state in turns:
            if (who, activity) in recorded:
                continue
            minutes = int((end - start).total_seconds() // 60)
            if low <= start < high:
                found.take(turn, who, activity, Span(start, end, _named(turn, station, called, "排班"), minutes))
            if state in LIVE or start >= since:
                found.count(who, minutes)
        return found

    def take(self, turn: Turn, who: int, activity: int, span: Span) -> None:
        self.busy.setdefault(who, []).append(span)
        if activity == turn.activity:
            self.here.setdefault(who, []).append(span)

    def count(self, who: int, minutes: int) -> None:
        self.minutes[who] = self.minutes.get(who, 0) + minutes
        self.turns[who] = self.turns.get(who, 0) + 1


def _named(turn: Turn, station: int, called: str, what: str) -> str:
    """Another station's is named no further."""
    return f"「{called}」的{what}" if station == turn.station else f"其他工作站的{what}"
