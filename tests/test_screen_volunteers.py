"""招募注册 on the screen: a form that answers while it is filled in, review, card, and the claim of an earlier registration."""

from datetime import date

import pytest
from playwright.sync_api import expect

from cast import person
from desk import queries
from models.audit import Trail
from models.hours import Balance
from models.refusals import Refusal
from models.volunteers import Claim, Volunteer
from rules.identity import make_resident_id

NEW = "/admin/volunteers/new/"
CHECK = "/admin/volunteers/check/"
NUMBER = make_resident_id("530102", date(1990, 3, 7), 109)


def form(name="李明", **more) -> dict:
    return {k: v for k, v in person(name, **more).items() if v is not None}


def detail(row) -> str:
    return f"/admin/volunteers/details/?id={row.id}"


# --- registering ---


def test_a_recorder_registers_a_person_and_the_number_says_gender_and_birth_date(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    page.post(NEW, form(document_number=NUMBER, gender="", birth_date=""))
    row = Volunteer.get()
    assert page.path.startswith("/admin/volunteers/details/") and page.says("待审核")
    assert (row.gender, row.birth_date, row.station_id) == ("1", date(1990, 3, 7), cast.a.id)


def test_gender_and_birth_date_are_asked_for_where_the_document_does_not_say_them(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    page.post(NEW, form(document_type="passport_foreign", document_number="X1234567", gender="", birth_date=""))
    assert page.says("请选择「性别」。") and page.says("请填写「出生日期」。")
    assert Volunteer.select().count() == 0


def test_a_wrong_number_is_told_beside_it_and_gender_is_not_asked_for(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    page.post(NEW, form(document_number=NUMBER[:17] + "9", gender="", birth_date=""))
    assert page.says("号码校验不符") and not page.says("请选择「性别」。")


def test_everything_wrong_is_said_at_once_and_what_was_typed_stays(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    page.post(NEW, form(name="", document_number=NUMBER[:17] + "9", phone="12345"))
    assert page.says("请填写「姓名」。") and page.says("号码校验不符") and page.says("手机号码应为 11 位")
    assert page.says(f'value="{NUMBER[:17]}9"') and page.says('value="12345"')
    assert Volunteer.select().count() == 0


@pytest.mark.parametrize("kind", ["", "driving_licence"])
def test_a_document_type_that_is_not_offered_is_refused_in_words(desk, cast, kind):
    page = desk.signed_in_as(cast.recorder).post(NEW, form(document_type=kind))
    assert page.status == 200 and page.says("证件类型") and Volunteer.select().count() == 0


def test_the_form_marks_only_what_it_will_ask_for(desk, cast):
    page = desk.signed_in_as(cast.recorder).get(NEW)
    assert _marked(page, "name") and _marked(page, "phone") and not _marked(page, "gender")
    page.post(NEW, form(document_type="passport_foreign", name=""))
    assert _marked(page, "gender") and _marked(page, "birth_date")


def _marked(page, name: str) -> bool:
    label = page.html.split(f'<label for="{name}">')[1].split("</label>")[0]
    return "must" in label


def test_a_supervisor_and_the_auditor_may_not_register(desk, cast):
    for who in (cast.county, cast.province, cast.auditor):
        page = desk.signed_in_as(who)
        assert page.get(NEW).status == 403
        assert page.post(NEW, form()).status == 403
    assert Volunteer.select().count() == 0


# --- while the form is filled in ---


def test_a_complete_number_answers_birth_date_gender_and_age(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    said = page.post(CHECK, document_type="resident_id", document_number=NUMBER).json()
    assert (said["birth_date"], said["gender"], said["gender_label"]) == ("1990-03-07", "1", "男")
    assert said["age"] >= 36 and not said["here"] and not said["elsewhere"] and not said["findings"]


def test_a_wrong_number_answers_what_is_wrong(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    said = page.post(CHECK, document_type="resident_id", document_number=NUMBER[:17] + "9").json()
    assert said["birth_date"] == "" and "号码校验不符" in said["findings"][0]


def test_a_registered_number_answers_here_with_the_way_there_and_elsewhere_with_the_station_only(desk, cast):
    mine, other = cast.registered("李明"), cast.registered("王芳", by=cast.recorder_b)
    page = desk.signed_in_as(cast.recorder)
    said = page.post(CHECK, document_type="resident_id", document_number=mine.document_number).json()
    assert said["here"]["text"].startswith("李明") and said["here"]["url"].endswith(f"id={mine.id}")
    said = page.post(CHECK, document_type="resident_id", document_number=other.document_number).json()
    assert said["elsewhere"] == cast.b.name and "王芳" not in page.html and said["here"] is None


def test_the_row_being_amended_is_no_twin_of_itself(desk, cast):
    mine = cast.registered()
    page = desk.signed_in_as(cast.recorder)
    said = page.post(CHECK, document_type="resident_id", document_number=mine.document_number, own=mine.id).json()
    assert said["here"] is None


def test_nobody_checks_numbers_who_may_not_register(desk, cast):
    said = {"document_type": "resident_id", "document_number": NUMBER}
    assert desk.signed_in_as(cast.county).post(CHECK, **said).status == 403
    assert desk.signed_in_as(cast.recorder).get(CHECK, **said).status == 405  # a number stands in no address
    assert desk.signed_in_as(cast.recorder).post(CHECK, csrf_token="forged", **said).status == 400


# --- twins and claims ---


def test_a_person_registered_here_is_not_registered_twice(desk, cast):
    mine = cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).post(NEW, form(document_number=mine.document_number))
    assert page.says("已在本站登记") and page.says(f"/admin/volunteers/details/?id={mine.id}")
    assert Volunteer.select().count() == 1


def test_a_person_registered_elsewhere_is_claimed_and_comes_with_her_hours(desk, cast):
    other = cast.registered("王芳")
    cast.posted(other, minutes=120)
    hers = form("王芳", document_number=other.document_number)
    page = desk.signed_in_as(cast.recorder_b).post(NEW, hers)
    assert page.says("不能重复注册") and page.says("认领理由") and page.says(cast.a.name)
    page.post("/admin/claims/ask/", hers | {"claim_reason": "搬到本社区居住"})
    claim = Claim.get()
    assert page.says("已向「文林社区学雷锋志愿服务工作站」提出认领") and claim.state == "asked"
    assert not page.says("同意转出")  # hers to wait for, not to agree to

    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/").says("认领以前的登记")
    head.post("/admin/claims/move/", {"move": "agree", "id": claim.id, "back": "/admin/volunteers/"})
    assert Volunteer.get_by_id(other.id).station_id == cast.b.id
    assert head.get(detail(other)).status == 404
    page.get(detail(other))
    assert page.status == 200 and page.says("2.00") and Balance.get_by_id(other.id).honour == 120


def test_a_claim_without_a_reason_is_refused_and_the_form_is_as_it_was(desk, cast):
    other = cast.registered("王芳")
    page = desk.signed_in_as(cast.recorder_b)
    page.post("/admin/claims/ask/", form("王小芳", document_number=other.document_number, address="环城路 9 号"))
    assert page.says("请写明认领的理由") and page.says('value="王小芳"') and page.says('value="环城路 9 号"')
    assert Claim.select().count() == 0 and Volunteer.select().count() == 1


def test_a_claim_of_a_number_that_nobody_has_registers_nobody(desk, cast):
    page = desk.signed_in_as(cast.recorder_b)
    page.post("/admin/claims/ask/", form(document_number=NUMBER, claim_reason="搬来了"))
    assert page.says("没有查到这个证件的登记") and Volunteer.select().count() == 0


def test_only_the_earlier_stations_head_agrees(desk, cast):
    other = cast.registered("王芳")
    claim = Claim.ask("resident_id", other.document_number, "搬到本社区居住", cast.recorder_b)
    for who in (cast.head_b, cast.recorder):
        desk.signed_in_as(who).post("/admin/claims/move/", move="agree", id=claim.id)
    assert Volunteer.get_by_id(other.id).station_id == cast.a.id
    assert desk.signed_in_as(cast.county).get("/admin/claims/").status == 403


def test_a_claim_that_was_overtaken_moves_nobody(cast):
    other = cast.registered("王芳")
    first = Claim.ask("resident_id", other.document_number, "搬到本社区居住", cast.recorder_b)
    Claim.move(first.id, "agree", cast.head)
    late = Claim(volunteer=other, from_station=cast.a, to_station=cast.a, reason="又搬回", state="asked")
    late.save(force_insert=True)
    with pytest.raises(Refusal, match="已转到"):
        Claim.move(late.id, "agree", cast.head)


# --- review ---


def test_the_head_approves_from_the_list_and_numbers_are_issued(desk, cast):
    rows = [Volunteer.enter(cast.recorder, **person(n)) for n in ("李明", "王芳")]
    page = desk.signed_in_as(cast.head).get("/admin/volunteers/?state=applied")
    page.post(
        "/admin/volunteers/move/", move="approve", id=[r.id for r in rows], back="/admin/volunteers/?state=applied"
    )
    assert page.says("已审核通过 2 条。") and page.path.endswith("?state=applied")
    numbers = {Volunteer.get_by_id(r.id).card_no for r in rows}
    assert len(numbers) == 2 and all(n.startswith("530102") for n in numbers)


def test_a_recorder_may_not_approve_nor_the_head_her_own_entry(desk, cast):
    row, own = Volunteer.enter(cast.recorder, **person()), Volunteer.enter(cast.head, **person("王芳"))
    desk.signed_in_as(cast.recorder).post("/admin/volunteers/move/", move="approve", id=row.id)
    page = desk.signed_in_as(cast.head)
    assert not page.get(detail(own)).says("确认审核通过")
    page.post("/admin/volunteers/move/", move="approve", id=own.id)
    assert page.says("不能审核通过自己录入的内容")
    assert {v.state for v in Volunteer.select()} == {"applied"}


def test_a_returned_form_says_why_is_amended_and_comes_back(desk, cast):
    row = Volunteer.enter(cast.recorder, **person())
    head, clerk = desk.signed_in_as(cast.head), desk.signed_in_as(cast.recorder)
    head.post("/admin/volunteers/move/", {"move": "return", "id": row.id, "back": "/admin/volunteers/"})
    assert head.says("请写明「退回」的理由") and Volunteer.get_by_id(row.id).state == "applied"
    head.post(
        "/admin/volunteers/move/",
        {"move": "return", "id": row.id, "back": "/admin/volunteers/", "reason": "电话打不通"},
    )
    assert clerk.get("/admin/").says("已退回") and clerk.get(detail(row)).says("电话打不通")
    clerk.post("/admin/volunteers/move/", {"move": "resubmit", "id": row.id, "back": "/admin/volunteers/"})
    assert Volunteer.get_by_id(row.id).state == "applied"


# --- the page of one volunteer ---


def test_her_page_tells_hours_stars_and_records_without_a_query_per_row(desk, cast):
    row = cast.registered()
    cast.posted(row, minutes=6000)
    page = desk.signed_in_as(cast.head)
    with queries() as many:
        page.get(detail(row))
    assert page.says("100.00") and page.says("一星") and page.html.count("上门陪伴") == 10
    few = cast.registered("王芳")
    cast.posted(few, minutes=60)
    with queries() as sent:
        page.get(detail(few))
    assert len(many) <= len(sent) + 1


def test_a_supervisor_sees_her_masked_and_is_offered_nothing(desk, cast):
    row = cast.registered(address="五华区文林街 8 号")
    page = desk.signed_in_as(cast.county).get("/admin/volunteers/")
    assert page.says("李明") and row.phone not in page.html and not page.says('type="checkbox"')
    page.get(detail(row))
    assert row.document_number not in page.html and "文林街 8 号" not in page.html
    for offered in ("修改</a>", "查看理由", "停用", "打印服务记录证"):
        assert not page.says(offered), offered
    assert page.post("/admin/volunteers/reveal/", id=row.id, field="phone", reason="想看").status == 403
    assert page.get(f"/admin/volunteers/edit/?id={row.id}").status == 403


def test_a_value_is_revealed_once_with_a_reason_and_leaves_a_trace(desk, cast):
    row = cast.registered()
    page = desk.signed_in_as(cast.recorder)
    page.post("/admin/volunteers/reveal/", id=row.id, field="phone", reason="")
    assert page.says("请写明查看的理由") and row.phone not in page.html
    page.post("/admin/volunteers/reveal/", id=row.id, field="phone", reason="通知活动改期")
    assert row.phone in page.html and row.phone not in page.get(detail(row)).html
    assert Trail.get(Trail.action == "reveal").reason == "通知活动改期"


def test_a_sealed_value_is_kept_when_the_box_is_blank_and_cleared_when_asked(desk, cast):
    row = cast.registered(address="文林街 8 号")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/volunteers/edit/?id={row.id}")
    assert row.document_number not in page.html
    said = form(document_number="", phone="", address="") | {"revision": row.revision}
    page.post(f"/admin/volunteers/edit/?id={row.id}", said)
    kept = Volunteer.get_by_id(row.id)
    assert (kept.document_number, kept.phone, kept.address) == (row.document_number, row.phone, "文林街 8 号")
    page.post(f"/admin/volunteers/edit/?id={row.id}", said | {"revision": kept.revision, "address": "-"})
    assert Volunteer.get_by_id(row.id).address is None


# --- 服务记录证 ---


def test_a_record_card_is_printed_with_its_number_and_leaves_a_trace(desk, cast):
    row = cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/volunteers/card/?id={row.id}")
    assert page.says("服务记录证") and page.says(row.card_no) and page.says(cast.a.name)
    assert page.says("data:image/svg+xml") and row.document_number not in page.html
    assert Trail.get(Trail.action == "print").row == str(row.id)


def test_several_cards_are_printed_from_the_list_or_none(desk, cast):
    rows = [cast.registered("李明"), cast.registered("王芳")]
    page = desk.signed_in_as(cast.head)
    assert page.post("/admin/volunteers/card/", id=[r.id for r in rows]).says("王芳")
    before = Trail.select().where(Trail.action == "print").count()
    applied = Volunteer.enter(cast.recorder, **person("张伟"))
    page.post("/admin/volunteers/card/", id=[rows[0].id, applied.id])
    assert page.says("张伟 还没有审核注册") and Trail.select().where(Trail.action == "print").count() == before


def test_no_card_for_a_stranger_nor_for_whoever_may_not_print(desk, cast):
    row = cast.registered()
    assert desk.signed_in_as(cast.head_b).get(f"/admin/volunteers/card/?id={row.id}").status == 404
    assert desk.signed_in_as(cast.county).get(f"/admin/volunteers/card/?id={row.id}").status == 403
    assert not Trail.select().where(Trail.action == "print").exists()


# --- a real browser ---


@pytest.mark.browser
def test_birth_date_fills_in_while_typing_and_the_head_approves(browser, cast):
    page = browser.signed_in_as(cast.recorder)
    page.goto(NEW)
    page.fill("[name=name]", "李明")
    page.locator("[name=document_number]").press_sequentially(NUMBER)
    expect(page.locator("[name=birth_date]")).to_have_value("1990-03-07")
    assert page.input_value("[name=gender]") == "1" and page.locator("text=男，").count() == 1
    page.fill("[name=phone]", "13800001234")
    page.locator("#residence").press_sequentially("华山")  # a picker, by keyboard alone
    page.locator("[role=option]:visible").first.wait_for()
    page.keyboard.press("Enter")
    assert page.input_value("#residence") == "云南省昆明市五华区华山街道"
    page.click("button.next:has-text('保存')")
    page.wait_for_url("**/details/**")
    head = browser.signed_in_as(cast.head)
    head.goto(page.url)
    head.click("summary:has-text('审核通过')")
    head.click("button:has-text('确认审核通过')")
    head.locator(".state.good").first.wait_for()
    assert head.locator("h1").inner_text().startswith("李明 530102")


@pytest.mark.browser
def test_words_that_chose_no_row_are_not_saved_as_nothing(browser, cast):
    page = browser.signed_in_as(cast.recorder)
    page.goto(NEW)
    page.fill("[name=name]", "李明")
    page.fill("[name=document_number]", NUMBER)
    page.fill("[name=phone]", "13800001234")
    page.locator("#residence").press_sequentially("没有的地方")
    page.locator(".picker .none").wait_for()
    page.click("button.next:has-text('保存')")
    page.wait_for_timeout(300)
    assert page.url.endswith(NEW) and Volunteer.select().count() == 0
