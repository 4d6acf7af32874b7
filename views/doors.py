"""Doors: which value on a page leads to which other page, so that a figure opens to the rows that make it up.

Only a row that this person may know of gets a door; asked once a page for each kind of row, never once a row.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app, url_for
from peewee import ForeignKeyField

from models.base import BaseModel
from models.scope import Actor, within
from rules.access import TABLE
from views.asking import allowed
from views.cells import follow

# shown path -> the table that it opens, and the path of the key
Opens = Mapping[str, tuple[type[BaseModel], str]]
Doors = dict[tuple[Any, str], str]


def doors(rows: list[Any], opens: Opens, by: Actor) -> Doors:
    """(row's key, path) -> address, for every shown value that leads somewhere."""
    found: Doors = {}
    for path, (model, key_path) in opens.items():
        route = f"{model.resource}.details_view"
        if route not in current_app.view_functions or not allowed("see", model.resource):
            continue
        keys = {row._pk: _key(row, key_path) for row in rows}
        known = _known(model, {key for key in keys.values() if key is not None}, by)
        found |= {(pk, path): url_for(route, id=key) for pk, key in keys.items() if key in known}
    return found | _policies(rows, opens)


def of_keys(model: type[BaseModel], paths: Iterable[str]) -> dict[str, tuple[type[BaseModel], str]]:
    """What the foreign keys among these paths open: the rows that they name."""
    found = {}
    for path in paths:
        end, last = follow(model, path)
        field = end._meta.fields.get(last)
        if isinstance(field, ForeignKeyField) and field.rel_model.resource in TABLE:
            found[path] = (field.rel_model, path)
    return found


def _policies(rows: list[Any], opens: Opens) -> Doors:
    """The version that judged a row opens to its text."""
    if "policy.version_view" not in current_app.view_functions or not allowed("see", "policy"):
        return {}
    judged = [(row, name, getattr(row, name, "")) for row in rows for name in ("policy", "format_policy")]
    return {
        (row._pk, name): url_for("policy.version_view", key=key, of=f"{row.resource}:{row._pk}")
        for row, name, key in judged
        if key
    }


def _known(model: type[BaseModel], keys: set[Any], by: Actor) -> set[Any]:
    if not keys:
        return set()
    own = model._meta.primary_key
    # A foreign key as primary key (a balance is its volunteer's) is compared and read as the plain value.
    return {row[0] for row in model.select(own).where(own.in_(keys), within(model, by)).tuples()}


def _key(row: Any, path: str) -> Any:
    for step in path.split("."):
        row = getattr(row, step, None)
        if row is None:
            return None
    return row._pk if isinstance(row, BaseModel) else row
