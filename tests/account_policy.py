"""The rules of the account as they were released, on paper: plain values, the nearest division's word before its parent's.

Nothing of ours is imported here either.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

# What holds where nobody said anything else; of the exchange, the day's two required ones always say something.
SAID_BY_NOBODY: dict[str, dict[str, Any]] = {
    "exchange": {
        "points_per_hour": 1, "origins": ("checked_in", "desk", "backfilled", "group", "transferred", "imported"),
        "floor_hours": 0, "yearly_cap_points": 0, "valid_months": 0, "year_end": False, "weights": (),
        "other_weight": 100, "unit_minutes": 1, "activity_cap_minutes": 0, "balance_cap_hours": 0, "over_cap": "honour",
        "donation_origins": (), "recruit_points": 0, "opening_points": 0, "kinds": ("service", "goods"), "weekdays": (),
        "approval": False,
    },
    "giving": {
        "gift": "nobody", "relations": (), "gift_yearly_hours": 0, "donation": True, "serves_hardship": True,
    },
    "stars": {"hours": (100, 300, 600, 1000, 1500)},
}  # fmt: skip


@dataclass(frozen=True)
class Released:
    """What one division said on one topic from one day on."""

    topic: str
    division: str
    since: date
    values: dict[str, Any]


def in_force(released: Iterable[Released], topic: str, place: str, day: date) -> dict[str, Any]:
    """What binds a place on a day: of each division above it the last word, the lower one's over the higher one's."""
    binds = [r for r in released if r.topic == topic and place.startswith(r.division) and r.since <= day]
    last = {r.division: r for r in sorted(binds, key=lambda r: r.since)}  # stable: of one day, the later release
    said = dict(SAID_BY_NOBODY[topic])
    for division in sorted(last, key=len):
        said |= last[division].values
    return said


def month_of(day: date) -> str:
    return f"{day.year}-{day.month:02d}"


def months_on(day: date, months: int, *, to_year_end: bool) -> date | None:
    """The same day so many months later, or that month's last; the New Year after it where a year ends together."""
    if not months:
        return None
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    if to_year_end:
        return date(year + 1, 1, 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
