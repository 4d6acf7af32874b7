"""What goes wrong at a desk, in real browsers: two people at one row, two presses, «back», a session that ends, no network."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from cast import person
from desk import PASSWORD
from models import clock, once, sessions
from models.activities import Activity
from models.people import Account
from models.records import ServiceRecord
from models.scope import SYSTEM
from models.volunteers import Volunteer

PICTURES = Path(__file__).parents[2] / "build" / "pictures"
NEW = "/admin/volunteers/new/"

pytestmark = pytest.mark.browser


def picture(page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"{name}.png"))


def fill(page, **more) -> dict:
    """Key a registration; what was typed."""
    said = person("孙晓") | more
    page.fill("[name=name]", said["name"])
    page.select_option("[name=document_type]", said["document_type"])
    page.fill("[name=document_number]", said["document_number"])
    page.fill("[name=phone]", said["phone"])
    page.check("[name=service_times] >> nth=0")
    return said


def save(page) -> None:
    page.click("form.paper > .doing button.next")


def test_two_people_at_one_row_and_the_second_sees_both(browser, cast):
    row = cast.activity()
    first, second = browser.signed_in_as(cast.recorder), browser.signed_in_as(cast.head)
    for page, place in ((first, "东院"), (second, "西院")):
        page.goto(f"/admin/activities/edit/?id={row.id}")
        page.fill("[name=place]", place)
    save(first)
    expect(first.locator(".said:not(.unsaved)")).to_contain_text("已保存")
    save(second)
    expect(second.locator(".said[role=alert]:not(.unsaved)")).to_contain_text("刚刚被别人改过")
    expect(second.locator("[name=place]")).to_have_value("西院")
    expect(second.locator(".saved")).to_contain_text("东院")
    assert Activity.get_by_id(row.id).place == "东院"
    picture(second, "two-at-one-row")
    save(second)
    expect(second.locator(".said:not(.unsaved)")).to_contain_text("已保存")
    assert Activity.get_by_id(row.id).place == "西院"


def test_whoever_moves_a_row_that_changed_meanwhile_is_told_by_whom(browser, cast):
    row = cast.activity()
    page = browser.signed_in_as(cast.head)
    page.goto(f"/admin/activities/details/?id={row.id}")
    Activity.amend(row.id, cast.recorder, place="东院")
    page.click("summary:has-text('取消')")
    page.fill("details[open] textarea[name=reason]", "下雨")
    page.click("details[open] button.next")
    expect(page.locator(".said:not(.unsaved)")).to_contain_text("刘记录改过「地点」")
    assert Activity.get_by_id(row.id).state == "planned"
    picture(page, "moved-on-unseen")
    page.click("summary:has-text('取消')")
    page.fill("details[open] textarea[name=reason]", "下雨")
    page.click("details[open] button.next")
    expect(page.locator(".said:not(.unsaved)")).to_contain_text("已取消")


@pytest.mark.parametrize("how", ["double click", "enter twice", "two presses without the script's guard"])
def test_two_presses_save_one_row(browser, cast, how):
    page = browser.signed_in_as(cast.recorder)
    page.goto(NEW)
    fill(page)
    if how == "double click":
        page.dblclick("form.paper > .doing button.next", no_wait_after=True)
    elif how == "enter twice":
        page.focus("[name=name]")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
    else:
        page.evaluate("const form = document.querySelector('form.paper'); form.submit(); setTimeout(() => form.submit(), 20)")
    expect(page.locator("h1")).to_contain_text("孙晓", timeout=20_000)  # the page of the second press, led to the first's
    assert Volunteer.select().count() == 1


def test_back_and_save_again_says_that_it_was_saved(browser, cast):
    page = browser.signed_in_as(cast.recorder)
    page.goto("/admin/volunteers/")
    page.goto(NEW)
    fill(page)
    save(page)
    page.wait_for_url("**/details/**")
    page.go_back()
    page.wait_for_url(f"**{NEW}")
    page.wait_for_load_state()
    assert page.input_value("[name=name]") == "孙晓" and not page.input_value("[name=document_number]")
    save(page)
    # The number of the document is never put back, so what she sends now is not the same: she is asked, and may look.
    expect(page.locator("[role=alert]")).to_contain_text("这张表单刚才已经保存过")
    picture(page, "back-and-again")
    page.click("text=打开已保存的")
    expect(page.locator("h1")).to_contain_text("孙晓")
    assert Volunteer.select().count() == 1


def test_back_and_the_same_again_leads_to_what_was_saved(browser, cast):
    """A form without a secret: the browser puts everything back, and the second press is the same form."""
    project = cast.project()
    page = browser.signed_in_as(cast.recorder)
    page.goto(f"/admin/activities/new/?project={project.id}")
    for name, value in (("name", "回头再存"), ("day", str(clock.today())), ("place", "活动室"), ("lead", "赵敏"), ("social_worker", "钱进")):
        page.fill(f"[name={name}]", value)
    save(page)
    page.wait_for_url("**/details/**")
    page.go_back()
    page.wait_for_url("**/new/**")
    page.wait_for_load_state()
    assert page.input_value("[name=name]") == "回头再存"
    save(page)
    expect(page.locator(".said:not(.unsaved)").first).to_contain_text("这张表单已经保存过，没有重复保存")
    assert Activity.select().count() == 1


def sign_in_there(page, username: str = "recorder") -> None:
    expect(page.locator("[role=alert]")).to_contain_text("您填写的内容还在")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("button.next")


def test_a_session_that_ends_in_a_half_filled_form(browser, cast):
    page = browser.signed_in_as(cast.recorder)
    page.goto(NEW)
    said = fill(page)
    assert sessions.end_all(Account.get_by_id(cast.recorder.account_id), "elsewhere", SYSTEM)
    save(page)
    picture_of = page.locator("[name=carried]")
    expect(picture_of).to_have_count(1)
    picture(page, "session-ended")
    assert said["document_number"] not in page.url
    sign_in_there(page)
    expect(page.locator("form.paper [role=alert]")).to_contain_text("还没有保存，请核对后再按一次")
    expect(page.locator("[name=name]")).to_have_value("孙晓")
    expect(page.locator("[name=document_number]")).to_have_value(said["document_number"])
    assert not Volunteer.select().exists()
    picture(page, "session-resumed")
    save(page)
    page.wait_for_url("**/details/**")
    assert Volunteer.get().name == "孙晓"


def test_a_sheet_of_many_lines_survives_the_end_of_the_session(browser, cast):
    people = [cast.registered(f"王{chr(0x4E00 + n)}") for n in range(12)]
    activity = cast.activity()
    page = browser.signed_in_as(cast.recorder)
    page.goto(f"/admin/sheets/key/?activity={activity.id}")
    page.locator("[name=who]").first.click()
    block = "\\n".join(f"{p.card_no}\\t09:00\\t11:00\\t\\t陪伴 {n}\\t良好" for n, p in enumerate(people))
    page.evaluate(
        "(text) => { const data = new DataTransfer(); data.setData('text/plain', text.replaceAll('\\\\n', '\\n').replaceAll('\\\\t', '\\t'));"
        "document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })) }",
        block,
    )
    page.context.clear_cookies()
    page.locator("[name=remark]").first.fill("最后一笔")
    page.locator("[name=remark]").nth(1).click()
    expect(page.locator(".unsaved")).to_contain_text("登录已过期")
    page.click("button[name=save]")
    sign_in_there(page)
    expect(page.locator(".said:not(.unsaved)").first).to_contain_text("请核对后再按一次")
    assert page.locator("[name=content]").evaluate_all("boxes => boxes.map((b) => b.value).filter(Boolean)") == [
        f"陪伴 {n}" for n in range(12)
    ]
    expect(page.locator("[name=remark]").first).to_have_value("最后一笔")
    assert not ServiceRecord.select().exists()
    picture(page, "sheet-resumed")


def test_no_network_is_said_and_nothing_is_lost(browser, cast):
    page = browser.signed_in_as(cast.recorder)
    page.goto(NEW)
    fill(page)
    page.context.set_offline(True)
    save(page)
    expect(page.locator(".unsaved")).to_contain_text("现在连不上服务器，没有保存")
    expect(page.locator("[name=name]")).to_have_value("孙晓")
    picture(page, "no-network")
    page.context.set_offline(False)
    save(page)
    page.wait_for_url("**/details/**")
    assert Volunteer.select().count() == 1 and once.SentForm.select().count() == 1


def test_the_sheet_says_that_nobody_checks_it_and_tries_again(browser, cast):
    activity = cast.activity()
    page = browser.signed_in_as(cast.recorder)
    page.goto(f"/admin/sheets/key/?activity={activity.id}")
    page.context.set_offline(True)
    page.locator("[name=start]").first.fill("9点")
    page.locator("[name=start]").nth(1).click()
    expect(page.locator(".unsaved")).to_contain_text("现在连不上服务器")
    page.context.set_offline(False)
    expect(page.locator(".unsaved")).to_be_hidden(timeout=20_000)
