"""Public pages that are made once and shown to many: before the program, as a proxy's cache would stand before it.

A page that says itself that anybody may keep it (`views.openly`) is kept for as long as it says, counted from when it was
made: ``Age`` tells browsers how much of that is over, so nobody's is older than it would be without. Given and kept only to
whoever sends no cookie: who is signed in, reads English or large letters, or has a form open, is given a page of her own.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

MOST = 500  # pages
LARGEST = 256 * 1024  # bytes of one; all together are no more than 128 MiB, and as pages are, some 2
LONGEST = 60  # seconds: an hour's page is made anew sixty times an hour, and that is nothing
OWN = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_RANGE", "HTTP_IF_MODIFIED_SINCE")  # whoever sends one is answered alone
NAMES = ("HTTP_HOST", "wsgi.url_scheme", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")  # what makes an address
# A whole answer's alone: what is as it was travels without them.
OF_A_BODY = ("content-length", "content-encoding", "content-type")

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """A whole answer, and when it was made."""

    headers: Headers
    body: bytes
    made: float
    lasts: int  # seconds


class Keeping:
    """The program, with what it may show again kept in front of it; one a server."""

    def __init__(self, inner: Any, now: Callable[[], float] = monotonic) -> None:
        self._inner, self._now, self._lock = inner, now, Lock()
        self._kept: OrderedDict[tuple[str, ...], Page] = OrderedDict()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or any(name in environ for name in OWN):
            return self._inner(environ, start)  # type: ignore[no-any-return]
        key = (*(environ.get(name, "") for name in NAMES), environ.get("HTTP_ACCEPT_ENCODING", ""),
               environ.get("HTTP_ACCEPT_LANGUAGE", ""))  # fmt: skip
        page = self._fresh(key)
        if page is None:
            status, page = self._made(environ)
            if not status.startswith("200 "):
                start(status, page.headers)
                return [page.body]
            if page.lasts and len(page.body) <= LARGEST:
                self._keep(key, page)
        return _answer(page, environ.get("HTTP_IF_NONE_MATCH", ""), int(self._now() - page.made), start)

    def _fresh(self, key: tuple[str, ...]) -> Page | None:
        with self._lock:
            page = self._kept.get(key)
            if page is not None and self._now() - page.made >= page.lasts:
                del self._kept[key]
                return None
            return page

    def _keep(self, key: tuple[str, ...], page: Page) -> None:
        with self._lock:
            self._kept[key] = page
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def _made(self, environ: dict[str, Any]) -> tuple[str, Page]:
        """The program's whole answer: whether the browser has it already is asked of it here."""
        made = self._now()  # before it looks anything up: no change that it missed is older than the page
        said: list[tuple[str, Headers]] = []

        def _start(status: str, headers: Headers, _error: Any = None) -> Callable[[bytes], None]:
            said[:] = [(status, headers)]
            return lambda _more: None

        asked = {name: value for name, value in environ.items() if name != "HTTP_IF_NONE_MATCH"}
        parts = self._inner(asked, _start)
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        status, headers = said[0]
        return status, Page(headers, body, made, _lasts(headers))


def _lasts(headers: Headers) -> int:
    """For how many seconds this may be shown again; none for what is anybody's own."""
    said = {name.lower(): value for name, value in headers}
    if "set-cookie" in said or not said.get("cache-control", "").startswith("public"):
        return 0
    age = re.search(r"max-age=(\d+)", said["cache-control"])
    return min(int(age[1]), LONGEST) if age else 0


def _answer(page: Page, known: str, age: int, start: Any) -> Iterable[bytes]:
    """The page, or that it is as the browser has it."""
    said = {name.lower(): value for name, value in page.headers}
    headers = [*page.headers, *([("Age", str(age))] if age > 0 else [])]
    public, tag = said.get("cache-control", "").startswith("public"), said.get("etag", "")
    if public and tag and _bare(tag) in (_bare(one) for one in known.split(",")):
        start("304 NOT MODIFIED", [(name, value) for name, value in headers if name.lower() not in OF_A_BODY])
        return []
    start("200 OK", headers)
    return [page.body]


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/")
