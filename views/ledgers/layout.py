"""How a ledger looks on its sheets: title, note, header, rows, totals; A4 landscape, one page wide when printed."""

from collections.abc import Mapping, Sequence

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from views.ledgers.cells import Cell
from views.ledgers.columns import Ledger
from views.ledgers.marks import MARK_HEADER
from views.ledgers.stream import Pen, put

SHEET_ROWS = 1_048_576  # Excel's limit
HEADER_ROW = 2  # below the title and the note, counted from nought
A4 = 9  # Excel's number of the paper size
FONT = "Microsoft YaHei"


class Layout:
    """Writes rows one below the other; a sheet that is full is followed by another with the same header."""

    def __init__(
        self, book: Workbook, ledger: Ledger, cells: Sequence[Cell], title: str, note: str, mark: str
    ) -> None:
        self.book, self.ledger, self.title, self.note, self.mark = book, ledger, title, note, mark
        base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        self.plain = book.add_format(base)
        self.heading = book.add_format(base | {"font_size": 14, "bold": True, "align": "center"})
        self.small = book.add_format(base | {"font_size": 9, "font_color": "#595959"})
        self.head = book.add_format(
            base | {"bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": "#F2E3E3"}
        )
        self.total = book.add_format(base | {"bold": True, "top": 1})
        numbers = {c.number_format for c in cells if c.number_format}
        self.shapes = {n: book.add_format(base | {"num_format": n, "align": "right"}) for n in numbers}
        self.totals = {n: book.add_format(base | {"num_format": n, "bold": True, "top": 1}) for n in numbers}
        self.sheets, self.number = 0, 0
        self.use(cells)
        self._open()

    def use(self, cells: Sequence[Cell]) -> None:
        """How the columns of the rows that follow are written: those of another table have their own words."""
        self.cells = cells
        pens = [Pen(0, None, self.plain, number=True)]
        for n, cell in enumerate(cells, 1):
            shape = self.shapes[cell.number_format] if cell.number_format else self.plain
            pens.append(Pen(n, cell.convert, shape, number=bool(cell.number_format)))
        self.pens = [*pens, Pen(len(pens), None, self.plain, number=False)] if self.ledger.marked else pens

    def add(self, rows: Sequence[tuple]) -> None:
        """Write raw rows, as many to a sheet as fit with a totals row below."""
        start = 0
        while start < len(rows):
            room = SHEET_ROWS - 1 - self.at
            if room:
                self._write(rows[start : start + room])
                start += room
            else:
                self._close()
                self._open()

    def _write(self, rows: Sequence[tuple]) -> None:
        self.at = put(self.worksheet, self.at, rows, self.pens, self.number + 1)
        self.number += len(rows)

    def finish(self, rows: int, sums: Mapping[int, int]) -> None:
        """The totals row: ``sums`` by the column's place, hours in whole minutes."""
        self.worksheet.write_string(self.at, 0, "合计", self.total)
        self.worksheet.write_string(self.at, 1, f"{rows} 条", self.total)
        for n, column in enumerate(self.ledger.columns):
            if n in sums:
                figure = sums[n] / 60 if column.kind == "hours" else sums[n]
                self.worksheet.write_number(self.at, n + 1, figure, self.totals[self.cells[n].number_format])
            elif n:
                self.worksheet.write_blank(self.at, n + 1, None, self.total)
        self._close()

    def _open(self) -> None:
        self.sheets += 1
        name = self.ledger.title if self.sheets == 1 else f"{self.ledger.title}{self.sheets}"
        sheet: Worksheet = self.book.add_worksheet(name)
        self.worksheet, last = sheet, len(self.ledger.columns)
        sheet.set_column(0, 0, 7)
        for n, column in enumerate(self.ledger.columns, 1):
            sheet.set_column(n, n, column.width)
        sheet.set_row(0, 26)
        sheet.set_row(HEADER_ROW, 30)
        sheet.merge_range(0, 0, 0, last, self.title, self.heading)
        sheet.merge_range(1, 0, 1, last, self.note, self.small)
        if self.ledger.marked:  # hidden: it leads a row that was edited back to where it came from
            sheet.set_column(last + 1, last + 1, 12, None, {"hidden": True})
            sheet.write_string(HEADER_ROW, last + 1, MARK_HEADER, self.head)
        for n, label in enumerate(["序号", *(column.label for column in self.ledger.columns)]):
            sheet.write_string(HEADER_ROW, n, label, self.head)
        sheet.freeze_panes(HEADER_ROW + 1, 0)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_header("&C&9&K808080" + cut(self.mark))
        sheet.set_footer("&L&9" + cut(self.title) + "&R&9第 &P 页，共 &N 页")
        self.at = HEADER_ROW + 1

    def _close(self) -> None:
        last = max(self.at - 1, HEADER_ROW)
        self.worksheet.autofilter(HEADER_ROW, 0, last, len(self.ledger.columns))


def cut(text: str) -> str:
    """Text for the head or foot of a printed page, which take 255 characters in all."""
    return text[:100].replace("&", "&&")
