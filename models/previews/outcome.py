"""What a preview found: figures, the first rows of each, and every row handed on to whoever writes them all."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

ROWS_KEPT = 200  # of each figure, for the page; a workbook takes them all

# What is looked at, as the page says it beside how many.
LOOKED = {
    "volunteers": "注册志愿者",
    "between": "累计工时可能跨过标准、逐人判定的",
    "cases": "办理中的星级",
    "exchanges": "近一季度的兑换",
    "balances": "起兑条件可能变化的余额",
    "holders": "逐人合计过期工时的",
    "records": "近一季度的服务记录",
    "posted": "近一季度已入账的服务记录",
    "registrations": "近一季度的注册",
    "gifts": "近一季度的转赠和捐赠",
    "grants": "近一季度的受助",
}

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Figure:
    """One figure of a preview: what is counted, in words, and the columns of the rows behind it.

    ``columns`` are (label, kind): text, count, or minutes, which are shown as hours. ``opens`` names the screen on
    which a row is found by its key; ``sums`` says what is added up beside the rows, in whole minutes. A figure without
    columns is counted alone, and its rows are nobody's to see.
    """

    name: str
    label: str
    unit: str
    says: str
    columns: tuple[tuple[str, str], ...]
    opens: str = ""
    bad: bool = False  # somebody loses by it
    sums: str = ""


Sink = Callable[[Figure, tuple], None]  # a figure, and the cells of one row of it


@dataclass
class Counted:
    """A figure with its number, and the first rows: (key, cells)."""

    figure: Figure
    count: int = 0
    minutes: int = 0
    rows: list[tuple[int, tuple]] = field(default_factory=list)


@dataclass
class Outcome:
    """All that one preview found, and on how much it was worked out."""

    topic: str
    figures: dict[str, Counted] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)  # what was looked at -> how many rows
    crossed: dict[tuple[str, str], int] = field(default_factory=dict)  # (from, to) -> how many
    notes: list[str] = field(default_factory=list)
    sink: Sink | None = None
    progress: Progress | None = None
    done: int = 0
    total: int = 0

    def offer(self, *figures: Figure) -> None:
        """Show these figures, nought where nothing is found."""
        self.figures |= {one.name: Counted(one) for one in figures}

    def take(self, name: str, key: int, *cells: Any, minutes: int = 0) -> None:
        """One row more of a figure; ``minutes`` are added to its sum."""
        counted = self.figures[name]
        counted.count += 1
        counted.minutes += minutes
        if not counted.figure.columns:
            return
        if len(counted.rows) < ROWS_KEPT:
            counted.rows.append((key, cells))
        if self.sink is not None:
            self.sink(counted.figure, cells)

    def expect(self, what: str, rows: int) -> None:
        """So many rows more will be read of what is looked at (`LOOKED`)."""
        self.looked[what] = self.looked.get(what, 0) + rows
        self.total += rows
        self.advance(0)

    def advance(self, rows: int) -> None:
        """So many of them are judged. Raises `models.jobs.Cancelled` when the preview is no longer wanted."""
        self.done += rows
        if self.progress is not None:
            self.progress(self.done, max(self.total, self.done))

    @property
    def changes(self) -> bool:
        return any(one.count for one in self.figures.values())

    def plain(self) -> dict[str, Any]:
        """As values that a file keeps."""
        return {
            "topic": self.topic,
            "figures": {name: asdict(one) for name, one in self.figures.items()},
            "looked": self.looked,
            "crossed": [[was, now, count] for (was, now), count in sorted(self.crossed.items())],
            "notes": self.notes,
        }
