"""开展活动 (方案 二(4)): activities of the projects."""

from typing import Any, ClassVar

from peewee import fn

from models.activities import Activity, SignInSheet
from models.handling import unkeyed
from models.pairing import Pairing
from models.projects import Project
from models.records import ServiceRecord
from models.teams import Team
from views import lists, sheets
from views.asking import allowed
from views.base import StageView
from views.matching import Matching, roster_of
from views.named import Named
from views.presence import Presence

GONE = ("void", "reversed")  # lines that no longer say that somebody served
total = fn.COALESCE(fn.SUM(ServiceRecord.minutes), 0)
MOST_PEOPLE = 100  # lines shown on an activity's page; the rest stand on its sheets


class ActivityScreen(Presence, Matching, StageView):
    model = Activity
    title = "活动"
    step = "开展活动"
    columns = "name project day starts_at ends_at place lead social_worker state"
    search = "name project.name"
    filter_by = "state station day team pairing"
    order = "-day"
    sortable = "day"
    ledger = "activities"
    takes_in = "activities"
    form_groups = [
        ("活动", "name project day starts_at ends_at place lead social_worker headcount team pairing"),
        ("要求", "qualification risky home_visit"),
        ("内容", "content"),
    ]
    detail_groups = [
        ("活动", "name project day starts_at ends_at place lead social_worker headcount team pairing state station"),
        ("要求", "qualification risky home_visit"),
        ("内容", "content"),
    ]
    named: ClassVar[dict[str, Named]] = {
        "short": Named("人手不足", Activity.short, "recorder head"),
        "unkeyed": Named("超期未录", unkeyed, "recorder"),
    }
    details_template = "desk/activity.html"
    empty = "还没有活动。项目发布后就可以安排活动。"

    def more(self, row: Activity) -> dict[str, Any]:
        """Its sheets and the people recorded so far, however many, in a handful of queries."""
        papers = list(SignInSheet.select().where(SignInSheet.activity == row.id).order_by(SignInSheet.number))
        sheets.count_lines(papers)
        counted = ServiceRecord.select(fn.COUNT(1), fn.COUNT(ServiceRecord.volunteer.distinct()), total).where(
            ServiceRecord.activity == row.id, ServiceRecord.state.not_in(GONE)
        )
        lines, people, minutes = counted.scalar(as_tuple=True)
        keys = (
            ServiceRecord.select(ServiceRecord.id)
            .where(ServiceRecord.activity == row.id, ServiceRecord.state.not_in(GONE))
            .order_by(ServiceRecord.started_at, ServiceRecord.id)
            .limit(MOST_PEOPLE)
        )
        shown = [key for (key,) in keys.tuples()]
        named = lists.with_keys(ServiceRecord, ["volunteer.name", "volunteer.card_no"], shown)
        may_see = allowed("see", "assignments")
        return {
            "sheets": papers, "lines": named, "count": lines, "people": people, "minutes": minutes,
            "roster": roster_of(row) if may_see else None, "may_see_roster": may_see,
            "may_roster": allowed("enter", "assignments"),
        }  # fmt: skip

    def pickable(self, name):
        return {
            "project": [Project.state == "published"], "team": [Team.state == "listed"],
            "pairing": [Pairing.state.in_(("active", "expired"))],
        }.get(name, [])  # fmt: skip


def count_people(activities: list[Activity]) -> None:
    """Set on each activity how many people its records name and how many minutes they served, in one query."""
    counted = (
        ServiceRecord.select(ServiceRecord.activity, fn.COUNT(ServiceRecord.volunteer.distinct()), total)
        .where(ServiceRecord.activity.in_([row.id for row in activities]), ServiceRecord.state.not_in(GONE))
        .group_by(ServiceRecord.activity)
    )
    found = {key: (people, minutes) for key, people, minutes in counted.tuples()}
    for row in activities:
        row.people, row.minutes = found.get(row.id, (0, 0))
