"""我的服务 on a phone of 390 × 844: walked without a script and with, held against WCAG 2.2 AA on every page."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from her_hand import as_herself, noticed, turn_to_come
from playwright.sync_api import Page

from desk import PASSWORD
from models import first_codes
from models.applications import Application
from models.assignments import Assignment
from models.catalogue import RewardItem
from models.certificates import Certificate
from models.corrections import Correction
from models.honours import Honour
from models.notices import Objection
from models.rewards import Redemption

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NARROWEST = 320  # CSS pixels: 1280 at 400 % (WCAG 1.4.10)


def phone(browser, path: str, *, script: bool = True, large: bool = False) -> Page:
    """A phone that shows this page, nobody signed in."""
    context = browser.chromium.new_context(
        viewport=PHONE, locale="zh-CN", base_url=browser.url, java_script_enabled=script, is_mobile=True, has_touch=True
    )  # fmt: skip
    context.set_default_timeout(10_000)
    browser.contexts.append(context)
    if large:
        context.add_cookies([{"name": "size", "value": "large", "url": browser.url}])
    page = context.new_page()
    page.goto(path)
    return page


def in_for_the_first_time(page: Page, card: str, code: str) -> None:
    for name, value in {"card": card, "code": code, "new": PASSWORD, "again": PASSWORD}.items():
        page.fill(f"#{name}", value)
    page.click("main button")
    page.wait_for_url("**/me/")


def faults(page: Page) -> list[str]:
    """What axe finds wrong on the page, and whether it is wider than the phone."""
    found = [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:160]}" for one in Axe().run(page, options=RULES).response["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return found + ([f"{page.url} is {wide} wide"] if wide > page.viewport_size["width"] else [])


@pytest.mark.parametrize("script", [False, True], ids=["no script", "script"])
def test_a_volunteer_does_everything_on_her_phone(cast, browser, script):
    person = cast.registered("李明")
    (posted,) = cast.posted(person, minutes=240)
    hung, turn = noticed(cast, person), turn_to_come(cast, person)
    item, post = RewardItem.enter(cast.head, name="理发", points=1, stock=5), cast.post(name="陪诊")
    page = phone(browser, "/me/first", script=script)
    in_for_the_first_time(page, person.card_no, first_codes.make(person.id, cast.head)[1].upper())
    page.goto("/me/certificates")
    page.click("main form button >> nth=-1")
    page.wait_for_selector("text=请带上证件到工作站一次")
    page.goto("/me/")
    page.click("text=服务记录 有错可以申请更正")
    page.click(f'a[href="/me/records/{posted.id}"]')
    page.fill("#reason", "多记了一个小时")
    page.click("text=申请更正 >> nth=-1")
    page.wait_for_selector("text=正在等待批准")
    page.goto(f"/me/records/{hung.id}")
    page.fill("#reason", "少记了一个小时")
    page.click("button:has-text('提出异议')")
    page.wait_for_selector("text=正在核查")
    page.goto("/me/exchange")
    page.click("text=理发")
    page.fill("#quantity", "2")
    page.click("text=算一算")
    page.click("button:has-text('申请兑换')")
    page.wait_for_selector("text=等站长审批")
    page.goto(f"/me/projects/{post.project_id}")
    page.click("main button:has-text('报名')")
    page.wait_for_selector("text=下一步：站长审核")
    page.click("summary:has-text('退出')")
    page.fill("details[open] input[name=reason]", "要照顾孙子")
    page.click("button:has-text('退出报名')")
    page.wait_for_selector("text=已退出。")
    page.goto("/me/roster")
    page.click("text=我会去")
    page.wait_for_selector("text=已确认，到时候见")
    page.click("summary:has-text('请假')")
    page.fill("details[open] input[name=reason]", "感冒了")
    page.click("details[open] button")
    page.wait_for_selector("text=没有要去的排班")
    page.goto("/me/account")
    page.click("text=在所有地方退出")
    page.wait_for_url("**/login")
    assert Correction.get().record_id == posted.id and Objection.get().record == hung.id
    assert (Redemption.get().item_id, Redemption.get().quantity) == (item.id, 2)
    assert Certificate.get().way == "self" and Application.get().state == "withdrawn"
    assert Assignment.get_by_id(turn.id).state == "cancelled"


@pytest.mark.parametrize("large", [False, True], ids=["ordinary", "large"])
@pytest.mark.parametrize("much", [False, True], ids=["nothing", "much"])
def test_every_page_of_hers_holds_against_wcag(cast, browser, much, large):
    person = cast.registered("李明")
    pages = ["", "hours", "hours/lots", "records", "notices", "stars", "roster", "projects", "applications", "training",
             "exchange", "certificates", "asked", "own", "account"]  # fmt: skip
    if much:
        (posted,) = cast.posted(person, minutes=240)
        me, hung = as_herself(cast, person), noticed(cast, person)
        turn_to_come(cast, person)
        item = RewardItem.enter(cast.head, name="理发", points=1, stock=5, yearly_limit=3)
        Redemption.ask(item.id, 1, me, "k-1")
        row = Application.apply(cast.post().id, person.id, me)
        refused = Application.move(row.id, "refuse", cast.head, reason="满员")
        Application.apply(cast.post().id, person.id, me)
        Certificate.ask("study", me)
        asked = Correction.ask(posted.id, "多记了", me)
        Correction.move(asked.id, "refuse", cast.head, reason="签到表上有签名")
        Objection.ask("records", hung.id, "少记了", me)
        given = Honour.enter(cast.recorder, volunteer=person.id, title="年度优秀志愿者", deeds="每周两次上门理发")
        for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
            Honour.move(given.id, move, by)
        pages += [f"records/{posted.id}", f"records/{hung.id}", f"notices/honours/{given.id}", f"exchange/{item.id}?quantity=2",
                  f"projects/{row.project_id}", f"disagree/application/{refused.id}"]  # fmt: skip
    page = phone(browser, "/me/first", large=large)
    found = faults(page)
    in_for_the_first_time(page, person.card_no, first_codes.make(person.id, cast.head)[1])
    for path in pages:
        page.goto(f"/me/{path}")
        for summary in page.locator("main summary").all():
            summary.click()
        found += faults(page)
    page.set_viewport_size({"width": NARROWEST, "height": 600})
    for path in pages:
        page.goto(f"/me/{path}")
        if page.evaluate("document.documentElement.scrollWidth") > NARROWEST:
            found.append(f"{path} is wider than {NARROWEST}")
    assert found == []


def test_the_keyboard_alone_leads_through_the_first_page(cast, browser):
    person = cast.registered("李明")
    page = phone(browser, "/me/first")
    in_for_the_first_time(page, person.card_no, first_codes.make(person.id, cast.head)[1])
    page.goto("/me/")
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.innerText.trim().split(/\\s+/)[0]"))
    assert seen[0] == "跳到正文"
    for name in ("荣誉工时", "我的工时", "服务证明", "密码和登录"):
        assert name in seen, name
