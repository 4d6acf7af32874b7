"""签到与在场: presses become a turn's coming and going, each once, in whatever order they arrive, and then a record."""

from datetime import timedelta
from itertools import permutations

import pytest
from pressing import going_on, number, opened, press, sent, state_of, there
from turns import moved, rostered

from cast import at
from models import clock, kiosks, presence, present
from models.activities import Activity
from models.assignments import Assignment
from models.audit import Trail
from models.keying import LinesRefused
from models.kiosks import rule_of
from models.people import open_for
from models.presence import Punch
from models.records import ServiceRecord
from models.refusals import NotFound, Refusal
from models.scope import SYSTEM, find
from models.volunteers import Volunteer

REASON = "手机没电，带队人在场"


# --- at a kiosk ---


def test_a_press_signs_her_in_and_another_out(cast):
    activity, (turn,) = there(cast)
    kiosk = opened(cast, activity)
    came = press(kiosk, turn, True, "08:56")
    assert (came.answer, came.name, f"{came.at:%H:%M}") == ("taken", "李*", "08:56")
    assert state_of(turn) == ("present", "08:56", "")
    assert press(kiosk, turn, False, "11:02").answer == "taken"
    assert state_of(turn) == ("left", "08:56", "11:02")


def test_the_same_press_sent_twice_is_one(cast_on_either):
    activity, (turn,) = there(cast_on_either)
    kiosk, key = opened(cast_on_either, activity), number()
    assert press(kiosk, turn, True, "08:56", key=key).answer == "taken"
    again = press(kiosk, turn, True, "08:56", arrives="10:00", key=key)
    assert (again.answer, again.name) == ("already", "李*")
    assert Punch.select().count() == 1 and state_of(turn) == ("present", "08:56", "")


def test_pressing_in_while_she_is_there_says_since_when(cast):
    activity, (turn,) = there(cast)
    kiosk = opened(cast, activity)
    press(kiosk, turn, True, "08:56")
    again = press(kiosk, turn, True, "09:30")
    assert (again.answer, f"{again.at:%H:%M}") == ("already", "08:56")


def test_two_devices_at_once_come_to_the_same(cast_on_either):
    cast = cast_on_either
    activity, (turn,) = there(cast)
    one, other = opened(cast, activity), opened(cast, activity)
    press(one, turn, True, "08:56")
    press(other, turn, True, "08:57")
    press(other, turn, False, "11:00")
    press(one, turn, False, "11:00", key=number())
    assert state_of(turn) == ("left", "08:56", "11:00")


PRESSES = [(True, "08:56"), (False, "10:00"), (True, "10:30"), (False, "11:05")]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3], ids=str)
def test_late_presses_make_the_same_turn_in_whatever_order_they_arrive(cast, order):
    activity, (turn,) = there(cast)
    kiosk = opened(cast, activity)
    for n in order:
        into, hhmm = PRESSES[n]
        assert press(kiosk, turn, into, hhmm, arrives="12:00").answer in ("taken", "already")
    assert state_of(turn) == ("left", "08:56", "11:05")
    ((_, seen),) = present.ready_of(activity).lines
    assert [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in seen.stretches] == [("09:00", "10:00"), ("10:30", "11:00")]


def test_going_before_coming_has_arrived_waits_for_it(cast):
    activity, (turn,) = there(cast)
    kiosk = opened(cast, activity)
    press(kiosk, turn, False, "11:00", arrives="11:30")
    assert state_of(turn) == ("rostered", "", "")
    press(kiosk, turn, True, "08:56", arrives="11:31")
    assert state_of(turn) == ("left", "08:56", "11:00")


def test_a_card_that_there_is_not_is_answered_like_one_that_is_not_on_the_list(cast):
    activity, _ = there(cast)
    kiosk, stranger = opened(cast, activity), cast.registered("王芳", by=cast.recorder_b)
    mine = cast.registered("赵强")
    answers = [press(kiosk, card, True, "08:56") for card in ("999999999999999", stranger.card_no, mine.card_no, "'; --", "")]
    assert {(one.answer, one.says, one.name, one.at) for one in answers} == {("not_here", presence.NOT_HERE, "", None)}
    assert [row.volunteer_id for row in Punch.select().order_by(Punch.id)] == [None, None, mine.id, None, None]
    assert [row.volunteer_id for row in present.held_of(activity.id)] == [mine.id]  # the lead sees whom to roster


