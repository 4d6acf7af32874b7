"""服务记录 (方案 二(5)): lines of a sign-in sheet, checked, approved by another, shown publicly, posted to the account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from peewee import (
    BigAutoField,
    BooleanField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from models import clock, hours, policy, stars
from models.activities import Activity, SignInSheet
from models.base import transaction
from models.fields import CodeField
from models.moves import Staged, permit
from models.notices import Notice, Objection
from models.refusals import Refusal
from models.scope import SYSTEM, Actor, find, within
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules import states
from rules.findings import Finding, errors
from rules.policy import PolicyBook
from rules.records import Line, Span, check_line, count_minutes, is_backfilled
from rules.working_days import WorkingCalendar

DEAD = ("void", "reversed")  # states in which a record no longer takes up its time


class ServiceRecord(Staged):
    """One person's service at one activity: when, what, how well (Order 67 art. 7)."""

    resource = "records"
    station_path = "station"
    life = states.RECORD

    id = BigAutoField()
    station = station_field(backref="records")
    volunteer = ForeignKeyField(Volunteer, backref="records", verbose_name="志愿者")
    activity = ForeignKeyField(Activity, backref="records", verbose_name="活动")
    sheet = ForeignKeyField(SignInSheet, null=True, backref="records", verbose_name="签到表")
    started_at = DateTimeField(verbose_name="开始时间")
    ended_at = DateTimeField(verbose_name="结束时间")
    travel_minutes = IntegerField(default=0, verbose_name="往返交通", help_text="分钟，不计入服务时间")
    minutes = IntegerField(verbose_name="服务时长", help_text="分钟，不含往返交通")
    content = CharField(max_length=500, default="", verbose_name="服务内容")
    quality = CodeField(kind="quality", default="", verbose_name="服务质量")
    remark = CharField(max_length=200, default="", verbose_name="备注")
    origin = CharField(max_length=12, choices=hours.ORIGINS, default="desk", verbose_name="来源")
    backfilled = BooleanField(default=False, verbose_name="补录")
    notice = ForeignKeyField(Notice, null=True, backref="records", verbose_name="公示")
    policy = CharField(max_length=60, default="", verbose_name="政策版本")
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

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d} {self.activity.name}"

    def may_submit(self, by: Actor) -> list[Finding]:
        return errors(judge([Draft.of(self)], by, self.station)[0])

    def may_approve(self, by: Actor) -> list[Finding]:
        return self.may_submit(by)

    def do_return(self, by: Actor) -> None:
        self.returned_for = self.reason_given

    def do_notice(self, by: Actor, notice: Notice | None = None) -> None:
        self.notice = notice or Notice.open_for(self.station, by)

    def do_withdraw(self, by: Actor) -> None:
        self.notice, self.returned_for = None, self.reason_given

    def may_post(self, by: Actor) -> list[Finding]:
        if not self.notice.is_over:
            return [Finding("state", f"公示到 {self.notice.closes_on} 止，期满后才能入账。")]
        open_objection = Objection.select().where(Objection.record == self.id, Objection.state == "open")
        if open_objection.exists():
            return [Finding("state", "有异议正在核查，核查后才能入账。")]
        return self._overlaps()

    def do_post(self, by: Actor, posting: "Posting | None" = None) -> None:
        posting = posting or Posting.open(self.station_id)
        hours.post(self, by, posting.book, posting.writer)
        posting.touched.add(self.volunteer_id)
        if posting.alone:
            posting.finish()

    def do_reverse(self, by: Actor, asked_by: int | None = None) -> None:
        writer = hours.Writer.open(self.station_id)
        hours.reverse(self, by, asked_by, self.reason_given, writer)
        stars.review(self.volunteer_id, policy.book())

    def _overlaps(self) -> list[Finding]:
        for other in spans({self.volunteer_id}, self.started_at, self.ended_at, self.station_id, {self.id}).get(
            self.volunteer_id, []
        ):
            if other.overlaps(self.started_at, self.ended_at):
                return [Finding("started_at", f"与本人另一条记录时间重叠：{other.called}。")]
        return []


@dataclass
class Posting:
    """What posting several records shares: the policy, the station's turn to write, and whose stars to review."""

    book: PolicyBook
    writer: hours.Writer
    alone: bool = True
    touched: set[int] = field(default_factory=set)

    @classmethod
    def open(cls, station_id: int, *, alone: bool = True) -> "Posting":
        return cls(policy.book(), hours.Writer.open(station_id), alone)

    def finish(self) -> None:
        for volunteer_id in sorted(self.touched):
            stars.review(volunteer_id, self.book)


