"""The kiosk in a real browser: it loses its network, goes on, is reloaded and restarted, comes back, and each press is
once in the database. The screen, the kiosk and the volunteer's page are held against WCAG 2.2 AA."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from pressing import going_on

from models import kiosks, presence
from models.activities import Activity
from models.assignments import Assignment
from models.people import open_for
from models.presence import Punch
from models.scope import SYSTEM
from models.volunteers import Volunteer

pytestmark = pytest.mark.browser
TABLET, PHONE = {"width": 1024, "height": 768}, {"width": 390, "height": 844}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def now_on(cast):
    """An activity that goes on now with four people; the first leads."""
    activity, turns = going_on(cast, "李明", "王芳", "赵强", "钱进")
    Assignment.update(role="lead").where(Assignment.id == turns[0].id).execute()
    return activity, turns


def cards_of(turns) -> list[str]:
    return [Volunteer.get_by_id(turn.volunteer_id).card_no for turn in turns]


def typed(page, card: str) -> None:
    """As a hand scanner does it: digits and Enter."""
    page.fill("#card", "")
    page.type("#card", card)
    page.keyboard.press("Enter")


def unsent(page, count: int) -> None:
    page.wait_for_selector(f"#unsent:text-is('{count}')", timeout=40_000)


def kiosk(browser, cast, activity: Activity, size=TABLET):
    _, code = kiosks.offer(activity.id, cast.recorder)
    page = browser.open("/kiosk/")
    page.set_viewport_size(size)
    page.fill("#code", code)
    page.click("text=作签到台")
    page.wait_for_selector("#net.on")
    page.wait_for_selector("body[data-standing='1']")  # the worker has kept the page
    return page


def faults(page) -> list[str]:
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in Axe().run(page, options=WCAG).response["violations"]]


def test_off_line_it_goes_on_and_each_press_is_once_in_the_database(cast, browser, now_on):
    activity, turns = now_on
    first, second, third, fourth = cards_of(turns)
    page = kiosk(browser, cast, activity)
    typed(page, first)
    page.wait_for_selector("#said.good .name:text-is('李*')")
    unsent(page, 0)

    page.context.set_offline(True)
    typed(page, second)
    page.wait_for_selector("#said.kept")
    unsent(page, 1)
    page.reload()  # off line: the worker has the page
    unsent(page, 1)
    typed(page, third)
    unsent(page, 2)
    page.click("text=签退")
    typed(page, second)
    unsent(page, 3)
    context = page.context
    page.close()
    page = context.new_page()  # a page opened anew, still without a network
    page.goto(f"{browser.url}/kiosk/")
    unsent(page, 3)
    for key in fourth:
        page.click(f"[data-key='{key}']")
    page.click("#go")
    unsent(page, 4)
    assert Punch.select().count() == 1  # nothing has arrived

    context.set_offline(False)
    unsent(page, 0)
    rows = [(row.volunteer_id, row.into) for row in Punch.select().order_by(Punch.at, Punch.id)]
    people = [turn.volunteer_id for turn in turns]
    assert rows == [(people[0], True), (people[1], True), (people[2], True), (people[1], False), (people[3], True)]
    assert [Assignment.get_by_id(turn.id).state for turn in turns] == ["present", "left", "present", "present"]
    assert len({row.key for row in Punch.select()}) == 5
    page.reload()
    page.wait_for_selector("#net.on")
    unsent(page, 0)
    assert Punch.select().count() == 5  # nor is anything sent again


def test_what_was_not_sent_is_there_after_the_browser_was_restarted(cast, browser, chromium, now_on, tmp_path):
    activity, turns = now_on
    _, code = kiosks.offer(activity.id, cast.recorder)
    quiet = {"executable_path": found(), "args": ["--no-sandbox", "--disable-gpu"], "locale": "zh-CN", "viewport": TABLET}
    context = chromium.browser_type.launch_persistent_context(str(tmp_path / "profile"), **quiet)
    page = context.new_page()
    page.goto(f"{browser.url}/kiosk/")
    page.fill("#code", code)
    page.click("text=作签到台")
    page.wait_for_selector("body[data-standing='1']")
    context.set_offline(True)
    typed(page, cards_of(turns)[0])
    unsent(page, 1)
    context.close()

    again = chromium.browser_type.launch_persistent_context(str(tmp_path / "profile"), **quiet)
    try:
        page = again.new_page()
        again.set_offline(True)
        page.goto(f"{browser.url}/kiosk/")
        unsent(page, 1)
        again.set_offline(False)
        unsent(page, 0)
    finally:
        again.close()
    assert [row.volunteer_id for row in Punch.select()] == [turns[0].volunteer_id]


def found() -> str | None:
    """The machine's Chromium, as the other tests use it."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def test_nothing_of_anybody_stays_on_the_device(cast, browser, now_on):
    activity, turns = now_on
    page = kiosk(browser, cast, activity)
    typed(page, cards_of(turns)[0])
    page.wait_for_selector("#said.good .name:text-is('李*')")
    unsent(page, 0)
    kept = page.evaluate("""async () => {
      const base = await new Promise((done) => { const asked = indexedDB.open("kiosk"); asked.onsuccess = () => done(asked.result); });
      const rows = await new Promise((done) => { const asked = base.transaction("presses").objectStore("presses").getAll(); asked.onsuccess = () => done(asked.result); });
      const pages = [];
      for (const name of await caches.keys()) for (const one of await (await caches.open(name)).keys()) pages.push(await (await (await caches.open(name)).match(one)).text());
      return JSON.stringify([rows, pages, { ...localStorage }, document.cookie]);
    }""")
    assert "[]" in kept and "签到台" in kept
    for turn in turns:
        person = Volunteer.get_by_id(turn.volunteer_id)
        assert person.name not in kept and person.card_no not in kept
    assert "kiosk=" not in kept


