"""优待 (方案 二(6)): what a division's bodies offer to good volunteers, who qualifies today, and who took it up."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from peewee import (
    SQL,
    BooleanField,
    Case,
    CharField,
    DateField,
    Expression,
    ForeignKeyField,
    IntegerField,
    Node,
    TextField,
    fn,
)

from models import clock, policy
from models.honours import Honour
from models.hours import Balance
from models.moves import Entered, Staged
from models.records import ServiceRecord
from models.scope import NOTHING, Actor
from models.stars import STARS, StarGrant
from models.stations import Division, Station, station_field
from models.volunteers import Volunteer
from rules.access import DIVISION_ROLES, STATION_ROLES, Role
from rules.divisions import lineage, subtree
from rules.findings import Finding
from rules.honours import RANKS, STANDING
from rules.measures import AT_LEAST, CATEGORIES, NEVER, TAKE_UP, asks, lack, months_before


@dataclass(frozen=True)
class Criterion:
    """One condition on a volunteer: ``have`` is what she has today, as SQL over `Volunteer`; it must reach ``least``."""

    name: str
    have: Node
    least: Any


class Measure(Entered):
    """One preferential measure of one division, entered by its supervisors and seen by everybody below."""

    resource = "measures"
    editable = (
        "name category provider content minimum_star minimum_hours honour_level active_months yearly_limit "
        "starts_on ends_on how phone active"
    )

    division = ForeignKeyField(Division, backref="measures", verbose_name="发布区划")
    name = CharField(max_length=60, verbose_name="优待措施", help_text="例如：三甲医院门诊优先")
    category = CharField(max_length=12, choices=list(CATEGORIES.items()), verbose_name="类别")
    provider = CharField(max_length=80, verbose_name="提供单位")
    content = TextField(verbose_name="优待内容")
    minimum_star = IntegerField(null=True, choices=STARS, verbose_name="最低星级", help_text="空白表示不要求")
    minimum_hours = IntegerField(null=True, verbose_name="累计服务", help_text="小时及以上；空白表示不要求")
    honour_level = CharField(max_length=12, choices=list(AT_LEAST.items()), default="", verbose_name="嘉许要求",
                             help_text="空白表示不要求")  # fmt: skip
    active_months = IntegerField(null=True, verbose_name="近期有服务", help_text="近几个月内；空白表示不要求")
    yearly_limit = IntegerField(null=True, verbose_name="每人每年次数", help_text="空白表示不限")
    starts_on = DateField(index=True, verbose_name="起始日期")
    ends_on = DateField(null=True, index=True, verbose_name="截止日期", help_text="空白表示长期")
    how = TextField(default="", verbose_name="怎么办理")
    phone = CharField(max_length=20, default="", verbose_name="咨询电话")
    active = BooleanField(default=True, verbose_name="施行")

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """A station knows the measures of the divisions above it; a division its own, those above and those below."""
        if actor.role in STATION_ROLES and actor.station_id:
            # A division's code begins with the codes of all that it lies in.
            above = fn.SUBSTR(Station.division, 1, fn.LENGTH(cls.division)) == cls.division
            return fn.EXISTS(Station.select(SQL("1")).where(Station.id == actor.station_id, above))
        if actor.role in DIVISION_ROLES and actor.division:
            low, high = subtree(actor.division)
            below = (cls.division >= low) & (cls.division < high)
            return cls.division.in_(lineage(actor.division)) | below
        return NOTHING

    def __str__(self) -> str:
        return self.name

    @property
    def asks(self) -> str:
        """Who qualifies, in one line."""
        return asks(self.minimum_star, self.minimum_hours, self.honour_level, self.active_months)

    def prepare(self, by: Actor) -> None:
        if self.division_id is None and by.division:
            self.division = by.division

    def check(self, by: Actor) -> list[Finding]:
        findings = [
            Finding(name, f"「{self.label(name)}」至少是 1；不要求请留空。")
            for name in ("minimum_hours", "active_months", "yearly_limit")
            if getattr(self, name) is not None and getattr(self, name) < 1
        ]
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            findings.append(Finding("ends_on", "截止日期应不早于起始日期。"))
        return findings

    def may_amend(self, by: Actor) -> list[Finding]:
        if by.role == Role.SYSTEM or str(self.division_id) == by.division:
            return []
        return [Finding("division", f"这项优待由{self.division.name}发布，由它的督导修改。")]

    def open_on(self, day: date) -> bool:
        """Whether it can be taken up on that day."""
        return self.active and self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def criteria(self, day: date) -> list[Criterion]:
        """What it asks of a volunteer on that day; the list of who qualifies and the refusal of one both rest on it."""
        asked = []
        if self.minimum_star:
            best = StarGrant.select(fn.MAX(StarGrant.star)).where(
                StarGrant.volunteer == Volunteer.id, StarGrant.state == "recognised"
            )
            asked.append(Criterion("star", fn.COALESCE(best, 0), self.minimum_star))
        if self.minimum_hours:
            minutes = Balance.select(Balance.honour).where(Balance.volunteer == Volunteer.id)
            asked.append(Criterion("hours", fn.COALESCE(minutes, 0), self.minimum_hours * 60))
        if self.honour_level:
            rank = Case(Honour.level, list(RANKS.items()), 0)
            highest = Honour.select(fn.MAX(rank)).where(Honour.volunteer == Volunteer.id, Honour.state.in_(STANDING))
            asked.append(Criterion("honour", fn.COALESCE(highest, 0), RANKS[self.honour_level]))
        if self.active_months:
            last = ServiceRecord.select(ServiceRecord.started_at).where(
                ServiceRecord.volunteer == Volunteer.id, ServiceRecord.state == "posted"
            )
            last = last.order_by(ServiceRecord.started_at.desc()).limit(1)
            since = datetime.combine(months_before(day, self.active_months), time())
            asked.append(Criterion("active", fn.COALESCE(last, datetime.combine(NEVER, time())), since))
        return asked

    def who(self, day: date) -> list[Expression]:
        """谁符合: conditions on `Volunteer` that hold for whoever qualifies on that day."""
        low, high = subtree(str(self.division_id))
        here = Station.select(Station.id).where(Station.division >= low, Station.division < high)
        reached = [one.have >= one.least for one in self.criteria(day)]
        return [Volunteer.state == "registered", Volunteer.station.in_(here), *reached]

    def lacking(self, volunteer: Volunteer, day: date) -> list[str]:
        """What this volunteer still lacks on that day, a sentence for each condition; nothing where she qualifies."""
        if volunteer.state != "registered":
            return [f"{volunteer.name} 是「{volunteer.state_label}」，要已注册。"]
        asked = self.criteria(day)
        if not asked:
            return []
        flags = [Case(None, [(one.have >= one.least, 1)], 0) for one in asked]
        query = Volunteer.select(*flags, *(one.have for one in asked)).where(Volunteer.id == volunteer.id)
        values = query.tuples().get()
        reached, have = values[: len(asked)], values[len(asked) :]
        return [lack(one.name, now, one.least) for one, ok, now in zip(asked, reached, have, strict=True) if not ok]

    @classmethod
    def expiring(cls, by: Actor) -> Expression:
        """即将到期: measures in force that end within the days that policy names; a supervisor's own."""
        today = clock.today()
        until = today + timedelta(days=policy.for_actor("incentives", by).rule.measure_days)
        near = cls.active & cls.ends_on.between(today, until)
        return near & (cls.division == by.division) if by.role == Role.SUPERVISOR else near


