"""年度培训计划 (方案 二(3)): what is planned against what is done; every figure of what is done opens to its rows."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_admin import expose

from models.refusals import NotFound, Refusal
from models.training_plans import Done, PlanLine, TrainingPlan, done
from rules.training import share
from views.asking import actor, allowed
from views.base import StageView
from views.gate import right
from views.wording import worded


class PlanScreen(StageView):
    model = TrainingPlan
    title = "年度培训计划"
    step = "组织培训"
    columns = "year level division.name station aims state"
    filter_by = "state level"
    order = "-year"
    form_groups = [("年度计划", "year aims")]
    detail_groups = [("年度计划", "year owner level state aims")]
    details_template = "desk/training_plan.html"
    empty = "还没有年度计划。新增一年的计划，再逐项写明场次、学时和人次。"

    def more(self, row: TrainingPlan) -> dict[str, Any]:
        lines = list(
            PlanLine.select().where(PlanLine.plan == row.id).order_by(PlanLine.level, PlanLine.topic, PlanLine.id)
        )
        figures = done(row, lines)
        planned = [Done(line.sessions, line.minutes, line.people) for line in lines]
        return {
            "lines": [(line, plan, figures.lines[line.id], _shares(figures.lines[line.id], plan)) for line, plan in zip(lines, planned, strict=True)],
            "planned": sum(planned, Done()), "done": figures.planned, "outside": figures.outside, "shares": _shares(figures.planned, sum(planned, Done())),
            "can_change": allowed("enter", "training_plan_lines") and not row.may_amend(actor()),
        }  # fmt: skip

    @expose("/strike/", methods=("POST",))
    @right("amend", "training_plan_lines")
    def strike_view(self) -> Response:
        """Take one line out of a draft."""
        try:
            plan = PlanLine.strike(request.form.get("id", type=int), actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".index_view"))
        flash(worded("已删去这一项。"), "good")
        return redirect(self.get_url(".details_view", id=plan.id))


def _shares(figure: Done, plan: Done) -> dict[str, int | None]:
    return {name: share(getattr(figure, name), getattr(plan, name)) for name in ("sessions", "minutes", "people")}


class PlanLineScreen(StageView):
    model = PlanLine
    title = "计划项目"
    step = "组织培训"
    columns = "plan.year plan.division.name level topic sessions minutes people note"
    filter_by = "level topic"
    form_groups = [("计划项目", "plan level topic sessions minutes people note")]
    detail_groups = form_groups
    empty = "还没有计划项目。"

    def is_visible(self) -> bool:
        return False  # reached from its plan

    def said_of_new(self, row: PlanLine) -> str:
        return worded("已加入计划。")

    @expose("/details/")
    @right("see")
    def details_view(self) -> Response:
        """A line is read on its plan's page."""
        row = self.get_one(request.args.get("id"))
        return redirect(url_for("training_plans.details_view", id=row.plan_id))
