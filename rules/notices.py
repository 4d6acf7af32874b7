"""公示 (民函〔2012〕340号; Order 67 has none): what may hang out, for how long, and the life of a list and of an objection."""

from dataclasses import dataclass
from datetime import date

from rules.findings import Finding
from rules.life import Life, State, Tone, move
from rules.months import first_day, month_of, next_month
from rules.topics import Publicity


@dataclass(frozen=True)
class Kind:
    """One kind of list: what it is called, which parameter of 公示期限 counts its days, and what follows it."""

    label: str
    title: str
    days: str
    effect: str  # what its lines wait for
    judge: str  # who decides on an objection
    calendar: bool = False  # whether its days are those of the calendar, not working days
    inside: bool = False  # whether it hangs out inside the unit alone, and not on the public site


KINDS: dict[str, Kind] = {
    "records": Kind("服务记录", "志愿服务记录公示", "record_days", "入账", "站长"),
    "stars": Kind("星级名单", "志愿者星级拟认定名单公示", "star_days", "认定", "认定机构"),
    "honours": Kind("嘉许名单", "志愿者嘉许名单公示", "honour_days", "授予", "站长"),
    "certificates": Kind("服务证明", "志愿服务证明公示", "certificate_days", "生效", "站长", calendar=True, inside=True),
}

NOTICE = Life(
    "notices",
    (State("open", "公示中", Tone.WAITING), State("closed", "已期满", Tone.OVER)),
    (move("close", "期满", "open -> closed", "head system", expected=True),),
    noun="公示", counter="份",
)  # fmt: skip

OBJECTION = Life(
    "objections",
    (
        State("open", "待核查", Tone.WAITING),
        State("upheld", "成立", Tone.BAD),
        State("dismissed", "不成立", Tone.OVER),
    ),
    (
        move("uphold", "异议成立", "open -> upheld", "head supervisor", reason=True,
             warns="对应的服务记录将退回，不入账；对应的星级不予认定，嘉许退回。"),
        move("dismiss", "异议不成立", "open -> dismissed", "head supervisor", reason=True, expected=True),
    ),
    noun="异议",
)  # fmt: skip


def publishable_from(served: date, rule: Publicity) -> date:
    """First day on which a record of this day's service may hang out: its own, or the first of the next month where
    the place publishes month by month (按月公示)."""
    if rule.record_cycle == "month":
        return first_day(next_month(month_of(served)))
    return served


def check_cycle(served: date, today: date, rule: Publicity) -> list[Finding]:
    """Why a record cannot hang out yet; empty where it can."""
    first = publishable_from(served, rule)
    if today >= first:
        return []
    says = f"本地按月公示，{served.month} 月的记录从 {first.month} 月 {first.day} 日起一并公示。"
    return [Finding("state", says)]
