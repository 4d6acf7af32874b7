"""汇入平台 over the network: to which hosts a link may send, when it does so by itself, and when what failed is tried again."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from rules.outward import where

EVERY = {"never": "不自动报送", "day": "每天", "week": "每周"}
WEEKDAYS = {"1": "星期一", "2": "星期二", "3": "星期三", "4": "星期四", "5": "星期五", "6": "星期六", "7": "星期日"}
HOURS = {str(hour): f"{hour:02d}:00" for hour in range(24)}
TRIES = (5, 15, 60, 240, 720)  # minutes to wait after the first, second … try that failed; after the last it is given up
PASSING = (408, 425, 429, 500, 502, 503, 504)  # what the other side may answer differently a little later


def last_due(every: str, weekday: str, hour: str, now: datetime) -> datetime | None:
    """The newest moment by now at which it was to send; None where it never does by itself.

    A PC that was switched off at the hour finds it when it is on again, and sends once, however many it missed.
    """
    if every not in ("day", "week"):
        return None
    due = datetime.combine(now.date(), time(int(hour)))
    if every == "week":
        due -= timedelta(days=(now.isoweekday() - int(weekday)) % 7)
    step = timedelta(days=7 if every == "week" else 1)
    return due if due <= now else due - step


def is_due(every: str, weekday: str, hour: str, done: datetime | None, now: datetime) -> bool:
    """Whether it is to send now, given the moment for which it last did."""
    due = last_due(every, weekday, hour, now)
    return due is not None and (done is None or done < due)


def next_due(every: str, weekday: str, hour: str, now: datetime) -> datetime | None:
    """When it sends by itself next, after now; None where it never does."""
    due = last_due(every, weekday, hour, now)
    return None if due is None else due + timedelta(days=7 if every == "week" else 1)


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try again after so many tries that failed; None when it is given up."""
    return now + timedelta(minutes=TRIES[tries - 1]) if 0 < tries <= len(TRIES) else None


def host_fault(address: str, allowed: Sequence[str]) -> str:
    """What stands against sending to this address, by the timetable or by hand; blank where nothing does.

    ``allowed`` are hosts ("host" or "host:port") that the administrator set for the whole program: everybody's data leaves
    there, so nobody at a desk alone says where to (个人信息保护法 第五十一条).
    """
    found = where(address)
    if found is None:
        return "网址不对，不能报送。"
    if {found.place, found.host} & set(allowed):
        return ""
    return f"不能报送到「{found.place[:60]}」：请管理员先在设置 UPWARD_HOSTS 里登记这个主机并重新启动；在那以前请下载文件手工上传。"
