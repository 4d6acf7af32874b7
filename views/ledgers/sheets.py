"""Tables that stations send, whatever wrote them (.xlsx, .xls, .ods, .csv), as rows of raw cells."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from models.refusals import refuse
from rules.reading import read_text
from views.ledgers.archives import MAX_BYTES, MAX_ROWS, RESAVE, kind_of

_BROKEN = f"文件不完整或已损坏，读不出来，请重新取得文件，或{RESAVE}"
_ENCODINGS = ("utf-8-sig", "gb18030")  # GB18030 holds GBK and GB2312


@dataclass(frozen=True)
class Sheet:
    """One sheet: rows that hold something, each with its number as the spreadsheet shows it; and how many do not."""

    name: str
    rows: list[tuple[int, list[Any]]]
    blank: int = 0


def read(source: Path | bytes | BinaryIO, name: str = "") -> list[Sheet]:
    """Every sheet of a file. ``name`` is what its owner calls it; a path brings its own.

    Raises ``Refusal`` with one Chinese sentence for a file that cannot be read, or is too large or unsafe.
    """
    if isinstance(source, Path):
        name = name or source.name
        with source.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    else:
        data = source if isinstance(source, bytes) else source.read(MAX_BYTES + 1)
    if kind_of(data, name) == "csv":
        return [_sheet(Path(name).stem or "文本", _csv_rows(data))]
    return _workbook(data)


def _workbook(data: bytes) -> list[Sheet]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return [_sheet(name, book.get_sheet_by_name(name).iter_rows()) for name in _names(book)]
    except PasswordError:
        raise refuse(f"表格加了打开密码，读不出来，请去掉密码；{RESAVE}") from None
    except CalamineError:
        raise refuse(_BROKEN) from None
    except BaseException as error:
        # The reader is written in Rust: some broken files make it panic, which reaches Python as no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise refuse(_BROKEN) from None


def _names(book: CalamineWorkbook) -> list[str]:
    """Worksheets that are shown; charts and hidden sheets are nobody's table."""
    return [
        sheet.name for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]  # fmt: skip


def _sheet(name: str, rows: Iterable[list[Any]]) -> Sheet:
    kept, blank, waiting = [], 0, 0
    for number, row in enumerate(rows, start=1):
        if any(cell != "" and cell is not None and (not isinstance(cell, str) or read_text(cell)) for cell in row):
            kept.append((number, row))
            blank, waiting = blank + waiting, 0
            if len(kept) > MAX_ROWS:
                raise refuse(f"表格超过 {MAX_ROWS} 行，请分成几份导入。")
        else:
            waiting += 1  # counted only when something follows: what is below the last row is nobody's
    return Sheet(name, kept, blank)


def _csv_rows(data: bytes) -> list[list[str]]:
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    rows = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > 5 * MAX_ROWS:
                raise refuse(f"表格超过 {MAX_ROWS} 行，请分成几份导入。")
    except csv.Error:
        raise refuse(f"第 {len(rows) + 1} 行的引号没有成对，文件可能不完整，{RESAVE}") from None
    return rows


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise refuse(f"认不出文件的文字编码，可能不完整或不是表格，{RESAVE}")


def _separator(text: str) -> str:
    """The mark that most of the first lines agree on; a comma where none does."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]
    return max(
        ",;\t", key=lambda mark: (sum(mark in line for line in lines), sum(line.count(mark) for line in lines))
    )
