"""服务记录 (方案 二(5)): lines of a sign-in sheet, checked, approved by another, shown publicly, posted to the account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from peewee import (
    BigAutoField,
    BooleanField,
    CharField,
    DataError,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from models import clock, hours, policy, stars, vocabulary
from models.activities import Activity, SignInSheet
from models.base import transaction
from models.fields import CodeField
from models.moves import Staged, permit, whole
from models.notices import Notice, Objection
from models.projects import Project
from models.refusals import NotFound, Refusal, refuse
from models.scope import SYSTEM, Actor, find, held, within
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules import states
from rules.findings import Finding, errors
from rules.policy import PolicyBook, PolicyError
from rules.records import Line, Span, check_line, count_minutes, is_backfilled, last_day, moment
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
    content = TextField(default="", verbose_name="服务内容")  # how long it may be is policy
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

    def hold(self, name: str) -> None:
        if name in ("post", "reverse"):
            hours.Chain.lock(self.station_id)
        hours.Balance.hold([self.volunteer_id])

    @classmethod
    def move_all(cls, keys: Iterable[object], name: str, by: Actor, reason: str = "") -> int:
        return move_all(keys, name, by, reason)  # with one notice and one turn at the account for all of them

    def may_submit(self, by: Actor, judged: "Judged | None" = None) -> list[Finding]:
        mine = Draft.of(self)
        draft, found = (judged or {}).get(self.id, (None, []))
        if draft != mine:  # alone, or changed since the others were judged
            found = judge([mine], by, self.station)[0]
        return errors(found)

    def may_approve(self, by: Actor, judged: "Judged | None" = None) -> list[Finding]:
        return self.may_submit(by, judged)

    def do_return(self, by: Actor) -> None:
        self.returned_for = self.reason_given

    def do_notice(self, by: Actor, notice: Notice | None = None) -> None:
        self.notice = notice or Notice.open_for(self.station, by)

    def do_withdraw(self, by: Actor) -> None:
        self.notice, self.returned_for = None, self.reason_given

    def may_post(self, by: Actor, posting: "Posting | None" = None) -> list[Finding]:
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
        """Asked once more at the account's door: nothing that slipped past the desk is posted twice."""
        for other in spans({self.volunteer_id}, self.started_at, self.ended_at, self.station_id, {self.id}).get(
            self.volunteer_id, []
        ):
            if other.overlaps(self.started_at, self.ended_at):
                return [
                    Finding("started_at", f"与本人另一条记录时间重叠：{other.called} {moment(other.started_at)}。")
                ]
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
        """The version in force. Raises ``PolicyError`` where there is none."""
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
    desk = _Desk.of(drafts, station)
    mine: dict[int, list[Span]] = {}
    keys: set[int] = set()
    findings = []
    for draft in drafts:
        found = desk.findings(draft, mine.get(draft.volunteer, ()))
        if draft.id and draft.id in keys:
            found.append(Finding("volunteer", "本表另一行改的是同一条记录，请只留一行。"))
        keys.add(draft.id or 0)
        findings.append(found)
        if draft.volunteer and draft.started_at and draft.ended_at:
            mine.setdefault(draft.volunteer, []).append(
                Span(draft.started_at, draft.ended_at, "本表另一行", desk.minutes(draft))
            )
    return findings


def minutes_of(draft: Draft, station: Station) -> int:
    """Whole minutes that a line with both times counts under the policy of its day."""
    rule = policy.in_force("counting", station, draft.started_at.date()).rule
    return count_minutes(draft.started_at, draft.ended_at, draft.travel_minutes, rule)


