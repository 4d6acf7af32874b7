"""Ledgers in: a table is looked at first, then taken whole or not at all; the same table twice changes nothing."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from models import clock
from models.audit import trail
from models.header_mappings import remembered
from models.moves import permit, whole
from models.refusals import refuse
from models.scope import Actor, find
from models.stations import Station
from rules.reading import read_text
from views.ledgers.activities_in import ACTIVITIES_IN
from views.ledgers.certificates_in import CERTIFICATES_IN
from views.ledgers.complaints_in import COMPLAINTS_IN
from views.ledgers.headers import DEPTH, Header
from views.ledgers.headers import demand as demand_columns
from views.ledgers.headers import find as find_header
from views.ledgers.incoming import (
    CHANGED,
    NEW,
    REFUSED,
    ROW_MARK,
    SAME,
    CellFinding,
    Kind,
    Line,
    Note,
    Preview,
    Progress,
    Reading,
    RowsRefused,
    Taken,
)
from views.ledgers.marked import looks_masked
from views.ledgers.marks import MARK
from views.ledgers.needs_in import NEEDS_IN
from views.ledgers.openings_in import HOURS
from views.ledgers.pairing_in import PAIRING_IN
from views.ledgers.projects_in import PROJECTS_IN
from views.ledgers.reader import ABOUT
from views.ledgers.records_in import RECORDS
from views.ledgers.rewards_in import REWARDS
from views.ledgers.sheets import Sheet, read
from views.ledgers.stars_in import STARS_IN
from views.ledgers.training_in import TRAINING_IN
from views.ledgers.volunteers_in import VOLUNTEERS

KINDS: dict[str, Kind] = {kind.name: kind for kind in (
    VOLUNTEERS, NEEDS_IN, PROJECTS_IN, ACTIVITIES_IN, TRAINING_IN, RECORDS, HOURS, STARS_IN, REWARDS, PAIRING_IN,
    COMPLAINTS_IN, CERTIFICATES_IN,
)}  # fmt: skip
TEMPLATE = "1"  # the version of the templates
EXAMPLE = "示例"  # the mark of the template's example row
STEP = 1_000  # rows between two words of progress
PART = 2_000  # lines that are judged and taken at once; a table of no more is kept whole
SHOWN_REFUSED, SHOWN_OTHERS = 500, 100  # lines of a larger one that are kept to be shown
RETURNED = 20_000  # refused rows whose reasons are kept
BLANK, EXAMPLES, TOTALS, SIGNED = "空行", "示例行", "合计行", "落款"  # why a row is passed over
# What is said of a whole table.
OLD = "模板是旧版的，能认的列都已读入；建议重新下载模板。"
UNREAD = "未读的列：%(columns)s。"
AS_BEFORE = "按上次的对应关系：%(pairs)s。"
ONE_SHEET = "只读了工作表「%(name)s」；%(others)s没有读，请另行导入。"
_TOTALS = re.compile(r"(本页|本表|本月|本年|全年)?(合计|总计|小计|共计|累计)")
_SIGNATURE = re.compile(r"(填表|制表|审核|复核|负责|记录|经办|联系|盖章|注|说明|备注|日期|单位)[^:：]{0,6}[:：]")

Source = Path | bytes | BinaryIO | Sequence[Sequence[Any]]


def preview(
    kind: str, source: Source, by: Actor, *, name: str = "", sheet: str = "", progress: Progress | None = None,
    told: dict[str, str] | None = None, ask: Callable[[Sheet, Header], None] | None = None, **options: Any,
) -> Preview:  # fmt: skip
    """What taking this table would do, row by row; it writes nothing.

    ``source`` is a file (``name`` is what its owner calls it; ``sheet`` chooses one of several) or pasted rows.
    ``told`` says what unknown headers stand for (what the station had said, unless given); ``ask`` is called with a sheet
    that has unknown headers. Options of records: ``activity`` (id, for a sheet that names none), ``content`` and ``quality`` where the sheet has
    none, ``year`` for days written without one. Raises ``Refusal`` when the person may not, or the table as a whole
    cannot be used; ``KeyError`` for an unknown kind.
    """
    seen = opened(kind, source, by, name=name, sheet=sheet, told=told, ask=ask, **options)
    return _look(seen, progress or _silent)


def opened(
    kind: str, source: Source, by: Actor, *, name: str = "", sheet: str = "",
    told: dict[str, str] | None = None, ask: Callable[[Sheet, Header], None] | None = None, **options: Any,
) -> Preview:  # fmt: skip
    """A table whose header is found and whose lines nobody has judged yet: for whoever takes it without a look."""
    wanted = KINDS[kind]
    permit(by, "import", wanted.resource)
    station = find(Station, by.station_id, by)
    name = name or (source.name if isinstance(source, Path) else "")
    sheets = read(source, name) if isinstance(source, Path | bytes) or hasattr(source, "read") else [_pasted(source)]
    sheets, said = _about(sheets, wanted)
    told = remembered(kind, by) if told is None else told
    table, header, notes = _choose(sheets, wanted, sheet, told)
    present = wanted.supplied(options)
    needed = [keys for keys in wanted.needed if present.isdisjoint(keys)]
    if ask is not None and header.unknown:
        ask(table, header)
    demand_columns(header, wanted.columns, needed)
    return Preview(wanted, table, header, [], by, station, options, name, [*said, *notes])


def take(seen: Preview, by: Actor, *, progress: Progress | None = None, good_only: bool = False) -> Taken:
    """Take what a preview showed: every line or none, in one transaction. Raises ``RowsRefused`` where one is refused.

    With ``good_only`` the lines that nothing refuses are taken, all of them or none, and the others are left.

    The table is judged again, for much may have happened since it was shown; so the same preview twice changes nothing.
    """
    permit(by, "import", seen.kind.resource)
    (progress or _silent)(0, len(seen.sheet.rows))
    with clock.still(), whole():
        station = find(Station, by.station_id, by, lock=True)  # two imports of one station queue
        now = Preview(seen.kind, seen.sheet, seen.header, [], by, station, seen.options, seen.file_name)
        _look(now, progress or _silent, lambda: good_only or not now.tally[REFUSED])
        counts = now.counts
        if counts[REFUSED] and not good_only:
            raise RowsRefused(now)
        if counts[NEW] or counts[CHANGED]:
            trail(by, "import", now.kind.resource, now.file_name[:40] or "-", station=station.id, after=counts)
    return Taken(counts[NEW], counts[CHANGED], counts[SAME], counts[REFUSED], now)


def take_file(kind: str, source: Source, by: Actor, **options: Any) -> Taken:
    """Look and take at once: for a command. Raises as `preview` and `take` do."""
    return take(opened(kind, source, by, **options), by)


def _about(sheets: list[Sheet], kind: Kind) -> tuple[list[Sheet], list[Note]]:
    """The sheets without what a template of ours says of itself, and what follows from that. Raises ``Refusal`` for the
    template of another kind."""
    said: dict[str, str] = {}
    for sheet in sheets:
        if sheet.name == ABOUT:
            said = {read_text(cells[0]): read_text(cells[1]) for _, cells in sheet.rows[:DEPTH] if len(cells) > 1}
    other = KINDS.get(said.get("kind", ""))
    if other is not None and other.name != kind.name:
        raise refuse(f"这是「{other.title}」的导入模板，请从「{other.title}」导入，或下载「{kind.title}」的模板。")
    old = said.get("version", TEMPLATE) != TEMPLATE
    notes = [Note(OLD)] if old else []
    return [sheet for sheet in sheets if sheet.name != ABOUT], notes


def _choose(sheets: list[Sheet], kind: Kind, named: str, told: dict[str, str]) -> tuple[Sheet, Header, list[Note]]:
    """The sheet asked for by name, else the first that has a header."""
    if named and named not in [sheet.name for sheet in sheets]:
        raise refuse(f"没有名为「{named}」的工作表，文件里有{'、'.join(f'「{sheet.name}」' for sheet in sheets)}。")
    found = [
        (s, h)
        for s in sheets
        if not named or s.name == named
        if (h := find_header(s, [*kind.columns, ROW_MARK], told))
    ]
    if not found:
        labels = "、".join(column.label for column in kind.columns if column.needed)
        raise refuse(f"没有找到表头：应有一行写着{labels}等列名。可下载模板对照。")
    (sheet, header), others = found[0], found[1:]
    notes = [Note(UNREAD, columns=list(header.unknown))] if header.unknown else []
    if header.told:
        labels = {column.key: column.label for column in kind.columns}
        pairs = [f"「{name}」→「{labels[key]}」" for name, key in header.told.items()]
        notes.insert(0, Note(AS_BEFORE, pairs=pairs))
    if others:
        names = [f"「{other.name}」" for other, _ in others]
        notes.append(Note(ONE_SHEET, name=sheet.name, others=names))
    return sheet, header, notes


def _look(seen: Preview, progress: Progress, take: Callable[[], bool] = lambda: False) -> Preview:
    """Judge every line, part by part; a part is taken before the next is judged where ``take`` says so."""
    reading = Reading(seen.options.get("year") or _year_above(seen))
    total, part, shown = len(seen.sheet.rows), [], []
    for n, (number, cells) in enumerate(seen.sheet.rows):
        if n % STEP == 0:
            progress(n, total)
        if number <= seen.header.row:
            continue
        if why := _passed_over(seen, cells):
            seen.skipped.append((number, why))
            continue
        part.append(_read(seen, Line(number, cells), reading))
        if len(part) == PART:
            shown = _part(seen, part, shown, take)
            part = []
    if part:
        shown = _part(seen, part, shown, take)
    seen.lines = shown
    if not seen.lines:
        raise refuse("表头下面没有可导入的行。")
    progress(total, total)
    return seen


def _part(seen: Preview, part: list[Line], shown: list[Line], take: Callable[[], bool]) -> list[Line]:
    """Judge these lines, count them, take them; returned are those of all so far that are to be shown."""
    seen.lines = part
    _refuse_copied_marks(seen)
    with clock.still():
        seen.kind.judge(seen)
    seen.tally.update(line.status for line in part)
    for line in seen.refused[: RETURNED - len(seen.wrong)]:
        seen.wrong[line.number] = [found for found in line.findings if not found.warning]
    if take():
        seen.lines = [line for line in part if line.status != REFUSED]
        seen.kind.take(seen)
    shown = [*shown, *part]
    if seen.tally.total() <= PART:
        return shown
    kept = {id(line) for line in [line for line in shown if line.status == REFUSED][:SHOWN_REFUSED]}
    kept |= {id(line) for line in [line for line in shown if line.status != REFUSED][:SHOWN_OTHERS]}
    return [line for line in shown if id(line) in kept]


def _year_above(seen: Preview) -> int | None:
    """The one year that the title names, as in 2026年3月服务记录; None where there is none or more."""
    title = " ".join(
        read_text(cell) for number, cells in seen.sheet.rows[:DEPTH] if number < seen.header.first for cell in cells
    )
    years = set(re.findall(r"(?<!\d)(20\d\d) ?年", title))
    return int(years.pop()) if len(years) == 1 else None


def _passed_over(seen: Preview, cells: Sequence[Any]) -> str:
    """Why a row is not data; blank where it is."""
    said = [text for cell in cells if (text := "".join(read_text(cell).split()))]
    if not any(seen.header.value(cells, key) is not None for key in seen.header.places):
        return BLANK
    if said[0].startswith(EXAMPLE):
        return EXAMPLES
    if _TOTALS.match(said[0]) and len(said[0]) <= 20:
        return TOTALS
    if _SIGNATURE.match(said[0]) and len(said) <= 4:
        return SIGNED
    return ""


def _read(seen: Preview, line: Line, reading: Reading) -> Line:
    for column in [*seen.kind.columns, ROW_MARK]:
        cell = seen.header.value(line.cells, column.key)
        if cell is None or (isinstance(cell, str) and not read_text(cell)):
            continue
        if column.mask and isinstance(cell, str) and looks_masked(cell):
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
    first: dict[tuple[str, int], int] = seen.memory.setdefault("marks", {})
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
