"""The door: who comes in, and how they leave."""

import pytest


def test_the_head_signs_in_and_sees_her_station(desk, cast):
    page = desk.signed_in_as(cast.head).get("/admin/")
    assert page.status == 200 and page.says("文林社区学雷锋志愿服务工作站") and page.says("张站长")


@pytest.mark.browser
def test_a_real_browser_signs_in(browser, cast):
    page = browser.signed_in_as(cast.recorder)
    assert page.locator(".person .name").inner_text() == "刘记录"
