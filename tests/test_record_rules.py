"""The record-format checks and the counting of time, as pure rules (方案 二(5); Order 67 arts. 7, 11)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.findings import errors
from rules.policy import PolicyBook
from rules.records import Line, Span, check_line, count_minutes, deadline, is_backfilled, last_day, moment
from rules.topics import Counting, RecordFormat
from rules.working_days import WorkingCalendar

ACTUAL = PolicyBook.of().on("counting", "53", date(2025, 1, 1)).rule
FORMAT = PolicyBook.of().on("record_format", "53", date(2025, 1, 1)).rule
CALENDAR = WorkingCalendar()
DAY = date(2025, 3, 5)  # a Wednesday
NINE = datetime(2025, 3, 5, 9)


def findings(*, counting: Counting = ACTUAL, form: RecordFormat = FORMAT, others=(), now=None, **more):
    line = replace(Line(NINE, NINE + timedelta(hours=2), content="陪伴老人", quality="1"), **more)
    return check_line(
        line,
        counting=counting,
        record_format=form,
        calendar=CALENDAR,
        now=now or datetime(2025, 3, 6, 9),
        others=others,
    )


def test_a_good_line_is_taken():
    assert findings() == []


@pytest.mark.parametrize(
    ("more", "where", "says"),
    [
        ({"started_at": None}, "started_at", "请填写开始时间，例如 8:30。"),
        ({"ended_at": None}, "ended_at", "请填写结束时间，例如 11:00。"),
        ({"content": "  "}, "content", "请填写「服务内容」。"),
        ({"quality": ""}, "quality", "请填写「服务质量」。"),
        ({"content": "长" * 501}, "content", "服务内容最多 500 个字，现在是 501 个字。"),
        ({"ended_at": NINE}, "ended_at", "结束时间 09:00 应晚于开始时间 09:00。"),
        ({"ended_at": NINE - timedelta(hours=1)}, "ended_at", "结束时间 08:00 应晚于开始时间 09:00。"),
        ({"started_at": datetime(2025, 3, 5, 22), "ended_at": datetime(2025, 3, 6, 0, 1)}, "ended_at", "一条记录不能跨零点，请按日期分成两条填写。"),
        ({"project_from": date(2025, 3, 6)}, "started_at", "服务日期 2025-03-05 早于项目开始日期 2025-03-06。"),
        ({"project_until": date(2025, 3, 4)}, "started_at", "服务日期 2025-03-05 晚于项目结束日期 2025-03-04。"),
        ({"travel_minutes": -1}, "travel_minutes", "往返交通分钟数不能是负数。"),
        ({"travel_minutes": 241}, "travel_minutes", "往返交通最多 240 分钟，请核对。"),
        ({"travel_minutes": 120}, "travel_minutes", "扣除往返交通后没有服务时间，请核对。"),
        ({"started_at": datetime(2025, 3, 5, 8), "ended_at": datetime(2025, 3, 5, 20, 1)}, "ended_at",
         "2025-03-05 本人合计 12.02 小时，超过每天 12 小时的上限。"),
    ],
)  # fmt: skip
def test_each_fault_names_its_column_and_what_would_be_right(more, where, says):
    assert [(f.where, f.says) for f in findings(**more)] == [(where, says)]


def test_what_lies_ahead_is_refused_and_what_has_just_ended_is_not():
    end = NINE + timedelta(hours=2)
    assert findings(now=end) == []
    (found,) = findings(now=end - timedelta(minutes=1))
    assert found.says == "2025-03-05 11:00 还没有到，服务结束后才能记录。"


def test_service_may_end_exactly_at_midnight():
    assert findings(started_at=datetime(2025, 3, 5, 22), ended_at=datetime(2025, 3, 6)) == []


def test_where_policy_allows_it_service_may_cross_midnight_but_not_last_longer_than_a_day():
    night = replace(FORMAT, across_midnight=True)
    start = datetime(2025, 3, 4, 22)
    assert findings(form=night, started_at=start, ended_at=start + timedelta(hours=4)) == []
    found = findings(form=night, started_at=start, ended_at=start + timedelta(hours=25))
    assert "一条记录不能超过 24 小时，请核对日期。" in [f.says for f in found]


class Unread(Span):
    """A stretch whose days nobody may ask for."""

    def minutes_on(self, day):
        raise AssertionError(day)


@pytest.mark.parametrize(("since", "travel"), [(2014, 0), (2014, 10**9), (1900, 10**9)])
def test_a_slip_in_the_year_is_refused_without_walking_through_its_days(since, travel):
    night = replace(FORMAT, across_midnight=True)
    later = NINE + timedelta(hours=2)  # the person's other lines on the sheet, which share no time with this one
    others = [Unread(later, later + timedelta(hours=1), "「读书会」", 60)]
    start = datetime(since, 3, 5, 9)
    found = findings(form=night, started_at=start, ended_at=NINE, travel_minutes=travel, others=others)
    assert "一条记录不能超过 24 小时，请核对日期。" in [f.says for f in errors(found)]
    with pytest.raises(AssertionError):
        findings(started_at=NINE, ended_at=NINE + timedelta(hours=1), others=others)


@pytest.mark.parametrize(
    ("start", "end", "stands_in_the_way"),
    [("09:00", "11:00", True), ("10:59", "12:00", True), ("08:00", "09:01", True), ("09:30", "10:00", True),
     ("11:00", "12:00", False), ("08:00", "09:00", False)],
)  # fmt: skip
def test_overlap_is_refused_and_touching_ends_are_not(start, end, stands_in_the_way):
    other = Span(
        datetime.fromisoformat(f"2025-03-05 {start}"), datetime.fromisoformat(f"2025-03-05 {end}"), "「读书会」", 60
    )
    said = [f.says for f in findings(others=[other])]
    assert said == ([f"与本人另一条记录时间重叠：「读书会」 3月5日 {start}–{end}。"] if stands_in_the_way else [])


def test_the_daily_cap_counts_what_the_person_did_elsewhere_that_day():
    before = Span(NINE + timedelta(hours=3), NINE + timedelta(hours=14), "其他工作站的记录", 601)
    assert [f.where for f in findings(others=[before])] == ["ended_at"]
    assert findings(others=[replace(before, minutes=600)]) == []
    yesterday = Span(NINE - timedelta(days=1), NINE - timedelta(hours=20), "昨天", 720)
    assert findings(others=[yesterday]) == []


def test_a_late_record_is_a_warning_and_not_an_error():
    late = findings(now=datetime(2025, 3, 20, 9))
    assert [f.says for f in late] == ["已过 10 个工作日的记录期限（2025-03-19），按补录处理。"]
    assert errors(late) == []
    assert findings(now=datetime(2025, 3, 19, 23)) == []


def test_the_deadline_skips_the_national_day_holiday_and_the_days_worked_instead():
    # 2025: 1–8 October off, Sunday 28 September and Saturday 11 October worked.
    assert deadline(date(2025, 9, 26), FORMAT, CALENDAR) == date(2025, 10, 16)
    assert is_backfilled(date(2025, 9, 26), date(2025, 10, 17), FORMAT, CALENDAR)
    assert not is_backfilled(date(2025, 9, 26), date(2025, 10, 16), FORMAT, CALENDAR)


def test_service_until_midnight_counts_its_deadline_from_the_day_it_was_done():
    assert last_day(datetime(2025, 3, 6)) == DAY
    assert last_day(datetime(2025, 3, 6, 0, 1)) == date(2025, 3, 6)
    late = findings(started_at=datetime(2025, 3, 5, 22), ended_at=datetime(2025, 3, 6), now=datetime(2025, 3, 20, 9))
    assert [f.warning for f in late] == [True]


def test_a_moment_is_written_without_the_machines_locale():
    assert moment(datetime(2025, 3, 5, 9, 5)) == "3月5日 09:05"


def test_the_policy_may_ask_for_more_columns():
    strict = replace(FORMAT, required=("content", "quality", "place", "remark"))
    assert [f.says for f in findings(form=strict)] == ["请填写「服务地点」。", "请填写「备注」。"]
    assert findings(form=strict, place="活动室", remark="无") == []


HOURLY = replace(ACTUAL, rounding_minutes=60)
HALF = replace(ACTUAL, rounding_minutes=30)


@pytest.mark.parametrize(
    ("rule", "present", "travel", "counts"),
    [
        (ACTUAL, 45, 0, 45),
        (ACTUAL, 45, 20, 25),
        (ACTUAL, 45, 60, 0),
        (replace(ACTUAL, travel_counts=True), 45, 20, 45),
        (HALF, 45, 0, 30),
        (HALF, 29, 0, 0),
        (replace(HALF, rounding="nearest"), 44, 0, 30),
        (replace(HALF, rounding="nearest"), 45, 0, 60),
        (replace(HALF, rounding="nearest"), 14, 0, 0),
        (replace(HALF, rounding="up"), 31, 0, 60),
        (replace(HALF, rounding="up"), 30, 0, 30),
        (replace(HALF, rounding="up"), 30, 30, 0),
        (replace(ACTUAL, minimum_minutes=30), 29, 0, 0),
        (replace(ACTUAL, minimum_minutes=30), 30, 0, 30),
        (replace(ACTUAL, minimum_minutes=30, raise_to_minimum=True), 5, 0, 30),
        (replace(ACTUAL, minimum_minutes=30, raise_to_minimum=True), 31, 0, 31),
        # 胶州: 不足一小时按一小时计 (domain 3.3)
        (replace(HOURLY, minimum_minutes=60, raise_to_minimum=True), 10, 0, 60),
        (replace(HOURLY, minimum_minutes=60, raise_to_minimum=True), 119, 0, 60),
        # raised, it never falls under the minimum again by rounding
        (replace(HOURLY, minimum_minutes=45, raise_to_minimum=True), 50, 0, 45),
    ],
)
def test_minutes_count_as_the_policy_says(rule, present, travel, counts):
    assert count_minutes(NINE, NINE + timedelta(minutes=present), travel, rule) == counts


def test_seconds_never_make_a_minute():
    assert count_minutes(NINE, NINE + timedelta(minutes=45, seconds=59), 0, ACTUAL) == 45


rules = st.builds(
    lambda step, way, least, lift, travel: replace(
        ACTUAL, rounding_minutes=step, rounding=way, minimum_minutes=least, raise_to_minimum=lift, travel_counts=travel
    ),
    st.integers(1, 120), st.sampled_from(["down", "nearest", "up"]), st.integers(0, 120), st.booleans(), st.booleans(),
)  # fmt: skip
presence = st.integers(0, 24 * 60)


@given(rule=rules, present=presence, travel=st.integers(0, 300))
def test_counted_minutes_are_whole_and_never_negative(rule, present, travel):
    counted = count_minutes(NINE, NINE + timedelta(minutes=present), travel, rule)
    assert type(counted) is int
    assert counted >= 0
    assert counted % rule.rounding_minutes == 0 or counted == rule.minimum_minutes


@given(rule=rules, present=presence, more=st.integers(0, 600), travel=st.integers(0, 300))
def test_longer_service_never_counts_less(rule, present, more, travel):
    end = NINE + timedelta(minutes=present)
    assert count_minutes(NINE, end, travel, rule) <= count_minutes(NINE, end + timedelta(minutes=more), travel, rule)


@given(present=presence, travel=st.integers(0, 300))
def test_the_shipped_policy_counts_actual_minutes_without_travel(present, travel):
    assert count_minutes(NINE, NINE + timedelta(minutes=present), travel, ACTUAL) == max(0, present - travel)


@given(rule=rules, present=presence)
def test_rounding_moves_less_than_one_step(rule, present):
    rule = replace(rule, minimum_minutes=0)
    assert abs(count_minutes(NINE, NINE + timedelta(minutes=present), 0, rule) - present) < rule.rounding_minutes
