"""排班 (方案 二(3)(4)): turns of all activities, who is to be called, who has not signed out, and the week on paper."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import request
from flask_admin import expose

from models import clock
from models.activities import Activity
from models.assignments import Assignment, midnight
from models.audit import trail
from models.needs import Need
from models.scope import find, within
from models.stations import Station
from models.volunteers import Volunteer
from rules.access import STATION_ROLES
from rules.needs import LIVING
from rules.rostering import week_of
from views import lists
from views.asking import actor
from views.base import StageView
from views.gate import right
from views.named import Named

DAYS_OF_WEEK = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
MOST_TURNS = 500  # of one week on one page


class AssignmentScreen(StageView):
    model = Assignment
    title = "排班"
    step = "开展活动"
    columns = "starts_at ends volunteer.name volunteer.phone activity.name role signed_in signed_out station state"
    search = "volunteer.name volunteer.card_no activity.name"
    filter_by = "state station activity starts_at"
    order = "-starts_at"
    sortable = "starts_at"
    opens = {"volunteer.name": (Volunteer, "volunteer"), "activity.name": (Activity, "activity")}
    form_groups = [("排班", "activity volunteer role starts_at ends_at need remark")]
    detail_groups = [
        ("排班", "volunteer volunteer.card_no activity role starts_at ends_at need activity.place state"),
        ("到岗", "came_at companion left_at reason by_herself remark policy station entered_at"),
    ]
    named = {
        "upcoming": Named("今天与明天", Assignment.upcoming),
        "unsigned": Named("未签退", Assignment.unsigned, "recorder head"),
        "absent": Named("过时未签到", Assignment.absent, "recorder head"),
        "missed": Named("未到岗", Assignment.no_shows),
        "said_off": Named("本人网上请假", Assignment.said_off, "recorder head"),
    }
    list_template = "desk/assignments.html"
    empty = "还没有排班。到「活动」里选一次活动，点「排班与对接」。"

    def required(self, form):
        return super().required(form) - {"starts_at", "ends_at"}  # the activity's own where they are left empty

    def pickable(self, name: str) -> list[Any]:
        """Who and what may be chosen."""
        if name == "volunteer":
            return [Volunteer.state == "registered"]
        if name == "need":
            return [Need.state.in_(LIVING)]
        return [Activity.state != "cancelled", Activity.day >= clock.today()] if name == "activity" else []

    def adorn(self, rows: list[Any]) -> None:
        """Telephones for the calls, masked like everywhere; a name leads to the page where one is revealed."""
        keys = [row.volunteer_id for row in rows]
        phones = dict(Volunteer.select(Volunteer.id, Volunteer.phone).where(Volunteer.id.in_(keys)).tuples())
        for row in rows:
            row.volunteer.phone = phones[row.volunteer_id]

    @expose("/week/")
    @right("see")
    def week_view(self) -> str:
        """排班表 of one week, day by day; ``?day=`` any of its days, for a division ``&station=`` one station."""
        return self.render("desk/week.html", **self._week())

    @expose("/week/print/")
    @right("print")
    def print_view(self) -> str:
        """The same for the wall; printing leaves a trace."""
        week = self._week()
        trail(actor(), "print", Assignment._meta.table_name, week["monday"], station=actor().station_id)
        return self.render("desk/week_print.html", **week)

    def _week(self) -> dict[str, Any]:
        by = actor()
        monday = week_of(_day(request.args.get("day", "")))
        station = by.station_id or request.args.get("station", type=int)
        place = find(Station, station, by) if station else None
        conditions = [
            within(Assignment, by), Assignment.state != "cancelled",
            Assignment.starts_at.between(midnight(monday), midnight(monday + timedelta(days=7)) - timedelta(seconds=1)),
        ]  # fmt: skip
        if place is not None:
            conditions.append(Assignment.station == place.id)
        keys = Assignment.select(Assignment.id).where(*conditions)
        keys = keys.order_by(Assignment.starts_at, Assignment.activity, Assignment.role, Assignment.id)
        found = lists.with_keys(
            Assignment, ["volunteer.name", "activity.name", "station.name"], [r.id for r in keys.limit(MOST_TURNS)]
        )
        return {
            "monday": monday, "days": list(_days(monday, found)), "station": place, "count": len(found),
            "today": clock.today(), "one_week": timedelta(days=7), "most": MOST_TURNS, "at_station": by.role in STATION_ROLES, "show": self.show,
        }  # fmt: skip


@dataclass(frozen=True)
class Occasion:
    """One activity's turns of one day that begin and end together."""

    activity: Activity
    station: str
    time: str
    turns: list[Assignment]


@dataclass(frozen=True)
class WeekDay:
    day: date
    name: str
    occasions: list[Occasion]


def _days(monday: date, turns: list[Assignment]) -> Iterator[WeekDay]:
    """All seven days, the empty ones too."""
    for n, name in enumerate(DAYS_OF_WEEK):
        day = monday + timedelta(days=n)
        mine = [turn for turn in turns if turn.starts_at.date() == day]
        together = groupby(mine, key=lambda turn: (turn.starts_at, turn.activity_id, turn.ends_at))
        yield WeekDay(day, name, [_occasion(list(group)) for _, group in together])


def _occasion(turns: list[Assignment]) -> Occasion:
    first = turns[0]
    return Occasion(first.activity, first.station.short_name, f"{first.starts_at:%H:%M}–{first.ends}", turns)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.today()
