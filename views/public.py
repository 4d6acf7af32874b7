"""The public site: what anyone may see."""

from flask import Blueprint, abort, g, jsonify, render_template, request
from markupsafe import Markup

from models import clock
from models.applications import count_places
from models.base import database
from models.notices import Notice
from models.projects import Post, Project
from models.publicity import hidden_words
from models.spot_checks import SpotCheck, SpotSample, tally
from models.stations import Station
from models.stories import Story
from rules.notices import KINDS
from rules.publicity import SHOWN, blanked
from views import cells
from views.gate import right
from views.notice_lines import sheet

pages = Blueprint("public", __name__)
OPENLY = [name for name, kind in KINDS.items() if not kind.inside]
MOST_NOTICES = 30  # on the front page
MOST_PROJECTS = 30
MOST_TOLD = 5  # stories on the front page
MOST_CHECKS = 5  # results of spot-checks there
STORIES = 20  # on a page of stories
DEEPEST = 100_000  # page


# The one line of navigation: endpoint and name.
MENU = [("public.front", "首页"), ("public.stories", "典型事迹")]
pages.add_app_template_global(lambda: MENU, "public_menu")


@pages.app_template_filter("publicly")
def publicly(text: str) -> str:
    """The text as anyone may read it: what is refused today was perhaps published before it was."""
    if "hidden_words" not in g:
        g.hidden_words = hidden_words()
    shown = blanked(str(text), g.hidden_words)
    return Markup(shown) if isinstance(text, Markup) else shown


def on_show():
    """Notices whose time has not run out: publishing them is what they are for."""
    return (
        Notice.select(Notice, Station).join(Station).where(
            Notice.state == "open", Notice.closes_on >= clock.today(), Notice.kind.in_(OPENLY)
        )
    )


@pages.get("/")
@right("see", "site")
def front() -> str:
    notices = on_show().order_by(Notice.closes_on, Notice.id).limit(MOST_NOTICES)
    return render_template(
        "public/front.html", notices=list(notices), projects=recruiting(), show=cells.show,
        told=_stories(0, MOST_TOLD)[:MOST_TOLD], checks=_checks(),
    )  # fmt: skip


def recruiting() -> list[Project]:
    """Projects that anyone may join today, those that begin or began last first, each with its open posts."""
    openly = Project.select(Project, Station).join(Station).where(Project.recruits(), Project.recruiting == "open")
    rows = list(openly.order_by(Project.starts_on.desc(), Project.id.desc()).limit(MOST_PROJECTS))
    posts = list(Post.select().where(Post.project.in_([row.id for row in rows]), Post.open).order_by(Post.id))
    count_places(posts)
    for row in rows:
        row.wanted = [post for post in posts if post.project_id == row.id]
    return rows


@pages.get("/notices/<int:key>")
@right("read", "notices")
def notice(key: int) -> str:
    """One notice as it hangs out: names masked, nothing else of a person."""
    row = on_show().where(Notice.id == key).first()
    if row is None:
        abort(404)
    return render_template("public/notice.html", row=row, sheet=sheet(row))


def _stories(page: int, size: int) -> list[Story]:
    """Public stories with their stations, newest first, one more than a page holds."""
    rows = Story.select(Story, Station).join(Station).where(Story.state.in_(SHOWN))
    return list(rows.order_by(Story.published_on.desc(), Story.id.desc()).offset(page * size).limit(size + 1))


def _checks() -> list[SpotCheck]:
    published = SpotCheck.select().where(SpotCheck.state == "published")
    return list(published.order_by(SpotCheck.published_on.desc(), SpotCheck.id.desc()).limit(MOST_CHECKS))


@pages.get("/stories/")
@right("read", "stories")
def stories() -> str:
    """What volunteers and teams did, as they agreed to have it told."""
    page = max(0, min(request.args.get("page", 0, type=int), DEEPEST))
    rows = _stories(page, STORIES)
    return render_template("public/stories.html", rows=rows[:STORIES], page=page, more=len(rows) > STORIES)


@pages.get("/stories/<int:key>")
@right("read", "stories")
def story(key: int) -> str:
    """One story; a consent withdrawn or a story taken down is nobody's to read from that moment."""
    row = Story.select(Story, Station).join(Station).where(Story.id == key, Story.state.in_(SHOWN)).first()
    if row is None:
        abort(404)
    return render_template("public/story.html", row=row)


@pages.get("/spot-checks/<int:key>")
@right("read", "spot_checks")
def spot_check(key: int) -> str:
    """The result of a spot-check, station by station, and nothing of any person."""
    row = SpotCheck.get_or_none(SpotCheck.id == key, SpotCheck.state == "published")
    if row is None:
        abort(404)
    lines = tally(SpotSample.spot_check == row.id)
    return render_template("public/spot_check.html", row=row, lines=lines, drawn=sum(line["drawn"] for line in lines))


@pages.get("/healthz")
@right("see", "site")
def healthz():
    """Whether the program and its database answer."""
    database.execute_sql("SELECT 1")
    return jsonify(status="ok")
