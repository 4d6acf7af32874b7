"""The typed schema of policy: one class a topic, each parameter with its label, unit, explanation and limits.

Forms, TOML files, previews and decisions are all made from it; how versions are dated and inherited is `rules.policy`.
"""

from dataclasses import MISSING, dataclass, field
from itertools import pairwise
from typing import Any


class PolicyError(ValueError):
    """A policy file or form that does not follow the schema, or a day on which nothing is in force."""


def param(
    label: str,
    unit: str = "",
    says: str = "",
    low: int | None = None,
    choices: tuple[str, ...] = (),
    *,
    high: int | None = None,
    default: Any = MISSING,
    group: str = "",
    codes: str = "",
    endless: bool = False,
    long: bool = False,
) -> Any:
    """One parameter of a policy: its Chinese label, unit, plain explanation and limits.

    ``group`` is the heading under which a form shows it, where a topic has several; ``codes`` names the vocabulary
    whose codes it takes; ``endless`` says that 0 stands for no limit, and so is more than any number;
    ``long`` that it is a text of several lines. A parameter added after the first release has a ``default``, so that versions released
    before it stay whole.
    """
    meta = {
        "label": label, "unit": unit, "says": says, "low": low, "high": high, "choices": choices, "group": group,
        "codes": codes, "endless": endless, "long": long,
    }  # fmt: skip
    return field(default=default, metadata=meta)


@dataclass(frozen=True)
class Counting:
    """How presence becomes whole minutes (Order 67 art. 7; 民函〔2012〕340号: travel is not service)."""

    rounding_minutes: int = param("取整单位", "分钟", "1 表示按实际分钟，不取整", 1)
    rounding: str = param("取整方向", choices=("down", "nearest", "up"))
    minimum_minutes: int = param("最短计时", "分钟", "不足的不计；0 表示不设下限", 0)
    raise_to_minimum: bool = param("不足最短的按最短计", says="有的地方不足一小时按一小时计")
    daily_cap_minutes: int = param("每人每天上限", "分钟", low=1)
    travel_counts: bool = param("往返交通计入服务时间")
    presence_share: int = param("最低在场比例", "%", "低于这个比例列入异常", 0)
    training_counts: bool = param("培训时间计入服务时间")


@dataclass(frozen=True)
class RecordFormat:
    """What a service record must say and by when (Order 67 arts. 7, 11)."""

    required: tuple[str, ...] = param(
        "必填项", says="除志愿者、起止时间外还必须填写的栏目", choices=("content", "quality", "place", "remark")
    )
    deadline_working_days: int = param("记录期限", "工作日", "活动结束后多少个工作日内记录", 1)
    content_max: int = param("服务内容字数", "字", low=1)
    across_midnight: bool = param("允许跨零点")
    travel_max_minutes: int = param("往返交通上限", "分钟", low=0)
    remark_max: int = param("备注字数", "字", low=0, high=200, default=200)
    evidence: tuple[str, ...] = param(
        "须附的凭据", says="没有签到表的不能提交；没有签到表照片的，审核时按下面的办法", choices=("sheet", "photo"), default=()
    )
    evidence_from_minutes: int = param("从多长的服务起须附凭据", "分钟", "0 表示都要", 0, default=0)
    photo_missing: str = param("审核时没有签到表照片的", choices=("warn", "refuse"), default="warn")


@dataclass(frozen=True)
class Anomalies:
    """From where on a submitted record needs a second look (Order 67 arts. 3, 7); nothing here refuses a record."""

    gap_minutes: int = param("两站服务最短间隔", "分钟", "同一天在两个工作站服务，间隔不足的列入异常；0 表示不查", 0)
    day_minutes: int = param("单日时长", "分钟", "一人一天合计超过的列入异常", 1)
    same_span_people: int = param("全员起止相同", "人", "一次活动达到这么多人且起止完全相同的列入异常", 2)
    backfills: int = param("集中补录", "条", "同一录入人在以下天数内补录达到这么多条的列入异常", 1)
    backfill_days: int = param("集中补录的天数", "天", low=1)


