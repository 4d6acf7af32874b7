"""典型宣传与现场会 (方案 三(4)): the life of a story and of a meeting, and what a published text may not hold."""

import re
from collections.abc import Iterable

from rules.findings import Finding
from rules.life import Life, State, Tone, move
from rules.reading import half_width

SHOWN = ("published", "recommended", "model")  # states in which anyone may read a story

STORY = Life(
    "stories",
    (
        State("draft", "草稿"),
        State("submitted", "待审核", Tone.WAITING),
        State("approved", "待公开", Tone.WAITING),
        State("published", "已公开", Tone.GOOD),
        State("recommended", "已推荐", Tone.GOOD),
        State("model", "县级示范", Tone.GOOD),
        State("withdrawn", "已撤下", Tone.OVER),
    ),
    (
        move("submit", "提交", "draft -> submitted", "recorder head", expected=True),
        move("approve", "审核通过", "submitted -> approved", "head", own_entry=False, expected=True),
        move("return", "退回", "submitted approved -> draft", "head", reason=True),
        move("publish", "公开", "approved -> published", "head", expected=True,
             warns="任何人都能在公开网站上读到；本人随时可以撤回同意。"),
        move("recommend", "推荐到县", "published -> recommended", "head"),
        move("honour", "定为县级示范", "recommended -> model", "supervisor", expected=True),
        move("decline", "暂不列为示范", "recommended -> published", "supervisor", reason=True),
        move("withdraw", "本人撤回同意", "submitted approved published recommended model -> withdrawn",
             "recorder head system", reason=True, warns="立即从公开网站撤下。"),
        move("take_down", "撤下", "published recommended model -> approved", "head", reason=True),
        move("revise", "重新整理", "withdrawn -> draft", "recorder head",
             warns="以前的同意不再有效，公开前要重新征得同意。"),
    ),
    noun="典型事迹",
    counter="篇",
)  # fmt: skip

MEETING = Life(
    "meetings",
    (
        State("planned", "计划", Tone.WAITING),
        State("held", "已召开", Tone.WAITING),
        State("published", "纪要已发布", Tone.GOOD),
        State("cancelled", "已取消", Tone.OVER),
    ),
    (
        move("hold", "确认已召开", "planned -> held", "supervisor", expected=True),
        move("publish", "发布纪要", "held -> published", "supervisor", expected=True,
             warns="参加的工作站都能读到纪要；发布后不能再改。"),
        move("cancel", "取消", "planned -> cancelled", "supervisor", reason=True),
    ),
    noun="现场会",
    counter="次",
)  # fmt: skip

FOLLOW_UP = Life(
    "follow_ups",
    (
        State("open", "待落实", Tone.WAITING),
        State("done", "已落实", Tone.GOOD),
        State("dropped", "不再办理", Tone.OVER),
    ),
    (
        move(
            "finish",
            "已落实",
            "open -> done",
            "recorder head supervisor",
            reason=True,
            expected=True,
            warns="请写明是怎么落实的、有什么结果。",
        ),
        move("drop", "不再办理", "open -> dropped", "supervisor", reason=True),
    ),
    noun="会后落实",
    counter="件",
)

_GAP = r"[ \-–—\t]?"
_IDENTITY = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{16}}{_GAP}[\dXx](?!\d)")
_MOBILE = re.compile(rf"(?<!\d)1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")


_DOOR = re.compile(r"\d+ ?单元 ?\d+")
BLANK = "＊＊"


def blanked(text: str, words: Iterable[str] = ()) -> str:
    """The text as anyone may read it: what `exposed` would find in it blanked out, names of people excepted."""
    plain = half_width(text)
    for pattern in (_IDENTITY, _MOBILE, _DOOR):
        if pattern.search(plain):
            text = plain = pattern.sub(BLANK, plain)
    for word in words:
        text = text.replace(word, BLANK)
    return text


def exposed(
    text: str, where: str, label: str, words: Iterable[str] = (), people: Iterable[str] = ()
) -> list[Finding]:
    """A finding for each identity number, mobile number, door or word not to be made public, with its place in the text.

    Full-width figures and numbers written in groups count too. ``words`` name the groups of people whom nobody is
    publicly said to belong to (sensitive terms of the vocabularies), ``people`` those who are served.
    """
    findings = []
    for number, paragraph in enumerate(half_width(text).splitlines(), start=1):
        at = f"「{label}」第 {number} 段第"
        for found in _IDENTITY.finditer(paragraph):
            findings.append(
                Finding(where, f"{at} {found.start() + 1} 个字起像是证件号码，公开的文字里不能有，请删去。")
            )
        rest = _IDENTITY.sub(lambda found: " " * len(found[0]), paragraph)
        for found in _MOBILE.finditer(rest):
            findings.append(
                Finding(where, f"{at} {found.start() + 1} 个字起像是手机号码，公开的文字里不能有，请删去。")
            )
        for found in _DOOR.finditer(rest):
            findings.append(Finding(where, f"{at} {found.start() + 1} 个字起像是住户的门牌，公开的文字里不能有，请删去。"))
        for word in words:
            if (place := paragraph.find(word)) >= 0:
                findings.append(
                    Finding(where, f"{at} {place + 1} 个字写有「{word}」，会让人认出服务对象的身份，请换一种说法。")
                )
        for name in people:
            if (place := paragraph.find(name)) >= 0:
                findings.append(
                    Finding(where, f"{at} {place + 1} 个字写有服务对象「{name}」的姓名，公开的文字里不能有，请改用化名。")
                )
    return findings


def consent_gap(
    *, given: bool, version: int | None, text_version: int, minor: bool, by_guardian: bool
) -> str:  # fmt: skip
    """Why a story's consent does not cover its text, in one sentence; blank where it does (Order 67 art. 16).

    For a minor only a guardian consents (个人信息保护法第三十一条).
    """
    if not given:
        return "还没有本人同意公开的记录：请填写同意人、日期和方式。"
    if minor and not by_guardian:
        return "写到未成年人，要由监护人同意公开。"
    if version != text_version:
        return f"同意的是第 {version} 版文字，现在是第 {text_version} 版，请把新的文字给同意人看过，再登记一次同意。"
    return ""
