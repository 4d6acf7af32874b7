"""A policy file from anywhere: whatever it holds, it is read or refused in words, and never breaks what reads it."""

from datetime import date

import pytest

from rules.policy import MOST, MOST_ELSE, release
from rules.policy_files import read, written
from rules.policy_office import misfits, plain
from rules.topics import PolicyError, Served

HEAD = 'topic = "exchange"\n[[version]]\nfrom = 2027-01-01\nsource = "x"\n'


def wrong(text: str) -> str:
    said = read((HEAD + text).encode())
    return "".join(f.says for f in misfits(said.topic, "530102", said.values, said.bounds))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("weights = " + "[" * 20_000 + "]" * 20_000, "括号层数太多"),
        ("weights = " + "{a = " * 6_000 + "1" + "}" * 6_000, "括号层数太多"),
        ("floor_hours." + "a." * 9_000 + "a = 1", "层数太多"),
        ("floor_hours = " + "9" * 5_000, "数字太长"),
        ("floor_hours = 0x" + "f" * 5_000, "数字太大"),
        ('entitlements = [{at = 1, grants = "a\\u0000"}]', "不能保存的字符"),
        ("floor_hours = 1\nfloor_hours = 2", "写法不对"),
    ],
    ids=["lists", "tables", "dotted", "digits", "hexadecimal", "nul", "twice"],
)
def test_a_monstrous_file_is_refused_in_words(text, says):
    with pytest.raises(PolicyError, match=says):
        wrong(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[version.bounds]\nover_cap = {only = [[\"honour\"]]}", "应是一列文字"),
        ("[version.bounds]\nover_cap = {only = [{a = 1}]}", "应是一列文字"),
        ("[version.bounds]\nfloor_hours = {high = 100_000_000}", "不能大于 10000000"),
        ("valid_months = 999_999", "不能大于 1200"),
        ("floor_hours = 10_000_001", "不能大于 10000000"),
    ],
)
def test_what_no_calendar_and_no_column_could_bear_is_refused_beside_its_parameter(text, says):
    assert says in wrong(text)


def test_the_most_that_can_be_written_is_still_a_policy():
    assert wrong(f"valid_months = {MOST['月']}\nfloor_hours = {MOST_ELSE}\n[version.bounds]\nover_cap = {{only = [\"honour\"]}}") == ""


def test_a_row_with_a_list_of_its_own_is_read_back_as_it_was_written():
    served = (Served(60, ("01", "02")), Served(0, ()))
    one = release("giving", "530102", date(2027, 1, 1), "测试", {"served": plain(served)})
    rows = [{"minimum_age": 60, "hardships": ["01", "02"], "below_age": 0}, {"minimum_age": 0, "hardships": [], "below_age": 0}]
    assert one.values["served"] == served
    assert plain(served) == rows == read(written(one).encode()).values["served"]
