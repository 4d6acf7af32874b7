"""投诉: handled by another than the one complained of, answered by its day, and only the upheld leave the house."""

from datetime import date, timedelta

import pytest

from cast import person
from models import clock
from models.activities import Activity
from models.audit import Trail
from models.base import database
from models.complaints import Complaint
from models.fields import keyring
from models.keying import key_in
from models.people import Account
from models.policy import PolicyVersion
from models.refusals import Refusal
from models.scope import SYSTEM
from models.volunteers import Volunteer
from views.waiting import condition

UPHELD = {"findings": "监控里 9:40 离开", "measure": "退回记录，当面提醒"}


@pytest.fixture
def record(cast):
    (row,) = key_in([cast.draft(cast.registered("李明"), cast.activity())], cast.recorder)
    return row


def complain(cast, by=None, **about) -> Complaint:
    return Complaint.enter(by or cast.recorder, said_by="王阿姨", reason="中途离开，时间不实", **about)


def waits_for(row: Complaint, name: str, by) -> bool:
    move = Complaint.life.move(name)
    return Complaint.select().where(Complaint.id == row.id, condition(Complaint, move, row.state, by)).exists()


def test_a_complaint_about_a_record_is_about_its_volunteer_and_activity(cast, record):
    row = complain(cast, record=record.id)
    assert (row.state, row.station_id) == ("open", cast.a.id)
    assert (row.volunteer_id, row.activity_id) == (record.volunteer_id, record.activity_id)
    assert row.policy == "handling@53:2012-10-23"


def test_it_is_answered_by_a_day_counted_in_working_days(cast, monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: date(2025, 9, 28))
    row = complain(cast, accused="某人", received_on=date(2025, 9, 25))
    assert row.due_on == date(2025, 10, 22)  # 国庆、中秋 1–8 October; 28 September and 11 October are worked


def test_a_county_may_set_its_own_days(cast):
    values = {"keying_days": 5, "assessment_days": 10, "complaint_days": 1, "appeal_days": 10}
    PolicyVersion.create(topic="handling", division="530102", since=date(2020, 1, 1), source="区文件", values=values)
    row = complain(cast, accused="某人")
    assert (row.due_on - row.received_on).days <= 8 and row.policy == "handling@53:20121023+530102:20200101"


def test_it_says_whom_or_what_it_is_about_and_agrees_with_the_record(cast, record):
    with pytest.raises(Refusal, match="请写明投诉的是哪位志愿者"):
        complain(cast)
    with pytest.raises(Refusal, match="所选记录不是这位志愿者的"):
        complain(cast, record=record.id, volunteer=cast.registered("王芳").id)
    with pytest.raises(Refusal, match="所选记录不是这次活动的"):
        complain(cast, record=record.id, activity=cast.activity().id)
    with pytest.raises(Refusal, match="还没有到"):
        complain(cast, accused="某人", received_on=clock.today() + timedelta(days=1))
    for about in ({"volunteer": record.volunteer_id}, {"activity": record.activity_id}, {"accused": "某人"}):
        assert complain(cast, **about)


def test_it_is_looked_into_decided_and_answered(cast, record):
    row = complain(cast, record=record.id)
    Complaint.move(row.id, "take", cast.head)
    row = Complaint.move(row.id, "uphold", cast.head, **UPHELD)
    assert (row.outcome, row.findings, row.measure, row.handler) == (
        "upheld", "监控里 9:40 离开", "退回记录，当面提醒", "张站长",
    )  # fmt: skip
    row = Complaint.move(row.id, "reply", cast.head, reply="已电话答复，表示满意")
    assert (row.state, row.outcome, row.replied_on) == ("replied", "upheld", clock.today())


@pytest.mark.parametrize(("day", "good"), [(-1, False), (0, True), (1, False)])
def test_an_answer_is_of_a_day_between_the_complaint_and_today(cast, day, good):
    row = complain(cast, accused="某人")
    Complaint.move(row.id, "take", cast.head)
    Complaint.move(row.id, "dismiss", cast.head, findings="与事实不符")
    on = clock.today() + timedelta(days=day)
    if good:
        assert Complaint.move(row.id, "reply", cast.head, reply="已答复", replied_on=on).replied_on == on
    else:
        with pytest.raises(Refusal, match="答复日期应在"):
            Complaint.move(row.id, "reply", cast.head, reply="已答复", replied_on=on)


def test_a_decision_says_what_was_found_and_an_upheld_one_what_was_done(cast):
    row = complain(cast, accused="某人")
    Complaint.move(row.id, "take", cast.head)
    with pytest.raises(Refusal, match="请填写「核查情况」"):
        Complaint.move(row.id, "dismiss", cast.head)
    with pytest.raises(Refusal, match="请填写「处理措施」"):
        Complaint.move(row.id, "uphold", cast.head, findings="属实")
    assert Complaint.move(row.id, "dismiss", cast.head, findings="与事实不符").outcome == "dismissed"


def test_whoever_took_it_down_does_not_handle_it(cast):
    row = complain(cast, by=cast.head, accused="某人")
    with pytest.raises(Refusal, match="不能开始核查自己录入的内容"):
        Complaint.move(row.id, "take", cast.head)
    assert not waits_for(row, "take", cast.head)
    for other in (cast.deputy, cast.county, cast.prefecture):
        assert waits_for(row, "take", other)
    assert Complaint.move(row.id, "take", cast.county).handler == "五华督导"