@dataclass(frozen=True)
class _Desk:
    """All that the lines of one sheet are held against, read once."""

    station: Station
    terms: Terms
    now: datetime
    people: dict[int, Volunteer]
    activities: dict[int, Activity]
    sheets: dict[int, int]  # sheet -> activity
    others: dict[int, list[Span]]
    qualities: dict[str, str]

    @classmethod
    def of(cls, drafts: Sequence[Draft], station: Station) -> "_Desk":
        activities = (
            Activity.select(Activity, Project)
            .join(Project)
            .where(Activity.id.in_({d.activity for d in drafts if d.activity}), Activity.station == station.id)
        )
        sheets = SignInSheet.select(SignInSheet.id, SignInSheet.activity).where(
            SignInSheet.id.in_({d.sheet for d in drafts if d.sheet}), SignInSheet.station == station.id
        )
        return cls(
            station, Terms.of(station), clock.now(), _people({d.volunteer for d in drafts if d.volunteer}),
            {a.id: a for a in activities}, dict(sheets.tuples()), _others(drafts, station.id),
            vocabulary.names("quality"),
        )  # fmt: skip

    def findings(self, draft: Draft, mine: Sequence[Span]) -> list[Finding]:
        """Findings about one line; ``mine`` are the person's lines above it."""
        day = (draft.started_at or self.now).date()
        activity = self.activities.get(draft.activity)
        found = [
            *_check_person(self.people.get(draft.volunteer), self.station),
            *_check_activity(draft, activity),
            *self._check_columns(draft),
        ]
        line = Line(
            draft.started_at, draft.ended_at, draft.travel_minutes, draft.content, draft.quality,
            place=activity.place if activity else "", remark=draft.remark,
            project_from=activity.project.starts_on if activity else None,
            project_until=activity.project.ends_on if activity else None,
        )  # fmt: skip
        try:
            found += check_line(
                line,
                counting=self.terms.on("counting", day).rule,
                record_format=self.terms.on("record_format", day).rule,
                calendar=self.terms.calendar,
                now=self.now,
                others=[*self.others.get(draft.volunteer, ()), *mine],
            )
        except PolicyError as silent:  # mostly a slip in the year
            found.append(Finding("started_at", str(silent)))
        return found

    def minutes(self, draft: Draft) -> int:
        """What the line counts; 0 where no policy is in force, for the line is refused then."""
        try:
            rule = self.terms.on("counting", draft.started_at.date()).rule
        except PolicyError:
            return 0
        return count_minutes(draft.started_at, draft.ended_at, draft.travel_minutes, rule)

    def _check_columns(self, draft: Draft) -> list[Finding]:
        found = []
        if draft.quality and draft.quality not in self.qualities:
            words = "、".join(self.qualities.values())
            found.append(Finding("quality", f"服务质量没有「{draft.quality}」这一项，可填 {words}。"))
        if draft.sheet and self.sheets.get(draft.sheet) != draft.activity:
            found.append(Finding("sheet", "这张签到表不是这次活动的，请重新选择。"))
        if len(draft.remark) > ServiceRecord.remark.max_length:
            found.append(Finding("remark", f"备注最多 {ServiceRecord.remark.max_length} 个字。"))
        if "\x00" in draft.content + draft.remark:
            found.append(Finding("content", "文字里有不能保存的字符，请删去后重填。"))
        if draft.origin not in dict(hours.ORIGINS):
            found.append(Finding("origin", f"没有「{draft.origin}」这种来源。"))
        return found


def _people(ids: set[int]) -> dict[int, Volunteer]:
    """Whom these keys name. A visiting volunteer of another station may serve here, so no division scope applies."""
    found = {}
    keys = sorted(ids)
    for at in range(0, len(keys), LOOKUP):
        rows = Volunteer.select(Volunteer.id, Volunteer.name, Volunteer.state, Volunteer.station).where(
            Volunteer.id.in_(keys[at : at + LOOKUP])
        )
        found.update({row.id: row for row in rows})
    return found


def _check_activity(draft: Draft, activity: Activity | None) -> list[Finding]:
    if activity is None:
        return [Finding("activity", "请选择活动。")]
    if activity.state == "cancelled":
        return [Finding("activity", f"活动「{activity.name}」已取消，不能登记服务记录。")]
    if draft.started_at and draft.started_at.date() != activity.day:
        return [Finding("started_at", f"服务日期 {draft.started_at.date()} 与活动日期 {activity.day} 不一致。")]
    return []


def _check_person(person: Volunteer | None, station: Station) -> list[Finding]:
    if person is None:
        return [Finding("volunteer", "没有找到这位志愿者，请填写志愿者编号或姓名。")]
    # A stranger's name is not read out to whoever tries numbers.
    name = person.name if person.station_id == station.id else "这位志愿者"
    if person.state == "suspended":
        return [Finding("volunteer", f"{name} 已停用，不能登记服务记录。")]
    if person.state != "registered":
        return [Finding("volunteer", f"{name} 还没有审核注册，请先由站长审核。")]
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
    with whole():
        hours.Balance.hold(d.volunteer for d in drafts if d.volunteer)
        existing = {
            r.id: r
            for r in held(
                ServiceRecord.select().where(
                    ServiceRecord.id.in_([d.id for d in drafts if d.id]),
                    ServiceRecord.station == station.id,
                    within(ServiceRecord, by),
                ).order_by(ServiceRecord.id)
            )
        }  # fmt: skip
        findings = judge(drafts, by, station)
        for draft, found in zip(drafts, findings, strict=True):
            row = existing.get(draft.id)
            if draft.id and row is None:
                found.append(Finding("volunteer", "这一行对应的记录已不在，请刷新后再填。"))
            elif row is not None and row.state not in ("draft", "returned") and not _says(row, draft):
                found.append(Finding("volunteer", f"这一行已是「{row.state_label}」，不能再改。"))
        if any(
            errors(found) for draft, found in zip(drafts, findings, strict=True)
            if not _untouched(existing.get(draft.id), draft)
        ):  # fmt: skip
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
    with whole():
        struck = list(
            ServiceRecord.select(ServiceRecord.id, ServiceRecord.volunteer).where(ServiceRecord.id.in_(list(dropped)))
        )
        hours.Balance.hold([*(d.volunteer for d in drafts if d.volunteer), *(row.volunteer_id for row in struck)])
        paper = find(SignInSheet, sheet, by) if sheet else SignInSheet.enter(by, activity=activity, note=note)
        for key in dropped:  # first, for a new line may stand in the time of one struck off
            ServiceRecord.move(key, "void", by, reason="从签到表划去")
        rows = key_in([replace(draft, sheet=paper.id) for draft in drafts], by)
    return paper, rows


