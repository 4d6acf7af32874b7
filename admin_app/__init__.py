"""The application factory and the wiring. Nobody imports this room but `wsgi.py` and tests."""

import logging
import os
from contextlib import suppress
from pathlib import Path

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from peewee import PeeweeException

from admin_app import (
    commands,
    errors,
    her_account,
    jobs,
    language,
    own_account,
    resuming,
    security,
    serving,
    signing_in,
    tracing,
)
from admin_app.config import Config
from models import base, keys, upwards, webhooks
from models.copies import first_line
from models.fields import keyring
from models.refusals import Refusal
from models.upgrading import bring_up
from models.vault import vault
from views import (
    all_screens,
    frame,
    gate,
    here,
    kiosk,
    me,
    public_pages,
    sign_ups,
    transfer_wire,
    upwards_api,
    verify,
)  # fmt: skip
from views.home import Home
from views.pacing import Pace
from views.public_figures import Kept

NAME = "学雷锋志愿服务工作站"
OWNER_ONLY = 0o077  # the umask: what the program keeps on disk, nobody else on the machine reads


def create_app(config: Config | None = None) -> Flask:
    """The whole program, wired. The schema is brought up to date and the database told which data keys it needs; nothing
    else is written.

    Where that cannot be, or the data key is not this database's, it is as it was, and ``NOT_READY`` says why: the server
    does not start then, and of the commands only `restore` works.
    """
    os.umask(OWNER_ONLY)
    config = config or Config.from_environment()
    _shut(config.instance)
    keyring.open(*config.data_keys, news=config.news_of_keys())
    vault.open(**config.for_the_vault())
    webhooks.allowed.open(config.webhook_hosts)
    upwards.allowed.open(config.upward_hosts)
    base.connect(config.database_url)
    app = Flask(__name__)
    app.config.update(SECRET_KEY=config.secret_key, STATION=config)
    logging.getLogger("flask-admin").setLevel(logging.WARNING)
    app.config["NOT_READY"] = _not_ready()
    _connect_per_request(app)
    serving.init(app)
    tracing.init(app)
    language.init(app)
    security.init(app)
    signing_in.init(app)
    own_account.init(app)
    her_account.init(app)
    errors.init(app)
    resuming.init(app)
    jobs.init(app)
    admin = Admin(app, name=NAME, url="/admin", index_view=Home(name="待办", url="/admin"),
                  theme=Bootstrap4Theme(base_template="desk/base.html"))  # fmt: skip
    for screen in all_screens():
        admin.add_view(screen)
    frame.init(app, admin)
    app.register_blueprint(public_pages())
    app.register_blueprint(sign_ups.pages)
    app.register_blueprint(me.pages)
    app.register_blueprint(here.pages)
    app.register_blueprint(kiosk.pages)
    security.csrf.exempt(kiosk.presses)  # its cookie is no session's, and the request bears a header no form can
    app.register_blueprint(verify.pages)
    app.register_blueprint(transfer_wire.pages)
    security.csrf.exempt(transfer_wire.pages)  # no session, no cookie: a signature instead
    app.register_blueprint(upwards_api.pages)
    app.extensions.update(pace=Pace(), figures=Kept())
    security.csrf.exempt(upwards_api.pages)  # no cookie is taken there: nothing rides on anybody's session
    commands.init(app)
    gate.init(app)
    return app


def _not_ready() -> str:
    try:
        with base.database.connection_context():
            keys.check()
            bring_up()
            keys.remember()
    except (keys.WrongKey, Refusal) as no:
        return str(no)
    except PeeweeException as error:
        return f"数据库打不开（{first_line(error)}）：请检查 DATABASE_URL、数据库服务和文件夹权限；文件损坏时可用 restore 命令恢复备份。"
    return ""


def _shut(instance: Path) -> None:
    """What earlier releases left open to others on the machine: the folder, the database and the keys in it."""
    with suppress(OSError):  # somebody else's, or a disk without owners
        instance.chmod(0o777 & ~OWNER_ONLY)
        for path in instance.iterdir():
            if path.is_file():
                path.chmod(0o666 & ~OWNER_ONLY)


def _connect_per_request(app: Flask) -> None:
    @app.before_request
    def _open():
        if app.config["NOT_READY"]:
            return errors.not_ready(app.config["NOT_READY"])
        base.database.connect(reuse_if_open=True)

    @app.teardown_request
    def _close(_error: BaseException | None) -> None:
        if not base.database.is_closed() and not app.config.get("KEEP_CONNECTION"):
            base.database.close()
