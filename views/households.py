"""采集需求 (方案 二(1)): households, who is served in them, and the visits; in full only at their own station."""

from datetime import timedelta
from typing import Any, ClassVar

from flask import Response, flash, redirect, request
from flask_admin import expose
from peewee import JOIN, fn

from models import clock, policy
from models.consents import Consent, without_sensitive
from models.erasures import Erasure
from models.households import Household, Recipient, Visit
from models.needs import Need
from models.refusals import NotFound, Refusal
from models.scope import find
from rules.access import STATION_ROLES
from rules.identity import mask_name
from views import cells, own_data
from views.asking import actor
from views.base import StageView
from views.below import Below
from views.gate import right
from views.named import Named

ONLY_OWN = ("hardship", "household", "recipient")  # what nobody above may narrow a list by


class OwnInFull(StageView):
    """A screen of people whom a station serves: names masked and confidences hidden for everyone above it."""

    names: ClassVar[str] = ""  # dotted paths that end in a person's name
    told: ClassVar[str] = ""  # dotted paths of what was told in confidence

    def is_own(self) -> bool:
        """Whether who asks is of the station whose rows these are: a station's roles see no other's."""
        return actor().role in STATION_ROLES

    def looked_at(self, row: Any) -> None:
        if self.is_own():
            row.trace(actor(), "read")

    def show(self, row: Any, path: str) -> str:
        shown = cells.show(row, path)
        if self.is_own():
            sealed = path in self.told.split() and path in self.sealed_here()
            return self._opened_here(row, path) if sealed else shown
        if path in self.names.split():
            return mask_name(str(shown))
        return cells.HIDDEN if shown and path in self.told.split() else shown

    def sealed_here(self) -> list[str]:
        """Sealed columns that the own station reads without asking."""
        return [name for name in super().sealed() if name in self.told.split()]

    def _opened_here(self, row: Any, path: str) -> str:
        value = getattr(row, path)
        return cells.words_of("recipient", value) if isinstance(value, list) else value or ""

    def sealed(self) -> list[str]:
        return [name for name in super().sealed() if name not in self.told.split()]

    def searched(self) -> list[str]:
        """Nobody above finds a person by her name: that would unmask it."""
        return super().searched() if self.is_own() else []

    def filtered(self) -> list[str]:
        return [name for name in super().filtered() if self.is_own() or name not in ONLY_OWN]


class HouseholdScreen(OwnInFull):
    model = Household
    title = "户"
    step = "需求与项目"
    columns = "name building phone people served leader visited_on visit_due station"
    search = "name building leader"
    filter_by = "station"
    names = "name"
    told = "note"
    form_groups = [("户", "name building address phone people leader left_on"), ("家庭情况", "note")]
    detail_groups = [("户", "name building address phone people leader left_on station"), ("家庭情况", "note")]
    named: ClassVar[dict[str, Named]] = {
        "due": Named("约定走访到期", Household.due, "recorder head"),
        "unvisited": Named("久未走访", Household.unvisited, "recorder head"),
    }
    below: ClassVar[list[Below]] = [
        Below("服务对象", Recipient, "household", "name gender age hardship phone left_on", adds=True),
        Below("走访", Visit, "household", "day visitor role found next_on", adds=True, order="-day"),
        Below("需求", Need, "household", "id recipient.name category content urgency due_on state", adds=True),
    ]
    empty = "还没有登记户。请先登记空巢老人、留守儿童、农民工、残疾人等困难群众家庭，再登记走访。"

    def adorn(self, rows: list[Household]) -> None:
        """When each was last visited and is to be again, and how many of its people are served: two statements."""
        keys = [row.id for row in rows]
        newer = Visit.alias()
        last = (
            Visit.select(Visit.household, Visit.day, Visit.next_on)
            .join(newer, JOIN.LEFT_OUTER, on=((newer.household == Visit.household) & (newer.day > Visit.day)))
            .where(Visit.household.in_(keys), newer.id.is_null())
        )
        visited = {key: (day, due) for key, day, due in last.tuples()}
        counted = (
            Recipient.select(Recipient.household, fn.COUNT(1))
            .where(Recipient.household.in_(keys), Recipient.left_on.is_null())
            .group_by(Recipient.household)
        )
        served = dict(counted.tuples())
        for row in rows:
            row.visited_on, row.visit_due = visited.get(row.id, (None, None))
            row.served = served.get(row.id, 0)


class RecipientScreen(OwnInFull):
    model = Recipient
    title = "服务对象"
    step = "需求与项目"
    columns = "name gender age hardship household phone guardian left_on station"
    search = "name household.name household.building"
    filter_by = "hardship household station"
    names = "name guardian"
    told = "hardship note"
    form_groups = [
        ("服务对象", "household name document_type document_number gender birth_date phone left_on"),
        ("困难类别", "hardship note"),
        ("监护人或联系人", "guardian guardian_phone"),
    ]
    detail_groups = [
        ("服务对象", "name household document_type document_number gender birth_date age phone left_on station"),
        ("困难类别", "hardship note"),
        ("监护人或联系人", "guardian guardian_phone"),
    ]
    below: ClassVar[list[Below]] = [
        Below("需求", Need, "recipient", "id category content urgency due_on project.name state", adds=True),
        Below("知情同意", Consent, "recipient", "kind text given_by giver given_on way state ended_on", adds=True),
        Below("注销申请", Erasure, "recipient", "asked_on asked_by reason due_on state", adds=True),
    ]
    named: ClassVar[dict[str, Named]] = {
        "without_sensitive": Named("缺敏感信息单独同意", without_sensitive, "recorder head")
    }
    details_template = "desk/recipient.html"
    empty = "还没有服务对象。请到「户」里选一户，再新增这户的服务对象。"

    def required(self, form: Any) -> set[str]:
        return super().required(form) | {"hardship"}

    def more(self, row: Recipient) -> dict[str, Any]:
        return {"may_hand_over": self.may("hand_over") and row.erased_on is None}

    @expose("/hand-over/", methods=("POST",))
    @right("hand_over")
    def hand_over_view(self) -> Response:
        """Everything that is held about somebody served, on her request at the desk: the head's, with a reason."""
        key = request.form.get("id", type=int)
        try:
            return own_data.handed_over(Recipient, key, request.form.get("reason", ""), actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=key))


class VisitScreen(OwnInFull):
    model = Visit
    title = "走访"
    step = "需求与项目"
    columns = "day household.name household.building visitor role found next_on station"
    search = "household.name household.building visitor"
    filter_by = "day role household station"
    order = "-day"
    sortable = "day"
    names = "household.name"
    told = "found"
    form_groups = [("走访", "household day visitor role next_on"), ("情况", "found")]
    detail_groups = [("走访", "household day visitor role next_on station"), ("情况", "found")]
    details_template = "desk/visit.html"
    below: ClassVar[list[Below]] = [
        Below("这次走访采集的需求", Need, "visit", "id recipient.name category content state")
    ]
    empty = "还没有走访。社区工作人员、楼组长入户后，把了解到的情况登记在这里。"

    def given(self) -> dict[str, Any]:
        """Today, by the building's own leader, again after the days that the policy gives."""
        today = clock.today()
        said = {"day": today, "next_on": today + timedelta(days=policy.for_actor("needs", actor()).rule.visit_days)}
        given = super().given()
        if given.get("household"):
            home = find(Household, given["household"], actor())
            said |= {"visitor": home.leader, "role": "leader" if home.leader else "community"}
        return said | given
