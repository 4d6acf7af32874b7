"""Nothing typed is lost, and nothing is done twice: double click, «back», a session that ended in a half-filled form."""

import html
import json
import re
import threading
from datetime import timedelta

import pyotp
import pytest

from admin_app import resuming
from cast import person
from desk import PASSWORD, Desk, give_password
from models import clock, once, second_factor, sessions
from models.activities import Activity
from models.base import database
from models.jobs import Job
from models.once import Press, SentBefore, SentForm
from models.people import Account
from models.projects import Project
from models.records import ServiceRecord
from models.refusals import Refusal
from models.scope import SYSTEM
from models.sessions import Session
from models.volunteers import Volunteer

NEW = "/admin/volunteers/new/"
HERE = {"Origin": "http://localhost"}
MARK = re.compile(r'name="once" value="([^"]+)"')


def filled(page: Desk, **more) -> dict:
    """The form of the page as a browser would send it, with its number and its token."""
    return person("孙晓") | {"once": MARK.search(page.html)[1], "csrf_token": page.token()} | more


def send(page: Desk, path: str, form: dict, **how):
    return page.client.post(path, data=form, headers=HERE, **how)


# --- once ---


def test_every_form_of_the_desk_bears_a_number_of_its_own_and_of_its_owner(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    cast.registered()
    found = MARK.findall(page.get("/admin/volunteers/").html + page.get(NEW).html)
    assert len(found) >= 2 and len(set(found)) == len(found)
    assert {mark.partition("-")[0] for mark in found} == {str(cast.recorder.account_id)}


def test_back_and_save_again_is_told_and_makes_no_twin(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page)
    first = send(page, NEW, form)
    again = send(page, NEW, form)
    assert again.status_code == 302 and again.location == first.location
    assert page.get(again.location).says("这张表单已经保存过，没有重复保存。")
    assert Volunteer.select().count() == 1


def test_a_second_press_waits_for_the_first_ones_answer(desk, cast):
    """The work of the first is done, and where it led is written a moment later."""
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page)
    first = send(page, NEW, form)
    SentForm.update(leads_to="").execute()
    waited = []

    def late(_seconds: float) -> None:
        waited.append(1)
        SentForm.update(leads_to=first.location).execute()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resuming.time, "sleep", late)
        again = send(page, NEW, form)
    assert waited and again.status_code == 302 and again.location == first.location
    assert Volunteer.select().count() == 1


def test_a_form_of_yesterday_that_led_nowhere_is_not_waited_for(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page)
    send(page, NEW, form)
    SentForm.update(leads_to="", sent_at=clock.now() - timedelta(days=1)).execute()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resuming.time, "sleep", lambda _seconds: pytest.fail("waited"))
        again = send(page, NEW, form)
    assert again.status_code == 409 and "正在保存或已经保存" in again.get_data(as_text=True)


def test_the_same_form_with_other_words_is_asked_about_before_another_row_is_made(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page)
    first = send(page, NEW, form)
    other = form | {"name": "孙小"} | {k: v for k, v in person().items() if k == "document_number"}
    answer = send(page, NEW, other)
    assert answer.status_code == 200 and "刚才已经保存过" in answer.text and first.location in html.unescape(answer.text)
    assert Volunteer.select().count() == 1
    on = dict(re.findall(r'name="(\w+)" value="([^"]*)"', answer.text))
    assert on["name"] == "孙小" and on["once"] != form["once"]
    shown = send(page, NEW, other | {"once": on["once"], "shown_only": "1"})  # the button of that page
    assert 'value="孙小"' in shown.text and Volunteer.select().count() == 1
    send(page, NEW, other | {"once": MARK.search(shown.text)[1]})
    assert {v.name for v in Volunteer.select()} == {"孙晓", "孙小"}


def test_a_refused_form_may_be_sent_again_by_the_same_number(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page)
    assert "请填写「姓名」" in send(page, NEW, form | {"name": ""}).text and not SentForm.select().exists()
    assert send(page, NEW, form).status_code == 302 and Volunteer.select().count() == 1