def test_a_kiosk_signs_nobody_in_at_another_activity(cast):
    one, _ = there(cast, "李明")
    other, (turn,) = there(cast, "王芳", start="09:00", end="11:00")
    kiosk, key = opened(cast, one), number()
    assert press(kiosk, turn, True, "08:56", key=key).answer == "not_here"
    assert state_of(turn)[0] == "rostered"
    # nor does it learn what a press of the other came to
    assert press(opened(cast, other), turn, True, "08:56", key=key).answer == "not_here"


def test_outside_the_time_it_says_so_in_policys_words_and_changes_nothing(cast):
    activity, (turn,) = there(cast)
    kiosk = opened(cast, activity, "06:00")
    early = press(kiosk, turn, True, "07:30")
    assert early.answer == "outside" and "08:00 开始" in early.says
    assert press(kiosk, turn, True, "11:00").answer == "outside"
    press(kiosk, turn, True, "09:00")
    assert press(kiosk, turn, False, "13:01").answer == "outside"
    assert state_of(turn) == ("present", "09:00", "")


@pytest.mark.parametrize("off", [(121, 0), (0, -3600), (None, 7200)])
def test_a_clock_that_stands_wrong_is_told_to_the_lead_and_not_believed(cast, off):
    activity, (turn,) = there(cast)
    kiosk = opened(cast, activity)
    answer = press(kiosk, turn, True, "08:56", arrives="10:00", off=off)
    assert answer.answer == "held" and "带队人员" in answer.says
    assert state_of(turn)[0] == "rostered"
    (waits,) = present.held_of(activity.id)
    with clock.past(at(activity.day, "10:05")):
        Punch.move(waits.id, "accept", cast.head, "当面核对过")
    shift = max((one for one in off if one is not None), key=abs)
    right = min(at(activity.day, "08:56") + timedelta(seconds=shift), at(activity.day, "10:00"))
    assert state_of(turn)[:2] == ("present", f"{right:%H:%M}")


def test_a_press_dated_in_the_future_is_held_and_one_within_what_policy_bears_is_now(cast):
    activity, (turn,) = there(cast, "李明")
    kiosk = opened(cast, activity)
    assert press(kiosk, turn, True, "10:00", arrives="09:00").answer == "held"
    assert press(kiosk, turn, True, "09:01", arrives="09:00").answer == "taken"
    assert state_of(turn)[1] == "09:00"


def test_what_comes_days_late_waits_for_the_lead(cast):
    activity, (turn,) = there(cast, day=clock.today() - timedelta(days=5))
    kiosk = opened(cast, activity)
    with clock.past(at(activity.day, "09:00") + timedelta(hours=72)):
        assert presence.from_kiosk(kiosk, [sent(turn, True, at(activity.day, "09:00"))])[0].answer == "taken"
    with clock.past(at(activity.day, "11:00") + timedelta(hours=73)):
        assert presence.from_kiosk(kiosk, [sent(turn, False, at(activity.day, "10:59"))])[0].answer == "held"


def test_what_the_turn_itself_forbids_is_for_the_staff_and_the_table_is_not_told_why(cast):
    activity, (turn,) = there(cast, "李明", home_visit=True)  # alone on a home visit
    kiosk = opened(cast, activity)
    answer = press(kiosk, turn, True, "08:56")
    assert (answer.answer, answer.says) == ("staff", presence.STAFF)
    (waits,) = present.held_of(activity.id)
    assert waits.why == "judged" and "2 人" in waits.says and state_of(turn)[0] == "rostered"


def test_somebody_called_missing_who_presses_is_held(cast):
    activity, (turn,) = there(cast)
    moved(turn, "miss", "09:40", cast.recorder, "电话未接")
    kiosk = opened(cast, activity)
    assert press(kiosk, turn, True, "09:30", arrives="09:50").answer == "staff"
    (waits,) = present.held_of(activity.id)
    with pytest.raises(Refusal, match="未到岗"):
        Punch.move(waits.id, "accept", cast.head, "当面核对过")


def test_after_the_record_is_keyed_a_late_press_changes_nothing(cast):
    activity, (turn,) = there(cast)
    kiosk = opened(cast, activity)
    for into, hhmm in ((True, "09:00"), (False, "10:00")):
        press(kiosk, turn, into, hhmm)
    present.record(activity.id, cast.recorder, "陪伴老人", "1")
    assert press(kiosk, turn, False, "10:59", arrives="11:30").answer == "held"
    assert state_of(turn) == ("left", "09:00", "10:00")


