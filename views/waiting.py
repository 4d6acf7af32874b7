"""What waits for a person: rows in a state from which the expected next move is theirs."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from peewee import fn

from models import clock
from models.moves import Staged
from models.schema import TABLES
from models.scope import Actor, within
from rules.life import Move

STAGES: list[type[Staged]] = [table for table in TABLES if issubclass(table, Staged)]
CAP = 99  # beyond it the badge says 99+


@dataclass(frozen=True)
class Waiting:
    """So many rows of one stage wait for one move."""

    model: type[Staged]
    move: Move
    state: str
    count: int
    oldest: datetime | None

    @property
    def days(self) -> int:
        return (clock.now() - self.oldest).days if self.oldest else 0


def condition(model: type[Staged], move: Move, state: str, by: Actor):
    """Rows in ``state`` that this person may move on now: in their division, not their own entry, and ripe."""
    wanted = (model.state == state) & within(model, by)
    if not move.own_entry and by.account_id is not None:
        for hand in (model.entered_by, model.amended_by):
            wanted &= hand.is_null() | (hand != by.account_id)
    return wanted & model.ripe(move, by)


def inbox(by: Actor) -> list[Waiting]:
    """Everything that waits for this person, in the plan's order; counted to a cap."""
    found = []
    for model in STAGES:
        for move in model.life.moves:
            if not move.expected or by.role not in move.by:
                continue
            for state in move.sources:
                since = fn.COALESCE(model.moved_at, model.entered_at).alias("since")
                some = model.select(since).where(condition(model, move, state, by)).limit(CAP + 1)
                count, oldest = (
                    model.select(fn.COUNT(some.c.since), fn.MIN(some.c.since)).from_(some).scalar(as_tuple=True)
                )
                if count:
                    oldest = datetime.fromisoformat(oldest) if isinstance(oldest, str) else oldest
                    found.append(Waiting(model, move, state, count, oldest))
    return found


KEPT_SECONDS = 60  # how old a badge may be when another program did the work; a post at the desk counts anew
# How old where somebody outside the desk posted: on a day when hundreds register and press at kiosks, the desk's pages
# would count anew for each of them, which is most of such a page's time. The first page counts at once.
OUTSIDE_SECONDS = 15


class Badges:
    """What is counted for every page (how much waits, what a screen's named lists hold): asked anew after each post of
    the desk's, soon after one from outside, else every minute.

    One a program, so that two programs in one process (tests) never show each other's counts.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[float, Any]] = {}
        self._outside = 0.0  # when somebody outside the desk last posted

    def counts(self, by: Actor) -> dict[str, int]:
        """How much waits for this person, by resource."""

        def summed() -> dict[str, int]:
            found: dict[str, int] = {}
            for one in inbox(by):
                found[one.model.resource] = found.get(one.model.resource, 0) + one.count
            return found

        return self.kept(by, summed)

    def kept(self, key: Hashable, count: Callable[[], Any]) -> Any:
        """What ``count`` said for this key not long ago, else what it says now."""
        at, said = self._kept.get(key, (0.0, None))
        if at and monotonic() - at <= (OUTSIDE_SECONDS if at <= self._outside else KEPT_SECONDS):
            return said
        said = count()
        self._kept[key] = (monotonic(), said)
        return said

    def forget(self) -> None:
        """Somebody at the desk posted something: what waits may have changed for anybody."""
        self._kept = {}

    def age(self) -> None:
        """Somebody outside posted something: what waits is counted anew soon."""
        self._outside = monotonic()
