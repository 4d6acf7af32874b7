"""Counting over midnight: a shift counts once, each day bears its own share, and it belongs to the month it began in."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cast import past_the_notice
from models import clock
from models.closes import figures_of
from models.hours import Entry
from models.keying import Draft, LinesRefused, key_in, over_midnight
from models.policy import PolicyVersion
from models.records import ServiceRecord, move_all, post_due
from rules.anomalies import Facts, Seen, find_oddities
from rules.matching import Person, Task
from rules.policy import PolicyBook
from rules.records import Line, Span, by_day, check_line, count_minutes, days_of, end_of
from rules.rostering import obstacles
from rules.working_days import WorkingCalendar

BOOK = PolicyBook.of()
DAY = date(2026, 3, 5)
COUNTING = BOOK.on("counting", "53", DAY).rule
NIGHTS = replace(BOOK.on("record_format", "53", DAY).rule, across_midnight=True)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# start, end, travel, what it counts, and what of it falls on which day
SHIFTS = [
    ("2026-03-05 22:00", "2026-03-06 06:00", 0, 480, {"2026-03-05": 120, "2026-03-06": 360}),
    ("2026-03-31 22:00", "2026-04-01 06:00", 0, 480, {"2026-03-31": 120, "2026-04-01": 360}),  # a month's end
    ("2026-12-31 23:00", "2027-01-01 01:00", 0, 120, {"2026-12-31": 60, "2027-01-01": 60}),  # a year's end
    ("2024-02-28 23:30", "2024-02-29 00:30", 0, 60, {"2024-02-28": 30, "2024-02-29": 30}),
    ("2026-03-05 22:00", "2026-03-06 00:00", 0, 120, {"2026-03-05": 120}),  # 24:00 exactly
    ("2026-03-05 00:00", "2026-03-06 00:00", 0, 1440, {"2026-03-05": 1440}),
    ("2026-03-06 00:00", "2026-03-06 06:00", 0, 360, {"2026-03-06": 360}),
    ("2026-03-05 22:00", "2026-03-06 06:00", 60, 420, {"2026-03-05": 105, "2026-03-06": 315}),
    ("2026-03-05 23:59", "2026-03-06 00:02", 0, 3, {"2026-03-05": 1, "2026-03-06": 2}),
    ("2026-03-05 09:00", "2026-03-05 09:45", 0, 45, {"2026-03-05": 45}),
]


@pytest.mark.parametrize(("start", "end", "travel", "counts", "shares"), SHIFTS)
def test_a_shift_counts_once_and_each_day_has_its_share(start, end, travel, counts, shares):
    minutes = count_minutes(at(start), at(end), travel, COUNTING)
    assert minutes == counts
    found = by_day(at(start), at(end), minutes)
    assert {day.isoformat(): share for day, share in found.items()} == shares
    assert days_of(at(start), at(end)) == list(found)


@given(
    start=st.integers(0, 1439), length=st.integers(1, 1440), travel=st.integers(0, 300), step=st.integers(1, 60),
)  # fmt: skip
def test_the_shares_always_add_up_to_what_is_counted(start, length, travel, step):
    begin = datetime(2026, 3, 5) + timedelta(minutes=start)
    end = begin + timedelta(minutes=length)
    minutes = count_minutes(begin, end, travel, replace(COUNTING, rounding_minutes=step, rounding="up"))
    shares = by_day(begin, end, minutes)
    assert sum(shares.values()) == minutes and all(share >= 0 for share in shares.values())
    assert len(shares) <= 2


def findings(start: str, end: str, *others: Span, counting=COUNTING, form=NIGHTS) -> list[str]:
    line = Line(at(start), at(end), content="夜间值守", quality="1")
    found = check_line(
        line, counting=counting, record_format=form, calendar=WorkingCalendar(), now=at("2026-03-09 09:00"),
        others=others,
    )  # fmt: skip
    return [finding.says for finding in found]


def span(start: str, end: str, minutes: int) -> Span:
    return Span(at(start), at(end), "「夜巡」", minutes)


NIGHT = ("2026-03-05 22:00", "2026-03-06 06:00")


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ((), []),
        # 600 + 120 on the first day is the cap of 720 exactly; one more minute is past it.
        ((span("2026-03-05 08:00", "2026-03-05 18:00", 600),), []),
        ((span("2026-03-05 08:00", "2026-03-05 18:01", 601),),
         ["2026-03-05 本人合计 12.02 小时，超过每天 12 小时的上限。"]),
        # and 360 + 360 on the second.
        ((span("2026-03-06 08:00", "2026-03-06 14:00", 360),), []),
        ((span("2026-03-06 08:00", "2026-03-06 14:01", 361),),
         ["2026-03-06 本人合计 12.02 小时，超过每天 12 小时的上限。"]),
        # Another night's second half falls on this one's first day.
        ((span("2026-03-04 20:00", "2026-03-05 08:00", 720), span("2026-03-05 10:00", "2026-03-05 12:01", 121)),
         ["2026-03-05 本人合计 12.02 小时，超过每天 12 小时的上限。"]),
        ((span("2026-03-06 05:59", "2026-03-06 08:00", 121),),
         ["与本人另一条记录时间重叠：「夜巡」 3月6日 05:59–08:00。"]),
        ((span("2026-03-05 20:00", "2026-03-05 22:01", 121),),
         ["与本人另一条记录时间重叠：「夜巡」 3月5日 20:00–22:01。"]),
        ((span("2026-03-06 06:00", "2026-03-06 08:00", 120),), []),
    ],
)  # fmt: skip
def test_the_cap_is_held_against_each_days_share_and_overlaps_are_found_across_midnight(others, says):
    assert findings(*NIGHT, *others) == says


def test_where_policy_does_not_allow_it_a_night_is_two_records():
    form = replace(NIGHTS, across_midnight=False)
    assert findings(*NIGHT, form=form) == ["一条记录不能跨零点，请按日期分成两条填写。"]
    assert findings("2026-03-05 22:00", "2026-03-06 00:00", form=form) == []


def test_two_times_of_one_day_are_a_night_only_where_policy_allows_it():
    start, end = at("2026-03-05 22:00"), at("2026-03-05 06:00")
    assert end_of(start, end, NIGHTS) == at("2026-03-06 06:00")
    assert end_of(start, end, replace(NIGHTS, across_midnight=False)) == end
    assert end_of(start, start, NIGHTS) == start  # the same time twice is a slip, not a day and a night


def test_a_long_day_and_a_rostered_day_see_each_days_share():
    rule = replace(BOOK.on("anomalies", "53", DAY).rule, day_minutes=360)
    night = Seen(1, 7, "李明", 5, "夜巡", at(NIGHT[0]), at(NIGHT[1]), 480)
    assert find_oddities([night], Facts(), rule) == []
    (found,) = find_oddities([night], Facts(day_minutes={(7, date(2026, 3, 6)): 1}), rule)
    assert found.says == "李明 2026-03-06 一天合计 6.02 小时，超过 6 小时。"
    roster = replace(BOOK.on("roster", "53", DAY).rule, daily_minutes=480, gap_minutes=0)
    busy = (Span(at(NIGHT[0]), at(NIGHT[1]), "「夜巡」的记录", 480),)
    someone = Person("李明", date(1980, 1, 1), busy=busy)
    for end, fits in (("16:00", True), ("16:01", False)):
        task = Task(at("2026-03-06 14:00"), at(f"2026-03-06 {end}"), social_worker="钱进")
        assert (obstacles(someone, task, roster) == []) == fits


# --- at the desk ---


@pytest.fixture
def night(cast_on_either):
    """The cast, where A's county lets a record cross midnight."""
    PolicyVersion.create(
        topic="record_format", division="530102", since=date(2020, 1, 1), source="区文件",
        values={"across_midnight": True},
    )  # fmt: skip
    return cast_on_either


