"""Anomalies, assessments, complaints, appeals and closes once through, on SQLite and on PostgreSQL."""

from datetime import time

from cast import past_the_notice
from models import clock
from models.activities import Activity
from models.anomalies import Anomaly, disturbed, unexplained
from models.assessments import assess, unassessed
from models.closes import MonthClose, current, next_to_close
from models.complaints import Complaint
from models.corrections import Correction
from models.handling import unkeyed
from models.hours import Balance
from models.keying import key_in
from models.records import ServiceRecord, move_all, post_due
from models.verifying import verify
from views.ledgers.catalogue import LEDGERS
from views.ledgers.rows import Asked
from views.waiting import inbox


def test_a_sheet_with_an_odd_line_from_keying_to_the_closed_month(cast_on_either):
    cast = cast_on_either
    activity = cast.activity(starts_at=time(9), ends_at=time(12))
    Activity.move(activity.id, "hold", cast.recorder)
    lines = [cast.draft(cast.registered("李明"), activity, "09:00", "09:40")]
    rows = key_in([*lines, cast.draft(cast.registered("王芳"), activity, "09:00", "12:00")], cast.recorder)
    keys = [row.id for row in rows]
    move_all(keys, "submit", cast.recorder)
    assert [row.id for row in ServiceRecord.select().where(ServiceRecord.id.in_(disturbed()))] == keys[:1]
    (odd,) = Anomaly.select().where(unexplained(cast.head))
    Anomaly.move(odd.id, "return", cast.head, "请核对")
    key_in([cast.draft(rows[0].volunteer, activity, "09:00", "11:40", id=rows[0].id)], cast.recorder)
    move_all(keys, "submit", cast.recorder)
    assert Anomaly.select().count() == 1

    assert (
        len(assess(activity.id, "lead", "赵敏", clock.today(), [{"record": keys[0], "quality": "1"}], cast.recorder))
        == 1
    )
    told = Complaint.enter(cast.recorder, record=keys[1], said_by="王阿姨", reason="来晚了")
    assert {one.model for one in inbox(cast.head)} >= {ServiceRecord, Complaint}
    Complaint.move(told.id, "take", cast.head)
    Complaint.move(told.id, "uphold", cast.head, findings="属实", measure="提醒")
    assert [row.id for row in Complaint.proven(keys)] == [told.id]
    asked = Asked.of(LEDGERS["complaints"], cast.head, None, (None, None), None)
    assert asked.count() == 1 and len(next(asked.chunks())) == 1

    for name in ("approve", "notice"):
        move_all(keys, name, cast.head)
    past_the_notice()
    assert post_due() == 2
    assert [row.id for row in ServiceRecord.select().where(unassessed(cast.head))] == keys[1:]
    assert not Activity.select().where(unkeyed(cast.head)).exists()

    wrong = Correction.enter(cast.recorder, record=keys[1], reason="重复登记")
    Correction.move(wrong.id, "approve", cast.head)
    Correction.move(wrong.id, "appeal", cast.recorder, reason="并无重复")
    again = Correction.move(wrong.id, "overturn", cast.county, reason="并无重复").restored_id
    move_all([again], "notice", cast.head)
    past_the_notice()
    assert post_due() == 1
    assert Balance.get_by_id(rows[1].volunteer_id).honour == 180

    month = next_to_close(cast.a.id)
    clock.move_demo_clock(31)
    ((same, figures),) = current(cast.a.id)
    closed = MonthClose.close(cast.a.id, month, cast.head)
    assert (same, figures.net_minutes, closed.net_minutes, closed.taken_back) == (month, 340, 340, 180)
    assert not verify()