@dataclass(frozen=True)
class Handling:
    """By when the desk does what follows a service (Order 67 arts. 11, 13, 20–22)."""

    keying_days: int = param("签到表录入", "工作日", "活动开展后多少个工作日内录入，逾期提醒", 1)
    assessment_days: int = param("评价期限", "工作日", "活动结束后多少个工作日内评价", 1)
    complaint_days: int = param("投诉答复期限", "工作日", "收到投诉后多少个工作日内答复", 1)
    appeal_days: int = param("更正申诉期限", "工作日", "更正决定作出后多少个工作日内可以申诉", 1)
    audit_months: int = param("抽查周期", "月", "超过这么久没有抽查的工作站列入提醒；0 表示不要求", 0, default=0)


@dataclass(frozen=True)
class Publicity:
    """公示 in working days (民函〔2012〕340号: at least 3; 民发〔2015〕149号: certificates 7 days)."""

    record_days: int = param("服务记录公示", "工作日", low=0)
    star_days: int = param("星级名单公示", "工作日", low=0)
    honour_days: int = param("嘉许名单公示", "工作日", low=0)
    certificate_days: int = param("证明公示", "天", low=0)
    record_cycle: str = param(
        "服务记录公示周期", says="按月的，当月的记录下月起一并公示", choices=("any", "month"), default="any"
    )


@dataclass(frozen=True)
class StarLevel:
    star: int = param("星级", "星", low=1, high=9)
    at: int = param("累计服务", "小时", low=1)
    recognised_by: str = param("认定机构", choices=("county", "prefecture", "province"))
    tenure_days: int = param("注册满", "天", low=0)
    selection: bool = param("需评选产生")


@dataclass(frozen=True)
class Stars:
    """志愿者星级认定标准 (方案 二(6))."""

    levels: tuple[StarLevel, ...] = param("各星级")

    def __post_init__(self) -> None:
        steps = [(level.star, level.at) for level in self.levels]
        if not steps or any(b[0] <= a[0] or b[1] <= a[1] for a, b in pairwise(steps)):
            raise PolicyError("stars.levels：各星级应从低到高排列，小时数逐级增加，至少有一级。")


@dataclass(frozen=True)
class Weight:
    """How much exchangeable time an hour of one category earns."""

    category: str = param("服务类别", codes="category")
    percent: int = param("折算比例", "%", low=0, high=10_000)


@dataclass(frozen=True)
class Entitlement:
    """What so many points give a right to, over and above the catalogue."""

    at: int = param("积分达到", "分", low=1)
    grants: str = param("可以享受")


