"""Policy as dated, typed data: the schema, its strict loading, and which version is in force.

What ships is TOML in `rules/policies/`; a supervisor's version has the same schema. A key that is misspelt, unknown
or missing refuses to load, and a day without a version is an error: never a silent zero.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from rules.divisions import contains

SHIPPED = Path(__file__).parent / "policies"
PROVINCE = "53"


class PolicyError(ValueError):
    """A policy file or form that does not follow the schema, or a day on which nothing is in force."""


def param(label: str, unit: str = "", says: str = "", low: int | None = None, choices: tuple[str, ...] = ()) -> Any:
    """One parameter of a policy: its Chinese label, unit, plain explanation and bounds."""
    return field(metadata={"label": label, "unit": unit, "says": says, "low": low, "choices": choices})


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


@dataclass(frozen=True)
class Publicity:
    """公示 in working days (民函〔2012〕340号: at least 3; 民发〔2015〕149号: certificates 7 days)."""

    record_days: int = param("服务记录公示", "工作日", low=0)
    star_days: int = param("星级名单公示", "工作日", low=0)
    honour_days: int = param("嘉许名单公示", "工作日", low=0)
    certificate_days: int = param("证明公示", "天", low=0)


@dataclass(frozen=True)
class StarLevel:
    star: int = param("星级", "星", low=1)
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
class Exchange:
    """回馈兑换 (方案 二(6)): what an hour buys and who may spend it."""

    points_per_hour: int = param("每小时折合积分", "分", low=1)
    origins: tuple[str, ...] = param(
        "可兑换的工时来源", choices=("checked_in", "desk", "backfilled", "group", "imported", "transferred")
    )
    floor_hours: int = param("累计满多少小时起兑", "小时", low=0)
    yearly_cap_points: int = param("每人每年上限", "分", "0 表示不限", 0)
    valid_months: int = param("可兑换工时有效期", "月", "0 表示长期有效", 0)


@dataclass(frozen=True)
class Eligibility:
    """Who may register (民法典 19–20; 中国注册志愿者管理办法)."""

    minimum_age: int = param("最低年龄", "周岁", low=0)
    guardian_below: int = param("需监护人同意的年龄", "周岁以下", low=0)
    maximum_age: int = param("最高年龄", "周岁", "0 表示不限", 0)


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


TOPICS: dict[str, type] = {
    "counting": Counting,
    "record_format": RecordFormat,
    "publicity": Publicity,
    "stars": Stars,
    "exchange": Exchange,
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
    "pairing": PairingRule,
}


@dataclass(frozen=True)
class Version:
    """One dated version of one topic. ``key`` is what a judged row stores, to find this version again."""

    topic: str
    division: str
    since: date
    source: str
    rule: Any

    @property
    def key(self) -> str:
        return f"{self.topic}@{self.division}:{self.since.isoformat()}"


def build(kind: type, values: dict[str, Any], where: str) -> Any:
    """A ``kind`` from plain values. Raises ``PolicyError`` naming the key that is unknown, missing or ill-typed."""
    if not isinstance(values, dict):
        raise PolicyError(f"{where}：应是一组参数，现在是「{values}」。")
    known = {f.name: f for f in fields(kind)}
    if unknown := sorted(set(values) - set(known)):
        raise PolicyError(f"{where}：没有「{unknown[0]}」这个参数，可用的是 {', '.join(known)}。")
    hints = get_type_hints(kind)
    made = {}
    for name, spec in known.items():
        if name not in values:
            if spec.default is MISSING:
                raise PolicyError(f"{where}：缺少参数「{name}」。")
            continue
        made[name] = _value(values[name], hints[name], spec.metadata, f"{where}.{name}")
    return kind(**made)


def _value(value: Any, hint: Any, meta: Any, where: str) -> Any:
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple):
            raise PolicyError(f"{where}：应是一个列表。")
        inner = get_args(hint)[0]
        if inner is str:
            return tuple(_value(v, str, {"choices": meta.get("choices")}, where) for v in value)
        return tuple(build(inner, v, f"{where}[{i}]") for i, v in enumerate(value, 1))
    if type(value) is not hint:  # bool is not int here, and text is not a number
        raise PolicyError(f"{where}：应是 {hint.__name__}，现在是「{value}」。")
    if meta.get("low") is not None and value < meta["low"]:
        raise PolicyError(f"{where}：不能小于 {meta['low']}，现在是 {value}。")
    if meta.get("choices") and value not in meta["choices"]:
        raise PolicyError(f"{where}：只能是 {'、'.join(meta['choices'])}，现在是「{value}」。")
    return value


def load(text: str, topic: str) -> list[Version]:
    """Versions from the TOML of one topic. Raises ``PolicyError`` for anything outside the schema."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as unread:
        raise PolicyError(f"{topic}：读不出来，{unread}。") from None
    if unknown := sorted(set(raw) - {"title", "version"}):
        raise PolicyError(f"{topic}：没有「{unknown[0]}」这一段。")
    made: list[Version] = []
    if not raw.get("version"):
        raise PolicyError(f"{topic}：一个版本也没有，应有 [[version]]。")
    for block in raw["version"]:
        values = dict(block)
        try:
            since, source = values.pop("from"), values.pop("source")
        except KeyError as missing:
            raise PolicyError(f"{topic}：每个版本都要写明 {missing}。") from None
        if type(since) is not date or not isinstance(source, str) or not source.strip():
            raise PolicyError(f"{topic}：from 应是日期，source 应写明依据。")
        if any(version.since == since for version in made):
            raise PolicyError(f"{topic}：有两个版本都从 {since} 起。")
        made.append(Version(topic, PROVINCE, since, source, build(TOPICS[topic], values, topic)))
    return made


@cache
def shipped() -> tuple[Version, ...]:
    """Every version that ships, all topics."""
    return tuple(
        version for topic in TOPICS for version in load((SHIPPED / f"{topic}.toml").read_text("utf-8"), topic)
    )


@cache
def title_of(topic: str) -> str:
    """What the topic is called, as its shipped file says. Raises ``KeyError`` for an unknown topic."""
    TOPICS[topic]
    return str(tomllib.loads((SHIPPED / f"{topic}.toml").read_text("utf-8"))["title"])


@dataclass(frozen=True)
class PolicyBook:
    """All released versions; answers which one is in force."""

    versions: tuple[Version, ...]

    @classmethod
    def of(cls, more: Iterable[Version] = ()) -> "PolicyBook":
        return cls((*shipped(), *more))

    def on(self, topic: str, division: str, day: date) -> Version:
        """The version of ``topic`` that binds ``division`` on ``day``: its own where it has one, else its parent's.

        Raises ``PolicyError`` when none is in force, ``KeyError`` for an unknown topic.
        """
        TOPICS[topic]
        bound = [v for v in self.versions if v.topic == topic and v.since <= day and contains(v.division, division)]
        if not bound:
            raise PolicyError(f"{day.isoformat()} 没有生效的「{topic}」政策，不能据此办理。")
        return max(bound, key=lambda v: (len(v.division), v.since))

    def find(self, key: str) -> Version:
        """The version that a row stored. Raises ``KeyError`` when there is none of that key."""
        for version in self.versions:
            if version.key == key:
                return version
        raise KeyError(key)
