"""文明单位结对帮扶进社区 (方案 三(3)): the units, and their agreements with a community and its households."""

from datetime import date, timedelta

from peewee import BooleanField, CharField, DateField, Expression, ForeignKeyField, IntegerField, TextField, fn

from models import clock
from models.audit import trail
from models.fields import CodesField, SealedField
from models.moves import Entered, Staged, permit, whole
from models.refusals import refuse
from models.scope import EVERYTHING, NOTHING, ROOT, Actor, find
from models.stations import COUNTY_DIGITS, Division, Station, station_field
from models.teams import Revealing, Team
from models.vocabulary import unknown_codes
from rules import pairing as rules
from rules.access import DIVISION_ROLES, STATION_ROLES
from rules.divisions import contains, level, subtree
from rules.findings import Finding
from rules.identity import check_phone, normalise_phone
from rules.life import Move
from rules.teams import check_code, normalise_code

LONGEST_YEARS = 5  # of one agreement; longer is a renewal
MOST_VISITS = 366  # in a quarter; beyond it is a slip of the keyboard
MOST_MINUTES = 600_000  # in a quarter: ten thousand hours


class Unit(Revealing, Entered):
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
        if level(code) not in ("county", "street"):
            findings.append(Finding("division", "文明单位登记到县或街道，请选县（市、区）或街道、乡镇。"))
        elif not self._is_near(by, code):
            findings.append(Finding("division", "只能登记本县（或您负责的区划内）的文明单位。"))
        return findings + self._check_twin()

    def _is_near(self, by: Actor, code: str) -> bool:
        if by.role in STATION_ROLES:
            here = str(Station.select(Station.division).where(Station.id == by.station_id).scalar())
            return contains(here[:COUNTY_DIGITS], code)
        return not by.division or contains(by.division, code)

    def _check_twin(self) -> list[Finding]:
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


