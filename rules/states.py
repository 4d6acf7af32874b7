"""The life of each stage, written once as data: states, moves, who may, what a screen calls them.

What a move does to the database stands beside the table in `models`; here is only what is legal.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from rules.access import Role


class Tone(StrEnum):
    """How a state is tinted on a screen; the word always stands beside the tint."""

    IDLE = "idle"
    WAITING = "waiting"
    GOOD = "good"
    BAD = "bad"
    OVER = "over"


@dataclass(frozen=True)
class State:
    name: str
    label: str
    tone: Tone = Tone.IDLE


@dataclass(frozen=True)
class Move:
    """One named button. ``by`` are roles; ``own_entry`` False refuses whoever entered the row (rule: nobody
    approves what they entered); ``reason`` True demands a sentence; ``expected`` marks the usual next step;
    ``warns`` is said before it is done."""

    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    by: frozenset[Role]
    own_entry: bool = True
    reason: bool = False
    expected: bool = False
    warns: str = ""


@dataclass(frozen=True)
class Life:
    """A stage's states and moves. Raises ``KeyError`` where a state or move is unknown."""

    resource: str
    states: tuple[State, ...]
    moves: tuple[Move, ...]

    @property
    def first(self) -> str:
        return self.states[0].name

    def state(self, name: str) -> State:
        return next((s for s in self.states if s.name == name), None) or _unknown(name, self.resource)

    def move(self, name: str) -> Move:
        return next((m for m in self.moves if m.name == name), None) or _unknown(name, self.resource)

    def legal(self, state: str, role: Role) -> list[Move]:
        """Moves that this role may make from this state, in the table's order."""
        return [m for m in self.moves if state in m.sources and role in m.by]


def _unknown(name: str, resource: str) -> NoReturn:
    raise KeyError(f"{resource} knows no «{name}»")


def _move(name: str, label: str, path: str, by: str, **more: object) -> Move:
    """``path`` reads "draft returned -> submitted"; ``by`` reads "recorder head"."""
    sources, target = (part.strip() for part in path.split("->"))
    return Move(name, label, tuple(sources.split()), target, frozenset(map(Role, by.split())), **more)  # type: ignore[arg-type]


VOLUNTEER = Life(
    "volunteers",
    (
        State("applied", "待审核", Tone.WAITING),
        State("registered", "已注册", Tone.GOOD),
        State("returned", "已退回", Tone.BAD),
        State("suspended", "已停用", Tone.OVER),
    ),
    (
        _move("approve", "审核通过", "applied -> registered", "head", own_entry=False, expected=True,
              warns="将编发志愿者编号和服务记录证。"),
        _move("return", "退回", "applied -> returned", "head", reason=True),
        _move("resubmit", "重新提交", "returned -> applied", "recorder head", expected=True),
        _move("suspend", "停用", "registered -> suspended", "head", reason=True,
              warns="停用后不能再登记新的服务记录，工时账保持不变。"),
        _move("restore", "恢复", "suspended -> registered", "head", reason=True),
    ),
)  # fmt: skip

CLAIM = Life(
    "claims",
    (
        State("asked", "待对方同意", Tone.WAITING),
        State("agreed", "已转入", Tone.GOOD),
        State("refused", "未同意", Tone.BAD),
    ),
    (
        _move("agree", "同意转出", "asked -> agreed", "head", expected=True, own_entry=False,
              warns="该志愿者将转到提出认领的工作站，以往工时随人保留。"),
        _move("refuse", "不同意", "asked -> refused", "head", reason=True),
    ),
)  # fmt: skip

PROJECT = Life(
    "projects",
    (
        State("draft", "草稿"),
        State("submitted", "待审核", Tone.WAITING),
        State("published", "招募中", Tone.GOOD),
        State("closed", "已结项", Tone.OVER),
    ),
    (
        _move("submit", "提交", "draft -> submitted", "recorder head", expected=True),
        _move("publish", "审核并发布", "submitted -> published", "head", own_entry=False, expected=True),
        _move("return", "退回", "submitted -> draft", "head", reason=True),
        _move("close", "结项", "published -> closed", "head", warns="结项后不能再安排新的活动。"),
    ),
)  # fmt: skip

