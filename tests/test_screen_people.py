"""账号 on the screen: whom an administrator and a head may give a way in, and how a new station gets its people."""

import re

import pytest

from desk import PASSWORD, Desk
from models.people import Account
from models.stations import Division, Station
from rules.access import Role

NEW = "/admin/people/new/"
RESET = "/admin/people/reset/"
FIRST = "a first password"


def detail(key: int) -> str:
    return f"/admin/people/details/?id={key}"


def signs_in(desk, username: str, password: str) -> Desk:
    page = Desk(desk.app).get("/login")
    return page.post("/login", username=username, password=password)


def told(page: Desk) -> str:
    """The one-time password that the page shows."""
    return re.search(r'<code class="told">([^<]+)</code>', page.html)[1]


def takes_over(desk, username: str, one_time: str) -> Desk:
    """Signs in with a one-time password and chooses her own."""
    page = signs_in(desk, username, one_time)
    assert page.path == "/login/step" and page.says("设置自己的密码")
    return page.post("/login/step", new=FIRST, again=FIRST)


def test_an_administrator_founds_a_station_with_its_head_who_takes_on_a_recorder(desk, cast):
    admin = desk.signed_in_as(cast.admin)
    admin.post("/admin/divisions/new/", code="530102001002", name="青云社区", active="y")
    admin.post("/admin/stations/new/", name="青云社区工作站", division="530102001002", head_name="孙站长", active="y")
    station = Station.get(Station.name == "青云社区工作站")
    admin.post(NEW, username="sun", name="孙站长", role="head", station=station.id, active="y")
    assert admin.says("还不能登录") and admin.says("设置密码")
    sun = Account.get(Account.username == "sun")
    assert signs_in(desk, "sun", FIRST).says("用户名或密码不对")
    admin.post(RESET, id=sun.id)
    assert admin.says("只在这里显示一次") and admin.says("7 天内有效")
    one_time = told(admin)
    assert one_time not in admin.get(detail(sun.id)).html and admin.says("本人还没有换成自己的密码")

    head = takes_over(desk, "sun", one_time)
    assert head.path == "/admin/" and head.says("青云社区工作站")
    head.get(NEW)
    assert not head.says('name="role"') and not head.says('name="station"')
    head.post(NEW, username="li", name="李记录", active="y")
    li = Account.get(Account.username == "li")
    assert (li.role, li.station_id) == ("recorder", station.id)
    clerk = takes_over(desk, "li", told(head.post(RESET, id=li.id)))
    assert clerk.get("/admin/volunteers/new/").status == 200 and clerk.get("/admin/people/").status == 403


def test_a_head_sees_and_touches_her_own_recorders_only(desk, cast):
    page = desk.signed_in_as(cast.head).get("/admin/people/")
    assert page.says("刘记录") and not page.says("周记录") and not page.says("陈副站长")
    for other in (cast.recorder_b, cast.deputy, cast.admin, cast.head):
        before = Account.get_by_id(other.account_id).password
        assert page.get(detail(other.account_id)).status == 404
        for move in ("reset", "end-sessions", "code-off"):
            assert page.post(f"/admin/people/{move}/", id=other.account_id, reason="试试").status == 404
        assert Account.get_by_id(other.account_id).password == before


@pytest.mark.parametrize("role", ["head", "admin", "supervisor"])
def test_a_head_gives_no_other_role_whatever_the_form_is_made_to_say(desk, cast, role):
    page = desk.signed_in_as(cast.head)
    page.post(NEW, username="forged", name="某人", role=role, station=cast.b.id, division="53", active="y")
    row = Account.get(Account.username == "forged")
    assert (row.role, row.station_id, row.division_id) == ("recorder", cast.a.id, None)
    page.post(
        f"/admin/people/edit/?id={row.id}", username="forged", name="某人", role=role, division="53", active="y"
    )
    assert Account.get_by_id(row.id).role == "recorder"


def test_a_role_brings_its_own_place_and_no_other(desk, cast):
    page = desk.signed_in_as(cast.admin)
    page.post(NEW, username="zhou", name="周督导", role="supervisor", station=cast.a.id, division="5301", active="y")
    row = Account.get(Account.username == "zhou")
    assert (row.station_id, row.division_id) == (None, "5301")
    page.post(NEW, username="wu", name="吴记录", role="recorder", active="y")
    assert page.says("记录员和站长要选一个工作站") and page.says('value="吴记录"')
    page.post(NEW, username="zheng", name="郑审计", role="auditor", active="y")
    assert page.says("要选负责的区划") and not Account.select().where(Account.username.in_(["wu", "zheng"])).exists()


