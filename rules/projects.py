"""设计项目、发布信息、招募 (方案 二(1)(2)): the lives of projects and applications, and whom a post may take."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.findings import Finding
from rules.life import Life, State, Tone, move

PROJECT = Life(
    "projects",
    (
        State("draft", "草稿"),
        State("submitted", "待审核", Tone.WAITING),
        State("published", "招募中", Tone.GOOD),
        State("closed", "已结项", Tone.OVER),
        State("cancelled", "已取消", Tone.OVER),
    ),
    (
        move("submit", "提交", "draft -> submitted", "recorder head", expected=True),
        move("publish", "审核并发布", "submitted -> published", "head", own_entry=False, expected=True),
        move("return", "退回", "submitted -> draft", "head", reason=True),
        move("close", "结项", "published -> closed", "head",
             warns="结项后不能再安排新的活动；没有办完的报名将终止。"),
        move("cancel", "取消项目", "draft submitted published -> cancelled", "head", reason=True,
             warns="所有报名和录用将终止。"),
    ),
    "项目",
    "个",
)  # fmt: skip

HOLDING = ("accepted", "offered")  # states that take up a place
OPEN = ("applied", "waiting", "offered")  # states in which something is still to come
LIVE = (*OPEN, "accepted")

APPLICATION = Life(
    "applications",
    (
        State("applied", "待审核", Tone.WAITING),
        State("waiting", "候补", Tone.WAITING),
        State("offered", "待确认", Tone.WAITING),
        State("accepted", "已录用", Tone.GOOD),
        State("refused", "未录用", Tone.BAD),
        State("withdrawn", "已退出", Tone.OVER),
        State("lapsed", "逾期未确认", Tone.OVER),
        State("ended", "已终止", Tone.OVER),
    ),
    (
        move("accept", "录用", "applied -> accepted", "head", own_entry=False, expected=True),
        move("queue", "列入候补", "applied -> waiting", "head", own_entry=False,
             warns="有名额空出时按先后自动递补，限时确认。"),
        move("refuse", "不录用", "applied waiting -> refused", "head", own_entry=False, reason=True),
        move("offer", "递补", "waiting -> offered", "system"),
        move("confirm", "确认参加", "offered -> accepted", "recorder head volunteer", expected=True),
        move("withdraw", "退出", "applied waiting offered accepted -> withdrawn", "recorder head volunteer", reason=True,
             warns="空出的名额将自动递补给候补的第一位。"),
        move("lapse", "逾期", "offered -> lapsed", "system"),
        move("end", "终止", "applied waiting offered accepted -> ended", "system", reason=True),
    ),
    "报名",
    "份",
)  # fmt: skip


@dataclass(frozen=True)
class Places:
    """One post's places: how many it has, and how many people stand where."""

    headcount: int
    by_state: Mapping[str, int] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        return self.by_state.get("accepted", 0)

    @property
    def waiting(self) -> int:
        return self.by_state.get("waiting", 0)

    @property
    def offered(self) -> int:
        return self.by_state.get("offered", 0)

    @property
    def held(self) -> int:
        """Places given or offered: never more than the head count."""
        return sum(self.by_state.get(state, 0) for state in HOLDING)

    @property
    def left(self) -> int:
        return max(0, self.headcount - self.held)


@dataclass(frozen=True)
class Wanted:
    """What a post asks for; names of codes are what a person reads."""

    post: str
    minimum_age: int | None = None
    qualification: str = ""
    skills: tuple[str, ...] = ()
    team: str = ""  # the one team that it recruits from


@dataclass(frozen=True)
class Candidate:
    """What is known of whoever applies."""

    name: str
    registered: bool
    state: str
    age: int
    qualifications: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    in_team: bool = False


def unfit(who: Candidate, wanted: Wanted, names: Mapping[tuple[str, str], str]) -> list[Finding]:
    """What keeps this person from this post; a missing skill is a warning only.

    A task must fit age, knowledge and skills (条例 art. 15), and what the law demands a qualification for is done by
    those who hold it (art. 16). ``names`` are vocabulary terms by (kind, code).
    """
    if not who.registered:
        return [Finding("volunteer", f"{who.name} 是「{who.state}」，不能报名。")]
    findings = []
    if wanted.team and not who.in_team:
        findings.append(Finding("volunteer", f"这个项目只招募「{wanted.team}」的队员，{who.name} 现在不是。"))
    if wanted.minimum_age is not None and who.age < wanted.minimum_age:
        findings.append(Finding(
            "volunteer", f"「{wanted.post}」要求年满 {wanted.minimum_age} 周岁，{who.name} 现 {who.age} 周岁。"
        ))  # fmt: skip
    if wanted.qualification and wanted.qualification not in who.qualifications:
        called = names.get(("qualification", wanted.qualification), wanted.qualification)
        findings.append(
            Finding("volunteer", f"「{wanted.post}」要求具备「{called}」，{who.name} 没有登记有效的这项资质。")
        )
    lacking = [names.get(("skill", code), code) for code in wanted.skills if code not in who.skills]
    if lacking:
        findings.append(Finding("volunteer", f"{who.name} 没有登记这些技能：{'、'.join(lacking)}。", warning=True))
    return findings
