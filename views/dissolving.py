"""撤站 (方案 三(2)): a station is dissolved and its people follow to its successor, by a job."""

from pathlib import Path
from typing import Any

from flask import Response, redirect, request, url_for
from flask_admin import expose

from models.dissolving import Dissolution, carry_on
from models.jobs import Job
from models.scope import ROOT, Actor, find
from models.stations import Station
from rules.divisions import subtree
from views import jobs
from views.asking import actor
from views.base import StageView
from views.gate import right
from views.work import kind


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

    @expose("/carry/", methods=("POST",))
    @right("start")
    def carry_view(self) -> Response:
        """Hand over whoever is still at the dissolved station, by a job; asked again it goes on where it stopped."""
        row = find(Dissolution, request.form.get("id", type=int), actor())
        return redirect(url_for("jobs.details_view", id=jobs.start("dissolve", f"移交：{row}", dissolution=row.id).id))


@kind("dissolve", lambda asked: ("start", "dissolutions"))
def dissolve(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    row = carry_on(job.params["dissolution"], by, job.progress)
    return "", {"已移交人数": row.moved, "承接的工作站": row.successor.name}
