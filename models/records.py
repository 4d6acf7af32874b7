"""服务记录 (方案 二(5)): lines of a sign-in sheet, approved by another, shown publicly, posted to the account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from peewee import (
    BigAutoField,
    BooleanField,
    CharField,
    DataError,
    DateTimeField,
    Expression,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from models import clock, earning, hours, photos, policy, stars
from models.activities import Activity, SignInSheet
from models.base import on_postgres, transaction
from models.fields import CodeField
from models.moves import Staged, whole
from models.notices import Notice, Objection, held_up, judged_by_head, unhindered
from models.refusals import NotFound, Refusal, refuse
from models.scope import EVERYTHING, NOTHING, SYSTEM, Actor, along_or_hers, within
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules import states
from rules.findings import Finding, errors, held_back
from rules.life import Move
from rules.months import first_day, month_of
from rules.notices import check_cycle
from rules.policy import PolicyBook
from rules.records import Span, moment
from rules.topics import Publicity

if TYPE_CHECKING:
    from models.keying import Judged

DEAD = ("void", "reversed")  # states in which a record no longer takes up its time


class ServiceRecord(Staged):
    """One person's service at one activity: when, what, how well (Order 67 art. 7)."""

    resource = "records"
    station_path = "station"
    life = states.RECORD
    notice_kind = "records"
    when_upheld: ClassVar[dict[str, str]] = {"noticed": "withdraw", "submitted": "return", "approved": "return"}

    id = BigAutoField()
    station = station_field(backref="records")
    volunteer = ForeignKeyField(Volunteer, backref="records", verbose_name="志愿者")
    activity = ForeignKeyField(Activity, backref="records", verbose_name="活动")
    sheet = ForeignKeyField(SignInSheet, null=True, backref="records", verbose_name="签到表")
    started_at = DateTimeField(verbose_name="开始时间")
    ended_at = DateTimeField(verbose_name="结束时间")
    travel_minutes = IntegerField(default=0, verbose_name="往返交通", help_text="分钟，不计入服务时间")
    minutes = IntegerField(verbose_name="服务时长", help_text="分钟，不含往返交通")
    content = TextField(default="", verbose_name="服务内容")  # how long it may be is policy
    quality = CodeField(kind="quality", default="", verbose_name="服务质量")
    remark = CharField(max_length=200, default="", verbose_name="备注")
    origin = CharField(max_length=12, choices=hours.ORIGINS, default="desk", verbose_name="来源")
    backfilled = BooleanField(default=False, verbose_name="补录")
    notice = ForeignKeyField(Notice, null=True, backref="records", verbose_name="公示")
    policy = CharField(max_length=60, default="", verbose_name="政策版本")
    format_policy = CharField(max_length=120, null=True, verbose_name="记录格式的版本")  # none in older records
    returned_for = TextField(default="", verbose_name="退回理由")

    class Meta:
        indexes = (
            (("volunteer", "started_at"), False),
            (("station", "id"), False),
            (("station", "state", "id"), False),
            (("station", "started_at"), False),
            (("started_at",), False),
            (("state", "id"), False),
        )

    @property
    def ends(self) -> str:
        """The end beside the start: its day is said only where it is another."""
        day = "" if self.ended_at.date() == self.started_at.date() else f"{self.ended_at:%m-%d} "
        return f"{day}{self.ended_at:%H:%M}"

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d} {self.activity.name}"

    def full_name(self) -> str:
        """Whose and when, as a picker shows it."""
        return f"{self.volunteer.name} {self}"

    @classmethod
    def in_full(cls, rows: list["ServiceRecord"]) -> dict[int, str]:
        """`full_name` of several, in one query."""
        chosen = cls.select(cls.id, cls.started_at, Volunteer.name, Activity.name).join(Volunteer)
        chosen = chosen.join_from(cls, Activity).where(cls.id.in_([row.id for row in rows]))
        return {row.id: row.full_name() for row in chosen}

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        if move.name == "approve":
            return cls.id.not_in(_anomalies().disturbed()) & ~cls._kept_by_photo(by)
        if move.name == "notice":
            return cls.publishable(by)
        if move.name != "post":
            return EVERYTHING
        return unhindered(cls)

    @classmethod
    def without_photo(cls, by: Actor) -> Expression:
        """缺签到表照片: submitted without the photograph that policy wants by the time they are approved."""
        rule = policy.for_actor("record_format", by).rule
        if "photo" not in rule.evidence:
            return NOTHING
        lies = cls.sheet.is_null(False) & cls.sheet.in_(photos.with_photo())
        return (cls.state == "submitted") & (cls.minutes >= rule.evidence_from_minutes) & ~lies

    @classmethod
    def _kept_by_photo(cls, by: Actor) -> Expression:
        """Those of them that policy does not let pass: no head can do anything about them yet."""
        refuses = policy.for_actor("record_format", by).rule.photo_missing == "refuse"
        return cls.without_photo(by) if refuses else NOTHING

    @classmethod
    def publishable(cls, by: Actor) -> Expression:
        """Those that may hang out today: where this station publishes month by month, none of the month that runs."""
        today = clock.today()
        if policy.for_actor("publicity", by).rule.record_cycle != "month":
            return EVERYTHING
        return cls.started_at < datetime.combine(first_day(month_of(today)), datetime.min.time())

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer her own, once the desk has handed them in."""
        hers = cls.state.not_in(["draft", "void"])
        return along_or_hers(cls, "station", actor, lambda key: (cls.volunteer == key) & hers)

    @classmethod
    def of_hers(cls, key: object, volunteer: int) -> "ServiceRecord":
        """A volunteer's own record that the desk has handed in. Raises ``NotFound`` for any other."""
        mine = cls.select().where(cls.id == key, cls.volunteer == volunteer, cls.state.not_in(["draft", "void"]))
        found: ServiceRecord | None = mine.first()
        if found is None:
            raise NotFound()
        return found

    def judged_by(self, by: Actor) -> list[Finding]:
        return judged_by_head(by)

    def hold(self, name: str) -> None:
        if name in ("post", "reverse"):
            hours.Chain.lock(self.station_id)
        hours.Balance.hold([self.volunteer_id])

    @classmethod
    def move_all(cls, keys: Iterable[object], name: str, by: Actor, reason: str = "") -> int:
        return move_all(keys, name, by, reason)  # with one notice and one turn at the account for all of them

    def may_submit(self, by: Actor, judged: "Judged | None" = None) -> list[Finding]:
        from models.keying import Draft, judge  # which keys these rows in, and so rests on this room

        mine = Draft.of(self)
        draft, found = (judged or {}).get(self.id, (None, []))
        if draft != mine:  # alone, or changed since the others were judged
            found = judge([mine], by, self.station)[0]
        return held_back(found)

    def do_submit(self, by: Actor, judged: "Judged | None" = None) -> None:
        if judged is None:  # alone; several are looked at together, once all of them are submitted
            _anomalies().note([self], by)

    def may_approve(
        self, by: Actor, judged: "Judged | None" = None, odd: dict[int, str] | None = None,
        lacking: dict[int, list[Finding]] | None = None,
    ) -> list[Finding]:  # fmt: skip
        odd = _anomalies().standing([self.id]) if odd is None else odd
        unsettled = [Finding("state", f"有异常还没有办结：{odd[self.id]}")] if self.id in odd else []
        lacking = self.photos_lacking([self]) if lacking is None else lacking
        return [*self.may_submit(by, judged), *unsettled, *errors(lacking.get(self.id, []))]

    @staticmethod
    def photos_lacking(rows: Sequence["ServiceRecord"]) -> dict[int, list[Finding]]:
        """What policy wants of photographs of these records' sheets before they are approved, by record; see
        `rules.records.check_photo`. They are of one station."""
        from models.keying import judge_photos

        return judge_photos(rows, rows[0].station) if rows else {}

    def do_return(self, by: Actor, anomaly: int | None = None) -> None:
        self.returned_for = self.reason_given
        _anomalies().let_go(self.id, but=anomaly)

    def may_notice(self, by: Actor, notice: Notice | None = None, cycle: Publicity | None = None) -> list[Finding]:
        today = clock.today()
        cycle = cycle or policy.in_force("publicity", self.station, today).rule
        return check_cycle(self.started_at.date(), today, cycle)

    def do_notice(self, by: Actor, notice: Notice | None = None, cycle: Publicity | None = None) -> None:
        self.notice = notice or Notice.open_for(self.station, by)

    def do_withdraw(self, by: Actor) -> None:
        self.notice, self.returned_for = None, self.reason_given

    def may_post(self, by: Actor, posting: "Posting | None" = None) -> list[Finding]:
        return held_up(self) or self._overlaps()

    def do_post(self, by: Actor, posting: "Posting | None" = None) -> None:
        posting = posting or Posting.open(self.station_id)
        posting.take(self, by)
        if posting.alone:
            posting.finish()

    def do_reverse(self, by: Actor, asked_by: int | None = None) -> None:
        writer = hours.Writer.open(self.station_id)
        hours.reverse(self, by, asked_by, self.reason_given, writer)
        stars.review([self.volunteer_id], policy.book(topic="stars"))

    def _overlaps(self) -> list[Finding]:
        """Asked once more at the account's door: nothing that slipped past the desk is posted twice."""
        for other in spans({self.volunteer_id}, self.started_at, self.ended_at, self.station_id, {self.id}).get(
            self.volunteer_id, []
        ):
            if other.overlaps(self.started_at, self.ended_at):
                return [
                    Finding("started_at", f"与本人另一条记录时间重叠：{other.called} {moment(other.started_at)}。")
                ]
        return []


