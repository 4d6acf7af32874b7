"""Policy: dated, typed, strict; in force by division and day; never a silent zero."""

from datetime import date
from pathlib import Path

import pytest
from peewee import DatabaseError

from models.policy import Holiday, PolicyVersion, book, calendar_of, in_force
from models.stars import StarGrant
from rules.policy import PROVINCE, PolicyBook, build, load, release, shipped
from rules.topics import TOPICS, PolicyError

GOOD = (Path(__file__).parent.parent / "rules" / "policies" / "exchange.toml").read_text("utf-8")


def test_every_topic_ships_one_version_with_its_source():
    assert {version.topic for version in shipped()} == set(TOPICS)
    assert all(version.division == PROVINCE and version.source for version in shipped())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("floor_hours", "flor_hours", "没有「flor_hours」这个参数"),
        ("floor_hours = 0\n", "", "缺少参数「floor_hours」"),
        ("floor_hours = 0", 'floor_hours = "0"', r"exchange\.floor_hours：应是整数"),
        ("floor_hours = 0", "floor_hours = true", "应是整数"),
        ("floor_hours = 0", "floor_hours = 0.5", "应是整数"),
        ("floor_hours = 0", "floor_hours = -1", "不能小于 0，现在是 -1"),
        ("points_per_hour = 1", "points_per_hour = 0", "不能小于 1"),
        ('"desk"', '"desks"', "只能是 .*，现在是「desks」"),
        ('"desk"', "7", "应是文字"),
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


def own(division: str, since: date, edition: int = 1, topic: str = "exchange", bounds: dict | None = None, **values):
    """A release of a division's own; the province's says everything."""
    said = dict(load(GOOD, topic)[0].values) if division == PROVINCE else {}
    return release(topic, division, since, "测试", said | values, bounds, edition)


def test_the_day_before_the_first_version_is_an_error_and_never_zero():
    policies = PolicyBook.of()
    assert policies.on("counting", "530102001001", date(2012, 10, 23))
    with pytest.raises(PolicyError, match="2012-10-22 没有生效的「工时计算」政策"):
        policies.on("counting", "530102001001", date(2012, 10, 22))


def test_an_unknown_topic_or_key_is_a_mistake_in_the_program():
    with pytest.raises(KeyError):
        PolicyBook.of().on("countin", "53", date(2025, 1, 1))
    with pytest.raises(KeyError):
        PolicyBook.of().find("counting@53:2011-01-01")


def test_a_division_inherits_until_it_has_its_own_and_others_are_untouched():
    city, county = own("5301", date(2020, 1, 1), floor_hours=2), own("530102", date(2022, 1, 1), floor_hours=3)
    later = own("5301", date(2024, 1, 1), floor_hours=4)
    policies = PolicyBook.of([city, county, later])

    def on(division: str, day: date) -> tuple[int, str]:
        version = policies.on("exchange", division, day)
        return version.rule.floor_hours, version.key

    assert on("530102001001", date(2019, 12, 31)) == (0, "exchange@53:2012-10-23")
    assert on("530102001001", date(2021, 6, 1)) == (2, "exchange@53:20121023+5301:20200101")
    assert on("530102001001", date(2022, 1, 1)) == (3, "exchange@53:20121023+5301:20200101+530102:20220101")
    # The nearer one binds, though the city's is newer.
    assert on("530102001001", date(2025, 1, 1)) == (3, "exchange@53:20121023+5301:20240101+530102:20220101")
    assert on("530103001001", date(2025, 1, 1)) == (4, "exchange@53:20121023+5301:20240101")
    assert on("530302", date(2025, 1, 1)) == (0, "exchange@53:2012-10-23")


