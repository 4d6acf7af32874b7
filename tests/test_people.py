"""Accounts: who gets in, who is kept out with the same sentence, and who may set whose password."""

from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from models import clock, people
from models.audit import Trail
from models.failures import FREE, Failure, clear_old, count, must_wait
from models.people import Account, check_password, let_in, reset_password, set_password, sign_in
from models.refusals import NotFound, Refusal
from models.scope import SYSTEM, Actor
from rules.access import Role

pytestmark = pytest.mark.usefixtures("quick_passwords")
GOOD = "correct horse 7"
SAME = "用户名或密码不对，请核对后再试。"


@pytest.fixture
def recorder(cast) -> Account:
    return with_password(cast)


def with_password(cast) -> Account:
    account = Account.get_by_id(cast.recorder.account_id)
    set_password(account, GOOD, SYSTEM)
    return account


def says(username: str, password: str, address: str = "") -> str:
    with pytest.raises(Refusal) as no:
        sign_in(username, password, address)
    return str(no.value)


@pytest.fixture
def at(monkeypatch):
    """Sets the computer's own clock."""

    def set_to(moment: datetime) -> datetime:
        monkeypatch.setattr(clock, "wall", lambda: moment)
        return moment

    return set_to


NOON = datetime(2025, 3, 5, 12)


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


