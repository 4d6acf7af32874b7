"""转赠与捐赠: who may give to whom, and whom the donated hours may help, as tables."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.giving import RELATIONS, Offered, check_donation, check_gift, drawn, qualifies
from rules.policy import Version, parameters
from rules.topics import Giving, Served

NAMES = {"01": "空巢老人", "02": "残疾人", "03": "低保户"}


def rule(**more) -> Version:
    values = {"gift": "nobody", "relations": (), "gift_yearly_hours": 0, "donation": True, "served": ()} | more
    return Version("giving", "53", date(2020, 1, 1), "", Giving(**values))


RELATIVES = {"gift": "relatives", "relations": ("parent", "spouse")}


@pytest.mark.parametrize(
    ("policy", "offered", "relation", "more", "says"),
    [
        ({}, {}, "", {}, ["现行政策不转赠工时，只能由本人使用或捐给工作站。"]),
        ({"donation": False}, {}, "", {}, ["现行政策不转赠工时，只能由本人使用。"]),
        ({"gift": "anyone"}, {}, "", {}, []),
        ({"gift": "anyone"}, {"minutes": 600}, "child", {}, []),
        ({"gift": "anyone"}, {"minutes": 601}, "", {}, ["可转赠的工时不足：需要 10.02 小时，现有 10.00 小时。"]),
        ({"gift": "anyone"}, {"minutes": 0}, "", {}, ["请填写转赠的时长，至少 1 分钟。"]),
        ({"gift": "anyone"}, {"minutes": -60}, "", {}, ["请填写转赠的时长，至少 1 分钟。"]),
        ({"gift": "anyone"}, {}, "", {"to_herself": True}, ["受赠人就是本人，请核对编号。"]),
        ({"gift": "anyone"}, {}, "", {"registered": False}, ["受赠人现在不是已注册的志愿者，不能受赠。"]),
        (RELATIVES, {}, "parent", {}, []),
        (RELATIVES, {}, "", {}, ["只能转赠给亲属（父母、配偶），请选择受赠人是本人的什么人。"]),
        (RELATIVES, {}, "friend", {}, ["只能转赠给亲属（父母、配偶），请选择受赠人是本人的什么人。"]),
        (RELATIVES, {}, "sibling", {}, ["只能转赠给亲属（父母、配偶），不含兄弟姐妹。"]),
        ({"gift": "anyone", "gift_yearly_hours": 10}, {"this_year": 540}, "", {}, []),
        (
            {"gift": "anyone", "gift_yearly_hours": 10}, {"this_year": 570}, "", {},
            ["每人每年最多转赠 10 小时，今年已转赠 9.50 小时，还可转赠 0.50 小时。"],
        ),
    ],
)  # fmt: skip
def test_each_condition_of_a_gift(policy, offered, relation, more, says):
    offer = Offered(**{"minutes": 60, "available": 600} | offered)
    said = {"to_herself": False, "registered": True} | more
    assert [f.says for f in check_gift(offer, relation, version=rule(**policy), **said)] == says


@pytest.mark.parametrize(
    ("policy", "minutes", "says"),
    [
        ({}, 600, []),
        ({}, 601, ["可捐赠的工时不足：需要 10.02 小时，现有 10.00 小时。"]),
        ({}, 0, ["请填写捐赠的时长，至少 1 分钟。"]),
        ({"donation": False}, 60, ["现行政策不接受把工时捐给工作站。"]),
    ],
)
def test_each_condition_of_a_donation(policy, minutes, says):
    assert [f.says for f in check_donation(Offered(minutes, 600), rule(**policy))] == says


# Nanjing (domain 3.2): 80 and over living alone, 60 to 79 in hardship and disabled, or anybody of 60 who saved herself.
NANJING = (Served(80, ("01",)), Served(60, ("02", "03"), 80))


@pytest.mark.parametrize(
    ("served", "age", "hardships", "passes", "says"),
    [
        ((), None, set(), True, "没有限定服务对象"),
        (NANJING, 80, {"01"}, True, "符合「80 周岁以上，空巢老人」。"),
        (NANJING, 79, {"01"}, False, "现在 79 周岁，年龄和困难类别不全符合"),
        (NANJING, 79, {"02", "03"}, True, "符合「60 至 79 周岁，残疾人并且是低保户」。"),
        (NANJING, 80, {"02", "03"}, False, "捐赠的工时用于：80 周岁以上，空巢老人；60 至 79 周岁，残疾人并且是低保户。"),
        (NANJING, 60, {"02"}, False, "不全符合"),
        (NANJING, None, {"01", "02", "03"}, False, "没有登记出生日期"),
        ((Served(0, ("02",)),), None, {"02"}, True, "符合「残疾人」。"),
        ((Served(0, (), 14),), 13, set(), True, "符合「不满 14 周岁」。"),
        ((Served(0, (), 14),), 14, set(), False, "不满 14 周岁"),
        ((Served(60, ()),), 60, set(), True, "符合「60 周岁以上」。"),
    ],
)
def test_whom_the_pool_helps(served, age, hardships, passes, says):
    decision = qualifies(age, hardships, rule(served=served), NAMES)
    assert decision.value is passes
    assert says in decision.why


def test_the_sentence_never_says_what_hardship_a_person_has():
    one, other = (qualifies(70, had, rule(served=NANJING), NAMES).why for had in ({"02"}, {"03"}))
    assert one == other


def test_every_relation_of_the_policy_has_its_word():
    assert set(parameters(Giving)["relations"].metadata["choices"]) == set(RELATIONS)


@given(minutes=st.integers(0, 500), left=st.lists(st.integers(0, 200), max_size=6))
def test_the_pool_gives_the_oldest_first_and_never_more_than_lies_in_it(minutes, left):
    taken = drawn(minutes, list(enumerate(left)))
    assert sum(part for _, part in taken) == min(minutes, sum(left))
    assert all(0 < part <= left[key] for key, part in taken)
    assert [part for key, part in taken[:-1]] == [left[key] for key, _ in taken[:-1]]
    assert [key for key, _ in taken] == sorted(key for key, _ in taken)
