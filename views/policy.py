"""政策: what is in force here today, in plain words, with its source and whose rule it is."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from flask import abort, request
from flask_admin import expose

from models import clock, policy, policy_words, vocabulary
from models.decisions import readable
from models.scope import Actor
from models.stations import Division, Station
from rules.access import TABLE
from rules.divisions import contains
from rules.policy import Version, title_of
from rules.topics import TOPICS, PolicyError
from views.asking import actor, allowed
from views.pages import DeskPage
from views.wording import worded

WORDS: dict[str, Callable[[Any], str]] = policy_words.WORDS | {
    "category": lambda code: vocabulary.names("category").get(code, code),
    "hardships": lambda code: vocabulary.names("recipient").get(code, code),
}


@dataclass(frozen=True)
class Parameter:
    """One line of a policy as a person reads it."""

    label: str
    value: str
    unit: str
    says: str


@dataclass(frozen=True)
class Table:
    """A parameter that is itself a list of rows: headings with their units, and the rows in words."""

    label: str
    headings: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Shown:
    """One version of one topic, and whether it is the division's own or comes from above."""

    title: str
    version: Version
    owner: str
    inherited: bool
    parameters: list[Parameter]
    tables: list[Table]


def shown(version: Version, division: str) -> Shown:
    """A version in plain words, as it binds ``division``."""
    rule = version.rule
    parameters, tables = [], []
    for spec in fields(rule):
        value, about = getattr(rule, spec.name), spec.metadata
        if isinstance(value, tuple) and value and is_dataclass(value[0]):
            tables.append(_table(about["label"], value))
        else:
            parameters.append(Parameter(about["label"], word(spec.name, value), about["unit"], about["says"]))
    owner = Division.get_or_none(Division.code == version.division)
    return Shown(
        title_of(version.topic), version, owner.name if owner else version.division,
        version.division != division, parameters, tables,
    )  # fmt: skip


def _table(label: str, rows: tuple) -> Table:
    specs = fields(rows[0])
    headings = [_heading(s) for s in specs]
    return Table(label, headings, [[word(s.name, getattr(row, s.name)) for s in specs] for row in rows])


def _heading(spec: Any) -> str:
    label, unit = worded(spec.metadata["label"]), worded(spec.metadata["unit"])
    return worded("%(label)s（%(unit)s）", label=label, unit=unit) if _is_count(spec) else label


def _is_count(spec: Any) -> bool:
    return bool(spec.metadata["unit"]) and spec.name not in WORDS


def word(name: str, value: Any) -> str:
    """One value in words."""
    if isinstance(value, bool):
        return worded("是" if value else "否")
    if isinstance(value, tuple):
        return worded("、").join(word(name, one) for one in value) or worded("（无）")
    return worded(WORDS[name](value)) if name in WORDS else f"{value:,}" if isinstance(value, int) else str(value)


class PolicyPage(DeskPage):
    """Read-only: which parameters bind this station or division today."""

    title = "政策参数"
    step = "政策与设置"
    resource = "policy"

    @expose("/")
    def index(self):
        place, code = _place(actor())
        book, today, missing, found = policy.book(), clock.today(), [], []
        for topic in TOPICS:
            try:
                found.append(shown(book.on(topic, code, today), code))
            except PolicyError:
                missing.append(title_of(topic))
        return self.render("desk/policy.html", topics=found, missing=missing, place=place, today=today)

    @expose("/version/")
    def version_view(self):
        """The text of one version, by the key that a judged row keeps.

        Another county's is read by whoever may see a row that it judged, such as a visitor's record: ``of`` names it.
        """
        key = request.args.get("key", "")
        try:
            version = policy.book().find(key)
        except KeyError:
            abort(404)
        _, code = _place(actor())
        here = contains(version.division, code) or contains(code, version.division)
        if not (here or self._judged_by(key)):
            abort(404)
        return self.render("desk/policy_version.html", one=shown(version, code))


    def _judged_by(self, key: str) -> bool:
        resource, _, number = request.args.get("of", "").partition(":")
        return resource in TABLE and allowed("see", resource) and readable(key, resource, number, actor())


def _place(by: Actor) -> tuple[str, str]:
    """Name and division code of where this person works."""
    if by.station_id:
        station = Station.get_by_id(by.station_id)
        return station.name, str(station.division_id)
    return Division.get_by_id(by.division).name, str(by.division)
