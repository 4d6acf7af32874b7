"""The desk as a test uses it: somebody signs in, opens a page, sends a form, reads what it says.

``desk.signed_in_as(cast.head)`` is a browser of her own; two of them are two browsers. `Windows` opens real ones.
"""

import html
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from waitress import create_server

from models import people
from models.base import database
from models.jobs import Job
from models.people import Account
from models.scope import SYSTEM, Actor
from views import work

DESK, PHONE = (1366, 768), (390, 844)  # pixels of CSS, as width and height
PASSWORD = "a good password for tests"  # everyone's in the cast
_TOKEN = re.compile(r'name="csrf[-_]token" (?:content|value)="([^"]+)"')


class Desk:
    """One browser at the desk, in-process. Redirects are followed."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.status = 0
        self.html = ""
        self.path = ""  # where the last request ended, query string included
        self.headers: Any = {}

    def signed_in_as(self, actor: Actor) -> "Desk":
        """A new browser in which this member of the cast has signed in at the door."""
        username = give_password(actor)
        window = Desk(self.app)
        window.get("/login")
        window.post("/login", username=username, password=PASSWORD)
        assert not window.path.startswith("/login"), window.html
        return window

    def get(self, path: str, **query: Any) -> "Desk":
        return self._keep(self.client.get(path, query_string=query or None, follow_redirects=True))

    def post(self, path: str, data: dict[str, Any] | None = None, **fields: Any) -> "Desk":
        """Send a form with the token of the page seen last; a list sends a field several times, a
        ``(BytesIO, file name)`` uploads. ``data`` holds names that Python cannot say, such as ``from``."""
        sent = {k: v for k, v in ((data or {}) | fields).items() if v is not None}
        sent.setdefault("csrf_token", self.token())
        answer = self.client.post(path, data=sent)
        while answer.status_code == 307:  # the same form posted on, which the test client sends without its body
            answer = self.client.post(answer.location, data=sent)
        if answer.status_code in (301, 302, 303):
            answer = self.client.get(answer.location, follow_redirects=True)
        return self._keep(answer)

    def token(self) -> str:
        """The CSRF token of this browser."""
        found = _TOKEN.search(self.html) or _TOKEN.search(self.client.get("/password").text)
        return found[1] if found else ""

    def says(self, text: str) -> bool:
        """Whether the page seen last holds this text."""
        return text in html.unescape(self.html)

    def json(self) -> Any:
        """The last answer, read as JSON."""
        return self.answer.get_json()

    def work(self) -> None:
        """Do the long work that waits, as the job runner would."""
        folder = self.app.config["STATION"].instance / "jobs"
        for job in list(Job.select().where(Job.state == "waiting").order_by(Job.id)):
            work.run(job.id, folder / str(job.id))
            database.connect(reuse_if_open=True)

    def _keep(self, answer: Any) -> "Desk":
        self.answer = answer
        self.status, self.headers = answer.status_code, answer.headers
        self.html = answer.text if _is_text(answer) else ""
        self.path = answer.request.full_path.rstrip("?")
        return self


def _is_text(answer: Any) -> bool:
    return answer.mimetype.startswith("text/") or answer.mimetype == "application/json"


def give_password(actor: Actor) -> str:
    """Make the actor's account one that can sign in with `PASSWORD`; its user name."""
    account = Account.get_by_id(actor.account_id)
    if not account.password:
        people.set_password(account, PASSWORD, SYSTEM)
    return account.username


@contextmanager
def queries() -> Iterator[list[str]]:
    """The statements that the block sends to the database, transactions' own left out."""
    sent: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            statement = str(record.msg[0] if isinstance(record.msg, tuple) else record.msg)
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")):
                sent.append(statement)

    ear, log = Ear(), logging.getLogger("peewee")
    before = log.level
    log.addHandler(ear)
    log.setLevel(logging.DEBUG)
    try:
        yield sent
    finally:
        log.removeHandler(ear)
        log.setLevel(before)


class Windows:
    """Real browser windows on a served program: one a person."""

    def __init__(self, app: Flask, chromium: Browser) -> None:
        self.app, self.chromium = app, chromium
        self.server = create_server(app, host="127.0.0.1", port=0, threads=4)
        self.url = f"http://127.0.0.1:{self.server.effective_port}"
        self.contexts: list[BrowserContext] = []
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def open(self, path: str = "/", size: tuple[int, int] = DESK, **more: Any) -> Page:
        """A window of its own, nobody signed in, at the size of the desk's screen where no other is given. ``more`` is
        what else a context takes, such as ``java_script_enabled=False``."""
        context = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN", base_url=self.url, accept_downloads=True, **more
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    def signed_in_as(self, actor: Actor, size: tuple[int, int] = DESK) -> Page:
        """A window in which this member of the cast has signed in at the door."""
        username = give_password(actor)
        page = self.open("/login", size)
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.click("button")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.server.close()
        self.thread.join(5)


def launch(playwright: Any, executable: str | None) -> Browser:
    """Chromium with nothing of its own in the background; the executable given, else the test tool's own."""
    quiet = [
        "--lang=zh-CN", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ]  # fmt: skip
    if executable is not None:
        executable = str(Path(executable).resolve())
    return playwright.chromium.launch(executable_path=executable, args=quiet)
