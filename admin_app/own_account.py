"""我的账号: one's own password, sessions and one-time code."""

import segno
from flask import Flask, flash, g, redirect, render_template, request, url_for
from flask_login import current_user, login_user
from werkzeug.wrappers import Response

from admin_app.signing_in import SignedIn, address, browser, change_password, home_of
from models import failures, people, second_factor, sessions
from models.refusals import Refusal, refuse
from rules.access import Role
from rules.passwords import shortest
from views.gate import right
from views.wording import worded

SCALE = 5  # pixels of one square of the picture


def init(app: Flask) -> None:
    app.jinja_env.globals["qr"] = picture
    app.add_url_rule("/account", "account", account)
    app.add_url_rule("/password", "password", password, methods=["GET", "POST"])
    app.add_url_rule("/account/sessions", "account_sessions", end_sessions, methods=["POST"])
    app.add_url_rule("/account/code", "account_code", code, methods=["GET", "POST"])
    app.add_url_rule("/account/code/off", "account_code_off", code_off, methods=["POST"])
    app.add_url_rule("/account/code/new", "account_code_new", new_codes, methods=["POST"])


def picture(text: str) -> str:
    """A square picture of the text, as an address that a page may show without asking anybody."""
    return segno.make(text, error="m").svg_data_uri(scale=SCALE, border=2)


@right("own", "session")
def account() -> str:
    """Password, where I am signed in, one-time code."""
    mine = g.account
    return render_template(
        "desk/own_account.html", account=mine, sessions=sessions.of_account(mine.id), here=current_user.session.id,
        demanded=second_factor.demanded(mine), left=second_factor.left(mine) if mine.coded else 0, home=home_of(mine),
    )  # fmt: skip


def stay_in() -> None:
    """A new session in place of those that a change ended: this browser stays, under a new id."""
    row, token = sessions.begin(g.account, address(), browser(), code_given=True)
    login_user(SignedIn(row, token))


def take_own_password(field: str) -> None:
    """Asked again before anything that would lock the owner out. Wrong tries count as at the door."""
    failures.must_wait(g.account.username, address())
    if not people.matches(g.account, request.form.get(field, "")):
        people.refused(g.account, g.account.username, address(), "password_refused")
        raise refuse("原密码不对。")


@right("password", "session")
def password() -> Response | str:
    """Change one's own password; every other session of the account ends, and this one has a new id."""
    said = ""
    if request.method == "POST":
        try:
            take_own_password("old")
            change_password(g.account, g.actor)
        except Refusal as no:
            said = worded(str(no))
        else:
            stay_in()
            flash(worded("密码已修改，其他地方的登录已退出。"), "good")
            return redirect(home_of(g.account))
    return render_template("desk/password.html", said=said, least=shortest(Role(g.account.role)))


@right("own", "session")
def end_sessions() -> Response:
    """End one other session of one's own, or all but this one."""
    if "others" in request.form:
        count = sessions.end_all(g.account, "elsewhere", g.actor, but=current_user.session)
        flash(worded("已结束其他 %(count)s 处登录。", count=count), "good")
    else:
        sessions.end_own(request.form.get("id", type=int) or 0, g.actor)
        flash(worded("已结束这一处登录。"), "good")
    return redirect(url_for("account"))


@right("own", "session")
def code() -> Response | str:
    """Switch one's one-time code on: the picture, and a first code from the phone."""
    said = ""
    if g.account.coded:
        return redirect(url_for("account"))
    if request.method == "POST":
        try:
            take_own_password("password")
            codes = second_factor.confirm(g.account, request.form.get("code", ""), g.actor, current_user.session)
        except Refusal as no:
            said = worded(str(no))
        else:
            current_user.session.end("next", g.actor)
            stay_in()
            return render_template("desk/codes.html", codes=codes, onward=url_for("account"))
    secret = second_factor.begin(g.account)
    uri = second_factor.address_of(g.account, secret)
    return render_template("desk/own_code.html", said=said, secret=secret, uri=uri)


@right("own", "session")
def code_off() -> Response:
    """Switch one's one-time code off."""
    try:
        take_own_password("password")
        second_factor.turn_off(g.account, g.actor, current_user.session)
        flash(worded("动态口令已停用。"), "good")
    except Refusal as no:
        flash(worded(str(no)), "bad")
    return redirect(url_for("account"))


@right("own", "session")
def new_codes() -> Response | str:
    """New recovery codes, shown once."""
    try:
        take_own_password("password")
        codes = second_factor.renew_codes(g.account, g.actor)
    except Refusal as no:
        flash(worded(str(no)), "bad")
        return redirect(url_for("account"))
    return render_template("desk/codes.html", codes=codes, onward=url_for("account"))
