"""排班 (方案 二(3)(4)): who is rostered and who is refused, coming and going, no-shows, and the lists to look at."""

from datetime import date, datetime, time, timedelta

import pytest
from served import need as a_need
from turns import moved, occasion, rostered, yesterday

from cast import at
from models import clock
from models.activities import Activity
from models.applications import Application
from models.assignments import Assignment, missed_by
from models.covers import Cover, insured_on
from models.keying import key_in
from models.matching import Ground
from models.projects import Post
from models.refusals import NotFound, Refusal
from models.rosters import assign, attended, clashing, need_of
from models.training import Qualification
from models.volunteers import Volunteer


def insured(cast, volunteer, first: date, last: date) -> Cover:
    return Cover.enter(
        cast.recorder, volunteer=volunteer.id, insurer="人保财险", policy_number="P1", starts_on=first, ends_on=last
    )


@pytest.fixture
def need(cast):
    """An old neighbour's, told yesterday and not yet given to any project."""
    return a_need(cast.recorder)


# --- entering ---


def test_a_turn_takes_the_activitys_hours_and_the_policy_that_judged_it(cast):
    activity, person = occasion(cast), cast.registered()
    (turn,) = rostered(cast, activity, person)
    assert (turn.starts_at, turn.ends_at) == (at(activity.day, "09:00"), at(activity.day, "11:00"))
    assert turn.policy == "roster@53:2012-10-23" and turn.state == "rostered"
    assert turn.station_id == cast.a.id and turn.entered_by == cast.recorder.account_id


def test_several_are_rostered_at_once_or_none_of_them(cast):
    activity = occasion(cast)
    fit, unfit = cast.registered("李明"), cast.registered("王芳")
    Volunteer.move(unfit.id, "suspend", cast.head, "搬走")
    with pytest.raises(Refusal, match="王芳：王芳 已停用；由站长恢复后可以排班"):
        rostered(cast, activity, fit, unfit)
    assert not Assignment.select().exists()
    assert len(rostered(cast, activity, fit, cast.registered("赵强"))) == 2


REFUSED = [
    ({"social_worker": ""}, {}, "还没有带队社工"),
    ({"risky": True}, {}, "没有在保的人身意外伤害保险"),
    ({"qualification": "01"}, {}, "资格；取得"),
    ({}, {"starts_at": "08:00"}, None),
    ({}, {"ends_at": "09:00"}, "结束时间应晚于开始时间 09:00"),
    ({}, {"ends_at": "08:00"}, "结束时间应晚于"),
]


@pytest.mark.parametrize(("activity", "turn", "says"), REFUSED, ids=[str(case[2]) for case in REFUSED])
def test_what_stands_in_the_way_is_refused(cast, activity, turn, says):
    row, person = occasion(cast, **activity), cast.registered()
    hours = {name: at(row.day, hhmm) for name, hhmm in turn.items()}
    if says is None:
        assert rostered(cast, row, person, **hours)
        return
    with pytest.raises(Refusal, match=says):
        rostered(cast, row, person, **hours)


def test_an_activity_without_hours_asks_for_them(cast):
    activity, person = cast.activity(), cast.registered()
    with pytest.raises(Refusal, match="请填写「开始时间」"):
        rostered(cast, activity, person)
    with clock.past(at(activity.day, "07:00")):
        row = Assignment.enter(
            cast.recorder, activity=activity.id, volunteer=person.id, starts_at=at(activity.day, "18:00"),
            ends_at=datetime.combine(activity.day + timedelta(days=1), time()),
        )  # fmt: skip
    assert row.ends == "24:00"


def test_what_is_over_or_cancelled_is_not_rostered(cast):
    person = cast.registered()
    activity = occasion(cast)
    with pytest.raises(Refusal, match="活动时间已过，不能再排班"):
        assign(activity.id, [person.id], cast.recorder)
    Activity.move(activity.id, "cancel", cast.head, "下雨")
    with pytest.raises(Refusal, match="活动已取消，不能排班"):
        rostered(cast, activity, person)
    with pytest.raises(Refusal, match="请先勾选要排班的志愿者"):
        assign(activity.id, [], cast.recorder)