@dataclass(frozen=True)
class Exchange:
    """回馈兑换 (方案 二(6)): which hours can be exchanged, what an hour buys, and who may spend it."""

    points_per_hour: int = param("每小时折合积分", "分", low=1, group="折算")
    origins: tuple[str, ...] = param(
        "可兑换的工时来源",
        choices=("checked_in", "desk", "backfilled", "group", "imported", "transferred"), group="工时计入",
    )  # fmt: skip
    floor_hours: int = param("累计满多少小时起兑", "小时", low=0, group="兑换条件")
    yearly_cap_points: int = param("每人每年上限", "分", "0 表示不限", 0, group="兑换条件", endless=True)
    valid_months: int = param("可兑换工时有效期", "月", "从服务之日起算；0 表示长期有效", 0, group="有效期", endless=True)
    year_end: bool = param("到年底作废", says="有效期满后再留到那一年的年底；没有写有效期的，挣得当年的年底作废", default=False, group="有效期")
    weights: tuple[Weight, ...] = param("各类服务折算", says="没有列出的类别按下面的比例", default=(), group="工时计入")
    other_weight: int = param(
        "其他类别折算", "%", "100 表示一小时计一小时，0 表示不计入", 0, high=10_000, default=100, group="工时计入"
    )
    unit_minutes: int = param("计入单位", "分钟", "每条记录按整单位计入；60 表示只计整小时", 1, default=1, group="工时计入")
    activity_cap_minutes: int = param("每次活动最多计入", "分钟", "0 表示不限", 0, default=0, group="工时计入", endless=True)
    balance_cap_hours: int = param("个人留存上限", "小时", "0 表示不限", 0, default=0, group="工时计入", endless=True)
    over_cap: str = param(
        "超过上限的工时", says="只计荣誉，或留作捐赠", choices=("honour", "donation"), default="honour", group="工时计入"
    )
    donation_origins: tuple[str, ...] = param(
        "只能捐赠的工时来源", choices=("checked_in", "desk", "backfilled", "group", "imported", "transferred"),
        default=(), group="工时计入",
    )  # fmt: skip
    minimum_age: int = param("计入的最低年龄", "周岁", "按服务当天；0 表示不限", 0, default=0, group="工时计入")
    guardian_allows: bool = param("未到年龄但有监护人同意的可以计入", default=False, group="工时计入")
    recruit_points: int = param("介绍一人注册奖励", "分", "0 表示没有", 0, default=0, group="工时计入")
    opening_points: int = param("注册时赠送", "分", "0 表示没有", 0, default=0, group="工时计入")
    spend_age: int = param("本人兑换的最低年龄", "周岁", "0 表示不限", 0, default=0, group="兑换条件")
    floor_star: int = param("认定到几星起兑", "星", "0 表示不要求", 0, high=9, default=0, group="兑换条件")
    kinds: tuple[str, ...] = param(
        "可兑换的种类", choices=("service", "goods"), default=("service", "goods"), group="兑换条件"
    )
    weekdays: tuple[str, ...] = param(
        "兑换日", says="不选表示每天都可以", choices=("1", "2", "3", "4", "5", "6", "7"), default=(), group="兑换条件"
    )
    approval: bool = param("须由站长审批", says="审批后才能发放", default=False, group="兑换条件")
    point_worth_fen: int = param("一分约合", "分钱", "只作标价参考，不兑付现金；0 表示不标", 0, default=0, group="折算")
    entitlements: tuple[Entitlement, ...] = param("积分权益", says="达到积分即可享受，不扣减", default=(), group="折算")

    def __post_init__(self) -> None:
        if len({weight.category for weight in self.weights}) < len(self.weights):
            raise PolicyError("exchange.weights：同一个服务类别只能写一次。")
        if not self.kinds:
            raise PolicyError("exchange.kinds：至少选一种，社区服务或物品。")


@dataclass(frozen=True)
class Served:
    """Who may be helped from the hours that others gave: an age, and hardships that must all be there."""

    minimum_age: int = param("满", "周岁", low=0)
    hardships: tuple[str, ...] = param("并且是", codes="recipient")
    below_age: int = param("未满", "周岁", "0 表示不限", 0, default=0)


@dataclass(frozen=True)
class Giving:
    """转赠与捐赠: hours given to relatives, or to the station for those in hardship (时间储蓄)."""

    gift: str = param("转赠给", choices=("nobody", "relatives", "anyone"))
    relations: tuple[str, ...] = param(
        "可以受赠的亲属", choices=("spouse", "parent", "child", "grandparent", "grandchild", "sibling")
    )
    gift_yearly_hours: int = param("每人每年最多转赠", "小时", "0 表示不限", 0, endless=True)
    donation: bool = param("可以捐给工作站", says="捐赠的工时由工作站用于困难群众")
    served: tuple[Served, ...] = param("捐赠工时的服务对象", says="符合任意一行即可；不写表示不限")

    def __post_init__(self) -> None:
        if self.gift == "relatives" and not self.relations:
            raise PolicyError("giving.relations：只可转赠亲属时，请写明哪些亲属。")


@dataclass(frozen=True)
class Eligibility:
    """Who may register (民法典 19–20; 中国注册志愿者管理办法)."""

    minimum_age: int = param("最低年龄", "周岁", low=0)
    guardian_below: int = param("需监护人同意的年龄", "周岁以下", low=0)
    maximum_age: int = param("最高年龄", "周岁", "0 表示不限", 0, endless=True)
    accompanied_below: int = param("参加活动须监护人陪同的年龄", "周岁以下", "0 表示不要求", 0, default=14)


