"""Policy: dated, typed, strict; in force by division and day; never a silent zero."""

from datetime import date
from pathlib import Path

import pytest

from models.policy import Holiday, PolicyVersion, book, calendar_of, in_force
from rules.policy import PROVINCE, TOPICS, PolicyBook, PolicyError, Version, build, load, shipped

GOOD = (Path(__file__).parent.parent / "rules" / "policies" / "exchange.toml").read_text("utf-8")


def test_every_topic_ships_one_version_with_its_source():
    assert {version.topic for version in shipped()} == set(TOPICS)
    assert all(version.division == PROVINCE and version.source for version in shipped())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("floor_hours", "flor_hours", "没有「flor_hours」这个参数"),
        ("floor_hours = 0\n", "", "缺少参数「floor_hours」"),
        ("floor_hours = 0", 'floor_hours = "0"', r"exchange\.floor_hours：应是 int"),
        ("floor_hours = 0", "floor_hours = true", "应是 int"),
        ("floor_hours = 0", "floor_hours = 0.5", "应是 int"),
        ("floor_hours = 0", "floor_hours = -1", "不能小于 0，现在是 -1"),
        ("points_per_hour = 1", "points_per_hour = 0", "不能小于 1"),
        ('"desk"', '"desks"', "只能是 .*，现在是「desks」"),
        ('"desk"', "7", "应是 str"),
        ("origins = [", "origins = 3 # [", "应是一个列表"),
        ("title", "titel", "没有「titel」这一段"),
        ("[[version]]", "[[versions]]", "没有「versions」这一段"),
        ("from = 2012-10-23\n", "", "每个版本都要写明 'from'"),
        ("from = 2012-10-23", 'from = "2012-10-23"', "from 应是日期"),
        ("source = ", "sauce = ", "每个版本都要写明 'source'"),
        ("from = 2012-10-23", "from 2012", "读不出来"),
    ],
)
def test_what_does_not_follow_the_schema_refuses_to_load_and_is_named(old, new, says):
    assert old in GOOD
    with pytest.raises(PolicyError, match=says):
        load(GOOD.replace(old, new), "exchange")
    assert load(GOOD, "exchange")


def test_two_versions_from_one_day_or_none_at_all_refuse_to_load():
    block = GOOD[GOOD.index("[[version]]") :]
    with pytest.raises(PolicyError, match="有两个版本都从 2012-10-23 起"):
        load(GOOD + block, "exchange")
    with pytest.raises(PolicyError, match="一个版本也没有"):
        load('title = "空"', "exchange")


def star(n: int, at: int, **more) -> dict:
    return {"star": n, "at": at, "recognised_by": "county", "tenure_days": 0, "selection": False} | more


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        ([], "至少有一级"),
        ([star(2, 100), star(1, 300)], "从低到高"),
        ([star(1, 300), star(2, 300)], "逐级增加"),
        ([star(1, 100, recognised_by="city")], "只能是 county、prefecture、province"),
        ([star(1, 100, extra=1)], r"stars\.levels\[1\]：没有「extra」"),
        ([7], "应是一组参数"),
    ],
)
def test_star_levels_must_make_sense(levels, says):
    with pytest.raises(PolicyError, match=says):
        build(TOPICS["stars"], {"levels": levels}, "stars")
    assert build(TOPICS["stars"], {"levels": [star(1, 100), star(2, 300)]}, "stars")


def version(division: str, since: date) -> Version:
    return Version("exchange", division, since, "测试", load(GOOD, "exchange")[0].rule)


def test_the_day_before_the_first_version_is_an_error_and_never_zero():
    policies = PolicyBook.of()
    assert policies.on("counting", "530102001001", date(2012, 10, 23))
    with pytest.raises(PolicyError, match="2012-10-22 没有生效的「counting」政策"):
        policies.on("counting", "530102001001", date(2012, 10, 22))


def test_an_unknown_topic_or_key_is_a_mistake_in_the_program():
    with pytest.raises(KeyError):
        PolicyBook.of().on("countin", "53", date(2025, 1, 1))
    with pytest.raises(KeyError):
        PolicyBook.of().find("counting@53:2011-01-01")


def test_a_division_inherits_until_it_has_its_own_and_others_are_untouched():
    city, county = version("5301", date(2020, 1, 1)), version("530102", date(2022, 1, 1))
    later = version("5301", date(2024, 1, 1))
    policies = PolicyBook.of([city, county, later])

    def on(division: str, day: date) -> str:
        return policies.on("exchange", division, day).key

    assert on("530102001001", date(2019, 12, 31)) == "exchange@53:2012-10-23"
    assert on("530102001001", date(2021, 6, 1)) == city.key
    assert on("530102001001", date(2022, 1, 1)) == county.key
    assert on("530102001001", date(2025, 1, 1)) == county.key  # the nearer one binds, though the city's is newer
    assert on("530103001001", date(2025, 1, 1)) == later.key
    assert on("530302", date(2025, 1, 1)) == "exchange@53:2012-10-23"
    assert policies.find(county.key) is county


def test_the_database_adds_versions_and_a_bad_one_is_named(cast):
    values = {
        "points_per_hour": 5, "origins": ["desk"], "floor_hours": 0, "yearly_cap_points": 0, "valid_months": 0,
    }  # fmt: skip
    row = PolicyVersion.create(
        topic="exchange", division="530102", since=date(2024, 1, 1), source="区文件", values=values
    )
    assert in_force("exchange", cast.a, date(2024, 1, 1)).rule.points_per_hour == 5
    assert in_force("exchange", cast.a, date(2023, 12, 31)).rule.points_per_hour == 1
    assert in_force("exchange", cast.b, date(2024, 1, 1)).rule.points_per_hour == 1
    assert book().find("exchange@530102:2024-01-01").source == "区文件"
    row.values = values | {"points": 1}
    row.save()
    with pytest.raises(PolicyError, match="没有「points」"):
        book()


def test_a_station_keeps_its_prefectures_own_days(cast):
    Holiday.create(division="5301", day=date(2025, 7, 18), name="火把节")
    Holiday.create(division="5301", day=date(2025, 7, 19), working=True)
    assert not calendar_of(cast.a).is_working(date(2025, 7, 18))
    assert calendar_of(cast.a).is_working(date(2025, 7, 19))
