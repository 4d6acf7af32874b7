"""转赠与捐赠 in the account: what leaves one person's lots, what comes into another's or the pool, and what goes back."""

from datetime import date, timedelta

import pytest
from walks_giving import release

from models import clock
from models.corrections import Correction
from models.gifts import Gift, of_person, wallet
from models.hours import Balance, Entry, Lot
from models.pool import balance
from models.refusals import NotFound, Refusal
from models.rewards import Redemption, RewardItem
from models.scope import find
from models.verifying import verify
from models.volunteers import Volunteer

OLD, NEW = date(2026, 1, 5), date(2026, 2, 2)


@pytest.fixture(autouse=True)
def _anyone(request):
    """Gifts to anybody, as some places allow; what ships allows none."""
    name = next((n for n in ("cast", "cast_on_either") if n in request.fixturenames), None)
    if name:
        request.getfixturevalue(name)
        release("giving", gift="anyone")


def giver(cast) -> Volunteer:
    """Wang Fang, with an hour of January and two of February."""
    one = cast.registered("王芳")
    cast.posted(one, minutes=60, day=OLD)
    cast.posted(one, minutes=120, day=NEW)
    return one


def figures(who) -> tuple[int, int, int]:
    row = Balance.get_by_id(who.id)
    return row.honour, row.exchangeable, row.debt


def lots(who) -> list[tuple]:
    rows = Lot.select().where(Lot.volunteer == who.id).order_by(Lot.id)
    return [(lot.earned_on, lot.minutes, lot.left) for lot in rows]


def test_a_gift_leaves_the_oldest_lots_and_comes_in_as_they_were(cast_on_either):
    cast = cast_on_either
    release("exchange", valid_months=24)
    one, other = giver(cast), cast.registered("李明")
    made = Gift.give(one.id, other.card_no, 90, cast.recorder, "g1", relation="parent", reason="孝敬父亲")
    assert (made.state, made.what, made.left_minutes, made.policy) == (
        "given", "转赠", None, "giving@53:20121023+5301:20200101",
    )  # fmt: skip
    assert lots(one) == [(OLD, 60, 0), (NEW, 120, 90)]
    assert lots(other) == [(OLD, 60, 60), (NEW, 30, 30)]
    came = list(Lot.select().where(Lot.volunteer == other.id).order_by(Lot.id))
    assert [(c.origin, c.expires_on, c.gift, c.record) for c in came] == [
        ("backfilled", date(2028, 1, 5), made.id, None), ("backfilled", date(2028, 2, 2), made.id, None),
    ]  # fmt: skip
    assert (figures(one), figures(other)) == ((180, 90, 0), (0, 90, 0))
    moved = list(Entry.select().where(Entry.gift == made.id).order_by(Entry.id))
    assert [(e.kind, e.debit, e.credit, e.minutes) for e in moved] == [
        ("gift", "exchangeable", "gift", 60), ("gift", "gift", "exchangeable", 60),
        ("gift", "exchangeable", "gift", 30), ("gift", "gift", "exchangeable", 30),
    ]  # fmt: skip
    assert not verify()


def test_the_same_request_gives_once_and_another_is_told(cast_on_either):
    cast = cast_on_either
    one, other = giver(cast), cast.registered("李明")
    first = Gift.give(one.id, other.card_no, 60, cast.recorder, "g1")
    assert Gift.give(one.id, other.card_no, 60, cast.recorder, "g1").id == first.id
    assert figures(one) == (180, 120, 0)
    for again in (
        lambda: Gift.give(one.id, other.card_no, 61, cast.recorder, "g1"),
        lambda: Gift.donate(one.id, 60, cast.recorder, "g1"),
        lambda: Gift.give(one.id, other.card_no, 60, cast.recorder, "g1", relation="child"),
    ):
        with pytest.raises(Refusal, match="已用于另一次办理"):
            again()
    for key in ("", "g" * 41):
        with pytest.raises(Refusal, match="请求缺少编号"):
            Gift.donate(one.id, 60, cast.recorder, key)
    assert not verify()


@pytest.mark.parametrize("card", ["", "  ", "0001", "王芳", "53010200010000"])
def test_a_receiver_is_found_by_the_whole_card_number_alone(cast, card):
    one = giver(cast)
    cast.registered("李明")
    with pytest.raises(Refusal, match="完整编号"):
        Gift.give(one.id, card, 60, cast.recorder, "g1")
    assert Gift.select().count() == 0


