"""回馈兑换 (方案 二(6)): what an exchange costs, whether it may be made, and what so many points give a right to."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from rules.findings import Decision, Finding
from rules.life import Life, State, Tone, move
from rules.money import show_yuan
from rules.policy import Version
from rules.stars import stars_label
from rules.topics import Exchange

KINDS = {"service": "社区服务", "goods": "物品"}
DAYS = "一二三四五六日"
DEAD = ("refused", "cancelled")  # exchanges whose minutes and pieces went back

REDEMPTION = Life(
    "rewards",
    (
        State("asked", "待审批", Tone.WAITING),  # where policy says no approval, an exchange begins as reserved
        State("reserved", "已预留", Tone.WAITING),
        State("handed", "已发放", Tone.WAITING),
        State("confirmed", "已签领", Tone.GOOD),
        State("refused", "未批准", Tone.BAD),
        State("cancelled", "已取消", Tone.OVER),
    ),
    (
        move("approve", "批准兑换", "asked -> reserved", "head", own_entry=False, expected=True),
        move("refuse", "不批准", "asked -> refused", "head", own_entry=False, reason=True,
              warns="预留的工时和库存将退回原处。"),
        move("hand", "发放", "reserved -> handed", "recorder head", expected=True),
        move("confirm", "签领确认", "handed -> confirmed", "recorder head", expected=True),
        move("cancel", "取消", "asked reserved -> cancelled", "recorder head volunteer", reason=True,
              warns="预留的工时和库存将退回原处。"),
    ),
    "兑换单",
    "张",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """So many pieces of one thing of the catalogue, at so many points each; ``kind`` is one of `KINDS`."""

    kind: str
    points: int
    quantity: int = 1


@dataclass(frozen=True)
class Standing:
    """What a person brings to the counter on one day: whole minutes, points spent this year, star, full years."""

    day: date
    balance_minutes: int
    honour_minutes: int
    points_this_year: int
    star: int
    age: int


def price_minutes(points: int, quantity: int, version: Version) -> Decision[int]:
    """Exchangeable minutes that ``quantity`` pieces at ``points`` each cost, rounded up to the whole minute."""
    rule: Exchange = version.rule
    minutes = -(-points * quantity * 60 // rule.points_per_hour)
    why = (
        f"{points} 分 × {quantity} = {points * quantity} 分，每小时折 {rule.points_per_hour} 分，共 {minutes} 分钟"
        f"{worth(points * quantity, version)}。"
    )
    return Decision(minutes, why, version.key, {"points": points, "quantity": quantity})


def worth(points: int, version: Version) -> str:
    """What so many points are reckoned at, to read behind a price; blank where policy does not say. Never paid out."""
    fen = version.rule.point_worth_fen * points
    return f"，约合 {show_yuan(fen)} 元（仅作标价参考）" if fen else ""


def barred(standing: Standing, version: Version) -> list[Finding]:
    """What keeps this person from any exchange on this day: hours, star, age, or the day of the week."""
    rule: Exchange = version.rule
    found = []
    if standing.honour_minutes < rule.floor_hours * 60:
        have = f"{standing.honour_minutes / 60:.2f}"
        found.append(Finding("volunteer", f"累计服务满 {rule.floor_hours} 小时才可兑换，现有 {have} 小时。"))
    if standing.star < rule.floor_star:
        have = f"现在是{stars_label(standing.star)}" if standing.star else "现在还没有认定的星级"
        found.append(Finding("volunteer", f"认定为{stars_label(rule.floor_star)}以上才可兑换，{have}。"))
    if standing.age < rule.spend_age:
        found.append(Finding("volunteer", f"满 {rule.spend_age} 周岁才可本人兑换，现在 {standing.age} 周岁。"))
    if (opens := next_day(standing.day, version)) != standing.day:
        days = "、".join(f"周{DAYS[int(day) - 1]}" for day in sorted(rule.weekdays))
        found.append(Finding("reserved_on", f"兑换日是{days}，最近的是 {opens}（周{DAYS[opens.weekday()]}）。"))
    return found


def next_day(day: date, version: Version) -> date:
    """The first day from ``day`` on, itself included, on which things are exchanged."""
    weekdays = version.rule.weekdays
    while weekdays and str(day.isoweekday()) not in weekdays:
        day += timedelta(days=1)
    return day


def check_exchange(wish: Wish, standing: Standing, version: Version) -> list[Finding]:
    """Findings that refuse an exchange: the person, the kind of thing, too little left, or over the year's cap."""
    rule: Exchange = version.rule
    found = barred(standing, version)
    if wish.kind not in rule.kinds:
        found.append(_wrong_kind(wish.kind, rule))
    minutes, points = price_minutes(wish.points, wish.quantity, version).value, wish.points * wish.quantity
    if standing.balance_minutes < minutes:
        need, have = minutes / 60, standing.balance_minutes / 60
        found.append(Finding("quantity", f"可兑换工时不足：需要 {need:.2f} 小时，现有 {have:.2f} 小时。"))
    if rule.yearly_cap_points and standing.points_this_year + points > rule.yearly_cap_points:
        left = max(0, rule.yearly_cap_points - standing.points_this_year)
        found.append(Finding("quantity", f"超过每年 {rule.yearly_cap_points} 分的上限，今年还可兑换 {left} 分。"))
    return found


