"""参训登记 (方案 二(3): 跟踪掌握志愿者接受培训的情况): forty people enrolled or marked at once, whole or not at all.

However many people, it is a handful of statements: one to read, one to write, one for the traces.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Case, DataError, ModelSelect

from models import clock
from models.applications import Application
from models.audit import trails
from models.courses import Attendance, Training, check_open
from models.moves import permit, whole
from models.refusals import NotFound, Refusal, refuse, refuse_if
from models.scope import Actor, find, within
from models.teams import TeamMember
from models.training import Backbone
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.training import RESULTS

MOST_AT_ONCE = 500  # people in one statement


@dataclass(frozen=True)
class Mark:
    """What is keyed of one attendance: whether she came, for how many minutes (None: all of it), and her result."""

    id: int
    state: str
    minutes: int | None = None
    result: str = "none"


class MarksRefused(Refusal):
    """Some lines were refused, so none was taken; ``lines`` holds what was found by attendance."""

    def __init__(self, lines: dict[int, list[Finding]]) -> None:
        self.lines = lines
        super().__init__(*(f for found in lines.values() for f in found))


def enrol(training: int, volunteers: Collection[int], by: Actor) -> int:
    """Put these volunteers of the own station on the list, and return how many were not on it yet.

    Raises ``Refusal`` naming who cannot, or how many places are left; ``NotFound`` for a stranger.
    """
    permit(by, "enter", "attendances")
    keys = set(volunteers)
    if not keys:
        raise refuse("请先选择要报名的志愿者。", "volunteer")
    if len(keys) > MOST_AT_ONCE:
        raise refuse(f"一次最多报名 {MOST_AT_ONCE} 人，现在选了 {len(keys)} 人。", "volunteer")
    with whole():
        row = find(Training, training, by, lock=True)
        refuse_if(check_open(row, "enrol"))
        refuse_if(_strange(keys, by))
        there = Attendance.select(Attendance.volunteer, Attendance.id, Attendance.state).where(
            Attendance.training == row.id, Attendance.volunteer.in_(keys)
        )
        known = {volunteer: (key, state) for volunteer, key, state in there.tuples()}
        back = [key for key, state in known.values() if state == "withdrawn"]
        new = sorted(keys - set(known))
        refuse_if(_room(row, len(new) + len(back)))
        if new:
            _insert(row, new, by)
        if back:
            _set_state(back, "enrolled", by, "return")
    return len(new) + len(back)


def _strange(keys: set[int], by: Actor) -> list[Finding]:
    """Who of these is no registered volunteer of the own station. Raises ``NotFound`` for somebody else's."""
    try:
        people = list(Volunteer.select(Volunteer.id, Volunteer.name, Volunteer.state).where(
            Volunteer.id.in_(keys), Volunteer.station == by.station_id, within(Volunteer, by)))  # fmt: skip
    except (ValueError, OverflowError, DataError):
        raise NotFound() from None
    if len(people) < len(keys):
        raise NotFound()
    return [
        Finding("volunteer", f"{p.name}现在是「{p.state_label}」，不能报名。")
        for p in people
        if p.state != "registered"
    ]


def _room(training: Training, more: int) -> list[Finding]:
    if training.capacity is None or not more:
        return []
    taken = Attendance.select().where(Attendance.training == training.id, Attendance.state != "withdrawn").count()
    left = max(0, training.capacity - taken)
    if more <= left:
        return []
    return [Finding("volunteer", f"名额 {training.capacity} 人，还剩 {left} 个，不能再报 {more} 人。")]


def _insert(training: Training, volunteers: list[int], by: Actor) -> None:
    now = clock.now()
    Attendance.insert_many(
        {
            "station": by.station_id, "training": training.id, "volunteer": key, "state": "enrolled",
            "entered_by": by.account_id, "entered_at": now,
        }
        for key in volunteers
    ).execute()  # fmt: skip
    made = Attendance.select(Attendance.id, Attendance.volunteer).where(
        Attendance.training == training.id, Attendance.volunteer.in_(volunteers)
    )
    said = [(key, None, {"training": training.id, "volunteer": volunteer}) for key, volunteer in made.tuples()]
    trails(by, "enter", Attendance._meta.table_name, said, station=by.station_id)


def _set_state(keys: list[int], state: str, by: Actor, name: str) -> None:
    before = dict(Attendance.select(Attendance.id, Attendance.state).where(Attendance.id.in_(keys)).tuples())
    Attendance.update(state=state, moved_at=clock.now(), revision=Attendance.revision + 1).where(
        Attendance.id.in_(keys)
    ).execute()
    said = [(key, {"state": before[key]}, {"state": state}) for key in keys]
    trails(by, name, Attendance._meta.table_name, said, station=by.station_id)


