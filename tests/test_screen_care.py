"""异常、投诉、评价、月结 and the appeal, as the desk and the county see them."""

from datetime import date, datetime, time

import pytest

from desk import queries
from models import clock
from models.activities import Activity
from models.anomalies import Anomaly
from models.assessments import Assessment
from models.closes import MonthClose
from models.complaints import Complaint
from models.corrections import Correction
from models.keying import key_in
from models.records import ServiceRecord, move_all


@pytest.fixture
def brief(cast) -> ServiceRecord:
    """Li Ming was there for forty of a hundred and eighty minutes; Wang Fang all the time."""
    activity = cast.activity(starts_at=time(9), ends_at=time(12))
    lines = [cast.draft(cast.registered("李明"), activity, "09:00", "09:40")]
    rows = key_in([*lines, cast.draft(cast.registered("王芳"), activity, "09:00", "12:00")], cast.recorder)
    move_all([row.id for row in rows], "submit", cast.recorder)
    return rows[0]


def move(window, resource, row, name, **more):
    back = f"/admin/{resource}/details/?id={row.id}"
    return window.get(back).post(f"/admin/{resource}/move/", {"move": name, "id": row.id, "back": back} | more)


# 异常


def test_the_head_approves_all_but_what_is_odd_and_sees_what_holds_it(cast, desk, brief):
    head = desk.signed_in_as(cast.head)
    page = head.get("/admin/records/", waiting="approve", state="submitted")
    assert page.says("全部审核通过（1）") and page.says("格式、时间、重叠、上限、异常都已核对")
    assert page.says("王芳") and not page.says("李明")
    held = head.get("/admin/records/", list="disturbed")
    assert held.says("李明 计 40 分钟，是活动安排的 180 分钟的 22%") and not held.says("王芳")
    assert head.post("/admin/records/all/", move="approve").says("已审核通过 1 条")
    assert ServiceRecord.get_by_id(brief.id).state == "submitted"
    page = move(head, "records", brief, "approve")
    assert page.says("有异常还没有办结：李明 计 40 分钟，是活动安排的 180 分钟的 22%")


def test_the_recorder_explains_and_the_head_passes(cast, desk, brief):
    odd = Anomaly.get()
    recorder = desk.signed_in_as(cast.recorder)
    assert recorder.get("/admin/").says("待说明")
    assert recorder.get("/admin/anomalies/", list="unexplained").says("在场比例偏低")
    assert move(recorder, "anomalies", odd, "explain", **{"explain-explanation": ""}).says("请填写「说明」")
    assert move(recorder, "anomalies", odd, "explain", **{"explain-explanation": "临时有事先走"}).says("已说明")
    assert 'value="pass"' not in recorder.get("/admin/anomalies/details/", id=odd.id).html
    head = desk.signed_in_as(cast.head)
    page = head.get("/admin/anomalies/details/", id=odd.id)
    assert page.says("临时有事先走") and page.says("李明") and not page.says("王芳")
    assert move(head, "anomalies", odd, "pass").says("通过")
    assert head.get("/admin/records/details/", id=brief.id).says("李明 计 40 分钟")
    assert move(head, "records", brief, "approve").says("待公示")


def test_sent_back_it_tells_the_recorder_on_the_record(cast, desk, brief):
    page = move(desk.signed_in_as(cast.head), "anomalies", Anomaly.get(), "return", reason="请核对离开时间")
    assert page.says("退回")
    page = desk.signed_in_as(cast.recorder).get("/admin/records/details/", id=brief.id)
    assert page.says("在场比例偏低：请核对离开时间") and page.says("已退回")


def test_a_stranger_finds_none_of_it(cast, desk, brief):
    window = desk.signed_in_as(cast.head_b)
    assert window.get("/admin/anomalies/details/", id=Anomaly.get().id).status == 404
    assert not window.get("/admin/anomalies/").says("李明")
    window.post("/admin/anomalies/move/", move="return", id=Anomaly.get().id, reason="试试")
    assert Anomaly.get().state == "asked"


# 评价


