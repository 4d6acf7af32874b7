"""`/apply/` without a script: the steps, what each answers, who may ask what, and that a stranger learns nothing."""

import re
from datetime import date, timedelta

import pytest
from walks_sign_ups import draft, said, sign_up

from cast import person
from desk import Desk as Browser
from desk import queries
from models import clock
from models.failures import Failure
from models.fields import keyring
from models.sign_ups import SignUp, asked, send
from models.stations import Division, Station
from models.volunteers import Claim, Volunteer
from rules.identity import make_resident_id
from rules.sign_ups import grouped
from views.sign_up_draft import NAME, PLACE, Draft

KNOWN = make_resident_id("530102", date(1975, 3, 4), 128)
WHO = {"name": "陶然", "document_type": "resident_id", "document_number": KNOWN}
CONTACT = {"phone": "138 0000 0001"}


class Phone(Browser):
    """A browser that nobody signed in: it knows its token from the last page that had a form."""

    known = ""

    def token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.html)
        self.known = found[1] if found else self.known
        return self.known


def begun(desk: Browser, cast, **who) -> Browser:
    """A browser that has chosen station A and said who it is."""
    window = Phone(desk.app)
    window.get("/apply/")
    window.post("/apply/", station=cast.a.id)
    assert window.path == "/apply/who"
    return window.post("/apply/who", **(WHO | who))


def at_the_check(desk: Browser, cast, **who) -> Browser:
    window = begun(desk, cast, **who)
    window.post("/apply/contact", **CONTACT)
    window.post("/apply/service", {"skills": ["01"], "service_times": ["01", "24"]})
    window.post("/apply/consent", agreed=ticked(window, "agreed"))
    assert window.path == "/apply/check"
    return window


def ticked(window: Browser, box: str) -> str:
    """The release that a box on the page would agree to."""
    return re.search(rf'name="{box}" value="([^"]+)"', window.html)[1]


def receipt(window: Browser) -> tuple[str, str]:
    number, code = re.findall(r'<dd class="big">([^<]+)</dd>', window.html)
    return number, code


def test_a_resident_walks_from_the_station_to_her_number_and_asks_where_it_stands(desk, cast):
    window = at_the_check(desk, cast)
    assert window.says("陶然")
    assert window.says("1975-03-04")
    window.post("/apply/check")
    assert window.path == "/apply/done"
    number, code = receipt(window)
    row = asked(number, code)
    assert (row.volunteer.name, row.volunteer.phone, row.volunteer.service_times) == ("陶然", "13800000001", ["01", "24"])
    anew = Phone(desk.app)
    anew.get("/apply/status")
    anew.post("/apply/status", number=number, code=code.lower())
    assert anew.says("请本人带身份证件原件到工作站")
    assert not anew.says("陶然")
    assert not anew.says(KNOWN[-4:])


def test_back_and_forth_keeps_what_was_typed_and_nothing_of_it_is_in_an_address(desk, cast):
    window = begun(desk, cast)
    window.post("/apply/contact", phone="139", address="映江路", go="back")
    assert window.path == "/apply/who"
    assert window.says("陶然")
    assert window.says(KNOWN)
    window.post("/apply/who", **WHO)
    assert re.search(r'value="139"', window.html)
    assert re.search(r'value="映江路"', window.html)
    assert window.path == "/apply/contact"


def test_a_mistake_is_said_beside_its_box_and_summed_at_the_top(desk, cast):
    window = begun(desk, cast, name="陶1", document_number="53010219750304128")
    assert window.status == 200
    assert window.path == "/apply/who"
    for box, text in (("name", "姓名里不应有数字"), ("document_number", "现为 17 位")):
        assert re.search(rf'<a href="#{box}">[^<]*{text}', window.html)
        assert re.search(rf'id="{box}-error">[^<]*{text}', window.html)
    assert window.says('value="陶1"')


