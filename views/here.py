"""在活动现场 (方案 二(4)): the volunteer scans the code on the screen or the sheet and says that she is here, or goes; and
whoever leads an activity sees who is there.

A good code is exchanged at once for a ticket in a cookie of this page, so that no code stays in an address, and signing in
on the way does not outlast it.
"""

import secrets
from datetime import datetime, time

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for

from models import clock, presence, present
from models.kiosks import rule_of
from models.presence import Answer
from models.refusals import NotFound, Refusal
from rules.presence import window
from rules.reading import read_time
from views.asking import actor
from views.gate import right
from views.wording import worded

pages = Blueprint("here", __name__, url_prefix="/me")
COOKIE = "here"
SAID = {
    "taken": "已%(what)s，%(at)s。", "already": "您已在 %(at)s %(what)s，不用再按。",
}  # fmt: skip


@pages.get("/here/<code>")
@right("scan", "me")
def scan(code: str) -> Response:
    """A code that was scanned: a good one leads on, whoever is signed in or not; another is told why it is none."""
    try:
        activity, read = presence.read_code(code, "sd")
    except Refusal as no:
        return make_response(render_template("public/here.html", says=str(no)), 400)
    answer = make_response(redirect(url_for("here.page")))
    how = "sheet" if read.kind == "d" else "screen"
    answer.set_cookie(
        COOKIE, f"{how}.{presence.ticket(activity)}", max_age=rule_of(activity).confirm_minutes * 60, path=url_for("here.page"),
        httponly=True, samesite="Lax", secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )  # fmt: skip
    return answer


@pages.route("/here/", methods=("GET", "POST"))
@right("here", "me")
def page() -> Response:
    """Which activity it is, and one button."""
    how, _, ticket = request.cookies.get(COOKIE, "").partition(".")
    try:
        activity, _ = presence.read_code(ticket, "t")
    except Refusal as no:
        said = worded("请先扫屏幕或签到表上的二维码。") if not ticket else str(no)
        return make_response(render_template("public/here.html", says=said), 200 if not ticket else 400)
    by = actor()
    if request.method == "POST":
        return _press(activity.id, "sheet" if how == "sheet" else "screen")
    rule = rule_of(activity)
    turn, into = presence.to_press(presence.turns_of(activity.id, by.volunteer_id), clock.now(), rule)
    return make_response(
        render_template(
            "public/here.html", activity=activity, turn=turn, into=into, key=secrets.token_hex(16), now=clock.now(),
            window=window(turn.starts_at, turn.ends_at, rule) if turn else None, rule=rule,
        )
    )


def _press(activity: int, how: str) -> Response:
    """In or out, once, however often the button is pressed."""
    try:
        answer = presence.here(activity, request.form.get("into") == "1", request.form.get("key", ""), actor(), how)
    except NotFound:
        raise
    except Refusal as no:
        flash(str(no), "bad")
    else:
        flash(*_told(answer))
    return make_response(redirect(url_for("here.page")))


def _told(answer: Answer) -> tuple[str, str]:
    if answer.answer in SAID and answer.at is not None:
        what = worded("签到") if answer.into else worded("签退")
        return worded(SAID[answer.answer], what=what, at=f"{answer.at:%H:%M}"), "good"
    return answer.says, "bad"


@pages.get("/lead/")
@right("lead", "me")
def leads() -> str:
    """The activities that she leads now."""
    return render_template("public/leads.html", turns=presence.leads(actor()))


@pages.get("/lead/<int:key>")
@right("lead", "me")
def lead(key: int) -> str:
    """Who is there, who went, who is missing; it refreshes itself."""
    activity = presence.led(key, actor())
    people = present.who_is_there(activity.id)
    return render_template(
        "public/lead.html", activity=activity, people=people, counts=present.counts(people), now=clock.now(),
        own=actor().volunteer_id, key=key, waiting=present.waiting_of(activity.id),
    )  # fmt: skip


@pages.post("/lead/<int:key>")
@right("lead", "me")
def sign(key: int) -> Response:
    """She signs somebody else in or out, and says why."""
    activity = presence.led(key, actor())
    try:
        presence.by_hand(
            request.form.get("turn", ""), request.form.get("into") == "1", request.form.get("reason", ""), actor(),
            at=moment_of(activity.day, request.form.get("at", "")), companion=request.form.get("companion", ""),
        )  # fmt: skip
    except NotFound:
        raise
    except (Refusal, ValueError) as no:
        flash(str(no), "bad")
    else:
        flash(worded("已代签。"), "good")
    return make_response(redirect(url_for("here.lead", key=key)))


def moment_of(day, text: str) -> datetime | None:
    """An hour of that day; None where nothing is typed. Raises ``ValueError`` with a sentence for what is no hour."""
    if not text.strip():
        return None
    hour: time = read_time(text)
    return datetime.combine(day, hour)
