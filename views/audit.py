"""操作日志: who did what to which row, when, why, from where, and what changed; all of it in words."""

from pathlib import Path
from typing import Any, ClassVar

from flask import g, redirect, request, url_for
from flask_admin import expose
from markupsafe import escape
from werkzeug.wrappers import Response

from models import audit_checks
from models.audit import HOUSE, KEPT_MONTHS, Trail
from models.jobs import Job
from models.people import Account
from models.scope import Actor, within
from models.stations import Station
from views import audit_book, audit_search, cells, jobs
from views.asking import actor
from views.audit_words import action, changes, role, row_url, tables
from views.base import StageView
from views.gate import right
from views.named import Named
from views.wording import worded
from views.work import kind


class AuditScreen(StageView):
    model = Trail
    title = "操作日志"
    step = "政策与设置"
    columns = "at who role action table row station_name address reason"
    filter_by = "table action role at"
    detail_groups = [
        ("经过", "at who account role action table row station_name reason"),
        ("来源", "address session request"),
    ]
    list_template = "desk/audits.html"
    details_template = "desk/audit.html"
    named: ClassVar[dict[str, Named]] = {
        "reveals": Named("查看敏感信息过多被拦下", Trail.too_many_reveals, "auditor admin")
    }
    empty = "还没有记录。谁登录、录入、办理、导出了什么，都会在这里留下一行。"

    def bar(self, by: Actor) -> Any:
        return audit_search.bar(request.args, by)

    def show(self, row: Any, path: str) -> str:
        if path == "role":
            return escape(role(row.role))
        if path == "table":
            return escape(tables().get(row.table, row.table))
        if path == "action":
            return escape(action(row.table, row.action))
        if path == "station_name":
            return escape(_stations([row]).get(row.station, ""))
        if path == "account":
            return escape(Account.select(Account.username).where(Account.id == row.account).scalar() or "")
        return cells.show(row, path)

    def kept(self) -> tuple[int, str]:
        """How many months the law wants the log kept, and since when it has been."""
        first = Trail.select(Trail.at).where(within(Trail, actor())).order_by(Trail.at).limit(1).scalar()
        return KEPT_MONTHS, f"{first:%Y-%m-%d}" if first else "—"

    def adorn(self, rows: list[Any]) -> None:
        _stations(rows)

    def more(self, row: Trail) -> dict[str, Any]:
        return {
            "changes": changes(row), "row_url": row_url(row), "fault": audit_checks.check_one(row.id), "house": HOUSE,
            "last": audit_checks.last(), "whole": self.get_url(".index_view", table=row.table, row=row.row),
        }  # fmt: skip

    @expose("/export/", methods=("POST",))
    @right("export")
    def export_view(self) -> Response:
        """What the list shows now, as a workbook: a job, whose trace says what was asked for and how many rows it was."""
        audit_search.bar(request.form, actor())  # a day that is none is refused here, not by the job
        job = jobs.start("audit_export", "导出操作日志", said=audit_search.told(request.form))
        return redirect(url_for("jobs.details_view", id=job.id))


def _stations(rows: list[Any]) -> dict[int, str]:
    """Short names of these rows' stations, asked once a page."""
    kept: dict[int, str] = g.setdefault("audit_stations", {})
    if wanted := {row.station for row in rows if row.station} - set(kept):
        kept |= dict.fromkeys(wanted, "")
        kept |= {one.id: one.short_name for one in Station.select().where(Station.id.in_(wanted))}
    return kept


@kind("audit_export", lambda _: ("export", "audit"))
def export(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    """Write the workbook that a job asks for."""
    with cells.keeping_terms():
        name, rows = audit_book.write(folder, job.params["said"], by, job.progress)
    return name, {worded("行数"): f"{rows:,}"}
