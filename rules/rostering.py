"""合理安排服务时间和服务任务 (方案 二(3)): who may take a turn, and what would make able whoever may not."""

from dataclasses import dataclass
from datetime import date, timedelta

from rules.findings import Finding
from rules.identity import age_on
from rules.matching import Person, Task, hours, minutes_between
from rules.records import Span, by_day, minutes_on, moment
from rules.topics import Roster

ADULT = 18  # years; 民法典第十七条


@dataclass(frozen=True)
class Obstacle:
    """Why somebody may not take the turn, and what would make her able to."""

    where: str
    why: str
    remedy: str
    warning: bool = False

    def finding(self, name: str = "") -> Finding:
        """In one line, for a form; ``name`` says who where several are judged."""
        says = f"{self.why}；{self.remedy}。"
        return Finding(self.where, f"{name}：{says}" if name else says, self.warning)


UNBORN = Obstacle("volunteer", "活动日期早于这位志愿者的出生日期", "核对这两个日期")  # a slip in one of them


@dataclass(frozen=True)
class Ages:
    """Below which ages what is asked, in years on the day of the activity: a guardian's consent, and her company."""

    guardian_below: int = ADULT
    accompanied_below: int = 0


def obstacles(person: Person, task: Task, rule: Roster, ages: Ages = Ages()) -> list[Obstacle]:
    """All that stands in the way of this person's taking this turn, none left for later. Ages are those of the day.

    That a child comes with her guardian is said beforehand and asked at the door (`bars`).
    """
    day = task.starts_at.date()
    company = unaccompanied(person.birth_date, day, ages.accompanied_below, "签到时") if day >= person.birth_date else []
    return [*bars(person, task, rule, ages), *company, *clashes(person, task), *_rest(person, task, rule)]


def in_the_way(found: list[Obstacle]) -> list[Obstacle]:
    """Those of them that keep her from the turn; what is only said beforehand left out."""
    return [one for one in found if not one.warning]


def unaccompanied(birth: date, day: date, below: int, where: str) -> list[Obstacle]:
    """The warning that somebody of this age takes part only in her guardian's company (民法典第二十条; 个人信息保护法
    第三十一条); ``where`` says at which place that one is named. A day before the birth is refused."""
    if day < birth:
        return [UNBORN]
    years = age_on(birth, day)
    if years >= below:
        return []
    why = f"活动当天 {years} 周岁，未满 {below} 周岁须监护人陪同"
    return [Obstacle("companion", why, f"{where}写明陪同的监护人", warning=True)]


def bars(person: Person, task: Task, rule: Roster, ages: Ages = Ages()) -> list[Obstacle]:
    """What the law and the activity itself ask of whoever takes part: judged at rostering, and again at the door."""
    return [
        *_registered(person),
        *_age(person, task, ages.guardian_below),
        *_qualified(person, task),
        *_insured(person, task),
        *_led(task, rule),
    ]


def _registered(person: Person) -> list[Obstacle]:
    if person.state == "suspended":
        return [Obstacle("volunteer", f"{person.name} 已停用", "由站长恢复后可以排班")]
    if person.state != "registered":
        return [Obstacle("volunteer", f"{person.name} 还没有审核注册", "站长审核通过后可以排班")]
    return []


def _age(person: Person, task: Task, guardian_below: int) -> list[Obstacle]:
    day = task.starts_at.date()
    if day < person.birth_date:
        return [UNBORN]
    years, found = age_on(person.birth_date, day), []
    if years < ADULT and task.risky:
        found.append(Obstacle("volunteer", f"活动当天 {years} 周岁，未成年人不参加有人身危险的活动",
                              f"{_birthday(person.birth_date, ADULT)} 满 {ADULT} 周岁后可以"))  # fmt: skip
    if years < guardian_below and not (person.guardian and person.consent_on and person.consent_on <= day):
        found.append(Obstacle("volunteer", f"活动当天 {years} 周岁，没有监护人同意",
                              "登记监护人和签字同意的日期后可以"))  # fmt: skip
    if years < person.minimum_age:
        found.append(Obstacle("volunteer", f"活动当天 {years} 周岁，岗位要求满 {person.minimum_age} 周岁",
                              f"{_birthday(person.birth_date, person.minimum_age)} 以后可以"))  # fmt: skip
    return found


