"""What the life of a stage is made of: states, and the named moves between them.

The tables themselves stand in the stages' rooms and are gathered in `rules.states`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from rules.roles import Role


class Tone(StrEnum):
    """How a state is tinted on a screen; the word always stands beside the tint."""

    IDLE = "idle"
    WAITING = "waiting"
    GOOD = "good"
    BAD = "bad"
    OVER = "over"


@dataclass(frozen=True)
class State:
    name: str
    label: str
    tone: Tone = Tone.IDLE


@dataclass(frozen=True)
class Move:
    """One named button. ``by`` are roles; ``own_entry`` False refuses whoever entered the row (rule: nobody
    approves what they entered); ``reason`` True demands a sentence; ``expected`` marks the usual next step;
    ``warns`` is said before it is done. ``asks`` names columns of the row that whoever makes the move must fill in
    ("said_by satisfaction"); one marked "?" may stay blank."""

    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    by: frozenset[Role]
    own_entry: bool = True
    reason: bool = False
    expected: bool = False
    warns: str = ""
    asks: str = ""

    @property
    def asked(self) -> tuple[str, ...]:
        """The columns that it asks for, in order."""
        return tuple(name.rstrip("?") for name in self.asks.split())

    @property
    def needed(self) -> frozenset[str]:
        """Those of them that may not stay blank."""
        return frozenset(name for name in self.asks.split() if not name.endswith("?"))


@dataclass(frozen=True)
class Life:
    """A stage's states and moves. Raises ``KeyError`` where a state or move is unknown.

    ``noun`` and ``counter`` are how the inbox speaks of its rows: so many ``counter`` of ``noun``.
    """

    resource: str
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    noun: str
    counter: str = "条"

    @property
    def first(self) -> str:
        return self.states[0].name

    def state(self, name: str) -> State:
        return next((s for s in self.states if s.name == name), None) or _unknown(name, self.resource)

    def move(self, name: str) -> Move:
        return next((m for m in self.moves if m.name == name), None) or _unknown(name, self.resource)

    def legal(self, state: str, role: Role) -> list[Move]:
        """Moves that this role may make from this state, in the table's order."""
        return [m for m in self.moves if state in m.sources and role in m.by]


def _unknown(name: str, resource: str) -> NoReturn:
    raise KeyError(f"{resource} knows no «{name}»")


def move(name: str, label: str, path: str, by: str, **more: object) -> Move:
    """``path`` reads "draft returned -> submitted"; ``by`` reads "recorder head"."""
    sources, target = (part.strip() for part in path.split("->"))
    return Move(name, label, tuple(sources.split()), target, frozenset(map(Role, by.split())), **more)  # type: ignore[arg-type]