def test_volunteers_and_the_system_are_no_roles_of_this_form(desk, cast):
    page = desk.signed_in_as(cast.admin).get(NEW)
    assert not page.says('value="volunteer"') and not page.says('value="system"')
    for role in (Role.VOLUNTEER, Role.SYSTEM):
        page.post(NEW, username="odd", name="某人", role=role.value, active="y")
        assert page.says("没有这一项") and not Account.select().where(Account.username == "odd").exists()


@pytest.mark.parametrize(
    ("username", "says"),
    [("a b", "不能有空格"), ("", "请填写「用户名」"), ("head", "已有人使用"), ("x" * 41, "最多 40 个字")],
)
def test_a_user_name_that_cannot_be_is_refused(desk, cast, username, says):
    page = desk.signed_in_as(cast.admin)
    page.post(NEW, username=username, name="某人", role="recorder", station=cast.a.id, active="y")
    assert page.says(says) and page.says('value="某人"')


def test_an_administrator_of_one_county_gives_no_account_outside_it(desk, cast):
    row = Account.get_by_id(cast.admin.account_id)
    row.division = Division.get_by_id("530102")
    row.save()
    page = desk.signed_in_as(cast.admin)
    page.post(NEW, username="out", name="某人", role="head", station=cast.b.id, active="y")
    page.post(NEW, username="out", name="某人", role="admin", division="53", active="y")
    assert not Account.select().where(Account.username == "out").exists()
    assert page.get(detail(cast.head_b.account_id)).status == 404


def test_nobody_switches_herself_off(desk, cast):
    key = cast.admin.account_id
    page = desk.signed_in_as(cast.admin)
    page.post(
        f"/admin/people/edit/?id={key}", username="admin", name="管理员", role="admin", division="53", revision=0
    )
    assert page.says("不能停用自己的账号") and Account.get_by_id(key).active


def test_a_switched_off_account_is_out_at_once(desk, cast):
    clerk, head = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.head)
    key = cast.recorder.account_id
    revision = Account.get_by_id(key).revision
    head.post(f"/admin/people/edit/?id={key}", username="recorder", name="刘记录", revision=revision)
    assert not Account.get_by_id(key).active
    assert clerk.get("/admin/volunteers/").path.startswith("/login")
    assert signs_in(desk, "recorder", PASSWORD).says("用户名或密码不对")


def test_a_reset_ends_every_session_and_nothing_is_reached_before_the_password_is_ones_own(desk, cast):
    clerk, head = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.head)
    key = cast.recorder.account_id
    assert clerk.get("/admin/").path == "/admin/"
    one_time = told(head.post(RESET, id=key))
    assert clerk.get("/admin/").path.startswith("/login") and clerk.says("密码已修改或重置")
    assert signs_in(desk, "recorder", PASSWORD).says("用户名或密码不对")
    page = signs_in(desk, "recorder", one_time)
    for path in ("/admin/", "/admin/volunteers/", "/account", "/password", "/me/"):
        assert page.client.get(path).status_code == 302, path
    assert page.get("/login/step").post("/login/step", new="short", again="short").says("密码至少 12 位")
    assert page.post("/login/step", new=one_time, again=one_time).says("不能和原来的一样")
    assert page.post("/login/step", new=FIRST, again="not the same").says("两次输入的新密码不一样")
    assert page.post("/login/step", new=FIRST, again=FIRST).path == "/admin/"
    assert signs_in(desk, "recorder", FIRST).path == "/admin/"
    assert signs_in(desk, "recorder", one_time).says("用户名或密码不对")


def test_the_head_sees_where_a_recorder_is_signed_in_and_ends_it(desk, cast):
    clerk, head = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.head)
    head.get(detail(cast.recorder.account_id))
    assert head.says("127.0.0.1") and head.says("结束所有登录")
    head.post("/admin/people/end-sessions/", id=cast.recorder.account_id)
    assert head.says("已结束 1 处登录") and head.says("现在没有登录")
    assert clerk.get("/admin/").path.startswith("/login") and clerk.says("站长或管理员结束了这次登录")
    assert head.get("/admin/").status == 200


def test_supervisors_auditors_and_recorders_see_no_accounts(desk, cast):
    for who in (cast.county, cast.auditor, cast.recorder):
        page = desk.signed_in_as(who)
        assert page.get("/admin/people/").status == 403 and page.get(NEW).status == 403
        for move in ("reset", "end-sessions", "code-off"):
            assert page.post(f"/admin/people/{move}/", id=cast.recorder.account_id, reason="试试").status == 403


@pytest.mark.browser
def test_the_form_shows_the_place_that_the_role_needs(browser, cast):
    page = browser.signed_in_as(cast.admin)
    page.goto(NEW)
    page.select_option("[name=role]", "head")
    assert page.locator("#station").is_visible() and not page.locator("#division").is_visible()
    page.select_option("[name=role]", "supervisor")
    assert page.locator("#division").is_visible() and not page.locator("#station").is_visible()
