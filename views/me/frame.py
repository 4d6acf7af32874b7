"""What the volunteer's own pages share: whose they are, how far back a list goes, and how a refusal is said."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from peewee import ModelSelect
from werkzeug.wrappers import Response

from models import clock
from models.herself import herself
from models.refusals import NotFound, Refusal
from models.scope import Actor
from models.volunteers import Volunteer
from views import audit_words, cells
from views.asking import actor
from views.hours import in_hours
from views.wording import worded

LINES = 20  # on a page of a list
DEEPEST = 10_000  # page
LONGEST_REASON = 200  # characters; what every table keeps of one
pages = Blueprint("me", __name__, url_prefix="/me")


def me() -> Volunteer:
    """The signed-in volunteer. Raises 404 for an account that is nobody's."""
    try:
        return herself(actor())
    except NotFound:
        abort(404)


def page_number() -> int:
    return max(0, min(request.args.get("page", 0, type=int), DEEPEST))


def part(rows: ModelSelect, page: int, size: int = LINES) -> tuple[list[Any], bool]:
    """A page of the rows, and whether there is another."""
    found: Sequence[Any] = list(rows.offset(page * size).limit(size + 1))
    return list(found[:size]), len(found) > size


def shown(template: str, person: Volunteer, **more: Any) -> str:
    """A page of hers."""
    return render_template(
        f"me/{template}.html", person=person, show=cells.show, hours=in_hours, today=clock.today(), now=clock.now(),
        action=audit_words.action, role=audit_words.role, longest=LONGEST_REASON, **more,
    )  # fmt: skip


def done(does: Callable[[Actor], object], said: str, endpoint: str, **where: Any) -> Response:
    """Do it for whoever asks, and lead on with what came of it: that it is done, or why not."""
    try:
        does(actor())
    except NotFound:
        raise
    except Refusal as no:
        flash(str(no), "bad")
    else:
        flash(worded(said), "good")
    return redirect(url_for(endpoint, **where))


def asked(does: Callable[[Actor], object], said: str, endpoint: str, again: Callable[[str], str], **where: Any) -> Response | str:
    """The same of a form with something typed in it: refused, the page comes back (``again``) with the sentence."""
    try:
        does(actor())
    except NotFound:
        raise
    except Refusal as no:
        return again(str(no))
    flash(worded(said), "good")
    return redirect(url_for(endpoint, **where))
