"""Workbooks that people fill in: the empty template of an import, and the rows it refused with the reasons."""

import pickle
import subprocess
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from views.ledgers import marker
from views.ledgers.headers import REASONS
from views.ledgers.incoming import Incoming, Preview, as_text
from views.ledgers.layout import A4
from views.ledgers.reader import ABOUT
from views.ledgers.take_in import EXAMPLE, KINDS, TEMPLATE

MARKED = 20_000  # rows of a table that is returned whole
MARKED_BYTES = 5 * 1024 * 1024  # and its size
PATIENCE = 120  # seconds for the marker
READY_ROWS = 5_000  # rows of a template that have its drop-downs
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_HEAD = {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True, "bg_color": "#F2E3E3"}


def template(kind: str, path: Path, station: str = "") -> None:
    """Write the template of one import: header, an example row that is passed over, drop-downs where words are fixed.

    Behind it stand how each column is filled in and, hidden, which template this is. Every cell is text, so that no spreadsheet turns a document's number into a power of ten. Raises ``KeyError`` for
    an unknown kind.
    """
    wanted = KINDS[kind]
    columns = [column for column in wanted.columns if not column.fixed]
    with Workbook(Path(path), _OPTIONS) as book:
        sheet = book.add_worksheet(wanted.title)
        _on_one_page(sheet)
        lists = book.add_worksheet("选项")
        lists.hide()
        text = book.add_format({"num_format": "@"})
        pale = book.add_format({"num_format": "@", "italic": True, "font_color": "#808080"})
        heads = {needed: book.add_format(_HEAD | {"bold": needed}) for needed in (True, False)}
        last = len(columns)
        title = book.add_format({"bold": True, "font_size": 14, "align": "center"})
        sheet.merge_range(0, 0, 0, last, f"{wanted.title}导入模板", title)
        sheet.merge_range(1, 0, 1, last, "带 * 的列要填写；示例行不会导入，可以留着。")
        sheet.write_string(2, 0, "序号", heads[False])
        sheet.write_string(3, 0, EXAMPLE, pale)
        sheet.set_column(0, 0, 6)
        for n, column in enumerate(columns, 1):
            sheet.set_column(n, n, column.width, text)
            sheet.write_string(2, n, column.label + ("*" if column.needed else ""), heads[column.needed])
            sheet.write_string(3, n, column.example, pale)
            _drop_down(sheet, lists, n, column)
        sheet.freeze_panes(3, 0)
        _how_to(book, columns)
        about = book.add_worksheet(ABOUT)
        about.hide()
        for row, said in enumerate((("kind", kind), ("version", TEMPLATE), ("station", station))):
            for n, word in enumerate(said):
                about.write_string(row, n, word)


def _how_to(book: Workbook, columns: list[Incoming]) -> None:
    """A sheet that says of each column whether it is needed, which words it takes, and what an entry looks like."""
    sheet, head = book.add_worksheet("填写说明"), book.add_format(_HEAD)
    _on_one_page(sheet)
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    for n, (word, width) in enumerate((("列", 18), ("要填", 8), ("可填的词", 60), ("例", 24), ("也认的叫法", 50))):
        sheet.set_column(n, n, width)
        sheet.write_string(0, n, word, head)
    for row, column in enumerate(columns, 1):
        words = column.choices() if column.choices else []
        said = [column.label, "要填" if column.needed else "", "、".join(words), column.example, "、".join(column.words.split())]
        for n, text in enumerate(said):
            sheet.write_string(row, n, text, wrapped)
    notes = ("号码（证件、电话、编号）所在的列已设为文本；从别处粘贴时请选「只粘贴值」，否则 18 位号码会变成 5.30102E+17，末几位就丢了。",
             "日期写作 2026-03-05，时间写作 8:30；标题、空行、合计行和示例行不会导入。")  # fmt: skip
    for row, text in enumerate(notes, len(columns) + 2):
        sheet.merge_range(row, 0, row, 4, text, wrapped)


