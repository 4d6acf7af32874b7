"""异常 on real records: found at submission, explained by the desk, settled by another, and nothing approved before."""

from datetime import date, time, timedelta

import pytest

from cast import person
from desk import queries
from models import clock
from models.anomalies import Anomaly, AnomalyLine, note, unexplained
from models.audit import Trail
from models.keying import key_in
from models.policy import PolicyVersion
from models.records import ServiceRecord, move_all
from models.refusals import Refusal
from models.scope import within
from models.volunteers import Volunteer
from views.waiting import condition

SAID = {"explanation": "本人临时有事先走，带队社工在场"}


def strict(**more) -> None:
    values = {
        "gap_minutes": 20,
        "day_minutes": 480,
        "same_span_people": 3,
        "backfills": 2,
        "backfill_days": 30,
    } | more
    PolicyVersion.create(topic="anomalies", division="5301", since=date(2020, 1, 1), source="市文件", values=values)


def submitted(cast, lines, by=None) -> list[ServiceRecord]:
    rows = key_in(lines, by or cast.recorder)
    move_all([row.id for row in rows], "submit", by or cast.recorder)
    return rows


def kinds() -> list[str]:
    return [row.kind for row in Anomaly.select().order_by(Anomaly.id)]


@pytest.fixture
def brief(cast) -> ServiceRecord:
    """Li Ming was there for forty of a hundred and eighty minutes."""
    activity = cast.activity(starts_at=time(9), ends_at=time(12))
    return submitted(cast, [cast.draft(cast.registered("李明"), activity, "09:00", "09:40")])[0]


def test_plain_records_raise_nothing_and_are_approved(cast):
    activity = cast.activity(starts_at=time(9), ends_at=time(11))
    rows = submitted(cast, [cast.draft(cast.registered(n), activity) for n in ("李明", "王芳", "赵强")])
    assert kinds() == []
    assert move_all([row.id for row in rows], "approve", cast.head) == 3


def test_a_short_presence_is_asked_about_and_holds_the_approval(cast, brief):
    (odd,) = Anomaly.select()
    assert (odd.kind, odd.state, odd.policy) == ("presence", "asked", "anomalies@53:2012-10-23")
    assert [record.id for record in odd.records()] == [brief.id]
    with pytest.raises(Refusal, match=r"有异常还没有办结：李明 计 40 分钟.*（待说明）"):
        ServiceRecord.move(brief.id, "approve", cast.head)
    Anomaly.move(odd.id, "explain", cast.recorder, **SAID)
    with pytest.raises(Refusal, match="（已说明）"):
        ServiceRecord.move(brief.id, "approve", cast.head)
    Anomaly.move(odd.id, "pass", cast.head)
    assert ServiceRecord.move(brief.id, "approve", cast.head).state == "approved"


def test_a_batch_is_refused_by_the_name_of_the_record_that_is_odd(cast, brief):
    plain = submitted(cast, [cast.draft(cast.registered("王芳"), cast.activity())])[0]
    with pytest.raises(Refusal, match=r"李明 .*09:00：有异常还没有办结"):
        move_all([plain.id, brief.id], "approve", cast.head)
    assert ServiceRecord.get_by_id(plain.id).state == "submitted"
    move = ServiceRecord.life.move("approve")
    waiting = ServiceRecord.select().where(condition(ServiceRecord, move, "submitted", cast.head))
    assert [row.id for row in waiting] == [plain.id]  # what «全部审核» takes, and the inbox counts


def test_sent_back_the_records_go_back_with_the_reason_and_the_rest_of_the_sheet_does_not(cast, brief):
    plain = submitted(cast, [cast.draft(cast.registered("王芳"), cast.activity())])[0]
    odd = Anomaly.get()
    Anomaly.move(odd.id, "return", cast.head, "请核对离开时间")
    record = ServiceRecord.get_by_id(brief.id)
    assert (record.state, record.returned_for) == ("returned", "在场比例偏低：请核对离开时间")
    assert ServiceRecord.get_by_id(plain.id).state == "submitted"
    assert (Anomaly.get().state, Anomaly.get().verdict) == ("returned", "请核对离开时间")


def test_a_record_returned_for_another_reason_takes_its_question_with_it_and_is_asked_anew(cast, brief):
    ServiceRecord.move(brief.id, "return", cast.head, "签到表不清楚")
    assert Anomaly.get().state == "lapsed"
    ServiceRecord.move(brief.id, "submit", cast.recorder)
    assert [row.state for row in Anomaly.select().order_by(Anomaly.id)] == ["lapsed", "asked"]


def test_what_was_passed_once_is_not_asked_again_unless_it_reads_otherwise(cast, brief):
    odd = Anomaly.get()
    Anomaly.move(odd.id, "explain", cast.recorder, **SAID)
    Anomaly.move(odd.id, "pass", cast.head)
    ServiceRecord.move(brief.id, "return", cast.head, "签到表不清楚")
    ServiceRecord.move(brief.id, "submit", cast.recorder)
    assert kinds() == ["presence"]
    ServiceRecord.move(brief.id, "return", cast.head, "时间不对")
    key_in([cast.draft(brief.volunteer, brief.activity, "09:00", "09:30", id=brief.id)], cast.recorder)
    ServiceRecord.move(brief.id, "submit", cast.recorder)
    assert kinds() == ["presence"] * 2


