"""学雷锋志愿服务工作站 (方案 三(2)、四(1)): how far a station is set up, and the lives of what is kept of it.

The six aspects are those of the Central Opinion of 2024: 场所、队伍、项目、设施、制度、标识. The items under each are a
vocabulary; the first figure of an item's code says which aspect it belongs to.
"""

from dataclasses import dataclass

from rules.life import Life, State, Tone, move

ASPECTS = {"1": "场所", "2": "队伍", "3": "项目", "4": "设施", "5": "制度", "6": "标识"}
STANDINGS = [("met", "达到"), ("unmet", "未达到"), ("na", "不适用")]

# What a yearly self-check keeps, and how each figure is called.
FIGURES = {
    "volunteers": "注册志愿者（人）",
    "joined": "本年新注册（人）",
    "duties": "现任负责人（人）",
    "projects": "本年项目（个）",
    "activities": "本年开展活动（次）",
    "people": "本年参加服务（人）",
    "records": "本年入账记录（条）",
    "minutes": "本年服务时长（小时）",
    "needs": "本年采集需求（条）",
    "trainings": "本年组织培训（次）",
    "teams": "在册服务队（支）",
    "pairings": "结对帮扶（个）",
    "funds": "本年获得经费（元）",
}


def aspect_of(code: str) -> str:
    """The aspect that an item's code begins with. Raises ``KeyError`` where it names none."""
    return ASPECTS[code[:1]]


@dataclass(frozen=True)
class Share:
    """So many items of so many that apply are met and confirmed; ``claimed`` more wait to be confirmed."""

    met: int
    applicable: int
    claimed: int = 0

    @property
    def percent(self) -> int | None:
        """Whole per cent, rounded down: 79.9 is not yet 80. None where no item applies."""
        return self.met * 100 // self.applicable if self.applicable else None

    def __add__(self, other: "Share") -> "Share":
        return Share(self.met + other.met, self.applicable + other.applicable, self.claimed + other.claimed)

    def __str__(self) -> str:
        return f"{self.met}/{self.applicable}"


SET_UP = Life(
    "set_up_items",
    (State("claimed", "待确认", Tone.WAITING), State("confirmed", "已确认", Tone.GOOD)),
    (
        move("confirm", "确认", "claimed -> confirmed", "head", own_entry=False, expected=True),
        move("reopen", "重新登记", "confirmed -> claimed", "recorder head", reason=True),
    ),
    noun="建站清单",
    counter="项",
)

SELF_CHECK = Life(
    "self_checks",
    (
        State("draft", "草稿"),
        State("submitted", "已提交", Tone.WAITING),
        State("returned", "已退回", Tone.BAD),
        State("reviewed", "已审阅", Tone.GOOD),
    ),
    (
        move("submit", "提交", "draft returned -> submitted", "head", expected=True,
             warns="建站清单和各项数字将按此刻重新统计并固定下来。"),
        move("review", "审阅通过", "submitted -> reviewed", "supervisor", own_entry=False, expected=True),
        move("return", "退回", "submitted -> returned", "supervisor", reason=True),
    ),
    noun="年度自查",
    counter="份",
)  # fmt: skip

SPOT_CHECK = Life(
    "spot_checks",
    (
        State("draft", "草稿"),
        State("drawn", "已抽样", Tone.WAITING),
        State("verified", "已核查", Tone.WAITING),
        State("published", "已公布", Tone.GOOD),
    ),
    (
        move("draw", "抽样", "draft -> drawn", "supervisor", expected=True,
             warns="抽出的样本不能更改，也不能重抽；各工作站会看到自己被抽到的记录。"),
        move("verify", "核查完毕", "drawn -> verified", "supervisor", expected=True),
        move("reopen", "继续核查", "verified -> drawn", "supervisor", reason=True),
        move("publish", "公布结果", "verified -> published", "supervisor", expected=True,
             warns="结果将写在各工作站的页面和公开网站上，只列工作站和数字，不列个人。"),
    ),
    noun="抽查",
    counter="次",
)  # fmt: skip

DISSOLUTION = Life(
    "dissolutions",
    (
        State("asked", "待确认", Tone.WAITING),
        State("moving", "正在移交", Tone.WAITING),
        State("done", "已撤站", Tone.OVER),
        State("cancelled", "已取消", Tone.OVER),
    ),
    (
        move("start", "确认撤站", "asked -> moving", "supervisor admin", own_entry=False,
             warns="确认后这个站不能再登记任何新内容，以往的记录仍可查看；全部志愿者连同工时移交承接站，不能撤回。"),
        move("cancel", "取消", "asked -> cancelled", "supervisor admin", reason=True),
        move("finish", "办结", "moving -> done", "system"),
    ),
    "撤站",
    "单",
)  # fmt: skip
AFTERWARDS = ("corrections", "complaints", "closes")  # what a dissolved station may still enter of what is past
