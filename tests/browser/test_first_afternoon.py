"""A new user follows README only: the whole first afternoon in a real Chromium against the real server.

Imports a workbook of volunteers and one of records, keys a sheet by hand, approves and publishes as head, moves the
demo clock past the notice, sees hours posted and a star proposed, exchanges hours for a service, takes the ledgers out
and opens them. Leaves its screenshots in ``build/pictures``.
"""

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from rules.identity import make_resident_id

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "pictures"
PASSWORD = "a first afternoon 2026"
SECONDS_TO_START = 120  # the demo station is loaded first
NAME = "陶思源"  # nobody of the demo station is called so
MEALS = "长者食堂值日"  # an activity that the demo station holds every week, 08:30 to 15:30
HOURS_A_DAY = 7
TITLES = {
    "volunteers": "志愿者登记",
    "records": "服务记录",
    "hours": "工时账",
    "stars": "星级认定",
    "rewards": "回馈兑换",
}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """`make run` on an empty folder: the address it serves and the folder it keeps."""
    folder = tmp_path_factory.mktemp("station")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = os.environ | {"INSTANCE": str(folder), "PORT": str(port), "DEMO_PASSWORD": PASSWORD}
    settings.pop("DATABASE_URL", None)
    log = folder / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "admin_app.server"], cwd=ROOT, env=settings, stdout=out, stderr=out
        )
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", server, log)
            yield f"http://127.0.0.1:{port}", folder
        finally:
            server.terminate()
            server.wait(20)


