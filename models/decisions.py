"""判定依据: of a record, a star, an exchange or a correction, which version judged it, on what, and whether it still comes
out the same. Nothing is written; whoever may see the row may see its decision, whichever division laid the version down.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from peewee import fn

from models import policy
from models.base import BaseModel
from models.corrections import Correction
from models.hours import Entry
from models.records import ServiceRecord
from models.refusals import NotFound
from models.rewards import Redemption
from models.scope import Actor, find
from models.stars import StarGrant
from models.stations import Division
from rules import decisions
from rules.decisions import Again
from rules.policy import PolicyBook, Version
from rules.records import Line
from rules.topics import PolicyError

STANDING = ("balance_minutes", "honour_minutes", "points_this_year", "age")  # of what an exchange was judged on


@dataclass(frozen=True)
class Judgement:
    """One decision: by which version, on which inputs, with which outcome, and how it comes out again.

    ``row`` is whose columns the inputs are. ``derived`` where the row did not keep the version and it was found by the day. A version that cannot be found has
    only its key. ``inputs`` are (column of the row, value) pairs to be shown as the row's own columns are.
    """

    row: BaseModel
    title: str
    key: str
    version: Version | None
    inputs: list[tuple[str, Any]]
    outcome: list[tuple[str, Any]]
    again: Again
    derived: bool = False
    lays: list[str] = field(default_factory=list)  # the divisions whose releases lie in the version, by name


def of(row: BaseModel) -> list[Judgement]:
    """The decisions that a row rests on; none for a kind of row that no version judges."""
    judge = _JUDGES.get(type(row))
    return judge(row) if judge else []


def readable(key: str, resource: str, number: object, by: Actor) -> bool:
    """Whether a row of this resource that this person may see was judged by this version."""
    model = next((one for one in _JUDGES if one.resource == resource), None)
    if model is None:
        return False
    try:
        row = find(model, number, by)
    except NotFound:
        return False
    return key in (row.policy, getattr(row, "format_policy", None)) or any(one.key == key for one in of(row))


def _judged(
    row: BaseModel, title: str, key: str, book: PolicyBook, again: Callable[[Version], Again], *,
    derived: bool = False, **more: Any,
) -> Judgement:  # fmt: skip
    try:
        version = book.find(key)
    except KeyError:
        lost = Again((), ("找不到当时的政策版本，不能重新判定。",))
        return Judgement(row, title, key, None, again=lost, derived=derived, **more)
    codes = [part.division for part in version.parts]
    names = dict(Division.select(Division.code, Division.name).where(Division.code.in_(codes)).tuples())
    lays = [names.get(code, code) for code in codes]
    return Judgement(row, title, key, version, again=again(version), derived=derived, lays=lays, **more)


def of_record(row: ServiceRecord) -> list[Judgement]:
    """How its minutes were counted, and the record-format checks."""
    book = policy.book()
    day = row.started_at.date()
    form_key = row.format_policy or _key_on(book, "record_format", row, day)
    counting = _judged(
        row, "工时计算", row.policy, book,
        lambda version: decisions.counted_again(
            row.started_at, row.ended_at, row.travel_minutes, row.minutes, version, _posted(row)
        ),
        inputs=_values(row, "started_at ended_at travel_minutes"), outcome=_values(row, "minutes"),
    )  # fmt: skip
    format_ = _judged(
        row, "服务记录格式", form_key, book, lambda version: _format(row, counting.version, version),
        derived=not row.format_policy, inputs=_values(row, "entered_at sheet quality"),
        outcome=_values(row, "backfilled"),
    )  # fmt: skip
    return [counting, format_]


def _format(row: ServiceRecord, counting: Version | None, form: Version) -> Again:
    if counting is None:
        return Again((), ("找不到计时的政策版本，不能核对格式。",))
    line = Line(
        row.started_at, row.ended_at, row.travel_minutes, row.content, row.quality, place=row.activity.place,
        remark=row.remark, sheet=row.sheet_id is not None,
    )  # fmt: skip
    calendar = policy.calendar_of(row.station)
    return decisions.checked_again(line, _first_entered(row), row.backfilled, counting, form, calendar)


def _first_entered(row: ServiceRecord) -> date:
    """The day on which the line was entered; of one that an appeal restored, when it was entered the first time."""
    before = Correction.get_or_none(Correction.restored == row.id)
    return _first_entered(before.record) if before else row.entered_at.date()  # type: ignore[no-any-return]


def _key_on(book: PolicyBook, topic: str, row: ServiceRecord, day: date) -> str:
    """The version that bound the station on that day, for a row from before it was kept."""
    try:
        return book.on(topic, str(row.station.division_id), day).key
    except PolicyError:
        return ""


def _posted(row: ServiceRecord) -> int | None:
    """Honour minutes that the account credited for the record; None where it was never posted."""
    credited = Entry.select(fn.SUM(Entry.minutes)).where(
        Entry.record == row.id, Entry.kind == "service", Entry.credit == "honour"
    )
    total = credited.scalar()
    return None if total is None else int(total)


def of_star(row: StarGrant) -> list[Judgement]:
    """Whether the minutes of the day on which it was last judged reach the star."""
    days = [row.listed_on, row.proposed_on, row.accepted_on, row.recognised_on]
    day = max((one for one in days if one), default=row.entered_at.date())
    kept = row.evidence or {}
    registered = date.fromisoformat(kept["registered_on"]) if kept else row.volunteer.registered_on

    def again(version: Version) -> Again:
        stored = {"why": row.why, "recognised_by": row.recognised_by, "selection": row.selection}
        made = decisions.starred_again(
            row.star, row.honour_minutes, registered, day, stored, version, _honour_on(row.volunteer_id, day)
        )
        if row.re_read():
            return made
        return Again(made.says, (*made.differs, "申报时冻结的证据与工时账不符。"))

    inputs = [*_values(row, "honour_minutes"), ("registered_on", registered), ("judged_on", day)]
    outcome = _values(row, "star recognised_by selection")
    return [_judged(row, "星级认定", row.policy, policy.book(topic="stars"), again, inputs=inputs, outcome=outcome)]


def _honour_on(volunteer_id: int, day: date) -> list[int]:
    """What the person's honour minutes came to in the course of a day, by the entries as they were written."""
    rows = Entry.select(Entry.at, Entry.credit, Entry.minutes).where(
        Entry.volunteer == volunteer_id, (Entry.credit == "honour") | (Entry.debit == "honour")
    )
    signed = [
        (at.date(), minutes if credit == "honour" else -minutes)
        for at, credit, minutes in rows.order_by(Entry.id).tuples()
    ]
    return decisions.running(signed, day)