@pytest.mark.parametrize("username", ["recorder", "nobody"])
def test_the_wait_grows_alike_for_a_name_that_is_no_account(recorder, at, username):
    moment = at(NOON)
    for _ in range(FREE["name"]):
        assert says(username, "wrong") == SAME
    waits = []
    for _ in range(8):
        assert says(username, "wrong") == SAME
        until = Failure.get().locked_until
        waits.append((until - moment).total_seconds() // 60)
        assert says(username, GOOD).startswith("输错次数过多，请 ")
        moment = at(until + timedelta(seconds=1))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_the_right_password_ends_the_count(recorder, at):
    at(NOON)
    for _ in range(FREE["name"]):
        assert says("recorder", "wrong") == SAME
    sign_in("recorder", GOOD)
    assert says("recorder", "wrong") == SAME and Failure.get().failures == 1


def test_a_try_while_waiting_is_not_looked_at_and_does_not_lengthen_the_wait(recorder, at):
    at(NOON)
    for _ in range(FREE["name"] + 1):
        says("recorder", "wrong")
    for _ in range(200):
        assert says("recorder", GOOD, "192.0.2.1").startswith("输错次数过多")
    assert Failure.select().count() == 1 and Failure.get().failures == FREE["name"] + 1


def test_many_names_from_one_address_make_the_address_wait(cast_on_either, at):
    with_password(cast_on_either)
    moment = at(NOON)
    for n in range(FREE["address"] + 1):
        assert says(f"guess{n}", "wrong", "192.0.2.1") == SAME
    assert says("recorder", GOOD, "192.0.2.1").startswith("从您所在的网络登录失败次数过多，请 ")
    assert sign_in("recorder", GOOD, "192.0.2.2")  # from elsewhere she comes in
    at(moment + timedelta(minutes=1, seconds=1))
    assert sign_in("recorder", GOOD, "192.0.2.1")
    assert says("one more", "wrong", "192.0.2.1") == SAME  # nobody's success wiped the address's failures out
    assert says("recorder", GOOD, "192.0.2.1").startswith("从您所在的网络")


def test_one_colleague_does_not_lock_a_whole_station_out(recorder, at):
    moment = at(NOON)
    for n in range(60):  # everybody behind one address mistypes once, one colleague without end
        at(moment + timedelta(seconds=n * 5))
        assert says(f"colleague{n}", "wrong", "192.0.2.1") == SAME
        says("head", "wrong", "192.0.2.1")
    assert sign_in("recorder", GOOD, "192.0.2.1")


def test_an_addresss_failures_fade_with_time(recorder, at):
    moment = at(NOON)
    for n in range(300):  # one mistake every five minutes, a day long
        at(moment + timedelta(minutes=5 * n))
        assert says(f"colleague{n}", "wrong", "192.0.2.1") == SAME
    assert sign_in("recorder", GOOD, "192.0.2.1")


def test_the_addresses_of_one_network_of_the_new_kind_count_as_one(db, at):
    at(NOON)
    for n in range(FREE["address"] + 1):
        count(f"guess{n}", f"2001:db8:1:2::{n:x}")
    with pytest.raises(Refusal, match="从您所在的网络"):
        must_wait("recorder", "2001:db8:1:2:ffff::1")
    must_wait("recorder", "2001:db8:1:3::1")


def test_what_is_kept_of_failures_is_no_name_no_address_and_bounded(db, at, monkeypatch):
    monkeypatch.setattr("models.failures.MOST", 20)
    moment = at(NOON)
    for n in range(60):
        at(moment + timedelta(seconds=n))
        count(f"guess{n}", "192.0.2.1")
    assert Failure.select().count() <= 20
    kept = str(list(Failure.select().dicts()))
    assert "guess" not in kept and "192.0.2.1" not in kept
    at(moment + timedelta(days=2))
    clear_old()
    assert not Failure.select().exists()


def test_refusals_are_in_the_trail_and_a_name_that_is_no_account_only_by_its_beginning(recorder):
    says("recorder", "wrong", "192.0.2.1")
    says("my secret password", "wrong", "192.0.2.1")
    known, unknown = Trail.select().where(Trail.action == "sign_in_refused").order_by(Trail.id)
    assert (known.row, known.after) == (str(recorder.id), {"address": "192.0.2.1"})
    assert unknown.after == {"username": "m***", "address": "192.0.2.1"}
    assert "secret password" not in str(list(Trail.select().dicts()))


def test_a_password_kept_by_older_parameters_is_hashed_anew_at_sign_in(recorder, monkeypatch):
    old = Account.get_by_id(recorder.id).password
    monkeypatch.setattr(people, "_hasher", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    says("recorder", "wrong")
    assert Account.get_by_id(recorder.id).password == old
    sign_in("recorder", GOOD)
    new = Account.get_by_id(recorder.id).password
    assert new != old and new.startswith("$argon2id$v=19$m=16,t=2,p=1$")
    assert sign_in("recorder", GOOD) and Account.get_by_id(recorder.id).password == new


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("short 7", "密码至少 12 位，现在是 7 位"),
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


def test_a_new_password_makes_the_old_one_useless_and_neither_is_in_the_trail(recorder):
    set_password(recorder, "another horse 8", recorder.actor())
    assert says("recorder", GOOD) == SAME
    assert GOOD not in str(list(Trail.select().dicts())) and "argon2" not in str(list(Trail.select().dicts()))


def test_only_the_own_head_or_an_administrator_resets(cast, recorder):
    key = recorder.id
    for by in (cast.recorder_b, cast.county, cast.auditor, cast.volunteer, cast.recorder):
        with pytest.raises(Refusal, match="只有站长和管理员"):
            reset_password(key, by)
    with pytest.raises(NotFound):
        reset_password(key, cast.head_b)
    with pytest.raises(NotFound):
        reset_password(cast.deputy.account_id, cast.head)  # a head resets recorders alone
    with pytest.raises(Refusal, match="自己的密码请在"):
        reset_password(cast.admin.account_id, cast.admin)
    with pytest.raises(Refusal, match="只能设置自己的密码"):
        set_password(recorder, "another horse 8", cast.head_b)
    assert sign_in("recorder", GOOD)
    for by in (cast.head, cast.admin):
        _, made = reset_password(key, by)
        assert sign_in("recorder", made).one_time_until
        assert made not in str(list(Trail.select().dicts())) and check_password(made, recorder) == []


def test_a_one_time_password_is_another_each_time_and_runs_out_unused(cast_on_either, at):
    account = with_password(cast_on_either)
    moment = at(NOON)
    _, first = reset_password(account.id, cast_on_either.head)
    _, second = reset_password(account.id, cast_on_either.head)
    assert first != second and says("recorder", first) == SAME
    at(moment + timedelta(days=7))
    assert sign_in("recorder", second)
    at(moment + timedelta(days=7, seconds=1))
    assert says("recorder", second).startswith("临时密码已过期")
    assert says("recorder", "wrong") == SAME


def test_a_wait_that_was_set_by_a_clock_a_year_ahead_holds_nobody_up(recorder, at):
    at(NOON + timedelta(days=365))
    for _ in range(FREE["name"] + 1):
        says("recorder", "wrong")
    assert "分钟后再试" in says("recorder", GOOD)
    at(NOON)
    assert sign_in("recorder", GOOD).id == recorder.id


def test_a_reset_lets_in_somebody_who_waits(cast, recorder):
    for _ in range(FREE["name"] + 1):
        says("recorder", "wrong")
    _, made = reset_password(recorder.id, cast.head)
    assert sign_in("recorder", made)


def test_a_volunteer_is_let_in_with_a_one_time_password(cast):
    person = cast.registered()
    account, made = let_in(person.id, cast.head)
    assert sign_in(person.card_no, made).id == account.id and account.one_time_until
    with pytest.raises(NotFound):
        let_in(person.id, cast.head_b)


def test_nobody_is_given_the_one_password_of_a_demo_on_a_real_database(recorder):
    clock.Setting.write("demo", False)
    with pytest.raises(Refusal, match="只有演示数据"):
        people.set_demo_password(recorder, "another horse 8")
    assert sign_in("recorder", GOOD)


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