def test_what_stays_in_the_browser_is_sealed_for_an_hour(desk, cast, monkeypatch):
    window = begun(desk, cast)
    cookie = window.client.get_cookie(NAME, path="/apply")
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.path == "/apply"
    assert cookie.max_age == 3600
    assert "陶然" not in cookie.decoded_value
    assert KNOWN in keyring.unseal(cookie.decoded_value, PLACE)
    with pytest.raises(ValueError, match="sealed"):
        keyring.unseal(cookie.decoded_value, "volunteer.phone")
    real = clock.wall
    monkeypatch.setattr(clock, "wall", lambda: real() + timedelta(minutes=61))
    window.get("/apply/contact")
    assert window.path == "/apply/"
    assert window.says("填写的内容已经清除")


@pytest.mark.parametrize("forged", ["", "x", "2:00000000:AAAA", "1:AAAA", "\x00", "{}"])
def test_a_forged_draft_is_none(desk, cast, forged):
    window = Phone(desk.app)
    window.client.set_cookie(NAME, forged, path="/apply")
    assert window.get("/apply/check").path == "/apply/"
    window.client.set_cookie(NAME, keyring.seal('{"station": 1, "role": "head"}', PLACE), path="/apply")
    assert window.get("/apply/check").path == "/apply/"


def test_a_draft_that_no_cookie_holds_is_let_go(desk, cast):
    with desk.app.test_request_context("/apply/"):
        full = Draft(cast.a.id, values={f"x{n}": "长" * 100 for n in range(30)})
        answer = full.keep(desk.app.make_response(""))
    assert f"{NAME}=;" in answer.headers["Set-Cookie"]


def test_two_presses_are_one_application_with_one_number(desk, cast):
    window = at_the_check(desk, cast)
    cookie = window.client.get_cookie(NAME, path="/apply").decoded_value
    first = receipt(window.post("/apply/check"))
    window.client.set_cookie(NAME, cookie, path="/apply")  # the second press left before the first one's answer came
    window.get("/apply/check")
    assert receipt(window.post("/apply/check")) == first
    assert SignUp.select().count() == 1
    assert window.get("/apply/check").path == "/apply/done"  # «back»
    assert receipt(window) == first
    window.post("/apply/done")
    assert window.path == "/apply/status"
    assert window.get("/apply/done").path == "/apply/status"
    assert window.get("/apply/check").path == "/apply/"


def test_the_code_is_shown_for_minutes_and_then_by_nobody(desk, cast, monkeypatch):
    window = at_the_check(desk, cast)
    window.post("/apply/check")
    real = clock.wall
    monkeypatch.setattr(clock, "wall", lambda: real() + timedelta(minutes=11))
    assert window.get("/apply/done").path == "/apply/status"


def test_without_a_tick_nothing_goes_on(desk, cast):
    window = begun(desk, cast)
    window.post("/apply/contact", **CONTACT)
    window.post("/apply/service")
    window.post("/apply/consent")
    assert (window.status, window.path) == (200, "/apply/consent")
    assert window.says("还没有勾选同意")
    assert window.says("谁在收集")
    window.get("/apply/check")
    window.post("/apply/check")
    assert window.status == 200
    assert not SignUp.select().exists()


def test_steps_that_were_skipped_are_asked_for_at_the_end(desk, cast):
    window = begun(desk, cast)
    window.get("/apply/check")
    assert window.says("怎样联系您：请填写「联系电话」。")
    assert window.get("/apply/").says(cast.a.name)
    fresh = Phone(desk.app)
    fresh.get("/apply/")
    fresh.post("/apply/", station=cast.a.id)
    assert fresh.get("/apply/consent").path == "/apply/who"


def test_another_document_is_asked_for_birth_date_and_gender(desk, cast):
    window = begun(desk, cast, document_type="passport_foreign", document_number="AB123456")
    assert re.search(r'id="birth_date-error"', window.html)
    assert re.search(r'id="gender-error"', window.html)
    window.post("/apply/who", name="Jean", document_type="passport_foreign", document_number="AB123456", gender="1", birth_date="1980-02-30")
    assert window.says("「出生日期」应是日期")
    window.post("/apply/who", name="Jean", document_type="passport_foreign", document_number="AB123456", gender="1", birth_date="1980-02-03")
    assert window.path == "/apply/contact"


def test_whoever_is_too_young_is_told_beside_the_number(desk, cast):
    birth = date(clock.today().year - 5, 1, 1)
    window = begun(desk, cast, document_number=make_resident_id("530102", birth, 11))
    assert re.search(r'id="document_number-error">未满 8 周岁', window.html)