def test_what_a_division_leaves_open_follows_its_parent_also_later():
    policies = PolicyBook.of([
        own("53", date(2020, 1, 1)), own("530102", date(2021, 1, 1), floor_hours=5),
        own("53", date(2022, 1, 1), points_per_hour=7, floor_hours=1),
    ])  # fmt: skip
    version = policies.on("exchange", "530102001001", date(2022, 1, 1))
    assert (version.rule.points_per_hour, version.rule.floor_hours) == (7, 5)
    assert version.origins["points_per_hour"].key == "exchange@53:2022-01-01"
    assert version.origins["floor_hours"].key == "exchange@530102:2021-01-01"
    assert policies.find(version.key) == version


def test_a_release_that_sets_nothing_goes_back_to_the_parents():
    policies = PolicyBook.of([own("530102", date(2020, 1, 1), floor_hours=5), own("530102", date(2023, 1, 1))])
    assert policies.on("exchange", "530102", date(2022, 12, 31)).rule.floor_hours == 5
    assert policies.on("exchange", "530102", date(2023, 1, 1)).rule.floor_hours == 0


def test_the_second_release_of_a_day_corrects_the_first_and_both_are_found():
    first, second = own("530102", date(2023, 1, 1), floor_hours=50), own("530102", date(2023, 1, 1), 2, floor_hours=5)
    policies = PolicyBook.of([second, first])
    version = policies.on("exchange", "530102", date(2023, 1, 1))
    assert version.rule.floor_hours == 5
    assert version.key == "exchange@53:20121023+530102:20230101b"
    assert policies.find("exchange@53:20121023+530102:20230101").rule.floor_hours == 50


@pytest.mark.parametrize(
    ("bound", "name", "inside", "outside"),
    [
        ({"low": 2, "high": 9}, "floor_hours", 9, 10),
        ({"low": 2}, "floor_hours", 2, 1),
        ({"locked": True}, "floor_hours", None, 1),
        ({"high": 200}, "yearly_cap_points", 200, 0),  # 0 is no cap at all, and so more than any
        ({"low": 100}, "yearly_cap_points", 0, 99),
        ({"high": 65}, "minimum_age", 0, 66),  # here 0 is simply the least
        ({"only": ["desk", "group"]}, "origins", ["desk"], ["desk", "imported"]),
        ({"only": ["honour"]}, "over_cap", "honour", "donation"),
        ({"locked": True}, "approval", None, True),
    ],
)
def test_what_lies_outside_the_provinces_bounds_does_not_apply(bound, name, inside, outside):
    above = own("53", date(2020, 1, 1), bounds={name: bound})

    def county(value):
        book = PolicyBook.of([above, own("530102", date(2020, 1, 1), **{name: value})])
        return book.on("exchange", "530102", date(2020, 1, 1))

    parents = getattr(PolicyBook.of([above]).on("exchange", "53", date(2020, 1, 1)).rule, name)
    refused = county(outside)
    assert getattr(refused.rule, name) == parents and set(refused.aside) == {name}
    assert refused.origins[name].division == "53"
    if inside is not None:
        kept = county(inside)
        assert getattr(kept.rule, name) == (tuple(inside) if isinstance(inside, list) else inside)
        assert not kept.aside and kept.origins[name].division == "530102"


def test_a_citys_bounds_narrow_the_provinces_and_never_widen_them():
    policies = PolicyBook.of([
        own("53", date(2020, 1, 1), bounds={"floor_hours": {"high": 10}}),
        own("5301", date(2020, 1, 1), bounds={"floor_hours": {"high": 20, "low": 3}}),
        own("530102", date(2020, 1, 1), floor_hours=15), own("530103", date(2020, 1, 1), floor_hours=2),
        own("530111", date(2020, 1, 1), floor_hours=4),
    ])  # fmt: skip
    found = {code: policies.on("exchange", code, date(2020, 1, 1)).rule.floor_hours for code in ("530102", "530103", "530111")}
    assert found == {"530102": 0, "530103": 0, "530111": 4}


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        ({"flor_hours": {"low": 1}}, "没有「flor_hours」"),
        ({"floor_hours": {"least": 1}}, "没有「least」"),
        ({"floor_hours": {"low": "1"}}, "写法不对"),
        ({"floor_hours": {"low": 5, "high": 1}}, "下限 5 大于上限 1"),
        ({"approval": {"low": 1}}, "不是数字，不能定上下限"),
        ({"origins": {"only": ["desks"]}}, "只能限定为"),
        ({"floor_hours": {"only": ["1"]}}, "只能限定为"),
        ({"floor_hours": 3}, "应是一组参数"),
        (3, "应是一组参数"),
    ],
)
def test_a_bound_that_makes_no_sense_refuses_to_load(bounds, says):
    with pytest.raises(PolicyError, match=says):
        own("53", date(2020, 1, 1), bounds=bounds)


