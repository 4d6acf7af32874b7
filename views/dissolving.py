"""撤站 (方案 三(2)): a station is dissolved and its people follow to its successor, by a job."""

from itertools import islice
from pathlib import Path
from typing import Any

from flask import Response, redirect, request, url_for
from flask_admin import expose

from models.dissolving import NAMED, Dissolution, Outlook, carry_on, followers, outlook, waiting
from models.jobs import Job
from models.scope import ROOT, Actor, find
from models.stations import Station
from rules.divisions import subtree
from views import jobs
from views.asking import actor
from views.base import StageView
from views.gate import right
from views.hours import in_hours
from views.wording import worded
from views.work import kind

LINES = 50  # people on one page of a detail


class DissolutionScreen(StageView):
    model = Dissolution
    title = "撤站"
    step = "政策与设置"
    columns = "id station successor reason people moved ended_at state"
    filter_by = "state"
    one_by_one = True
    details_template = "desk/dissolution.html"
    form_groups = [("撤站", "station successor reason document")]
    detail_groups = [("撤站", "station successor reason document state"), ("移交", "people moved moved_at ended_at")]
    empty = "没有撤站。社区合并、工作站撤销时在这里提出，写明承接的工作站；由另一位督导或管理员确认后，志愿者连同工时移交过去。"

    def pickable(self, name: str) -> list[Any]:
        low, high = subtree(actor().division or ROOT)
        return [Station.active, Station.division >= low, Station.division < high]

    def more(self, row: Dissolution) -> dict[str, Any]:
        """Its people a page at a time; while it is to be decided, what it comes to and what must be settled first."""
        asked = row.state == "asked"
        seen = outlook(row) if asked else None
        total = seen.people if seen else row.people
        last = max(0, (total - 1) // LINES)
        page = max(0, min(request.args.get("people", 0, type=int), last))
        blocked = list(islice(waiting(row.station_id), NAMED + 1)) if asked else []
        return {
            "people": followers(row, page, LINES) if row.state != "cancelled" else [], "hours": in_hours, "page": page,
            "last": last, "size": LINES, "total": total, "blocked": blocked[:NAMED], "more_blocked": len(blocked) > NAMED,
            "outlook": seen, "consequences": _comes_to(seen, row) if seen else [],
            "untouched": ("移交",) if row.state in ("asked", "cancelled") else (),
        }  # fmt: skip

    @expose("/carry/", methods=("POST",))
    @right("start")
    def carry_view(self) -> Response:
        """Hand over whoever is still at the dissolved station, by a job; asked again it goes on where it stopped."""
        row = find(Dissolution, request.form.get("id", type=int), actor())
        return redirect(url_for("jobs.details_view", id=jobs.start("dissolve", f"移交：{row}", dissolution=row.id).id))


def _comes_to(seen: Outlook, row: Dissolution) -> list[str]:
    """What the decision does to whom, read before it is made."""
    said = [worded("%(people)s 名志愿者连同工时账移交到「%(successor)s」。", people=seen.people, successor=row.successor.name)]
    if seen.registering:
        said.append(worded("其中 %(count)s 名还在等注册审核，由承接站审核。", count=seen.registering))
    if seen.ended:
        said.append(worded("本站岗位上还没有办结的报名 %(count)s 份，以撤站为由终止。", count=seen.ended))
    if seen.carried:
        said.append(worded("这些志愿者报了别的工作站的岗位 %(count)s 份，随人保留，由那个工作站照常办理。", count=seen.carried))
    return said


@kind("dissolve", lambda asked: ("start", "dissolutions"), resumed=True)
def dissolve(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    row = carry_on(job.params["dissolution"], by, job.progress)
    return "", {"已移交人数": row.moved, "承接的工作站": row.successor.name}
