"""回馈兑换: what an exchange costs, who may make it, and that nothing is taken twice."""

from datetime import date, timedelta

import pytest

from models import clock
from models.hours import Balance, Entry
from models.policy import PolicyVersion, book
from models.refusals import NotFound, Refusal
from models.rewards import Redemption, RewardItem
from models.stars import StarGrant
from models.verifying import verify
from models.volunteers import Volunteer
from rules.policy import Version
from rules.rewards import expires_on, judge_again, price_minutes
from rules.topics import Exchange


@pytest.fixture
def saver(cast):
    """A volunteer with ten hours to spend."""
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=480)
    cast.posted(volunteer, minutes=120)
    return volunteer


def item(cast, **more) -> RewardItem:
    return RewardItem.enter(cast.head, **({"name": "理发", "points": 1} | more))


def policy(edition: int = 1, **more) -> None:
    values = {
        "points_per_hour": 1, "origins": ["desk"], "floor_hours": 0, "yearly_cap_points": 0, "valid_months": 0,
    } | more  # fmt: skip
    PolicyVersion.create(
        topic="exchange", division="5301", since=date(2020, 1, 1), source="市文件", values=values, edition=edition
    )  # fmt: skip


def rule(**more) -> Version:
    values = {
        "points_per_hour": 1, "origins": ("desk",), "floor_hours": 0, "yearly_cap_points": 0, "valid_months": 0,
    } | more  # fmt: skip
    return Version("exchange", "53", date(2020, 1, 1), "", Exchange(**values))


@pytest.mark.parametrize(
    ("points", "quantity", "per_hour", "minutes"),
    [(1, 1, 1, 60), (2, 3, 1, 360), (1, 1, 10, 6), (1, 1, 7, 9), (7, 1, 7, 60)],
)
def test_a_price_is_rounded_up_to_the_whole_minute(points, quantity, per_hour, minutes):
    assert price_minutes(points, quantity, rule(points_per_hour=per_hour)).value == minutes


@pytest.mark.parametrize(
    ("earned", "months", "day"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 12, 5), 1, date(2026, 1, 5)),
        (date(2025, 3, 5), 24, date(2027, 3, 5)),
        (date(2025, 3, 5), 0, None),
    ],
)
def test_hours_expire_on_the_same_day_so_many_months_later(earned, months, day):
    assert expires_on(earned, rule(valid_months=months)) == day


def test_an_exchange_takes_minutes_and_stock_and_says_how(cast, saver):
    wanted = item(cast, points=2, stock=5)
    made = Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k1")
    assert (made.state, made.points, made.minutes, made.left_minutes) == ("reserved", 4, 240, 360)
    assert made.why == "2 分 × 2 = 4 分，每小时折 1 分，共 240 分钟。"
    assert made.policy == "exchange@53:2012-10-23"
    assert RewardItem.get_by_id(wanted.id).stock == 3
    row = Balance.get_by_id(saver.id)
    assert (row.honour, row.exchangeable) == (600, 360)


@pytest.mark.parametrize(
    ("more", "quantity", "says"),
    [
        ({"points": 11}, 1, r"可兑换工时不足：需要 11.00 小时，现有 10.00 小时。"),
        ({"stock": 1}, 2, "「理发」库存不足：需要 2 份，只剩 1 份。"),
        ({"stock": 0}, 1, "库存不足：需要 1 份，只剩 0 份。"),
        ({"yearly_limit": 1}, 2, "「理发」每人每年限 1 份，今年还可兑换 1 份。"),
        ({"active": False}, 1, "「理发」现在不在兑换期内。"),
        ({"starts_on": date(2099, 1, 1)}, 1, "现在不在兑换期内"),
        ({"ends_on": date(2020, 1, 1)}, 1, "现在不在兑换期内"),
        ({}, 0, "数量应在 1 到 1000 之间"),
        ({}, -1, "数量应在 1 到 1000 之间"),
        ({}, 1001, "数量应在 1 到 1000 之间"),
        ({}, True, "数量应在 1 到 1000 之间"),
    ],
)
def test_what_cannot_be_had_takes_nothing(cast, saver, more, quantity, says):
    wanted = item(cast, **more)
    with pytest.raises(Refusal, match=says):
        Redemption.reserve(saver.id, wanted.id, quantity, cast.recorder, "k1")
    assert Balance.get_by_id(saver.id).exchangeable == 600
    assert RewardItem.get_by_id(wanted.id).stock == more.get("stock")
    assert Redemption.select().count() == 0


def test_a_floor_must_be_reached_first(cast, saver):
    policy(floor_hours=11)
    wanted = item(cast)
    with pytest.raises(Refusal, match=r"累计服务满 11 小时才可兑换，现有 10.00 小时"):
        Redemption.reserve(saver.id, wanted.id, 1, cast.recorder, "k1")
    policy(edition=2)
    assert Redemption.reserve(saver.id, wanted.id, 1, cast.recorder, "k1")


