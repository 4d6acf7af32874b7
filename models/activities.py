"""开展活动 (方案 二(4)): one activity of a project, and the sign-in sheet that names who came."""

from datetime import timedelta

from peewee import (
    BooleanField,
    Case,
    CharField,
    DateField,
    Expression,
    ForeignKeyField,
    IntegerField,
    TextField,
    TimeField,
    fn,
)

from models import clock, policy
from models.fields import CodeField
from models.moves import Entered, Staged
from models.pairing import Pairing, check_pairing
from models.projects import Project
from models.publicity import check_public
from models.scope import EVERYTHING, Actor
from models.stations import station_field
from models.teams import Team, check_team
from models.vocabulary import unknown_codes
from rules import states
from rules.activities import TAKES_TIME
from rules.findings import Finding
from rules.life import Move

PUBLIC = {"name": "活动名称"}  # what the notice of its records says of it


class Activity(Staged):
    """One occasion: a day, a place, a lead, and the social worker who leads the volunteers (方案 二(4))."""

    resource = "activities"
    station_path = "station"
    life = states.ACTIVITY
    editable = (
        "project name day starts_at ends_at place lead social_worker headcount risky home_visit qualification content "
        "team pairing"
    )

    station = station_field(backref="activities")
    project = ForeignKeyField(Project, backref="activities", verbose_name="所属项目")
    name = CharField(max_length=80, index=True, verbose_name="活动名称")
    day = DateField(verbose_name="活动日期")
    starts_at = TimeField(null=True, verbose_name="开始时间")
    ends_at = TimeField(null=True, verbose_name="结束时间")
    place = CharField(max_length=120, verbose_name="地点")
    lead = CharField(max_length=40, verbose_name="活动负责人")
    social_worker = CharField(max_length=40, default="", verbose_name="带队社工")
    headcount = IntegerField(null=True, verbose_name="计划人数", help_text="人")
    content = TextField(default="", verbose_name="服务内容")
    team = ForeignKeyField(Team, null=True, backref="activities", verbose_name="服务队")
    pairing = ForeignKeyField(Pairing, null=True, backref="activities", verbose_name="结对帮扶")
    risky = BooleanField(null=True, verbose_name="有人身危险", help_text="须有在保的意外险，未成年人不参加")
    home_visit = BooleanField(null=True, verbose_name="入户探访", help_text="须两人以上同行")
    qualification = CodeField(kind="qualification", null=True, verbose_name="所需资格", help_text="活动当天有效")

    class Meta:
        indexes = ((("station", "day"), False), (("station", "state", "id"), False))

    def __str__(self) -> str:
        return f"{self.name}（{self.day}）"

    def prepare(self, by: Actor) -> None:
        if self.project_id:
            self.station_id = self.project.station_id

    def check(self, by: Actor) -> list[Finding]:
        findings = check_public(self, PUBLIC, self.station_id)
        if self.project_id and self.day:
            if self.day < self.project.starts_on:
                findings.append(Finding("day", f"活动日期早于项目开始日期 {self.project.starts_on}。"))
            if self.day > self.project.ends_on:
                findings.append(Finding("day", f"活动日期晚于项目结束日期 {self.project.ends_on}。"))
        if self.project_id and self.project_id != self.was.get("project"):
            if self.project.state in ("draft", "submitted"):
                findings.append(Finding("project", "项目还没有发布，请先由站长审核发布。"))
            if self.project.state in ("closed", "cancelled"):
                findings.append(Finding("project", f"项目{self.project.state_label}，不能再安排活动。"))
        if self.was and (self.was["project"], self.was["day"]) != (self.project_id, self.day) and self._in_use():
            findings.append(Finding("day", "活动已有服务记录，不能再改日期和所属项目；请先作废这些记录。"))
        if self.headcount is not None and not 1 <= self.headcount <= 100_000:
            findings.append(Finding("headcount", "计划人数应在 1 到 100000 之间；不定请留空。"))
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            findings.append(Finding("ends_at", "结束时间应晚于开始时间。"))
        findings += check_team(self.team_id, self.was.get("team"))
        findings += check_pairing(self.pairing_id, self.was.get("pairing"), self.day)
        return [*findings, *self._check_visitors(), *self._check_roster(), *unknown_codes(self)]

    def _check_visitors(self) -> list[Finding]:
        if not (self.home_visit and self.headcount and self.project_id and self.day):
            return []
        visitors = policy.in_force("roster", self.station, self.day).rule.visitors
        if self.headcount >= visitors:
            return []
        return [Finding("headcount", f"入户探访须至少 {visitors} 人同行，计划人数应不少于 {visitors}。")]

    def _check_roster(self) -> list[Finding]:
        """Whoever was asked for one day is not moved to another unasked."""
        if not self.was or all(self.was[n] == self.__data__[n] for n in ("project", "day")):
            return []
        turn = self.assignments.model
        count = self.assignments.where(turn.state.in_(TAKES_TIME)).count()
        return [Finding("day", f"已排班 {count} 人，改期前请先取消排班。")] if count else []

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        return cls.day <= clock.today() if move.name == "hold" else EVERYTHING

    def _in_use(self) -> bool:
        record = self.records.model
        return self.records.where(record.state.not_in(("void", "reversed"))).exists()

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state == "cancelled":
            return [Finding("state", "活动已取消，不能再修改。")]
        return []

    def may_cancel(self, by: Actor) -> list[Finding]:
        if self._in_use():
            return [Finding("state", "活动已有服务记录，不能取消；请先作废这些记录。")]
        return []

    def do_cancel(self, by: Actor) -> None:
        from models.rosters import call_off  # which looks at activities, and so rests on this room

        call_off(self.id, by, f"活动已取消：{self.reason_given}")

    @classmethod
    def short(cls, by: Actor) -> Expression:
        """Within so many days, and fewer people rostered than wanted; at least one, or as many as a home visit takes."""
        from models.assignments import Assignment

        rule, today = policy.for_actor("roster", by).rule, clock.today()
        coming = Assignment.select(fn.COUNT(1)).where(Assignment.activity == cls.id, Assignment.state.in_(TAKES_TIME))
        least = Case(None, [(cls.home_visit, rule.visitors)], 1)
        soon = cls.day.between(today, today + timedelta(days=rule.short_days))
        return (cls.state == "planned") & soon & (fn.COALESCE(cls.headcount, least) > coming)

    def legal_moves(self, by: Actor) -> list[Move]:
        """Not offered: to hold it before its day, to cancel it once somebody served."""
        return [m for m in super().legal_moves(by) if not self._hook(f"may_{m.name}", by, {})]

    def may_hold(self, by: Actor) -> list[Finding]:
        if self.day > clock.today():
            return [Finding("day", f"活动日期 {self.day} 还没有到。")]
        return []


