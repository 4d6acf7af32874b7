"""投诉 (Order 67 arts. 20–22; 民函〔2012〕340号 被投诉信息): received, looked into, decided, answered."""

from collections.abc import Collection

from peewee import BigIntegerField, CharField, DateField, Expression, ForeignKeyField, TextField

from models import clock, policy
from models.activities import Activity
from models.fields import SealedField
from models.herself import from_her_own_hand
from models.moves import Staged
from models.records import ServiceRecord
from models.scope import EVERYTHING, Actor, along_or_hers
from models.stations import station_field
from models.volunteers import Volunteer
from rules import states
from rules.complaints import OUTCOMES, UNANSWERED, is_about
from rules.findings import Finding
from rules.life import Move

TITLE = 24  # characters of the complaint that stand for it


class Complaint(Staged):
    """Somebody complains of a volunteer, a record or an activity; another than the one complained of looks into it."""

    resource = "complaints"
    station_path = "station"
    life = states.COMPLAINT
    editable = "received_on said_by contact record volunteer activity accused reason"

    station = station_field(backref="complaints")
    received_on = DateField(default=clock.today, verbose_name="收到日期", help_text="留空为今天")
    said_by = CharField(max_length=40, verbose_name="投诉人")
    contact = SealedField(default="", verbose_name="联系方式")
    record = ForeignKeyField(ServiceRecord, null=True, backref="complaints", verbose_name="服务记录")
    volunteer = ForeignKeyField(Volunteer, null=True, backref="complaints", verbose_name="志愿者")
    activity = ForeignKeyField(Activity, null=True, backref="complaints", verbose_name="活动")
    accused = CharField(max_length=40, default="", verbose_name="被投诉人", help_text="不是志愿者时填写姓名")
    reason = TextField(verbose_name="事由")
    due_on = DateField(index=True, verbose_name="答复期限")
    policy = CharField(max_length=60, default="", verbose_name="政策版本")
    findings = TextField(default="", verbose_name="核查情况")
    outcome = CharField(max_length=12, choices=OUTCOMES, default="", verbose_name="核查结论")
    measure = TextField(default="", verbose_name="处理措施")
    reply = TextField(default="", verbose_name="答复内容")
    replied_on = DateField(null=True, verbose_name="答复日期")
    handled_by = BigIntegerField(null=True)
    handler = CharField(max_length=60, default="", verbose_name="办理人")

    class Meta:
        indexes = ((("station", "state", "id"), False),)

    def __str__(self) -> str:
        said = self.reason if len(self.reason) <= TITLE else f"{self.reason[:TITLE]}……"
        return f"{self.said_by}：{said}"

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer what she said herself (`models.objecting`)."""
        return along_or_hers(cls, "station", actor, lambda _: cls.entered_by == actor.account_id)

    @classmethod
    def asked_online(cls, by: Actor) -> Expression:
        """本人网上提出: objections of volunteers to what was decided about them, not answered yet."""
        return cls.state.in_(UNANSWERED) & from_her_own_hand(cls)

    def prepare(self, by: Actor) -> None:
        if self.record_id:
            self.volunteer_id = self.volunteer_id or self.record.volunteer_id
            self.activity_id = self.activity_id or self.record.activity_id
            self.station_id = self.record.station_id
        elif self.activity_id:
            self.station_id = self.activity.station_id
        elif self.volunteer_id and self.station_id is None:  # told to the county (art. 20), which has no station
            self.station_id = self.volunteer.station_id
        if self.received_on and self.station_id:
            version = policy.in_force("handling", self.station, self.received_on)
            self.due_on = policy.calendar_of(self.station).add(self.received_on, version.rule.complaint_days)
            self.policy = version.key

    def check(self, by: Actor) -> list[Finding]:
        found = []
        if self.station_id is None:
            return [Finding("volunteer", "请选择所涉及的志愿者、服务记录或活动，才知道由哪个工作站办理。")]
        if not (self.record_id or self.volunteer_id or self.activity_id or self.accused.strip()):
            found.append(Finding("volunteer", "请写明投诉的是哪位志愿者、哪条记录、哪次活动，或被投诉人的姓名。"))
        if self.record_id and self.record.volunteer_id != self.volunteer_id:
            found.append(Finding("volunteer", "所选记录不是这位志愿者的，请核对。"))
        if self.record_id and self.record.activity_id != self.activity_id:
            found.append(Finding("activity", "所选记录不是这次活动的，请核对。"))
        if self.received_on > clock.today():
            found.append(Finding("received_on", f"收到日期 {self.received_on} 还没有到。"))
        return found

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state != "open":
            return [Finding("state", "已经开始核查，投诉内容不再改动。")]
        return []

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        """Not for whoever it is about, nor for whoever keyed the record that it is about."""
        led = Activity.select(Activity.id).where(Activity.lead == by.name)
        mine = ServiceRecord.select(ServiceRecord.id).where(
            (ServiceRecord.entered_by == by.account_id) | (ServiceRecord.amended_by == by.account_id)
        )
        if by.account_id is None:
            return EVERYTHING
        return (
            (cls.accused != by.name)
            & (cls.activity.is_null() | cls.activity.not_in(led))
            & (cls.record.is_null() | cls.record.not_in(mine))
        )

    def legal_moves(self, by: Actor) -> list[Move]:
        return [] if self._partial(by) else super().legal_moves(by)

    def _partial(self, by: Actor) -> list[Finding]:
        lead = self.activity.lead if self.activity_id else ""
        if is_about(by.name, self.accused, lead):
            return [Finding("state", "投诉涉及您本人，请由另一位站长或上级督导办理。")]
        if self.record_id and self.record.is_own(by):
            return [Finding("state", "被投诉的记录是您录入的，请由另一位站长或上级督导办理。")]
        return []

    def may_take(self, by: Actor) -> list[Finding]:
        return self._partial(by)

    def do_take(self, by: Actor) -> None:
        self.handled_by, self.handler = by.account_id, by.name

    def may_uphold(self, by: Actor) -> list[Finding]:
        return self._partial(by)

    def do_uphold(self, by: Actor) -> None:
        self.outcome, self.handled_by, self.handler = "upheld", by.account_id, by.name

    def may_dismiss(self, by: Actor) -> list[Finding]:
        return self._partial(by)

    def do_dismiss(self, by: Actor) -> None:
        self.outcome, self.handled_by, self.handler = "dismissed", by.account_id, by.name

    def may_reply(self, by: Actor) -> list[Finding]:
        self.replied_on = self.replied_on or clock.today()
        if not self.received_on <= self.replied_on <= clock.today():
            return [Finding("replied_on", f"答复日期应在 {self.received_on} 到今天之间。")]
        return self._partial(by)

    @classmethod
    def proven(cls, records: Collection[int]) -> list["Complaint"]:
        """Those that leave the house with these records: only what was found to be true."""
        return list(cls.select().where(cls.record.in_(list(records)), cls.outcome == "upheld").order_by(cls.id))

    @classmethod
    def overdue(cls, by: Actor) -> Expression:
        """超期未答复: past the day by which an answer was due."""
        return cls.state.in_(UNANSWERED) & (cls.due_on < clock.today())
