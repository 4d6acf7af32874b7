"""评价 (方案 二(5); Order 67 arts. 10, 11): each side's word, one by one or a whole activity on one page."""

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose

from models import clock, vocabulary
from models.activities import Activity
from models.assessments import Assessment, assess, to_assess
from models.keying import LinesRefused
from models.records import ServiceRecord
from models.refusals import Refusal
from models.scope import find
from rules.assessments import SCORES, SIDES
from rules.findings import Finding
from views.asking import actor
from views.base import StageView
from views.gate import right
from views.wording import worded

MOST_ROWS = 200


class AssessmentScreen(StageView):
    model = Assessment
    title = "评价"
    step = "记录台账"
    columns = "record.volunteer.name record.activity.name side quality punctuality attitude skill said_by assessed_on late station"
    search = "record.volunteer.name record.volunteer.card_no"
    filter_by = "side quality late station assessed_on"
    sortable = "assessed_on"
    form_groups = [("评价", "record side quality punctuality attitude skill said_by assessed_on remark")]
    detail_groups = [
        ("服务", "record record.volunteer record.activity record.started_at record.quality"),
        ("评价", "side quality punctuality attitude skill said_by assessed_on remark"),
        ("登记", "late policy station entered_at"),
    ]
    empty = "还没有评价。到活动页面点「登记评价」，可以一次登记全部志愿者。"

    def pickable(self, name: str) -> list[Any]:
        return [ServiceRecord.state.not_in(("draft", "void", "reversed"))] if name == "record" else []

    @expose("/activity/", methods=("GET", "POST"))
    @right("enter")
    def activity_view(self):
        """One side's word on everybody who served at an activity; a line left blank is not taken."""
        by = actor()
        activity = find(Activity, request.values.get("activity"), by)
        side = request.values.get("side", "recipient")
        side = side if side in dict(SIDES) else "recipient"
        rows = to_assess(activity, side, by)[:MOST_ROWS]
        typed = {row.id: _typed(row.id) for row in rows}
        wrong: dict[int, list[Finding]] = {}
        if "fill" in request.form:
            _fill_down(typed)
        elif request.method == "POST":
            lines = [{"record": key, **said} for key, said in typed.items() if any(said.values())]
            try:
                made = assess(activity.id, side, request.form.get("said_by", "").strip(), _day(), lines, by)
            except LinesRefused as no:
                wrong = {line["record"]: found for line, found in zip(lines, no.lines, strict=True) if found}
                flash(worded("有内容需要改正，一条也没有保存。"), "bad")
            except Refusal as no:
                flash(str(no), "bad")
            else:
                flash(worded("已登记 %(count)s 条评价。", count=len(made)), "good")
                return redirect(url_for("activities.details_view", id=activity.id))
        return self.render(
            "desk/assess.html", activity=activity, side=side, sides=SIDES, rows=rows, typed=typed, wrong=wrong,
            scores=[(name, Assessment.label(name)) for name in SCORES], choices=vocabulary.choices("quality"),
            said_by=request.form.get("said_by", {"lead": activity.lead, "station": by.name}.get(side, "")),
            on=request.form.get("assessed_on", str(clock.today())), said=request.form.get("said_by"),
        )  # fmt: skip


def _typed(key: int) -> dict[str, str]:
    return {name: request.form.get(f"{name}-{key}", "").strip() for name in (*SCORES, "remark")}


def _fill_down(typed: dict[int, dict[str, str]]) -> None:
    """The first line's scores into whatever is blank below it."""
    first = next(iter(typed.values()), {})
    for said in typed.values():
        for name in SCORES:
            said[name] = said[name] or first.get(name, "")


def _day() -> Any:
    try:
        return date.fromisoformat(request.form.get("assessed_on", ""))
    except ValueError:
        return None
