"""What each kind of notice lists: on the desk's page, on the paper that hangs out, and on the public site."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import Expression, Value, fn

from models.base import BaseModel
from models.certificates import Certificate
from models.honours import Honour
from models.notices import Notice
from models.records import ServiceRecord
from models.stars import StarGrant
from views import cells, lists

MOST = 5000  # lines of one notice, as on paper


@dataclass(frozen=True)
class Lines:
    """The rows of one kind: columns after the line number and the name, as (heading, path, whether a number)."""

    model: type[BaseModel]
    columns: tuple[tuple[str, str, bool], ...]
    order: tuple[str, ...]
    says: str  # what the paper says of the list
    adds_up: bool = False

    @property
    def paths(self) -> list[str]:
        owners = [f"{name}.name" for name in ("volunteer", "team") if name in self.model._meta.fields]
        return [*owners, *(path for _, path, _ in self.columns)]


LINES: dict[str, Lines] = {
    "records": Lines(
        ServiceRecord,
        (("活动", "activity.name", False), ("日期", "started_on", False), ("时长（小时）", "minutes", True)),
        ("started_at", "id"),
        "根据《志愿服务记录办法》，现将下列志愿服务记录予以公示。",
        adds_up=True,
    ),
    "stars": Lines(
        StarGrant,
        (("拟认定星级", "star", False), ("累计工时（小时）", "honour_minutes", True)),
        ("-star", "id"),
        "根据志愿者星级认定制度，现将下列拟认定的星级志愿者予以公示。",
    ),
    "honours": Lines(
        Honour,
        (("荣誉称号", "title", False), ("授予单位", "body", False)),
        ("title", "id"),
        "根据志愿者嘉许制度，现将下列拟嘉许的志愿者予以公示。",
    ),
    "certificates": Lines(
        Certificate,
        (
            ("证明编号", "number", False), ("时段起", "first_day", False), ("时段止", "last_day", False),
            ("时长（小时）", "minutes", True),
        ),
        ("number", "id"),
        "根据《志愿服务记录与证明出具办法（试行）》，现将下列已出具的志愿服务证明在本单位内公示。",
        adds_up=True,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One notice's lines, ready for a page."""

    lines: Lines
    rows: list[Any]
    minutes: int
    opens: str  # the endpoint that a line opens at the desk

    def cell(self, row: Any, path: str) -> str:
        if path == "started_on":
            return row.started_at.date().isoformat()
        return cells.show(row, path)

    def name(self, row: Any) -> str:
        """Whose the line is, in full."""
        return row.volunteer.name if row.volunteer_id else row.team.name

    def masked(self, row: Any) -> str:
        """Whose the line is, as anyone may read it; a team is nobody's privacy."""
        return row.volunteer.masked_name if row.volunteer_id else row.team.name

    def choices(self) -> list[tuple[int, str]]:
        """Lines to choose from: the line's number, whose it is, and what it says."""
        return [
            (
                row.id,
                "　".join([str(row.id), self.name(row), *(str(self.cell(row, c[1])) for c in self.lines.columns)]),
            )
            for row in self.rows
        ]


def sheet(notice: Notice, *where: Expression) -> Sheet:
    """The lines of a notice in the order of its list; three statements, however many."""
    rows = _rows(notice, where, 0, MOST)
    one = LINES[notice.kind]
    return Sheet(one, rows, sum(row.minutes for row in rows) if one.adds_up else 0, one.model.resource)


def part(notice: Notice, page: int, size: int) -> tuple[Sheet, int]:
    """One page of the lines, with the minutes of all of them, and how many there are."""
    one = LINES[notice.kind]
    total = fn.COALESCE(fn.SUM(one.model.minutes), 0) if one.adds_up else Value(0)
    count, minutes = one.model.select(fn.COUNT(1), total).where(one.model.notice == notice.id).scalar(as_tuple=True)
    return Sheet(one, _rows(notice, (), page * size, size), minutes, one.model.resource), count


def _rows(notice: Notice, where: Iterable[Expression], first: int, most: int) -> list[Any]:
    one = LINES[notice.kind]
    key = one.model._meta.primary_key
    fields = [(one.model._meta.fields[name.lstrip("-")], name[0] == "-") for name in one.order]
    ids = one.model.select(key).where(one.model.notice == notice.id, *where)
    ids = ids.order_by(*(field.desc() if down else field for field, down in fields)).offset(first).limit(most)
    return lists.with_keys(one.model, [p for p in one.paths if p != "started_on"], [k for (k,) in ids.tuples()])
