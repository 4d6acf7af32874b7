"""The screens of 采集需求: in full at the own station, masked above; from the visit to the need to the project."""

import re
from datetime import timedelta

import pytest
from served import COMPLETE, VERIFY, dispatched, household, met, need, recipient, serving, verified, visit

from desk import queries
from models import clock
from models.activities import Activity
from models.households import Household, Recipient
from models.keying import key_in
from models.needs import Need
from models.projects import Project

ADDRESS = "昆明市五华区华山街道翠竹巷 3 栋 201"


@pytest.fixture
def home(cast):
    made = household(cast.recorder, name="赵德旺", address=ADDRESS, phone="13811112222", note="儿女都在外省")
    recipient(cast.recorder, made, name="普文兰", hardship=["01", "04"], guardian="普小妹", phone="13833334444")
    return made


def test_the_desk_reads_its_own_people_in_full_but_numbers_masked(cast, desk, home):
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/recipients/")
    assert page.says("普文兰") and page.says("空巢老人、残疾人") and page.says("138****4444")
    assert "13833334444" not in page.html
    page = window.get("/admin/households/details/", id=home.id)
    assert page.says("赵德旺（翠竹巷 3 栋）") and page.says("普文兰") and page.says("儿女都在外省")
    assert not page.says("翠竹巷 3 栋 201") and f"/admin/visits/new/?household={home.id}" in page.html


@pytest.mark.parametrize("who", ["county", "province", "auditor"])
def test_everyone_above_reads_masks_in_every_place(cast, desk, home, who):
    person = Recipient.get()
    seen = visit(cast.recorder, home, found="药快吃完了")
    told = need(cast.recorder, home, recipient=person.id, visit=seen.id, content="请人代为取药")
    done = met(cast, told)
    window = desk.signed_in_as(getattr(cast, who))
    pages = [f"/admin/{path}/" for path in ("households", "recipients", "visits", "needs", "households/?q=赵德旺")]
    pages += [
        f"/admin/households/details/?id={home.id}", f"/admin/recipients/details/?id={person.id}",
        f"/admin/visits/details/?id={seen.id}", f"/admin/needs/details/?id={told.id}",
        f"/admin/projects/details/?id={done.project_id}",
    ]  # fmt: skip
    for path in pages:
        page = window.get(path)
        assert page.status == 200, path
        text = re.sub(r"<form.*?</form>", "", page.html, flags=re.S)  # what a filter offers is no one's
        for private in ("赵德旺", "普文兰", "普小妹", "药", "儿女", "空巢老人、残疾人", "13811112222"):
            assert private not in text, (path, private)
    assert window.get("/admin/recipients/").says("普*兰")


def test_nobody_above_looks_for_a_person_by_name_or_hardship(cast, desk, home):
    window = desk.signed_in_as(cast.county)
    for query in {"hardship": "05"}, {"q": "没有这个人"}:
        assert window.get("/admin/recipients/", **query).says("普*兰")  # nothing is narrowed: nothing is told
    assert window.get("/admin/visits/ajax/lookup/", name="household", q="赵").status == 403
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/visits/ajax/lookup/", name="household", q="赵").json()[0]["text"] == str(
        home.in_clear()
    )
    assert not window.get("/admin/recipients/", hardship="05").says("普文兰")
    assert window.get("/admin/recipients/", hardship="04").says("普文兰")


def test_a_stranger_sees_nobody(cast, desk, home):
    told = need(cast.recorder, home)
    window = desk.signed_in_as(cast.head_b)
    assert window.get("/admin/households/details/", id=home.id).status == 404
    assert window.get("/admin/needs/details/", id=told.id).status == 404
    assert not window.get("/admin/recipients/").says("普文兰")
    assert window.get("/admin/visits/new/", household=home.id).status == 404


def test_one_number_is_revealed_with_a_reason(cast, desk, home):
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/households/details/", id=home.id)
    sent = {"id": home.id, "field": "phone"}
    assert window.post("/admin/households/reveal/", sent, reason="").says("请写明查看的理由")
    assert window.post("/admin/households/reveal/", sent, reason="约定走访").says("13811112222")
    county = desk.signed_in_as(cast.county)
    assert county.post("/admin/households/reveal/", sent, reason="检查").status == 403


