"""签到台与签到屏 over the wire: opened with a code, pressing with a token of its own, and nothing else."""

from datetime import timedelta

import pytest
from pressing import going_on, number

from desk import PASSWORD, Desk, give_password
from models import clock, kiosks, presence
from models.assignments import Assignment
from models.audit import Trail
from models.kiosks import Kiosk
from models.people import open_for
from models.presence import Punch
from models.scope import SYSTEM
from models.sessions import Session
from models.volunteers import Volunteer
from rules.access import Role


@pytest.fixture
def now_on(cast):
    """An activity that goes on now, at whatever hour this runs, with 李明 and 王芳; 李明 leads."""
    activity, turns = going_on(cast, "李明", "王芳")
    Assignment.update(role="lead").where(Assignment.id == turns[0].id).execute()
    return activity, [Assignment.get_by_id(turn.id) for turn in turns]


def tablet(desk, activity, by) -> Desk:
    """A browser of its own in which the code was typed."""
    _, code = kiosks.offer(activity.id, by)
    window = Desk(desk.app)
    window.get("/kiosk/")
    return window.post("/kiosk/open", code=code)


def card_of(turn: Assignment) -> str:
    return Volunteer.get_by_id(turn.volunteer_id).card_no


def epoch() -> int:
    return int(clock.wall().timestamp() * 1000)


def send(window: Desk, *presses: dict, now: int | None = None, **more):
    """Presses as the device sends them; the answer."""
    body = {"now": epoch() if now is None else now, "presses": list(presses)}
    return window.client.post("/kiosk/presses", **{"json": body, "headers": {"X-Kiosk": "1"}} | more)


def one(card: str, into: bool = True, **more) -> dict:
    return {"key": number(), "card": card, "into": into, "at": epoch(), "off": 0} | more


def test_a_code_opens_the_kiosk_of_one_activity(desk, cast, now_on):
    activity, turns = now_on
    window = tablet(desk, activity, cast.recorder)
    assert window.says(activity.name) and window.path == "/kiosk/" and not window.says("李明")
    answer = send(window, one(card_of(turns[1])))
    (said,) = answer.get_json()["answers"]
    assert (said["answer"], said["name"], said["into"]) == ("taken", "王*", True)
    assert Assignment.get_by_id(turns[1].id).state == "present"


def test_the_token_is_for_the_kiosk_alone_and_no_script_reads_it(desk, cast, now_on):
    _, code = kiosks.offer(now_on[0].id, cast.recorder)
    window = Desk(desk.app)
    window.get("/kiosk/")
    answer = window.client.post("/kiosk/open", data={"code": code, "csrf_token": window.token()})
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("kiosk="))
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/kiosk/" in cookie and "Max-Age" in cookie
    assert code not in answer.location and Kiosk.get().token_digest not in cookie
    for path in ("/admin/", "/me/", "/admin/activities/"):
        assert "/login" in window.get(path).path


def test_whoever_is_signed_in_beside_it_is_nobody_there_and_is_not_kept_signed_in(desk, cast, now_on):
    window = desk.signed_in_as(cast.recorder)
    window.post("/admin/activities/kiosk/", id=now_on[0].id, here="screen")
    Session.update(seen_at=clock.wall() - timedelta(minutes=90)).execute()
    before = Session.get().seen_at
    assert window.get("/kiosk/screen").status == 200 and not window.says("刘记录")
    assert Session.get().seen_at == before


@pytest.mark.parametrize("headers", [{}, {"X-Kiosk": "0"}])
def test_presses_need_the_header_that_no_form_bears(desk, cast, now_on, headers):
    window = tablet(desk, now_on[0], cast.recorder)
    assert send(window, one(card_of(now_on[1][0])), headers=headers).status_code == 400
    assert not Punch.select().exists()


def test_without_a_token_or_with_a_closed_one_nothing_is_taken(desk, cast, now_on):
    assert send(Desk(desk.app), one("1234567")).status_code == 401
    window = tablet(desk, now_on[0], cast.recorder)
    desk.signed_in_as(cast.head).post("/admin/activities/kiosk/close/", id=Kiosk.get().id)
    assert send(window, one(card_of(now_on[1][0]))).status_code == 401
    assert window.get("/kiosk/now").status == 401 and window.get("/kiosk/").says("开台码")
    assert not Punch.select().exists()


def test_a_kiosk_of_b_sees_nothing_of_a(desk, cast, now_on):
    theirs, _ = going_on(cast, "赵强", by=cast.recorder_b)
    window = tablet(desk, theirs, cast.recorder_b)
    (said,) = send(window, one(card_of(now_on[1][0]))).get_json()["answers"]
    (unknown,) = send(window, one("99999999999")).get_json()["answers"]
    assert {**said, "key": ""} == {**unknown, "key": ""} and said["answer"] == "not_here"
    assert not window.get("/kiosk/screen").says("李*") and window.says("赵强") is False


