"""信息和项目对接 (方案 三(1)), of the register of certificates (Order 67 art. 18: the year's report says how many there were):
those issued in a period, by what has become of each, told apart by place, month or purpose."""

from peewee import Field, Node, fn

from models.certificates import Certificate
from models.scope import Actor, within
from models.statistics import Measure, Period, month_of
from rules.certificates import ISSUED

# Every figure of the page is a part of this one: its state and its purpose are columns that the list is narrowed by.
CERTIFIED = Measure(
    "certified", "开具证明", Certificate,
    lambda period: Certificate.state.in_(ISSUED) & period.holds(Certificate.issued_on), month=month_of(Certificate.issued_on),
)  # fmt: skip
BY: dict[str, Field | Node] = {
    "station": Certificate.station, "month": month_of(Certificate.issued_on), "purpose": Certificate.purpose,
}  # fmt: skip


def counted(by_what: str, period: Period, by: Actor) -> dict[tuple[int | str, str], int]:
    """(station number, "2026-01" or purpose; state today) -> certificates issued in the period, in one statement.

    Raises ``KeyError`` for what they are not told apart by.
    """
    key = BY[by_what]
    rows = Certificate.select(key, Certificate.state, fn.COUNT(1)).where(within(Certificate, by), CERTIFIED.where(period))
    return {(what, state): count for what, state, count in rows.group_by(key, Certificate.state).tuples()}
