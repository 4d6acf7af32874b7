"""Sessions that the server keeps: how they begin, how long they last, who ends them, and what is left of them."""

import hashlib
import json
import sqlite3
import urllib.request
from datetime import datetime, timedelta

import pytest
from flask import request
from waitress import create_server

from admin_app import server
from admin_app.signing_in import WHY
from desk import PASSWORD, Desk, give_password
from models import clock, sessions
from models.audit import Trail
from models.people import Account
from models.policy import PolicyVersion
from models.refusals import NotFound, Refusal
from models.sessions import AT_ONCE, ENDED, Session
from views.gate import right

MORNING = datetime(2026, 3, 5, 8)


@pytest.fixture
def at(monkeypatch):
    """Sets the computer's own clock; the demo's runs on from it."""

    def set_to(moment: datetime) -> datetime:
        monkeypatch.setattr(clock, "wall", lambda: moment)
        return moment

    set_to(MORNING)
    return set_to


def account_of(actor) -> Account:
    return Account.get_by_id(actor.account_id)


def release(since: datetime = MORNING, **values) -> None:
    PolicyVersion.create(
        topic="sign_in", division="5301", since=since.date(), source="测试", values=values, bounds=None
    )  # fmt: skip


def kinds(action: str) -> list[str]:
    return [row.reason for row in Trail.select().where(Trail.action == action).order_by(Trail.id)]


def test_the_database_holds_no_token(cast_on_either):
    row, token = sessions.begin(account_of(cast_on_either.head), "192.0.2.7", "Chrome · Windows")
    assert token not in str(list(Session.select().dicts()))
    assert Session.get().token == hashlib.sha256(token.encode()).hexdigest()
    assert sessions.look_up(token)[0].id == row.id and sessions.look_up(Session.get().token) == (None, "")


@pytest.mark.parametrize(("who", "idle", "hours"), [("recorder", 120, 12), ("head", 120, 12), ("county", 30, 8), ("admin", 30, 8)])
def test_a_session_ends_idle_and_at_the_latest_as_policy_says(cast, at, who, idle, hours):
    row, token = sessions.begin(account_of(getattr(cast, who)), "", "")
    at(MORNING + timedelta(minutes=idle))
    assert sessions.look_up(token)[0]
    at(MORNING + timedelta(minutes=idle, seconds=1))
    assert sessions.look_up(token) == (None, "idle") and sessions.look_up(token) == (None, "idle")
    row, token = sessions.begin(account_of(getattr(cast, who)), "", "")
    moment = clock.wall()
    end = row.until
    assert end - moment == timedelta(hours=hours)
    while (moment := moment + timedelta(minutes=idle - 1)) < end:
        at(moment)
        found, _ = sessions.look_up(token)
        found.touch()
    at(end)
    assert sessions.look_up(token) == (None, "absolute")
    assert kinds("session_ended") == [ENDED["idle"], ENDED["absolute"]]


def test_a_divisions_own_limits_hold_from_the_next_sign_in_on(cast, at):
    _, before = sessions.begin(account_of(cast.county), "", "")
    release(above_idle_minutes=10)
    _, after = sessions.begin(account_of(cast.county), "", "")
    _, elsewhere = sessions.begin(account_of(cast.province), "", "")
    at(MORNING + timedelta(minutes=11))
    assert sessions.look_up(before)[0] and sessions.look_up(elsewhere)[0]
    assert sessions.look_up(after) == (None, "idle")


def test_its_use_is_written_once_a_minute_at_most(cast, at):
    _, token = sessions.begin(account_of(cast.head), "", "")
    for seconds in (1, 30, 59):
        at(MORNING + timedelta(seconds=seconds))
        sessions.look_up(token)[0].touch()
    assert Session.get().seen_at == MORNING
    at(MORNING + timedelta(seconds=60))
    sessions.look_up(token)[0].touch()
    assert Session.get().seen_at == MORNING + timedelta(seconds=60)


def test_moving_the_demo_clock_ends_nobodys_session(desk, cast):
    page = desk.signed_in_as(cast.head)
    clock.move_demo_clock(30)
    assert page.get("/admin/").path == "/admin/"


