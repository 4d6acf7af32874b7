"""A phone's code in a real browser: switched on, asked for at the next sign-in, and another session ended."""

import pyotp
import pytest

from desk import PASSWORD, give_password
from models.people import Account
from models.second_factor import SecondFactor
from models.sessions import Session

pytestmark = pytest.mark.browser


def code() -> str:
    """What the phone shows now, the step that was used last forgotten: the test does not wait half a minute."""
    SecondFactor.update(last_step=0).execute()
    return pyotp.TOTP(SecondFactor.get().secret).now()


def test_the_phone_is_enrolled_asked_for_and_another_window_closed(cast, browser):
    page = browser.signed_in_as(cast.recorder)
    blocked = []
    page.on("console", lambda message: blocked.append(message.text) if message.type == "error" else None)
    page.click("text=我的账号")
    page.click("text=启用动态口令")
    picture = page.locator(".scan img")
    picture.wait_for()
    assert picture.evaluate("one => one.complete && one.naturalWidth > 100")
    assert page.locator(".scan code").inner_text().replace(" ", "") == SecondFactor.get().secret
    page.fill("[name=code]", code())
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('启用')")
    page.wait_for_selector("text=恢复码只在这里显示一次")
    spare = page.locator(".codes code").first.inner_text()
    page.click("text=我已抄好")
    page.wait_for_selector("text=恢复码还剩 10 个")

    there = browser.open("/login?next=/admin/volunteers/")
    there.fill("[name=username]", give_password(cast.recorder))
    there.fill("[name=password]", PASSWORD)
    there.click("button.next")
    there.wait_for_url("**/login/step")
    there.fill("[name=code]", "000 000")
    there.click("button.next")
    there.wait_for_selector("text=动态口令不对")
    there.fill("[name=code]", code())
    there.click("button.next")
    there.wait_for_url("**/admin/volunteers/")

    page.reload()
    page.click("tr:has(button:has-text('结束')) button")
    page.wait_for_selector("text=已结束这一处登录")
    there.goto("/admin/records/")
    there.wait_for_selector("text=您在别处结束了这次登录")
    there.fill("[name=username]", "recorder")
    there.fill("[name=password]", PASSWORD)
    there.click("button.next")
    there.wait_for_url("**/login/step")
    there.fill("[name=code]", spare)
    there.click("button.next")
    there.wait_for_url("**/admin/records/")
    assert blocked == [] and Account.get_by_id(cast.recorder.account_id).coded
    assert {row.how for row in Session.select().where(Session.ended_at.is_null(False))} >= {"elsewhere", "next"}


def test_a_one_time_password_is_made_told_and_changed(cast, browser):
    give_password(cast.recorder)
    head = browser.signed_in_as(cast.head)
    head.goto(f"/admin/people/details/?id={cast.recorder.account_id}")
    head.click("summary:has-text('重置密码')")
    head.click("form[action$='/reset/'] button")
    head.wait_for_selector("text=只在这里显示一次")
    made = head.locator("code.told").inner_text()
    clerk = browser.open("/login")
    clerk.fill("[name=username]", "recorder")
    clerk.fill("[name=password]", made)
    clerk.click("button.next")
    clerk.wait_for_selector("text=设置自己的密码")
    clerk.goto("/admin/")
    clerk.wait_for_url("**/login?next=**")
    clerk.goto("/login/step")
    clerk.fill("[name=new]", "woaini1314520")
    clerk.fill("[name=again]", "woaini1314520")
    clerk.click("button.next")
    clerk.wait_for_selector("text=这个密码很多人在用")
    clerk.fill("[name=new]", "石榴-雨伞-第七路公交车")
    clerk.fill("[name=again]", "石榴-雨伞-第七路公交车")
    clerk.click("button.next")
    clerk.wait_for_url("**/admin/")
