"""Who may exchange what, and when: the conditions that policy sets, each as a table, and the counter's offer beside them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.policy import Version
from rules.rewards import (
    Standing,
    Wish,
    barred,
    check_exchange,
    judge_again,
    kept,
    most_pieces,
    next_day,
    price_minutes,
    rights,
)
from rules.topics import Entitlement, Exchange

FRIDAY = date(2026, 3, 6)
PLAIN = {"points_per_hour": 1, "origins": ("desk",), "floor_hours": 0, "yearly_cap_points": 0, "valid_months": 0}


def rule(**more) -> Version:
    return Version("exchange", "53", date(2020, 1, 1), "", Exchange(**PLAIN | more))


def standing(**more) -> Standing:
    """Somebody of forty with a star, ten hours to spend and a hundred served, on a Friday."""
    said = {
        "day": FRIDAY, "balance_minutes": 600, "honour_minutes": 6000, "points_this_year": 0, "star": 1, "age": 40,
    }  # fmt: skip
    return Standing(**said | more)


@pytest.mark.parametrize(
    ("policy", "who", "wish", "says"),
    [
        ({}, {}, {}, []),
        ({"floor_hours": 5}, {"honour_minutes": 299}, {}, ["累计服务满 5 小时才可兑换，现有 4.98 小时。"]),
        ({"floor_hours": 5}, {"honour_minutes": 300}, {}, []),
        ({"floor_star": 1}, {"star": 0}, {}, ["认定为一星级以上才可兑换，现在还没有认定的星级。"]),
        ({"floor_star": 3}, {"star": 2}, {}, ["认定为三星级以上才可兑换，现在是二星级。"]),
        ({"floor_star": 3}, {"star": 3}, {}, []),
        ({"spend_age": 60}, {"age": 59}, {}, ["满 60 周岁才可本人兑换，现在 59 周岁。"]),
        ({"spend_age": 60}, {"age": 60}, {}, []),
        ({"weekdays": ("5",)}, {}, {}, []),
        ({"weekdays": ("5",)}, {"day": date(2026, 3, 7)}, {}, ["兑换日是周五，最近的是 2026-03-13（周五）。"]),
        ({"weekdays": ("3", "1")}, {}, {}, ["兑换日是周一、周三，最近的是 2026-03-09（周一）。"]),
        ({"kinds": ("service",)}, {}, {"kind": "goods"}, ["现行政策只兑换社区服务，不兑换物品。"]),
        ({"kinds": ("goods",)}, {}, {"kind": "service"}, ["现行政策只兑换物品，不兑换社区服务。"]),
        ({}, {"balance_minutes": 119}, {"points": 2}, ["可兑换工时不足：需要 2.00 小时，现有 1.98 小时。"]),
        ({"yearly_cap_points": 3}, {"points_this_year": 2}, {"quantity": 2}, ["超过每年 3 分的上限，今年还可兑换 1 分。"]),
        (
            {"floor_star": 1, "spend_age": 60, "kinds": ("service",)}, {"star": 0}, {"kind": "goods", "points": 11},
            ["认定为一星级以上才可兑换，现在还没有认定的星级。", "满 60 周岁才可本人兑换，现在 40 周岁。",
             "现行政策只兑换社区服务，不兑换物品。", "可兑换工时不足：需要 11.00 小时，现有 10.00 小时。"],
        ),
    ],
)  # fmt: skip
def test_each_condition_refuses_with_its_figures_and_lets_the_border_pass(policy, who, wish, says):
    wanted = Wish(**{"kind": "service", "points": 1, "quantity": 1} | wish)
    assert [f.says for f in check_exchange(wanted, standing(**who), rule(**policy))] == says


# The published regional variants (domain 3.2, 3.3), by policy alone.
@pytest.mark.parametrize(
    ("name", "policy", "who", "wish", "passes"),
    [
        ("广州：一星起兑", {"floor_star": 1}, {"star": 0}, {}, False),
        ("广州：一星起兑", {"floor_star": 1}, {"star": 1}, {"kind": "goods"}, True),
        ("北京：六十岁以后本人使用", {"spend_age": 60}, {"age": 45}, {}, False),
        ("北京：六十岁以后本人使用", {"spend_age": 60}, {"age": 61}, {}, True),
        ("成都郫都、武清：只兑服务", {"kinds": ("service",)}, {}, {"kind": "goods"}, False),
        ("成都郫都、武清：只兑服务", {"kinds": ("service",)}, {}, {}, True),
        ("景洪：每周五兑换", {"weekdays": ("5",)}, {}, {"kind": "goods", "points": 5}, True),
        ("景洪：每周五兑换", {"weekdays": ("5",)}, {"day": date(2026, 3, 5)}, {"kind": "goods"}, False),
        ("长沙：五小时起兑", {"floor_hours": 5}, {"honour_minutes": 240}, {}, False),
        ("吴江：一小时十分", {"points_per_hour": 10, "point_worth_fen": 100}, {}, {"points": 100}, True),
        ("吴江：一小时十分", {"points_per_hour": 10, "point_worth_fen": 100}, {}, {"points": 101}, False),
    ],
)
def test_the_published_variants_are_policy_alone(name, policy, who, wish, passes):
    wanted = Wish(**{"kind": "service", "points": 1, "quantity": 1} | wish)
    assert (check_exchange(wanted, standing(**who), rule(**policy)) == []) is passes, name


@pytest.mark.parametrize(
    ("fen", "points", "quantity", "says"),
    [
        (0, 3, 2, "3 分 × 2 = 6 分，每小时折 1 分，共 360 分钟。"),
        (100, 3, 4, "3 分 × 4 = 12 分，每小时折 1 分，共 720 分钟，约合 12.00 元（仅作标价参考）。"),
        (50, 1, 1, "1 分 × 1 = 1 分，每小时折 1 分，共 60 分钟，约合 0.50 元（仅作标价参考）。"),
    ],
)
def test_what_a_point_is_reckoned_at_is_read_behind_the_price(fen, points, quantity, says):
    assert price_minutes(points, quantity, rule(point_worth_fen=fen)).why == says


def test_rights_are_reached_or_say_how_far_they_are_and_cost_nothing():
    version = rule(entitlements=(Entitlement(at=500, grants="免费体检"), Entitlement(at=100, grants="公交卡")))
    assert [(r.at, r.grants, r.short) for r in rights(120, version)] == [(100, "公交卡", 0), (500, "免费体检", 380)]
    assert rights(120, rule()) == []


@pytest.mark.parametrize(
    ("weekdays", "day"),
    [((), FRIDAY), (("5",), FRIDAY), (("6",), date(2026, 3, 7)), (("4",), date(2026, 3, 12)), (("7", "1"), date(2026, 3, 8))],
)
def test_the_next_day_of_exchange(weekdays, day):
    assert next_day(FRIDAY, rule(weekdays=weekdays)) == day


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
POLICIES = st.fixed_dictionaries({
    "points_per_hour": st.sampled_from([1, 2, 7, 10, 60]), "floor_hours": st.sampled_from([0, 0, 5]),
    "yearly_cap_points": st.sampled_from([0, 0, 3, 50]), "floor_star": st.sampled_from([0, 0, 2]),
    "spend_age": st.sampled_from([0, 0, 60]), "kinds": st.sampled_from([("service",), ("goods",), ("service", "goods")]),
    "weekdays": st.sampled_from([(), (), ("5",), ("1", "3")]),
})  # fmt: skip
STANDINGS = st.builds(
    Standing, day=DAYS, balance_minutes=st.integers(0, 3000), honour_minutes=st.integers(0, 1000),
    points_this_year=st.integers(0, 60), star=st.integers(0, 5), age=st.integers(8, 90),
)  # fmt: skip


@given(policy=POLICIES, who=STANDINGS, kind=st.sampled_from(["service", "goods"]), points=st.integers(1, 90))
def test_the_counter_offers_just_as_many_as_the_check_lets_pass(policy, who, kind, points):
    version = rule(**policy)
    offer = most_pieces(kind, points, who, version)
    assert offer.value == 0 or not check_exchange(Wish(kind, points, offer.value), who, version)
    assert check_exchange(Wish(kind, points, offer.value + 1), who, version)
    assert bool(offer.why) is (offer.value == 0)
    assert not barred(who, version) or offer.value == 0


@given(policy=POLICIES, who=STANDINGS, kind=st.sampled_from(["service", "goods"]), points=st.integers(1, 90))
def test_what_is_kept_is_judged_the_same_again_and_otherwise_by_another_version(policy, who, kind, points):
    version, wish = rule(**policy), Wish(kind, points, 2)
    said = kept(wish, who, version)
    again = judge_again(said, version)
    assert (again.price.value, again.findings) == (said["minutes"], check_exchange(wish, who, version))
    assert judge_again(said, rule(spend_age=120)).findings
