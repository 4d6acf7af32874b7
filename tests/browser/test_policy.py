"""Policy in a real browser: one supervisor drafts, another releases, and from its day the counter prices by it."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from models import clock
from models.people import Account
from models.policy import PolicyVersion
from models.rewards import RewardItem
from models.scope import SYSTEM

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parents[2] / "build" / "pictures"
AT_MOST = 120  # seconds for the two persons together, on a busy machine too


def test_two_supervisors_change_the_rate_and_the_counter_follows_from_its_day(cast, browser):
    second = Account.enter(
        SYSTEM, username="county_2", name="五华副督导", role="supervisor", division="530102", active=True
    ).actor()
    cast.posted(cast.registered("李明"), minutes=1200)
    item = RewardItem.enter(cast.head, name="理发", points=10, stock=5)
    drafting, releasing, counter = (browser.signed_in_as(who) for who in (cast.county, second, cast.recorder))
    began = time.monotonic()

    drafting.goto("/admin/policy/")
    drafting.click("#exchange >> text=修改")
    drafting.fill("[name='v.points_per_hour']", "5")
    expect(drafting.locator("[name='how.points_per_hour'][value=own]")).to_be_checked()  # said by typing
    drafting.click("text=保存并提交")
    expect(drafting.locator(".said:not(.unsaved)")).to_contain_text("请填写「依据」")
    expect(drafting.locator("[name='v.points_per_hour']")).to_have_value("5")
    drafting.fill("#source", "区文明办〔2026〕8 号")
    drafting.click("text=保存并提交")
    expect(drafting.locator(".said:not(.unsaved)")).to_contain_text("等另一位督导发布")
    expect(drafting.locator("mark", has_text=re.compile("^5$"))).to_be_visible()
    assert drafting.locator("summary:text-is('发布')").count() == 0

    releasing.goto("/admin/")
    releasing.click("tr:has-text('政策草案') a:has-text('发布')")
    releasing.click("table.list tbody a:has-text('回馈兑换')")
    releasing.click("summary:text-is('发布')")
    releasing.click("text=确认发布")
    expect(releasing.locator("h1 .state")).to_have_text("已发布")
    assert time.monotonic() - began < AT_MOST
    PICTURES.mkdir(parents=True, exist_ok=True)
    releasing.screenshot(path=PICTURES / "policy-released.png")
    assert PolicyVersion.get().values == {"points_per_hour": 5}

    def price() -> str:
        counter.goto("/admin/rewards/exchange/")
        counter.fill("#volunteer", "李明")
        counter.wait_for_selector("li[role=option]")
        counter.keyboard.press("Enter")
        counter.click(f"#item-{item.id}")
        return counter.locator(".quote").inner_text()

    assert "10 分 × 1 = 10 分，每小时折 1 分，共 600 分钟" in price()
    before = clock.today()
    counter.click("text=拨后 1 天")
    counter.wait_for_load_state()
    assert (clock.today() - before).days == 1
    assert "10 分 × 1 = 10 分，每小时折 5 分，共 120 分钟" in price()