def _wrong_kind(kind: str, rule: Exchange) -> Finding:
    only = "、".join(KINDS[one] for one in rule.kinds)
    return Finding("item", f"现行政策只兑换{only}，不兑换{KINDS[kind]}。")


def most_pieces(kind: str, points: int, standing: Standing, version: Version) -> Decision[int]:
    """How many pieces at ``points`` each `check_exchange` would let pass, and what bounds them when it is none."""
    rule: Exchange = version.rule
    if barriers := barred(standing, version):
        return Decision(0, barriers[0].says, version.key)
    if kind not in rule.kinds:
        return Decision(0, f"现行政策不兑换{KINDS[kind]}", version.key)
    most = max(0, standing.balance_minutes) * rule.points_per_hour // (points * 60)
    short = price_minutes(points, 1, version).value - standing.balance_minutes
    why = f"还差 {short / 60:.2f} 小时" if most < 1 else ""
    if rule.yearly_cap_points:
        under_cap = max(0, rule.yearly_cap_points - standing.points_this_year) // points
        if under_cap < most:
            most, why = under_cap, "" if under_cap else f"超过每年 {rule.yearly_cap_points} 分的上限"
    return Decision(most, why, version.key)


def kept(wish: Wish, standing: Standing, version: Version) -> dict[str, Any]:
    """What an exchange was judged on, as plain values to be stored beside it; `judge_again` reads them."""
    price = price_minutes(wish.points, wish.quantity, version).value
    plain = asdict(wish) | asdict(standing) | {"version": version.key, "minutes": price}
    return plain | {"day": standing.day.isoformat()}


def standing_in(said: Mapping[str, Any]) -> Standing:
    """What somebody brought to the counter, read from what `kept` stored. Raises ``KeyError`` where inputs lack."""
    figures = ("balance_minutes", "honour_minutes", "points_this_year", "star", "age")
    return Standing(date.fromisoformat(said["day"]), **{name: said[name] for name in figures})


@dataclass(frozen=True)
class Judgement:
    """A stored exchange judged once more: its price, and what refuses it under the version that was asked."""

    price: Decision[int]
    findings: list[Finding]


def judge_again(said: Mapping[str, Any], version: Version) -> Judgement:
    """The decision on what `kept` stored, by its own version or by another. Raises ``KeyError`` where inputs lack."""
    wish, standing = Wish(said["kind"], said["points"], said["quantity"]), standing_in(said)
    return Judgement(
        price_minutes(wish.points, wish.quantity, version), check_exchange(wish, standing, version)
    )


@dataclass(frozen=True)
class Right:
    """One 积分权益 for one person: ``short`` points are still lacking, none where it is reached."""

    at: int
    grants: str
    short: int


def rights(points: int, version: Version) -> list[Right]:
    """What the points that somebody has now give a right to, and how far the rest are; nothing is spent on them."""
    return [
        Right(one.at, one.grants, max(0, one.at - points))
        for one in sorted(version.rule.entitlements, key=lambda one: one.at)
    ]


def expires_on(earned_on: date, version: Version) -> date | None:
    """Day from which a lot earned on ``earned_on`` can no longer be spent; None where the policy sets no term.

    With ``year_end`` the term runs on to the end of the year in which it is over, so a year's lots end together;
    without a term that is the year in which it was earned.
    """
    months = version.rule.valid_months
    if not months and not version.rule.year_end:
        return None
    index = earned_on.year * 12 + earned_on.month - 1 + months
    year, month = divmod(index, 12)
    if version.rule.year_end:
        return date(year + 1, 1, 1)
    day = min(earned_on.day, _days_in(year, month + 1))
    return date(year, month + 1, day)


def _days_in(year: int, month: int) -> int:
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return (first_of_next - date(year, month, 1)).days
