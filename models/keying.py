"""Keying in (方案 二(5)): the lines of a sign-in sheet, checked all together and taken whole or not at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from models import clock, hours, policy, vocabulary
from models.activities import Activity, SignInSheet
from models.audit import trails
from models.base import insert_rows
from models.moves import permit, whole
from models.openings import Opening, covering
from models.photos import photographed
from models.projects import Project
from models.records import ServiceRecord, spans
from models.refusals import Refusal
from models.scope import Actor, find, held, within
from models.stations import Station
from models.volunteers import Volunteer
from rules.findings import Finding, errors
from rules.policy import PolicyBook, Version
from rules.reading import unkept
from rules.records import Line, Span, check_line, check_photo, count_minutes, end_of, is_backfilled, last_day
from rules.rostering import UNBORN, unaccompanied
from rules.topics import PolicyError
from rules.working_days import WorkingCalendar

THIS_SHEET = 0  # stands for the sheet that is being keyed and has no key yet


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
    found: dict[tuple[str, date], Version] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, station: Station) -> "Terms":
        division = str(station.division_id)
        return cls(policy.book(division=division), division, policy.calendar_of(station))

    def on(self, topic: str, day: date) -> Version:
        """The version in force. Raises ``PolicyError`` where there is none."""
        version = self.found.get((topic, day))
        if version is None:
            version = self.found[topic, day] = self.book.on(topic, self.division, day)
        return version

    def carried_over(self, draft: Draft) -> Draft:
        """A line of two times of one day, its end on the next where it lies before the start and policy allows it."""
        try:
            rule = self.on("record_format", draft.started_at.date()).rule
        except PolicyError:
            return draft
        return replace(draft, ended_at=end_of(draft.started_at, draft.ended_at, rule))


LOOKUP = 400  # people whose other records are read in one query


def judge(
    drafts: Sequence[Draft],
    by: Actor,
    station: Station,
    mine: dict[int, list[Span]] | None = None,
    told: Collection[int] = (),
) -> list[list[Finding]]:
    """Findings for each line, in order: the record-format checks, the person, and the lines against each other.

    ``mine`` carries each person's lines from one part of a long sheet to the next; ``told`` are the records of which
    earlier parts tell, so that they stand where those lines put them and not where they were.
    """
    desk = _Desk.of(drafts, station, told)
    mine = {} if mine is None else mine
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


Judged = dict[int, tuple[Draft, list[Finding]]]  # record -> the line that was judged, and what was found


def judge_records(rows: list[ServiceRecord], by: Actor) -> Judged:
    """All the lines of one station judged at once, for a handful of statements rather than a handful a line. Their
    people's turn is held by now, so nothing new can come in their way."""
    drafts = [Draft.of(row) for row in rows]
    found = judge(drafts, by, Station.get_by_id(rows[0].station_id)) if rows else []
    return {draft.id: (draft, findings) for draft, findings in zip(drafts, found, strict=True)}


def judge_photos(rows: Sequence[ServiceRecord], station: Station) -> dict[int, list[Finding]]:
    """Record -> what is found of the photographs that policy wants beside its sheet before it is approved; two statements
    for all of them, and none where policy asks for none."""
    terms, asked = Terms.of(station), {}
    for row in rows:
        day = row.started_at.date()
        try:
            form, counting = terms.on("record_format", day).rule, terms.on("counting", day).rule
        except PolicyError:  # said with the times
            continue
        if "photo" in form.evidence:
            asked[row.id] = (row, form, counting)
    there = photographed(row.sheet_id for row, _, _ in asked.values()) if asked else set()
    return {
        key: check_photo(
            Line(
                row.started_at, row.ended_at, row.travel_minutes, sheet=row.sheet_id is not None, photo=row.sheet_id in there
            ),
            counting=counting, record_format=form,
        )
        for key, (row, form, counting) in asked.items()
    }  # fmt: skip


def minutes_of(draft: Draft, station: Station) -> int:
    """Whole minutes that a line with both times counts under the policy of its day."""
    rule = policy.in_force("counting", station, draft.started_at.date()).rule
    return count_minutes(draft.started_at, draft.ended_at, draft.travel_minutes, rule)


