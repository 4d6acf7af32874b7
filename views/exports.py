"""导出台账 (方案 二(5)): choose a ledger, a period and a station; a job writes the workbook, which waits for its owner."""

import re
from datetime import date
from pathlib import Path
from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask_admin import expose
from werkzeug.datastructures import MultiDict

from models import clock
from models.jobs import Job
from models.refusals import Refusal
from models.scope import Actor, find
from models.stations import Division, Station
from rules.access import STATION_ROLES
from rules.divisions import contains, subtree
from rules.findings import Finding
from rules.reasons import check_reason
from views import jobs
from views.asking import actor, allowed
from views.base import as_json, look_up
from views.export_filters import chosen, handed_on, offered
from views.gate import right
from views.ledgers.catalogue import LEDGERS
from views.ledgers.columns import Ledger
from views.ledgers.out import Summary, write
from views.ledgers.rows import division_within
from views.pages import DeskPage
from views.work import kind

UNFIT = re.compile(r'[\\/:*?"<>|\s]+')  # what a file name on Windows cannot hold


class ExportPage(DeskPage):
    """Asks for the workbook; the job that writes it is shown at once."""

    title = "导出台账"
    step = "工作台"
    resource = "exports"

    @expose("/", methods=("GET", "POST"))
    @right("see")
    def index(self):
        ledgers = {name: one for name, one in LEDGERS.items() if allowed("export", one.resource)}
        said = typed(request.values, ledgers)
        ledger = LEDGERS[said["ledger"]]
        narrowed = chosen(request.values, ledger)
        handed = handed_on(request.values, ledger, actor())
        wrong: list[Finding] = []
        if request.method == "POST":
            if request.form.get("ledger") not in ledgers:
                abort(403)
            params, wrong = read(said, actor())
            if not wrong:
                params["filters"] = narrowed | {name: key for name, (key, _, _) in handed.items()}
                job = jobs.start("export", f"导出{LEDGERS[said['ledger']].title}台账", **params)
                return redirect(url_for("jobs.details_view", id=job.id))
        return self.render(
            "desk/exports.html", ledgers=ledgers, narrowed=narrowed, handed=handed,
            filters={name: list(offered(one).items()) for name, one in ledgers.items()}, said=said, wrong=wrong, today=clock.today(),
            at_station=actor().role in STATION_ROLES, station=_station(said["station"], actor()),
            division=_division(said["division"], actor()), lookup=self.get_url(".stations"),
            lookup_division=self.get_url(".divisions"),
        )  # fmt: skip

    @expose("/stations/")
    @right("see")
    def stations(self) -> Response:
        """Stations of the person's division, for the picker."""
        return as_json(look_up(Station, request.args.get("q", ""), []))

    @expose("/divisions/")
    @right("see")
    def divisions(self) -> Response:
        """Divisions of any level, down to communities, that the person answers for, for the picker."""
        if actor().role in STATION_ROLES:
            return as_json([])
        low, high = subtree(str(actor().division))
        return as_json(look_up(Division, request.args.get("q", ""), [Division.code >= low, Division.code < high]))


def typed(said: MultiDict, ledgers: dict[str, Ledger]) -> dict[str, str]:
    """What the form says; a list that was filtered hands its station and period on under its own names."""
    name = said.get("ledger", "")
    name = name if name in ledgers else next(iter(ledgers))
    day = getattr(LEDGERS[name].day, "name", "")
    return {
        "ledger": name, "from": said.get("from") or said.get(f"{day}_from", ""),
        "until": said.get("until") or said.get(f"{day}_until", ""), "station": said.get("station", ""),
        "division": said.get("division", ""), "full": said.get("full", ""), "reason": said.get("reason", "").strip(),
    }  # fmt: skip


def read(said: dict[str, str], by: Actor) -> tuple[dict[str, Any], list[Finding]]:
    """The job's parameters, and what is wrong with what was typed."""
    wrong = []
    days = {}
    for name, label in (("from", "开始"), ("until", "结束")):
        try:
            days[name] = date.fromisoformat(said[name]) if said[name] else None
        except ValueError:
            wrong.append(Finding(name, f"{label}日期「{said[name]}」不对，应写作 2026-03-05。"))
    if days.get("from") and days.get("until") and days["until"] < days["from"]:
        wrong.append(Finding("until", f"结束日期 {days['until']} 早于开始日期 {days['from']}，请对调或改正。"))
    picks = by.role not in STATION_ROLES  # a station's own people have only the one
    station = _station(said["station"], by) if picks else None
    if picks and said["station"] and station is None:
        wrong.append(Finding("station", "没有找到这个工作站，请重新选择；留空为全部。"))
    division = said["division"] if picks else ""
    if division and _division(division, by) is None:
        wrong.append(Finding("division", "没有找到这个区划，请重新选择；留空为全部。"))
    elif division and station is not None and not contains(division, str(station.division_id)):
        wrong.append(Finding("station", "这个工作站不在所选的区划里，请只选一项或改选。"))
    full = said["full"] == "1"
    if full and picks:
        wrong.append(Finding("full", "只有本站的记录员和站长可以导出完整号码，其他人导出的号码是遮盖的。"))
    elif full and not said["reason"]:
        wrong.append(Finding("reason", "导出完整号码要写明理由，例如「区民政局核对保险名单」。"))
    elif full:
        wrong += check_reason(said["reason"])
    params = {
        "ledger": said["ledger"], "from": said["from"], "until": said["until"],
        "station": station.id if station else None, "division": division or None, "full": full, "reason": said["reason"],
    }  # fmt: skip
    return params, wrong


def _station(key: str, by: Actor) -> Station | None:
    try:
        return find(Station, int(key), by) if key.isdecimal() else None
    except Refusal:
        return None


def _division(code: str, by: Actor) -> Division | None:
    try:
        return division_within(code, by) if code and by.role not in STATION_ROLES else None
    except Refusal:
        return None


@kind("export", lambda asked: ("export", LEDGERS[asked["ledger"]].resource))
def export(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    """Write the workbook that a job asks for."""
    asked = job.params
    period = tuple(date.fromisoformat(asked[name]) if asked[name] else None for name in ("from", "until"))
    division = asked.get("division")
    name = file_name(asked["ledger"], by, asked["station"], period, division)
    summary = write(
        asked["ledger"], folder / name, by, period=period, station=asked["station"], division=division,
        filters=asked.get("filters"), full=asked["full"], reason=asked["reason"], progress=job.progress,
    )  # fmt: skip
    return name, said_of(asked["ledger"], summary)


def file_name(
    ledger: str, by: Actor, station: int | None, period: tuple[date | None, date | None], division: str | None = None
) -> str:
    """服务记录台账_文林社区_20260101-20260630.xlsx: what, whose, and of which days."""
    at, code = station or by.station_id, division or by.division
    whose = find(Station, at, by).division.name if at else Division.get_by_id(code).name if code else ""
    first, last = period
    days = f"{first:%Y%m%d}-" if first else "截至"
    parts = [f"{LEDGERS[ledger].title}台账", whose, f"{days}{last or clock.today():%Y%m%d}"]
    return "_".join(UNFIT.sub("", part) for part in parts if part) + ".xlsx"


def said_of(ledger: str, summary: Summary) -> dict[str, str]:
    """Rows and totals in words, as the job's page and the command print them."""
    said = {"行数": f"{summary.rows:,}"}
    for column in LEDGERS[ledger].columns:
        if column.total:
            amount = summary.totals[column.key]
            said[column.label] = f"{amount / 60:,.2f} 小时" if column.kind == "hours" else f"{amount:,}"
    return said