@dataclass(frozen=True)
class Roster:
    """排班与对接 (方案 二(3) 合理安排服务时间和服务任务): rest, company, reminders, and what a good match is worth."""

    gap_minutes: int = param("两次服务间隔", "分钟", "同一活动的前后两班不计；0 表示不限", 0)
    daily_minutes: int = param("每人每天最多排班", "分钟", low=1)
    weekly_minutes: int = param("每人每周最多排班", "分钟", low=1)
    visitors: int = param("入户至少同行", "人", low=1)
    social_worker: bool = param("须有社会工作者带队")
    unsigned_minutes: int = param("未签退提醒", "分钟", "排班结束后多久还没有签退", 0)
    short_days: int = param("人手不足提醒", "天", "活动开始前多少天还没有排满", 1)
    load_days: int = param("近期服务统计", "天", low=1)
    load_minutes: int = param("近期服务满负荷", "分钟", "达到后近期服务一项不再得分", 1)
    skill_points: int = param("技能相符", "分", low=0)
    applied_points: int = param("已录用到本项目", "分", low=0)
    time_points: int = param("服务时间相符", "分", low=0)
    near_points: int = param("就近", "分", "同一社区得全分，同一街道、县区得一部分", 0)
    tongue_points: int = param("语言或民族相同", "分", "会说同一种语言得全分，同一民族得一半", 0)
    known_points: int = param("服务过同一对象", "分", low=0)
    load_points: int = param("近期服务少", "分", low=0)
    missed_points: int = param("未到岗扣分", "分", "每次", 0)


@dataclass(frozen=True)
class Recruiting:
    """招募 (方案 二(2)): how long a place that came free is kept for whoever is next."""

    offer_hours: int = param("确认时限", "小时", "递补或邀请后多少小时内要确认，逾期名额给下一位", 1)


@dataclass(frozen=True)
class Training:
    """组织培训 (方案 二(3)): when a qualification is said to run out, and how often backbones are trained."""

    expiring_days: int = param("资质到期提醒", "天", "提前多少天列入「即将到期」", 1)
    confirm_days: int = param("培训结果确认期限", "天", "举办后多少天内应确认结果", 1)
    backbone_sessions: int = param("骨干每年参加骨干培训", "次", "少于这个次数列入名单；0 表示不要求", 0)


@dataclass(frozen=True)
class Needs:
    """采集需求 (方案 二(1); 志愿服务条例 第十三条: verified and answered in time)."""

    answer_days: int = param("需求答复期限", "天", "审核中超过这个天数列入「超过期限未答复」", 1)
    visit_days: int = param("走访间隔", "天", "超过这个天数没有走访的户列入「久未走访」", 1)
    again_days: int = param("再次提出", "天", "办结后这个天数内同一户又提同类需求的，列入「办结后又提出」", 1)


@dataclass(frozen=True)
class StationWork:
    """What is asked of a station's set-up and of meetings (方案 三(2)、三(4)、四(1))."""

    target_share: int = param("建站达标比例", "%", "建站清单里已确认达到的项目所占比例", 1)
    self_check_month: int = param("年度自查起始月", "月", "从这个月起，当年自查没有提交的列入名单", 1)
    minutes_days: int = param("现场会纪要期限", "天", "会议召开后多少天内发布纪要", 1)

    def __post_init__(self) -> None:
        if self.target_share > 100 or self.self_check_month > 12:
            raise PolicyError("stations：达标比例不能大于 100，起始月不能大于 12。")


@dataclass(frozen=True)
class Incentives:
    """When the desk is reminded of what thanks are due (方案 二(6))."""

    candidate_days: int = param("星级候选未申报", "天", "候选超过多少天还没有申报，列入提醒", 1)
    measure_days: int = param("优待措施到期", "天", "到期前多少天列入提醒", 1)


