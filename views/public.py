"""The public site: the front page, stories, results of spot-checks, and what robots are told."""

from flask import Response, abort, jsonify, render_template

from models.base import database
from models.seeking import open_to_all, with_posts
from models.spot_checks import SpotCheck, SpotSample, tally
from models.stations import Station
from models.stories import Story
from rules.publicity import SHOWN
from views import cells
from views.gate import right
from views.openly import HOUR, openly, page_asked
from views.public_notices import MOST_AT_FRONT, on_show
from views.public_site import pages

MOST_PROJECTS = 5  # on the front page; the list has them all
MOST_TOLD = 5  # stories on the front page
MOST_CHECKS = 5  # results of spot-checks there
STORIES = 20  # on a page of stories
# Whom search engines may not follow: people's names, masked or not, and doors.
HIDDEN_FROM_ROBOTS = ("/admin/", "/me/", "/login", "/apply/", "/verify/", "/notices/", "/password", "/account", "/api/", "/wire/")


@pages.get("/")
@right("see", "site")
@openly(indexed=True)
def front() -> str:
    rows = list(open_to_all().limit(MOST_PROJECTS + 1))
    with_posts(rows[:MOST_PROJECTS])
    notices = list(on_show().limit(MOST_AT_FRONT + 1))
    return render_template(
        "public/front.html", projects=rows[:MOST_PROJECTS], more=len(rows) > MOST_PROJECTS,
        notices=notices[:MOST_AT_FRONT], more_notices=len(notices) > MOST_AT_FRONT, show=cells.show,
        told=_stories(0, MOST_TOLD)[:MOST_TOLD], checks=_checks(),
    )  # fmt: skip


def _stories(page: int, size: int) -> list[Story]:
    """Public stories with their stations, newest first, one more than a page holds."""
    rows = Story.select(Story, Station).join(Station).where(Story.state.in_(SHOWN))
    return list(rows.order_by(Story.published_on.desc(), Story.id.desc()).offset(page * size).limit(size + 1))


def _checks() -> list[SpotCheck]:
    published = SpotCheck.select().where(SpotCheck.state == "published")
    return list(published.order_by(SpotCheck.published_on.desc(), SpotCheck.id.desc()).limit(MOST_CHECKS))


@pages.get("/stories/")
@right("read", "stories")
@openly(indexed=True, seconds=0)
def stories() -> str:
    """What volunteers and teams did, as they agreed to have it told."""
    page = page_asked()
    rows = _stories(page, STORIES)
    return render_template("public/stories.html", rows=rows[:STORIES], page=page, more=len(rows) > STORIES)


@pages.get("/stories/<int:key>")
@right("read", "stories")
@openly(indexed=True, seconds=0)
def story(key: int) -> str:
    """One story; a consent withdrawn or a story taken down is nobody's to read from that moment, so
    no cache shows it without asking."""
    row = Story.select(Story, Station).join(Station).where(Story.id == key, Story.state.in_(SHOWN)).first()
    if row is None:
        abort(404)
    return render_template("public/story.html", row=row)


@pages.get("/spot-checks/<int:key>")
@right("read", "spot_checks")
@openly(indexed=True)
def spot_check(key: int) -> str:
    """The result of a spot-check, station by station, and nothing of any person."""
    row = SpotCheck.get_or_none(SpotCheck.id == key, SpotCheck.state == "published")
    if row is None:
        abort(404)
    lines = tally(SpotSample.spot_check == row.id)
    return render_template("public/spot_check.html", row=row, lines=lines, drawn=sum(line["drawn"] for line in lines))


@pages.get("/robots.txt")
@right("see", "site")
@openly(indexed=True, seconds=HOUR)
def robots() -> Response:
    """Projects, stations, stories and policy may be found by searching; nothing that names anybody may."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in HIDDEN_FROM_ROBOTS), "Disallow: /*?", "Allow: /static/", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@pages.get("/healthz")
@right("see", "site")
def healthz():
    """Whether the program and its database answer."""
    database.execute_sql("SELECT 1")
    return jsonify(status="ok")
