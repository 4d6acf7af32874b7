"""兑换目录 (方案 二(6)): what is to be had for hours, and how many pieces of it lie on the shelf."""

from datetime import date

from peewee import SQL, BooleanField, CharField, Check, DateField, Expression, IntegerField, TextField

from models.moves import Entered
from models.scope import Actor, along_or_hers
from models.stations import station_field
from models.volunteers import Volunteer
from rules import rewards
from rules.findings import Finding
from rules.stock import check_amended, of_amending

KINDS = list(rewards.KINDS.items())


class RewardItem(Entered):
    """Something to be had for hours: its price in points, what is in stock, and how many a person may have a year."""

    resource = "reward_items"
    station_path = "station"
    editable = "name spec kind points stock yearly_limit starts_on ends_on details active"

    station = station_field(backref="reward_items")
    name = CharField(max_length=60, verbose_name="名称")
    spec = CharField(
        max_length=40, default="", constraints=[SQL("DEFAULT ''")], verbose_name="规格", help_text="例如：2 公斤装"
    )
    kind = CharField(max_length=8, choices=KINDS, default="service", verbose_name="类别")
    points = IntegerField(verbose_name="积分", help_text="每份")
    stock = IntegerField(
        null=True, constraints=[Check("stock >= 0")], verbose_name="库存", help_text="份；空白表示不限；物品列出以后由入库、兑换和盘点改变"
    )
    yearly_limit = IntegerField(null=True, verbose_name="每人每年限量", help_text="份；空白表示不限")
    starts_on = DateField(null=True, verbose_name="开始兑换")
    ends_on = DateField(null=True, verbose_name="截止兑换")
    details = TextField(default="", verbose_name="说明")
    active = BooleanField(default=True, verbose_name="上架")

    def __str__(self) -> str:
        return f"{self.name}（{self.points} 分）"

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer what her station has on offer."""
        def offered(key: int) -> Expression:
            return cls.active & cls.station.in_(Volunteer.select(Volunteer.station).where(Volunteer.id == key))

        return along_or_hers(cls, "station", actor, offered)

    def check(self, by: Actor) -> list[Finding]:
        findings = []
        if self.points is not None and not 1 <= self.points <= 100_000:
            findings.append(Finding("points", "积分应在 1 到 100000 之间。"))
        if self.stock is not None and self.stock < 0:
            findings.append(Finding("stock", "库存不能是负数；不限请留空。"))
        if self.yearly_limit is not None and self.yearly_limit < 1:
            findings.append(Finding("yearly_limit", "每人每年限量至少 1 份；不限请留空。"))
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            findings.append(Finding("ends_on", "截止日期应不早于开始日期。"))
        return findings + check_amended(self.was, self.kind, self.stock)

    def open_on(self, day: date) -> bool:
        """Whether it can be exchanged on that day."""
        return (
            self.active
            and (self.starts_on is None or self.starts_on <= day)
            and (self.ends_on is None or day <= self.ends_on)
        )

    def after_enter(self, by: Actor) -> None:
        self._note("opening", self.stock or 0, by)

    def store_amended(self, by: Actor) -> None:
        """A figure that was put right is a move of its own: the book is never written over."""
        super().store_amended(by)
        self._note(*of_amending(self.was["stock"], self.stock), by)

    def _note(self, kind: str, pieces: int, by: Actor) -> None:
        from models.stock import note  # the book's rows refer to this table

        note(self, pieces, kind, by)
