"""物资出入库 (domain §3.5 no. 6): each piece that comes to a shelf or leaves it, in a book that only grows.

A move is written in the transaction that changes `RewardItem.stock`, whose row is held until then: so the moves of a
thing stand in the order in which they happened, their sum is its stock (nothing where it is not counted), and each says
what was left after it. `faults` holds one against the other.
"""

from collections.abc import Iterator

from peewee import SQL, BigIntegerField, CharField, Check, DateField, ForeignKeyField, IntegerField, fn

from models import clock
from models.catalogue import RewardItem
from models.moves import Entered
from models.refusals import Refusal, refuse
from models.scope import Actor
from models.stations import station_field
from rules import stock
from rules.findings import Finding

KINDS = list(stock.KINDS.items())
SOURCES = list(stock.SOURCES.items())


class StockMove(Entered):
    """So many pieces in or out, why, by whom, and how many were left. What a person enters is goods received."""

    resource = "goods"
    station_path = "station"
    editable = "item source change note"

    station = station_field(backref="stock_moves")
    item = ForeignKeyField(RewardItem, backref="moves", verbose_name="品名")
    day = DateField(default=clock.today, verbose_name="日期")
    kind = CharField(max_length=12, choices=KINDS, default="receipt", verbose_name="出入库类型")
    source = CharField(max_length=10, choices=SOURCES, default="", verbose_name="物资来源")
    change = IntegerField(
        constraints=[Check("change <> 0")], verbose_name="出入数量", help_text="份"
    )
    remains = IntegerField(constraints=[Check("remains >= 0")], verbose_name="结存")
    redemption = BigIntegerField(null=True, verbose_name="兑换单")
    pool_grant = BigIntegerField(null=True, verbose_name="受助单")
    stocktake = BigIntegerField(null=True, verbose_name="盘点单")
    note = CharField(max_length=120, default="", verbose_name="出入库说明", help_text="例如：发票号、捐赠单位")
    handler = CharField(max_length=60, verbose_name="经办人")
    witness = CharField(
        max_length=60, default="", constraints=[SQL("DEFAULT ''")], verbose_name="盘点确认人"
    )

    class Meta:
        indexes = ((("station", "id"), False), (("item", "id"), False))

    def __str__(self) -> str:
        return f"出入库 {self.id}"

    def check(self, by: Actor) -> list[Finding]:
        found = stock.check_receipt(self.change or 0, self.source)
        if self.item.station_id != self.station_id:
            found.append(Finding("item", "没有找到所选的「品名」，请重新选择。"))
        elif self.item.stock is None:
            found.append(Finding("item", f"「{self.item.name}」不计库存，请站长先在兑换目录中填写库存。"))
        return found

    def store_new(self, by: Actor) -> None:
        """Onto the shelf and into the book at once."""
        counted = (RewardItem.id == self.item_id) & (RewardItem.stock.is_null(False))
        more = {"stock": RewardItem.stock + self.change, "revision": RewardItem.revision + 1}
        if not RewardItem.update(more).where(counted).execute():
            raise refuse("这一项刚刚改为不计库存，没有入库。", "item")
        self.kind, self.handler, self.remains = "receipt", by.name, _on_the_shelf(self.item_id)
        super().store_new(by)


def note(item: RewardItem | int, change: int, kind: str, by: Actor, **basis: int | str) -> None:
    """Write what was just taken from the shelf or put on it; ``basis`` names the exchange, grant or count, and who else
    stood by. Nothing moved is no move."""
    if change:
        row = item if isinstance(item, RewardItem) else RewardItem.get_by_id(item)
        said = {"handler": by.name, "entered_by": by.account_id} | basis
        StockMove.create(
            station=row.station_id, item=row.id, kind=kind, change=change, remains=_on_the_shelf(row.id), **said
        )


def correct(item_id: int, change: int, by: Actor, **basis: int | str) -> None:
    """Book what a count of two persons found more or less than the book said. Raises ``Refusal`` where so much is no
    longer there, or nothing is counted any more."""
    if not change:
        return
    enough = RewardItem.stock + change >= 0
    more = {"stock": RewardItem.stock + change, "revision": RewardItem.revision + 1}
    if not RewardItem.update(more).where(RewardItem.id == item_id, enough).execute():
        raise refuse("盘点以后又有出库，账面已不够更正；请不采用这次盘点，重新清点。", "counted")
    note(item_id, change, "count", by, **basis)


def out_of_stock(item: RewardItem, quantity: int, left: int) -> Finding:
    return Finding("quantity", f"「{item.name}」库存不足：需要 {quantity} 份，只剩 {left} 份。")


def take_stock(item: RewardItem, quantity: int) -> bool:
    """Take pieces off the shelf; whether there was anything to take: of what is not counted there is always enough.

    One conditional statement: whoever comes second finds the stock already taken. Raises ``Refusal`` where too little
    is left.
    """
    taken = (
        # The revision tells whoever has the item open in a form that its stock is no longer what they see.
        RewardItem.update(stock=RewardItem.stock - quantity, revision=RewardItem.revision + 1)
        .where(RewardItem.id == item.id, RewardItem.stock >= quantity)
        .execute()
    )
    if not taken:
        left = RewardItem.get_by_id(item.id).stock
        if left is not None:
            raise Refusal(out_of_stock(item, quantity, left))
    return bool(taken)


def return_stock(item_id: int, quantity: int, by: Actor, **basis: int) -> None:
    """Put pieces that were taken back on the shelf, where it is counted still."""
    returned = (
        RewardItem.update(stock=RewardItem.stock + quantity, revision=RewardItem.revision + 1)
        .where(RewardItem.id == item_id, RewardItem.stock.is_null(False))
        .execute()
    )
    if returned:
        note(item_id, quantity, "back", by, **basis)


def _on_the_shelf(item_id: int) -> int:
    return int(RewardItem.select(fn.COALESCE(RewardItem.stock, 0)).where(RewardItem.id == item_id).scalar())


def faults(station_id: int) -> Iterator[tuple[str, str]]:
    """Where the book of one station does not fit: (which move or thing, what is wrong)."""
    so_far = fn.SUM(StockMove.change).over(partition_by=[StockMove.item], order_by=[StockMove.id])
    moves = StockMove.select(StockMove.id.alias("id"), StockMove.remains.alias("left_over"), so_far.alias("so_far"))
    each = moves.where(StockMove.station == station_id).alias("each_move")
    wrong = StockMove.select(SQL("id"), SQL("left_over"), SQL("so_far")).from_(each)
    for key, left, said in wrong.where(SQL("left_over <> so_far")).order_by(SQL("id")).limit(1).tuples():
        yield f"物资出入库第 {key} 笔", f"写明结存 {left} 份，按此前各笔应是 {int(said)} 份。"
    sums = StockMove.select(StockMove.item.alias("item"), fn.SUM(StockMove.change).alias("pieces"))
    sums = sums.where(StockMove.station == station_id).group_by(StockMove.item).alias("sums")
    counted, pieces = fn.COALESCE(RewardItem.stock, 0), fn.COALESCE(sums.c.pieces, 0)
    shelves = RewardItem.select(RewardItem.id, RewardItem.name, counted, pieces)
    shelves = shelves.join(sums, "LEFT OUTER JOIN", on=(sums.c.item == RewardItem.id))
    shelves = shelves.where(RewardItem.station == station_id, counted != pieces).order_by(RewardItem.id)
    for key, name, has, said in shelves.tuples():
        yield f"兑换项 {key}「{name}」", f"库存 {int(has)} 份，与出入库合计 {int(said)} 份不符。"