@pytest.mark.parametrize("about", ["accused", "lead", "keyed"])
def test_whoever_it_is_about_does_not_handle_it(cast, about):
    if about == "accused":
        row = complain(cast, accused="张站长")
    elif about == "lead":
        activity = cast.activity()
        Activity.amend(activity.id, cast.recorder, lead="张站长")
        row = complain(cast, activity=activity.id)
    else:
        (record,) = key_in([cast.draft(cast.registered("李明"), cast.activity())], cast.head)
        row = complain(cast, record=record.id)
    assert not waits_for(row, "take", cast.head)
    assert not Complaint.get_by_id(row.id).legal_moves(cast.head)
    with pytest.raises(Refusal, match="另一位站长或上级督导办理"):
        Complaint.move(row.id, "take", cast.head)
    assert waits_for(row, "take", cast.deputy)
    Complaint.move(row.id, "take", cast.deputy)
    for name, more in (("uphold", UPHELD), ("dismiss", {"findings": "不实"})):
        with pytest.raises(Refusal, match="另一位站长或上级督导办理"):
            Complaint.move(row.id, name, cast.head, **more)
    Complaint.move(row.id, "dismiss", cast.deputy, findings="不实")
    with pytest.raises(Refusal, match="另一位站长或上级督导办理"):
        Complaint.move(row.id, "reply", cast.head, reply="不实")


def test_a_supervisor_of_another_county_does_not_find_it(cast):
    row = complain(cast, accused="某人")
    next_county = Account.enter(
        SYSTEM, username="next", name="盘龙督导", role="supervisor", division="530103", active=True
    ).actor()
    with pytest.raises(Refusal, match="没有找到"):
        Complaint.move(row.id, "take", next_county)


def test_it_is_not_reworded_once_somebody_looks_into_it(cast):
    row = complain(cast, accused="某人")
    assert Complaint.amend(row.id, cast.recorder, reason="迟到一小时").reason == "迟到一小时"
    Complaint.move(row.id, "take", cast.head)
    with pytest.raises(Refusal, match="投诉内容不再改动"):
        Complaint.amend(row.id, cast.recorder, reason="没有迟到")


def test_how_to_reach_whoever_complains_is_sealed_and_shown_with_a_reason(cast):
    row = complain(cast, accused="某人", contact="13812345678")
    (raw,) = database.execute_sql("SELECT contact FROM complaint").fetchone()
    assert "13812345678" not in raw and keyring.unseal(raw, "complaint.contact") == "13812345678"
    with pytest.raises(Refusal, match="请写明查看的理由"):
        row.reveal("contact", cast.head, " ")
    with pytest.raises(Refusal, match="督导不能办理"):
        row.reveal("contact", cast.county, "电话回访")
    assert row.reveal("contact", cast.head, "电话回访") == "13812345678"
    trail = Trail.select().order_by(Trail.id.desc()).first()
    assert (trail.action, trail.reason, trail.after) == ("reveal", "电话回访", {"field": "contact"})


def test_only_what_was_found_to_be_true_leaves_with_the_record(cast, record):
    rows = {name: complain(cast, record=record.id) for name in ("open", "upheld", "dismissed", "replied")}
    for name in ("upheld", "dismissed", "replied"):
        Complaint.move(rows[name].id, "take", cast.head)
    for name in ("upheld", "replied"):
        Complaint.move(rows[name].id, "uphold", cast.head, **UPHELD)
    Complaint.move(rows["dismissed"].id, "dismiss", cast.head, findings="不实")
    Complaint.move(rows["replied"].id, "reply", cast.head, reply="已答复")
    assert [row.id for row in Complaint.proven([record.id])] == [rows["upheld"].id, rows["replied"].id]
    assert Complaint.proven([]) == []


def test_the_named_list_holds_what_is_past_its_day_and_nothing_answered(cast):
    late, answered = complain(cast, accused="某人"), complain(cast, accused="某人")
    due = late.due_on
    Complaint.move(answered.id, "take", cast.head)
    Complaint.move(answered.id, "dismiss", cast.head, findings="不实")
    Complaint.move(answered.id, "reply", cast.head, reply="已答复")

    def listed() -> list[int]:
        return [row.id for row in Complaint.select().where(Complaint.overdue(cast.head))]

    clock.move_demo_clock((due - clock.today()).days)
    assert listed() == []
    clock.move_demo_clock(1)
    assert listed() == [late.id]


def test_a_volunteer_of_the_station_may_be_complained_of_without_a_record(cast):
    someone = Volunteer.enter(cast.recorder, **person("王芳"))
    assert complain(cast, volunteer=someone.id).station_id == cast.a.id


def test_whoever_complains_to_the_county_is_taken_down_there_and_the_station_handles_it(cast, record):
    row = complain(cast, by=cast.county, volunteer=record.volunteer_id)
    assert (row.station_id, row.entered_by) == (cast.a.id, cast.county.account_id)
    assert complain(cast, by=cast.county, record=record.id).station_id == cast.a.id
    with pytest.raises(Refusal, match="不能开始核查自己录入的内容"):
        Complaint.move(row.id, "take", cast.county)
    assert Complaint.move(row.id, "take", cast.head).state == "looking"
    with pytest.raises(Refusal, match="才知道由哪个工作站办理"):
        complain(cast, by=cast.county, accused="某人")
    with pytest.raises(Refusal, match="审计员不能办理"):
        complain(cast, by=cast.auditor, volunteer=record.volunteer_id)


def test_the_next_county_takes_nothing_down_about_a_volunteer_of_this_one(cast, record):
    next_county = Account.enter(
        SYSTEM, username="next", name="盘龙督导", role="supervisor", division="530103", active=True
    ).actor()
    with pytest.raises(Refusal, match="没有找到所选的「志愿者」"):
        complain(cast, by=next_county, volunteer=record.volunteer_id)
