"""What guards every request: the host's name, the method, CSRF on every post, sizes, and the headers of every answer."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest, RequestURITooLarge
from werkzeug.sansio.utils import host_is_trusted

csrf = CSRFProtect()

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Download-Options": "noopen",  # a workbook is kept first, not opened with the rights of the site
    "X-Permitted-Cross-Domain-Policies": "none",
}
ONE_YEAR = 365 * 24 * 3600  # seconds
UPLOAD_LIMIT = 32 * 1024 * 1024  # bytes in one request
FORM_LIMIT = 1024 * 1024  # bytes of what is typed: 200 lines of a sheet are a fifth of it
PARTS_LIMIT = 4000  # boxes of a form that brings a file
ADDRESS_LIMIT = 8000  # characters of path and query: a list narrowed by everything has some hundred


def init(app: Flask) -> None:
    """No script or style is inline anywhere, so the policy needs neither nonces nor exceptions."""
    station = app.config["STATION"]
    app.config.update(
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form may stay open over lunch
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT,
        MAX_FORM_MEMORY_SIZE=FORM_LIMIT,
        MAX_FORM_PARTS=PARTS_LIMIT,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=station.behind_tls,
        # A browser takes a `__Host-` cookie only by https, for the whole site, and from no other host of the domain.
        SESSION_COOKIE_NAME="__Host-station" if station.behind_tls else "station",
        SESSION_COOKIE_PATH="/",
        PROVIDE_AUTOMATIC_OPTIONS=False,  # nobody asks here from another site
    )
    app.wsgi_app = OwnHosts(app.wsgi_app, station.hosts)  # type: ignore[method-assign]
    app.before_request(_readable)
    csrf.init_app(app)

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if station.behind_tls:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}; includeSubDomains")
        if not (request.endpoint or "").endswith("static"):  # `serving` says otherwise of what anyone may have
            response.headers["Cache-Control"] = "no-store"  # people's data stay in no cache, files and look-ups included
        if response.headers.get("Location", "").startswith(request.host_url):  # the router's, for a missing slash
            target = urlsplit(response.headers["Location"])
            response.headers["Location"] = target._replace(scheme="", netloc="").geturl()
        return response


def _readable() -> None:
    """An address that no page of ours has: too long, or with what no name, number or word can hold.

    Raises ``BadRequest`` or ``RequestURITooLarge``. A form without a file is bounded here: it is read at once and whole.
    """
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = FORM_LIMIT
    if len(request.full_path) > ADDRESS_LIMIT:
        raise RequestURITooLarge
    words = [request.path, *request.args.keys(), *request.args.values()]
    if any("\x00" in word for word in words):
        raise BadRequest


class OwnHosts:
    """Answers only to its own names: a request for another host's is told so, in words, before anything is looked at."""

    def __init__(self, inner: Any, hosts: Iterable[str]) -> None:
        self.inner, self.hosts = inner, tuple(hosts)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if name_of(environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")) in self.hosts:
            return self.inner(environ, start)
        page = STRANGE.encode()
        start("421 Misdirected Request", [
            ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page))),
            ("Cache-Control", "no-store"), *HEADERS.items(),
        ])  # fmt: skip
        return [page]


def name_of(host: str) -> str:
    """The name alone of what a ``Host`` header says, an IPv6 address without its brackets; blank for what is no host."""
    try:
        parts = urlsplit(f"//{host}")
        return (parts.hostname or "") if host_is_trusted(host) and parts.port != 0 else ""
    except ValueError:
        return ""


# Says nothing of the request: what a stranger wrote into a header is not written into a page.
STRANGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>提示</title></head><body>
<h1>不能用这个网址打开</h1>
<p>本机没有登记这个主机名，为防止冒用，没有作答。</p>
<p>请用平时的网址打开；如果这就是平时的网址，请管理员把主机名或 IP 地址写进 HOSTS 设置
（多个用逗号分开，例如 HOSTS=192.168.1.20,zhiyuan.example.gov.cn），再重新启动。</p>
</body></html>
"""
