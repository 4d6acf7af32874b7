"""Working days, on which notices and deadlines are counted (民政部令第67号 第十一条; 民函〔2012〕340号 公示).

National holidays and 调休 come from chinesecalendar; a prefecture adds its own days
(《全国年节及纪念日放假办法》 第四条: 泼水节, 火把节 …).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

import chinese_calendar

_FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}  # those the lunar year does not move
_ONE_DAY = timedelta(days=1)
_DAYS_KEPT = 20_000  # some fifty years


@dataclass(frozen=True)
class WorkingCalendar:
    """The national calendar with a division's own days on top.

    Raises ValueError when one day is named as both holiday and workday.
    """

    extra_holidays: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if both := self.extra_holidays & self.extra_workdays:
            raise ValueError(f"{min(both)} 既列为放假又列为上班，只能是其中一种。")

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        if isinstance(day, datetime):
            day = day.date()
        if day in self.extra_workdays:
            return True
        return day not in self.extra_holidays and _nation_works(day)

    def add(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day``, which itself is not counted; with 0 the day itself.

        ``day`` lies within 1900–2099 as `rules.reading` and the tables let it in, ``n`` within what policy lets set
        (`rules.policy.MOST`: 3,650). Raises ValueError for a negative ``n``.
        """
        if n < 0:
            raise ValueError(f"working days are counted forward, not {n}")
        while n:
            day += _ONE_DAY
            n -= self.is_working(day)
        return day

    def overdue(self, today: date, n: int) -> date:
        """The last day whose ``n``-th working day is already past on ``today``.

        Raises ValueError for a negative ``n``.
        """
        if n < 0:
            raise ValueError(f"working days are counted forward, not {n}")
        day = today - _ONE_DAY
        while n:
            n -= self.is_working(day)
            day -= _ONE_DAY
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``, both within
        1900–2099; 0 when the end is not later."""
        days = (end - start).days
        return sum(self.is_working(start + offset * _ONE_DAY) for offset in range(1, days + 1))


@cache
def known(year: int) -> bool:
    """Whether the State Council's arrangement for that year is known; if not, a screen should warn.

    ``year`` is that of a date. An unknown year counts Monday to Friday without 元旦, 劳动节 and 国庆, so 春节 and others are missing.
    """
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=_DAYS_KEPT)
def _nation_works(day: date) -> bool:
    if known(day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5 and (day.month, day.day) not in _FIXED_HOLIDAYS
