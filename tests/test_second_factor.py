"""动态口令: switched on with a phone, asked for after the password, taken once, demanded by policy, taken off when lost."""

import re
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pyotp
import pytest

from desk import PASSWORD, Desk, give_password
from models import clock, second_factor, sessions
from models.audit import Trail
from models.base import database
from models.failures import FREE
from models.people import Account, reset_password, sign_in
from models.policy import PolicyVersion
from models.refusals import NotFound, Refusal
from models.second_factor import CODES, STEP, SecondFactor
from models.sessions import Session

NOON = datetime(2026, 3, 5, 12)
pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture
def at(monkeypatch):
    def set_to(moment: datetime) -> datetime:
        monkeypatch.setattr(clock, "wall", lambda: moment)
        return moment

    set_to(NOON)
    return set_to


def account_of(actor) -> Account:
    return Account.get_by_id(actor.account_id)


def code_at(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


def switched_on(actor, moment: datetime = NOON) -> tuple[str, list[str]]:
    """The secret and the recovery codes of an account that has its phone since a while ago."""
    account = account_of(actor)
    here, _ = sessions.begin(account, "", "")
    secret = second_factor.begin(account)
    codes = second_factor.confirm(account, code_at(secret, moment), actor, here)
    SecondFactor.update(last_step=0).execute()
    here.end("signed_out", actor)
    return secret, codes


def demand(*roles: str) -> None:
    PolicyVersion.create(
        topic="sign_in", division="5301", since=NOON.date(), source="测试", values={"second_step": list(roles)}
    )  # fmt: skip


def answers(actor, code: str) -> bool:
    try:
        second_factor.answer(account_of(actor), code, "192.0.2.1")
    except Refusal as no:
        assert "动态口令不对或已经用过" in str(no)
        return False
    return True


@pytest.mark.parametrize(("seconds", "taken"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_code_is_taken_a_step_early_or_late_and_no_further(cast_on_either, at, seconds, taken):
    secret, _ = switched_on(cast_on_either.county)
    assert answers(cast_on_either.county, code_at(secret, NOON + timedelta(seconds=seconds))) is taken


def test_a_code_is_taken_once_and_none_from_before_it(cast_on_either, at):
    who = cast_on_either.county
    secret, _ = switched_on(who)
    now = code_at(secret, NOON)
    assert answers(who, f" {now[:3]} {now[3:]} ") and not answers(who, now)
    assert not answers(who, code_at(secret, NOON - timedelta(seconds=STEP)))
    at(NOON + timedelta(seconds=STEP))
    assert not answers(who, now) and answers(who, code_at(secret, NOON + timedelta(seconds=STEP)))


def test_the_code_that_switched_it_on_does_not_sign_in(cast, at):
    account = account_of(cast.county)
    here, _ = sessions.begin(account, "", "")
    secret = second_factor.begin(account)
    second_factor.confirm(account, code_at(secret, NOON), cast.county, here)
    assert not answers(cast.county, code_at(secret, NOON))


@pytest.mark.postgres
def test_of_two_who_send_one_code_at_once_one_comes_in(cast_on_either, at):
    who = cast_on_either.county
    secret, _ = switched_on(who)
    code, gate, came = code_at(secret, NOON), Barrier(4), []

    def tries() -> None:
        with database.connection_context():
            gate.wait()
            came.append(answers(who, code))

    everybody = [Thread(target=tries) for _ in range(4)]
    for one in everybody:
        one.start()
    for one in everybody:
        one.join()
    assert sorted(came) == [False, False, False, True]


def test_a_recovery_code_works_once(cast_on_either, at):
    who = cast_on_either.county
    _, codes = switched_on(who)
    assert len(set(codes)) == CODES == second_factor.left(account_of(who))
    assert answers(who, codes[3].upper().replace("-", " ")) and not answers(who, codes[3])
    assert second_factor.left(account_of(who)) == CODES - 1 and answers(who, codes[4])
    assert not answers(who, "")
    fresh = second_factor.renew_codes(account_of(who), who)
    assert not answers(who, codes[5]) and answers(who, fresh[0])


def test_the_secret_and_the_codes_are_nowhere_to_be_read(cast_on_either, at):
    secret, codes = switched_on(cast_on_either.county)
    answers(cast_on_either.county, "000000")
    answers(cast_on_either.county, codes[0])
    (kept,) = database.execute_sql('SELECT * FROM "second_factor"').fetchall()
    for hidden in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert hidden not in str(kept) and hidden not in str(list(Trail.select().dicts()))
    assert {"code_on", "code_refused", "code_recovered", "sign_in"} <= {row.action for row in Trail.select()}


def test_the_right_password_alone_neither_signs_in_nor_wipes_wrong_codes_out(cast, at):
    give_password(cast.county)
    switched_on(cast.county)
    for _ in range(FREE["name"] + 1):
        sign_in("county", PASSWORD)
        assert not answers(cast.county, "123")
    with pytest.raises(Refusal, match="输错次数过多"):
        sign_in("county", PASSWORD)
    assert not Trail.select().where(Trail.action == "sign_in").exists()


def test_a_picture_left_lying_about_shows_no_secret_of_later(cast, at):
    account = account_of(cast.county)
    first = second_factor.begin(account)
    assert second_factor.begin(account) == first
    at(NOON + timedelta(minutes=16))
    assert second_factor.begin(account) != first


def test_only_the_own_head_or_an_administrator_takes_it_off_with_a_reason(cast, at):
    switched_on(cast.recorder)
    key = cast.recorder.account_id
    _, token = sessions.begin(account_of(cast.recorder), "", "", code_given=True)
    for by in (cast.recorder, cast.recorder_b, cast.county, cast.auditor):
        with pytest.raises(Refusal, match="只有站长和管理员"):
            second_factor.reset(key, by, "手机丢失")
    with pytest.raises(NotFound):
        second_factor.reset(key, cast.head_b, "手机丢失")
    with pytest.raises(Refusal, match="请写明"):
        second_factor.reset(key, cast.head, " ")
    second_factor.reset(key, cast.head, "手机丢失")
    assert not account_of(cast.recorder).coded and not SecondFactor.select().exists()
    assert sessions.look_up(token) == (None, "factor")
    assert Trail.get(Trail.action == "code_off").reason == "手机丢失"
    with pytest.raises(Refusal, match="没有启用"):
        second_factor.reset(key, cast.head, "手机丢失")


def test_a_new_password_leaves_the_second_factor_on(cast, at):
    switched_on(cast.recorder)
    _, made = reset_password(cast.recorder.account_id, cast.head)
    assert sign_in("recorder", made).coded and SecondFactor.select().exists()
    assert sessions.begin(account_of(cast.recorder), "", "")[0].stage == "code"


# --- at the door ---


def at_the_door(desk, username: str) -> Desk:
    return Desk(desk.app).get("/login").post("/login", username=username, password=PASSWORD)


CLOSED = ("/admin/", "/admin/volunteers/", "/account", "/password", "/account/code", "/me/")


def test_the_code_is_asked_for_and_nothing_is_reached_before_it(desk, cast, at):
    give_password(cast.county)
    secret, _ = switched_on(cast.county)
    page = Desk(desk.app).get("/login").post("/login?next=/admin/stars/", username="county", password=PASSWORD)
    assert page.path == "/login/step" and page.says("六位动态口令")
    for path in CLOSED:
        assert page.client.get(path).status_code == 302, path
    assert page.get("/login/step").post("/login/step", new="another good one", again="another good one").says("动态口令不对")
    before = page.client.get_cookie("station").value
    page.post("/login/step", code=code_at(secret, NOON))
    assert page.path == "/admin/stars/" and page.client.get_cookie("station").value != before
    thief = Desk(desk.app)
    thief.client.set_cookie("station", before)
    assert thief.get("/login/step").path == "/login"


def test_the_code_must_come_within_minutes(desk, cast, at):
    give_password(cast.county)
    secret, _ = switched_on(cast.county)
    page = at_the_door(desk, "county")
    later = at(NOON + timedelta(minutes=5))
    page.post("/login/step", code=code_at(secret, later))
    assert page.path == "/login" and page.says("没有在时限内完成")
    assert page.client.get("/admin/").status_code == 302


def test_wrong_codes_make_the_account_wait(desk, cast, at):
    give_password(cast.county)
    secret, _ = switched_on(cast.county)
    page = at_the_door(desk, "county")
    for _ in range(FREE["name"] + 1):
        assert page.post("/login/step", code="000000").says("动态口令不对")
    assert page.post("/login/step", code=code_at(secret, NOON)).says("输错次数过多")
    assert page.client.get("/admin/").status_code == 302


def test_somebody_else_may_begin_at_the_same_browser(desk, cast, at):
    give_password(cast.county)
    switched_on(cast.county)
    page = at_the_door(desk, "county")
    page.post("/logout")
    assert page.path == "/login" and Session.select().where(Session.ended_at.is_null()).count() == 0


@pytest.mark.parametrize(("who", "asked"), [("county", True), ("auditor", True), ("recorder", False), ("province", False)])
def test_whoever_policy_demands_it_of_sets_it_up_before_anything_else(desk, cast, at, who, asked):
    demand("supervisor", "auditor", "admin")
    actor = getattr(cast, who)
    page = at_the_door(desk, give_password(actor))
    if not asked:
        assert page.path == "/admin/"
        return
    assert page.path == "/login/step" and page.says("按登录安全政策")
    for path in CLOSED:
        assert page.client.get(path).status_code == 302, path
    secret = SecondFactor.get().secret
    assert page.says(secret[:4]) and "data:image/svg+xml" in page.get("/login/step").html
    assert page.post("/login/step", code="000000").says("动态口令不对")
    page.post("/login/step", code=code_at(secret, NOON))
    assert page.says("只在这里显示一次") and len(re.findall(r"<li><code>", page.html)) == CODES
    assert page.get("/admin/").path == "/admin/"
    page.get("/account")
    assert page.says("已启用") and not page.says("停用动态口令")
    assert page.post("/account/code/off", password=PASSWORD).says("不能停用") and account_of(actor).coded


def test_one_switches_it_on_and_off_with_her_password(desk, cast, at):
    page, there = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.recorder)
    page.get("/account/code")
    secret = SecondFactor.get().secret
    assert page.post("/account/code", code=code_at(secret, NOON), password="wrong").says("原密码不对")
    assert page.post("/account/code", code="12345", password=PASSWORD).says("动态口令不对")
    page.post("/account/code", code=code_at(secret, NOON), password=PASSWORD)
    assert page.says("恢复码") and account_of(cast.recorder).coded
    assert there.get("/admin/").path.startswith("/login") and there.says("动态口令有变动")
    assert page.get("/account").says(f"恢复码还剩 {CODES} 个")
    assert page.post("/account/code/new", password="wrong").says("原密码不对")
    assert page.get("/account").post("/account/code/new", password=PASSWORD).says("只在这里显示一次")
    page.get("/account").post("/account/code/off", password=PASSWORD)
    assert page.says("动态口令已停用") and not account_of(cast.recorder).coded


def test_after_a_reset_the_code_comes_first_then_ones_own_password(desk, cast, at):
    secret, _ = switched_on(cast.recorder)
    _, made = reset_password(cast.recorder.account_id, cast.head)
    page = Desk(desk.app).get("/login").post("/login", username="recorder", password=made)
    assert page.says("六位动态口令")
    page.post("/login/step", code=code_at(secret, NOON))
    assert page.path == "/login/step" and page.says("设置自己的密码")
    assert page.post("/login/step", new="another good one", again="another good one").path == "/admin/"


def test_a_head_takes_a_lost_phone_off_on_the_screen(desk, cast, at):
    switched_on(cast.recorder)
    page = desk.signed_in_as(cast.head).get(f"/admin/people/details/?id={cast.recorder.account_id}")
    assert page.says("解除动态口令")
    key = cast.recorder.account_id
    assert page.post("/admin/people/code-off/", id=key, reason="").says("请写明") and account_of(cast.recorder).coded
    assert page.post("/admin/people/code-off/", id=key, reason="手机丢失").says("已解除动态口令")
    assert not account_of(cast.recorder).coded
