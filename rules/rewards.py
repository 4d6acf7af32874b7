"""回馈兑换 (方案 二(6)): what an exchange costs and whether it may be made."""

from datetime import date

from rules.findings import Decision, Finding
from rules.policy import Version
from rules.topics import Exchange


def price_minutes(points: int, quantity: int, version: Version) -> Decision[int]:
    """Exchangeable minutes that ``quantity`` pieces at ``points`` each cost, rounded up to the whole minute."""
    rule: Exchange = version.rule
    minutes = -(-points * quantity * 60 // rule.points_per_hour)
    why = (
        f"{points} 分 × {quantity} = {points * quantity} 分，每小时折 {rule.points_per_hour} 分，共 {minutes} 分钟。"
    )
    return Decision(minutes, why, version.key, {"points": points, "quantity": quantity})


def check_exchange(
    *,
    minutes: int,
    points: int,
    balance_minutes: int,
    honour_minutes: int,
    points_this_year: int,
    version: Version,
) -> list[Finding]:
    """Findings that refuse an exchange: too little left, below the floor, or over the year's cap.

    ``minutes`` and the balances are whole minutes; ``points`` is this exchange's total.
    """
    rule: Exchange = version.rule
    found = []
    if honour_minutes < rule.floor_hours * 60:
        found.append(
            Finding(
                "volunteer",
                f"累计服务满 {rule.floor_hours} 小时才可兑换，现有 {honour_minutes / 60:.2f} 小时。",
            )
        )
    if balance_minutes < minutes:
        found.append(Finding("quantity",
            f"可兑换工时不足：需要 {minutes / 60:.2f} 小时，现有 {balance_minutes / 60:.2f} 小时。"))  # fmt: skip
    if rule.yearly_cap_points and points_this_year + points > rule.yearly_cap_points:
        left = max(0, rule.yearly_cap_points - points_this_year)
        found.append(Finding("quantity", f"超过每年 {rule.yearly_cap_points} 分的上限，今年还可兑换 {left} 分。"))
    return found


def most_pieces(
    points: int, *, balance_minutes: int, honour_minutes: int, points_this_year: int, version: Version
) -> Decision[int]:
    """How many pieces at ``points`` each `check_exchange` would let pass, and what bounds them when it is none."""
    rule: Exchange = version.rule
    if honour_minutes < rule.floor_hours * 60:
        return Decision(0, f"累计服务满 {rule.floor_hours} 小时才可兑换", version.key)
    most = max(0, balance_minutes) * rule.points_per_hour // (points * 60)
    short = price_minutes(points, 1, version).value - balance_minutes
    why = f"还差 {short / 60:.2f} 小时" if most < 1 else ""
    if rule.yearly_cap_points:
        under_cap = max(0, rule.yearly_cap_points - points_this_year) // points
        if under_cap < most:
            most, why = under_cap, "" if under_cap else f"超过每年 {rule.yearly_cap_points} 分的上限"
    return Decision(most, why, version.key)


def expires_on(earned_on: date, version: Version) -> date | None:
    """Day from which a lot earned on ``earned_on`` can no longer be spent; None where the policy sets no term.

    With ``year_end`` the term runs on to the end of the year in which it is over, so a year's lots end together.
    """
    months = version.rule.valid_months
    if not months:
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
