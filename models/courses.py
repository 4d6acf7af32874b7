"""组织培训 (方案 二(3)): a station's own trainings, and those of the county, the prefecture and the province."""

from datetime import timedelta

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    Expression,
    ForeignKeyField,
    IntegerField,
    TextField,
    TimeField,
    fn,
)

from models import clock, policy
from models.fields import CodeField
from models.hours import Balance, Chain
from models.moves import Staged
from models.scope import NOTHING, ROOT, Actor, along
from models.stations import LEVELS, Division, Station, station_field
from models.together import asked_once
from models.vocabulary import unknown_codes
from models.volunteers import Volunteer
from rules import training as rules
from rules.access import DIVISION_ROLES, STATION_ROLES, Role
from rules.divisions import level, lineage, subtree
from rules.findings import Finding
from rules.life import Move


@asked_once
def _division_of(station_id: int) -> str:
    return str(Station.get_by_id(station_id).division_id)


class Organised(Staged):
    """A row that a station makes for itself, or a supervisor for a division: then every station beneath sees it once it
    is no draft, and only that division's supervisor writes it (方案 二(3): 分级分类)."""

    station = station_field(null=True)
    division = ForeignKeyField(Division, verbose_name="区划")
    level = CharField(max_length=10, choices=LEVELS, verbose_name="级别")

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        shared = cls.station.is_null() & (cls.state != "draft")
        if actor.role in STATION_ROLES and actor.station_id:
            within = fn.SUBSTR(Station.division, 1, fn.LENGTH(cls.division)) == cls.division
            above = Station.select(Station.id).where(Station.id == actor.station_id, within)
            return (cls.station == actor.station_id) | (shared & fn.EXISTS(above))
        if actor.role in DIVISION_ROLES and actor.division:
            low, high = subtree(actor.division)
            own = cls.station.is_null() & (cls.division >= low) & (cls.division < high)
            return own | along(cls, "station", actor) | (shared & cls.division.in_(lineage(actor.division)))
        return NOTHING

    def prepare(self, by: Actor) -> None:
        """Whose it is follows from who enters it."""
        if self.was:
            return
        if by.role in STATION_ROLES:
            self.station_id = by.station_id
            self.division_id, self.level = _division_of(by.station_id), "community"
        else:
            self.division_id = by.division or ROOT
            self.level = level(str(self.division_id))

    @classmethod
    def theirs(cls, by: Actor) -> Expression:
        """Rows that this person may write."""
        if by.role in STATION_ROLES:
            return cls.station == by.station_id
        return cls.station.is_null() & (cls.division == by.division)

    def is_theirs(self, by: Actor) -> bool:
        if by.role == Role.SYSTEM:
            return True
        if self.station_id:
            return bool(by.station_id == self.station_id)
        return by.role == Role.SUPERVISOR and by.division == str(self.division_id)

    def _foreign(self, by: Actor) -> list[Finding]:
        return [] if self.is_theirs(by) else [Finding("state", f"由{self.owner}办理。")]

    @property
    def owner(self) -> str:
        """Who makes it, in words."""
        return str(self.station) if self.station_id else f"{self.division.name}"

    def _may(self, step, by, reason, details):
        return self._foreign(by) or super()._may(step, by, reason, details)

    def legal_moves(self, by: Actor) -> list[Move]:
        return [
            m
            for m in (super().legal_moves(by) if self.is_theirs(by) else [])
            if not self._hook(f"may_{m.name}", by, {})
        ]

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        return cls.theirs(by)

    def may_amend(self, by: Actor) -> list[Finding]:
        return self._foreign(by)


