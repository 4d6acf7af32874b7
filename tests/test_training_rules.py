"""组织培训 as rules: until which day a qualification holds, and how far a plan is done."""

from datetime import date

import pytest

from rules.training import holds, last_day, share


@pytest.mark.parametrize(
    ("granted", "months", "until"),
    [
        (date(2025, 3, 5), 12, date(2026, 3, 4)),
        (date(2025, 3, 5), 36, date(2028, 3, 4)),
        (date(2025, 3, 1), 1, date(2025, 3, 31)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 1), 1, date(2025, 12, 31)),
        (date(2025, 3, 5), None, None),
        (date(2025, 3, 5), 0, None),
    ],
)
def test_a_term_ends_the_day_before_the_same_day(granted, months, until):
    assert last_day(granted, months) == until


GRANT, LAST, REVOKED = date(2025, 3, 5), date(2026, 3, 4), date(2025, 9, 1)


@pytest.mark.parametrize(
    ("day", "expires", "revoked", "held"),
    [
        (date(2025, 3, 4), LAST, None, False),
        (GRANT, LAST, None, True),
        (LAST, LAST, None, True),
        (date(2026, 3, 5), LAST, None, False),
        (date(2040, 1, 1), None, None, True),
        (date(2025, 8, 31), LAST, REVOKED, True),
        (REVOKED, LAST, REVOKED, False),
        (date(2025, 9, 2), LAST, REVOKED, False),
    ],
)
def test_a_qualification_is_judged_on_the_day_of_the_service(day, expires, revoked, held):
    assert holds(GRANT, expires, revoked, day) is held


@pytest.mark.parametrize(
    ("done", "planned", "per_cent"), [(0, 4, 0), (1, 3, 33), (3, 3, 100), (5, 4, 125), (2, 0, None)]
)
def test_the_share_is_rounded_down(done, planned, per_cent):
    assert share(done, planned) == per_cent
