"""A person at a browser that keeps no rules: what it sends over the wire to the served program is sent byte for byte."""

import html
import re
import threading
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote_from_bytes

from flask import Flask
from waitress import create_server

from desk import PASSWORD, give_password
from models.scope import Actor

_TOKEN = re.compile(r'name="csrf[-_]token" (?:content|value)="([^"]+)"')
EDGE = "----------the-edge-of-a-part"

Fields = list[tuple[str, Any]]
Files = list[tuple[str, str, bytes]]  # field, file name, content


@dataclass
class Answer:
    status: int
    path: str
    text: str
    headers: Any

    def says(self, words: str) -> bool:
        """Whether the page holds these words, as a person reads it."""
        return words in html.unescape(self.text)


class Served:
    """The program behind a real socket, in a thread of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.server = create_server(app, host="127.0.0.1", port=0, threads=2)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def signed_in_as(self, who: Actor) -> "Caller":
        caller = Caller(int(self.server.effective_port))
        caller.get("/login")
        answer = caller.post("/login", [("username", give_password(who)), ("password", PASSWORD)])
        assert not answer.path.startswith("/login"), answer.text
        return caller

    def close(self) -> None:
        self.server.close()
        self.thread.join(5)


class Caller:
    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.token = ""

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, fields: Fields = (), files: Files = (), token: str | None = None) -> Answer:
        """A form with the newest token of this browser, or another, or (blank) none."""
        token = self.token if token is None else token
        named = [*fields, *([("csrf_token", token)] if token and "csrf_token" not in dict(fields) else [])]
        body, kind = _parts(named, files) if files else (_pairs(named), "application/x-www-form-urlencoded")
        return self.send("POST", path, body, {"Content-Type": kind})

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        """One request and where its redirects lead."""
        answer = self._once(method, path, body, headers or {})
        for _ in range(5):
            if answer.status not in (301, 302, 303, 307, 308):
                break
            again = (method, body, headers or {}) if answer.status in (307, 308) else ("GET", b"", {})
            target = answer.headers["Location"]
            answer = self._once(again[0], target, again[1], again[2])
        if found := _TOKEN.search(answer.text):
            self.token = found[1]
        return answer

    def _once(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        line.request(method, path, body, headers | ({"Cookie": cookie} if cookie else {}))
        heard = line.getresponse()
        text = heard.read().decode("utf-8", "replace")
        for said in heard.headers.get_all("Set-Cookie") or []:
            name, _, value = said.split(";")[0].partition("=")
            self.cookies[name] = value
        line.close()
        return Answer(heard.status, path, text, heard.headers)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def _pairs(fields: Fields) -> bytes:
    return "&".join(f"{quote_from_bytes(_bytes(n))}={quote_from_bytes(_bytes(v))}" for n, v in fields).encode()


def _parts(fields: Fields, files: Files) -> tuple[bytes, str]:
    lines: list[bytes] = []
    for name, value in fields:
        lines += [f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode(), _bytes(value), b"\r\n"]
    for name, called, content in files:
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"; filename="'.encode() + _bytes(called)
        lines += [head, b'"\r\nContent-Type: application/octet-stream\r\n\r\n', content, b"\r\n"]
    return b"".join([*lines, f"--{EDGE}--\r\n".encode()]), f"multipart/form-data; boundary={EDGE}"