def test_a_minors_guardian_is_asked_for_and_told_to_come_and_sign(desk, cast):
    birth = date(clock.today().year - 16, 1, 1)
    window = begun(desk, cast, document_number=make_resident_id("530102", birth, 11))
    assert window.says("当面签字")
    window.post("/apply/contact", **CONTACT)
    assert re.search(r'id="guardian_name-error"', window.html)
    assert re.search(r'id="relation-error"', window.html)
    window.post("/apply/contact", **CONTACT, guardian_name="陶母", relation="母亲", guardian_phone="13900000001")
    window.post("/apply/service")
    own, guardians = ticked(window, "agreed"), ticked(window, "guardian_agreed")
    window.post("/apply/consent", agreed=own)
    assert window.status == 200
    assert window.says("监护人看过")
    window.post("/apply/consent", agreed=own, guardian_agreed=guardians)
    window.post("/apply/check")
    assert asked(*receipt(window)).relation == "母亲"


def test_a_child_reads_nothing_and_the_guardian_reads_the_childs_rules(desk, cast):
    birth = date(clock.today().year - 10, 1, 1)
    window = begun(desk, cast, document_number=make_resident_id("530102", birth, 11))
    assert 'name="address"' not in window.html
    window.post("/apply/contact", **CONTACT, guardian_name="陶母", relation="母亲", guardian_phone="13900000001")
    window.post("/apply/service")
    assert 'name="agreed"' not in window.html
    assert window.says("不满 14 周岁未成年人的信息是敏感个人信息")
    window.post("/apply/consent", guardian_agreed=ticked(window, "guardian_agreed"))
    assert window.post("/apply/check").path == "/apply/done"


# --- a project in mind ---


def test_from_a_project_its_station_and_post_come_along(desk, cast):
    post = cast.post()
    window = Phone(desk.app)
    window.get("/apply/", project=post.project_id)
    assert window.says("助餐")
    assert not window.says(cast.b.name)
    window.post("/apply/", station=cast.a.id, project=post.project_id, post=post.id)
    window.post("/apply/who", **WHO)
    window.post("/apply/contact", **CONTACT)
    window.post("/apply/service")
    window.post("/apply/consent", agreed=ticked(window, "agreed"))
    window.post("/apply/check")
    row = asked(*receipt(window))
    assert row.post_id == post.id
    page = desk.signed_in_as(cast.head).get("/admin/volunteers/details/", id=row.volunteer_id)
    assert page.says("助餐")
    assert page.says("审核通过时代为报名")


def test_a_project_that_does_not_recruit_leaves_the_stations(desk, cast):
    window = Phone(desk.app)
    window.get("/apply/", project=4711)
    assert window.status == 200
    assert window.says("这个项目现在不招募")
    assert window.says(cast.a.name)


# --- places ---


def test_many_stations_are_found_by_division(desk, cast):
    for n in range(25):
        Station.create(division="530102001001", name=f"第{n}工作站", head_name="某")
    Division.update(name="某县").where(Division.code == "530103").execute()
    window = Phone(desk.app)
    window.get("/apply/")
    assert 'name="station"' not in window.html
    window.get("/apply/", division="5301")
    assert window.says("某县")
    window.get("/apply/", division="530103")
    assert window.says(cast.b.name)
    assert not window.says("第3工作站")
    for odd in ("x", "0", "99", "53' OR 1"):
        assert window.get("/apply/", division=odd).status == 200


def test_a_station_is_chosen_or_asked_for(desk, cast):
    window = Phone(desk.app)
    window.get("/apply/")
    window.post("/apply/")
    assert window.status == 200
    assert window.says("请选一个工作站")
    window.post("/apply/", station="4711")
    assert window.status == 200


# --- what a number says of itself ---


def looked(window: Browser, number: str, kind: str = "resident_id") -> dict:
    return window.post("/apply/document", document_type=kind, document_number=number).json()


