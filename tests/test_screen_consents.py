"""The screens of consent, erasing and retention: what each role finds there, and what it is told before it decides."""

from test_consents import GUARDED, born
from test_sign_ups import minor
from walks_consents import consent, gone, recipient
from walks_sign_ups import draft

from cast import person
from models import clock, retention
from models.consents import Consent
from models.erasures import Erasure
from models.households import Recipient
from models.keying import key_in
from models.records import ServiceRecord, move_all
from models.retention import RetentionProposal
from models.sign_ups import guardian_said, send
from models.volunteers import Volunteer


def test_who_lacks_a_consent_stands_in_the_inbox_and_under_its_tab(cast, desk):
    cast.registered()
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/").says("缺同意")
    assert window.get("/admin/volunteers/", list="without_consent").says("李明")
    assert window.get("/admin/volunteers/", list="grown").says("没有符合条件的内容")
    recipient(cast)
    assert window.get("/admin/recipients/", list="without_sensitive").says("和桂芬")


def test_a_consent_is_entered_at_the_desk_and_stands_on_the_persons_page_with_its_version(cast, desk):
    who = cast.registered()
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/volunteers/details/", id=who.id).says("知情同意")
    window.get("/admin/consents/new/", volunteer=who.id)
    window.post("/admin/consents/new/", volunteer=who.id, kind="registration", given_by="self", way="paper",
                given_on=clock.today().isoformat())  # fmt: skip
    row = Consent.get()
    assert window.path.startswith("/admin/consents/details/") and window.says("不用于商业目的")
    page = window.get("/admin/volunteers/details/", id=who.id)
    assert page.says("登记告知（本人）") and page.says("知情同意书（2021-11-01 起）") and row.giver == who.name
    window.get("/admin/consents/new/", volunteer=who.id)
    window.post("/admin/consents/new/", volunteer=who.id, kind="guardian", given_by="guardian", way="paper",
                given_on=clock.today().isoformat())  # fmt: skip
    assert window.says("由本人同意") and Consent.select().count() == 1


def test_the_paper_to_sign_says_the_words_in_force_and_names_nobody(cast, desk):
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/consents/paper/", kind="guardian_child")
    assert page.says("由监护人陪同") and page.says(cast.a.name) and page.says("监护人签字")
    assert window.get("/admin/consents/paper/", kind="nonsense").status == 404
    assert desk.signed_in_as(cast.county).get("/admin/consents/paper/", kind="guardian").status == 403


def test_nobody_above_reads_who_signed(cast, desk):
    row = consent(cast, recipient=recipient(cast).id, kind="sensitive")
    assert desk.signed_in_as(cast.head).get("/admin/consents/details/", id=row.id).says("和桂芬")
    page = desk.signed_in_as(cast.county).get("/admin/consents/details/", id=row.id)
    assert page.status == 200 and not page.says("和桂芬")
    assert desk.signed_in_as(cast.head_b).get("/admin/consents/details/", id=row.id).status == 404


def test_a_minor_without_consent_cannot_be_approved_on_the_screen(cast, desk):
    row = Volunteer.enter(cast.recorder, **person("李小华", birth=born(12), **GUARDED))
    window = desk.signed_in_as(cast.head)
    window.get("/admin/volunteers/details/", id=row.id)
    window.post("/admin/volunteers/move/", move="approve", id=row.id, back="/admin/volunteers/")
    assert window.says("缺「监护人同意（未满 14 周岁）」") and Volunteer.get_by_id(row.id).state == "applied"


def test_the_head_reads_what_erasing_would_do_and_answers_what_is_left(cast, desk):
    who = cast.registered("欧阳淑兰")
    cast.posted(who, 240)
    row = Erasure.enter(cast.recorder, volunteer=who.id, reason="搬走了")
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/").says("注销申请")
    page = window.get("/admin/erasures/details/", id=row.id)
    assert page.says("荣誉工时 4.00 小时") and page.says("4.00 小时可以兑换") and page.says("捐给工作站")
    window.post("/admin/erasures/move/", data={"erase-leftover": ""}, move="erase", id=row.id, back="/admin/erasures/")
    assert window.says("请先问本人") and Volunteer.get_by_id(who.id).state == "registered"
    window.post("/admin/erasures/move/", data={"erase-leftover": "donated"}, move="erase", id=row.id,
                back="/admin/erasures/")  # fmt: skip
    assert Volunteer.get_by_id(who.id).state == "erased"
    page = window.get("/admin/volunteers/details/", id=who.id)
    assert page.says(f"已注销 {who.card_no}") and not page.says("欧阳淑兰")


def test_the_head_sees_the_rows_and_periods_before_she_approves(cast, desk):
    who = gone(cast)
    retention.propose_due()
    row = RetentionProposal.get()
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/").says("到期清除")
    assert window.get("/admin/retention/").says("个人信息保护法第十九条")
    page = window.get("/admin/retention/details/", id=row.id)
    assert page.says("已满 12 个月的 1 条") and page.says(str(Recipient.get_by_id(who.id)))
    window.post("/admin/retention/move/", move="approve", id=row.id, back="/admin/retention/")
    retention.carry_out()
    assert window.get("/admin/retention/details/", id=row.id).says("已清除")
    county = desk.signed_in_as(cast.county).get("/admin/retention/details/", id=row.id)
    assert county.status == 200 and not county.says("这一批的名单")


def test_a_child_is_nobody_on_a_public_notice(cast, desk):
    row = Volunteer.enter(cast.recorder, **person("李小华", birth=born(12), consent_on=clock.today(), **GUARDED))
    Volunteer.move(row.id, "approve", cast.head)
    keys = [made.id for made in key_in([cast.draft(row, cast.activity(), remark="母亲陪同")], cast.recorder)]
    for name, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all(keys, name, by)
    notice = ServiceRecord.get_by_id(keys[0]).notice_id
    page = desk.get(f"/notices/{notice}")
    assert page.status == 200 and page.says("***") and not page.says("李小华") and not page.says("李*")


def test_the_guardian_entered_with_an_application_from_the_site_stands_in_the_desks_form(cast, desk):
    send(minor(cast.a, 15), cast.a, draft())
    child = Volunteer.get(Volunteer.origin == "online")
    window = desk.signed_in_as(cast.recorder).get("/admin/consents/new/", volunteer=child.id)
    assert window.says('value="母亲"') and window.says('value="陶母"')
    assert guardian_said(child) == {"kind": "guardian", "given_by": "guardian", "giver": "陶母", "relation": "母亲"}
    assert not desk.signed_in_as(cast.recorder).get("/admin/consents/new/").says("陶母")
    assert not desk.signed_in_as(cast.recorder_b).get("/admin/consents/new/", volunteer=child.id).says("陶母")
    grown = cast.registered("马会芝")
    assert guardian_said(grown) == {} and window.get("/admin/consents/new/", volunteer=grown.id).status == 200
    for other in ("abc", 10**30, ""):
        assert window.get("/admin/consents/new/", volunteer=other).status == 200
