"""What does not fit a cell of paper is not cut without a word."""

import pytest

from views.fitting import REST, Leaf, fitted, width


@pytest.mark.parametrize(("text", "wide"), [("", 0), ("陪伴老人", 4), ("abc", 2), ("A4 纸", 3), ("２０", 2)])
def test_how_wide_a_text_is(text, wide):
    assert width(text) == wide


@pytest.mark.parametrize("text", ["", "陪伴老人", "长" * 34])
def test_what_fits_stands_whole_and_nothing_goes_on_the_leaf(text):
    leaf = Leaf()
    assert leaf.tell("第 1 行", text, 34) == text and leaf.rest == []


@pytest.mark.parametrize("text", ["长" * 35, "长" * 200, "a" * 300, "项目 A：" + "活动、" * 60])
def test_what_does_not_fit_says_where_the_rest_is_and_stands_there_whole(text):
    leaf = Leaf()
    shown = leaf.tell("第 1 行", text, 34)
    assert shown.endswith(REST) and width(shown) <= 34 and text.startswith(shown.removesuffix(REST))
    assert leaf.rest == [("第 1 行", text)] and fitted(text, 34) == shown


def test_a_text_that_several_cells_name_stands_once_on_the_leaf_below_all_of_them():
    leaf = Leaf()
    for where in ("甲", "乙", "丙"):
        leaf.tell(where, "长" * (40 if where == "丙" else 36), 34)
    assert leaf.by_text() == [("甲、乙", "长" * 36), ("丙", "长" * 40)]
