"""What was typed is not lost: a form sent twice counts once, a form sent too late is shown again to whoever filled it in.

Every form of the desk bears a number that names whose it is. The data layer spends it with the work (`models.once`). When
the session has ended meanwhile, the answer to the post is the sign-in page itself, which carries what was typed in its
hidden boxes: not in an address, a cookie, a log or on the server. After signing in, the form's own page is made from it
with a new token, and nothing is done before its owner presses the button there; for anybody else it is dropped.
"""

import hashlib
import hmac
import json
import re
import secrets
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, flash, g, make_response, redirect, render_template, request, session
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from peewee import OperationalError
from werkzeug.exceptions import Conflict, Unauthorized

from admin_app.errors import STALE, answer, log, wants_json
from admin_app.signing_in import half, step_page
from models import once
from models.base import database
from models.once import ADDRESS, Press, SentBefore, SentForm
from models.people import Account
from rules.roles import Role
from views.asking import own_path
from views.wording import worded

MARK, TYPED, TARGET, SHOWN = "once", "carried", "carried_to", "shown_only"  # boxes of a form
BEARS = re.compile(r"(\d{1,18})-[\w-]{24}")  # an account and 18 bytes at random
NOT_CARRIED = {"csrf_token", SHOWN, "password", "old", "new", "again", "code"}  # nor a word that only its owner may know
AWAITED, STEP = 8.0, 0.05  # seconds that a second press waits to hear where the first one led

AGAIN = "已重新登录。您刚才填写的内容都在下面，还没有保存，请核对后再按一次。"
DROPPED = "刚才的表单是用另一个账号填写的，没有保存，也没有留下内容。请用那个账号重新填写。"
DONE = "这张表单已经保存过，没有重复保存。"
UNDER_WAY = "这张表单已经送到，正在保存或已经保存，没有重复保存。请到列表里查看。"
CHANGED = "这张表单刚才已经保存过。您后来又改了内容：要改已保存的那一条，请打开它修改；要另外再存一份，请核对后再保存。"
CONFIRM = "已重新登录。刚才要办的还没有办，请核对后再按一次。"
SIGN_IN = "登录已过期。您填写的内容还在，没有保存；用原来的账号登录后会回到刚才的表单。"


def init(app: Flask) -> None:
    app.jinja_env.globals.update(form_mark=form_mark, carried=carried)
    app.before_request(_look)
    app.after_request(_lead_on)
    app.teardown_request(_let_go)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(SentBefore, _sent_before)


def form_mark() -> str:
    """The number of one form of this page; blank where nobody is signed in."""
    return f"{current_user.account.id}-{secrets.token_urlsafe(18)}" if current_user.is_authenticated else ""


def carried() -> Markup:
    """The hidden boxes in which a page on the way in carries what was typed; blank where nothing was."""
    target, typed = g.get("carried") or (request.form.get(TARGET, ""), request.form.get(TYPED, ""))
    if not target:
        return Markup()
    box = Markup('<input type="hidden" name="{}" value="{}">')
    return box.format(TARGET, target) + box.format(TYPED, typed)


def _look() -> Response | None:
    """Whose form this is, whether it was done already, and whether it is only to be shown."""
    once.press.set(None)
    owner = _owner(request.form.get(MARK, "")) if request.method == "POST" else None
    if owner is None:
        return None
    account: Account | None = g.get("account")
    if account is None:
        return _sign_in_first() if _from_here() else None
    if account.id != owner:
        return answer(400, DROPPED, CSRFError())
    form = Press(request.form[MARK], _digest(_fields()), worded(AGAIN) if request.form.get(SHOWN) else "")
    if once.sent(form.key):
        return _done(_awaited(form), form)
    if form.shown_only:  # belt and braces: whatever were written all the same is taken back
        g.taken_back = ExitStack()
        g.taken_back.enter_context(database.atomic())
    once.press.set(form)
    return None


def _lead_on(response: Response) -> Response:
    """Keep where a form led; lead whoever has signed in on to her form."""
    form = once.press.get()
    leads = response.status_code in (301, 302, 303)
    if form is not None and form.spent and leads and len(response.location or "") <= ADDRESS:
        try:
            once.led(form.key, response.location)
        except OperationalError as error:  # what was asked for is done, and a second press still finds it so
            log.warning("a form's way was not kept: %s", type(error).__name__)
    elif form is not None and form.shown_only and leads:  # no page of its own that shows what was typed
        session.pop("_flashes", None)
        return make_response(_page(request.full_path, _fields(), CONFIRM, confirm=True))
    elif leads and request.form.get(TYPED) and current_user.is_authenticated:
        return _welcome_back(response)
    elif leads and request.form.get(TYPED) and (row := half()) is not None:  # what is typed goes along from step to step
        g.pop("csrf_token", None)
        return make_response(step_page(row))
    return response