def test_a_receiver_of_another_station_is_told_and_sees_the_gift(cast):
    one, other = giver(cast), cast.registered("李明", by=cast.recorder_b)
    made = Gift.give(one.id, f"　{other.card_no} ", 60, cast.recorder, "g1")
    assert figures(other) == (0, 60, 0)
    assert find(Gift, made.id, cast.head_b) and find(Gift, made.id, cast.county)
    donated = Gift.donate(one.id, 60, cast.recorder, "d1")
    with pytest.raises(NotFound):
        find(Gift, donated.id, cast.head_b)
    with pytest.raises(Refusal, match="要由办理的工作站撤销"):
        Gift.move(made.id, "cancel", cast.head_b, "给错了")
    assert not Gift.get_by_id(made.id).legal_moves(cast.head_b)
    assert {e.station_id for e in Entry.select().where(Entry.gift == made.id)} == {cast.a.id}
    item = RewardItem.enter(cast.head_b, name="理发", points=1)
    assert Redemption.reserve(other.id, item.id, 1, cast.recorder_b, "k1").minutes == 60
    assert not verify()


def test_who_may_not_give_takes_nothing(cast):
    one, other = giver(cast), cast.registered("李明")
    for by in (cast.county, cast.auditor, cast.admin, cast.volunteer):
        with pytest.raises(Refusal, match="不能办理"):
            Gift.give(one.id, other.card_no, 60, by, "g1")
        with pytest.raises(Refusal, match="不能办理"):
            Gift.give(one.id, "nobody's", 60, by, "g1")
    with pytest.raises(NotFound):
        Gift.give(one.id, other.card_no, 60, cast.recorder_b, "g1")
    with pytest.raises(NotFound):
        Gift.donate(one.id, 60, cast.recorder_b, "g1")
    Volunteer.move(one.id, "suspend", cast.head, "迁走")
    with pytest.raises(Refusal, match="王芳 是「已停用」，不能转赠和捐赠"):
        Gift.donate(one.id, 60, cast.recorder, "g1")
    with pytest.raises(Refusal, match="受赠人现在不是已注册"):
        Gift.give(other.id, one.card_no, 60, cast.recorder, "g1")
    assert Gift.select().count() == 0 and not Entry.select().where(Entry.gift.is_null(False)).exists()


def test_what_ships_gives_to_nobody_and_lets_the_station_be_given(cast):
    release("giving", edition=2, gift="nobody")
    one, other = giver(cast), cast.registered("李明")
    with pytest.raises(Refusal, match="现行政策不转赠工时，只能由本人使用或捐给工作站。"):
        Gift.give(one.id, other.card_no, 60, cast.recorder, "g1")
    assert Gift.donate(one.id, 60, cast.recorder, "g1").left_minutes == 60


def test_the_years_cap_counts_gifts_that_stand_and_no_donation(cast):
    release("giving", edition=2, gift="anyone", gift_yearly_hours=2)
    one, other = giver(cast), cast.registered("李明")
    Gift.donate(one.id, 30, cast.recorder, "d1")
    first = Gift.give(one.id, other.card_no, 90, cast.recorder, "g1")
    with pytest.raises(Refusal, match=r"每人每年最多转赠 2 小时，今年已转赠 1.50 小时，还可转赠 0.50 小时。"):
        Gift.give(one.id, other.card_no, 31, cast.recorder, "g2")
    Gift.move(first.id, "cancel", cast.head, "本人改主意")
    assert Gift.give(one.id, other.card_no, 120, cast.recorder, "g2")


def test_what_has_run_out_and_what_is_only_for_donation_is_not_given(cast):
    one, other = giver(cast), cast.registered("李明")
    Lot.update(donation_only=True).where(Lot.volunteer == one.id, Lot.earned_on == NEW).execute()
    with pytest.raises(Refusal, match=r"可转赠的工时不足：需要 1.02 小时，现有 1.00 小时。"):
        Gift.give(one.id, other.card_no, 61, cast.recorder, "g1")
    assert Gift.give(one.id, other.card_no, 60, cast.recorder, "g1")
    Lot.update(expires_on=clock.today()).where(Lot.volunteer == one.id).execute()
    with pytest.raises(Refusal, match=r"可捐赠的工时不足：需要 0.02 小时，现有 0.00 小时。"):
        Gift.donate(one.id, 1, cast.recorder, "d1")


def test_a_donation_takes_first_what_may_only_be_donated(cast_on_either):
    cast = cast_on_either
    one = giver(cast)
    Lot.update(donation_only=True).where(Lot.volunteer == one.id, Lot.earned_on == NEW).execute()
    made = Gift.donate(one.id, 150, cast.recorder, "d1")
    assert lots(one) == [(OLD, 60, 30), (NEW, 120, 0)]
    assert (made.what, made.left_minutes, balance(cast.a.id), balance(cast.b.id)) == ("捐赠", 150, 150, 0)
    assert figures(one) == (180, 30, 0)
    assert [(e.kind, e.credit) for e in Entry.select().where(Entry.gift == made.id)] == [("donation", "station")] * 2
    assert not verify()


def in_debt(cast, who) -> None:
    """An hour posted, spent, and then taken back."""
    (record,) = cast.posted(who, minutes=60, day=OLD + timedelta(days=1))
    item = RewardItem.enter(cast.head, name="理发", points=1)
    Redemption.reserve(who.id, item.id, 1, cast.recorder, "debt")
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)