def _wait(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(SECONDS_TO_START * 5):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture
def windows(chromium, served):
    """Sign somebody in in a window of her own."""
    url, _ = served
    contexts, elsewhere = [], []

    def sign_in(username: str) -> Page:
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=url)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("dialog", lambda asked: asked.accept())
        page.on("request", lambda sent: sent.url.startswith((url, "data:")) or elsewhere.append(sent.url))
        page.goto("/login")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("button.next")
        page.wait_for_url("**/admin/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert elsewhere == [], "nothing may be loaded from outside"


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def volunteers_workbook(folder: Path) -> Path:
    """What a station really keeps: a merged title, its own words for the headers, a blank row, a totals row."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.merge_cells("A1:F1")
    sheet["A1"] = "翠竹社区志愿者花名册"
    sheet.append(["序号", "志愿者姓名", "身份证", "手机", "服务技能", "可服务时间"])
    people = [(NAME, date(1978, 3, 5)), ("蒲月华", date(1985, 11, 2)), ("宁致和", date(1990, 6, 18))]
    for n, (name, birth) in enumerate(people, 1):
        sheet.append([n, name, make_resident_id("530102", birth, 700 + n), f"１３９8765432{n}", "护理", "周六全天"])
    sheet.append([])
    sheet.append(["合计", None, None, None, None, "3 人"])
    book.save(folder / "花名册.xlsx")
    return folder / "花名册.xlsx"


def records_workbook(folder: Path, days: list[date]) -> Path:
    """A quarter's sign-ins: dates as text and as serials, times as people write them, hours instead of an end."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["翠竹社区服务记录"])
    sheet.append(["姓名", "活动名称", "服务日期", "开始时间", "结束时间", "时长", "服务内容", "评价"])
    for n, day in enumerate(days):
        when = day if n % 2 else f"{day.year}.{day.month}.{day.day}"
        end, hours = ("15：30", None) if n % 3 else (None, HOURS_A_DAY)
        sheet.append([NAME, MEALS, when, "上午8点半" if n % 2 else "8:30", end, hours, "帮厨、送餐", "优"])
    book.save(folder / "服务记录.xlsx")
    return folder / "服务记录.xlsx"


def meals(folder: Path) -> list[date]:
    """The days on which the demo station held its weekly activity, newest first."""
    with sqlite3.connect(folder / "station.db") as db:
        rows = db.execute("SELECT day FROM activity WHERE name = ? AND state = 'held' AND station_id = 1", (MEALS,))
        return sorted((date.fromisoformat(day) for (day,) in rows), reverse=True)


def take_in(page: Page, path: str, file: Path, rows: int) -> None:
    page.goto(path)
    page.get_by_text("从表格导入").click()
    page.set_input_files("input[type=file]", file)
    page.get_by_text("先看看会导入什么").click()
    page.get_by_text(f"新增 {rows}").wait_for()
    picture(page, f"preview-{file.stem}")
    page.get_by_text("全部导入").click()
    page.get_by_text("已完成").wait_for()


def test_the_first_afternoon(served, windows, tmp_path):
    _, folder = served
    days = meals(folder)[:15]
    assert len(days) == 15, "the demo station should hold its weekly activity for a quarter and more"

    recorder = windows("recorder")
    picture(recorder, "inbox-recorder")
    take_in(recorder, "/admin/volunteers/", volunteers_workbook(tmp_path), 3)

    head = windows("head")
    picture(head, "inbox")
    head.goto("/admin/volunteers/?q=" + NAME)
    head.locator("tbody a").first.click()
    head.get_by_role("button", name="审核通过").or_(head.locator("summary", has_text="审核通过")).first.click()
    head.get_by_text("确认审核通过").click()
    expect(head.locator(".state.good").first).to_have_text("已注册")
    picture(head, "volunteer")

    take_in(recorder, "/admin/records/", records_workbook(tmp_path, days), len(days))
    recorder.goto("/admin/records/?state=draft&q=" + NAME)
    recorder.locator("[data-all]").check()
    recorder.get_by_role("button", name="提交").click()
    recorder.get_by_text(f"已提交 {len(days)} 条").wait_for()

    key_a_sheet(recorder)
    clear_the_anomaly(recorder, head)
    approve_and_publish(head)
    for _ in range(2):
        head.get_by_text("拨后 7 天").click()
        head.get_by_text("演示时钟已到").wait_for()

    head.goto("/admin/balances/?q=" + NAME)
    expect(head.locator("tbody")).to_contain_text(f"{HOURS_A_DAY * len(days) + 1:.2f}")  # and the hour keyed by hand
    head.goto("/admin/hours/?q=" + NAME)
    expect(head.locator("tbody tr")).to_have_count(20)
    picture(head, "hours")
    head.goto("/admin/stars/?q=" + NAME)
    expect(head.locator("tbody")).to_contain_text("一星级")
    head.locator("[data-all]").check()
    head.get_by_role("button", name="申报").click()
    expect(head.locator("tbody")).to_contain_text("已申报")
    picture(head, "stars")

    exchange(recorder)
    for ledger in TITLES:
        check_ledger(head, ledger, tmp_path)


def key_a_sheet(page: Page) -> None:
    """One paper sheet by hand, with a slip that is said beside its cell and put right."""
    page.goto("/admin/activities/?state=held")
    page.locator("tbody tr a").nth(2).click()
    page.get_by_text("录入签到表").click()
    rows = page.locator(".grid tbody tr")
    rows.nth(0).locator("[name=who]").press_sequentially(NAME)
    rows.nth(0).locator("[role=option]").first.wait_for()
    page.keyboard.press("Enter")
    rows.nth(0).locator("[name=start]").fill("19：00")
    rows.nth(0).locator("[name=end]").fill("18:30")
    rows.nth(0).locator("[name=content]").fill("整理活动室")
    rows.nth(0).locator("[name=quality]").select_option(label="优")
    rows.nth(1).locator("[name=who]").focus()
    page.get_by_text("结束时间 18:30 应晚于开始时间 19:00").wait_for()
    picture(page, "grid")
    rows.nth(0).locator("[name=end]").fill("20:00")
    page.get_by_text("保存并提交审核").click()
    page.get_by_text("已保存 1 条并提交审核").wait_for()


def clear_the_anomaly(recorder: Page, head: Page) -> None:
    """One hour of a whole day's activity is asked about: the desk explains it, the head lets it pass."""
    recorder.goto("/admin/anomalies/?state=asked")
    recorder.locator("tbody tr", has_text=NAME).locator("a").first.click()
    recorder.locator(".story summary", has_text="说明情况").click()
    recorder.locator(".story [name='explain-explanation']").fill("活动结束后留下来整理了一小时")
    recorder.get_by_role("button", name="确认说明情况").click()
    recorder.get_by_text("已说明").first.wait_for()
    head.goto(recorder.url)
    head.locator(".story summary", has_text="核实通过").click()
    head.get_by_role("button", name="确认核实通过").click()
    expect(head.locator("h1 .state")).to_have_text("通过")


def approve_and_publish(page: Page) -> None:
    page.goto("/admin/records/")
    page.get_by_role("button", name="全部审核通过").click()
    page.get_by_text(re.compile("已审核通过 .* 条")).wait_for()
    picture(page, "records")
    page.get_by_role("button", name="全部公示").click()
    page.get_by_text(re.compile("已公示 .* 条")).wait_for()
    page.goto("/admin/notices/")
    page.locator("tbody a").first.click()
    picture(page, "notice")


def exchange(page: Page) -> None:
    """Two hours for a haircut: reserved, handed over, signed for."""
    page.goto("/admin/rewards/exchange/")
    page.locator("[role=combobox]").first.press_sequentially(NAME)
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_label("理发一次").check()
    page.get_by_text("确认兑换").wait_for()
    picture(page, "exchange")
    page.get_by_text("确认兑换").click()
    page.get_by_role("button", name="发放").click()
    page.get_by_role("button", name="签领确认").click()
    expect(page.locator(".state.good").first).to_have_text("已签领")


def check_ledger(page: Page, ledger: str, folder: Path) -> None:
    """Taken out as a job, downloaded, opened: a title, Chinese headers, rows."""
    page.goto(f"/admin/exports/?ledger={ledger}")
    page.locator("main button.next").click()
    with page.expect_download() as waiting:
        page.locator("#download").click()
    path = folder / f"{ledger}.xlsx"
    waiting.value.save_as(path)
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    rows = [row for row in sheet.iter_rows(values_only=True) if any(cell is not None for cell in row)]
    assert TITLES[ledger] in str(rows[0][0])
    assert len(rows) > 4
