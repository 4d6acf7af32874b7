"""The volunteer's own page: her hours, the lots behind what she can spend, her stars and honours, her records, and what
is hers to decide (个人信息保护法 15, 44–47): to read and fetch what is held, to agree and withdraw, to ask to be erased."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for

from models import clock, erasures, gifts, statements
from models.consents import Consent, texts_for
from models.corrections import Correction
from models.erasures import Erasure
from models.honours import Honour
from models.hours import Balance, spendable_on
from models.records import ServiceRecord
from models.refusals import NotFound, Refusal
from models.scope import Actor
from models.stars import StarGrant
from models.volunteers import Volunteer
from rules.consents import KINDS, answers
from rules.honours import STANDING
from views import cells, own_data
from views.asking import actor
from views.gate import right
from views.wording import worded

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
    agreed = list(Consent.select().where(Consent.volunteer == person.id).order_by(Consent.id.desc()))
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
        agreed=agreed, asked_of=_asked_of(person, agreed), erasure=erasures.open_of(person.id),
    )  # fmt: skip


def _asked_of(person: Volunteer, agreed: list[Consent]) -> list[tuple[str, str, list[str]]]:
    """Texts that are hers to agree to and that she has not in their present wording: kind, heading, the words."""
    version = texts_for(person.station)
    stand = {(one.kind, one.text) for one in agreed if one.state == "given" and one.given_by == "self"}
    return [
        (kind, KINDS[kind], getattr(version.rule, kind).strip().splitlines())
        for kind in ("registration", "publicity", "sharing")
        if "self" in answers(kind, person.age()) and (kind, version.origins[kind].key) not in stand
    ]


def _done(does: Callable[[Actor], object], said: str, where: str) -> Response:
    """Do it for whoever asks, and say so, or why not, on her page."""
    try:
        does(actor())
    except NotFound:
        raise
    except Refusal as no:
        flash(str(no), "bad")
    else:
        flash(said, "good")
    return redirect(url_for("me.index", _anchor=where))


@pages.post("/agree")
@right("agree", "me")
def agree() -> Response:
    """She agrees to a text that she has read."""
    kind = request.form.get("kind", "")
    if kind not in KINDS:
        abort(404)
    return _done(lambda by: Consent.agree(kind, by), worded("已记下您的同意。"), "consents")


@pages.post("/withdraw")
@right("withdraw", "me")
def withdraw() -> Response:
    """She withdraws a consent, as easily as it was given (个人信息保护法第十五条)."""
    key, reason = request.form.get("id", type=int), request.form.get("reason", "")
    return _done(lambda by: Consent.move(key, "withdraw", by, reason), worded("已撤回。"), "consents")


@pages.post("/erase")
@right("erase", "me")
def erase() -> Response:
    """She asks to be erased: it waits in the head's inbox, with a day by which it is answered."""
    reason = request.form.get("reason", "")
    return _done(lambda by: Erasure.ask(reason, by), worded("申请已交给站长。"), "own")


@pages.post("/keep")
@right("keep", "me")
def keep() -> Response:
    """She thinks better of it."""
    key = request.form.get("id", type=int)
    return _done(lambda by: Erasure.move(key, "drop", by, worded("本人取消")), worded("已取消申请。"), "own")


@pages.post("/data")
@right("data", "me")
def data() -> Response:
    """Everything that is held about her, as a workbook."""
    return own_data.own(actor())
