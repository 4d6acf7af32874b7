"""The public site: what anyone may see."""

from flask import Blueprint, abort, g, jsonify, render_template

from models import clock
from models.base import database
from models.notices import Notice
from models.stations import Station
from rules.access import Role
from views.notice_lines import sheet

pages = Blueprint("public", __name__)
MOST_NOTICES = 30  # on the front page


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
    return render_template("public/front.html", home=home, notices=list(notices))


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
