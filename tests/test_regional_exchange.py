"""The published practice of other places (domain 3.2, 3.3), each written as policy alone and its figures reproduced.

How hours come into the account there (caps, whole hours, group hours) is `test_earning`; here is what they are spent
on, given away for, and whom donated hours help.
"""

from datetime import date

import pytest

from rules.giving import Offered, check_donation, check_gift, qualifies
from rules.policy import PolicyBook, Version, load
from rules.rewards import Standing, Wish, check_exchange, most_pieces, price_minutes, rights

HERE = "530102001001"
DAY = date(2026, 3, 6)  # a Friday

PLACES = {
    "北京": ("""
        spend_age = 60
        entitlements = [{ at = 10000, grants = "入住公办养老机构" }]
    """, """
        gift = "relatives"
        relations = ["spouse", "parent", "child"]
    """),
    "南京": ("""
        spend_age = 60
        kinds = ["service"]
        balance_cap_hours = 1500
        over_cap = "donation"
    """, """
        served = [
          { minimum_age = 80, hardships = ["01"] },
          { minimum_age = 60, below_age = 80, hardships = ["02", "03"] },
        ]
    """),
    "广州": ("floor_star = 1\nfloor_hours = 100", "donation = true"),
    "成都郫都": ('kinds = ["service"]', ""),
    "连云港": ("points_per_hour = 1", ""),
    "吴江": ("points_per_hour = 10\npoint_worth_fen = 100", ""),
    "景洪": ('weekdays = ["5"]', ""),
    "长沙": ("floor_hours = 5", ""),
    "高密": ("approval = true", ""),
    "武清": ('kinds = ["service"]', ""),
    "不转赠也不收捐赠": ("", "donation = false"),
}  # fmt: skip


def rule(place: str, topic: str) -> Version:
    """What binds a community of the prefecture that released this."""
    said = PLACES[place][("exchange", "giving").index(topic)]
    text = f'[[version]]\nfrom = 2026-01-01\nsource = "{place}的做法"\n' + said
    return PolicyBook.of(load(text, topic, "5301")).on(topic, HERE, DAY)


def standing(**more) -> Standing:
    said = {
        "day": DAY, "balance_minutes": 6000, "honour_minutes": 6000, "points_this_year": 0, "star": 1, "age": 66,
    }  # fmt: skip
    return Standing(**said | more)


@pytest.mark.parametrize(
    ("place", "kind", "points", "who", "minutes", "refused"),
    [
        ("北京", "service", 2, {}, 120, ""),
        ("北京", "service", 2, {"age": 59}, 120, "满 60 周岁才可本人兑换，现在 59 周岁。"),
        ("南京", "service", 3, {}, 180, ""),
        ("南京", "goods", 3, {}, 180, "现行政策只兑换社区服务，不兑换物品。"),
        ("广州", "goods", 10, {}, 600, ""),
        ("广州", "goods", 10, {"star": 0, "honour_minutes": 5999}, 600, "累计服务满 100 小时才可兑换，现有 99.98 小时。"),
        ("成都郫都", "service", 4, {"star": 0, "age": 20}, 240, ""),
        ("成都郫都", "goods", 4, {}, 240, "不兑换物品"),
        ("连云港", "goods", 3, {}, 180, ""),
        ("吴江", "goods", 5, {}, 30, ""),
        ("吴江", "goods", 1000, {}, 6000, ""),
        ("吴江", "goods", 1001, {}, 6006, "需要 100.10 小时，现有 100.00 小时"),
        ("景洪", "goods", 5, {}, 300, ""),  # 菜篮
        ("景洪", "goods", 10, {}, 600, ""),  # 钢碗
        ("景洪", "goods", 40, {}, 2400, ""),  # 不锈钢盆
        ("景洪", "goods", 90, {}, 5400, ""),  # 砂锅
        ("景洪", "goods", 5, {"day": date(2026, 3, 9)}, 300, "兑换日是周五，最近的是 2026-03-13（周五）。"),
        ("长沙", "goods", 1, {"honour_minutes": 299}, 60, "累计服务满 5 小时才可兑换，现有 4.98 小时。"),
        ("长沙", "goods", 1, {"honour_minutes": 300}, 60, ""),
        ("武清", "goods", 1, {}, 60, "现行政策只兑换社区服务"),
    ],
)  # fmt: skip
def test_what_is_had_for_hours_there(place, kind, points, who, minutes, refused):
    version = rule(place, "exchange")
    assert price_minutes(points, 1, version).value == minutes
    says = "".join(f.says for f in check_exchange(Wish(kind, points), standing(**who), version))
    assert (refused in says) if refused else not says
    assert (most_pieces(kind, points, standing(**who), version).value > 0) is not bool(refused)


def test_beijing_opens_the_care_home_at_ten_thousand_and_takes_nothing_for_it():
    version = rule("北京", "exchange")
    assert [(r.grants, r.short) for r in rights(9_600, version)] == [("入住公办养老机构", 400)]
    assert rights(10_000, version)[0].short == 0


def test_wujiang_says_what_a_point_is_worth_and_gaomi_asks_the_head():
    assert "约合 12.00 元（仅作标价参考）" in price_minutes(12, 1, rule("吴江", "exchange")).why
    assert rule("高密", "exchange").rule.approval and not rule("武清", "exchange").rule.approval


@pytest.mark.parametrize(
    ("place", "relation", "refused"),
    [
        ("北京", "parent", ""),
        ("北京", "sibling", "只能转赠给亲属（配偶、父母、子女），不含兄弟姐妹。"),
        ("北京", "", "请选择受赠人是本人的什么人"),
        ("南京", "parent", "现行政策不转赠工时，只能由本人使用或捐给工作站。"),
        ("不转赠也不收捐赠", "parent", "现行政策不转赠工时，只能由本人使用。"),
    ],
)
def test_to_whom_hours_are_given_there(place, relation, refused):
    said = {"to_herself": False, "registered": True, "version": rule(place, "giving")}
    says = "".join(f.says for f in check_gift(Offered(600, 600), relation, **said))
    assert (refused in says) if refused else not says


@pytest.mark.parametrize(("place", "takes"), [("广州", True), ("南京", True), ("不转赠也不收捐赠", False)])
def test_where_the_station_is_given_hours(place, takes):
    assert (check_donation(Offered(60, 60), rule(place, "giving")) == []) is takes


@pytest.mark.parametrize(
    ("age", "hardships", "helped"),
    [(80, {"01"}, True), (79, {"01"}, False), (70, {"02", "03"}, True), (70, {"02"}, False), (80, {"02", "03"}, False)],
)
def test_whom_nanjing_helps_with_donated_hours(age, hardships, helped):
    assert qualifies(age, hardships, rule("南京", "giving"), {}).value is helped