def _let_go(_error: BaseException | None) -> None:
    once.press.set(None)
    if undo := g.pop("taken_back", None):
        undo.__exit__(SentBefore, SentBefore(), None)


def _stale(error: CSRFError) -> Response:
    """A form without the token of this session: shown again to its owner, and never done unseen."""
    owner = _owner(request.form.get(MARK, ""))
    if owner is None or not _from_here() or wants_json():
        return answer(400, STALE, error)
    if not current_user.is_authenticated:
        return _sign_in_first()
    if current_user.account.id != owner:
        return answer(400, DROPPED, error)
    return make_response(_page(request.full_path, _fields(), AGAIN))


def _sent_before(_error: SentBefore) -> Response:
    """The second of two that came at the same moment: led to where the first one is led."""
    form = once.press.get()
    assert form is not None
    return _done(_awaited(form), form)


def _awaited(form: Press) -> SentForm:
    """The form as it was sent the first time, with where that led; its answer may be a moment away from being kept."""
    until = time.monotonic() + AWAITED
    while (done := once.sent(form.key)) and not done.leads_to and done.just_now() and time.monotonic() < until:
        time.sleep(STEP)
    return done or SentForm(key=form.key, digest=form.digest, leads_to="")


def _done(done: SentForm, form: Press) -> Response:
    same = hmac.compare_digest(done.digest, form.digest)
    if same and done.leads_to and not wants_json():
        flash(worded(DONE), "note")
        return redirect(done.leads_to)
    if same or wants_json():
        return answer(409, UNDER_WAY, Conflict())
    fields = [(name, value) for name, value in _fields() if name != MARK]
    return make_response(_page(request.full_path, [*fields, (MARK, form_mark())], CHANGED, there=done.leads_to))


def _sign_in_first() -> Response:
    """The sign-in page in the place of the answer, with what was typed."""
    g.carried = (request.full_path.rstrip("?"), json.dumps(_fields(), ensure_ascii=False))
    said = worded(SIGN_IN) + (worded("选好的文件不能保留，登录后请重新选择。") if request.files else "")
    g.pop("csrf_token", None)
    if wants_json():
        return answer(401, SIGN_IN, Unauthorized())
    return make_response(render_template("desk/login.html", username="", said=said), 401)


def _welcome_back(response: Response) -> Response:
    """The form's owner goes on to it; anybody else to her own page, and hears that it was dropped."""
    target, fields = own_path(request.form.get(TARGET)), _read(request.form[TYPED])
    if not target or _owner(dict(fields).get(MARK, "")) != current_user.account.id:
        flash(worded(DROPPED), "bad")
        return response
    g.pop("csrf_token", None)  # that of the session before
    return make_response(_page(target, fields, AGAIN))


def _page(target: str, fields: list[tuple[str, str]], says: str, *, confirm: bool = False, there: str = "") -> str:
    """The page that hands what was typed to the form's own address: at once to be shown, or when it is confirmed."""
    seen = [value for name, value in fields if name not in (MARK, "back", "id", "revision") and value.strip()]
    account: Account = current_user.account
    hers = account.role == Role.VOLUNTEER.value
    if hers and "actor" not in g:  # she has just signed in, or her form was refused before that was looked up
        g.account, g.actor = account, account.actor()
    return render_template(
        "me/resume.html" if hers else "desk/resume.html", target=target, fields=fields, says=worded(says), confirm=confirm, there=there, seen=seen,
        shown=SHOWN,
    )  # fmt: skip


def _owner(mark: str) -> int | None:
    found = BEARS.fullmatch(mark)
    return int(found[1]) if found else None


def _from_here() -> bool:
    """Whether a page of this site sent it; every browser says so of a post."""
    origin = request.headers.get("Origin", "")
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or urlsplit(origin).netloc == request.host


def _fields() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_CARRIED]


def _read(text: str) -> list[tuple[str, str]]:
    """What a page carried; nothing where it is not what we wrote."""
    try:
        found = json.loads(text)
        return [(str(name), str(value)) for name, value in found if name not in NOT_CARRIED]
    except (ValueError, TypeError):
        return []


def _digest(fields: list[tuple[str, str]]) -> str:
    """Tells the same content from another, and by the key nobody what it was."""
    said = json.dumps([field for field in fields if field[0] != MARK]).encode()
    return hmac.new(str(current_app.secret_key).encode(), said, hashlib.sha256).hexdigest()
