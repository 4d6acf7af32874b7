"""The gate: every address says which right of the access table it takes, and the table is asked before the view runs.

Beside `@expose` or a blueprint's route stands ``@right("print")``, which on a screen is about the screen's own resource,
or ``@right("read", "notices")``. An address that says nothing keeps the program from starting.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from models.audit import attempted
from rules.access import TABLE, Role
from views.asking import allowed, role

View = TypeVar("View", bound=Callable[..., Any])
Action = str | Callable[[], str]


@dataclass(frozen=True)
class Right:
    """An action of the access table on a resource. Where the request names the action, as every move does, it is a
    function that reads it there."""

    action: Action
    resource: str = ""

    @property
    def asked(self) -> str:
        """The action that the current request is for; blank where it names none."""
        return self.action if isinstance(self.action, str) else self.action()


def right(action: Action, resource: str = "") -> Callable[[View], View]:
    """Say which right an address takes; without ``resource`` it is that of the screen."""

    def _say(view: View) -> View:
        view.right = Right(action, resource)  # type: ignore[attr-defined]
        return view

    return _say


def named_move() -> str:
    """The move that a form names."""
    return request.form.get("move", "")


STATIC = Right("see", "site")  # style sheets, scripts and pictures, of which none is about anybody


def right_of(app: Flask, endpoint: str) -> Right:
    """What an endpoint says that it takes.

    Raises ``TypeError`` where it says nothing, or something that the access table does not know.
    """
    if endpoint.rpartition(".")[2] == "static":
        return STATIC
    view: Any = app.view_functions[endpoint]
    said: Right | None = getattr(view, "right", None)
    if said is None:
        raise TypeError(f"{endpoint} does not say which right it takes (views.gate.right)")
    found = Right(said.action, said.resource or getattr(getattr(view, "__self__", None), "resource", ""))
    known = TABLE.get(found.resource)
    if known is None or (isinstance(found.action, str) and found.action not in known):
        raise TypeError(f"{endpoint}: the access table does not know «{found.action}» on «{found.resource}»")
    return found


def init(app: Flask) -> None:
    """Closed by default: called when every address is there, it refuses those that declare nothing."""
    for endpoint in app.view_functions:
        right_of(app, endpoint)
    app.before_request(_pass)


def _pass() -> Response | None:
    """Let the request through, or not: nobody is sent to sign in, everybody else is told that it is not theirs."""
    if request.endpoint is None:
        return None  # no such address: nothing to guard
    wanted = right_of(current_app._get_current_object(), request.endpoint)  # type: ignore[attr-defined]
    action = wanted.asked
    if action not in TABLE[wanted.resource]:
        if g.get("actor") is not None:
            abort(404)
    elif allowed(action, wanted.resource):
        return None
    if g.get("actor") is None:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("login", next=back))
    if request.endpoint == "admin.index" and role() == Role.VOLUNTEER:
        return redirect(url_for("me.index"))  # the one page that pages for everybody lead back to
    if callable(wanted.action):
        attempted(action)  # the log says which move it was
    abort(403)
