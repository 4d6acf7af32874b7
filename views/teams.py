"""服务队与社会组织 (方案 二(4)): teams, their members, what they did and for how long."""

from datetime import date
from typing import Any, ClassVar

from flask import Response, flash, redirect, request
from flask_admin import expose
from peewee import fn

from models import clock, team_hours
from models.activities import Activity
from models.records import ServiceRecord
from models.refusals import Refusal
from models.scope import find, within
from models.teams import Team, TeamMember
from models.volunteers import Volunteer
from views import lists
from views.asking import actor
from views.base import StageView
from views.below import Below
from views.gate import right
from views.wording import worded

ROWS = 500  # records that one page of a figure opens to


class TeamScreen(StageView):
    model = Team
    title = "服务队"
    step = "开展活动"
    columns = "name kind organisation leader categories members_now team_minutes since station state"
    search = "name organisation leader uscc"
    filter_by = "state kind categories station"
    ledger = "teams"
    form_groups = [
        ("服务队", "name kind organisation uscc since categories"),
        ("联系", "leader phone note"),
    ]
    detail_groups = [
        ("服务队", "name kind organisation uscc leader phone categories since state station"),
        ("登记", "note returned_for stopped_for entered_at"),
    ]
    below: ClassVar[list[Below]] = [
        Below(
            "队员", TeamMember, "team", "volunteer.name volunteer.card_no duty joined_on left_on member_minutes state"
        ),
        Below("服务队的活动", Activity, "team", "name day place lead state", order="-day"),
    ]
    details_template = "desk/team.html"
    empty = "还没有服务队。企业、机关、学校、医院和社会组织的服务队，以及居民自己组织的，都可以登记。"

    def adorn(self, rows: list[Team]) -> None:
        keys = [row.id for row in rows]
        minutes = team_hours.by_team(keys)
        here = TeamMember.select(TeamMember.team, fn.COUNT(TeamMember.id)).where(
            TeamMember.team.in_(keys), TeamMember.state == "in"
        )
        people = dict(here.group_by(TeamMember.team).tuples())
        for row in rows:
            row.team_minutes, row.members_now = minutes.get(row.id, 0), people.get(row.id, 0)

    def more(self, row: Team) -> dict[str, Any]:
        self.adorn([row])
        return {
            "sums": team_hours.sums(row.id), "months": team_hours.by_month(row.id),
            "may_admit": row.state == "listed" and self.may("enter"),
        }  # fmt: skip

    @expose("/hours/")
    @right("see")
    def hours_view(self) -> str:
        """The records that make up a team's figure: all of them, of one month, or of one member."""
        team = find(Team, request.args.get("id"), actor())
        month = request.args.get("month", "")
        query = team_hours.records(ServiceRecord.id).where(Activity.team == team.id, within(ServiceRecord, actor()))
        if month:
            query = query.where(month == team_hours.MONTH)
        member = None
        if key := request.args.get("member"):
            member = find(TeamMember, key, actor())
            query = query.where(TeamMember.id == member.id)
        return self.render("desk/served.html", row=team, about=month or (member.volunteer.name if member else ""),
                           **served(query))  # fmt: skip

    @expose("/admit/", methods=("GET", "POST"))
    @right("enter", "team_members")
    def admit_view(self) -> str | Response:
        """Several members at once, pasted as card numbers or names; all or none."""
        team = find(Team, request.args.get("id") or request.form.get("id"), actor())
        if team.state != "listed":
            flash(worded("服务队现在是「%(state)s」，不能加入队员。", state=worded(team.state_label)), "bad")
            return redirect(self.get_url(".details_view", id=team.id))
        typed, day, findings = request.form.get("members", ""), request.form.get("joined_on", ""), []
        if request.method == "POST":
            try:
                rows = TeamMember.admit(team.id, typed.splitlines(), _day(day), actor())
            except Refusal as no:
                findings = no.findings
            else:
                flash(worded("已加入 %(count)s 位队员。", count=len(rows)), "good")
                return redirect(self.get_url(".details_view", id=team.id))
        return self.render("desk/team_admit.html", row=team, typed=typed, day=day or clock.today(), findings=findings)


class TeamMemberScreen(StageView):
    model = TeamMember
    title = "队员"
    step = "开展活动"
    columns = "volunteer.name volunteer.card_no team.name duty joined_on left_on member_minutes station state"
    search = "volunteer.name volunteer.card_no team.name"
    filter_by = "state team station"
    sortable = "joined_on"
    ledger = "teams"
    opens = {"team.name": (Team, "team")}
    form_groups = [("入队", "team volunteer joined_on duty")]
    detail_groups = [("队员", "volunteer team duty joined_on left_on left_for member_minutes state station")]
    details_template = "desk/team_member.html"
    empty = "还没有队员。到「服务队」里选一支在册的服务队，点「批量加入」。"

    def adorn(self, rows: list[TeamMember]) -> None:
        minutes = team_hours.by_member([row.id for row in rows])
        for row in rows:
            row.member_minutes = minutes.get(row.id, 0)

    def more(self, row: TeamMember) -> dict[str, Any]:
        self.adorn([row])
        return {}

    def given(self) -> dict[str, Any]:
        return {"joined_on": clock.today()} | super().given()

    def pickable(self, name: str) -> list[Any]:
        return {"team": [Team.state == "listed"], "volunteer": [Volunteer.state == "registered"]}.get(name, [])


def served(query) -> dict[str, Any]:
    """The records of a query of their ids, oldest first, with their sum: what a figure opens to."""
    keys = [key for (key,) in query.order_by(Activity.day, ServiceRecord.id).limit(ROWS + 1).tuples()]
    shown = lists.with_keys(ServiceRecord, ["volunteer.name", "volunteer.card_no", "activity.name"], keys[:ROWS])
    whole = query.clone().select(fn.COUNT(ServiceRecord.id), team_hours.MINUTES).scalar(as_tuple=True)
    return {"lines": shown, "count": whole[0], "minutes": whole[1]}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None  # which the data layer asks for in words
