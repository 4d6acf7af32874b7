"""判定依据: a decision that was made, worked out again from what was kept and by the version that judged it.

Each function takes the inputs as they are stored, the version, and what was stored as the outcome. Its answer says the
steps in words, and what does not agree with what is stored: nothing, unless somebody changed one of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rules.policy import Version
from rules.records import Line, by_day, check_line, count_minutes, is_backfilled, last_day
from rules.rewards import judge_again, price_minutes
from rules.stars import level_of, reaches, star_for, stars_label
from rules.topics import Counting, RecordFormat
from rules.working_days import WorkingCalendar

ROUNDED = {"down": "舍去不足的部分", "nearest": "四舍五入", "up": "不足的进一个单位"}


@dataclass(frozen=True)
class Again:
    """The decision as it comes out now: its steps in words, and every point in which what is stored differs."""

    says: tuple[str, ...]
    differs: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether what was stored comes out again."""
        return not self.differs


def counted_again(
    started_at: datetime, ended_at: datetime, travel_minutes: int, stored: int, version: Version, posted: int | None = None
) -> Again:  # fmt: skip
    """The minutes of a record, step by step. ``stored`` is what the record says, ``posted`` what the account credited
    for it (None where it is not posted)."""
    rule: Counting = version.rule
    minutes = count_minutes(started_at, ended_at, travel_minutes, rule)
    says = [*_steps(started_at, ended_at, travel_minutes, rule), f"应计 {minutes} 分钟，即 {_hours(minutes)} 小时。"]
    shares = by_day(started_at, ended_at, minutes)
    if len(shares) > 1:
        parts = "，".join(f"{day.month} 月 {day.day} 日 {share} 分钟" for day, share in shares.items())
        says.append(f"跨零点的一条记录，各日分别为 {parts}，每天的上限按各日计算。")
    differs = []
    if minutes != stored:
        differs.append(f"记录上是 {stored} 分钟，按这个版本应为 {minutes} 分钟。")
    if posted is not None and posted != stored:
        differs.append(f"工时账入账 {posted} 分钟，记录上是 {stored} 分钟。")
    return Again(tuple(says), tuple(differs))


