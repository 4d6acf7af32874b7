"""文明单位结对帮扶进社区 (方案 三(3)): the units, and their agreements with a community and its households."""

from collections.abc import Iterable
from datetime import date, timedelta

from peewee import (
    CharField,
    DateField,
    Expression,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
)

from models import clock
from models.fields import CodesField
from models.households import Household
from models.moves import Entered, Staged, permit, whole
from models.refusals import refuse, refuse_if
from models.scope import EVERYTHING, Actor, find
from models.stations import station_field
from models.units import Unit
from models.vocabulary import unknown_codes
from rules import pairing as rules
from rules.findings import Finding
from rules.life import Move

LONGEST_YEARS = 5  # of one agreement; longer is a renewal
MOST_VISITS = 366  # in a quarter; beyond it is a slip of the keyboard
MOST_MINUTES = 600_000  # in a quarter: ten thousand hours


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
        return self.check(by) + self._check_households()

    def _check_households(self) -> list[Finding]:
        """「一助一」 helps exactly one, and nobody else helps it (rules.pairing)."""
        helped = [key for (key,) in PairedHousehold.helped(self.id).select(PairedHousehold.household).tuples()]
        return rules.check_households(self.form, len(helped), PairedHousehold.others(helped, self))

    def may_approve(self, by: Actor) -> list[Finding]:
        twin = Pairing.select().where(
            Pairing.unit == self.unit_id, Pairing.station == self.station_id, Pairing.state == "active",
            Pairing.ends_on >= self.starts_on, Pairing.id != self.id,
        )  # fmt: skip
        if twin.exists():
            return [Finding("unit", "这个单位与本社区已有结对中的协议，到期后再续签。")]
        return self.may_submit(by)

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
            refuse_if(new.faults(by))
            new.store_new(by)
            for paired in PairedHousehold.helped(old.id, old.until):
                PairedHousehold.enter(
                    by, pairing=new.id, household=paired.household_id, since=starts, note=paired.note
                )
        return new


class PairedHousehold(Entered):
    """A household that an agreement helps, from when to when."""

    resource = "paired_households"
    station_path = "station"
    editable = "pairing household since until note"

    station = station_field(backref="paired_households")
    pairing = ForeignKeyField(Pairing, backref="households", verbose_name="结对帮扶")
    household = ForeignKeyField(Household, backref="pairings", verbose_name="结对户")
    since = DateField(verbose_name="结对日期")
    until = DateField(null=True, verbose_name="退出日期", help_text="不再帮扶的最后一天")
    note = CharField(max_length=200, default="", verbose_name="备注")

    class Meta:
        indexes = ((("pairing", "household", "since"), True),)

    def __str__(self) -> str:
        return f"{self.pairing.unit.name}结对户 {self.household}"

    @classmethod
    def helped(cls, pairing_id: int | None, day: date | None = None) -> ModelSelect:
        """The households that an agreement helps on that day, today where none is given."""
        still = cls.until.is_null() | (cls.until >= (day or clock.today()))
        return cls.select().where(cls.pairing == pairing_id, still)

    @classmethod
    def others(cls, households: Iterable[int], of: Pairing) -> list[tuple[str, str]]:
        """(unit, form) of further living agreements of other units that help one of these households."""
        rows = (
            cls.select(Unit.name, Pairing.form)
            .join(Pairing)
            .join(Unit)
            .where(
                cls.household.in_(list(households)),
                cls.until.is_null() | (cls.until >= clock.today()),
                Pairing.unit != of.unit_id,
                Pairing.state.in_(("submitted", "active")),
                Pairing.ends_on >= of.starts_on,
            )
            .distinct()
        )
        return list(rows.tuples())

    def prepare(self, by: Actor) -> None:
        if self.pairing_id:
            self.station_id = self.pairing.station_id

    def check(self, by: Actor) -> list[Finding]:
        pairing = self.pairing
        if self.was and (self.was["pairing"], self.was["household"]) != (self.pairing_id, self.household_id):
            return [Finding("household", "不能改成别的户；请填退出日期，再另行添加。")]
        if pairing.state in ("expired", "ended"):
            return [Finding("pairing", f"这份协议{pairing.state_label}，不能再改结对户；请在续签的协议里办理。")]
        if self.household.station_id != pairing.station_id:
            return [Finding("household", "所选的户不在这个社区。")]
        findings = []
        if self.until and self.since and self.until < self.since:
            findings.append(Finding("until", f"退出日期应不早于结对日期 {self.since}。"))
        others = self.helped(pairing.id).where(PairedHousehold.id != self.id)
        if others.where(PairedHousehold.household == self.household_id).exists():
            findings.append(Finding("household", "这一户已在这份协议里。"))
        elif not self.until:
            helping = self.others([self.household_id], pairing)
            findings += rules.check_households(pairing.form, others.count() + 1, helping, "household")
        return findings


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
