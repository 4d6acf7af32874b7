"""Workbooks that people fill in: the empty template of an import, and the rows it refused with the reasons."""

from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from views.ledgers.incoming import Incoming, Preview, as_text
from views.ledgers.take_in import EXAMPLE, KINDS

READY_ROWS = 5_000  # rows of a template that have its drop-downs
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_HEAD = {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True, "bg_color": "#F2E3E3"}


def template(kind: str, path: Path) -> None:
    """Write the template of one import: header, an example row that is passed over, drop-downs where words are fixed.

    Every cell is text, so that no spreadsheet turns a document's number into a power of ten. Raises ``KeyError`` for
    an unknown kind.
    """
    wanted = KINDS[kind]
    columns = [column for column in wanted.columns if not column.fixed]
    with Workbook(Path(path), _OPTIONS) as book:
        sheet = book.add_worksheet(wanted.title)
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


def refusals(seen: Preview, path: Path) -> None:
    """Write the refused rows as they were, bad cells marked, with row number and reasons behind them.

    The header is the file's own, so what is put right can be imported as it is. All cells are text.
    """
    names, places = seen.header.names, seen.header.places
    by_header = {header: places[key] for key, header in seen.header.shown.items()}
    with Workbook(Path(path), _OPTIONS) as book:
        sheet = book.add_worksheet("有误的行")
        head, text = book.add_format(_HEAD), book.add_format({"num_format": "@"})
        bad = book.add_format({"num_format": "@", "bg_color": "#FFC7CE"})
        said = book.add_format({"text_wrap": True, "font_color": "#9C0006"})
        for n, name in enumerate([*names, "原行号", "问题"]):
            sheet.write_string(0, n, name, head)
        sheet.set_column(0, len(names), 14)
        sheet.set_column(len(names) + 1, len(names) + 1, 60)
        for at, line in enumerate(seen.refused, 1):
            wrong = {by_header.get(found.column) for found in line.findings if not found.warning}
            for n in range(len(names)):
                cell = line.cells[n] if n < len(line.cells) else ""
                sheet.write_string(at, n, as_text(cell), bad if n in wrong else text)
            sheet.write_number(at, len(names), line.number)
            says = "\n".join(f"{found.column}：{found.says}" for found in line.findings if not found.warning)
            sheet.write_string(at, len(names) + 1, says, said)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(seen.refused)), len(names) + 1)
