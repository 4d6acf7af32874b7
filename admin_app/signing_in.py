"""Sign-in and sessions: who asks, set once a request and read by every screen."""

from datetime import timedelta

from flask import Flask, flash, g, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from models import people
from models.people import Account
from models.refusals import Refusal, refuse
from rules.access import Role
from views.asking import own_path
from views.gate import right
from views.wording import worded

IDLE = timedelta(hours=8)  # a working day at the desk
manager = LoginManager()


class SignedIn(UserMixin):
    """The account of a session. The stamp ends it when the password changes or the account is switched off."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def get_id(self) -> str:
        return f"{self.account.id}.{self.account.session_stamp}"


def init(app: Flask) -> None:
    app.config.update(PERMANENT_SESSION_LIFETIME=IDLE, SESSION_PROTECTION="strong")
    manager.init_app(app)
    manager.login_view = "login"
    manager.login_message = "请先登录。"
    manager.localize_callback = worded
    manager.user_loader(_load)
    app.before_request(_who_asks)
    app.add_url_rule("/login", "login", login, methods=["GET", "POST"])
    app.add_url_rule("/logout", "logout", logout, methods=["POST"])
    app.add_url_rule("/password", "password", password, methods=["GET", "POST"])


def _load(key: str) -> SignedIn | None:
    number, _, stamp = key.partition(".")
    account = Account.get_or_none(Account.id == number, Account.active)
    return SignedIn(account) if account and str(account.session_stamp) == stamp else None


def _who_asks() -> None:
    if request.endpoint != "static" and current_user.is_authenticated:
        g.account = current_user.account
        g.actor = g.account.actor()


def _home_of(account: Account) -> str:
    return url_for("me.index") if account.role == Role.VOLUNTEER.value else url_for("admin.index")


@right("open", "session")
def login() -> Response | str:
    """The sign-in page; what was typed stays, the password excepted."""
    if current_user.is_authenticated:
        return redirect(_home_of(current_user.account))
    if request.method == "POST":
        try:
            account = people.sign_in(request.form.get("username", ""), request.form.get("password", ""))
        except Refusal as no:
            return render_template("desk/login.html", username=request.form.get("username", ""), said=worded(str(no)))
        _start_anew()  # nothing of the anonymous session carries over but its language
        session.permanent = True
        login_user(SignedIn(account))
        return redirect(own_path(request.args.get("next")) or _home_of(account))
    return render_template("desk/login.html", username="", said="")


def _start_anew() -> None:
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


@right("end", "session")
def logout() -> Response:
    logout_user()
    _start_anew()
    return redirect(url_for("login"))


@right("password", "session")
def password() -> Response | str:
    """Change one's own password; other sessions of the account end."""
    said = ""
    if request.method == "POST":
        account = g.account
        try:
            if not people.matches(account, request.form.get("old", "")):
                raise refuse("原密码不对。")
            if request.form.get("new") != request.form.get("again"):
                raise refuse("两次输入的新密码不一样。")
            people.set_password(account, request.form.get("new", ""), g.actor)
        except Refusal as no:
            said = worded(str(no))
        else:
            login_user(SignedIn(account))
            flash(worded("密码已修改，其他地方的登录已退出。"), "good")
            return redirect(_home_of(account))
    return render_template("desk/password.html", said=said)
