"""Tables that stations send, whatever wrote them (.xlsx, .xls, .ods, .csv), as rows of raw cells."""

import csv
import io
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any, BinaryIO

from models.refusals import refuse
from models.spool import Spool
from rules.reading import read_text
from views.ledgers import reader
from views.ledgers.archives import ABOVE, BROKEN, LOCKED, MAX_BYTES, MAX_COLUMNS, MAX_ROWS, RESAVE, TOO_WIDE, kind_of

IN_MEMORY = 2_000  # rows of a sheet that are kept there; more go to a file without a name
PATIENCE = 120  # seconds on the wall, after which the reader is ended where the system does not count its seconds
_REFUSED = {
    reader.LOCKED: LOCKED,
    reader.BROKEN: BROKEN,
    reader.LARGE: "表格的内容展开后大得不寻常，没有读完，也没有写入；请只留要导入的行和列，分成几份另存后再试。",
}
_ENCODINGS = ("utf-8-sig", "gb18030")  # GB18030 holds GBK and GB2312


@dataclass(frozen=True)
class Sheet:
    """One sheet: rows that hold something, each with its number as the spreadsheet shows it; and how many do not."""

    name: str
    rows: list[tuple[int, list[Any]]] | Spool
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
    """The shown sheets as the reader in its own process tells them; it is ended once it is heard out, or refused."""
    command = [sys.executable, "-P", reader.__file__]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as process:
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(data)
                process.stdin.close()
            told = _told(process.stdout)
            return [_sheet(name, _rows(told)) for _, name in told]
        finally:
            late.cancel()
            process.kill()


def _told(stream: BinaryIO) -> Iterator[tuple[str, Any]]:
    """Sheets and rows up to the end. A reader that falls silent before it was ended by its limits."""
    while True:
        try:
            what, value = pickle.load(stream)  # our own program wrote it
        except (EOFError, pickle.UnpicklingError):
            what, value = reader.LARGE, None
        if what == reader.END:
            return
        if what in _REFUSED:
            raise refuse(_REFUSED[what])
        yield what, value


def _rows(told: Iterator[tuple[str, Any]]) -> Iterator[list[Any]]:
    """The rows of the sheet named last; the last part of them is not full."""
    for _, part in told:
        yield from part
        if len(part) < reader.ROWS_AT_ONCE:
            return


def _sheet(name: str, rows: Iterable[list[Any]]) -> Sheet:
    kept: list[tuple[int, list[Any]]] | Spool = []
    blank = waiting = 0
    for number, row in enumerate(rows, start=1):
        if any(cell != "" and cell is not None and (not isinstance(cell, str) or read_text(cell)) for cell in row):
            kept.append((number, row))
            if len(kept) == IN_MEMORY and isinstance(kept, list):
                kept = Spool(kept)
            blank, waiting = blank + waiting, 0
            if len(kept) > MAX_ROWS + ABOVE:
                raise refuse(f"表格超过 {MAX_ROWS} 行，请分成几份导入。")
        else:
            waiting += 1  # counted only when something follows: what is below the last row is nobody's
    return Sheet(name, kept, blank)


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    rows = 0
    try:
        for row in reader:
            rows += 1
            if len(row) > MAX_COLUMNS and any(row[MAX_COLUMNS:]):
                raise refuse(TOO_WIDE)
            if rows > 5 * MAX_ROWS:
                raise refuse(f"表格超过 {MAX_ROWS} 行，请分成几份导入。")
            yield row
    except csv.Error:
        raise refuse(f"第 {rows + 1} 行的引号没有成对，文件可能不完整，{RESAVE}") from None


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
