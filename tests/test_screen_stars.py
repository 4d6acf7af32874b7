"""星级: candidates with their evidence, proposed by the head, recognised by the level that policy names."""

import pytest

from cast import past_the_notice
from desk import Desk, queries
from models.hours import Balance
from models.policy import book
from models.scope import SYSTEM
from models.stars import StarGrant, review


@pytest.fixture
def star(cast):
    """Li Ming has served a hundred hours and is a candidate for one star."""
    person = cast.registered("李明")
    cast.posted(person, minutes=100 * 60)
    return StarGrant.get(StarGrant.volunteer == person.id)


def move(window, row, name, **more):
    return window.post("/admin/stars/move/", move=name, id=row.id, back=f"/admin/stars/details/?id={row.id}", **more)


def test_the_evidence_is_said_in_words_with_the_rule_that_judged_it(cast, desk, star):
    page = desk.signed_in_as(cast.head).get("/admin/stars/details/", id=star.id)
    assert page.says("累计服务 100.00 小时，达到 100 小时，符合一星级标准。")
    assert page.says("志愿者星级认定标准") and page.says("云南省社区志愿服务实施方案 二(6)")
    assert page.says("由县级督导认定")
    assert f"/admin/balances/details/?id={star.volunteer_id}" in page.html
    assert page.get("/admin/policy/version/", key=star.policy).says("县级")


def test_each_of_several_stars_is_judged_by_its_own_threshold(cast, desk):
    person = cast.registered("王芳")
    cast.posted(person, minutes=310 * 60)
    first = StarGrant.get(StarGrant.volunteer == person.id, StarGrant.star == 1)
    page = desk.signed_in_as(cast.head).get("/admin/stars/details/", id=first.id)
    assert page.says("达到 100 小时，符合一星级标准。") and not page.says("符合二星级标准")


def test_the_head_proposes_and_the_county_recognises(cast, desk, star):
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/").says("候选")
    assert move(head, star, "propose").says("已申报")
    county = desk.signed_in_as(cast.county)
    assert county.get("/admin/").says("已申报")
    assert move(county, star, "accept").says("拟认定")
    page = move(county, star, "notice")
    assert page.says("公示中") and 'value="recognise"' not in page.html
    past_the_notice()
    assert county.get("/admin/stars/details/", id=star.id).says("申报时的证据")
    assert move(county, star, "recognise").says("已认定")
    assert StarGrant.get_by_id(star.id).certificate_no


def test_another_level_is_told_who_recognises(cast, desk, star):
    StarGrant.move(star.id, "propose", cast.head)
    for who in (cast.prefecture, cast.province):
        window = desk.signed_in_as(who)
        assert not window.get("/admin/").says("已申报")
        page = window.get("/admin/stars/details/", id=star.id)
        assert page.says("由县级督导认定") and 'value="accept"' not in page.html
        assert move(window, star, "accept").says("一星级由县级认定")
    assert StarGrant.get_by_id(star.id).state == "proposed"


def test_a_three_star_is_the_prefectures(cast, desk):
    person = cast.registered("王芳")
    Balance.update(honour=600 * 60).where(Balance.volunteer == person.id).execute()
    review([person.id], book())
    one, two, three = StarGrant.select().where(StarGrant.volunteer == person.id).order_by(StarGrant.star)
    page = desk.signed_in_as(cast.head).get("/admin/stars/details/", id=three.id)
    assert page.says("一星级现在是「候选」，认定后才能办理三星级") and 'value="propose"' not in page.html
    cast.recognised(one)
    cast.recognised(two)
    StarGrant.move(three.id, "propose", cast.head)
    assert move(desk.signed_in_as(cast.county), three, "accept").says("三星级由州市级认定")
    assert move(desk.signed_in_as(cast.prefecture), three, "accept").says("拟认定")


def test_the_recorder_cannot_propose(cast, desk, star):
    window = desk.signed_in_as(cast.recorder)
    assert 'value="propose"' not in window.get("/admin/stars/details/", id=star.id).html
    assert move(window, star, "propose").status == 403
    assert StarGrant.get_by_id(star.id).state == "candidate"


def test_a_refusal_needs_its_reason(cast, desk, star):
    StarGrant.move(star.id, "propose", cast.head)
    county = desk.signed_in_as(cast.county)
    assert move(county, star, "refuse").says("请写明「不予认定」的理由")
    assert move(county, star, "refuse", reason="材料不齐").says("未通过")
    assert county.get("/admin/stars/details/", id=star.id).says("材料不齐")