def test_one_too_many_ends_the_oldest(cast_on_either, at):
    tokens = []
    for n in range(AT_ONCE + 2):
        at(MORNING + timedelta(minutes=n))
        tokens.append(sessions.begin(account_of(cast_on_either.head), "", "")[1])
    assert [sessions.look_up(token)[1] for token in tokens] == ["replaced"] * 2 + [""] * AT_ONCE
    assert len(sessions.of_account(cast_on_either.head.account_id)) == AT_ONCE


def test_nobody_ends_a_strangers_session(cast_on_either):
    cast = cast_on_either
    hers, token = sessions.begin(account_of(cast.recorder), "", "")
    for other in (cast.head, cast.admin, cast.recorder_b, cast.volunteer):
        with pytest.raises(NotFound):
            sessions.end_own(hers.id, other)
    for other in (cast.recorder, cast.county, cast.auditor, cast.volunteer):
        with pytest.raises(Refusal, match="只有站长和管理员"):
            sessions.end_for(cast.recorder.account_id, other)
    with pytest.raises(NotFound):
        sessions.end_for(cast.recorder.account_id, cast.head_b)
    assert sessions.look_up(token)[0]
    assert sessions.end_for(cast.recorder.account_id, cast.head) == 1
    assert sessions.look_up(token) == (None, "manager")
    with pytest.raises(NotFound):
        sessions.end_own(hers.id, cast.recorder)


@pytest.mark.parametrize(
    ("change", "why"),
    [({"active": False}, "switched_off"), ({"role": "head"}, "office"), ({"username": "renamed"}, "office")],
)
def test_another_office_or_none_ends_every_session(cast_on_either, change, why):
    cast = cast_on_either
    tokens = [sessions.begin(account_of(cast.recorder), "", "")[1] for _ in range(2)]
    Account.amend(cast.recorder.account_id, cast.admin, **change)
    assert [sessions.look_up(token) for token in tokens] == [(None, why)] * 2
    assert sessions.begin(account_of(cast.head), "", "")


def test_another_spelling_of_her_name_ends_nothing(cast):
    _, token = sessions.begin(account_of(cast.recorder), "", "")
    Account.amend(cast.recorder.account_id, cast.admin, name="刘记录员")
    assert sessions.look_up(token)[0]


def test_old_rows_go_and_outlived_ones_are_ended(cast_on_either, at):
    row, token = sessions.begin(account_of(cast_on_either.head), "", "")
    at(MORNING + timedelta(hours=13))
    assert sessions.clear_old() == 0
    assert Session.get_by_id(row.id).how == "absolute" and sessions.look_up(token) == (None, "absolute")
    at(MORNING + timedelta(days=200))
    assert sessions.clear_old() == 1 and not Session.select().exists()


def test_a_page_that_only_reads_opens_while_somebody_else_writes_at_length(desk, cast, sqlite_url, monkeypatch):
    page = desk.signed_in_as(cast.head)
    began = Session.get().started_at
    writer = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(clock, "wall", lambda: began + timedelta(minutes=10))
    assert page.get("/admin/volunteers/").status == 200
    monkeypatch.setattr(clock, "wall", lambda: began + timedelta(minutes=121))
    assert page.get("/admin/volunteers/").path.startswith("/login") and page.says("太久没有操作")
    writer.execute("ROLLBACK")
    assert Session.get().ended_at is None and Session.get().seen_at == began
    assert page.get("/admin/volunteers/").path.startswith("/login")
    sessions.clear_old()
    assert Session.get().how == "idle"


# --- at the door ---


def test_a_cookie_from_before_signing_out_opens_nothing(desk, cast):
    page = desk.signed_in_as(cast.head)
    kept = page.client.get_cookie("station").value
    page.post("/logout")
    thief = Desk(desk.app)
    thief.client.set_cookie("station", kept)
    assert thief.get("/admin/").path.startswith("/login")
    assert thief.client.post("/admin/volunteers/new/", data={"name": "x"}).status_code in (302, 400, 401)
    assert kinds("sign_out") == [""]