def test_a_years_cap_counts_what_was_not_cancelled(cast, saver):
    policy(yearly_cap_points=3)
    wanted = item(cast)
    first = Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k1")
    with pytest.raises(Refusal, match="超过每年 3 分的上限，今年还可兑换 1 分"):
        Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k2")
    Redemption.move(first.id, "cancel", cast.head, "不需要了")
    assert Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k2")


def test_the_yearly_limit_of_an_item_counts_its_own_pieces_alone(cast, saver):
    limited, other = item(cast, yearly_limit=2), item(cast, name="电影票")
    Redemption.reserve(saver.id, other.id, 3, cast.recorder, "k1")
    Redemption.reserve(saver.id, limited.id, 2, cast.recorder, "k2")
    with pytest.raises(Refusal, match="今年还可兑换 0 份"):
        Redemption.reserve(saver.id, limited.id, 1, cast.recorder, "k3")
    year = clock.today().year
    Redemption.update(reserved_on=date(year - 1, 12, 31)).execute()
    assert Redemption.reserve(saver.id, limited.id, 1, cast.recorder, "k3")


def test_the_same_request_finds_its_first_exchange_and_another_is_told(cast, saver):
    wanted = item(cast)
    first = Redemption.reserve(saver.id, wanted.id, 1, cast.recorder, "k1")
    assert Redemption.reserve(saver.id, wanted.id, 1, cast.recorder, "k1").id == first.id
    assert Balance.get_by_id(saver.id).exchangeable == 540
    with pytest.raises(Refusal, match="已用于另一次兑换"):
        Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k1")
    for key in ("", "k" * 41):
        with pytest.raises(Refusal, match="请求缺少编号"):
            Redemption.reserve(saver.id, wanted.id, 1, cast.recorder, key)


def test_another_stations_request_of_the_same_number_is_told_too(cast, saver):
    wanted = item(cast)
    Redemption.reserve(saver.id, wanted.id, 1, cast.recorder, "k1")
    theirs = RewardItem.enter(cast.head_b, name="理发", points=1)
    visitor = cast.registered("王芳", by=cast.recorder_b)
    with pytest.raises(Refusal, match="已用于另一次兑换"):
        Redemption.reserve(visitor.id, theirs.id, 1, cast.recorder_b, "k1")
    with pytest.raises(NotFound):
        Redemption.reserve(visitor.id, wanted.id, 1, cast.recorder_b, "k2")


def test_a_suspended_volunteer_keeps_the_hours_and_spends_none(cast, saver):
    wanted = item(cast)
    Volunteer.move(saver.id, "suspend", cast.head, "迁走")
    with pytest.raises(Refusal, match="李明 是「已停用」，不能兑换"):
        Redemption.reserve(saver.id, wanted.id, 1, cast.recorder, "k1")
    assert Balance.get_by_id(saver.id).exchangeable == 600


def test_a_cancelled_exchange_returns_minutes_and_stock_and_a_handed_one_cannot_be_cancelled(cast, saver):
    wanted = item(cast, stock=2)
    first, second = (Redemption.reserve(saver.id, wanted.id, 1, cast.recorder, k) for k in ("k1", "k2"))
    Redemption.move(first.id, "cancel", cast.recorder, "不需要了")
    assert RewardItem.get_by_id(wanted.id).stock == 1
    assert Balance.get_by_id(saver.id).exchangeable == 540
    assert Redemption.move(second.id, "hand", cast.recorder).handed_at
    with pytest.raises(Refusal, match="现在是「已发放」，不能「取消」"):
        Redemption.move(second.id, "cancel", cast.recorder, "不需要了")
    assert Redemption.move(second.id, "confirm", cast.recorder).confirmed_at
    assert RewardItem.get_by_id(wanted.id).stock == 1


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"points": 0}, "points"),
        ({"points": None}, "points"),
        ({"stock": -1}, "stock"),
        ({"yearly_limit": 0}, "yearly_limit"),
        ({"starts_on": date(2025, 2, 1), "ends_on": date(2025, 1, 1)}, "ends_on"),
        ({"kind": "cash"}, "kind"),
        ({"name": ""}, "name"),
    ],
)
def test_an_item_must_make_sense(cast, more, where):
    with pytest.raises(Refusal) as no:
        item(cast, **more)
    assert [f.where for f in no.value.findings] == [where]
    with pytest.raises(Refusal, match="记录员不能办理"):
        RewardItem.enter(cast.recorder, name="理发", points=1)


def test_an_item_is_open_from_its_first_to_its_last_day(cast):
    today = clock.today()
    row = item(cast, starts_on=today, ends_on=today)
    assert row.open_on(today)
    assert not row.open_on(today - timedelta(days=1))
    assert not row.open_on(today + timedelta(days=1))


def test_a_stock_counted_since_an_exchange_gains_nothing_when_it_is_cancelled(cast, saver):
    wanted = item(cast)
    made = Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k1")
    assert made.took_stock is False
    RewardItem.amend(wanted.id, cast.head, stock=5)
    Redemption.move(made.id, "cancel", cast.recorder, "不需要了")
    assert RewardItem.get_by_id(wanted.id).stock == 5


