"""What the pages of figures are made of: what is asked for, the cells and tables, and the way from a figure to its rows."""

from dataclasses import dataclass, replace
from typing import Any

from flask import current_app, request, url_for

from models import clock, policy
from models.scope import Actor
from models.stations import Station
from models.statistics import Line, Period
from rules.access import STATION_ROLES
from rules.divisions import check_code, contains
from views.asking import actor, allowed

HIDDEN = "＊"  # a count too small to be shown


@dataclass(frozen=True)
class Cell:
    """One figure as the page shows it; ``url`` is the list that it counts, blank where the person sees no such list or
    the figure is hidden."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Asked:
    """What the page is asked for: whose division, which months."""

    division: str
    period: Period
    by: Actor

    @property
    def args(self) -> dict[str, str]:
        return {"since": f"{self.period.first:%Y-%m}", "until": f"{self.period.last:%Y-%m}"}


def asked() -> Asked:
    """Read off the address; a division that is not the person's is her own."""
    by = actor()
    own = by.division or str(Station.get_by_id(by.station_id).division_id)
    code = request.args.get("division", "")
    code = code if code and not check_code(code) and contains(own, code) else own
    period = Period.of(request.args.get("since", ""), request.args.get("until", ""), clock.today())
    return Asked(code, period, by)


@dataclass(frozen=True)
class Table:
    """One table of the page: its heading, column headings, and rows of a name with its address and the cells."""

    title: str
    columns: list[str]
    rows: list[tuple[Cell, list[Cell]]]
    total: list[Cell]
    note: str = ""


def address_of(model: Any, wanted: Asked, line: Line | None, args: dict[str, str]) -> str:
    """The list of the rows behind a figure; blank for whoever sees no such list."""
    route = f"{model.resource}.index_view"
    if route not in current_app.view_functions or not allowed("see", model.resource):
        return ""
    where = (
        {"station": line.station} if line and line.station else {"beneath": line.code if line else wanted.division}
    )
    return url_for(route, **args, **wanted.args, **where)


def line_of(line: Line, wanted: Asked) -> Cell:
    """A division's name leads one level down on the same sheet, a station's to the station."""
    if line.station is None:
        return Cell(line.name, url_for(".index", sheet=request.args.get("sheet"), division=line.code, **wanted.args))
    return Cell(line.short, url_for("stations.details_view", id=line.station) if allowed("see", "stations") else "")


def least_shown(wanted: Asked) -> int:
    """The smallest count of people that may be shown; at the station itself everything is its own."""
    if wanted.by.role in STATION_ROLES:
        return 1
    return policy.book(topic="statistics", division=wanted.division).on("statistics", wanted.division, clock.today()).rule.least_shown


def looking_at(wanted: Asked) -> Actor:
    """Whoever asks, for the division that is looked at."""
    return wanted.by if wanted.by.role in STATION_ROLES else replace(wanted.by, division=wanted.division)
