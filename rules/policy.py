"""Policy as dated data: releases, how a division's own lies over its parent's, and which version is in force.

A release sets some parameters of one topic for one division from one day on; the province's sets all of them. What
binds a community on a day is its lineage's releases laid one over the other, from the province down. A division above
may bound how far those below go: what lies outside its bounds does not apply, and the parent's value does.

What ships is TOML in `rules/policies/`; a supervisor's release has the same schema (`rules.topics`). A key that is
misspelt, unknown or missing refuses to load, and a day without a version is an error: never a silent zero.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from rules.divisions import lineage
from rules.topics import TOPICS, PolicyError

SHIPPED = Path(__file__).parent / "policies"
PROVINCE = "53"
EDITIONS = "abcdefghijklmnopqrstuvwxyz"  # a key says the second release from one day as «b»
KINDS: dict[type, str] = {int: "整数", str: "文字", bool: "「是」或「否」（true、false）"}
# What a number cannot be more than where its parameter says nothing closer: beyond it no day can be reckoned, or the
# figure that comes of it fits no column.
MOST = {"天": 36_500, "工作日": 3_650, "月": 1_200}
MOST_ELSE = 10_000_000
HEADINGS = ("from", "source", "division", "bounds")  # of a version in a file, beside its parameters


@dataclass(frozen=True)
class Bound:
    """How far the divisions below may go from a parameter: a range, a choice of words, or not at all."""

    low: int | None = None
    high: int | None = None
    only: tuple[str, ...] | None = None
    locked: bool = False

    def admits(self, value: Any, meta: Mapping[str, Any]) -> bool:
        """Whether a division below may set this value of a parameter with this metadata."""
        if self.locked:
            return False
        if isinstance(value, int) and not isinstance(value, bool):
            if meta["endless"] and value == 0:  # no limit at all is more than any
                return self.high is None
            return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
        if self.only is not None:
            return set(value if isinstance(value, tuple) else (value,)) <= set(self.only)
        return True


@dataclass(frozen=True, eq=False)
class Release:
    """What one division laid down for one topic from one day on: parameters by name, and bounds for those below.

    The second release from the same day is a correction of the first and has ``edition`` 2.
    """

    topic: str
    division: str
    since: date
    source: str
    values: Mapping[str, Any]
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    edition: int = 1

    @property
    def key(self) -> str:
        """exchange@530102:2026-06-01"""
        return f"{self.topic}@{self.division}:{self.since.isoformat()}{self._letter}"

    @property
    def short(self) -> str:
        """530102:20260601, a part of the key of what several divisions laid down together."""
        return f"{self.division}:{self.since:%Y%m%d}{self._letter}"

    @property
    def _letter(self) -> str:
        return EDITIONS[self.edition - 1] if self.edition > 1 else ""

    @property
    def rank(self) -> tuple[date, int]:
        """The later day goes before the earlier, of one day the later edition."""
        return self.since, self.edition


@dataclass(frozen=True)
class Version:
    """What binds a division on a day: the typed rule, and the releases it is made of, the province's first.

    ``key`` is what a judged row stores, to find this version again.
    """

    topic: str
    division: str
    since: date
    source: str
    rule: Any
    parts: tuple[Release, ...] = ()
    origins: Mapping[str, Release] = field(default_factory=dict)  # parameter -> the release whose value it is
    aside: Mapping[str, Release] = field(default_factory=dict)  # what lay outside the bounds and does not apply
    bounds: Mapping[str, tuple[Bound, ...]] = field(default_factory=dict)  # for the divisions below

    @property
    def key(self) -> str:
        if len(self.parts) > 1:
            return f"{self.topic}@{'+'.join(part.short for part in self.parts)}"
        return self.parts[0].key if self.parts else f"{self.topic}@{self.division}:{self.since.isoformat()}"


def laid_over(parts: Iterable[Release]) -> Version:
    """Releases of one topic laid one over the other, the uppermost division's first.

    Raises ``PolicyError`` where a parameter is missing, or the values together make no sense.
    """
    parts = tuple(parts)
    last = parts[-1]
    kind = TOPICS[last.topic]
    values: dict[str, Any] = {}
    origins, aside = {}, {}
    bounds: dict[str, tuple[Bound, ...]] = {}
    for part in parts:
        for name, value in part.values.items():
            if all(bound.admits(value, parameters(kind)[name].metadata) for bound in bounds.get(name, ())):
                values[name], origins[name] = value, part
            else:
                aside[name] = part
        for name, bound in part.bounds.items():
            bounds[name] = (*bounds.get(name, ()), bound)
    for name, spec in parameters(kind).items():
        if name not in values and spec.default is MISSING:
            raise PolicyError(f"{last.topic}：缺少参数「{name}」。")
        origins.setdefault(name, parts[0])
    return Version(
        last.topic, last.division, max(part.since for part in parts), last.source, kind(**values), parts, origins,
        aside, bounds,
    )  # fmt: skip


# --- from plain values to typed ones ---


@cache
def parameters(kind: type) -> dict[str, Any]:
    """The parameters of a topic by name, as dataclass fields with their metadata."""
    return {spec.name: spec for spec in fields(kind)}


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def build(kind: type, values: dict[str, Any], where: str) -> Any:
    """A ``kind`` from plain values. Raises ``PolicyError`` naming the key that is unknown, missing or ill-typed."""
    made = typed(kind, values, where)
    for name, spec in parameters(kind).items():
        if name not in made and spec.default is MISSING:
            raise PolicyError(f"{where}：缺少参数「{name}」。")
    return kind(**made)


def typed(kind: type, values: Any, where: str) -> dict[str, Any]:
    """These parameters of ``kind``, checked one by one. Raises ``PolicyError`` naming what is unknown or ill-typed."""
    if not isinstance(values, dict):
        raise PolicyError(f"{where}：应是一组参数，现在是「{values}」。")
    known, hints = parameters(kind), _hints(kind)
    if unknown := sorted(set(values) - set(known)):
        raise PolicyError(f"{where}：没有「{unknown[0]}」这个参数，可用的是 {', '.join(known)}。")
    return {
        name: _value(values[name], hints[name], spec.metadata, f"{where}.{name}")
        for name, spec in known.items()
        if name in values
    }


def _value(value: Any, hint: Any, meta: Any, where: str) -> Any:
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple):
            raise PolicyError(f"{where}：应是一个列表。")
        inner = get_args(hint)[0]
        if inner is str:
            return tuple(_value(v, str, {"choices": meta.get("choices")}, where) for v in value)
        return tuple(build(inner, v, f"{where}[{i}]") for i, v in enumerate(value, 1))
    if isinstance(value, str) and not value.strip():
        raise PolicyError(f"{where}：没有填写。")
    if type(value) is not hint:  # bool is not int here, and text is not a number
        raise PolicyError(f"{where}：应是{KINDS[hint]}，现在是「{value}」。")
    if meta.get("low") is not None and value < meta["low"]:
        raise PolicyError(f"{where}：不能小于 {meta['low']}，现在是 {value}。")
    if hint is int and value > (most := _most(meta)):
        raise PolicyError(f"{where}：不能大于 {most}，现在是 {value}。")
    if hint is str and "\x00" in value:
        raise PolicyError(f"{where}：里有不能保存的字符，请删去后重填。")
    if meta.get("choices") and value not in meta["choices"]:
        raise PolicyError(f"{where}：只能是 {'、'.join(meta['choices'])}，现在是「{value}」。")
    return value


def _most(meta: Mapping[str, Any]) -> int:
    """The greatest number that a parameter can have."""
    high: int | None = meta.get("high")
    return MOST.get(meta.get("unit", ""), MOST_ELSE) if high is None else high


def bounds_of(topic: str, said: Any) -> dict[str, Bound]:
    """Bounds from plain values. Raises ``PolicyError`` for a bound that its parameter cannot have."""
    kind = TOPICS[topic]
    known, hints = parameters(kind), _hints(kind)
    if not isinstance(said, dict):
        raise PolicyError(f"{topic}.bounds：应是一组参数。")
    made = {}
    for name, values in said.items():
        where = f"{topic}.bounds.{name}"
        if name not in known:
            raise PolicyError(f"{topic}.bounds：没有「{name}」这个参数，可用的是 {', '.join(known)}。")
        bound = _bound(values, where)
        if (bound.low is not None or bound.high is not None) and hints[name] is not int:
            raise PolicyError(f"{where}：「{known[name].metadata['label']}」不是数字，不能定上下限。")
        if bound.low is not None and bound.high is not None and bound.low > bound.high:
            raise PolicyError(f"{where}：下限 {bound.low} 大于上限 {bound.high}。")
        if bound.only is not None and (
            not known[name].metadata["choices"] or set(bound.only) - set(known[name].metadata["choices"])
        ):
            raise PolicyError(f"{where}：只能限定为 {'、'.join(known[name].metadata['choices']) or '（不可限定）'}。")
        made[name] = bound
    return made


def _bound(said: Any, where: str) -> Bound:
    if not isinstance(said, dict):
        raise PolicyError(f"{where}：应是一组参数，现在是「{said}」。")
    kinds = {"low": int, "high": int, "only": list, "locked": bool}
    if unknown := sorted(set(said) - set(kinds)):
        raise PolicyError(f"{where}：没有「{unknown[0]}」这个参数，可用的是 {', '.join(kinds)}。")
    for name, value in said.items():
        if type(value) is not kinds[name]:
            raise PolicyError(f"{where}.{name}：写法不对，现在是「{value}」。")
        if isinstance(value, int) and abs(value) > MOST_ELSE:
            raise PolicyError(f"{where}.{name}：不能大于 {MOST_ELSE}，现在是 {value}。")
        if isinstance(value, list) and not all(isinstance(word, str) for word in value):
            raise PolicyError(f"{where}.{name}：应是一列文字，现在是「{value}」。")
    only = tuple(said["only"]) if "only" in said else None
    return Bound(said.get("low"), said.get("high"), only, said.get("locked", False))


def release(
    topic: str, division: str, since: date, source: str, values: dict[str, Any], bounds: dict[str, Any] | None = None,
    edition: int = 1,
) -> Release:  # fmt: skip
    """A release from plain values; the province's must name every parameter that has no default, and make sense.

    Raises ``PolicyError`` for anything outside the schema, ``KeyError`` for an unknown topic.
    """
    kind = TOPICS[topic]
    if division == PROVINCE:
        build(kind, values, topic)
    return Release(
        topic, division, since, source, typed(kind, values, topic), bounds_of(topic, bounds or {}), edition
    )


# --- files ---


def unreadable(error: tomllib.TOMLDecodeError) -> str:
    """Where a file is no TOML."""
    if at := re.search(r"line (\d+), column (\d+)", str(error)):
        return f"第 {at[1]} 行第 {at[2]} 列附近写法不对。"
    return "文件没有写完或写法不对。"


def load(text: str, topic: str, division: str = PROVINCE) -> list[Release]:
    """Releases from the TOML of one topic. Raises ``PolicyError`` for anything outside the schema."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as unread:
        raise PolicyError(f"{topic}：读不出来，{unreadable(unread)}") from None
    if unknown := sorted(set(raw) - {"title", "topic", "version"}):
        raise PolicyError(f"{topic}：没有「{unknown[0]}」这一段。")
    if raw.get("topic", topic) != topic:
        raise PolicyError(f"{topic}：文件写的是「{raw['topic']}」，不是这一项政策。")
    made: list[Release] = []
    if not isinstance(raw.get("version"), list) or not raw["version"]:
        raise PolicyError(f"{topic}：一个版本也没有，应有 [[version]]。")
    for block in raw["version"]:
        values = dict(block)
        try:
            since, source = values.pop("from"), values.pop("source")
        except KeyError as missing:
            raise PolicyError(f"{topic}：每个版本都要写明 {missing}。") from None
        if type(since) is not date or not isinstance(source, str) or not source.strip():
            raise PolicyError(f"{topic}：from 应是日期，source 应写明依据。")
        if any(version.since == since for version in made):
            raise PolicyError(f"{topic}：有两个版本都从 {since} 起。")
        whose, bounds = values.pop("division", division), values.pop("bounds", {})
        made.append(release(topic, whose, since, source, values, bounds))
    return made