def test_what_the_desk_said_is_a_press_like_any_other(cast):
    activity, (turn,) = there(cast)
    moved(turn, "sign_in", "09:10", cast.recorder)
    moved(turn, "sign_out", "10:00", cast.head)
    with clock.past(at(activity.day, "10:30")):
        Assignment.move(turn.id, "come_back", cast.recorder)
    kiosk = opened(cast, activity)
    press(kiosk, turn, True, "08:58", arrives="10:40")
    press(kiosk, turn, False, "11:00")
    assert state_of(turn) == ("left", "08:58", "11:00")
    assert [(row.how, row.into) for row in Punch.select().order_by(Punch.at)] == [
        ("kiosk", True), ("desk", True), ("desk", False), ("desk", True), ("kiosk", False),
    ]  # fmt: skip


def test_a_turn_signed_before_presses_were_kept_keeps_its_times(cast):
    activity, (turn,) = there(cast)
    Assignment.update(state="present", came_at=at(activity.day, "08:50")).where(Assignment.id == turn.id).execute()
    press(opened(cast, activity), turn, False, "11:00")
    assert state_of(turn) == ("left", "08:50", "11:00")


def test_each_press_leaves_its_trace(cast):
    activity, (turn,) = there(cast)
    press(opened(cast, activity), turn, True, "08:56")
    trace = Trail.get(Trail.table == "punch")
    assert trace.action == "enter" and trace.station == cast.a.id and trace.who.startswith("签到台")


# --- kiosks ---


def test_a_code_opens_once_and_only_its_digest_is_kept(cast):
    activity, _ = there(cast)
    with clock.past(at(activity.day, "08:30")):
        kiosk, code = kiosks.offer(activity.id, cast.recorder)
        opened_one, token = kiosks.open_with(f"{code[:4]} {code[4:]}", "192.0.2.7")
        assert opened_one.id == kiosk.id and code not in str(kiosks.Kiosk.get().__data__) and token not in str(kiosks.Kiosk.get().__data__)
        for wrong in (code, "00000000", "", "x"):
            with pytest.raises(Refusal, match="开台码不对、已用过或已过期"):
                kiosks.open_with(wrong, "192.0.2.7")
        assert kiosks.by_token(token).id == kiosk.id


def test_a_code_runs_out(cast):
    activity, _ = there(cast)
    with clock.past(at(activity.day, "08:30")):
        _, code = kiosks.offer(activity.id, cast.recorder)
        kiosks.Kiosk.update(code_until=clock.wall() - timedelta(seconds=1)).execute()
        with pytest.raises(Refusal, match="已过期"):
            kiosks.open_with(code, "192.0.2.7")


def test_guessing_codes_makes_the_address_wait(cast):
    with pytest.raises(Refusal, match=r"请 \d+ 分钟后再试"):
        for n in range(103):
            try:
                kiosks.open_with(f"{n:08d}", "192.0.2.9")
            except Refusal as no:
                if "分钟后" in str(no):
                    raise


def test_it_presses_until_the_activity_is_over_sends_a_while_longer_and_then_is_nobody(cast):
    activity, _ = there(cast, day=clock.today() - timedelta(days=6))
    with clock.past(at(activity.day, "08:30")):
        kiosk, token = kiosks.open_with(kiosks.offer(activity.id, cast.recorder)[1], "192.0.2.7")
        assert kiosk.may_press()
    with clock.past(at(activity.day, "13:01")):
        assert not kiosks.by_token(token).may_press()
        with pytest.raises(Refusal, match="签到时间已过"):
            kiosks.offer(activity.id, cast.recorder)
    with clock.past(at(activity.day, "13:00") + timedelta(hours=73)):
        assert kiosks.by_token(token) is None


def test_closed_it_is_worth_nothing_at_once(cast):
    activity, _ = there(cast)
    with clock.past(at(activity.day, "08:30")):
        kiosk, token = kiosks.open_with(kiosks.offer(activity.id, cast.recorder)[1], "192.0.2.7")
        kiosks.close(kiosk.id, cast.head)
        assert kiosks.by_token(token) is None and kiosks.by_token("") is None


