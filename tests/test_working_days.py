"""Working days: the national calendar, a prefecture's own days, and years nobody has announced yet."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.working_days import WorkingCalendar, known

NATION = WorkingCalendar()
days = st.dates(date(2004, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 3, 5), True),
        (date(2026, 3, 7), False),
        (date(2026, 2, 17), False),  # 春节
        (date(2026, 2, 14), True),  # a Saturday worked instead
        (date(2025, 10, 6), False),  # 中秋
        (date(2025, 1, 26), True),  # a Sunday worked instead
    ],
)
def test_the_nation_works_or_not(day, works):
    assert NATION.is_working(day) is works


def test_a_moment_counts_as_its_day():
    own = WorkingCalendar(extra_holidays=frozenset({date(2026, 4, 13)}))
    assert not own.is_working(datetime(2026, 4, 13, 9, 30))


def test_three_working_days_skip_the_weekend_and_the_day_itself():
    assert NATION.add(date(2026, 3, 5), 3) == date(2026, 3, 10)


def test_ten_working_days_run_over_the_spring_festival_and_its_worked_saturdays():
    assert NATION.add(date(2026, 2, 12), 10) == date(2026, 3, 4)
    assert NATION.between(date(2026, 2, 12), date(2026, 3, 4)) == 10


@pytest.mark.parametrize(
    ("today", "n", "day"),
    [
        (date(2026, 3, 11), 3, date(2026, 3, 5)),  # whose third working day, the 10th, is past
        (date(2026, 3, 10), 3, date(2026, 3, 4)),
        (date(2026, 3, 9), 1, date(2026, 3, 5)),  # a Monday: Friday's first working day is today
        (date(2026, 3, 8), 0, date(2026, 3, 7)),
        (date(2026, 3, 5), 10, date(2026, 2, 12)),  # over the spring festival
        (date(2026, 3, 5), 3650, date(2011, 7, 17)),  # the most that policy takes
    ],
)
def test_overdue_is_what_had_its_working_days_before_today(today, n, day):
    assert NATION.overdue(today, n) == day
    assert NATION.add(day, n) < today <= NATION.add(day + timedelta(days=1), n)
    with pytest.raises(ValueError, match="forward"):
        NATION.overdue(today, -1)


def test_no_working_days_are_the_day_itself_even_on_a_sunday():
    assert NATION.add(date(2026, 3, 8), 0) == date(2026, 3, 8)


def test_days_are_not_counted_backward():
    with pytest.raises(ValueError, match="forward"):
        NATION.add(date(2026, 3, 5), -1)


def test_a_prefectures_own_holiday_moves_the_deadline():
    water_festival = frozenset(date(2026, 4, day) for day in (13, 14, 15))
    xishuangbanna = WorkingCalendar(extra_holidays=water_festival)
    assert NATION.add(date(2026, 4, 10), 3) == date(2026, 4, 15)
    assert xishuangbanna.add(date(2026, 4, 10), 3) == date(2026, 4, 20)


def test_a_prefectures_own_workday_counts():
    own = WorkingCalendar(extra_workdays=frozenset({date(2026, 3, 7)}))
    assert own.add(date(2026, 3, 6), 1) == date(2026, 3, 7)


def test_a_day_cannot_be_both_holiday_and_workday():
    day = frozenset({date(2026, 4, 13)})
    with pytest.raises(ValueError, match="2026-04-13 既列为放假又列为上班"):
        WorkingCalendar(extra_holidays=day, extra_workdays=day)


@pytest.mark.parametrize(("year", "told"), [(2003, False), (2004, True), (2026, True), (2099, False)])
def test_a_screen_can_tell_whether_the_year_was_announced(year, told):
    assert known(year) is told


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2098, 1, 1), False),  # a Wednesday, 元旦
        (date(2098, 5, 1), False),
        (date(2098, 5, 2), False),
        (date(2098, 10, 3), False),
        (date(2098, 1, 2), True),
        (date(2098, 1, 4), False),  # a Saturday
    ],
)
def test_an_unannounced_year_keeps_weekends_and_the_fixed_holidays(day, works):
    assert NATION.is_working(day) is works


@given(days, st.integers(1, 40))
def test_adding_and_counting_agree(day, n):
    end = NATION.add(day, n)
    assert NATION.is_working(end)
    assert NATION.between(day, end) == n
    assert NATION.between(day, end - timedelta(days=1)) == n - 1


@given(days, st.integers(0, 20), st.integers(0, 20))
def test_adding_twice_is_adding_the_sum(day, first, second):
    assert NATION.add(NATION.add(day, first), second) == NATION.add(day, first + second)


@given(days, st.integers(0, 60))
def test_nothing_is_counted_backward(day, back):
    assert NATION.between(day, day - timedelta(days=back)) == 0
