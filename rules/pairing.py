"""文明单位结对帮扶进社区 (方案 三(3)): how a pairing lives, 「一助一」或「多助一」, 「就地、就近、就便」, 成效.

Quarters are those of the calendar. Promises are per quarter; a quarter that the term only touches is owed by the
share of its days that the term covers, rounded up to a whole visit or minute.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rules.divisions import lineage
from rules.findings import Decision, Finding
from rules.life import Life, State, Tone, move
from rules.topics import PairingRule

LEVELS = [("province", "省级文明单位"), ("prefecture", "州市级文明单位"), ("county", "县级文明单位")]
ONE, SEVERAL = "one", "several"
FORMS = [(ONE, "一助一"), (SEVERAL, "多助一")]

PAIRING = Life(
    "pairings",
    (
        State("draft", "草稿"),
        State("submitted", "待审核", Tone.WAITING),
        State("active", "结对中", Tone.GOOD),
        State("expired", "已到期", Tone.OVER),
        State("ended", "已终止", Tone.BAD),
    ),
    (
        move("submit", "提交", "draft -> submitted", "recorder head", expected=True),
        move("approve", "审核通过", "submitted -> active", "head", own_entry=False, expected=True),
        move("return", "退回", "submitted -> draft", "head", reason=True),
        move("expire", "到期", "active -> expired", "recorder head system", expected=True),
        move("end", "终止", "active -> ended", "head", reason=True,
             warns="终止后不能再安排这个结对的活动，已有的活动和时长保持不变。"),
    ),
    "结对帮扶",
    "对",
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a calendar year."""

    year: int
    number: int  # 1–4

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first(self) -> date:
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        return Quarter.of(self.first - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year} 年第 {self.number} 季度"


def last_quarters(day: date, count: int = 4) -> list[Quarter]:
    """The last ``count`` quarters, the one of ``day`` last."""
    found = [Quarter.of(day)]
    while len(found) < count:
        found.insert(0, found[0].before)
    return found


def owed(promised: int, quarter: Quarter, starts: date, ends: date) -> int:
    """What a promise per quarter comes to in this quarter under a term from ``starts`` to ``ends``, both included.

    >>> owed(3, Quarter(2026, 1), date(2025, 1, 1), date(2026, 12, 31))
    3
    """
    first, last = max(quarter.first, starts), min(quarter.last, ends)
    covered = (last - first).days + 1
    if covered <= 0 or promised <= 0:
        return 0
    days = (quarter.last - quarter.first).days + 1
    return -(-promised * covered // days)


# --- whom it helps ---


def check_households(form: str, count: int, others: Sequence[tuple[str, str]], where: str = "form") -> list[Finding]:
    """Whether an agreement of this form may help so many households, whom ``others`` (unit, form) help as well.

    「一助一」: one unit, one household, and no other unit beside it; 「多助一」: several units may help one household.
    """
    findings = []
    if form == ONE and count != 1:
        findings.append(Finding(where, f"「一助一」正好帮一户，现在登记了 {count} 户；帮多户的请选「多助一」。"))
    for unit, theirs in others:
        if ONE in (form, theirs):
            findings.append(
                Finding(where, f"这一户已由「{unit}」结对；几家单位帮同一户的，各家的协议都应是「多助一」。")
            )
    return findings


# --- what was done for what was promised ---


@dataclass(frozen=True)
class Share:
    """So much done of so much owed; in whole percent, a hundred at the most, None where nothing was owed."""

    done: int
    owed: int

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.owed) if self.owed else None


@dataclass(frozen=True)
class Line:
    """One quarter of one agreement."""

    quarter: Quarter
    visits: Share
    minutes: Share

    @property
    def behind(self) -> bool:
        return self.visits.done < self.visits.owed or self.minutes.done < self.minutes.owed


def line(quarter: Quarter, term: tuple[date, date], promised: tuple[int, int], done: tuple[int, int]) -> Line:
    """What was ``done`` (visits, minutes) for what was ``promised`` a quarter under this term."""
    visits, minutes = (
        Share(was, owed(per_quarter, quarter, *term)) for per_quarter, was in zip(promised, done, strict=True)
    )
    return Line(quarter, visits, minutes)


