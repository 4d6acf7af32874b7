"""优待 (方案 二(6)): the measures of each division, who qualifies today, and who took one up."""

from flask import request
from flask_admin import expose
from peewee import fn

from models import clock
from models.hours import Balance
from models.measures import Measure, TakeUp
from models.scope import within
from models.volunteers import Volunteer
from views import lists
from views.asking import actor, allowed
from views.base import DEEPEST_PAGE, PAGE_SIZE, StageView
from views.below import Below
from views.gate import right
from views.named import Named


class MeasureScreen(StageView):
    model = Measure
    title = "优待措施"
    step = "激励回馈"
    columns = "name category provider asks starts_on ends_on taken division.name active"
    search = "name provider content"
    filter_by = "category active division"
    named = {"expiring": Named("即将到期", Measure.expiring, "supervisor")}
    below = [Below("享受记录", TakeUp, "measure", "volunteer.name used_on proof handler station.short_name state")]
    form_groups = [
        ("优待", "name category provider content how phone"),
        ("谁可以享受", "minimum_star minimum_hours honour_level active_months yearly_limit"),
        ("施行", "starts_on ends_on active"),
    ]
    detail_groups = [
        ("优待", "name category provider content how phone division.full_name"),
        ("谁可以享受", "asks yearly_limit starts_on ends_on active"),
    ]
    details_template = "desk/measure.html"
    empty = "还没有优待措施。由各级督导登记本级的就学、就业、就医等优待办法，下面的工作站都能看到。"

    def adorn(self, rows) -> None:
        """How often each was taken up in the person's own stations, in one statement."""
        had = TakeUp.select(TakeUp.measure, fn.COUNT(TakeUp.id)).where(
            TakeUp.measure.in_([row.id for row in rows]), TakeUp.state == "noted", within(TakeUp, actor())
        )
        counts = dict(had.group_by(TakeUp.measure).tuples())
        for row in rows:
            row.taken = counts.get(row.id, 0)

    def more(self, row):
        people = Volunteer.select(Volunteer.id).where(within(Volunteer, actor()), *row.who(clock.today()))
        count = Volunteer.select(fn.COUNT(1)).from_(people.limit(lists.COUNT_CAP)).scalar()
        return {"count": count, "open": row.open_on(clock.today()), "may_take": allowed("enter", "take_ups")}

    @expose("/who/")
    @right("see")
    def who_view(self) -> str:
        """谁符合: volunteers of the person's own who qualify today."""
        row = self.get_one(request.args.get("id"))
        page = max(0, min(request.args.get("page", 0, type=int), DEEPEST_PAGE))
        columns = ["name", "card_no", "station", "registered_on"]
        order = [Volunteer.station, Volunteer.name, Volunteer.id]
        asked = lists.Query(Volunteer, columns, row.who(clock.today()), order, actor())
        result = lists.fetch(asked, page, PAGE_SIZE)
        honour = dict(
            Balance.select(Balance.volunteer, Balance.honour)
            .where(Balance.volunteer.in_([person.id for person in result.rows]))
            .tuples()
        )
        return self.render(
            "desk/measure_who.html", row=row, result=result, page=page, honour=honour, show=self.show,
            may_take=allowed("enter", "take_ups") and row.open_on(clock.today()),
        )  # fmt: skip


class TakeUpScreen(StageView):
    model = TakeUp
    title = "优待享受"
    step = "激励回馈"
    columns = "used_on volunteer.name volunteer.card_no measure.name measure.category proof handler station state"
    search = "volunteer.name volunteer.card_no measure.name"
    filter_by = "state measure station used_on"
    opens = {"measure.name": (Measure, "measure"), "volunteer.card_no": (Volunteer, "volunteer")}
    form_groups = [("享受", "measure volunteer used_on proof remark")]
    detail_groups = [("享受", "measure volunteer volunteer.card_no used_on proof remark why handler station state")]
    empty = "还没有人享受优待。在「优待措施」里看谁符合，从名单登记。"

    def pickable(self, name):
        if name == "volunteer":
            return [Volunteer.state == "registered"]
        return [Measure.active] if name == "measure" else []
