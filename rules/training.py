"""组织培训、加强管理 (方案 二(3); Order 67 art. 8): the lives of trainings, attendances, qualifications, backbones and
plans, until which day a qualification holds, and how far a plan is done."""

from calendar import monthrange
from datetime import date, timedelta

from rules.life import Life, State, Tone, move

FORMS = [("lecture", "集中辅导"), ("discussion", "座谈交流"), ("cases", "案例分析"), ("other", "其他")]
RESULTS = [("none", "未考核"), ("passed", "合格"), ("failed", "不合格")]
BACKBONE = (
    "90"  # the term 骨干 of the vocabulary of qualifications: held by being confirmed, never granted by a paper
)
MOST_MINUTES = 10_000  # of one training: some 160 hours, longer than any course
TAUGHT = ("held", "confirmed")  # states in which a training did take place

TRAINING = Life(
    "trainings",
    (
        State("draft", "草稿"),
        State("published", "报名中", Tone.WAITING),
        State("held", "已举办", Tone.WAITING),
        State("confirmed", "结果已确认", Tone.GOOD),
        State("cancelled", "已取消", Tone.OVER),
    ),
    (
        move("publish", "发布", "draft -> published", "recorder head supervisor", expected=True),
        move("hold", "确认已举办", "published -> held", "recorder head supervisor", expected=True),
        move("confirm", "审核结果", "held -> confirmed", "head supervisor", expected=True,
             warns="合格人员将获得培训规定的资质；政策规定培训计入服务时间的，同时记入工时账。"),
        move("reopen", "撤回结果", "confirmed -> held", "head supervisor", reason=True,
             warns="由这次培训颁发的资质作废，已记入工时账的培训时间冲正。"),
        move("cancel", "取消", "draft published -> cancelled", "recorder head supervisor", reason=True),
    ),
    "培训",
    "次",
)  # fmt: skip

ATTENDANCE = Life(
    "attendances",
    (
        State("enrolled", "已报名", Tone.WAITING),
        State("attended", "已到场", Tone.GOOD),
        State("absent", "缺席", Tone.BAD),
        State("withdrawn", "已退出", Tone.OVER),
    ),
    (
        move("attend", "登记到场", "enrolled absent -> attended", "recorder head", expected=True),
        move("miss", "登记缺席", "enrolled attended -> absent", "recorder head"),
        move("withdraw", "退出报名", "enrolled -> withdrawn", "recorder head"),
        move("return", "恢复报名", "withdrawn -> enrolled", "recorder head"),
    ),
    "参训",
    "人次",
)  # fmt: skip

QUALIFICATION = Life(
    "qualifications",
    (
        State("submitted", "待核验", Tone.WAITING),
        State("valid", "有效", Tone.GOOD),
        State("refused", "未通过", Tone.BAD),
        State("revoked", "已撤销", Tone.OVER),
        State("void", "已作废", Tone.OVER),
    ),
    (
        move("check", "核验通过", "submitted -> valid", "head", own_entry=False, expected=True,
             warns="请对照原件核验证书编号、发证单位和有效期。"),
        move("refuse", "不予通过", "submitted -> refused", "head", reason=True),
        move("resubmit", "重新提交", "refused -> submitted", "recorder head", expected=True),
        move("revoke", "撤销", "valid -> revoked", "head", reason=True,
             warns="自今天起不再具备这项资质，以前的服务不受影响。"),
        move("void", "作废", "valid -> void", "system", reason=True),
    ),
    "资质",
    "项",
)  # fmt: skip

BACKBONE_LIFE = Life(
    "backbones",
    (
        State("proposed", "待确认", Tone.WAITING),
        State("confirmed", "骨干", Tone.GOOD),
        State("refused", "未确认", Tone.BAD),
        State("ended", "已卸任", Tone.OVER),
    ),
    (
        move("confirm", "确认为骨干", "proposed -> confirmed", "head", own_entry=False, expected=True),
        move("refuse", "不予确认", "proposed -> refused", "head", reason=True),
        move("end", "卸任", "confirmed -> ended", "head", reason=True),
    ),
    "骨干",
    "位",
)  # fmt: skip

TRAINING_PLAN = Life(
    "training_plans",
    (
        State("draft", "草稿"),
        State("submitted", "待审定", Tone.WAITING),
        State("issued", "已下达", Tone.GOOD),
    ),
    (
        move("submit", "提交", "draft -> submitted", "recorder head supervisor", expected=True),
        move("issue", "审定下达", "submitted -> issued", "head supervisor", expected=True),
        move("return", "退回", "submitted -> draft", "head supervisor", reason=True),
        move("adjust", "调整", "issued -> draft", "head supervisor", reason=True,
             warns="调整后须重新提交、审定；完成情况照常统计。"),
    ),
    "年度培训计划",
    "份",
)  # fmt: skip


def last_day(granted_on: date, months: int | None) -> date | None:
    """The last day of a qualification that holds for so many months: the day before the same day of that month.

    None, for good, where no term is set. A month that is too short ends it on its last day.
    """
    if not months:
        return None
    year, month = divmod(granted_on.year * 12 + granted_on.month - 1 + months, 12)
    days = monthrange(year, month + 1)[1]
    if granted_on.day > days:
        return date(year, month + 1, days)
    return date(year, month + 1, granted_on.day) - timedelta(days=1)


def holds(granted_on: date, expires_on: date | None, revoked_on: date | None, day: date) -> bool:
    """Whether a qualification held on the day of a service: from the day it was granted to its last day, both counted,
    and no longer on the day on which it was revoked."""
    return (
        granted_on <= day and (expires_on is None or day <= expires_on) and (revoked_on is None or day < revoked_on)
    )


def share(done: int, planned: int) -> int | None:
    """Per cent of what was planned, rounded down so that 100 means all of it; None where nothing was planned."""
    return done * 100 // planned if planned else None