def test_only_the_own_desk_offers_and_closes(cast):
    activity, _ = there(cast)
    kiosk = opened(cast, activity)
    with clock.past(at(activity.day, "08:30")):
        for who in (cast.head_b, cast.recorder_b):
            with pytest.raises(NotFound):
                kiosks.offer(activity.id, who)
            with pytest.raises(NotFound):
                kiosks.close(kiosk.id, who)
        for who in (cast.county, cast.auditor, cast.admin, cast.volunteer):
            with pytest.raises(Refusal, match="不能办理"):
                kiosks.offer(activity.id, who)


def test_not_for_an_activity_that_was_called_off(cast):
    activity, _ = there(cast)
    with clock.past(at(activity.day, "08:30")):
        type(activity).move(activity.id, "cancel", cast.head, "下雨改期")
        with pytest.raises(Refusal, match="活动已取消"):
            kiosks.offer(activity.id, cast.recorder)


# --- codes and her own phone ---


def own(turn):
    return open_for(turn.volunteer_id, SYSTEM).actor()


def test_a_code_of_the_screen_holds_for_its_step_and_the_grace(cast):
    activity, _ = there(cast)
    rule = kiosks.rule_of(activity)
    with clock.past(at(activity.day, "09:00")):
        code = presence.screen_code(activity, rule)
        assert presence.read_code(code, "sd")[0].id == activity.id
    with clock.past(at(activity.day, "09:00") + timedelta(seconds=90)):
        assert presence.read_code(code, "sd")
        assert presence.screen_code(activity, rule) != code
    for when in (at(activity.day, "09:00") + timedelta(seconds=91), at(activity.day, "08:59")):
        with clock.past(when), pytest.raises(Refusal, match="已过期，请扫屏幕上现在的那一个"):
            presence.read_code(code, "sd")


def test_a_code_that_is_not_ours_is_no_code(cast):
    activity, _ = there(cast)
    with clock.past(at(activity.day, "09:00")):
        code = presence.screen_code(activity, kiosks.rule_of(activity))
        ticket = presence.ticket(activity)
        forged = [code[:-1] + ("0" if code[-1] != "0" else "1"), code.replace("s", "t", 1), "x", "", ticket]
        for text in forged:
            with pytest.raises(Refusal, match="这不是本站的签到码"):
                presence.read_code(text, "sd")


def test_a_printed_code_holds_on_the_day_alone_and_where_policy_wants_it(cast, monkeypatch):
    activity, _ = there(cast)
    with clock.past(at(activity.day, "07:00")):
        _, code = presence.sheet_code(activity.id, cast.recorder)
    with clock.past(at(activity.day, "23:00")):
        assert presence.read_code(code, "sd")
    for days in (-1, 1):
        with clock.past(at(activity.day, "00:00") + timedelta(days=days)), pytest.raises(Refusal, match="只在活动当天"):
            presence.read_code(code, "sd")
    with pytest.raises(NotFound):
        presence.sheet_code(activity.id, cast.head_b)


def test_she_signs_herself_in_once_however_often_she_presses(cast):
    activity, (turn,) = there(cast)
    me, key = own(turn), number()
    with clock.past(at(activity.day, "08:55")):
        assert presence.here(activity.id, True, key, me).answer == "taken"
        assert presence.here(activity.id, True, key, me).answer == "already"
    assert state_of(turn) == ("present", "08:55", "") and Punch.select().count() == 1


def test_whoever_is_not_on_the_list_is_told_so_and_what_she_may_not_is_told_her_in_full(cast):
    activity, (turn,) = there(cast, home_visit=True)
    stranger = open_for(cast.registered("赵强").id, SYSTEM).actor()
    with clock.past(at(activity.day, "08:55")):
        assert presence.here(activity.id, True, number(), stranger).says == presence.NOT_HERE
        assert "2 人" in presence.here(activity.id, True, number(), own(turn)).says


def test_nobody_but_a_volunteer_signs_herself_in(cast):
    activity, _ = there(cast)
    for who in (cast.recorder, cast.head, cast.county, cast.auditor, cast.admin):
        with pytest.raises(Refusal, match="不能办理"):
            presence.here(activity.id, True, number(), who)


# --- by hand ---


@pytest.fixture
def two(cast):
    """李明 leads, 王芳 takes part."""
    activity, (lead, other) = there(cast, "李明", "王芳")
    Assignment.update(role="lead").where(Assignment.id == lead.id).execute()
    return activity, lead, other


