"""转赠与捐赠、受助 at the desk: what it will do is read first, who sees what of whom, and what the volunteer is told."""

import re
from html import unescape

import pytest
from served import household, recipient
from walks_giving import release

from desk import give_password, queries
from models.gifts import Gift
from models.hours import Balance
from models.people import Account, open_for
from models.pool import Grant, balance
from models.rewards import Redemption, RewardItem


@pytest.fixture
def giver(cast):
    """Wang Fang, who served ten hours, where gifts to anybody are allowed."""
    release("giving", gift="anyone", gift_yearly_hours=8)
    one = cast.registered("王芳")
    cast.posted(one, minutes=600)
    return one


@pytest.fixture
def father(cast):
    return cast.registered("王建国", by=cast.recorder_b)


def key_of(page):
    return re.search(r'name="key" value="([^"]+)"', page.html)[1]


def text_of(page) -> str:
    body = re.search(r"<tbody>(.*?)</tbody>", page.html, re.S)
    return unescape(re.sub(r"<[^>]+>", " ", body[1]))


def plan(page, giver, **said):
    return page.get("/admin/gifts/give/", volunteer=giver.id, **said)


def test_what_a_gift_will_do_is_read_before_anything_moves(cast, desk, giver, father):
    page = desk.signed_in_as(cast.recorder)
    plan(page, giver, what="gift", card=f"　{father.card_no}", hours="２", minutes="30", relation="parent")
    assert page.says("王芳 → 王建国") and page.says("环城社区") and page.says("确认转赠")
    assert page.says("2.50") and page.says("7.50") and page.says("每年最多 8 小时")
    assert Gift.select().count() == 0


def test_confirming_gives_once_however_often_it_is_pressed(cast, desk, giver, father):
    page = desk.signed_in_as(cast.recorder)
    said = {"what": "gift", "card": father.card_no, "hours": "2", "minutes": "", "relation": "", "reason": "赡养"}
    key = key_of(plan(page, giver, **said))
    for _ in range(2):
        page.post("/admin/gifts/give/", said, volunteer=giver.id, key=key)
        assert page.path.startswith("/admin/gifts/details/")
    assert page.says("转赠") and page.says("赡养") and page.says("工时账上的分录")
    assert Gift.select().count() == 1 and Balance.get_by_id(father.id).exchangeable == 120
    assert page.get("/admin/gifts/give/", volunteer=giver.id, key=key).says("这一次已经办好")


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"what": "gift", "card": "王建国", "hours": "1"}, "没有查到编号「王建国」的志愿者"),
        ({"what": "gift", "hours": "1"}, "请输入受赠人服务证上的完整编号"),
        ({"what": "donation", "hours": "11"}, "可捐赠的工时不足：需要 11.00 小时，现有 10.00 小时。"),
        ({"what": "donation", "hours": "一"}, "时长应是整数的小时和分钟，现在是「一」小时「」分钟。"),
        ({"what": "donation", "hours": "0"}, "请填写捐赠的时长，至少 1 分钟。"),
    ],
)
def test_what_cannot_be_given_is_said_before_and_after_and_what_was_typed_stays(cast, desk, giver, said, says):
    page = desk.signed_in_as(cast.recorder)
    assert plan(page, giver, **said).says(says)
    assert not page.says("确认转赠") and not page.says("确认捐赠")
    page.post("/admin/gifts/give/", said, volunteer=giver.id, key="k" * 24)
    assert page.says(says) and f'value="{said["hours"]}"' in page.html
    assert Gift.select().count() == 0


def test_where_policy_gives_to_nobody_only_the_station_is_offered(cast, desk):
    one = cast.registered("王芳")
    cast.posted(one, minutes=60)
    page = desk.signed_in_as(cast.recorder)
    plan(page, one)
    assert page.says("工作站，用于困难群众") and not page.says("受赠人编号")
    release("giving", donation=False)
    assert plan(page, one).says("现行政策既不转赠工时，也不接受捐赠。")


def test_only_relatives_that_policy_names_are_offered(cast, desk, giver):
    release("giving", edition=2, gift="relatives", relations=["parent", "child"])
    page = plan(desk.signed_in_as(cast.recorder), giver)
    assert page.says("父母") and page.says("子女") and not page.says("兄弟姐妹")


def test_the_receivers_station_sees_the_gift_and_not_who_gave_it(cast, desk, giver, father):
    given = Gift.give(giver.id, father.card_no, 60, cast.recorder, "g1")
    Gift.donate(giver.id, 60, cast.recorder, "d1")
    there = desk.signed_in_as(cast.head_b)
    there.get("/admin/gifts/")
    assert "王*" in text_of(there) and "王建国" in text_of(there)
    assert "王芳" not in there.html and giver.card_no not in there.html and there.says("共 1 条")
    there.get("/admin/gifts/details/", id=given.id)
    assert "王芳" not in there.html and giver.card_no not in there.html and not there.says("撤销</summary>")
    for word in ("王芳", giver.card_no):
        assert there.get("/admin/gifts/", q=word).says("共 0 条")
    assert there.get("/admin/gifts/", q="王建国").says("共 1 条")
    here = desk.signed_in_as(cast.recorder)
    assert here.get("/admin/gifts/", q="王芳").says("共 2 条") and here.get("/admin/gifts/", q="王建国").says("共 1 条")
    assert "王芳" in text_of(here.get("/admin/gifts/"))