def of_redemption(row: Redemption) -> list[Judgement]:
    """Its price, and whether it might be made, on what was kept of the person's standing."""
    standing = row.judged or {}
    inputs = [
        *_values(row, "reserved_on item quantity points"),
        *((name, standing[name]) for name in STANDING if name in standing),
        *([("standing_star", standing["star"])] if standing.get("star") else []),
    ]  # fmt: skip
    return [
        _judged(
            row, "回馈兑换", row.policy, policy.book(topic="exchange"),
            lambda version: decisions.exchanged_again(
                row.points, row.quantity, row.minutes, row.judged, version, _taken(row)
            ),
            inputs=inputs, outcome=_values(row, "minutes left_minutes"),
        )
    ]  # fmt: skip


def _taken(row: Redemption) -> int | None:
    """Minutes that the account took for the exchange; None where they were given back."""
    if Entry.select().where(Entry.redemption == row.id, Entry.kind == "cancellation").exists():
        return None
    spent = Entry.select(fn.COALESCE(fn.SUM(Entry.minutes), 0)).where(
        Entry.redemption == row.id, Entry.kind == "exchange"
    )
    return int(spent.scalar())


def of_correction(row: Correction) -> list[Judgement]:
    """By when its decision could be appealed; nothing before there is one, or where its day was not kept."""
    if row.decided_on is None:
        return []
    calendar = policy.calendar_of(row.station)
    return [
        _judged(
            row, "办理时限", row.policy, policy.book(topic="handling"),
            lambda version: decisions.appealed_again(row.decided_on, row.appealed_on, version, calendar),
            inputs=_values(row, "decided_on appealed_on"), outcome=[("appeal_until", row.appeal_until())],
        )
    ]  # fmt: skip


def of_entry(row: Entry) -> list[Judgement]:
    """What the record or the exchange behind an entry rests on."""
    if row.record is not None and (record := ServiceRecord.get_or_none(ServiceRecord.id == row.record)):
        return of_record(record)
    if row.redemption is not None and (slip := Redemption.get_or_none(Redemption.id == row.redemption)):
        return of_redemption(slip)
    return []


def _values(row: BaseModel, names: str) -> list[tuple[str, Any]]:
    return [(name, getattr(row, name)) for name in names.split()]


_JUDGES: dict[type[BaseModel], Callable[[Any], list[Judgement]]] = {
    ServiceRecord: of_record,
    StarGrant: of_star,
    Redemption: of_redemption,
    Correction: of_correction,
    Entry: of_entry,
}
