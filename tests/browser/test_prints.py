"""Paper from a real Chromium: each page of its exact size, whole, and with nothing on it that should not be."""

import re

import pytest
from printed import A4, A4_WIDE, A5, CARD, print_of
from served import household, recipient
from served import need as told_need
from turns import occasion, rostered

from cast import past_the_notice, person
from models import clock
from models.honours import Honour
from models.needs import Need
from models.notices import Notice
from models.rewards import Redemption, RewardItem
from models.volunteers import Volunteer

pytestmark = pytest.mark.browser
LONG = "阿卜杜热合曼·买买提依明·吐尔逊江·艾则孜"


@pytest.fixture
def desk_window(cast, browser):
    return browser.signed_in_as(cast.recorder)


def opened(page, path, name=""):
    answer = page.goto(path)
    assert answer.status == 200, path
    return print_of(page, name)


def test_record_cards_are_cut_from_a4_or_printed_on_cards(cast, desk_window):
    people = [cast.registered(name) for name in ("李明", LONG, "王芳", "赵强", "孙丽", "周敏")]
    ids = "&".join(f"id={one.id}" for one in people)
    paper = opened(desk_window, f"/admin/volunteers/card/?{ids}", "cards-a4")
    assert paper.all_are(A4) and paper.pages == 2 and not paper.cut_off
    assert paper.says("李明", people[0].card_no, people[5].card_no, "志愿服务记录证")
    stock = opened(desk_window, f"/admin/volunteers/card/?{ids}&stock=card", "cards-stock")
    assert stock.all_are(CARD) and stock.pages == 12 and not stock.cut_off
    assert not stock.says(people[0].document_number) and not stock.says(people[0].phone)


def test_an_exchange_slip_is_two_copies_on_one_sheet(cast, desk_window):
    person = cast.registered(LONG)
    cast.posted(person, minutes=600)
    item = RewardItem.enter(cast.head, name="上门理发、修脚、剪指甲一次（由社区卫生服务站提供，须提前三天预约）", points=2, stock=5)
    slip = Redemption.reserve(person.id, item.id, 2, cast.recorder, key="k1")
    paper = opened(desk_window, f"/admin/rewards/slip/?id={slip.id}", "exchange-slip")
    assert paper.all_are(A4) and paper.pages == 1 and not paper.cut_off
    assert paper.says("工作站留存联", "志愿者联", "志愿者签领", "扣减积分", person.card_no)
    assert paper.texts[0].count("经办人(刘记录)") == 2
    assert not paper.says(person.document_number)


def test_a_notice_masks_names_and_breaks_over_pages(cast, desk_window):
    people = [cast.registered("李明"), cast.registered(LONG)]
    for one in people:
        cast.posted(one, minutes=480 * 30)
    notice = Notice.select().order_by(Notice.id).first()
    paper = opened(desk_window, f"/admin/notices/print/?id={notice.id}", "notice")
    assert paper.all_are(A4) and paper.pages >= 1 and not paper.cut_off
    assert paper.says("李*", "合计", "公示时间") and not paper.says("李明") and not paper.says(people[0].phone)


@pytest.mark.parametrize("title", ["季度之星", "在社区志愿服务工作中作出突出贡献的年度优秀志愿者标兵荣誉称号"])
def test_a_certificate_fills_one_a4_sheet_and_keeps_its_words_on_printed_stock(cast, desk_window, title):
    person = cast.registered(LONG)
    row = Honour.enter(cast.recorder, volunteer=person.id, title=title, level="own", deeds="每周给老人送餐")
    for name, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        Honour.move(row.id, name, by)
    past_the_notice()
    Honour.move(row.id, "grant", cast.head)
    for more in ("", "&plain=1&right=-3&down=4", "&right=99"):
        paper = opened(desk_window, f"/admin/honours/certificate/?id={row.id}{more}", f"certificate{len(title)}{more[:2]}")
        assert paper.all_are(A4_WIDE) and paper.pages == 1 and not paper.cut_off
        assert paper.says(title, Honour.get_by_id(row.id).certificate_no) and not paper.says(person.document_number)


