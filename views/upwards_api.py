"""The platform's interface for programs: batches come in with a bearer token, each record is answered, and the OpenAPI
document is made from the table that judges them (`rules.upwards.KINDS`).

Nobody signs in here and no cookie is taken: whoever sends shows the token of a sender (`models.upwards_in`). Errors are
JSON with a code for programs and a Chinese sentence.
"""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from models import clock
from models.upwards_in import UpwardSender
from models.upwards_receive import Clash, find_batch, receive
from rules.upwards import BYTES_AT_MOST
from rules.upwards_checks import Malformed
from views.gate import right
from views.pacing import pace
from views.upwards_file import read_json
from views.upwards_openapi import document

pages = Blueprint("upward_api", __name__, url_prefix="/api/v1")
PER_MINUTE = 60  # requests of one sender
WRONG_PER_MINUTE = 20  # wrong tokens from one address
BEARER = re.compile(r"Bearer ([\w.~+/=-]{20,200})")


class No(Exception):
    """A request that is not done: the status, a code and a sentence."""

    def __init__(self, status: int, code: str, says: str) -> None:
        super().__init__(says)
        self.status, self.code, self.says = status, code, says


def _said(status: int, code: str, says: str) -> Response:
    made = jsonify(code=code, message=says)
    made.status_code = status
    if status == 401:
        made.headers["WWW-Authenticate"] = "Bearer"
    if status == 429:
        made.headers["Retry-After"] = "60"
    return made


def answered(view: Callable[..., Response]) -> Callable[..., Response]:
    """What is refused inside is said as JSON."""

    @wraps(view)
    def _view(*args: Any, **kwargs: Any) -> Response:
        try:
            return view(*args, **kwargs)
        except No as no:
            return _said(no.status, no.code, no.says)
        except Malformed as no:
            return _said(400, no.code, no.says)
        except Clash as no:
            return _said(409, "conflict", f"批次号 {no} 已收过另一份内容；改动过的请用新的批次号。")
        except RequestEntityTooLarge:
            return _said(413, "too_large", f"一批最大 {BYTES_AT_MOST // 1024 // 1024} MB，请分批。")
        except HTTPException as error:
            return _said(error.code or 400, "bad_request", "请求不完整。")

    return _view


def _sender() -> UpwardSender:
    """Whose token the request shows. Raises ``No`` without one that counts, or with a cookie."""
    if request.headers.get("Cookie"):
        raise No(400, "no_cookies", "这个接口不接受 Cookie，请只用令牌。")
    address = f"upward address {request.remote_addr}"
    if pace().count(address) >= WRONG_PER_MINUTE:
        raise No(429, "too_many", "令牌错误次数过多，请一分钟后再试。")
    shown = BEARER.fullmatch(request.headers.get("Authorization", ""))
    sender = UpwardSender.by_token(shown[1]) if shown else None
    if sender is None:
        pace().note(address)
        raise No(401, "unauthorised", "没有令牌，或令牌不对、已收回；请与平台管理员联系。")
    if pace().count(f"upward sender {sender.id}") >= PER_MINUTE:
        raise No(429, "too_many", f"每分钟最多 {PER_MINUTE} 次请求，请一分钟后再试。")
    pace().note(f"upward sender {sender.id}")
    UpwardSender.update(last_used_at=clock.now()).where(UpwardSender.id == sender.id).execute()
    return sender


@pages.post("/batches")
@right("send", "upward_api")
@answered
def take() -> Response:
    """Take a batch in and answer on every record of it."""
    sender = _sender()
    if request.mimetype != "application/json":
        raise No(415, "not_json", "请以 application/json 报送。")
    request.max_content_length = BYTES_AT_MOST
    if (request.content_length or 0) > BYTES_AT_MOST:
        raise RequestEntityTooLarge
    batch = receive(sender, read_json(request.get_data(cache=False)), "http")
    return jsonify(batch.said())


@pages.get("/batches/<number>")
@right("send", "upward_api")
@answered
def answers(number: str) -> Response:
    """The answers to a batch that was received from this sender."""
    batch = find_batch(_sender(), number)
    if batch is None:
        raise No(404, "not_found", "没有收到过这个批次号。")
    return jsonify(batch.said())


@pages.get("/openapi.json")
@right("see", "upward_api")
def openapi() -> Response:
    """What this interface takes and answers, for programs."""
    # As text that a person can read too.
    return Response(json.dumps(document(), ensure_ascii=False, indent=1), mimetype="application/json")
