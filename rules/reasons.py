"""A reason that somebody gives before she sees what is kept from sight: whether it says anything.

个人信息保护法 第六条: for a purpose that is clear and reasonable; what is written stays in the log and is read there.
"""

import unicodedata

from rules.findings import Finding

LEAST = 4  # characters that say something
LEAST_KINDS = 3  # of different ones among them
_SAY_NOTHING = ("测试", "试试", "看看", "查看", "看一下", "没有", "随便", "其他", "理由", "原因", "工作需要", "test", "asdf", "qwer", "abcd")


def check_reason(text: str, where: str = "reason") -> list[Finding]:
    """A finding where the reason is missing, too short, or only fills the box (「111」, one character again and again)."""
    said = text.strip()
    if not said:
        return [Finding(where, "请写明查看的理由，例如「通知张某活动改期」；没有理由不能查看。")]
    letters = [char.lower() for char in said if unicodedata.category(char)[0] == "L"]
    bare = "".join(letters)
    for nothing in _SAY_NOTHING:
        bare = bare.replace(nothing, "")
    if len(letters) < LEAST:
        return [Finding(where, f"理由「{said[:20]}」太短，请写明办什么事要用，例如「通知活动改期」，至少 {LEAST} 个字。")]
    if len(set(letters)) < LEAST_KINDS or not bare:
        return [Finding(where, f"理由「{said[:20]}」没有说明用途，请写明办什么事要用，例如「通知活动改期」。")]
    return []