def _anomalies():
    """What is odd about records: a room that knows this one, and so rests on it."""
    from models import anomalies

    return anomalies


@dataclass
class Posting:
    """What posting several records shares: the policy, the station's turn to write, and whose stars to review.

    What is taken is written when all is taken (`finish`), inside the same transaction.
    """

    book: PolicyBook
    writer: hours.Writer
    alone: bool = True
    touched: set[int] = field(default_factory=set)
    ground: earning.Ground | None = None
    movements: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def open(cls, station_id: int, *, alone: bool = True) -> "Posting":
        division = Station.select(Station.division).where(Station.id == station_id).scalar()
        return cls(policy.book(division=str(division)), hours.Writer.open(station_id), alone)

    def take(self, row: ServiceRecord, by: Actor) -> None:
        self.ground = self.ground or earning.Ground.of([row])  # alone: nobody read it for several
        self.movements += earning.movements(row, by, self.book, self.ground)
        self.touched.add(row.volunteer_id)

    def finish(self) -> None:
        self.writer.write(self.movements)
        self.movements = []
        # Whoever moved away is reviewed by the policy of where she is now, which may lie in another county.
        book = policy.book(topic="stars") if self.touched else self.book
        stars.review(self.touched, book)


def spans(
    volunteers: set[int], start: datetime, end: datetime, station_id: int, but: set[int]
) -> dict[int, list[Span]]:
    """Further service of these people that touches the days from ``start`` to ``end``, at any station, in one query.

    Another station's record is named no further than «其他工作站».
    """
    low = datetime.combine(start.date(), datetime.min.time()) - timedelta(days=1)
    high = datetime.combine(end.date(), datetime.max.time())
    rows = (
        ServiceRecord.select(
            ServiceRecord.volunteer, ServiceRecord.started_at, ServiceRecord.ended_at, ServiceRecord.minutes,
            ServiceRecord.station, Activity.name, ServiceRecord.id,
        )
        .join(Activity)
        .where(
            ServiceRecord.volunteer.in_(volunteers),
            ServiceRecord.started_at.between(low, high),
            ServiceRecord.state.not_in(DEAD),
        )
        .tuples()
    )  # fmt: skip
    found: dict[int, list[Span]] = {}
    for volunteer, started, ended, minutes, station, activity, key in rows:
        if key not in but:
            called = f"「{activity}」" if station == station_id else "其他工作站的记录"
            found.setdefault(volunteer, []).append(Span(started, ended, called, minutes))
    return found


