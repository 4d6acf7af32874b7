"""评价 (Order 67 arts. 10, 11): each side once, in time or marked late, many at once or none, and who was forgotten."""

from datetime import date, timedelta

import pytest

from desk import queries
from models import clock
from models.activities import Activity
from models.assessments import Assessment, assess, to_assess, unassessed
from models.keying import LinesRefused, key_in
from models.records import ServiceRecord, move_all
from models.refusals import NotFound, Refusal


@pytest.fixture
def records(cast) -> list[ServiceRecord]:
    activity = cast.activity()
    rows = key_in([cast.draft(cast.registered(n), activity) for n in ("李明", "王芳", "赵强")], cast.recorder)
    move_all([row.id for row in rows], "submit", cast.recorder)
    return rows


def said(record, **more) -> dict:
    return {"record": record.id, "side": "recipient", "quality": "1", "said_by": "杨奶奶"} | more


def lines(records, quality: str = "1", **more) -> list[dict]:
    return [{"record": row.id, "quality": quality, **more} for row in records]


def test_each_side_says_its_word_once_and_the_keyed_quality_stands(cast, records):
    record = records[0]
    for side, quality in (("recipient", "1"), ("lead", "2"), ("station", "3")):
        row = Assessment.enter(cast.recorder, **said(record, side=side, quality=quality))
        assert (row.station_id, row.late, row.policy) == (cast.a.id, False, "handling@53:2012-10-23")
    with pytest.raises(Refusal, match="服务对象已经评价过这条记录"):
        Assessment.enter(cast.recorder, **said(record, quality="4"))
    assert ServiceRecord.get_by_id(record.id).quality == "1"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"quality": ""}, "请填写「服务质量」"),
        ({"quality": "9"}, "没有「9」这个代码"),
        ({"skill": "9"}, "没有「9」这个代码"),
        ({"side": "neighbour"}, "「评价方」没有「neighbour」这一项"),
        ({"said_by": " "}, "请填写「评价人」"),
        ({"said_by": "李明"}, "不能由志愿者本人评价"),
        ({"assessed_on": date(2020, 1, 1)}, "评价日期早于服务日期"),
        ({"assessed_on": date(2099, 1, 1)}, "还没有到"),
        ({"record": 10**9}, "没有找到所选的「服务记录」"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(cast, records, more, says):
    with pytest.raises(Refusal, match=says):
        Assessment.enter(cast.recorder, **(said(records[0]) | more))
    assert not Assessment.select().exists()
    assert Assessment.enter(cast.recorder, **said(records[0]))


def test_the_service_of_a_void_record_is_not_assessed(cast, records):
    ServiceRecord.move(records[0].id, "return", cast.head, "重复")
    ServiceRecord.move(records[0].id, "void", cast.recorder, "重复")
    with pytest.raises(Refusal, match="这条记录已作废，不再评价"):
        Assessment.enter(cast.recorder, **said(records[0]))


def test_an_assessment_is_amended_but_not_moved_to_another(cast, records):
    row = Assessment.enter(cast.recorder, **said(records[0]))
    assert Assessment.amend(row.id, cast.recorder, quality="2").quality == "2"
    for change in ({"record": records[1].id}, {"side": "lead"}):
        with pytest.raises(Refusal, match="不能改到别的记录或评价方"):
            Assessment.amend(row.id, cast.recorder, **change)


def test_after_ten_working_days_it_is_late(cast):
    activity = cast.activity(clock.today() - timedelta(days=60))
    (record,) = key_in([cast.draft(cast.registered(), activity)], cast.recorder)
    assert Assessment.enter(cast.recorder, **said(record)).late
    soon = Assessment.enter(cast.recorder, **said(record, side="lead", assessed_on=activity.day + timedelta(days=10)))
    assert not soon.late


def test_one_side_speaks_of_a_whole_activity_at_once(cast, records):
    activity = records[0].activity
    assert [row.id for row in to_assess(activity, "lead", cast.recorder)] == [row.id for row in records]
    made = assess(activity.id, "lead", "赵敏", clock.today(), lines(records, "2", attitude="1"), cast.recorder)
    assert [(row.side, row.quality, row.attitude) for row in made] == [("lead", "2", "1")] * 3
    assert to_assess(activity, "lead", cast.recorder) == []
    assert len(to_assess(activity, "station", cast.recorder)) == 3


def test_many_are_taken_whole_or_not_at_all_and_each_line_is_answered(cast, records):
    activity = records[0].activity
    Assessment.enter(cast.recorder, **said(records[1], side="lead"))
    wrong = lines(records)
    wrong[0]["quality"] = "9"
    with pytest.raises(LinesRefused) as no:
        assess(activity.id, "lead", "赵敏", clock.today(), wrong, cast.recorder)
    assert [bool(found) for found in no.value.lines] == [True, True, False]
    assert "王芳：活动负责人已经评价过" in str(no.value)
    assert Assessment.select().count() == 1
    with pytest.raises(LinesRefused, match="不能由志愿者本人评价"):
        assess(activity.id, "station", "王芳", clock.today(), lines(records), cast.recorder)
    with pytest.raises(Refusal, match="至少给一位志愿者"):
        assess(activity.id, "lead", "赵敏", clock.today(), [], cast.recorder)
    with pytest.raises(LinesRefused, match="已经评价过"):
        assess(activity.id, "station", "赵敏", clock.today(), lines([records[0]] * 2), cast.recorder)


def test_another_activitys_record_and_another_stations_activity_are_not_found(cast, records):
    (other,) = key_in([cast.draft(cast.registered("孙丽"), cast.activity())], cast.recorder)
    with pytest.raises(LinesRefused, match="这次活动没有这一条记录"):
        assess(records[0].activity_id, "lead", "赵敏", clock.today(), lines([other]), cast.recorder)
    with pytest.raises(NotFound):
        assess(records[0].activity_id, "lead", "赵敏", clock.today(), lines(records), cast.recorder_b)
    with pytest.raises(Refusal, match="督导不能办理"):
        assess(records[0].activity_id, "lead", "赵敏", clock.today(), lines(records), cast.county)


def test_many_cost_no_more_questions_than_one(cast, records):
    activity = records[0].activity_id

    def reads(some) -> int:
        with queries() as sent:
            assess(activity, "lead", "赵敏", clock.today(), lines(some), cast.recorder)
        return len([s for s in sent if s.startswith("SELECT") and "setting" not in s])

    assert reads(records[:1]) == reads(records[1:])


def test_the_forgotten_are_listed_when_the_limit_is_past_and_no_sooner(cast, records):
    def listed() -> set[int]:
        return {row.id for row in ServiceRecord.select().where(unassessed(cast.head))}

    assert listed() == set()
    Assessment.enter(cast.recorder, **said(records[0]))
    clock.move_demo_clock(30)
    assert listed() == {records[1].id, records[2].id}
    assess(records[0].activity_id, "lead", "赵敏", clock.today(), lines(records[1:]), cast.recorder)
    assert listed() == set()


def test_the_limit_is_counted_in_working_days(cast, monkeypatch):
    day = date(2025, 9, 26)  # a Friday before 国庆、中秋 (1–8 October; 28 September and 11 October are worked)
    monkeypatch.setattr(clock, "now", lambda: clock.datetime(2025, 9, 26, 20))
    (record,) = key_in([cast.draft(cast.registered(), cast.activity(day))], cast.recorder)
    move_all([record.id], "submit", cast.recorder)
    for today, late in ((date(2025, 10, 16), False), (date(2025, 10, 17), True)):
        monkeypatch.setattr(clock, "now", lambda today=today: clock.datetime(today.year, today.month, today.day, 9))
        assert ServiceRecord.select().where(unassessed(cast.head)).exists() == late


def test_a_draft_is_not_yet_to_be_assessed(cast):
    key_in([cast.draft(cast.registered(), cast.activity())], cast.recorder)
    clock.move_demo_clock(30)
    assert not ServiceRecord.select().where(unassessed(cast.head)).exists()
    assert Activity.select().exists()
