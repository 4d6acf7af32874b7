"""账号 on the screen: whom an administrator and a head may give a way in, and how a new station gets its people."""

import pytest

from desk import PASSWORD, Desk
from models.people import Account
from models.stations import Division, Station
from rules.access import Role

NEW = "/admin/people/new/"
FIRST = "a first password"


def detail(key: int) -> str:
    return f"/admin/people/details/?id={key}"


def signs_in(desk, username: str, password: str) -> Desk:
    page = Desk(desk.app).get("/login")
    return page.post("/login", username=username, password=password)


def test_an_administrator_founds_a_station_with_its_head_who_takes_on_a_recorder(desk, cast):
    admin = desk.signed_in_as(cast.admin)
    admin.post("/admin/divisions/new/", code="530102001002", name="青云社区", active="y")
    admin.post("/admin/stations/new/", name="青云社区工作站", division="530102001002", head_name="孙站长", active="y")
    station = Station.get(Station.name == "青云社区工作站")
    admin.post(NEW, username="sun", name="孙站长", role="head", station=station.id, active="y")
    assert admin.says("还不能登录") and admin.says("设置密码")
    sun = Account.get(Account.username == "sun")
    assert signs_in(desk, "sun", FIRST).says("用户名或密码不对")
    admin.post("/admin/people/reset/", id=sun.id, password=FIRST, again=FIRST)
    assert admin.says("密码已设置") and not admin.says("还没有密码")

    head = signs_in(desk, "sun", FIRST)
    assert head.path == "/admin/" and head.says("青云社区工作站")
    head.get(NEW)
    assert not head.says('name="role"') and not head.says('name="station"')
    head.post(NEW, username="li", name="李记录", active="y")
    li = Account.get(Account.username == "li")
    assert (li.role, li.station_id) == ("recorder", station.id)
    head.post("/admin/people/reset/", id=li.id, password=FIRST, again=FIRST)
    clerk = signs_in(desk, "li", FIRST)
    assert clerk.get("/admin/volunteers/new/").status == 200 and clerk.get("/admin/people/").status == 403


def test_a_head_sees_and_touches_her_own_recorders_only(desk, cast):
    page = desk.signed_in_as(cast.head).get("/admin/people/")
    assert page.says("刘记录") and not page.says("周记录") and not page.says("陈副站长")
    for other in (cast.recorder_b, cast.deputy, cast.admin, cast.head):
        before = Account.get_by_id(other.account_id).password
        assert page.get(detail(other.account_id)).status == 404
        assert page.post("/admin/people/reset/", id=other.account_id, password=FIRST, again=FIRST).status == 404
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


def test_a_reset_password_is_typed_twice_long_enough_and_ends_other_sessions(desk, cast):
    clerk, head = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.head)
    key = cast.recorder.account_id
    assert head.post("/admin/people/reset/", id=key, password=FIRST, again="another one").says("两次输入的密码不一样")
    assert head.post("/admin/people/reset/", id=key, password="short", again="short").says("密码至少 10 位")
    assert clerk.get("/admin/").path == "/admin/"
    head.post("/admin/people/reset/", id=key, password=FIRST, again=FIRST)
    assert clerk.get("/admin/").path.startswith("/login")
    assert FIRST not in head.html and signs_in(desk, "recorder", FIRST).path == "/admin/"


def test_supervisors_auditors_and_recorders_see_no_accounts(desk, cast):
    for who in (cast.county, cast.auditor, cast.recorder):
        page = desk.signed_in_as(who)
        assert page.get("/admin/people/").status == 403 and page.get(NEW).status == 403
        assert (
            page.post("/admin/people/reset/", id=cast.recorder.account_id, password=FIRST, again=FIRST).status == 403
        )


@pytest.mark.browser
def test_the_form_shows_the_place_that_the_role_needs(browser, cast):
    page = browser.signed_in_as(cast.admin)
    page.goto(NEW)
    page.select_option("[name=role]", "head")
    assert page.locator("#station").is_visible() and not page.locator("#division").is_visible()
    page.select_option("[name=role]", "supervisor")
    assert page.locator("#division").is_visible() and not page.locator("#station").is_visible()