def test_somebody_elses_number_is_taken_for_nothing(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    forged = filled(page, once=f"{cast.head.account_id}-{'x' * 24}")
    answer = send(page, NEW, forged)
    assert answer.status_code == 400 and "另一个账号" in answer.text and not Volunteer.select().exists()


def test_two_presses_at_one_moment_save_one_row(cast_on_either):
    """Two threads, each with its own connection, spend one number: one does the work, the other finds it done."""
    cast, said = cast_on_either, []
    ready = threading.Barrier(2)
    # The same form, and what neither unique column nor check would catch.
    values = {"name": "同一张", "category": "01", "recipients": ["01"], "starts_on": clock.today(), "headcount": 5,
              "ends_on": clock.today() + timedelta(days=9)}  # fmt: skip

    def one_press() -> None:
        with database.connection_context():
            once.press.set(Press("1-" + "k" * 24, "same"))
            ready.wait()
            try:
                Project.enter(cast.recorder, **values)
                said.append("saved")
            except SentBefore:
                said.append("before")

    database.close()
    threads = [threading.Thread(target=one_press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    database.connect(reuse_if_open=True)
    assert sorted(said) == ["before", "saved"]
    assert Project.select().where(Project.name == "同一张").count() == 1 and SentForm.select().count() == 1


def test_without_a_number_the_same_two_presses_save_two(cast):
    """So that the test above cannot pass by some other guard."""
    for _ in range(2):
        Project.enter(cast.recorder, name="同一张", category="01", recipients=["01"], starts_on=clock.today(),
                      ends_on=clock.today() + timedelta(days=9), headcount=5)  # fmt: skip
    assert Project.select().where(Project.name == "同一张").count() == 2


def test_a_number_is_free_again_when_the_work_was_refused(cast_on_either):
    token = once.press.set(Press("1-" + "k" * 24, "same"))
    try:
        with pytest.raises(Refusal):
            Project.enter(cast_on_either.recorder, name="")
        assert not SentForm.select().exists() and not once.press.get().spent
    finally:
        once.press.reset(token)


def test_what_came_to_nothing_after_all_may_be_sent_again(cast):
    token = once.press.set(Press("1-" + "k" * 24, "same"))
    try:
        Job.ask(cast.head, kind="export", title="导出", params={})
        assert SentForm.select().count() == 1
        once.free()
        Job.ask(cast.head, kind="export", title="导出", params={})
        assert SentForm.select().count() == 1 and Job.select().count() == 2
    finally:
        once.press.reset(token)


def test_long_work_is_asked_for_once(desk, cast):
    page = desk.signed_in_as(cast.head).get("/admin/exports/")
    form = {"ledger": "volunteers", "once": MARK.search(page.html)[1], "csrf_token": page.token()}
    first, again = send(page, "/admin/exports/", form), send(page, "/admin/exports/", form)
    assert first.location == again.location and Job.select().count() == 1


def test_old_numbers_are_forgotten(cast):
    SentForm.insert(key="1-old", digest="", sent_at=clock.now() - timedelta(days=once.KEPT_DAYS + 1)).execute()
    SentForm.insert(key="1-new", digest="", sent_at=clock.now()).execute()
    assert once.clear_old() == 1 and [row.key for row in SentForm.select()] == ["1-new"]


# --- resumed ---


def end_with_its_cookie(page: Desk, account: int) -> None:
    page.client.delete_cookie("station")


def end_idle(page: Desk, account: int) -> None:
    Session.update(seen_at=clock.wall() - timedelta(days=1)).where(Session.account == account).execute()


def end_elsewhere(page: Desk, account: int) -> None:
    assert sessions.end_all(Account.get_by_id(account), "elsewhere", SYSTEM) == 1


def end_by_a_new_secret(page: Desk, account: int) -> None:
    page.app.secret_key = "another secret, after a restart"


ENDS = [end_with_its_cookie, end_idle, end_elsewhere, end_by_a_new_secret]


def sign_in_there(page: Desk, answer, username: str, **other):
    """Fill in the sign-in page that stands in the place of the answer, as a browser sends it back."""
    boxes = {n: html.unescape(v) for n, v in re.findall(r'name="(\w+)" value="([^"]*)"', answer.text)}
    sent = {n: v for n, v in boxes.items() if n in ("csrf_token", "carried", "carried_to")}
    assert 'action="/login"' in answer.text and len(sent) == 3
    return send(page, "/login", sent | {"username": username, "password": PASSWORD} | other)


def sent_on(page: Desk, answer, path: str):
    """Press the button of the page that leads back to the form."""
    form = answer.text.split("data-resume")[1]
    boxes = [(n, html.unescape(v)) for n, v in re.findall(r'name="([\w-]+)" value="([^"]*)"', form)]
    data: dict[str, list[str]] = {}
    for name, value in boxes:
        data.setdefault(name, []).append(value)
    return send(page, path, data)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_a_session_that_ends_in_a_half_filled_form_costs_nothing(desk, cast, end, caplog):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page)
    end(page, cast.recorder.account_id)
    answer = send(page, NEW, form)
    assert answer.status_code == 401 and "填写的内容还在" in answer.text and not Volunteer.select().exists()
    number = form["document_number"]
    assert number in answer.text and number not in str(answer.headers) and number not in caplog.text
    welcome = sign_in_there(page, answer, "recorder")
    assert welcome.status_code == 200 and "data-resume" in welcome.text and number not in str(welcome.headers)
    assert not Volunteer.select().exists()  # never of itself
    shown = sent_on(page, welcome, NEW)
    assert shown.status_code == 200 and "还没有保存，请核对后再按一次" in shown.text and not Volunteer.select().exists()
    assert 'value="孙晓"' in shown.text and f'value="{number}"' in shown.text
    ready = Desk(page.app)
    ready.client, ready.html = page.client, shown.text
    done = send(page, NEW, form | {"once": MARK.search(shown.text)[1], "csrf_token": ready.token()})
    assert done.status_code == 302 and Volunteer.get().name == "孙晓"


def test_for_another_account_it_is_dropped_with_a_sentence(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page)
    end_with_its_cookie(page, cast.recorder.account_id)
    give_password(cast.head_b)
    answer = send(page, NEW, form)
    welcome = sign_in_there(page, answer, "head_b")
    assert welcome.status_code == 302 and form["document_number"] not in welcome.text
    assert page.get(welcome.location).says("用另一个账号填写") and not Volunteer.select().exists()


def test_a_wrong_password_keeps_what_was_typed_for_the_next_try(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page)
    end_with_its_cookie(page, cast.recorder.account_id)
    again = sign_in_there(page, send(page, NEW, form), "recorder", password="not it at all")
    assert "用户名或密码不对" in again.text and form["document_number"] in again.text
    assert "data-resume" in sign_in_there(page, again, "recorder").text


def test_what_was_typed_goes_along_through_the_one_time_code(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page)
    account, here = Account.get_by_id(cast.recorder.account_id), Session.get()
    secret = second_factor.begin(account)
    codes = second_factor.confirm(account, pyotp.TOTP(secret).now(), cast.recorder, here)
    end_with_its_cookie(page, account.id)
    step = sign_in_there(page, send(page, NEW, form), "recorder")
    assert step.status_code == 200 and 'action="/login/step"' in step.text and form["document_number"] in step.text
    boxes = {n: html.unescape(v) for n, v in re.findall(r'name="(csrf_token|carried|carried_to)" value="([^"]*)"', step.text)}
    wrong = send(page, "/login/step", boxes | {"code": "000000"})
    assert "动态口令不对" in wrong.text and form["document_number"] in wrong.text
    welcome = send(page, "/login/step", boxes | {"code": codes[0]})
    assert "data-resume" in welcome.text and not Volunteer.select().exists()
    assert 'value="孙晓"' in sent_on(page, welcome, NEW).text


def test_what_was_typed_is_escaped_wherever_it_is_carried(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    nasty = '"><script>alert(1)</script>'
    form = filled(page, name=nasty)
    end_with_its_cookie(page, cast.recorder.account_id)
    answer = send(page, NEW, form)
    welcome = sign_in_there(page, answer, "recorder")
    for text in (answer.text, welcome.text, sent_on(page, welcome, NEW).text):
        assert "<script>alert" not in text and nasty in html.unescape(html.unescape(text)).replace('\\"', '"')


def test_another_site_is_carried_nowhere(desk, cast):
    """A post that no page of ours sent gets the plain refusal, signed in or not: nothing of it is shown to be confirmed."""
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page, csrf_token="forged")
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = page.client.post(NEW, data=form, headers=headers)
        assert answer.status_code == 400 and "页面放得太久" in answer.text and "孙晓" not in answer.text
    end_with_its_cookie(page, cast.recorder.account_id)
    assert "孙晓" not in page.client.post(NEW, data=form, headers={"Origin": "https://evil.example"}).text


def test_a_stale_page_of_somebody_who_signed_in_again_is_shown_and_not_done(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    form = filled(page)
    page.post("/logout")
    page.get("/login").post("/login", username="recorder", password=PASSWORD)
    answer = send(page, NEW, form)
    assert "data-resume" in answer.text and not Volunteer.select().exists()
    assert 'value="孙晓"' in sent_on(page, answer, NEW).text and not Volunteer.select().exists()


def test_a_sheet_of_forty_lines_survives(desk, cast):
    people = [cast.registered(f"王{chr(0x4E00 + n)}") for n in range(40)]
    activity = cast.activity()
    path = f"/admin/sheets/key/?activity={activity.id}"
    page = desk.signed_in_as(cast.recorder).get(path)
    form = {
        "activity": activity.id, "once": MARK.search(page.html.split('class="keying"')[1])[1], "csrf_token": page.token(),
        "volunteer": [p.id for p in people], "who": [str(p) for p in people], "start": ["09:00"] * 40,
        "end": ["11:00"] * 40, "travel": [""] * 40, "content": [f"第 {n} 行" for n in range(40)],
        "quality": ["1"] * 40, "remark": [""] * 40, "id": [""] * 40, "revision": [""] * 40, "save": "1",
    }  # fmt: skip
    end_with_its_cookie(page, cast.recorder.account_id)
    shown = sent_on(page, sign_in_there(page, send(page, path, form), "recorder"), path)
    assert all(f'value="第 {n} 行"' in shown.text for n in range(40)) and "请核对后再按一次" in shown.text
    assert not ServiceRecord.select().exists()
    ready = Desk(page.app)
    ready.client, ready.html = page.client, shown.text
    mark = MARK.search(shown.text.split('class="keying"')[1])[1]
    assert send(page, path, form | {"once": mark, "csrf_token": ready.token()}).status_code == 302
    assert ServiceRecord.select().count() == 40


def test_a_move_is_confirmed_and_its_reason_kept(desk, cast):
    activity = cast.activity()
    page = desk.signed_in_as(cast.head).get("/admin/activities/details/", id=activity.id)
    sheet = page.html.split('value="cancel"')[0]
    form = {"move": "cancel", "id": activity.id, "reason": "场地漏水改期", "once": MARK.findall(sheet)[-1],
            "csrf_token": page.token(), "back": "/admin/activities/"}  # fmt: skip
    end_elsewhere(page, cast.head.account_id)
    path = "/admin/activities/move/"
    shown = sent_on(page, sign_in_there(page, send(page, path, form), "head"), path)
    assert "场地漏水改期" in shown.text and "确认办理" in shown.text and Activity.get_by_id(activity.id).state == "planned"
    ready = Desk(page.app)
    ready.client, ready.html = page.client, shown.text
    send(page, path, form | {"csrf_token": ready.token()})
    assert Activity.get_by_id(activity.id).state == "cancelled"


def test_no_password_is_carried(desk, cast):
    page = desk.signed_in_as(cast.recorder).get("/password")
    mark = f"{cast.recorder.account_id}-{'x' * 24}"
    end_with_its_cookie(page, cast.recorder.account_id)
    answer = send(page, "/password", {"once": mark, "old": "my old word", "new": "my new word", "csrf_token": "x"})
    assert "my old word" not in answer.text and "my new word" not in answer.text


def test_what_is_carried_is_read_with_care(desk, cast):
    give_password(cast.recorder)
    for typed in ("[", "{}", "[[1]]", "[1,2]", json.dumps([["once", "1-x"]]), '"x"', "null"):
        page = Desk(desk.app).get("/login")
        answer = send(page, "/login", {"username": "recorder", "password": PASSWORD, "csrf_token": page.token(),
                                       "carried": typed, "carried_to": "//evil.example"})  # fmt: skip
        assert answer.status_code == 302 and answer.location == "/admin/"
