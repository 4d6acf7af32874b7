"""区划与学雷锋志愿服务工作站 (方案 三(2)): the division tree and the stations in it."""

from collections.abc import Iterable

from peewee import BooleanField, Case, CharField, DateField, ForeignKeyField, IntegerField

from models.audit import trail
from models.moves import Entered
from models.refusals import refuse
from models.scope import EVERYTHING, ROOT, Actor, within
from rules.access import Role
from rules.divisions import check_code, contains, level, lineage, parent, subtree
from rules.findings import Finding
from rules.identity import check_phone, normalise_phone
from rules.reading import whole_number

LEVELS = [
    ("province", "省"),
    ("prefecture", "州市"),
    ("county", "县（市、区）"),
    ("street", "街道、乡镇"),
    ("community", "社区"),
]
SURNAME = "学雷锋志愿服务工作站"  # that stations share by 方案 三(2)
KEY_DIGITS = 10  # of a key that a form may send: more is no key at all
COUNTY_DIGITS = 6  # of a code, down to the county
ADMINISTERED = ("division", "active")  # columns of a station that only the administrator sets


class Division(Entered):
    """One node of the tree; the code says where it hangs (2/4/6/9/12 digits)."""

    resource = "divisions"
    editable = "code name active"

    code = CharField(primary_key=True, max_length=12, verbose_name="区划代码",
                     help_text="省 2 位、州市 4 位、县 6 位、街道乡镇 9 位、社区 12 位；上级由代码得出")  # fmt: skip
    name = CharField(max_length=60, index=True, verbose_name="名称")
    level = CharField(max_length=10, choices=LEVELS, index=True, verbose_name="级别")
    parent = ForeignKeyField("self", null=True, backref="children", verbose_name="上级")
    active = BooleanField(default=True, verbose_name="在用")

    @classmethod
    def scope(cls, actor: Actor):
        return EVERYTHING  # the tree itself is public

    def __str__(self) -> str:
        return self.name

    def prepare(self, by: Actor) -> None:
        if not check_code(self.code or ""):
            self.level = level(self.code)
            self.parent = parent(self.code)

    def check(self, by: Actor) -> list[Finding]:
        findings = check_code(self.code or "")
        if findings:
            return findings
        if self.parent_id and Division.get_or_none(Division.code == self.parent_id) is None:
            findings.append(Finding("code", f"上级区划 {self.parent_id} 还没有登记，请先登记上级。"))
        if by.division and not contains(by.division, self.code):
            findings.append(Finding("code", "这个代码不在您负责的区划内。"))
        return findings

    @classmethod
    def enter(cls, by: Actor, **values):
        if values.get("code") and cls.get_or_none(cls.code == values["code"]) is not None:
            raise refuse(f"区划代码 {values['code']} 已经登记过。", "code")
        return super().enter(by, **values)

    @classmethod
    def nearest(cls, by: Actor) -> list:
        """Order for a picker: the asker's own county first, then by code."""
        at = by.division
        if by.station_id:
            at = Station.select(Station.division).where(Station.id == by.station_id).scalar()
        low, high = subtree(str(at or ROOT)[:COUNTY_DIGITS])
        return [Case(None, [((cls.code >= low) & (cls.code < high), 0)], 1), cls.code]

    def full_name(self) -> str:
        """The names from the province down: many streets of the province share one name."""
        return Division.in_full([self])[self.code]

    @classmethod
    def in_full(cls, rows: Iterable["Division"]) -> dict[str, str]:
        """The full name of each of these rows by its code; one statement for all of them."""
        lines = {row.code: lineage(row.code) for row in rows}
        codes = {code for line in lines.values() for code in line}
        names = dict(cls.select(cls.code, cls.name).where(cls.code.in_(codes)).tuples()) if codes else {}
        return {code: "".join(names.get(step, "") for step in line) for code, line in lines.items()}


class Station(Entered):
    """学雷锋志愿服务工作站: one to an urban community; the community's head is the station's (方案 三(2))."""

    resource = "stations"
    station_path = ""
    editable = "division name head_name contact_name address phone opening opened_on active"

    division = ForeignKeyField(Division, backref="stations", verbose_name="所在社区")
    name = CharField(max_length=80, index=True, verbose_name="工作站名称")
    head_name = CharField(max_length=40, verbose_name="站长")
    contact_name = CharField(max_length=40, default="", verbose_name="专人负责")
    address = CharField(max_length=120, default="", verbose_name="地址")
    phone = CharField(max_length=20, default="", verbose_name="电话")
    opening = CharField(max_length=80, default="", verbose_name="开放时间")
    opened_on = DateField(null=True, verbose_name="成立日期")
    active = BooleanField(default=True, verbose_name="在用")
    next_card = IntegerField(default=1)  # the sequence of the next volunteer number

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        """The name in a list, where every row would end with the same words."""
        return self.name.removesuffix(SURNAME) or self.name

    def prepare(self, by: Actor) -> None:
        self.phone = normalise_phone(self.phone or "")

    def check(self, by: Actor) -> list[Finding]:
        findings = []
        if self.division_id and level(str(self.division_id)) not in ("street", "community"):
            findings.append(Finding("division", "工作站建在社区或街道，请选到社区一级。"))
        if by.division and self.division_id and not contains(by.division, str(self.division_id)):
            findings.append(Finding("division", "所选社区不在您负责的区划内。"))
        if by.role == Role.HEAD and any(self.was.get(name) != self.__data__[name] for name in ADMINISTERED):
            findings.append(Finding("division", "工作站的社区和启停由管理员办理。"))
        if self.phone:
            findings += check_phone(self.phone, where="phone")
        return findings

    def trace(self, by: Actor, action: str, reason: str = "", before=None, after=None) -> None:
        """Left with the station itself, so that its own auditors find it."""
        trail(by, action, self._meta.table_name, self.id, reason=reason, before=before, after=after, station=self.id)


def station_field(**more):
    """The foreign key by which a row belongs to a station."""
    return ForeignKeyField(Station, verbose_name="工作站", **more)


def unknown_stations(row: Entered, name: str, by: Actor, division: str = "") -> list[Finding]:
    """A finding when a set of stations names one that this person may not know of, or that lies elsewhere."""
    keys = [key for key in row.__data__.get(name) or [] if key]
    if not keys:
        return []
    wanted = {number for key in keys if (number := whole_number(key, KEY_DIGITS - 1)) is not None}
    where = [Station.id.in_(wanted), within(Station, by)]
    if division:
        low, high = subtree(division)
        where += [Station.division >= low, Station.division < high]
    if len(wanted) == len(set(keys)) and Station.select().where(*where).count() == len(wanted):
        return []
    return [Finding(name, f"「{row.label(name)}」里有不在范围内的工作站，请重新选择。")]
