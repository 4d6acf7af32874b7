"""The reader of workbooks, in a process of its own: what it reads may not take the server with it.

A small file can ask for more memory than any machine has (one long shared text that a hundred thousand cells repeat), and
the reader, written in Rust, then ends its whole process. So it is run as ``python reader.py``, with a file on its
standard input, within limits of memory and time, and rows come back as pickles on its standard output. It knows
nothing of the rest of the house, so that it starts at once.
"""

import io
import pickle
import sys
from collections.abc import Iterator
from typing import Any

MEMORY = 1024  # MiB that the reader may address; the largest table that the limits below allow takes about half of it
SECONDS = 60  # that it may compute; the largest table takes about ten on a slow PC
CELLS = 4_000_000  # of all sheets together: `archives.MAX_ROWS` rows of twenty columns
TEXT = 128 * 1024 * 1024  # characters of all cells together
ROWS_AT_ONCE = 500

# What is said besides rows.
SHEET, ROWS, END = "sheet", "rows", "end"
ABOUT = "模板信息"  # the one hidden sheet that is read: what a template of ours says of itself
LOCKED, BROKEN, LARGE = "locked", "broken", "large"


def _limit() -> None:
    """Where the system can hold a process to limits; Windows cannot, there the reader is ended by the clock alone."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY << 20, MEMORY << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answers(data: bytes) -> Iterator[tuple[str, Any]]:
    """(what, value) in order: each sheet's name, then its rows in parts; at the end that it is the end, or why not."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    cells = text = 0
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for about in book.sheets_metadata:
                # Charts and hidden sheets are nobody's table.
                hidden = about.visible != SheetVisibleEnum.Visible and about.name != ABOUT
                if about.typ != SheetTypeEnum.WorkSheet or hidden:
                    continue
                yield SHEET, about.name
                part: list[list[Any]] = []
                for row in book.get_sheet_by_name(about.name).iter_rows():
                    said = [cell for cell in row if cell != ""]
                    cells += len(said)
                    text += sum(len(cell) for cell in said if isinstance(cell, str))
                    if cells > CELLS or text > TEXT:
                        yield LARGE, None
                        return
                    part.append(row if said else [])
                    if len(part) == ROWS_AT_ONCE:
                        yield ROWS, part
                        part = []
                yield ROWS, part
    except PasswordError:
        yield LOCKED, None
    except CalamineError:
        yield BROKEN, None
    except MemoryError:
        yield LARGE, None
    except BaseException as error:
        # Some broken files make the Rust code panic, which reaches Python as no Exception.
        if type(error).__name__ != "PanicException":
            raise
        yield BROKEN, None
    else:
        yield END, None


if __name__ == "__main__":
    _limit()
    for answer in answers(sys.stdin.buffer.read()):
        pickle.dump(answer, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