def _on_one_page(sheet: Worksheet) -> None:
    """Printed it lies across A4, as wide as one page."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)


def _drop_down(sheet: Worksheet, lists: Worksheet, n: int, column: Incoming) -> None:
    words = column.choices() if column.choices else []
    if not words:
        return
    for row, word in enumerate(words):
        lists.write_string(row, n, word)
    letter = xl_col_to_name(n, col_abs=True)
    sheet.data_validation(3, n, READY_ROWS, n, {
        "validate": "list", "source": f"=选项!{letter}$1:{letter}${len(words)}",
        "error_title": column.label, "error_message": "请从列表中选择。",
    })  # fmt: skip


def returned(seen: Preview, data: bytes, path: Path) -> None:
    """Write the very file that was sent, with a column of reasons and the wrong cells marked; put right, it can be
    imported as it is, and the reasons are not read. A table of more than `MARKED` rows goes back as its refused rows."""
    book = _marked(seen, data) if len(seen.sheet.rows) <= MARKED and len(data) <= MARKED_BYTES else b""
    if book:
        path.write_bytes(book)
    else:
        refusals(seen, path)


def _marked(seen: Preview, data: bytes) -> bytes:
    """The marked workbook as the marker in its own process makes it; blank where it could not within its limits."""
    names, places = seen.header.names, seen.header.places
    by_header = {header: places[key] for key, header in seen.header.shown.items()}
    itself = data.startswith(b"PK") and b"xl/workbook.xml" in data and b"xl/worksheets" in data
    last = max((n for n, name in enumerate(names) if name), default=-1)
    order = {
        "data": data if itself else None, "rows": None if itself else list(seen.sheet.rows), "sheet": seen.sheet.name,
        "header": seen.header.row, "label": REASONS,
        "column": names.index(REASONS) if REASONS in names else last + 1,
        "wrong": {
            number: [(by_header.get(found.column), f"{found.column}：{found.says}" if found.column else found.says)
                     for found in said] for number, said in seen.wrong.items()
        },
    }  # fmt: skip
    with subprocess.Popen([sys.executable, "-P", marker.__file__], stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as process:
        try:
            made, _ = process.communicate(pickle.dumps(order), timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            return b""
    return made if process.returncode == 0 else b""


def refusals(seen: Preview, path: Path) -> None:
    """Write the refused rows as they were, bad cells marked, with row number and reasons behind them.

    The header is the file's own, so what is put right can be imported as it is. All cells are text.
    """
    names, places = seen.header.names, seen.header.places
    by_header = {header: places[key] for key, header in seen.header.shown.items()}
    with Workbook(Path(path), _OPTIONS) as book:
        sheet = book.add_worksheet("有误的行")
        _on_one_page(sheet)
        head, text = book.add_format(_HEAD), book.add_format({"num_format": "@"})
        bad = book.add_format({"num_format": "@", "bg_color": "#FFC7CE"})
        said = book.add_format({"text_wrap": True, "font_color": "#9C0006"})
        for n, name in enumerate([*names, "原行号", REASONS]):
            sheet.write_string(0, n, name, head)
        sheet.set_column(0, len(names), 20)  # an identity number whole
        sheet.set_column(len(names) + 1, len(names) + 1, 60)
        rows = ((number, cells) for number, cells in seen.sheet.rows if number in seen.wrong)
        for at, (number, cells) in enumerate(rows, 1):
            wrong = {by_header.get(found.column) for found in seen.wrong[number]}
            for n in range(len(names)):
                cell = cells[n] if n < len(cells) else ""
                sheet.write_string(at, n, as_text(cell), bad if n in wrong else text)
            sheet.write_number(at, len(names), number)
            says = "\n".join(f"{found.column}：{found.says}" for found in seen.wrong[number])
            sheet.write_string(at, len(names) + 1, says, said)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(seen.wrong)), len(names) + 1)
