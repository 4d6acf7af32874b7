"""志愿者、服务对象和活动项目的有效衔接 (方案 二(3)): the facts that a match is judged by, and who fits best.

Facts about a day (qualifications held, insurance in force) are those of the day of the turn, not of today.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from rules.records import Span
from rules.service_grid import DAYS, PARTS, show_service_grid
from rules.topics import Roster

NOON, EVENING = time(12), time(18)
COMMUNITY, STREET, COUNTY = 12, 9, 6  # digits of a division code
# How near somebody lives, as a share in percent of the points for it.
NEAR = ((COMMUNITY, 100, "同一社区"), (STREET, 60, "同一街道"), (COUNTY, 25, "同一县区"))


@dataclass(frozen=True)
class Task:
    """One turn to be filled. Codes carry their names, so that a reason can say them."""

    starts_at: datetime
    ends_at: datetime
    cells: frozenset[str] = frozenset()  # of the service grid
    skills: Mapping[str, str] = field(default_factory=dict)
    category: str = ""
    qualifications: Mapping[str, str] = field(default_factory=dict)
    risky: bool = False
    home_visit: bool = False
    social_worker: str = ""
    place: str = ""  # division code of the recipient, else of the station
    ethnicity: str = ""
    ethnicity_name: str = ""
    languages: Mapping[str, str] = field(default_factory=dict)  # that the recipient speaks

    @property
    def minutes(self) -> int:
        """Whole minutes from start to end."""
        return minutes_between(self.starts_at, self.ends_at)


@dataclass(frozen=True)
class Person:
    """What is known of a volunteer that bears on one turn. ``busy`` are her turns and records of that week, anywhere;
    another station's is called no more than that."""

    name: str
    birth_date: date
    state: str = "registered"
    guardian: str = ""
    consent_on: date | None = None
    skills: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    home: str = ""
    ethnicity: str = ""
    languages: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    insured: bool = False
    applied: str = ""  # the post that she was taken on for, in words
    qualifications: Mapping[str, str] = field(default_factory=dict)  # that this post asks for
    minimum_age: int = 0
    busy: tuple[Span, ...] = ()
    here: tuple[Span, ...] = ()  # those of ``busy`` at this same activity: shifts, between which no rest is asked
    visits: int = 0
    recent_minutes: int = 0
    recent_turns: int = 0
    missed: int = 0


@dataclass(frozen=True)
class Reason:
    """One short tag and the points it gives; a tag without points is said all the same."""

    tag: str
    points: int = 0


@dataclass(frozen=True)
class Match:
    """How well somebody fits, and why."""

    points: int
    reasons: tuple[Reason, ...]


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes; never negative."""
    return max(0, int((end - start).total_seconds() // 60))


def cells_of(starts_at: datetime, ends_at: datetime, *, holiday: bool) -> frozenset[str]:
    """Codes of the service grid that the stretch lies in: 上午 to 12:00, 下午 to 18:00, 晚上.

    ``holiday`` is a weekday that is not worked; a weekend is its own column. A stretch past midnight is read by its
    first day.
    """
    column = len(DAYS) - 1 if holiday else starts_at.weekday()
    start = starts_at.time()
    end = ends_at.time() if ends_at.date() == starts_at.date() else time.max
    touched = (start < NOON, start < EVENING and end > NOON, end > EVENING)
    return frozenset(f"{column * len(PARTS) + n + 1:02d}" for n, here in enumerate(touched) if here)


def is_holiday(day: date, works: bool) -> bool:
    """Whether a day that is (not) worked is the grid's 节假日: a weekday off."""
    return not works and day.weekday() < 5


def hours(minutes: int) -> str:
    """Minutes as a person reads hours: 2, or 2.50."""
    return f"{minutes / 60:g}" if minutes % 60 == 0 else f"{minutes / 60:.2f}"


def match(person: Person, task: Task, rule: Roster) -> Match:
    """Points and the tags that explain them; more of a good reason never gives fewer points."""
    reasons = [
        *_by_skill(person, task, rule),
        *_by_post(person, rule),
        *_by_time(person, task, rule),
        *_by_distance(person, task, rule),
        *_by_tongue(person, task, rule),
        *_by_acquaintance(person, rule),
        _by_load(person, rule),
        *_by_absence(person, rule),
    ]
    return Match(max(0, sum(reason.points for reason in reasons)), tuple(reasons))


def _by_skill(person: Person, task: Task, rule: Roster) -> list[Reason]:
    """The whole of the points for all the skills asked for, a part for some; half for the category of service alone."""
    shared = [name for code, name in task.skills.items() if code in person.skills]
    willing = bool(task.category) and task.category in person.categories
    half = rule.skill_points // 2
    points = half + (rule.skill_points - half) * len(shared) // len(task.skills) if shared else half * willing
    found = [Reason(f"会{'、'.join(shared)}", points)] if shared else []
    if willing:
        found.append(Reason("服务类别相符", 0 if shared else points))
    return found


def _by_post(person: Person, rule: Roster) -> list[Reason]:
    return [Reason(f"已录用：{person.applied}", rule.applied_points)] if person.applied else []


def _by_time(person: Person, task: Task, rule: Roster) -> list[Reason]:
    if not person.free or not task.cells:
        return [Reason("未登记服务时间")]
    shared = sorted(task.cells & person.free)
    if not shared:
        return [Reason(f"{show_service_grid(sorted(task.cells))}未登记有空")]
    return [Reason(f"{show_service_grid(shared)}有空", rule.time_points * len(shared) // len(task.cells))]


def _by_distance(person: Person, task: Task, rule: Roster) -> list[Reason]:
    for digits, share, says in NEAR:
        if len(task.place) >= digits and person.home[:digits] == task.place[:digits]:
            return [Reason(says, rule.near_points * share // 100)]
    return []


def _by_tongue(person: Person, task: Task, rule: Roster) -> list[Reason]:
    """All of the points for a shared language, half for the same people: not everybody of it speaks it."""
    spoken = [name for code, name in task.languages.items() if code in person.languages]
    if spoken:
        return [Reason(f"会说{'、'.join(spoken)}", rule.tongue_points)]
    if task.ethnicity and task.ethnicity == person.ethnicity:
        return [Reason(f"同为{task.ethnicity_name}", rule.tongue_points // 2)]
    return []


def _by_acquaintance(person: Person, rule: Roster) -> list[Reason]:
    return [Reason(f"服务过这家 {person.visits} 次", rule.known_points)] if person.visits else []


def _by_load(person: Person, rule: Roster) -> Reason:
    """Whoever did little of late comes first, so that the work is shared."""
    says = f"近 {rule.load_days} 天 {person.recent_turns} 次 {hours(person.recent_minutes)} 小时"
    left = max(0, rule.load_minutes - person.recent_minutes)
    return Reason(says, rule.load_points * left // rule.load_minutes)


def _by_absence(person: Person, rule: Roster) -> list[Reason]:
    return [Reason(f"未到岗 {person.missed} 次", -rule.missed_points * person.missed)] if person.missed else []


def ranked(matches: Iterable[tuple[int, Match]]) -> list[tuple[int, Match]]:
    """Best first; among equals the lower key, so that two looks show the same order."""
    return sorted(matches, key=lambda pair: (-pair[1].points, pair[0]))
