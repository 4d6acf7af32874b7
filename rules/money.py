"""Money in whole 分: kept as an integer, written and read in 元 with two decimals. No floats."""

import re

from rules.reading import half_width

_YUAN = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?元?")


def read_yuan(text: str) -> int:
    """分 from what a person types: 1200, 1,200.5, １２００元. Raises ``ValueError`` with one Chinese sentence."""
    bare = "".join(half_width(text).replace("￥", "").replace("¥", "").replace(",", "").split())
    found = _YUAN.fullmatch(bare)
    if found is None:
        raise ValueError(f"金额「{text.strip()}」不对，应写作元，例如 1200 或 1200.50。")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def show_yuan(fen: int) -> str:
    """元 with two decimals and thousands set apart: 1,200.50."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