def mark(training: int, marks: Sequence[Mark], by: Actor) -> int:
    """Key who came to a training and with what result; returns how many lines changed. Raises `MarksRefused` with the
    findings of each line, and nothing is written then."""
    permit(by, "enter", "attendances")
    with whole():
        row = find(Training, training, by, lock=True)
        refuse_if(check_open(row, "attend"))
        mine = Attendance.select().where(
            Attendance.training == row.id,
            Attendance.station == by.station_id,
            Attendance.id.in_([m.id for m in marks]),
        )
        known = {a.id: a for a in mine}
        if len(known) < len({m.id for m in marks}):
            raise NotFound()
        wrong = {m.id: found for m in marks if (found := _check(m, row, known[m.id]))}
        if wrong:
            raise MarksRefused(wrong)
        changed = [(known[m.id], m) for m in (_filled(said, row) for said in marks) if _differs(known[m.id], m)]
        if changed:
            _write(changed, by)
    return len(changed)


def _check(said: Mark, training: Training, row: Attendance) -> list[Finding]:
    if row.state == "withdrawn":
        return [Finding("state", "已经退出报名，请先恢复报名。")]
    if said.state not in ("enrolled", "attended", "absent"):
        return [Finding("state", "请选择到场或缺席。")]
    if said.state != "attended":
        return []
    found = []
    if said.minutes is not None and not 0 < said.minutes <= training.minutes:
        found.append(Finding("minutes", f"实到学时应在 1 到 {training.minutes} 分钟之间，现在是 {said.minutes}。"))
    if said.result not in dict(RESULTS):
        found.append(Finding("result", f"考核没有「{said.result}」这一项，请从列表中选择。"))
    return found


def _filled(said: Mark, training: Training) -> Mark:
    """Whoever came and is not timed was there throughout; whoever did not come has neither minutes nor a result."""
    if said.state != "attended":
        return Mark(said.id, said.state, 0, "none")
    return Mark(said.id, said.state, training.minutes if said.minutes is None else said.minutes, said.result)


def _differs(row: Attendance, said: Mark) -> bool:
    return (row.state, row.minutes, row.result) != (said.state, said.minutes, said.result)


def _write(changed: list[tuple[Attendance, Mark]], by: Actor) -> None:
    """All lines in one statement, their traces in another."""

    def told(name: str) -> Case:
        return Case(Attendance.id, [(row.id, getattr(said, name)) for row, said in changed])

    Attendance.update(
        state=told("state"), minutes=told("minutes"), result=told("result"), marked_by=by.account_id,
        marked_at=clock.now(), revision=Attendance.revision + 1,
    ).where(Attendance.id.in_([row.id for row, _ in changed])).execute()  # fmt: skip

    def shown(one: Any) -> dict[str, Any]:
        return {"state": one.state, "minutes": one.minutes, "result": one.result}

    said = [(row.id, shown(row), shown(new)) for row, new in changed]
    trails(by, "mark", Attendance._meta.table_name, said, station=by.station_id)


def move_all(keys: Iterable[object], name: str, by: Actor) -> int:
    """One move on several attendances, all or none; returns how many it changed. Raises ``Refusal`` naming the person."""
    step = Attendance.life.move(name)
    wanted = set(keys)
    with whole():
        chosen = Attendance.select(Attendance, Training, Volunteer).join_from(Attendance, Training)
        chosen = chosen.join_from(Attendance, Volunteer).where(Attendance.id.in_(wanted), within(Attendance, by))
        try:
            rows = list(chosen.order_by(Attendance.id))
        except (ValueError, OverflowError, DataError):  # no key at all: a forged form
            raise NotFound() from None
        if len(rows) != len(wanted):
            raise NotFound()
        if by.role not in step.by:
            raise refuse(f"「{step.label}」不在{by.role.label}的职责内。")
        todo = [row for row in rows if row.state != step.target]
        for row in todo:
            refuse_if([Finding(f.where, f"{row.volunteer.name}：{f.says}") for f in row._may(step, by, "", {})])
        _check_room(todo, name)
        if name in ("attend", "miss"):
            changed = [(row, _filled(Mark(row.id, step.target), row.training)) for row in todo]
            if changed:
                _write(changed, by)
        elif todo:
            _set_state([row.id for row in todo], step.target, by, name)
    return len(todo)


def _check_room(rows: list[Attendance], name: str) -> None:
    if name != "return":
        return
    for training in {row.training_id: row.training for row in rows}.values():
        refuse_if(_room(training, sum(row.training_id == training.id for row in rows)))


def candidates(
    training: Training, by: Actor, *, team: int | None = None, project: int | None = None, backbones: bool = False
) -> ModelSelect:
    """The own station's registered volunteers who are not on the list yet: all, or those of one team, those accepted
    for one project, the backbones alone."""
    there = Attendance.select(Attendance.volunteer).where(
        Attendance.training == training.id, Attendance.state != "withdrawn"
    )
    query = Volunteer.select().where(
        Volunteer.station == by.station_id, Volunteer.state == "registered", Volunteer.id.not_in(there)
    )
    if team is not None:
        members = TeamMember.select(TeamMember.volunteer).where(TeamMember.team == team, TeamMember.state == "in")
        query = query.where(Volunteer.id.in_(members))
    if project is not None:
        taken = Application.select(Application.volunteer).where(
            Application.project == project, Application.state == "accepted"
        )
        query = query.where(Volunteer.id.in_(taken))
    if backbones:
        named = Backbone.select(Backbone.volunteer).where(Backbone.state == "confirmed")
        query = query.where(Volunteer.id.in_(named))
    return query.order_by(Volunteer.name, Volunteer.id)
