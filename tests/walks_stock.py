"""Walks through 盘点."""

from models.rewards import RewardItem
from models.stocktaking import StockCount
from walks import Walk


def rice(cast, **more) -> RewardItem:
    """Goods on A's shelf: five bags in the book."""
    return RewardItem.enter(cast.head, **({"name": "大米 5kg", "kind": "goods", "points": 1, "stock": 5} | more))


def a_count(cast):
    row = StockCount.enter(cast.recorder, item=rice(cast).id, counted=3, reason="月末盘点，两袋受潮")
    return StockCount, row.id


WALKS = [
    Walk("stock_counts", a_count, "confirm:head"),
    Walk("stock_counts", a_count, "reject:recorder"),
]