class Training(Organised):
    """One training: what about, how long, by whom, and which qualification passing it grants (Order 67 art. 8)."""

    resource = "trainings"
    life = rules.TRAINING
    editable = (
        "name topic form day starts_at ends_at place speaker organiser minutes capacity qualification valid_months "
        "for_backbones content"
    )

    name = CharField(max_length=80, index=True, verbose_name="培训名称")
    topic = CodeField(kind="training_topic", verbose_name="主题")
    form = CharField(max_length=12, choices=rules.FORMS, default="lecture", verbose_name="方式")
    day = DateField(index=True, verbose_name="培训日期")
    starts_at = TimeField(null=True, verbose_name="开始时间")
    ends_at = TimeField(null=True, verbose_name="结束时间")
    place = CharField(max_length=120, verbose_name="地点")
    speaker = CharField(max_length=60, verbose_name="主讲")
    organiser = CharField(max_length=80, default="", verbose_name="举办单位", help_text="空着就是本单位")
    minutes = IntegerField(verbose_name="学时", help_text="分钟，不含休息")
    capacity = IntegerField(null=True, verbose_name="名额", help_text="人；不限请留空")
    qualification = CodeField(
        kind="qualification", default="", verbose_name="合格者获得", help_text="考核合格后自动记入资质"
    )
    valid_months = IntegerField(null=True, verbose_name="资质有效期", help_text="个月；长期有效请留空")
    for_backbones = BooleanField(default=False, verbose_name="骨干培训")
    content = TextField(default="", verbose_name="培训内容")

    class Meta:
        indexes = (
            (("station", "state", "id"), False),
            (("station", "day"), False),
            (("division", "day"), False),
        )

    def __str__(self) -> str:
        return f"{self.name}（{self.day}）"

    def prepare(self, by: Actor) -> None:
        super().prepare(by)
        self.organiser = (self.organiser or "").strip() or self.owner

    def check(self, by: Actor) -> list[Finding]:
        findings = unknown_codes(self)
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            findings.append(Finding("ends_at", "结束时间应晚于开始时间。"))
        if self.minutes is not None and not 1 <= self.minutes <= rules.MOST_MINUTES:
            findings.append(Finding("minutes", f"学时应在 1 到 {rules.MOST_MINUTES} 分钟之间，2 小时写 120。"))
        if self.capacity is not None and not 1 <= self.capacity <= 100_000:
            findings.append(Finding("capacity", "名额应在 1 到 100000 之间；不限请留空。"))
        if self.valid_months is not None and not 1 <= self.valid_months <= 600:
            findings.append(Finding("valid_months", "有效期应在 1 到 600 个月之间；长期有效请留空。"))
        if self.valid_months and not self.qualification:
            findings.append(Finding("qualification", "填了有效期，请选择合格者获得的资质；不颁发资质请清空有效期。"))
        if self.qualification == rules.BACKBONE:
            findings.append(
                Finding("qualification", "骨干由站长在「骨干」里确认，不由培训颁发；请勾选「骨干培训」。")
            )
        return findings + self._check_attended()

    def _check_attended(self) -> list[Finding]:
        """What people already did there still has to fit."""
        if not self.was:
            return []
        count, longest = (
            Attendance.select(fn.COUNT(1), fn.MAX(Attendance.minutes))
            .where(Attendance.training == self.id, Attendance.state != "withdrawn")
            .scalar(as_tuple=True)
        )
        findings = []
        if self.capacity and count > self.capacity:
            findings.append(Finding("capacity", f"已有 {count} 人报名，名额不能少于 {count}。"))
        if self.minutes is not None and (longest or 0) > self.minutes:
            findings.append(Finding("minutes", f"已有人登记学习 {longest} 分钟，学时不能更短。"))
        if self.state == "held" and self.day and self.day > clock.today():
            findings.append(Finding("day", "已经举办的培训，日期不能晚于今天。"))
        return findings

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state in ("confirmed", "cancelled"):
            return [Finding("state", f"培训{self.state_label}，不能再修改。")]
        return super().may_amend(by)

    def may_hold(self, by: Actor) -> list[Finding]:
        if self.day > clock.today():
            return [Finding("day", f"培训日期 {self.day} 还没有到。")]
        return []

    def may_confirm(self, by: Actor) -> list[Finding]:
        """Everybody's attendance is known, and whoever keyed a result does not confirm it."""
        rows = Attendance.select(fn.COUNT(1)).where(Attendance.training == self.id)
        if unmarked := rows.where(Attendance.state == "enrolled").scalar():
            return [Finding("state", f"还有 {unmarked} 人没有登记到场或缺席，登记后才能确认结果。")]
        if by.account_id is not None and rows.where(Attendance.marked_by == by.account_id).scalar():
            return [Finding("state", "不能确认自己录入的参训结果，请由另一位站长办理。")]
        return []

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        wanted = cls.theirs(by)
        if move.name == "hold":
            wanted &= cls.day <= clock.today()
        if move.name == "confirm":
            not_yet = (Attendance.state == "enrolled") | (Attendance.marked_by == by.account_id)
            wanted &= cls.id.not_in(Attendance.select(Attendance.training).where(not_yet))
        return wanted

    @classmethod
    def of_backbones(cls, by: Actor) -> Expression:
        """Those that train backbones (方案 二(3)), called off ones left out."""
        return cls.for_backbones & (cls.state != "cancelled")

    @classmethod
    def unconfirmed(cls, by: Actor) -> Expression:
        """The own trainings held longer ago than the policy's days, with results still open."""
        days = policy.for_actor("training", by).rule.confirm_days
        return cls.theirs(by) & (cls.state == "held") & (cls.day < clock.today() - timedelta(days=days))

    def hold(self, name: str) -> None:
        """Results may move the hours account: the chains, then the balances of everybody there (`models.hours`)."""
        if name in ("confirm", "reopen"):
            there = Attendance.select(Attendance.station, Attendance.volunteer).where(Attendance.training == self.id)
            rows = list(there.tuples())
            for station in sorted({station for station, _ in rows}):
                Chain.lock(station)
            Balance.hold(volunteer for _, volunteer in rows)

    def do_confirm(self, by: Actor) -> None:
        from models.results import give  # rests on this room

        give(self, by)

    def do_reopen(self, by: Actor) -> None:
        from models.results import take_back

        take_back(self, by, self.reason_given)


