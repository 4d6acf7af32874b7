"""Small groups are hidden, and no total gives a hidden one away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.statistics import suppressed, with_totals


def shown(cells, least=5):
    return [
        ["*" if hide else value for value, hide in zip(row, mask, strict=True)]
        for row, mask in zip(with_totals(cells), suppressed(cells, least), strict=True)
    ]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([[9, 8], [7, 6]], [[9, 8, 17], [7, 6, 13], [16, 14, 30]]),  # nothing small, nothing hidden
        ([[0, 0], [0, 0]], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
        # one small cell takes one more in its row and its column, and so a fourth
        ([[2, 8], [7, 6]], [["*", "*", 10], ["*", "*", 13], [9, 14, 23]]),
        # a line of one column is its total: both are hidden
        ([[3], [20]], [["*", "*"], ["*", "*"], [23, 23]]),
    ],
)
def test_a_table_is_shown_so(cells, says):
    assert shown(cells) == says


def test_two_ones_whose_sum_is_two_are_given_away_and_so_more_is_hidden():
    (row, *_) = shown([[1, 1, 30, 40], [10, 10, 10, 10]])
    assert row.count("*") >= 3


tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1, max_size=5)
)


@given(tables, st.integers(2, 8))
def test_no_small_count_is_shown_and_no_line_gives_one_away(cells, least):
    grid, mask = with_totals(cells), suppressed(cells, least)
    lines = [list(zip(row, hide, strict=True)) for row, hide in zip(grid, mask, strict=True)]
    lines += [
        list(zip(*pair, strict=True)) for pair in zip(zip(*grid, strict=True), zip(*mask, strict=True), strict=True)
    ]
    for line in lines:
        assert not [value for value, hide in line if not hide and 0 < value < least]
        hidden = [value for value, hide in line if hide]
        if hidden and not line[-1][1]:  # the total is shown
            assert len(hidden) >= 2 and sum(hidden) >= least


@given(tables)
def test_nothing_is_hidden_where_one_is_enough(cells):
    assert not any(hide for row in suppressed(cells, 1) for hide in row)
