"""The rows of a ledger that an actor may know of, read in chunks so that memory stays the same for any number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from peewee import DateTimeField, Node, Value, fn

from models.base import database
from models.refusals import NotFound
from models.scope import ROOT, Actor, find, within
from models.stations import Division, Station
from rules.access import DIVISION_ROLES, Role
from rules.divisions import check_code, contains
from views.ledgers.columns import Ledger
from views.ledgers.marks import mark_of

CHUNK = 4_000  # rows read at once; also how often progress is told


@dataclass(frozen=True)
class Asked:
    """Which rows of a ledger: of one station, of a division or all that the actor answers for, of a period, by filters.

    ``period`` is (first day, last day), both included, either open. ``division`` lies within the actor's own.
    """

    ledger: Ledger
    by: Actor
    station: Station | None = None
    period: tuple[date | None, date | None] = (None, None)
    filters: Mapping[str, Any] = field(default_factory=dict)
    division: Division | None = None

    @classmethod
    def of(
        cls, ledger: Ledger, by: Actor, station: int | None, period, filters: Mapping[str, Any] | None,
        division: str | None = None,
    ) -> "Asked":  # fmt: skip
        """Raises ``NotFound`` for a station or a division that this actor may not know of."""
        where = find(Station, station, by) if station else None
        return cls(ledger, by, where, period, filters or {}, division_within(division, by) if division else None)

    @property
    def reach(self) -> Actor:
        """The actor, answering for no more than the division asked for."""
        if self.division is None:
            return self.by
        return replace(self.by, role=Role.SUPERVISOR, division=str(self.division.code))

    def parts(self) -> list["Asked"]:
        """This, and what stands beside it on the sheet; a filter that another table does not offer leaves that out."""
        others = [one for one in self.ledger.beside if set(self.filters) <= set(one.filters)]
        return [self, *(replace(self, ledger=one) for one in others)]

    def conditions(self) -> list[Node]:
        """Scope first, then what was asked for."""
        model, day = self.ledger.model, self.ledger.day
        found = [within(model, self.reach), *self.ledger.filter_conditions(self.filters)]
        if self.station is not None:
            found.append(model.station == self.station.id)
        first, last = self.period
        as_stored = _midnight if isinstance(day, DateTimeField) else _same
        if first:
            found.append(day >= as_stored(first))
        if last:
            found.append(day < as_stored(last + timedelta(days=1)))
        return found

    def count(self) -> int:
        """How many rows there are now."""
        model = self.ledger.model
        query = model.select(fn.COUNT(model.id))
        if self.ledger.joins_day and any(self.period):
            query = self.ledger.join(query)
        return int(query.where(*self.conditions()).scalar())

    def chunks(self) -> Iterator[list[tuple]]:
        """Raw rows, the declared columns and then the row's mark, at most `CHUNK` at a time and never with a cursor left open.

        Station by station in the order of their division, so that an index gives each station's order and no query
        sorts more than it returns. A row saved meanwhile stands as it was when its chunk was read.
        """
        for station_id in self._stations():
            yield from self._of_station(station_id)

    def _stations(self) -> list[int]:
        if self.station is not None:
            return [self.station.id]
        model = self.ledger.model
        some = model.select(Value(1)).where(model.station == Station.id, within(model, self.reach))
        return [
            s.id for s in Station.select(Station.id).where(fn.EXISTS(some)).order_by(Station.division, Station.id)
        ]

    def _of_station(self, station_id: int) -> Iterator[list[tuple]]:
        ledger = self.ledger
        order, key = ledger.order, ledger.model._meta.primary_key
        more = [ledger.model.revision] if ledger.marked else []
        query = ledger.join(ledger.model.select(*(column.source for column in ledger.columns), order, key, *more))
        query = query.where(ledger.model.station == station_id, *self.conditions()).order_by(order, key).limit(CHUNK)
        width, after = len(ledger.columns), []
        while True:
            # The driver's own rows: model instances and field converters would cost more than the cells.
            rows = database.execute(query.where(*after)).fetchall()
            if rows:
                yield self._finished(rows, width)
            if len(rows) < CHUNK:
                return
            last, last_key = Value(rows[-1][width], converter=False), rows[-1][width + 1]
            after = [order >= last, (order > last) | (key > last_key)]

    def _finished(self, rows: list[tuple], width: int) -> list[tuple]:
        """What is looked up for the whole chunk put in its place, and the mark behind the last column."""
        looked = [(n, column.look) for n, column in enumerate(self.ledger.columns) if column.look]
        if looked:
            keys = [row[width + 1] for row in rows]
            found = [(n, look(keys)) for n, look in looked]
            filled = []
            for row in rows:
                cells = list(row)
                for n, values in found:
                    cells[n] = values.get(row[width + 1])
                filled.append(tuple(cells))
            rows = filled
        if not self.ledger.marked:
            return [row[:width] for row in rows]
        table = self.ledger.model._meta.table_name
        return [(*row[:width], mark_of(table, row[width + 1], row[width + 2])) for row in rows]


def division_within(code: str, by: Actor) -> Division:
    """A division of any level that this person answers for. Raises ``NotFound`` for every other."""
    own = ROOT if by.role == Role.SYSTEM else by.division if by.role in DIVISION_ROLES else None
    known = own is not None and not check_code(code) and contains(own, code)
    found = Division.get_or_none(Division.code == code) if known else None
    if found is None:
        raise NotFound()
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _same(day: date) -> date:
    return day
