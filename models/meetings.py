"""现场交流会 (方案 三(4)): meetings at which stations show one another what works, with minutes and what follows."""

from datetime import timedelta

from peewee import CharField, DateField, Expression, ForeignKeyField, IntegerField, TextField

from models import clock, policy
from models.fields import StationsField
from models.moves import Staged
from models.scope import EVERYTHING, NOTHING, Actor, stations_of
from models.stations import Division, Station, unknown_stations
from rules.access import DIVISION_ROLES, STATION_ROLES, Role
from rules.divisions import contains, lineage, subtree
from rules.findings import Finding
from rules.life import Move
from rules.publicity import FOLLOW_UP, MEETING


class Meeting(Staged):
    """One meeting that a division calls; the stations that take part see it."""

    resource = "meetings"
    life = MEETING
    editable = "theme division host day place stations participants headcount summary learnt"

    theme = CharField(max_length=80, verbose_name="主题")
    division = ForeignKeyField(
        Division, backref="+", verbose_name="召开区划", help_text="空着就是您负责的区划；也可以选它的下级"
    )
    host = ForeignKeyField(Station, null=True, backref="+", verbose_name="承办工作站")
    day = DateField(verbose_name="日期")
    place = CharField(max_length=120, verbose_name="地点")
    stations = StationsField(verbose_name="参加的工作站")
    participants = TextField(default="", verbose_name="其他参加者", help_text="单位或人员，一行一个")
    headcount = IntegerField(null=True, verbose_name="参加人数", help_text="人")
    summary = TextField(default="", verbose_name="纪要")
    learnt = TextField(default="", verbose_name="经验做法")
    published_on = DateField(null=True, verbose_name="发布日期")

    class Meta:
        indexes = ((("division", "day"), False), (("state", "day"), False))

    def __str__(self) -> str:
        return f"{self.theme}（{self.day}）"

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """Those of one's own division, what a level above has published, and those that one's station takes part in."""
        if actor.role in STATION_ROLES and actor.station_id:
            return (cls.host == actor.station_id) | cls.stations.has(str(actor.station_id))
        if actor.role not in DIVISION_ROLES:
            return NOTHING
        if stations_of(actor) is None:
            return EVERYTHING
        above = lineage(str(actor.division))[:-1]
        return cls.called_within(str(actor.division)) | (cls.division.in_(above) & (cls.state == "published"))

    @classmethod
    def called_within(cls, division: str) -> Expression:
        low, high = subtree(division)
        return (cls.division >= low) & (cls.division < high)

    def prepare(self, by: Actor) -> None:
        if self.division_id is None and by.division:
            self.division_id = by.division

    def check(self, by: Actor) -> list[Finding]:
        findings = self._check_whose(by) + unknown_stations(self, "stations", by)
        if self.headcount is not None and not 1 <= self.headcount <= 100_000:
            findings.append(Finding("headcount", "参加人数应在 1 到 100000 之间；不清楚请留空。"))
        if self.state == "held" and self.day and self.day > clock.today():
            findings.append(Finding("day", "已经召开的会，日期不能在今天以后。"))
        return findings

    def is_theirs(self, by: Actor) -> bool:
        """Whether this person answers for the division that calls it, not only may read of it."""
        return by.role == Role.SYSTEM or bool(by.division and contains(by.division, str(self.division_id)))

    def _check_whose(self, by: Actor) -> list[Finding]:
        return [] if self.is_theirs(by) else [Finding("division", "这个区划不在您负责的范围内。")]

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state in ("published", "cancelled"):
            return [Finding("state", "纪要已经发布或会议已取消，不能再改。")]
        return self._check_whose(by)

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        own = cls.called_within(by.division) if by.division else NOTHING
        if move.name == "hold":
            return own & (cls.day <= clock.today())
        return own

    def legal_moves(self, by: Actor) -> list[Move]:
        """Not offered: another division's, and to have held it before its day."""
        moves = super().legal_moves(by) if self.is_theirs(by) else []
        return [m for m in moves if m.name != "hold" or not self.may_hold(by)]

    def may_hold(self, by: Actor) -> list[Finding]:
        if self.day > clock.today():
            return [Finding("day", f"会议日期 {self.day} 还没有到。")]
        return self._check_whose(by)

    def may_cancel(self, by: Actor) -> list[Finding]:
        return self._check_whose(by)

    def may_publish(self, by: Actor) -> list[Finding]:
        wanted = (("summary", "纪要"), ("learnt", "经验做法"))
        missing = [Finding(name, f"请先写好「{said}」。") for name, said in wanted if not getattr(self, name).strip()]
        return self._check_whose(by) or missing

    def do_publish(self, by: Actor) -> None:
        self.published_on = clock.today()

    @classmethod
    def without_minutes(cls, by: Actor) -> Expression:
        """纪要未发布: the meeting's day is longer past than policy leaves for its minutes."""
        days = policy.for_actor("stations", by).rule.minutes_days
        return cls.state.in_(("planned", "held")) & (cls.day < clock.today() - timedelta(days=days))


