"""记录试算: the quarter's records held against the checks and the counting again, as if keyed under the draft.

A record is judged as of the moment when it was keyed, beside those of the same person and day that were keyed before
it: of a day that is too long the last one fails, as it would have at the desk.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from models.activities import Activity
from models.base import database
from models.previews.ground import Ground, batches, chunks, count, day_of, midnight, moment_of
from models.previews.outcome import Figure, Outcome
from models.projects import Project
from models.records import DEAD, ServiceRecord
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.previews import newly_fails
from rules.records import Line, Span, check_line, count_minutes, is_backfilled, last_day
from rules.topics import Counting, RecordFormat

COUNTED = ("submitted", "approved", "noticed", "posted")  # states of a record that stood before the checks
_LINE = (
    ("志愿者", "text"), ("编号", "text"), ("工作站", "text"), ("活动", "text"), ("服务时间", "text"), ("状态", "text"),
)  # fmt: skip
_COUNTS = (("现行计", "minutes"), ("草案计", "minutes"))
FAILS = Figure(
    "fails", "不能通过检查的记录", "条", "近一季度已提交的记录，按草案提交时会被退回。", (*_LINE, ("原因", "text")), "records", bad=True,
)  # fmt: skip
FEWER = Figure("fewer", "少计工时的记录", "条", "同样的起止时间，按草案计得少。", (*_LINE, *_COUNTS), "records", True, "少计")
MORE = Figure("more", "多计工时的记录", "条", "同样的起止时间，按草案计得多。", (*_LINE, *_COUNTS), "records", sums="多计")
LATE = Figure(
    "late", "会改按补录处理的记录", "条", "录入那天按草案已过记录期限。", (*_LINE, ("录入时间", "text")), "records", bad=True
)
IN_TIME = Figure(
    "in_time", "会不再算补录的记录", "条", "录入那天按草案还在记录期限内。", (*_LINE, ("录入时间", "text")), "records"
)
NOTES = ["已经入账的工时和已经通过的记录不会因这份草案改变；这里说的是假如近一季度就按草案，会有什么不同。"]
COUNTING_NOTES = ["一人一天超过上限的，按录入先后，算最后录入的那条不能通过。", "培训时间、异常比例不在试算之内。"]

FORMAT_NOTES = ["签到表照片在审核时才看，不在试算之内。"]

Judge = tuple[Counting, RecordFormat]


def preview_counting(ground: Ground, out: Outcome) -> None:
    """Judge the quarter's records under another way of counting."""
    out.offer(FAILS, FEWER, MORE)
    out.notes += NOTES + COUNTING_NOTES
    other = ground.other("record_format")
    rules = {
        key: ((pair.before.rule, other[key]), (pair.after.rule, other[key])) for key, pair in ground.pairs.items()
    }
    _judge(ground, rules, out, alone=False)


def preview_format(ground: Ground, out: Outcome) -> None:
    """Judge the quarter's records by other checks; what they count stays."""
    out.offer(FAILS, LATE, IN_TIME)
    out.notes += NOTES + FORMAT_NOTES
    other = ground.other("counting")
    rules = {
        key: ((other[key], pair.before.rule), (other[key], pair.after.rule)) for key, pair in ground.pairs.items()
    }
    # What else the person did that day is looked at by the counting alone: the same finding both times.
    _judge(ground, rules, out, alone=True)


def _judge(ground: Ground, rules: dict[int, tuple[Judge, Judge]], out: Outcome, *, alone: bool) -> None:
    if not rules:
        return
    query = (
        ServiceRecord.select(
            ServiceRecord.started_at, ServiceRecord.id, ServiceRecord.station, ServiceRecord.volunteer,
            ServiceRecord.ended_at, ServiceRecord.travel_minutes, ServiceRecord.content, ServiceRecord.quality,
            ServiceRecord.remark, ServiceRecord.sheet, ServiceRecord.entered_at, ServiceRecord.state, Activity.place, Project.starts_on,
            Project.ends_on, Activity.name,
        )
        .join(Activity).join(Project)
        .where(
            ServiceRecord.started_at >= midnight(ground.since), ServiceRecord.started_at < midnight(ground.today + _DAY),
            ServiceRecord.state.in_(COUNTED), ground.own(ServiceRecord.station),
        )
    )  # fmt: skip
    out.expect("records", count(query))
    for rows in chunks(query, ServiceRecord.started_at, ServiceRecord.id):
        rows = [row for row in rows if row[2] in rules]
        others = {} if alone or not rows else _keyed_before(rows)
        taken = [one for row in rows for one in _changes(row, others.get(row[3], ()), rules[row[2]], ground)]
        _tell(taken, ground, out)
        out.advance(len(rows))


