"""What a fuzz test draws from, and how much: a little in every run, always the same; ``FUZZ=5000`` draws so many, anew."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

LENGTH = int(os.environ.get("FUZZ", "0"))  # examples of each target; none given is the short run


def examples(few: int) -> settings:
    """``few`` examples in a short run, derandomised; ``FUZZ`` of them in a long one."""
    return settings(
        max_examples=LENGTH or few, derandomize=not LENGTH, deadline=None, suppress_health_check=list(HealthCheck)
    )


NASTY = [
    "", " ", "　", "\u200b", "\u202e", "\ufeff", "\x00", "\x07", "\x1b[0m", "\x7f", "\ud800", "\udfff", "\ufffd", "\ufffe",
    "𠮷", "𡈽", "㛃", "\U000e0100", "\ue863", "e\u0301", "é", "ﬁ", "①", "²", "٣", "０", "Ⅷ", "·", "•", "・", "‧", "…",
    "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "<script>", "{{7*7}}", "%s", "' OR 1=1 --", "../../etc/passwd",
    "NaN", "inf", "-inf", "1e999", "1e-9", "0x10", "1_000", "9" * 400, "-0", "2026-02-29", "01/02/03", "24:00", "25:61",
    "昨天", "民国115年", "合计", "示例", "填表人：", "530102199003071094", "5.30102E+17", "13812345678", "李明", "上门陪伴",
]  # fmt: skip
texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=30),
    st.text("0123456789０１-/.:：年月日点时分半刻小个上午下晚一二十两至到~eX·+ 男女是否优良", max_size=24),
    st.lists(st.sampled_from(NASTY), max_size=4).map("".join),
)
