"""信息和项目对接 (方案 三(1)), as anyone may read it: what was done in the last twelve months, place by place, with every
figure left out that would tell of a few people (`rules.statistics`)."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from flask import current_app, render_template, request

from models import clock, policy, statistics
from models.places import of_level
from models.scope import ROOT, Actor
from models.stations import Division
from models.statistics import MEASURES, Line, Period
from rules.access import Role
from rules.divisions import lineage
from rules.statistics import suppressed
from views.gate import right
from views.openly import HOUR, openly
from views.public_site import pages

# Nothing of households or their needs: those are counted for whoever looks after them.
SHOWN = ("volunteers", "active", "activities", "records", "hours", "trained", "stars")
PEOPLE = ("volunteers", "active", "trained", "stars")  # counts of people, each hidden where it is small
OF_THE_ACTIVE = ("records", "hours")  # what the active ones did: hidden where they are


@dataclass(frozen=True)
class Figures:
    """A row of figures for each place and one for all of them; None is a figure that is not shown."""

    lines: list[Line]
    rows: list[list[int | None]]
    total: list[int | None]
    period: Period
    least: int


class Kept:
    """What was counted within the hour, so that however many ask the rows are counted once; one a program."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now, self._lock = now, Lock()
        self._kept: dict[Hashable, tuple[float, Figures]] = {}

    def get(self, key: Hashable, count: Callable[[], Figures]) -> Figures:
        """What ``count`` said for this key within the hour, else what it says now; one counts, the others wait."""
        with self._lock:
            at, said = self._kept.get(key, (0.0, None))
            if said is None or self._now() - at > HOUR:
                said = count()
                self._kept[key] = (self._now(), said)
            return said


@pages.get("/figures/")
@right("read", "statistics")
@openly(indexed=True, seconds=HOUR)
def figures() -> str:
    """The figures of a division, by what lies beneath it."""
    code = of_level(request.args.get("division", ""), "province", "prefecture", "county")
    above = lineage(code) if code else [ROOT]
    names = dict(Division.select(Division.code, Division.name).where(Division.code.in_(above)).tuples())
    if not code or code not in names:
        code, above = ROOT, [ROOT]
    kept: Kept = current_app.extensions["figures"]
    found = kept.get((code, clock.today()), lambda: count(code))
    return render_template(
        "public/figures.html", found=found, measures=[MEASURES[name] for name in SHOWN], code=code,
        above=[(one, names.get(one, one)) for one in above],
    )  # fmt: skip


def count(division: str) -> Figures:
    """The figures of twelve months; a statement for each of them, over the rows of this division alone."""
    by = Actor(None, "", Role.AUDITOR, division=division)  # reads what lies in the division, and nothing else
    period = Period.of("", "", clock.today())
    lines = statistics.lines(division, by)
    least = policy.book(topic="statistics", division=division).on("statistics", division, clock.today()).rule.least_shown
    columns: dict[str, list[int]] = {}
    for name in SHOWN:
        found = statistics.by_station(MEASURES[name], period, by)
        columns[name] = [sum(found.get(key, 0) for key in line.stations) for line in lines]
    hidden = {name: suppressed([columns[name]], least)[0] for name in PEOPLE}
    hidden |= dict.fromkeys(OF_THE_ACTIVE, hidden["active"])
    shown = {name: _shown(columns[name], hidden.get(name, [False] * (len(lines) + 1))) for name in SHOWN}
    rows = [list(row) for row in zip(*shown.values(), strict=True)]
    return Figures(lines, rows[:-1], rows[-1], period, least)


def _shown(column: list[int], hide: list[bool]) -> list[int | None]:
    return [None if hidden else value for value, hidden in zip([*column, sum(column)], hide, strict=True)]
