"""What the kinds have in common of which a line is one row that a person might have entered: the row is found by its mark
or by what it says, judged by the model's own checks, entered or amended, and nothing else becomes of it.

A kind's ``judge``::

    with together():
        desk = Desk(seen, Project, PROJECTS)
        desk.known(rows, key)                     # rows of the station that lines without a mark may mean
        for line in seen.lines:
            values = desk.said(line)              # the editable columns that the line says
            ...                                   # names of other rows turned into those rows, each a finding where not
            desk.weigh(line, values, key=(...), vouched=("team",))
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from peewee import Field, ModelSelect

from models.base import database
from models.fields import CodeField, CodesField, SealedCodesField
from models.moves import Entered
from models.refusals import refuse
from models.scope import held
from models.together import Judged, judge_change, judge_new
from models.vocabulary import choices
from rules.findings import Finding
from rules.reading import read_text, unkept
from views.ledgers import marked
from views.ledgers.cells import cell_of
from views.ledgers.columns import Column, Ledger
from views.ledgers.incoming import CHANGED, NEW, SAME, Line, Note, Preview, as_text

LOOKUP = marked.LOOKUP
WORKED_OUT = "%(columns)s由系统得出或在各自页面办理，新的行里写了也不读。"


class Desk:
    """One judging of the lines of one table, each of which is a row of ``model`` as ``ledger`` shows it."""

    def __init__(
        self, seen: Preview, model: type[Entered], ledger: Ledger | None, query: ModelSelect | None = None,
        saved: Callable[[Any], Mapping[str, Any]] = lambda row: {},
    ) -> None:  # fmt: skip
        """``saved`` are the values behind masked columns that the row itself does not have."""
        self.seen, self.model = seen, model
        self.found = marked.rows_of(seen, model, query)
        self.fixed = [column.key for column in seen.kind.columns if column.fixed]
        self.first: dict[Hashable, int] = seen.memory.setdefault("first", {})
        self.rows: dict[Hashable, list[Any]] = {}
        for line in seen.lines:
            self._keepable(line)
            there = self.found.get(line.number)
            marked.settle_masked(seen, line, there and there.row, saved(there.row) if there else None)
        if ledger is not None and self.found:
            self._warn_fixed(ledger)

    def _keepable(self, line: Line) -> None:
        """A text that no database keeps is refused before anything is looked up by it."""
        for key, value in list(line.values.items()):
            if isinstance(value, str) and (says := unkept(value)):
                self.seen.add(line, [Finding(key, f"「{self.seen.header.shown[key]}」{says}")])
                line.unread.add(key)
                del line.values[key]

    def row(self, line: Line) -> Any:
        """The row that the line's mark names; None where it has none."""
        there = self.found.get(line.number)
        return there.row if there else None

    def known(self, rows: Iterable[Any], key: Callable[[Any], Hashable]) -> None:
        """Rows of the station, by what a line without a mark says of them."""
        for row in rows:
            self.rows.setdefault(key(row), []).append(row)

    def said(self, line: Line) -> dict[str, Any]:
        """The model's columns that the line says; what it leaves blank says nothing."""
        names = set(self.model.editable.split())
        return {key: value for key, value in line.values.items() if key in names and key not in self.fixed}

    def meant(self, line: Line, key: Hashable | None) -> Any:
        """The row that a line means: by its mark, else the one of that key; a finding where several bear it."""
        if (row := self.row(line)) is not None or key is None:
            return row
        rows = self.rows.get(key, [])
        if len(rows) > 1:
            says = f"已有 {len(rows)} 条这样的内容，分不清是哪一条；请从本系统导出台账，在导出的表里改。"
            self.seen.add(line, [Finding(self.seen.kind.columns[0].key, says)])
        return rows[0] if rows else None

    def weigh(
        self, line: Line, values: Mapping[str, Any], *, key: Hashable | None, vouched: Sequence[str] = (),
        made: Mapping[str, Any] | None = None,
    ) -> Judged | None:  # fmt: skip
        """Judge the line and settle what becomes of it. ``made`` are columns of a new row that a person does not set."""
        seen = self.seen
        row = self.meant(line, key)
        self._once(line, ("row", row.id) if row is not None else key)
        if row is None:
            self._at_home(line)
            self._note_unread(line)
            fresh = self.model(station=seen.station, **(made or {}), **values)
            judged = judge_new(fresh, seen.by, vouched)
        else:
            judged = judge_change(row, differing(row, values), seen.by, vouched)
        line.result = judged
        seen.add(line, [*self._retired(row, values), *judged.findings])
        there = self.found.get(line.number)
        if there and there.stale and judged.changed:
            seen.add(line, [there.stale])
        line.settle(NEW if judged.new else CHANGED if judged.changed else SAME)
        return judged

    def _once(self, line: Line, key: Hashable | None) -> None:
        if key is None:
            return
        earlier = self.first.setdefault(key, line.number)
        if earlier != line.number:
            says = f"与第 {earlier} 行说的是同一条，请只留一行。"
            self.seen.add(line, [Finding(self.seen.kind.columns[0].key, says)])

    def _at_home(self, line: Line) -> None:
        """A new row is the own station's."""
        said, own = line.values.get("station"), self.seen.station.name
        if said and said != read_text(own):
            self.seen.add(line, [Finding("station", f"这一行是「{said[:30]}」的，这里只能导入「{own}」的。")])

    def _note_unread(self, line: Line) -> None:
        keys = [key for key in self.fixed if key in line.values and key != "station"]
        note = Note(WORKED_OUT, columns=[f"「{self.seen.header.shown[key]}」" for key in keys])
        if keys and note not in self.seen.notes:
            self.seen.notes.append(note)

    def _retired(self, row: Any, values: Mapping[str, Any]) -> list[Finding]:
        """Words that are no longer used stand where they stood, and are not chosen anew."""
        findings = []
        for name, value in values.items():
            column = self.model._meta.fields.get(name)
            if not isinstance(column, CodeField | CodesField | SealedCodesField) or not value:
                continue
            active = {code for code, _ in choices(column.kind)}
            had = set(as_codes(row.was.get(name) if row is not None else None))
            if any(code not in active and code not in had for code in as_codes(value)):
                findings.append(Finding(name, "这个词已停用，请另选一个在用的。"))
        return findings

    def _warn_fixed(self, ledger: Ledger) -> None:
        """Say of each cell that was edited in vain how it stands: columns that are a row's own, in one query for all."""
        header, seen = self.seen.header, self.seen
        columns = [c for c in ledger.columns if c.key in self.fixed and c.key in header.places and _plain_column(c)]
        if not columns:
            return
        key = ledger.model._meta.primary_key
        cells = [cell_of(column, ledger, clear=True, own=True) for column in columns]
        shown: dict[int, list[Any]] = {}
        ids = sorted({there.row.id for there in self.found.values()})
        for at in range(0, len(ids), LOOKUP):
            query = ledger.join(ledger.model.select(key, *(column.source for column in columns)))
            for id, *raw in database.execute(query.where(key.in_(ids[at : at + LOOKUP]))).fetchall():
                shown[id] = [
                    "" if value in (None, "") else cell.convert(value) if cell.convert else value
                    for cell, value in zip(cells, raw, strict=True)
                ]
        for line in seen.lines:
            there = self.found.get(line.number)
            for column, value in zip(columns, shown.get(there.row.id, []) if there else [], strict=False):
                cell = header.value(line.cells, column.key)
                if cell is not None and not _agrees(cell, value):
                    stands = _as_written(column, value)
                    says = (
                        f"这一列不能由表格修改，仍为「{stands}」。" if stands else "这一列不能由表格修改，仍为空白。"
                    )
                    seen.add(line, [Finding(column.key, says, warning=True)])