def test_two_turns_that_share_time_are_refused_and_touching_ones_of_one_activity_are_not(cast):
    person, activity = cast.registered(), occasion(cast)
    rostered(cast, activity, person)
    with pytest.raises(Refusal, match=r"与 「上门陪伴」的排班 .* 时间重叠"):
        rostered(cast, occasion(cast, start="10:59", end="12:00", name="打扫"), person)
    assert rostered(cast, activity, person, starts_at=at(activity.day, "11:00"), ends_at=at(activity.day, "12:00"))
    with pytest.raises(Refusal, match="只隔 29 分钟；至少间隔 30 分钟"):
        rostered(cast, occasion(cast, start="12:29", end="13:00", name="打扫"), person)
    assert rostered(cast, occasion(cast, start="12:30", end="13:00", name="打扫"), person)


def test_a_cancelled_turn_frees_its_time(cast):
    person, activity = cast.registered(), occasion(cast)
    (turn,) = rostered(cast, activity, person)
    moved(turn, "cancel", "08:30", cast.recorder, "本人请假")
    assert rostered(cast, occasion(cast, start="10:00", name="打扫"), person)


def test_another_stations_record_stands_in_the_way_and_is_named_no_further(cast):
    person = cast.registered()
    there = cast.activity(yesterday(), by=cast.recorder_b, name="机密活动")
    key_in([cast.draft(person, there, "09:30", "10:30")], cast.recorder_b)
    with pytest.raises(Refusal) as no:
        rostered(cast, occasion(cast), person)
    assert "与 其他工作站的记录" in str(no.value) and "机密" not in str(no.value)


def test_a_day_and_a_week_have_their_most(cast):
    person, day = cast.registered(), yesterday()
    rostered(cast, occasion(cast, day, "08:00", "13:00"), person)
    with pytest.raises(Refusal, match=r"合计 8\.02 小时；每天最多 8 小时"):
        rostered(cast, occasion(cast, day, "14:00", "17:01"), person)
    assert rostered(cast, occasion(cast, day, "14:00", "17:00"), person)


def test_risky_work_needs_a_cover_on_the_day_itself(cast):
    person, activity = cast.registered(), occasion(cast, risky=True)
    day = activity.day
    insured(cast, person, day - timedelta(days=300), day - timedelta(days=1))
    insured(cast, person, day + timedelta(days=1), day + timedelta(days=300))
    with pytest.raises(Refusal, match="没有在保"):
        rostered(cast, activity, person)
    insured(cast, person, day, day)
    assert rostered(cast, activity, person)
    assert insured_on([person.id], day) == {person.id} and insured_on([], day) == set()


def test_a_minor_takes_part_with_consent_and_never_in_risky_work(cast):
    birth = clock.today() - timedelta(days=15 * 365)
    guarded = {"guardian_name": "李母", "guardian_phone": "13900000000", "consent_on": clock.today()}
    child = cast.registered("小李", birth=birth, **guarded)  # agreed to after the day of the activity
    with pytest.raises(Refusal, match="没有监护人同意"):
        rostered(cast, occasion(cast), child)
    Volunteer.amend(child.id, cast.head, consent_on=yesterday())
    assert rostered(cast, occasion(cast), child)
    insured(cast, child, yesterday(), yesterday())
    with pytest.raises(Refusal, match="未成年人不参加有人身危险的活动"):
        rostered(cast, occasion(cast, start="14:00", end="15:00", risky=True), child)


def test_a_qualification_is_judged_on_the_day(cast):
    person, activity = cast.registered(), occasion(cast, qualification="01")
    held = Qualification.enter(
        cast.recorder, volunteer=person.id, kind="01", granted_on=activity.day - timedelta(days=30),
        expires_on=activity.day - timedelta(days=1), proof="原件已看",
    )  # fmt: skip
    name = next(m.name for m in Qualification.life.moves if m.target == "valid")
    Qualification.move(held.id, name, cast.head)
    with pytest.raises(Refusal, match="活动当天没有"):
        rostered(cast, activity, person)
    Qualification.update(expires_on=activity.day).where(Qualification.id == held.id).execute()
    assert rostered(cast, activity, person)


