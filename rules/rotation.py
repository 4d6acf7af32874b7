"""Which of many backups are kept: of the last days, weeks and months the newest one each."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def spare(made: Mapping[Key, datetime], days: int, weeks: int, months: int) -> set[Key]:
    """Those that need not be kept: neither the newest of one of the last ``days`` days on which there was one, nor of the
    last ``weeks`` weeks (Monday to Sunday), nor of the last ``months`` months.

    Counted in days that have one, not in days of the calendar: a clock that stands wrong, or a long holiday, removes
    nothing. The newest of all is always kept.
    """
    newest_first = sorted(made, key=lambda key: made[key], reverse=True)
    kept = set(newest_first[:1])
    for many, name_of in ((days, "%Y-%m-%d"), (weeks, "%G-%V"), (months, "%Y-%m")):
        first: dict[str, Key] = {}
        for key in newest_first:
            first.setdefault(made[key].strftime(name_of), key)
        kept |= set(list(first.values())[:many])
    return set(made) - kept
