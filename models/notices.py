"""公示: lists open to objection for so many working days (民函〔2012〕340号: at least 3) before they take effect."""

from peewee import CharField, DateField, Expression, ForeignKeyField, IntegerField, TextField

from models import clock, policy
from models.fields import SealedField
from models.moves import Staged, permit
from models.refusals import refuse
from models.scope import Actor
from models.stations import Station, station_field
from rules import states
from rules.findings import Finding
from rules.life import Move

KINDS = [("records", "服务记录")]


class Notice(Staged):
    """One public list of one station: from when, to when, and what came of it."""

    resource = "notices"
    station_path = "station"
    life = states.NOTICE

    station = station_field(backref="notices")
    kind = CharField(max_length=12, choices=KINDS, default="records", verbose_name="公示内容")
    title = CharField(max_length=120, verbose_name="标题")
    opens_on = DateField(verbose_name="公示起")
    closes_on = DateField(index=True, verbose_name="公示止", help_text="含当日")
    working_days = IntegerField(verbose_name="工作日数")
    policy = CharField(max_length=60, verbose_name="政策版本")

    class Meta:
        indexes = ((("station", "state", "closes_on"), False),)

    def __str__(self) -> str:
        return self.title

    @classmethod
    def open_for(cls, station: Station, by: Actor) -> "Notice":
        """A new notice of service records from today; its days are working days under the policy in force."""
        today = clock.today()
        version = policy.in_force("publicity", station, today)
        days = version.rule.record_days
        notice = cls(
            station=station.id, title=f"{station.name}志愿服务记录公示（{today}）", opens_on=today,
            closes_on=policy.calendar_of(station).add(today, days), working_days=days, policy=version.key,
            entered_by=by.account_id,
        )  # fmt: skip
        notice.save(force_insert=True)
        notice.trace(by, "open")
        return notice

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        """What is over and holds nothing back; the morning's posting closes the rest by itself."""
        open_ones = Objection.select(Objection.notice).where(Objection.state == "open")
        return (cls.closes_on < clock.today()) & cls.id.not_in(open_ones)

    def legal_moves(self, by: Actor) -> list[Move]:
        """None before its last day is past: an early button would only be refused."""
        return super().legal_moves(by) if self.is_over else []

    def may_close(self, by: Actor) -> list[Finding]:
        if not self.is_over:
            return [Finding("state", f"公示到 {self.closes_on} 止，期满后才能结束。")]
        if self.records.where(self.records.model.state == "noticed").exists():
            return [Finding("state", "公示里还有没入账的记录，入账或撤下后才能结束。")]
        if self.objections.where(Objection.state == "open").exists():
            return [Finding("state", "有异议正在核查，核查后才能结束。")]
        return []

    @property
    def is_over(self) -> bool:
        """Whether its last day is past: what it lists may take effect."""
        return clock.today() > self.closes_on


class Objection(Staged):
    """Somebody says that a line on a notice is wrong; while it is open that line does not take effect."""

    resource = "objections"
    station_path = "station"
    life = states.OBJECTION
    editable = "notice record said_by contact reason"

    station = station_field()
    notice = ForeignKeyField(Notice, backref="objections", verbose_name="公示")
    record = IntegerField(verbose_name="服务记录编号")
    said_by = CharField(max_length=40, verbose_name="提出人")
    contact = SealedField(default="", verbose_name="联系方式")  # mostly a phone number
    reason = CharField(max_length=200, verbose_name="事由")
    outcome = TextField(default="", verbose_name="核查结论")

    def __str__(self) -> str:
        return f"{self.said_by}：{self.reason}"

    def prepare(self, by: Actor) -> None:
        if self.notice_id:
            self.station_id = self.notice.station_id

    def check(self, by: Actor) -> list[Finding]:
        from models.records import ServiceRecord

        if self.notice.state != "open" or self.notice.is_over:
            return [Finding("notice", "公示已期满，不再接受异议；入账后可申请更正。")]
        listed = ServiceRecord.select().where(ServiceRecord.id == self.record, ServiceRecord.notice == self.notice_id)
        return [] if listed.exists() else [Finding("record", "这份公示里没有这一条记录，请核对编号。")]

    def reveal(self, field: str, by: Actor, reason: str) -> str:
        """How to reach whoever objects, in the clear, with the reason in the trail. Raises ``Refusal`` without one."""
        permit(by, "reveal", "objections")
        if field != "contact":
            raise KeyError(field)
        if len(reason.strip()) < 2:
            raise refuse("请写明查看的理由。", "reason")
        self.trace(by, "reveal", reason.strip(), after={"field": field})
        return self.contact or ""

    def do_dismiss(self, by: Actor) -> None:
        self.outcome = self.reason_given

    def do_uphold(self, by: Actor) -> None:
        from models.records import ServiceRecord

        self.outcome = self.reason_given
        # Withdrawn meanwhile and on its way again, it is stopped where it is; a draft is not yet anybody's claim.
        back = {"noticed": "withdraw", "submitted": "return", "approved": "return"}
        state = ServiceRecord.get_by_id(self.record).state
        if state in back:
            ServiceRecord.move(self.record, back[state], by, reason=f"异议成立：{self.reason_given}")
