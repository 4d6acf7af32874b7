"""可兑换工时的计入 (方案 二(6); 民函〔2012〕340号 二十二): how much of a record, or of a bonus, can be exchanged.

Honour minutes are always the whole record and are not decided here.
"""

from dataclasses import dataclass
from datetime import date

from rules.findings import Decision
from rules.identity import age_on
from rules.policy import Version
from rules.topics import Exchange


@dataclass(frozen=True)
class Earned:
    """Whole minutes that came in: to be exchanged, and to be donated only."""

    ordinary: int = 0
    donation: int = 0


@dataclass(frozen=True)
class Earner:
    """What the policy asks of whoever served. ``consented``: a guardian is on file and signed by the day of service."""

    birth_date: date
    guardian: bool = False
    consent_on: date | None = None

    def consented(self, day: date) -> bool:
        """Whether a guardian's consent stands on that day."""
        return self.guardian and self.consent_on is not None and self.consent_on <= day

    def age(self, day: date) -> int:
        """Full years on the day of service; none before the birth that a slip of the pen put too late."""
        return age_on(self.birth_date, max(day, self.birth_date))


def earned_minutes(
    minutes: int, origin: str, category: str, day: date, who: Earner, *, activity: int, kept: int, version: Version
) -> Decision[Earned]:
    """Exchangeable minutes of one record of ``minutes`` on ``day``, and the sentence that says how they come about.

    In this order: origin, age, the category's share rounded down to whole minutes, whole units, what one activity may
    bring, what a person may keep. ``activity`` are exchangeable minutes that the person's earlier records of the same
    activity brought; ``kept`` what she could exchange already, less what she owes. Minutes that may only be donated
    count towards the first and not towards the second.
    """
    rule: Exchange = version.rule
    inputs = {
        "minutes": minutes, "origin": origin, "category": category, "day": day.isoformat(),
        "age": who.age(day), "activity": activity, "kept": kept,
    }  # fmt: skip

    def decided(ordinary: int, donation: int, *said: str) -> Decision[Earned]:
        return Decision(Earned(ordinary, donation), "，".join(said) + "。", version.key, inputs)

    donated = origin in rule.donation_origins
    if not donated and origin not in rule.origins:
        return decided(0, 0, "这种来源的工时只计荣誉，不能兑换")
    if too_young := _too_young(rule, day, who):
        return decided(0, 0, too_young)
    counted, said = minutes, [f"服务 {minutes} 分钟"]
    percent = next((weight.percent for weight in rule.weights if weight.category == category), rule.other_weight)
    if percent != 100:
        counted = counted * percent // 100
        said.append(f"本类服务按 {percent}% 折 {counted} 分钟")
    if rest := counted % rule.unit_minutes:
        counted -= rest
        said.append(f"按整 {rule.unit_minutes} 分钟计 {counted} 分钟")
    if rule.activity_cap_minutes and (room := max(0, rule.activity_cap_minutes - activity)) < counted:
        counted = room
        before = f"，此前已计 {activity} 分钟" if activity else ""
        said.append(f"一次活动最多计 {rule.activity_cap_minutes} 分钟{before}")
    said.append(f"计入 {counted} 分钟")
    if donated:
        return decided(0, counted, *said, "只能捐赠")
    kept_now = _within_cap(rule, counted, kept)
    if kept_now == counted:
        return decided(counted, 0, *said)
    said.append(f"个人最多留存 {rule.balance_cap_hours} 小时")
    if rule.over_cap == "donation":
        return decided(kept_now, counted - kept_now, *said, f"其中 {counted - kept_now} 分钟只能捐赠")
    return decided(kept_now, 0, *said, f"其中 {counted - kept_now} 分钟只计荣誉")


def _too_young(rule: Exchange, day: date, who: Earner) -> str:
    age = who.age(day)
    if age >= rule.minimum_age or (rule.guardian_allows and who.consented(day)):
        return ""
    unless = "，也没有监护人同意" if rule.guardian_allows else ""
    return f"服务当天 {age} 周岁，未满 {rule.minimum_age} 周岁{unless}，只计荣誉"


def _within_cap(rule: Exchange, minutes: int, kept: int) -> int:
    """As many of these minutes as the person may keep beside what she has."""
    if not rule.balance_cap_hours:
        return minutes
    return min(minutes, max(0, rule.balance_cap_hours * 60 - kept))


def bonus_minutes(points: int, *, kept: int, version: Version) -> Decision[Earned]:
    """Exchangeable minutes that a bonus of ``points`` comes to by the day's rate, rounded down; the person's cap holds.

    ``kept`` as in `earned_minutes`.
    """
    rule: Exchange = version.rule
    minutes = points * 60 // rule.points_per_hour
    said = [f"奖励 {points} 分", f"每小时折 {rule.points_per_hour} 分", f"合 {minutes} 分钟"]
    inputs = {"points": points, "kept": kept}
    kept_now = _within_cap(rule, minutes, kept)
    over = minutes - kept_now
    if over:
        donated = rule.over_cap == "donation"
        said += [f"个人最多留存 {rule.balance_cap_hours} 小时", f"其中 {over} 分钟{'只能捐赠' if donated else '不计'}"]
        over = over if donated else 0
    return Decision(Earned(kept_now, over), "，".join(said) + "。", version.key, inputs)
