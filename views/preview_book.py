"""政策预演的明细: every row behind the figures of a preview, a sheet a figure, written as a stream."""

import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from models.previews.ground import Ground
from models.previews.outcome import LOOKED, Figure, Outcome
from rules.policy import title_of
from views.ledgers.cells import CELL_LIMIT
from views.ledgers.layout import FONT, SHEET_ROWS

SUMMARY = "结果"


class Book:
    """Takes rows in any order of figures; whole at its place when it is closed without an error, else not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.room = Path(tempfile.mkdtemp(prefix=".preview-", dir=path.parent))
        self.book = Workbook(self.room / "rows.xlsx", {
            "constant_memory": True, "tmpdir": str(self.room), "use_zip64": True, "strings_to_formulas": False,
            "strings_to_urls": False, "strings_to_numbers": False,
        })  # fmt: skip
        base = {"font_name": FONT, "font_size": 10}
        self.plain = self.book.add_format(base)
        self.head = self.book.add_format(base | {"bold": True, "border": 1, "bg_color": "#F2E3E3"})
        self.hours = self.book.add_format(base | {"num_format": "0.00"})
        self.summary = self.book.add_worksheet(SUMMARY)
        self.sheets: dict[str, Worksheet] = {}
        self.rows: dict[str, int] = {}  # figure -> rows that came, written or not

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.book.close()
            (self.room / "rows.xlsx").replace(self.path)
        else:
            for sheet in self.book.worksheets():  # not closed: nobody wants the file, and Windows removes none that is open
                sheet.row_data_fh.close()
        shutil.rmtree(self.room, ignore_errors=True)

    def add(self, figure: Figure, cells: tuple[Any, ...]) -> None:
        """One row of a figure. Past Excel's last row it is counted and not written; the summary says so."""
        at = self.rows[figure.name] = self.rows.get(figure.name, 0) + 1
        if at >= SHEET_ROWS:
            return
        sheet = self.sheets.get(figure.name) or self._open(figure)
        for column, (value, (_, kind)) in enumerate(zip(cells, figure.columns, strict=True)):
            if kind == "minutes":
                sheet.write_number(at, column, value / 60, self.hours)
            elif kind == "count":
                sheet.write_number(at, column, value, self.plain)
            elif value:
                sheet.write_string(at, column, _text(value), self.plain)

    def _open(self, figure: Figure) -> Worksheet:
        sheet: Worksheet = self.book.add_worksheet(figure.label[:31])
        for column, (label, kind) in enumerate(figure.columns):
            sheet.set_column(column, column, 14 if kind == "text" else 11)
            sheet.write_string(0, column, f"{label}（小时）" if kind == "minutes" else label, self.head)
        sheet.freeze_panes(1, 0)
        self.sheets[figure.name] = sheet
        return sheet

    def finish(self, ground: Ground, out: Outcome, title: str) -> None:
        """The first sheet: what was found, on how much, and what to know when reading it."""
        self.summary.set_column(0, 0, 40)
        self.summary.set_column(1, 3, 16)
        lines: list[tuple[Any, ...]] = [
            (title,), (f"{title_of(out.topic)}，按 {ground.day} 判定；近一季度自 {ground.since} 起。",), (),
        ]  # fmt: skip
        for one in out.figures.values():
            more = f"{one.figure.sums} {one.minutes / 60:,.2f} 小时" if one.figure.sums and one.minutes else ""
            cut = self.rows.get(one.figure.name, 0) - (SHEET_ROWS - 1)
            lines.append((
                one.figure.label, one.count, one.figure.unit, more,
                f"表格一页最多 {SHEET_ROWS:,} 行，后面的 {cut:,} 行没有写入。" if cut > 0 else "",
            ))  # fmt: skip
        lines += [(), *((f"依据：{LOOKED[what]}", count) for what, count in out.looked.items()), ()]
        lines += [(note,) for note in out.notes]
        for at, line in enumerate(lines):
            for column, value in enumerate(line):
                if isinstance(value, int):
                    self.summary.write_number(at, column, value, self.plain)
                elif value:
                    self.summary.write_string(at, column, _text(value), self.plain)


def _text(value: str) -> str:
    # XlsxWriter in constant_memory mode takes text between these tags for ready-made XML and writes it unescaped.
    return (value if not value.startswith("<r>") else " " + value)[:CELL_LIMIT]
