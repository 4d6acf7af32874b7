"""记录格式检查与计时 (方案 二(5)): what one line of a sign-in sheet must satisfy, and how many minutes it counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.findings import Finding
from rules.topics import Counting, RecordFormat
from rules.working_days import WorkingCalendar

LONGEST = timedelta(hours=24)  # of one record
LABELS = {"content": "服务内容", "quality": "服务质量", "place": "服务地点", "remark": "备注"}


@dataclass(frozen=True)
class Span:
    """Another stretch of the same person's service, and what it is called when it stands in the way.

    ``minutes`` are what it counted. Where it is another station's, ``called`` says no more than that.
    """

    started_at: datetime
    ended_at: datetime
    called: str
    minutes: int = 0

    def overlaps(self, started_at: datetime, ended_at: datetime) -> bool:
        """Whether they share time; touching ends do not."""
        return self.started_at < ended_at and started_at < self.ended_at

    def minutes_on(self, day: date) -> int:
        """What of its minutes falls on that day."""
        return by_day(self.started_at, self.ended_at, self.minutes).get(day, 0)


@dataclass(frozen=True)
class Line:
    """One line as keyed. Times are local; travel in whole minutes; ``sheet`` is whether a sign-in sheet bears it out,
    ``photo`` whether a photograph of that sheet lies beside it."""

    started_at: datetime | None
    ended_at: datetime | None
    travel_minutes: int = 0
    content: str = ""
    quality: str = ""
    place: str = ""
    remark: str = ""
    sheet: bool = False
    photo: bool = False
    project_from: date | None = None
    project_until: date | None = None


def count_minutes(started_at: datetime, ended_at: datetime, travel_minutes: int, rule: Counting) -> int:
    """Whole minutes that the stretch counts under ``rule``: travel left out unless the policy counts it,
    dropped or raised where it is under the minimum, then rounded; raised, it never falls under the minimum again.
    Never negative; the daily cap is not applied here. A shift over midnight is one stretch and counts once."""
    minutes = int((ended_at - started_at).total_seconds() // 60)
    if not rule.travel_counts:
        minutes -= travel_minutes
    if minutes <= 0:
        return 0
    if minutes < rule.minimum_minutes:
        return rule.minimum_minutes if rule.raise_to_minimum else 0
    rounded = _rounded(minutes, rule.rounding_minutes, rule.rounding)
    return max(rounded, rule.minimum_minutes) if rule.raise_to_minimum else rounded


def _rounded(minutes: int, step: int, way: str) -> int:
    """Whole steps; half a step counts as a whole one where ``way`` is "nearest"."""
    if way == "up":
        return -(-minutes // step) * step
    if way == "nearest":
        return (minutes * 2 + step) // (2 * step) * step
    return minutes // step * step


def by_day(started_at: datetime, ended_at: datetime, minutes: int) -> dict[date, int]:
    """Counted minutes of a stretch by the days on which they fall: each day its share of the time, in whole minutes.

    Of 22:00–06:00, 480 minutes, the first day has 120 and the second 360. The shares always add up to ``minutes``; what
    does not divide evenly falls on the later day. A stretch to 24:00 lies wholly on its own day.
    """
    last = last_day(ended_at)
    if last <= started_at.date():
        return {started_at.date(): minutes}
    whole, given, day = ended_at - started_at, 0, started_at.date()
    found = {}
    while day <= last:
        day_ends = min(ended_at, _midnight_after(datetime.combine(day, datetime.min.time())))
        reached = minutes * ((day_ends - started_at) // timedelta(seconds=1)) // (whole // timedelta(seconds=1))
        found[day], given = reached - given, reached
        day += timedelta(days=1)
    return found


def days_of(started_at: datetime, ended_at: datetime) -> list[date]:
    """The days that a stretch touches, in order."""
    days = max(0, (last_day(ended_at) - started_at.date()).days)
    return [started_at.date() + timedelta(days=n) for n in range(days + 1)]


def minutes_on(day: date, spans: Iterable[Span]) -> int:
    """What of these stretches' minutes falls on that day."""
    return sum(span.minutes_on(day) for span in spans)


