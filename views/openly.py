"""What anyone may have: which pages may lie in a cache and which a search engine may keep. An address that does not say
so is nobody's to keep."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Response, current_app, g, make_response, render_template, request, session

from models import failures
from views.pacing import MINUTE, pace
from views.wording import worded

View = TypeVar("View", bound=Callable[..., Any])
DEEPEST = 1000  # page of a list
MOMENT = 60  # seconds for which a page of lists may be shown as it was
HOUR = 3600
SEARCHES = 120  # in a minute from one address: a whole district may stand behind one of a telephone company's
BUSY = "从您所在的网络查询太多，请 1 分钟后再试。"


@dataclass(frozen=True)
class Openly:
    """How a page for anyone is kept; for no seconds means that a cache asks each time whether it still stands."""

    indexed: bool
    seconds: int


def openly(*, indexed: bool, seconds: int = MOMENT) -> Callable[[View], View]:
    """Say beside a route that its page is the same for whoever is not signed in: no token, nothing of anybody."""

    def _say(view: View) -> View:
        view.openly = Openly(indexed, seconds)  # type: ignore[attr-defined]
        return view

    return _say


def said_of(endpoint: str | None) -> Openly | None:
    """What the view of an endpoint says of itself."""
    found: Openly | None = getattr(current_app.view_functions.get(endpoint or ""), "openly", None)
    return found


def may_be_kept(response: Response) -> bool:
    """Whether this answer is one that anybody else would have been given, too.

    Not where somebody is signed in; nor where a token was written into the page or the session was touched; nor what
    stands there for a moment in the page's place (``g.passing``).
    """
    return (
        said_of(request.endpoint) is not None and request.method in ("GET", "HEAD") and response.status_code == 200
        and g.get("actor") is None and not g.get("passing") and "csrf_token" not in g and not session.modified and not session.permanent
    )  # fmt: skip


def whoever_asks() -> list[str]:
    """By what a request is counted: its address and, where somebody is signed in, her account as well."""
    account = g.get("account")
    return [request.remote_addr or "", *([f"account {account.id}"] if account is not None else [])]


def searched_too_often() -> Response | None:
    """The answer to whoever searches without end; None for everybody else. Asked where something is looked for only."""
    whose = [f"search {failures.network(one)}" for one in whoever_asks()]
    if max(pace().count(one) for one in whose) >= SEARCHES:
        return too_many(worded(BUSY), MINUTE)
    for one in whose:
        pace().note(one)
    return None


def too_many(says: str, seconds: int) -> Response:
    """A page that says when to come again."""
    answer = make_response(render_template("public/busy.html", says=says), 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def page_asked() -> int:
    """Which page of a list, the first is 0; what is no number is the first."""
    return max(0, min(request.args.get("page", 0, type=int), DEEPEST))


