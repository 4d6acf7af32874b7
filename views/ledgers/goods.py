"""物资出入库台帐 (domain §3.5 no. 6): what, how specified, where from, in or out, how many, what is left, by whom."""

from peewee import Case, ModelSelect

from models.catalogue import RewardItem
from models.stations import Station
from models.stock import StockMove
from views.ledgers.columns import STATION, Column, Ledger


def _joins(query: ModelSelect) -> ModelSelect:
    return query.join_from(StockMove, RewardItem).join_from(StockMove, Station, on=(StockMove.station == Station.id))


_in = Case(None, [(StockMove.change > 0, StockMove.change)], None)
_out = Case(None, [(StockMove.change < 0, 0 - StockMove.change)], None)

GOODS = Ledger(
    "goods", "物资出入库", "goods", StockMove,
    (
        STATION,
        Column(StockMove.id, "int", 8, header="笔号"),
        Column(StockMove.day, "date", 11),
        Column(RewardItem.name, width=18, header="品名", name="item"),
        Column(RewardItem.spec, width=14),
        Column(RewardItem.details, "long_text", 24, header="物资说明", name="details"),
        Column(StockMove.kind, "choice", 11),
        Column(StockMove.source, "choice", 9),
        Column(_in, "int", 8, header="入库数量", name="in", total=True),
        Column(_out, "int", 8, header="出库数量", name="out", total=True),
        Column(StockMove.remains, "int", 8),
        Column(StockMove.redemption, "int", 9),
        Column(StockMove.pool_grant, "int", 9),
        Column(StockMove.stocktake, "int", 9),
        Column(StockMove.note, "long_text", 20),
        Column(StockMove.handler, width=12),
        Column(StockMove.witness, width=12),
    ),
    _joins, order=StockMove.id, day=StockMove.day, filters=("kind", "source", "item"),
)  # fmt: skip
