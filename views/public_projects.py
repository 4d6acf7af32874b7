"""发布信息 (方案 二(2)、三(1)): projects that recruit now, as a resident looks for them, and a page for each."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from models import vocabulary
from models.base import BaseModel
from models.places import counties, lies_in, of_level, streets
from models.projects import Project
from models.seeking import PARTS, Wish, coming, open_to_all, recruiting, with_posts
from models.stations import Station
from rules.reading import whole_number
from rules.service_grid import DAYS
from views import cells
from views.gate import right
from views.openly import openly, page_asked, searched_too_often
from views.public_site import pages
from views.wording import worded

SIZE = 10  # projects on a page
LONGEST = 30  # characters of what is looked for: a name or a place
DIGITS = 7  # in a row are a number of somebody's, and stand in no address
KEY_DIGITS = 9
ASKED = ("county", "street", "station", "category", "skill", "qualification", "age", "day", "weekday", "part", "q")
OLDEST = 120  # years


@pages.get("/projects/")
@right("read", "projects")
@openly(indexed=True)
def projects() -> str | Response:
    """A page of what recruits now, narrowed by what was asked; the same form works without a script."""
    query = {name: value for name in ASKED if (value := request.args.get(name, "").strip())}
    if query and (busy := searched_too_often()):
        return busy
    wish, query = asked(query)
    page = page_asked()
    rows = recruiting(wish, page, SIZE)
    return render_template(
        "public/projects.html", rows=rows[:SIZE], page=page, more=len(rows) > SIZE, query=query, wish=wish,
        choices=choices(query), show=cells.show, longest=LONGEST, digits=DIGITS,
    )  # fmt: skip


def asked(said: Mapping[str, str]) -> tuple[Wish, dict[str, str]]:
    """What the form asks, and the part of it that means something: the rest asks nothing."""
    county = of_level(said.get("county", ""), "county")
    street = of_level(said.get("street", ""), "street")
    street = street if street.startswith(county) and county else ""
    weekday = said.get("weekday", "")
    found: dict[str, Any] = {
        "county": county, "street": street, "station": whole_number(said.get("station", ""), KEY_DIGITS),
        "category": _term("category", said), "skill": _term("skill", said),
        "qualification": _term("qualification", said), "age": _age(said.get("age", "")), "day": _day(said.get("day", "")),
        "weekday": int(weekday) if weekday in {"0", "1", "2", "3", "4", "5", "6"} else None,
        "part": said.get("part", "") if said.get("part", "") in PARTS else "", "q": said.get("q", "")[:LONGEST],
    }  # fmt: skip
    kept = {name: str(value) for name, value in found.items() if value not in ("", None)}
    wish = Wish(
        division=street or county, words=found.pop("q"),
        **{name: value for name, value in found.items() if name not in ("county", "street")},
    )  # fmt: skip
    return wish, kept


def _term(kind: str, said: Mapping[str, str]) -> str:
    code = said.get(kind, "")
    return code if code and code in dict(vocabulary.choices(kind)) else ""


def _age(said: str) -> int | None:
    age = whole_number(said, 3)
    return age if age is not None and 0 < age <= OLDEST else None


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def choices(query: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """What each box offers: streets and stations once a county is chosen, and never more than a county's."""
    county, street = query.get("county", ""), query.get("street", "")
    at = street or county
    stations = Station.select(Station.id, Station.name).where(Station.active, lies_in(at)) if at else []
    return {
        "county": [(one.code, one.name) for one in counties()],
        "street": [(one.code, one.name) for one in streets(county)] if county else [],
        "station": [(str(row.id), row.short_name) for row in stations],
        "category": vocabulary.choices("category"), "skill": vocabulary.choices("skill"),
        "qualification": vocabulary.choices("qualification"),
        "weekday": [(str(n), worded(name)) for n, name in enumerate(DAYS[:7])],
        "part": [(code, worded(name)) for code, name in PARTS.items()],
    }  # fmt: skip


def demands(post: BaseModel) -> dict[str, str]:
    """What a post asks of whoever comes to it, by the name of its column; what it does not ask is left out."""
    named = ("qualification", "skills", "conditions")
    return {name: text for name in named if (text := cells.show(post, name))}


@pages.get("/projects/<int:key>")
@right("read", "projects")
@openly(indexed=True)
def project(key: int) -> str:
    """One project that recruits openly, with what it asks, risks and gives, its posts and its next activities."""
    row = open_to_all().where(Project.id == key).first()
    if row is None:
        abort(404)
    with_posts([row])
    return render_template("public/project.html", row=row, show=cells.show, demands=demands, coming=coming(row))
