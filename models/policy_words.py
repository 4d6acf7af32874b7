"""What policy says, in words: how a parameter's codes read, for screens, refusals and files alike."""

from collections.abc import Callable, Mapping
from typing import Any

from models import vocabulary
from models.catalogue import KINDS
from models.hours import ORIGINS
from models.records import ServiceRecord
from models.stars import DIVISION_LABELS
from rules import consents, retention
from rules.access import Role
from rules.policy import parameters
from rules.stars import stars_label
from rules.topics import TOPICS

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
    "evidence": {"sheet": "签到表", "photo": "签字的签到表照片"},
    "photo_missing": {"warn": "提醒审核人", "refuse": "不能审核通过"},
    "what": {name: kind.label for name, kind in retention.KINDS.items()},
    "reconfirm": consents.KINDS,
    "record_cycle": {"any": "随时", "month": "按月"},
    "unsigned": {"hold": "由负责人填写", "end": "计到排班结束", "none": "不计"},
    "second_step": {role.value: role.label for role in Role},
}  # fmt: skip
VOCABULARIES = {"category": "category", "hardships": "recipient"}  # parameter -> whose codes it holds
ENDLESS = "不限"  # how 0 reads where it stands for no limit
_ENDLESS = {
    name for topic in TOPICS.values() for name, spec in parameters(topic).items() if spec.metadata["endless"]
}  # fmt: skip


def _limit(value: Any) -> str:
    """A limit, or that there is none; what somebody typed that is no number reads as it stands."""
    return ENDLESS if value == 0 else f"{value:,}" if isinstance(value, int) else str(value)


def unit_of(about: Mapping[str, Any], value: Any) -> str:
    """The unit that is said after a value of the parameter with this metadata; none after «不限»."""
    return "" if about["endless"] and value == 0 else str(about["unit"])


WORDS: dict[str, Callable[[Any], str]] = {name: words.__getitem__ for name, words in SAID.items()} | {
    "required": ServiceRecord.label,
    "star": stars_label,
} | dict.fromkeys(_ENDLESS, _limit)


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