@cache
def shipped() -> tuple[Release, ...]:
    """Every release that ships, all topics."""
    return tuple(one for topic in TOPICS for one in load((SHIPPED / f"{topic}.toml").read_text("utf-8"), topic))


@cache
def title_of(topic: str) -> str:
    """What the topic is called, as its shipped file says. Raises ``KeyError`` for an unknown topic."""
    TOPICS[topic]
    return str(tomllib.loads((SHIPPED / f"{topic}.toml").read_text("utf-8"))["title"])


# --- what is in force ---


class PolicyBook:
    """Releases, and what they make together: which version binds a division on a day."""

    def __init__(self, releases: Iterable[Release]) -> None:
        self._of: dict[tuple[str, str], list[Release]] = {}
        for one in releases:
            self._of.setdefault((one.topic, one.division), []).append(one)
        for some in self._of.values():
            some.sort(key=lambda one: one.rank)
        self._made: dict[tuple[int, ...], Version] = {}  # by the identity of their parts, which this book holds

    @classmethod
    def of(cls, more: Iterable[Release] = ()) -> "PolicyBook":
        """What ships, and these."""
        return cls((*shipped(), *more))

    def with_release(self, one: Release) -> "PolicyBook":
        """This book as it would be with one release more: what a draft is previewed by."""
        return PolicyBook((*(r for some in self._of.values() for r in some), one))

    def without(self, one: Release) -> "PolicyBook":
        """This book as it would be had that release not been made."""
        return PolicyBook(r for some in self._of.values() for r in some if r.key != one.key)

    def releases(self, topic: str, division: str) -> list[Release]:
        """What one division laid down itself, oldest first."""
        return list(self._of.get((topic, division), ()))

    def own(self, topic: str, division: str, day: date) -> Release | None:
        """What the division itself laid down that is in force on that day; none where it follows its parent."""
        some = self._of.get((topic, division), [])
        at = bisect_right(some, (day, len(EDITIONS)), key=lambda one: one.rank)
        return some[at - 1] if at else None

    def below(self, topic: str, division: str) -> list[str]:
        """Divisions within this one that laid down something of their own."""
        return sorted(
            code for known, code in self._of if known == topic and code != division and code.startswith(division)
        )

    def on(self, topic: str, division: str, day: date) -> Version:
        """The version of ``topic`` that binds ``division`` on ``day``.

        Raises ``PolicyError`` when none is in force, ``KeyError`` for an unknown topic.
        """
        TOPICS[topic]
        parts = tuple(one for code in lineage(division) if (one := self.own(topic, code, day)))
        if not parts:
            raise PolicyError(f"{day.isoformat()} 没有生效的「{title_of(topic)}」政策，不能据此办理。")
        return self._version(parts)

    def _version(self, parts: tuple[Release, ...]) -> Version:
        key = tuple(map(id, parts))
        if key not in self._made:
            self._made[key] = laid_over(parts)
        return self._made[key]

    def find(self, key: str) -> Version:
        """The version that a row stored. Raises ``KeyError`` when there is none of that key."""
        topic, _, rest = key.partition("@")
        return self._version(tuple(self._part(topic, short, key) for short in rest.split("+")))

    def _part(self, topic: str, short: str, key: str) -> Release:
        division, _, said = short.partition(":")
        for one in self._of.get((topic, division), ()):
            if one.short.partition(":")[2] == said.replace("-", ""):
                return one
        raise KeyError(key)
