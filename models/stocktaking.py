"""盘点 (domain §3.5 no. 6): what lies on a shelf, counted by one person and confirmed by another.

What the book said is kept with the count: what goes out between counting and confirming is in the book in its own right,
so the difference stays what it was. Nothing on a shelf is changed but by a receipt, an exchange, a grant, or this.
"""

from peewee import CharField, DateField, ForeignKeyField, IntegerField, TextField

from models import clock
from models.catalogue import RewardItem
from models.moves import Staged
from models.scope import Actor
from models.stations import station_field
from models.stock import correct
from rules import stock
from rules.findings import Finding


class StockCount(Staged):
    """So many pieces of one thing were there; the difference is booked once somebody else found as many."""

    resource = "stock_counts"
    station_path = "station"
    life = stock.COUNT
    editable = "item counted reason"

    station = station_field(backref="stock_counts")
    item = ForeignKeyField(RewardItem, backref="counts", verbose_name="品名")
    counted_on = DateField(default=clock.today, verbose_name="盘点日期")
    counted = IntegerField(verbose_name="实有数量", help_text="份；货架上数出来的")
    book = IntegerField(default=0, verbose_name="账面数量")
    reason = CharField(max_length=200, verbose_name="盘点说明", help_text="为什么盘点，差数是怎么来的，例如：月末盘点，2 袋受潮")
    counter = CharField(max_length=60, default="", verbose_name="盘点人")
    confirmed_by = CharField(max_length=60, default="", verbose_name="确认人")
    confirmed_on = DateField(null=True, verbose_name="确认日期")
    outcome = TextField(default="", verbose_name="不采用的理由")

    class Meta:
        indexes = ((("station", "state", "id"), False), (("item", "state"), False))

    def __str__(self) -> str:
        return f"盘点 {self.id}"

    def prepare(self, by: Actor) -> None:
        self.reason = (self.reason or "").strip()
        if not self.was and self.item_id:
            self.book = self.item.stock or 0

    def check(self, by: Actor) -> list[Finding]:
        if self.item.station_id != self.station_id:
            return [Finding("item", "没有找到所选的「品名」，请重新选择。")]
        found = stock.check_count(self.counted, self.item.stock, self.item.name)
        waits = StockCount.select().where(StockCount.item == self.item_id, StockCount.state == "counted")
        if not found and waits.where(StockCount.id != (self.id or 0)).exists():
            found.append(Finding("item", f"「{self.item.name}」有一次盘点还没有确认，请先确认或不采用。"))
        return found

    def store_new(self, by: Actor) -> None:
        self.counter = by.name
        super().store_new(by)

    def difference(self) -> str:
        """What the count comes to, in Chinese."""
        return stock.difference(self.counted, self.book)

    def consequences(self) -> list[str]:
        """What confirming would do, in Chinese sentences."""
        if self.state != "counted":
            return []
        gap = self.counted - self.book
        left = (self.item.stock or 0) + gap
        return [self.difference(), f"确认后账面为 {left} 份。" if gap else "确认后不改账面，只留下这次盘点。"]

    def do_confirm(self, by: Actor) -> None:
        self.confirmed_by, self.confirmed_on = by.name, clock.today()
        correct(
            self.item_id, self.counted - self.book, by, stocktake=self.id, handler=self.counter, witness=by.name,
            note=self.reason[:120],
        )  # fmt: skip

    def do_reject(self, by: Actor) -> None:
        self.outcome = self.reason_given
