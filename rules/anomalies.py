"""异常 (方案 二(5) 及时、完整、准确; Order 67 arts. 3, 7, 22): what refuses nothing and still needs a look before approval.

Each rule takes the lines of one station that are submitted together and says which of them it finds odd, and why in
one sentence. Hard faults (two places at once, past the daily cap) are refused long before, in `rules.records`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from rules.life import Life, State, Tone, move
from rules.records import by_day, days_of, moment
from rules.topics import Anomalies

ANOMALY = Life(
    "anomalies",
    (
        State("asked", "待说明", Tone.WAITING),
        State("explained", "已说明", Tone.WAITING),
        State("passed", "通过", Tone.GOOD),
        State("returned", "退回", Tone.BAD),
        State("lapsed", "已撤回", Tone.OVER),
    ),
    (
        move("explain", "说明情况", "asked -> explained", "recorder head", expected=True, asks="explanation"),
        move("pass", "核实通过", "explained -> passed", "head", own_entry=False, expected=True,
             warns="通过后，对应的服务记录可以审核。"),
        move("return", "退回", "asked explained -> returned", "head", own_entry=False, reason=True,
             warns="对应的服务记录将一并退回，改正后重新提交。"),
        move("lapse", "撤回", "asked explained -> lapsed", "system"),
    ),
    "异常",
    "项",
)  # fmt: skip
OPEN = ("asked", "explained")

KINDS = [
    ("elsewhere", "两站时间紧接"),
    ("long_day", "单日时长过长"),
    ("same_span", "全员起止相同"),
    ("cancelled", "活动已取消"),
    ("own_service", "录入人即志愿者"),
    ("backfills", "集中补录"),
    ("presence", "在场比例偏低"),
]


@dataclass(frozen=True)
class Seen:
    """One submitted line as the rules see it. ``minutes`` are what it counts, ``planned`` the activity's whole span."""

    record: int
    volunteer: int
    name: str
    activity: int
    activity_name: str
    started_at: datetime
    ended_at: datetime
    minutes: int
    entered_by: int | None = None
    backfilled: bool = False
    cancelled: bool = False
    planned: int | None = None
    presence_share: int = 0  # percent, by the counting policy of its day


@dataclass(frozen=True)
class Elsewhere:
    """A person's service at another station, of which no more than its time may be said."""

    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class Facts:
    """What the lines are held against.

    ``day_minutes`` counts what (volunteer, day) has besides the lines; ``roster`` the spans of an activity's further
    lines; ``backfills`` how many others a recorder back-filled of late; ``desk`` (account, volunteer) pairs that are
    one person.
    """

    elsewhere: dict[int, Sequence[Elsewhere]] = field(default_factory=dict)
    day_minutes: dict[tuple[int, date], int] = field(default_factory=dict)
    roster: dict[int, Sequence[tuple[datetime, datetime]]] = field(default_factory=dict)
    backfills: dict[int, int] = field(default_factory=dict)
    desk: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class Oddity:
    """One thing found: of which kind, on which lines, at which activity (none where it spans several), in words."""

    kind: str
    records: tuple[int, ...]
    says: str
    activity: int | None = None


def find_oddities(lines: Sequence[Seen], facts: Facts, rule: Anomalies) -> list[Oddity]:
    """All that the rules find in lines submitted together, in the order of the kinds."""
    return [oddity for rule_of in _RULES for oddity in rule_of(lines, facts, rule)]


def _elsewhere(lines: Sequence[Seen], facts: Facts, rule: Anomalies) -> Iterator[Oddity]:
    for line in lines:
        for other in facts.elsewhere.get(line.volunteer, ()):
            gap = max(other.started_at - line.ended_at, line.started_at - other.ended_at).total_seconds() // 60
            days = days_of(line.started_at, line.ended_at)
            if gap < rule.gap_minutes and set(days) & set(days_of(other.started_at, other.ended_at)):
                says = (
                    f"{line.name} 当天在其他工作站 {other.started_at:%H:%M}–{other.ended_at:%H:%M} 也有服务，"
                    f"与本站的 {line.started_at:%H:%M}–{line.ended_at:%H:%M} 只隔 {max(0, gap):.0f} 分钟。"
                )
                yield Oddity("elsewhere", (line.record,), says, line.activity)
                break


