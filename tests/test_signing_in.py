"""The door: who comes in, how they leave, and what every answer carries."""

import pytest

from admin_app.security import HEADERS
from desk import PASSWORD, Desk, give_password
from models.failures import FREE
from models.people import Account
from models.projects import Project


def at_the_door(desk, username: str, password: str, target: str = "") -> Desk:
    page = Desk(desk.app).get("/login")
    return page.post("/login" + (f"?next={target}" if target else ""), username=username, password=password)


def test_the_head_signs_in_and_sees_her_station(desk, cast):
    page = desk.signed_in_as(cast.head).get("/admin/")
    assert page.status == 200 and page.says("文林社区学雷锋志愿服务工作站") and page.says("张站长")


def test_a_wrong_password_an_unknown_name_and_a_closed_account_hear_the_same(desk, cast):
    give_password(cast.head)
    give_password(cast.deputy)
    Account.update(active=False).where(Account.id == cast.deputy.account_id).execute()
    answers = [
        at_the_door(desk, "head", "wrong password"),
        at_the_door(desk, "nobody", PASSWORD),
        at_the_door(desk, "deputy", PASSWORD),
        at_the_door(desk, "recorder", ""),  # no password was ever set
    ]
    for page in answers:
        assert page.says("用户名或密码不对，请核对后再试。") and page.path == "/login"
        assert PASSWORD not in page.html and page.client.get("/admin/").status_code == 302


def test_what_was_typed_stays_the_password_excepted(desk, cast):
    page = at_the_door(desk, "hea", "wrong password")
    assert page.says('value="hea"') and "wrong password" not in page.html


def test_after_some_wrong_tries_the_account_waits(desk, cast):
    give_password(cast.head)
    for _ in range(FREE["name"] + 1):
        page = at_the_door(desk, "head", "wrong password")
    page = at_the_door(desk, "head", PASSWORD)
    assert page.says("分钟后再试") and page.path == "/login"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(desk, cast, target):
    give_password(cast.head)
    page = Desk(desk.app).get("/login")
    sent = {"username": "head", "password": PASSWORD, "csrf_token": page.token()}
    answer = page.client.post("/login", query_string={"next": target}, data=sent)
    assert answer.status_code == 302 and answer.location == "/admin/"


def test_the_page_that_was_wanted_opens_after_signing_in(desk, cast):
    give_password(cast.head)
    stranger = Desk(desk.app).get("/admin/volunteers/?state=applied")
    assert stranger.path == "/login?next=/admin/volunteers/?state%3Dapplied" or "next=" in stranger.path
    stranger.post(stranger.path, username="head", password=PASSWORD)
    assert stranger.path == "/admin/volunteers/?state=applied"


def test_the_session_is_a_new_one_after_signing_in(desk, cast):
    give_password(cast.head)
    page = Desk(desk.app).get("/login")
    with page.client.session_transaction() as before:
        before["planted"] = "by somebody else"
    token, cookie = page.token(), page.client.get_cookie("station").value
    page.post("/login", username="head", password=PASSWORD)
    with page.client.session_transaction() as after:
        assert "planted" not in after
    assert page.client.get_cookie("station").value != cookie and page.get("/admin/").token() != token
    kept = page.client.get_cookie("station")
    assert kept.http_only and kept.same_site == "Lax"


def test_signing_out_takes_a_post_and_ends_the_session(desk, cast):
    page = desk.signed_in_as(cast.head)
    assert page.get("/logout").status == 405
    assert page.get("/admin/").path == "/admin/"
    page.post("/logout")
    assert page.path == "/login" and page.get("/admin/").path.startswith("/login")


def test_a_form_without_its_token_changes_nothing_and_says_so_in_chinese(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    said = {"name": "项目", "category": "01", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "headcount": "5"}
    for token in ("", "forged"):
        page.post("/admin/projects/new/", said | {"csrf_token": token})
        assert page.status == 400 and page.says("页面放得太久")
    assert Project.select().count() == 0
    page.post("/logout", csrf_token="forged")
    assert page.status == 400 and page.get("/admin/").path == "/admin/"


def test_one_changes_her_own_password_and_her_other_windows_close(desk, cast):
    here, there = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.recorder)
    new = "another good one"
    before = here.client.get_cookie("station").value
    assert here.get("/password").post("/password", old="wrong", new=new, again=new).says("原密码不对")
    assert here.post("/password", old=PASSWORD, new=new, again="not the same").says("两次输入的新密码不一样")
    assert here.post("/password", old=PASSWORD, new="short", again="short").says("密码至少 12 位")
    assert here.post("/password", old=PASSWORD, new="recorder-2026", again="recorder-2026").says("不要包含用户名")
    assert here.post("/password", old=PASSWORD, new="woaini1314520", again="woaini1314520").says("很多人在用")
    assert here.post("/password", old=PASSWORD, new=PASSWORD, again=PASSWORD).says("不能和原来的一样")
    here.post("/password", old=PASSWORD, new=new, again=new)
    assert here.path == "/admin/" and here.says("密码已修改")
    assert here.client.get_cookie("station").value != before
    assert there.get("/admin/").path.startswith("/login") and there.says("密码已修改或重置")
    assert at_the_door(desk, "recorder", PASSWORD).says("用户名或密码不对")
    assert at_the_door(desk, "recorder", new).path == "/admin/"


def test_a_volunteer_comes_to_her_own_page_and_not_to_the_desk(desk, cast):
    Account.update(volunteer=cast.registered().id).where(Account.id == cast.volunteer.account_id).execute()
    page = desk.signed_in_as(cast.volunteer)
    assert page.path == "/me/"
    for screen in ("/admin/volunteers/", "/admin/records/", "/admin/people/"):
        assert page.get(screen).status == 403 or page.path == "/me/"


def test_every_answer_carries_the_headers_and_nothing_is_inline(desk, cast):
    page = desk.signed_in_as(cast.head)
    for path in ("/", "/admin/", "/admin/volunteers/new/", "/admin/no-such-page", "/static/desk.css"):
        page.get(path)
        for name, value in HEADERS.items():
            assert page.headers[name] == value, (path, name)
        assert "<style" not in page.html and " style=" not in page.html and " onclick=" not in page.html
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.get("/admin/").headers["Cache-Control"] == "no-store"


@pytest.mark.browser
def test_a_real_browser_signs_in_and_nothing_is_blocked(browser, cast):
    page = browser.signed_in_as(cast.recorder)
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/admin/", "/admin/volunteers/", "/admin/volunteers/new/"):
        page.goto(path)
    assert page.locator(".person .name").inner_text() == "刘记录"
    assert said == [] and all(url.startswith(browser.url) for url in asked) and asked
