"""Service times in words and in codes 01–24."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.service_grid import read_service_grid, show_service_grid

CODES = [f"{code:02d}" for code in range(1, 25)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("周一上午、周六全天、周末下午", "01 16 17 18 20"),
        ("星期三晚上", "09"),
        ("周一、三、五上午", "01 07 13"),
        ("周一、周三上午", "01 07"),
        ("周一；周三上午", "01 02 03 07"),
        ("周一上午、下午", "01 02"),
        ("周一至周三白天", "01 02 04 05 07 08"),
        ("周一到五晚上", "03 06 09 12 15"),
        ("工作日晚上", "03 06 09 12 15"),
        ("周天上午 节假日晚上", "19 24"),
        ("节假日", "22 23 24"),
        ("每天下午", "02 05 08 11 14 17 20"),
        ("24，01", "01 24"),
        ("", ""),
    ],
)
def test_service_times_are_read(text, codes):
    assert read_service_grid(text) == codes.split()


def test_any_time_is_every_cell():
    assert read_service_grid("随时") == CODES


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("有空就来", "“有空就来”不能认作服务时间"),
        ("上午", "“上午”不能认作服务时间"),
        ("三上午", "“三上午”不能认作服务时间"),
        ("周一上午吧", "“吧”不能认作服务时间"),
        ("周五至周一", "先后反了"),
        ("25", "应为 01 至 24"),
    ],
)
def test_what_is_no_service_time_is_refused_in_words(text, words):
    with pytest.raises(ValueError, match=words):
        read_service_grid(text)


def test_codes_are_shown_in_words():
    assert show_service_grid(["20", "18", "16", "17", "01", "22"]) == "周一上午、周六全天、周日下午、节假日上午"


@pytest.mark.parametrize("code", ["00", "25", "1", "xx"])
def test_an_unknown_code_is_not_shown(code):
    with pytest.raises(ValueError, match="应为 01 至 24"):
        show_service_grid([code])


@given(st.sets(st.sampled_from(CODES)))
def test_what_is_shown_reads_back(codes):
    assert read_service_grid(show_service_grid(codes)) == sorted(codes)
