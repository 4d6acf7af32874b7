"""Many rows judged together, as an import does: entered and amended by the ordinary checks, which ask the database once
and not once a row for what does not differ from row to row (policy, vocabularies, the names that may not be read)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_answers: ContextVar[dict[Any, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Inside, what is `asked_once` is asked of the database once; nothing that it reads may be written meanwhile."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def is_together() -> bool:
    """Whether many rows are being judged now."""
    return _answers.get() is not None


def asked_once(work: Callable[P, R]) -> Callable[P, R]:
    """A question whose answer is kept while many rows are judged together; asked anew each time otherwise."""

    @wraps(work)
    def ask(*args: P.args, **named: P.kwargs) -> R:
        answers = _answers.get()
        if answers is None:
            return work(*args, **named)
        key = (work, args, tuple(sorted(named.items())))
        if key not in answers:
            answers[key] = work(*args, **named)
        return answers[key]

    return ask


@dataclass(frozen=True)
class Judged:
    """A row as it would stand, what the checks found in it, and which of its columns differ from what is stored."""

    row: Any
    findings: list[Any]
    new: bool
    changed: list[str] = field(default_factory=list)

    def store(self, by: Any) -> None:
        """Write it inside the transaction that judged it; where nothing is new or changed, nothing."""
        from models.moves import permit

        if self.new:
            permit(by, "enter", self.row.resource)
            self.row.store_new(by)
        elif self.changed:
            permit(by, "amend", self.row.resource)
            self.row.store_amended(by)


def judge_new(row: Any, by: Any, vouched: Iterable[str] = ()) -> Judged:
    """A row that would be entered. ``vouched`` are keys whose rows were found within the actor's scope already."""
    row.vouched = frozenset(vouched)
    return Judged(row, row.faults(by), True)


def judge_change(row: Any, values: Mapping[str, Any], by: Any, vouched: Iterable[str] = ()) -> Judged:
    """A stored row with these columns changed; where nothing would differ, nothing is asked of its state."""
    row.vouched, row.was = frozenset(vouched), dict(row.__data__)
    for name, value in values.items():
        setattr(row, name, value)
    if not row.changed():
        row._dirty.clear()
        return Judged(row, [], False)
    findings = row.may_amend(by) or row.faults(by)
    # What was set to what it was is not written: a sealed value would be sealed anew.
    row._dirty -= {name for name in row._dirty if name in row.was and row.was[name] == getattr(row, name)}
    return Judged(row, findings, False, row.changed())
