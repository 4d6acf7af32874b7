"""排班 (方案 二(3)(4)): who takes which turn at an activity, from being asked to having signed out."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from peewee import SQL, BooleanField, CharField, DateTimeField, Expression, ForeignKeyField, TextField, fn

from models import clock, hours, policy
from models.activities import Activity
from models.moves import Staged
from models.needs import Need
from models.scope import NOTHING, Actor, along_or_hers
from models.stations import station_field
from models.volunteers import Volunteer
from rules.access import Role
from rules.activities import ASSIGNMENT, LIVE, TAKES_TIME
from rules.findings import Finding
from rules.life import Move
from rules.needs import LIVING
from rules.records import moment
from rules.rostering import Obstacle, bars, company, obstacles, unaccompanied

if TYPE_CHECKING:
    from models.matching import Ground

ROLES = [("member", "成员"), ("lead", "带队")]
CONFIRM_DAYS = 3  # how long before a turn somebody should have been asked


class Assignment(Staged):
    """One volunteer's turn at one activity. Another station's turn of the same person counts as well."""

    resource = "assignments"
    station_path = "station"
    life = ASSIGNMENT
    editable = "activity volunteer need starts_at ends_at role remark"

    station = station_field(backref="assignments")
    activity = ForeignKeyField(Activity, backref="assignments", verbose_name="活动")
    volunteer = ForeignKeyField(Volunteer, backref="assignments", verbose_name="志愿者")
    need = ForeignKeyField(Need, null=True, backref="assignments", verbose_name="服务需求")
    starts_at = DateTimeField(verbose_name="开始时间", help_text="留空按活动的时间")
    ends_at = DateTimeField(verbose_name="结束时间", help_text="留空按活动的时间")
    role = CharField(max_length=8, choices=ROLES, default="member", verbose_name="角色")
    came_at = DateTimeField(null=True, verbose_name="签到时间", help_text="留空按现在")
    left_at = DateTimeField(null=True, verbose_name="签退时间", help_text="留空按现在")
    reason = TextField(default="", verbose_name="未到岗或取消的理由")
    policy = CharField(max_length=60, default="", verbose_name="政策版本")
    remark = CharField(max_length=200, default="", verbose_name="备注")
    companion = CharField(
        max_length=40, default="", constraints=[SQL("DEFAULT ''")], verbose_name="陪同的监护人",
        help_text="未满规定年龄的须填写",
    )  # fmt: skip
    by_herself = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")], verbose_name="本人网上请假")

    class Meta:
        indexes = (
            (("station", "starts_at"), False),
            (("station", "state", "id"), False),
            (("volunteer", "starts_at"), False),
        )

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer her own turns."""
        return along_or_hers(cls, "station", actor, lambda key: cls.volunteer == key)

    ground: "Ground | None" = None  # for a row that is judged among many

    def __str__(self) -> str:
        return f"{self.volunteer.name} {moment(self.starts_at)} {self.activity.name}"

    @property
    def ends(self) -> str:
        """The end beside the start, which is of the same day."""
        return "24:00" if self.ends_at.date() > self.starts_at.date() else f"{self.ends_at:%H:%M}"

    @property
    def signed_in(self) -> str:
        """Only the hour: the day stands beside it."""
        return f"{self.came_at:%H:%M}" if self.came_at else ""

    @property
    def signed_out(self) -> str:
        if self.left_at is None:
            return ""
        return "24:00" if self.left_at.date() > self.starts_at.date() else f"{self.left_at:%H:%M}"

    def prepare(self, by: Actor) -> None:
        for name in ("activity", "volunteer", "need"):  # a form sends the digits of a key
            if isinstance(key := self.__data__.get(name), str):
                setattr(self, name, int(key))
        if not self.activity_id:
            return
        self.station_id = self.activity.station_id
        for name in ("starts_at", "ends_at"):
            at = getattr(self.activity, name)
            if getattr(self, name) is None and at is not None:
                setattr(self, name, datetime.combine(self.activity.day, at))

    def check(self, by: Actor) -> list[Finding]:
        """Everything that stands in the way, judged anew whenever the person, the turn or its time is another."""
        judged = ("activity", "volunteer", "need", "starts_at", "ends_at")
        if self.was and all(self.was[name] == self.__data__[name] for name in judged):
            return []
        wrong = self._check_time()
        if wrong or self.starts_at is None or self.ends_at is None:  # a missing time is said as missing
            return wrong
        from models.matching import Ground  # which looks at these rows, and so rests on this room

        hours.Balance.hold([self.volunteer_id])  # two desks ask for one person: the second sees the first's turn
        ground = self.ground or Ground.of(self.activity, self.need, self.starts_at, self.ends_at)
        self.policy = ground.version
        person = ground.person(self.volunteer_id, but=self.id)
        found = [o.finding() for o in obstacles(person, ground.task, ground.rule, ground.ages)]
        alone = [] if self.ground else company(ground.task, self._companions() + 1, ground.rule)
        return [*found, *(replace(o, warning=True).finding() for o in alone)]

    def _check_time(self) -> list[Finding]:
        activity, start, end = self.activity, self.starts_at, self.ends_at
        if activity.state == "cancelled":
            return [Finding("activity", "活动已取消，不能排班。")]
        if start is None or end is None:
            return []
        if wrong := self._check_need():
            return wrong
        if start.date() != activity.day:
            return [Finding("starts_at", f"排班应在活动当天 {activity.day}。")]
        if end <= start:
            return [Finding("ends_at", f"结束时间应晚于开始时间 {start:%H:%M}。")]
        if end > datetime.combine(activity.day + timedelta(days=1), time()):
            return [Finding("ends_at", "排班不能跨零点，请按日期分成两次活动。")]
        if end <= clock.now():
            return [Finding("activity", "活动时间已过，不能再排班；来了的人直接录入签到表。")]
        return []

    def _check_need(self) -> list[Finding]:
        """A turn serves a need that is still to be met, and one that was given to this project where it was given."""
        if not self.need_id:
            return []
        if self.need.state not in LIVING:
            return [Finding("need", f"{self.need}{self.need.state_label}，不用再排班。")]
        if self.need.project_id and self.need.project_id != self.activity.project_id:
            return [Finding("need", f"{self.need}派给了「{self.need.project.name}」，请选那个项目的活动。")]
        return []

    def _companions(self) -> int:
        """How many others take part in the same visit: of one need where it is named, else of the activity."""
        others = Assignment.select().where(
            Assignment.activity == self.activity_id, Assignment.state.in_(TAKES_TIME), Assignment.id != (self.id or 0)
        )
        return others.where(Assignment.need == self.need_id).count() if self.need_id else others.count()

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state not in ("rostered", "confirmed"):
            return [Finding("state", f"排班{self.state_label}，不能再修改。")]
        return []

    def legal_moves(self, by: Actor) -> list[Move]:
        """Not offered: to confirm what is over, to sign in before its day, to miss what has not begun."""
        now = clock.now()
        untimely = {
            "confirm": self.ends_at <= now, "sign_in": self.starts_at.date() > now.date(), "miss": self.starts_at > now,
            "come_back": bool(self.state == "left" and self.may_come_back(by)),
            "cancel": by.role == Role.VOLUNTEER and self.starts_at <= now,
        }  # fmt: skip
        return [m for m in super().legal_moves(by) if not untimely.get(m.name)]

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        """Asking waits for its last days. Coming and going wait in the lists that say how late it is."""
        if move.name != "confirm":
            return NOTHING
        now = clock.now()
        return cls.starts_at.between(now, midnight(now.date() + timedelta(days=CONFIRM_DAYS + 1)))

    def may_confirm(self, by: Actor) -> list[Finding]:
        return [Finding("state", "排班时间已过，请登记签到或未到岗。")] if self.ends_at <= clock.now() else []

    def may_sign_in(self, by: Actor, punched: bool = False) -> list[Finding]:
        """What the law and the activity ask is judged once more: a cover may have run out since."""
        if wrong := self._check_moment("came_at", "签到"):
            return wrong
        from models.matching import Ground

        ground = Ground.of(self.activity, self.need, self.starts_at, self.ends_at)
        found = bars(ground.person(self.volunteer_id, but=self.id), ground.task, ground.rule, ground.ages)
        if not self.companion.strip():
            found += self._alone(ground)
        return [o.finding() for o in [*found, *company(ground.task, self._companions() + 1, ground.rule)]]

    def _alone(self, ground: "Ground") -> list[Obstacle]:
        """A child is signed in with whoever accompanies her: now it is asked for, where rostering only said so."""
        birth, day = ground.person(self.volunteer_id).birth_date, self.starts_at.date()
        asked = unaccompanied(birth, day, ground.ages.accompanied_below, "签到时")
        return [replace(one, warning=False) for one in asked]

    def may_sign_out(self, by: Actor, punched: bool = False) -> list[Finding]:
        return self._check_moment("left_at", "签退")

    def may_come_back(self, by: Actor, punched: bool = False) -> list[Finding]:
        now = clock.now()
        if punched:  # judged where it was pressed, which may be hours ago
            return []
        if now.date() != self.starts_at.date():
            return [Finding("state", f"排班在 {self.starts_at.date()}，不是今天，不能再次签到。")]
        return [Finding("state", f"排班到 {self.ends_at:%H:%M} 为止，不能再次签到。")] if now >= self.ends_at else []

    def _check_moment(self, where: str, what: str) -> list[Finding]:
        at, now, day = getattr(self, where), clock.now(), self.starts_at.date()
        if at is None and now.date() != day:
            return [Finding(where, f"排班在 {day}，不是今天，请填写实际{what}的时间。")]
        at = at or now
        if at > now:
            return [Finding(where, f"{what}时间 {at:%H:%M} 还没有到。")]
        if at.date() != day and at != midnight(day + timedelta(days=1)):
            return [Finding(where, f"{what}时间应在活动当天 {day}。")]
        if where == "came_at" and at >= self.ends_at:
            return [Finding(where, f"排班到 {self.ends_at:%H:%M} 为止，{what}时间应早于它；没有来请登记未到岗。")]
        if where == "left_at" and at < self.came_at:
            return [Finding(where, f"签退时间应晚于签到时间 {self.came_at:%H:%M}。")]
        return []

    # Coming and going is kept as presses, of which there may be several; what the desk says is one of them, unless it
    # comes from them (``punched``).

    def do_sign_in(self, by: Actor, punched: bool = False) -> None:
        self.came_at = self.came_at or clock.now()
        if not punched:
            presses().at_the_desk(self, into=True, at=self.came_at, by=by)

    def do_sign_out(self, by: Actor, punched: bool = False) -> None:
        self.left_at = self.left_at or clock.now()
        if not punched:
            presses().at_the_desk(self, into=False, at=self.left_at, by=by)

    def do_come_back(self, by: Actor, punched: bool = False) -> None:
        self.left_at = None
        if not punched:
            presses().at_the_desk(self, into=True, at=clock.now(), by=by)

    def retime(self, came_at: datetime, left_at: datetime | None, by: Actor) -> None:
        """What late presses make of a turn whose state stays: other times, with a trace. Inside a transaction."""
        before = self.shown(["came_at", "left_at"])
        self.came_at, self.left_at = came_at, left_at
        after = self.shown(["came_at", "left_at"])
        if before == after:
            return
        self.revision += 1
        self.save()
        self.trace(by, "retime", before=before, after=after)

    def may_miss(self, by: Actor) -> list[Finding]:
        return [Finding("state", "排班时间还没有到。")] if self.starts_at > clock.now() else []

    def do_miss(self, by: Actor) -> None:
        self.reason = self.reason_given

    def may_cancel(self, by: Actor) -> list[Finding]:
        """A volunteer says off before it begins; afterwards the desk says whether she came."""
        if by.role == Role.VOLUNTEER and self.starts_at <= clock.now():
            return [Finding("state", f"这次排班 {moment(self.starts_at)} 已经开始，不能再请假；来不了请打电话告诉工作站。")]
        return []

    def do_cancel(self, by: Actor) -> None:
        self.reason, self.by_herself = self.reason_given, by.role == Role.VOLUNTEER

    # --- lists ---

    @classmethod
    def upcoming(cls, by: Actor) -> Expression:
        """Today's and tomorrow's turns: whom to call."""
        today = clock.today()
        return cls.state.in_(LIVE) & cls.starts_at.between(midnight(today), midnight(today + timedelta(days=2)))

    @classmethod
    def unsigned(cls, by: Actor) -> Expression:
        """Signed in, and not out so many minutes after the end: somebody on a visit may need help."""
        rule = policy.for_actor("roster", by).rule
        return (cls.state == "present") & (cls.ends_at <= clock.now() - timedelta(minutes=rule.unsigned_minutes))

    @classmethod
    def absent(cls, by: Actor) -> Expression:
        """The turn is over and nobody said whether she came."""
        return cls.state.in_(("rostered", "confirmed")) & (cls.ends_at <= clock.now())

    @classmethod
    def said_off(cls, by: Actor) -> Expression:
        """本人请假: turns to come, and those of the last days, that volunteers said off themselves."""
        return (cls.state == "cancelled") & cls.by_herself & (cls.starts_at >= midnight(clock.today()))

    @classmethod
    def no_shows(cls, by: Actor) -> Expression:
        """Did not come."""
        return cls.state == "missed"


def presses():
    """What volunteers press: a room that knows turns, and so rests on this one."""
    from models import presence

    return presence


def midnight(day: date) -> datetime:
    """The moment at which a day begins."""
    return datetime.combine(day, time())


def missed_by(volunteers: Iterable[int], since: date | None = None) -> dict[int, int]:
    """How often each of these people did not come, in one statement."""
    rows = Assignment.select(Assignment.volunteer, fn.COUNT(1)).where(
        Assignment.volunteer.in_(list(volunteers)), Assignment.state == "missed"
    )
    if since:
        rows = rows.where(Assignment.starts_at >= midnight(since))
    return dict(rows.group_by(Assignment.volunteer).tuples())
