"""Accounts: who gets in, who is kept out with the same sentence, and who may set whose password."""

from datetime import datetime, timedelta

import pytest

from models import clock
from models.audit import Trail
from models.people import Account, check_password, reset_password, set_password, sign_in
from models.refusals import NotFound, Refusal
from models.scope import SYSTEM, Actor
from rules.access import Role

pytestmark = pytest.mark.usefixtures("quick_passwords")
GOOD = "correct horse 7"
SAME = "用户名或密码不对，请核对后再试。"


@pytest.fixture
def recorder(cast) -> Account:
    account = Account.get_by_id(cast.recorder.account_id)
    set_password(account, GOOD, SYSTEM)
    return account


def says(username: str, password: str) -> str:
    with pytest.raises(Refusal) as no:
        sign_in(username, password)
    return str(no.value)


def test_the_right_password_lets_in_and_leaves_a_trace(recorder):
    assert sign_in(" recorder ", GOOD).id == recorder.id
    assert Account.get_by_id(recorder.id).signed_in_at == clock.now()
    assert Trail.select().order_by(Trail.id.desc()).first().action == "sign_in"


def test_unknown_wrong_and_switched_off_are_told_the_same(cast, recorder):
    assert says("nobody", GOOD) == SAME
    assert says("recorder", "wrong password") == SAME
    assert says("recorder", "x" * 100_000) == SAME
    Account.amend(recorder.id, cast.head, active=False)
    assert says("recorder", GOOD) == SAME


def test_an_account_without_a_password_lets_nobody_in(cast):
    for guess in ("", "nobody signs in with this"):
        assert says("head", guess) == SAME


def test_the_wait_grows_and_the_right_password_ends_it(recorder, monkeypatch):
    at = datetime(2025, 3, 5, 9)
    monkeypatch.setattr(clock, "now", lambda: at)
    for _ in range(4):
        assert says("recorder", "wrong") == SAME
    waits = []
    for _ in range(8):
        assert says("recorder", "wrong") == SAME
        until = Account.get_by_id(recorder.id).locked_until
        waits.append((until - at).total_seconds() // 60)
        assert says("recorder", GOOD).startswith("输错次数过多，请 ")
        at = until + timedelta(seconds=1)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert sign_in("recorder", GOOD).failures == 0
    assert says("recorder", "wrong") == SAME
    assert Account.get_by_id(recorder.id).locked_until is None


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("short 7", "密码至少 10 位，现在是 7 位"),
        ("aaaaaaaaaaab", "不同的字符太少"),
        ("my recorder 7", "不要包含用户名"),
        ("MY RECORDER 7", "不要包含用户名"),
        ("x1y2" * 51, "密码最多 200 位"),
    ],
)
def test_a_weak_password_is_refused(recorder, password, wrong):
    with pytest.raises(Refusal, match=wrong):
        set_password(recorder, password, recorder.actor())
    assert sign_in("recorder", GOOD)
    assert check_password("long enough 7", recorder) == []


def test_a_new_password_ends_other_sessions_and_the_old_one_is_useless(recorder):
    stamp = recorder.session_stamp
    set_password(recorder, "another horse 8", recorder.actor())
    assert Account.get_by_id(recorder.id).session_stamp == stamp + 1
    assert says("recorder", GOOD) == SAME
    assert GOOD not in str(list(Trail.select().dicts())) and "argon2" not in str(list(Trail.select().dicts()))


def test_only_the_own_head_or_an_administrator_resets(cast, recorder):
    key = recorder.id
    for by in (cast.recorder_b, cast.county, cast.auditor, cast.volunteer, cast.recorder):
        with pytest.raises(Refusal, match="只有站长和管理员"):
            reset_password(key, "another horse 8", by)
    with pytest.raises(NotFound):
        reset_password(key, "another horse 8", cast.head_b)
    with pytest.raises(NotFound):
        reset_password(cast.deputy.account_id, "another horse 8", cast.head)  # a head resets recorders alone
    with pytest.raises(Refusal, match="只能设置自己的密码"):
        set_password(recorder, "another horse 8", cast.head_b)
    assert sign_in("recorder", GOOD)
    for by in (cast.head, cast.admin):
        reset_password(key, f"another horse {by.account_id}", by)
        assert sign_in("recorder", f"another horse {by.account_id}")


def test_a_head_makes_recorders_of_her_own_station_and_nobody_else(cast):
    row = Account.enter(cast.head, username=" new ", name="新人", role="recorder")
    assert (row.username, row.station_id) == ("new", cast.a.id)
    for more in ({"role": "head"}, {"role": "admin", "division": "53"}, {"role": "supervisor", "division": "530102"}):
        with pytest.raises(Refusal, match="站长只能管理本站的记录员账号"):
            Account.enter(cast.head, username="x", name="x", **more)
        with pytest.raises(Refusal, match="站长只能管理本站的记录员账号"):
            Account.amend(row.id, cast.head, **more)
    with pytest.raises(Refusal, match="记录员不能办理"):
        Account.enter(cast.recorder, username="x", name="x", role="recorder")


def test_an_administrator_stays_in_the_own_division(cast):
    county_admin = Actor(88, "五华管理员", Role.ADMIN, None, "530102")
    assert Account.enter(county_admin, username="h2", name="x", role="head", station=cast.a.id)
    with pytest.raises(Refusal, match="不在您负责的范围内"):
        Account.enter(county_admin, username="p", name="x", role="admin", division="53")
    with pytest.raises(Refusal, match="没有找到所选的「工作站」"):
        Account.enter(county_admin, username="h3", name="x", role="head", station=cast.b.id)
    with pytest.raises(NotFound):
        Account.amend(cast.head_b.account_id, county_admin, name="x")


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"role": "recorder"}, "要选一个工作站"),
        ({"role": "auditor"}, "要选负责的区划"),
        ({"role": "system", "division": "53"}, "没有「system」这一项"),
        ({"role": "king"}, "没有「king」这一项"),
        ({"role": "auditor", "division": "53", "username": "head"}, "用户名「head」已有人使用"),
        ({"role": "auditor", "division": "53", "username": "  "}, "请填写「用户名」"),
    ],
)
def test_an_account_must_make_sense(cast, more, wrong):
    with pytest.raises(Refusal, match=wrong):
        Account.enter(cast.admin, **({"username": "x", "name": "x"} | more))


def test_a_volunteers_account_reaches_no_station(cast):
    row = Account.enter(SYSTEM, username="v1", name="x", role="volunteer", station=cast.a.id, division="53")
    assert (row.station_id, row.division_id) == (None, None)
