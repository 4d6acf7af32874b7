"""Simplified Chinese first, English beside it: what is written in Chinese is looked up where English is asked for."""

from flask import Flask, redirect, request, session
from flask_babel import Babel

from views.asking import own_path

LANGUAGES = ("zh_Hans", "en")


def init(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "zh_Hans"
    Babel(app, locale_selector=chosen)
    app.add_url_rule("/language/<name>", "language", choose, methods=["POST"])
    app.jinja_env.globals["language"] = chosen


def chosen() -> str:
    """The language of this session."""
    return session.get("language", LANGUAGES[0])


def choose(name: str):
    """Keep the choice in the session and go back to where it was made."""
    if name in LANGUAGES:
        session["language"] = name
    return redirect(own_path(request.form.get("back")) or "/")
