"""评价 (方案 二(5) 服务质量; Order 67 arts. 10, 11): how well a service was done, as recipient, lead and station say.

The quality keyed with the sheet (`ServiceRecord.quality`) is the station's first word and stays with the record as it
was posted; an assessment is said by somebody on a day, and never rewrites it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from peewee import BooleanField, CharField, DateField, Expression, ForeignKeyField, Value, fn

from models import clock, policy, vocabulary
from models.activities import Activity
from models.fields import CodeField
from models.handling import last_overdue
from models.moves import Entered, malformed, permit, required, whole
from models.records import DEAD, ServiceRecord
from models.refusals import refuse
from models.scope import Actor, find, within
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules.assessments import SIDES, check_assessment
from rules.findings import Finding
from rules.records import last_day
from rules.working_days import WorkingCalendar

ASSESSED = ("submitted", "approved", "noticed", "posted")  # states in which a record is due to be assessed


class Assessment(Entered):
    """What one side says of one service."""

    resource = "assessments"
    station_path = "station"
    editable = "record side quality punctuality attitude skill said_by assessed_on remark"

    station = station_field(backref="assessments")
    record = ForeignKeyField(ServiceRecord, backref="assessments", verbose_name="服务记录")
    side = CharField(max_length=12, choices=SIDES, verbose_name="评价方")
    quality = CodeField(kind="quality", verbose_name="服务质量")
    punctuality = CodeField(kind="quality", default="", verbose_name="守时程度")
    attitude = CodeField(kind="quality", default="", verbose_name="服务态度")
    skill = CodeField(kind="quality", default="", verbose_name="专业水平")
    said_by = CharField(max_length=40, verbose_name="评价人")
    assessed_on = DateField(default=clock.today, verbose_name="评价日期", help_text="留空为今天")
    remark = CharField(max_length=200, default="", verbose_name="评语")
    late = BooleanField(default=False, verbose_name="逾期")
    policy = CharField(max_length=60, default="", verbose_name="政策版本")

    class Meta:
        indexes = ((("record", "side"), True), (("station", "id"), False))

    def __str__(self) -> str:
        return f"{dict(SIDES).get(self.side, '')}评价"

    def prepare(self, by: Actor) -> None:
        if self.record_id:
            self.station_id = self.record.station_id
            if self.assessed_on:
                self.judge(Terms.of(self.record.station), self.record)

    def check(self, by: Actor) -> list[Finding]:
        if self.was and (self.was["record"], self.was["side"]) != (self.record_id, self.side):
            return [Finding("side", "评价登记后不能改到别的记录或评价方。")]
        twin = Assessment.select().where(Assessment.record == self.record_id, Assessment.side == self.side)
        if self.id is None and twin.exists():
            return [Finding("side", f"{dict(SIDES)[self.side]}已经评价过这条记录，可以修改那一条。")]
        return [*self.against(self.record, self.record.volunteer.name), *vocabulary.unknown_codes(self)]

    def against(self, record: ServiceRecord, name: str) -> list[Finding]:
        """Findings about the row beside the record and the name of the volunteer whom it assesses."""
        if record.state in DEAD:
            return [Finding("record", f"这条记录{record.state_label}，不再评价。")]
        return check_assessment(self.said_by or "", self.assessed_on, last_day(record.ended_at), name, clock.today())

    def judge(self, terms: "Terms", record: ServiceRecord) -> None:
        """Whether it came in time, and by which rule."""
        served = last_day(record.ended_at)
        version = terms.book.on("handling", terms.division, served)
        self.policy = version.key
        days = version.rule.assessment_days
        # Within as many plain days as working days nothing can be late: spares the calendar for most rows.
        self.late = (self.assessed_on - served).days > days and self.assessed_on > terms.calendar.add(served, days)


class Terms:
    """The rules that bind one station, read once for many rows."""

    def __init__(self, book: policy.PolicyBook, division: str, calendar: WorkingCalendar) -> None:
        self.book, self.division, self.calendar = book, division, calendar

    @classmethod
    def of(cls, station: Station) -> "Terms":
        division = str(station.division_id)
        return cls(policy.book(topic="handling", division=division), division, policy.calendar_of(station))


def assess(
    activity_id: object, side: str, said_by: str, on: date | None, lines: Sequence[Mapping[str, Any]], by: Actor
) -> list[Assessment]:
    """One side's word on many services of one activity, taken whole or not at all.

    Each line names its ``record`` and its scores. Raises ``LinesRefused`` with the findings of every line.
    """
    from models.keying import LinesRefused

    permit(by, "enter", Assessment.resource)
    with whole():
        activity = find(Activity, activity_id, by)
        if not lines:
            raise refuse("请至少给一位志愿者选一项服务质量。")
        if on is None:
            raise refuse("请填写「评价日期」，例如 2026-03-05。", "assessed_on")
        terms, records = Terms.of(activity.station), _records(activity, by)
        keys = [line["record"] for line in lines]
        taken = Assessment.select(Assessment.record).where(Assessment.record.in_(keys), Assessment.side == side)
        said = {key for (key,) in taken.tuples()}
        known = vocabulary.all_codes()
        rows, findings = [], []
        for line in lines:
            row = Assessment(station=activity.station_id, side=side, said_by=said_by, assessed_on=on, **line)
            found = malformed(row, row.editable.split()) or required(row)
            record = records.get(row.record_id)
            if record is None:
                found.append(Finding("record", "这次活动没有这一条记录，请刷新后再填。"))
            elif row.record_id in said:
                found.append(Finding("side", f"{record.volunteer.name}：{dict(SIDES).get(side, '')}已经评价过。"))
            elif not found:
                row.judge(terms, record)
                found += [*row.against(record, record.volunteer.name), *vocabulary.unknown_codes(row, known)]
            said.add(row.record_id)
            rows.append(row)
            findings.append(found)
        if any(findings):
            raise LinesRefused(findings)
        for row in rows:
            row.store_new(by)
    return rows


def _records(activity: Activity, by: Actor) -> dict[int, ServiceRecord]:
    rows = (
        ServiceRecord.select(ServiceRecord, Volunteer.id, Volunteer.name)
        .join(Volunteer)
        .where(ServiceRecord.activity == activity.id, within(ServiceRecord, by))
    )
    return {row.id: row for row in rows}


def to_assess(activity: Activity, side: str, by: Actor) -> list[ServiceRecord]:
    """The records of an activity on which this side has not spoken yet, by name."""
    said = Assessment.select(Value(1)).where(Assessment.record == ServiceRecord.id, Assessment.side == side)
    return list(
        ServiceRecord.select(ServiceRecord, Volunteer.id, Volunteer.name, Volunteer.card_no)
        .join(Volunteer)
        .where(
            ServiceRecord.activity == activity.id, ServiceRecord.state.not_in(DEAD), within(ServiceRecord, by),
            ~fn.EXISTS(said),
        )
        .order_by(Volunteer.card_no, ServiceRecord.started_at)
    )  # fmt: skip


def unassessed(by: Actor) -> Expression:
    """该评未评: records on which nobody has said a word although the limit after the activity is past (art. 11)."""
    midnight = datetime.combine(last_overdue("assessment_days", by) + timedelta(days=1), time())
    said = Assessment.select(Value(1)).where(Assessment.record == ServiceRecord.id)
    return ServiceRecord.state.in_(ASSESSED) & (ServiceRecord.started_at < midnight) & ~fn.EXISTS(said)
