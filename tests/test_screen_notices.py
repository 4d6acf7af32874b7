"""公示 and 异议 on screen; what a list above a station shows."""

from datetime import timedelta

from models import clock, keying, records
from models.fields import SealedField
from models.notices import Objection
from models.records import ServiceRecord
from models.schema import TABLES
from models.stations import Station
from views import cells

NEVER_SHOWN = {"key", "secret"}  # of the log's chains and of a one-time code: no screen has them at all


def test_every_sealed_column_has_a_mask():
    sealed = {f.name for model in TABLES for f in model._meta.sorted_fields if isinstance(f, SealedField)}
    assert sealed and sealed - NEVER_SHOWN <= cells.MASKS.keys()


def test_an_objection_opens_and_its_contact_is_shown_for_a_reason(desk, cast):
    activity = cast.activity()
    _, kept = keying.key_sheet(activity.id, [cast.draft(cast.registered("李明"), activity)], cast.recorder)
    for move in ("submit", "approve", "notice"):
        records.move_all([r.id for r in kept], move, cast.recorder if move == "submit" else cast.head)
    line = ServiceRecord.get_by_id(kept[0].id)
    said = {"notice": line.notice_id, "record": line.id, "said_by": "李女士", "reason": "没有看见"}
    said = Objection.enter(cast.recorder, contact="13812345678", **said)
    window = desk.signed_in_as(cast.head).get("/admin/objections/details/", id=said.id)
    assert window.status == 200 and window.says("138****5678") and not window.says("13812345678")
    window.post("/admin/objections/reveal/", id=said.id, field="contact", reason="")
    assert window.says("请写明查看的理由")
    window.post("/admin/objections/reveal/", id=said.id, field="contact", reason="核实情况")
    assert window.says("13812345678")
    county = desk.signed_in_as(cast.county)
    assert county.post("/admin/objections/reveal/", id=said.id, field="contact", reason="看看").status == 403


def test_a_station_reads_short_in_a_list_above_it():
    assert Station(name="翠竹社区学雷锋志愿服务工作站").short_name == "翠竹社区"
    assert Station(name="学雷锋志愿服务工作站").short_name == "学雷锋志愿服务工作站"


def test_an_activity_is_not_offered_as_held_before_its_day(desk, cast):
    ahead = cast.activity(day=clock.today() + timedelta(days=3))
    window = desk.signed_in_as(cast.head).get("/admin/activities/details/", id=ahead.id)
    assert not window.says("确认已开展") and window.says("取消")
    past = cast.activity()
    assert window.get("/admin/activities/details/", id=past.id).says("确认已开展")