# --- 签到表 ---


def test_a_sheet_of_forty_has_three_pages_and_a_code_a_row(cast, desk_window):
    activity = occasion(cast, name="老旧小区楼道清洁暨文明养犬宣传引导志愿服务活动（春季第三场）")
    people = [cast.registered(LONG if n == 7 else f"王{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{'一二三四'[n // 10]}") for n in range(40)]
    rostered(cast, activity, *people)
    paper = opened(desk_window, f"/admin/sheets/print/?activity={activity.id}", "sign-in-40")
    assert paper.all_are(A4_WIDE) and paper.pages == 3 and not paper.cut_off
    codes = [code for text in paper.texts for code in re.findall(rf"{activity.id}-\d+-\d\d", text)]
    assert len(codes) >= 45
    assert paper.says("第3页共3页", "质量填", people[39].card_no, "本人签名")
    assert not paper.says(people[0].phone) and not paper.says(people[0].document_number)


def test_a_blank_sheet_and_an_empty_roster_are_one_page(cast, desk_window):
    activity = occasion(cast)
    for more in ("", "&blank=1"):
        paper = opened(desk_window, f"/admin/sheets/print/?activity={activity.id}{more}", f"sign-in-blank{len(more)}")
        assert paper.all_are(A4_WIDE) and paper.pages == 1 and not paper.cut_off
        assert paper.says("志愿服务签到表", f"{activity.id}-00115-")


# --- 派遣回复单 ---


def test_a_dispatch_slip_says_where_and_what_and_nothing_of_the_hardship(cast, desk_window):
    home = household(cast.recorder, name=LONG, phone="13800138000", note="低保户，儿子服刑")
    who = recipient(cast.recorder, home, name=LONG, hardship=("05",))
    activity = occasion(cast, name="长者食堂助餐暨上门送餐、居家安全检查志愿服务活动", place="翠竹社区党群服务中心一楼长者食堂门前广场集合")
    row = told_need(
        cast.recorder, home, recipient=who.id, content="请人每周来打扫一次，换灯泡，陪着去卫生院取药。" * 20, risk="3",
        risk_note="楼道昏暗，家里养狗，上门前先打招呼。" * 12, urgency="2",
    )  # fmt: skip
    Need.move(row.id, "verify", cast.head, verified_how="home", verified_by="李若溪")
    Need.move(row.id, "dispatch", cast.recorder, project=activity.project_id)
    for name in (LONG, "王芳", LONG, LONG, LONG, LONG, "孙丽"):
        rostered(cast, activity, cast.registered(name), need=row.id)
    paper = opened(desk_window, f"/admin/needs/slip/?id={row.id}", "dispatch")
    assert paper.all_are(A4) and paper.pages == 2 and not paper.cut_off
    assert paper.says("派遣回复单", "换灯泡", "非常满意", "服务对象(或社工)签字", "翠竹巷3栋", "楼道昏暗")
    assert "还有3人同去" in paper.texts[0] and "(全文见附页)" in paper.texts[0] and "孙丽" not in paper.texts[0]
    assert "孙丽" in paper.texts[1] and paper.texts[1].count("上门前先打招呼。") == 12 and "居家安全检查志愿服务活动" in paper.texts[1]
    for kept in ("13800138000", "服刑", "低保", home.address):
        assert not paper.says(kept)
    desk_window.fill("input[name=reason]", "志愿者首次上门")
    desk_window.click("text=打印完整地址")
    paper = print_of(desk_window, "dispatch-clear")
    assert paper.says(home.address) and not paper.says("服刑") and not paper.cut_off


# --- 登记表 ---


