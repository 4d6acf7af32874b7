"""星级: candidates with their evidence, proposed by the head, recognised by the level that policy names."""

import pytest

from desk import queries
from models.stars import StarGrant


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
    assert move(county, star, "recognise").says("已认定")
    assert StarGrant.get_by_id(star.id).certificate_no


def test_another_level_is_told_who_recognises(cast, desk, star):
    StarGrant.move(star.id, "propose", cast.head)
    for who in (cast.prefecture, cast.province):
        window = desk.signed_in_as(who)
        assert not window.get("/admin/").says("已申报")
        page = window.get("/admin/stars/details/", id=star.id)
        assert page.says("由县级督导认定") and 'value="recognise"' not in page.html
        assert move(window, star, "recognise").says("一星级由县级认定")
    assert StarGrant.get_by_id(star.id).state == "proposed"


def test_a_three_star_is_the_prefectures(cast, desk):
    person = cast.registered("王芳")
    cast.posted(person, minutes=600 * 60)
    three = StarGrant.get(StarGrant.volunteer == person.id, StarGrant.star == 3)
    StarGrant.move(three.id, "propose", cast.head)
    assert move(desk.signed_in_as(cast.county), three, "recognise").says("三星级由州市级认定")
    assert move(desk.signed_in_as(cast.prefecture), three, "recognise").says("已认定")


def test_the_recorder_cannot_propose(cast, desk, star):
    window = desk.signed_in_as(cast.recorder)
    assert 'value="propose"' not in window.get("/admin/stars/details/", id=star.id).html
    assert move(window, star, "propose").says("不在记录员的职责内")
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
