"""公示: what is open to objection, its printable list with masked names, and the objections."""

from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_admin import expose
from wtforms import SelectField
from wtforms.validators import Optional

from models.notices import Notice, Objection, tables
from models.scope import within
from views import cells
from views.asking import actor, allowed
from views.base import StageView
from views.forms import offered
from views.gate import right
from views.named import Named
from views.notice_lines import sheet
from views.wording import worded


class NoticeScreen(StageView):
    model = Notice
    title = "公示"
    step = "记录台账"
    columns = "title kind opens_on closes_on working_days station state"
    filter_by = "state kind station opens_on"
    detail_groups = [("公示", "title kind opens_on closes_on working_days station state policy")]
    details_template = "desk/notice.html"
    empty = "还没有公示。审核通过的服务记录选中后点「公示」。"

    def more(self, row: Notice) -> dict[str, Any]:
        return {
            "sheet": sheet(row, within(tables()[row.kind], actor())),
            "objections": list(Objection.select().where(Objection.notice == row.id).order_by(Objection.id)),
            "can_object": row.state == "open" and not row.is_over and actor().station_id == row.station_id,
        }

    @expose("/print/")
    @right("print")
    def print_view(self) -> str:
        """The list to hang out: names masked, no identity numbers, no phones; leaves a trace."""
        row = self.get_one(request.args.get("id"))
        row.trace(actor(), "print")
        return self.render("desk/notice_print.html", row=row, show=cells.show, **self.more(row))


class ObjectionScreen(StageView):
    model = Objection
    title = "异议"
    step = "记录台账"
    ledger = "objections"
    columns = "said_by reason notice.kind record notice.closes_on station state entered_at"
    filter_by = "state station"
    form_groups = [("异议", "notice record said_by contact reason")]
    detail_groups = [("异议", "notice record said_by contact reason outcome state station entered_at")]
    named: ClassVar[dict[str, Named]] = {
        "online": Named("本人网上提出，待核查", Objection.asked_online, "recorder head")
    }
    details_template = "desk/objection.html"
    list_template = "desk/objections.html"
    empty = "没有异议。有人对公示内容提出异议时，在公示页面登记。"

    def scaffold_form(self):
        form = super().scaffold_form()
        form.record = SelectField("行号", coerce=_number, validators=[Optional()], choices=[])
        return form

    @expose("/new/", methods=("GET", "POST"))
    @right("enter")
    def create_view(self):
        """The form of one notice: its lines are what can be chosen, so without a notice there is nothing to fill in."""
        if not request.values.get("notice"):
            flash(worded("请打开一份公示，在有异议的那一行点「登记异议」。"), "note")
            return redirect(url_for("notices.index_view", state="open"))
        return super().create_view()

    def trim(self, form) -> None:
        notice = Notice.select().where(Notice.id == _number(form.notice.data), within(Notice, actor())).first()
        form.record.choices = [*offered([], blank=True), *(sheet(notice).choices() if notice else [])]

    def more(self, row: Objection) -> dict[str, Any]:
        """The line that it is about, and the way there."""
        line = row.line()
        table = type(line)
        mine = table.select().where(table._meta.primary_key == line._pk, within(table, actor()))
        known = allowed("see", line.resource) and mine.exists()
        return {"line": line, "opens": url_for(f"{line.resource}.details_view", id=line._pk) if known else ""}


def _number(said: Any) -> int | None:
    return int(said) if str(said or "").isdecimal() and len(str(said)) < 10 else None
