"""优待 (方案 二(6): 就学、就业、就医等方面优惠或优待): the life of a take-up, and what is said of a condition not met."""

import calendar
from datetime import date
from typing import Any

from rules.honours import LEVELS, RANKS
from rules.life import Life, State, Tone, move
from rules.stars import stars_label

TAKE_UP = Life(
    "take_ups",
    (State("noted", "已享受", Tone.GOOD), State("void", "已作废", Tone.OVER)),
    (move("void", "作废", "noted -> void", "head", reason=True, warns="作废后不计入享受人次和每年次数。"),),
    noun="优待享受", counter="次",
)  # fmt: skip

CATEGORIES = {
    "school": "就学", "work": "就业", "medical": "就医", "transport": "交通出行", "culture": "文化旅游", "other": "其他",
}  # fmt: skip
AT_LEAST = {"own": "任何嘉许", **{level: f"{LEVELS[level]}及以上" for level in ("county", "prefecture", "province")},
            "nation": "国家级"}  # fmt: skip


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or that month's last."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def asks(star: int | None, hours: int | None, honour: str, months: int | None) -> str:
    """Who qualifies, in one line."""
    said = [
        f"{stars_label(star)}及以上" if star else "",
        f"累计服务满 {hours} 小时" if hours else "",
        f"获得{AT_LEAST[honour]}{'' if honour == 'own' else '嘉许'}" if honour else "",
        f"近 {months} 个月有服务" if months else "",
    ]
    return "；".join(filter(None, said)) or "已注册的志愿者"


def lack(name: str, have: Any, least: Any) -> str:
    """What is missing for one condition of a measure, with the figure of today beside the one that is asked for."""
    if name == "star":
        now = f"现在是{stars_label(have)}" if have else "现在还没有认定的星级"
        return f"需{stars_label(least)}及以上，{now}。"
    if name == "hours":
        return f"需累计服务 {least / 60:.2f} 小时，现有 {have / 60:.2f} 小时，还差 {(least - have) / 60:.2f} 小时。"
    if name == "honour":
        wanted = next(AT_LEAST[level] for level in AT_LEAST if RANKS[level] == least)
        best = max((level for level in RANKS if RANKS[level] == have), key=lambda level: level == "own", default="")
        return f"需获得{wanted}{'' if least == 1 else '嘉许'}，{f'现在最高是{LEVELS[best]}' if best else '现在没有嘉许'}。"
    last = str(have)[:10]
    now = f"最近一次是 {last}" if last > NEVER.isoformat() else "现在还没有"
    return f"需 {str(least)[:10]} 以后有服务记录，{now}。"


NEVER = date(1900, 1, 1)  # stands for «no service yet»