def test_a_need_must_still_be_met_and_belong_to_the_project(cast, need):
    person, activity = cast.registered(), occasion(cast)
    (turn,) = rostered(cast, activity, person, need=need.id)
    assert turn.need_id == need.id
    with pytest.raises(NotFound):
        rostered(cast, activity, cast.registered("王芳"), need=10**6)


def test_a_stranger_rosters_nobody(cast):
    activity, person = occasion(cast), cast.registered()
    with pytest.raises(NotFound):
        rostered(cast, activity, person, by=cast.head_b)
    with pytest.raises(Refusal, match="督导不能办理"):
        rostered(cast, activity, person, by=cast.county)
    theirs = occasion(cast, by=cast.recorder_b)
    with pytest.raises(Refusal, match="没有找到所选的「志愿者」"):
        rostered(cast, theirs, person, by=cast.head_b)


# --- coming and going ---


def test_she_signs_in_and_out_at_the_hour(cast):
    (turn,) = rostered(cast, occasion(cast), cast.registered())
    assert moved(turn, "sign_in", "09:02", cast.recorder).came_at == at(yesterday(), "09:02")
    assert moved(turn, "sign_out", "11:04", cast.head).left_at == at(yesterday(), "11:04")


UNTIMELY = [
    ("sign_in", {}, "请填写实际签到的时间"),
    ("sign_in", {"came_at": "11:00"}, "排班到 11:00 为止"),
    ("sign_in", {"came_at": ("09:00", 1)}, "签到时间应在活动当天|还没有到"),
    ("sign_in", {"came_at": ("09:00", -1)}, "签到时间应在活动当天"),
    ("sign_out", {}, "请填写实际签退的时间"),
    ("sign_out", {"left_at": "08:59"}, "签退时间应晚于签到时间 09:00"),
    ("sign_out", {"left_at": ("11:00", 2)}, "还没有到"),
]


@pytest.mark.parametrize(("name", "when", "says"), UNTIMELY)
def test_an_untimely_sign_is_refused(cast, name, when, says):
    (turn,) = rostered(cast, occasion(cast), cast.registered())
    if name == "sign_out":
        moved(turn, "sign_in", "09:00", cast.recorder)
    details = {}
    for column, said in when.items():
        hhmm, days = said if isinstance(said, tuple) else (said, 0)
        details[column] = at(yesterday() + timedelta(days=days), hhmm)
    before = Assignment.get_by_id(turn.id).state
    with pytest.raises(Refusal, match=says):
        Assignment.move(turn.id, name, cast.recorder, **details)
    assert Assignment.get_by_id(turn.id).state == before


def test_the_day_after_the_desk_says_when_it_was(cast):
    (turn,) = rostered(cast, occasion(cast), cast.registered())
    Assignment.move(turn.id, "sign_in", cast.recorder, came_at=at(yesterday(), "09:10"))
    row = Assignment.move(turn.id, "sign_out", cast.recorder, left_at=at(yesterday(), "11:00"))
    assert (row.signed_in, row.signed_out) == ("09:10", "11:00")


def test_at_the_door_the_law_is_asked_once_more(cast):
    person, activity = cast.registered(), occasion(cast, risky=True)
    cover = insured(cast, person, yesterday(), yesterday())
    (turn,) = rostered(cast, activity, person)
    Cover.amend(
        cover.id, cast.recorder, starts_on=yesterday() - timedelta(days=9), ends_on=yesterday() - timedelta(days=1)
    )
    with pytest.raises(Refusal, match="没有在保"):
        moved(turn, "sign_in", "09:00", cast.recorder)


