"""The public site in a real browser: against axe, by keyboard alone, without a script, on a phone, and how heavy it is."""

from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from ground import lay
from playwright.sync_api import Page
from public_pages import PAGES, of

from desk import DESK, PHONE
from models.people import Account
from models.stations import Station

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parent / "pictures"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
MOST_BYTES = 100 * 1024  # of a page with all that it loads, as it travels
LEAST_TOUCH = 44  # pixels of CSS, of what is pressed
NARROW = (320, 640)  # pixels of CSS: a page of 1280 at 400 % (WCAG 1.4.10)
SIZES = {"phone": PHONE, "desk": DESK}
BREACHES = f"""() => axe.run(document, {{runOnly: {TAGS!r}, resultTypes: ["violations"]}}).then(found => found.violations.map(
  one => one.id + ": " + one.nodes.map(node => node.target + " " + node.failureSummary).slice(0, 3).join(" | ")))"""


def window(browser, who: str, ground, size=DESK, **more) -> Page:
    if who == "nobody":
        return browser.open("/", size, **more)
    return browser.signed_in_as(Account.get_by_id(ground.people[who].account_id).actor(), size)


def breaches(page: Page) -> list[str]:
    """What axe finds on the page that is open."""
    page.evaluate(Axe().axe_script)
    found: list[str] = page.evaluate(BREACHES)
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("letters", ["ordinary", "large"])
def test_no_page_breaks_wcag(browser, cast, size, letters):
    ground = lay(cast)
    found, looked = {}, 0
    for who in dict.fromkeys(whose for _, whose in PAGES):
        page = window(browser, who, ground, SIZES[size])
        for language in ("zh_Hans", "en"):
            page.context.add_cookies([
                {"name": name, "value": value, "url": browser.url} for name, value in (("size", letters), ("language", language))
            ])  # fmt: skip
            for path in of(ground, who):
                page.goto(path)
                looked += 1
                if said := breaches(page):
                    found[f"{path} {who} {language}"] = said
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert looked == 2 * len(PAGES) and found == {}


def test_axe_would_find_a_breach(browser, cast):
    """So that the test above cannot pass because nothing is looked at."""
    page = browser.open("/")
    page.evaluate("document.querySelector('main').innerHTML = '<img src=x><p style=\"color:#ccc\">灰</p>'")
    assert {one.partition(":")[0] for one in breaches(page)} >= {"image-alt"}


