"""Related rows below a detail: a household's people, a team's members, a project's posts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from models.base import BaseModel
from models.scope import Actor, within
from rules.access import TABLE
from views import cells, lists
from views.asking import allowed

ROWS = 20  # of each kind; the rest are a click away


@dataclass(frozen=True)
class Below:
    """Rows of ``model`` whose key column ``by_column`` is the row shown; ``adds`` offers its form prefilled."""

    title: str
    model: type[BaseModel]
    by_column: str
    columns: str
    adds: bool = False
    order: str = "-id"


@dataclass(frozen=True)
class Shown:
    """One such list, ready for the page."""

    title: str
    headings: list[tuple[str, str, bool]]  # path, label, whether it is a number
    rows: list[Any]
    more: str  # address of the whole list, blank where the page shows all
    opens: str  # the screen's endpoint
    add: str  # address of the prefilled form, blank where nothing may be added
    show: Any


def below(row: BaseModel, wanted: Sequence[Below], by: Actor) -> list[Shown]:
    """The lists that this person may see; two or three statements each, however many rows."""
    return [_shown(row, one, by) for one in wanted if allowed("see", one.model.resource)]


def _shown(row: BaseModel, one: Below, by: Actor) -> Shown:
    model, columns = one.model, one.columns.split()
    screen = next(v for v in current_app.extensions["admin"][0]._views if getattr(v, "model", None) is model)
    key, order = model._meta.fields[one.by_column], model._meta.fields[one.order.lstrip("-")]
    ids = model.select(model._meta.primary_key).where(key == row._pk, within(model, by))
    keys = [k for (k,) in ids.order_by(order.desc() if one.order[0] == "-" else order).limit(ROWS + 1).tuples()]
    found = lists.with_keys(model, columns, keys[:ROWS])
    screen.adorn(found)
    adding = one.adds and "enter" in TABLE[model.resource] and allowed("enter", model.resource)
    narrows = one.by_column in screen.filtered()
    return Shown(
        title=one.title,
        headings=[(c, cells.heading(model, c), cells.is_number(model, c)) for c in columns],
        rows=found,
        more=url_for(f"{screen.endpoint}.index_view", **{one.by_column: row._pk})
        if narrows and len(keys) > ROWS
        else "",
        opens=screen.endpoint,
        add=url_for(f"{screen.endpoint}.create_view", **{one.by_column: row._pk}) if adding else "",
        show=screen.show,
    )
