"""对账单: one person's figures opened to the entries and lots that they are the sum of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from peewee import Case, Expression, ModelSelect, fn

from models.hours import Entry, Lot

FIGURES = ("honour", "exchangeable", "debt")
LINES = 50  # entries on one page of a statement
LOTS = 100  # lots shown at once, those that will be spent next first


@dataclass(frozen=True)
class Line:
    """One entry: by how many minutes it changed each figure, and what each figure came to."""

    id: int
    changes: dict[str, int]
    sums: dict[str, int]


@dataclass(frozen=True)
class Statement:
    """One page of a person's entries, newest first. ``count`` is how many there are in all."""

    lines: list[Line]
    count: int


def change(figure: str) -> Case:
    """Signed minutes by which an entry changes one figure; a debt grows where it is debited."""
    up, down = (Entry.debit, Entry.credit) if figure == "debt" else (Entry.credit, Entry.debit)
    return Case(None, [(up == figure, Entry.minutes), (down == figure, 0 - Entry.minutes)], 0)


def statement(volunteer_id: int, figure: str = "", page: int = 0) -> Statement:
    """A page of the person's entries with running sums; ``figure`` keeps those that change this one.

    The sums run over every entry, so the newest line's are the balance whatever is shown.
    """
    running = (fn.SUM(change(name)).over(order_by=[Entry.id]).alias(f"{name}_sum") for name in FIGURES)
    every = Entry.select(
        Entry.id.alias("entry_id"), *(change(name).alias(name) for name in FIGURES), *running
    ).where(Entry.volunteer == volunteer_id)  # fmt: skip
    count = Entry.select().where(Entry.volunteer == volunteer_id, *_touches(figure)).count()
    rows = Entry.select(
        every.c.entry_id, *(every.c[name] for name in FIGURES), *(every.c[f"{name}_sum"] for name in FIGURES)
    ).from_(every)
    if figure:
        rows = rows.where(every.c[figure] != 0)
    rows = rows.order_by(every.c.entry_id.desc()).offset(page * LINES).limit(LINES).tuples()
    return Statement([_line(*row) for row in rows], count)


def _touches(figure: str) -> Iterator[Expression]:
    if figure:
        yield (Entry.debit == figure) | (Entry.credit == figure)


def _line(key: int, *minutes: int) -> Line:
    numbers = [int(n) for n in minutes]
    return Line(key, dict(zip(FIGURES, numbers[:3], strict=True)), dict(zip(FIGURES, numbers[3:], strict=True)))


@dataclass(frozen=True)
class Lots:
    """Lots that still hold something, in the order in which they are spent, and what all of them come to."""

    held: list[Lot]
    count: int
    left: int
    used_up: int
    expired: int
    donation: int


def lots(volunteer_id: int, day: date) -> Lots:
    """The person's lots. ``expired`` are minutes that lie in lots past their term on that day, ``donation`` those within
    it that may only be donated."""
    mine: ModelSelect = Lot.select().where(Lot.volunteer == volunteer_id)
    held = mine.where(Lot.left > 0).order_by(Lot.earned_on, Lot.id).limit(LOTS)
    over = Case(None, [(Lot.expires_on <= day, Lot.left)], 0)
    given = Case(None, [(Lot.donation_only & (Lot.expires_on.is_null() | (Lot.expires_on > day)), Lot.left)], 0)
    count, left, used_up, expired, donation = (
        Lot.select(
            fn.COUNT(Case(None, [(Lot.left > 0, 1)], None)), fn.COALESCE(fn.SUM(Lot.left), 0),
            fn.COUNT(Case(None, [(Lot.left == 0, 1)], None)), fn.COALESCE(fn.SUM(over), 0),
            fn.COALESCE(fn.SUM(given), 0),
        )
        .where(Lot.volunteer == volunteer_id)
        .tuples()
        .get()
    )  # fmt: skip
    return Lots(list(held), count, int(left), used_up, int(expired), int(donation))