def test_a_stranger_sees_no_star(cast, desk, star):
    window = desk.signed_in_as(cast.head_b)
    assert window.get("/admin/stars/details/", id=star.id).status == 404
    assert not window.get("/admin/stars/").says("李明")
    assert move(window, star, "propose").status == 404


def test_the_waiting_list_shows_the_evidence_on_each_line_and_moves_several(cast, desk, star):
    other = cast.registered("王芳")
    cast.posted(other, minutes=120 * 60)
    head = desk.signed_in_as(cast.head)
    page = head.get("/admin/stars/", state="candidate", waiting="propose")
    assert page.says("累计服务 120.00 小时，达到 100 小时") and page.says("共 2 条")
    keys = [row.id for row in StarGrant.select()]
    assert head.post("/admin/stars/move/", move="propose", id=keys, back=page.path).says("已申报 2 条")


def test_queries_do_not_grow_with_rows(cast, desk, star):
    window = desk.signed_in_as(cast.head)
    window.get("/admin/stars/", waiting="propose")
    with queries() as few:
        window.get("/admin/stars/", waiting="propose")
    for name in ("王芳", "赵强"):
        cast.posted(cast.registered(name), minutes=100 * 60)
    window.get("/admin/stars/", waiting="propose")  # the badges of the menu are counted anew every few seconds
    with queries() as many:
        window.get("/admin/stars/", waiting="propose")
    assert len(many) == len(few)


def test_the_list_of_a_notice_of_stars_hides_names_on_paper_and_in_public(cast, desk, star):
    row = cast.noticed_star(star)
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/notices/details/", id=row.notice_id).says("李明")
    paper = window.get("/admin/notices/print/", id=row.notice_id)
    public = Desk(desk.app).get(f"/notices/{row.notice_id}")
    for page in (paper, public):
        assert page.says("李*") and not page.says("李明") and page.says("一星级") and page.says("100.00")
        assert not page.says(row.volunteer.card_no)
    assert paper.says("根据志愿者星级认定制度")
    StarGrant.move(star.id, "refuse", cast.county, reason="材料不齐")
    assert not Desk(desk.app).get(f"/notices/{row.notice_id}").says("李*")


def test_an_objection_is_entered_by_choosing_a_line_of_the_notice(cast, desk, star):
    row = cast.noticed_star(star)
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/objections/new/").says("请打开一份公示")
    page = window.get("/admin/objections/new/", notice=row.notice_id, record=star.id)
    assert page.says(f"{star.id}　李明　一星级")
    said = {"notice": row.notice_id, "said_by": "邻居", "reason": "时长不实"}
    assert window.post("/admin/objections/new/", record=str(star.id + 1), **said).says("没有这一项，请从列表中选择")
    assert window.post("/admin/objections/new/", record=str(star.id), **said).says("李明 一星级")
    county = desk.signed_in_as(cast.county)
    assert county.get("/admin/objections/", state="open", waiting="dismiss").says("共 1 条")
    assert not desk.signed_in_as(cast.head).get("/admin/objections/", state="open", waiting="dismiss").says("邻居")


def test_a_certificate_shows_the_number_and_no_document_in_full(cast, desk, star):
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/stars/certificate/", id=star.id).says("只有已认定的星级可以打印证书")
    row = cast.recognised(star)
    page = window.get("/admin/stars/certificate/", id=star.id)
    assert page.says(row.certificate_no) and page.says("李明") and page.says("五华区") and page.says("一星级志愿者")
    assert not page.says(row.volunteer.document_number) and page.says("*********")
    assert desk.signed_in_as(cast.head_b).get("/admin/stars/certificate/", id=star.id).status == 404
    assert desk.signed_in_as(cast.auditor).get("/admin/stars/certificate/", id=star.id).status == 403
    assert desk.signed_in_as(cast.county).get("/admin/stars/certificate/", id=star.id).says(row.certificate_no)
    assert window.get("/admin/stars/details/", id=star.id).says("打印")


def test_a_star_under_review_waits_in_its_list(cast, desk, star):
    cast.recognised(star)
    StarGrant.move(star.id, "doubt", SYSTEM, reason="工时被冲正")
    county = desk.signed_in_as(cast.county)
    assert county.get("/admin/").says("待复核")
    assert county.get("/admin/stars/", list="recheck").says("李明")
    assert county.get("/admin/stars/details/", id=star.id).says("请由县级督导维持或撤销")
    assert move(county, star, "keep").says("请写明「维持」的理由")
    assert move(county, star, "revoke", reason="时长不实").says("已撤销")
    assert not county.get("/admin/stars/", list="recheck").says("李明")
