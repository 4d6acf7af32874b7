"""Lists that stay fast over millions of rows: ids first by an index, then those rows with their keys joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from peewee import JOIN, Expression, Field, ForeignKeyField, ModelSelect, fn

from models.base import BaseModel
from models.fields import SealedField, keyring
from models.scope import NOTHING, Actor, within
from rules.identity import mask, normalise

COUNT_CAP = 10_000  # beyond it a list says «10,000+» instead of counting everything
DOCUMENT_DIGITS = 18
MOST_WORDS = 12  # of a search that are looked for; a database bears no condition of a thousand parts


@dataclass(frozen=True)
class Page:
    """One page. ``count`` is exact up to `COUNT_CAP`; ``more`` says that there is a next page."""

    rows: list[Any]
    count: int
    capped: bool
    more: bool


@dataclass(frozen=True)
class Query:
    """What a list is asked for."""

    model: type[BaseModel]
    columns: Sequence[str]
    where: list[Expression]
    order: Sequence[Field]
    by: Actor

    def conditions(self) -> list[Expression]:
        return [within(self.model, self.by), *self.where]


def fetch(asked: Query, page: int, size: int) -> Page:
    """A page of rows. Four statements at the most, however many rows and keys it shows."""
    model = asked.model
    key = model._meta.primary_key
    ids = model.select(key).where(*asked.conditions()).order_by(*asked.order).offset(page * size).limit(size + 1)
    keys = [row[0] for row in ids.tuples()]
    more = len(keys) > size
    rows = with_keys(model, asked.columns, keys[:size])
    count = _count(asked, page, size, len(keys))
    return Page(rows, min(count, COUNT_CAP), count > COUNT_CAP, more)


def _count(asked: Query, page: int, size: int, got: int) -> int:
    if got and got <= size:  # the last page tells the count by itself
        return page * size + got
    some = asked.model.select(asked.model._meta.primary_key).where(*asked.conditions()).limit(COUNT_CAP + 1)
    return asked.model.select(fn.COUNT(1)).from_(some).scalar()


def with_keys(model: type[BaseModel], columns: Sequence[str], keys: Sequence[Any]) -> list[Any]:
    """The rows of these keys in their order, every foreign key that a column shows joined, none asked row by row.

    Sealed columns that no column shows are not read, let alone opened.
    """
    if not keys:
        return []
    wanted = {c.split(".")[0] for c in columns}
    fields = [f for f in model._meta.sorted_fields if not isinstance(f, SealedField) or f.name in wanted]
    paths = joins(model, columns)
    aliases = {path: _end(model, path).alias() for path in paths}
    chosen = [*fields]
    for alias in aliases.values():
        chosen += [getattr(alias, f.name) for f in alias.model._meta.sorted_fields if not isinstance(f, SealedField)]
    query: ModelSelect = model.select(*chosen)
    for path, alias in aliases.items():
        owner_path, _, name = path.rpartition(".")
        owner = aliases[owner_path] if owner_path else model
        on = getattr(owner, name) == getattr(alias, alias.model._meta.primary_key.name)
        query = query.join_from(owner, alias, JOIN.LEFT_OUTER, on=on, attr=name)
    rows = {row._pk: row for row in query.where(model._meta.primary_key.in_(keys))}
    return [rows[key] for key in keys if key in rows]


def joins(model: type[BaseModel], columns: Sequence[str]) -> list[str]:
    """Paths of the foreign keys that these columns go through, parents first."""
    found: list[str] = []
    for column in columns:
        steps = column.split(".")
        end = model
        for depth, step in enumerate(steps):
            field = end._meta.fields.get(step)
            if not isinstance(field, ForeignKeyField):
                break
            path = ".".join(steps[: depth + 1])
            if path not in found:
                found.append(path)
            end = field.rel_model
    return found


def _end(model: type[BaseModel], path: str) -> type[BaseModel]:
    for step in path.split("."):
        model = model._meta.fields[step].rel_model
    return model


def matching(model: type[BaseModel], paths: Sequence[str], words: str) -> list[Expression]:
    """Conditions for a search: every word must be found in one of the columns.

    A column of a related row is searched in a sub-select, never in a joined scan; a whole identity number is an
    exact look-up by its keyed index.
    """
    found = []
    for word in words.split()[:MOST_WORDS]:
        either = _by_document(model, number) if (number := "".join(documents(word))) else None
        found.append(_contains(model, paths, word) if either is None else either)
    return found


def documents(words: str) -> list[str]:
    """The whole identity numbers among the words of a search, as they are stored."""
    numbers = [normalise(word) for word in words.split()]
    return [number for number in numbers if len(number) == DOCUMENT_DIGITS and number[:-1].isdigit()]


SEARCHED = "search.document"  # the place that a number in an address is sealed for


def sealed_number(number: str) -> str:
    """What stands for an identity number in the address of a list: nobody who reads a log or a history reads it."""
    return keyring.seal(number, SEARCHED)


def asked_number(model: type[BaseModel], sealed: str) -> tuple[str, list[Expression]]:
    """The number (masked) by which a list's address asks for a person, and the condition; a forged one finds nobody."""
    if not sealed:
        return "", []
    try:
        number = keyring.unseal(sealed, SEARCHED)
    except ValueError:
        return "", [NOTHING]
    found = _by_document(model, number)
    return mask(number), [NOTHING if found is None else found]


def _contains(model: type[BaseModel], paths: Sequence[str], word: str) -> Expression:
    """The word in one of the columns; columns behind the same key share one sub-select, so its table is read once."""
    behind: dict[str, list[str]] = {}
    for path in paths:
        step, _, rest = path.partition(".")
        behind.setdefault(step, []).append(rest)
    either = []
    for step, rests in behind.items():
        field = model._meta.fields[step]
        if rests == [""]:
            either.append(field.contains(word))
        else:
            target = field.rel_model
            either.append(field.in_(target.select(target._meta.primary_key).where(_contains(target, rests, word))))
    return reduce(or_, either)


def _by_document(model: type[BaseModel], number: str) -> Expression | None:
    fields = model._meta.fields
    if "document_index" in fields:
        return fields["document_index"].finds(number)
    if "volunteer" in fields and isinstance(fields["volunteer"], ForeignKeyField):
        people = fields["volunteer"].rel_model
        return fields["volunteer"].in_(people.select(people.id).where(people.document_index.finds(number)))
    return None