def together(shares: Iterable[Share]) -> Share:
    """Shares of several quarters as one; what was done beyond one quarter's promise does not make up for another's."""
    kept = list(shares)
    return Share(sum(min(one.done, one.owed) for one in kept), sum(one.owed for one in kept))


def score(
    visits: Share, minutes: Share, households: int, satisfied: Share, rule: PairingRule
) -> Decision[int | None]:
    """成效 of a unit, 0–100, and the sentence that says why: the shares weighted as policy says; a part of which
    nothing is known is left out and the others carry its weight. None where nothing was promised yet.

    ``satisfied`` are those who said 满意 or better of those who were asked.
    """
    parts = [
        (visits.percent, rule.visits_weight),
        (minutes.percent, rule.minutes_weight),
        (satisfied.percent, rule.satisfaction_weight),
    ]
    known = [(percent, weight) for percent, weight in parts if percent is not None]
    weight = sum(w for _, w in known)
    if visits.percent is None or not weight:
        return Decision(None, "近四个季度没有生效的承诺，还不能评价成效。")
    value = (2 * sum(percent * w for percent, w in known) + weight) // (2 * weight)  # half a point counts as one
    said = [
        f"近四个季度承诺 {visits.owed} 次，兑现 {visits.done} 次（{visits.percent}%）",
        f"承诺 {minutes.owed / 60:.2f} 小时，兑现 {minutes.done / 60:.2f} 小时（{minutes.percent}%）"
        if minutes.owed
        else "没有承诺工时",
        f"覆盖 {households} 户",
        f"{satisfied.owed} 件需求评价中 {satisfied.done} 件满意（{satisfied.percent}%）"
        if satisfied.owed
        else "还没有需求评价",
    ]
    return Decision(value, f"{'；'.join(said)}。成效 {value} 分，{grade(value, rule)}。")


def grade(value: int, rule: PairingRule) -> str:
    """The word for a score."""
    for least, word in ((rule.excellent_at, "优秀"), (rule.good_at, "良好"), (rule.fair_at, "合格")):
        if value >= least:
            return word
    return "待改进"


# --- 就地、就近、就便 ---

NEAR = {  # by shared digits
    12: "就在本社区",
    9: "与社区同一街道",
    6: "与社区同一县（市、区）",
    4: "与社区同一州（市）",
    2: "与社区同在本省",
}
NOWHERE = "在外省"


def shared_digits(community: str, unit: str) -> int:
    """How many leading digits of two division codes name the same division: 12 the same community … 0 nothing."""
    return max((len(code) for code in lineage(community) if code in lineage(unit)), default=0)


@dataclass(frozen=True)
class Candidate:
    """A unit that could help: where it is, which of the wanted services it can give, how many it helps already."""

    key: int
    name: str
    division: str
    offers: frozenset[str]
    pairings: int


@dataclass(frozen=True)
class Suggestion:
    """A unit worth asking, and why in one sentence."""

    candidate: Candidate
    why: str


def suggest(
    community: str, wanted: dict[str, str], candidates: Iterable[Candidate], count: int = 10
) -> list[Suggestion]:
    """The nearest first; of the equally near whoever can give more of what is wanted (code -> word); then whoever has
    fewest agreements (方案 三(3)「就地、就近、就便」)."""

    def order(one: Candidate) -> tuple[int, int, int, str]:
        return (-shared_digits(community, one.division), -len(one.offers & set(wanted)), one.pairings, one.name)

    return [Suggestion(one, _why(community, wanted, one)) for one in sorted(candidates, key=order)[:count]]


def _why(community: str, wanted: dict[str, str], one: Candidate) -> str:
    fitting = "、".join(word for code, word in wanted.items() if code in one.offers)
    able = f"能提供社区需要的{fitting}" if fitting else "没有填写社区需要的服务" if wanted else "社区没有提出具体类别"
    busy = f"现有结对 {one.pairings} 个" if one.pairings else "还没有结对"
    return f"{NEAR.get(shared_digits(community, one.division), NOWHERE)}，{able}，{busy}。"
