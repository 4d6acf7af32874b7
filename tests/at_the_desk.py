"""What a person at the desk does in her window: a form filled in, a move made, a state read."""

import re

from playwright.sync_api import Page, expect


def new(page: Page, path: str, **values: str) -> None:
    """Fill in a form and save it; a leading «?» picks from a look-up, «=» from a select."""
    page.goto(path)
    for name, value in values.items():
        answer(page, name, value)
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url("**/details/**")


def answer(page: Page, name: str, value: str) -> None:
    if value.startswith("?"):
        page.locator(f"#{name}").wait_for()
        page.wait_for_load_state()  # of the page that has the box: a look-up needs the script
        page.locator(f"#{name}").press_sequentially(value[1:])
        page.locator(f".picker:has(#{name}) [role=option]").first.wait_for()
        page.keyboard.press("Enter")
    elif value.startswith("="):
        page.locator(f"[name='{name}']").select_option(label=value[1:])
    else:
        page.locator(f"[name='{name}']").first.fill(value)


def press(page: Page, label: str, **asked: str) -> None:
    """Make the move of this name on the page's row, with what it asks for and its reason where it wants one."""
    opener = page.locator(".story details.ask > summary", has_text=re.compile(f"^{label}$"))
    if not opener.count():
        page.locator(".story").get_by_role("button", name=label, exact=True).click()
    else:
        opener.click()
        for name, value in asked.items():
            answer(page, name.replace("__", "-"), value)
        page.get_by_role("button", name=f"确认{label}").or_(
            page.get_by_role("button", name=label, exact=True)
        ).first.click()
    page.wait_for_load_state()


def state(page: Page, says: str) -> None:
    expect(page.locator("h1 .state")).to_have_text(says)
