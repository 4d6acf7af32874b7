"""Division codes, the divisions that ship, and the streets that must hang on them."""

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.divisions import divisions
from rules import divisions as rules

STREETS = Path(__file__).parents[1].parent / "shared" / "data" / "yunnan_streets.csv"
STREETS_IN_YUNNAN = 1461
NAMES = dict(divisions())

digits = st.text("0189", min_size=12, max_size=12)  # few digits, so that prefixes and nines meet often
codes = st.builds(
    lambda first, rest, length: (first + rest)[:length],
    st.sampled_from("158"),
    digits,
    st.sampled_from([2, 4, 6, 9, 12]),
)


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("53", "province", None),
        ("5301", "prefecture", "53"),
        ("530102", "county", "5301"),
        ("530102001", "street", "530102"),
        ("530102001003", "community", "530102001"),
    ],
)
def test_a_code_knows_its_level_and_parent(code, level, parent):
    assert rules.level(code) == level
    assert rules.parent(code) == parent


@pytest.mark.parametrize("code", ["", "5", "530", "53010", "5301021", "53010A", "９３", "930102", "053"])
def test_what_is_no_code_has_no_level_parent_or_subtree(code):
    for question in (rules.level, rules.parent, rules.subtree):
        with pytest.raises(ValueError, match="not a division code"):
            question(code)


@pytest.mark.parametrize(
    ("code", "bounds"),
    [
        ("5301", ("5301", "5302")),
        ("5309", ("5309", "531")),
        ("530199", ("530199", "5302")),
        ("5399", ("5399", "54")),
        ("530102", ("530102", "530103")),
    ],
)
def test_a_subtree_is_a_range_of_strings(code, bounds):
    assert rules.subtree(code) == bounds


def test_a_subtree_that_ends_in_nines_does_not_take_in_its_neighbour():
    assert not rules.contains("530199", "5302")
    assert not rules.contains("5399", "54")


@given(codes, codes)
def test_a_subtree_is_exactly_the_codes_with_that_prefix(code, other):
    assert rules.contains(code, other) is other.startswith(code)


@given(codes)
def test_every_division_lies_in_itself_and_in_its_parent(code):
    above = rules.parent(code)
    assert rules.contains(code, code)
    assert above is None or (rules.contains(above, code) and not rules.contains(code, above))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "只能由数字组成"),
        ("53010X", "只能由数字组成"),
        ("٥٣", "只能由数字组成"),
        ("5301021", "现为 7 位"),
        ("530000", "应写作 53。"),
        ("530100", "应写作 5301。"),
        ("530102000000", "应写作 530102。"),
        ("530102001000", "应写作 530102001。"),
        ("110101000000000000", "应写作 110101。"),
        ("930102", "省级代码"),
    ],
)
def test_a_wrong_code_is_refused_in_words(code, words):
    [finding] = rules.check_code(code, "station_division")
    assert finding.where == "station_division"
    assert words in finding.says


def test_every_division_that_ships_passes():
    assert len(NAMES) == 1 + 16 + 129
    assert [code for code in NAMES if rules.check_code(code)] == []


def test_every_division_comes_after_its_parent_and_in_order():
    given_codes = [code for code, _ in divisions()]
    assert all(before < after for before, after in pairwise(given_codes))
    assert {rules.parent(code) for code in given_codes} - {None} <= set(given_codes)


def test_the_levels_that_ship_are_one_province_16_prefectures_129_counties():
    levels = [rules.level(code) for code in NAMES]
    assert {level: levels.count(level) for level in levels} == {
        "province": 1,
        "prefecture": 16,
        "county": 129,
    }


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("53", "云南省"),
        ("5301", "昆明市"),
        ("5334", "迪庆藏族自治州"),
        ("530115", "晋宁区"),
        ("530825", "镇沅彝族哈尼族拉祜族自治县"),
        ("533423", "维西傈僳族自治县"),
    ],
)
def test_a_division_has_its_name(code, name):
    assert NAMES[code] == name


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("530122", "晋宁区"),
        ("530328", "沾益区"),
        ("530321", "马龙区"),
        ("530421", "江川区"),
        ("530422", "澄江市"),
        ("530522", "腾冲市"),
        ("530630", "水富市"),
        ("532331", "禄丰市"),
        ("533321", "泸水市"),
        ("533421", "香格里拉市"),
    ],
)
def test_a_recoded_county_is_found_under_its_old_code(old, name):
    assert old not in NAMES
    assert NAMES[rules.current_code(old)] == name


def test_a_code_that_did_not_change_comes_back_as_it_is():
    assert [code for code in NAMES if rules.current_code(code) != code] == []


def test_every_street_of_yunnan_lies_in_a_county_that_ships():
    assert STREETS.is_file(), f"the list of streets must lie beside the checkout, at {STREETS}"
    with STREETS.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    assert len(rows) == STREETS_IN_YUNNAN
    assert [code for code, *_ in rows if rules.check_code(code) or rules.level(code) != "street"] == []
    assert [code for code, _, county, *_ in rows if rules.parent(code) != county] == []
    assert {rules.parent(code) for code, *_ in rows} == {code for code in NAMES if len(code) == 6}
