"""嘉许: own awards after review and 公示, other bodies' on proof that another person checked (Order 67 art. 9)."""

from datetime import date, timedelta

import pytest

from cast import past_the_notice
from models import clock
from models.honours import Honour
from models.notices import Notice, Objection
from models.records import post_due
from models.refusals import Refusal
from models.scope import within
from models.teams import Team
from rules.honours import check_honour
from views.waiting import condition

TODAY = date(2025, 3, 5)


@pytest.mark.parametrize(
    ("values", "where"),
    [
        (("own", "", None, ""), []),
        (("county", "区文明办", date(2025, 1, 1), "证书复印件"), []),
        (("county", " ", date(2025, 1, 1), "证书复印件"), ["body"]),
        (("other", "区文明办", None, "证书复印件"), ["given_on"]),
        (("nation", "中央文明办", date(2025, 3, 6), "证书复印件"), ["given_on"]),
        (("province", "", None, ""), ["body", "given_on", "proof"]),
    ],
)
def test_what_another_body_gave_says_who_when_and_by_which_proof(values, where):
    assert [f.where for f in check_honour(*values, TODAY)] == where


def own(cast, **more) -> Honour:
    values = {"title": "季度之星", "level": "own", "deeds": "每周给老人送餐"} | more
    return Honour.enter(cast.recorder, **({"volunteer": cast.registered().id} | values))


def outside(cast, **more) -> Honour:
    values = {
        "title": "优秀志愿者", "level": "county", "body": "五华区文明办", "given_on": clock.today() - timedelta(days=9),
        "proof": "荣誉证书复印件，存嘉许卷",
    } | more  # fmt: skip
    return Honour.enter(cast.recorder, **({"volunteer": cast.registered().id} | values))


def waits(by, name: str, state: str) -> int:
    return Honour.select().where(condition(Honour, Honour.life.move(name), state, by)).count()


def noticed(cast, row: Honour) -> Honour:
    for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        Honour.move(row.id, move, by)
    return Honour.get_by_id(row.id)


def test_an_own_award_is_reviewed_hung_out_and_granted(cast):
    row = own(cast)
    assert (row.body, row.given_on) == (cast.a.name, None)
    row = noticed(cast, row)
    assert (row.notice.kind, row.notice.working_days, row.checked_by) == ("honours", 3, cast.head.name)
    assert "grant" not in {m.name for m in row.legal_moves(cast.head)} and waits(cast.head, "grant", "noticed") == 0
    with pytest.raises(Refusal, match="期满后才能授予"):
        Honour.move(row.id, "grant", cast.head)
    past_the_notice()
    assert waits(cast.head, "grant", "noticed") == 1
    Honour.move_all([row.id], "grant", cast.head)
    row = Honour.get_by_id(row.id)
    assert (row.state, row.given_on) == ("granted", clock.today())
    assert row.certificate_no == f"530102{clock.today().year}J{row.id:07d}"
    assert Notice.get_by_id(row.notice_id).state == "closed"


def test_what_another_body_gave_is_recorded_once_another_person_checked_the_proof(cast):
    row = outside(cast)
    Honour.move(row.id, "submit", cast.recorder)
    assert waits(cast.head, "check", "submitted") == 1 and waits(cast.head, "approve", "submitted") == 0
    assert listed(Honour.unproven, cast.head) == [row.id]
    with pytest.raises(Refusal, match="核对证明材料后记入，不用公示"):
        Honour.move(row.id, "approve", cast.head)
    row = Honour.move(row.id, "check", cast.head)
    assert (row.state, row.checked_by, row.checked_on) == ("recorded", cast.head.name, clock.today())
    assert listed(Honour.unproven, cast.head) == []


def listed(where, by) -> list[int]:
    return [row.id for row in Honour.select(Honour.id).where(within(Honour, by), where(by))]


def test_own_awards_are_not_recorded_on_proof_and_do_not_stand_in_that_list(cast):
    row = own(cast)
    Honour.move(row.id, "submit", cast.recorder)
    assert listed(Honour.unproven, cast.head) == []
    with pytest.raises(Refusal, match="本站的嘉许，要审核、公示后授予"):
        Honour.move(row.id, "check", cast.head)


def test_nobody_checks_what_they_entered(cast):
    row = Honour.enter(
        cast.head, volunteer=cast.registered().id, title="优秀志愿者", level="county", body="区文明办",
        given_on=clock.today(), proof="证书",
    )  # fmt: skip
    Honour.move(row.id, "submit", cast.head)
    assert listed(Honour.unproven, cast.deputy) == [row.id]
    with pytest.raises(Refusal, match="不能核对属实并记入自己录入的内容"):
        Honour.move(row.id, "check", cast.head)
    assert Honour.move(row.id, "check", cast.deputy).state == "recorded"