def take(seen: Preview) -> None:
    """Write the lines that were judged; a row that somebody changed since is refused, and with it all."""
    hold(seen)
    for line in seen.lines:
        if line.status in (NEW, CHANGED):
            line.result.store(seen.by)


def hold(seen: Preview) -> None:
    """Hold the rows that will be changed to the end of the transaction, as they were judged."""
    rows = {line.result.row.id: line for line in seen.lines if line.status == CHANGED and line.result.changed}
    if not rows:
        return
    model, keys = type(next(iter(rows.values())).result.row), sorted(rows)
    for at in range(0, len(keys), LOOKUP):
        query = model.select(model.id, model.revision).where(model.id.in_(keys[at : at + LOOKUP])).order_by(model.id)
        for now in held(query):
            if now.revision != rows[now.id].result.row.revision:
                raise refuse(f"第 {rows[now.id].number} 行刚刚被别人改过，请重新预览。")


def differing(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that are not what the row says: spaces and full-width letters make no difference."""
    found = {}
    for name, value in values.items():
        stands = row.__data__.get(name)
        if isinstance(value, str) and isinstance(stands, str) and read_text(value) == read_text(stands):
            continue
        if isinstance(value, list) and set(as_codes(value)) == set(as_codes(stands)):
            continue
        found[name] = value
    return found


def as_codes(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else list(value or [])


def looked_up(seen: Preview, key: str, query: ModelSelect, field: Field) -> dict[str, list[Any]]:
    """What the lines name in one column, found by that name: text -> rows; one query for every four hundred names."""
    said = sorted({line.values[key] for line in seen.lines if isinstance(line.values.get(key), str)})
    found: dict[str, list[Any]] = {}
    for at in range(0, len(said), LOOKUP):
        for row in query.where(field.in_(said[at : at + LOOKUP])):
            found.setdefault(read_text(getattr(row, field.name)), []).append(row)
    return found


def the_one(seen: Preview, line: Line, key: str, rows: Mapping[str, list[Any]], what: str) -> Any:
    """The row that a line names in a column; a finding where there is none or more than one."""
    text = line.values.get(key)
    if not text:
        return None
    found = rows.get(text, [])
    if len(found) == 1:
        return found[0]
    says = (
        f"没有找到叫“{text[:30]}”的{what}，请核对名称，或先登记。"
        if not found
        else f"叫“{text[:30]}”的{what}有 {len(found)} 个，请在页面上登记。"
    )
    seen.add(line, [Finding(key, says)])
    line.unread.add(key)
    return None


def _plain_column(column: Column) -> bool:
    return (
        isinstance(column.source, Field)
        and not getattr(column, "look", None)
        and column.kind not in ("sealed", "age", "account")
    )


def _agrees(cell: Any, value: Any) -> bool:
    """Whether a cell of the file says what the ledger would write there."""
    if isinstance(cell, datetime) and isinstance(value, int):
        cell = cell.date()
    if isinstance(value, int | float) and isinstance(cell, date | datetime | time):
        return as_text(cell) == as_text(_moment(value, cell))
    if isinstance(value, int | float):
        try:
            return abs(float(read_text(cell)) - value) < 0.01
        except ValueError:
            return as_text(cell)[:10] == as_text(_moment(value, date.today())) if value > 1 else False
    return read_text(cell) == read_text(value)


def _moment(value: float, like: Any) -> Any:
    if isinstance(like, time):
        minutes = round(value * 1440)
        return time(minutes // 60 % 24, minutes % 60)
    return (datetime(1899, 12, 30) + timedelta(days=int(value))).date()


def _as_written(column: Column, value: Any) -> str:
    if column.kind in ("date", "datetime") and isinstance(value, int | float):
        return as_text(_moment(value, date(1900, 1, 1)))
    if column.kind == "time" and isinstance(value, int | float):
        return as_text(_moment(value, time(0)))
    return f"{value:.2f}" if column.kind == "hours" and value != "" else as_text(value)
