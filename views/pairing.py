"""文明单位结对帮扶进社区 (方案 三(3)): units, agreements, what was delivered for what was promised, who is near."""

from typing import Any, ClassVar

from flask import Response, flash, redirect, request
from flask_admin import expose
from peewee import fn

from models import clock, deliveries, vocabulary
from models.activities import Activity
from models.households import Household
from models.pairing import PairedHousehold, Pairing
from models.records import ServiceRecord
from models.refusals import Refusal
from models.scope import find
from models.stations import Station
from models.teams import Team
from models.units import Unit
from rules.access import STATION_ROLES
from rules.pairing import Quarter
from views.asking import actor, allowed
from views.base import StageView
from views.below import Below
from views.gate import right
from views.households import OwnInFull
from views.named import Named
from views.teams import served
from views.wording import worded


class UnitScreen(StageView):
    model = Unit
    title = "文明单位"
    step = "主要措施"
    columns = "name level division.name categories team.name contact_name pairing_count active"
    search = "name uscc contact_name"
    filter_by = "level categories active"
    form_groups = [
        ("文明单位", "name level uscc division address categories"),
        ("联系", "contact_name contact team note active"),
    ]
    detail_groups = [
        ("文明单位", "name level uscc division address categories team active"),
        ("联系", "contact_name contact note entered_at"),
    ]
    opens = {"team.name": (Team, "team")}
    named: ClassVar[dict[str, Named]] = {"unpaired": Named("未结对的文明单位", deliveries.unpaired, "supervisor")}
    below: ClassVar[list[Below]] = [
        Below("结对帮扶", Pairing, "unit", "station form starts_on ends_on promised_visits promised_minutes state",
              adds=True),
    ]  # fmt: skip
    list_template = "desk/units.html"
    details_template = "desk/unit.html"
    empty = "还没有文明单位。督导登记本区划的文明单位，工作站也可以登记本县的。"

    def adorn(self, rows: list[Unit]) -> None:
        counted = Pairing.select(Pairing.unit, fn.COUNT(Pairing.id)).where(
            Pairing.unit.in_([row.id for row in rows]), Pairing.state == "active"
        )
        found = dict(counted.group_by(Pairing.unit).tuples())
        for row in rows:
            row.pairing_count = found.get(row.id, 0)

    def more(self, row: Unit) -> dict[str, Any]:
        return {"card": deliveries.card(row, actor())}

    def pickable(self, name: str) -> list[Any]:
        return [Team.state == "listed"] if name == "team" else []

    @expose("/near/")
    @right("see")
    def near_view(self) -> str:
        """就地、就近、就便: whom a community might ask, with the reasons."""
        by = actor()
        key = by.station_id if by.role in STATION_ROLES else request.args.get("station")
        station = find(Station, key, by) if key else None
        wanted = request.args.getlist("category")
        return self.render(
            "desk/near.html", station=station, wanted=wanted, terms=vocabulary.choices("category"),
            found=deliveries.near(station, by, wanted) if station else [],
            may_pair=allowed("enter", "pairings"), picks=by.role not in STATION_ROLES,
        )  # fmt: skip


class PairingScreen(StageView):
    model = Pairing
    title = "结对帮扶"
    step = "主要措施"
    columns = "unit.name unit.level form categories starts_on ends_on promised_visits promised_minutes station state"
    search = "unit.name"
    filter_by = "state form unit station"
    sortable = "ends_on"
    ledger = "pairing"
    takes_in = "pairing"
    form_groups = [
        ("结对", "unit form starts_on ends_on categories"),
        ("承诺", "promised_visits promised_minutes unit_person station_person content"),
    ]
    detail_groups = [
        ("结对", "unit form categories content starts_on ends_on unit_person station_person state station"),
        ("承诺", "promised_visits promised_minutes renews ended_on ended_for returned_for"),
    ]
    named: ClassVar[dict[str, Named]] = {
        "expiring": Named("即将到期", deliveries.expiring, "recorder head"),
        "behind": Named("本季度未兑现", deliveries.behind, "recorder head"),
    }
    below: ClassVar[list[Below]] = [
        Below("结对户", PairedHousehold, "pairing", "household.name household.building since until note", adds=True),
        Below("结对的活动", Activity, "pairing", "name day place lead state", order="-day"),
    ]
    details_template = "desk/pairing.html"
    empty = "还没有结对。先在「文明单位」里看就近推荐，再新增一份结对协议。"

    def required(self, form) -> set[str]:
        return super().required(form) | {"categories"}

    def pickable(self, name: str) -> list[Any]:
        return [Unit.active] if name == "unit" else []

    def more(self, row: Pairing) -> dict[str, Any]:
        may_renew = row.state in ("active", "expired", "ended") and self.may("enter")
        return {
            "quarters": deliveries.quarters(row), "running": Quarter.of(clock.today()),
            "may_renew": may_renew and not row.renewals.exists(),
        }  # fmt: skip

    @expose("/renew/", methods=("POST",))
    @right("enter")
    def renew_view(self) -> Response:
        """A draft that follows this agreement, opened for its terms to be looked over."""
        key = request.form.get("id", type=int)
        try:
            new = Pairing.renew(key, actor())
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=key))
        flash(worded("已按原协议起草续签，请核对期限和承诺后提交。"), "good")
        return redirect(self.get_url(".edit_view", id=new.id))

    @expose("/hours/")
    @right("see")
    def hours_view(self) -> str:
        """The records that make up an agreement's minutes, of one quarter where it is named."""
        row = find(Pairing, request.args.get("id"), actor())
        query = deliveries.served(ServiceRecord.id).where(Activity.pairing == row.id)
        quarter = _quarter(request.args.get("quarter", ""))
        if quarter:
            query = query.where(Activity.day.between(quarter.first, quarter.last))
        return self.render("desk/served.html", row=row, about=str(quarter) if quarter else "", **served(query))


class PairedHouseholdScreen(OwnInFull):
    model = PairedHousehold
    title = "结对户"
    step = "主要措施"
    columns = "household.name household.building pairing.unit.name since until note station"
    search = "household.name household.building pairing.unit.name"
    filter_by = "pairing household station"
    names = "household.name"
    told = "note"
    form_groups = [("结对户", "pairing household since until note")]
    detail_groups = [("结对户", "household.name household.building pairing since until note station")]
    opens = {"household.name": (Household, "household"), "pairing.unit.name": (Pairing, "pairing")}
    empty = "还没有结对户。在「结对帮扶」的一份协议里添加。"

    def given(self) -> dict[str, Any]:
        return {"since": clock.today()} | super().given()

    def pickable(self, name: str) -> list[Any]:
        living = Pairing.state.in_(("draft", "submitted", "active"))
        return {"pairing": [living], "household": [Household.left_on.is_null()]}.get(name, [])


def _quarter(text: str) -> Quarter | None:
    year, _, number = text.partition("-")
    if year.isdecimal() and len(year) == 4 and number in ("1", "2", "3", "4") and 2000 <= int(year) <= 2999:
        return Quarter(int(year), int(number))
    return None
