"""公示中的本人事项: a volunteer sees what of hers hangs out and until when, objects to it, and follows what became of it."""

import pytest
from her_hand import as_herself, everybody_else, noticed
from walks_certificates import asked

from models import clock
from models.certificates import Certificate
from models.hanging import count, hanging, hung
from models.honours import Honour
from models.moves import Staged
from models.notices import Notice, Objection, tables
from models.refusals import NotFound, Refusal
from models.scope import Actor
from models.stars import StarGrant
from models.volunteers import Volunteer

KINDS = list(tables())


@pytest.fixture
def someone(cast) -> Volunteer:
    return cast.registered("李明")


@pytest.fixture
def other(cast) -> Volunteer:
    return cast.registered("王芳")


def on_notice(cast, kind: str, person: Volunteer) -> Staged:
    """Something of hers that hangs out today."""
    return {"records": noticed, "stars": star_noticed, "honours": honour_noticed, "certificates": certificate_noticed}[kind](cast, person)


def star_noticed(cast, person: Volunteer) -> StarGrant:
    cast.posted(person, minutes=6000)
    return cast.noticed_star(StarGrant.get(StarGrant.volunteer == person.id))


def certificate_noticed(cast, person: Volunteer) -> Certificate:
    cast.posted(person, minutes=240)
    row = asked(cast, person)
    Certificate.move(row.id, "accept", cast.recorder)
    return Certificate.move(row.id, "issue", cast.head)


def honour_noticed(cast, person: Volunteer) -> Honour:
    row = Honour.enter(cast.recorder, volunteer=person.id, title="年度优秀志愿者", deeds="每周两次上门理发")
    for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        row = Honour.move(row.id, move, by)
    return row


def judge(cast, kind: str) -> Actor:
    """Who decides on an objection to a list of that kind."""
    return cast.county if kind == "stars" else cast.head


@pytest.mark.parametrize("kind", KINDS)
def test_she_objects_to_what_of_hers_hangs_out_and_follows_it(cast, desk, someone, kind):
    row, me = on_notice(cast, kind, someone), as_herself(cast, someone)
    assert [(one.kind, one.row.id, one.said) for one in hanging(me) if one.kind == kind] == [(kind, row.id, None)]
    page = "records" if kind == "records" else f"notices/{kind}"
    window = desk.signed_in_as(me)
    assert window.get("/me/notices").says(f"/me/{page}/{row.id}") and window.says(f"公示到 {row.notice.closes_on} 止")
    assert window.get(f"/me/{page}/{row.id}").says("提出异议")
    window.post(f"/me/{page}/{row.id}", reason="累计工时少算了两次")
    said = Objection.get()
    assert (said.notice_id, said.record, said.said_by, said.entered_by) == (row.notice_id, row.id, "李明", me.account_id)
    assert window.get("/me/asked").says(said.receipt) and window.says("累计工时少算了两次") and window.says("待核查")
    assert not window.get(f"/me/{page}/{row.id}").says('name="reason"')
    Objection.move(said.id, "dismiss", judge(cast, kind), reason="已经核对，没有少算")
    assert window.get("/me/asked").says("已经核对，没有少算")
    assert window.get(f"/me/notices/{kind}/{row.id}").says("已经核对，没有少算")


@pytest.mark.parametrize("kind", KINDS)
def test_an_upheld_objection_of_hers_stops_it(cast, someone, kind):
    row, me = on_notice(cast, kind, someone), as_herself(cast, someone)
    said = Objection.ask(kind, row.id, "累计工时少算了两次", me)
    Objection.move(said.id, "uphold", judge(cast, kind), reason="核对签到表，属实")
    after = type(row).get_by_id(row.id)
    assert after.state not in ("noticed", "posted", "recognised", "granted", "valid")
    assert count(someone.id) == len(hanging(me)) == 0 or kind != "records"


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_objects_for_her_and_another_does_not_find_it(cast, desk, someone, other, kind):
    row = on_notice(cast, kind, someone)
    for who in everybody_else(cast, other):
        with pytest.raises(NotFound):
            Objection.ask(kind, row.id, "累计工时少算了两次", who)
        with pytest.raises(NotFound):
            hung(kind, row.id, who)
    window = desk.signed_in_as(as_herself(cast, other))
    assert window.get(f"/me/notices/{kind}/{row.id}").status == 404
    assert window.post(f"/me/notices/{kind}/{row.id}", reason="累计工时少算了两次").status == 404
    assert not window.get("/me/notices").says(f"{kind}/{row.id}")
    assert not Objection.select().exists()


@pytest.mark.parametrize("kind", KINDS)
def test_after_its_last_day_an_objection_is_refused_and_what_was_typed_is_still_there(cast, desk, someone, kind):
    row, me = on_notice(cast, kind, someone), as_herself(cast, someone)
    window = desk.signed_in_as(me)
    clock.move_demo_clock((Notice.get_by_id(row.notice_id).closes_on - clock.today()).days + 1)
    window.post(f"/me/notices/{kind}/{row.id}", reason="累计工时少算了两次")
    assert window.says("公示已期满，不再接受异议") or window.says("已经不在公示中")
    assert not Objection.select().exists() and count(someone.id) == 0
    assert not window.get(f"/me/notices/{kind}/{row.id}").says('name="reason"')


def test_what_she_asked_already_waits_and_is_not_asked_in_other_words(cast, desk, someone):
    row, me = on_notice(cast, "stars", someone), as_herself(cast, someone)
    first = Objection.ask("stars", row.id, "累计工时少算了两次", me)
    assert Objection.ask("stars", row.id, " 累计工时少算了两次 ", me).id == first.id
    with pytest.raises(Refusal, match=f"已经提出异议（{first.receipt}），正在核查"):
        Objection.ask("stars", row.id, "还少算了一次培训", me)
    window = desk.signed_in_as(me)
    window.post(f"/me/notices/stars/{row.id}", reason="还少算了一次培训")
    assert window.says("已经提出异议") and Objection.select().count() == 1


def test_it_wants_a_reason_and_a_kind_there_is(cast, desk, someone):
    row, me = on_notice(cast, "honours", someone), as_herself(cast, someone)
    with pytest.raises(Refusal, match="请填写「事由」"):
        Objection.ask("honours", row.id, "  ", me)
    window = desk.signed_in_as(me)
    for page in (f"weather/{row.id}", "stars/9999", f"honours/{10**12}"):
        assert window.get(f"/me/notices/{page}").status == 404, page
        assert window.post(f"/me/notices/{page}", reason="时间不对").status == 404, page


def test_her_first_page_counts_all_that_hangs_out(cast, desk, someone):
    me = as_herself(cast, someone)
    noticed(cast, someone)
    honour_noticed(cast, someone)
    assert count(someone.id) == 2
    assert desk.signed_in_as(me).get("/me/").says("您有 2 项正在公示")
