"""密码和登录: a volunteer's first password by a printed code, her own password, and signing out everywhere."""

from flask import Flask, flash, g, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from admin_app.own_account import stay_in, take_own_password
from admin_app.signing_in import address, advance, change_password, home_of
from models import first_codes, sessions
from models.refusals import Refusal, refuse
from rules.access import Role
from rules.passwords import shortest
from views.gate import right
from views.wording import worded

LEAST = shortest(Role.VOLUNTEER)


def init(app: Flask) -> None:
    app.add_url_rule("/me/first", "me_first", first, methods=["GET", "POST"])
    app.add_url_rule("/me/account", "me_account", account)
    app.add_url_rule("/me/account", "me_password", password, methods=["POST"])
    app.add_url_rule("/me/account/out", "me_out", sign_out, methods=["POST"])


@right("first", "session")
def first() -> Response | str:
    """Card number, printed code, a password of her own: she is in. Nobody is told whether there is such a card."""
    if current_user.is_authenticated:
        return redirect(home_of(current_user.account))
    card, said = request.form.get("card", ""), ""
    if request.method == "POST":
        try:
            if request.form.get("new") != request.form.get("again"):
                raise refuse("两次输入的新密码不一样。")
            account = first_codes.use(card, request.form.get("code", ""), request.form.get("new", ""), address())
        except Refusal as no:
            said = worded(str(no))
        else:
            where = advance(account, url_for("me.index"))
            flash(worded("密码已设好。以后用志愿者编号和这个密码登录。"), "good")
            return redirect(where)
    return render_template("me/first.html", card=card, said=said, least=LEAST)


@right("see", "me")
def account() -> str:
    """Her password, and where she is signed in."""
    return _account()


def _account(said: str = "") -> str:
    mine = g.account
    return render_template(
        "me/account.html", said=said, least=LEAST, sessions=sessions.of_account(mine.id), here=current_user.session.id
    )  # fmt: skip


@right("password", "session")
def password() -> Response | str:
    """Change it; every other place where she is signed in ends."""
    try:
        take_own_password("old")
        change_password(g.account, g.actor)
    except Refusal as no:
        return _account(worded(str(no)))
    stay_in()
    flash(worded("密码已修改，其他地方的登录已退出。"), "good")
    return redirect(url_for("me_account"))


@right("sign_out", "me")
def sign_out() -> Response:
    """Sign out here and everywhere else: for whoever used somebody else's phone."""
    sessions.end_all(g.account, "elsewhere", g.actor)
    logout_user()
    session.clear()
    flash(worded("已在所有地方退出。"), "good")
    return redirect(url_for("login"))