class Attendance(Staged):
    """One volunteer at one training. ``station`` is who enrolled her and keys her result; minutes are study minutes,
    kept apart from service (domain: training hours are no service hours unless policy says so)."""

    resource = "attendances"
    life = rules.ATTENDANCE

    station = station_field(backref="attendances")
    training = ForeignKeyField(Training, backref="attendances", verbose_name="培训")
    volunteer = ForeignKeyField(Volunteer, backref="attendances", verbose_name="志愿者")
    minutes = IntegerField(default=0, verbose_name="实到学时", help_text="分钟")
    result = CharField(max_length=8, choices=rules.RESULTS, default="none", verbose_name="考核")
    marked_by = BigIntegerField(null=True, verbose_name="登记账号")
    marked_at = DateTimeField(null=True, verbose_name="登记时间")

    class Meta:
        indexes = (
            (("training", "volunteer"), True),
            (("station", "state", "id"), False),
            (("volunteer", "id"), False),
        )

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station that enrolled her, and after a transfer her present one."""
        return along(cls, "station", actor) | along(cls, "volunteer.station", actor)

    def __str__(self) -> str:
        return f"{self.volunteer.name} {self.training}"

    @classmethod
    def move_all(cls, keys, name, by, reason="") -> int:
        from models.attending import move_all  # one statement for all of them

        return move_all(keys, name, by)

    def _may(self, step, by, reason, details):
        if by.role != Role.SYSTEM and by.station_id != self.station_id:
            return [Finding("state", "由为其报名的工作站登记。")]
        return super()._may(step, by, reason, details)

    def legal_moves(self, by: Actor) -> list[Move]:
        if by.station_id != self.station_id:
            return []
        return [m for m in super().legal_moves(by) if not self._hook(f"may_{m.name}", by, {})]

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        held = Training.select(Training.id).where(Training.state == "held")
        wanted = (cls.station == by.station_id) & cls.training.in_(held)
        return wanted & (cls.state == "enrolled") if move.name == "attend" else wanted

    def may_attend(self, by: Actor, **details) -> list[Finding]:
        return check_open(self.training, "attend")

    may_miss = may_attend

    def may_withdraw(self, by: Actor) -> list[Finding]:
        return check_open(self.training, "withdraw")

    may_return = may_withdraw

    @property
    def undecided(self) -> bool:
        """Whether it is not known yet who came."""
        return self.state == "enrolled"

    def do_attend(self, by: Actor, minutes: int | None = None, result: str = "none") -> None:
        self.minutes = self.training.minutes if minutes is None else minutes
        self.result, self.marked_by, self.marked_at = result, by.account_id, clock.now()

    def do_miss(self, by: Actor) -> None:
        self.minutes, self.result, self.marked_by, self.marked_at = 0, "none", by.account_id, clock.now()


def check_open(training: Training, move: str) -> list[Finding]:
    """Whether the training lets attendances change so now."""
    if move in ("attend", "miss"):
        if training.state != "held":
            return [Finding("state", f"培训{training.state_label}；确认已举办以后、确认结果以前才能登记到场和考核。")]
    elif training.state not in ("published", "held"):
        return [Finding("state", f"培训{training.state_label}，不能再改报名。")]
    return []