def test_one_side_assesses_a_whole_activity_on_one_page(cast, desk, brief):
    recorder = desk.signed_in_as(cast.recorder)
    page = recorder.get("/admin/activities/details/", id=brief.activity_id)
    assert f"/admin/assessments/activity/?activity={brief.activity_id}" in page.html
    path = "/admin/assessments/activity/"
    page = recorder.get(path, activity=brief.activity_id, side="lead")
    assert page.says("李明") and page.says("王芳") and 'value="赵敏"' in page.html
    keys = [row.id for row in ServiceRecord.select().order_by(ServiceRecord.id)]
    said = {"activity": brief.activity_id, "side": "lead", "said_by": "赵敏", "assessed_on": str(clock.today())}
    filled = page.post(path, said | {f"quality-{keys[0]}": "2", f"attitude-{keys[0]}": "1", "fill": "1"})
    assert not Assessment.select().exists()
    assert filled.html.count('<option value="2" selected>') == 2
    scores = {f"{name}-{key}": value for key in keys for name, value in (("quality", "2"), ("attitude", "1"))}
    assert page.post(path, said | scores | {"save": "1"}).says("已登记 2 条评价")
    assert [(row.quality, row.attitude, row.said_by) for row in Assessment.select()] == [("2", "1", "赵敏")] * 2
    assert recorder.get(path, activity=brief.activity_id, side="lead").says("都已评价")
    page = recorder.get("/admin/records/details/", id=brief.id)
    assert page.says("赵敏") and page.says("录入时的质量") and page.says("登记评价")


def test_a_line_that_does_not_fit_is_told_beside_it_and_nothing_is_saved(cast, desk, brief):
    recorder = desk.signed_in_as(cast.recorder)
    path = "/admin/assessments/activity/"
    recorder.get(path, activity=brief.activity_id, side="recipient")
    said = {"activity": brief.activity_id, "side": "recipient", "assessed_on": str(clock.today())}
    lines = {f"quality-{brief.id}": "1", f"remark-{brief.id}": "很有耐心"}
    page = recorder.post(path, said | lines | {"said_by": "李明"})
    assert page.says("一条也没有保存") and page.says("不能由志愿者本人评价") and page.says("很有耐心")
    page = recorder.post(path, said | lines | {"said_by": "杨奶奶", "assessed_on": "昨天"})
    assert page.says("请填写「评价日期」") and not Assessment.select().exists()
    page = recorder.post(path, said | {"said_by": "杨奶奶"})
    assert page.says("至少给一位志愿者选一项服务质量")


def test_one_assessment_is_entered_from_the_record_and_read_by_the_county(cast, desk, brief):
    recorder = desk.signed_in_as(cast.recorder)
    page = recorder.get("/admin/assessments/new/", record=brief.id, side="recipient")
    assert page.says("李明")
    page.post(
        "/admin/assessments/new/", record=brief.id, side="recipient", quality="1", said_by="杨奶奶",
        assessed_on=str(clock.today()),
    )  # fmt: skip
    assert page.says("已保存")
    row = Assessment.get()
    county = desk.signed_in_as(cast.county)
    assert county.get("/admin/assessments/details/", id=row.id).says("杨奶奶")
    assert county.get("/admin/assessments/activity/", activity=brief.activity_id).status == 403
    assert desk.signed_in_as(cast.head_b).get("/admin/assessments/details/", id=row.id).status == 404


def test_the_forgotten_stand_in_the_recorders_inbox(cast, desk, brief):
    recorder = desk.signed_in_as(cast.recorder)
    assert not recorder.get("/admin/").says("该评未评")
    clock.move_demo_clock(30)
    assert recorder.get("/admin/").says("该评未评")
    assert recorder.get("/admin/records/", list="unassessed").says("李明")


def test_an_activity_that_nobody_keyed_is_listed_after_its_days_and_not_before(cast, desk):
    late, keyed = cast.activity(name="河边清洁"), cast.activity(name="楼道粉刷")
    for activity in (late, keyed):
        Activity.move(activity.id, "hold", cast.recorder)
    key_in([cast.draft(cast.registered(), keyed)], cast.recorder)
    recorder = desk.signed_in_as(cast.recorder)
    assert not recorder.get("/admin/activities/", list="unkeyed").says("河边清洁")
    clock.move_demo_clock(15)
    page = recorder.get("/admin/activities/", list="unkeyed")
    assert page.says("河边清洁") and not page.says("楼道粉刷")
    assert recorder.get("/admin/").says("超期未录")


