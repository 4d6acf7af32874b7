"""What an import is made of: declared columns, lines as read, findings by cell, and the preview that shows them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from models.refusals import Refusal
from models.scope import Actor
from models.stations import Station
from rules.findings import Finding
from rules.reading import read_text
from views.cells import MASKS
from views.ledgers.headers import Header, Wanted
from views.ledgers.marks import MARK, MARK_HEADER, Mark, read_mark
from views.ledgers.sheets import Sheet
from views.ledgers.words import Words

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
STATUSES = {NEW: "新增", CHANGED: "修改", SAME: "相同", REFUSED: "有误"}
Progress = Callable[[int, int], None]


@dataclass
class Reading:
    """What reading one table needs beside its cells: the year of days that name none, and vocabularies read once."""

    year: int | None = None
    known: dict[str, Words] = field(default_factory=dict)

    def words(self, kind: str) -> Words:
        return self.known.setdefault(kind, Words(kind))


@dataclass(frozen=True)
class Incoming(Wanted):
    """A column that may come in. ``read`` turns a cell into a value or raises ``ValueError`` with a Chinese sentence;
    it is handed the cell, the column's header as the sheet words it, and the reading."""

    read: Callable[[Any, str, Reading], Any] = lambda cell, header, reading: read_text(cell)
    needed: bool = False  # marked in the template
    width: int = 14
    example: str = ""
    choices: Callable[[], Sequence[str]] | None = None  # the drop-down of the template
    mask: Callable[[str], str] | None = (
        None  # as the ledger masks it: a cell with * is kept for `marked.settle_masked`
    )
    fixed: bool = False  # the ledger writes it and an import cannot change it (`marked.warn_fixed`)


ROW_MARK = Incoming(MARK, MARK_HEADER, "行标识", read=lambda cell, header, reading: read_mark(read_text(cell)))


@dataclass(frozen=True)
class CellFinding:
    """What is wrong with one cell and what would be right: the row's number and the column's header as in the file."""

    row: int
    column: str
    says: str
    warning: bool = False

    def __str__(self) -> str:
        return f"第 {self.row} 行「{self.column}」：{self.says}" if self.column else f"第 {self.row} 行：{self.says}"


@dataclass
class Line:
    """One row of the file: raw cells, values as read by column, and what becomes of it."""

    number: int
    cells: Sequence[Any]
    values: dict[str, Any] = field(default_factory=dict)
    findings: list[CellFinding] = field(default_factory=list)
    status: str = REFUSED
    result: Any = None  # what the kind made of it, for taking it
    unread: set[str] = field(default_factory=set)  # columns whose cell could not be read
    mark: Mark | None = None  # the row that the line was exported from (`marked.rows_of`)
    masked: dict[str, str] = field(default_factory=dict)  # cells that are masked, until a kind settles them

    def settle(self, status: str) -> None:
        """``status``, unless something refuses the line."""
        self.status = REFUSED if any(not found.warning for found in self.findings) else status


class Note(str):
    """A sentence about a whole table, and what it was made of, so that a page can say it in its reader's language.

    ``values`` may hold lists, which are said with 、 between them.
    """

    text: str
    values: dict[str, Any]

    def __new__(cls, text: str, **values: Any) -> "Note":
        said = {name: "、".join(value) if isinstance(value, list) else value for name, value in values.items()}
        note = super().__new__(cls, text % said if said else text)
        note.text, note.values = text, values
        return note


@dataclass
class Preview:
    """What an import would do. Nothing has been written; ``by`` asked, and only that station is meant.

    A large table is judged and taken part by part: ``lines`` is then the part at hand, and at the end those that are
    shown (the first refused and the first others), while ``counts`` tells of all.
    """

    kind: "Kind"
    sheet: Sheet
    header: Header
    lines: list[Line]
    by: Actor
    station: Station
    options: dict[str, Any]
    file_name: str = ""
    notes: list[Note] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)
    wrong: dict[int, list[CellFinding]] = field(default_factory=dict)  # row -> what refuses it; of the first refused
    memory: dict[str, Any] = field(default_factory=dict)  # what a kind remembers from one part of a large table to the next

    @property
    def counts(self) -> dict[str, int]:
        """status -> how many lines, every status named."""
        return dict.fromkeys(STATUSES, 0) | self.tally

    @property
    def refused(self) -> list[Line]:
        return [line for line in self.lines if line.status == REFUSED]

    @property
    def findings(self) -> list[CellFinding]:
        """Every finding in the order of rows, warnings too."""
        return [found for line in self.lines for found in line.findings]

    def shown(self, line: Line) -> dict[str, str]:
        """header -> what a person compares with the paper, in the order of the sheet: days and times as they were
        understood, words as they were written, numbers of people's documents and phones masked."""
        return {
            self.header.shown[key]: self._shown(key, line)
            for key in sorted(self.header.places, key=self.header.places.__getitem__)
            if key != MARK
        }

    def _shown(self, key: str, line: Line) -> str:
        read = line.values.get(key)
        text = as_text(read if isinstance(read, date | time | tuple) else self.header.value(line.cells, key))
        return MASKS[key](text) if key in MASKS else text

    def add(self, line: Line, findings: Sequence[Finding]) -> None:
        """The models' findings about a line, put at the columns of the sheet that they concern.

        A finding about a cell that could not be read is dropped: what is wrong with it has been said.
        """
        for found in findings:
            keys = self.kind.columns_of(found.where)
            if line.unread.isdisjoint(keys):
                line.findings.append(CellFinding(line.number, self._header(keys), found.says, found.warning))

    def _header(self, keys: Sequence[str]) -> str:
        labels = {column.key: column.label for column in [*self.kind.columns, ROW_MARK]}
        there = next((key for key in keys if key in self.header.places), None)
        return self.header.shown[there] if there else next((labels[key] for key in keys if key in labels), "")


@dataclass(frozen=True)
class Taken:
    """How many lines were new, changed something, or were there already."""

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0  # left out, where the good rows alone were asked for
    judged: Preview | None = field(default=None, compare=False, repr=False)  # as it stood when it was taken


class RowsRefused(Refusal):
    """Some rows were refused, so none was taken; ``preview`` shows which and why."""

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        wrong = [found for found in preview.findings if not found.warning]
        super().__init__(*(Finding(found.column, str(found)) for found in wrong))


@dataclass(frozen=True)
class Kind:
    """One thing that can be imported.

    ``needed`` are groups of columns of which one each must be there. ``judge`` gives every line its status, findings
    and result; ``take`` writes the lines of a preview that has no refused one, in the caller's transaction.
    ``concerns`` says which columns a model's field stands for.
    """

    name: str
    title: str
    resource: str
    columns: tuple[Incoming, ...]
    needed: tuple[tuple[str, ...], ...]
    judge: Callable[[Preview], None]
    take: Callable[[Preview], None]
    concerns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    supplied: Callable[[Mapping[str, Any]], frozenset[str]] = lambda options: frozenset()

    def columns_of(self, where: str) -> tuple[str, ...]:
        return self.concerns.get(where, (where,))


def as_text(value: Any) -> str:
    """A value as a preview shows it."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, tuple):
        return "-".join(as_text(part) for part in value)
    if isinstance(value, list):
        return "、".join(as_text(part) for part in value)
    return str(value) if isinstance(value, date) else read_text(value)
