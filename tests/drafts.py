"""Drafts of policy for the tests of previews: what is in force with some parameters changed."""

from datetime import date
from typing import Any

from desk import queries
from models import clock
from models.policy import book
from models.previews.run import preview
from rules.policy import Release, release
from rules.topics import TOPICS


def level(star: int, at: int, by: str = "county", tenure: int = 0, *, selection: bool = False) -> dict[str, Any]:
    return {"star": star, "at": at, "recognised_by": by, "tenure_days": tenure, "selection": selection}


def draft(topic: str, division: str = "5301", since: date | None = None, **values: Any) -> Release:
    """A division's draft of these parameters alone; the province's is filled up with what it has."""
    if division == "53":
        rule = book(topic=topic).on(topic, "53", clock.today()).rule
        values = {name: plain(getattr(rule, name)) for name in TOPICS[topic].__dataclass_fields__} | values
    return release(topic, division, since or clock.today(), "草案", values)


def plain(value: Any) -> Any:
    """A typed parameter as a form or a file would say it."""
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return vars(value) if hasattr(value, "__dataclass_fields__") else value


def found(release, by, station=None, **more):
    """Figures that are not nought, by name: (count, minutes)."""
    _, out = preview(release, by, station, **more)
    return {name: (one.count, one.minutes) for name, one in out.figures.items() if one.count}


def rows(release, by, name, station=None):
    return [cells for _, cells in preview(release, by, station)[1].figures[name].rows]


def asked(release, cast) -> int:
    """How many statements a preview sends."""
    with queries() as sent:
        preview(release, cast.prefecture)
    return len(sent)