@dataclass(frozen=True)
class Draft:
    """One line before it is a record. ``id`` names the record it changes."""

    volunteer: int | None
    activity: int | None
    started_at: datetime | None
    ended_at: datetime | None
    travel_minutes: int = 0
    content: str = ""
    quality: str = ""
    remark: str = ""
    id: int | None = None
    sheet: int | None = None
    origin: str = "desk"

    @classmethod
    def of(cls, record: ServiceRecord) -> "Draft":
        return cls(
            record.volunteer_id, record.activity_id, record.started_at, record.ended_at, record.travel_minutes,
            record.content, record.quality, record.remark, record.id, record.sheet_id, record.origin,
        )  # fmt: skip


class LinesRefused(Refusal):
    """Some lines were refused, so none was taken; ``lines`` holds the findings of each line in order."""

    def __init__(self, lines: list[list[Finding]]) -> None:
        self.lines = lines
        super().__init__(
            *(Finding(f.where, f"第 {n} 行：{f.says}") for n, found in enumerate(lines, 1) for f in errors(found))
        )


@dataclass(frozen=True)
class Terms:
    """The rules that bind one station on one day, read once for many lines."""

    book: PolicyBook
    division: str
    calendar: WorkingCalendar

    @classmethod
    def of(cls, station: Station) -> "Terms":
        return cls(policy.book(), str(station.division_id), policy.calendar_of(station))

    def on(self, topic: str, day: date):
        return self.book.on(topic, self.division, day)


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


LOOKUP = 400  # people whose other records are read in one query


def judge(drafts: Sequence[Draft], by: Actor, station: Station) -> list[list[Finding]]:
    """Findings for each line, in order: the record-format checks, the person, and the lines against each other."""
    terms = Terms.of(station)
    now = clock.now()
    people = _people({d.volunteer for d in drafts if d.volunteer}, by)
    activities = {
        a.id: a
        for a in Activity.select(Activity).where(
            Activity.id.in_({d.activity for d in drafts if d.activity}), Activity.station == station.id
        )
    }
    others = _others(drafts, station.id)
    mine: dict[int, list[Span]] = {}
    findings = []
    for draft in drafts:
        activity = activities.get(draft.activity)
        found = _check_person(people.get(draft.volunteer), draft)
        if activity is None:
            found.append(Finding("activity", "请选择活动。"))
        elif activity.state == "cancelled":
            found.append(Finding("activity", f"活动「{activity.name}」已取消，不能登记服务记录。"))
        elif draft.started_at and draft.started_at.date() != activity.day:
            found.append(
                Finding("started_at", f"服务日期 {draft.started_at.date()} 与活动日期 {activity.day} 不一致。")
            )
        day = (draft.started_at or now).date()
        line = Line(
            draft.started_at, draft.ended_at, draft.travel_minutes, draft.content, draft.quality,
            remark=draft.remark,
            project_from=activity.project.starts_on if activity else None,
            project_until=activity.project.ends_on if activity else None,
        )  # fmt: skip
        found += check_line(
            line,
            counting=terms.on("counting", day).rule,
            record_format=terms.on("record_format", day).rule,
            calendar=terms.calendar,
            now=now,
            others=[*others.get(draft.volunteer, ()), *mine.get(draft.volunteer, ())],
        )
        findings.append(found)
        if draft.volunteer and draft.started_at and draft.ended_at:
            minutes = count_minutes(
                draft.started_at, draft.ended_at, draft.travel_minutes, terms.on("counting", day).rule
            )
            mine.setdefault(draft.volunteer, []).append(Span(draft.started_at, draft.ended_at, "本表另一行", minutes))
    return findings


def minutes_of(draft: Draft, station: Station) -> int:
    """Whole minutes that a line with both times counts under the policy of its day."""
    rule = policy.in_force("counting", station, draft.started_at.date()).rule
    return count_minutes(draft.started_at, draft.ended_at, draft.travel_minutes, rule)


def _people(ids: set[int], by: Actor) -> dict[int, Volunteer]:
    """Whom these keys name. A visiting volunteer of another station may serve here, so no division scope applies."""
    found = {}
    keys = sorted(ids)
    for at in range(0, len(keys), LOOKUP):
        rows = Volunteer.select(Volunteer.id, Volunteer.name, Volunteer.state, Volunteer.registered_on).where(
            Volunteer.id.in_(keys[at : at + LOOKUP])
        )
        found.update({row.id: row for row in rows})
    return found