def over_midnight(drafts: Sequence[Draft], station: Station) -> list[Draft]:
    """The lines, an end before the start being the next day's where the policy of the day lets a record cross midnight.

    For lines whose two times were read as one day's; where no policy is in force they stay as they are, for `judge`
    to say so.
    """
    backwards = [d for d in drafts if d.started_at and d.ended_at and d.ended_at < d.started_at]
    terms = Terms.of(station) if backwards else None
    return [terms.carried_over(draft) if terms and draft in backwards else draft for draft in drafts]


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
    openings: dict[int, list[Opening]]
    qualities: dict[str, str]

    @classmethod
    def of(cls, drafts: Sequence[Draft], station: Station, told: Collection[int] = ()) -> "_Desk":
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
            {a.id: a for a in activities}, dict(sheets.tuples()), _others(drafts, station.id, told),
            covering(d.volunteer for d in drafts if d.volunteer), vocabulary.names("quality"),
        )  # fmt: skip

    def findings(self, draft: Draft, mine: Sequence[Span]) -> list[Finding]:
        """Findings about one line; ``mine`` are the person's lines above it."""
        day = (draft.started_at or self.now).date()
        activity = self.activities.get(draft.activity)
        found = [
            *self._check_person(self.people.get(draft.volunteer), draft),
            *self._check_covered(draft),
            *_check_activity(draft, activity),
            *self._check_columns(draft),
        ]
        line = Line(
            draft.started_at, draft.ended_at, draft.travel_minutes, draft.content, draft.quality,
            place=activity.place if activity else "", remark=draft.remark, sheet=draft.sheet is not None,
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

    def _check_person(self, person: Volunteer | None, draft: Draft) -> list[Finding]:
        wrong = _check_person(person, self.station)
        if wrong or person is None or draft.started_at is None:
            return wrong
        day = draft.started_at.date()
        if day < person.birth_date:
            return [replace(UNBORN.finding(), where="started_at")]
        if draft.remark.strip():
            return []
        try:
            below = self.terms.on("eligibility", day).rule.accompanied_below
        except PolicyError:  # said once, with the times
            return []
        return [replace(o.finding(), where="remark") for o in unaccompanied(person.birth_date, day, below, "备注里")]

    def _check_covered(self, draft: Draft) -> list[Finding]:
        """Service of days that an opening took over as one figure would count twice."""
        day = draft.started_at.date() if draft.started_at else None
        for one in self.openings.get(draft.volunteer or 0, ()):
            if day is not None and one.earned_on <= day <= one.until:
                own = one.station_id == self.station.id  # a visitor's papers are her own station's affair
                which = f"期初工时 {one.id} 号「{one.source}」" if own else "另一工作站的期初工时"
                says = (
                    f"{day} 在{which}（{one.earned_on} 至 {one.until}，{one.state_label}）的时段里，那里已经计过，"
                    "不能再逐条登记；时段有错请先更正期初工时。"
                )
                return [Finding("started_at", says)]
        return []

    def _check_columns(self, draft: Draft) -> list[Finding]:
        found = []
        if draft.quality and draft.quality not in self.qualities:
            words = "、".join(self.qualities.values())
            found.append(Finding("quality", f"服务质量没有「{draft.quality}」这一项，可填 {words}。"))
        if draft.sheet and self.sheets.get(draft.sheet) != draft.activity:
            found.append(Finding("sheet", "这张签到表不是这次活动的，请重新选择。"))
        for name, text in (("content", draft.content), ("remark", draft.remark)):
            if says := unkept(text):
                found.append(Finding(name, f"「{ServiceRecord.label(name)}」{says}"))
        if draft.origin not in dict(hours.ORIGINS):
            found.append(Finding("origin", f"没有「{draft.origin}」这种来源。"))
        return found


def _people(ids: set[int]) -> dict[int, Volunteer]:
    """Whom these keys name. A visiting volunteer of another station may serve here, so no division scope applies."""
    found = {}
    keys = sorted(ids)
    for at in range(0, len(keys), LOOKUP):
        rows = Volunteer.select(
            Volunteer.id, Volunteer.name, Volunteer.state, Volunteer.station, Volunteer.birth_date
        ).where(Volunteer.id.in_(keys[at : at + LOOKUP]))
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


def _others(drafts: Sequence[Draft], station_id: int, told: Collection[int]) -> dict[int, list[Span]]:
    whole = [d for d in drafts if d.volunteer and d.started_at and d.ended_at]
    if not whole:
        return {}
    but = {*told, *(d.id for d in whole if d.id)}
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
            elif row is not None and row.state not in ("draft", "returned") and not says(row, draft):
                found.append(Finding("volunteer", f"这一行已是「{row.state_label}」，不能再改。"))
        if any(
            errors(found) for draft, found in zip(drafts, findings, strict=True)
            if not _untouched(existing.get(draft.id), draft)
        ):  # fmt: skip
            raise LinesRefused(findings)
        terms = Terms.of(station)
        rows = [_written(draft, existing.get(draft.id), terms, station, by) for draft in drafts]
        _store([row for row in rows if row.id is None], station, by)
        return rows


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


def says(row: ServiceRecord, draft: Draft) -> bool:
    """Whether the row stands as the line says. That it became «补录» by the calendar is not the line's to say."""
    stands = Draft.of(row)
    if {stands.origin, draft.origin} <= {"desk", "backfilled"}:
        stands = replace(stands, origin=draft.origin)
    return stands == draft


def _untouched(row: ServiceRecord | None, draft: Draft) -> bool:
    """A line that went on its way and came back in the sheet as it was: nothing of it is decided here again."""
    return row is not None and row.state not in ("draft", "returned") and says(row, draft)


def _written(draft: Draft, row: ServiceRecord | None, terms: Terms, station: Station, by: Actor) -> ServiceRecord:
    """The record as the line says; one that is there is changed, a new one is for `_store`."""
    if row is not None and says(row, draft):
        return row
    new = row is None
    row = row or ServiceRecord(station=station.id, entered_by=by.account_id)
    day = draft.started_at.date()
    before = None if new else row.shown(RECORD_FIELDS)
    for name in RECORD_FIELDS:
        setattr(row, name, getattr(draft, name))
    version = terms.on("counting", day)
    row.minutes = count_minutes(draft.started_at, draft.ended_at, draft.travel_minutes, version.rule)
    form = terms.on("record_format", day)
    row.policy, row.format_policy = version.key, form.key
    row.backfilled = is_backfilled(last_day(draft.ended_at), row.entered_at.date(), form.rule, terms.calendar)
    if row.origin in ("desk", "backfilled"):
        row.origin = "backfilled" if row.backfilled else "desk"
    if not new:
        row.revision += 1
        row.amended_by = by.account_id
        row.save()
        row.trace(by, "amend", before=before, after=row.shown(RECORD_FIELDS))
    return row


def _store(rows: Sequence[ServiceRecord], station: Station, by: Actor) -> None:
    """Insert new records some hundred a statement, tell each its number, and leave their traces.

    No database promises in which order it returns them; one person begins one record at one moment (`judge`).
    """
    fields = [field for field in ServiceRecord._meta.sorted_fields if not field.primary_key]
    names = [field.name for field in fields]
    for at in range(0, len(rows), WRITTEN_AT_ONCE):
        some = rows[at : at + WRITTEN_AT_ONCE]
        values = [[field.db_value(row.__data__.get(field.name)) for field in fields] for row in some]
        made = insert_rows(ServiceRecord, names, values, returning=["id", "volunteer", "started_at"])
        numbers = {(volunteer, str(started)): key for key, volunteer, started in made}
        for row in some:
            row.id = numbers[row.volunteer_id, str(row.started_at)]
            row._dirty.clear()
    said = [(row.id, None, row.shown(RECORD_FIELDS)) for row in rows]
    trails(by, "enter", ServiceRecord._meta.table_name, said, station=station.id)


WRITTEN_AT_ONCE = 500  # records in one statement: SQLite takes 32,766 values
RECORD_FIELDS = [
    "volunteer", "activity", "sheet", "started_at", "ended_at", "travel_minutes", "content", "quality", "remark",
    "origin",
]  # fmt: skip
