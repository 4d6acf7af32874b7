"""采集需求、设计项目 (方案 二(1)): needs, their life, and the projects that are drawn from them."""

from typing import Any, ClassVar

from flask import Response, flash, redirect, request, url_for
from flask_admin import expose

from models import clock
from models.households import Visit, count_by_category
from models.needs import Need, coverage, design, draft, free, of_these_needs
from models.projects import Project
from models.refusals import NotFound, Refusal
from models.scope import find
from rules.access import STATION_ROLES
from rules.life import Move
from views import cells
from views.asking import actor, allowed, own_path
from views.base import StageView
from views.dispatch_paper import PrintsSlips
from views.gate import right
from views.households import OwnInFull
from views.named import Named
from views.wording import worded

ONE_BY_ONE = ("complete", "rate")  # what somebody said of one need is not said of several


class NeedScreen(PrintsSlips, OwnInFull):
    model = Need
    title = "需求"
    step = "需求与项目"
    columns = (
        "id household.name recipient.name category content urgency collected_on due_on project.name station state"
    )
    search = "household.name household.building recipient.name content"
    filter_by = "state category urgency project station"
    sortable = "due_on collected_on"
    ledger = "needs"
    takes_in = "needs"
    names = "household.name recipient.name said_by rated_by"
    told = "content risk_note rating_note"
    form_groups = [
        ("谁的需求", "household recipient source visit collected_on collector"),
        ("需要什么", "category urgency due_on risk content risk_note"),
    ]
    detail_groups = [
        ("需求", "household recipient category urgency content due_on risk risk_note"),
        ("采集", "source visit collected_on collector again_of policy state station"),
        (
            "核实与派单",
            "verified_how verified_by verified_on project handler dispatched_on refused_for redispatched_for",
        ),
        ("完成与评价", "said_role said_by met_on satisfaction rated_by rating_note rated_on"),
    ]
    named: ClassVar[dict[str, Named]] = {
        "unanswered": Named("超过期限未答复", Need.unanswered, "recorder head"),
        "overdue": Named("过了期限还没有完成", Need.overdue, "recorder head"),
        "again": Named("办结后又提出", Need.again, "head"),
    }
    list_template = "desk/needs.html"
    details_template = "desk/need.html"
    empty = "还没有需求。到「走访」里选一次走访，点「登记需求」；来电、到站反映的直接新增。"

    def given(self) -> dict[str, Any]:
        """Told today; from a visit, what the visit already says."""
        said: dict[str, Any] = {"collected_on": clock.today()}
        if key := request.args.get("visit"):
            visit = find(Visit, key, actor())
            said |= {
                "household": visit.household_id, "source": "visit", "collected_on": visit.day,
                "collector": visit.visitor,
            }  # fmt: skip
        return said | super().given()

    def pickable(self, name: str) -> list[Any]:
        return [Project.state.in_(("published", "closed"))] if name == "project" else []

    def _batch_moves(self) -> list[Move]:
        return [move for move in super()._batch_moves() if move.name not in ONE_BY_ONE]

    def may_design(self) -> bool:
        """Whether this person draws projects from needs."""
        return allowed("enter", "projects")

    @expose("/design/", methods=("POST",))
    @right("enter", "projects")
    def design_view(self) -> Response:
        """The form of a new project, drawn from the needs that were ticked."""
        back = own_path(request.form.get("back")) or self.get_url(".index_view")
        try:
            rows = free(request.form.getlist("id"), actor())
        except NotFound:
            if request.form.getlist("id"):
                raise
            flash(worded("请先勾选已核实的需求。"), "bad")
        except Refusal as no:
            flash(str(no), "bad")
        else:
            return redirect(url_for("projects.create_view", needs=",".join(str(row.id) for row in rows)))
        return redirect(back)


class DrawnFromNeeds(StageView):
    """What the screen of projects has from needs: a new one drawn from them (?needs=3,5), and whom each reaches."""

    def _drawn(self) -> list[Need]:
        keys = [key for key in request.args.get("needs", "").split(",") if key]
        return free(keys, actor()) if keys else []

    def given(self) -> dict[str, Any]:
        rows = self._drawn()
        return (draft(rows) if rows else {}) | super().given()

    def enter(self, said: dict[str, Any]) -> Any:
        rows = self._drawn()
        return design([row.id for row in rows], actor(), **said) if rows else super().enter(said)

    def beside(self, form: Any, row: Any) -> dict[str, Any]:
        try:
            drawn = [] if row else self._drawn()
        except Refusal:  # drawn meanwhile: the form already says so
            drawn = []
        return super().beside(form, row) | {"drawn": drawn}

    def reach(self, row: Project) -> dict[str, Any]:
        """How many needs, households and people a project answers; which hardships, for its own station alone."""
        by = actor()
        counted: dict[str, int] = {}
        if by.role in STATION_ROLES:
            counted = count_by_category(by, of_these_needs(row.id))
        words = cells.terms("recipient")
        return {
            "covers": coverage(row.id, by),
            "hardships": [(words[code], count) for code, count in counted.items()],
        }
