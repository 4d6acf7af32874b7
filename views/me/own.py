"""我的资料 (个人信息保护法 15, 44–47): what is hers to decide: to read and fetch what is held, to agree and withdraw, to ask
to be erased."""

from flask import Response, abort, request

from models import erasures
from models.consents import Consent, texts_for
from models.erasures import Erasure
from models.volunteers import Volunteer
from rules.consents import KINDS, answers
from views import own_data
from views.asking import actor
from views.gate import right
from views.me.frame import done, me, pages, shown
from views.wording import worded


@pages.get("/own")
@right("see", "me")
def own() -> str:
    """Consents, everything that is held about her, and erasing."""
    person = me()
    agreed = list(Consent.select().where(Consent.volunteer == person.id).order_by(Consent.id.desc()))
    return shown("own", person, agreed=agreed, asked_of=_asked_of(person, agreed), erasure=erasures.open_of(person.id))


def _asked_of(person: Volunteer, agreed: list[Consent]) -> list[tuple[str, str, list[str]]]:
    """Texts that are hers to agree to and that she has not in their present wording: kind, heading, the words."""
    version = texts_for(person.station)
    stand = {(one.kind, one.text) for one in agreed if one.state == "given" and one.given_by == "self"}
    return [
        (kind, KINDS[kind], getattr(version.rule, kind).strip().splitlines())
        for kind in ("registration", "publicity", "sharing")
        if "self" in answers(kind, person.age()) and (kind, version.origins[kind].key) not in stand
    ]


@pages.post("/agree")
@right("agree", "me")
def agree() -> Response:
    """She agrees to a text that she has read."""
    kind = request.form.get("kind", "")
    if kind not in KINDS:
        abort(404)
    return done(lambda by: Consent.agree(kind, by), "已记下您的同意。", "me.own", _anchor="consents")


@pages.post("/withdraw")
@right("withdraw", "me")
def withdraw() -> Response:
    """She withdraws a consent, as easily as it was given (个人信息保护法第十五条)."""
    key, reason = request.form.get("id", type=int), request.form.get("reason", "")
    return done(lambda by: Consent.move(key, "withdraw", by, reason), "已撤回。", "me.own", _anchor="consents")


@pages.post("/erase")
@right("erase", "me")
def erase() -> Response:
    """She asks to be erased: it waits in the head's inbox, with a day by which it is answered."""
    reason = request.form.get("reason", "")
    return done(lambda by: Erasure.ask(reason, by), "申请已交给站长。", "me.own", _anchor="erasing")


@pages.post("/keep")
@right("keep", "me")
def keep() -> Response:
    """She thinks better of it."""
    key = request.form.get("id", type=int)
    return done(lambda by: Erasure.move(key, "drop", by, worded("本人取消")), "已取消申请。", "me.own", _anchor="erasing")


@pages.post("/data")
@right("data", "me")
def data() -> Response:
    """Everything that is held about her, as a workbook."""
    return own_data.own(actor())
