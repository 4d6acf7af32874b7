"""What a person sees when something goes wrong: a sentence, and a number that the log carries too."""

import logging
import secrets
import sqlite3
import traceback
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError, validate_csrf
from peewee import DataError, InterfaceError, OperationalError, PeeweeException
from werkzeug.exceptions import HTTPException
from wtforms.validators import ValidationError

from models.audit import origin
from models.faults import fault_of, is_full
from models.refusals import NotFound, Refusal
from models.scope import Actor
from rules.roles import Role
from views.wording import worded

log = logging.getLogger("station")

SAID = {
    400: "请求不完整，请返回重试。",
    401: "登录已过期，请重新登录。",
    403: "这一页不在您的工作范围内。",
    404: "没有找到这一页，可能已被移走，或不在您的工作范围内。",
    405: "这个地址不接受这种操作，请从页面上的按钮进入。",
    413: "内容或文件太大，请拆成几份再传。",
    414: "网址太长，请从页面上的按钮重新进入。",
    409: "这一项刚刚被别人改过或正在办理，没有重复办。请返回看看再试。",
    415: "这个地址不接受这种内容，请从页面上的按钮进入。",
    429: "太快了，请过一会儿再试；急事请打工作站电话。",
    503: "程序正忙，请稍后再试。",
}
CODES = {404: "not_found", 405: "method", 413: "too_large", 503: "busy"}  # as the interface for programs names them
OTHER = "没有办成，请返回重试。"
STALE = "页面放得太久或已在别处退出，请重新登录后再提交；返回上一页，填写的内容还在。"
UNFIT = "填写的内容里有数据库不能保存的字符或数字，没有保存，请返回改正。"
FAULT = "程序出错，刚才的操作没有保存。请把下面的编号告诉管理员。"
SECRETS = {"password", "old", "new", "again", "code"}  # fields that no page may give back


def init(app: Flask) -> None:
    app.config.update(DEBUG=False, TRAP_BAD_REQUEST_ERRORS=False, PROPAGATE_EXCEPTIONS=False)  # never a stack in a page
    app.register_error_handler(CSRFError, lambda error: answer(400, STALE, error))
    app.register_error_handler(NotFound, lambda error: answer(404, str(error), error))
    app.register_error_handler(Refusal, lambda error: answer(400, str(error), error))
    app.register_error_handler(HTTPException, _http)
    # A key past what a column holds, or a character that no text may hold: a forged address or form.
    app.register_error_handler(OverflowError, lambda error: answer(404, SAID[404], error))
    app.register_error_handler(DataError, lambda error: answer(400, UNFIT, error))
    for kind in (OperationalError, InterfaceError, sqlite3.OperationalError):  # the last one: the queue of jobs
        app.register_error_handler(kind, _machine)
    app.register_error_handler(Exception, _unknown)


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:  # a redirect of the router's
        return error
    return answer(error.code, SAID.get(error.code, OTHER), error)


def answer(code: int, says: str, error: Exception, again: list[tuple[str, str]] | None = None) -> Response:
    """The sentence and its number, as a page or, for a script that asked, as JSON; the log gets the number as well.

    ``again`` are the fields of a form that may be sent once more as it was.
    """
    number = _log(code, error)
    if request.path.startswith("/api/"):  # programs ask there
        made = jsonify(code=CODES.get(code, "error"), message=says, number=number)
    elif wants_json():
        made = jsonify(says=worded(says), number=number)
    else:
        made = make_response(_page(code, worded(says), number, again))
    made.status_code = code
    if isinstance(error, HTTPException):  # which methods an address takes
        made.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return made


def _page(code: int, says: str, number: str, again: list[tuple[str, str]] | None) -> str:
    """At the desk a small page that leads back to it; for residents and volunteers one in their own shell."""
    who = _who()
    shell = "public" if who is None or who.role == Role.VOLUNTEER else "desk"
    return render_template(f"{shell}/error.html", code=code, says=says, number=number, again=again)


def _who() -> Actor | None:
    """Who asks, also where the request was refused before that was looked up: a forged form, one too large."""
    if "actor" not in g and request.blueprint != "kiosk":
        try:
            if current_user.is_authenticated:
                g.account = current_user.account
                g.actor = g.account.actor()
        except PeeweeException:  # it lies in the database that does not answer
            g._login_user = AnonymousUserMixin()
    found: Actor | None = g.get("actor")
    return found


def not_ready(says: str) -> tuple[str, int]:
    """The page of a program whose database cannot be used."""
    return render_template("desk/error.html", code=503, says=worded(says), number="", again=None), 503


def _machine(error: Exception) -> Response:
    """Nothing was kept; what was typed comes back with the sentence, to be sent again as it is."""
    fault, again = fault_of(error), _typed()
    if "_login_user" not in g:  # who asks lies in the database that does not answer
        g._login_user = AnonymousUserMixin()
    return answer(fault.code, worded(fault.says) + worded(fault.says_then(again is not None)), error, again)


def _typed() -> list[tuple[str, str]] | None:
    """The fields of the form that was sent; None where it cannot be sent again: it held a file or a password, or did not
    come from a page of ours."""
    try:
        if request.method != "POST" or any(request.files.values()) or SECRETS & set(request.form):
            return None
        validate_csrf(request.form.get("csrf_token"))
    except (OSError, ValidationError):  # an OSError: no room for what was uploaded
        return None
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def _unknown(error: Exception) -> Response:
    return _machine(error) if is_full(error) else answer(500, FAULT, error)


def wants_json() -> bool:
    """Whether a script of a page asks, and not a person."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _log(code: int, error: Exception) -> str:
    """One line: number, code, method, path, account. No query, no form and no message of an exception, which may
    repeat what was typed; of a fault the places in the code."""
    at = origin.get()  # the number that the audit log carries too
    number = at.request if at else secrets.token_hex(4)
    account = g.get("account")
    about = (number, code, request.method, request.path.encode("unicode_escape").decode(), getattr(account, "id", "-"))
    if code < 500:
        log.warning("answer %s: %s on %s %s by account %s", *about)
    else:
        log.error("fault %s: %s on %s %s by account %s\n%s", *about, _places(error))
    return number


def _places(error: BaseException) -> str:
    """Where it happened, innermost cause first. A database's own word on why it did not answer is kept."""
    said = []
    at: BaseException | None = error
    while at is not None:
        frames = traceback.extract_tb(at.__traceback__)
        said.append("\n".join(f"  {f.filename}:{f.lineno} {f.name}" for f in frames) + f"\n{type(at).__qualname__}")
        if isinstance(at, OperationalError):
            said[-1] += f": {str(at).splitlines()[0]}" if str(at) else ""
        at = at.__cause__ or at.__context__
    return "\n".join(reversed(said))
