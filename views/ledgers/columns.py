"""What a ledger is made of: declared columns over one table, its joins, its order and what it adds up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Field, ModelSelect, Node

from models.base import BaseModel
from models.stations import Station
from models.volunteers import Volunteer


@dataclass(frozen=True)
class Column:
    """One column. ``source`` is a model's field or an SQL expression; ``kind`` says how its raw value becomes a cell.

    Kinds: text, long_text, int, hours (whole minutes shown as hours), date, datetime, time, yes, state, choice,
    term and codes (``words`` names the vocabulary), grid (service times), age (whole years today, of a birth date),
    account (its holder's name), sealed (``mask`` hides it), and private (``mask`` hides it from everyone who is not of
    the station). ``look`` finds the values of many rows at once, by their keys: one query a chunk, and ``source`` is
    the table's key.
    """

    source: Node
    kind: str = "text"
    width: int = 12  # characters of Excel's default font; a Chinese character is two
    header: str = ""
    name: str = ""
    total: bool = False
    words: str = ""
    mask: Callable[[str], str] | None = None
    look: Callable[[Sequence[int]], Mapping[int, str]] | None = None

    @property
    def label(self) -> str:
        """The header: the model's own Chinese name for the field unless the ledger needs another."""
        if self.header:
            return self.header
        assert isinstance(self.source, Field), "an expression needs a header"
        return str(self.source.verbose_name)

    @property
    def key(self) -> str:
        """The name by which totals are reported: the field's unless the column has its own."""
        return self.name or getattr(self.source, "name", "") or self.header


STATION = Column(Station.name, width=30, header="工作站", name="station")
CARD = Column(Volunteer.card_no, width=18)
NAME = Column(Volunteer.name, width=10)


@dataclass(frozen=True)
class Ledger:
    """One ledger: rows of ``model``, station by station, in the order of ``order`` within each.

    ``day`` is what a period is compared with. ``leaves_out`` are states that are not in the ledger unless the state
    is asked for by name: their minutes count nowhere, so the totals row stays the sum of what stands above it.
    ``beside`` are ledgers of other tables, with the same columns, whose rows follow its own on the same sheet.
    """

    name: str
    title: str
    resource: str
    model: type[BaseModel]
    columns: tuple[Column, ...]
    join: Callable[[ModelSelect], ModelSelect]
    order: Field
    day: Node
    filters: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()
    beside: tuple["Ledger", ...] = ()

    @property
    def marked(self) -> bool:
        """Whether its rows may be edited in a workbook and taken in again: what is never amended needs no mark."""
        return "revision" in self.model._meta.fields

    @property
    def joins_day(self) -> bool:
        """Whether the day stands in another table than the rows."""
        return isinstance(self.day, Field) and self.day.model is not self.model

    def filter_conditions(self, filters: Mapping[str, Any]) -> list[Node]:
        """Conditions for ``{column: value or list of values}``. Raises ``KeyError`` for a column not offered."""
        conditions = []
        for name, value in filters.items():
            if name not in self.filters:
                raise KeyError(f"{self.name} has no filter «{name}»")
            source = self.model._meta.fields[name]
            conditions.append(source.in_(list(value)) if isinstance(value, list | tuple | set) else source == value)
        if self.leaves_out and "state" not in filters:
            conditions.append(self.model.state.not_in(self.leaves_out))
        return conditions