def test_a_cookie_from_before_signing_in_is_nobodys(desk, cast):
    give_password(cast.head)
    page = Desk(desk.app).get("/login")
    kept = page.client.get_cookie("station").value
    page.post("/login", username="head", password=PASSWORD)
    planted = Desk(desk.app)
    planted.client.set_cookie("station", kept)
    assert planted.get("/admin/").path.startswith("/login") and page.get("/admin/").path == "/admin/"


@pytest.mark.parametrize("how", WHY)
def test_whoever_is_out_is_told_why_and_comes_back_to_where_she_was(desk, cast, how):
    page = desk.signed_in_as(cast.recorder)
    Session.get().end(how, cast.head)
    page.get("/admin/volunteers/?state=applied")
    assert page.path.startswith("/login?next=") and page.says(WHY[how])
    page.post(page.path, username="recorder", password=PASSWORD)
    assert page.path == "/admin/volunteers/?state=applied"
    page.post("/logout")
    assert not page.get("/login").says(WHY[how])


def test_an_account_switched_off_past_the_program_is_out_too(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    Account.update(active=False).where(Account.id == cast.recorder.account_id).execute()
    assert page.get("/admin/").path.startswith("/login") and page.says("这个账号已停用")


def test_one_sees_her_own_sessions_and_ends_the_others(desk, cast):
    here, there, third = (desk.signed_in_as(cast.recorder) for _ in range(3))
    stranger = desk.signed_in_as(cast.head)
    page = here.get("/account")
    assert page.html.count("127.0.0.1") == 3 and page.html.count("就是这里") == 1 and not page.says("张站长")
    hers, theirs = Session.select().where(Session.account == cast.recorder.account_id).order_by(Session.id)[1:]
    foreign = Session.get(Session.account == cast.head.account_id)
    assert here.post("/account/sessions", id=foreign.id).status == 404
    assert here.post("/account/sessions", id="abc").status == 404
    assert here.get("/account").post("/account/sessions", id=hers.id).says("已结束这一处登录")
    assert there.get("/admin/").path.startswith("/login") and there.says("在别处结束")
    assert third.get("/admin/").path == "/admin/"
    assert here.get("/account").post("/account/sessions", others=1).says("已结束其他 1 处登录")
    assert third.get("/admin/").path.startswith("/login") and here.get("/admin/").path == "/admin/"
    assert stranger.get("/admin/").path == "/admin/" and theirs


def test_a_volunteer_has_her_own_account_page(desk, cast):
    Account.update(volunteer=cast.registered().id).where(Account.id == cast.volunteer.account_id).execute()
    page = desk.signed_in_as(cast.volunteer).get("/account")
    assert page.status == 200 and page.says("我在哪里登录着") and page.says('href="/me/"')


def test_nobody_has_an_account_page(desk, cast):
    page = Desk(desk.app)
    for path in ("/account", "/password", "/account/code"):
        assert page.get(path).path.startswith("/login")
    page.get("/login")
    for path in ("/account/sessions", "/account/code/off", "/account/code/new"):
        assert page.post(path, id=1, password=PASSWORD).path.startswith("/login")


def test_wrong_guesses_at_the_old_password_wait_like_those_at_the_door(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    for _ in range(5):
        assert page.get("/password").post("/password", old="wrong", new="x", again="x").says("原密码不对")
    assert page.post("/password", old=PASSWORD, new="another good one", again="another good one").says("输错次数过多")


@pytest.mark.parametrize(("proxy", "told"), [("", "127.0.0.1"), ("127.0.0.1", "203.0.113.9"), ("192.0.2.200", "127.0.0.1")])
def test_only_a_trusted_proxy_is_believed_about_the_address(desk, proxy, told):
    """Served for real: whoever is not the named proxy cannot say that she comes from elsewhere."""
    import dataclasses
    import threading

    app = desk.app
    app.config["STATION"] = dataclasses.replace(app.config["STATION"], trusted_proxy=proxy)
    app.add_url_rule("/where", "where", right("see", "site")(lambda: json.dumps(request.remote_addr)))
    served = create_server(app, host="127.0.0.1", port=0, **server.settings(app))
    threading.Thread(target=served.run, daemon=True).start()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{served.effective_port}/where",
        headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "Forwarded": "for=198.51.100.2"},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert json.load(answer) == told
    served.close()