def end_of(started_at: datetime, ended_at: datetime, rule: RecordFormat) -> datetime:
    """The end of a stretch that was keyed as two times of one day: the next day's where it lies before the start and
    policy lets a record cross midnight (22:00–06:00), else as it was keyed."""
    return ended_at + timedelta(days=1) if ended_at < started_at and rule.across_midnight else ended_at


def deadline(ended_on: date, rule: RecordFormat, calendar: WorkingCalendar) -> date:
    """Last day on which the record is in time (Order 67 art. 11); the day of the activity is not counted."""
    return calendar.add(ended_on, rule.deadline_working_days)


def last_day(ended_at: datetime) -> date:
    """The day on which service ended; at 24:00 that is the day before, not the next."""
    return (ended_at - timedelta(seconds=1)).date()


def moment(when: datetime) -> str:
    """3月5日 09:00. Put together by hand: strftime on Windows refuses 月 and 日 in some locales."""
    return f"{when.month}月{when.day}日 {when:%H:%M}"


def is_backfilled(ended_on: date, entered_on: date, rule: RecordFormat, calendar: WorkingCalendar) -> bool:
    """Whether a record entered on that day is past the limit: accepted, and marked as such."""
    # Within as many plain days as working days nothing can be late: spares the calendar for most rows.
    if (entered_on - ended_on).days <= rule.deadline_working_days:
        return False
    return entered_on > deadline(ended_on, rule, calendar)


def check_line(
    line: Line,
    *,
    counting: Counting,
    record_format: RecordFormat,
    calendar: WorkingCalendar,
    now: datetime,
    others: Sequence[Span] = (),
) -> list[Finding]:
    """Findings about one line; ``others`` are the person's further records of that day, anywhere.

    Errors refuse; a late entry is a warning, for it is accepted as back-filled; a missing sheet holds back submission
    alone, for a draft may be keyed before it is at hand.
    """
    return [
        *_required(line, record_format),
        *_times(line, record_format, now),
        *_project(line),
        *_others(line, counting, others),
        *_travel(line, counting, record_format),
        *_evidence(line, counting, record_format),
        *_late(line, record_format, calendar, now),
    ]


def _required(line: Line, rule: RecordFormat) -> list[Finding]:
    found = []
    if line.started_at is None:
        found.append(Finding("started_at", "请填写开始时间，例如 8:30。"))
    if line.ended_at is None:
        found.append(Finding("ended_at", "请填写结束时间，例如 11:00。"))
    for name in rule.required:
        if not str(getattr(line, name, "") or "").strip():
            found.append(Finding(name, f"请填写「{LABELS.get(name, name)}」。"))
    if len(line.content) > rule.content_max:
        found.append(Finding("content", f"服务内容最多 {rule.content_max} 个字，现在是 {len(line.content)} 个字。"))
    if len(line.remark) > rule.remark_max:
        found.append(Finding("remark", f"备注最多 {rule.remark_max} 个字，现在是 {len(line.remark)} 个字。"))
    return found


def _times(line: Line, rule: RecordFormat, now: datetime) -> list[Finding]:
    start, end = line.started_at, line.ended_at
    if start is None or end is None:
        return []
    if end <= start:
        return [Finding("ended_at", f"结束时间 {end:%H:%M} 应晚于开始时间 {start:%H:%M}。")]
    if end > now:
        return [Finding("ended_at", f"{end:%Y-%m-%d %H:%M} 还没有到，服务结束后才能记录。")]
    if end.date() != start.date() and not rule.across_midnight and end != _midnight_after(start):
        return [Finding("ended_at", "一条记录不能跨零点，请按日期分成两条填写。")]
    if end - start > LONGEST:
        return [Finding("ended_at", "一条记录不能超过 24 小时，请核对日期。")]
    return []


def _midnight_after(moment: datetime) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=1), datetime.min.time())


def _project(line: Line) -> list[Finding]:
    if line.started_at is None:
        return []
    day = line.started_at.date()
    if line.project_from and day < line.project_from:
        return [Finding("started_at", f"服务日期 {day} 早于项目开始日期 {line.project_from}。")]
    if line.project_until and day > line.project_until:
        return [Finding("started_at", f"服务日期 {day} 晚于项目结束日期 {line.project_until}。")]
    return []