def test_every_page_fits_a_narrow_phone_in_large_letters(browser, cast):
    ground = lay(cast)
    page = browser.open("/", NARROW)
    page.context.add_cookies([{"name": "size", "value": "large", "url": browser.url}])
    for path in of(ground, "nobody"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= NARROW[0], (path, wide)
        small = page.evaluate(
            """least => [...document.querySelectorAll("button, .button, nav a, input:not([type=hidden]), select, summary")]
              .map(one => ["radio", "checkbox"].includes(one.type) ? one.labels[0] : one)  // a finger presses the whole line
              .filter(one => one.getClientRects().length && one.getBoundingClientRect().height < least - 0.5)
              .map(one => one.outerHTML.slice(0, 80))""", LEAST_TOUCH,
        )  # fmt: skip
        assert small == [], (path, small)


def test_every_page_weighs_little_with_all_that_it_loads(browser, cast):
    ground = lay(cast)
    weights = {}
    for path in of(ground, "nobody"):
        page = browser.open("about:blank", PHONE)
        talk = page.context.new_cdp_session(page)
        talk.send("Network.enable")
        got: list[float] = []
        talk.on("Network.loadingFinished", lambda said, got=got: got.append(said["encodedDataLength"]))
        asked: list[str] = []
        page.on("request", lambda one, asked=asked: asked.append(one.url))
        page.goto(path, wait_until="networkidle")
        weights[path] = sum(got)
        assert {urlsplit(url).netloc for url in asked} == {urlsplit(browser.url).netloc}, path
        assert got and weights[path] < MOST_BYTES, (path, weights[path])
        page.context.close()
    print({path: int(weight) for path, weight in weights.items()})  # noqa: T201


def press(page: Page, key: str, until: str, most: int = 60) -> None:
    """Press the key until what has the focus is this; the mouse is never touched."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("css => document.activeElement.matches(css)", until):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"nothing shows that {until} has the focus"
            return
    raise AssertionError(f"{until} was not reached by {key}")


def test_a_project_is_found_by_the_keyboard_alone(browser, cast):
    cast.project(name="爱心陪伴")
    cast.project(cast.recorder_b, name="法律门诊", category="05")
    page = browser.open("/", PHONE)
    press(page, "Tab", ".skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    press(page, "Tab", "#recruiting .doing a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/")
    press(page, "Tab", "#category")
    for _ in range(20):
        if page.input_value("#category") != "05":
            page.keyboard.press("ArrowDown")
    assert page.input_value("#category") == "05"
    press(page, "Tab", "summary")
    page.keyboard.press("Enter")
    press(page, "Tab", "#age")
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    page.wait_for_url("**category=05**")
    press(page, "Tab", ".recruiting a")
    assert page.evaluate("document.activeElement.textContent") == "法律门诊"
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('法律门诊')")
    press(page, "Tab", "a.next[href^='/me/projects/']")


def test_all_of_it_works_without_a_script(browser, cast):
    ground = lay(cast)
    page = browser.open("/", PHONE, java_script_enabled=False)
    page.click("text=大字")
    assert page.locator("html.large").count() == 1 and urlsplit(page.url).path == "/"
    page.click("header.site >> text=项目")
    page.select_option("#county", "530102")
    page.click("button:has-text('查找')")
    page.select_option("#station", str(cast.a.id))
    page.click("button:has-text('查找')")
    page.click("text=邻里助餐")
    assert page.locator("h1").inner_text() == "邻里助餐"
    page.click("text=English")
    assert page.locator("html[lang=en].large").count() == 1 and page.url.endswith(f"/projects/{ground.shown['project']}")
    page.click("text=中文")
    page.goto(f"/notices/{ground.shown['notice']}")
    line = page.locator("td").first.inner_text()
    page.locator("td a").first.click()
    page.fill("#record", "")
    page.click("button:has-text('提交异议')")
    assert page.locator(".summed li").count() == 2 and page.locator("#reason-error").count() == 1
    page.fill("#record", line.split()[-1])
    page.fill("#reason", "时间不对")
    page.click("button:has-text('提交异议')")
    assert page.locator(".receipt").inner_text().count("-") == 1


def test_a_screen_reader_is_told_in_chinese_what_each_part_is(browser, cast):
    cast.project(name="爱心陪伴")
    page = browser.open("/projects/", PHONE)
    told = page.locator("body").aria_snapshot()
    for said in (
        'link "跳到正文"', 'navigation "站内导航"', 'search "查找项目"', 'combobox "服务类别"', 'combobox "县（市、区）"',
        'button "查找"', 'heading "正在招募的项目" [level=1]', 'heading "爱心陪伴" [level=2]', 'region "查到的项目"', "main",
        "contentinfo", "banner",
    ):  # fmt: skip
        assert said in told, said
    assert page.locator("[aria-current=page]").inner_text() == "项目"


def test_what_a_phone_shows(browser, cast):
    """The picture in the README."""
    Station.update(phone="0871-60000121").execute()
    for name, more in (
        ("邻里助餐", {"place": "文林社区长者食堂"}), ("四点半课堂", {"place": "文林社区活动室", "category": "06"}),
        ("法律门诊", {"place": "社区公共法律服务室", "category": "05"}), ("爱心陪伴", {"place": "上门"}),
    ):  # fmt: skip
        cast.project(name=name, **more)
    page = browser.open("/projects/", PHONE)
    sleep(0.2)  # fonts
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "public.png")
    assert page.locator(".recruiting").count() == 4
