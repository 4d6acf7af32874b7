"""A resident registers herself on a cheap phone: with a script and without, in large letters, a minor, somebody known already."""

import re
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from models import clock
from models.sign_ups import asked
from models.volunteers import Claim, Volunteer
from rules.identity import make_resident_id

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
PICTURES = Path(__file__).parents[2] / "build" / "pictures"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
BREACHES = f"""() => axe.run(document, {{runOnly: {TAGS!r}, resultTypes: ["violations"]}}).then(found => found.violations.map(
  one => one.id + ": " + one.nodes.map(node => node.target + " " + node.failureSummary).slice(0, 3).join(" | ")))"""
KNOWN = make_resident_id("530102", date(1975, 3, 4), 128)


def phone(browser, *, script: bool = True, large: bool = False) -> Page:
    context = browser.chromium.new_context(
        viewport=PHONE, locale="zh-CN", base_url=browser.url, java_script_enabled=script, has_touch=True
    )
    context.set_default_timeout(20_000)
    browser.contexts.append(context)
    if large:
        context.add_cookies([{"name": "size", "value": "large", "url": browser.url}])
    return context.new_page()


def sound(page: Page, name: str, *, script: bool = True) -> None:
    """The page fits the phone and breaks no rule that axe knows; its picture is kept."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"apply-{name}.png", full_page=True)
    if not script:
        return
    page.evaluate(Axe().axe_script)
    assert page.evaluate(BREACHES) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def on(page: Page, to: str = "") -> None:
    """The next step, waited for: what is looked at next must not be what was there before."""
    page.get_by_role("button", name="下一步").click()
    if to:
        expect(page.get_by_role("heading", name=to, level=1)).to_be_visible()


def walk(page: Page, cast, who: dict[str, str], mark: str, *, script: bool = True, guardian: bool = False) -> tuple[str, str]:
    """From the station to the number and the code; each page looked at on the way."""
    page.goto("/apply/")
    sound(page, f"{mark}-1", script=script)
    page.get_by_label(re.compile(cast.a.name)).check()
    on(page, "您是谁")
    on(page)  # nothing is filled in yet
    expect(page.locator("#summed")).to_contain_text("请填写「姓名」")
    expect(page.locator("#name-error")).to_be_visible()
    sound(page, f"{mark}-2-wrong", script=script)
    for name, value in who.items():
        page.fill(f"[name={name}]", value)
    if script:
        expect(page.locator("#told")).to_contain_text("周岁")
        sound(page, f"{mark}-2", script=script)
    on(page, "怎样联系您")
    page.fill("[name=phone]", "13811112222")
    if guardian:
        for name, value in (("guardian_name", "陶母"), ("relation", "母亲"), ("guardian_phone", "13811113333")):
            page.fill(f"[name={name}]", value)
    sound(page, f"{mark}-3", script=script)
    on(page, "能做什么、什么时候有空")
    page.locator("[name=service_times]").nth(4).check()
    sound(page, f"{mark}-4", script=script)
    on(page, "知情同意")
    page.go_back()  # the browser's own «back» finds what was ticked
    expect(page.locator("[name=service_times]").nth(4)).to_be_checked()
    on(page, "知情同意")
    for box in page.locator("form.apply input[type=checkbox]").all():
        box.check()
    sound(page, f"{mark}-5", script=script)
    on(page, "核对并送出")
    sound(page, f"{mark}-6", script=script)
    page.get_by_role("button", name="送出报名").click()
    expect(page.get_by_role("heading", name="报名已送出")).to_be_visible()
    sound(page, f"{mark}-7", script=script)
    assert page.url.endswith("/apply/done")
    number, code = page.locator("dd.big").all_inner_texts()
    return number, code


def ask(page: Page, number: str, code: str) -> None:
    page.goto("/apply/status")
    page.fill("[name=number]", number)
    page.fill("[name=code]", code)
    page.get_by_role("button", name="查询").click()


@pytest.mark.parametrize(("mark", "script", "large"), [("plain", True, False), ("no-script", False, False), ("large", True, True)])
def test_a_resident_registers_and_asks_where_it_stands(browser, cast, mark, script, large):
    page = phone(browser, script=script, large=large)
    receipt = walk(page, cast, {"name": "陶然", "document_number": KNOWN}, mark, script=script)
    row = asked(*receipt)
    assert row.volunteer.name == "陶然"
    page.get_by_role("button", name="记好了").click()
    ask(page, receipt[0], "AAAA AAAA")
    expect(page.locator("#summed")).to_contain_text("申请编号或查询码不对")
    sound(page, f"{mark}-8-wrong", script=script)
    ask(page, *receipt)
    expect(page.locator(".state")).to_have_text("等待核对证件")
    sound(page, f"{mark}-9", script=script)


def test_a_minor_comes_with_her_guardian(browser, cast):
    born = date(clock.today().year - 16, 1, 1)
    page = phone(browser)
    receipt = walk(page, cast, {"name": "小陶", "document_number": make_resident_id("530102", born, 11)}, "minor", guardian=True)
    assert asked(*receipt).relation == "母亲"


def test_somebody_known_is_led_to_the_earlier_registration_at_the_desk(browser, cast):
    cast.registered("陶然", by=cast.recorder_b, document_number=KNOWN)
    page = phone(browser)
    receipt = walk(page, cast, {"name": "陶然", "document_number": KNOWN}, "known")
    ask(page, *receipt)
    expect(page.locator(".state")).to_have_text("等待核对证件")
    desk = browser.signed_in_as(cast.recorder)
    desk.goto("/admin/volunteers/?origin=online")
    desk.get_by_role("link", name="陶然").click()
    expect(desk.locator("#sign-up")).to_contain_text("已有登记")
    desk.screenshot(path=PICTURES / "apply-desk-known.png")
    desk.locator("summary", has_text="转到以前的登记").click()
    desk.get_by_role("button", name="确认转到以前的登记").click()
    expect(desk.locator("body")).to_contain_text("以前已登记")
    assert Claim.select().count() == 1
    ask(page, *receipt)
    expect(page.locator(".state")).to_have_text("等待核对证件")


def test_what_was_sent_back_is_put_right_on_the_phone_and_approved_at_the_desk(browser, cast):
    page = phone(browser)
    receipt = walk(page, cast, {"name": "陶然", "document_number": KNOWN}, "back")
    key = asked(*receipt).volunteer_id
    Volunteer.move(key, "return", cast.head, "电话是空号，请换一个。")
    ask(page, *receipt)
    expect(page.locator("main")).to_contain_text("电话是空号")
    sound(page, "returned")
    page.get_by_role("button", name="改正后重新送出").click()
    sound(page, "correct-2")
    on(page, "怎样联系您")
    page.fill("[name=phone]", "13911114444")
    on(page, "能做什么、什么时候有空")
    on(page, "知情同意")
    page.locator("[name=agreed]").check()
    on(page, "核对并送出")
    page.get_by_role("button", name="重新送出").click()
    expect(page.locator("main")).to_contain_text("编号和查询码都不变")
    desk = browser.signed_in_as(cast.head)
    desk.goto("/admin/volunteers/?waiting=identify")
    desk.get_by_role("link", name="陶然").click()
    desk.screenshot(path=PICTURES / "apply-desk.png")
    desk.locator("summary", has_text="证件已核对").click()
    desk.get_by_role("button", name="确认证件已核对").click()
    desk.locator("summary", has_text="审核通过").click()
    desk.get_by_role("button", name="确认审核通过").click()
    card = Volunteer.get_by_id(key).card_no
    assert card
    ask(page, *receipt)
    expect(page.locator("main")).to_contain_text(card)
    sound(page, "approved")