def test_nobody_settles_what_is_odd_about_her_own_entry_or_her_own_explanation(cast):
    activity = cast.activity(starts_at=time(9), ends_at=time(12))
    submitted(cast, [cast.draft(cast.registered(), activity, "09:00", "09:40")], by=cast.head)
    odd = Anomaly.get()
    Anomaly.move(odd.id, "explain", cast.deputy, **SAID)
    for head in (cast.head, cast.deputy):
        with pytest.raises(Refusal, match="不能核实通过自己"):
            Anomaly.move(odd.id, "pass", head)
        move = Anomaly.life.move("pass")
        assert not Anomaly.select().where(condition(Anomaly, move, "explained", head)).exists()
    with pytest.raises(Refusal, match="不在记录员的职责内"):
        Anomaly.move(odd.id, "pass", cast.recorder)


def test_an_explanation_needs_its_words(cast, brief):
    with pytest.raises(Refusal, match="请填写「说明」"):
        Anomaly.move(Anomaly.get().id, "explain", cast.recorder, explanation=" ")


def test_a_whole_roster_with_one_span_is_one_anomaly_on_all_its_lines(cast):
    strict()
    activity = cast.activity()
    rows = submitted(cast, [cast.draft(cast.registered(n), activity) for n in ("李明", "王芳", "赵强")])
    assert kinds() == ["same_span"]
    assert AnomalyLine.select().count() == 3
    odd = Anomaly.get()
    Anomaly.move(odd.id, "return", cast.head, "按实际时间重填")
    assert {ServiceRecord.get_by_id(row.id).state for row in rows} == {"returned"}


def test_a_roster_submitted_line_by_line_is_seen_whole(cast):
    strict()
    activity = cast.activity()
    rows = key_in([cast.draft(cast.registered(n), activity) for n in ("李明", "王芳", "赵强")], cast.recorder)
    for row in rows:
        ServiceRecord.move(row.id, "submit", cast.recorder)
    assert [(a.kind, [r.id for r in a.records()]) for a in Anomaly.select()] == [("same_span", [rows[2].id])]


def test_two_stations_within_minutes_are_seen_and_the_other_is_not_named(cast):
    strict()
    visitor = cast.registered("李明")
    submitted(cast, [cast.draft(visitor, cast.activity(), "09:00", "11:00")])
    later = cast.draft(visitor, cast.activity(by=cast.recorder_b), "11:10", "12:00")
    submitted(cast, [later], by=cast.recorder_b)
    (odd,) = Anomaly.select()
    assert (odd.kind, odd.station_id) == ("elsewhere", cast.b.id)
    assert "只隔 10 分钟" in odd.says and "文林" not in odd.says
    assert not Anomaly.select().where(within(Anomaly, cast.head)).exists()


def test_a_long_day_counts_what_was_served_elsewhere(cast):
    visitor = cast.registered("李明")
    submitted(cast, [cast.draft(visitor, cast.activity(), "08:00", "13:00")])
    assert kinds() == []
    submitted(cast, [cast.draft(visitor, cast.activity(by=cast.recorder_b), "15:00", "18:01")], by=cast.recorder_b)
    assert kinds() == ["long_day"]


def test_who_keys_her_own_service_is_asked_about_it(cast):
    namesake = Volunteer.enter(cast.recorder, **person("刘记录"))
    Volunteer.move(namesake.id, "approve", cast.head)
    submitted(cast, [cast.draft(namesake, cast.activity())])
    assert kinds() == ["own_service"]
    submitted(cast, [cast.draft(namesake, cast.activity(), "14:00", "15:00")], by=cast.head)
    assert kinds() == ["own_service"]


def test_many_back_fills_of_one_recorder_are_asked_about(cast):
    strict(same_span_people=50)
    long_ago = clock.today() - timedelta(days=60)
    first, second = cast.activity(long_ago), cast.activity(long_ago)
    submitted(cast, [cast.draft(cast.registered("李明"), first)])
    assert kinds() == []
    submitted(cast, [cast.draft(cast.registered("王芳"), second)])
    assert kinds() == ["backfills"]
    submitted(cast, [cast.draft(cast.registered("赵强"), second)], by=cast.deputy)
    assert kinds() == ["backfills"]


def test_the_version_in_force_judges_and_is_kept(cast):
    strict(day_minutes=60)
    submitted(cast, [cast.draft(cast.registered(), cast.activity())])
    assert Anomaly.get().policy == "anomalies@53:20121023+5301:20200101"


def test_the_named_list_holds_what_waits_for_an_explanation(cast, brief):
    assert Anomaly.select().where(unexplained(cast.recorder)).count() == 1
    Anomaly.move(Anomaly.get().id, "explain", cast.recorder, **SAID)
    assert not Anomaly.select().where(unexplained(cast.recorder)).exists()


def test_each_is_traced_with_its_station(cast, brief):
    odd = Anomaly.get()
    trail = Trail.get(Trail.table == "anomaly", Trail.row == str(odd.id))
    assert (trail.action, trail.station, trail.account) == ("enter", cast.a.id, cast.recorder.account_id)


def test_many_lines_cost_no_more_statements_than_few(cast):
    activity = cast.activity(starts_at=time(9), ends_at=time(11))

    def cost(names: str) -> int:
        rows = key_in([cast.draft(cast.registered(n), activity) for n in names.split()], cast.recorder)
        with queries() as sent:
            assert note(rows, cast.recorder) == []
        return len(sent)

    assert cost("李明") == cost("王芳 赵强 孙丽 周红 吴刚") < 10