def test_a_lead_signs_another_in_and_out_with_a_reason_and_never_herself(cast, two):
    activity, lead, other = two
    me = own(lead)
    with clock.past(at(activity.day, "09:30")):
        presence.by_hand(other.id, True, REASON, me, at=at(activity.day, "09:05"))
        assert state_of(other) == ("present", "09:05", "")
        with pytest.raises(Refusal, match="不能给自己代签"):
            presence.by_hand(lead.id, True, REASON, me)
        for reason in ("", "111", "测试"):
            with pytest.raises(Refusal, match="理由"):
                presence.by_hand(other.id, False, reason, me)
        presence.by_hand(other.id, False, REASON, me)
    assert state_of(other) == ("left", "09:05", "09:30")
    trace = Trail.get(Trail.action == "by_hand")
    assert (trace.account, trace.reason) == (me.account_id, REASON)


def test_whoever_does_not_lead_it_signs_nobody(cast, two):
    activity, lead, other = two
    elsewhere, (third,) = there(cast, "赵强", start="13:00", end="15:00")
    with clock.past(at(activity.day, "09:30")):
        for who, turn in ((own(other), lead), (own(lead), third)):
            with pytest.raises(NotFound):
                presence.by_hand(turn.id, True, REASON, who)
        with pytest.raises(NotFound):
            presence.by_hand(other.id, True, REASON, cast.head_b)
        for who in (cast.county, cast.auditor, cast.admin):
            with pytest.raises(Refusal, match="不能办理"):
                presence.by_hand(other.id, True, REASON, who)
        assert presence.led(activity.id, own(lead)).id == activity.id
        for key, who in ((elsewhere.id, own(lead)), (activity.id, own(other)), ("x", own(lead))):
            with pytest.raises(NotFound):
                presence.led(key, who)
    assert state_of(other)[0] == "rostered"


def test_by_hand_is_for_the_day_and_says_when_it_changes_nothing(cast, two):
    activity, _, other = two
    with clock.past(at(activity.day, "09:30")):
        for when in (at(activity.day, "09:31"), at(activity.day, "09:00") - timedelta(days=1)):
            with pytest.raises(Refusal, match="时刻应在活动当天"):
                presence.by_hand(other.id, True, REASON, cast.recorder, at=when)
        with pytest.raises(Refusal, match="还没有签到，不能签退"):
            presence.by_hand(other.id, False, REASON, cast.recorder)
        presence.by_hand(other.id, True, REASON, cast.recorder)
        with pytest.raises(Refusal, match="已经签到，没有变化"):
            presence.by_hand(other.id, True, REASON, cast.recorder)
    assert Punch.select().count() == 1


def test_a_refused_hand_leaves_nothing(cast):
    activity, (turn,) = there(cast, home_visit=True)
    with clock.past(at(activity.day, "09:30")), pytest.raises(Refusal, match="2 人"):
        presence.by_hand(turn.id, True, REASON, cast.recorder)
    assert Punch.select().count() == 0 and state_of(turn)[0] == "rostered"


# --- who is there, and the record ---


def test_who_is_there_counts_everybody_once(cast):
    activity, turns = there(cast, "李明", "王芳", "赵强", "钱进")
    kiosk = opened(cast, activity)
    press(kiosk, turns[0], True, "08:56")
    press(kiosk, turns[1], True, "08:57")
    press(kiosk, turns[1], False, "09:20")
    moved(turns[3], "cancel", "08:40", cast.recorder, "家里有事")
    with clock.past(at(activity.day, "09:30")):
        people = present.who_is_there(activity.id)
    assert [(one.masked, one.word) for one in people] == [("李*", "在场"), ("王*", "已离开"), ("赵*", "应到未到")]
    with clock.past(at(activity.day, "08:10")):
        assert present.who_is_there(activity.id)[-1].where == "awaited"


