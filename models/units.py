"""文明单位 (方案 三(3)): the model units that may help the communities near them."""

from peewee import BooleanField, CharField, Expression, ForeignKeyField, fn

from models.audit import trail
from models.fields import CodesField, SealedField
from models.moves import Entered
from models.scope import EVERYTHING, NOTHING, ROOT, Actor
from models.stations import COUNTY_DIGITS, Division, Station
from models.teams import Team
from models.together import asked_once
from models.vocabulary import unknown_codes
from rules import pairing as rules
from rules.access import DIVISION_ROLES, STATION_ROLES
from rules.divisions import contains, level, subtree
from rules.findings import Finding
from rules.identity import check_phone, normalise_phone
from rules.teams import check_code, normalise_code


@asked_once
def _division_of(station_id: int | None) -> str:
    return str(Station.select(Station.division).where(Station.id == station_id).scalar())


class Unit(Entered):
    """文明单位: a model unit that helps communities near it. Any station of its county may be helped by it."""

    resource = "units"
    editable = "name level uscc division address contact_name contact categories team note active"

    name = CharField(max_length=80, index=True, verbose_name="单位名称")
    level = CharField(max_length=12, choices=rules.LEVELS, verbose_name="级别")
    uscc = CharField(
        max_length=18, default="", index=True, verbose_name="统一社会信用代码", help_text="18 位，照证书填写"
    )
    division = ForeignKeyField(
        Division, backref="units", verbose_name="所在区划", help_text="选到街道；不清楚的选到县"
    )
    address = CharField(max_length=120, default="", verbose_name="地址")
    contact_name = CharField(max_length=40, verbose_name="联系人")
    contact = SealedField(verbose_name="联系方式")
    categories = CodesField(kind="category", verbose_name="能提供的服务")
    team = ForeignKeyField(
        Team, null=True, backref="units", verbose_name="单位服务队", help_text="已在册的志愿服务队"
    )
    note = CharField(max_length=200, default="", verbose_name="备注")
    active = BooleanField(default=True, verbose_name="在用")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """A station knows the units of its county (就地、就近、就便), a division its own."""
        if actor.role in STATION_ROLES and actor.station_id:
            here = Station.select(Station.division).where(Station.id == actor.station_id)
            return fn.SUBSTR(cls.division, 1, COUNTY_DIGITS) == fn.SUBSTR(here, 1, COUNTY_DIGITS)
        if actor.role in DIVISION_ROLES and actor.division:
            if actor.division == ROOT:
                return EVERYTHING
            low, high = subtree(actor.division)
            return (cls.division >= low) & (cls.division < high)
        return NOTHING

    def prepare(self, by: Actor) -> None:
        self.uscc = normalise_code(self.uscc or "")
        if self.contact:
            self.contact = normalise_phone(self.contact)

    def check(self, by: Actor) -> list[Finding]:
        findings = unknown_codes(self)
        if self.uscc:
            findings += check_code(self.uscc)
        if self.contact:
            findings += check_phone(self.contact, where="contact")
        code = str(self.division_id)
        if level(code) not in ("county", "street", "community"):
            findings.append(Finding("division", "文明单位登记到县、街道或社区，请选到街道。"))
        elif not self._is_near(by, code):
            findings.append(Finding("division", "只能登记本县（或您负责的区划内）的文明单位。"))
        return findings + self._check_twin()

    def _is_near(self, by: Actor, code: str) -> bool:
        if by.role in STATION_ROLES:
            here = _division_of(by.station_id)
            return contains(here[:COUNTY_DIGITS], code)
        return not by.division or contains(by.division, code)

    def _check_twin(self) -> list[Finding]:
        if "name" in self.vouched:  # whoever judges many has looked names and codes up together
            return []
        same = (Unit.name == self.name.strip()) & (
            fn.SUBSTR(Unit.division, 1, COUNTY_DIGITS) == str(self.division_id)[:COUNTY_DIGITS]
        )
        if self.uscc:
            same |= Unit.uscc == self.uscc
        twin = Unit.select().where(same, Unit.id != self.id).first()
        if twin is None:
            return []
        where = "uscc" if self.uscc and twin.uscc == self.uscc else "name"
        return [Finding(where, f"这个单位已登记：{twin.name}。")]

    def trace(self, by: Actor, action: str, reason: str = "", before=None, after=None) -> None:
        """Left with the station at whose desk it was done, else with the division that the person answers for."""
        trail(by, action, self._meta.table_name, self.id, reason=reason, before=before, after=after,
              station=by.station_id)  # fmt: skip
