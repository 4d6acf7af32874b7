"""How a ledger looks on its sheets: title, note, header, rows, totals; A4 landscape, one page wide when printed."""

from collections.abc import Mapping, Sequence

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from views.ledgers.cells import Cell
from views.ledgers.columns import Ledger

SHEET_ROWS = 1_048_576  # Excel's limit
HEADER_ROW = 2  # below the title and the note, counted from nought
A4 = 9  # Excel's number of the paper size
FONT = "Microsoft YaHei"


class Layout:
    """Writes rows one below the other; a sheet that is full is followed by another with the same header."""

    def __init__(self, book: Workbook, ledger: Ledger, cells: Sequence[Cell], title: str, note: str) -> None:
        self.book, self.ledger, self.title, self.note = book, ledger, title, note
        base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        self.plain = book.add_format(base)
        self.heading = book.add_format(base | {"font_size": 14, "bold": True, "align": "center"})
        self.small = book.add_format(base | {"font_size": 9, "font_color": "#595959"})
        self.head = book.add_format(
            base | {"bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": "#F2E3E3"}
        )
        self.total = book.add_format(base | {"bold": True, "top": 1})
        numbers = {c.number_format for c in cells if c.number_format}
        formats = {n: book.add_format(base | {"num_format": n, "align": "right"}) for n in numbers}
        self.totals = {n: book.add_format(base | {"num_format": n, "bold": True, "top": 1}) for n in numbers}
        self.cells = cells
        self.formats = [formats.get(cell.number_format, self.plain) for cell in cells]
        self.sheets, self.number = 0, 0
        self._open()

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
        # The innermost loop: two calls a cell at most beside XlsxWriter's own.
        at, number = self.at, self.number
        put_number, plan, plain = self.worksheet.write_number, self.plan, self.plain
        for row in rows:
            number += 1
            put_number(at, 0, number, plain)
            for value, (column, convert, put, shape) in zip(row, plan, strict=True):
                if value is not None and value != "":
                    put(at, column, value if convert is None else convert(value), shape)
            at += 1
        self.at, self.number = at, number

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
        self.plan = [
            (n, cell.convert, sheet.write_number if cell.number_format else sheet.write_string, shape)
            for n, (cell, shape) in enumerate(zip(self.cells, self.formats, strict=True), 1)
        ]
        sheet.set_column(0, 0, 7)
        for n, column in enumerate(self.ledger.columns, 1):
            sheet.set_column(n, n, column.width)
        sheet.set_row(0, 26)
        sheet.set_row(HEADER_ROW, 30)
        sheet.merge_range(0, 0, 0, last, self.title, self.heading)
        sheet.merge_range(1, 0, 1, last, self.note, self.small)
        for n, label in enumerate(["序号", *(column.label for column in self.ledger.columns)]):
            sheet.write_string(HEADER_ROW, n, label, self.head)
        sheet.freeze_panes(HEADER_ROW + 1, 0)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&9" + self.title.replace("&", "&&") + "&R&9第 &P 页，共 &N 页")
        self.at = HEADER_ROW + 1

    def _close(self) -> None:
        last = max(self.at - 1, HEADER_ROW)
        self.worksheet.autofilter(HEADER_ROW, 0, last, len(self.ledger.columns))