def test_two_devices_send_the_same_and_each_counts_once(desk, cast, now_on):
    activity, turns = now_on
    first, second = tablet(desk, activity, cast.recorder), tablet(desk, activity, cast.recorder)
    press = one(card_of(turns[0]))
    answers = [send(window, press, press).get_json()["answers"] for window in (first, second)]
    assert [said["answer"] for some in answers for said in some] == ["taken", "already", "already", "already"]
    assert Punch.select().count() == 1


def test_a_clock_that_is_off_is_flagged_at_the_desk(desk, cast, now_on):
    activity, turns = now_on
    window = tablet(desk, activity, cast.recorder)
    wrong = epoch() - 10 * 60 * 1000
    (said,) = send(window, one(card_of(turns[0]), at=wrong), now=wrong).get_json()["answers"]
    assert said["answer"] == "held" and Assignment.get_by_id(turns[0].id).state != "present"
    page = desk.signed_in_as(cast.head).get("/admin/activities/presence/", id=activity.id)
    assert page.says("设备时钟不准") and page.says("不准")


BAD = [
    {"key": "short"}, {"key": 5}, {"key": "x" * 37}, {"card": 7}, {"card": "1" * 41}, {"into": "yes"}, {"at": "now"}, {"at": -1},
    {"at": 10**14}, {"key": "'; drop table punch; --"},
]  # fmt: skip


@pytest.mark.parametrize("wrong", BAD, ids=str)
def test_what_is_no_press_is_answered_and_not_kept(desk, cast, now_on, wrong):
    window = tablet(desk, now_on[0], cast.recorder)
    good = one(card_of(now_on[1][0]))
    answers = send(window, one(card_of(now_on[1][0])) | wrong, good).get_json()["answers"]
    assert [said["answer"] for said in answers] == ["bad", "taken"] and Punch.select().count() == 1


@pytest.mark.parametrize("body", [[], {}, {"now": 1}, {"now": "x", "presses": []}, {"now": 1, "presses": {}}, "x", None], ids=str)
def test_a_body_that_says_nothing_is_refused(desk, cast, now_on, body):
    window = tablet(desk, now_on[0], cast.recorder)
    assert window.client.post("/kiosk/presses", json=body, headers={"X-Kiosk": "1"}).status_code == 400


def test_a_device_that_asks_too_often_waits(desk, cast, now_on):
    window = tablet(desk, now_on[0], cast.recorder)
    codes = [window.client.get("/kiosk/now").status_code for _ in range(122)]
    assert codes[:120] == [200] * 120 and codes[-1] == 429


def test_the_page_of_the_kiosk_may_have_a_worker_and_others_may_not(desk, cast, now_on):
    window = tablet(desk, now_on[0], cast.recorder)
    assert "worker-src 'self'" in window.get("/kiosk/").headers["Content-Security-Policy"]
    assert window.headers["X-Kiosk"] == "open" and "camera=(self)" in window.headers["Permissions-Policy"]
    assert "worker-src" not in window.get("/login").headers["Content-Security-Policy"]
    assert window.headers["Permissions-Policy"].startswith("camera=()")
    worker = window.get("/kiosk/worker.js")
    assert worker.headers["Content-Type"].startswith("text/javascript") and worker.status == 200


def test_the_screen_shows_a_code_and_masked_names_and_fetches_itself_anew(desk, cast, now_on):
    activity, turns = now_on
    window = tablet(desk, activity, cast.recorder)
    send(window, one(card_of(turns[1])))
    page = window.get("/kiosk/screen")
    assert page.says('<noscript><meta http-equiv="refresh" content="30">') and page.says("王*") and not page.says("王芳")
    assert page.says("在场 1 人") and not page.says(card_of(turns[1]))


# --- her own phone ---


def scanned(window: Desk, activity) -> Desk:
    return window.get(f"/me/here/{presence.screen_code(activity, kiosks.rule_of(activity))}")


def test_she_scans_signs_in_comes_back_and_presses_once(desk, cast, now_on):
    activity, turns = now_on
    me = open_for(turns[1].volunteer_id, SYSTEM).actor()
    phone = scanned(Desk(desk.app), activity)
    assert phone.path == "/login?next=/me/here/"  # without the code
    phone.post(phone.path, username=give_password(me), password=PASSWORD)
    assert phone.path == "/me/here/" and phone.says(activity.name) and phone.says("签到")
    key = number()
    phone.post("/me/here/", into="1", key=key)
    assert phone.says("已签到") and Assignment.get_by_id(turns[1].id).state == "present"
    phone.post("/me/here/", into="1", key=key)
    assert Punch.select().count() == 1
    phone.post("/me/here/", into="0", key=number())
    assert phone.says("已签退") and Assignment.get_by_id(turns[1].id).state == "left"


