"""本人办理: what a volunteer does for herself, at the data layer: her own rows alone, once, and said in Chinese."""

import pytest
from her_hand import as_herself, everybody_else, noticed, turn_to_come

from models import clock
from models.applications import Application
from models.assignments import Assignment
from models.catalogue import RewardItem
from models.complaints import Complaint
from models.corrections import Correction
from models.hours import Balance
from models.notices import Objection
from models.objecting import object_to
from models.records import ServiceRecord
from models.refusals import NotFound, Refusal
from models.rewards import Redemption
from models.scope import find, within
from models.verifying import verify
from models.volunteers import Volunteer


@pytest.fixture
def someone(cast) -> Volunteer:
    return cast.registered("李明")


@pytest.fixture
def other(cast) -> Volunteer:
    return cast.registered("王芳")


# --- corrections ---


def test_she_asks_for_a_correction_of_her_own_posted_record_once_and_the_head_decides(cast, someone):
    (record,) = cast.posted(someone)
    me = as_herself(cast, someone)
    asked = Correction.ask(record.id, "那天只做了一个小时", me)
    assert (asked.state, asked.station_id, asked.entered_by) == ("asked", cast.a.id, me.account_id)
    assert Correction.ask(record.id, "那天只做了一个小时", me).id == asked.id
    assert Correction.select().count() == 1
    assert Correction.move(asked.id, "approve", cast.head).state == "approved"
    assert ServiceRecord.get_by_id(record.id).state == "reversed"


def test_nobody_else_asks_for_her(cast, someone, other):
    (record,) = cast.posted(someone)
    for who in everybody_else(cast, other):
        with pytest.raises(NotFound):
            Correction.ask(record.id, "试试", who)
    assert not Correction.select().exists()


def test_a_correction_wants_a_reason_and_a_posted_record(cast, someone):
    me = as_herself(cast, someone)
    hung = noticed(cast, someone)
    with pytest.raises(Refusal, match="请填写「更正理由」"):
        Correction.ask(hung.id, "  ", me)
    with pytest.raises(Refusal, match="只有已入账的才需要冲正"):
        Correction.ask(hung.id, "时间不对", me)
    for key in (10**12, 0):
        with pytest.raises(NotFound):
            Correction.ask(key, "时间不对", me)


def test_what_the_desk_asked_already_she_does_not_ask_again(cast, someone):
    (record,) = cast.posted(someone)
    Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    with pytest.raises(Refusal, match="已经申请了冲正"):
        Correction.ask(record.id, "时间不对", as_herself(cast, someone))


@pytest.mark.parametrize("asked_by", ["herself", "recorder"])
def test_she_appeals_against_a_refusal_whoever_asked_and_only_her_own(cast, someone, other, asked_by):
    (record,) = cast.posted(someone)
    me = as_herself(cast, someone)
    row = (
        Correction.ask(record.id, "多记了", me)
        if asked_by == "herself"
        else Correction.enter(cast.recorder, record=record.id, reason="多记了")
    )
    Correction.move(row.id, "refuse", cast.head, reason="签到表上有签名")
    with pytest.raises(NotFound):
        Correction.move(row.id, "appeal", as_herself(cast, other), reason="试试")
    with pytest.raises(Refusal, match="请写明「申诉」的理由"):
        Correction.move(row.id, "appeal", me)
    appealed = Correction.move(row.id, "appeal", me, reason="签名不是我的")
    assert (appealed.state, appealed.appeal_reason) == ("appealed", "签名不是我的")
    assert Correction.move(row.id, "appeal", me, reason="再来一次").appeal_reason == "签名不是我的"
    for move in ("approve", "refuse", "tell", "uphold", "overturn", "report"):
        with pytest.raises(Refusal, match="不在志愿者的职责内"):
            Correction.move(row.id, move, me, reason="试试")


def test_an_appeal_comes_too_late_after_its_last_day(cast, someone):
    (record,) = cast.posted(someone)
    me = as_herself(cast, someone)
    row = Correction.ask(record.id, "多记了", me)
    Correction.move(row.id, "refuse", cast.head, reason="签到表上有签名")
    clock.move_demo_clock(60)
    with pytest.raises(Refusal, match="申诉期限到"):
        Correction.move(row.id, "appeal", me, reason="签名不是我的")


# --- objections ---


def test_she_objects_to_her_own_line_on_a_notice_once_and_it_holds_the_line_up(cast, someone):
    row, me = noticed(cast, someone), as_herself(cast, someone)
    said = Objection.ask("records", row.id, "少记了一个小时", me)
    assert (said.notice_id, said.record, said.said_by, said.state) == (row.notice_id, row.id, "李明", "open")
    assert Objection.ask("records", row.id, "少记了一个小时", me).id == said.id
    assert Objection.select().count() == 1
    Objection.move(said.id, "uphold", cast.head, reason="核对签到表，属实")
    assert ServiceRecord.get_by_id(row.id).state == "returned"