_DAY = timedelta(days=1)
Other = tuple[int, datetime, datetime, int]  # record, start, end, travel


def _keyed_before(rows: Sequence[tuple]) -> dict[int, list[Other]]:
    """volunteer -> this person's lines of these days, at any station, where there are several."""
    first, last = day_of(rows[0][0]) - _DAY, day_of(rows[-1][0]) + _DAY  # a shift over midnight lies on two days
    found: dict[int, list[Other]] = {}
    for keys in batches(sorted({row[3] for row in rows})):
        some = ServiceRecord.select(
            ServiceRecord.volunteer, ServiceRecord.id, ServiceRecord.started_at, ServiceRecord.ended_at,
            ServiceRecord.travel_minutes,
        ).where(
            ServiceRecord.volunteer.in_(keys), ServiceRecord.started_at >= midnight(first),
            ServiceRecord.started_at < midnight(last + _DAY), ServiceRecord.state.not_in(DEAD),
        )  # fmt: skip
        for volunteer, key, start, end, travel in database.execute(some).fetchall():
            found.setdefault(volunteer, []).append((key, moment_of(start), moment_of(end), travel))
    return {volunteer: lines for volunteer, lines in found.items() if len(lines) > 1}


def _changes(row: tuple, others: Sequence[Other], rules: tuple[Judge, Judge], ground: Ground) -> list[tuple]:
    """(figure, row, what the figure's own columns say, minutes) of whatever would be another for one record."""
    start, key, station, _, end, travel, content, quality, remark, sheet, entered, _, place, since, until, _ = row
    start, end, entered = moment_of(start), moment_of(end), moment_of(entered)
    line = Line(
        start, end, travel, content, quality, place=place, remark=remark, sheet=sheet is not None,
        project_from=day_of(since), project_until=day_of(until),
    )  # fmt: skip
    before, after = rules
    mine = [one for one in others if one[0] < key and one[1].date() <= last_day(end) and last_day(one[2]) >= start.date()]
    calendar = ground.calendar(station)

    def found(judge: Judge) -> list[Finding]:
        counting, record_format = judge
        spans = [Span(at, to, "另一条记录", count_minutes(at, to, way, counting)) for _, at, to, way in mine]
        return check_line(
            line, counting=counting, record_format=record_format, calendar=calendar, now=entered, others=spans
        )

    if why := newly_fails(found(after), lambda: found(before)):
        return [("fails", row, (why,), 0)]
    if before[0] is not after[0]:
        was, now = (count_minutes(start, end, travel, counting) for counting, _ in rules)
        return [("fewer" if now < was else "more", row, (was, now), abs(now - was))] if was != now else []
    was, now = (is_backfilled(last_day(end), entered.date(), checks, calendar) for _, checks in rules)
    return [("late" if now else "in_time", row, (f"{entered:%Y-%m-%d}",), 0)] if was != now else []


def _tell(taken: list[tuple], ground: Ground, out: Outcome) -> None:
    """Only of the records that change is it read whose they are."""
    people: dict[int, tuple[str, str]] = {}
    for keys in batches(sorted({row[3] for _, row, _, _ in taken})):
        chosen = Volunteer.select(Volunteer.id, Volunteer.name, Volunteer.card_no).where(Volunteer.id.in_(keys))
        people |= {key: (name, card or "") for key, name, card in chosen.tuples()}
    for figure, row, more, minutes in taken:
        when = f"{moment_of(row[0]):%Y-%m-%d %H:%M}–{moment_of(row[4]):%H:%M}"
        state = ServiceRecord.life.state(row[11]).label
        cells = (*people[row[3]], ground.stations[row[2]], row[15], when, state, *more)
        out.take(figure, row[1], *cells, minutes=minutes)
