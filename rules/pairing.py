"""文明单位结对帮扶进社区 (方案 三(3)): how a pairing lives, 「一助一」或「多助一」, 「就地、就近、就便」, 成效.

Quarters are those of the calendar. Promises are per quarter; a quarter that the term only touches is owed by the
share of its days that the term covers, rounded up to a whole visit or minute.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from rules.life import Life, State, Tone, move

LEVELS = [("province", "省级文明单位"), ("prefecture", "州市级文明单位"), ("county", "县级文明单位")]
ONE, SEVERAL = "one", "several"
FORMS = [(ONE, "一助一"), (SEVERAL, "多助一")]

PAIRING = Life(
    "pairings",
    (
        State("draft", "草稿"),
        State("submitted", "待审核", Tone.WAITING),
        State("active", "结对中", Tone.GOOD),
        State("expired", "已到期", Tone.OVER),
        State("ended", "已终止", Tone.BAD),
    ),
    (
        move("submit", "提交", "draft -> submitted", "recorder head", expected=True),
        move("approve", "审核通过", "submitted -> active", "head", own_entry=False, expected=True),
        move("return", "退回", "submitted -> draft", "head", reason=True),
        move("expire", "到期", "active -> expired", "recorder head system", expected=True),
        move("end", "终止", "active -> ended", "head", reason=True,
             warns="终止后不能再安排这个结对的活动，已有的活动和时长保持不变。"),
    ),
    "结对帮扶",
    "对",
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a calendar year."""

    year: int
    number: int  # 1–4

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first(self) -> date:
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        return Quarter.of(self.first - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year} 年第 {self.number} 季度"


def last_quarters(day: date, count: int = 4) -> list[Quarter]:
    """The last ``count`` quarters, the one of ``day`` last."""
    found = [Quarter.of(day)]
    while len(found) < count:
        found.insert(0, found[0].before)
    return found


def owed(promised: int, quarter: Quarter, starts: date, ends: date) -> int:
    """What a promise per quarter comes to in this quarter under a term from ``starts`` to ``ends``, both included.

    >>> owed(3, Quarter(2026, 1), date(2025, 1, 1), date(2026, 12, 31))
    3
    """
    first, last = max(quarter.first, starts), min(quarter.last, ends)
    covered = (last - first).days + 1
    if covered <= 0 or promised <= 0:
        return 0
    days = (quarter.last - quarter.first).days + 1
    return -(-promised * covered // days)
