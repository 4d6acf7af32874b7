"""Refusals and errors in the shell of whoever is refused: a resident and a volunteer are never shown the desk's."""

import pytest
from her_hand import as_herself
from werkzeug.exceptions import Conflict, TooManyRequests

from admin_app.security import ADDRESS_LIMIT, FORM_LIMIT
from desk import PASSWORD, Desk, give_password
from models.people import Account

SHELL, DESK = '<header class="site">', ("回到工作台", "desk.css")


def at_hers(app, error: Exception) -> None:
    """Her first page and the site's, broken so."""

    def broken(*_args, **_more):
        raise error

    for endpoint in ("me.index", "public.stories"):
        broken.right = app.view_functions[endpoint].right  # type: ignore[attr-defined]
        app.view_functions[endpoint] = broken


def shown(window: Desk, code: int, *, hers: bool) -> None:
    assert window.status == code, (window.status, window.html[:200])
    assert SHELL in window.html and not any(word in window.html for word in DESK), code
    assert window.says("返回首页") and window.says("返回我的服务") == hers and window.says("我的服务") == hers
    assert window.says('name="viewport"')


@pytest.fixture
def her(cast, desk) -> Desk:
    return desk.signed_in_as(as_herself(cast, cast.registered("李明")))


@pytest.fixture(params=["a volunteer", "a stranger"])
def who(request, desk, cast) -> tuple[Desk, bool]:
    if request.param == "a stranger":
        return Desk(desk.app), False
    return desk.signed_in_as(as_herself(cast, cast.registered("李明"))), True


def test_what_is_not_there_or_asked_wrongly_is_told_in_her_own_shell(who):
    window, hers = who
    for path in ("/nothing", "/projects/9999", "/notices/9999", "/stories/9999", "/admin/nothing/"):
        shown(window.get(path), 404, hers=hers)
    shown(window.get("/logout"), 405, hers=hers)
    shown(window.get("/?q=" + "x" * ADDRESS_LIMIT), 414, hers=hers)


def test_a_form_that_is_forged_or_too_large_is_refused_in_her_own_shell(who):
    window, hers = who
    path = "/me/certificates" if hers else "/login"
    for fields, code in (({"purpose": "study"}, 400), ({"purpose": "x" * (FORM_LIMIT + 1)}, 413)):
        window._keep(window.client.post(path, data=fields))
        shown(window, code, hers=hers)


@pytest.mark.parametrize(("error", "code"), [(Conflict(), 409), (TooManyRequests(), 429), (RuntimeError("secret"), 500)])
def test_a_fault_is_told_in_her_own_shell_with_a_number(who, error, code):
    window, hers = who
    at_hers(window.app, error)
    shown(window.get("/me/" if hers else "/stories/"), code, hers=hers)
    assert window.says("编号") and not window.says("secret")


def test_the_desk_is_not_hers_and_is_told_so_in_her_own_shell(her):
    for path in ("/admin/volunteers/", "/admin/records/", "/admin/users/"):
        her.get(path)
        assert her.status in (403, 404)
        shown(her, her.status, hers=True)


def test_the_desk_keeps_its_own(cast, desk):
    window = desk.signed_in_as(cast.recorder)
    window._keep(window.client.post("/admin/volunteers/new/", data={"name": "李明"}))
    assert window.status == 400 and window.says("回到工作台") and SHELL not in window.html
    assert window.get("/admin/nothing/").status == 404 and window.says("回到工作台")


def test_what_a_volunteer_typed_comes_back_in_her_own_shell_after_her_session_ended(cast, desk):
    me = as_herself(cast, cast.registered("李明"))
    give_password(me)
    window = desk.signed_in_as(me).get("/me/certificates")
    typed = {"purpose": "study", "purpose_note": "报考", "csrf_token": window.token(), "once": window.html.split('name="once" value="')[1].split('"')[0]}
    window.client.delete_cookie("station")
    origin = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    window._keep(window.client.post("/me/certificates", data=typed, headers=origin))
    assert window.status == 401 and window.says("填写的内容还在") and not window.says("工作台")
    boxes = {name: window.html.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf_token", "carried", "carried_to")}
    from html import unescape

    card = Account.get_by_id(me.account_id).username
    sent = {name: unescape(value) for name, value in boxes.items()} | {"username": card, "password": PASSWORD}
    window._keep(window.client.post("/login", data=sent, headers=origin))
    assert window.status == 200 and window.says("回到刚才的表单") and window.says("报考")
    assert SHELL in window.html and window.says("返回我的服务") and not any(word in window.html for word in DESK)
