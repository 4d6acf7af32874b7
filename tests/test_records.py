"""Keying a sheet: whole or not at all, every line answered, and nobody in two places at once."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from cast import at
from models import clock, keying
from models.activities import Activity, SignInSheet
from models.audit import Trail
from models.keying import Draft, LinesRefused, judge, key_in
from models.policy import PolicyVersion
from models.projects import Project
from models.records import ServiceRecord, move_all
from models.refusals import Refusal
from models.volunteers import Volunteer


def count() -> tuple[int, int]:
    return ServiceRecord.select().count(), Trail.select().count()


def test_a_sheet_is_taken_and_every_line_is_a_draft(cast):
    activity = cast.activity()
    rows = key_in([cast.draft(cast.registered(n), activity) for n in ("李明", "王芳")], cast.recorder)
    assert [(r.state, r.minutes, r.station_id, r.origin) for r in rows] == [("draft", 120, cast.a.id, "desk")] * 2
    assert rows[0].policy == "counting@53:2012-10-23"


def test_one_bad_line_refuses_the_sheet_and_every_line_is_answered(cast):
    activity, volunteer = cast.activity(), cast.registered()
    good = cast.draft(volunteer, activity)
    before = count()
    with pytest.raises(LinesRefused) as no:
        key_in(
            [good, replace(good, volunteer=None), cast.draft(volunteer, activity, "11:00", "10:00")], cast.recorder
        )
    assert [[f.where for f in line] for line in no.value.lines] == [[], ["volunteer"], ["ended_at"]]
    assert str(no.value).startswith("第 2 行：没有找到这位志愿者")
    assert count() == before
    assert key_in([good], cast.recorder)


def test_the_same_sheet_saved_again_changes_nothing(cast):
    activity, volunteer = cast.activity(), cast.registered()
    (row,) = key_in([cast.draft(volunteer, activity)], cast.recorder)
    before = count()
    (again,) = key_in([cast.draft(volunteer, activity, id=row.id)], cast.recorder)
    assert (again.id, again.revision, count()) == (row.id, 0, before)


def test_a_changed_line_is_changed_and_traced(cast):
    activity, volunteer = cast.activity(), cast.registered()
    (row,) = key_in([cast.draft(volunteer, activity)], cast.recorder)
    (again,) = key_in([cast.draft(volunteer, activity, "09:00", "09:45", id=row.id)], cast.recorder)
    assert (again.id, again.minutes, again.revision) == (row.id, 45, 1)
    assert Trail.select().order_by(Trail.id.desc()).first().action == "amend"


def test_a_submitted_line_cannot_be_changed_but_may_stand_in_the_sheet_as_it_is(cast):
    activity, volunteer = cast.activity(), cast.registered()
    (row,) = key_in([cast.draft(volunteer, activity)], cast.recorder)
    move_all([row.id], "submit", cast.recorder)
    with pytest.raises(LinesRefused, match="这一行已是「待审核」，不能再改"):
        key_in([cast.draft(volunteer, activity, "09:00", "09:45", id=row.id)], cast.recorder)
    new = cast.draft(cast.registered("王芳"), activity)
    assert len(key_in([cast.draft(volunteer, activity, id=row.id), new], cast.recorder)) == 2


def test_a_late_line_is_taken_marked_and_can_be_saved_again(cast):
    activity, volunteer = cast.activity(clock.today() - timedelta(days=60)), cast.registered()
    draft = cast.draft(volunteer, activity)
    (row,) = key_in([draft], cast.recorder)
    assert (row.backfilled, row.origin) == (True, "backfilled")
    move_all([row.id], "submit", cast.recorder)
    (again,) = key_in([replace(draft, id=row.id)], cast.recorder)
    assert (again.revision, again.state) == (1, "submitted")


def test_a_line_in_time_is_not_marked(cast):
    (row,) = key_in([cast.draft(cast.registered(), cast.activity())], cast.recorder)
    assert (row.backfilled, row.origin) == (False, "desk")


def test_two_lines_of_one_sheet_overlap(cast):
    activity, volunteer = cast.activity(), cast.registered()
    lines = [cast.draft(volunteer, activity), cast.draft(volunteer, activity, "10:30", "12:00")]
    with pytest.raises(LinesRefused) as no:
        key_in(lines, cast.recorder)
    assert [bool(found) for found in no.value.lines] == [False, True]
    assert "本表另一行" in str(no.value)
    lines[1] = cast.draft(volunteer, activity, "11:00", "12:00")
    assert len(key_in(lines, cast.recorder)) == 2


def test_an_earlier_record_of_the_station_is_named_and_another_stations_is_not(cast):
    activity, volunteer = cast.activity(), cast.registered()
    key_in([cast.draft(volunteer, activity)], cast.recorder)
    with pytest.raises(LinesRefused, match="时间重叠：「上门陪伴」"):
        key_in([cast.draft(volunteer, activity, "10:00", "12:00")], cast.recorder)
    elsewhere = cast.activity(by=cast.recorder_b)
    with pytest.raises(LinesRefused, match="时间重叠：其他工作站的记录") as no:
        key_in([cast.draft(volunteer, elsewhere, "10:00", "12:00")], cast.recorder_b)
    assert "上门陪伴" not in str(no.value) and "文林" not in str(no.value)
    assert key_in([cast.draft(volunteer, elsewhere, "11:00", "12:00")], cast.recorder_b)


def test_a_void_record_gives_its_time_free(cast):
    activity, volunteer = cast.activity(), cast.registered()
    (row,) = key_in([cast.draft(volunteer, activity)], cast.recorder)
    ServiceRecord.move(row.id, "void", cast.recorder, "重复")
    assert key_in([cast.draft(volunteer, activity)], cast.recorder)


def test_the_same_record_twice_in_one_sheet_is_refused(cast):
    activity, volunteer = cast.activity(), cast.registered()
    (row,) = key_in([cast.draft(volunteer, activity)], cast.recorder)
    lines = [
        cast.draft(volunteer, activity, "13:00", "14:00", id=row.id),
        cast.draft(volunteer, activity, "15:00", "16:00", id=row.id),
    ]
    with pytest.raises(LinesRefused, match="改的是同一条记录"):
        key_in(lines, cast.recorder)


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"activity": None}, "activity"),
        ({"quality": "9"}, "quality"),
        ({"sheet": 10**9}, "sheet"),
        ({"remark": "长" * 201}, "remark"),
        ({"content": "a\x00b"}, "content"),
        ({"origin": "gift"}, "origin"),
        ({"volunteer": 10**9}, "volunteer"),
        ({"id": 10**9}, "volunteer"),
        ({"started_at": None}, "started_at"),
    ],
)
def test_each_column_of_a_line_is_checked(cast, more, where):
    good = cast.draft(cast.registered(), cast.activity())
    with pytest.raises(LinesRefused) as no:
        key_in([replace(good, **more)], cast.recorder)
    assert [f.where for f in no.value.lines[0]] == [where]
    assert key_in([good], cast.recorder)


def test_a_slip_in_the_year_is_a_finding_and_not_a_crash(cast):
    good = cast.draft(cast.registered(), cast.activity())
    bad = replace(good, started_at=datetime(1025, 3, 5, 9), ended_at=datetime(1025, 3, 5, 11))
    with pytest.raises(LinesRefused, match="没有生效的「工时计算」政策"):
        key_in([bad], cast.recorder)


def test_the_line_must_fall_on_the_day_of_its_activity(cast):
    activity, volunteer = cast.activity(), cast.registered()
    good = cast.draft(volunteer, activity)
    day = activity.day - timedelta(days=1)
    with pytest.raises(LinesRefused, match=r"与活动日期 .* 不一致"):
        key_in([replace(good, started_at=at(day, "09:00"), ended_at=at(day, "11:00"))], cast.recorder)


def test_nobody_serves_at_a_cancelled_activity(cast):
    activity, volunteer = cast.activity(), cast.registered()
    Activity.move(activity.id, "cancel", cast.head, "下雨")
    with pytest.raises(LinesRefused, match="已取消"):
        key_in([cast.draft(volunteer, activity)], cast.recorder)


def test_who_is_not_registered_or_suspended_cannot_be_recorded(cast):
    from cast import person

    activity = cast.activity()
    applied = Volunteer.enter(cast.recorder, **person("赵六"))
    suspended = cast.registered("孙七")
    Volunteer.move(suspended.id, "suspend", cast.head, "迁走")
    with pytest.raises(LinesRefused, match=r"赵六 还没有审核注册.*孙七 已停用"):
        key_in([cast.draft(applied, activity), cast.draft(suspended, activity)], cast.recorder)


def test_a_strangers_name_is_not_read_out_to_whoever_tries_numbers(cast):
    suspended = cast.registered("孙七")
    Volunteer.move(suspended.id, "suspend", cast.head, "迁走")
    with pytest.raises(LinesRefused, match="这位志愿者 已停用") as no:
        key_in([cast.draft(suspended, cast.activity(by=cast.recorder_b))], cast.recorder_b)
    assert "孙七" not in str(no.value)


def test_a_visiting_volunteers_record_belongs_to_the_station_where_it_was_done(cast):
    visitor = cast.registered("李明")
    (row,) = key_in([cast.draft(visitor, cast.activity(by=cast.recorder_b))], cast.recorder_b)
    assert row.station_id == cast.b.id
    assert Trail.select().order_by(Trail.id.desc()).first().station == cast.b.id


def test_the_daily_cap_holds_across_stations(cast):
    visitor = cast.registered()
    key_in([cast.draft(visitor, cast.activity(), "00:00", "08:00")], cast.recorder)
    elsewhere = cast.activity(by=cast.recorder_b)
    with pytest.raises(LinesRefused, match="超过每天 12 小时的上限"):
        key_in([cast.draft(visitor, elsewhere, "09:00", "13:01")], cast.recorder_b)
    assert key_in([cast.draft(visitor, elsewhere, "09:00", "13:00")], cast.recorder_b)


def test_the_policy_of_the_day_of_service_counts_and_is_kept(cast):
    today = clock.today()
    PolicyVersion.create(
        topic="counting", division="530102", since=today - timedelta(days=3), source="区文件",
        values={
            "rounding_minutes": 60, "rounding": "down", "minimum_minutes": 60, "raise_to_minimum": True,
            "daily_cap_minutes": 480, "travel_counts": False, "presence_share": 50, "training_counts": False,
        },
    )  # fmt: skip
    volunteer = cast.registered()
    new = cast.draft(volunteer, cast.activity(today - timedelta(days=1)), "09:00", "09:10")
    old = cast.draft(volunteer, cast.activity(today - timedelta(days=5)), "09:00", "09:10")
    rows = key_in([new, old], cast.recorder)
    assert [r.minutes for r in rows] == [60, 10]
    assert rows[0].policy == f"counting@53:20121023+530102:{today - timedelta(days=3):%Y%m%d}"
    assert rows[1].policy == "counting@53:2012-10-23"


def test_the_place_a_policy_asks_for_is_the_activitys(cast):
    PolicyVersion.create(
        topic="record_format", division="5301", since=date(2020, 1, 1), source="市文件",
        values={
            "required": ["content", "place"], "deadline_working_days": 10, "content_max": 900,
            "across_midnight": False, "travel_max_minutes": 240,
        },
    )  # fmt: skip
    line = replace(cast.draft(cast.registered(), cast.activity()), content="长" * 900, quality="")
    assert key_in([line], cast.recorder)


def test_the_sheet_must_be_the_activitys_own(cast):
    activity, other = cast.activity(), cast.activity()
    sheet = SignInSheet.enter(cast.recorder, activity=activity.id)
    assert (sheet.number, SignInSheet.enter(cast.recorder, activity=activity.id).number) == (1, 2)
    volunteer = cast.registered()
    with pytest.raises(LinesRefused, match="这张签到表不是这次活动的"):
        key_in([cast.draft(volunteer, other, sheet=sheet.id)], cast.recorder)
    assert key_in([cast.draft(volunteer, activity, sheet=sheet.id)], cast.recorder)
    with pytest.raises(Refusal, match="不能改到别的活动"):
        SignInSheet.amend(sheet.id, cast.recorder, activity=other.id)
    with pytest.raises(Refusal, match="已有第 2 张签到表"):
        SignInSheet.amend(sheet.id, cast.recorder, number=2)
    assert SignInSheet.amend(sheet.id, cast.recorder, note="第一页").number == 1


def test_an_activity_with_records_keeps_its_day_and_cannot_be_cancelled(cast):
    activity = cast.activity()
    (row,) = key_in([cast.draft(cast.registered(), activity)], cast.recorder)
    with pytest.raises(Refusal, match="不能再改日期"):
        Activity.amend(activity.id, cast.recorder, day=activity.day - timedelta(days=1))
    with pytest.raises(Refusal, match="不能取消"):
        Activity.move(activity.id, "cancel", cast.head, "下雨")
    assert Activity.amend(activity.id, cast.recorder, lead="孙丽").lead == "孙丽"
    ServiceRecord.move(row.id, "void", cast.recorder, "填错")
    assert Activity.move(activity.id, "cancel", cast.head, "下雨").state == "cancelled"
    with pytest.raises(Refusal, match="活动已取消"):
        Activity.amend(activity.id, cast.recorder, lead="周红")


def test_an_activity_of_tomorrow_has_not_been_held(cast):
    with pytest.raises(Refusal, match="还没有到"):
        Activity.move(cast.activity(clock.today() + timedelta(days=1)).id, "hold", cast.recorder)


def test_a_published_project_is_amended_by_the_head_and_goes_on_holding_its_activities(cast):
    activity = cast.activity()
    project = activity.project_id
    with pytest.raises(Refusal, match="由站长修改"):
        Project.amend(project, cast.recorder, headcount=5)
    with pytest.raises(Refusal, match="开始日期不能更晚"):
        Project.amend(project, cast.head, starts_on=activity.day + timedelta(days=1))
    with pytest.raises(Refusal, match="结束日期不能更早"):
        Project.amend(project, cast.head, ends_on=activity.day - timedelta(days=1))
    assert Project.amend(project, cast.head, ends_on=activity.day).ends_on == activity.day
    Project.move(project, "close", cast.head)
    with pytest.raises(Refusal, match="已结项，不能再修改"):
        Project.amend(project, cast.head, headcount=5)
    with pytest.raises(Refusal, match="已结项，不能再安排活动"):
        Activity.enter(cast.recorder, project=project, name="x", day=activity.day, place="x", lead="x")


def test_the_head_who_changed_a_line_does_not_approve_it(cast):
    activity, volunteer = cast.activity(), cast.registered()
    (row,) = key_in([cast.draft(volunteer, activity)], cast.recorder)
    key_in([cast.draft(volunteer, activity, "08:00", "12:00", id=row.id)], cast.head)
    move_all([row.id], "submit", cast.recorder)
    with pytest.raises(Refusal, match=r"李明 .*月.*日 08:00：不能审核通过自己改过的内容"):
        move_all([row.id], "approve", cast.head)
    assert move_all([row.id], "approve", cast.deputy) == 1


def test_a_batch_is_moved_whole_or_not_at_all(cast):
    activity = cast.activity()
    rows = key_in([cast.draft(cast.registered(n), activity) for n in ("李明", "王芳")], cast.recorder)
    move_all([rows[0].id], "submit", cast.recorder)
    with pytest.raises(Refusal, match="王芳"):
        move_all([row.id for row in rows], "approve", cast.head)
    assert {r.state for r in ServiceRecord.select()} == {"draft", "submitted"}
    assert move_all([row.id for row in rows], "submit", cast.recorder) == 1


def test_a_recorder_who_may_not_publish_leaves_no_notice_behind(cast):
    from models.notices import Notice

    (row,) = key_in([cast.draft(cast.registered(), cast.activity())], cast.recorder)
    with pytest.raises(Refusal, match="不在记录员的职责内"):
        move_all([row.id], "notice", cast.recorder)
    assert Notice.select().count() == 0


def test_a_batch_is_judged_as_one_and_still_line_by_line(cast, monkeypatch):
    activity, volunteer = cast.activity(), cast.registered("李明")
    rows = key_in(
        [cast.draft(volunteer, activity)] + [cast.draft(cast.registered(n), activity) for n in ("王芳", "赵强")],
        cast.recorder,
    )
    asked = []
    monkeypatch.setattr(keying, "judge", lambda *what: asked.append(1) or judge(*what))
    assert move_all([row.id for row in rows], "submit", cast.recorder) == 3
    assert len(asked) == 1
    Volunteer.move(volunteer.id, "suspend", cast.head, reason="外出务工")
    with pytest.raises(Refusal, match="李明 已停用"):
        move_all([row.id for row in rows], "approve", cast.head)
    assert {ServiceRecord.get_by_id(row.id).state for row in rows} == {"submitted"}


def test_a_line_is_held_against_one_of_the_batch_that_does_not_move(cast):
    activity, volunteer = cast.activity(), cast.registered()
    first, second = key_in(
        [cast.draft(volunteer, activity), cast.draft(volunteer, activity, "11:00", "12:00")], cast.recorder
    )
    move_all([second.id], "submit", cast.recorder)
    ServiceRecord.update(ended_at=at(activity.day, "11:30")).where(ServiceRecord.id == first.id).execute()
    with pytest.raises(Refusal, match="时间重叠"):
        move_all([first.id, second.id], "submit", cast.recorder)


def test_a_line_changed_since_the_batch_was_judged_is_judged_anew(cast):
    activity, volunteer = cast.activity(), cast.registered()
    (row,) = key_in([cast.draft(volunteer, activity)], cast.recorder)
    judged = {row.id: (Draft.of(row), [])}
    ServiceRecord.update(ended_at=row.started_at).where(ServiceRecord.id == row.id).execute()
    with pytest.raises(Refusal, match="应晚于开始时间"):
        ServiceRecord.move(row.id, "submit", cast.recorder, judged=judged)
