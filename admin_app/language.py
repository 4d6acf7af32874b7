"""Simplified Chinese first, English beside it: what is written in Chinese is looked up where English is asked for."""

import hashlib
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, redirect, request, session
from flask_babel import Babel

from views.asking import own_path
from views.gate import right
from views.wording import worded

LANGUAGES = ("zh_Hans", "en")
WRITTEN = Path(__file__).parent / "translations" / "en" / "LC_MESSAGES"  # one catalogue a stage, all of them one


def init(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES[0]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(compiled(app.config["STATION"].instance / "translations"))
    Babel(app, locale_selector=chosen)
    # Jinja's «newstyle» marks every looked-up text as safe HTML and reads a lone % as a format; ours does neither.
    app.jinja_env.install_gettext_callables(worded, _counted, newstyle=False)
    app.add_url_rule("/language/<name>", "language", choose, methods=["POST"])
    app.jinja_env.globals["language"] = chosen


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
    """The language of this session."""
    return session.get("language", LANGUAGES[0]) if has_request_context() else LANGUAGES[0]


@right("language", "session")
def choose(name: str):
    """Keep the choice in the session and go back to where it was made."""
    if name in LANGUAGES:
        session["language"] = name
    return redirect(own_path(request.form.get("back")) or "/")
