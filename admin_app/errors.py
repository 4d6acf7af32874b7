"""What a person sees when something goes wrong: a sentence, and a number that the log carries too."""

import logging
import secrets

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from peewee import OperationalError
from werkzeug.exceptions import HTTPException

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


def init(app: Flask) -> None:
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(NotFound, lambda no: _page(404, str(no)))
    app.register_error_handler(Refusal, lambda no: _page(400, str(no)))
    app.register_error_handler(HTTPException, lambda e: _page(e.code or 500, SAID.get(e.code or 500, "出错了。")))
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unknown)


def _page(code: int, says: str, number: str = "") -> tuple[str, int]:
    return render_template("desk/error.html", code=code, says=worded(says), number=number), code


def _stale(_error: CSRFError) -> tuple[str, int]:
    return _page(400, "页面放得太久或已在别处退出，请重新登录后再提交；返回上一页，填写的内容还在。")


def _database(error: OperationalError) -> tuple[str, int]:
    number = _log(error)
    return _page(503, "数据库正忙或暂时连不上，刚才的操作没有保存，请稍后再试。", number)


def _unknown(error: Exception) -> tuple[str, int]:
    return _page(500, "程序出错，刚才的操作没有保存。请把下面的编号告诉管理员。", _log(error))


def _log(error: Exception) -> str:
    number = secrets.token_hex(4)
    log.error("fault %s on %s %s", number, request.method, request.path, exc_info=error)
    return number
