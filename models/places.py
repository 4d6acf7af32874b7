"""Where there are stations (方案 三(2)): counties, streets and stations for a resident to choose from, a level at a time,
so that nobody is given thousands to choose from."""

from dataclasses import dataclass

from peewee import SQL, Expression, fn

from models.stations import COUNTY_DIGITS, Division, Station
from rules.divisions import check_code, level, subtree

STREET_DIGITS = 9


@dataclass(frozen=True)
class Place:
    """A division, and how many working stations lie in it."""

    code: str
    name: str
    stations: int


def counties() -> list[Place]:
    """The counties with a working station, in the order of their codes, each called by its prefecture and its name."""
    found = _places(COUNTY_DIGITS, Station.active)
    above = dict(Division.select(Division.code, Division.name).where(Division.level == "prefecture").tuples())
    return [Place(one.code, above.get(one.code[:4], "") + one.name, one.stations) for one in found]


def streets(county: str) -> list[Place]:
    """The streets and towns of a county with a working station."""
    return _places(STREET_DIGITS, Station.active & lies_in(county))


def _places(digits: int, where: Expression) -> list[Place]:
    # Not as parameters: PostgreSQL must see that what is selected is what is grouped by.
    code = fn.SUBSTR(Station.division.cast("text"), SQL("1"), SQL(str(digits)))
    counted = dict(Station.select(code, fn.COUNT(1)).where(where).group_by(code).tuples())
    names = dict(Division.select(Division.code, Division.name).where(Division.code.in_(list(counted))).tuples())
    return [Place(one, names.get(one, one), counted[one]) for one in sorted(counted)]


def lies_in(division: str) -> Expression:
    """The condition that a station lies in the division. Raises ``ValueError`` for what is no division's code."""
    low, high = subtree(division)
    return (Station.division >= low) & (Station.division < high)


def of_level(code: str, *levels: str) -> str:
    """The code where it is one of a division of these levels, blank where it is anything else that somebody typed."""
    return code if not check_code(code) and level(code) in levels else ""