def _check_person(person: Volunteer | None, draft: Draft) -> list[Finding]:
    if person is None:
        return [Finding("volunteer", "没有找到这位志愿者，请填写志愿者编号或姓名。")]
    if person.state == "suspended":
        return [Finding("volunteer", f"{person.name} 已停用，不能登记服务记录。")]
    if person.state != "registered":
        return [Finding("volunteer", f"{person.name} 还没有审核注册，请先由站长审核。")]
    return []


def _others(drafts: Sequence[Draft], station_id: int) -> dict[int, list[Span]]:
    whole = [d for d in drafts if d.volunteer and d.started_at and d.ended_at]
    if not whole:
        return {}
    but = {d.id for d in whole if d.id}
    start, end = min(d.started_at for d in whole), max(d.ended_at for d in whole)
    found: dict[int, list[Span]] = {}
    keys = sorted({d.volunteer for d in whole})
    for at in range(0, len(keys), LOOKUP):
        found.update(spans(set(keys[at : at + LOOKUP]), start, end, station_id, but))
    return found


def key_in(drafts: Sequence[Draft], by: Actor, station_id: int | None = None) -> list[ServiceRecord]:
    """Take the lines whole or not at all: new ones become drafts, those with an id are changed.

    Raises ``LinesRefused`` with the findings of every line; nothing is written then.
    """
    permit(by, "enter", "records")
    station = find(Station, station_id or by.station_id, by)
    with transaction():
        existing = {
            r.id: r
            for r in ServiceRecord.select().where(
                ServiceRecord.id.in_([d.id for d in drafts if d.id]), within(ServiceRecord, by)
            )
        }
        findings = judge(drafts, by, station)
        for draft, found in zip(drafts, findings, strict=True):
            row = existing.get(draft.id)
            if draft.id and row is None:
                found.append(Finding("volunteer", "这一行对应的记录已不在，请刷新后再填。"))
            elif row is not None and row.state not in ("draft", "returned") and Draft.of(row) != draft:
                found.append(Finding("volunteer", f"这一行已是「{row.state_label}」，不能再改。"))
        if any(errors(found) for found in findings):
            raise LinesRefused(findings)
        terms = Terms.of(station)
        return [_write(draft, existing.get(draft.id), terms, station, by) for draft in drafts]


def key_sheet(
    activity: int,
    drafts: Sequence[Draft],
    by: Actor,
    sheet: int | None = None,
    dropped: Sequence[int] = (),
    note: str = "",
) -> tuple[SignInSheet, list[ServiceRecord]]:
    """Take one whole sheet of an activity: its lines, and ``dropped`` records struck off it.

    Raises ``LinesRefused`` with the findings of every line; nothing is written then, not even the sheet.
    """
    with transaction():
        paper = find(SignInSheet, sheet, by) if sheet else SignInSheet.enter(by, activity=activity, note=note)
        rows = key_in([replace(draft, sheet=paper.id) for draft in drafts], by)
        for key in dropped:
            ServiceRecord.move(key, "void", by, reason="从签到表划去")
    return paper, rows


def _write(draft: Draft, row: ServiceRecord | None, terms: Terms, station: Station, by: Actor) -> ServiceRecord:
    if row is not None and Draft.of(row) == draft:
        return row
    new = row is None
    row = row or ServiceRecord(station=station.id, entered_by=by.account_id)
    day = draft.started_at.date()
    before = None if new else row.shown(RECORD_FIELDS)
    for name in RECORD_FIELDS:
        setattr(row, name, getattr(draft, name))
    version = terms.on("counting", day)
    row.minutes = count_minutes(draft.started_at, draft.ended_at, draft.travel_minutes, version.rule)
    row.policy = version.key
    row.backfilled = is_backfilled(
        draft.ended_at.date(), row.entered_at.date(), terms.on("record_format", day).rule, terms.calendar
    )
    if row.backfilled and row.origin == "desk":
        row.origin = "backfilled"
    if not new:
        row.revision += 1
    row.save(force_insert=new)
    row.trace(by, "enter" if new else "amend", before=before, after=row.shown(RECORD_FIELDS))
    return row


RECORD_FIELDS = [
    "volunteer", "activity", "sheet", "started_at", "ended_at", "travel_minutes", "content", "quality", "remark",
    "origin",
]  # fmt: skip