def test_nobody_visits_a_home_alone(cast):
    one, two = cast.registered("李明"), cast.registered("王芳")
    activity = occasion(cast, home_visit=True, headcount=2)
    (turn,) = rostered(cast, activity, one)
    with pytest.raises(Refusal, match="入户须至少 2 人同行，现在排了 1 人；再排 1 人"):
        moved(turn, "sign_in", "09:00", cast.recorder)
    rostered(cast, activity, two)
    assert moved(turn, "sign_in", "09:00", cast.recorder).state == "present"
    with pytest.raises(Refusal, match="计划人数应不少于 2"):
        occasion(cast, home_visit=True, headcount=1)


def test_a_no_show_has_its_reason_and_is_counted(cast):
    person = cast.registered()
    (turn,) = rostered(cast, occasion(cast), person)
    with pytest.raises(Refusal, match="排班时间还没有到"):
        moved(turn, "miss", "08:59", cast.recorder, "没来")
    assert moved(turn, "miss", "09:30", cast.recorder, "电话未接").reason == "电话未接"
    assert missed_by([person.id]) == {person.id: 1}
    assert missed_by([person.id], since=clock.today()) == {}


def test_moves_are_offered_in_their_time(cast):
    (turn,) = rostered(cast, occasion(cast), cast.registered())
    offered = []
    for hhmm in ("08:30", "10:00", "12:00"):
        with clock.past(at(yesterday(), hhmm)):
            offered.append([m.name for m in Assignment.get_by_id(turn.id).legal_moves(cast.recorder)])
    assert offered == [
        ["confirm", "sign_in", "cancel"],
        ["confirm", "sign_in", "miss", "cancel"],
        ["sign_in", "miss", "cancel"],
    ]


def test_a_turn_that_is_over_is_not_confirmed_nor_amended(cast):
    (turn,) = rostered(cast, occasion(cast), cast.registered())
    with pytest.raises(Refusal, match="排班时间已过"):
        Assignment.move(turn.id, "confirm", cast.recorder)
    moved(turn, "miss", "10:00", cast.recorder, "没来")
    with pytest.raises(Refusal, match="排班未到岗，不能再修改"):
        Assignment.amend(turn.id, cast.recorder, remark="改")


def test_a_remark_is_amended_without_judging_anew(cast):
    (turn,) = rostered(cast, occasion(cast), cast.registered())
    assert Assignment.amend(turn.id, cast.recorder, remark="带血压计").remark == "带血压计"


# --- what becomes of an activity ---


def test_cancelling_an_activity_calls_off_its_turns(cast):
    activity = occasion(cast)
    (turn,) = rostered(cast, activity, cast.registered())
    Activity.move(activity.id, "cancel", cast.head, "暴雨")
    row = Assignment.get_by_id(turn.id)
    assert (row.state, row.reason) == ("cancelled", "活动已取消：暴雨")


def test_an_activity_with_a_roster_is_not_moved_to_another_day(cast):
    activity = occasion(cast)
    (turn,) = rostered(cast, activity, cast.registered())
    with pytest.raises(Refusal, match="已排班 1 人，改期前请先取消排班"):
        Activity.amend(activity.id, cast.recorder, day=clock.today())
    assert Activity.amend(activity.id, cast.recorder, place="广场").place == "广场"
    moved(turn, "cancel", "08:30", cast.recorder, "改期")
    assert Activity.amend(activity.id, cast.recorder, day=clock.today()).day == clock.today()


def test_whoever_came_and_is_not_recorded_yet_fills_the_sheet(cast):
    activity = occasion(cast)
    names = ("李明", "王芳", "赵强", "孙丽")
    turns = rostered(cast, activity, *(cast.registered(name) for name in names))
    for turn, hhmm in zip(turns[:3], ("09:05", "09:00", "09:10"), strict=True):
        moved(turn, "sign_in", hhmm, cast.recorder)
    moved(turns[0], "sign_out", "11:00", cast.recorder)
    assert [row.volunteer.name for row in attended(activity.id)] == ["王芳", "李明", "赵强"]
    key_in([cast.draft(turns[1].volunteer, activity)], cast.recorder)
    assert [row.volunteer.name for row in attended(activity.id)] == ["李明", "赵强"]