@dataclass(frozen=True)
class Statistics:
    """Which figures may leave the station (个人信息保护法 28)."""

    least_shown: int = param("困难群众统计最小显示数", "人（户）", "小于它的数字不显示，以免认出是谁", 1)


@dataclass(frozen=True)
class SignIn:
    """登录安全 (GB/T 22239-2019 8.1.4.1): how long a session lasts, and who also needs a one-time code.

    Limits of a session are those of the day it began; a demanded code is asked for at the next sign-in.
    """

    second_step: tuple[str, ...] = param(
        "必须用动态口令登录的角色", says="没有列出的自愿启用；还没有启用的，下次登录时先启用",
        choices=("recorder", "head", "supervisor", "auditor", "admin"),
    )  # fmt: skip
    desk_idle_minutes: int = param("工作站账号无操作退出", "分钟", "记录员和站长", 5, high=480)
    desk_hours: int = param("工作站账号最长登录", "小时", "到时要重新登录，不论有没有操作", 1, high=24)
    above_idle_minutes: int = param("其他账号无操作退出", "分钟", "督导、审计员、管理员和志愿者", 5, high=480)
    above_hours: int = param("其他账号最长登录", "小时", "到时要重新登录，不论有没有操作", 1, high=24)
    one_time_days: int = param("临时密码有效期", "天", "由别人设置的密码，本人要在这么多天内登录并修改", 1, high=30)


@dataclass(frozen=True)
class PresenceRule:
    """签到与在场 (方案 二(4)(5)): how people sign in at an activity, and what of their presence counts.

    A topic of its own: `sign_in` is about accounts and passwords. Rounding and the least that counts are `counting`'s.
    """

    screen_seconds: int = param("签到屏换码", "秒", "屏幕上的二维码多少秒换一次", 10, high=600, group="二维码")
    grace_seconds: int = param("旧码宽限", "秒", "换码以后旧码还能用多久", 0, high=600, group="二维码")
    confirm_minutes: int = param("扫码后确认", "分钟", "扫码后多久内要登录并按下签到", 1, high=60, group="二维码")
    printed: bool = param("可以打印当天有效的码", says="打印的码可以拍照转发，不放心的地方不用", group="二维码")
    early_minutes: int = param("提前签到", "分钟", "排班开始前多久起可以签到", 0, high=720, group="时间")
    late_minutes: int = param("延后签退", "分钟", "排班结束后多久内可以签退", 0, high=720, group="时间")
    early_counts: bool = param("早到计入在场", says="否则从排班开始起计", group="在场")
    late_counts: bool = param("晚走计入在场", says="否则到排班结束为止", group="在场")
    breaks: bool = param("扣除中途离开", says="中途签退又签到的，中间的时间不计；否则从第一次签到计到最后一次签退", group="在场")
    short_break: int = param("短时离开不扣", "分钟", "不超过这么久的离开不扣", 0, high=240, group="在场")
    unsigned: str = param(
        "没有签退的", says="由负责人填写、计到排班结束或不计", choices=("hold", "end", "none"), group="在场"
    )
    clock_seconds: int = param("设备时钟允许的差", "秒", "超过的由负责人核对后才计入", 5, high=3600, group="签到台")
    send_hours: int = param("断网后送达期限", "小时", "断网时按下的，多少小时内送到算数", 1, high=720, group="签到台")


@dataclass(frozen=True)
class PairingRule:
    """文明单位结对帮扶 (方案 三(3)): when to remind, and how what was done weighs in a unit's score."""

    expiring_days: int = param("到期提前提醒", "天", "到期前多少天列入「即将到期」", 1)
    behind_days: int = param("季末提前催办", "天", "季末前多少天起，没有兑现承诺的列入「本季度未兑现」", 1)
    visits_weight: int = param("成效中次数的权重", low=1)
    minutes_weight: int = param("成效中工时的权重", low=0)
    satisfaction_weight: int = param("成效中满意率的权重", low=0)
    excellent_at: int = param("优秀", "分以上", low=1)
    good_at: int = param("良好", "分以上", low=1)
    fair_at: int = param("合格", "分以上", low=1)

    def __post_init__(self) -> None:
        if not self.fair_at < self.good_at < self.excellent_at <= 100:
            raise PolicyError("pairing：合格、良好、优秀的分数应从低到高，不超过 100。")