def move_all(keys: Iterable[int], name: str, by: Actor, reason: str = "") -> int:
    """Make one move on several records, all or none, and return how many were moved.

    Publishing puts them on one notice a station; posting takes the station's chain once. Raises ``Refusal`` naming
    the record that stands in the way.
    """
    with transaction():
        rows = list(
            ServiceRecord.select(ServiceRecord, Volunteer.name)
            .join(Volunteer)
            .where(ServiceRecord.id.in_(list(keys)), within(ServiceRecord, by))
            .order_by(ServiceRecord.station, ServiceRecord.volunteer, ServiceRecord.id)
        )
        by_station: dict[int, list[ServiceRecord]] = {}
        for row in rows:
            by_station.setdefault(row.station_id, []).append(row)
        for station_id, group in by_station.items():
            _move_group(station_id, group, name, by, reason)
    return len(rows)


def _move_group(station_id: int, rows: list[ServiceRecord], name: str, by: Actor, reason: str) -> None:
    details = {}
    if name == "notice":
        details["notice"] = Notice.open_for(Station.get_by_id(station_id), by)
    elif name == "post":
        details["posting"] = Posting.open(station_id, alone=False)
    for row in rows:
        try:
            ServiceRecord.move(row.id, name, by, reason, **details)
        except Refusal as no:
            whose = f"{row.volunteer.name} {row.started_at:%m月%d日 %H:%M}"
            raise Refusal(*(Finding(f.where, f"{whose}：{f.says}") for f in no.findings)) from None
    if name == "post":
        details["posting"].finish()


def post_due(by: Actor = SYSTEM) -> int:
    """Post what every notice past its last day lists, open objections excepted, and close the notices.

    Returns how many records were posted. Each notice is a transaction of its own, so one that cannot be posted keeps
    none of the others.
    """
    due = list(Notice.select().where(Notice.state == "open", Notice.closes_on < clock.today(), within(Notice, by)))
    posted = 0
    for notice in due:
        with transaction():
            disputed = Objection.select(Objection.record).where(
                Objection.notice == notice.id, Objection.state == "open"
            )
            ready = ServiceRecord.select(ServiceRecord.id).where(
                ServiceRecord.notice == notice.id, ServiceRecord.state == "noticed",
                ServiceRecord.id.not_in(disputed),
            )  # fmt: skip
            posted += move_all([row.id for row in ready], "post", by)
            if not disputed.exists():
                Notice.move(notice.id, "close", by)
    return posted


class Correction(Staged):
    """A posted record is asked to be taken back; another person approves; a reversing entry is written."""

    resource = "corrections"
    station_path = "station"
    life = states.CORRECTION
    editable = "record reason"

    station = station_field()
    record = ForeignKeyField(ServiceRecord, backref="corrections", verbose_name="服务记录")
    reason = CharField(max_length=200, verbose_name="更正理由")

    def prepare(self, by: Actor) -> None:
        if self.record_id:
            self.station_id = self.record.station_id

    def check(self, by: Actor) -> list[Finding]:
        if self.record.state != "posted":
            return [Finding("record", f"这条记录是「{self.record.state_label}」，只有已入账的才需要冲正。")]
        twin = Correction.select().where(Correction.record == self.record_id, Correction.state == "asked")
        if self.id is None and twin.exists():
            return [Finding("record", "这条记录已经申请了冲正，正在等待批准。")]
        return []

    def do_approve(self, by: Actor) -> None:
        acting = Actor(by.account_id, by.name, SYSTEM.role)
        ServiceRecord.move(self.record_id, "reverse", acting, reason=self.reason, asked_by=self.entered_by)

    def consequences(self) -> list[str]:
        """What the reversal would do, in Chinese sentences, before anyone approves it."""
        balance = hours.Balance.get_by_id(self.record.volunteer_id)
        minutes = self.record.minutes
        said = [f"荣誉工时从 {balance.honour / 60:.2f} 小时变为 {(balance.honour - minutes) / 60:.2f} 小时。"]
        spendable = balance.spendable - minutes
        if spendable < 0:
            said.append(f"可兑换工时不足，将欠 {-spendable / 60:.2f} 小时，由以后的工时抵扣。")
        else:
            said.append(f"可兑换工时变为 {spendable / 60:.2f} 小时。")
        version = policy.in_force("stars", self.station, clock.today())
        volunteer = self.record.volunteer
        reached = stars.star_for(balance.honour - minutes, volunteer.registered_on, clock.today(), version).value
        for grant in volunteer.stars.where(stars.StarGrant.state.in_(["candidate", "proposed", "recognised"])):
            if grant.star > reached:
                said.append(f"{stars.stars_label(grant.star)}（{grant.state_label}）将不再达到标准。")
        return said
