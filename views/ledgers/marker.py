"""The marker of workbooks, in a process of its own within limits of memory and time, as `reader` is.

It is run as ``python marker.py`` with a pickled order on its standard input, and answers with the workbook: the very file
(sheets, widths, formats kept as far as openpyxl keeps them) with a column of reasons and the wrong cells marked. A table
that was no .xlsx is written as one, all texts as text.
"""

import io
import pickle
import sys
from typing import Any

MEMORY = 1536  # MiB that it may address: `handouts.MARKED` rows of twenty columns take a third of it
SECONDS = 90  # that it may compute
OURS = "导入检查"  # the author of our comments, by which they are found again
PINK = "FFFFC7CE"


def _limit() -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY << 20, MEMORY << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def marked(order: dict[str, Any]) -> bytes:
    """The workbook with what is wrong: ``wrong`` is row -> [(column from 0 or None, sentence)]."""
    from openpyxl import Workbook, load_workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    if order["data"] is not None:
        book = load_workbook(io.BytesIO(order["data"]))
        sheet = book[order["sheet"]]
    else:
        book = Workbook()
        sheet = book.active
        sheet.title = order["sheet"]
        for number, cells in order["rows"]:
            for at, value in enumerate(cells, 1):
                if value not in (None, ""):
                    _put(sheet.cell(number, at), value)
    _clear(sheet)
    at = order["column"] + 1
    head = sheet.cell(order["header"], at)
    head.value, head.font = order["label"], Font(bold=True, color="FF9C0006")
    sheet.column_dimensions[head.column_letter].width = 60
    fill = PatternFill("solid", fgColor=PINK)
    for number, said in order["wrong"].items():
        reason = sheet.cell(number, at)
        _put(reason, "\n".join(text for _, text in said))
        reason.font, reason.alignment = Font(color="FF9C0006"), Alignment(wrap_text=True, vertical="top")
        by_cell: dict[int, list[str]] = {}
        for place, text in said:
            if place is not None:
                by_cell.setdefault(place, []).append(text)
        for place, texts in by_cell.items():
            cell = sheet.cell(number, place + 1)
            cell.fill = fill
            cell.comment = Comment("\n".join(texts), OURS)
    book.active = book.index(sheet)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _put(cell: Any, value: Any) -> None:
    """A text stays one, whatever it begins with, and keeps its zeros."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type, cell.number_format = "s", "@"


def _clear(sheet: Any) -> None:
    """Take off what an earlier return of this file marked."""
    from openpyxl.styles import PatternFill

    for row in sheet.iter_rows():
        for cell in row:
            if getattr(cell, "comment", None) is not None and cell.comment.author == OURS:
                cell.comment, cell.fill = None, PatternFill()


if __name__ == "__main__":
    _limit()
    sys.stdout.buffer.write(marked(pickle.load(sys.stdin.buffer)))  # our own program wrote it