def test_a_number_answers_for_itself_and_never_for_anybody(desk, cast):
    window = Phone(desk.app)
    window.get("/apply/")
    before = looked(window, KNOWN)
    assert before == {"birth_date": "1975-03-04", "gender": "女", "age": before["age"], "findings": []}
    cast.registered(document_number=KNOWN)
    with queries() as sent:
        assert looked(window, KNOWN) == before
    assert not any("volunteer" in one for one in sent)
    assert "末位应为" in looked(window, KNOWN[:-1] + ("1" if KNOWN[-1] != "1" else "2"))["findings"][0]
    assert looked(window, "", "nothing")["findings"] == []


def test_numbers_are_not_tried_by_the_hundred(desk, cast):
    window = Phone(desk.app)
    window.get("/apply/")
    for _ in range(40):
        looked(window, KNOWN)
    said_ = looked(window, KNOWN)
    assert window.status == 429
    assert window.headers["Retry-After"] == "60"
    assert "过一分钟" in said_["says"]


# --- asking, and a stranger ---


def test_a_wrong_code_and_a_wrong_number_are_answered_alike_and_then_wait(desk, cast):
    mine = send(said(cast.a), cast.a, draft())
    answers = []
    for number, code in ((mine.number, "AAAAAAAA"), ("1234567890", mine.code)):
        window = Phone(desk.app)
        window.get("/apply/status")
        window.post("/apply/status", number=number, code=code)
        answers.append((window.status, window.html.replace(number, "")))
    stripped = [(status, re.sub(r'name="csrf_token" value="[^"]+"', "", page)) for status, page in answers]
    assert stripped[0] == stripped[1]
    assert stripped[0][0] == 200
    window = Phone(desk.app)
    window.get("/apply/status")
    for number in (mine.number, "1234567890"):
        for _ in range(5):
            window.post("/apply/status", number=number, code="BBBBBBBB")
        assert window.status == 429
        assert int(window.headers["Retry-After"]) > 0
        assert window.says("输错的次数太多")
    assert Failure.select().exists()


def test_an_address_that_sends_too_many_is_told_when_to_come_again(desk, cast):
    from models import failures

    window = at_the_check(desk, cast)
    for _ in range(21):
        failures.did("sending", "127.0.0.1")
    window.post("/apply/check")
    assert window.status == 429
    assert int(window.headers["Retry-After"]) > 0
    assert window.says("送出的报名太多")
    assert not SignUp.select().exists()
    Failure.delete().execute()
    window.get("/apply/check")
    assert window.post("/apply/check").path == "/apply/done"  # what was typed is still there


def test_a_stranger_who_types_a_registered_persons_number_sees_the_very_same(desk, cast):
    told = []
    for time in range(3):  # the first time reads what is read once a while
        if time == 2:
            cast.registered("陶然", by=cast.recorder_b, document_number=KNOWN)
        window, pages = Phone(desk.app), []
        window.get("/apply/")
        for path, form in (
            ("/apply/", {"station": cast.a.id}), ("/apply/who", WHO), ("/apply/contact", CONTACT), ("/apply/service", {}),
            ("/apply/consent", None), ("/apply/check", {}),
        ):  # fmt: skip
            form = {"agreed": ticked(window, "agreed")} if form is None else form
            with queries() as sent:
                window.post(path, form)
            pages.append((window.status, window.path, plainly(window.html), len(sent)))
        number, code = receipt(window)
        window.post("/apply/status", number=number, code=code)
        pages.append((window.status, plainly(window.html)))
        told.append(pages)
    assert told[1] == told[2]


def plainly(page: str) -> str:
    """A page without what is another each time: token, number, code."""
    page = re.sub(r'(name="csrf_token" value|value)="[\w.-]{20,}"', "", page)
    return re.sub(r"\b\d{3} \d{3} \d{4}\b|\b[A-Z]{4} [A-Z]{4}\b|value=\"\d{10}\"|value=\"[A-Z ]{8,9}\"", "", page)


# --- sent back, refused, approved ---


def standing(desk: Browser, number: str, code: str) -> Browser:
    window = Phone(desk.app)
    window.get("/apply/status")
    return window.post("/apply/status", number=number, code=code)


