"""Where a table's header is and which column is which, however the station worded it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.refusals import Refusal
from rules.findings import Finding
from rules.reading import read_text
from views.ledgers.sheets import Sheet

REASONS = "问题"  # the column that a returned workbook carries
PASSED = frozenset({"序号", "no", "NO", REASONS, "原行号"})  # columns that nobody misses
DEPTH = 30  # rows with something in them that are searched for a header


@dataclass(frozen=True)
class Wanted:
    """A column that an import knows: ``label`` is what we call it, ``words`` what others do."""

    key: str
    label: str
    words: str = ""

    def said(self) -> frozenset[str]:
        """Every way to say it, bared of marks."""
        return frozenset(bare(word) for word in [self.label, *self.words.split()])


@dataclass(frozen=True)
class Header:
    """A header that was found: its first and last row, every name in it, and the place and wording of those known."""

    first: int
    row: int
    names: list[str]
    places: dict[str, int]
    shown: dict[str, str]
    unknown: list[str]
    told: dict[str, str] = field(default_factory=dict)  # header -> key, of those that the station had said before

    def value(self, cells: Sequence[Any], key: str) -> Any:
        """The raw cell of one column; None where the sheet has no such column or the row ends before it."""
        place = self.places.get(key)
        return cells[place] if place is not None and place < len(cells) and cells[place] != "" else None


def bare(text: object) -> str:
    """A header's words alone: no spaces, no marks, no unit or hint in brackets."""
    return _unmarked(re.sub(r"[(（\[【][^)）\]】]*[)）\]】]", "", read_text(text)))


def _unmarked(text: str) -> str:
    return re.sub(r"[\s*＊:：、,，.。/／_\-—★●()（）\[\]【】]", "", text)


def find(sheet: Sheet, wanted: Sequence[Wanted], told: Mapping[str, str] | None = None) -> Header | None:
    """The header of a sheet: the row that names most of the columns, and at least two; None where no row does.

    A second row beneath it that holds nothing but names of columns (开始、结束 under a merged 服务时间) belongs to it. ``told`` are headers that the
    station said before, and what they stand for.
    """
    told = told or {}
    best, best_known = None, 1
    for n, (_, cells) in enumerate(sheet.rows[:DEPTH]):
        known = len(_places(cells, wanted, told))
        if known > best_known:
            best, best_known = n, known
    if best is None:
        return None
    number, cells = sheet.rows[best]
    names, last = list(cells), number
    if best + 1 < len(sheet.rows):
        below_number, below = sheet.rows[best + 1]
        said = [cell for cell in below if read_text(cell)]
        if below_number == number + 1 and said and len(_places(below, wanted, told)) == len(said):
            names = [under if read_text(under) else over for over, under in _pairs(cells, below)]
            last = below_number
    places = _places(names, wanted, told)
    names = [read_text(name).replace("\n", "") for name in names]
    unknown = [
        name for at, name in enumerate(names)
        if name and at not in places.values() and bare(name) not in PASSED
    ]  # fmt: skip
    shown = {key: names[at] for key, at in places.items()}
    by_told = {name: key for key, name in shown.items() if told.get(name) == key}
    return Header(number, last, names, places, shown, unknown, by_told)


class ColumnsMissing(Refusal):
    """The header lacks columns; whoever sent it may say which of its unknown ones they are."""


def demand(header: Header, wanted: Sequence[Wanted], needed: Sequence[tuple[str, ...]]) -> None:
    """Refuse a header that lacks columns; each of ``needed`` is met by any one of its keys."""
    labels = {column.key: column.label for column in wanted}
    missing = [
        "或".join(f"「{labels[key]}」" for key in keys)
        for keys in needed if not any(key in header.places for key in keys)
    ]  # fmt: skip
    if missing:
        raise ColumnsMissing(Finding("", f"第 {header.row} 行的表头缺少{'、'.join(missing)}，请补上这些列再导入。"))


def _places(cells: Sequence[Any], wanted: Sequence[Wanted], told: Mapping[str, str]) -> dict[str, int]:
    """Which column stands where; of two that say the same the first counts."""
    words = {word: column.key for column in wanted for word in column.said()}
    known = {column.key for column in wanted}
    places: dict[str, int] = {}
    for at, cell in enumerate(cells):
        if not isinstance(cell, str):
            continue
        key = words.get(_unmarked(read_text(cell))) or words.get(bare(cell))  # 服务时间（小时） is a length
        if key is not None:
            places.setdefault(key, at)
    for at, cell in enumerate(cells):  # a word of our own goes before one that was told
        key = told.get(read_text(cell).replace("\n", "")) if isinstance(cell, str) else None
        if key in known and at not in places.values():
            places.setdefault(key, at)
    return places


def _pairs(over: Sequence[Any], under: Sequence[Any]):
    width = max(len(over), len(under))
    return zip([*over, *[""] * (width - len(over))], [*under, *[""] * (width - len(under))], strict=True)
