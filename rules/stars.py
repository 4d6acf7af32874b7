"""星级认定 (方案 二(6)): which star so many verified minutes reach."""

from datetime import date

from rules.findings import Decision
from rules.policy import StarLevel, Stars, Version


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
