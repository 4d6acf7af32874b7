"""异常, as pure rules: of every kind a line that is odd and one that is not."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from rules.anomalies import KINDS, Elsewhere, Facts, Seen, find_oddities
from rules.topics import Anomalies

DAY = datetime(2026, 3, 5)
RULE = Anomalies(gap_minutes=20, day_minutes=480, same_span_people=3, backfills=3, backfill_days=30)
LINE = Seen(
    1, 7, "李明", 5, "上门陪伴", DAY.replace(hour=9), DAY.replace(hour=11), 120, entered_by=2, planned=120,
    presence_share=50,
)  # fmt: skip


def of(*lines: Seen, **facts) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.kind, one.records) for one in find_oddities(lines, Facts(**facts), RULE)]


def crowd(people: int, **more) -> list[Seen]:
    return [replace(LINE, record=n, volunteer=100 + n, name=f"某{n}", **more) for n in range(1, people + 1)]


def elsewhere(start: str, end: str, days: int = 0) -> dict:
    at = [datetime.combine(DAY + timedelta(days=days), datetime.strptime(t, "%H:%M").time()) for t in (start, end)]
    return {"elsewhere": {7: [Elsewhere(*at)]}}


CASES = [
    ("elsewhere", [LINE], elsewhere("11:19", "12:00"), [LINE], elsewhere("11:20", "12:00")),
    ("elsewhere", [LINE], elsewhere("08:00", "08:45"), [LINE], elsewhere("11:05", "12:00", days=1)),
    ("long_day", [replace(LINE, minutes=481, planned=None)], {}, [replace(LINE, minutes=480, planned=None)], {}),
    (
        "long_day", [LINE], {"day_minutes": {(7, date(2026, 3, 5)): 361}},
        [LINE], {"day_minutes": {(7, date(2026, 3, 5)): 360, (7, date(2026, 3, 6)): 400, (8, date(2026, 3, 5)): 400}},
    ),
    ("same_span", crowd(3), {}, crowd(2), {}),
    (
        "same_span", crowd(1), {"roster": {5: [(LINE.started_at, LINE.ended_at)] * 2}},
        crowd(3), {"roster": {5: [(LINE.started_at, LINE.ended_at + timedelta(minutes=5))]}},
    ),
    ("cancelled", [replace(LINE, cancelled=True)], {}, [LINE], {}),
    ("own_service", [LINE], {"desk": frozenset({(2, 7)})}, [LINE], {"desk": frozenset({(2, 8), (3, 7)})}),
    (
        "backfills", [replace(LINE, backfilled=True)], {"backfills": {2: 2}},
        [replace(LINE, backfilled=True)], {"backfills": {2: 1, 3: 99}},
    ),
    ("backfills", crowd(3, backfilled=True, ended_at=LINE.ended_at), {"roster": {5: [(DAY, DAY)]}}, [LINE],
     {"backfills": {2: 99}}),
    ("presence", [replace(LINE, minutes=59)], {}, [replace(LINE, minutes=60)], {}),
    ("presence", [replace(LINE, minutes=1)], {}, [replace(LINE, minutes=1, planned=None)], {}),
    ("presence", [replace(LINE, minutes=1)], {}, [replace(LINE, minutes=1, presence_share=0)], {}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "odd", "facts", "plain", "other"), CASES)
def test_what_is_odd_is_found_and_what_is_plain_is_not(kind, odd, facts, plain, other):
    assert of(*odd, **facts) == [(kind, tuple(line.record for line in odd))]
    assert of(*plain, **other) == []


def test_there_is_a_case_of_every_kind():
    assert {kind for kind, *_ in CASES} == {kind for kind, _ in KINDS}


def test_each_says_in_one_sentence_what_to_look_at():
    lines = [replace(LINE, minutes=500, planned=1200, cancelled=True, backfilled=True), *crowd(3)[1:]]
    facts = Facts(
        backfills={2: 9}, desk=frozenset({(2, 7)}),
        elsewhere={7: [Elsewhere(DAY.replace(hour=11), DAY.replace(hour=12))]},
    )  # fmt: skip
    said = {one.kind: one.says for one in find_oddities(lines, facts, RULE)}
    assert set(said) == {kind for kind, _ in KINDS}
    assert all(text.endswith("。") for text in said.values())
    assert said["elsewhere"] == "李明 当天在其他工作站 11:00–12:00 也有服务，与本站的 09:00–11:00 只隔 0 分钟。"
    assert said["long_day"] == "李明 2026-03-05 一天合计 8.33 小时，超过 8 小时。"
    assert said["presence"] == "李明 计 500 分钟，是活动安排的 1200 分钟的 41%，不到 50%。"
    assert "3 人的起止时间全部是 3月5日 09:00–11:00" in said["same_span"]


def test_one_person_is_named_once_a_day_however_many_lines():
    two = [replace(LINE, minutes=300, planned=None), replace(LINE, record=2, minutes=300, planned=None)]
    two[1] = replace(two[1], started_at=DAY.replace(hour=14), ended_at=DAY.replace(hour=19))
    assert of(*two) == [("long_day", (1, 2))]