def test_a_night_is_keyed_once_and_posted_whole_to_the_month_it_began_in(night):
    cast, person = night, night.registered()
    last = clock.today().replace(day=1) - timedelta(days=1)  # the last day of last month
    activity = cast.activity(last, name="夜间值守")
    start = datetime.combine(last, datetime.min.time()) + timedelta(hours=22)
    line = Draft(person.id, activity.id, start, start - timedelta(hours=16), content="值守", quality="1")
    (whole,) = over_midnight([line], cast.a)
    assert whole.ended_at == start + timedelta(hours=8)
    if whole.ended_at > clock.now():
        clock.move_demo_clock(1)
    (row,) = key_in([whole], cast.recorder)
    assert row.minutes == 480
    for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all([row.id], move, by)
    past_the_notice()
    assert post_due() == 1
    assert ServiceRecord.get_by_id(row.id).state == "posted"
    entry = Entry.get(Entry.record == row.id, Entry.credit == "honour")
    assert (entry.minutes, entry.day, entry.period) == (480, last, f"{last:%Y-%m}")
    assert figures_of(cast.a.id, f"{last:%Y-%m}").minutes == 480
    assert figures_of(cast.a.id, f"{last + timedelta(days=1):%Y-%m}").minutes == 0


def test_a_record_of_the_next_morning_meets_the_night_before(night):
    cast, person = night, night.registered()
    day = clock.today() - timedelta(days=3)
    before, after = cast.activity(day), cast.activity(day + timedelta(days=1))
    start = datetime.combine(day, datetime.min.time()) + timedelta(hours=22)
    key_in([Draft(person.id, before.id, start, start + timedelta(hours=8), content="值守", quality="1")], cast.recorder)
    with pytest.raises(LinesRefused, match="时间重叠：「上门陪伴」"):
        key_in([cast.draft(person, after, "05:00", "07:00")], cast.recorder)
    with pytest.raises(LinesRefused, match=r"合计 12.02 小时"):  # 6 hours of the night, 6 h 1 min of the day
        key_in([cast.draft(person, after, "08:00", "14:01")], cast.recorder)
    assert key_in([cast.draft(person, after, "08:00", "14:00")], cast.recorder)


def test_without_such_a_policy_the_times_stay_as_they_were_keyed(cast):
    day = clock.today() - timedelta(days=3)
    start = datetime.combine(day, datetime.min.time()) + timedelta(hours=22)
    line = Draft(cast.registered().id, cast.activity(day).id, start, start - timedelta(hours=16), content="值守")
    assert over_midnight([line], cast.a) == [line]


def test_the_grid_takes_a_night_and_shows_it_again(cast, desk):
    PolicyVersion.create(
        topic="record_format", division="530102", since=date(2020, 1, 1), source="区文件",
        values={"across_midnight": True},
    )  # fmt: skip
    person, activity = cast.registered("李明"), cast.activity(clock.today() - timedelta(days=3))
    window = desk.signed_in_as(cast.recorder)
    window.get(f"/admin/sheets/key/?activity={activity.id}")
    window.post(
        "/admin/sheets/key/", activity=activity.id, who=["李明"], volunteer=[person.id], start=["22:00"], end=["6:00"],
        travel=[""], content=["夜间值守"], quality=["1"], remark=[""], id=[""],
    )  # fmt: skip
    assert window.says("已保存 1 条")
    row = ServiceRecord.get()
    assert (row.minutes, row.ended_at - row.started_at) == (480, timedelta(hours=8))
    assert window.get(f"/admin/sheets/key/?sheet={row.sheet_id}").says('value="06:00"')
