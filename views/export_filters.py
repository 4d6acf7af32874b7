"""What an export can be narrowed by on its page: listed values of each ledger, and what a list was narrowed by."""

from collections.abc import Mapping

from peewee import BooleanField, ForeignKeyField

from models.fields import CodeField
from models.refusals import Refusal
from models.scope import Actor, find
from models.stations import Division
from models.vocabulary import choices
from views.ledgers.columns import Ledger


def offered(ledger: Ledger) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """name -> (label, [(value, word)]) of every filter whose values can be listed."""
    found = {}
    for name in ledger.filters:
        field = ledger.model._meta.fields[name]
        if name == "state":
            values = [(state.name, state.label) for state in ledger.model.life.states]
        elif field.choices:
            values = [(str(value), label) for value, label in field.choices if value != ""]
        elif isinstance(field, CodeField):
            values = choices(field.kind)
        elif isinstance(field, BooleanField):
            values = [("1", "是"), ("0", "否")]
        else:
            continue
        found[name] = (ledger.model.label(name), values)
    return found


def chosen(said: Mapping[str, str], ledger: Ledger) -> dict[str, str]:
    """Values of the listed filters, from the page's own form or a list's address; what is not offered is left out."""
    found = {}
    for name, (_, values) in offered(ledger).items():
        value = said.get(f"{ledger.name}-{name}", said.get(name, ""))
        if value in dict(values):
            found[name] = value
    return found


def handed_on(said: Mapping[str, str], ledger: Ledger, by: Actor) -> dict[str, tuple[int, str, str]]:
    """name -> (key, label, what it is) of the rows that a list was narrowed to, as far as this person may know of them."""
    found = {}
    for name in ledger.filters:
        field, value = ledger.model._meta.fields[name], said.get(name, "")
        if isinstance(field, ForeignKeyField) and field.rel_model is not Division and value.isdecimal():
            try:
                row = find(field.rel_model, int(value), by)
            except Refusal:
                continue
            found[name] = (int(value), ledger.model.label(name), str(getattr(row, "name", row)))
    return found