def test_presence_becomes_records_of_origin_checked_in_by_the_usual_way(cast):
    activity, turns = there(cast, "李明", "王芳")
    kiosk = opened(cast, activity)
    for turn in turns:
        press(kiosk, turn, True, "08:56")
    press(kiosk, turns[0], False, "11:10")
    ready = present.ready_of(activity)
    assert [turn.id for turn, _ in ready.lines] == [turns[0].id] and [turn.id for turn in ready.unsigned] == [turns[1].id]
    paper, _ = present.record(activity.id, cast.recorder, "陪伴老人", "1")
    (row,) = ServiceRecord.select()
    assert (row.origin, row.state, row.minutes, row.sheet_id) == ("checked_in", "draft", 120, paper.id)
    ServiceRecord.move(row.id, "submit", cast.recorder)
    assert ServiceRecord.move(row.id, "approve", cast.head).origin == "checked_in"
    with pytest.raises(Refusal, match="还没有可以生成记录的签到"):
        present.record(activity.id, cast.recorder, "陪伴老人", "1")


def test_a_record_without_content_is_refused_whole(cast):
    activity, turns = there(cast, "李明", "王芳")
    kiosk = opened(cast, activity)
    for turn in turns:
        press(kiosk, turn, True, "08:56")
        press(kiosk, turn, False, "11:00")
    with pytest.raises(LinesRefused, match="服务内容"):
        present.record(activity.id, cast.recorder, "", "1")
    assert not ServiceRecord.select().exists()
    for who in (cast.county, cast.auditor, cast.admin):
        with pytest.raises(Refusal, match="不能办理"):
            present.record(activity.id, who, "陪伴老人", "1")
    with pytest.raises(NotFound):
        present.record(activity.id, cast.head_b, "陪伴老人", "1")


def test_a_station_sees_nothing_of_anothers_presses(cast):
    activity, (turn,) = there(cast)
    press(opened(cast, activity), turn, True, "08:56")
    row = Punch.get()
    assert find(Punch, row.id, cast.recorder) and find(Punch, row.id, cast.county)
    for who in (cast.head_b, cast.recorder_b):
        with pytest.raises(NotFound):
            find(Punch, row.id, who)
        with pytest.raises(NotFound):
            Punch.move(row.id, "accept", who, "当面核对过")


def test_two_turns_of_one_person_take_the_presses_that_lie_nearest(cast):
    activity, (first,) = there(cast, "李明", start="09:00", end="13:00")
    day = activity.day
    Assignment.update(ends_at=at(day, "10:00")).where(Assignment.id == first.id).execute()
    (second,) = rostered(
        cast, activity, Volunteer.get_by_id(first.volunteer_id), starts_at=at(day, "11:00"), ends_at=at(day, "13:00")
    )
    kiosk = opened(cast, activity)
    for into, hhmm in ((True, "08:55"), (False, "10:02"), (True, "10:50"), (False, "13:00")):
        press(kiosk, first, into, hhmm)
    assert state_of(first) == ("left", "08:55", "10:02") and state_of(second) == ("left", "10:50", "13:00")


def back_to_back(cast, start="11:00") -> tuple[Activity, Assignment, Assignment]:
    """Yesterday's turn from nine to eleven, and the same person's from ``start`` to one."""
    activity, (first,) = there(cast, "李明", start="09:00", end="13:00")
    Assignment.update(ends_at=at(activity.day, "11:00")).where(Assignment.id == first.id).execute()
    hours = {"starts_at": at(activity.day, start), "ends_at": at(activity.day, "13:00")}
    (second,) = rostered(cast, activity, Volunteer.get_by_id(first.volunteer_id), **hours)
    return activity, first, second


@pytest.mark.parametrize("late", [(), ("in",), ("out",)])
def test_turns_that_follow_each_other_want_no_press_between_in_whatever_order_they_come(cast, late):
    activity, first, second = back_to_back(cast)
    kiosk = opened(cast, activity)
    presses = [(True, "08:55", "14:00" if "in" in late else ""), (False, "13:02", "14:10" if "out" in late else "")]
    for into, hhmm, arrives in sorted(presses, key=lambda one: one[2] or one[1]):
        press(kiosk, first, into, hhmm, arrives=arrives)
    assert state_of(first) == ("left", "08:55", "11:00") and state_of(second) == ("left", "11:00", "13:02")
    ready = present.ready_of(activity)
    assert [(turn.id, seen.minutes) for turn, seen in ready.lines] == [(first.id, 120), (second.id, 120)]
    assert not ready.unsigned and not ready.nothing
    present.record(activity.id, cast.recorder, "陪伴老人", "1")
    assert sorted(row.minutes for row in ServiceRecord.select()) == [120, 120]


