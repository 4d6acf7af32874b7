"""What somebody saw is what she decides on: whoever saved in between is named, and what stands now is said.

A page hands back the revision of each row that it showed; inside `as_seen` nothing is done on a row that is another one
by now. Columns of one row are guarded by `Entered.amend` itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from models.audit import Trail
from models.base import BaseModel, transaction
from models.fields import SealedCodesField, SealedField
from models.refusals import refuse_if
from models.scope import Actor, within
from rules.findings import Finding

MOST = 500  # rows that one page shows with their revisions

_seen: ContextVar[Mapping[tuple[str, str], int] | None] = ContextVar("seen", default=None)


@contextmanager
def as_seen(
    model: type[BaseModel], revisions: Mapping[str, int], by: Actor, names: Sequence[str] = ()
) -> Iterator[None]:
    """What is done inside, in one transaction, is done on rows of these keys as they were at these revisions.

    Raises ``Refusal`` before anything is done, with a finding for each row that changed: where it names the row's key,
    and says who changed it and, of the columns ``names``, how they stand now.
    """
    if not revisions:
        yield
        return
    key = model._meta.primary_key
    with transaction():
        rows = list(model.select().where(key.in_(_keys(model, list(revisions)[:MOST])), within(model, by)))
        refuse_if([found for row in rows for found in changed(row, revisions.get(str(row._pk)), names)])
        table = model._meta.table_name
        token = _seen.set({(table, pk): revision for pk, revision in revisions.items()})
        try:
            yield
        finally:
            _seen.reset(token)


def still_as_seen(row: Any) -> list[Finding]:
    """Asked again by a move once it holds the row: another may have come in just before."""
    return changed(row, (_seen.get() or {}).get((row._meta.table_name, str(row._pk))))


def changed(row: Any, revision: int | None, names: Sequence[str] = ()) -> list[Finding]:
    """A finding where the row is no longer at this revision; without one nothing was shown, and nothing is found."""
    if revision is None or revision == row.revision:
        return []
    last = (
        Trail.select()
        .where(Trail.table == row._meta.table_name, Trail.row == str(row._pk), Trail.action != "reveal")
        .order_by(Trail.id.desc())
        .first()
    )
    who = last.who if last else "别人"
    before, after = (last.before or {}, last.after or {}) if last else ({}, {})
    names_of = [name for name, value in after.items() if name in row._meta.fields and before.get(name) != value]
    what = "、".join(f"「{row.label(name)}」" for name in names_of)
    now = stands(row, names)
    says = f"您打开这一页以后，{who}改过{what}，{f'现在保存的是：{now}。' if now else ''}请对照最新内容再办理。"
    return [Finding(str(row._pk), says)]


def stands(row: Any, names: Sequence[str]) -> str:
    """These columns as they stand, in words; what is sealed stays unsaid."""
    said = []
    for name in names:
        field, value = row._meta.fields[name], getattr(row, name)
        if value in (None, "", []):
            continue
        if isinstance(field, SealedField | SealedCodesField):
            value = "（已加密）"
        elif isinstance(value, datetime):
            value = f"{value:%H:%M}"
        elif field.choices:
            value = dict(field.choices).get(value, value)
        said.append(f"{field.verbose_name or name} {value}")
    return "，".join(said)


def _keys(model: type[BaseModel], texts: list[str]) -> list[Any]:
    """The keys that these texts can be; a forged one is none."""
    found = []
    for text in texts:
        try:
            found.append(model._meta.primary_key.adapt(text))
        except (TypeError, ValueError):
            continue
    return [one for one in found if not isinstance(one, int) or abs(one) < 2**63]
