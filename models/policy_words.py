"""What policy says, in words: how a parameter's codes read, for screens, refusals and files alike."""

from collections.abc import Callable
from typing import Any

from models import vocabulary
from models.hours import ORIGINS
from models.records import ServiceRecord
from models.rewards import KINDS
from models.stars import DIVISION_LABELS
from rules.stars import stars_label

# How a parameter's values read; a parameter not listed reads as it stands.
SAID: dict[str, dict[str, str]] = {
    "rounding": {"down": "舍去不足的部分", "nearest": "四舍五入", "up": "不足的进一个单位"},
    "recognised_by": DIVISION_LABELS,
    "origins": dict(ORIGINS),
    "donation_origins": dict(ORIGINS),
    "over_cap": {"honour": "只计荣誉", "donation": "留作捐赠"},
    "kinds": dict(KINDS),
    "weekdays": {"1": "周一", "2": "周二", "3": "周三", "4": "周四", "5": "周五", "6": "周六", "7": "周日"},
    "gift": {"nobody": "不转赠", "relatives": "亲属", "anyone": "任何注册志愿者"},
    "relations": {
        "spouse": "配偶", "parent": "父母", "child": "子女", "grandparent": "祖父母、外祖父母",
        "grandchild": "孙子女、外孙子女", "sibling": "兄弟姐妹",
    },
    "evidence": {"sheet": "签到表"},
    "record_cycle": {"any": "随时", "month": "按月"},
}  # fmt: skip
VOCABULARIES = {"category": "category", "hardships": "recipient"}  # parameter -> whose codes it holds
WORDS: dict[str, Callable[[Any], str]] = {name: words.__getitem__ for name, words in SAID.items()} | {
    "required": ServiceRecord.label,
    "star": stars_label,
}


class Words:
    """Says values in Chinese; reads each vocabulary at most once, so it lives for one operation."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, str]] = {}

    def __call__(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, tuple | list):
            return "、".join(self(name, one) for one in value) or "（无）"
        if name in WORDS:
            return WORDS[name](value)
        if name in VOCABULARIES:
            return self._vocabulary(VOCABULARIES[name]).get(value, value)
        return f"{value:,}" if isinstance(value, int) else str(value)

    def _vocabulary(self, kind: str) -> dict[str, str]:
        if kind not in self._names:
            self._names[kind] = vocabulary.names(kind)
        return self._names[kind]
