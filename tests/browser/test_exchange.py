"""The counter of the exchange in a real browser: found by typing, priced on a click, pressed twice, gone back to."""

import pytest

from models.rewards import Redemption, RewardItem

pytestmark = pytest.mark.browser


def test_pressed_twice_and_gone_back_to_it_is_one_exchange(cast, browser):
    person = cast.registered("李明")
    cast.posted(person, minutes=600)
    item = RewardItem.enter(cast.head, name="理发", points=3, stock=5)
    page = browser.signed_in_as(cast.recorder)
    page.goto("/admin/rewards/exchange/")
    page.fill("#volunteer", "李明")
    page.wait_for_selector("li[role=option]")
    page.keyboard.press("Enter")
    page.click(f"#item-{item.id}")
    page.wait_for_selector("text=3 分 × 1 = 3 分")
    page.dblclick("text=确认兑换")
    page.wait_for_selector("text=已预留：理发 × 1，扣减 3.00 小时")
    page.go_back()
    page.wait_for_selector("text=这一次已经办好")
    assert page.locator("text=确认兑换").count() == 0
    assert Redemption.select().count() == 1 and RewardItem.get_by_id(item.id).stock == 4