def test_an_own_award_says_why_and_a_suspended_person_gets_none(cast):
    with pytest.raises(Refusal, match="请写明事迹"):
        own(cast, deeds="")
    person = cast.registered("王芳")
    type(person).move(person.id, "suspend", cast.head, reason="外出")
    with pytest.raises(Refusal, match="王芳 是「已停用」，不能登记嘉许"):
        own(cast, volunteer=person.id)


def test_the_same_award_is_not_entered_twice_but_next_years_is(cast):
    row = outside(cast)
    with pytest.raises(Refusal, match="已经登记过，不要重复登记"):
        outside(cast, volunteer=row.volunteer_id)
    assert outside(cast, volunteer=row.volunteer_id, given_on=row.given_on - timedelta(days=365))
    first = own(cast, volunteer=row.volunteer_id)
    with pytest.raises(Refusal, match="已经登记过"):
        own(cast, volunteer=row.volunteer_id)
    noticed(cast, first)
    past_the_notice()
    Honour.move(first.id, "grant", cast.head)
    assert own(cast, volunteer=row.volunteer_id)


def test_an_upheld_objection_takes_the_award_off_the_list(cast):
    row = noticed(cast, own(cast))
    said = Objection.enter(cast.recorder, notice=row.notice_id, record=row.id, said_by="邻居", reason="没有送餐")
    past_the_notice()
    with pytest.raises(Refusal, match="有异议正在核查，核查后才能授予"):
        Honour.move(row.id, "grant", cast.head)
    with pytest.raises(Refusal, match="由站长核查"):
        Objection.move(said.id, "uphold", cast.county, "属实")
    Objection.move(said.id, "uphold", cast.head, "事迹不实")
    row = Honour.get_by_id(row.id)
    assert (row.state, row.notice_id, row.outcome) == ("draft", None, "异议成立：事迹不实")
    post_due()
    assert {notice.state for notice in Notice.select()} == {"closed"}


def test_an_award_on_its_way_is_not_reworded(cast):
    row = own(cast)
    assert Honour.amend(row.id, cast.recorder, title="年度之星").title == "年度之星"
    Honour.move(row.id, "submit", cast.recorder)
    with pytest.raises(Refusal, match="现在是「待审核」，不能修改"):
        Honour.amend(row.id, cast.recorder, title="别的")


def a_team(cast) -> Team:
    row = Team.enter(
        cast.recorder, name="夕阳红服务队", kind="own", leader="李明", phone="13800000009", categories=["01"],
        since=clock.today() - timedelta(days=400),
    )  # fmt: skip
    return Team.move(row.id, "approve", cast.head)


def test_a_team_is_honoured_in_a_volunteers_place_and_never_beside_one(cast):
    team = a_team(cast)
    for who in ({"volunteer": None}, {"volunteer": cast.registered().id, "team": team.id}):
        with pytest.raises(Refusal, match="一位志愿者，或者一支服务队，两者选一"):
            own(cast, **who)
    row = noticed(cast, own(cast, volunteer=None, team=team.id))
    assert str(row) == "夕阳红服务队 季度之星"
    past_the_notice()
    Honour.move(row.id, "grant", cast.head)
    Team.move(team.id, "stop", cast.head, reason="解散")
    with pytest.raises(Refusal, match="夕阳红服务队 是「停止活动」，不能登记嘉许"):
        own(cast, volunteer=None, team=team.id, title="别的")


def test_an_award_withdrawn_says_why_and_prints_no_certificate(cast):
    row = noticed(cast, own(cast))
    with pytest.raises(Refusal, match="已授予的嘉许才能打印证书"):
        row.printed(cast.head)
    past_the_notice()
    Honour.move(row.id, "grant", cast.head)
    Honour.get_by_id(row.id).printed(cast.recorder)
    row = Honour.move(row.id, "withdraw", cast.deputy, reason="事迹不实")
    assert (row.state, row.outcome) == ("withdrawn", "事迹不实") and row.certificate_no
    with pytest.raises(Refusal, match="现在是「已撤销」"):
        row.printed(cast.head)
    given = outside(cast)
    Honour.move(given.id, "submit", cast.recorder)
    with pytest.raises(Refusal, match="证书由授予单位颁发"):
        Honour.move(given.id, "check", cast.head).printed(cast.head)
