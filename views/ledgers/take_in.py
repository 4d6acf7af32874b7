"""Ledgers in: a table is looked at first, then taken whole or not at all; the same table twice changes nothing."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from models import clock
from models.audit import trail
from models.moves import permit, whole
from models.refusals import refuse
from models.scope import Actor, find
from models.stations import Station
from rules.reading import read_text
from views.ledgers.activities_in import ACTIVITIES_IN
from views.ledgers.complaints_in import COMPLAINTS_IN
from views.ledgers.headers import Header
from views.ledgers.headers import demand as demand_columns
from views.ledgers.headers import find as find_header
from views.ledgers.incoming import (
    CHANGED,
    NEW,
    ROW_MARK,
    SAME,
    CellFinding,
    Kind,
    Line,
    Preview,
    Progress,
    Reading,
    RowsRefused,
    Taken,
)
from views.ledgers.marks import MARK
from views.ledgers.needs_in import NEEDS_IN
from views.ledgers.pairing_in import PAIRING_IN
from views.ledgers.projects_in import PROJECTS_IN
from views.ledgers.records_in import RECORDS
from views.ledgers.sheets import Sheet, read
from views.ledgers.training_in import TRAINING_IN
from views.ledgers.volunteers_in import VOLUNTEERS

KINDS: dict[str, Kind] = {kind.name: kind for kind in (
    VOLUNTEERS, NEEDS_IN, PROJECTS_IN, ACTIVITIES_IN, TRAINING_IN, RECORDS, PAIRING_IN, COMPLAINTS_IN,
)}  # fmt: skip
EXAMPLE = "示例"  # the mark of the template's example row
STEP = 1_000  # rows between two words of progress
_TOTALS = re.compile(r"(本页|本表|本月|本年|全年)?(合计|总计|小计|共计|累计)")
_SIGNATURE = re.compile(r"(填表|制表|审核|复核|负责|记录|经办|联系|盖章|注|说明|备注|日期|单位)[^:：]{0,6}[:：]")

Source = Path | bytes | BinaryIO | Sequence[Sequence[Any]]


def preview(
    kind: str, source: Source, by: Actor, *, name: str = "", sheet: str = "", progress: Progress | None = None,
    **options: Any,
) -> Preview:  # fmt: skip
    """What taking this table would do, row by row; it writes nothing.

    ``source`` is a file (``name`` is what its owner calls it; ``sheet`` chooses one of several) or pasted rows.
    Options of records: ``activity`` (id, for a sheet that names none), ``content`` and ``quality`` where the sheet has
    none, ``year`` for days written without one. Raises ``Refusal`` when the person may not, or the table as a whole
    cannot be used; ``KeyError`` for an unknown kind.
    """
    wanted = KINDS[kind]
    permit(by, "import", wanted.resource)
    station = find(Station, by.station_id, by)
    name = name or (source.name if isinstance(source, Path) else "")
    sheets = read(source, name) if isinstance(source, Path | bytes) or hasattr(source, "read") else [_pasted(source)]
    table, header, notes = _choose(sheets, wanted, sheet)
    present = wanted.supplied(options)
    demand_columns(header, wanted.columns, [keys for keys in wanted.needed if present.isdisjoint(keys)])
    return _look(Preview(wanted, table, header, [], by, station, options, name, notes), progress or _silent)


def take(seen: Preview, by: Actor, *, progress: Progress | None = None) -> Taken:
    """Take what a preview showed: every line or none, in one transaction. Raises ``RowsRefused`` where one is refused.

    The table is judged again, for much may have happened since it was shown; so the same preview twice changes nothing.
    """
    permit(by, "import", seen.kind.resource)
    (progress or _silent)(0, len(seen.lines))
    with clock.still(), whole():
        station = find(Station, by.station_id, by, lock=True)  # two imports of one station queue
        now = _look(
            Preview(seen.kind, seen.sheet, seen.header, [], by, station, seen.options, seen.file_name), _silent
        )
        if now.refused:
            raise RowsRefused(now)
        now.kind.take(now)
        counts = now.counts
        if counts[NEW] or counts[CHANGED]:
            trail(by, "import", now.kind.resource, now.file_name[:40] or "-", station=station.id, after=counts)
    return Taken(counts[NEW], counts[CHANGED], counts[SAME])


def take_file(kind: str, source: Source, by: Actor, **options: Any) -> Taken:
    """Look and take at once: for a command. Raises as `preview` and `take` do."""
    return take(preview(kind, source, by, **options), by)


def _choose(sheets: list[Sheet], kind: Kind, named: str) -> tuple[Sheet, Header, list[str]]:
    """The sheet asked for by name, else the first that has a header."""
    if named and named not in [sheet.name for sheet in sheets]:
        raise refuse(f"没有名为「{named}」的工作表，文件里有{'、'.join(f'「{sheet.name}」' for sheet in sheets)}。")
    found = [
        (s, h) for s in sheets if not named or s.name == named if (h := find_header(s, [*kind.columns, ROW_MARK]))
    ]
    if not found:
        labels = "、".join(column.label for column in kind.columns if column.needed)
        raise refuse(f"没有找到表头：应有一行写着{labels}等列名。可下载模板对照。")
    (sheet, header), others = found[0], found[1:]
    notes = [f"未读的列：{'、'.join(header.unknown)}。"] if header.unknown else []
    if others:
        names = "、".join(f"「{other.name}」" for other, _ in others)
        notes.append(f"只读了工作表「{sheet.name}」；{names}没有读，请另行导入。")
    return sheet, header, notes


def _look(seen: Preview, progress: Progress) -> Preview:
    rows = [(number, cells) for number, cells in seen.sheet.rows if number > seen.header.row]
    reading = Reading(seen.options.get("year") or _year_above(seen))
    for n, (number, cells) in enumerate(rows):
        if n % STEP == 0:
            progress(n, len(rows))
        if why := _passed_over(seen, cells):
            seen.skipped.append((number, why))
        else:
            seen.lines.append(_read(seen, Line(number, cells), reading))
    _refuse_copied_marks(seen)
    if not seen.lines:
        raise refuse("表头下面没有可导入的行。")
    with clock.still():
        seen.kind.judge(seen)
    progress(len(rows), len(rows))
    return seen


def _year_above(seen: Preview) -> int | None:
    """The one year that the title names, as in 2026年3月服务记录; None where there is none or more."""
    title = " ".join(
        read_text(cell) for number, cells in seen.sheet.rows if number < seen.header.first for cell in cells
    )
    years = set(re.findall(r"(?<!\d)(20\d\d) ?年", title))
    return int(years.pop()) if len(years) == 1 else None


def _passed_over(seen: Preview, cells: Sequence[Any]) -> str:
    """Why a row is not data; blank where it is."""
    said = [text for cell in cells if (text := re.sub(r"\s", "", read_text(cell)))]
    if not any(seen.header.value(cells, key) is not None for key in seen.header.places):
        return "空行"
    if said[0].startswith(EXAMPLE):
        return "示例行"
    if _TOTALS.match(said[0]) and len(said[0]) <= 20:
        return "合计行"
    if _SIGNATURE.match(said[0]) and len(said) <= 4:
        return "落款"
    return ""


def _read(seen: Preview, line: Line, reading: Reading) -> Line:
    for column in [*seen.kind.columns, ROW_MARK]:
        cell = seen.header.value(line.cells, column.key)
        if cell is None or (isinstance(cell, str) and not read_text(cell)):
            continue
        if column.mask and isinstance(cell, str) and ("*" in cell or "＊" in cell):
            line.masked[column.key] = cell
            continue
        header = seen.header.shown[column.key]
        try:
            line.values[column.key] = column.read(cell, header, reading)
        except ValueError as wrong:
            line.unread.add(column.key)
            line.findings.append(CellFinding(line.number, header, str(wrong)))
    line.mark = line.values.pop(MARK, None)
    return line


def _refuse_copied_marks(seen: Preview) -> None:
    """A mark in two rows was copied: which of them is the row, nobody can say."""
    first: dict[tuple[str, int], int] = {}
    for line in seen.lines:
        if line.mark is None:
            continue
        earlier = first.setdefault(line.mark[:2], line.number)
        if earlier != line.number:
            says = f"行标识与第 {earlier} 行相同，像是复制来的；改原来那一行，或清空这一格按新行导入。"
            line.findings.append(CellFinding(line.number, seen.header.shown[MARK], says))
            line.mark = None


def _pasted(rows: Sequence[Sequence[Any]]) -> Sheet:
    return Sheet(
        "粘贴的内容", [(n, list(row)) for n, row in enumerate(rows, 1) if any(read_text(cell) for cell in row)]
    )


def _silent(done: int, total: int) -> None:
    """Nobody is waiting."""
