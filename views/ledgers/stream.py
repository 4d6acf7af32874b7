"""Rows written straight into the stream of an XlsxWriter sheet: several times faster than a call a cell.

XlsxWriter in ``constant_memory`` mode keeps a sheet's rows in a file of its own, and writes each row there as soon as the
next begins. This writes whole chunks to the same file, in the same form. What a value becomes is worked out once where
values repeat, as most in a ledger do.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

MOST_UNITS = 32_767  # of UTF-16, that Excel keeps in one cell
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b\x0c\x0e-\x1f￾￿]|_x[0-9a-fA-F]{4}_|\A\s|\s\Z")
_ESCAPED = re.compile(r"(_x[0-9a-fA-F]{4}_)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f￾￿]")
_KEPT = 4_000  # finished cells that one column remembers
_SHORT = 30  # characters; longer text seldom comes twice, and row marks never do


class Pen:
    """Writes one column: ``convert`` is None where the raw value is the cell's."""

    def __init__(self, column: int, convert: Callable[[Any], Any] | None, shape: Format, *, number: bool) -> None:
        self.start = f'<c r="{xl_col_to_name(column)}'
        self.style = f'" s="{shape._get_xf_index()}"'
        self.convert, self.number, self.kept = convert, number, dict[Any, str]()

    def end(self, raw: Any) -> str:
        """All of the cell behind its row's number; blank for a cell that is not written."""
        value = raw if self.convert is None else self.convert(raw)
        if self.number:
            made = f"{self.style}><v>{value:.16G}</v></c>"
        else:
            made = f'{self.style} t="inlineStr"><is>{_text(value)}</is></c>'
        if not isinstance(raw, str) or len(raw) <= _SHORT:
            if len(self.kept) >= _KEPT:
                self.kept.clear()
            self.kept[raw] = made
        return made


def put(sheet: Worksheet, at: int, rows: Iterable[Sequence[Any]], pens: Sequence[Pen], first: int) -> int:
    """Write rows from row ``at`` on (counted from nought), numbered from ``first`` by the first pen; the row behind them."""
    sheet._write_single_row(at)  # what was written by calls stands before these rows in the file
    number_start, number_style = pens[0].start, pens[0].style
    kinds = [(pen.start, pen.kept.get, pen.end) for pen in pens[1:]]
    lines = []
    for number, row in enumerate(rows, first):
        at += 1
        cells = [f'<row r="{at}">{number_start}{at}{number_style}><v>{number}</v></c>']
        for raw, (start, kept, end) in zip(row, kinds, strict=True):
            if raw is not None and raw != "":
                cells.append(f"{start}{at}{kept(raw) or end(raw)}")
        cells.append("</row>")
        lines.append("".join(cells))
    sheet.row_data_fh.write("".join(lines))
    sheet.previous_row = at
    sheet._check_dimensions(at - 1, len(pens) - 1)
    return at


def _text(value: str) -> str:
    if len(value) > MOST_UNITS // 2:
        value = value.encode("utf-16-le")[: 2 * MOST_UNITS].decode("utf-16-le", "ignore")
    if _SPECIAL.search(value) is None:
        return f"<t>{value}</t>"
    preserved = ' xml:space="preserve"' if value != value.strip() else ""
    value = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", _ESCAPED.sub(r"_x005F\1", value))
    return f"<t{preserved}>{value.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</t>"
