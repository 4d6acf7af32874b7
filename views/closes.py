"""月结 (方案 二(5) 统一台账): the closed months as they were reported, and the months still open."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose

from models import closes
from models.closes import MonthClose
from models.hours import ORIGINS
from models.refusals import Refusal
from rules.access import STATION_ROLES
from views import cells
from views.asking import actor
from views.base import StageView
from views.gate import right
from views.wording import worded

FIGURES = ["records", "people", "minutes", "taken_back", "other_minutes", "net_minutes"]


class CloseScreen(StageView):
    model = MonthClose
    title = "月结"
    step = "记录台账"
    columns = "month records people minutes taken_back other_minutes net_minutes closer closed_at station"
    filter_by = "station closed_at"
    order = "-month"
    detail_groups = [
        ("月结", "month station closer closed_at last_seq"),
        ("数字", "records people minutes taken_back other_minutes net_minutes by_origin"),
    ]
    list_template = "desk/closes.html"
    details_template = "desk/close.html"
    empty = "还没有月结。一个月的记录都办完以后，由站长月结，报出的数字从此不变。"

    def show(self, row: Any, path: str) -> Any:
        if path == "by_origin":
            names = dict(ORIGINS)
            return worded("、").join(f"{worded(names[k])} {v / 60:.2f}" for k, v in row.by_origin.items())
        return super().show(row, path)

    def open_months(self) -> dict[str, Any]:
        """At a station: the months still open with what they add up to now, and whose turn it is to be closed."""
        by = actor()
        if by.role not in STATION_ROLES or by.station_id is None:
            return {}
        turn = closes.closable(by)
        return {
            "months": closes.current(by.station_id), "turn": turn, "may": self.may("enter"),
            "figures": [(name, MonthClose.label(name)) for name in FIGURES], "cell": figure,
        }  # fmt: skip

    def more(self, row: MonthClose) -> dict[str, Any]:
        asked = {"period": row.month, "station": row.station_id}
        return {
            "entries": url_for("hours.index_view", **asked),
            "service": url_for("hours.index_view", kind="service", **asked),
            "reversals": url_for("hours.index_view", kind="reversal", **asked),
        }

    @expose("/close/", methods=("POST",))
    @right("enter")
    def close_view(self):
        """Close the month whose turn it is."""
        by = actor()
        try:
            row = MonthClose.close(by.station_id or 0, request.form.get("month", ""), by)
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".index_view"))
        flash(worded("%(month)s 已月结。", month=row.month), "good")
        return redirect(self.get_url(".details_view", id=row.id))


def figure(found: closes.Figures, name: str) -> str:
    """One figure of a month that is still open, as the list shows it."""
    value = getattr(found, name)
    return f"{value / 60:.2f}" if name in cells.HOURS else str(value)