# 投诉


def test_a_complaint_is_taken_down_looked_into_and_answered(cast, desk, brief):
    recorder = desk.signed_in_as(cast.recorder)
    assert recorder.get("/admin/records/details/", id=brief.id).says("登记投诉")
    page = recorder.get("/admin/complaints/new/", record=brief.id)
    assert page.says("李明")
    page.post(
        "/admin/complaints/new/", record=brief.id, said_by="王阿姨", contact="13812345678", reason="中途离开",
        received_on=str(clock.today()),
    )  # fmt: skip
    assert page.says("已保存")
    row = Complaint.get()
    assert "138****5678" in recorder.get("/admin/complaints/details/", id=row.id).html
    assert not recorder.says("开始核查")
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/").says("待核查")
    assert move(head, "complaints", row, "take").says("核查中")
    page = move(head, "complaints", row, "uphold", **{"uphold-findings": "属实", "uphold-measure": ""})
    assert page.says("请填写「处理措施」") and page.says("属实")
    move(head, "complaints", row, "uphold", **{"uphold-findings": "属实", "uphold-measure": "当面提醒"})
    assert Complaint.get().outcome == "upheld"
    assert head.get("/admin/records/details/", id=brief.id).says("查证属实的投诉")
    page = move(head, "complaints", row, "reply", **{"reply-reply": "已电话答复"})
    assert page.says("已答复") and page.says("已电话答复")


def test_a_dismissed_complaint_does_not_stand_on_the_record(cast, desk, brief):
    row = Complaint.enter(cast.recorder, record=brief.id, said_by="王阿姨", reason="中途离开")
    Complaint.move(row.id, "take", cast.head)
    Complaint.move(row.id, "dismiss", cast.head, findings="不实")
    assert not desk.signed_in_as(cast.head).get("/admin/records/details/", id=brief.id).says("查证属实的投诉")


def test_the_head_complained_of_is_offered_nothing_and_the_county_handles_it(cast, desk):
    row = Complaint.enter(cast.recorder, accused="张站长", said_by="王阿姨", reason="态度不好")
    head = desk.signed_in_as(cast.head)
    assert 'value="take"' not in head.get("/admin/complaints/details/", id=row.id).html
    assert move(head, "complaints", row, "take").says("投诉涉及您本人")
    county = desk.signed_in_as(cast.county)
    assert county.get("/admin/").says("待核查")
    assert move(county, "complaints", row, "take").says("核查中")


def test_the_overdue_stand_in_the_heads_inbox_and_leave_in_the_ledger(cast, desk):
    Complaint.enter(cast.recorder, accused="某人", said_by="王阿姨", reason="态度不好")
    head = desk.signed_in_as(cast.head)
    assert not head.get("/admin/").says("超期未答复")
    clock.move_demo_clock(40)
    assert head.get("/admin/").says("超期未答复")
    assert head.get("/admin/complaints/", list="overdue").says("王阿姨")
    assert head.get("/admin/exports/", ledger="complaints").says("投诉")


# 更正的申诉


def test_a_refused_correction_is_appealed_and_the_county_overturns_it(cast, desk):
    (record,) = cast.posted(cast.registered("李明"), 120)
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "refuse", cast.head, reason="有签名")
    recorder = desk.signed_in_as(cast.recorder)
    page = recorder.get("/admin/corrections/details/", id=asked.id)
    assert page.says("可以在") and page.says("申诉一次，由县级督导复核")
    assert move(recorder, "corrections", asked, "appeal", reason="确有重复").says("申诉待复核")
    county = desk.signed_in_as(cast.county)
    assert county.get("/admin/").says("申诉待复核")
    page = county.get("/admin/corrections/details/", id=asked.id)
    assert page.says("改判后，这条 2.00 小时的记录将冲正")
    assert move(county, "corrections", asked, "overturn", reason="确有重复").says("已改判")
    assert ServiceRecord.get_by_id(record.id).state == "reversed"
    prefecture = desk.signed_in_as(cast.prefecture)
    assert 'value="uphold"' not in prefecture.get("/admin/corrections/details/", id=asked.id).html


