"""去谁家: name and address of the own visit only, from when she said that she comes until it is over."""

import logging
from datetime import timedelta

import pytest
from her_hand import as_herself, everybody_else
from served import household, need, recipient
from turns import occasion

from cast import at
from models import clock
from models.assignments import Assignment
from models.audit import Trail
from models.moves import REVEALS_AN_HOUR
from models.own_visit import visited
from models.refusals import NotFound, Refusal
from models.rosters import assign
from models.volunteers import Volunteer
from rules.activities import ASSIGNMENT, accepted

NAME, ADDRESS = "钱奶奶", "翠竹巷 3 栋 2 单元 501"


@pytest.fixture
def someone(cast) -> Volunteer:
    return cast.registered("李明")


@pytest.fixture
def turn(cast, someone) -> Assignment:
    """Tomorrow's visit to somebody of a household, accepted."""
    home = household(cast.recorder, address=ADDRESS)
    wanted = need(cast.recorder, home, recipient=recipient(cast.recorder, home, name=NAME).id)
    activity = occasion(cast, clock.today() + timedelta(days=1))
    (row,) = assign(activity.id, [someone.id], cast.recorder, need=wanted.id)
    return Assignment.move(row.id, "confirm", cast.recorder)


def test_she_reads_whom_she_visits_in_one_answer_and_the_log_says_so(cast, desk, someone, turn, caplog):
    me = as_herself(cast, someone)
    window = desk.signed_in_as(me)
    assert window.get("/me/roster").says("看去谁家") and not window.says(NAME) and not window.says(ADDRESS)
    with caplog.at_level(logging.DEBUG):
        answer = window.post(f"/me/roster/{turn.id}/visit")
    assert answer.status == 200 and answer.says(NAME) and answer.says(ADDRESS)
    assert answer.headers["Cache-Control"] == "no-store"
    told = " ".join([*map(str, answer.headers.values()), caplog.text])
    assert NAME not in told and ADDRESS not in told
    trace = Trail.get(Trail.action == "reveal")
    assert (trace.account, trace.table, trace.row) == (me.account_id, "household", str(turn.need.household_id))
    assert f"排班 {turn.id}" in trace.reason
    assert not Trail.select().where(Trail.after.contains(ADDRESS) | Trail.reason.contains(NAME)).exists()
    for again in (f"/me/roster/{turn.id}/visit", "/me/roster", "/me/"):
        window.get(again)
        assert not window.says(NAME) and not window.says(ADDRESS)


def test_nobody_else_reads_it_there(cast, desk, someone, turn):
    other = cast.registered("王芳")
    for who in everybody_else(cast, other):
        with pytest.raises((NotFound, Refusal)):
            visited(turn.id, who)
    with pytest.raises(NotFound):
        visited(turn.id, as_herself(cast, other))
    window = desk.signed_in_as(as_herself(cast, other))
    assert window.post(f"/me/roster/{turn.id}/visit").status == 404 and not window.says(NAME)
    for who in (cast.recorder, cast.head, cast.county, cast.auditor, cast.admin):
        assert desk.signed_in_as(who).post(f"/me/roster/{turn.id}/visit").status in (302, 403, 404)
    assert not Trail.select().where(Trail.action == "reveal").exists()


def test_before_she_said_that_she_comes_it_is_not_told(cast, desk, someone, turn):
    Assignment.update(state="rostered").where(Assignment.id == turn.id).execute()
    me = as_herself(cast, someone)
    with pytest.raises(Refusal, match="确认「我会去」以后"):
        visited(turn.id, me)
    window = desk.signed_in_as(me)
    assert window.get("/me/roster").says("确认「我会去」以后可以看") and not window.says("看去谁家")
    assert window.post(f"/me/roster/{turn.id}/visit").says("确认「我会去」以后") and not window.says(ADDRESS)


@pytest.mark.parametrize("state", ["left", "missed", "cancelled"])
def test_when_she_went_or_does_not_go_it_is_told_no_more(cast, someone, turn, state):
    Assignment.update(state=state).where(Assignment.id == turn.id).execute()
    with pytest.raises(Refusal, match="不再显示姓名和住址"):
        visited(turn.id, as_herself(cast, someone))


def test_from_its_end_on_it_is_told_no_more(cast, desk, someone, turn):
    me = as_herself(cast, someone)
    clock.move_demo_clock(2)
    with clock.past(at(turn.starts_at.date(), "10:59")):
        assert visited(turn.id, me).address == ADDRESS
    with clock.past(turn.ends_at), pytest.raises(Refusal, match="已经结束"):
        visited(turn.id, me)
    window = desk.signed_in_as(me)
    window.post(f"/me/roster/{turn.id}/visit")
    assert not window.says(NAME) and not window.says(ADDRESS)


def test_a_need_that_is_over_and_a_household_that_left_are_not_visited(cast, someone, turn):
    me, wanted = as_herself(cast, someone), turn.need
    type(wanted).update(state="met").where(type(wanted).id == wanted.id).execute()
    with pytest.raises(Refusal, match="不用再上门"):
        visited(turn.id, me)
    type(wanted).update(state="dispatched").where(type(wanted).id == wanted.id).execute()
    home = wanted.household
    type(home).update(left_on=clock.today()).where(type(home).id == home.id).execute()
    with pytest.raises(Refusal, match="不用再上门"):
        visited(turn.id, me)


def test_a_turn_that_visits_nobody_has_nothing_to_tell(cast, someone):
    (row,) = assign(occasion(cast, clock.today() + timedelta(days=1)).id, [someone.id], cast.recorder)
    with pytest.raises(NotFound):
        visited(row.id, as_herself(cast, someone))


def test_looking_again_and_again_is_stopped_like_at_the_desk(cast, someone, turn):
    me = as_herself(cast, someone)
    for _ in range(REVEALS_AN_HOUR):
        visited(turn.id, me)
    with pytest.raises(Refusal, match="这一次没有显示"):
        visited(turn.id, me)


def test_a_turn_is_accepted_between_her_yes_and_her_going():
    states = [one.name for one in ASSIGNMENT.states]
    assert [name for name in states if accepted(name)] == ["confirmed", "present"]