def test_a_recipient_with_several_hardships_is_entered_and_amended(cast, desk, home):
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/recipients/new/", household=home.id)
    assert page.says("赵德旺（翠竹巷 3 栋）")
    sent = {"household": home.id, "name": "赵小宝", "document_type": "resident_id", "gender": "1"}
    assert window.post("/admin/recipients/new/", sent).says("请至少选一项「困难类别」")
    assert window.post("/admin/recipients/new/", sent | {"hardship": ["02", "05"]}).says("留守儿童、服刑人员子女")
    row = Recipient.get(Recipient.name == "赵小宝")
    page = window.get("/admin/recipients/edit/", id=row.id)
    assert len(re.findall(r'name="hardship"[^>]*checked', page.html)) == 2
    window.post(f"/admin/recipients/edit/?id={row.id}", sent | {"hardship": ["02"], "revision": 0})
    assert Recipient.get_by_id(row.id).hardship == ["02"]


def test_a_need_is_entered_from_a_visit_in_one_click(cast, desk, home):
    seen = visit(cast.recorder, home, days_ago=3, visitor="周楼长")
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/visits/details/", id=seen.id)
    assert f"/admin/needs/new/?visit={seen.id}" in page.html
    page = window.get("/admin/needs/new/", visit=seen.id)
    assert page.says("赵德旺（翠竹巷 3 栋）") and 'value="周楼长"' in page.html and str(seen.day) in page.html
    window.post(
        f"/admin/needs/new/?visit={seen.id}", household=home.id, visit=seen.id, source="visit", collected_on=seen.day,
        collector="周楼长", category="01", content="打扫屋子", urgency="2", risk="1",
    )  # fmt: skip
    row = Need.get()
    assert (row.visit_id, row.household_id, row.state) == (seen.id, home.id, "asked")
    assert window.get("/admin/visits/details/", id=seen.id).says("打扫屋子")


def test_a_new_visit_suggests_its_day_and_the_next(cast, desk, home):
    Household.amend(home.id, cast.recorder, leader="周楼长")
    page = desk.signed_in_as(cast.recorder).get("/admin/visits/new/", household=home.id)
    assert 'value="周楼长"' in page.html and str(clock.today() + timedelta(days=90)) in page.html


def test_the_life_of_a_need_through_its_buttons(cast, desk, home):
    told = need(cast.recorder, home)
    activity = cast.activity(clock.today())
    recorder, head = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.head)

    def press(window, name, **asked):
        sent = {f"{name}-{key}": value for key, value in asked.items()}
        return window.post(
            "/admin/needs/move/", sent, move=name, id=told.id, back=f"/admin/needs/details/?id={told.id}"
        )

    assert 'value="verify"' not in recorder.get("/admin/needs/details/", id=told.id).html
    assert press(recorder, "verify", **VERIFY).says("不能核实通过自己录入的内容")
    assert head.get("/admin/needs/details/", id=told.id).says("核实方式")
    assert press(head, "verify", **VERIFY).says("已核实")
    assert press(recorder, "dispatch", project=activity.project_id, handler="银龄队").says("已派单")
    Activity.move(activity.id, "hold", cast.recorder)
    assert press(recorder, "serve").says("服务中")
    page = press(recorder, "complete", said_role="recipient", said_by="")
    assert page.says("请填写「确认人姓名」") and Need.get().state == "serving"
    assert press(recorder, "complete", **COMPLETE).says("已完成")
    assert press(recorder, "rate", satisfaction="5", rated_by="赵德旺").says("已评价")
    assert Need.get().satisfaction == "5"


def test_the_lists_stand_as_tabs_and_in_the_inbox(cast, desk, home):
    need(cast.recorder, home, days_ago=9, content="等了九天")
    need(cast.recorder, home, days_ago=1, content="昨天才说")
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/").says("超过期限未答复")
    page = window.get("/admin/needs/", list="unanswered")
    assert page.says("等了九天") and not page.says("昨天才说")
    visit(cast.recorder, home, 10, next_on=clock.today())
    assert window.get("/admin/households/", list="due").says("赵德旺")
    assert not window.get("/admin/households/", list="unvisited").says("赵德旺")