def _long_day(lines: Sequence[Seen], facts: Facts, rule: Anomalies) -> Iterator[Oddity]:
    """A shift over midnight gives each day its own share, so that neither looks longer than it was."""
    shares: dict[tuple[int, date], list[tuple[Seen, int]]] = {}
    for line in lines:
        for day, minutes in by_day(line.started_at, line.ended_at, line.minutes).items():
            shares.setdefault((line.volunteer, day), []).append((line, minutes))
    for (who, day), parts in shares.items():
        mine = [line for line, _ in parts]
        total = sum(minutes for _, minutes in parts) + facts.day_minutes.get((who, day), 0)
        if total > rule.day_minutes:
            says = f"{mine[0].name} {day} 一天合计 {total / 60:.2f} 小时，超过 {rule.day_minutes / 60:g} 小时。"
            yield Oddity("long_day", _keys(mine), says, mine[0].activity)


def _same_span(lines: Sequence[Seen], facts: Facts, rule: Anomalies) -> Iterator[Oddity]:
    for activity, mine in _grouped(lines, lambda line: line.activity).items():
        spans = {(line.started_at, line.ended_at) for line in mine} | set(facts.roster.get(activity, ()))
        people = len(mine) + len(facts.roster.get(activity, ()))
        if len(spans) == 1 and people >= rule.same_span_people:
            first = mine[0]
            says = (
                f"「{first.activity_name}」{people} 人的起止时间全部是 {moment(first.started_at)}–"
                f"{first.ended_at:%H:%M}，请说明是否按实际到离时间登记。"
            )
            yield Oddity("same_span", _keys(mine), says, activity)


def _cancelled(lines: Sequence[Seen], facts: Facts, rule: Anomalies) -> Iterator[Oddity]:
    for activity, mine in _grouped([line for line in lines if line.cancelled], lambda line: line.activity).items():
        says = f"「{mine[0].activity_name}」已取消，却有 {len(mine)} 人的服务记录。"
        yield Oddity("cancelled", _keys(mine), says, activity)


def _own_service(lines: Sequence[Seen], facts: Facts, rule: Anomalies) -> Iterator[Oddity]:
    for line in lines:
        if line.entered_by is not None and (line.entered_by, line.volunteer) in facts.desk:
            says = f"录入人与志愿者 {line.name} 是同一人或同名，请另一位工作人员核实。"
            yield Oddity("own_service", (line.record,), says, line.activity)


def _backfills(lines: Sequence[Seen], facts: Facts, rule: Anomalies) -> Iterator[Oddity]:
    late = [line for line in lines if line.backfilled and line.entered_by is not None]
    for account, mine in _grouped(late, lambda line: line.entered_by).items():
        total = len(mine) + facts.backfills.get(account, 0)
        if total >= rule.backfills:
            says = (
                f"同一录入人 {rule.backfill_days} 天内补录 {total} 条，达到 {rule.backfills} 条，请说明补录的依据。"
            )
            activities = {line.activity for line in mine}
            yield Oddity("backfills", _keys(mine), says, activities.pop() if len(activities) == 1 else None)


def _presence(lines: Sequence[Seen], facts: Facts, rule: Anomalies) -> Iterator[Oddity]:
    for line in lines:
        if line.planned and line.minutes * 100 < line.planned * line.presence_share:
            says = (
                f"{line.name} 计 {line.minutes} 分钟，是活动安排的 {line.planned} 分钟的 "
                f"{line.minutes * 100 // line.planned}%，不到 {line.presence_share}%。"
            )
            yield Oddity("presence", (line.record,), says, line.activity)


_RULES: tuple[Callable[[Sequence[Seen], Facts, Anomalies], Iterator[Oddity]], ...] = (
    _elsewhere, _long_day, _same_span, _cancelled, _own_service, _backfills, _presence,
)  # fmt: skip


def _grouped(lines: Iterable[Seen], key: Callable[[Seen], Any]) -> dict[Any, list[Seen]]:
    found: dict[Any, list[Seen]] = {}
    for line in lines:
        found.setdefault(key(line), []).append(line)
    return found


def _keys(lines: Sequence[Seen]) -> tuple[int, ...]:
    return tuple(line.record for line in lines)
