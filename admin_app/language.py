"""How somebody reads: Simplified Chinese first, English beside it, and letters as large as the eyes want.

What is written in Chinese is looked up where English is asked for. Both choices lie in cookies of their own and not in
the session: they are about nobody, they outlast a session, and the public pages that obey them need no session at all.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, current_app, has_request_context, redirect, request
from flask_babel import Babel

from admin_app.security import ONE_YEAR, csrf
from views.asking import own_path
from views.gate import right
from views.wording import worded

LANGUAGES = ("zh_Hans", "en")
SIZES = ("ordinary", "large")
KEPT = {"language": LANGUAGES, "size": SIZES}  # a cookie each, and what it may hold
WRITTEN = Path(__file__).parent / "translations" / "en" / "LC_MESSAGES"  # one catalogue a stage, all of them one


def init(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[0]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(compiled(app.config["STATION"].instance / "translations"))
    Babel(app, locale_selector=chosen)
    # Jinja's «newstyle» marks every looked-up text as safe HTML and reads a lone % as a format; ours does neither.
    app.jinja_env.install_gettext_callables(worded, _counted, newstyle=False)
    app.add_url_rule("/language/<name>", "language", choose, methods=["POST"])
    app.add_url_rule("/reading", "reading", read_so, methods=["POST"])
    app.jinja_env.globals.update(language=chosen, size=size)


def compiled(folder: Path) -> Path:
    """The folder with the catalogues as gettext reads them, made where this edition of it is not there yet.

    It is named after the text that it was made from, so a new edition never meets an old one; renamed into place,
    so that two programs starting at once never read half a file.
    """
    texts = tuple(path.read_bytes() for path in sorted(WRITTEN.glob("*.po")))
    made = folder / hashlib.sha256(b"".join(texts)).hexdigest()[:12]
    target = made / "en" / "LC_MESSAGES" / "messages.mo"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=target.parent, delete=False) as out:
            out.write(_for_gettext(texts))
        Path(out.name).replace(target)
    return made


@cache  # tests start the program hundreds of times
def _for_gettext(texts: tuple[bytes, ...]) -> bytes:
    whole, *more = (read_po(BytesIO(text), locale="en") for text in texts)
    for catalogue in more:
        for message in catalogue:
            if message.id:
                whole[message.id] = message
    out = BytesIO()
    write_mo(out, whole)
    return out.getvalue()


def _counted(one: str, many: str, n: int, **values: object) -> str:
    return worded(one if n == 1 else many, num=n, **values)


def chosen() -> str:
    """The language that this browser asked for."""
    return _kept("language")


def size() -> str:
    """How large the public pages' letters are to be: one of `SIZES`."""
    return _kept("size")


def _kept(name: str) -> str:
    said = request.cookies.get(name, "") if has_request_context() else ""
    return said if said in KEPT[name] else KEPT[name][0]


@right("language", "session")
def choose(name: str) -> Response:
    """Keep the choice and go back to where it was made."""
    return _keep({"language": name})


@right("language", "session")
def read_so() -> Response:
    """The switches of the public pages. They carry no token, so that the pages can be cached and hold nothing of anybody;
    whoever forges this post from elsewhere changes the size of somebody's letters."""
    return _keep(request.form)


csrf.exempt(read_so)


def _keep(asked: Mapping[str, str]) -> Response:
    answer = redirect(own_path(request.form.get("back")) or "/")
    for name, known in KEPT.items():
        if asked.get(name) in known:
            secure = current_app.config["SESSION_COOKIE_SECURE"]
            answer.set_cookie(name, asked[name], max_age=ONE_YEAR, secure=secure, httponly=True, samesite="Lax")
    return answer
