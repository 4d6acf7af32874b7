"""更正的申诉 (Order 67 art. 13): once, in time, by the right person, to the county; and the account stays append-only."""

from datetime import timedelta

import pytest

from cast import past_the_notice
from models import clock
from models.corrections import Correction
from models.hours import Balance, Entry
from models.keying import key_in
from models.records import ServiceRecord, move_all, post_due
from models.refusals import Refusal
from models.verifying import verify
from views.waiting import condition


@pytest.fixture
def record(cast) -> ServiceRecord:
    (row,) = cast.posted(cast.registered("李明"), minutes=120)
    return row


def decided(cast, record, decision: str) -> Correction:
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    return Correction.move(asked.id, decision, cast.head, reason="签到表有签名")


def appealed(cast, record, decision: str) -> Correction:
    return Correction.move(decided(cast, record, decision).id, "appeal", cast.recorder, reason="本人不同意")


def honour(record) -> int:
    return Balance.get_by_id(record.volunteer_id).honour


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_a_decision_is_kept_with_its_day_its_reason_and_its_rule(cast, record, decision):
    row = decided(cast, record, decision)
    assert (row.decision, row.answer, row.decided_on) == (row.state, "签到表有签名", clock.today())
    assert (row.decided_by, row.policy) == (cast.head.account_id, "handling@53:2012-10-23")


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_an_upheld_decision_changes_nothing_on_the_account(cast, record, decision):
    row = appealed(cast, record, decision)
    count, before = Entry.select().count(), honour(record)
    row = Correction.move(row.id, "uphold", cast.county, reason="核对无误")
    assert (row.review, row.reviewer, row.appeal_reason) == ("核对无误", "五华督导", "本人不同意")
    assert (Entry.select().count(), honour(record)) == (count, before)


def test_a_refusal_that_is_overturned_reverses_the_record(cast, record):
    row = appealed(cast, record, "refuse")
    assert honour(record) == 120
    Correction.move(row.id, "overturn", cast.county, reason="确有重复")
    assert ServiceRecord.get_by_id(record.id).state == "reversed"
    assert honour(record) == 0
    opposite = Entry.get(Entry.kind == "reversal", Entry.debit == "honour")
    assert (opposite.asked_by, opposite.approved_by) == (cast.recorder.account_id, cast.county.account_id)
    assert opposite.reason == "申诉改判：确有重复"
    assert not verify()


def test_an_approval_that_is_overturned_is_the_same_line_anew_and_through_its_notice_again(cast, record):
    row = appealed(cast, record, "approve")
    assert honour(record) == 0
    row = Correction.move(row.id, "overturn", cast.county, reason="并无重复")
    again = ServiceRecord.get_by_id(row.restored_id)
    assert (again.state, again.minutes, again.started_at) == ("approved", 120, record.started_at)
    assert (again.origin, again.policy, again.content) == (record.origin, record.policy, record.content)
    assert again.remark == f"申诉改判后重新登记（原记录 {record.id}）"
    assert (ServiceRecord.get_by_id(record.id).state, honour(record)) == ("reversed", 0)
    move_all([again.id], "notice", cast.head)
    assert post_due() == 0
    past_the_notice()
    assert post_due() == 1
    assert honour(record) == 120
    assert Balance.get_by_id(record.volunteer_id).exchangeable == 120
    assert Entry.select().where(Entry.record == again.id).count() == 2
    assert not verify()


def test_where_the_time_was_entered_again_meanwhile_the_approval_stands(cast, record):
    row = appealed(cast, record, "approve")
    line = cast.draft(record.volunteer, record.activity, "10:00", "12:00")
    (other,) = key_in([line], cast.recorder)
    with pytest.raises(Refusal, match="与本人另一条记录时间重叠"):
        Correction.move(row.id, "overturn", cast.county, reason="并无重复")
    ServiceRecord.move(other.id, "void", cast.recorder, "按申诉处理")
    assert Correction.move(row.id, "overturn", cast.county, reason="并无重复").state == "overturned"


