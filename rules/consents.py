"""知情同意 (个人信息保护法 13–15, 17, 28–31; 民法典 19–20): whose consent is due at which age, and the life of one.

Below `CHILD` a guardian agrees to a text of its own (art. 31); from there to `ADULT` guardian and person both; from
`ADULT` the person alone. Whoever grows past either age is asked again herself.
"""

from datetime import date

from rules.findings import Finding
from rules.life import Life, State, Tone, move

CHILD = 14  # years; 个人信息保护法第三十一条
ADULT = 18  # years; 民法典第十七条

KINDS = {
    "registration": "登记告知（本人）",
    "guardian": "监护人同意（14 至 17 周岁）",
    "guardian_child": "监护人同意（未满 14 周岁）",
    "sensitive": "敏感信息单独同意",
    "publicity": "肖像和事迹公开",
    "sharing": "向其他单位提供",
}
BASE = ("registration", "guardian", "guardian_child")  # what a volunteer's registration rests on
GUARDIANS = ("guardian", "guardian_child")
FOR_RECIPIENTS = ("sensitive", "publicity", "sharing")
GIVERS = {"self": "本人", "guardian": "监护人"}
WAYS = {"paper": "书面签字", "on_site": "当面确认", "online": "网上确认"}
# Data minimised (art. 6, 31): what is not kept of a child below `CHILD`, for no task of hers asks for it.
NOT_OF_A_CHILD = ("ethnicity", "politics", "occupation", "address")

CONSENT = Life(
    "consents",
    (
        State("given", "有效", Tone.GOOD),
        State("withdrawn", "已撤回", Tone.OVER),
        State("void", "已作废", Tone.BAD),
    ),
    (
        move("withdraw", "撤回同意", "given -> withdrawn", "recorder head volunteer system", reason=True,
             warns="撤回后不再安排活动、不再登记新的服务；已公开的事迹撤下；已入账的工时不变。"),
        move("void", "登记有误作废", "given -> void", "head", own_entry=False, reason=True),
    ),
    "知情同意",
    "份",
)  # fmt: skip


def base_kind(age: int) -> str:
    """The kind without which nobody of this age, in full years, is registered."""
    return "guardian_child" if age < CHILD else "guardian" if age < ADULT else "registration"


def answers(kind: str, age: int | None) -> tuple[str, ...]:
    """Who may give a consent of this kind for somebody of this age; for a recipient of unknown age either."""
    if kind in GUARDIANS:
        return ("guardian",)
    if age is None:
        return ("self", "guardian")
    if age < CHILD or (kind == "publicity" and age < ADULT):
        return ("guardian",)
    return ("self",) if kind == "registration" else ("self", "guardian")


def check_given(kind: str, given_by: str, age: int | None, *, recipient: bool) -> list[Finding]:
    """Findings about who gave a consent, and to which text, at this age on the day.

    ``kind`` is one of `KINDS`: another raises ``KeyError``.
    """
    if recipient and kind not in FOR_RECIPIENTS:
        return [Finding("kind", f"「{KINDS[kind]}」是志愿者的，服务对象请选「{KINDS['sensitive']}」等。")]
    if not recipient and kind == "sensitive":
        return [Finding("kind", f"「{KINDS[kind]}」是服务对象的，志愿者请选「{KINDS['registration']}」等。")]
    if age is not None:
        if kind in GUARDIANS and age >= ADULT:
            return [Finding("kind", f"签字当天已满 {age} 周岁，由本人同意，请选「{KINDS['registration']}」。")]
        if (kind == "guardian" and age < CHILD) or (kind == "guardian_child" and age >= CHILD):
            right = KINDS[base_kind(age)]
            return [Finding("kind", f"签字当天 {age} 周岁，请选「{right}」。")]
        if kind == "registration" and age < CHILD:
            return [Finding("kind", f"签字当天 {age} 周岁，未满 {CHILD} 周岁由监护人同意，请选「{KINDS['guardian_child']}」。")]
    may = answers(kind, age)
    if given_by not in may:
        who = "、".join(GIVERS[one] for one in may)
        when = f"签字当天 {age} 周岁，" if age is not None else ""
        return [Finding("given_by", f"{when}「{KINDS[kind]}」要由{who}作出。")]
    return []


def minimised(kept: dict[str, object], labels: dict[str, str], age: int) -> list[Finding]:
    """Findings where more is kept of a child than is needed; ``kept`` are the columns of `NOT_OF_A_CHILD`."""
    if age >= CHILD:
        return []
    return [
        Finding(name, f"未满 {CHILD} 周岁，不收集「{labels[name]}」，请留空（个人信息保护法第三十一条）。")
        for name in NOT_OF_A_CHILD
        if kept.get(name)
    ]


def years_before(day: date, years: int) -> date:
    """Whoever was born on or before it is at least so many full years old on ``day``."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return date(day.year - years, 2, 28)