def test_the_tabs_part_gifts_from_donations_and_say_what_lies_unused(cast, desk, giver, father):
    Gift.give(giver.id, father.card_no, 60, cast.recorder, "g1")
    Gift.donate(giver.id, 90, cast.recorder, "d1")
    page = desk.signed_in_as(cast.county)
    assert page.get("/admin/gifts/", list="gifts").says("共 1 条") and page.says("王芳")
    assert page.get("/admin/gifts/", list="unused").says("1.50")
    assert page.get("/admin/gifts/give/").status == 403


def test_a_head_takes_back_what_another_entered(cast, desk, giver, father):
    made = Gift.give(giver.id, father.card_no, 60, cast.recorder, "g1")
    page = desk.signed_in_as(cast.head)
    back = f"/admin/gifts/details/?id={made.id}"
    assert page.get(back).says("还没有用去的工时将退回原来的各笔")
    page.post("/admin/gifts/move/", move="cancel", id=made.id, back=back, reason="本人改主意")
    assert page.says("已撤销") and page.says("本人改主意") and Balance.get_by_id(giver.id).exchangeable == 600


def test_a_stranger_can_neither_give_for_nor_look_into_anybody(cast, desk, giver, father):
    window = desk.signed_in_as(cast.head_b)
    assert plan(window, giver, what="donation", hours="1").status == 404
    window.get("/admin/gifts/give/")
    gone = window.post("/admin/gifts/give/", volunteer=giver.id, what="donation", hours="1", key="k" * 24)
    assert gone.status == 404 and Gift.select().count() == 0


@pytest.fixture
def pool(cast, giver):
    """Five hours donated to A."""
    return Gift.donate(giver.id, 300, cast.recorder, "d1")


@pytest.fixture
def haircut(cast):
    return RewardItem.enter(cast.head, name="上门理发", points=2, stock=5)


def test_the_pool_stands_above_the_grants_and_what_one_costs_is_read_first(cast, desk, pool, haircut):
    who = recipient(cast.recorder)
    RewardItem.enter(cast.head, name="电饭煲", kind="goods", points=50)
    page = desk.signed_in_as(cast.recorder)
    assert page.get("/admin/grants/").says("捐赠池余额") and "<b>5.00</b>" in page.html
    page.get("/admin/grants/give/", recipient=who.id, item=haircut.id, quantity=2)
    assert page.says("赵德旺：上门理发 × 2") and page.says("2 分 × 2 = 4 分") and page.says("捐赠池不足")
    assert page.says("<b>4.00</b>") and page.says("<b>1.00</b>") and Grant.select().count() == 0
    key = key_of(page)
    for _ in range(2):
        page.post("/admin/grants/give/", recipient=who.id, item=haircut.id, quantity=2, key=key)
        assert page.says("受助单") and page.path.startswith("/admin/grants/details/")
    assert Grant.select().count() == 1 and balance(cast.a.id) == 60
    assert page.get("/admin/grants/").says("赵德旺") and "<b>1.00</b>" in page.html and "<b>4.00</b>" in page.html


def test_whom_policy_does_not_serve_is_said_with_what_it_asks(cast, desk, pool, haircut):
    release("giving", edition=2, gift="anyone", served=[{"minimum_age": 80, "hardships": ["01"]}])
    who = recipient(cast.recorder)
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/grants/give/", recipient=who.id, item=haircut.id)
    assert page.says("捐赠的工时用于：80 周岁以上") and not page.says("确认受助")
    page.post("/admin/grants/give/", recipient=who.id, item=haircut.id, quantity=1, key="k" * 24)
    assert page.says("没有登记出生日期") and Grant.select().count() == 0


def test_handing_over_waits_in_the_inbox_and_cancelling_returns_it(cast, desk, pool, haircut):
    who = recipient(cast.recorder)
    made = Grant.give(who.id, haircut.id, 1, cast.head, "h1")
    page = desk.signed_in_as(cast.recorder)
    assert page.get("/admin/").says("受助单")
    page.get("/admin/grants/", waiting="hand")
    page.post("/admin/grants/move/", move="cancel", id=made.id, reason="老人住院", back="/admin/grants/")
    assert page.says("已取消") and balance(cast.a.id) == 300


def test_above_the_station_the_helped_are_masked_and_not_searched_for(cast, desk, pool, haircut):
    Grant.give(recipient(cast.recorder).id, haircut.id, 1, cast.recorder, "h1")
    page = desk.signed_in_as(cast.county)
    page.get("/admin/grants/")
    assert "赵*" in text_of(page).replace("＊", "*") and "赵德旺" not in page.html
    assert page.get("/admin/grants/", q="赵德旺").says("共 0 条") and page.get("/admin/grants/", q="理发").says("共 1 条")
    assert page.get("/admin/grants/give/").status == 403
    assert desk.signed_in_as(cast.head_b).get("/admin/grants/").says("还没有受助")