# 月结


@pytest.fixture
def march(cast, monkeypatch):
    """An hour of Li Ming's in March is posted; it is the seventh of April."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 10, 20))
    cast.activity(date(2026, 3, 9))
    (row,) = key_in([cast.draft(cast.registered("李明"), cast.activity(date(2026, 3, 9)))], cast.recorder)
    for name, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all([row.id], name, by)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 4, 7, 20))
    ServiceRecord.move(row.id, "post", cast.head)
    return row


def test_the_head_closes_the_month_and_its_figures_open_to_the_entries(cast, desk, march):
    head = desk.signed_in_as(cast.head)
    page = head.get("/admin/closes/")
    assert page.says("月结 2026-03") and page.says("还没有月结的月份")
    assert page.post("/admin/closes/close/", month="2026-03").says("2026-03 已月结")
    row = MonthClose.get()
    assert head.says("2.00") and f"/admin/hours/?period=2026-03&station={cast.a.id}" in head.html.replace(
        "&amp;", "&"
    )
    entries = head.get("/admin/hours/", period="2026-03")
    assert entries.says("李明") and entries.says("2.00")
    assert not head.get("/admin/hours/", period="2026-02").says("李明")
    assert head.get("/admin/closes/details/", id=row.id).says("张站长")
    assert head.says("月结")


def test_a_month_that_cannot_be_closed_says_why_and_offers_no_button(cast, desk, march):
    key_in([cast.draft(cast.registered("王芳"), cast.activity(date(2026, 3, 20)))], cast.recorder)
    head = desk.signed_in_as(cast.head)
    page = head.get("/admin/closes/")
    assert page.says("2026-03 还有 1 条服务记录没有办完：「草稿」1 条") and not page.says("月结 2026-03")
    assert page.post("/admin/closes/close/", month="2026-03").says("没有办完")
    assert not MonthClose.select().exists()


def test_a_recorder_and_a_supervisor_read_the_closes_and_make_none(cast, desk, march):
    for who in (cast.recorder, cast.county):
        window = desk.signed_in_as(who)
        assert not window.get("/admin/closes/").says("月结 2026-03")
        window.post("/admin/closes/close/", month="2026-03")
        assert not MonthClose.select().exists()
    made = MonthClose.close(cast.a.id, "2026-03", cast.head)
    assert desk.signed_in_as(cast.county).get("/admin/closes/details/", id=made.id).says("2026-03")
    assert desk.signed_in_as(cast.head_b).get("/admin/closes/details/", id=made.id).status == 404


def test_at_a_station_without_any_record_there_is_nothing_to_close(cast, desk):
    page = desk.signed_in_as(cast.head).get("/admin/closes/")
    assert page.status == 200 and page.says("还没有月结。一个月的记录都办完以后")
    assert not page.says("还没有月结的月份")


@pytest.mark.parametrize("path", ["anomalies", "assessments", "complaints"])
def test_queries_do_not_grow_with_rows(cast, desk, brief, path):
    def another(name: str) -> None:
        activity = cast.activity(starts_at=time(9), ends_at=time(12))
        (row,) = key_in([cast.draft(cast.registered(name), activity, "09:00", "09:30")], cast.recorder)
        move_all([row.id], "submit", cast.recorder)
        Assessment.enter(cast.recorder, record=row.id, side="lead", quality="1", said_by="赵敏")
        Complaint.enter(cast.recorder, record=row.id, said_by="王阿姨", reason="离开")

    another("赵强")
    window = desk.signed_in_as(cast.head)
    window.get(f"/admin/{path}/")
    with queries() as few:
        window.get(f"/admin/{path}/")
    for name in ("孙丽", "周红"):
        another(name)
    window.get(f"/admin/{path}/")
    with queries() as many:
        window.get(f"/admin/{path}/")
    assert len(many) == len(few)