def test_a_record_keyed_later_shows_as_a_clash(cast):
    person = cast.registered()
    (turn,) = rostered(cast, occasion(cast), person)
    assert clashing([turn.id]) == {}
    key_in([cast.draft(person, cast.activity(yesterday(), name="打扫"), "10:00", "12:00")], cast.recorder)
    (said,) = clashing([turn.id])[turn.id]
    assert said.startswith("「打扫」的记录") and said.endswith("10:00–12:00")
    key_in([cast.draft(person, Activity.get_by_id(turn.activity_id), "09:00", "10:00")], cast.recorder)
    assert len(clashing([turn.id])[turn.id]) == 1  # the record of the turn itself is none


def test_a_record_leads_to_the_need_of_its_turn_else_to_those_of_its_project(cast, need, desk):
    activity = occasion(cast)
    one, other = cast.registered("李明"), cast.registered("王芳")
    rostered(cast, activity, one, need=need.id)
    first, second = key_in([cast.draft(one, activity), cast.draft(other, activity)], cast.recorder)
    assert need_of(first, cast.head) == need
    assert need_of(second, cast.head) is None and need_of(first, cast.head_b) is None
    window, door = desk.signed_in_as(cast.head), f"/admin/needs/details/?id={need.id}"
    assert door in window.get(f"/admin/records/details/?id={first.id}").html
    assert door not in window.get(f"/admin/records/details/?id={second.id}").html
    type(need).update(project=activity.project_id).where(type(need).id == need.id).execute()
    assert door in window.get(f"/admin/records/details/?id={second.id}").html


# --- lists: for each a row that is in it and one that is not ---


def listed(condition) -> set[int]:
    return {row.id for row in Assignment.select().where(condition)}


def test_unsigned_is_whoever_is_still_in_half_an_hour_after_the_end(cast):
    late, done = rostered(cast, occasion(cast), cast.registered("李明"), cast.registered("王芳"))
    for turn in (late, done):
        moved(turn, "sign_in", "09:00", cast.recorder)
    moved(done, "sign_out", "11:00", cast.recorder)
    for hhmm, found in (("11:29", set()), ("11:30", {late.id})):
        with clock.past(at(yesterday(), hhmm)):
            assert listed(Assignment.unsigned(cast.recorder)) == found


def test_absent_is_whoever_never_signed_in_once_it_is_over(cast):
    gone, came = rostered(cast, occasion(cast), cast.registered("李明"), cast.registered("王芳"))
    moved(came, "sign_in", "09:00", cast.recorder)
    for hhmm, found in (("10:59", set()), ("11:00", {gone.id})):
        with clock.past(at(yesterday(), hhmm)):
            assert listed(Assignment.absent(cast.recorder)) == found
    moved(gone, "miss", "11:30", cast.recorder, "没来")
    assert listed(Assignment.absent(cast.recorder)) == set()
    assert listed(Assignment.no_shows(cast.recorder)) == {gone.id}


def test_upcoming_is_today_and_tomorrow(cast):
    today = yesterday() - timedelta(days=5)
    with clock.past(at(today - timedelta(days=2), "08:00")):
        turns = [
            assign(occasion(cast, today + timedelta(days=n)).id, [cast.registered().id], cast.recorder)[0]
            for n in (-1, 0, 1, 2)
        ]
    Assignment.move(turns[1].id, "sign_in", cast.recorder, came_at=at(today, "09:00"))
    with clock.past(at(today, "15:00")):
        assert listed(Assignment.upcoming(cast.recorder)) == {turns[1].id, turns[2].id}


def test_confirming_waits_in_the_last_days_before_the_turn(cast):
    today = yesterday() - timedelta(days=8)
    with clock.past(at(today, "08:00")):
        turns = [
            assign(occasion(cast, today + timedelta(days=n)).id, [cast.registered().id], cast.recorder)[0]
            for n in (0, 3, 4)
        ]
        confirm = Assignment.life.move("confirm")
        assert listed(Assignment.ripe(confirm, cast.recorder)) == {turns[0].id, turns[1].id}
        assert listed(Assignment.ripe(Assignment.life.move("sign_out"), cast.recorder)) == set()


