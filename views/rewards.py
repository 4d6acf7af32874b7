"""回馈兑换 (方案 二(6)): the catalogue, the exchanges, and the slip that is signed."""

from typing import ClassVar

from flask import render_template, request
from flask_admin import expose

from models.hours import Balance
from models.rewards import Redemption, RewardItem
from models.volunteers import Volunteer
from views import cells, decisions
from views.asking import actor
from views.base import StageView
from views.exchange import Counter
from views.gate import right
from views.named import Named


class RewardItemScreen(StageView):
    model = RewardItem
    title = "兑换目录"
    step = "激励回馈"
    columns = "name spec kind points stock yearly_limit starts_on ends_on active station"
    search = "name"
    filter_by = "kind active station"
    takes_in = "rewards"
    form_groups = [("兑换项", "name spec kind points stock yearly_limit active starts_on ends_on details")]
    detail_groups = [("兑换项", "name spec kind points stock yearly_limit active starts_on ends_on details station")]
    empty = "还没有可兑换的服务或物品。由站长点「新增」列出，写明每份多少积分。"


class RedemptionScreen(Counter, StageView):
    model = Redemption
    title = "兑换"
    step = "激励回馈"
    columns = "id reserved_on volunteer.name volunteer.card_no item.name quantity points minutes left_minutes handler station state"
    search = "volunteer.name volunteer.card_no"
    filter_by = "state item station reserved_on"
    ledger = "rewards"
    adds_up = True
    opens = {"volunteer.name": (Balance, "volunteer"), "item.name": (RewardItem, "item")}
    detail_groups = [
        ("兑换单", "volunteer item quantity points minutes left_minutes why policy"),
        ("办理", "state reserved_on handler approver handed_at confirmed_at station"),
    ]
    list_template = "desk/redemptions.html"
    named: ClassVar[dict[str, Named]] = {
        "online": Named("本人网上申请，待审批", Redemption.asked_online, "recorder head")
    }
    details_template = "desk/redemption.html"
    empty = "还没有兑换。点「办理兑换」，选志愿者和兑换项。"

    def pickable(self, name):
        for_exchange = name == "volunteer" and request.args.get("for") == "exchange"
        return [Volunteer.state == "registered"] if for_exchange else []

    def more(self, row):
        return {"decisions": decisions.shown(row)}

    @expose("/slip/")
    @right("print")
    def slip_view(self) -> str:
        """The slip on paper, to be signed by both; printing leaves a trace."""
        row = self.get_one(request.args.get("id"))
        row.printed(actor())
        back = self.get_url(".details_view", id=row.id)
        return render_template("desk/slip.html", row=row, show=cells.show, back=back)
