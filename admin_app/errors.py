"""What a person sees when something goes wrong: a sentence, and a number that the log carries too."""

import logging
import secrets
import sqlite3

from flask import Flask, g, render_template, request
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError, validate_csrf
from peewee import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException
from wtforms.validators import ValidationError

from models.faults import fault_of, is_full
from models.refusals import NotFound, Refusal
from views.wording import worded

log = logging.getLogger("station")

SAID = {
    400: "请求不完整，请返回重试。",
    403: "这一页不在您的工作范围内。",
    404: "没有找到这一页，可能已被移走，或不在您的工作范围内。",
    405: "这个地址不接受这种操作，请从页面上的按钮进入。",
    413: "文件太大，请拆成几份再传。",
}
SECRETS = {"password", "old", "new", "again", "code"}  # fields that no page may give back


def init(app: Flask) -> None:
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(NotFound, lambda no: _page(404, str(no)))
    app.register_error_handler(Refusal, lambda no: _page(400, str(no)))
    app.register_error_handler(HTTPException, lambda e: _page(e.code or 500, SAID.get(e.code or 500, "出错了。")))
    for kind in (OperationalError, InterfaceError, sqlite3.OperationalError):  # the last one: the queue of jobs
        app.register_error_handler(kind, _machine)
    app.register_error_handler(Exception, _unknown)


def _page(code: int, says: str, number: str = "", again: list[tuple[str, str]] | None = None) -> tuple[str, int]:
    """An error's page; ``again`` are the fields of a form that may be sent once more as it was."""
    return render_template("desk/error.html", code=code, says=worded(says), number=number, again=again), code


def not_ready(says: str) -> tuple[str, int]:
    """The page of a program whose database cannot be used."""
    return _page(503, says)


def _stale(_error: CSRFError) -> tuple[str, int]:
    return _page(400, "页面放得太久或已在别处退出，请重新登录后再提交；返回上一页，填写的内容还在。")


def _machine(error: Exception) -> tuple[str, int]:
    """Nothing was kept; what was typed comes back with the sentence, to be sent again as it is."""
    fault, again = fault_of(error), _typed()
    if "_login_user" not in g:  # who asks lies in the database that does not answer
        g._login_user = AnonymousUserMixin()
    return _page(fault.code, worded(fault.says) + worded(fault.says_then(again is not None)), _log(error), again)


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


def _unknown(error: Exception) -> tuple[str, int]:
    if is_full(error):
        return _machine(error)
    return _page(500, "程序出错，刚才的操作没有保存。请把下面的编号告诉管理员。", _log(error))


def _log(error: Exception) -> str:
    number = secrets.token_hex(4)
    log.error("fault %s on %s %s", number, request.method, request.path, exc_info=error)
    return number
