"""月结 (方案 二(5) 统一台账): months as «2026-03», in order, and to which of them a movement of minutes is reported.

Service belongs to the month in which it began: a shift from 22:00 on 31 March to 06:00 on 1 April is one record of
March, all of it, though the daily cap is held against each day's own share (`rules.records.by_day`).
"""

from calendar import monthrange
from datetime import date


def month_of(day: date) -> str:
    """The month of a day, as it is written and compared."""
    return f"{day:%Y-%m}"


def next_month(month: str) -> str:
    """The month after this one. Raises ``ValueError`` for what is no month."""
    first = first_day(month)
    return f"{first.year + first.month // 12}-{first.month % 12 + 1:02d}"


def first_day(month: str) -> date:
    """Raises ``ValueError`` for what is no month."""
    return date.fromisoformat(f"{month}-01")


def has_ended(month: str, today: date) -> bool:
    """Whether its last day is past."""
    return today >= first_day(next_month(month))


def months_before(day: date, months: int) -> date:
    """The day so many months earlier, the last of its month where that one is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period_of(service: str, first_open: str) -> str:
    """The month to which service of the month ``service`` counts: its own while open, else the first open one.

    ``first_open`` is blank where no month was ever closed.
    """
    return max(service, first_open)
