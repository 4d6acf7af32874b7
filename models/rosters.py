"""排班表 (方案 二(3)(4)): what is done with several turns at once, and what a turn says of the service that followed."""

from collections.abc import Collection
from datetime import datetime

from models import hours
from models.activities import Activity
from models.assignments import Assignment
from models.matching import Ground
from models.moves import permit, whole
from models.needs import Need
from models.records import DEAD, ServiceRecord
from models.refusals import refuse, refuse_if
from models.scope import Actor, find, within
from models.volunteers import Volunteer
from rules.activities import TAKES_TIME
from rules.findings import Finding
from rules.records import moment


def assign(
    activity: int,
    volunteers: Collection[int],
    by: Actor,
    *,
    need: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    role: str = "member",
) -> list[Assignment]:
    """Roster several people for one activity, all or none, judged together in a handful of statements.

    Raises ``Refusal`` with everything that stands in the way, by name; ``NotFound`` for a stranger's activity.
    """  # fmt: skip
    permit(by, "enter", "assignments")
    with whole():
        hours.Balance.hold(volunteers)
        occasion = find(Activity, activity, by)
        whom = find(Need, need, by) if need else None
        rows = [
            Assignment(activity=occasion, volunteer=key, need=whom, starts_at=starts_at, ends_at=ends_at, role=role)
            for key in dict.fromkeys(volunteers)
        ]
        findings, ground = [], None
        for row in rows:
            row.prepare(by)
            if ground is None and row.starts_at and row.ends_at:
                ground = Ground.of(occasion, whom, row.starts_at, row.ends_at)
                ground.people([one.volunteer_id for one in rows])
            row.ground = ground
            called = ground.name(row.volunteer_id) if ground and len(rows) > 1 else ""
            findings += [_by_name(called, finding) for finding in row.faults(by) if not finding.warning]
        if not rows:
            raise refuse("请先勾选要排班的志愿者。", "volunteer")
        refuse_if(list(dict.fromkeys(findings)))
        for row in rows:
            row.store_new(by)
    return rows


def _by_name(name: str, finding: Finding) -> Finding:
    return Finding(finding.where, f"{name}：{finding.says}" if name and finding.where != "activity" else finding.says)


def call_off(activity: int, by: Actor, reason: str) -> int:
    """Cancel the turns of an activity that does not take place; how many."""
    keys = [row.id for row in Assignment.select(Assignment.id).where(
        Assignment.activity == activity, Assignment.state.in_(("rostered", "confirmed"))
    )]  # fmt: skip
    for key in keys:
        Assignment.move(key, "cancel", by, reason)
    return len(keys)


def attended(activity: int) -> list[Assignment]:
    """Turns of those who came and whose service is not recorded yet, in the order of coming: for the sign-in sheet."""
    recorded = ServiceRecord.select(ServiceRecord.volunteer).where(
        ServiceRecord.activity == activity, ServiceRecord.state.not_in(DEAD)
    )
    rows = Assignment.select(Assignment, Volunteer.id, Volunteer.name, Volunteer.card_no).join(Volunteer).where(
        Assignment.activity == activity, Assignment.state.in_(("present", "left")),
        Assignment.volunteer.not_in(recorded),
    )  # fmt: skip
    return list(rows.order_by(Assignment.came_at, Assignment.id))


def clashing(keys: Collection[int]) -> dict[int, list[str]]:
    """What shares time with these turns now, at any station, in words; two statements for all of them.

    A turn was free of it when it was entered; a record keyed since, or another station's hurry, may stand in its way.
    """
    other, place = Assignment.alias(), Activity.alias()
    turns = (
        Assignment.select(Assignment.id, other.starts_at, other.ends_at, other.station == Assignment.station, place.name)
        .join(other, on=(other.volunteer == Assignment.volunteer) & (other.id != Assignment.id))
        .join(place, on=(other.activity == place.id))
        .where(
            Assignment.id.in_(keys), Assignment.state.in_(TAKES_TIME), other.state.in_(TAKES_TIME),
            other.starts_at < Assignment.ends_at, other.ends_at > Assignment.starts_at,
        )
    )  # fmt: skip
    record = ServiceRecord
    served = (
        Assignment.select(Assignment.id, record.started_at, record.ended_at, record.station == Assignment.station, place.name)
        .join(record, on=(record.volunteer == Assignment.volunteer) & (record.activity != Assignment.activity))
        .join(place, on=(record.activity == place.id))
        .where(
            Assignment.id.in_(keys), Assignment.state.in_(TAKES_TIME), record.state.not_in(DEAD),
            record.started_at < Assignment.ends_at, record.ended_at > Assignment.starts_at,
        )
    )  # fmt: skip
    found: dict[int, list[str]] = {}
    for what, rows in (("排班", turns), ("记录", served)):
        for key, start, end, here, name in rows.tuples():
            called = f"「{name}」的{what}" if here else f"其他工作站的{what}"
            found.setdefault(key, []).append(f"{called} {moment(start)}–{end:%H:%M}")
    return found


def need_of(record: ServiceRecord, by: Actor) -> Need | None:
    """The need that a record answers: that of her turn at the activity, if it was for one; None outside the division."""
    turns = Assignment.select(Assignment.need).where(
        Assignment.activity == record.activity_id, Assignment.volunteer == record.volunteer_id,
        Assignment.state.in_(TAKES_TIME),
    )  # fmt: skip
    return Need.select().where(Need.id.in_(turns), within(Need, by)).order_by(Need.id).first()