def test_the_statement_says_gifts_donations_and_grants_in_words(cast, desk, giver, father, haircut):
    Gift.give(giver.id, father.card_no, 60, cast.recorder, "g1")
    Gift.donate(giver.id, 120, cast.recorder, "d1")
    Grant.give(recipient(cast.recorder).id, haircut.id, 1, cast.recorder, "h1")
    page = desk.signed_in_as(cast.recorder).get("/admin/balances/details/", id=giver.id)
    for said in ("转赠", "捐赠", "捐赠工时受助", "赠送单"):
        assert page.says(said), said
    there = desk.signed_in_as(cast.head_b).get("/admin/balances/details/", id=father.id)
    assert there.says("转赠") and there.says("+1.00") and "王芳" not in there.html
    for kind in ("gift", "donation", "grant"):
        assert not page.get("/admin/hours/", kind=kind).says("没有符合条件的内容")


def test_a_volunteer_reads_what_became_of_what_she_gave(cast, desk, giver, father, haircut):
    Gift.give(giver.id, father.card_no, 60, cast.recorder, "g1")
    Gift.donate(giver.id, 180, cast.recorder, "d1")
    Grant.give(recipient(cast.recorder).id, haircut.id, 1, cast.recorder, "h1")

    def own_page(who, by):
        account = open_for(who.id, by)
        assert give_password(Account.get_by_id(account.id).actor())
        return desk.signed_in_as(account.actor()).get("/me/hours/lots")

    hers = own_page(giver, cast.head)
    assert hers.says("我的转赠与捐赠") and hers.says("转给 王*国")
    assert hers.says("已用于帮助困难群众 2.00 小时，其余 1.00 小时在捐赠池里") and "赵德旺" not in hers.html
    his = own_page(father, cast.head_b)
    assert his.says("来自 王*") and "王芳" not in his.html


# --- the conditions of exchange, at the counter ---


def test_what_bars_a_person_is_said_once_above_the_catalogue(cast, desk, giver, haircut):
    release("exchange", floor_star=1)
    page = desk.signed_in_as(cast.recorder).get("/admin/rewards/exchange/", volunteer=giver.id)
    assert page.html.count("认定为一星级以上才可兑换，现在还没有认定的星级。") == 1 and page.says("不能兑换")


def test_rights_and_what_a_point_is_reckoned_at_are_shown(cast, desk, giver, haircut):
    rights = [{"at": 5, "grants": "借书证"}, {"at": 50, "grants": "免费体检"}]
    release("exchange", point_worth_fen=100, entitlements=rights)
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/rewards/exchange/", volunteer=giver.id, item=haircut.id)
    assert page.says("借书证（满 5 分，已达到）") and page.says("免费体检（满 50 分，还差 40 分）")
    assert page.says("约合 2.00 元（仅作标价参考）")
    made = Redemption.reserve(giver.id, haircut.id, 1, cast.recorder, "k1")
    assert page.get("/admin/rewards/slip/", id=made.id).says("约合 2.00 元（仅作标价参考）")
    assert page.get("/admin/balances/details/", id=giver.id).says("免费体检（满 50 分，还差 42 分）")


def test_an_exchange_that_waits_for_approval_says_so_and_stands_in_the_heads_inbox(cast, desk, giver, haircut):
    release("exchange", approval=True)
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/rewards/exchange/", volunteer=giver.id, item=haircut.id)
    assert page.says("现行政策要由站长审批后才能发放")
    said = {"volunteer": giver.id, "item": haircut.id, "quantity": 1}
    page.post("/admin/rewards/exchange/", said, key=key_of(page))
    assert page.says("已报站长审批：上门理发 × 1，预留 2.00 小时。") and not page.says("打印兑换单")
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/").says("批准兑换")
    made = Redemption.get()
    back = f"/admin/rewards/details/?id={made.id}"
    assert head.post("/admin/rewards/move/", move="approve", id=made.id, back=back).says("已预留")
    assert head.says("打印兑换单") and head.says("张站长")


@pytest.mark.parametrize("address", ["/admin/gifts/", "/admin/grants/", "/admin/gifts/give/?volunteer={id}"])
def test_queries_do_not_grow_with_rows(cast, desk, giver, pool, haircut, address):
    window, address = desk.signed_in_as(cast.head), address.format(id=giver.id)
    home = household(cast.recorder)
    Grant.give(recipient(cast.recorder, home).id, haircut.id, 1, cast.recorder, "h0")
    window.get(address)
    with queries() as few:
        window.get(address)
    for n in range(3):
        Gift.donate(giver.id, 30, cast.recorder, f"m{n}")
    Grant.give(recipient(cast.recorder, home, "钱小妹").id, haircut.id, 1, cast.recorder, "h1")
    window.get(address)
    with queries() as many:
        window.get(address)
    assert len(many) == len(few)
