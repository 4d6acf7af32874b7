"""From the street to a certificate, in real Chromium: a resident finds a project on her phone and registers; the desk holds
her document in its hands and approves her; she signs up, signs in and out at a kiosk that has no network, sees her hours
when the notice has ended, asks for a correction, for an exchange and for a certificate, which then checks as valid.

She has a phone, the desk its windows, the kiosk a tablet. Only the hours between coming and going are not waited for: the
machine's clock and the tablet's are both set two hours on.
"""

import re
from datetime import date, datetime, time, timedelta

import pytest
from at_the_desk import press, state
from playwright.sync_api import Page, expect

from cast import past_the_notice
from desk import PASSWORD, PHONE
from models import clock
from models.activities import Activity
from models.applications import Application
from models.assignments import Assignment
from models.catalogue import RewardItem
from models.certificates import Certificate
from models.corrections import Correction
from models.hours import Balance
from models.presence import Punch
from models.records import ServiceRecord, post_due
from models.rewards import Redemption
from models.volunteers import Volunteer
from rules.identity import make_resident_id

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME, NUMBER = "陶思源", make_resident_id("530102", date(1958, 3, 4), 128)
TABLET = (1024, 768)


class Hands:
    """The hands of the machine's clock: tomorrow at nine, and on from there."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        start, real = clock.wall(), clock.wall
        self.on = datetime.combine(start.date() + timedelta(days=1), time(9)) - start
        patch.setattr(clock, "wall", lambda: real() + self.on)

    def forward(self, **by: int) -> None:
        self.on += timedelta(**by)


@pytest.fixture
def hands(cast):
    with pytest.MonkeyPatch.context() as patch:
        yield Hands(patch)


def window(browser, actor) -> Page:
    page = browser.signed_in_as(actor)
    page.set_default_timeout(30_000)
    page.on("dialog", lambda asked: asked.accept())
    return page


def on(page: Page, to: str) -> None:
    """The next step, waited for."""
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name=to, level=1)).to_be_visible()


def registers(phone: Page, project: str) -> tuple[str, str]:
    """From the list of projects to the number and the code."""
    phone.goto("/projects/")
    phone.get_by_role("link", name=re.compile(project)).first.click()
    expect(phone.locator("main")).to_contain_text("路途劳累")
    phone.get_by_role("link", name="我还没有登记，先登记").click()
    on(phone, "您是谁")
    for name, value in {"name": NAME, "document_number": NUMBER}.items():
        phone.fill(f"[name={name}]", value)
    on(phone, "怎样联系您")
    phone.fill("[name=phone]", "13811112222")
    on(phone, "能做什么、什么时候有空")
    on(phone, "知情同意")
    for box in phone.locator("form.apply input[type=checkbox]").all():
        box.check()
    on(phone, "核对并送出")
    phone.get_by_role("button", name="送出报名").click()
    expect(phone.get_by_role("heading", name="报名已送出")).to_be_visible()
    number, code = phone.locator("dd.big").all_inner_texts()
    return number, code


def test_from_the_street_to_a_certificate_that_checks_as_valid(cast, browser, hands):
    post = cast.post(2, project={"name": "送医陪诊", "risks": "路途劳累"}, name="陪诊员")
    item = RewardItem.enter(cast.head, name="理发", points=1, stock=5)
    recorder, head = window(browser, cast.recorder), window(browser, cast.head)
    phone = browser.open("/", PHONE, is_mobile=True, has_touch=True)
    phone.set_default_timeout(30_000)

    # 招募注册: on her phone, then with her document at the desk
    number, code = registers(phone, "送医陪诊")
    row = Volunteer.get(Volunteer.name == NAME)
    details = f"/admin/volunteers/details/?id={row.id}"
    recorder.goto(details)
    press(recorder, "证件已核对")
    head.goto(details)
    press(head, "审核通过")
    state(head, "已注册")
    phone.goto("/apply/status")
    phone.fill("[name=number]", number)
    phone.fill("[name=code]", code)
    phone.get_by_role("button", name="查询").click()
    card = Volunteer.get_by_id(row.id).card_no
    expect(phone.locator("main")).to_contain_text(card)

    # 首次登录, and what she wished for at the start
    head.goto(details)
    head.locator("summary", has_text="打印首次登录码").click()
    head.get_by_role("button", name="打印首次登录码").click()
    first = head.locator("b.told").inner_text()
    phone.goto("/me/first")
    for name, value in {"card": card, "code": first, "new": PASSWORD, "again": PASSWORD}.items():
        phone.fill(f"#{name}", value)
    phone.click("main button")
    phone.wait_for_url("**/me/")
    application = Application.get_or_none(Application.volunteer == row.id)
    if application is None:
        phone.goto(f"/me/projects/{post.project_id}")
        phone.click("main button:has-text('报名')")
        phone.wait_for_selector("text=下一步：站长审核")
        application = Application.get(Application.volunteer == row.id)
    else:
        phone.goto("/me/applications")
        expect(phone.locator("main")).to_contain_text("陪诊员")
    head.goto(f"/admin/applications/details/?id={application.id}")
    press(head, "录用")

    # 排班, 签到 at a kiosk without a network, 签退
    today = clock.today()
    activity = Activity.enter(
        cast.recorder, project=post.project_id, name="陪赵大爷复查", day=today, place="社区医院", lead="赵敏",
        social_worker="钱进", starts_at=time(8, 30), ends_at=time(12),
    )  # fmt: skip
    recorder.goto(f"/admin/activities/match/?id={activity.id}")
    recorder.locator("tr", has_text=NAME).locator("input[type=checkbox]").check()
    recorder.get_by_role("button", name=re.compile("排班|安排")).first.click()
    recorder.wait_for_load_state()
    turn = Assignment.get(Assignment.volunteer == row.id)
    recorder.goto(f"/admin/activities/presence/?id={activity.id}")
    recorder.get_by_role("button", name="要一个开台码").click()
    kiosk = browser.open("/kiosk/", TABLET)
    kiosk.clock.set_system_time(clock.wall())
    kiosk.goto("/kiosk/")
    kiosk.fill("#code", recorder.locator("#code .big").inner_text().replace(" ", ""))
    kiosk.click("text=作签到台")
    kiosk.wait_for_selector("body[data-standing='1']")
    kiosk.context.set_offline(True)
    kiosk.fill("#card", card)
    kiosk.keyboard.press("Enter")
    kiosk.wait_for_selector("#said.kept")
    hands.forward(hours=2)
    kiosk.clock.set_system_time(clock.wall())
    kiosk.reload()
    kiosk.click("text=签退")
    kiosk.fill("#card", card)
    kiosk.keyboard.press("Enter")
    kiosk.wait_for_selector("#unsent:text-is('2')")
    assert not Punch.select().exists()
    kiosk.context.set_offline(False)
    kiosk.wait_for_selector("#unsent:text-is('0')", timeout=40_000)
    assert Assignment.get_by_id(turn.id).state == "left" and Punch.select().count() == 2

    # 记录, 公示, 入账; whoever was away for two hours signs in anew
    recorder, head = window(browser, cast.recorder), window(browser, cast.head)
    recorder.goto(f"/admin/activities/presence/?id={activity.id}")
    recorder.locator("#ready [name=content]").fill("陪诊")
    recorder.locator("#ready button.next").click()
    recorder.wait_for_url("**/sheets/details/**")
    record = ServiceRecord.get(ServiceRecord.volunteer == row.id)
    assert record.minutes == 120
    recorder.goto(f"/admin/records/details/?id={record.id}")
    press(recorder, "提交")
    head.goto(f"/admin/records/details/?id={record.id}")
    press(head, "审核通过")
    press(head, "公示")
    phone.goto("/notices/")
    phone.locator("main a", has_text="公示").first.click()
    expect(phone.locator("main")).not_to_contain_text(NAME)
    past_the_notice()
    post_due()
    phone.goto("/me/")
    if phone.url.endswith("/login") or phone.locator("[name=password]").count():
        phone.fill("[name=username]", card)
        phone.fill("[name=password]", PASSWORD)
        phone.click("main button")
        phone.goto("/me/")
    expect(phone.locator("main")).to_contain_text("2.00")
    assert Balance.get(Balance.volunteer == row.id).honour == 120

    # 更正, 兑换, 证明
    phone.goto(f"/me/records/{record.id}")
    phone.fill("#reason", "还送到了家门口，多出半小时")
    phone.click("text=申请更正 >> nth=-1")
    phone.wait_for_selector("text=正在等待批准")
    Correction.move(Correction.get().id, "refuse", cast.head, reason="签到台上没有")
    phone.goto("/me/exchange")
    phone.click("text=理发")
    phone.fill("#quantity", "1")
    phone.click("text=算一算")
    phone.click("button:has-text('申请兑换')")
    phone.wait_for_selector("text=等站长审批")
    assert Redemption.get().item_id == item.id
    phone.goto("/me/certificates")
    phone.click("main form button >> nth=-1")
    phone.wait_for_selector("text=请带上证件到工作站一次")
    certificate = Certificate.get()
    recorder, head = window(browser, cast.recorder), window(browser, cast.head)
    recorder.goto(f"/admin/certificates/details/?id={certificate.id}")
    press(recorder, "受理")
    head.goto(f"/admin/certificates/details/?id={certificate.id}")
    press(head, "开具并公示")
    past_the_notice()
    head = window(browser, cast.head)
    head.goto(f"/admin/certificates/details/?id={certificate.id}")
    press(head, "公示期满，生效")
    anybody = browser.open("/verify/", PHONE)
    anybody.fill("[name=code]", Certificate.get_by_id(certificate.id).code)
    anybody.locator("main button").first.click()
    expect(anybody.locator("main")).to_contain_text("有效")
    expect(anybody.locator("main")).to_contain_text("陶*")
    expect(anybody.locator("main")).not_to_contain_text(NAME)
