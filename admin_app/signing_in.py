"""Sign-in and sessions: who asks, set once a request and read by every screen.

Whoever is between the password and the end of her steps (one-time code, a password of her own, setting the code up) is
nobody to the rest of the program: her half-made session is known here alone.
"""

from datetime import timedelta

from flask import Flask, flash, g, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from models import people, second_factor, sessions
from models.people import Account
from models.refusals import Refusal, refuse
from models.scope import Actor
from models.sessions import Session
from rules.access import Role
from rules.passwords import shortest
from views.asking import own_path
from views.gate import right
from views.wording import worded

COOKIE = timedelta(hours=24)  # what the browser sends is worth nothing later; the session itself ends sooner
# Where the browser keeps the token of a half-made session, and the page that was asked for.
HALF, WANTED = "half", "wanted"
# Why somebody who was signed in is asked to sign in again.
WHY = {
    "idle": "太久没有操作，已自动退出，请重新登录。",
    "absolute": "这次登录已到最长时限，请重新登录。",
    "elsewhere": "您在别处结束了这次登录，请重新登录。",
    "manager": "站长或管理员结束了这次登录，请重新登录。",
    "password": "密码已修改或重置，请用新密码登录。",
    "factor": "动态口令有变动，请重新登录。",
    "switched_off": "这个账号已停用，如有疑问请找本站站长或管理员。",
    "office": "您的角色或工作站有变动，请重新登录。",
    "restored": "数据库刚刚从备份恢复，请重新登录。",
    "replaced": "同一账号同时登录的地方太多，最早的一处已退出，请重新登录。",
}
BROWSERS = {"MicroMessenger": "微信", "Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS", "Linux": "Linux"}
manager = LoginManager()


class SignedIn(UserMixin):
    """Whoever an open session belongs to. Its id is the session's token, so a session that ended is nobody's."""

    def __init__(self, row: Session, token: str) -> None:
        self.session, self.account, self.token = row, row.account, token

    def get_id(self) -> str:
        return self.token


def init(app: Flask) -> None:
    app.config.update(PERMANENT_SESSION_LIFETIME=COOKIE, SESSION_PROTECTION="strong")
    manager.init_app(app)
    manager.login_view = "login"
    manager.login_message = ""  # the sign-in page says why itself
    manager.user_loader(_load)
    app.before_request(_who_asks)
    app.add_url_rule("/login", "login", login, methods=["GET", "POST"])
    app.add_url_rule("/login/step", "login_step", step, methods=["GET", "POST"])
    app.add_url_rule("/logout", "logout", logout, methods=["POST"])


def _load(token: str) -> SignedIn | None:
    row, why = sessions.look_up(token)
    if row is not None and row.stage == sessions.OPEN:
        return SignedIn(row, token)
    session.pop("_user_id", None)  # it opens nothing any more
    if why in WHY:
        session["why"] = why
    return None


def _who_asks() -> None:
    if request.endpoint != "static" and current_user.is_authenticated:
        current_user.session.touch()
        g.account = current_user.account
        g.actor = g.account.actor()


def address() -> str:
    """Where the request comes from; behind a trusted proxy the server has put in what the proxy says."""
    return request.remote_addr or ""


def browser() -> str:
    """The browser and its system in a few words, «Chrome · Windows»."""
    said = request.user_agent.string
    found = (next((name for sign, name in signs.items() if sign in said), "") for signs in (BROWSERS, SYSTEMS))
    return " · ".join(filter(None, found))


def home_of(account: Account) -> str:
    return url_for("me.index") if account.role == Role.VOLUNTEER.value else url_for("admin.index")


@right("open", "session")
def login() -> Response | str:
    """The sign-in page: why it is shown, where that is known; what was typed stays, the password excepted."""
    if current_user.is_authenticated:
        return redirect(home_of(current_user.account))
    username, said = "", ""
    if request.method == "POST":
        username = request.form.get("username", "")
        try:
            account = people.sign_in(username, request.form.get("password", ""), address())
        except Refusal as no:
            said = worded(str(no))
        else:
            return redirect(advance(account, own_path(request.args.get("next"))))
    why = WHY.get(session.get("why", ""), "") or ("请先登录。" if own_path(request.args.get("next")) else "")
    return render_template("desk/login.html", username=username, said=said, why=worded(why))


def advance(account: Account, target: str | None, *, code_given: bool = False) -> str:
    """Begin the session that this person has come to, and where she goes now: the next step, or where she wanted.

    Nothing of what the browser held before carries over; its language lies in a cookie of its own.
    """
    row, token = sessions.begin(account, address(), browser(), code_given=code_given)
    session.clear()
    if row.stage == sessions.OPEN:
        login_user(SignedIn(row, token))
        return target or home_of(account)
    session[HALF] = token
    if target:
        session[WANTED] = target
    return url_for("login_step")


def half() -> Session | None:
    """The half-made session of this browser, if it still lasts."""
    token = session.get(HALF)
    row = sessions.look_up(token)[0] if token else None
    return row if row is not None and row.stage != sessions.OPEN else None


@right("step", "session")
def step() -> Response | str:
    """What is left to do between the password and the desk: the one-time code, a new password, setting the code up."""
    if current_user.is_authenticated:
        return redirect(home_of(current_user.account))
    row = half()
    if row is None:
        session.clear()
        flash(worded("登录没有在时限内完成，请重新登录。"), "note")
        return redirect(url_for("login"))
    said = ""
    if request.method == "POST":
        try:
            return _STEPS[row.stage](row, session.get(WANTED))
        except Refusal as no:
            said = worded(str(no))
    return step_page(row, said)


def step_page(row: Session, said: str = "") -> str:
    """The page of the step that this half-made session has come to."""
    return render_template(f"desk/step_{row.stage}.html", said=said, row=row, **_shown(row))


def _shown(row: Session) -> dict[str, object]:
    if row.stage == "enrol":
        secret = second_factor.begin(row.account)
        return {"secret": secret, "uri": second_factor.address_of(row.account, secret)}
    return {"least": shortest(Role(row.account.role))}


def _give_code(row: Session, target: str | None) -> Response:
    second_factor.answer(row.account, request.form.get("code", ""), address())
    return _on(row, target, code_given=True)


def _give_password(row: Session, target: str | None) -> Response:
    change_password(row.account, row.account.actor())
    return _on(row, target, code_given=row.account.coded)


def _set_up_code(row: Session, target: str | None) -> Response | str:
    codes = second_factor.confirm(row.account, request.form.get("code", ""), row.account.actor(), row)
    _on(row, None, code_given=True)
    return render_template("desk/codes.html", codes=codes, onward=target or home_of(row.account))


def _on(row: Session, target: str | None, *, code_given: bool) -> Response:
    row.end("next", row.account.actor())
    return redirect(advance(row.account, target, code_given=code_given))


_STEPS = {"code": _give_code, "password": _give_password, "enrol": _set_up_code}


def change_password(account: Account, by: Actor) -> None:
    """The new password of a form, typed twice. Raises ``Refusal`` when it will not do."""
    if request.form.get("new") != request.form.get("again"):
        raise refuse("两次输入的新密码不一样。")
    people.set_password(account, request.form.get("new", ""), by)


@right("end", "session")
def logout() -> Response:
    """End the session, half-made or whole, here and on the server."""
    row = current_user.session if current_user.is_authenticated else half()
    if row is not None:
        row.end("signed_out", row.account.actor())
    logout_user()
    session.clear()
    return redirect(url_for("login"))