def test_a_project_is_drawn_from_ticked_needs(cast, desk, home):
    person = Recipient.get()
    told = verified(cast, need(cast.recorder, home, recipient=person.id, content="打扫屋子"))
    fresh = need(cast.recorder, home)
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/needs/").says("据此设计项目")
    assert window.post("/admin/needs/design/").says("请先勾选")
    assert window.post("/admin/needs/design/", id=[told.id, fresh.id]).says("只有已核实的需求")
    page = window.post("/admin/needs/design/", id=[told.id])
    assert page.path == f"/admin/projects/new/?needs={told.id}"
    assert 'value="空巢老人家政服务"' in page.html and "打扫屋子" not in page.html
    assert len(re.findall(r'name="recipients"[^>]*checked', page.html)) == 2
    today = clock.today()
    sent = {
        "name": "银龄保洁", "category": "01", "recipients": ["01"], "starts_on": today,
        "ends_on": today + timedelta(days=60), "headcount": 4,
    }  # fmt: skip
    page = window.post(page.path, sent)
    assert page.says("需求 1 条，涉及 1 户、服务对象 1 人。") and page.says("空巢老人 1")
    assert Need.get_by_id(told.id).project == Project.get(Project.name == "银龄保洁")
    assert desk.signed_in_as(cast.head_b).get("/admin/projects/new/", needs=told.id).status == 404
    above = desk.signed_in_as(cast.county).get("/admin/projects/details/", id=Need.get_by_id(told.id).project_id)
    assert above.says("涉及 1 户") and not above.says("空巢老人 1")


def test_several_needs_are_dispatched_on_one_page(cast, desk, home):
    rows = [verified(cast, need(cast.recorder, home, content=f"第 {n} 件")) for n in (1, 2)]
    project = cast.activity().project_id
    window = desk.signed_in_as(cast.recorder)
    page = window.post("/admin/needs/move/", move="dispatch", id=[row.id for row in rows])
    assert page.says("共 2 条") and 'name="dispatch-project"' in page.html
    window.post("/admin/needs/move/", {"dispatch-project": project}, move="dispatch", id=[row.id for row in rows])
    assert {row.state for row in Need.select()} == {"dispatched"}


def test_the_thread_leads_from_the_need_to_the_record_and_back(cast, desk, home):
    told = serving(cast, need(cast.recorder, home))
    activity = Activity.get()
    clock.move_demo_clock(1)  # the service is over, whatever the hour of this run
    (record,) = key_in([cast.draft(cast.registered(), activity)], cast.recorder)
    window = desk.signed_in_as(cast.recorder)
    doors = {
        "needs": told.id, "projects": told.project_id, "activities": activity.id, "records": record.id,
    }  # fmt: skip
    for path, key in doors.items():
        page = window.get(f"/admin/{path}/details/", id=key)
        said = re.search(r'<ol class="card thread">.*?</ol>', page.html, re.S)[0]
        for other in ("needs", "projects", "activities"):
            assert f"/admin/{other}/details/?id={doors[other]}" in said, (path, other)
        assert "2.00" in said and 'class="here"' in said
    assert 'class="card thread"' not in window.get("/admin/households/details/", id=home.id).html


def test_the_record_that_was_posted_leads_to_its_entry(cast, desk):
    (record,) = cast.posted(cast.registered(), 60)
    page = desk.signed_in_as(cast.head).get("/admin/records/details/", id=record.id)
    said = re.search(r'<ol class="card thread">.*?</ol>', page.html, re.S)[0]
    assert "/admin/hours/details/" in said


def test_what_waits_is_not_shown_before_it_can_be_done(cast, desk, home):
    told = need(cast.recorder, home)
    activity = cast.activity(clock.today())
    dispatched(cast, told, activity)
    window = desk.signed_in_as(cast.head)
    assert 'value="serve"' not in window.get("/admin/needs/details/", id=told.id).html
    assert window.get("/admin/needs/", waiting="serve").says("没有符合条件的内容")
    Activity.move(activity.id, "hold", cast.recorder)
    assert 'value="serve"' in window.get("/admin/needs/details/", id=told.id).html


@pytest.mark.parametrize("path", ["households", "recipients", "visits", "needs"])
def test_queries_do_not_grow_with_rows(cast, desk, path):
    def one(n):
        made = household(cast.recorder, name="赵德旺")
        person = recipient(cast.recorder, made)
        need(cast.recorder, made, recipient=person.id, visit=visit(cast.recorder, made).id)

    one(0)
    window = desk.signed_in_as(cast.head)
    window.get(f"/admin/{path}/")
    with queries() as few:
        window.get(f"/admin/{path}/")
    for n in range(1, 4):
        one(n)
    window.get(f"/admin/{path}/")
    with queries() as many:
        window.get(f"/admin/{path}/")
    assert len(many) <= len(few) + 1
