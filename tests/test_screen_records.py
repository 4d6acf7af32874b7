"""服务记录、公示、异议、更正 as the desk sees them."""

from cast import past_the_notice
from models.corrections import Correction
from models.hours import Balance, Entry
from models.keying import key_in
from models.notices import Notice, Objection
from models.records import ServiceRecord, move_all


def submitted(cast, *names: str) -> list[ServiceRecord]:
    activity = cast.activity()
    rows = key_in([cast.draft(cast.registered(name), activity) for name in names or ("李明",)], cast.recorder)
    move_all([row.id for row in rows], "submit", cast.recorder)
    return rows


def noticed(cast, *names: str) -> list[ServiceRecord]:
    rows = submitted(cast, *names)
    for name in ("approve", "notice"):
        move_all([row.id for row in rows], name, cast.head)
    return [ServiceRecord.get_by_id(row.id) for row in rows]


def test_the_head_approves_and_publishes_everything_that_waits_with_two_presses(cast, desk):
    rows = submitted(cast, "李明", "王小芳")
    page = desk.signed_in_as(cast.head).get("/admin/records/")
    assert page.says("全部审核通过（2）")
    assert page.post("/admin/records/all/", move="approve").says("已审核通过 2 条")
    assert page.post("/admin/records/all/", move="notice").says("已公示 2 条")
    assert {ServiceRecord.get_by_id(row.id).notice_id for row in rows} == {Notice.get().id}


def test_a_recorder_is_offered_no_approval_and_a_forged_one_changes_nothing(cast, desk):
    (row,) = submitted(cast)
    page = desk.signed_in_as(cast.recorder).get("/admin/records/")
    assert not page.says("全部审核通过")
    page.post("/admin/records/all/", move="approve")
    page.post("/admin/records/move/", move="approve", id=row.id)
    assert page.status == 403
    assert ServiceRecord.get_by_id(row.id).state == "submitted"


def test_head_cannot_approve_a_record_she_entered(cast, desk):
    (row,) = key_in([cast.draft(cast.registered("李明"), cast.activity())], cast.head)
    move_all([row.id], "submit", cast.head)
    page = desk.signed_in_as(cast.head).get("/admin/records/")
    assert not page.says("全部审核通过")
    page.post("/admin/records/move/", move="approve", id=row.id)
    assert page.says("不能审核通过自己录入的内容")
    assert ServiceRecord.get_by_id(row.id).state == "submitted"


def test_a_return_needs_a_reason_and_shows_it_to_the_recorder(cast, desk):
    (row,) = submitted(cast)
    head = desk.signed_in_as(cast.head).get(f"/admin/records/details/?id={row.id}")
    head.post("/admin/records/move/", move="return", id=row.id, back=f"/admin/records/details/?id={row.id}")
    assert head.says("请写明「退回」的理由")
    head.post("/admin/records/move/", move="return", id=row.id, reason="签到表上没有签名")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/records/details/?id={row.id}")
    assert page.says("签到表上没有签名")


def test_the_printed_notice_masks_names_and_leaves_a_trace(cast, desk):
    (row,) = noticed(cast, "张三丰")
    page = desk.signed_in_as(cast.head).get(f"/admin/notices/print/?id={row.notice_id}")
    assert page.says("张*丰")
    assert not page.says("张三丰")
    assert page.get(f"/admin/notices/details/?id={row.notice_id}").says("打印")
    assert desk.signed_in_as(cast.head_b).get(f"/admin/notices/print/?id={row.notice_id}").status == 404


def test_an_objection_holds_its_own_record_and_an_upheld_one_sends_it_back(cast, desk):
    held, free = noticed(cast, "李明", "王小芳")
    page = desk.signed_in_as(cast.recorder)
    page.get(f"/admin/objections/new/?notice={held.notice_id}&record={held.id}")
    page.post("/admin/objections/new/", notice=held.notice_id, record=held.id, said_by="居民甲", reason="当天没有来")
    assert page.says("已保存")
    past_the_notice()
    head = desk.signed_in_as(cast.head)
    head.post("/admin/clock/", days=1)
    assert ServiceRecord.get_by_id(free.id).state == "posted"
    assert ServiceRecord.get_by_id(held.id).state == "noticed"
    objection = Objection.get()
    head.post("/admin/objections/move/", move="uphold", id=objection.id, reason="查看签到照片，确实未到")
    assert ServiceRecord.get_by_id(held.id).state == "returned"
    assert Balance.get_by_id(held.volunteer_id).honour == 0


def test_an_objection_after_the_last_day_is_told_what_to_do_instead(cast, desk):
    (row,) = noticed(cast)
    past_the_notice()
    page = desk.signed_in_as(cast.recorder).get("/admin/objections/new/")
    page.post("/admin/objections/new/", notice=row.notice_id, record=row.id, said_by="居民甲", reason="当天没有来")
    assert page.says("公示已期满，不再接受异议；入账后可申请更正")
    assert page.says("居民甲")


def test_a_correction_shows_what_follows_and_is_approved_by_another(cast, desk):
    (row,) = cast.posted(cast.registered("李明"), 120)
    page = desk.signed_in_as(cast.recorder).get(f"/admin/records/details/?id={row.id}")
    page.post("/admin/records/correct/", id=row.id, reason="重复登记")
    assert page.says("已申请冲正")
    asked = Correction.get()
    head = desk.signed_in_as(cast.head).get(f"/admin/corrections/details/?id={asked.id}")
    assert head.says("荣誉工时从 2.00 小时变为 0.00 小时")
    head.post("/admin/corrections/move/", move="approve", id=asked.id)
    assert ServiceRecord.get_by_id(row.id).state == "reversed"
    assert Entry.select().where(Entry.kind == "reversal").count() == 2


def test_the_head_who_asked_for_a_correction_cannot_approve_it(cast, desk):
    (row,) = cast.posted(cast.registered("李明"), 120)
    page = desk.signed_in_as(cast.head).get(f"/admin/records/details/?id={row.id}")
    page.post("/admin/records/correct/", id=row.id, reason="重复登记")
    page.post("/admin/corrections/move/", move="approve", id=Correction.get().id)
    assert page.says("自己录入的内容")
    assert ServiceRecord.get_by_id(row.id).state == "posted"


def test_another_stations_records_are_not_found_in_any_way(cast, desk):
    (row,) = submitted(cast)
    page = desk.signed_in_as(cast.head_b)
    assert page.get(f"/admin/records/details/?id={row.id}").status == 404
    page.get("/admin/records/")
    assert not page.says("李明")
    page.post("/admin/records/move/", move="approve", id=row.id)
    assert ServiceRecord.get_by_id(row.id).state == "submitted"
