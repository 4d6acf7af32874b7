"""A browser as a person has one, without a screen: two connections, cookies, ETags and a cache; and the book of answers."""

import html
import http.client
import re
import threading
import time
from collections import Counter, defaultdict
from http.cookies import SimpleCookie
from itertools import count
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from bench_start import GIVE_UP

SILENT = 30.0  # seconds after which a connection that said nothing is not used again

_addresses = count(1)


class Wrong(Exception):
    """An answer that nobody expected."""


# --- what was measured ---


class Book:
    """Every answer, by who asked for what; filled by many threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.took: dict[tuple[str, str], list[float]] = defaultdict(list)  # (who, kind of page) -> seconds
        self.bytes: dict[str, list[int]] = defaultdict(list)  # kind of page -> of a whole body as it travelled
        self.statuses: Counter[int] = Counter()
        self.cached = 0  # looked at again within its minute, without a request
        self.seen: set[str] = set()
        self.errors: list[str] = []

    def note(self, who: str, what: str, status: int, seconds: float, size: int) -> None:
        with self.lock:
            self.took[who, what].append(seconds)
            self.statuses[status] += 1
            self.seen.add(what)
            if status == 200:
                self.bytes[what].append(size)

    def of(self, *who: str) -> dict[str, list[float]]:
        """All that these were answered, by kind of page."""
        found: dict[str, list[float]] = defaultdict(list)
        for (one, what), some in self.took.items():
            if one in who:
                found[what] += some
        return found


def kind(method: str, path: str) -> str:
    """What kind of page an address is: numbers and codes stand for any, filters for one another."""
    parts = urlsplit(path)
    if parts.path.startswith("/static/"):
        return "static"
    at = re.sub(r"/\d+", "/N", re.sub(r"^/verify/.+", "/verify/CODE", parts.path))
    return f"{'' if method == 'GET' else method + ' '}{at}{'?' if parts.query and at != '/verify/' else ''}"


# --- a browser ---


class Browser:
    """One person's: her address, two connections, her cookies, and what she keeps."""

    def __init__(self, port: int, book: Book, who: str, *, keeps: bool = True) -> None:
        number = next(_addresses)
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.port, self.book, self.who, self.keeps = port, book, who, keeps
        # Somebody who keeps nothing has a cookie: no page that was made for others is given to her.
        self.cookies: dict[str, str] = {} if keeps else {"measuring": "1"}
        self.kept: dict[str, tuple[str, float, str]] = {}  # address -> ETag, until when it is fresh, its text
        self.lines: dict[str, tuple[http.client.HTTPConnection, float]] = {}

    def close(self) -> None:
        for line, _ in self.lines.values():
            line.close()

    def get(self, path: str, expected: tuple[int, ...] = (200,)) -> str:
        """The page at an address and all that it loads; redirects are followed."""
        known = self.kept.get(path)
        if known and known[1] > time.monotonic():
            with self.book.lock:
                self.book.cached += 1
            return known[2]
        asks = {"If-None-Match": known[0]} if known and known[0] else {}
        return self._page("GET", path, None, asks, expected)

    def post(self, path: str, fields: dict[str, Any], expected: tuple[int, ...] = (200,)) -> str:
        """Send a form, and go where it leads."""
        body = urlencode(fields, doseq=True).encode()
        return self._page("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"}, expected)

    def _page(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], expected: tuple[int, ...]
    ) -> str:
        status, said, text = self.ask(method, path, body, headers)
        if status in (301, 302, 303):
            return self.get(urljoin(path, said["Location"]), expected)
        if status == 304 and "If-None-Match" in headers:
            text = self.kept[path][2]
        elif status not in expected:
            raise Wrong(f"{method} {path}: {status}, expected {expected}: {_words(text)[:300]}")
        self._keep(method, path, status, said, text)
        for link in re.findall(r'(?:<link[^>]+href|<script[^>]+src|<img[^>]+src)="(/[^"]+)"', text):
            self._load(html.unescape(link))
        return text

    def _load(self, link: str) -> None:
        if link in self.kept:
            return
        status, said, text = self.ask("GET", link, None, {}, line="second")
        if status != 200:
            raise Wrong(f"GET {link}: {status}")
        self._keep("GET", link, status, said, "")
        self.kept.setdefault(link, ("", float("inf"), text if link.startswith("/static/") else ""))

    def _keep(self, method: str, path: str, status: int, said: http.client.HTTPMessage, text: str) -> None:
        control = said.get("Cache-Control", "")
        if method != "GET" or status not in (200, 304) or "public" not in control or not self.keeps:
            return
        age = re.search(r"max-age=(\d+)", control)
        left = int(age[1]) - int(said.get("Age", "0")) if age else 0
        self.kept[path] = (said.get("ETag", ""), time.monotonic() + left, text)

    def ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], line: str = "first"
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """One request: status, headers, text."""
        connection, used = self.lines.get(line, (None, 0.0))
        if connection is None or time.monotonic() - used > SILENT:
            if connection is not None:
                connection.close()
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=GIVE_UP)
        headers = {"X-Forwarded-For": self.address, "Accept-Encoding": "br, gzip", "User-Agent": "Firefox"} | headers
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        begun = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        sent = answer.read()
        took = time.perf_counter() - begun
        self.lines[line] = (connection, time.monotonic())
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(cookie).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        self.book.note(self.who, kind(method, path), answer.status, took, len(sent))
        if answer.status >= 500 or b"database is locked" in sent:
            raise Wrong(f"{method} {path}: {answer.status}")
        return answer.status, answer.headers, _unpacked(sent, answer.headers.get("Content-Encoding", ""))


def _unpacked(sent: bytes, how: str) -> str:
    import gzip

    import brotli

    if how == "br":
        sent = brotli.decompress(sent)
    elif how == "gzip":
        sent = gzip.decompress(sent)
    return sent.decode(errors="replace")


def _words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("<main")[2] or page).split())


def links(page: str, pattern: str) -> list[str]:
    """The addresses on a page that look like this, each once."""
    found = (html.unescape(one) for one in re.findall(r'<a[^>]+href="([^"]+)"', page))
    return list(dict.fromkeys(one for one in found if re.fullmatch(pattern, one)))


def form(page: str, action: str) -> dict[str, str]:
    """The hidden boxes of the first form that leads to an address like this, by name. Raises `Wrong` without one."""
    for head, inside in re.findall(r"(<form[^>]*>)(.*?)</form>", page, re.S):
        if (leads := re.search(r'action="([^"]*)"', head)) and re.fullmatch(action, html.unescape(leads[1])):
            boxes = (re.search(r'name="([^"]+)" value="([^"]*)"', one) for one in re.findall(r'<input type="hidden"[^>]*>', inside))
            return {box[1]: html.unescape(box[2]) for box in boxes if box} | {"": html.unescape(leads[1])}
    raise Wrong(f"no form to {action}: {_words(page)[:300]}")


def send(browser: Browser, page: str, action: str, **typed: Any) -> str:
    """Fill that form in and send it."""
    boxes = form(page, action)
    return browser.post(boxes.pop(""), boxes | typed)


def must(page: str, sign: str) -> str:
    """Raises `Wrong` for a page that does not say this: a form came back."""
    if sign not in page:
        raise Wrong(f"«{sign}» is not said: {_words(page)[:400]}")
    return page
