"""A move of station A's book of goods: what lay on the shelf when the thing was listed; and a count of it."""

from models.rewards import RewardItem
from models.stock import StockMove
from models.stocktaking import StockCount


def add(cast, keys) -> None:
    keys[StockMove] = StockMove.select().order_by(StockMove.id).first().id
    keys[StockCount] = StockCount.enter(cast.recorder, item=keys[RewardItem], counted=2, reason="月末盘点").id