def move_all(keys: Iterable[object], name: str, by: Actor, reason: str = "") -> int:
    """Make one move on several records, all or none, and return how many it changed.

    Publishing puts them on one notice a station; posting takes the station's chain once. Raises ``Refusal`` naming
    the record that stands in the way, ``NotFound`` when one of them is not this person's to know of.
    """
    wanted = set(keys)
    with whole():
        chosen = (
            ServiceRecord.select(ServiceRecord, Volunteer.id, Volunteer.name)
            .join(Volunteer)
            .where(ServiceRecord.id.in_(wanted), within(ServiceRecord, by))
            .order_by(ServiceRecord.station, ServiceRecord.volunteer, ServiceRecord.id)
        )
        try:
            rows = list(chosen)
        except (ValueError, OverflowError, DataError):  # no key at all: a forged form
            raise NotFound() from None
        if len(rows) != len(wanted):
            raise NotFound()
        stations = dict.fromkeys(row.station_id for row in rows)
        shared = {key: {"posting": Posting.open(key, alone=False)} if name == "post" else {} for key in stations}
        hours.Balance.hold(row.volunteer_id for row in rows)
        if on_postgres():  # read once more now that it is our turn: what another did meanwhile is not counted as ours
            rows = list(chosen.clone())
        by_station: dict[int, list[ServiceRecord]] = {}
        for row in rows:
            by_station.setdefault(row.station_id, []).append(row)
        if name == "post":
            ground = earning.Ground.of(rows)  # one for all stations: a person's debt is paid once
            for details in shared.values():
                details["posting"].ground = ground
        if name == "notice":
            shared = {key: _notice(key, group, by) for key, group in by_station.items()}
        changed = sum(_move_group(group, name, by, reason, shared[key]) for key, group in by_station.items())
        for details in shared.values():
            if "posting" in details:
                details["posting"].finish()
    return changed


