"""The draw by lot: the same seed and rows give the same sample, every row is as likely, nothing is drawn twice."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.sampling import below, draw


@pytest.mark.parametrize(
    ("seed", "population", "size", "places"),
    [
        ("a", 5, 5, [0, 1, 2, 3, 4]),
        ("a", 3, 10, [0, 1, 2]),
        ("a", 1, 1, [0]),
        ("a", 0, 4, []),
    ],
)
def test_so_many_places_are_drawn_as_there_are(seed, population, size, places):
    assert draw(seed, population, size) == places


def test_a_sample_published_once_is_drawn_again_the_same_in_any_year():
    assert draw("wuhua-2026-1", 1000, 5) == draw("wuhua-2026-1", 1000, 5)
    assert draw("wuhua-2026-1", 1000, 5) == [72, 244, 284, 690, 916]  # as it was on the day it was written


def test_another_seed_draws_another_sample():
    assert draw("one", 100_000, 20) != draw("two", 100_000, 20)


@given(st.text(min_size=1), st.integers(0, 2000), st.integers(1, 60))
def test_places_are_different_ascending_and_inside(seed, population, size):
    places = draw(seed, population, size)
    assert len(places) == min(size, population) == len(set(places))
    assert places == sorted(places)
    assert all(0 <= place < population for place in places)


def test_every_place_is_about_as_likely():
    counted = Counter(place for n in range(2000) for place in draw(f"seed {n}", 20, 4))
    assert set(counted) == set(range(20))
    assert min(counted.values()) > 300 and max(counted.values()) < 500  # 400 expected


def test_a_very_large_division_costs_no_more_than_its_sample():
    assert len(draw("province", 10**12, 500)) == 500


@pytest.mark.parametrize(("seed", "size"), [("", 3), ("a", 0), ("a", -1)])
def test_a_draw_without_seed_or_size_is_a_mistake_in_the_program(seed, size):
    with pytest.raises(ValueError, match="seed and a size"):
        draw(seed, 10, size)


def test_a_number_stays_below_its_limit():
    assert {below("s", turn, 3) for turn in range(50)} == {0, 1, 2}
