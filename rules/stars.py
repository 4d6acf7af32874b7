"""星级认定 (方案 二(6)): which star so many verified minutes reach, the case that each star is, and its evidence."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from rules.findings import Decision
from rules.life import Life, State, Tone, move
from rules.policy import Version
from rules.topics import StarLevel, Stars

STAR = Life(
    "stars",
    (
        State("candidate", "候选", Tone.WAITING),
        State("proposed", "已申报", Tone.WAITING),
        State("accepted", "拟认定", Tone.WAITING),
        State("noticed", "公示中", Tone.WAITING),
        State("recognised", "已认定", Tone.GOOD),
        State("recheck", "待复核", Tone.BAD),
        State("revoked", "已撤销", Tone.OVER),
        State("refused", "未通过", Tone.BAD),
        State("lapsed", "不再符合", Tone.OVER),
        State("claimed", "待核对", Tone.WAITING),  # recognised before there was this program, says the paper
        State("vouched", "待确认", Tone.WAITING),
    ),
    (
        move("propose", "申报", "candidate -> proposed", "head", expected=True),
        move("reapply", "重新申报", "refused revoked -> proposed", "head", reason=True,
             warns="请写明补充了什么材料，或与上次有什么不同。"),
        move("accept", "审核通过", "proposed -> accepted", "supervisor", own_entry=False, expected=True),
        move("select", "评选产生", "candidate proposed -> accepted", "supervisor", own_entry=False, reason=True,
             expected=True, warns="请写明评选的范围、方式和结果。"),
        move("notice", "公示", "accepted -> noticed", "supervisor head", expected=True,
             warns="公示期按工作日计算，期满无异议后才能认定。"),
        move("recognise", "认定", "noticed -> recognised", "supervisor", own_entry=False, expected=True,
             warns="将编发星级证书编号。"),
        move("refuse", "不予认定", "proposed accepted noticed -> refused", "supervisor system", reason=True),
        move("doubt", "转入复核", "recognised -> recheck", "system", reason=True),
        move("keep", "维持", "recheck -> recognised", "supervisor", own_entry=False, reason=True, expected=True),
        move("revoke", "撤销", "recheck -> revoked", "supervisor", own_entry=False, reason=True,
             warns="证书作废，编号保留备查。"),
        move("lapse", "不再符合", "candidate proposed accepted noticed -> lapsed", "system"),
        # What was recognised on paper before: entered by the desk from a list, so that it is nobody's button.
        move("claim", "登记以前的认定", "candidate lapsed refused -> claimed", "system"),
        move("vouch", "核对属实", "claimed -> vouched", "head", own_entry=False, expected=True,
             warns="请对照证书或文件核对星级、认定日期、认定单位和证书编号。"),
        move("admit", "确认以前的认定", "vouched -> recognised", "supervisor", own_entry=False, expected=True,
             warns="以原来的日期和证书编号记入，不另发证书。"),
        move("turn_down", "不予采信", "claimed vouched -> refused", "head supervisor", own_entry=False, reason=True),
        move("revive", "重新符合", "lapsed -> candidate", "system"),
    ),
    noun="星级", counter="个",
)  # fmt: skip

ON_THE_WAY = ("candidate", "proposed", "accepted", "noticed")  # lapse by themselves when no longer reached
FOLLOWS = (
    "candidate",
    "proposed",
    "accepted",
    "refused",
    "revoked",
    "lapsed",
    "claimed",
    "vouched",
)  # go along when the person moves to another station


def star_for(honour_minutes: int, registered_on: date, day: date, version: Version) -> Decision[int]:
    """Highest star that these minutes reach on ``day``, 0 for none, and the sentence that says why.

    Minutes are verified service only; exchange never lowers them.
    """
    rule: Stars = version.rule
    served = f"累计服务 {honour_minutes / 60:.2f} 小时"
    inputs = {"honour_minutes": honour_minutes, "registered_on": registered_on, "day": day}
    best, why = 0, f"{served}，未达到最低星级。"
    for level in sorted(rule.levels, key=lambda item: item.at):
        if honour_minutes < level.at * 60:
            break
        if (day - registered_on).days < level.tenure_days:
            why = f"{served}，已达到 {level.at} 小时，但注册未满 {level.tenure_days} 天。"
            break
        best, why = level.star, f"{served}，达到 {level.at} 小时，符合{stars_label(level.star)}标准。"
    return Decision(best, why, version.key, inputs)


@dataclass(frozen=True)
class NextStar:
    """What still lies before the next star: whole minutes and days, 0 where there is nothing, and who decides."""

    star: int
    at: int  # hours
    short_minutes: int
    short_days: int
    selection: bool
    recognised_by: str


def next_star(held: int, honour_minutes: int, registered_on: date, day: date, version: Version) -> NextStar | None:
    """The star after ``held`` (0 where she has none) and what it needs on ``day``; None after the last one.

    依次认定 (方案 二(6)): whoever has the minutes of three stars and none of them goes for the first.
    """
    for one in sorted(version.rule.levels, key=lambda item: item.star):
        if one.star > held:
            return NextStar(
                one.star, one.at, max(0, one.at * 60 - honour_minutes),
                max(0, one.tenure_days - (day - registered_on).days), one.selection, one.recognised_by,
            )  # fmt: skip
    return None


def reaches(star: int, honour_minutes: int, version: Version) -> str:
    """Whether these minutes reach one star of this version, as a sentence: the evidence beside the grant."""
    at = level_of(star, version).at
    served = f"累计服务 {honour_minutes / 60:.2f} 小时"
    if honour_minutes >= at * 60:
        return f"{served}，达到 {at} 小时，符合{stars_label(star)}标准。"
    return f"{served}，距{stars_label(star)}的 {at} 小时还差 {(at * 60 - honour_minutes) / 60:.2f} 小时。"


def level_of(star: int, version: Version) -> StarLevel:
    """The row of the policy for one star. Raises ``KeyError`` when the policy has no such star."""
    for level in version.rule.levels:
        if level.star == star:
            return level  # type: ignore[no-any-return]
    raise KeyError(star)


def stars_label(star: int) -> str:
    """一星级 … 五星级."""
    return f"{'零一二三四五六七八九'[star]}星级"


@dataclass(frozen=True)
class Line:
    """One entry on a person's honour account, minutes signed; ``reverses`` is the entry that it takes back.

    ``moved``: the account went from one station to another with her; nobody served.
    """

    id: int
    day: date
    minutes: int
    hash: str
    reverses: int | None = None
    moved: bool = False


def evidence(lines: Iterable[Line]) -> dict[str, Any]:
    """What a star rests on, frozen as plain values: the sums, by year too, and the seal of the entries behind them.

    What was taken back counts nowhere. Reading the entries up to ``last_entry`` again must give the same values.
    """
    read = sorted(lines, key=lambda line: line.id)
    back = {line.reverses for line in read if line.reverses is not None}
    standing = [line for line in read if line.reverses is None and line.id not in back and not line.moved]
    years: dict[str, int] = {}
    for line in sorted(standing, key=lambda line: line.day):
        years[str(line.day.year)] = years.get(str(line.day.year), 0) + line.minutes
    days = [line.day.isoformat() for line in standing]
    return {
        "honour_minutes": sum(line.minutes for line in read),
        "records": len(standing),
        "first_day": min(days, default=""),
        "last_day": max(days, default=""),
        "years": years,
        "entries": len(read),
        "last_entry": read[-1].id if read else 0,
        "seal": hashlib.sha256("".join(line.hash for line in read).encode()).hexdigest(),
    }


def certificate_number(division: str, year: int, star: int, key: int, voided: int) -> str:
    """A star's number, never used twice: its county, year and star, the case, and how often it was void before."""
    again = f"-{voided + 1}" if voided else ""
    return f"{division[:6]}{year}X{star}{key:07d}{again}"
