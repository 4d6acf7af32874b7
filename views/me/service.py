"""培训、排班、报名: what she learnt, when she is wanted, and where her applications stand."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from models import clock, own_visit
from models.activities import Activity
from models.applications import Application
from models.assignments import Assignment
from models.courses import Attendance, Training
from models.projects import Post, Project
from models.refusals import NotFound, Refusal
from models.stations import Station
from models.training import Qualification, studied
from rules.activities import LIVE
from views.asking import actor
from views.assignments import DAYS_OF_WEEK
from views.gate import right
from views.me.frame import done, me, page_number, pages, part, shown

MOST_TURNS = 50  # to come


@pages.get("/training")
@right("see", "me")
def training() -> str:
    """Trainings she was enrolled for, and qualifications with the day until which they hold."""
    person, page = me(), page_number()
    taken = Attendance.select(Attendance, Training).join(Training).where(Attendance.volunteer == person.id)
    rows, more = part(taken.order_by(Training.day.desc(), Attendance.id.desc()), page)
    held = Qualification.select().where(Qualification.volunteer == person.id, Qualification.state != "void")
    return shown(
        "training", person, rows=rows, page=page, more=more, studied=studied(person.id),
        held=list(held.order_by(Qualification.granted_on.desc()).limit(MOST_TURNS)),
    )  # fmt: skip


@pages.get("/roster")
@right("see", "me")
def roster() -> str:
    """Turns to come with place, time and whom to ask; past ones below, a page at a time."""
    return _roster()


def _roster(about: int = 0, visited: own_visit.Visited | None = None, wrong: str = "") -> str:
    person, page, now = me(), page_number(), clock.now()
    mine = Assignment.select(Assignment, Activity, Station).join(Activity).join_from(Assignment, Station)
    mine = mine.where(Assignment.volunteer == person.id)
    coming = mine.where(Assignment.state.in_(LIVE), Assignment.ends_at >= now).order_by(Assignment.starts_at)
    over = mine.where((Assignment.ends_at < now) | Assignment.state.not_in(LIVE)).order_by(Assignment.starts_at.desc())
    rows, more = part(over, page)
    return shown(
        "roster", person, coming=list(coming.limit(MOST_TURNS)), rows=rows, page=page, more=more, days=DAYS_OF_WEEK,
        about=about, visited=visited, wrong=wrong, is_told=own_visit.is_told,
    )  # fmt: skip


@pages.post("/roster/<int:key>/visit")
@right("visit", "me")
def visit(key: int) -> str:
    """Whom she visits, in this very answer alone: no address and no cookie ever holds it."""
    try:
        return _roster(key, own_visit.visited(key, actor()))
    except NotFound:
        raise
    except Refusal as no:
        return _roster(key, wrong=str(no))


@pages.get("/roster/<int:key>/visit")
@right("see", "me")
def visit_again(key: int) -> Response:
    """The page read again is the one without the address."""
    return redirect(url_for("me.roster", _anchor=f"turn-{key}"))


@pages.post("/roster/confirm")
@right("confirm", "me")
def confirm_turn() -> Response:
    """She says that she will come."""
    key = request.form.get("id", type=int) or 0
    return done(lambda by: Assignment.move(key, "confirm", by), "已确认，到时候见。", "me.roster")


@pages.post("/roster/decline")
@right("decline", "me")
def decline() -> Response:
    """She cannot come, and says why: before the turn begins."""
    key, reason = request.form.get("id", type=int) or 0, request.form.get("reason", "")
    return done(lambda by: Assignment.move(key, "cancel", by, reason), "已请假，工作站会看到。", "me.roster")


@pages.get("/applications")
@right("see", "me")
def applications() -> str:
    """Where her applications stand."""
    person, page = me(), page_number()
    mine = Application.select(Application, Project, Post, Station).join(Project).join_from(Application, Post)
    mine = mine.join_from(Application, Station).where(Application.volunteer == person.id)
    rows, more = part(mine.order_by(Application.id.desc()), page)
    return shown("applications", person, rows=rows, page=page, more=more)


@pages.post("/applications/confirm")
@right("confirm", "me")
def confirm_place() -> Response:
    """She takes the place that was offered to her."""
    key = request.form.get("id", type=int) or 0
    return done(lambda by: Application.move(key, "confirm", by), "已确认参加。", "me.applications")


@pages.post("/applications/withdraw")
@right("withdraw", "me")
def withdraw_application() -> Response:
    """She withdraws, and says why; the place goes to whoever waits."""
    key, reason = request.form.get("id", type=int) or 0, request.form.get("reason", "")
    return done(lambda by: Application.move(key, "withdraw", by, reason), "已退出。", "me.applications")