def test_nobody_objects_in_her_name_and_nobody_sees_who_else_objected(cast, someone, other):
    row, me = noticed(cast, someone), as_herself(cast, someone)
    for who in everybody_else(cast, other):
        with pytest.raises(NotFound):
            Objection.ask("records", row.id, "试试", who)
    theirs = Objection.enter(cast.recorder, notice=row.notice_id, record=row.id, said_by="邻居", reason="没来")
    with pytest.raises(NotFound):
        find(Objection, theirs.id, me)


def test_no_objection_to_what_does_not_hang_out(cast, someone):
    (record,) = cast.posted(someone)
    me = as_herself(cast, someone)
    for kind, key in (("records", 10**9), ("nothing", record.id), ("stars", 1)):
        with pytest.raises(NotFound):
            Objection.ask(kind, key, "时间不对", me)
    with pytest.raises(Refusal, match="现在是「已入账」，已经不在公示中"):
        Objection.ask("records", record.id, "时间不对", me)
    hung = noticed(cast, someone)
    with pytest.raises(Refusal, match="请填写「事由」"):
        Objection.ask("records", hung.id, "", me)
    clock.move_demo_clock(20)
    with pytest.raises(Refusal, match="公示已期满"):
        Objection.ask("records", hung.id, "时间不对", me)


def test_she_objects_to_a_decision_and_another_than_the_decider_looks_into_it(cast, someone, other):
    post = cast.post()
    me = as_herself(cast, someone)
    row = Application.apply(post.id, someone.id, me)
    with pytest.raises(Refusal, match="没有可以提出意见的决定"):
        object_to("application", row.id, "不公平", me)
    Application.move(row.id, "refuse", cast.head, reason="名额给了别人")
    said = object_to("application", row.id, "我先报的名", me)
    assert said.reason == f"【报名 {row.id}：未录用】我先报的名"
    assert (said.accused, said.said_by, said.station_id, said.volunteer_id) == ("张站长", "李明", cast.a.id, None)
    assert said.due_on > clock.today()
    assert object_to("application", row.id, "我先报的名", me).id == said.id
    with pytest.raises(Refusal, match="投诉涉及您本人"):
        Complaint.move(said.id, "take", cast.head)
    assert Complaint.move(said.id, "take", cast.deputy).state == "looking"
    for who in everybody_else(cast, other):
        with pytest.raises(NotFound):
            object_to("application", row.id, "试试", who)
    again = Application.apply(cast.post().id, someone.id, me)
    Application.move(again.id, "refuse", cast.head, reason="满员")
    with pytest.raises(Refusal, match="请填写「事由」"):
        object_to("application", again.id, " ", me)
    with pytest.raises(NotFound):
        object_to("weather", row.id, "试试", me)


# --- exchanges ---


@pytest.fixture
def item(cast) -> RewardItem:
    return RewardItem.enter(cast.head, name="理发", points=1, stock=3)


def test_she_asks_for_an_exchange_once_and_the_head_decides_whatever_policy_says_of_the_desk(cast, someone, item):
    cast.posted(someone, minutes=180)
    me = as_herself(cast, someone)
    made = Redemption.ask(item.id, 2, me, "k-1")
    assert (made.state, made.minutes, made.handler, made.entered_by) == ("asked", 120, "", me.account_id)
    assert Redemption.ask(item.id, 2, me, "k-1").id == made.id
    assert Balance.get_by_id(someone.id).exchangeable == 60 and RewardItem.get_by_id(item.id).stock == 1
    for name in ("approve", "refuse", "hand", "confirm"):
        with pytest.raises(Refusal, match="不在志愿者的职责内"):
            Redemption.move(made.id, name, me, reason="试试")
    Redemption.move(made.id, "approve", cast.head)
    handed = Redemption.move(made.id, "hand", cast.recorder)
    assert handed.handler == cast.recorder.name
    assert not verify()


def test_she_takes_an_exchange_back_while_it_is_asked_and_not_once_it_is_approved(cast, someone, other, item):
    cast.posted(someone, minutes=180)
    me = as_herself(cast, someone)
    first, second = Redemption.ask(item.id, 1, me, "k-1"), Redemption.ask(item.id, 1, me, "k-2")
    with pytest.raises(NotFound):
        Redemption.move(first.id, "cancel", as_herself(cast, other), reason="试试")
    assert Redemption.move(first.id, "cancel", me, reason="不要了").state == "cancelled"
    assert Redemption.move(first.id, "cancel", me, reason="不要了").state == "cancelled"
    assert Balance.get_by_id(someone.id).exchangeable == 120 and RewardItem.get_by_id(item.id).stock == 2
    Redemption.move(second.id, "approve", cast.head)
    with pytest.raises(Refusal, match="已经批准"):
        Redemption.move(second.id, "cancel", me, reason="不要了")
    assert Redemption.move(second.id, "cancel", cast.recorder, reason="本人不要了").state == "cancelled"


