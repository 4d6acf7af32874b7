"""The thread of the plan in a real Chromium: a visited household's need, the project drawn from it, who was recruited,
trained and rostered for it, the service recorded and posted, the need closed by whoever had it, and a star recognised.

Each in her own window: recorder, head, deputy head, county supervisor. Only the volunteer's earlier hours are prepared.
"""

import re
from datetime import timedelta

import pytest
from at_the_desk import answer, new, press, state
from playwright.sync_api import Page, expect

from models import clock
from models.needs import Need
from models.records import ServiceRecord
from models.rosters import need_of
from models.stars import StarGrant
from models.volunteers import Volunteer
from rules.identity import make_resident_id

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME, HOUSE, PROJECT, ACTIVITY = "陶思源", "赵德旺", "送医陪诊", "陪赵大爷复查"


@pytest.fixture
def desks(cast, browser):
    """Windows that answer «yes» to whatever a page asks once more, and wait as long as a busy machine needs."""

    def sign_in(who) -> Page:
        page = browser.signed_in_as(who)
        page.set_default_timeout(30_000)
        page.on("dialog", lambda asked: asked.accept())
        return page

    return {name: sign_in(getattr(cast, name)) for name in ("recorder", "head", "deputy", "county")}


def test_from_a_visited_household_to_a_closed_need_and_a_recognised_star(cast, desks):
    recorder, head, deputy = desks["recorder"], desks["head"], desks["deputy"]
    today = clock.today()

    # 一 采集需求: a visit finds a need, another person verifies it
    new(recorder, "/admin/households/new/", name=HOUSE, building="翠竹巷 3 栋", address="翠竹巷 3 栋 2 单元 501")
    recorder.locator("section.below", has_text="服务对象").get_by_text("新增").click()
    recorder.wait_for_url("**/recipients/new/**")
    answer(recorder, "name", HOUSE)
    recorder.get_by_role("checkbox", name="空巢老人").check()
    recorder.get_by_role("button", name="保存", exact=True).click()
    recorder.wait_for_url("**/details/**")
    new(
        recorder,
        "/admin/visits/new/",
        household=f"?{HOUSE}",
        day=f"{today}",
        visitor="周楼长",
        role="=楼组长",
        found="腿脚不便，看病没人陪",
    )
    recorder.get_by_text("登记需求").click()
    recorder.wait_for_url("**/needs/new/**")
    for name, value in {"recipient": f"?{HOUSE}", "category": "=医疗保健", "content": "每月陪去医院复查一次"}.items():
        answer(recorder, name, value)
    recorder.get_by_role("button", name="保存", exact=True).click()
    recorder.wait_for_url("**/needs/details/**")
    state(recorder, "审核中")
    need = Need.get()
    head.goto(f"/admin/needs/details/?id={need.id}")
    press(head, "核实通过", verify__verified_how="=入户核实", verify__verified_by="张慧")
    state(head, "已核实")

    # 一 设计项目: drawn from the need, stated in full, published by another
    recorder.goto("/admin/needs/?state=verified")
    recorder.locator("tbody [name=id]").first.check()
    recorder.get_by_role("button", name="据此设计项目").click()
    recorder.wait_for_url("**/projects/new/**")
    for name, value in {
        "name": PROJECT, "starts_on": f"{today}", "ends_on": f"{today + timedelta(days=200)}", "headcount": "4",
        "conditions": "有耐心，会用手机挂号", "risks": "路途劳累", "guarantees": "往返车票、意外保险",
    }.items():  # fmt: skip
        answer(recorder, name, value)
    recorder.get_by_role("button", name="保存", exact=True).click()
    recorder.wait_for_url("**/projects/details/**")
    project = recorder.url
    recorder.locator("section.below", has_text="岗位").get_by_text("新增").click()
    for name, value in {"name": "陪诊员", "headcount": "4"}.items():
        answer(recorder, name, value)
    recorder.get_by_role("button", name="保存", exact=True).click()
    recorder.wait_for_url("**/posts/details/**")
    recorder.goto(project)
    press(recorder, "提交")
    head.goto(project)
    press(head, "审核并发布")
    state(head, "招募中")
    recorder.goto(f"/admin/needs/details/?id={need.id}")
    expect(recorder.locator("main")).to_contain_text(PROJECT)
    press(recorder, "派单")  # the project that was drawn from it stands in the form
    state(recorder, "已派单")

    # 二 招募注册: registered, applied, taken on
    number = make_resident_id("530102", clock.today().replace(year=1978), 321)
    new(recorder, "/admin/volunteers/new/", name=NAME, document_number=number, phone="13987654321")
    person = Volunteer.get(Volunteer.name == NAME)
    head.goto(f"/admin/volunteers/details/?id={person.id}")
    press(head, "审核通过")
    state(head, "已注册")
    new(recorder, "/admin/applications/new/", post="?陪诊员", volunteer=f"?{NAME}")
    head.goto(recorder.url)
    press(head, "录用")
    state(head, "已录用")

    # 三 组织培训: enrolled, there, passed, confirmed by another; it grants a qualification
    new(
        recorder, "/admin/trainings/new/", name="陪诊常识", topic="=养老照护", form="=集中辅导", day=f"{today}",
        place="社区活动室", speaker="社区医生", minutes="90", qualification="=入户服务",
    )  # fmt: skip
    training = recorder.url
    press(recorder, "发布")
    enrol_and_mark(recorder, training)
    deputy.goto(training)
    press(deputy, "审核结果")
    state(deputy, "结果已确认")

    # 四 排班与对接: suggested with reasons, rostered for the need, signed in and out on the day
    day = today + timedelta(days=1)
    new(
        recorder, "/admin/activities/new/", name=ACTIVITY, project=f"?{PROJECT}", day=f"{day}", starts_at="09:00",
        ends_at="11:00", place="五华区人民医院", lead="赵敏", social_worker="钱进", qualification="=入户服务",
    )  # fmt: skip
    activity = recorder.url
    recorder.get_by_text("排班与对接").click()
    answer(recorder, "need", f"?{HOUSE}")
    recorder.get_by_role("button", name="重新对接").click()
    suggested = recorder.locator("#suggestions tr", has_text=NAME)
    expect(suggested).to_contain_text("录用")
    suggested.get_by_role("button", name="排班").click()
    expect(recorder.locator("#roster")).to_contain_text(NAME)
    recorder.get_by_text("拨后 7 天").click()
    recorder.get_by_text("演示时钟已到").wait_for()
    recorder.goto(activity)
    for label in ("签到", "签退"):
        recorder.locator("#roster summary", has_text=re.compile(f"^{label}$")).click()
        recorder.get_by_role("button", name=f"确认{label}").click()
    expect(recorder.locator("#roster")).to_contain_text("已签退")
    press(recorder, "确认已开展")

    # 五 记录台账: the sheet from the roster, approved, shown publicly, posted; the need closed by whoever had it
    recorder.goto(activity)
    recorder.locator(".story").get_by_text("录入签到表").click()
    recorder.get_by_text("从排班带入").click()
    line = recorder.locator(".grid tbody tr").first
    expect(line.locator("[name=start]")).to_have_value("09:00")
    line.locator("[name=content]").fill("陪同复查，代取药")
    line.locator("[name=quality]").select_option(label="优")
    recorder.get_by_text("保存并提交审核").click()
    recorder.get_by_text("已保存 1 条并提交审核").wait_for()
    head.goto("/admin/records/")
    head.get_by_role("button", name="全部审核通过").click()
    head.get_by_text(re.compile("已审核通过 .* 条")).wait_for()
    head.get_by_role("button", name="全部公示").click()
    head.get_by_text(re.compile("已公示 .* 条")).wait_for()
    for _ in range(2):
        head.get_by_text("拨后 7 天").click()
        head.get_by_text("演示时钟已到").wait_for()
    record = ServiceRecord.get()
    assert (record.state, record.minutes, need_of(record, cast.head).id) == ("posted", 120, need.id)
    recorder.goto(f"/admin/records/details/?id={record.id}")
    expect(recorder.locator(".thread")).to_contain_text(PROJECT)
    recorder.goto(f"/admin/needs/details/?id={need.id}")
    press(recorder, "开始服务")
    press(recorder, "完成", complete__said_role="=服务对象本人", complete__said_by=HOUSE)
    state(recorder, "已完成")
    press(recorder, "登记评价", rate__satisfaction="=非常满意", rate__rated_by=HOUSE)
    state(recorder, "已评价")

    # 六 激励嘉许: with her earlier hours the first star is reached, shown publicly and recognised
    cast.posted(Volunteer.get_by_id(person.id), minutes=98 * 60)
    grant = StarGrant.get(StarGrant.volunteer == person.id)
    head.goto(f"/admin/stars/details/?id={grant.id}")
    press(head, "申报")
    county = desks["county"]
    county.goto(f"/admin/stars/details/?id={grant.id}")
    press(county, "审核通过")
    press(county, "公示")
    state(county, "公示中")
    for _ in range(2):
        head.get_by_text("拨后 7 天").click()
        head.get_by_text("演示时钟已到").wait_for()
    county.reload()
    press(county, "认定")
    state(county, "已认定")
    assert StarGrant.get_by_id(grant.id).certificate_no


def enrol_and_mark(page: Page, training: str) -> None:
    """One person by name, then the day: held, everybody there and passed."""
    page.goto(training)
    page.locator(".story").get_by_text("报名", exact=True).click()
    page.get_by_label(NAME).check()
    page.get_by_role("button", name="给勾选的人报名").first.click()
    page.goto(training)
    press(page, "确认已举办")
    page.locator(".story").get_by_text("登记到场和考核").click()
    page.get_by_role("button", name="其余的全部到场、合格").click()
    page.wait_for_load_state()
