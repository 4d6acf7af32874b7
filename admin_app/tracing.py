"""What the audit log is told of each request: where it came from, and that it was refused.

A refusal is written at once, the first of an account at an address; more of the same within a minute are counted, and
said in one line when the minute is over. So whoever tries every number leaves a trace, and does not fill the disk.
"""

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from flask import Flask, Response, current_app, g, request, session
from peewee import PeeweeException

from models.audit import Origin, attempts, origin, trail
from models.scope import Actor
from views.base import StageView

log = logging.getLogger("station")
EVERY = 60  # seconds in which one account leaves one line of refusals at one address
REFUSED = {403, 404}
ROW_DIGITS = 10  # what is longer is no row's number; it may be somebody's
SHORT = 8  # hexadecimal digits of a session or a request


@dataclass
class Counted:
    """What one account was refused at one address: since when, how often it was not yet said, and the last of it."""

    by: Actor
    since: float
    about: dict[str, Any]
    unsaid: int = 0


class Refusals:
    """Counts refusals and writes them, each kind at most once in `EVERY` seconds."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._kept: dict[tuple[Any, ...], Counted] = {}

    def note(self, by: Actor, about: dict[str, Any]) -> None:
        """One more. ``about`` says table, row, and in ``after`` the address that was tried."""
        key = (by.account_id, *(about["after"][name] for name in ("page", "method", "code", "tried")))
        with self._lock:
            known = self._kept.get(key)
            if known and self._now() - known.since < EVERY:
                known.unsaid, known.about = known.unsaid + 1, about
                return
            times = 1 + (known.unsaid if known else 0)
            self._kept[key] = Counted(by, self._now(), about)
        _write(by, about, times)

    def flush(self) -> int:
        """Say what was counted and not yet said, once its minute is over; how many lines."""
        with self._lock:
            over = {key: one for key, one in self._kept.items() if self._now() - one.since >= EVERY}
            for key in over:
                del self._kept[key]
        unsaid = [one for one in over.values() if one.unsaid]
        for one in unsaid:
            _write(one.by, one.about, one.unsaid)
        return len(unsaid)


def _write(by: Actor, about: dict[str, Any], times: int) -> None:
    trail(by, "refused", about["table"], about["row"], after=about["after"] | {"times": times})


def init(app: Flask) -> None:
    """To be called before anything that may write a trace on a request."""
    refusals = app.extensions["refusals"] = Refusals()

    @app.before_request
    def _from_where() -> None:
        key = str(session.get("_user_id", "")) if request.endpoint != "static" else ""
        short = hashlib.sha256(key.encode()).hexdigest()[:SHORT] if key else ""
        origin.set(Origin((request.remote_addr or "")[:45], short, secrets.token_hex(SHORT // 2)))
        attempts.set([])

    @app.after_request
    def _refused(response: Response) -> Response:
        by: Actor | None = g.get("actor")
        tried = attempts.get() or []
        # An address that there is not at all is no row of a stranger's: browsers ask for some by themselves.
        if by is not None and (tried or (request.endpoint and response.status_code in REFUSED)):
            try:
                for action in tried or [""]:
                    refusals.note(by, _about(response.status_code, action))
            except PeeweeException:  # the answer itself is a refusal already
                log.exception("a refusal could not be written to the audit log")
        return response

    @app.teardown_request
    def _forget(_error: BaseException | None) -> None:
        origin.set(None)
        attempts.set(None)


def _about(code: int, tried: str) -> dict[str, Any]:
    """What was tried, without anything that was typed: which page or move, and the number of the row."""
    endpoint = request.endpoint or ""
    name = endpoint.partition(".")[0]
    screen = next(
        (v for v in current_app.extensions["admin"][0]._views if isinstance(v, StageView) and v.endpoint == name), None
    )
    given = [request.values.get("id", ""), *map(str, (request.view_args or {}).values())]
    row = next((one for one in given if one.isdecimal() and len(one) <= ROW_DIGITS), "-")
    return {
        "table": screen.model._meta.table_name if screen else name[:40] or "page", "row": row,
        "after": {"page": endpoint, "method": request.method, "code": code, "tried": tried},
    }  # fmt: skip
