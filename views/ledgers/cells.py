"""Raw values of the database driver turned into what a cell holds, as cheaply as a million rows need.

A converter takes the value as the driver gives it (SQLite: text for days and times; PostgreSQL: objects) and returns
text or a number. Small sets of values are kept once converted: the second look-up is a dictionary's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from models import clock
from models.fields import keyring
from models.people import Account
from models.vocabulary import names
from rules.identity import age_on
from rules.service_grid import show_service_grid
from views.ledgers.columns import Column, Ledger

CELL_LIMIT = 32_767  # characters that Excel keeps in one cell
_KEPT = 20_000  # converted values that one column remembers
_DAY_ZERO = date(1899, 12, 30).toordinal()

FORMATS = {
    "hours": "0.00",
    "int": "0",
    "age": "0",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "time": "hh:mm",
}  # kinds that are numbers in the file; every other kind is text


@dataclass(frozen=True)
class Cell:
    """How one column's values are written: ``convert`` is None where the raw value is the cell's."""

    convert: Callable[[Any], Any] | None
    number_format: str | None


class _Remembered(dict):
    """A dictionary that works out what it does not hold yet, and forgets everything when it grows too large."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self.work = work

    def __missing__(self, raw: Any) -> Any:
        if len(self) >= _KEPT:
            self.clear()
        made = self[raw] = self.work(raw)
        return made


def cell_of(column: Column, ledger: Ledger, *, clear: bool, own: bool = False) -> Cell:
    """The converter of one column. ``clear`` leaves sealed values unmasked, ``own`` what a station keeps to itself.

    Raises ``KeyError`` for an unknown kind.
    """
    number_format = FORMATS.get(column.kind)
    if column.kind == "int":
        return Cell(None, number_format)
    if column.kind == "age":
        today = clock.today()
        return Cell(_Remembered(lambda raw: _years(raw, today)).__getitem__, number_format)
    if column.kind == "sealed":
        return Cell(_unsealed(column, clear=clear), None)
    if column.kind == "private":
        mask = column.mask
        assert mask is not None, f"{column.key} is private and says no mask"
        return Cell(_long_text if own else lambda raw: mask(raw), None)
    simple = {
        "text": _text, "long_text": _long_text, "hours": _hours, "date": _Day(),
        "datetime": _Moment(), "time": _Time(),
    }  # fmt: skip
    if column.kind in simple:
        return Cell(simple[column.kind], number_format)
    return Cell(_Remembered(_worded(column, ledger)).__getitem__, None)


def _worded(column: Column, ledger: Ledger) -> Callable[[Any], str]:
    """Codes into words; a code that has none is shown as it is."""
    if column.kind == "yes":
        return lambda raw: "是" if raw else "否"
    if column.kind == "grid":
        return lambda raw: show_service_grid(raw.split())
    if column.kind == "account":
        holders = dict(Account.select(Account.id, Account.name).tuples())
        return lambda raw: holders.get(raw, "")
    if column.kind == "state":
        words = {state.name: state.label for state in ledger.model.life.states}
    elif column.kind == "choice":
        words = dict(column.source.choices)
    else:
        words = names(column.words)
    if column.kind == "codes":
        return lambda raw: "、".join(words.get(code, code) for code in raw.split())
    if column.kind not in ("state", "choice", "term"):
        raise KeyError(column.kind)
    return lambda raw: str(words.get(raw, raw))


def _text(raw: str) -> str:
    # XlsxWriter in constant_memory mode takes text between these tags for ready-made XML and writes it unescaped.
    return raw if not raw.startswith("<r>") else " " + raw


def _long_text(raw: str) -> str:
    return _text(raw)[:CELL_LIMIT]


def _hours(minutes: int) -> float:
    """Not rounded here: the cell's format shows two decimals, and Excel's own sum still meets the totals row."""
    return minutes / 60


def _unsealed(column: Column, *, clear: bool) -> Callable[[str], str]:
    unseal, mask = partial(keyring.unseal, place=column.source.place), column.mask
    if clear and column.words:
        words = names(column.words)
        return lambda raw: "、".join(words.get(code, code) for code in unseal(raw).split())
    if clear:
        return lambda raw: _text(unseal(raw))
    assert mask is not None, f"{column.key} is sealed and says no mask"
    return lambda raw: mask(unseal(raw))


def _day_number(raw: str | date) -> int:
    """Excel's number of the day."""
    day = date.fromisoformat(raw) if isinstance(raw, str) else raw
    return day.toordinal() - _DAY_ZERO


def _part_of_day(hhmm: str) -> float:
    """Excel's fraction of the day, to the minute, from ``HH:MM``."""
    return (int(hhmm[:2]) * 60 + int(hhmm[3:5])) / 1440


def _years(raw: str | date, today: date) -> int:
    born = date.fromisoformat(raw[:10]) if isinstance(raw, str) else raw
    return age_on(born, max(born, today))


class _Day:
    """The day of a date or a moment."""

    def __init__(self) -> None:
        self.days = _Remembered(_day_number)

    def __call__(self, raw: str | date) -> int:
        return self.days[raw[:10]] if isinstance(raw, str) else raw.toordinal() - _DAY_ZERO


class _Time:
    """The time of day of a moment, or of a column that is one."""

    def __init__(self) -> None:
        self.times = _Remembered(_part_of_day)

    def __call__(self, raw: str | datetime) -> float:
        return self.times[raw[11:16] or raw[:5]] if isinstance(raw, str) else (raw.hour * 60 + raw.minute) / 1440


class _Moment:
    """Day and minute, remembered apart: together almost every value would be new."""

    def __init__(self) -> None:
        self.day, self.time = _Day(), _Time()

    def __call__(self, raw: str | datetime) -> float:
        return self.day(raw) + self.time(raw)
