"""公示: lists open to objection for so many working days (民函〔2012〕340号: at least 3) before they take effect.

One table of notices for records, stars and honours. What hangs on one is a row whose ``notice`` points at it and whose
state is «noticed»; its model says ``notice_kind``, where an upheld objection sends it (``when_upheld``) and who judges
one (``judged_by``).
"""

from datetime import date, timedelta
from functools import reduce
from operator import and_
from typing import Any, Self

from peewee import CharField, DateField, Expression, ForeignKeyField, IntegerField, ModelSelect, TextField

from models import clock, policy
from models.fields import SealedField
from models.herself import from_her_own_hand
from models.moves import Staged, permit, whole
from models.refusals import NotFound, refuse, refuse_if
from models.scope import SYSTEM, Actor, along_or_hers, held
from models.stations import Station, station_field
from rules.access import Role
from rules.divisions import level
from rules.findings import Finding
from rules.life import Move
from rules.notices import KINDS, NOTICE, OBJECTION
from rules.reading import clean

ANYBODY = "网上来访"  # whom the trail names where nobody is signed in
UNNAMED = "未留姓名"
CHOICES = [(name, kind.label) for name, kind in KINDS.items()]


def tables() -> dict[str, type[Staged]]:
    """What each kind of notice lists."""
    from models.certificates import Certificate
    from models.honours import Honour
    from models.records import ServiceRecord
    from models.stars import StarGrant

    return {"records": ServiceRecord, "stars": StarGrant, "honours": Honour, "certificates": Certificate}


class Notice(Staged):
    """One public list of one station: from when, to when, and what came of it."""

    resource = "notices"
    station_path = "station"
    life = NOTICE

    station = station_field(backref="notices")
    kind = CharField(max_length=12, choices=CHOICES, default="records", verbose_name="公示内容")
    title = CharField(max_length=120, verbose_name="标题")
    opens_on = DateField(verbose_name="公示起")
    closes_on = DateField(index=True, verbose_name="公示止", help_text="含当日")
    working_days = IntegerField(verbose_name="公示天数", help_text="服务证明按自然日，其他按工作日")
    policy = CharField(max_length=60, verbose_name="政策版本")

    class Meta:
        indexes = ((("station", "state", "closes_on"), False),)

    def __str__(self) -> str:
        return self.title

    @classmethod
    def open_for(cls, station: Station, by: Actor, kind: str = "records") -> "Notice":
        """A new notice of this kind from today; its days are working days under the policy in force."""
        today = clock.today()
        version = policy.in_force("publicity", station, today)
        days = getattr(version.rule, KINDS[kind].days)
        notice = cls(
            station=station.id, kind=kind, title=f"{station.name}{KINDS[kind].title}（{today}）", opens_on=today,
            closes_on=_last_day(station, kind, today, days), working_days=days, policy=version.key,
            entered_by=by.account_id,
        )  # fmt: skip
        notice.save(force_insert=True)
        notice.trace(by, "open")
        return notice

    @classmethod
    def todays(cls, station: Station, by: Actor, kind: str) -> "Notice":
        """The notice of this kind that the station began today, opened if there is none: one list a day."""
        begun = cls.select().where(
            cls.station == station.id, cls.kind == kind, cls.opens_on == clock.today(), cls.state == "open"
        )
        return begun.order_by(cls.id.desc()).first() or cls.open_for(station, by, kind)

    def lines(self) -> ModelSelect:
        """The rows that still hang on it, taken effect or not."""
        listed = tables()[self.kind]
        return listed.select().where(listed.notice == self.id)

    def legal_moves(self, by: Actor) -> list[Move]:
        """None before its last day is past: an early button would only be refused."""
        return super().legal_moves(by) if self.is_over else []

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        """What is over and holds nothing back; the morning's posting closes the rest by itself."""
        open_ones = Objection.select(Objection.notice).where(Objection.state == "open")
        undecided = [cls.id.not_in(lines) for lines in (_undecided("stars"), _undecided("honours"), _undecided("certificates"))]
        return reduce(and_, undecided, (cls.closes_on < clock.today()) & cls.id.not_in(open_ones))

    def may_close(self, by: Actor) -> list[Finding]:
        if not self.is_over:
            return [Finding("state", f"公示到 {self.closes_on} 止，期满后才能结束。")]
        listed, kind = tables()[self.kind], KINDS[self.kind]
        if self.lines().where(listed.state == "noticed").exists():
            what = "记录" if self.kind == "records" else "名单"
            return [Finding("state", f"公示里还有没{kind.effect}的{what}，{kind.effect}或撤下后才能结束。")]
        if self.objections.where(Objection.state == "open").exists():
            return [Finding("state", "有异议正在核查，核查后才能结束。")]
        return []

    @property
    def is_over(self) -> bool:
        """Whether its last day is past: what it lists may take effect."""
        return clock.today() > self.closes_on

    @classmethod
    def close_decided(cls, keys: set[int]) -> None:
        """Close those of these notices whose last day is past and which have nothing left to decide."""
        for notice in cls.select().where(cls.id.in_(keys), cls.state == "open", cls.closes_on < clock.today()):
            if not notice.may_close(SYSTEM):
                cls.move(notice.id, "close", SYSTEM)


