"""On what ground a preview stands: the draft, whose stations it touches, and the two versions that bind each of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from peewee import Expression, ModelSelect, Node, Value, fn

from models import clock, policy
from models.base import database, on_postgres
from models.policy import calendar_of
from models.refusals import refuse
from models.scope import ROOT, Actor, find, within
from models.stations import Station
from rules.divisions import subtree
from rules.policy import PolicyBook, Release
from rules.previews import Pair, quarter
from rules.topics import PolicyError
from rules.working_days import WorkingCalendar

CHUNK = 4_000  # rows read at once; also how often progress is told
NAMED = 300  # stations that a statement names one by one; more are told by their divisions
LOOK_UP = 2_000  # keys named in one statement


@dataclass(frozen=True)
class Ground:
    """What every topic's preview is worked out from. ``pairs`` holds the stations for which the draft changes
    something; all others keep their version, and none of their rows can change."""

    draft: Release
    by: Actor
    today: date
    day: date  # on which stars and balances are judged: the draft's first, or today
    since: date  # first day of the quarter that is judged again
    book: PolicyBook
    stations: dict[int, str]  # all within the draft's division and the asker's: key -> name
    divisions: dict[int, str]
    pairs: dict[int, Pair]
    whole: bool  # no station was picked
    calendars: dict[str, WorkingCalendar] = field(default_factory=dict)

    @classmethod
    def of(cls, draft: Release, by: Actor, station: int | None = None) -> "Ground":
        """Raises ``NotFound`` for a station that is not the asker's, ``Refusal`` for one outside the draft's division
        and for a draft that makes no sense together with what it lies over."""
        today = clock.today()
        low, high = subtree(draft.division)
        chosen = Station.select(Station.id, Station.name, Station.division).where(
            Station.division >= low, Station.division < high, within(Station, by)
        )
        if station is not None:
            one = find(Station, station, by)
            chosen = chosen.where(Station.id == one.id)
        rows = list(chosen.order_by(Station.division, Station.id).tuples())
        if station is not None and not rows:
            raise refuse("这个工作站不在草案的区划内，请另选一个。", "station")
        book = policy.book(topic=draft.topic)
        day = max(draft.since, today)
        divisions = {key: str(code) for key, _, code in rows}
        try:
            pairs = _pairs(book, draft, day, divisions)
        except PolicyError as wrong:
            raise refuse(f"草案不能生效：{wrong}") from None
        return cls(
            draft, by, today, day, quarter(today), book, {key: name for key, name, _ in rows}, divisions, pairs,
            station is None,
        )  # fmt: skip

    def own(self, column: Node) -> Expression:
        """The condition that a row is of a station of the asker's that the draft touches; ``column`` is its station.

        Where many are touched it lets in some that are not: whoever reads asks ``pairs``.
        """
        if len(self.pairs) <= NAMED:
            return column.in_(list(self.pairs))
        low, high = subtree(self.draft.division)
        conditions = within(Station, self.by)
        if self.draft.division != ROOT:
            conditions &= (Station.division >= low) & (Station.division < high)
        return column.in_(Station.select(Station.id).where(conditions))

    def distinct(self) -> list[Pair]:
        """The pairs that there are, each once: mostly one."""
        return list({id(pair): pair for pair in self.pairs.values()}.values())

    def other(self, topic: str) -> dict[int, Any]:
        """The rule of a topic that is not drafted, on the same day, by station; the same before and after."""
        book, kept = policy.book(topic=topic), {}
        found = {}
        for key in self.pairs:
            code = self.divisions[key]
            if code not in kept:
                kept[code] = book.on(topic, code, self.day).rule
            found[key] = kept[code]
        return found

    def calendar(self, station: int) -> WorkingCalendar:
        """Working days of the station's prefecture, read once."""
        code = self.divisions[station][:4]
        if code not in self.calendars:
            self.calendars[code] = calendar_of(Station(division=self.divisions[station]))
        return self.calendars[code]


def _pairs(book: PolicyBook, draft: Release, day: date, divisions: dict[int, str]) -> dict[int, Pair]:
    """Station -> versions without the draft and with it, where they differ. Equal pairs are one object."""
    drafted = book.with_release(draft)
    made: dict[tuple[str, str], Pair] = {}
    of: dict[str, Pair] = {}
    for code in set(divisions.values()):
        pair = Pair(book.on(draft.topic, code, day), drafted.on(draft.topic, code, day))
        of[code] = made.setdefault((pair.before.key, pair.after.key), pair)
    return {key: of[code] for key, code in divisions.items() if of[code].differs}


def count(query: ModelSelect) -> int:
    """How many rows a query has."""
    return int(query.select(fn.COUNT(1)).order_by().scalar())


def chunks(query: ModelSelect, *order: Node, same: Node | None = None) -> Iterator[list[tuple]]:
    """The driver's own rows of a query, at most `CHUNK` at a time, by keyset over ``order``: the first columns that it
    selects. No cursor stays open, so a row saved meanwhile stands as it was when its chunk was read.

    ``same`` is a column that joins the first one: told twice, no plan reads the joined table from its beginning.
    """
    query = query.order_by(*order).limit(CHUNK)
    after: list[Expression] = []
    while True:
        rows = database.execute(query.where(*after)).fetchall()
        if rows:
            yield rows
        if len(rows) < CHUNK:
            return
        after = _after(order, rows[-1][: len(order)])
        if same is not None:
            after.append(same > Value(rows[-1][0], converter=False))


def _after(order: Sequence[Node], last: tuple) -> list[Expression]:
    """a >= x AND (a > x OR b > y): an index on both finds the place by the first half."""
    values = [Value(value, converter=False) for value in last]
    if len(order) == 1:
        return [order[0] > values[0]]
    first, second = order
    return [first >= values[0], (first > values[0]) | (second > values[1])]


def streamed(query: ModelSelect) -> Iterator[list[tuple]]:
    """The driver's own rows of one statement, at most `CHUNK` at a time: for sums over a whole table, which a keyset
    would gather piece by piece from all over the disk. On PostgreSQL the server holds what is not fetched yet."""
    sql, params = query.sql()
    held = {"name": "preview", "withhold": True} if on_postgres() else {}
    cursor = database.connection().cursor(**held)
    try:
        cursor.execute(sql, params or ())
        while rows := cursor.fetchmany(CHUNK):
            yield rows
    finally:
        cursor.close()


def batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """Keys, as many as one statement names."""
    for at in range(0, len(keys), LOOK_UP):
        yield keys[at : at + LOOK_UP]


def day_of(raw: str | date | datetime) -> date:
    """A day as the driver gives it: text on SQLite, a date or a moment on PostgreSQL."""
    if isinstance(raw, str):
        return date.fromisoformat(raw[:10])
    return raw.date() if isinstance(raw, datetime) else raw


def moment_of(raw: str | datetime) -> datetime:
    """A moment as the driver gives it."""
    return datetime.fromisoformat(raw) if isinstance(raw, str) else raw


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())