ACTIVITY = Life(
    "activities",
    (
        State("planned", "已安排", Tone.WAITING),
        State("held", "已开展", Tone.GOOD),
        State("cancelled", "已取消", Tone.OVER),
    ),
    (
        _move("hold", "确认已开展", "planned -> held", "recorder head", expected=True),
        _move("cancel", "取消", "planned -> cancelled", "head recorder", reason=True),
    ),
)  # fmt: skip

RECORD = Life(
    "records",
    (
        State("draft", "草稿"),
        State("submitted", "待审核", Tone.WAITING),
        State("returned", "已退回", Tone.BAD),
        State("approved", "待公示", Tone.WAITING),
        State("noticed", "公示中", Tone.WAITING),
        State("posted", "已入账", Tone.GOOD),
        State("reversed", "已冲正", Tone.OVER),
        State("void", "已作废", Tone.OVER),
    ),
    (
        _move("submit", "提交", "draft returned -> submitted", "recorder head", expected=True),
        _move("approve", "审核通过", "submitted -> approved", "head", own_entry=False, expected=True),
        _move("return", "退回", "submitted approved -> returned", "head", reason=True),
        _move("notice", "公示", "approved -> noticed", "head", own_entry=False, expected=True,
              warns="公示期按工作日计算，期满无异议后入账。"),
        _move("post", "入账", "noticed -> posted", "head system", own_entry=False, expected=True),
        _move("withdraw", "撤下公示", "noticed -> returned", "head system", reason=True),
        _move("void", "作废", "draft returned -> void", "recorder head", reason=True),
        _move("reverse", "冲正", "posted -> reversed", "system", reason=True),
    ),
)  # fmt: skip

NOTICE = Life(
    "notices",
    (State("open", "公示中", Tone.WAITING), State("closed", "已期满", Tone.OVER)),
    (_move("close", "期满", "open -> closed", "head system", expected=True),),
)

OBJECTION = Life(
    "objections",
    (
        State("open", "待核查", Tone.WAITING),
        State("upheld", "成立", Tone.BAD),
        State("dismissed", "不成立", Tone.OVER),
    ),
    (
        _move("uphold", "异议成立", "open -> upheld", "head", reason=True,
              warns="对应的服务记录将退回，不入账。"),
        _move("dismiss", "异议不成立", "open -> dismissed", "head", reason=True, expected=True),
    ),
)  # fmt: skip

CORRECTION = Life(
    "corrections",
    (
        State("asked", "待批准", Tone.WAITING),
        State("approved", "已冲正", Tone.GOOD),
        State("refused", "未批准", Tone.BAD),
    ),
    (
        _move("approve", "批准冲正", "asked -> approved", "head", own_entry=False, expected=True,
              warns="将在工时账上记一笔相反的分录，原分录保留。"),
        _move("refuse", "不批准", "asked -> refused", "head", own_entry=False, reason=True),
    ),
)  # fmt: skip

STAR = Life(
    "stars",
    (
        State("candidate", "候选", Tone.WAITING),
        State("proposed", "已申报", Tone.WAITING),
        State("recognised", "已认定", Tone.GOOD),
        State("refused", "未通过", Tone.BAD),
        State("lapsed", "不再符合", Tone.OVER),
    ),
    (
        _move("propose", "申报", "candidate -> proposed", "head", expected=True),
        _move("recognise", "认定", "proposed -> recognised", "supervisor", own_entry=False, expected=True),
        _move("refuse", "不予认定", "proposed -> refused", "supervisor", reason=True),
        _move("lapse", "不再符合", "candidate proposed -> lapsed", "system"),
        _move("revive", "重新符合", "lapsed refused -> candidate", "system"),
    ),
)  # fmt: skip

REDEMPTION = Life(
    "rewards",
    (
        State("reserved", "已预留", Tone.WAITING),
        State("handed", "已发放", Tone.WAITING),
        State("confirmed", "已签领", Tone.GOOD),
        State("cancelled", "已取消", Tone.OVER),
    ),
    (
        _move("hand", "发放", "reserved -> handed", "recorder head", expected=True),
        _move("confirm", "签领确认", "handed -> confirmed", "recorder head", expected=True),
        _move("cancel", "取消", "reserved -> cancelled", "recorder head", reason=True,
              warns="预留的工时和库存将退回原处。"),
    ),
)  # fmt: skip

LIVES = (
    VOLUNTEER, CLAIM, PROJECT, ACTIVITY, RECORD, NOTICE, OBJECTION, CORRECTION, STAR, REDEMPTION,
)  # fmt: skip