def test_an_exchange_asks_no_more_than_she_has_and_only_what_her_own_station_offers(cast, someone, other, item):
    cast.posted(someone, minutes=60)
    me = as_herself(cast, someone)
    with pytest.raises(Refusal, match="可兑换工时不足"):
        Redemption.ask(item.id, 2, me, "k-1")
    for quantity in (0, -1, 1001):
        with pytest.raises(Refusal, match="数量应在"):
            Redemption.ask(item.id, quantity, me, "k-1")
    theirs = RewardItem.enter(cast.head_b, name="米", points=1)
    with pytest.raises(NotFound):
        Redemption.ask(theirs.id, 1, me, "k-1")
    RewardItem.amend(item.id, cast.head, active=False)
    with pytest.raises(NotFound):
        Redemption.ask(item.id, 1, me, "k-1")
    for who in everybody_else(cast, other)[:-1]:
        with pytest.raises(NotFound):
            Redemption.ask(item.id, 1, who, "k-1")
    assert not Redemption.select().exists()


# --- turns and places ---


def test_she_says_yes_to_a_turn_and_says_it_off_before_it_begins(cast, someone, other):
    turn = turn_to_come(cast, someone)
    me = as_herself(cast, someone)
    for name in ("confirm", "cancel"):
        with pytest.raises(NotFound):
            Assignment.move(turn.id, name, as_herself(cast, other), reason="试试")
    assert Assignment.move(turn.id, "confirm", me).state == "confirmed"
    assert Assignment.move(turn.id, "confirm", me).state == "confirmed"
    with pytest.raises(Refusal, match="请写明「取消排班」的理由"):
        Assignment.move(turn.id, "cancel", me)
    off = Assignment.move(turn.id, "cancel", me, reason="感冒了")
    assert (off.state, off.reason, off.by_herself) == ("cancelled", "感冒了", True)
    assert list(Assignment.select().where(within(Assignment, cast.head), Assignment.said_off(cast.head))) == [off]
    for name in ("sign_in", "sign_out", "miss"):
        with pytest.raises(Refusal, match="不在志愿者的职责内"):
            Assignment.move(turn.id, name, me, reason="试试")


def test_a_turn_that_has_begun_is_not_said_off_any_more(cast, someone):
    turn = turn_to_come(cast, someone)
    me = as_herself(cast, someone)
    assert [move.name for move in turn.legal_moves(me)] == ["confirm", "cancel"]
    clock.move_demo_clock(3)
    with pytest.raises(Refusal, match="已经开始，不能再请假"):
        Assignment.move(turn.id, "cancel", me, reason="感冒了")
    assert Assignment.get_by_id(turn.id).legal_moves(me) == []
    assert not Assignment.move(turn.id, "cancel", cast.recorder, reason="没有来").by_herself


def test_the_desk_is_shown_who_withdrew_by_herself_and_not_whom_it_took_off_itself(cast, someone, other):
    post = cast.post(headcount=2)
    me = as_herself(cast, someone)
    mine, theirs = Application.apply(post.id, someone.id, me), Application.apply(post.id, other.id, cast.recorder)
    Application.move(mine.id, "withdraw", me, reason="要照顾孙子")
    Application.move(theirs.id, "withdraw", cast.recorder, reason="电话里说不来")
    assert [row.id for row in Application.select().where(Application.withdrew(cast.head))] == [mine.id]
    clock.move_demo_clock(8)
    assert not Application.select().where(Application.withdrew(cast.head)).exists()


# --- whose rows ---


def test_a_volunteer_knows_of_her_own_rows_and_of_nobody_elses(cast, someone, other, item):
    (record,) = cast.posted(someone, minutes=120)
    me, her = as_herself(cast, someone), as_herself(cast, other)
    turn = turn_to_come(cast, someone)
    rows = [
        someone, Correction.ask(record.id, "多记了", me), Redemption.ask(item.id, 1, me, "k-1"), turn,
        Objection.ask("records", noticed(cast, someone, 3).id, "少记了", me),
    ]  # fmt: skip
    for row in rows:
        assert find(type(row), row._pk, me)._pk == row._pk
        for stranger in (her, cast.volunteer):
            with pytest.raises(NotFound):
                find(type(row), row._pk, stranger)
