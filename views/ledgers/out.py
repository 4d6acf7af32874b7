"""Ledgers out: a workbook of what somebody may see, written as a stream, whole or not at all.

Each file names who made it and when, and its own number, on every sheet and page and in its properties; the same number
stands in the audit log.
"""

import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from models import clock
from models.audit import trail
from models.moves import permit
from models.refusals import refuse, refuse_if
from models.scope import Actor
from models.stations import Division, Station
from rules.access import STATION_ROLES
from rules.reasons import check_reason
from views.ledgers import summing
from views.ledgers.catalogue import LEDGERS
from views.ledgers.cells import Cell, cell_of
from views.ledgers.columns import Ledger
from views.ledgers.layout import Layout
from views.ledgers.lines import Lines
from views.ledgers.rows import Asked

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Summary:
    """What was written: how many rows, and the sum of each totalled column by its key (hours in whole minutes)."""

    rows: int
    totals: dict[str, int] = field(default_factory=dict)


def write(
    name: str,
    path: Path,
    by: Actor,
    *,
    filters: Mapping[str, Any] | None = None,
    period: tuple[date | None, date | None] = (None, None),
    station: int | None = None,
    division: str | None = None,
    form: str | None = None,
    full: bool = False,
    reason: str = "",
    progress: Progress | None = None,
) -> Summary:
    """Write one ledger to ``path`` and leave a trace of it: a workbook, or plain text where ``form``, or else
    the path's ending, is csv.

    A division's workbook ends with a sheet that sums up.

    ``full`` writes identity numbers, telephones and addresses in the clear: for the own station's desk, with a
    ``reason``. ``progress(done, total)`` is called every few thousand rows and may raise `models.jobs.Cancelled`.
    Raises ``Refusal`` when this person may not, ``NotFound`` for a stranger's station or division, ``KeyError`` for a ledger or
    filter that does not exist. Whatever is raised, nothing is left at ``path``.
    """
    ledger = LEDGERS[name]
    _permit(ledger, by, full=full, reason=reason)
    asked = Asked.of(ledger, by, station, period, filters, division)
    path = Path(path)
    # Beside its destination, so that the last step is a rename; XlsxWriter's own temporary files go with it.
    with tempfile.TemporaryDirectory(prefix=".ledger-", dir=path.parent, ignore_cleanup_errors=True) as room:
        half = Path(room) / f"ledger{path.suffix}"
        number = f"{clock.today():%Y%m%d}-{secrets.token_hex(3).upper()}"
        fill = _fill_csv if (form or path.suffix.lower().lstrip(".")) == "csv" else _fill
        summary = fill(half, asked, number, full=full, progress=progress or _silent)
        said = {
            "rows": summary.rows, "full": full, "period": [str(day or "") for day in period],
            "filters": dict(filters or {}), "number": number,
        }  # fmt: skip
        if asked.division is not None:
            said["division"] = str(asked.division.code)
        trail(by, "export", ledger.model._meta.table_name, name, reason=reason.strip(), after=said,
              station=asked.station.id if asked.station else None)  # fmt: skip
        half.replace(path)
    return summary


def _permit(ledger: Ledger, by: Actor, *, full: bool, reason: str) -> None:
    permit(by, "export", ledger.resource)
    if not full:
        return
    if by.role not in STATION_ROLES:
        raise refuse("只有本站的记录员和站长可以导出完整号码，其他人导出的号码是遮盖的。")
    if not reason.strip():
        raise refuse("导出完整号码要写明理由。", "reason")
    refuse_if(check_reason(reason))


