"""Paper from a real Chromium: each page of its exact size, whole, and with nothing on it that should not be."""

import pytest
from printed import A4, A4_WIDE, CARD, print_of

from cast import past_the_notice
from models.honours import Honour
from models.notices import Notice
from models.rewards import Redemption, RewardItem

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
    for person in people:
        cast.posted(person, minutes=480 * 30)
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