class TakeUp(Staged):
    """One volunteer had one measure on one day; refused where she did not qualify."""

    resource = "take_ups"
    station_path = "station"
    life = TAKE_UP
    editable = "measure volunteer used_on proof remark"

    station = station_field()
    measure = ForeignKeyField(Measure, backref="take_ups", verbose_name="优待措施")
    volunteer = ForeignKeyField(Volunteer, backref="take_ups", verbose_name="志愿者")
    used_on = DateField(verbose_name="享受日期")
    proof = CharField(max_length=120, verbose_name="凭据", help_text="例如：提供单位的回执、票据号")
    remark = CharField(max_length=120, default="", verbose_name="备注")
    why = TextField(default="", verbose_name="符合的条件")
    handler = CharField(max_length=60, default="", verbose_name="经办人")

    class Meta:
        indexes = ((("station", "state", "id"), False), (("measure", "volunteer"), False))

    def __str__(self) -> str:
        return f"{self.volunteer.name} {self.measure.name}"

    def prepare(self, by: Actor) -> None:
        self.handler = by.name
        if self.measure_id:
            self.why = self.measure.asks

    def check(self, by: Actor) -> list[Finding]:
        today = clock.today()
        if self.used_on > today:
            return [Finding("used_on", f"享受日期 {self.used_on} 还没有到，享受后再登记。")]
        if not self.measure.open_on(self.used_on):
            until = f" 至 {self.measure.ends_on}" if self.measure.ends_on else " 起"
            stopped = "，已停止施行" if not self.measure.active else ""
            return [Finding("used_on", f"「{self.measure}」施行期是 {self.measure.starts_on}{until}{stopped}。")]
        if lacking := self.measure.lacking(self.volunteer, today):
            return [Finding("volunteer", f"{self.volunteer.name} 不符合「{self.measure}」的条件：{''.join(lacking)}")]
        return self._too_often()

    def _too_often(self) -> list[Finding]:
        limit, year = self.measure.yearly_limit, self.used_on.year
        had = TakeUp.select().where(
            TakeUp.measure == self.measure_id, TakeUp.volunteer == self.volunteer_id, TakeUp.state == "noted",
            TakeUp.used_on.between(date(year, 1, 1), date(year, 12, 31)),
        )  # fmt: skip
        if limit is None or had.count() < limit:
            return []
        return [Finding("volunteer", f"「{self.measure}」每人每年 {limit} 次，{self.volunteer.name} 今年已用完。")]
