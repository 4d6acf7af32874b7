"""机器人通知: what a group chat is told of what waits, by whose address, how often, and when it is tried again.

What goes out are counts and the program's own words (「服务记录待审核 12 条」): never a value of a row, so no name, number or
telephone can leave this way (个人信息保护法 第六条, the least that serves).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import quote_plus

from rules.findings import Finding
from rules.outward import where

# kind -> (what people call it, the one host that its robots are reached at; blank where it may be any that was allowed).
ROBOTS = {
    "wecom": ("企业微信群机器人", "qyapi.weixin.qq.com"),
    "dingtalk": ("钉钉群机器人", "oapi.dingtalk.com"),
    "plain": ("其他系统（JSON）", ""),
}
TRIES = (1, 5, 15, 60, 240)  # minutes to wait after the first, second … try that failed; after the last it is given up
MOST_LINES = 12  # of one message; a robot takes some 2,000 characters
REMIND = timedelta(hours=24)  # what waits and was told once is told again after so long


@dataclass(frozen=True)
class Waits:
    """So many rows of one thing wait for one move, the oldest for so many days. ``unit`` counts them (条、位)."""

    key: str
    noun: str
    does: str
    count: int
    unit: str = "条"
    days: int = 0


def check_address(kind: str, address: str, allowed: Sequence[str] = ()) -> list[Finding]:
    """Findings about where a message would go: https, and a host that is the robot's own or one in ``allowed``
    ("host" or "host:port", set for the whole program); plain http is for this very machine alone."""
    found = where(address)
    if found is None:
        return [Finding("url", "地址应以 https:// 开头，请从群机器人的设置里整段复制。")]
    own = ROBOTS[kind][1] if kind in ROBOTS else ""
    if not {found.place, found.host} & set(allowed) and (not own or found.place != own):
        right = f"{ROBOTS[kind][0]}的地址应在 {own}" if own else "其他系统的地址要由管理员在 WEBHOOK_HOSTS 里登记"
        return [Finding("url", f"不能发到「{found.place[:60]}」：{right}。")]
    return [] if found.is_shut else [Finding("url", "地址应以 https:// 开头，http:// 会被人看到。")]


def signed(address: str, secret: str, at: datetime) -> str:
    """The address with the time and the signature that a DingTalk robot with 加签 asks for; as it is without a secret."""
    if not secret:
        return address
    moment = str(int(at.timestamp() * 1000))
    mark = hmac.digest(secret.encode(), f"{moment}\n{secret}".encode(), hashlib.sha256)
    return f"{address}{'&' if '?' in address else '?'}timestamp={moment}&sign={quote_plus(base64.b64encode(mark))}"


def says(whose: str, waiting: Sequence[Waits]) -> str:
    """The message: whose it is, how much waits in all, and the lines with the longest wait first."""
    lines = sorted(waiting, key=lambda one: (-one.days, one.key))
    total = sum(one.count for one in lines)
    said = [f"【{whose}】待办 {total} 项："]
    for one in lines[:MOST_LINES]:
        days = f"，最早 {one.days} 天前" if one.days else ""
        said.append(f"· {one.noun}：{one.count} {one.unit}待{one.does}{days}")
    if len(lines) > MOST_LINES:
        said.append(f"· 另有 {len(lines) - MOST_LINES} 类")
    return "\n".join([*said, "请登录志愿服务工作站办理。"])


def body(kind: str, text: str) -> dict[str, object]:
    """What is posted, as JSON. Both robots take the same shape."""
    return {"text": text} if kind == "plain" else {"msgtype": "text", "text": {"content": text}}


def is_news(waiting: Sequence[Waits], told: Mapping[str, int], told_at: datetime | None, now: datetime) -> bool:
    """Whether to say anything: something waits that was not told, or more of it, or it was told a day ago."""
    if not waiting:
        return False
    return told_at is None or now - told_at >= REMIND or any(one.count > told.get(one.key, 0) for one in waiting)


def in_hours(now: datetime, first: time, last: time) -> bool:
    """Whether it is between these times of the day, both included."""
    return first <= now.time().replace(second=0, microsecond=0) <= last


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try again after so many tries that failed; None when it is given up."""
    return now + timedelta(minutes=TRIES[tries - 1]) if 0 < tries <= len(TRIES) else None