def _fill(half: Path, asked: Asked, number: str, *, full: bool, progress: Progress) -> Summary:
    options = {
        "constant_memory": True, "tmpdir": str(half.parent), "use_zip64": True, "strings_to_formulas": False,
        "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    book = Workbook(half, options)
    try:
        cells, mark = _cells(asked, full=full), _mark(asked, number)
        book.set_properties({
            "title": title_of(asked), "author": asked.by.name, "comments": mark, "category": asked.ledger.name,
            "created": clock.now(),
        })  # fmt: skip
        layout = Layout(book, asked.ledger, cells, title_of(asked), note_of(asked, number, full=full), mark)
        summary = _rows(asked, layout, progress, full=full)
        if asked.station is None and asked.by.role not in STATION_ROLES:
            summing.sheet(book, asked, summary.rows, summary.totals, mark)
    except BaseException:
        # Not closed, for closing would pack a file nobody wants; but Windows removes no file that is open.
        for worksheet in book.worksheets():
            worksheet.row_data_fh.close()
        raise
    book.close()
    return summary


def _cells(asked: Asked, *, full: bool) -> list[Cell]:
    own = asked.by.role in STATION_ROLES
    return [cell_of(column, asked.ledger, clear=full, own=own) for column in asked.ledger.columns]


def _rows(asked: Asked, layout: Layout | Lines, progress: Progress, *, full: bool) -> Summary:
    """Write all rows, those of the tables beside as well, and the line that adds them up."""
    ledger = asked.ledger
    sums = {n: 0 for n, column in enumerate(ledger.columns) if column.total}
    parts = asked.parts()
    total, done = sum(part.count() for part in parts), 0
    progress(0, total)
    for part in parts:
        if part is not asked:
            layout.use(_cells(part, full=full))
        for rows in part.chunks():
            layout.add(rows)
            for n in sums:
                sums[n] += sum(row[n] or 0 for row in rows)
            done += len(rows)
            progress(done, max(total, done))
    layout.finish(done, sums)
    return Summary(done, {ledger.columns[n].key: int(minutes) for n, minutes in sums.items()})


def _fill_csv(half: Path, asked: Asked, number: str, *, full: bool, progress: Progress) -> Summary:
    """The same rows as text, for programs that read no workbooks."""
    with half.open("w", encoding="utf-8-sig", newline="") as file:
        note = note_of(asked, number, full=full)
        return _rows(asked, Lines(file, asked.ledger, _cells(asked, full=full), title_of(asked), note), progress, full=full)


def title_of(asked: Asked) -> str:
    """Whose ledger of what, and of which days: the first line, and a good file name."""
    station = asked.station or Station.get_or_none(Station.id == asked.by.station_id)
    if asked.division is not None and asked.station is None:
        whose = asked.division.name
    elif station is not None:
        whose = station.name
    else:
        division = Division.get_or_none(Division.code == asked.by.division)
        whose = division.name if division else ""
    first, last = asked.period
    days = f"（{first or '最早'} 至 {last or clock.today()}）" if first or last else ""
    title = asked.ledger.title
    return f"{whose} {title}{'' if title.endswith('账') else '台账'}{days}".strip()


def _mark(asked: Asked, number: str) -> str:
    """Who took the file out and when, and its number: a copy that lies about leads back to the audit log."""
    return f"导出：{asked.by.name}（{asked.by.role.label}）　时间：{clock.now():%Y-%m-%d %H:%M}　文件号：{number}"


def note_of(asked: Asked, number: str, *, full: bool) -> str:
    """Who made the file and when, and what to know when reading it."""
    ledger = asked.ledger
    said = [_mark(asked, number)]
    if any(column.kind == "sealed" for column in ledger.columns):
        said.append("含完整号码，注意保管" if full else "号码和地址已遮盖")
    if ledger.leaves_out and "state" not in asked.filters:
        labels = "、".join(ledger.model.life.state(state).label for state in ledger.leaves_out)
        said.append(f"不含{labels}的")
    if asked.filters:
        said.append(f"只含所选的{'、'.join(ledger.model.label(name) for name in asked.filters)}")
    return "　".join(said)


def _silent(done: int, total: int) -> None:
    """Nobody is waiting."""
