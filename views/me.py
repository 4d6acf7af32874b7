"""The volunteer's own page: her hours, the lots behind what she can spend, her stars and honours, and her records."""

from flask import Blueprint, abort, render_template

from models import clock, gifts, statements
from models.corrections import Correction
from models.honours import Honour
from models.hours import Balance, spendable_on
from models.records import ServiceRecord
from models.stars import StarGrant
from models.volunteers import Volunteer
from rules.honours import STANDING
from views import cells
from views.asking import actor
from views.gate import right

MOST_RECORDS = 100  # shown; the ledger has them all
MOST_CORRECTIONS = 20
pages = Blueprint("me", __name__, url_prefix="/me")


@pages.get("/")
@right("see", "me")
def index():
    """Only the signed-in volunteer's own rows."""
    person = Volunteer.get_or_none(Volunteer.id == actor().volunteer_id)
    if person is None:
        abort(404)  # an account that is nobody's
    rows = (
        ServiceRecord.select()
        .where(ServiceRecord.volunteer == person.id, ServiceRecord.state.not_in(["draft", "void"]))
        .order_by(ServiceRecord.started_at.desc())
        .limit(MOST_RECORDS)
    )
    stars = StarGrant.select().where(
        StarGrant.volunteer == person.id, StarGrant.state.not_in(["candidate", "lapsed"])
    )
    honours = Honour.select().where(Honour.volunteer == person.id, Honour.state.in_(STANDING))
    corrections = (
        Correction.select(Correction, ServiceRecord)
        .join(ServiceRecord, on=Correction.record)
        .where(ServiceRecord.volunteer == person.id)
        .order_by(Correction.id.desc())
        .limit(MOST_CORRECTIONS)
    )
    balance = Balance.get_or_none(Balance.volunteer == person.id)
    return render_template(
        "public/me.html", person=person, balance=balance, rows=list(rows),
        stars=list(stars.order_by(StarGrant.star)), honours=list(honours.order_by(Honour.given_on.desc())), most=MOST_RECORDS, show=cells.show,
        corrections=list(corrections), most_corrections=MOST_CORRECTIONS,
        spendable=spendable_on(balance, clock.today()) if balance else 0,
        lots=statements.lots(person.id, clock.today()), gifts=gifts.of_person(person.id),
    )  # fmt: skip
