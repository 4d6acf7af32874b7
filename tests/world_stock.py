"""A move of station A's book of goods: what lay on the shelf when the thing was listed."""

from models.stock import StockMove


def add(cast, keys) -> None:
    keys[StockMove] = StockMove.select().order_by(StockMove.id).first().id
