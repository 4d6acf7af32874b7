"""签到台与签到屏 (方案 二(4)): what a device on a public table shows and sends. Nobody signs in here.

A one-time code, typed once, gives the device a token: a cookie for `/kiosk/` alone, which no script reads and no other
site can make it send. Presses are JSON with a header that no form can bear. Whoever is signed in in the same browser is
nobody here, and these pages keep no session alive.
"""

from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import BadRequest

from models import clock, kiosks, presence, present
from models.kiosks import Kiosk, rule_of
from models.presence import Answer, Sent
from models.refusals import Refusal
from views.drawn import qr
from views.gate import right
from views.pacing import pace

pages = Blueprint("kiosk", __name__, url_prefix="/kiosk")
COOKIE = "kiosk"
PER_MINUTE = 120  # requests of one device
PER_ADDRESS = 240  # of an address without a token that counts
AT_ONCE = 50  # presses in one request
BYTES = 32 * 1024  # of them
OFF_AT_MOST = 10 * 365 * 86400  # seconds: what a clock may be off and still be a clock
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
# A page for a device that stands alone: its worker keeps the page, and a camera may read cards where there is one.
OWN_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


def _shown() -> Kiosk | None:
    """The kiosk whose token this request shows."""
    return kiosks.by_token(request.cookies.get(COOKIE, ""))


def let_in(answer: Response, kiosk: Kiosk, token: str) -> Response:
    """Give the device its token; it outlasts a restart of the browser, and no longer than the kiosk."""
    left = int((kiosk.lasts_until() - clock.now()).total_seconds())
    answer.set_cookie(
        COOKIE, token, max_age=max(left, 60), path=url_for("kiosk.page"), httponly=True, samesite="Strict",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )  # fmt: skip
    return answer


@pages.get("/")
@right("use", "kiosks")
def page() -> Response:
    """The kiosk, or the box in which its code is typed."""
    kiosk = _shown()
    if kiosk is None:
        return _form("")
    start, end = kiosks.hours_of(kiosk.activity)
    answer = make_response(
        render_template("kiosk/kiosk.html", kiosk=kiosk, activity=kiosk.activity, start=start, end=end, open=kiosk.may_press())
    )
    answer.headers["X-Kiosk"] = "open"  # what the worker may keep
    answer.headers.update(OWN_HEADERS)
    return answer


def _form(says: str, status: int = 200) -> Response:
    return make_response(render_template("kiosk/open.html", says=says), status)


@pages.post("/open")
@right("open", "kiosks")
def open_view() -> Response:
    """The code, typed on the device: opened once. Too many wrong ones make the address wait."""
    try:
        kiosk, token = kiosks.open_with(request.form.get("code", "")[:40], request.remote_addr or "")
    except Refusal as no:
        return _form(str(no), 400)
    where = "kiosk.screen" if request.form.get("as") == "screen" else "kiosk.page"
    return let_in(make_response(redirect(url_for(where))), kiosk, token)


@pages.get("/screen")
@right("use", "kiosks")
def screen() -> Response:
    """A code that changes, large, and who is there, masked; it refreshes itself without a script."""
    kiosk = _shown()
    if kiosk is None or not kiosk.may_press():
        return _form("")
    activity, rule = kiosk.activity, rule_of(kiosk.activity)
    code = presence.screen_code(activity, rule)
    people = present.who_is_there(activity.id)
    target = request.host_url.rstrip("/") + url_for("here.scan", code=code)
    start, end = kiosks.hours_of(activity)
    return make_response(
        render_template(
            "kiosk/screen.html", activity=activity, code=qr(target, "l"), seconds=min(rule.screen_seconds, 30), rule=rule,
            people=people, counts=present.counts(people), now=clock.now(), start=start, end=end,
            near=request.host.rpartition(":")[0] in LOOPBACK or request.host in LOOPBACK,
        )
    )  # fmt: skip


@pages.get("/worker.js")
@right("use", "kiosks")
def worker() -> Response:
    """The page's worker; its own address says what it may reach: `/kiosk/` alone."""
    answer = current_app.send_static_file("kiosk-worker.js")
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    return answer