def _steps(started_at: datetime, ended_at: datetime, travel_minutes: int, rule: Counting) -> list[str]:
    present = int((ended_at - started_at).total_seconds() // 60)
    minutes, says = present, [f"{_moment(started_at)} 至 {_moment(ended_at)}，共 {present} 分钟。"]
    if travel_minutes and rule.travel_counts:
        says.append(f"往返交通 {travel_minutes} 分钟计入，不扣除。")
    elif travel_minutes:
        minutes -= travel_minutes
        says.append(f"往返交通 {travel_minutes} 分钟不计入，余 {max(0, minutes)} 分钟。")
    if 0 < minutes < rule.minimum_minutes:
        then = f"按 {rule.minimum_minutes} 分钟计" if rule.raise_to_minimum else "不计"
        says.append(f"不足最短计时 {rule.minimum_minutes} 分钟，{then}。")
    elif rule.rounding_minutes > 1:
        says.append(f"按 {rule.rounding_minutes} 分钟取整，{ROUNDED[rule.rounding]}。")
    else:
        says.append("按实际分钟计，不取整。")
    return says


def checked_again(
    line: Line, entered_on: date, backfilled: bool, counting: Version, form: Version, calendar: WorkingCalendar
) -> Again:
    """The record-format checks on a line alone: what it must say, its times, its evidence, and whether it was in time.

    What rests on the person's other records (overlap, the day's cap) was judged when it was submitted and is not asked
    again, for those may have changed since.
    """
    rule: RecordFormat = form.rule
    if line.ended_at is None:
        return Again((), ("记录没有结束时间。",))
    found = check_line(
        line, counting=counting.rule, record_format=rule, calendar=calendar,
        now=max(line.ended_at, datetime.combine(entered_on, datetime.min.time())),
    )  # fmt: skip
    wrong = [finding.says for finding in found if not finding.warning or finding.submission]
    ended = last_day(line.ended_at)
    late = is_backfilled(ended, entered_on, rule, calendar)
    last = calendar.add(ended, rule.deadline_working_days)
    says = [
        f"服务于 {ended} 结束，{rule.deadline_working_days} 个工作日的记录期限到 {last}；{entered_on} 录入，"
        f"{'按补录处理' if late else '在期限内'}。",
        "格式核对：" + ("；".join(wrong) if wrong else "必填项、字数、起止时间、交通时间和凭据都符合。"),
    ]
    differs = list(wrong)
    if late != backfilled:
        differs.append(
            f"记录上{'标为补录' if backfilled else '没有标为补录'}，按这个版本{'应为补录' if late else '不是补录'}。"
        )
    return Again(tuple(says), tuple(differs))


def starred_again(
    star: int, honour_minutes: int, registered_on: date, day: date, stored: Mapping[str, Any], version: Version,
    figures: Sequence[int],
) -> Again:  # fmt: skip
    """A star: whether these minutes and this tenure reach it, who recognises it and how.

    ``stored`` holds ``why``, ``recognised_by`` and ``selection`` as they were kept; ``figures`` are the honour minutes
    that the account showed in the course of that day, of which ``honour_minutes`` must be one.
    """
    try:
        level = level_of(star, version)
    except KeyError:
        return Again((), (f"这个版本没有{stars_label(star)}。",))
    decision = star_for(honour_minutes, registered_on, day, version)
    why = reaches(star, honour_minutes, version)
    says = [why]
    if level.tenure_days:
        says.append(f"注册须满 {level.tenure_days} 天，到 {day} 已满 {(day - registered_on).days} 天。")
    if level.selection:
        says.append("这一星级须评选产生。")
    differs = []
    if decision.value < star:
        differs.append(f"按这些数字还不到{stars_label(star)}：{decision.why}")
    if stored["why"] != why:
        differs.append(f"保存的依据是「{stored['why']}」，与上面不同。")
    if (stored["recognised_by"], stored["selection"]) != (level.recognised_by, level.selection):
        differs.append("保存的认定层级或产生方式与这个版本不同。")
    if honour_minutes not in figures:
        shown = "、".join(_hours(minutes) for minutes in dict.fromkeys(figures))
        differs.append(f"工时账 {day} 的荣誉工时是 {shown} 小时，保存的是 {_hours(honour_minutes)} 小时。")
    return Again(tuple(says), tuple(differs))


def running(entries: Iterable[tuple[date, int]], day: date) -> list[int]:
    """What an account came to at the beginning of a day and after each entry of that day; entries in their order."""
    total = 0
    found: list[int] = []
    for on, minutes in entries:
        if on > day:
            break
        if on == day and not found:
            found.append(total)
        total += minutes
        if on == day:
            found.append(total)
    return found or [total]


def exchanged_again(
    points: int, quantity: int, stored: int, kept: Mapping[str, Any] | None, version: Version, taken: int | None
) -> Again:
    """An exchange: its price, and whether it may be made, from what was kept of the person's standing (none in
    exchanges from before that was kept). ``points`` are the whole exchange's; ``taken`` is what the account took for
    it, None where it was given back."""
    if kept:
        judged = judge_again(kept, version)
        price, wrong = judged.price, [finding.says for finding in judged.findings]
        same = (kept["points"] * kept["quantity"], kept["quantity"]) == (points, quantity)
    else:
        price, wrong, same = price_minutes(points // max(1, quantity), quantity, version), [], True
    says = [price.why]
    if kept:
        says.append("兑换条件：" + ("；".join(wrong) if wrong else "都符合。"))
    else:
        says.append("办理这次兑换时还没有保存兑换条件所依据的数字，只能核对价格。")
    differs = list(wrong)
    if not same:
        differs.append("兑换单上的积分或数量与判定时保存的不同。")
    if price.value != stored:
        differs.append(f"兑换单上扣减 {stored} 分钟，按这个版本应为 {price.value} 分钟。")
    if taken is not None and taken != stored:
        differs.append(f"工时账扣减 {taken} 分钟，兑换单上是 {stored} 分钟。")
    return Again(tuple(says), tuple(differs))


def appealed_again(decided_on: date, appealed_on: date | None, version: Version, calendar: WorkingCalendar) -> Again:
    """The time in which a correction's decision may be appealed, and whether the appeal was made in it."""
    last = calendar.add(decided_on, version.rule.appeal_days)
    says = [f"{decided_on} 作出决定，{version.rule.appeal_days} 个工作日内可以申诉，到 {last} 止。"]
    if appealed_on is None:
        return Again(tuple(says))
    says.append(f"{appealed_on} 申诉。")
    late = [f"{appealed_on} 已过申诉期限 {last}。"] if appealed_on > last else []
    return Again(tuple(says), tuple(late))


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.2f}"


def _moment(when: datetime) -> str:
    """24:00 is said as such, of the day that it ends."""
    if when.time() == datetime.min.time():
        return f"{(when - timedelta(days=1)).date()} 24:00"
    return f"{when:%Y-%m-%d %H:%M}"
