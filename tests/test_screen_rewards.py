"""回馈兑换: the counter, the catalogue, the slip."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from desk import queries
from models.audit import Trail
from models.base import database
from models.clock import today
from models.hours import Balance
from models.rewards import Redemption, RewardItem
from models.verifying import verify


@pytest.fixture
def person(cast):
    """Li Ming, who served ten hours."""
    one = cast.registered("李明")
    cast.posted(one, minutes=600)
    return one


@pytest.fixture
def haircut(cast):
    return RewardItem.enter(cast.head, name="理发", kind="service", points=3, stock=5)


def key_of(page):
    return re.search(r'name="key" value="([^"]+)"', page.html)[1]


def confirm(page, person, item, quantity=1, key=None):
    return page.post("/admin/rewards/exchange/", volunteer=person.id, item=item.id, quantity=quantity, key=key)


def test_the_counter_shows_both_figures_and_what_they_are_worth(cast, desk, person, haircut):
    page = desk.signed_in_as(cast.recorder).get("/admin/rewards/exchange/", volunteer=person.id)
    assert page.says("荣誉工时") and page.says("可兑换工时") and page.says("10.00") and page.says("合 10 分")
    assert page.says("理发") and page.says("3 份")


@pytest.mark.parametrize("typed", ["{card}", "李明", "　{wide}"])
def test_a_person_is_found_by_card_number_or_name(cast, desk, person, typed):
    wide = person.card_no.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/rewards/exchange/", who=typed.format(card=person.card_no, wide=wide))
    assert page.says("现在可以兑换")


def test_namesakes_are_told_apart_by_number(cast, desk, person):
    twin = cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).get("/admin/rewards/exchange/", who="李明")
    assert page.says("有 2 位同名") and page.says(twin.card_no)


def test_nobody_of_that_name_is_said_so_and_what_was_typed_is_kept(cast, desk):
    page = desk.signed_in_as(cast.recorder).get("/admin/rewards/exchange/", who="李雷")
    assert page.says("本站没有已注册的志愿者「李雷」") and 'value="李雷"' in page.html


def test_the_price_and_the_balance_afterwards_are_read_before_anything_is_taken(cast, desk, person, haircut):
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/rewards/exchange/", volunteer=person.id, item=haircut.id, quantity="２")
    assert page.says("3 分 × 2 = 6 分") and page.says("6.00") and page.says("4.00") and page.says("确认兑换")
    assert Redemption.select().count() == 0


def test_confirming_takes_hours_and_stock(cast, desk, person, haircut):
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/rewards/exchange/", volunteer=person.id, item=haircut.id, quantity=2)
    assert confirm(page, person, haircut, 2, key_of(page)).says("已预留：理发 × 2，扣减 6.00 小时")
    assert Balance.get_by_id(person.id).exchangeable == 240
    assert RewardItem.get_by_id(haircut.id).stock == 3


def test_a_second_press_is_the_same_exchange(cast, desk, person, haircut):
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/rewards/exchange/", volunteer=person.id, item=haircut.id)
    key = key_of(page)
    first = confirm(page, person, haircut, 1, key).path
    assert confirm(page, person, haircut, 1, key).path == first
    assert Redemption.select().count() == 1
    again = page.get("/admin/rewards/exchange/", volunteer=person.id, item=haircut.id)
    assert key_of(again) != key


def test_the_page_that_back_leads_to_says_that_it_is_done(cast, desk, person, haircut):
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/rewards/exchange/", volunteer=person.id)
    back = {"volunteer": person.id, "item": haircut.id, "key": key_of(page)}
    assert key_of(page.get("/admin/rewards/exchange/", **back)) == back["key"]
    confirm(page, person, haircut, 1, back["key"])
    page.get("/admin/rewards/exchange/", **back)
    assert page.says("这一次已经办好") and not page.says("确认兑换")
    assert key_of(page.get("/admin/rewards/exchange/", volunteer=person.id, key="x")) != "x"


def test_too_many_is_refused_and_what_was_chosen_is_kept(cast, desk, person, haircut):
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/rewards/exchange/", volunteer=person.id, item=haircut.id)
    confirm(page, person, haircut, 4, key_of(page))
    assert page.says("可兑换工时不足：需要 12.00 小时，现有 10.00 小时。")
    assert 'value="4"' in page.html and page.says("李明") and "checked" in page.html
    assert Redemption.select().count() == 0 and RewardItem.get_by_id(haircut.id).stock == 5


@pytest.mark.parametrize("typed", ["两份", "-1", "1.5", "0", "99999999999999999999"])
def test_a_quantity_that_is_none_is_refused_in_words(cast, desk, person, haircut, typed):
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/rewards/exchange/", volunteer=person.id, item=haircut.id)
    confirm(page, person, haircut, typed, key_of(page))
    assert page.status == 200 and page.says(f"数量应是 1 以上的整数，现在是「{typed}」。")


def test_what_is_out_of_reach_says_why(cast, desk, person, haircut):
    RewardItem.enter(cast.head, name="电饭煲", kind="goods", points=50)
    RewardItem.enter(cast.head, name="菜篮", kind="goods", points=2, stock=0)
    RewardItem.enter(cast.head, name="体检", points=3, ends_on=today() - timedelta(days=1))
    page = desk.signed_in_as(cast.recorder).get("/admin/rewards/exchange/", volunteer=person.id)
    assert page.says("还差 40.00 小时") and page.says("没有库存") and not page.says("体检")


def test_pending_exchanges_are_named(cast, desk, person, haircut):
    Redemption.reserve(person.id, haircut.id, 1, cast.head, key="k1")
    page = desk.signed_in_as(cast.recorder).get("/admin/rewards/exchange/", volunteer=person.id)
    assert page.says("还没有办完的兑换") and page.says("理发 × 1（已预留）")


def test_handing_over_and_signing_finish_it(cast, desk, person, haircut):
    made = Redemption.reserve(person.id, haircut.id, 1, cast.head, key="k1")
    page = desk.signed_in_as(cast.recorder)
    back = f"/admin/rewards/details/?id={made.id}"
    assert page.post("/admin/rewards/move/", move="hand", id=made.id, back=back).says("已发放")
    assert page.post("/admin/rewards/move/", move="confirm", id=made.id, back=back).says("已签领")
    refused = page.post("/admin/rewards/move/", move="cancel", id=made.id, back=back, reason="不要了")
    assert refused.says("现在是「已签领」，不能「取消」")


def test_cancelling_returns_hours_and_stock(cast, desk, person, haircut):
    made = Redemption.reserve(person.id, haircut.id, 2, cast.head, key="k1")
    page = desk.signed_in_as(cast.recorder)
    page.post("/admin/rewards/move/", move="cancel", id=made.id, reason="临时不需要")
    assert Balance.get_by_id(person.id).exchangeable == 600 and RewardItem.get_by_id(haircut.id).stock == 5
    assert list(verify()) == []


def test_the_slip_has_its_lines_and_leaves_a_trace(cast, desk, person, haircut):
    made = Redemption.reserve(person.id, haircut.id, 1, cast.head, key="k1")
    page = desk.signed_in_as(cast.recorder).get("/admin/rewards/slip/", id=made.id)
    assert page.says("志愿者签领") and page.says("经办人") and page.says("理发") and page.says(person.card_no)
    assert Trail.select().where(Trail.action == "print", Trail.row == str(made.id)).count() == 1


def test_a_stranger_gets_no_slip_no_person_and_no_item(cast, desk, person, haircut):
    made = Redemption.reserve(person.id, haircut.id, 1, cast.head, key="k1")
    window = desk.signed_in_as(cast.head_b)
    assert window.get("/admin/rewards/slip/", id=made.id).status == 404
    assert window.get("/admin/rewards/exchange/", who=person.card_no).says("本站没有已注册的志愿者")
    assert not window.get("/admin/rewards/exchange/", volunteer=person.id).says("李明")
    assert confirm(window, person, haircut, 1, "k9").status == 404
    assert Redemption.select().count() == 1


def test_supervisors_look_on(cast, desk, person):
    window = desk.signed_in_as(cast.county)
    assert "/exchange/" not in window.get("/admin/rewards/").html
    assert window.get("/admin/rewards/exchange/").status == 403


def test_only_the_head_changes_the_catalogue(cast, desk, haircut):
    recorder = desk.signed_in_as(cast.recorder)
    assert recorder.get("/admin/reward_items/new/").status == 403
    assert recorder.get("/admin/reward_items/edit/", id=haircut.id).status == 403
    head = desk.signed_in_as(cast.head)
    head.get("/admin/reward_items/new/")
    assert head.post("/admin/reward_items/new/", name="菜篮", kind="goods", points="5", stock="10").says("已保存")


def test_stock_below_nothing_is_refused(cast, desk):
    head = desk.signed_in_as(cast.head)
    page = head.get("/admin/reward_items/new/")
    page.post("/admin/reward_items/new/", name="菜篮", kind="goods", points="5", stock="-1")
    assert page.says("库存不能是负数；不限请留空。") and 'value="菜篮"' in page.html
    assert RewardItem.select().count() == 0


def test_an_open_form_does_not_bring_stock_back(cast, desk, person, haircut):
    head = desk.signed_in_as(cast.head)
    head.get("/admin/reward_items/edit/", id=haircut.id)
    revision = re.search(r'name="revision" value="(\d+)"', head.html)[1]
    Redemption.reserve(person.id, haircut.id, 2, cast.recorder, key="k1")
    said = {"name": "理发（老人）", "kind": "service", "points": "3", "stock": "5", "active": "y"}
    head.post(f"/admin/reward_items/edit/?id={haircut.id}", revision=revision, **said)
    assert head.says("刚刚被别人改过") and head.says("别人已保存为：3") and 'value="理发（老人）"' in head.html
    assert RewardItem.get_by_id(haircut.id).stock == 3
    newer = re.search(r'name="revision" value="(\d+)"', head.html)[1]
    head.post(f"/admin/reward_items/edit/?id={haircut.id}", revision=newer, **said | {"stock": "3"})
    assert head.says("已保存") and RewardItem.get_by_id(haircut.id).name == "理发（老人）"


def test_the_list_adds_up_without_what_was_cancelled(cast, desk, person, haircut):
    Redemption.reserve(person.id, haircut.id, 1, cast.head, key="k1")
    gone = Redemption.reserve(person.id, haircut.id, 1, cast.head, key="k2")
    Redemption.move(gone.id, "cancel", cast.head, reason="不要了")
    page = desk.signed_in_as(cast.head).get("/admin/rewards/")
    assert page.says("不含未批准、已取消") and "<b>3.00</b>" in page.html
    assert "<b>3.00</b>" in page.get("/admin/rewards/", state="cancelled").html


def test_two_clerks_at_once_never_issue_more_than_there_is(cast, desk, person, haircut):
    windows = [desk.signed_in_as(who) for who in (cast.recorder, cast.head)]
    RewardItem.amend(haircut.id, cast.head, stock=1)
    keys = [key_of(w.get("/admin/rewards/exchange/", volunteer=person.id, item=haircut.id)) for w in windows]
    database.close()

    def press(window, key):
        desk.app.config["KEEP_CONNECTION"] = False
        return confirm(window, person, haircut, 1, key)

    with ThreadPoolExecutor(2) as both:
        pages = list(both.map(press, windows, keys))
    database.connect(reuse_if_open=True)
    assert sorted(page.says("已预留：") for page in pages) == [False, True]
    assert RewardItem.get_by_id(haircut.id).stock == 0
    assert Balance.get_by_id(person.id).exchangeable == 420 and list(verify()) == []


@pytest.mark.parametrize("address", ["/admin/rewards/exchange/?volunteer={id}", "/admin/rewards/"])
def test_queries_do_not_grow_with_rows(cast, desk, person, haircut, address):
    window = desk.signed_in_as(cast.head)
    Redemption.reserve(person.id, haircut.id, 1, cast.head, key="k0")
    address = address.format(id=person.id)
    window.get(address)
    with queries() as few:
        window.get(address)
    for n in range(4):
        item = RewardItem.enter(cast.head, name=f"菜篮{n}", points=1)
        Redemption.reserve(person.id, item.id, 1, cast.head, key=f"k{n + 1}")
    window.get(address)  # the badges of the menu are counted anew every few seconds
    with queries() as many:
        window.get(address)
    assert len(many) == len(few)