def _notice(station_id: int, rows: list[ServiceRecord], by: Actor) -> dict[str, Any]:
    """The one notice on which records of a station go; none is opened where all of them hang out already."""
    move = ServiceRecord.life.move("notice")
    if by.role not in move.by or not any(row.state in move.sources for row in rows):
        return {}
    station = Station.get_by_id(station_id)
    cycle = policy.in_force("publicity", station, clock.today()).rule
    return {"notice": Notice.open_for(station, by), "cycle": cycle}


def _move_group(rows: list[ServiceRecord], name: str, by: Actor, reason: str, details: dict[str, Any]) -> int:
    ready = [row for row in rows if row.state in ServiceRecord.life.move(name).sources]
    if name in ("submit", "approve"):
        from models.keying import judge_records

        details = {"judged": judge_records(ready, by)}
    if name == "approve":
        details |= {"odd": _anomalies().standing([row.id for row in ready]), "lacking": ServiceRecord.photos_lacking(ready)}
    changed = 0
    for row in rows:
        try:
            after = ServiceRecord.move(row.id, name, by, reason, **details)
        except Refusal as no:
            whose = f"{row.volunteer.name} {moment(row.started_at)}"
            raise Refusal(*(Finding(f.where, f"{whose}：{f.says}") for f in no.findings)) from None
        changed += after.revision != row.revision
    if name == "submit" and ready:
        _anomalies().note(ready, by)
    return changed


def post_due(by: Actor = SYSTEM) -> int:
    """Post what every notice past its last day lists, open objections excepted, and close the notices.

    Returns how many records were posted. Each notice is a transaction of its own. A record that can no longer be
    posted goes back to the desk with the reason, so that it holds up neither the others nor its notice; what a head
    entered herself is left for another.
    """
    if by.role not in ServiceRecord.life.move("post").by:
        raise refuse(f"「入账」不在{by.role.label}的职责内。")
    due = list(Notice.select().where(Notice.state == "open", Notice.closes_on < clock.today(), within(Notice, by)))
    Notice.close_decided({notice.id for notice in due if notice.kind != "records"})
    return sum(_post_notice(notice, by) for notice in due if notice.kind == "records")


def _post_notice(notice: Notice, by: Actor) -> int:
    with transaction(), clock.still():
        posting = Posting.open(notice.station_id, alone=False)
        disputed = Objection.select(Objection.record).where(Objection.notice == notice.id, Objection.state == "open")
        listed = ServiceRecord.select().where(ServiceRecord.notice == notice.id, ServiceRecord.state == "noticed")
        ready = list(
            listed.where(ServiceRecord.id.not_in(disputed)).order_by(ServiceRecord.volunteer, ServiceRecord.id)
        )
        hours.Balance.hold(row.volunteer_id for row in ready)
        posting.ground = earning.Ground.of(ready)
        posted = 0
        for row in ready:
            if row.is_own(by):
                continue
            try:
                posted += ServiceRecord.move(row.id, "post", by, posting=posting).revision != row.revision
            except Refusal as no:
                ServiceRecord.move(row.id, "withdraw", SYSTEM, reason=f"期满未能入账：{no}")
        posting.finish()
        if not disputed.exists() and not listed.exists():
            Notice.move(notice.id, "close", by)
    return posted
