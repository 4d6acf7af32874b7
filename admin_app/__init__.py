"""The application factory and the wiring. Nobody imports this room but `wsgi.py` and tests."""

import logging

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme

from admin_app import commands, errors, jobs, language, security, signing_in, tracing
from admin_app.config import Config
from models import base
from models.fields import keyring
from models.schema import upgrade
from views import all_screens, frame, me, public
from views.home import Home

NAME = "学雷锋志愿服务工作站"
UPLOAD_LIMIT = 32 * 1024 * 1024  # bytes in one request


def create_app(config: Config | None = None) -> Flask:
    """The whole program, wired. The schema is brought up to date; nothing else is written."""
    config = config or Config.from_environment()
    keyring.open(config.data_key)
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
        upgrade()
    _connect_per_request(app)
    tracing.init(app)
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


def _connect_per_request(app: Flask) -> None:
    @app.before_request
    def _open() -> None:
        base.database.connect(reuse_if_open=True)

    @app.teardown_request
    def _close(_error: BaseException | None) -> None:
        if not base.database.is_closed() and not app.config.get("KEEP_CONNECTION"):
            base.database.close()
