"""排班与对接 (方案 二(3)): on an activity's page who takes part, who would fit best and why, and why somebody does not."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Response, flash, redirect, request
from flask_admin import expose

from models import clock
from models.activities import Activity
from models.assignments import ROLES, Assignment
from models.matching import Ground, Suggestion
from models.needs import Need
from models.refusals import Refusal
from models.rosters import assign, clashing
from models.scope import find
from models.volunteers import Volunteer
from rules.activities import TAKES_TIME
from rules.findings import Finding
from rules.matching import match
from rules.reading import read_time
from rules.rostering import Obstacle, company, in_the_way, obstacles
from views import lists
from views.asking import actor, allowed
from views.base import as_json, look_up
from views.gate import right
from views.wording import worded

KEPT = ("id", "need", "start", "end")  # what the page asks for, kept from one press to the next


@dataclass(frozen=True)
class Judged:
    """One person looked at by name: why she may not take the turn, or how well she fits, and what to see to."""

    volunteer: Volunteer
    suggestion: Suggestion
    obstacles: list[Obstacle]
    notes: list[Obstacle]


@dataclass(frozen=True)
class RosterTable:
    """The turns of one activity, ready for the page."""

    rows: list[Assignment]
    clashes: dict[int, list[str]]
    moves: dict[int, list[Any]]
    coming: int  # people who take part, or will
    now: datetime

    @property
    def overdue(self) -> list[Assignment]:
        """Whoever should have signed in by now: did she not come?"""
        return [row for row in self.rows if row.state in ("rostered", "confirmed") and row.starts_at <= self.now]


def roster_of(activity: Activity) -> RosterTable:
    """Everybody rostered, those called off last, in a handful of statements."""
    keys = Assignment.select(Assignment.id).where(Assignment.activity == activity.id)
    order = [Assignment.state == "cancelled", Assignment.starts_at, Assignment.role, Assignment.id]
    found = lists.with_keys(Assignment, ["volunteer.name", "need"], [r.id for r in keys.order_by(*order)])
    phones = dict(
        Volunteer.select(Volunteer.id, Volunteer.phone)
        .where(Volunteer.id.in_([r.volunteer_id for r in found]))
        .tuples()
    )
    for row in found:
        row.activity, row.volunteer.phone = activity, phones[row.volunteer_id]
    by = actor()
    with clock.still():  # the hour is asked once, not once a row
        moves = {row.id: row.legal_moves(by) for row in found}
        now = clock.now()
    coming = sum(row.state in TAKES_TIME for row in found)
    return RosterTable(found, clashing([row.id for row in found]), moves, coming, now)


class Matching:
    """What the screen of activities does for its roster."""

    @expose("/match/")
    @right("see", "assignments")
    def match_view(self) -> str:
        """The roster, the best twenty, and one person looked at by name: ``?id=``, ``&need=``, ``&start=&end=``, ``&who=``."""
        by = actor()
        row = find(Activity, request.args.get("id"), by)
        need = find(Need, request.args["need"], by) if request.args.get("need") else None
        start, end, wrong = _times(row)
        ground = Ground.of(row, need, start, end) if start and end and not wrong else None
        may = allowed("enter", "assignments")
        offered = ground.suggestions() if ground and may and self._open(row, end) else []
        return self.render(
            "desk/match.html", row=row, need=need, start=start, end=end, wrong=wrong, ground=ground, show=self.show,
            roster=roster_of(row), suggestions=offered, judged=self._judged(ground), may_assign=may, roles=ROLES,
            is_open=self._open(row, end), lacking=_lacking(ground, row), kept={n: request.args.get(n, "") for n in KEPT},
        )  # fmt: skip

    def _open(self, row: Activity, end: datetime | None) -> bool:
        """Whether anybody can still be rostered."""
        return row.state != "cancelled" and (end is None or end > clock.now())

    def _judged(self, ground: Ground | None) -> Judged | None:
        if ground is None or not request.args.get("who"):
            return None
        volunteer = find(Volunteer, request.args["who"], actor())
        person = ground.person(volunteer.id)
        found = obstacles(person, ground.task, ground.rule, ground.ages)
        fits = Suggestion(volunteer.id, person, match(person, ground.task, ground.rule), volunteer.card_no or "")
        return Judged(volunteer, fits, in_the_way(found), [one for one in found if one.warning])

    @expose("/assign/", methods=("POST",))
    @right("enter", "assignments")
    def assign_view(self) -> Response:
        """Roster those ticked, or the one whose button was pressed, all or none."""
        by = actor()
        row = find(Activity, request.form.get("id"), by)
        start, end, wrong = _times(row)
        try:
            if wrong:
                raise Refusal(*wrong)
            chosen = request.form.getlist("one", type=int) or request.form.getlist("volunteer", type=int)
            made = assign(
                row.id, chosen, by, need=request.form.get("need", type=int), starts_at=start, ends_at=end,
                role=request.form.get("role", "member"),
            )  # fmt: skip
        except Refusal as no:
            for finding in no.findings:
                flash(finding.says, "bad")
        else:
            flash(worded("已排班 %(count)s 人。", count=len(made)), "good")
        kept = {name: request.form.get(name, "") for name in KEPT if request.form.get(name)}
        return redirect(self.get_url(".match_view", **kept))

    @expose("/people/", methods=("GET", "POST"))
    @right("see", "assignments")
    def people_view(self) -> Response:
        """Anybody of the division, registered or not: why somebody does not fit may be just that."""
        return as_json(look_up(Volunteer, request.values.get("q", ""), []))


def _times(activity: Activity) -> tuple[datetime | None, datetime | None, list[Finding]]:
    """The turn's time: what was typed, else the activity's own; and what is wrong with what was typed."""
    found: list[datetime | None] = []
    wrong = []
    for name, own in (("start", activity.starts_at), ("end", activity.ends_at)):
        try:
            typed = request.values.get(name, "").strip()
            if name == "end" and typed == "24:00":
                found.append(datetime.combine(activity.day + timedelta(days=1), time()))
                continue
            at = read_time(typed) if typed else own
        except ValueError as no:
            at, wrong = None, [*wrong, Finding(name, str(no))]
        found.append(datetime.combine(activity.day, at) if at else None)
    start, end = found
    if start and end and end <= start:
        wrong.append(Finding("end", f"结束时间应晚于开始时间 {start:%H:%M}。"))
    return start, end, wrong


def _lacking(ground: Ground | None, row: Activity) -> list[str]:
    """What a home visit lacks still, by those rostered so far."""
    if ground is None or not row.home_visit:
        return []
    coming = row.assignments.where(Assignment.state.in_(TAKES_TIME)).count()
    return [o.finding().says for o in company(ground.task, coming, ground.rule)]
