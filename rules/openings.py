"""期初工时 (方案 二(5)(6)): what a volunteer had served before her station kept this account, taken over once on evidence."""

from dataclasses import dataclass
from datetime import date

from rules.findings import Finding
from rules.life import Life, State, Tone, move

OPENING = Life(
    "openings",
    (
        State("draft", "草稿"),
        State("submitted", "待核对", Tone.WAITING),
        State("posted", "已入账", Tone.GOOD),
        State("disputed", "待更正", Tone.WAITING),
        State("reversed", "已冲正", Tone.OVER),
        State("void", "已作废", Tone.OVER),
    ),
    (
        move("submit", "提交", "draft -> submitted", "recorder head", expected=True),
        move("return", "退回", "submitted -> draft", "head", reason=True),
        move("post", "核对属实并入账", "submitted -> posted", "head", own_entry=False, expected=True,
             warns="请对照纸质台账或证明核对。荣誉工时和可兑换工时分别入账，入账后只能更正，不能修改。"),
        move("dispute", "申请更正", "posted -> disputed", "recorder head", reason=True,
             warns="请写明哪里不对、应是多少；由另一位站长决定。"),
        move("keep", "维持", "disputed -> posted", "head", reason=True),
        move("reverse", "批准冲正", "disputed -> reversed", "head", own_entry=False, expected=True,
             warns="将用相反的分录把这笔期初工时全部收回；正确的数目请另行登记。"),
        move("void", "作废", "draft -> void", "recorder head", reason=True),
    ),
    noun="期初工时", counter="笔",
)  # fmt: skip

GONE = ("reversed", "void")  # what no longer counts, so that it may be entered anew
MOST_HOURS = 50_000  # more than anybody serves in a life: a slip of the pen


@dataclass(frozen=True)
class Said:
    """One line of the list: whole minutes, the days that they were served in, and where it is written."""

    honour: int
    exchangeable: int
    earned_on: date
    until: date


def check_opening(said: Said, born: date, today: date, *, ends_on: date | None, room: int | None) -> list[Finding]:
    """Findings about the figures and days of one line.

    ``ends_on`` is when exchangeable minutes of its first day run out, ``room`` how many more minutes the person may
    keep; None of either where policy sets no bound.
    """
    found = [*_minutes(said), *_days(said, born, today)]
    if found or not said.exchangeable:
        return found
    if ends_on is not None and ends_on <= today:
        says = f"{said.earned_on} 起的可兑换工时按政策已于 {ends_on} 到期，可兑换工时请填 0，荣誉工时照计。"
        found.append(Finding("exchangeable_minutes", says))
    elif room is not None and said.exchangeable > room:
        says = f"按政策个人还可留存 {room / 60:.2f} 小时，现填 {said.exchangeable / 60:.2f} 小时；超出的部分只计荣誉工时。"
        found.append(Finding("exchangeable_minutes", says))
    return found


def _minutes(said: Said) -> list[Finding]:
    if said.honour <= 0:
        return [Finding("honour_minutes", "荣誉工时应大于 0。")]
    if said.honour > MOST_HOURS * 60:
        return [Finding("honour_minutes", f"荣誉工时最多 {MOST_HOURS} 小时，现为 {said.honour / 60:.2f} 小时，请核对。")]
    if said.exchangeable < 0:
        return [Finding("exchangeable_minutes", "可兑换工时不能是负数；没有请填 0。")]
    if said.exchangeable > said.honour:
        says = (
            f"可兑换工时 {said.exchangeable / 60:.2f} 小时多于荣誉工时 {said.honour / 60:.2f} 小时："
            "荣誉工时是全部服务，可兑换工时是其中还没有兑换的。"
        )
        return [Finding("exchangeable_minutes", says)]
    return []


def _days(said: Said, born: date, today: date) -> list[Finding]:
    if said.until > today:
        return [Finding("until", f"截至日期 {said.until} 还没有到。")]
    if said.earned_on > said.until:
        return [Finding("earned_on", f"最早服务日期 {said.earned_on} 应不晚于截至日期 {said.until}。")]
    if said.earned_on < born:
        return [Finding("earned_on", f"最早服务日期 {said.earned_on} 早于出生日期，请核对。")]
    days = (said.until - said.earned_on).days + 1
    if said.honour > days * 24 * 60:
        return [Finding("honour_minutes", f"{days} 天里最多 {days * 24} 小时，现为 {said.honour / 60:.2f} 小时，请核对。")]
    return []
