"""How policy reads: each parameter in words, whose it is and since when, what bounds it, and two versions side by side."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from itertools import groupby
from typing import Any

from models import policy_words
from models.policy_drafts import names_of
from models.policy_words import Words, unit_of
from rules.divisions import level
from rules.policy import Release, Version
from rules.policy_office import LAYS_DOWN, refusal
from views.cells import terms
from views.wording import worded

WORDS: dict[str, Callable[[Any], str]] = policy_words.WORDS | {
    name: (lambda code, kind=kind: terms(kind).get(code, code))
    for name, kind in policy_words.VOCABULARIES.items()
}  # fmt: skip


def word(name: str, value: Any) -> str:
    """One value in words."""
    if isinstance(value, bool):
        return worded("是" if value else "否")
    if isinstance(value, tuple | list):
        return worded("、").join(word(name, one) for one in value) or worded("（无）")
    return worded(WORDS[name](value)) if name in WORDS else f"{value:,}" if isinstance(value, int) else str(value)


@dataclass(frozen=True)
class Table:
    """A parameter that is itself a list of rows: headings with their units, and the rows in words."""

    label: str
    headings: list[str]
    rows: list[list[str]]


def table_of(label: str, kind: type, rows: Iterable[Any]) -> Table:
    """The rows of a parameter in words."""
    specs = fields(kind)
    return Table(
        label, [_heading(s) for s in specs], [[word(s.name, getattr(row, s.name)) for s in specs] for row in rows]
    )


def _heading(spec: Any) -> str:
    label, unit = worded(spec.metadata["label"]), worded(spec.metadata["unit"])
    counted = bool(spec.metadata["unit"]) and spec.name not in WORDS
    return worded("%(label)s（%(unit)s）", label=label, unit=unit) if counted else label


@dataclass(frozen=True)
class Line:
    """One parameter as it binds a division."""

    name: str
    label: str
    unit: str
    says: str
    group: str
    value: str
    table: Table | None
    owner: str
    since: date
    own: bool  # whether the division itself laid it down
    aside: str  # what it, or one above it, laid down that does not apply
    within: list[str]  # the bounds that bind it
    below: str  # the bound that it sets for those below


@dataclass(frozen=True)
class Shown:
    """One version of one topic in words, and whether it is the division's own or comes from above."""

    title: str
    version: Version
    owner: str
    inherited: bool
    groups: list[tuple[str, list[Line]]]

    @property
    def lines(self) -> list[Line]:
        return [line for _, lines in self.groups for line in lines]

    @property
    def bounded(self) -> bool:
        """Whether any parameter has a bound to show."""
        return any(line.within or line.below or line.aside for line in self.lines)


def shown(version: Version, title: str, division: str, names: dict[str, str], say: Words) -> Shown:
    """A version in plain words, as it binds ``division``."""
    lines = [_line(version, spec, division, names, say) for spec in fields(version.rule)]
    order = list(dict.fromkeys(line.group for line in lines))
    lines.sort(key=lambda line: order.index(line.group))
    groups = [(name, list(some)) for name, some in groupby(lines, key=lambda line: line.group)]
    return Shown(title, version, names[version.division], version.division != division, groups)


def _line(version: Version, spec: Any, division: str, names: dict[str, str], say: Words) -> Line:
    name, about, value = spec.name, spec.metadata, getattr(version.rule, spec.name)
    rows = isinstance(value, tuple) and bool(value) and is_dataclass(value[0])
    origin = version.origins[name]
    aside = ""
    if laid := version.aside.get(name):
        text = say(name, laid.values[name]) if not _is_rows(laid.values[name]) else ""
        aside = worded(
            "%(owner)s自 %(day)s 起规定的%(value)s超出范围，不适用", owner=names[laid.division], day=laid.since,
            value=f" {text} " if text else "",
        )  # fmt: skip
    return Line(
        name, about["label"], unit_of(about, value), about["says"], about["group"],
        "" if rows else word(name, value), table_of(about["label"], type(value[0]), value) if rows else None,
        names[origin.division], origin.since, origin.division == division, aside,
        [_bound(part, name, about, say) for part in version.parts if part.division != division and name in part.bounds],
        next((_bound(part, name, about, say) for part in version.parts if part.division == division and name in part.bounds), ""),
    )  # fmt: skip


def _is_rows(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and is_dataclass(value[0])


def _bound(part: Release, name: str, about: Any, say: Words) -> str:
    return refusal(part.bounds[name], LAYS_DOWN[level(part.division)], about, name, say)


def names_in(versions: Iterable[Version]) -> dict[str, str]:
    """The names of all divisions that these versions speak of, in one statement."""
    return names_of({part.division for version in versions for part in version.parts})


# --- two versions side by side ---


@dataclass(frozen=True)
class Side:
    """One version's value of a parameter: words or rows, each with whether the other side has it not."""

    words: list[tuple[str, bool]]
    headings: list[str]
    rows: list[tuple[list[str], bool]]
    unit: str
    owner: str
    since: date


@dataclass(frozen=True)
class Pair:
    """One parameter in two versions."""

    label: str
    left: Side
    right: Side
    differs: bool  # whether the value does
    moved: bool  # whether another division's release says it


def compared(a: Version, b: Version, names: dict[str, str]) -> list[Pair]:
    """Every parameter of two versions of one topic, in the order of the form."""
    pairs = []
    for spec in fields(a.rule):
        left, right = getattr(a.rule, spec.name), getattr(b.rule, spec.name)
        whose = a.origins[spec.name].division, b.origins[spec.name].division
        pairs.append(Pair(
            spec.metadata["label"], _side(a, spec, left, right, names),
            _side(b, spec, right, left, names), left != right, whose[0] != whose[1],
        ))  # fmt: skip
    return pairs


def _side(version: Version, spec: Any, value: Any, other: Any, names: dict[str, str]) -> Side:
    origin = version.origins[spec.name]
    whose = unit_of(spec.metadata, value), names[origin.division], origin.since
    if _is_rows(value):
        table = table_of("", type(value[0]), value)
        rows = [(said, row not in other) for said, row in zip(table.rows, value, strict=True)]
        return Side([], table.headings, rows, *whose)
    if isinstance(value, tuple) and value:
        return Side([(word(spec.name, one), one not in other) for one in value], [], [], *whose)
    return Side([(word(spec.name, value), value != other)], [], [], *whose)