def _last_day(station: Station, kind: str, today: date, days: int) -> date:
    """Its last day: so many working days on, or days of the calendar where the kind counts those."""
    return today + timedelta(days=days) if KINDS[kind].calendar else policy.calendar_of(station).add(today, days)


def _undecided(kind: str) -> ModelSelect:
    """Notices of this kind with a line that has not taken effect; those of records are posted by the morning."""
    listed = tables()[kind]
    return listed.select(listed.notice).where(listed.state == "noticed")


class Objection(Staged):
    """Somebody says that a line on a notice is wrong; while it is open that line does not take effect."""

    resource = "objections"
    hers = True
    station_path = "station"
    life = OBJECTION
    editable = "notice record said_by contact reason"

    station = station_field()
    notice = ForeignKeyField(Notice, backref="objections", verbose_name="公示")
    record = IntegerField(verbose_name="行号", help_text="公示名单上的行号")
    said_by = CharField(max_length=40, verbose_name="提出人")
    contact = SealedField(default="", verbose_name="联系方式")  # mostly a phone number
    reason = CharField(max_length=200, verbose_name="事由")
    outcome = TextField(default="", verbose_name="核查结论")

    def __str__(self) -> str:
        return f"{self.said_by}：{self.reason}"

    @classmethod
    def hear(cls, notice: int, **said: Any) -> Self:
        """Take in what anyone says against a line of a notice that hangs out in public; who says it need not say so.

        Raises ``Refusal`` with every finding; nothing is written then.
        """
        with whole():
            hangs = held(Notice.select().where(Notice.id == notice)).get()
            by = Actor(None, ANYBODY, Role.ANYONE, station_id=hangs.station_id)
            permit(by, "object", "notices")
            row = cls(**cls._declared(said | {"notice": hangs, "said_by": said.get("said_by") or UNNAMED}))
            row.vouched = frozenset({"notice"})  # of a notice that is on show to everybody
            refuse_if(row.faults(by))
            row.store_new(by)
        return row

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer what she said herself: who else objects is not told."""
        return along_or_hers(cls, "station", actor, lambda _: cls.entered_by == actor.account_id)

    @classmethod
    def ask(cls, kind: str, line: int, reason: str, by: Actor) -> Self:
        """A volunteer objects to her own line on an open notice. Pressed twice with the same words it is said once.

        Raises ``Refusal`` with every finding, for a line that hangs out no more, and where what she said before is not
        decided yet; ``NotFound`` for a line that is not hers or never hung out.
        """
        if by.role != Role.VOLUNTEER or by.volunteer_id is None or kind not in KINDS:
            raise NotFound()
        listed = tables()[kind]
        hers = (listed.volunteer == by.volunteer_id) & listed.notice.is_null(False)  # type: ignore[attr-defined]
        found = listed.get_or_none(hers & (listed.id == line))
        if found is None:
            raise NotFound()
        if found.state != "noticed":
            raise refuse(f"这一项现在是「{found.state_label}」，已经不在公示中，不再接受异议；有疑问请找工作站。")
        row = cls(notice=found.notice_id, record=found.id, said_by=by.name[:40], reason=reason)
        with whole():
            mine = cls.select().where(
                cls.notice == row.notice_id, cls.record == row.record, cls.state == "open", cls.entered_by == by.account_id
            )  # fmt: skip
            if before := mine.first():
                if before.reason == clean(reason):
                    return before  # type: ignore[no-any-return]
                raise refuse(f"这一项您已经提出异议（{before.receipt}），正在核查，结果显示在「我提出的」里；要补充的请告诉工作站。")
            refuse_if(row.faults(by))
            row.store_new(by)
        return row

    @property
    def receipt(self) -> str:
        """The number by which whoever said it and the desk speak of it."""
        return f"{self.entered_at:%Y%m%d}-{self.id}"

    @classmethod
    def asked_online(cls, by: Actor) -> Expression:
        """本人网上提出: what volunteers said of their own lines, not decided yet."""
        return (cls.state == "open") & from_her_own_hand(cls)

    @classmethod
    def open_lines(cls, kind: str) -> ModelSelect:
        """Numbers of the lines of this kind of list that somebody objects to now."""
        return cls.select(cls.record).join(Notice).where(cls.state == "open", Notice.kind == kind)

    def prepare(self, by: Actor) -> None:
        if self.notice_id:
            self.station_id = self.notice.station_id

    def check(self, by: Actor) -> list[Finding]:
        kind = KINDS[self.notice.kind]
        if self.notice.state != "open" or self.notice.is_over:
            return [Finding("notice", f"公示已期满，不再接受异议；{kind.effect}后可申请更正。")]
        listed = tables()[self.notice.kind]
        if self.notice.lines().where(listed.id == self.record).exists():
            return []
        what = "记录" if self.notice.kind == "records" else "内容"
        return [Finding("record", f"这份公示里没有这一条{what}，请核对行号。")]

    def line(self) -> Staged:
        """The row that it is about, wherever it is by now."""
        return tables()[self.notice.kind].get_by_id(self.record)

    def legal_moves(self, by: Actor) -> list[Move]:
        """Only whoever judges this kind of list is offered the decision."""
        return [] if self._not_theirs(by) else super().legal_moves(by)

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        of_kind = Notice.select(Notice.id)
        if by.role != Role.SUPERVISOR:
            return cls.notice.in_(of_kind.where(Notice.kind != "stars"))
        star = tables()["stars"]
        theirs = star.select(star.id).where(star.recognised_by == level(str(by.division)))
        return cls.notice.in_(of_kind.where(Notice.kind == "stars")) & cls.record.in_(theirs)

    def _not_theirs(self, by: Actor) -> list[Finding]:
        return self.line().judged_by(by)  # type: ignore[no-any-return, attr-defined]

    def may_dismiss(self, by: Actor) -> list[Finding]:
        return self._not_theirs(by)

    def may_uphold(self, by: Actor) -> list[Finding]:
        return self._not_theirs(by)

    def do_dismiss(self, by: Actor) -> None:
        self.outcome = self.reason_given

    def do_uphold(self, by: Actor) -> None:
        self.outcome = self.reason_given
        row = self.line()
        # Withdrawn meanwhile and on its way again, it is stopped where it is; a draft is not yet anybody's claim.
        if back := row.when_upheld.get(row.state):  # type: ignore[attr-defined]
            acting = Actor(by.account_id, by.name, SYSTEM.role) if self.notice.kind != "records" else by
            type(row).move(row.id, back, acting, reason=f"异议成立：{self.reason_given}")


def judged_by_head(by: Actor) -> list[Finding]:
    """Nothing where the head asks: objections to what the station itself decides are hers."""
    return [] if by.role in (Role.HEAD, Role.SYSTEM) else [Finding("state", "这份公示的异议由站长核查。")]


def held_up(row: Staged) -> list[Finding]:
    """Why a line may not take effect yet: its notice is not over, or somebody objects to it."""
    effect = KINDS[row.notice_kind].effect
    if not row.notice.is_over:
        return [Finding("state", f"公示到 {row.notice.closes_on} 止，期满后才能{effect}。")]
    if Objection.open_lines(row.notice_kind).where(Objection.record == row.id).exists():
        return [Finding("state", f"有异议正在核查，核查后才能{effect}。")]
    return []


def unhindered(listed: type[Staged]) -> Expression:
    """The condition that `held_up` would find nothing."""
    over = Notice.select(Notice.id).where(Notice.closes_on < clock.today())
    return listed.notice.in_(over) & listed.id.not_in(Objection.open_lines(listed.notice_kind))
