"""物资出入库 (domain §3.5 no. 6): the book of the shelves, goods received, and 盘点 by two persons."""

from models.catalogue import RewardItem
from models.pool import Grant
from models.rewards import Redemption
from models.stock import StockMove
from models.stocktaking import StockCount
from views.base import StageView


class StockScreen(StageView):
    model = StockMove
    title = "物资出入库"
    step = "激励回馈"
    columns = "id day item.name item.spec kind source change remains redemption pool_grant stocktake handler witness note station"
    search = "item.name note"
    filter_by = "kind source item station day"
    ledger = "goods"
    adds_up = True
    opens = {
        "item.name": (RewardItem, "item"), "redemption": (Redemption, "redemption"),
        "pool_grant": (Grant, "pool_grant"), "stocktake": (StockCount, "stocktake"),
    }  # fmt: skip
    form_groups = [("入库", "item source change note")]
    detail_groups = [
        ("出入库", "day item item.spec kind source change remains note"),
        ("经办", "handler witness redemption pool_grant stocktake station entered_at"),
    ]
    empty = "还没有物资出入库。收到物资点「新增」入库；兑换、受助、取消和盘点会自动记在这里。"

    def required(self, form):
        return super().required(form) | {"source"}

    def pickable(self, name):
        return [RewardItem.stock.is_null(False)] if name == "item" else []


class StockCountScreen(StageView):
    model = StockCount
    title = "盘点"
    step = "激励回馈"
    columns = "counted_on item.name item.spec book counted reason counter confirmed_by confirmed_on station state"
    search = "item.name reason"
    filter_by = "state item station counted_on"
    opens = {"item.name": (RewardItem, "item")}
    form_groups = [("盘点", "item counted reason")]
    detail_groups = [
        ("盘点", "counted_on item item.spec book counted reason state"),
        ("两个人", "counter confirmed_by confirmed_on outcome station"),
    ]
    empty = "还没有盘点。一个人清点货架，点「新增」填写实有数量；另一个人再数一遍后确认，差数才入账。"

    def pickable(self, name):
        return [RewardItem.stock.is_null(False)] if name == "item" else []

    def vouch(self, rows):
        return {row._pk: row.difference() for row in rows}

    def more(self, row):
        return {"consequences": row.consequences()}