class Pairing(Staged):
    """One agreement: a unit helps a community, 「一助一」 or 「多助一」, for a term, with promises for each quarter."""

    resource = "pairings"
    station_path = "station"
    life = rules.PAIRING
    editable = (
        "unit form categories content starts_on ends_on promised_visits promised_minutes unit_person station_person"
    )

    station = station_field(backref="pairings")
    unit = ForeignKeyField(Unit, backref="pairings", verbose_name="文明单位")
    form = CharField(max_length=8, choices=rules.FORMS, verbose_name="帮扶形式")
    categories = CodesField(kind="category", verbose_name="帮扶类别")
    content = TextField(default="", verbose_name="帮扶内容")
    starts_on = DateField(verbose_name="起始日期")
    ends_on = DateField(index=True, verbose_name="到期日期", help_text="含当日")
    promised_visits = IntegerField(verbose_name="每季承诺次数", help_text="次")
    promised_minutes = IntegerField(verbose_name="每季承诺工时", help_text="分钟，10 小时填 600")
    unit_person = CharField(max_length=40, verbose_name="单位责任人")
    station_person = CharField(max_length=40, verbose_name="社区责任人")
    renews = ForeignKeyField("self", null=True, backref="renewals", verbose_name="续签自")
    ended_on = DateField(null=True, verbose_name="终止日期")
    ended_for = CharField(max_length=200, default="", verbose_name="终止理由")
    returned_for = CharField(max_length=200, default="", verbose_name="退回理由")

    class Meta:
        indexes = ((("station", "state", "id"), False), (("unit", "state"), False))

    def __str__(self) -> str:
        return f"{self.unit.name}（{self.starts_on:%Y-%m} 起）"

    def check(self, by: Actor) -> list[Finding]:
        findings = unknown_codes(self)
        if not self.categories:
            findings.append(Finding("categories", "请选择「帮扶类别」，至少一类。"))
        if self.starts_on and self.ends_on:
            if self.ends_on <= self.starts_on:
                findings.append(Finding("ends_on", f"到期日期应晚于起始日期 {self.starts_on}。"))
            elif (self.ends_on - self.starts_on).days > LONGEST_YEARS * 366:
                findings.append(Finding("ends_on", f"一份协议最长 {LONGEST_YEARS} 年，到期可以续签。"))
        if self.promised_visits is not None and not 1 <= self.promised_visits <= MOST_VISITS:
            findings.append(Finding("promised_visits", f"每季承诺次数应在 1 到 {MOST_VISITS} 之间。"))
        if self.promised_minutes is not None and not 0 <= self.promised_minutes <= MOST_MINUTES:
            findings.append(Finding("promised_minutes", f"每季承诺工时应在 0 到 {MOST_MINUTES} 分钟之间。"))
        if self.unit_id and self.unit_id != self.was.get("unit") and not self.unit.active:
            findings.append(Finding("unit", f"「{self.unit.name}」已停用，不能结对。"))
        return findings

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state != "draft":
            return [Finding("state", f"现在是「{self.state_label}」，不能再修改；要改条款请续签新的协议。")]
        return []

    @property
    def until(self) -> date:
        """The last day on which it holds: of its term, or on which it was ended."""
        return min(self.ends_on, self.ended_on) if self.ended_on else self.ends_on

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        return cls.ends_on < clock.today() if move.name == "expire" else EVERYTHING

    def legal_moves(self, by: Actor) -> list[Move]:
        """Not offered: to let it run out before its last day is past."""
        return [m for m in super().legal_moves(by) if m.name != "expire" or not self.may_expire(by)]

    def may_submit(self, by: Actor) -> list[Finding]:
        return self.check(by)

    def may_approve(self, by: Actor) -> list[Finding]:
        twin = Pairing.select().where(
            Pairing.unit == self.unit_id, Pairing.station == self.station_id, Pairing.state == "active",
            Pairing.ends_on >= self.starts_on, Pairing.id != self.id,
        )  # fmt: skip
        if twin.exists():
            return [Finding("unit", "这个单位与本社区已有结对中的协议，到期后再续签。")]
        return self.check(by)

    def may_expire(self, by: Actor) -> list[Finding]:
        if clock.today() <= self.ends_on:
            return [Finding("ends_on", f"协议到 {self.ends_on} 止，还没有到期。")]
        return []

    def do_return(self, by: Actor) -> None:
        self.returned_for = self.reason_given[:200]

    def do_end(self, by: Actor) -> None:
        self.ended_on, self.ended_for = clock.today(), self.reason_given[:200]

    @classmethod
    def renew(cls, key: object, by: Actor) -> "Pairing":
        """A draft of the agreement that follows this one: its columns, the same length, from the day after it.

        Raises ``Refusal`` where it does not hold yet or another has followed it already.
        """
        permit(by, "enter", cls.resource)
        with whole():
            old = find(cls, key, by, lock=True)
            if old.state not in ("active", "expired", "ended"):
                raise refuse(f"现在是「{old.state_label}」，生效以后才能续签。")
            if cls.select().where(cls.renews == old.id).exists():
                raise refuse("这份协议已经续签过。")
            starts = max(old.until + timedelta(days=1), clock.today())
            copied = {name: old.__data__[name] for name in cls.editable.split()}
            copied |= {"starts_on": starts, "ends_on": starts + (old.ends_on - old.starts_on)}
            new = cls(**copied, station=old.station_id, renews=old.id)
            if wrong := new.faults(by):
                raise refuse("；".join(f.says for f in wrong))
            new.store_new(by)
        return new


def expire_due(by: Actor) -> int:
    """Let every agreement whose last day is past run out; how many there were."""
    due = Pairing.select(Pairing.id).where(Pairing.state == "active", Pairing.ends_on < clock.today())
    keys = [key for (key,) in due.tuples()]
    for key in keys:
        Pairing.move(key, "expire", by)
    return len(keys)


def check_pairing(pairing_id: int | None, before: int | None, day: date | None) -> list[Finding]:
    """A finding where an activity is newly counted for an agreement that does not hold on its day."""
    if pairing_id is None or day is None:
        return []
    pairing = Pairing.get_by_id(pairing_id)
    if pairing_id != before and pairing.state not in ("active", "expired"):
        return [Finding("pairing", f"结对「{pairing}」{pairing.state_label}，不能计入活动。")]
    if not pairing.starts_on <= day <= pairing.until:
        return [Finding("pairing", f"活动日期不在结对期内（{pairing.starts_on} 至 {pairing.until}）。")]
    return []