def _says(row: ServiceRecord, draft: Draft) -> bool:
    """Whether the row stands as the line says. That it became «补录» by the calendar is not the line's to say."""
    stands = Draft.of(row)
    if {stands.origin, draft.origin} <= {"desk", "backfilled"}:
        stands = replace(stands, origin=draft.origin)
    return stands == draft


def _untouched(row: ServiceRecord | None, draft: Draft) -> bool:
    """A line that went on its way and came back in the sheet as it was: nothing of it is decided here again."""
    return row is not None and row.state not in ("draft", "returned") and _says(row, draft)


def _write(draft: Draft, row: ServiceRecord | None, terms: Terms, station: Station, by: Actor) -> ServiceRecord:
    if row is not None and _says(row, draft):
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
        last_day(draft.ended_at), row.entered_at.date(), terms.on("record_format", day).rule, terms.calendar
    )
    if row.origin in ("desk", "backfilled"):
        row.origin = "backfilled" if row.backfilled else "desk"
    if not new:
        row.revision += 1
        row.amended_by = by.account_id
    row.save(force_insert=new)
    row.trace(by, "enter" if new else "amend", before=before, after=row.shown(RECORD_FIELDS))
    return row


RECORD_FIELDS = [
    "volunteer", "activity", "sheet", "started_at", "ended_at", "travel_minutes", "content", "quality", "remark",
    "origin",
]  # fmt: skip


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
        by_station: dict[int, list[ServiceRecord]] = {}
        for row in rows:
            by_station.setdefault(row.station_id, []).append(row)
        shared = {key: _shared(key, name, by) for key in by_station if rows}
        hours.Balance.hold(row.volunteer_id for row in rows)
        changed = sum(_move_group(group, name, by, reason, shared[key]) for key, group in by_station.items())
        for details in shared.values():
            if "posting" in details:
                details["posting"].finish()
    return changed


def _shared(station_id: int, name: str, by: Actor) -> dict[str, Any]:
    """What the records of one station have in common in one move."""
    if name == "notice" and by.role in ServiceRecord.life.move(name).by:
        return {"notice": Notice.open_for(Station.get_by_id(station_id), by)}
    if name == "post":
        return {"posting": Posting.open(station_id, alone=False)}
    return {}


Judged = dict[int, tuple[Draft, list[Finding]]]  # record -> the line that was judged, and what was found


def _judged(rows: list[ServiceRecord], by: Actor) -> Judged:
    """All the lines of one station judged at once, for a handful of statements rather than a handful a line. Their
    people's turn is held by now, so nothing new can come in their way."""
    drafts = [Draft.of(row) for row in rows]
    found = judge(drafts, by, Station.get_by_id(rows[0].station_id)) if rows else []
    return {draft.id: (draft, findings) for draft, findings in zip(drafts, found, strict=True)}


def _move_group(rows: list[ServiceRecord], name: str, by: Actor, reason: str, details: dict[str, Any]) -> int:
    if name in ("submit", "approve"):
        sources = ServiceRecord.life.move(name).sources
        details = {"judged": _judged([row for row in rows if row.state in sources], by)}
    changed = 0
    for row in rows:
        try:
            after = ServiceRecord.move(row.id, name, by, reason, **details)
        except Refusal as no:
            whose = f"{row.volunteer.name} {moment(row.started_at)}"
            raise Refusal(*(Finding(f.where, f"{whose}：{f.says}") for f in no.findings)) from None
        changed += after.revision != row.revision
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
    return sum(_post_notice(notice, by) for notice in due)


def _post_notice(notice: Notice, by: Actor) -> int:
    with transaction():
        posting = Posting.open(notice.station_id, alone=False)
        disputed = Objection.select(Objection.record).where(Objection.notice == notice.id, Objection.state == "open")
        listed = ServiceRecord.select().where(ServiceRecord.notice == notice.id, ServiceRecord.state == "noticed")
        ready = list(
            listed.where(ServiceRecord.id.not_in(disputed)).order_by(ServiceRecord.volunteer, ServiceRecord.id)
        )
        hours.Balance.hold(row.volunteer_id for row in ready)
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
