"""What a kind does with marked lines: their rows in scope, what changed since, masked cells, columns that only go out.

In a kind's ``judge``::

    found = rows_of(seen, Volunteer)                  # line number -> Found(row, stale); two queries per 400 marks
    for line in seen.lines:
        there = found.get(line.number)                # None: no mark, or refused already (not found, of another table)
        settle_masked(seen, line, there and there.row)     # before reading line.values of columns with ``mask=``
        warn_fixed(seen, line, {"registered_on": there.row.registered_on})   # columns declared ``fixed=True``
        ...
        if something_would_change and there and there.stale:
            seen.add(line, [there.stale])             # refused, naming who; a line that changes nothing is just «same»

A kind says ``Incoming(..., mask=mask_phone)`` for a column that the ledger masks: a cell that `looks_masked` is then not
read but kept in ``line.masked`` until `settle_masked`, which takes it for «unchanged» where it equals the mask of what is
saved, and otherwise refuses it. Every other cell is read, a full number too that has the very mask of the one before it;
whoever writes stars over stars of another number that look the same has said nothing. ``Incoming(..., fixed=True)`` is a column that the ledger writes and an import cannot change.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import ModelSelect, fn

from models.audit import Trail
from models.base import BaseModel
from models.scope import within
from rules.findings import Finding
from views.ledgers.incoming import SAME, Line, Preview, as_text
from views.ledgers.marks import MARK

_STARS = re.compile(r"\*\*|^\*$")
LOOKUP = 400  # marks that one query looks up
NOT_FOUND = "没有找到这一行：可能已不在本站，或不是本站导出的。"


@dataclass(frozen=True)
class Found:
    """A marked line's row as it stands, and what to say where it is not as it was exported."""

    row: Any
    stale: Finding | None = None


def rows_of(seen: Preview, model: type[BaseModel], query: ModelSelect | None = None) -> dict[int, Found]:
    """line number -> its row, within the actor's scope and, where the table has one, at the preview's station.

    A mark of another table, or of a row that is not there or a stranger's, refuses the line. ``query`` is what to select
    (joins, columns); the model's own columns otherwise.
    """
    table = model._meta.table_name
    asked: dict[int, list[Line]] = {}
    for line in seen.lines:
        if line.mark is None:
            continue
        if line.mark.table != table:
            seen.add(line, [Finding(MARK, "行标识是另一种台账的，请从对应的台账导入。")])
        else:
            asked.setdefault(line.mark.id, []).append(line)
    rows: dict[int, Any] = {}
    for keys in _parts(sorted(asked)):
        chosen = (query or model.select()).where(model._meta.primary_key.in_(keys), within(model, seen.by))
        if "station" in model._meta.fields:
            chosen = chosen.where(model.station == seen.station.id)
        rows.update({row._pk: row for row in chosen})
    late = {
        line.mark.id for id, lines in asked.items() if id in rows
        for line in lines if line.mark.revision != getattr(rows[id], "revision", 0)
    }  # fmt: skip
    said = _who_changed(model, sorted(late))
    found = {}
    for id, lines in asked.items():
        for line in lines:
            if id not in rows:
                seen.add(line, [Finding(MARK, NOT_FOUND)])
                continue
            late_line = line.mark.revision != getattr(rows[id], "revision", 0)
            found[line.number] = Found(rows[id], said[id] if late_line else None)
    return found


def looks_masked(cell: str) -> bool:
    """Whether a cell shows stars in place of what is not shown: every mask has two side by side, or nothing else. One
    star among other letters is somebody's own (2*3)."""
    return bool(_STARS.search(_plain(cell)))


def settle_masked(seen: Preview, line: Line, row: Any, saved: Mapping[str, str] | None = None) -> None:
    """Masked cells: unchanged where they equal the mask of what the row has (or ``saved``, by column key), else refused."""
    columns = {column.key: column for column in seen.kind.columns}
    for key, text in line.masked.items():
        known = (saved or {}).get(key, getattr(row, key, "") if row is not None else "")
        if known and _plain(columns[key].mask(known)) == _plain(text):
            continue
        says = (
            "号码是遮盖的，又与现在保存的对不上，请填完整。"
            if row is not None
            else "内容是遮盖的（有 *），请填完整。"
        )
        seen.add(line, [Finding(key, says)])
        line.unread.add(key)
    line.masked.clear()


def refuse_edited(
    seen: Preview, model: type[BaseModel], query: ModelSelect, saved: Callable[[Any], Mapping[str, Any]], says: str
) -> None:
    """Marked lines of rows that nobody changes any more: edited they are refused with ``says``, else they are the same.

    ``saved`` is what a row says, by column, as the columns read it; where it has nothing, an empty cell or a nought is
    no edit.
    """
    found = rows_of(seen, model, query)
    for line in seen.lines:
        there = found.get(line.number)
        if there is not None:
            edited = [
                key for key, value in saved(there.row).items()
                if key in seen.header.places and key not in line.unread and (line.values.get(key) or None) != (value or None)
            ]  # fmt: skip
            seen.add(line, [Finding(key, says) for key in edited])
        if line.mark is not None:
            line.settle(SAME)


def warn_fixed(seen: Preview, line: Line, saved: Mapping[str, Any]) -> None:
    """A warning for each ``fixed`` column whose cell says otherwise than what is saved (values as the column reads them)."""
    for key, value in saved.items():
        said = line.values.get(key)
        if key in line.values and said != value and as_text(said) != as_text(value):
            seen.add(line, [Finding(key, f"这一列不能由表格修改，仍为「{as_text(value)}」。", warning=True)])


def _who_changed(model: type[BaseModel], keys: Sequence[int]) -> dict[int, Finding]:
    """A sentence for each of these rows: who touched it last and what."""
    table = model._meta.table_name
    said = {key: Finding(MARK, "导出以后这一行改过，请重新导出，再改。") for key in keys}
    for part in _parts(keys):
        last = (
            Trail.select(fn.MAX(Trail.id))
            .where(Trail.table == table, Trail.row.in_([str(key) for key in part]), Trail.action != "reveal")
            .group_by(Trail.row)
        )
        for trace in Trail.select().where(Trail.id.in_(last)):
            before, after = trace.before or {}, trace.after or {}
            names = [n for n, value in after.items() if n in model._meta.fields and before.get(n) != value]
            what = "、".join(f"「{model.label(name)}」" for name in names)
            says = f"导出以后{trace.who}改过这一行{f'的{what}' if what else ''}，请重新导出，在最新的内容上改。"
            said[int(trace.row)] = Finding(MARK, says)
    return said


def _parts(keys: Sequence[int]) -> list[Sequence[int]]:
    return [keys[at : at + LOOKUP] for at in range(0, len(keys), LOOKUP)]


def _plain(text: object) -> str:
    return as_text(text).replace("＊", "*").replace(" ", "").strip()
