"""The rows of a ledger that an actor may know of, read in chunks so that memory stays the same for any number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from peewee import DateTimeField, Node, Value, fn

from models.base import database
from models.scope import Actor, find, within
from models.stations import Station
from views.ledgers.columns import Ledger

CHUNK = 4_000  # rows read at once; also how often progress is told


@dataclass(frozen=True)
class Asked:
    """Which rows of a ledger: of one station or all that the actor answers for, of a period, by filters.

    ``period`` is (first day, last day), both included, either open.
    """

    ledger: Ledger
    by: Actor
    station: Station | None = None
    period: tuple[date | None, date | None] = (None, None)
    filters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, ledger: Ledger, by: Actor, station: int | None, period, filters: Mapping[str, Any] | None) -> "Asked":
        """Raises ``NotFound`` for a station that this actor may not know of."""
        return cls(ledger, by, find(Station, station, by) if station else None, period, filters or {})

    def conditions(self) -> list[Node]:
        """Scope first, then what was asked for."""
        model, day = self.ledger.model, self.ledger.day
        found = [within(model, self.by), *self.ledger.filter_conditions(self.filters)]
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
        return int(model.select(fn.COUNT(model.id)).where(*self.conditions()).scalar())

    def chunks(self) -> Iterator[list[tuple]]:
        """Raw rows, the declared columns only, at most `CHUNK` at a time and never with a cursor left open.

        Station by station in the order of their division, so that an index gives each station's order and no query
        sorts more than it returns. A row saved meanwhile stands as it was when its chunk was read.
        """
        for station_id in self._stations():
            yield from self._of_station(station_id)

    def _stations(self) -> list[int]:
        if self.station is not None:
            return [self.station.id]
        model = self.ledger.model
        some = model.select(Value(1)).where(model.station == Station.id, within(model, self.by))
        return [
            s.id for s in Station.select(Station.id).where(fn.EXISTS(some)).order_by(Station.division, Station.id)
        ]

    def _of_station(self, station_id: int) -> Iterator[list[tuple]]:
        ledger = self.ledger
        order, key = ledger.order, ledger.model._meta.primary_key
        query = ledger.join(ledger.model.select(*(column.source for column in ledger.columns), order, key))
        query = query.where(ledger.model.station == station_id, *self.conditions()).order_by(order, key).limit(CHUNK)
        width, after = len(ledger.columns), []
        while True:
            # The driver's own rows: model instances and field converters would cost more than the cells.
            rows = database.execute(query.where(*after)).fetchall()
            if rows:
                yield [row[:width] for row in rows]
            if len(rows) < CHUNK:
                return
            last, last_key = Value(rows[-1][width], converter=False), rows[-1][width + 1]
            after = [order >= last, (order > last) | (key > last_key)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _same(day: date) -> date:
    return day