@dataclass(frozen=True)
class ConsentTexts:
    """What people agree to, word for word (个人信息保护法 17: who, for what, how, what, how long, and one's rights).

    A consent keeps the release whose words it was given to.
    """

    registration: str = param("志愿者登记告知", says="本人登记时阅读", long=True)
    guardian: str = param("监护人同意书", says="14 至 17 周岁，由监护人签字", long=True)
    guardian_child: str = param("未满 14 周岁监护人同意书", says="含儿童个人信息的专门规则", long=True)
    sensitive: str = param("敏感信息单独同意书", says="服务对象的困难类别、健康等", long=True)
    publicity: str = param("肖像和事迹公开同意书", says="公开网站、宣传栏、媒体", long=True)
    sharing: str = param("向其他单位提供同意书", says="异地转移、汇入上级平台、联办单位", long=True)
    reconfirm: tuple[str, ...] = param(
        "改版后须重新同意", says="文字有实质变化的才选；选中的，以前各版的同意列入「文字已更新待重新同意」",
        choices=("registration", "guardian", "guardian_child", "sensitive", "publicity", "sharing"), default=(),
    )  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """How long one kind of data is kept after what ended its purpose (个人信息保护法 19)."""

    what: str = param(
        "数据",
        choices=(
            "left_volunteer", "refused_registration", "recipient", "household", "visit", "application", "objection",
            "complaint", "cover", "photo",
        ),
    )  # fmt: skip
    months: int = param("保存", "月", low=1)
    basis: str = param("依据")


@dataclass(frozen=True)
class Retention:
    """保存期限和本人请求 (个人信息保护法 19, 45–47, 50): what is kept how long, and by when a request is answered."""

    schedules: tuple[Schedule, ...] = param("各类数据的保存期限", says="到期由程序提出，站长批准后清除；没有列出的不清除")
    answer_days: int = param("注销申请答复期限", "工作日", "收到申请后多少个工作日内办结", 1)
    audit_months: int = param("操作日志至少保存", "月", "不能少于六个月；本程序只增不减", 6)

    def __post_init__(self) -> None:
        if len({one.what for one in self.schedules}) < len(self.schedules):
            raise PolicyError("retention.schedules：同一类数据只能写一行。")


@dataclass(frozen=True)
class Upwards:
    """汇入上级平台 (民政部令第67号第四条): after how many days of silence from above somebody is told."""

    alarm_days: int = param("多少天没有接收就提醒", "天", "有记录在等、而上级平台这么多天没有接收过任何一条；0 表示不提醒", 0)


@dataclass(frozen=True)
class Transfer:
    """异地转移 (方案 二(5)): how long a package may be taken, and how long the receiver's word is waited for after that."""

    valid_days: int = param("转移包有效期", "天", "从打包起算，过期不能再接收；按打包当天的规定", 1, high=366)
    grace_days: int = param("过期后再等", "天", "有效期过后再等这么多天，督导才能不凭对方的答复解锁", high=366, low=0)


TOPICS: dict[str, type] = {
    "counting": Counting,
    "record_format": RecordFormat,
    "publicity": Publicity,
    "stars": Stars,
    "exchange": Exchange,
    "giving": Giving,
    "eligibility": Eligibility,
    "roster": Roster,
    "training": Training,
    "needs": Needs,
    "stations": StationWork,
    "anomalies": Anomalies,
    "handling": Handling,
    "incentives": Incentives,
    "recruiting": Recruiting,
    "statistics": Statistics,
    "sign_in": SignIn,
    "presence": PresenceRule,
    "pairing": PairingRule,
    "consent": ConsentTexts,
    "retention": Retention,
    "upwards": Upwards,
    "transfer": Transfer,
}
