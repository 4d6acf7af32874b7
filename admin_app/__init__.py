"""The application factory and the wiring. Nobody imports this room but `wsgi.py` and tests."""

import logging
import os
from contextlib import suppress
from pathlib import Path

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme

from admin_app import commands, errors, jobs, language, security, signing_in
from admin_app.config import Config
from models import base, keys
from models.fields import keyring
from models.schema import upgrade
from views import all_screens, frame, me, public
from views.home import Home

NAME = "学雷锋志愿服务工作站"
OWNER_ONLY = 0o077  # the umask: what the program keeps on disk, nobody else on the machine reads
UPLOAD_LIMIT = 32 * 1024 * 1024  # bytes in one request


def create_app(config: Config | None = None) -> Flask:
    """The whole program, wired. The schema is brought up to date and the database told which data keys it needs; nothing
    else is written. A data key that is not this database's ends the program with a sentence, before anything is."""
    os.umask(OWNER_ONLY)
    config = config or Config.from_environment()
    _shut(config.instance)
    keyring.open(*config.data_keys, news=config.news_of_keys())
    base.connect(config.database_url)
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT,
        STATION=config,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.behind_tls,
        SESSION_COOKIE_NAME="station",
    )
    logging.getLogger("flask-admin").setLevel(logging.WARNING)
    with base.database.connection_context():
        try:
            keys.check()
        except keys.WrongKey as no:
            raise SystemExit(str(no)) from None
        upgrade()
        keys.remember()
    _connect_per_request(app)
    language.init(app)
    security.init(app)
    signing_in.init(app)
    errors.init(app)
    jobs.init(app)
    admin = Admin(app, name=NAME, url="/admin", index_view=Home(name="待办", url="/admin"),
                  theme=Bootstrap4Theme(base_template="desk/base.html"))  # fmt: skip
    for screen in all_screens():
        admin.add_view(screen)
    frame.init(app, admin)
    app.register_blueprint(public.pages)
    app.register_blueprint(me.pages)
    commands.init(app)
    return app


def _shut(instance: Path) -> None:
    """What earlier releases left open to others on the machine: the folder, the database and the keys in it."""
    with suppress(OSError):  # somebody else's, or a disk without owners
        instance.chmod(0o777 & ~OWNER_ONLY)
        for path in instance.iterdir():
            if path.is_file():
                path.chmod(0o666 & ~OWNER_ONLY)


def _connect_per_request(app: Flask) -> None:
    @app.before_request
    def _open() -> None:
        base.database.connect(reuse_if_open=True)

    @app.teardown_request
    def _close(_error: BaseException | None) -> None:
        if not base.database.is_closed() and not app.config.get("KEEP_CONNECTION"):
            base.database.close()
