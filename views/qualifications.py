"""资质与骨干 (方案 二(3)): papers with their terms, and the volunteers who lead the others."""

from datetime import date
from typing import Any

from peewee import Case, fn

from models import clock
from models.courses import Attendance, Training
from models.training import Backbone, Qualification
from models.volunteers import Volunteer
from rules.training import TAUGHT
from views import lists
from views.base import StageView
from views.named import Named


class QualificationScreen(StageView):
    model = Qualification
    title = "资质"
    step = "组织培训"
    columns = "volunteer.name volunteer.card_no kind number issuer granted_on expires_on training.name station state"
    search = "volunteer.name volunteer.card_no number"
    filter_by = "state kind station volunteer training"
    sortable = "expires_on granted_on"
    form_groups = [("资质", "volunteer kind number issuer granted_on expires_on proof")]
    detail_groups = [
        ("资质", "volunteer volunteer.card_no kind number issuer granted_on expires_on state station"),
        ("依据", "proof training revoked_on revoked_for entered_at"),
    ]
    named = {
        "expiring": Named("即将到期", Qualification.expiring, "recorder head"),
        "expired": Named("已过期未续", Qualification.expired, "recorder head"),
    }
    empty = "还没有资质。培训考核合格的自动列入；持有其他证书的请新增，由站长核验。"

    def pickable(self, name: str) -> list[Any]:
        return [Volunteer.state == "registered"] if name == "volunteer" else []


class BackboneScreen(StageView):
    model = Backbone
    title = "骨干"
    step = "组织培训"
    columns = "volunteer.name volunteer.card_no duty since until trained study station state"
    search = "volunteer.name volunteer.card_no duty"
    filter_by = "state station volunteer since"
    sortable = "since"
    form_groups = [("骨干", "volunteer duty since reason")]
    detail_groups = [
        ("骨干", "volunteer volunteer.card_no duty since until trained study state station"),
        ("依据", "reason decided_for entered_at"),
    ]
    named = {"untrained": Named("今年骨干培训不足", Backbone.untrained, "head")}
    details_template = "desk/backbone.html"
    empty = "还没有骨干。由记录员或站长提名，另一位站长确认。"

    def adorn(self, rows: list[Backbone]) -> None:
        """This year's trainings for backbones and study minutes of each, in one query."""
        today = clock.today()
        for_them = fn.SUM(Case(None, [(Training.for_backbones, 1)], 0))
        counted = (
            Attendance.select(Attendance.volunteer, for_them, fn.SUM(Attendance.minutes))
            .join(Training)
            .where(
                Attendance.volunteer.in_([row.volunteer_id for row in rows]), Attendance.state == "attended",
                Training.state.in_(TAUGHT), Training.day.between(date(today.year, 1, 1), today),
            )
            .group_by(Attendance.volunteer)
        )  # fmt: skip
        found = {key: (int(times), int(minutes)) for key, times, minutes in counted.tuples()}
        for row in rows:
            row.trained, row.study = found.get(row.volunteer_id, (0, 0))

    def pickable(self, name: str) -> list[Any]:
        return [Volunteer.state == "registered"] if name == "volunteer" else []

    def get_one(self, id: Any) -> Backbone:
        row = super().get_one(id)
        self.adorn([row])
        return row

    def more(self, row: Backbone) -> dict[str, Any]:
        """The trainings that she went to, the latest first."""
        went = (
            Attendance.select(Attendance.id)
            .join(Training)
            .where(
                Attendance.volunteer == row.volunteer_id, Attendance.state == "attended", Training.state.in_(TAUGHT)
            )
        )
        keys = [key for (key,) in went.order_by(Training.day.desc()).limit(MOST_SHOWN).tuples()]
        return {"trainings": lists.with_keys(Attendance, ["training.name"], keys)}


MOST_SHOWN = 20  # trainings on a backbone's page
