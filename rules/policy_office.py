"""The policy office: the life of a draft, and what is asked of it before it may bind anybody.

One supervisor drafts for her own division, another of the same division or above releases. A draft says only what the
division sets itself; it must follow the schema, keep within the bounds of those above, and make sense together with
what they and every division below laid down, on its first day and on each later one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from rules.divisions import level, lineage
from rules.findings import Finding
from rules.life import Life, State, Tone, move
from rules.policy import PROVINCE, Bound, PolicyBook, Release, bounds_of, build, parameters, typed
from rules.topics import TOPICS, PolicyError

POLICY_DRAFT = Life(
    "policy_drafts",
    (
        State("drafted", "草案"),
        State("submitted", "待发布", Tone.WAITING),
        State("returned", "已退回", Tone.BAD),
        State("released", "已发布", Tone.GOOD),
        State("withdrawn", "已撤销", Tone.OVER),
    ),
    (
        move("submit", "提交", "drafted returned -> submitted", "supervisor", expected=True),
        move("release", "发布", "submitted -> released", "supervisor", own_entry=False, expected=True,
              warns="从起始日起按它办理。发布后不能再改，写错了只能另发一版。"),
        move("return", "退回", "submitted -> returned", "supervisor", reason=True),
        move("withdraw", "撤销", "drafted returned submitted -> withdrawn", "supervisor", reason=True),
    ),
    noun="政策草案",
    counter="份",
)  # fmt: skip

LAYS_DOWN = {"province": "省定", "prefecture": "州市定", "county": "县定"}  # whose bounds they are, by its level
VALUES, BOUNDS = "values.", "bounds."  # before a parameter's name in the place of a finding

Say = Callable[[str, Any], str]  # a parameter's value in words, by its name


def plain(value: Any) -> Any:
    """A typed value as JSON and TOML hold it: lists, and rows by their columns, however deep."""
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {column.name: plain(getattr(value, column.name)) for column in fields(value)}
    return value


def plain_bound(bound: Bound) -> dict[str, Any]:
    """A bound as JSON and TOML hold it: only what it says."""
    said = {"low": bound.low, "high": bound.high, "only": list(bound.only) if bound.only is not None else None}
    return {name: value for name, value in said.items() if value is not None} | (
        {"locked": True} if bound.locked else {}
    )


# --- by the schema ---


def misfits(topic: str, division: str, values: Mapping[str, Any], bounds: Mapping[str, Any]) -> list[Finding]:
    """What does not follow the schema, each beside its parameter. Raises ``KeyError`` for an unknown topic."""
    kind = TOPICS[topic]
    found = [
        *_refusals(topic, lambda name: typed(kind, {name: values[name]}, topic), values),
        *_refusals(topic, lambda name: bounds_of(topic, {name: bounds[name]}), bounds),
    ]
    if not found and division == PROVINCE:
        found = _refusals(topic, lambda _: build(kind, dict(values), topic), [""])
    return found


def _refusals(topic: str, attempt: Callable[[str], Any], names: Iterable[str]) -> list[Finding]:
    found = []
    for name in names:
        try:
            attempt(name)
        except PolicyError as error:
            found.append(placed(topic, error))
    return found


_PLACE = re.compile(r"(?P<topic>\w+)(?P<bounds>\.bounds)?(?:\.(?P<name>\w+))?(?:\[(?P<row>\d+)\])?(?:\.(?P<column>\w+))?：(?P<says>.*)")
_MISSING = re.compile(r"(?:缺少参数|没有)「(\w+)」")


def placed(topic: str, error: PolicyError) -> Finding:
    """A policy's error as a finding beside the parameter it is about, called by its Chinese name."""
    at = _PLACE.fullmatch(str(error))
    if at is None or at["topic"] != topic:
        return Finding("", str(error))
    known, says = parameters(TOPICS[topic]), at["says"]
    name = at["name"] or next(iter(_MISSING.findall(says)), "")
    if name not in known:
        return Finding("", says)
    row = f"第 {at['row']} 行" if at["row"] else ""
    inner = row_kind(known[name])
    column = next((f"「{f.metadata['label']}」" for f in fields(inner) if f.name == at["column"]), "") if inner else ""
    return Finding((BOUNDS if at["bounds"] else VALUES) + name, f"「{known[name].metadata['label']}」{row}{column}：{says}")


def row_kind(spec: Any) -> type | None:
    """The class of the rows of a parameter that is a table; None for any other."""
    inner = getattr(spec.type, "__args__", (None,))[0]
    return inner if isinstance(inner, type) and is_dataclass(inner) else None


