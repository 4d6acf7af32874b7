"""转赠与捐赠 (民函〔2012〕340号第二十二条): hours given to relatives, or to the station for those in hardship.

Both are one life: minutes that a person gave out of her own. What the station was given lies in its pool until it is
granted to somebody in hardship.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rules.findings import Decision, Finding
from rules.life import Life, State, Tone, move
from rules.policy import Version
from rules.topics import Giving, Served

RELATIONS = {
    "spouse": "配偶",
    "parent": "父母",
    "child": "子女",
    "grandparent": "祖父母、外祖父母",
    "grandchild": "孙子女、外孙子女",
    "sibling": "兄弟姐妹",
}

GIFT = Life(
    "gifts",
    (
        State("given", "已转出", Tone.GOOD),
        State("cancelled", "已撤销", Tone.OVER),
    ),
    (
        move("cancel", "撤销", "given -> cancelled", "head", own_entry=False, reason=True,
              warns="还没有用去的工时将退回原来的各笔；已经用去的不能撤销。"),
    ),
    "转赠与捐赠",
    "笔",
)  # fmt: skip

GRANT = Life(
    "grants",
    (
        State("reserved", "已预留", Tone.WAITING),
        State("handed", "已发放", Tone.GOOD),
        State("cancelled", "已取消", Tone.OVER),
    ),
    (
        move("hand", "发放", "reserved -> handed", "recorder head", expected=True),
        move("cancel", "取消", "reserved -> cancelled", "recorder head", reason=True,
              warns="预留的捐赠工时和库存将退回原处。"),
    ),
    "受助单",
    "张",
)  # fmt: skip


@dataclass(frozen=True)
class Offered:
    """What somebody would give: whole minutes, out of how many that may be given, and what was given since New Year."""

    minutes: int
    available: int
    this_year: int = 0


def check_gift(
    offered: Offered, relation: str, *, to_herself: bool, registered: bool, version: Version
) -> list[Finding]:
    """Findings that refuse a gift. ``available`` are ordinary minutes: what is kept for donation cannot be given away.

    ``relation`` is what the receiver is to the giver, one of `RELATIONS` or blank; ``registered`` is the receiver's.
    """
    rule: Giving = version.rule
    if rule.gift == "nobody":
        return [Finding("what", "现行政策不转赠工时，只能由本人使用" + ("或捐给工作站。" if rule.donation else "。"))]
    found = []
    if to_herself:
        found.append(Finding("receiver", "受赠人就是本人，请核对编号。"))
    elif not registered:
        found.append(Finding("receiver", "受赠人现在不是已注册的志愿者，不能受赠。"))
    if rule.gift == "relatives" and relation not in rule.relations:
        allowed = "、".join(RELATIONS[one] for one in rule.relations)
        said = f"，不含{RELATIONS[relation]}" if relation in RELATIONS else "，请选择受赠人是本人的什么人"
        found.append(Finding("relation", f"只能转赠给亲属（{allowed}）{said}。"))
    found += _check_minutes(offered, "转赠")
    cap = rule.gift_yearly_hours * 60
    if cap and offered.this_year + offered.minutes > cap:
        left = max(0, cap - offered.this_year) / 60
        found.append(Finding("minutes",
            f"每人每年最多转赠 {rule.gift_yearly_hours} 小时，今年已转赠 {offered.this_year / 60:.2f} 小时，"
            f"还可转赠 {left:.2f} 小时。"))  # fmt: skip
    return found


def check_donation(offered: Offered, version: Version) -> list[Finding]:
    """Findings that refuse a donation to the station; minutes kept for donation alone may be given too."""
    if not version.rule.donation:
        return [Finding("what", "现行政策不接受把工时捐给工作站。")]
    return _check_minutes(offered, "捐赠")


def _check_minutes(offered: Offered, verb: str) -> list[Finding]:
    if type(offered.minutes) is not int or offered.minutes < 1:
        return [Finding("minutes", f"请填写{verb}的时长，至少 1 分钟。")]
    if offered.minutes > offered.available:
        need, have = offered.minutes / 60, offered.available / 60
        return [Finding("minutes", f"可{verb}的工时不足：需要 {need:.2f} 小时，现有 {have:.2f} 小时。")]
    return []


def qualifies(
    age: int | None, hardships: Collection[str], version: Version, names: Mapping[str, str]
) -> Decision[bool]:
    """Whether somebody may be helped from the hours that others gave, and the sentence that says why.

    ``age`` is in full years, None where the birth date is not known; ``hardships`` are codes of the vocabulary
    `recipient`, whose words are in ``names``. The sentence says what policy asks, never what hardship a person has.
    """
    rows: tuple[Served, ...] = version.rule.served
    if not rows:
        return Decision(True, "现行政策没有限定服务对象，登记在册的都可以受助。", version.key)
    asked = "；".join(_in_words(row, names) for row in rows)
    for row in rows:
        young = row.minimum_age and (age is None or age < row.minimum_age)
        old = row.below_age and (age is None or age >= row.below_age)
        if not young and not old and set(row.hardships) <= set(hardships):
            return Decision(True, f"符合「{_in_words(row, names)}」。", version.key)
    known = "没有登记出生日期" if age is None else f"现在 {age} 周岁"
    return Decision(False, f"捐赠的工时用于：{asked}。这位服务对象{known}，年龄和困难类别不全符合。", version.key)


def _in_words(row: Served, names: Mapping[str, str]) -> str:
    if row.minimum_age and row.below_age:
        years = f"{row.minimum_age} 至 {row.below_age - 1} 周岁"
    elif row.below_age:
        years = f"不满 {row.below_age} 周岁"
    else:
        years = f"{row.minimum_age} 周岁以上" if row.minimum_age else ""
    which = "并且是".join(names.get(code, code) for code in row.hardships)
    return "，".join(part for part in (years, which) if part) or "登记在册的服务对象"


def drawn(minutes: int, donations: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """(donation, minutes) that together come to ``minutes``, oldest first; less where there is not enough.

    ``donations`` are (key, minutes left), oldest first.
    """
    taken = []
    for key, left in donations:
        part = min(left, minutes)
        if part > 0:
            taken.append((key, part))
            minutes -= part
    return taken