def test_turns_with_more_than_a_short_break_between_them_still_want_their_presses(cast):
    activity, first, second = back_to_back(cast, "11:30")
    kiosk = opened(cast, activity)
    press(kiosk, first, True, "08:55")
    press(kiosk, first, False, "13:00")
    assert state_of(first) == ("present", "08:55", "") and state_of(second)[0] == "rostered"
    assert [turn.id for turn in present.ready_of(activity).unsigned] == [first.id]


def test_whoever_goes_as_the_next_turn_begins_was_not_at_it(cast):
    activity, first, second = back_to_back(cast)
    kiosk = opened(cast, activity)
    press(kiosk, first, True, "08:55")
    press(kiosk, first, False, "11:05")
    assert state_of(first) == ("left", "08:55", "11:05") and state_of(second)[0] == "rostered"
    assert [(turn.id, seen.minutes) for turn, seen in present.ready_of(activity).lines] == [(first.id, 120)]


def test_what_comes_late_of_a_going_in_between_takes_the_second_turn_away_again(cast):
    activity, first, second = back_to_back(cast)
    kiosk = opened(cast, activity)
    for into, hhmm, arrives in ((True, "08:55", ""), (False, "13:02", ""), (False, "10:30", "14:00")):
        press(kiosk, first, into, hhmm, arrives=arrives)
    ready = present.ready_of(activity)
    assert [(turn.id, seen.minutes) for turn, seen in ready.lines] == [(first.id, 90)]
    assert [turn.id for turn in ready.nothing] == [second.id]


def test_her_phone_offers_to_go_from_the_second_turn_without_having_come_to_it(cast):
    activity, first, second = back_to_back(cast)
    kiosk = opened(cast, activity)
    press(kiosk, first, True, "08:55")
    rule = rule_of(activity)
    asked = [
        presence.to_press(presence.turns_of(activity.id, first.volunteer_id), at(activity.day, hhmm), rule)
        for hhmm in ("08:56", "10:59", "11:20", "13:01")
    ]
    assert [(turn.id, into) for turn, into in asked] == [(first.id, False), (first.id, False), (second.id, False), (second.id, False)]
    press(kiosk, first, False, "10:30")
    turn, into = presence.to_press(presence.turns_of(activity.id, first.volunteer_id), at(activity.day, "11:20"), rule)
    assert (turn.id, into) == (second.id, True)


def test_whoever_stayed_for_the_next_turn_is_there_at_it_and_not_missed(cast):
    activity, first, second = back_to_back(cast)
    kiosk = opened(cast, activity)
    press(kiosk, first, True, "08:55")
    for hhmm, word in (("10:30", "未到"), ("11:20", "在场")):
        with clock.past(at(activity.day, hhmm)):
            assert {one.turn.id: one.word for one in present.who_is_there(activity.id)} == {first.id: "在场", second.id: word}
    press(kiosk, first, False, "10:30", arrives="11:30")
    with clock.past(at(activity.day, "11:40")):
        assert {one.turn.id: one.word for one in present.who_is_there(activity.id)} == {first.id: "已离开", second.id: "应到未到"}


def test_a_lead_reads_which_presses_wait_and_nothing_of_what_was_found_of_the_person(cast, desk):
    activity, (lead, other) = going_on(cast, "李明", "王芳")
    Assignment.update(role="lead").where(Assignment.id == lead.id).execute()
    kiosk = kiosks.open_with(kiosks.offer(activity.id, cast.recorder)[1], "192.0.2.7")[0]
    stranger = cast.registered("赵铁柱")
    for turn in (other, stranger.card_no):
        presence.from_kiosk(kiosk, [sent(turn, True, clock.now(), off=(400, 400))])
    held = Punch.get(Punch.volunteer == other.volunteer_id)
    Punch.update(says="秘密：身体不便").where(Punch.id == held.id).execute()
    assert [(one.name, one.into, one.how) for one in present.waiting_of(activity.id)] == [("王芳", True, "签到台"), ("赵*柱", True, "签到台")]
    her = open_for(lead.volunteer_id, cast.head).actor()
    window = desk.signed_in_as(her).get(f"/me/lead/{activity.id}")
    assert window.says("待核对的签到 2 次") and window.says("设备时钟不准") and window.says("赵*柱")
    for secret in ("赵铁柱", "秘密", stranger.card_no):
        assert not window.says(secret), secret
    assert desk.signed_in_as(open_for(other.volunteer_id, cast.head).actor()).get(f"/me/lead/{activity.id}").status == 404
