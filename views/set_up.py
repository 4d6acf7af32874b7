"""工作站建设 (方案 三(2)、四(1)): the checklist and how far each station is, who holds a post, what is given."""

from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from markupsafe import Markup

from models.refusals import Refusal
from models.seen import as_seen
from models.self_checks import SelfCheck, unsubmitted
from models.set_up import SetUpItem, below_target, fill, items, shares
from models.spot_checks import unaudited
from models.stations import Division, Station
from models.supports import KINDS, UNITS, Duty, Support, totals, unattended
from rules.access import STATION_ROLES
from rules.divisions import lineage
from rules.money import show_yuan
from rules.stations import ASPECTS, STANDINGS, Share
from views import cells
from views.asking import actor, allowed
from views.base import StageView
from views.cells import today
from views.gate import right
from views.named import Named
from views.seen import revisions
from views.wording import worded

STEP = "主要措施"


class ProgressScreen(StageView):
    """Every station's share at a glance; each figure opens to its items."""

    model = Station
    title = "建站进度"
    step = STEP
    path = "progress"
    columns = "name division.parent aspect_1 aspect_2 aspect_3 aspect_4 aspect_5 aspect_6 share claimed self_check"
    search = "name"
    filter_by = "active"
    order = "division"
    named = {
        "below": Named("未达标的工作站", below_target, "supervisor"),
        "unattended": Named("没有专人负责的工作站", unattended, "supervisor head"),
        "unchecked": Named("自查未提交", unsubmitted, "supervisor head"),
        "unaudited": Named("久未抽查", unaudited, "supervisor"),
    }
    empty = "还没有登记工作站。"

    def is_visible(self) -> bool:
        """A desk has only its own, which stands on its page."""
        return actor().role not in STATION_ROLES

    @expose("/details/")
    @right("see")
    def details_view(self):
        """A station has one page."""
        return redirect(url_for("stations.details_view", id=self.get_one(request.args.get("id"))._pk))

    def adorn(self, rows: list[Station]) -> None:
        measure(rows)
        year = today().year
        checks = SelfCheck.select().where(SelfCheck.station.in_([row.id for row in rows]), SelfCheck.year == year)
        by_station = {check.station_id: check for check in checks}
        for row in rows:
            row.self_check = by_station.get(row.id)

    def show(self, row: Any, path: str) -> str:
        value = getattr(row, path, None) if isinstance(row, Station) else None
        if path == "share":
            return linked(f"{value.percent}%" if value.applicable else "—", station=row.id)
        if path == "claimed":
            return linked(str(value), station=row.id, state="claimed") if value else ""
        if path.startswith("aspect_"):
            return linked(str(value), station=row.id, aspect=path.removeprefix("aspect_"))
        if path == "self_check":
            if value is None:
                return worded("未做")
            if not allowed("see", value.resource):
                return cells.show(value, "state")
            return Markup('<a href="{}">{}</a>').format(
                url_for("self_checks.details_view", id=value.id), cells.show(value, "state")
            )
        return super().show(row, path)


def measure(rows: list[Station]) -> None:
    """Set on each station the share of each aspect, the whole, and what waits to be confirmed; two statements."""
    found = shares([row.id for row in rows])
    for row in rows:
        for code, share in found[row.id].items():
            setattr(row, f"aspect_{code}", share)
        row.share = sum(found[row.id].values(), Share(0, 0))
        row.claimed = row.share.claimed


def linked(text: Any, **narrowed: Any) -> Markup | str:
    """A figure that opens to the items that make it up, for whoever may see those."""
    if not allowed("see", SetUpItem.resource):
        return str(text)
    return Markup('<a href="{}">{}</a>').format(url_for("set_up_items.index_view", **narrowed), text)


