"""Division codes: a code's length is its level, and its prefix is where it lies.

2 province, 4 prefecture, 6 county (GB/T 2260), 9 street or town, 12 community (统计用区划代码). Codes are
kept short, without the zeros that pad them to a common length elsewhere.
"""

import re
from typing import Literal

from rules.findings import Finding

Level = Literal["province", "prefecture", "county", "street", "community"]

_LEVELS: dict[int, Level] = {2: "province", 4: "prefecture", 6: "county", 9: "street", 12: "community"}
_LENGTHS = tuple(_LEVELS)
_RECODED = {  # counties of Yunnan that became districts or cities, and what their code is now
    "530122": "530115",  # 晋宁
    "530328": "530303",  # 沾益
    "530321": "530304",  # 马龙
    "530421": "530403",  # 江川
    "530422": "530481",  # 澄江
    "530522": "530581",  # 腾冲
    "530630": "530681",  # 水富
    "532331": "532302",  # 禄丰
    "533321": "533301",  # 泸水
    "533421": "533401",  # 香格里拉
}


def level(code: str) -> Level:
    """The code's level. Raises ValueError for a code that ``check_code`` refuses by its form."""
    if not re.fullmatch(r"[1-8][0-9]+", code) or len(code) not in _LEVELS:
        raise ValueError(f"not a division code: {code!r}")
    return _LEVELS[len(code)]


def parent(code: str) -> str | None:
    """The code one level up; None for a province."""
    level(code)
    at = _LENGTHS.index(len(code))
    return code[: _LENGTHS[at - 1]] if at else None


def lineage(code: str) -> list[str]:
    """The codes from the province down to this one, itself last."""
    level(code)
    return [code[:length] for length in _LENGTHS if length <= len(code)]


def subtree(code: str) -> tuple[str, str]:
    """Bounds such that a code c lies in this division (itself included) iff low <= c < high as strings.

    The upper bound carries past nines and drops them (5309 → 531, 530199 → 5302): 530200 would let in
    5302, which sorts before it.
    """
    level(code)
    stem = code.rstrip("9")  # never empty: the first digit is 8 at most
    return code, stem[:-1] + str(int(stem[-1]) + 1)


def contains(code: str, other: str) -> bool:
    """Whether ``other`` is this division or lies within it."""
    low, high = subtree(code)
    level(other)
    return low <= other < high


def check_code(code: str, where: str = "division") -> list[Finding]:
    """What is wrong with the form of a code; whether such a division exists is for the table of divisions."""
    if not re.fullmatch(r"[0-9]+", code):
        return [Finding(where, "区划代码只能由数字组成。")]
    short = without_padding(code)
    if short != code:
        return [Finding(where, f"区划代码末尾的补位 0 不用写，应写作 {short}。")]
    if len(code) not in _LEVELS:
        right = "2 位（省）、4 位（州市）、6 位（县）、9 位（街道乡镇）或 12 位（社区）"
        return [Finding(where, f"区划代码应为{right}，现为 {len(code)} 位。")]
    if code[0] not in "12345678":
        return [Finding(where, "区划代码的前两位是省级代码，应在 11 至 82 之间，如云南为 53。")]
    return []


def without_padding(code: str) -> str:
    """The short form of a code padded with zeros to 6, 9, 12 or 18 digits; any other text comes back as it is."""
    for length in _LENGTHS:
        if length < len(code) and len(code) in (6, 9, 12, 18) and set(code[length:]) == {"0"}:
            return code[:length]
    return code


def current_code(old6: str) -> str:
    """Today's code of a county that was recoded; any other code comes back as it is.

    Only for the place of a station or an address: an identity number keeps the code of its day.
    """
    return _RECODED.get(old6, old6)