def test_a_record_corrected_again_meanwhile_has_nothing_left_to_reverse(cast, record):
    row = appealed(cast, record, "refuse")
    decided(cast, record, "approve")
    with pytest.raises(Refusal, match="这条记录现在是「已冲正」"):
        Correction.move(row.id, "overturn", cast.county, reason="确有重复")


def test_a_refusal_is_appealed_by_whoever_asked(cast, record):
    row = decided(cast, record, "refuse")
    for other in (cast.head, cast.deputy):
        with pytest.raises(Refusal, match="只有当初提出更正的人可以申诉"):
            Correction.move(row.id, "appeal", other, reason="不同意")
        assert "appeal" not in {m.name for m in Correction.get_by_id(row.id).legal_moves(other)}
    assert Correction.move(row.id, "appeal", cast.recorder, reason="不同意").state == "appealed"


def test_an_approval_is_appealed_for_the_volunteer_by_another_than_who_decided(cast, record):
    row = decided(cast, record, "approve")
    with pytest.raises(Refusal, match="不能对自己作出的决定提出申诉"):
        Correction.move(row.id, "appeal", cast.head, reason="本人不同意")
    assert Correction.move(row.id, "appeal", cast.deputy, reason="本人不同意").state == "appealed"


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_it_is_appealed_in_time_or_not_at_all(cast, record, decision):
    row = decided(cast, record, decision)
    clock.move_demo_clock((row.appeal_until() - clock.today()).days)
    assert "appeal" in {m.name for m in Correction.get_by_id(row.id).legal_moves(cast.recorder)}
    clock.move_demo_clock(1)
    with pytest.raises(Refusal, match=f"申诉期限到 {row.appeal_until()} 止"):
        Correction.move(row.id, "appeal", cast.recorder, reason="不同意")
    assert "appeal" not in {m.name for m in Correction.get_by_id(row.id).legal_moves(cast.recorder)}


def test_the_days_to_appeal_are_working_days(cast, record):
    row = decided(cast, record, "refuse")
    assert row.appeal_until() - row.decided_on >= timedelta(days=12)


@pytest.mark.parametrize("outcome", ["uphold", "overturn"])
def test_it_is_appealed_once(cast, record, outcome):
    row = appealed(cast, record, "refuse")
    Correction.move(row.id, outcome, cast.county, reason="已核对")
    with pytest.raises(Refusal, match="不能「申诉」"):
        Correction.move(row.id, "appeal", cast.recorder, reason="再来一次")


def test_the_county_decides_and_no_other_level_nor_the_station(cast, record):
    row = appealed(cast, record, "refuse")
    move = Correction.life.move("uphold")
    for other in (cast.prefecture, cast.province):
        with pytest.raises(Refusal, match="由县级督导复核"):
            Correction.move(row.id, "uphold", other, reason="核对无误")
        assert not Correction.select().where(condition(Correction, move, "appealed", other)).exists()
        assert not Correction.get_by_id(row.id).legal_moves(other)
    with pytest.raises(Refusal, match="不在站长的职责内"):
        Correction.move(row.id, "overturn", cast.deputy, reason="核对无误")
    assert Correction.select().where(condition(Correction, move, "appealed", cast.county)).count() == 1


def test_what_overturning_would_do_is_said_before(cast, record):
    row = appealed(cast, record, "approve")
    assert row.if_overturned() == "改判后，这条 2.00 小时的记录将照原样重新登记，公示期满后再次入账。"
    (other,) = cast.posted(cast.registered("王芳"), minutes=60)
    assert appealed(cast, other, "refuse").if_overturned() == "改判后，这条 1.00 小时的记录将冲正。"


def test_a_decision_made_before_decisions_were_kept_can_be_appealed(cast, record):
    row = decided(cast, record, "approve")
    Correction.update(decision="", decided_on=None, decided_by=None).execute()
    assert Correction.move(row.id, "appeal", cast.recorder, reason="不同意").decision == "approved"
