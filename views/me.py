"""The volunteer's own page: hours and the records behind them."""

from flask import Blueprint, abort, g, redirect, render_template, url_for

from models.hours import Balance
from models.records import ServiceRecord
from models.volunteers import Volunteer
from rules.access import Role
from views import cells

pages = Blueprint("me", __name__, url_prefix="/me")


@pages.get("/")
def index():
    """Only the signed-in volunteer's own rows."""
    who = g.get("actor")
    if who is None:
        return redirect(url_for("login", next="/me/"))
    if who.role != Role.VOLUNTEER or not who.volunteer_id:
        abort(403)
    person = Volunteer.get_by_id(who.volunteer_id)
    rows = (
        ServiceRecord.select()
        .where(ServiceRecord.volunteer == person.id, ServiceRecord.state.not_in(["draft", "void"]))
        .order_by(ServiceRecord.started_at.desc())
        .limit(100)
    )
    return render_template(
        "public/me.html", person=person, balance=Balance.get_or_none(Balance.volunteer == person.id), rows=rows,
        show=cells.show,
    )  # fmt: skip
