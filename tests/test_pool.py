"""受助: what a station was given pays for people in hardship, the oldest donation first, and goes back where it came from."""

from datetime import date

import pytest
from served import household, recipient
from walks_giving import release

from models.gifts import Gift
from models.hours import Balance, Entry
from models.households import Recipient
from models.pool import Grant, balance, serves
from models.refusals import NotFound, Refusal
from models.rewards import RewardItem
from models.scope import find
from models.verifying import verify
from rules.identity import make_resident_id


def uses_of(gift: int):
    """The entries by which a donation was used, and those that took such a use back, the newest first."""
    return Entry.select().where(Entry.gift == gift, Entry.kind == "grant").order_by(Entry.id.desc())


def donated(cast, *minutes: int) -> list[Gift]:
    """Donations of so many minutes, each of another person, in this order."""
    made = []
    for n, some in enumerate(minutes):
        who = cast.registered(f"王{'甲乙丙丁'[n]}")
        cast.posted(who, minutes=some)
        made.append(Gift.donate(who.id, some, cast.recorder, f"d{n}"))
    return made


def haircut(cast, **more) -> RewardItem:
    return RewardItem.enter(cast.head, **({"name": "上门理发", "points": 1, "stock": 9} | more))


def left(gifts: list[Gift]) -> list[int | None]:
    return [Gift.get_by_id(gift.id).left_minutes for gift in gifts]


def test_a_grant_draws_on_the_oldest_donations_and_names_the_donors(cast_on_either):
    cast = cast_on_either
    gifts, item = donated(cast, 90, 60, 60), haircut(cast)
    who = recipient(cast.recorder)
    made = Grant.give(who.id, item.id, 2, cast.recorder, "h1")
    assert (made.state, made.points, made.minutes, made.donations, made.left_minutes) == ("reserved", 2, 120, 2, 90)
    assert made.why == "1 分 × 2 = 2 分，每小时折 1 分，共 120 分钟。"
    assert (made.policy, made.judged["price"]) == ("giving@53:2012-10-23", "exchange@53:2012-10-23")
    assert left(gifts) == [0, 30, 60] and balance(cast.a.id) == 90
    assert RewardItem.get_by_id(item.id).stock == 7
    used = Entry.select().where(Entry.kind == "grant").order_by(Entry.id)
    assert [(e.volunteer_id, e.gift, e.minutes, e.debit, e.credit) for e in used] == [
        (gifts[0].giver_id, gifts[0].id, 90, "station", "exchange"),
        (gifts[1].giver_id, gifts[1].id, 30, "station", "exchange"),
    ]
    assert Gift.get_by_id(gifts[1].id).used == 30
    assert {b.exchangeable for b in Balance.select()} == {0}
    assert not verify()


def test_a_cancelled_grant_goes_back_into_the_very_donations_and_onto_the_shelf(cast_on_either):
    cast = cast_on_either
    gifts, item = donated(cast, 90, 60), haircut(cast)
    made = Grant.give(recipient(cast.recorder).id, item.id, 2, cast.recorder, "h1")
    Grant.move(made.id, "cancel", cast.recorder, "老人住院")
    assert left(gifts) == [90, 60] and RewardItem.get_by_id(item.id).stock == 9
    backs = list(uses_of(gifts[0].id))
    assert [(e.debit, e.minutes, e.reason) for e in backs] == [("exchange", 90, "老人住院"), ("station", 90, "")]
    before = Entry.select().count()
    Grant.move(made.id, "cancel", cast.recorder, "再来一次")
    assert Entry.select().count() == before and not verify()
    assert Gift.move(gifts[0].id, "cancel", cast.head, "给错了").state == "cancelled"


def test_what_was_handed_over_stays_so(cast):
    donated(cast, 60)
    made = Grant.give(recipient(cast.recorder).id, haircut(cast).id, 1, cast.recorder, "h1")
    assert Grant.move(made.id, "hand", cast.recorder).handed_at
    with pytest.raises(Refusal, match="现在是「已发放」，不能「取消」"):
        Grant.move(made.id, "cancel", cast.head, "不要了")


def test_a_donation_that_helped_somebody_cannot_be_taken_back(cast):
    (gift,) = donated(cast, 90)
    Grant.give(recipient(cast.recorder).id, haircut(cast).id, 1, cast.recorder, "h1")
    with pytest.raises(Refusal, match=r"已有 1.00 小时用于受助，不能撤销。"):
        Gift.move(gift.id, "cancel", cast.head, "给错了")
    assert left([gift]) == [30] and not verify()


@pytest.mark.parametrize(
    ("more", "quantity", "says"),
    [
        ({}, 2, r"捐赠池的工时不足：需要 2.00 小时，现有 1.50 小时。"),
        ({"stock": 0}, 1, "「上门理发」库存不足：需要 1 份，只剩 0 份。"),
        ({"active": False}, 1, "「上门理发」现在不在兑换期内。"),
        ({"yearly_limit": 1}, 2, "「上门理发」每人每年限 1 份，今年还可受助 1 份。"),
        ({}, 0, "数量应在 1 到 1000 之间"),
        ({}, True, "数量应在 1 到 1000 之间"),
    ],
)
def test_what_cannot_be_given_takes_nothing(cast, more, quantity, says):
    gifts, item = donated(cast, 90), haircut(cast, **more)
    with pytest.raises(Refusal, match=says):
        Grant.give(recipient(cast.recorder).id, item.id, quantity, cast.recorder, "h1")
    assert left(gifts) == [90] and Grant.select().count() == 0
    assert RewardItem.get_by_id(item.id).stock == more.get("stock", 9)


