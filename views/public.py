"""The public site: what anyone may see."""

from flask import Blueprint, abort, g, jsonify, render_template

from models import clock
from models.applications import count_places
from models.base import database
from models.notices import Notice
from models.projects import Post, Project
from models.stations import Station
from rules.access import Role
from views import cells
from views.notice_lines import sheet

pages = Blueprint("public", __name__)
MOST_NOTICES = 30  # on the front page
MOST_PROJECTS = 30


def on_show():
    """Notices whose time has not run out: publishing them is what they are for."""
    return (
        Notice.select(Notice, Station).join(Station).where(Notice.state == "open", Notice.closes_on >= clock.today())
    )


@pages.get("/")
def front() -> str:
    who = g.get("actor")
    home = "" if who is None else "me.index" if who.role == Role.VOLUNTEER else "admin.index"
    notices = on_show().order_by(Notice.closes_on, Notice.id).limit(MOST_NOTICES)
    return render_template(
        "public/front.html", home=home, notices=list(notices), projects=recruiting(), show=cells.show
    )


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
def notice(key: int) -> str:
    """One notice as it hangs out: names masked, nothing else of a person."""
    row = on_show().where(Notice.id == key).first()
    if row is None:
        abort(404)
    return render_template("public/notice.html", row=row, sheet=sheet(row))


@pages.get("/healthz")
def healthz():
    """Whether the program and its database answer."""
    database.execute_sql("SELECT 1")
    return jsonify(status="ok")