@pytest.mark.parametrize(("star", "right"), [(9, True), (10, False), (0, False)])
def test_a_star_has_one_figure_as_its_name_does(star, right):
    level = {"star": star, "at": 100, "recognised_by": "county", "tenure_days": 0, "selection": False}
    if right:
        assert release("stars", "53", date(2020, 1, 1), "测试", {"levels": [level]}).values["levels"][0].star == star
    else:
        with pytest.raises(PolicyError, match=r"levels\[1\]\.star：不能(大于 9|小于 1)"):
            release("stars", "53", date(2020, 1, 1), "测试", {"levels": [level]})


def test_the_province_says_everything_and_a_county_only_what_it_sets():
    with pytest.raises(PolicyError, match="缺少参数「origins」"):
        release("exchange", "53", date(2020, 1, 1), "测试", {"points_per_hour": 1})
    assert release("exchange", "530102", date(2020, 1, 1), "测试", {"points_per_hour": 2}).values == {"points_per_hour": 2}


def test_values_that_make_no_sense_together_are_an_error_on_the_day_they_meet():
    book = PolicyBook.of([own("530102", date(2020, 1, 1), topic="pairing", good_at=95)])
    with pytest.raises(PolicyError, match="从低到高"):
        book.on("pairing", "530102", date(2020, 1, 1))


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
    assert book(topic="exchange", division="530102001001").on("exchange", "530102001001", date(2024, 1, 1)).rule.points_per_hour == 5
    assert book(topic="stars").releases("exchange", "530102") == []
    with pytest.raises(DatabaseError, match="append-only"):
        row.delete_instance()
    PolicyVersion.create(topic="exchange", division="5301", since=date(2024, 1, 1), source="市文件", values={"points": 1})
    with pytest.raises(PolicyError, match="没有「points」"):
        book()


def test_a_station_keeps_its_prefectures_own_days(cast):
    Holiday.create(division="5301", day=date(2025, 7, 18), name="火把节")
    Holiday.create(division="5301", day=date(2025, 7, 19), working=True)
    assert not calendar_of(cast.a).is_working(date(2025, 7, 18))
    assert calendar_of(cast.a).is_working(date(2025, 7, 19))


def test_what_another_county_laid_down_is_not_even_read_where_a_record_is_posted(cast):
    PolicyVersion.create(topic="handling", division="530302", since=date(2024, 1, 1), source="坏", values={"nonsense": 1})
    with pytest.raises(PolicyError):
        book()
    assert cast.posted(cast.registered(), minutes=60)[0].state == "posted"


def test_who_serves_in_another_county_is_a_candidate_by_the_stars_of_her_own(cast):
    PolicyVersion.create(
        topic="stars", division="530103", since=date(2024, 1, 1), source="盘龙区", values={"levels": [star(1, 1)]}
    )
    visitor, local = cast.registered("周舟", by=cast.recorder_b), cast.registered("李明")
    for person in (visitor, local):
        cast.posted(person, minutes=120)
    assert [grant.volunteer_id for grant in StarGrant.select()] == [visitor.id]
    assert StarGrant.get().policy == "stars@53:20121023+530103:20240101"