def test_a_closed_kiosk_says_so_and_sends_the_rest_once_it_is_opened_anew(cast, browser, now_on):
    activity, turns = now_on
    page = kiosk(browser, cast, activity)
    page.context.set_offline(True)
    typed(page, cards_of(turns)[0])
    unsent(page, 1)
    kiosks.close(kiosks.Kiosk.get().id, cast.head)
    page.context.set_offline(False)
    page.wait_for_selector("#warns:has-text('已关闭或到期')", timeout=40_000)
    unsent(page, 1)
    _, code = kiosks.offer(activity.id, cast.recorder)
    page.goto(f"{browser.url}/kiosk/")
    page.fill("#code", code)
    page.click("text=作签到台")
    unsent(page, 0)
    assert Punch.select().count() == 1


@pytest.mark.parametrize("size", [TABLET, PHONE], ids=["tablet", "phone"])
def test_kiosk_screen_and_her_page_keep_wcag(cast, browser, now_on, size):
    activity, turns = now_on
    page = kiosk(browser, cast, activity, size)
    assert faults(page) == []
    typed(page, cards_of(turns)[1])
    page.wait_for_selector("#said.good")
    assert faults(page) == []
    typed(page, "999999999")
    page.wait_for_selector("#said.no")
    assert faults(page) == []
    page.goto(f"{browser.url}/kiosk/screen")
    assert faults(page) == []
    page.context.clear_cookies()
    page.goto(f"{browser.url}/kiosk/screen")  # the box for the code
    assert page.locator("#code").is_visible() and faults(page) == []

    me = browser.signed_in_as(open_for(turns[0].volunteer_id, SYSTEM).actor())
    me.set_viewport_size(size)
    me.goto(f"{browser.url}/me/here/x")
    assert faults(me) == []
    me.goto(f"{browser.url}/me/here/{presence.screen_code(activity, kiosks.rule_of(activity))}")
    assert me.url.endswith("/me/here/") and faults(me) == []
    me.click("button.press")
    me.wait_for_selector("text=已签到")
    assert faults(me) == []
    me.goto(f"{browser.url}/me/lead/{activity.id}")
    me.click("summary >> nth=0")
    assert faults(me) == []
    me.goto(f"{browser.url}/me/lead/")
    assert faults(me) == []
    wide = me.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert wide


def test_the_screen_shows_its_code_and_refreshes_itself_without_a_script(cast, browser, now_on):
    activity, _ = now_on
    page = kiosk(browser, cast, activity)
    page.goto(f"{browser.url}/kiosk/screen")
    assert page.locator("section.code img").evaluate("one => one.complete && one.naturalWidth > 20")
    plain = browser.chromium.new_context(java_script_enabled=False)
    plain.add_cookies(page.context.cookies())
    bare = plain.new_page()
    bare.goto(f"{browser.url}/kiosk/screen")
    assert bare.locator("section.code img").is_visible() and bare.locator("head meta[http-equiv=refresh]").count() == 1
    plain.close()
