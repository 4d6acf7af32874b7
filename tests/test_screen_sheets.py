"""签到表: the grid in which a whole paper sheet is keyed."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from models import clock
from models.activities import SignInSheet
from models.records import ServiceRecord

ROW = ("who", "volunteer", "start", "end", "travel", "content", "quality", "remark", "id")


def keyed(*rows: dict) -> dict:
    """What the grid sends: each column a list, in the order of the rows."""
    return {name: [row.get(name, "") for row in rows] for name in ROW}


def line(who, start="9:00", end="11:00", **more) -> dict:
    return {"who": who, "start": start, "end": end, "content": "陪伴老人", "quality": "1"} | more


@pytest.fixture
def activity(cast):
    return cast.activity()


def test_a_sheet_is_keyed_by_card_number_and_by_name_and_submitted(cast, desk, activity):
    by_card, by_name = cast.registered("李明"), cast.registered("王小芳")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?activity={activity.id}")
    page.post(
        "/admin/sheets/key/", activity=activity.id, submit="1",
        **keyed(line(by_card.card_no, "8：30", "上午11点半"), {}, line("王小芳", travel="30")),
    )  # fmt: skip
    assert page.says("已保存 2 条并提交审核")
    first, second = ServiceRecord.select().order_by(ServiceRecord.id)
    assert (first.volunteer_id, first.minutes, first.state) == (by_card.id, 180, "submitted")
    assert (second.volunteer_id, second.minutes) == (by_name.id, 90)
    assert first.sheet_id == second.sheet_id == SignInSheet.get().id


def test_one_wrong_cell_keeps_the_whole_sheet_out_and_what_was_typed_in(cast, desk, activity):
    good, other = cast.registered("李明"), cast.registered("王小芳")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?activity={activity.id}")
    page.post(
        "/admin/sheets/key/", activity=activity.id, **keyed(line(good.card_no), line(other.card_no, "11:00", "9:00"))
    )
    assert page.says("第 2 行有内容需要改正，整张表都没有保存")
    assert page.says("结束时间 09:00 应晚于开始时间 11:00")
    assert page.says(good.card_no)
    assert not ServiceRecord.select().exists()
    assert not SignInSheet.select().exists()


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"who": "没有这个人"}, "本站没有「没有这个人」"),
        ({"who": ""}, "请填写志愿者编号或姓名"),
        ({"start": ""}, "请填写开始时间"),
        ({"end": ""}, "请填写结束时间"),
        ({"start": "二十五点"}, "二十五点"),
        ({"content": ""}, "请填写「服务内容」"),
        ({"quality": ""}, "请填写「服务质量」"),
        ({"travel": "半小时"}, "往返交通应是分钟数"),
        ({"travel": "120"}, "扣除往返交通后没有服务时间"),
        ({"start": "8:00", "end": "23:00"}, "超过每天 12 小时的上限"),
    ],
)
def test_each_check_is_said_beside_its_cell(cast, desk, activity, cells, says):
    person = cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?activity={activity.id}")
    page.post("/admin/sheets/key/", activity=activity.id, **keyed(line(person.card_no) | cells))
    assert page.says(says)
    assert not ServiceRecord.select().exists()


def test_two_people_of_one_name_are_told_apart_by_card_number(cast, desk, activity):
    cast.registered("李明")
    cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?activity={activity.id}")
    page.post("/admin/sheets/key/", activity=activity.id, **keyed(line("李明")))
    assert page.says("本站有 2 位「李明」，请填写志愿者编号")


def test_the_same_person_twice_at_one_time_on_one_sheet_is_refused(cast, desk, activity):
    person = cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?activity={activity.id}")
    page.post(
        "/admin/sheets/key/", activity=activity.id,
        **keyed(line(person.card_no, "9:00", "10:00"), line(person.card_no, "9:30", "10:30")),
    )  # fmt: skip
    assert page.says("与本人另一条记录时间重叠：本表另一行")


def test_the_check_while_keying_answers_cell_by_cell_and_writes_nothing(cast, desk, activity):
    person = cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?activity={activity.id}")
    page.post("/admin/sheets/check/", activity=activity.id, **keyed(line(person.card_no), line("没有这个人"), {}))
    good, wrong, blank = page.json()
    assert (good["hours"], good["wrong"]) == ("2.00", {})
    assert good["typed"]["start"] == "09:00"
    assert list(wrong["wrong"]) == ["who"]
    assert blank["wrong"] == {}
    assert not ServiceRecord.select().exists()


def test_an_earlier_sheet_is_opened_again_a_line_changed_and_another_struck_off(cast, desk, activity):
    one, two = cast.registered("李明"), cast.registered("王小芳")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?activity={activity.id}")
    page.post("/admin/sheets/key/", activity=activity.id, **keyed(line(one.card_no), line(two.card_no)))
    sheet = SignInSheet.get()
    first, second = ServiceRecord.select().order_by(ServiceRecord.id)
    assert page.get(f"/admin/sheets/key/?sheet={sheet.id}").says(one.card_no)
    page.post(
        "/admin/sheets/key/", sheet=sheet.id,
        **keyed(line(one.card_no, "9:00", "12:00", id=str(first.id), volunteer=str(one.id)), {"id": str(second.id)}),
    )  # fmt: skip
    assert page.says("已保存 1 条")
    assert ServiceRecord.get_by_id(first.id).minutes == 180
    assert ServiceRecord.get_by_id(second.id).state == "void"
    assert SignInSheet.select().count() == 1


def test_a_late_sheet_is_taken_and_marked_as_back_filled(cast, desk):
    activity = cast.activity(clock.today() - timedelta(days=40))
    person = cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?activity={activity.id}")
    page.post("/admin/sheets/key/", activity=activity.id, **keyed(line(person.card_no)))
    record = ServiceRecord.get()
    assert (record.backfilled, record.origin) == (True, "backfilled")


def test_three_characters_of_a_card_number_find_the_stations_own_person_only(cast, desk):
    mine, theirs = cast.registered("李明"), cast.registered("李明", by=cast.recorder_b)
    page = desk.signed_in_as(cast.recorder)
    found = [row["id"] for row in page.get("/admin/sheets/people/?q=" + mine.card_no[-3:]).json()]
    assert mine.id in found
    assert theirs.id not in found


def test_a_stranger_cannot_open_or_key_another_stations_sheet(cast, desk, activity):
    person = cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?activity={activity.id}")
    page.post("/admin/sheets/key/", activity=activity.id, **keyed(line(person.card_no)))
    sheet = SignInSheet.get()
    stranger = desk.signed_in_as(cast.recorder_b)
    assert stranger.get(f"/admin/sheets/key/?activity={activity.id}").status == 404
    assert stranger.get(f"/admin/sheets/details/?id={sheet.id}").status == 404
    assert stranger.post("/admin/sheets/key/", sheet=sheet.id, **keyed(line(person.card_no))).status == 404
    assert ServiceRecord.select().count() == 1


def test_a_supervisor_reads_sheets_and_keys_none(cast, desk, activity):
    page = desk.signed_in_as(cast.county)
    assert page.get("/admin/sheets/").status == 200
    assert page.get(f"/admin/sheets/key/?activity={activity.id}").status == 403


@pytest.mark.browser
def test_the_recorder_keys_pastes_and_fills_down_in_a_real_browser(cast, browser, activity):
    one, two, three = cast.registered("李明"), cast.registered("王小芳"), cast.registered("张三丰")
    page = browser.signed_in_as(cast.recorder)
    page.goto(f"/admin/sheets/key/?activity={activity.id}")
    rows = page.locator(".grid tbody tr")
    rows.nth(0).locator("[name=who]").press_sequentially(one.card_no[-3:])
    rows.nth(0).locator("[role=option]").first.wait_for()
    page.keyboard.press("Enter")
    assert rows.nth(0).locator("[name=who]").input_value() == f"李明 {one.card_no}"
    rows.nth(0).locator("[name=start]").fill("上午8点半")
    rows.nth(0).locator("[name=end]").fill("11：30")
    rows.nth(0).locator("[name=content]").fill("陪伴老人")
    rows.nth(0).locator("[name=quality]").select_option("1")
    page.evaluate(
        """text => { const cell = document.querySelectorAll('[name=who]')[1];
            const data = new DataTransfer(); data.setData('text/plain', text);
            cell.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }""",
        f"{two.card_no}\n{three.card_no}\t13:00\t12:00\n",
    )
    page.click("[data-fill]")
    rows.nth(4).locator("[name=who]").focus()
    page.get_by_text("结束时间 12:00 应晚于开始时间 13:00").wait_for()
    rows.nth(2).locator("[name=end]").fill("15:00")
    rows.nth(4).locator("[name=who]").focus()
    expect(page.locator("[data-total]")).to_have_text("8.00")
    page.get_by_text("保存并提交审核").click()
    page.get_by_text("已保存 3 条并提交审核").wait_for()
    assert {r.minutes for r in ServiceRecord.select()} == {180, 120}