def test_an_old_or_forged_code_is_refused_with_a_sentence(desk, cast, now_on):
    activity, turns = now_on
    code = presence.screen_code(activity, kiosks.rule_of(activity))
    phone = desk.signed_in_as(open_for(turns[1].volunteer_id, SYSTEM).actor())
    old = presence._signed(presence.HereCode("s", activity.id, clock.now() - timedelta(minutes=5)))
    for text, says in ((old, "已过期，请扫屏幕上现在的那一个"), (code[:-2] + "zz", "不是本站的签到码"), ("x", "不是本站的签到码")):
        assert phone.get(f"/me/here/{text}").status == 400 and phone.says(says)
    assert phone.get("/me/here/").says("请先扫")
    assert phone.post("/me/here/", into="1", key=number()).says("请先扫") and not Punch.select().exists()


def test_whoever_is_no_volunteer_is_told_that_it_is_not_hers(desk, cast, now_on):
    for who in (cast.recorder, cast.head, cast.county, cast.auditor, cast.admin):
        assert scanned(desk.signed_in_as(who), now_on[0]).status == 403


def test_a_lead_sees_her_activity_and_signs_others_in(desk, cast, now_on):
    activity, turns = now_on
    me = desk.signed_in_as(open_for(turns[0].volunteer_id, SYSTEM).actor())
    assert me.get("/me/lead/").says(activity.name)
    page = me.get(f"/me/lead/{activity.id}")
    assert page.says("王芳") and page.says("代签到") and not page.says(card_of(turns[1]))
    me.post(f"/me/lead/{activity.id}", turn=turns[1].id, into="1", reason="手机没电，带队人在场")
    assert me.says("已代签") and Assignment.get_by_id(turns[1].id).state == "present"
    me.post(f"/me/lead/{activity.id}", turn=turns[0].id, into="1", reason="手机没电，带队人在场")
    assert me.says("不能给自己代签")
    me.post(f"/me/lead/{activity.id}", turn=turns[1].id, into="0", reason="x", at="25:99")
    assert not me.says("已代签")


def test_whoever_does_not_lead_it_finds_nothing_there(desk, cast, now_on):
    activity, turns = now_on
    other = desk.signed_in_as(open_for(turns[1].volunteer_id, SYSTEM).actor())
    assert other.get("/me/lead/").says("没有您带队的活动")
    assert other.get(f"/me/lead/{activity.id}").status == 404
    assert other.post(f"/me/lead/{activity.id}", turn=turns[0].id, into="1", reason="手机没电，带队人在场").status == 404
    assert not Punch.select().exists()


# --- the desk ---


def test_the_desk_sees_who_is_there_and_signs_by_hand(desk, cast, now_on):
    activity, turns = now_on
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/activities/presence/", id=activity.id)
    assert page.says("李明") and page.says("应到未到")
    window.post("/admin/activities/sign/", turn=turns[0].id, into="1", reason="")
    assert window.says("理由") and not Punch.select().exists()
    window.post("/admin/activities/sign/", turn=turns[0].id, into="1", reason="手机没电，带队人在场")
    assert window.says("已代签") and Punch.get().how == "hand"
    window.post("/admin/activities/sign/", turn=turns[0].id, into="0", reason="提前离开，本人告知")
    page = window.get("/admin/activities/presence/", id=activity.id)
    assert page.says("由签到生成服务记录") or page.says("按政策没有可计入的时间")


def test_the_code_is_shown_once(desk, cast, now_on):
    window = desk.signed_in_as(cast.recorder)
    page = window.post("/admin/activities/kiosk/", id=now_on[0].id)
    assert page.says("开台码") and page.says("/kiosk/")
    assert not window.get("/admin/activities/presence/", id=now_on[0].id).says("只能用一次")


@pytest.mark.parametrize("role", ["county", "prefecture", "auditor"])
def test_whoever_only_watches_is_offered_no_button(desk, cast, now_on, role):
    page = desk.signed_in_as(getattr(cast, role)).get("/admin/activities/presence/", id=now_on[0].id)
    assert page.status == 200 and page.says("李明") and not page.says("代签到") and not page.says("要一个开台码")
    assert getattr(cast, role).role in (Role.SUPERVISOR, Role.AUDITOR)


def test_another_station_and_the_administrator_see_nothing(desk, cast, now_on):
    assert desk.signed_in_as(cast.head_b).get("/admin/activities/presence/", id=now_on[0].id).status == 404
    assert desk.signed_in_as(cast.admin).get("/admin/activities/presence/", id=now_on[0].id).status == 403


def test_the_printed_code_leads_to_the_page_and_leaves_a_trace(desk, cast, now_on):
    page = desk.signed_in_as(cast.recorder).get("/admin/activities/presence/code/", id=now_on[0].id)
    assert page.says("扫码签到、签退") and page.says("data:image/svg")
    assert Trail.select().where(Trail.action == "print", Trail.table == "activity").exists()