def test_a_registration_form_is_two_pages_blank_masked_or_with_a_reason_in_full(cast, desk_window):
    blank = opened(desk_window, "/admin/volunteers/form/", "registration-blank")
    assert blank.all_are(A4) and blank.pages == 2 and not blank.cut_off
    assert blank.says("志愿者登记表", "监护人签字", "本人签字", "服务时间", "告知与同意书")
    person = cast.registered(LONG, address="昆明市五华区华山街道翠竹巷社区翠竹小区 3 栋 2 单元 501 室（老邮电宿舍旁边）")
    masked = opened(desk_window, f"/admin/volunteers/form/?id={person.id}", "registration-masked")
    assert masked.all_are(A4) and masked.pages == 2 and not masked.cut_off and masked.says(person.card_no, LONG, "√")
    for kept in (person.document_number, person.phone, "501室"):
        assert not masked.says(kept)
    desk_window.fill("input[name=reason]", "归入纸质档案")
    desk_window.click("text=打印完整内容")
    clear = print_of(desk_window, "registration-clear")
    assert clear.says(person.document_number, person.phone, "501室") and clear.pages == 2 and not clear.cut_off


def test_a_minors_form_has_the_guardians_part(cast, desk_window):
    child = Volunteer.enter(
        cast.recorder, **person("小明", birth=clock.today().replace(year=clock.today().year - 15, day=1), guardian_name="李父", guardian_phone="13900139000")
    )  # fmt: skip
    paper = opened(desk_window, f"/admin/volunteers/form/?id={child.id}", "registration-minor")
    assert paper.says("监护人签字(必签)", "李父", "监护人同意", "与被监护人关系") and not paper.says("13900139000")
    assert paper.pages == 2 and not paper.cut_off


# --- 记录本 ---


def test_a_record_book_goes_on_where_it_ended(cast, desk_window):
    volunteer = cast.registered(LONG)
    cast.posted(volunteer, minutes=480 * 17)
    grant = {"volunteer": volunteer.id, "level": "own", "deeds": "每周给老人送餐"}
    row = Honour.enter(cast.recorder, title="年度优秀社区志愿者", **grant)
    for name, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        Honour.move(row.id, name, by)
    past_the_notice()
    Honour.move(row.id, "grant", cast.head)
    address = f"/admin/volunteers/book/?id={volunteer.id}"
    first = opened(desk_window, address, "book-first")
    assert first.all_are(A5) and first.pages == 3 and not first.cut_off
    assert first.says("服务记录", "陪伴老人", "第2页", "嘉许与星级", "年度优秀社区志愿者", volunteer.card_no)
    assert not first.says(volunteer.document_number) and not first.says(volunteer.phone)
    desk_window.click("text=已打印好")
    desk_window.wait_for_selector("text=已记下打印到哪一行，新增 18 行")
    cast.posted(volunteer, minutes=480)
    going = opened(desk_window, address, "book-going")
    assert going.pages == 1 and going.all_are(A5) and not going.cut_off
    assert going.says("144.00") and not going.says("136.00") and not going.says("服务记录")  # the new line alone
    again = opened(desk_window, f"{address}&again=2", "book-again")
    assert again.says("136.00", "144.00", "服务记录", "第2页") and again.all_are(A5)


# --- 列表 ---


def test_a_list_lies_across_the_paper_with_its_heading_and_no_day_is_broken(cast, desk_window):
    person = cast.registered(LONG)
    paper = opened(desk_window, "/admin/volunteers/", "list")
    assert paper.all_are(A4_WIDE) and paper.pages == 1
    assert paper.says("文林社区学雷锋志愿服务工作站", person.card_no) and not paper.says("筛选")
    desk_window.emulate_media(media="print")
    desk_window.set_viewport_size({"width": int(277 / 25.4 * 96), "height": 700})
    tall = desk_window.evaluate("() => document.querySelector('table.list tbody td:last-child').getClientRects()[0].height")
    assert tall < 40  # pixels: one line, or two where the name takes them
    assert desk_window.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