def _others(line: Line, rule: Counting, others: Sequence[Span]) -> list[Finding]:
    start, end = line.started_at, line.ended_at
    # A slip in the year makes a stretch of decades, refused as such: its days are not walked through one by one.
    if start is None or end is None or end <= start or end - start > LONGEST:
        return []
    for other in others:
        if other.overlaps(start, end):
            return [Finding("started_at",
                f"与本人另一条记录时间重叠：{other.called} {moment(other.started_at)}–{other.ended_at:%H:%M}。"
            )]  # fmt: skip
    counted = count_minutes(start, end, line.travel_minutes, rule)
    for day, minutes in by_day(start, end, counted).items():
        total = minutes + minutes_on(day, others)
        if total > rule.daily_cap_minutes:
            return [Finding("ended_at",
                f"{day} 本人合计 {total / 60:.2f} 小时，超过每天 {rule.daily_cap_minutes / 60:g} 小时的上限。"
            )]  # fmt: skip
    return []


def _travel(line: Line, rule: Counting, record_format: RecordFormat) -> list[Finding]:
    if line.travel_minutes < 0:
        return [Finding("travel_minutes", "往返交通分钟数不能是负数。")]
    if line.travel_minutes > record_format.travel_max_minutes:
        return [Finding("travel_minutes", f"往返交通最多 {record_format.travel_max_minutes} 分钟，请核对。")]
    if line.started_at and line.ended_at and line.ended_at > line.started_at:
        if count_minutes(line.started_at, line.ended_at, line.travel_minutes, rule) > 0:
            return []
        if line.travel_minutes:
            return [Finding("travel_minutes", "扣除往返交通后没有服务时间，请核对。")]
        least = max(rule.minimum_minutes, rule.rounding_minutes)
        return [Finding("ended_at", f"服务时间不足 {least} 分钟，按现行政策不计入。")]
    return []


def check_photo(line: Line, *, counting: Counting, record_format: RecordFormat) -> list[Finding]:
    """Before a line is approved: whether the photograph of the signed sheet that policy asks for is there.

    Policy says whether its lack refuses the approval or is a warning to whoever approves; a draft is keyed and submitted
    without, for the sheet may be photographed later.
    """
    if line.photo or not _asked_for("photo", line, counting, record_format):
        return []
    says = (
        f"按现行政策，{_which(record_format)}审核前须有签字的签到表照片：请在「签到表」里打开这张表，在「签到表照片」里上传。"
        if line.sheet
        else f"按现行政策，{_which(record_format)}审核前须有签字的签到表照片，这条记录还没有签到表：请退回，录入签到表并上传照片。"
    )
    return [Finding("sheet", says, warning=record_format.photo_missing == "warn")]


def _evidence(line: Line, rule: Counting, record_format: RecordFormat) -> list[Finding]:
    if line.sheet or not _asked_for("sheet", line, rule, record_format):
        return []
    says = (
        f"按现行政策，{_which(record_format)}须有签到表才能提交：请在「活动」里打开这次活动，点「录入签到表」，"
        "带入这条记录，对照纸质签到表保存后再提交。"
    )
    return [Finding("sheet", says, warning=True, submission=True)]


def _asked_for(what: str, line: Line, rule: Counting, record_format: RecordFormat) -> bool:
    """Whether policy asks for this kind of evidence of service as long as the line's."""
    start, end = line.started_at, line.ended_at
    if what not in record_format.evidence or start is None or end is None or end <= start:
        return False
    return count_minutes(start, end, line.travel_minutes, rule) >= record_format.evidence_from_minutes


def _which(record_format: RecordFormat) -> str:
    least = record_format.evidence_from_minutes
    return f"满 {least / 60:g} 小时的服务" if least else "服务记录"


def _late(line: Line, rule: RecordFormat, calendar: WorkingCalendar, now: datetime) -> list[Finding]:
    if line.ended_at is None or not is_backfilled(last_day(line.ended_at), now.date(), rule, calendar):
        return []
    last = deadline(last_day(line.ended_at), rule, calendar)
    says = f"已过 {rule.deadline_working_days} 个工作日的记录期限（{last}），按补录处理。"
    return [Finding("started_at", says, warning=True)]