def test_what_was_sent_back_says_what_is_missing_and_is_put_right_from_home(desk, cast):
    mine = send(said(cast.a), cast.a, draft())
    row = asked(mine.number, mine.code)
    Volunteer.move(row.volunteer_id, "return", cast.head, "电话是空号，请换一个。")
    window = standing(desk, mine.number, mine.code)
    assert window.says("电话是空号，请换一个。")
    window.post("/apply/correct", number=mine.number, code=mine.code)
    assert window.path == "/apply/who"
    assert not window.says(row.volunteer.document_number)  # whoever found the slip reads no number
    window.post("/apply/who", name="陶然", document_type="resident_id", document_number="")
    assert window.path == "/apply/contact"
    assert not window.says(row.volunteer.phone)
    window.post("/apply/contact", phone="13911112222")
    window.post("/apply/service", {"service_times": ["05"]})
    window.post("/apply/consent", agreed=ticked(window, "agreed"))
    assert not window.says(row.volunteer.document_number)
    window.post("/apply/check")
    assert window.says("编号和查询码都不变")
    again = asked(mine.number, mine.code).volunteer
    assert (again.state, again.phone, again.document_number) == ("online", "13911112222", row.volunteer.document_number)
    assert SignUp.select().count() == 1
    assert standing(desk, mine.number, mine.code).post("/apply/correct", number=mine.number, code=mine.code).path == "/apply/status"


def test_a_refusal_says_why_and_where_to_object_and_an_approval_the_number(desk, cast):
    no, yes = send(said(cast.a), cast.a, draft()), send(said(cast.a), cast.a, draft())
    Volunteer.move(asked(no.number, no.code).volunteer_id, "refuse", cast.head, "请在居住地注册。")
    page = standing(desk, no.number, no.code)
    assert page.says("请在居住地注册。")
    assert page.says("主管部门")
    key = asked(yes.number, yes.code).volunteer_id
    Volunteer.move(key, "identify", cast.recorder)
    assert standing(desk, yes.number, yes.code).says("等待站长审核")
    card = Volunteer.move(key, "approve", cast.head).card_no
    page = standing(desk, yes.number, yes.code)
    assert page.says(card)
    assert page.says("临时密码")


# --- the desk ---


def test_the_desk_finds_it_by_where_it_came_from_and_sees_who_it_is_already(desk, cast):
    cast.registered("陶然", by=cast.recorder_b, document_number=KNOWN)
    cast.registered("李明")
    row = sign_up(cast, document_number=KNOWN)
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/volunteers/", origin="online")
    assert window.says("陶然")
    assert not window.says("李明")
    window.get("/admin/volunteers/details/", id=row.volunteer_id)
    assert window.says("已有登记")
    assert window.says(cast.b.name)
    assert window.says("转到以前的登记")
    assert not window.says("证件已核对</")
    window.post("/admin/volunteers/move/", id=row.volunteer_id, move="lead")
    assert Claim.select().count() == 1
    above = desk.signed_in_as(cast.county).get("/admin/volunteers/details/", id=row.volunteer_id)
    assert above.status == 200
    assert not above.says("已有登记")


def test_at_the_own_station_the_desk_sees_the_row_itself(desk, cast):
    known = cast.registered("陶然", document_number=KNOWN)
    row = sign_up(cast, document_number=KNOWN)
    window = desk.signed_in_as(cast.head).get("/admin/volunteers/details/", id=row.volunteer_id)
    assert f"/admin/volunteers/details/?id={known.id}" in window.html
    other = desk.signed_in_as(cast.head_b).get("/admin/volunteers/details/", id=row.volunteer_id)
    assert other.status == 404


def test_documents_are_held_in_the_hand_one_by_one(desk, cast):
    sign_up(cast)
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/").says("证件已核对")
    window.get("/admin/volunteers/", waiting="identify")
    assert window.says("陶然")
    assert window.says("证件还没有当面核对")
    assert 'name="move" value="identify"' not in window.html


def test_no_page_of_these_is_indexed_or_kept(desk, cast):
    window = Phone(desk.app)
    for path in ("/apply/", "/apply/status"):
        window.get(path)
        assert window.headers["X-Robots-Tag"] == "noindex"
        assert window.headers["Cache-Control"] == "no-store"


def test_a_number_is_printed_in_groups():
    assert grouped("1234567890") == "123 456 7890"
    assert grouped("ABCDEFGH") == "ABCD EFGH"
    assert person()["name"] == "李明"
