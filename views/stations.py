"""区划与工作站 (方案 三(2))."""

from typing import Any, ClassVar

from flask import request
from flask_admin import expose

from models import division_list
from models.refusals import Refusal
from models.scope import ROOT
from models.self_checks import SelfCheck
from models.spot_checks import published_of
from models.stations import ADMINISTERED, Division, Station
from models.supports import Duty, Support
from rules.access import Role
from rules.divisions import subtree
from rules.stations import ASPECTS
from views import division_file, uploads
from views.asking import actor
from views.base import StageView
from views.below import Below
from views.gate import right
from views.set_up import linked, measure
from views.wording import worded


class StationScreen(StageView):
    model = Station
    title = "工作站"
    step = "政策与设置"
    columns = "name division division.parent head_name contact_name phone opening active"
    search = "name"
    filter_by = "active"
    form_groups = [
        ("工作站", "name division opened_on active"),
        ("联系", "head_name contact_name phone address opening"),
    ]
    detail_groups = [
        ("工作站", "name division.full_name opened_on active"),
        ("联系", "head_name contact_name phone address opening"),
    ]
    below: ClassVar[list[Below]] = [
        Below("负责人", Duty, "station", "name role work since until", adds=True),
        Below("场地人员资金", Support, "station", "given_on kind giver fen quantity unit document", adds=True),
        Below("年度自查", SelfCheck, "station", "year state met applicable submitted_on reviewed_on", order="-year"),
    ]
    details_template = "desk/station.html"
    empty = "还没有登记工作站。先在「区划」里登记社区，再新增工作站。"

    def more(self, row: Station) -> dict[str, Any]:
        """How far it is set up, and what published checks found of its records."""
        measure([row])
        return {
            "aspects": [(code, name, getattr(row, f"aspect_{code}")) for code, name in ASPECTS.items()],
            "checks": published_of(row.id), "opened": linked,
        }  # fmt: skip

    def trim(self, form):
        if actor().role == Role.HEAD:
            for name in ADMINISTERED:
                del form._fields[name]

    def pickable(self, name):
        """A station stands in a community or a street of the asker's own division, one that is in use."""
        low, high = subtree(actor().division or ROOT)
        return [
            Division.level.in_(["street", "community"]),
            Division.active,
            Division.code >= low,
            Division.code < high,
        ]

    def said_of_new(self, row):
        return worded("已保存。接下来在「账号」里为它新增一位站长。")


class DivisionScreen(StageView):
    model = Division
    title = "区划"
    step = "政策与设置"
    columns = "code name level parent active"
    search = "name code"
    filter_by = "level active"
    order = "code"
    form_groups = [("区划", "code name active")]
    detail_groups = [("区划", "code full_name level parent active")]
    list_template = "desk/divisions.html"

    @expose("/import/", methods=("GET", "POST"))
    @right("import")
    def import_view(self) -> str:
        """A published list of streets or communities; taken whole or not at all."""
        said, taken = "", None
        if request.method == "POST":
            try:
                sent = uploads.received(uploads.TABLE)
                taken = division_list.take_in(division_file.read(sent.name, sent.data), actor(), sent.name)
            except Refusal as no:
                said = str(no)
        return self.render("desk/division_import.html", said=said, taken=taken, shown=SHOWN)


SHOWN = 200  # refused rows listed; the rest are counted