class SetUpScreen(StageView):
    model = SetUpItem
    title = "建站清单"
    step = STEP
    columns = "item aspect standing evidence since state confirmer confirmed_on station"
    filter_by = "state standing item station"
    order = "item"
    sortable = "item since"
    form_groups = [("建站项目", "item standing since evidence")]
    detail_groups = [("建站项目", "aspect item standing since evidence state confirmer confirmed_on station")]
    list_template = "desk/set_up_items.html"
    empty = "还没有登记。点右上的「逐项填写」，对照清单一次填完。"

    def where(self) -> list[Any]:
        """``?aspect=`` is how a share's figure leads here."""
        aspect = request.args.get("aspect", "")
        return [SetUpItem.item.startswith(aspect)] if aspect in ASPECTS else []

    @expose("/fill/", methods=("GET", "POST"))
    @right("enter")
    def fill_view(self):
        """The whole list on one page, for one's own station."""
        by = actor()
        kept = {row.item: row for row in SetUpItem.select().where(SetUpItem.station == by.station_id)}
        said, wrong = _said(request.form, kept) if request.method == "POST" else ({}, {})
        if request.method == "POST" and not wrong:
            try:
                with as_seen(SetUpItem, _altered(said, kept), by, ("standing", "evidence", "since")):
                    done = fill(said, by)
            except Refusal as no:
                items_of = {str(row.id): row.item for row in kept.values()}
                for finding in no.findings:
                    finding = replace(finding, where=items_of.get(finding.where, finding.where))
                    wrong.setdefault(finding.where.partition(".")[0], []).append(finding.says)
            else:
                flash(worded("已保存 %(count)s 项；由站长确认后计入达标。", count=done), "good")
                return redirect(self.get_url(".fill_view"))
        return self.render(
            "desk/set_up.html", aspects=[(ASPECTS[code], rows) for code, rows in items().items()], kept=kept,
            wrong=wrong, standings=[(value, worded(label)) for value, label in STANDINGS], typed=request.form,
            show=self.show,
        )  # fmt: skip


def _altered(said: dict[str, dict[str, Any]], kept: dict[str, SetUpItem]) -> dict[str, int]:
    """The revisions that the page showed of those items which it would change."""
    changes = {
        str(kept[code].id) for code, values in said.items()
        if code in kept and any(getattr(kept[code], name) != value for name, value in values.items())
    }  # fmt: skip
    return {key: at for key, at in revisions().items() if key in changes}


def _said(form: Any, kept: dict[str, SetUpItem]) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """What the page says of each item that may still be changed, and the days that cannot be read."""
    said: dict[str, dict[str, Any]] = {}
    wrong: dict[str, list[str]] = {}
    for code, standing in ((name.removeprefix("standing."), value) for name, value in form.items() if name.startswith("standing.")):  # fmt: skip
        row = kept.get(code)
        if not standing or (row is not None and row.state == "confirmed"):
            continue
        day = form.get(f"since.{code}", "").strip()
        said[code] = {"standing": standing, "evidence": form.get(f"evidence.{code}", "").strip(), "since": None}
        try:
            said[code]["since"] = date.fromisoformat(day) if day else None
        except ValueError:
            wrong[code] = [worded("日期不对，应写作 2026-03-05。")]
    return said, wrong


class DutyScreen(StageView):
    model = Duty
    title = "负责人"
    step = STEP
    columns = "name role work phone since until station"
    search = "name work"
    filter_by = "role station"
    form_groups = [("负责人", "name role work phone since until")]
    detail_groups = [("负责人", "name role work phone since until station")]
    empty = "还没有登记。方案要求工作站明确专人负责：先登记站长，再登记专职、兼职和楼组长。"


class SupportScreen(StageView):
    model = Support
    title = "场地人员资金"
    step = STEP
    columns = "given_on kind giver fen quantity unit until document note station"
    filter_by = "kind given_on station"
    order = "-given_on"
    sortable = "given_on"
    form_groups = [
        ("支持", "giver kind given_on fen quantity unit"),
        ("凭证", "until document note"),
    ]
    detail_groups = [
        ("支持", "giver.full_name kind given_on fen quantity unit until station"),
        ("凭证", "document note"),
    ]
    list_template = "desk/supports.html"
    empty = "还没有登记。街道和县里落实的场地、人员、设备和经费，落实一笔登记一笔。"

    def sums(self) -> list[tuple[int, list[dict[str, Any]]]]:
        """Year by year what was given of each kind; each figure opens to its rows in this very list."""
        found = totals(actor())
        units = dict(UNITS)
        for row in found:
            funds = row["kind"] == "funds"
            row["label"] = worded(dict(KINDS)[row["kind"]])
            row["shown"] = show_yuan(row["fen"]) if funds else f"{row['quantity']:,}"
            row["unit"] = worded("元") if funds else worded(units[row["unit"]])
            days = {"given_on_from": f"{row['year']}-01-01", "given_on_until": f"{row['year']}-12-31"}
            row["url"] = self.get_url(".index_view", kind=row["kind"], **days)
        return [(year, list(rows)) for year, rows in groupby(found, key=lambda row: row["year"])]

    def pickable(self, name: str) -> list[Any]:
        """Only those above the asker's own station can have given it anything."""
        if name != "giver" or not actor().station_id:
            return []
        place = Station.get_by_id(actor().station_id).division_id
        return [Division.code.in_(lineage(str(place)))]