def test_short_is_an_activity_soon_with_fewer_people_than_wanted(cast):
    today = yesterday() - timedelta(days=20)

    def on(n, **more):
        return occasion(cast, today + timedelta(days=n), **more)

    wants_two, full, alone, far, past = on(1, headcount=2), on(2, headcount=1), on(3), on(8, headcount=2), on(-1)
    visit = on(4, home_visit=True)
    with clock.past(at(today - timedelta(days=3), "08:00")):
        for activity in (wants_two, full, visit):
            assign(activity.id, [cast.registered().id], cast.recorder)
    with clock.past(at(today, "08:00")):
        found = {row.id for row in Activity.select().where(Activity.short(cast.recorder))}
    assert found == {wants_two.id, alone.id, visit.id}
    assert not found & {full.id, far.id, past.id}


def test_expiring_covers_are_those_that_nothing_follows(cast):
    today = clock.today()
    ends, renewed, later, over = (cast.registered(name) for name in ("李明", "王芳", "赵强", "孙丽"))
    soon = insured(cast, ends, today, today + timedelta(days=30))
    insured(cast, renewed, today, today + timedelta(days=10))
    insured(cast, renewed, today + timedelta(days=11), today + timedelta(days=300))
    insured(cast, later, today, today + timedelta(days=31))
    insured(cast, over, today - timedelta(days=9), today - timedelta(days=1))
    assert [row.id for row in Cover.select().where(Cover.expiring(cast.recorder))] == [soon.id]


def test_a_cover_is_checked_and_its_number_revealed_with_a_reason(cast):
    today, person = clock.today(), cast.registered()
    with pytest.raises(Refusal, match="到期日期应不早于生效日期"):
        insured(cast, person, today, today - timedelta(days=1))
    cover = insured(cast, person, today, today)
    assert cover.in_force() and not cover.in_force(today + timedelta(days=1))
    with pytest.raises(Refusal, match="请写明查看的理由"):
        cover.reveal("policy_number", cast.head, " ")
    assert cover.reveal("policy_number", cast.head, "保险理赔") == "P1"
    with pytest.raises(KeyError):
        cover.reveal("insurer", cast.head, "保险理赔")
    Volunteer.move(person.id, "suspend", cast.head, "搬走")
    with pytest.raises(Refusal, match="不用登记保险"):
        insured(cast, person, today, today)


# --- what the project's post asks for ---


def taken_on(cast, activity: Activity, person: Volunteer, **asks) -> Post:
    """The person is taken on for a post of the activity's project; what it asks for is written in afterwards."""
    post = Post.enter(cast.head, project=activity.project_id, name="陪护", headcount=3)
    row = Application.enter(cast.recorder, post=post.id, volunteer=person.id)
    Application.move(row.id, "accept", cast.head)
    return Post.amend(post.id, cast.head, **asks) if asks else post


def test_whoever_was_taken_on_for_the_post_is_held_to_what_it_asks(cast):
    activity, person, other = occasion(cast), cast.registered("李明"), cast.registered("王芳")
    taken_on(cast, activity, person, qualification="06", minimum_age=70)
    with pytest.raises(Refusal) as no:
        rostered(cast, activity, person)
    assert "没有「健康证」资格" in str(no.value) and "岗位要求满 70 周岁" in str(no.value)
    assert rostered(cast, activity, other)  # helps out without the post


def test_being_taken_on_and_the_posts_skills_count(cast):
    activity = occasion(cast, clock.today() + timedelta(days=1))
    able, taken, other = (
        cast.registered("李明", skills=["01"]), cast.registered("王芳"), cast.registered("赵强")
    )  # fmt: skip
    taken_on(cast, activity, taken, skills=["01"])
    ground = Ground.of(activity, None, at(activity.day, "09:00"), at(activity.day, "11:00"))
    found = {one.volunteer: one.match for one in ground.suggestions()}
    assert found[able.id].points - found[other.id].points == ground.rule.skill_points
    assert found[taken.id].points - found[other.id].points == ground.rule.applied_points
    assert any(reason.tag == "已录用：陪护" for reason in found[taken.id].reasons)