def paced(view: Callable[[Kiosk], Response]) -> Callable[[], Response]:
    """Only for a device whose token counts, and not too often."""

    def _view() -> Response:
        address = f"kiosk address {request.remote_addr}"
        if pace().count(address) >= PER_ADDRESS:
            return _no(429, "太快了，请稍候。")
        kiosk = _shown()
        if kiosk is None:
            pace().note(address)
            return _no(401, "这台签到台已关闭或已到期。")
        if pace().count(f"kiosk {kiosk.id}") >= PER_MINUTE:
            return _no(429, "太快了，请稍候。")
        pace().note(f"kiosk {kiosk.id}")
        return view(kiosk)

    _view.__name__, _view.__doc__ = view.__name__, view.__doc__
    return _view


def _no(status: int, says: str) -> Response:
    answer = jsonify(says=says)
    answer.status_code = status
    if status == 429:
        answer.headers["Retry-After"] = "30"
    return answer


@pages.get("/now")
@right("use", "kiosks")
@paced
def now(kiosk: Kiosk) -> Response:
    """What time it is here, for a device to hold its clock against; and whether it still signs in."""
    return jsonify(now=_epoch(), open=kiosk.may_press())


def _epoch() -> int:
    return int(clock.wall().timestamp() * 1000)


@pages.post("/presses")
@right("use", "kiosks")
@paced
def presses(kiosk: Kiosk) -> Response:
    """Presses of this device, each answered. What is not read is answered too, so that it does not lie there for ever."""
    if request.headers.get("X-Kiosk") != "1" or request.mimetype != "application/json":
        return _no(400, "请求不完整。")  # a form of another site can send neither
    request.max_content_length = BYTES
    try:
        said = request.get_json()
    except BadRequest:
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("presses"), list) or not _is_moment(said.get("now")):
        return _no(400, "请求不完整。")
    off = clock.ahead_of(said["now"])
    kiosks.heard_from(kiosk, max(-OFF_AT_MOST, min(OFF_AT_MOST, off)))
    read = [(one, _read(one, off)) for one in said["presses"][:AT_ONCE]]
    try:
        taken = iter(presence.from_kiosk(kiosk, [sent for _, sent in read if sent is not None]))
    except Refusal as no:  # this machine's own clock stands wrong: nothing is lost, the device sends it again
        return _no(503, str(no))
    answers = [
        _said(next(taken)) if sent is not None else {"key": _key_of(one), "answer": "bad", "says": "这一条不完整，没有记下。"}
        for one, sent in read
    ]
    return jsonify(now=_epoch(), open=kiosk.may_press(), answers=answers)


def _is_moment(value: Any) -> bool:
    return type(value) is int and 0 <= value < 10**14


def _key_of(one: Any) -> str:
    return str(one.get("key", ""))[:64] if isinstance(one, dict) else ""


def _read(one: Any, off: int) -> Sent | None:
    """A press as the device sent it; None for what is none."""
    if not isinstance(one, dict) or not _is_moment(one.get("at")) or type(one.get("into")) is not bool:
        return None
    key, card, before = one.get("key"), one.get("card"), one.get("off")
    if not isinstance(key, str) or not isinstance(card, str) or not key.isalnum():
        return None
    if not presence.LEAST_KEY <= len(key) <= presence.KEY_LETTERS or len(card) > 40:
        return None
    earlier = before if type(before) is int and abs(before) <= OFF_AT_MOST else None
    try:
        return Sent(key, card, one["into"], clock.of_epoch(one["at"]), (earlier, max(-OFF_AT_MOST, min(OFF_AT_MOST, off))))
    except ValueError:
        return None


def _said(answer: Answer) -> dict[str, Any]:
    return {
        "key": answer.key, "answer": answer.answer, "says": answer.says, "name": answer.name, "into": answer.into,
        "at": f"{answer.at:%H:%M}" if answer.at else "",
    }  # fmt: skip
