"""本人资料 (个人信息保护法 45): one workbook with everything of one's own, at one's own page or handed over at the desk."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from walks_consents import consent, household, recipient
from walks_sign_ups import draft, said

from models import clock
from models.audit import Trail
from models.consents import Consent
from models.erasures import Erasure
from models.people import open_for
from models.scope import SYSTEM
from models.sign_ups import asked, send
from models.stories import Story
from models.volunteers import Volunteer
from views.own_data import AT_ONCE, SHEETS


@pytest.fixture
def who(cast) -> Volunteer:
    row = cast.registered("欧阳淑兰", consent_on=clock.today(), address="翠竹巷 9 号")
    cast.posted(row, 120)
    return Volunteer.get_by_id(row.id)


def signed_in(desk, who):
    return desk.signed_in_as(open_for(who.id, SYSTEM).actor())


def sheets(window) -> dict[str, list[list]]:
    book = CalamineWorkbook.from_filelike(BytesIO(window.answer.data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_volunteer_downloads_all_that_is_held_about_her_in_the_clear(cast, desk, who):
    other = cast.registered("马会芝")
    who.reveal("phone", cast.recorder, "通知改期")
    window = signed_in(desk, who)
    window.get("/me/")
    window.post("/me/data")
    book = sheets(window)
    assert list(book) == ["登记", *(sheet.title for sheet in SHEETS)]
    profile = {line[0]: line[1] for line in book["登记"] if line[0]}
    assert (profile["姓名"], profile["证件号码"], profile["联系电话"], profile["详细地址"]) == (
        "欧阳淑兰", who.document_number, who.phone, "翠竹巷 9 号")  # fmt: skip
    assert len(book["服务记录"]) == 2 and len(book["工时账"]) == 3 and len(book["知情同意"]) == 2
    seen = [line for line in book["谁看过、取过"] if "查看敏感信息" in line]
    assert len(seen) == 1 and "通知改期" in seen[0] and "联系电话" in seen[0] and cast.recorder.name in seen[0]
    assert other.name not in str(book) and other.document_number not in str(book)
    assert "attachment" in window.headers["Content-Disposition"] and window.headers["Cache-Control"] == "no-store"
    assert Trail.select().where(Trail.action == "own_data", Trail.row == str(who.id)).count() == 1
    assert AT_ONCE < 1000


def test_only_a_volunteer_has_a_page_of_her_own(cast, desk, who):
    window = desk.signed_in_as(cast.head)
    window.get("/admin/")
    posts = ("data", "agree", "withdraw", "erase", "keep", "records/1", "asked", "disagree/star/1", "roster/confirm", "roster/decline",
             "applications/confirm", "applications/withdraw", "projects/1", "exchange/1", "exchange/cancel", "certificates", "account/out")  # fmt: skip
    for path in posts:
        assert window.post(f"/me/{path}", kind="registration").status == 403
    desk.get("/login")
    assert desk.post("/me/data").path.startswith("/login")
    assert not Trail.select().where(Trail.action == "own_data").exists()


def test_the_head_hands_it_over_with_a_reason_and_nobody_else_does(cast, desk, who):
    head = desk.signed_in_as(cast.head)
    page = head.get("/admin/volunteers/details/", id=who.id)
    assert page.says("交付本人资料")
    head.post("/admin/volunteers/hand-over/", id=who.id, reason=" ")
    assert head.says("请写明理由")
    head.post("/admin/volunteers/hand-over/", id=who.id, reason="本人持身份证到站书面申请")
    assert sheets(head)["登记"]
    (step,) = Trail.select().where(Trail.action == "hand_over")
    assert (step.row, step.reason, step.who) == (str(who.id), "本人持身份证到站书面申请", cast.head.name)
    recorder = desk.signed_in_as(cast.recorder)
    assert "hand-over" not in recorder.get("/admin/volunteers/details/", id=who.id).html
    assert recorder.post("/admin/volunteers/hand-over/", id=who.id, reason="试试看").status == 403
    stranger = desk.signed_in_as(cast.head_b)
    stranger.get("/admin/")
    assert stranger.post("/admin/volunteers/hand-over/", id=who.id, reason="试试看").status == 404


def test_somebody_served_is_handed_what_is_held_of_her_and_nothing_of_another(cast, desk):
    row = recipient(cast, name="普玉兰", note="糖尿病", phone="13800001234")
    other = recipient(cast, household(cast, name="杨会芝", address="别处 1 号"), name="杨会芝")
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/recipients/details/", id=row.id).says("交付本人资料")
    head.post("/admin/recipients/hand-over/", id=row.id, reason="本人到站书面申请")
    book = sheets(head)
    profile = {line[0]: line[1] for line in book["登记"] if line[0]}
    assert (profile["姓名"], profile["联系电话"], profile["具体情况"]) == ("普玉兰", "13800001234", "糖尿病")
    assert profile["困难类别"] and other.name not in str(book)
    assert Trail.get(Trail.action == "hand_over").table == "recipient"
    for by, status in ((cast.recorder, 403), (cast.county, 403), (cast.head_b, 404)):
        window = desk.signed_in_as(by)
        window.get("/admin/")
        assert window.post("/admin/recipients/hand-over/", id=row.id, reason="试试看").status == status


def test_on_her_page_she_agrees_withdraws_asks_to_be_erased_and_changes_her_mind(cast, desk, who):
    window = signed_in(desk, who)
    page = window.get("/me/own")
    assert page.says("我的知情同意") and page.says("肖像和事迹公开") and page.says("每一篇文字公开前给我看过")
    window.post("/me/agree", kind="publicity")
    assert window.says("已记下您的同意")
    mine = Consent.get(Consent.kind == "publicity")
    assert (mine.volunteer_id, mine.way) == (who.id, "online")
    assert not window.says("每一篇文字公开前给我看过")
    window.post("/me/withdraw", id=mine.id, reason=" ")
    assert window.says("请写明「撤回同意」的理由")
    window.post("/me/withdraw", id=mine.id, reason="不想公开")
    assert Consent.get_by_id(mine.id).state == "withdrawn"
    window.post("/me/erase", reason="搬走了")
    row = Erasure.get()
    assert window.says(f"站长在 {row.due_on} 以前答复") and row.volunteer_id == who.id
    window.post("/me/keep", id=row.id)
    assert Erasure.get_by_id(row.id).state == "dropped" and window.says("已取消申请")


def test_nobody_withdraws_or_keeps_anothers(cast, desk, who):
    other = cast.registered("马会芝")
    theirs = consent(cast, other.id)
    request = Erasure.enter(cast.recorder, volunteer=other.id, reason="不再参加")
    window = signed_in(desk, who)
    window.get("/me/")
    assert window.post("/me/withdraw", id=theirs.id, reason="试试").status == 404
    assert window.post("/me/keep", id=request.id).status == 404
    assert (Consent.get_by_id(theirs.id).state, Erasure.get_by_id(request.id).state) == ("given", "asked")
    assert not Story.select().exists()


def test_it_holds_the_receipt_of_her_application_and_never_its_code(cast, desk):
    receipt = send(said(cast.a), cast.a, draft())
    row = asked(receipt.number, receipt.code)
    window = desk.signed_in_as(cast.head)
    window.get("/admin/volunteers/details/", id=row.volunteer_id)
    window.post("/admin/volunteers/hand-over/", id=row.volunteer_id, reason="本人持身份证到站书面申请")
    book = sheets(window)
    heading, line = book["网上报名回执"]
    assert line[0] == receipt.number and row.volunteer.state_label in line and str(row.sent_at.year) in line[1]
    assert receipt.code not in str(book) and row.code not in str(book) and row.code_key not in str(book)
    assert "码" not in "".join(heading)
