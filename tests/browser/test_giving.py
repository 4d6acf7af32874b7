"""Hours donated and granted in a real browser: found by typing, read first, pressed twice, seen by the volunteer."""

import pytest
from served import recipient

from models.gifts import Gift
from models.people import open_for
from models.pool import Grant
from models.rewards import RewardItem

pytestmark = pytest.mark.browser


def test_a_donation_helps_somebody_and_the_donor_reads_it(cast, browser):
    donor = cast.registered("王芳")
    cast.posted(donor, minutes=600)
    item = RewardItem.enter(cast.head, name="上门理发", points=2, stock=5)
    recipient(cast.recorder, name="赵德旺")
    page = browser.signed_in_as(cast.recorder)
    page.goto("/admin/gifts/")
    page.click("text=办理转赠或捐赠")
    page.fill("#volunteer", "王芳")
    page.wait_for_selector("li[role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=可捐赠")
    page.fill("#hours", "5")
    page.fill("#reason", "给楼里的老人")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=王芳 → 工作站捐赠池")
    page.dblclick("text=确认捐赠")
    page.wait_for_selector("text=已捐给工作站 5.00 小时。")
    page.go_back()
    page.wait_for_selector("text=这一次已经办好")
    assert Gift.select().count() == 1

    page.goto("/admin/grants/give/")
    page.fill("#recipient", "赵德旺")
    page.wait_for_selector("li[role=option]")
    page.keyboard.press("Enter")
    page.click(f"#item-{item.id}")
    page.wait_for_selector("text=2 分 × 1 = 2 分")
    page.dblclick("text=确认受助")
    page.wait_for_selector("text=已预留：上门理发 × 1，用捐赠工时 2.00 小时。请发放。")
    page.click("button:has-text('发放')")
    page.wait_for_selector("h1 .state.good")
    assert Grant.select().count() == 1

    account = open_for(donor.id, cast.head)
    hers = browser.signed_in_as(account.actor())
    hers.goto("/me/hours/lots")
    hers.wait_for_selector("text=已用于帮助困难群众 2.00 小时，其余 3.00 小时在捐赠池里")