def test_a_stock_no_longer_counted_stays_so_when_an_exchange_is_cancelled(cast, saver):
    wanted = item(cast, stock=5)
    made = Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k1")
    assert made.took_stock is True
    RewardItem.amend(wanted.id, cast.head, stock=None)
    Redemption.move(made.id, "cancel", cast.recorder, "不需要了")
    assert RewardItem.get_by_id(wanted.id).stock is None


def test_an_exchange_from_before_it_was_noted_returns_what_it_took(cast, saver):
    wanted = item(cast, stock=5)
    made = Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k1")
    Redemption.update(took_stock=None, judged=None).execute()
    Redemption.move(made.id, "cancel", cast.recorder, "不需要了")
    assert RewardItem.get_by_id(wanted.id).stock == 5


def test_where_policy_wants_approval_hours_and_stock_wait_and_another_decides(cast_on_either):
    cast = cast_on_either
    saver = cast.registered()
    cast.posted(saver, minutes=480)
    policy(approval=True)
    wanted = item(cast, stock=5)
    made = Redemption.reserve(saver.id, wanted.id, 2, cast.head, "k1")
    assert made.state == "asked"
    assert (Balance.get_by_id(saver.id).exchangeable, RewardItem.get_by_id(wanted.id).stock) == (360, 3)
    with pytest.raises(Refusal, match="现在是「待审批」，不能「发放」"):
        Redemption.move(made.id, "hand", cast.recorder)
    with pytest.raises(Refusal, match="不能批准兑换自己录入的内容"):
        Redemption.move(made.id, "approve", cast.head)
    with pytest.raises(Refusal, match="不在记录员的职责内"):
        Redemption.move(made.id, "approve", cast.recorder)
    assert [m.name for m in Redemption.get_by_id(made.id).legal_moves(cast.head)] == ["cancel"]
    assert Redemption.move(made.id, "approve", cast.deputy).approver == "陈副站长"
    assert Redemption.move(made.id, "hand", cast.recorder).state == "handed"
    assert not verify()


def test_an_exchange_not_approved_returns_hours_and_stock_and_counts_nowhere(cast_on_either):
    cast = cast_on_either
    saver = cast.registered()
    cast.posted(saver, minutes=480)
    policy(approval=True, yearly_cap_points=3)
    wanted = item(cast, stock=5, yearly_limit=2)
    made = Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k1")
    gone = Redemption.move(made.id, "refuse", cast.head, "留给行动不便的老人")
    assert (gone.state, gone.approver) == ("refused", "张站长")
    assert (Balance.get_by_id(saver.id).exchangeable, RewardItem.get_by_id(wanted.id).stock) == (480, 5)
    before = Entry.select().count()
    Redemption.move(made.id, "refuse", cast.head, "再来一次")
    assert Entry.select().count() == before
    assert Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k2").state == "asked"
    assert not verify()


def test_an_exchange_keeps_what_it_was_judged_on_and_can_be_judged_again(cast, saver):
    wanted = item(cast, points=2)
    made = Redemption.get_by_id(Redemption.reserve(saver.id, wanted.id, 2, cast.recorder, "k1").id)
    said = made.judged
    assert said == {
        "kind": "service", "points": 2, "quantity": 2, "day": made.reserved_on.isoformat(), "balance_minutes": 600,
        "honour_minutes": 600, "points_this_year": 0, "star": 0, "age": saver.age(made.reserved_on),
        "version": made.policy, "minutes": 240,
    }  # fmt: skip
    again = judge_again(said, book().find(said["version"]))
    assert (again.price.value, again.price.why, again.findings) == (made.minutes, made.why, [])
    assert [f.says for f in judge_again(said, rule(floor_star=1)).findings] == [
        "认定为一星级以上才可兑换，现在还没有认定的星级。"
    ]


def test_the_conditions_are_asked_of_the_person_at_the_counter(cast, saver):
    policy(floor_star=1, spend_age=120, kinds=["service"], weekdays=[str(clock.today().isoweekday() % 7 + 1)])
    rice = item(cast, name="大米", kind="goods")
    with pytest.raises(Refusal) as no:
        Redemption.reserve(saver.id, rice.id, 1, cast.recorder, "k1")
    assert [f.where for f in no.value.findings] == ["volunteer", "volunteer", "reserved_on", "item"]
    assert f"最近的是 {clock.today() + timedelta(days=1)}" in str(no.value)
    assert Balance.get_by_id(saver.id).exchangeable == 600


def test_a_star_that_was_recognised_opens_the_counter(cast):
    policy(floor_star=1)
    saver = cast.registered()
    cast.posted(saver, minutes=6000)
    wanted = item(cast)
    with pytest.raises(Refusal, match="现在还没有认定的星级"):
        Redemption.reserve(saver.id, wanted.id, 1, cast.recorder, "k1")
    cast.recognised(StarGrant.get(StarGrant.volunteer == saver.id))
    assert Redemption.reserve(saver.id, wanted.id, 1, cast.recorder, "k1").judged["star"] == 1