class SignInSheet(Entered):
    """A paper sheet of one activity, keyed in one grid; its lines are the service records."""

    resource = "sheets"
    station_path = "station"
    editable = "activity number note"

    station = station_field(backref="sheets")
    activity = ForeignKeyField(Activity, backref="sheets", verbose_name="活动")
    number = IntegerField(default=1, verbose_name="第几张")
    note = CharField(max_length=200, default="", verbose_name="备注")

    class Meta:
        indexes = ((("station", "id"), False), (("activity", "number"), True))

    def __str__(self) -> str:
        return f"{self.activity.name} 第 {self.number} 张"

    def prepare(self, by: Actor) -> None:
        if self.activity_id:
            self.station_id = self.activity.station_id
            if not self.was:
                last = (
                    SignInSheet.select(SignInSheet.number)
                    .where(SignInSheet.activity == self.activity_id)
                    .order_by(SignInSheet.number.desc())
                    .first()
                )
                self.number = last.number + 1 if last else 1

    def check(self, by: Actor) -> list[Finding]:
        if self.activity_id and self.activity.state == "cancelled":
            return [Finding("activity", "活动已取消，不能登记签到表。")]
        if self.was and self.was["activity"] != self.activity_id and self.records.exists():
            return [Finding("activity", "这张签到表已有服务记录，不能改到别的活动。")]
        twin = SignInSheet.select().where(
            SignInSheet.activity == self.activity_id, SignInSheet.number == self.number, SignInSheet.id != self.id
        )
        if self.was and twin.exists():
            return [Finding("number", f"这次活动已有第 {self.number} 张签到表。")]
        return []
