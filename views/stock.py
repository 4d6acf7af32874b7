"""物资出入库 (domain §3.5 no. 6): the book of the shelves, and goods received."""

from models.catalogue import RewardItem
from models.stock import StockMove
from views.base import StageView


class StockScreen(StageView):
    model = StockMove
    title = "物资出入库"
    step = "激励回馈"
    columns = "id day item.name kind source change remains note handler station"
    search = "item.name note"
    filter_by = "kind source item station day"
    ledger = "goods"
    adds_up = True
    opens = {"item.name": (RewardItem, "item")}
    form_groups = [("入库", "item source change note")]
    detail_groups = [
        ("出入库", "day item kind source change remains note"),
        ("经办", "handler redemption pool_grant station entered_at"),
    ]
    empty = "还没有物资出入库。收到物资点「新增」入库；兑换、受助和取消会自动记在这里。"

    def required(self, form):
        return super().required(form) | {"source"}

    def pickable(self, name):
        return [RewardItem.stock.is_null(False)] if name == "item" else []