def _birthday(birth: date, years: int) -> date:
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:  # 29 February
        return date(birth.year + years, 3, 1)


def _qualified(person: Person, task: Task) -> list[Obstacle]:
    """条例第十六条: whoever does what the law wants qualified people for holds the qualification on the day."""
    wanted = {**task.qualifications, **person.qualifications}
    return [
        Obstacle("volunteer", f"活动当天没有「{name}」资格", f"取得「{name}」或续期并登记后可以")
        for code, name in wanted.items()
        if code not in person.held
    ]


def _insured(person: Person, task: Task) -> list[Obstacle]:
    """条例第十七条: before work that may endanger, an accident insurance is bought."""
    if task.risky and not person.insured:
        return [Obstacle("volunteer", "活动有人身危险，当天没有在保的人身意外伤害保险",
                         "办好保险并登记到「保险」后可以")]  # fmt: skip
    return []


def _led(task: Task, rule: Roster) -> list[Obstacle]:
    """方案 二(4): 社会工作者带志愿者."""
    if rule.social_worker and not task.social_worker.strip():
        return [Obstacle("activity", "活动还没有带队社工", "在活动里填写「带队社工」后可以排班")]
    return []


def company(task: Task, people: int, rule: Roster) -> list[Obstacle]:
    """What a home visit still lacks when so many people are rostered for it."""
    if not task.home_visit or people >= rule.visitors:
        return []
    short = rule.visitors - people
    return [Obstacle("volunteer", f"入户须至少 {rule.visitors} 人同行，现在排了 {people} 人", f"再排 {short} 人")]


def clashes(person: Person, task: Task) -> list[Obstacle]:
    """Turns and records that share time with this one; touching ends do not."""
    return [
        Obstacle("starts_at", f"与 {span.called} {_stretch(span)} 时间重叠", "换一个时间，或先取消那一次")
        for span in person.busy
        if span.overlaps(task.starts_at, task.ends_at)
    ]


def _stretch(span: Span) -> str:
    return f"{moment(span.started_at)}–{span.ended_at:%H:%M}"


def _rest(person: Person, task: Task, rule: Roster) -> list[Obstacle]:
    """Nobody is worn out: a pause between two turns, and a most for the day and the week (合理安排服务时间)."""
    found = []
    for span in person.busy:
        pause = _pause(span, task)
        if pause is not None and pause < rule.gap_minutes and span not in person.here:
            found.append(Obstacle("starts_at", f"与 {span.called} {_stretch(span)} 只隔 {pause} 分钟",
                                  f"至少间隔 {rule.gap_minutes} 分钟，换一个时间"))  # fmt: skip
    monday = week_of(task.starts_at.date())
    for on, minutes in by_day(task.starts_at, task.ends_at, task.minutes).items():
        today = minutes_on(on, person.busy) + minutes
        if today > rule.daily_minutes:
            found.append(Obstacle("ends_at", f"{on} 合计 {hours(today)} 小时", _most("每天", rule.daily_minutes)))
            break
    week = sum(s.minutes for s in person.busy if week_of(s.started_at.date()) == monday) + task.minutes
    if week > rule.weekly_minutes:
        found.append(
            Obstacle("ends_at", f"{monday} 起一周合计 {hours(week)} 小时", _most("每周", rule.weekly_minutes))
        )
    return found


def _pause(span: Span, task: Task) -> int | None:
    """Minutes between the two; none where they share time."""
    if span.overlaps(task.starts_at, task.ends_at):
        return None
    if span.ended_at <= task.starts_at:
        return minutes_between(span.ended_at, task.starts_at)
    return minutes_between(task.ends_at, span.started_at)


def _most(whole: str, minutes: int) -> str:
    return f"{whole}最多 {hours(minutes)} 小时，换一天或缩短时间"


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())
