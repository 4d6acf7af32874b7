"""专人负责和场地、人员、资金 (方案 四(1)): who answers for what at a station, and what streets and counties give it."""

from typing import Any

from peewee import SQL, CharField, DateField, Expression, ForeignKeyField, IntegerField, fn

from models import clock
from models.fields import MoneyField, SealedField
from models.moves import Entered
from models.scope import Actor, within
from models.stations import Division, Station, station_field
from rules.divisions import contains
from rules.findings import Finding
from rules.identity import check_phone, normalise_phone

ROLES = [
    ("head", "站长"), ("deputy", "副站长"), ("full_time", "专职"), ("part_time", "兼职"), ("social", "社工"),
    ("liaison", "楼组长联络"),
]  # fmt: skip
KINDS = [("funds", "经费"), ("place", "场地"), ("people", "人员"), ("things", "设备")]
UNITS = [("sqm", "平方米"), ("persons", "人"), ("pieces", "件"), ("sets", "套")]
FITTING = {"place": ("sqm",), "people": ("persons",), "things": ("pieces", "sets")}  # units of each kind


class Duty(Entered):
    """One person who answers for something at the station, from a day to a day."""

    resource = "duties"
    station_path = "station"
    editable = "name role work phone since until"

    station = station_field(backref="duties")
    name = CharField(max_length=40, verbose_name="负责人")
    role = CharField(max_length=10, choices=ROLES, verbose_name="岗位")
    work = CharField(max_length=100, default="", verbose_name="分工")
    phone = SealedField(default="", verbose_name="联系电话")
    since = DateField(verbose_name="任职日期")
    until = DateField(null=True, verbose_name="卸任日期", help_text="在任请留空")

    class Meta:
        indexes = ((("station", "role", "id"), False),)

    def __str__(self) -> str:
        return f"{dict(ROLES).get(self.role, '')} {self.name}"

    def prepare(self, by: Actor) -> None:
        self.phone = normalise_phone(self.phone or "")

    def check(self, by: Actor) -> list[Finding]:
        findings = check_phone(self.phone) if self.phone else []
        if self.since and self.until and self.until < self.since:
            findings.append(Finding("until", f"卸任日期应不早于任职日期 {self.since}。"))
        if self.role == "head" and self.since:
            findings += self._check_other_heads()
        return findings

    def _check_other_heads(self) -> list[Finding]:
        """One head at a time: the community's own (方案 三(2))."""
        overlap = (Duty.until.is_null()) | (Duty.until >= self.since)
        if self.until:
            overlap &= Duty.since <= self.until
        other = Duty.select(Duty.name, Duty.since).where(
            Duty.station == self.station_id, Duty.role == "head", Duty.id != self.id, overlap
        )
        if (found := other.first()) is None:
            return []
        return [Finding("role", f"同一时间只有一位站长：{found.name} 自 {found.since} 起任职，请先填写卸任日期。")]

    @classmethod
    def in_office(cls) -> Expression:
        """Who holds the post today."""
        today = clock.today()
        return (cls.since <= today) & (cls.until.is_null() | (cls.until >= today))


def unattended(by: Actor) -> Expression:
    """没有专人负责的工作站: stations in use where nobody but the head holds a post today (方案 四(1))."""
    posted = Duty.select(Duty.station).where(Duty.role != "head", Duty.in_office())
    return Station.active & Station.id.not_in(posted)


class Support(Entered):
    """What a street, county or other level above gave to a station: money in 分, or so many of a unit."""

    resource = "supports"
    station_path = "station"
    editable = "giver kind fen quantity unit given_on until document note"

    station = station_field(backref="supports")
    giver = ForeignKeyField(
        Division, backref="+", verbose_name="来自", help_text="本站所在的街道、县（市、区）或更上一级"
    )
    kind = CharField(max_length=6, choices=KINDS, verbose_name="支持内容")
    fen = MoneyField(null=True, verbose_name="金额（元）", help_text="经费填写，精确到分")
    quantity = IntegerField(null=True, verbose_name="数量", help_text="场地、人员、设备填写")
    unit = CharField(max_length=8, choices=UNITS, default="", verbose_name="单位")
    given_on = DateField(verbose_name="落实日期")
    until = DateField(null=True, verbose_name="使用期至", help_text="长期请留空")
    document = CharField(max_length=80, default="", verbose_name="文件或凭证")
    note = CharField(max_length=200, default="", verbose_name="备注")

    class Meta:
        indexes = ((("station", "given_on"), False), (("kind", "given_on"), False))

    def __str__(self) -> str:
        return f"{dict(KINDS).get(self.kind, '')} {self.given_on}"

    def prepare(self, by: Actor) -> None:
        if self.kind in FITTING and not self.unit and len(FITTING[self.kind]) == 1:
            self.unit = FITTING[self.kind][0]
        if self.kind == "funds":
            self.unit = ""

    def check(self, by: Actor) -> list[Finding]:
        findings = self._check_amount()
        place = str(Station.get_by_id(self.station_id).division_id)
        if self.giver_id and not contains(str(self.giver_id), place):
            findings.append(Finding("giver", "应选本站所在的社区、街道、县（市、区）或更上一级。"))
        if self.given_on and self.given_on > clock.today():
            findings.append(Finding("given_on", "落实日期还没有到，落实后再登记。"))
        if self.given_on and self.until and self.until < self.given_on:
            findings.append(Finding("until", f"使用期应不早于落实日期 {self.given_on}。"))
        return findings

    def _check_amount(self) -> list[Finding]:
        if self.kind == "funds":
            if not self.fen or self.fen < 0:
                return [Finding("fen", "请填写经费的金额，例如 5000 或 5000.50。")]
            return [Finding("quantity", "经费只填金额，数量请留空。")] if self.quantity else []
        findings = []
        if self.fen:
            findings.append(Finding("fen", "场地、人员、设备填写数量和单位，金额请留空。"))
        if not self.quantity or self.quantity < 1:
            findings.append(Finding("quantity", "请填写数量，应不少于 1。"))
        if self.kind in FITTING and self.unit not in FITTING[self.kind]:
            names = "、".join(dict(UNITS)[unit] for unit in FITTING[self.kind])
            findings.append(Finding("unit", f"{dict(KINDS)[self.kind]}的单位应是{names}。"))
        return findings


def totals(by: Actor, *where: Expression) -> list[dict[str, Any]]:
    """Sums by year and kind of what this person may see, newest year first; one statement."""
    year = Support.given_on.year.alias("year")  # grouped by the alias: a bound parameter is no grouped expression
    summed = (
        Support.select(year, Support.kind, Support.unit, fn.COUNT(1), fn.SUM(Support.fen), fn.SUM(Support.quantity))
        .where(within(Support, by), *where)
        .group_by(SQL("year"), Support.kind, Support.unit)
    )
    order = {kind: n for n, (kind, _) in enumerate(KINDS)}
    rows = [
        {
            "year": int(at),
            "kind": kind,
            "unit": unit,
            "count": count,
            "fen": int(fen or 0),
            "quantity": int(many or 0),
        }
        for at, kind, unit, count, fen, many in summed.tuples()
    ]
    return sorted(rows, key=lambda row: (-row["year"], order[row["kind"]], row["unit"]))