def test_a_gift_pays_what_the_receiver_owes(cast_on_either):
    cast = cast_on_either
    one, other = giver(cast), cast.registered("李明")
    in_debt(cast, other)
    assert figures(other) == (0, 0, 60)
    made = Gift.give(one.id, other.card_no, 100, cast.recorder, "g1")
    assert figures(other) == (0, 40, 0)
    assert lots(other)[1:] == [(OLD, 60, 0), (NEW, 40, 40)]
    with pytest.raises(Refusal, match=r"受赠的工时已用去 1.00 小时（含抵扣欠账和到期），不能撤销。"):
        Gift.move(made.id, "cancel", cast.head, "给错了")
    assert not verify()


def test_whoever_owes_gives_only_what_is_left_beyond_it(cast):
    one, other = giver(cast), cast.registered("李明")
    Balance.update(debt=100).where(Balance.volunteer == one.id).execute()
    assert (wallet(one.id, cast.recorder).ordinary, wallet(one.id, cast.recorder).all) == (80, 80)
    with pytest.raises(Refusal, match=r"现有 1.33 小时"):
        Gift.give(one.id, other.card_no, 81, cast.recorder, "g1")


def test_a_gift_taken_back_returns_to_the_very_lots(cast_on_either):
    cast = cast_on_either
    one, other = giver(cast), cast.registered("李明")
    made = Gift.give(one.id, other.card_no, 90, cast.recorder, "g1")
    gone = Gift.move(made.id, "cancel", cast.head, "本人改主意")
    assert (gone.state, gone.cancelled_for) == ("cancelled", "本人改主意")
    assert lots(one) == [(OLD, 60, 60), (NEW, 120, 120)]
    assert (figures(one), figures(other)) == ((180, 180, 0), (0, 0, 0))
    backs = Entry.select().where(Entry.gift == made.id, Entry.reverses.is_null(False))
    assert backs.count() == 4 and {e.reason for e in backs} == {"本人改主意"}
    before = Entry.select().count()
    Gift.move(made.id, "cancel", cast.head, "再来一次")
    assert Entry.select().count() == before and not verify()


def test_a_gift_that_was_spent_cannot_be_taken_back_until_it_returns(cast):
    one, other = giver(cast), cast.registered("李明")
    made = Gift.give(one.id, other.card_no, 90, cast.recorder, "g1")
    item = RewardItem.enter(cast.head, name="理发", points=1)
    spent = Redemption.reserve(other.id, item.id, 1, cast.recorder, "k1")
    with pytest.raises(Refusal, match=r"已用去 1.00 小时"):
        Gift.move(made.id, "cancel", cast.head, "给错了")
    Redemption.move(spent.id, "cancel", cast.recorder, "不需要了")
    assert Gift.move(made.id, "cancel", cast.head, "给错了").state == "cancelled"
    assert not verify()


def test_nobody_takes_back_what_she_entered_and_the_recorder_takes_back_nothing(cast):
    one = giver(cast)
    made = Gift.donate(one.id, 60, cast.head, "d1")
    with pytest.raises(Refusal, match="不能撤销自己录入的内容"):
        Gift.move(made.id, "cancel", cast.head, "给错了")
    with pytest.raises(Refusal, match="不在记录员的职责内"):
        Gift.move(made.id, "cancel", cast.recorder, "给错了")
    assert Gift.move(made.id, "cancel", cast.deputy, "给错了").left_minutes == 0
    assert balance(cast.a.id) == 0 and figures(one) == (180, 180, 0) and not verify()


def test_a_record_taken_back_after_its_hours_were_given_is_the_givers_debt(cast):
    one, other = cast.registered("王芳"), cast.registered("李明")
    (record,) = cast.posted(one, minutes=60)
    Gift.give(one.id, other.card_no, 60, cast.recorder, "g1")
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)
    assert (figures(one), figures(other)) == ((0, 0, 60), (0, 60, 0))
    assert not verify()


def test_honour_is_nobodys_to_give(cast):
    one, other = giver(cast), cast.registered("李明")
    Gift.give(one.id, other.card_no, 180, cast.recorder, "g1")
    assert figures(one) == (180, 0, 0) and figures(other) == (0, 180, 0)
    with pytest.raises(Refusal, match=r"现有 0.00 小时"):
        Gift.donate(one.id, 1, cast.recorder, "d1")


def test_a_persons_gifts_are_read_in_one_statement_with_both_names(cast):
    one, other = giver(cast), cast.registered("李明")
    Gift.give(one.id, other.card_no, 30, cast.recorder, "g1")
    Gift.donate(one.id, 30, cast.recorder, "d1")
    assert [(g.what, g.giver.name, g.receiver and g.receiver.name) for g in of_person(one.id)] == [
        ("捐赠", "王芳", None), ("转赠", "王芳", "李明"),
    ]  # fmt: skip
    assert [g.what for g in of_person(other.id)] == ["转赠"]

