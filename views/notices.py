"""公示: what is open to objection, its printable list with masked names, and the objections."""

from typing import Any

from flask import abort, request
from flask_admin import expose

from models.notices import Notice, Objection
from models.records import ServiceRecord
from views import cells, lists
from views.asking import actor
from views.base import StageView
from views.records import listed

SHOWN = ["volunteer.name", "volunteer.card_no", "activity.name", "started_at", "minutes"]


class NoticeScreen(StageView):
    model = Notice
    title = "公示"
    step = "记录台账"
    columns = "title kind opens_on closes_on working_days station state"
    filter_by = "state station opens_on"
    detail_groups = [("公示", "title kind opens_on closes_on working_days station state policy")]
    details_template = "desk/notice.html"
    empty = "还没有公示。审核通过的服务记录选中后点「公示」。"

    def more(self, row: Notice) -> dict[str, Any]:
        lines = lists.with_keys(ServiceRecord, SHOWN, listed(row))
        return {
            "lines": lines,
            "minutes": sum(line.minutes for line in lines),
            "objections": list(Objection.select().where(Objection.notice == row.id).order_by(Objection.id)),
            "can_object": self._takes_objections(row),
        }

    def _takes_objections(self, row: Notice) -> bool:
        return row.state == "open" and not row.is_over and actor().station_id == row.station_id

    @expose("/print/")
    def print_view(self) -> str:
        """The list to hang out: names masked, no identity numbers, no phones; leaves a trace."""
        if not self.may("print"):
            abort(403)
        row = self.get_one(request.args.get("id"))
        row.trace(actor(), "print")
        return self.render("desk/notice_print.html", row=row, show=cells.show, **self.more(row))


class ObjectionScreen(StageView):
    model = Objection
    title = "异议"
    step = "记录台账"
    columns = "said_by reason record notice.closes_on station state entered_at"
    filter_by = "state station"
    form_groups = [("异议", "notice record said_by contact reason")]
    detail_groups = [("异议", "notice record said_by contact reason outcome state station entered_at")]
    empty = "没有异议。有人对公示内容提出异议时，在公示页面登记。"

    def may(self, action: str) -> bool:
        return action != "amend" and super().may(action)  # what somebody said is not reworded
