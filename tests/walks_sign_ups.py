"""Walks through what becomes of an application from the site."""

from datetime import date
from itertools import count

from cast import person
from models import clock
from models.consents import text_key
from models.sign_ups import FIELDS, Said, SignUp, asked, send
from models.volunteers import Volunteer
from walks import Walk

_drafts = count(1)


def draft() -> bytes:
    """The secret of one browser, another each time."""
    return next(_drafts).to_bytes(16)


def said(station, name: str = "陶然", *, post: int | None = None, relation: str = "", guardian: bool = False, **more) -> Said:
    """What a resident sends who has read and ticked what is put before somebody of her age."""
    values = {n: v for n, v in person(name, **more).items() if n in FIELDS}
    child = guardian and values.get("birth_date", date(2000, 1, 1)) > clock.today().replace(year=clock.today().year - 14)
    own = "" if child else text_key(station, "registration", clock.today())
    kind = "guardian_child" if child else "guardian"
    return Said(values, own, text_key(station, kind, clock.today()) if guardian else "", relation, post)


def sign_up(cast, name: str = "陶然", **more) -> SignUp:
    """A resident's application at station A."""
    receipt = send(said(cast.a, name, **more), cast.a, draft())
    return asked(receipt.number, receipt.code)


def a_sign_up(cast):
    return Volunteer, sign_up(cast).volunteer_id


def a_known_one(cast):
    number = cast.registered("陶然", by=cast.recorder_b).document_number
    return Volunteer, sign_up(cast, document_number=number).volunteer_id


WALKS = [
    Walk("volunteers", a_sign_up, "return:head resend:system identify:recorder approve:head"),
    Walk("volunteers", a_sign_up, "identify:head refuse:head reconsider:head return:head resubmit:system approve:head"),
    Walk("volunteers", a_sign_up, "refuse:head erase:system"),
    Walk("volunteers", a_known_one, "lead:recorder erase:system"),
]
