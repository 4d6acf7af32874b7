"""The bar above a list: each filter is declared by a column and answers with a condition and a control."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from peewee import BooleanField, DateField, DateTimeField, Expression, ForeignKeyField
from werkzeug.datastructures import MultiDict

from models import vocabulary
from models.base import BaseModel
from models.fields import CodeField, CodesField, SealedCodesField
from models.refusals import refuse
from models.scope import Actor, known
from rules.access import STATION_ROLES
from rules.life import Life
from views.cells import heading
from views.wording import worded

Choices = Callable[[str], list[tuple[str, str]]]
SELECT_LIMIT = 200  # beyond so many choices a filter is a search, never a select of thousands


@dataclass
class Control:
    """One filter as the template draws it. ``kind`` is select, period, pick or text."""

    kind: str
    name: str
    label: str
    value: Any = ""
    until: Any = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    shown: str = ""


def bar(
    model: type[BaseModel], names: list[str], args: MultiDict, by: Actor, choices: Choices
) -> tuple[list[Control], list[Expression]]:
    """The controls with what was chosen, and the conditions that follow.

    Raises ``Refusal`` with a Chinese sentence for a value that cannot be read.
    """
    controls, where = [], []
    for name in names:
        if name == "station" and by.role in STATION_ROLES:
            continue  # there is only the one
        control, conditions = _one(model, name, args, by, choices)
        controls.append(control)
        where += conditions
    return controls, where


def _one(
    model: type[BaseModel], name: str, args: MultiDict, by: Actor, choices: Choices
) -> tuple[Control, list[Expression]]:
    column = model._meta.fields[name]
    label = heading(model, name)
    value = args.get(name, "").strip()
    if isinstance(column, DateField | DateTimeField):
        return _period(column, name, label, args)
    if isinstance(column, ForeignKeyField):
        target = column.rel_model
        row = known(target, value, by) if value else None
        control = Control("pick", name, label, value if row else "", shown=str(row) if row else "")
        return control, [column == row._pk] if row else []
    control = Control("select", name, label, value, choices=choices(name))
    if value not in dict(control.choices):
        control.value = ""
        return control, []
    if isinstance(column, CodesField | SealedCodesField):
        return control, [column.has(value)]
    return control, [column == (value == "1" if isinstance(column, BooleanField) else value)]


def choices_of(model: type[BaseModel], name: str) -> list[tuple[str, str]]:
    """What a select offers for a column: its states, its terms, yes and no, or the column's own choices."""
    column = model._meta.fields[name]
    life = getattr(model, "life", None)
    if name == "state" and isinstance(life, Life):
        return [(s.name, worded(s.label)) for s in life.states]
    if isinstance(column, CodeField | CodesField | SealedCodesField):
        return vocabulary.choices(column.kind, active_only=False)[:SELECT_LIMIT]
    if isinstance(column, BooleanField):
        return [("1", worded("是")), ("0", worded("否"))]
    return [(str(value), worded(shown)) for value, shown in column.choices]


def _period(column: Any, name: str, label: str, args: MultiDict) -> tuple[Control, list[Expression]]:
    low, high = _day(args.get(f"{name}_from", ""), label), _day(args.get(f"{name}_until", ""), label)
    where = []
    timed = isinstance(column, DateTimeField)
    if low:
        where.append(column >= (datetime.combine(low, time.min) if timed else low))
    if high:
        where.append(column < datetime.combine(high + timedelta(days=1), time.min) if timed else column <= high)
    return Control("period", name, label, low or "", high or ""), where


def _day(text: str, label: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise refuse(f"「{label}」的日期「{text}」不对，应写作 2026-03-05。") from None