def codes_in(topic: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every code of a vocabulary that the values name: place, vocabulary, code."""
    for name, spec in parameters(TOPICS[topic]).items():
        if name not in values:
            continue
        yield from _codes(VALUES + name, spec, values[name])
        if inner := row_kind(spec):
            for row in values[name]:
                for column in fields(inner):
                    yield from _codes(VALUES + name, column, row.get(column.name, ()))


def _codes(where: str, spec: Any, value: Any) -> Iterator[tuple[str, str, str]]:
    if vocabulary := spec.metadata["codes"]:
        for code in value if isinstance(value, list | tuple) else [value]:
            yield where, vocabulary, code


# --- within the bounds of those above ---


def outside(one: Release, above: Iterable[Release], say: Say) -> list[Finding]:
    """Values that a division above does not admit. ``above`` are its releases in force, the province's first."""
    known, found = parameters(TOPICS[one.topic]), []
    for part in above:
        for name, bound in part.bounds.items():
            if name in one.values and not bound.admits(one.values[name], known[name].metadata):
                says = refusal(bound, LAYS_DOWN[level(part.division)], known[name].metadata, name, say)
                now = "" if bound.locked else f"，现在是 {say(name, one.values[name])}"
                found.append(Finding(VALUES + name, f"「{known[name].metadata['label']}」{says}{now}。"))
    return found


def refusal(bound: Bound, whose: str, about: Mapping[str, Any], name: str, say: Say) -> str:
    """What a bound allows, in words: 省定范围 0–200 分."""
    if bound.locked:
        return f"{whose}，下级不能另行规定"
    if bound.only is not None:
        return f"{whose}只能是{'、'.join(say(name, word) for word in bound.only)}"
    unit = f" {about['unit']}" if about["unit"] else ""
    if bound.low is not None and bound.high is not None:
        return f"{whose}范围 {bound.low:,}–{bound.high:,}{unit}"
    if bound.low is not None:
        return f"{whose}不低于 {bound.low:,}{unit}"
    return f"{whose}不高于 {bound.high:,}{unit}"


# --- together with what others laid down ---


@dataclass(frozen=True)
class Contradiction:
    """From that day on, what binds a division would make no sense."""

    division: str
    day: date
    finding: Finding


@dataclass(frozen=True)
class Fallen:
    """From that day on, what a division itself laid down falls outside the bounds, or comes back inside them."""

    division: str
    day: date
    name: str
    own: Any  # what the division itself laid down
    binds: Any  # what applies to it instead
    owner: str  # whose value that is
    back: bool = False


def contradictions(book: PolicyBook, one: Release) -> list[Contradiction]:
    """Where a release would contradict what others laid down: in its own division, or in one below that made sense
    before. One finding a division, of the first day."""
    after, found = book.with_release(one), []
    for code in [one.division, *book.below(one.topic, one.division)]:
        for day in days_of(after, one, code):
            try:
                after.on(one.topic, code, day)
            except PolicyError as error:
                if code == one.division or _makes_sense(book, one.topic, code, day):
                    found.append(Contradiction(code, day, placed(one.topic, error)))
                    break
    return found


def fallen(book: PolicyBook, one: Release) -> list[Fallen]:
    """What of the divisions below (or later of its own) the bounds put aside or let back in, from which day."""
    after, found = book.with_release(one), []
    for code in [one.division, *book.below(one.topic, one.division)]:
        seen: set[tuple[str, bool]] = set()
        for day in days_of(after, one, code):
            if not _makes_sense(book, one.topic, code, day) or not _makes_sense(after, one.topic, code, day):
                continue
            was, now = book.on(one.topic, code, day), after.on(one.topic, code, day)
            for name in sorted({*was.aside, *now.aside}):
                lost, back = name in now.aside, name in was.aside and name not in now.aside
                if (lost and name in was.aside) or (name, back) in seen or now.parts[-1].division != code:
                    continue
                laid = (now.aside if lost else now.origins)[name]
                if laid.division != code or name not in laid.values:
                    continue
                seen.add((name, back))
                binds, owner = getattr(now.rule, name), now.origins[name].division
                found.append(Fallen(code, day, name, laid.values[name], binds, owner, back))
    return found


def days_of(book: PolicyBook, one: Release, code: str) -> list[date]:
    """The first day of a release, and each later day on which what binds ``code`` changes, while the release lasts."""
    ends = next((r.since for r in book.releases(one.topic, one.division) if r.since > one.since), date.max)
    later = {r.since for above in lineage(code) for r in book.releases(one.topic, above)}
    return [one.since, *sorted(day for day in later if one.since < day < ends)]


def _makes_sense(book: PolicyBook, topic: str, code: str, day: date) -> bool:
    try:
        book.on(topic, code, day)
    except PolicyError:
        return False
    return True
