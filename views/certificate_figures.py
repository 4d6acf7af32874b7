"""信息和项目对接: the register of certificates by place, month and purpose, each by what has become of it; small groups hidden."""

from dataclasses import replace

from models import statistics
from models.certificate_counts import CERTIFIED, counted
from models.certificates import Certificate
from models.scope import Actor
from models.statistics import Line, Period
from rules.certificates import CERTIFICATE, ISSUED, PURPOSES
from rules.statistics import suppressed_alike
from views.figures import HIDDEN, Asked, Cell, Table, address_of, least_shown, line_of, looking_at
from views.wording import worded

TITLES = ("各地开具的志愿服务证明", "按月（开具的月份）", "按用途")
ALL = "开具合计"
NOTE = "按开具日期计，分列的是今天的状态；撤销的仍计入开具合计，以前开具的纸质证明不计。"
Row = tuple[Cell, Asked, Line | None, dict[str, str], list[int]]  # its name, what its cells lead to, and the counts


def certificates(wanted: Asked) -> list[Table]:
    """Three tables of the same certificates; what one hides the others do not give away."""
    by = looking_at(wanted)
    parts = [_places(wanted, by), _months(wanted, by), _purposes(wanted, by)]
    masks = suppressed_alike([[row[-1] for row in rows] for rows in parts], least_shown(wanted))
    return [_table(title, rows, hide, wanted) for title, rows, hide in zip(TITLES, parts, masks, strict=True)]


def _places(wanted: Asked, by: Actor) -> list[Row]:
    found = counted("station", wanted.period, by)
    rows = []
    for line in statistics.lines(wanted.division, wanted.by):
        values = [sum(found.get((key, state), 0) for key in line.stations) for state in ISSUED]
        rows.append((line_of(line, wanted), wanted, line, {}, values))
    return rows


def _months(wanted: Asked, by: Actor) -> list[Row]:
    found = counted("month", wanted.period, by)
    rows = []
    for month in wanted.period.months:
        only = replace(wanted, period=Period.of(month, month, wanted.period.last))
        rows.append((Cell(month), only, None, {}, [found.get((month, state), 0) for state in ISSUED]))
    return rows


def _purposes(wanted: Asked, by: Actor) -> list[Row]:
    found = counted("purpose", wanted.period, by)
    return [
        (Cell(worded(word)), wanted, None, {"purpose": code}, [found.get((code, state), 0) for state in ISSUED])
        for code, word in PURPOSES.items()
    ]


def _table(title: str, rows: list[Row], hide: list[list[bool]], wanted: Asked) -> Table:
    sums = [sum(column) for column in zip(*(row[-1] for row in rows), strict=True)] or [0] * len(ISSUED)
    shown = [
        (name, _cells(values, mask, span, line, more))
        for (name, span, line, more, values), mask in zip(rows, hide, strict=False)
    ]
    columns = [*(CERTIFICATE.state(state).label for state in ISSUED), ALL]
    return Table(title, columns, shown, _cells(sums, hide[-1], wanted, None, {}), NOTE if title == TITLES[-1] else "")


def _cells(values: list[int], hide: list[bool], span: Asked, line: Line | None, more: dict[str, str]) -> list[Cell]:
    """Each state's figure and their sum; each leads to its rows."""
    narrowed: list[dict[str, str]] = [*({"state": state} for state in ISSUED), {}]
    cells = []
    for value, hidden, state in zip([*values, sum(values)], hide, narrowed, strict=True):
        args = {"count": CERTIFIED.name, **more, **state}
        url = address_of(Certificate, span, line, args) if value and not hidden else ""
        cells.append(Cell(HIDDEN if hidden else f"{value:,}", url))
    return cells