def test_the_policy_says_whom_the_pool_helps_and_no_seal_is_opened(cast, monkeypatch):
    release("giving", served=[{"minimum_age": 80, "hardships": ["01"]}])
    donated(cast, 120)
    item, home = haircut(cast), household(cast.recorder)
    number = make_resident_id("530102", date(1940, 1, 1), 7)
    old = recipient(cast.recorder, home, document_number=number)
    young = recipient(cast.recorder, home, "钱小妹", birth_date=date(1990, 1, 1))
    unlike = recipient(cast.recorder, home, "孙老三", ("02",), birth_date=date(1940, 1, 1))
    unknown = recipient(cast.recorder, home, "周老四")
    assert Grant.give(old.id, item.id, 1, cast.recorder, "h1")
    for who, says in ((young, "现在 3"), (unlike, "年龄和困难类别不全符合"), (unknown, "没有登记出生日期")):
        assert not serves(who, cast.recorder).value
        with pytest.raises(Refusal, match=says):
            Grant.give(who.id, item.id, 1, cast.recorder, "h2")
    few = Recipient.select(Recipient.id, Recipient.birth_date).where(Recipient.id == old.id).get()
    monkeypatch.setattr("models.fields.Keyring.unseal", lambda *sealed: pytest.fail("a seal was opened"))
    assert serves(few, cast.recorder).value


def test_whoever_left_is_not_helped(cast):
    donated(cast, 60)
    who = recipient(cast.recorder)
    Recipient.update(left_on=date(2026, 1, 1)).where(Recipient.id == who.id).execute()
    with pytest.raises(Refusal, match="已于 2026-01-01 注销"):
        Grant.give(who.id, haircut(cast).id, 1, cast.recorder, "h1")


def test_the_same_request_grants_once_and_another_is_told(cast_on_either):
    cast = cast_on_either
    donated(cast, 180)
    who, item = recipient(cast.recorder), haircut(cast)
    first = Grant.give(who.id, item.id, 1, cast.recorder, "h1")
    assert Grant.give(who.id, item.id, 1, cast.recorder, "h1").id == first.id
    with pytest.raises(Refusal, match="已用于另一次受助"):
        Grant.give(who.id, item.id, 2, cast.recorder, "h1")
    for key in ("", "h" * 41):
        with pytest.raises(Refusal, match="请求缺少编号"):
            Grant.give(who.id, item.id, 1, cast.recorder, key)
    assert balance(cast.a.id) == 120


def test_another_station_has_neither_the_pool_nor_the_person(cast):
    donated(cast, 60)
    who, item = recipient(cast.recorder), haircut(cast)
    made = Grant.give(who.id, item.id, 1, cast.recorder, "h1")
    for by in (cast.head_b, cast.recorder_b):
        with pytest.raises(NotFound):
            find(Grant, made.id, by)
        with pytest.raises(NotFound):
            Grant.give(who.id, item.id, 1, by, "h2")
    theirs = RewardItem.enter(cast.head_b, name="理发", points=1)
    with pytest.raises(Refusal, match=r"捐赠池的工时不足：需要 1.00 小时，现有 0.00 小时。"):
        Grant.give(recipient(cast.recorder_b).id, theirs.id, 1, cast.recorder_b, "h2")
    for by in (cast.county, cast.auditor, cast.admin, cast.volunteer):
        with pytest.raises(Refusal, match="不能办理"):
            Grant.give(who.id, item.id, 1, by, "h3")


def test_a_shelf_that_is_not_counted_gives_and_gains_nothing(cast):
    donated(cast, 120)
    item = haircut(cast, stock=None)
    made = Grant.give(recipient(cast.recorder).id, item.id, 1, cast.recorder, "h1")
    assert made.took_stock is False
    RewardItem.amend(item.id, cast.head, stock=5)
    Grant.move(made.id, "cancel", cast.recorder, "不要了")
    assert RewardItem.get_by_id(item.id).stock == 5


def test_the_books_are_held_against_what_a_donation_says_is_left(cast):
    (gift,) = donated(cast, 90)
    Grant.give(recipient(cast.recorder).id, haircut(cast).id, 1, cast.recorder, "h1")
    assert not verify()
    Gift.update(left_minutes=31).where(Gift.id == gift.id).execute()
    assert [(fault.where, fault.says) for fault in verify()] == [
        (f"捐赠 {gift.id}", "捐赠池中的剩余与分录合计不符。")
    ]


def test_the_yearly_limit_of_a_thing_is_each_persons_own_and_counts_what_was_not_cancelled(cast):
    donated(cast, 300)
    item = haircut(cast, yearly_limit=1)
    one, other = recipient(cast.recorder), recipient(cast.recorder, name="钱小妹")
    first = Grant.give(one.id, item.id, 1, cast.recorder, "h1")
    with pytest.raises(Refusal, match="今年还可受助 0 份"):
        Grant.give(one.id, item.id, 1, cast.recorder, "h2")
    assert Grant.give(other.id, item.id, 1, cast.recorder, "h3")
    Grant.move(first.id, "cancel", cast.recorder, "不要了")
    assert Grant.give(one.id, item.id, 1, cast.recorder, "h2")