class FollowUp(Staged):
    """What a meeting left to be done: by which station, or by whoever called it, and by when."""

    resource = "follow_ups"
    life = FOLLOW_UP
    editable = "meeting station what due_on"

    meeting = ForeignKeyField(Meeting, backref="follow_ups", verbose_name="现场会")
    station = ForeignKeyField(
        Station, null=True, backref="+", verbose_name="负责工作站", help_text="由召开单位自己办的留空"
    )
    what = CharField(max_length=200, verbose_name="落实事项")
    due_on = DateField(verbose_name="完成期限")
    finished_on = DateField(null=True, verbose_name="落实日期")
    outcome = TextField(default="", verbose_name="落实情况")

    class Meta:
        indexes = ((("state", "due_on"), False),)

    def __str__(self) -> str:
        return self.what

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """With the meeting; and what one's own station is to do."""
        if actor.role not in STATION_ROLES | DIVISION_ROLES:
            return NOTHING
        return cls.meeting.in_(Meeting.select(Meeting.id).where(Meeting.scope(actor))) | cls._charged_to(actor)

    @classmethod
    def _charged_to(cls, actor: Actor) -> Expression:
        if actor.role in STATION_ROLES:
            return cls.station == actor.station_id if actor.station_id else NOTHING
        own = stations_of(actor)
        return EVERYTHING if own is None else cls.station.in_(own)

    def check(self, by: Actor) -> list[Finding]:
        findings = []
        if self.meeting_id and not self.meeting.is_theirs(by):
            findings.append(Finding("meeting", "这次现场会由别的督导召开。"))
        if self.meeting_id and self.due_on and self.due_on < self.meeting.day:
            findings.append(Finding("due_on", f"完成期限应不早于会议日期 {self.meeting.day}。"))
        return findings

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state != "open":
            return [Finding("state", "已经办结，不能再改。")]
        return []

    def _may_end(self, by: Actor) -> list[Finding]:
        if by.role in STATION_ROLES:
            return [] if self.station_id == by.station_id else [Finding("station", "这一件由别的工作站办理。")]
        return [] if self.meeting.is_theirs(by) else [Finding("meeting", "这次现场会由别的督导召开。")]

    def legal_moves(self, by: Actor) -> list[Move]:
        return [] if self._may_end(by) else super().legal_moves(by)

    def may_finish(self, by: Actor) -> list[Finding]:
        return self._may_end(by)

    may_drop = may_finish

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        """A station's own; the supervisor's are those that no station was charged with."""
        if by.role in STATION_ROLES:
            return cls.station == by.station_id
        called = Meeting.select(Meeting.id).where(Meeting.called_within(by.division)) if by.division else None
        return cls.station.is_null() & cls.meeting.in_(called) if called is not None else NOTHING

    def do_finish(self, by: Actor) -> None:
        self.outcome, self.finished_on = self.reason_given, clock.today()

    def do_drop(self, by: Actor) -> None:
        self.outcome = self.reason_given

    @classmethod
    def overdue(cls, by: Actor) -> Expression:
        """逾期未落实: open past its day."""
        return (cls.state == "open") & (cls.due_on < clock.today())
