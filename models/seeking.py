"""发布信息、招募 (方案 二(2)、三(1)): what a resident looks for among the projects that recruit openly today."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time, timedelta

from peewee import Expression, ModelSelect

from models import clock
from models.activities import Activity
from models.applications import count_places
from models.places import lies_in
from models.projects import Post, Project
from models.publicity import hidden_words
from models.scope import EVERYTHING
from models.stations import Station
from rules.publicity import blanked

AHEAD = 56  # days in which a time of the week is looked for: eight times each
NEXT = 8  # activities of a project that its page names
PARTS = {"morning": "上午", "afternoon": "下午", "evening": "晚上"}
_SPANS = {"morning": (time(0), time(12)), "afternoon": (time(12), time(18)), "evening": (time(18), time(23, 59, 59))}


@dataclass(frozen=True)
class Wish:
    """What somebody looks for; a blank, or None, asks nothing. ``weekday`` counts from 0, Monday."""

    division: str = ""
    station: int | None = None
    category: str = ""
    skill: str = ""
    qualification: str = ""
    age: int | None = None  # years
    day: date | None = None
    weekday: int | None = None
    part: str = ""
    words: str = ""

    def condition(self) -> Expression:
        """As a condition on projects joined with their stations."""
        wanted = [self._where(), self._what(), self._when(), self._post()]
        met = EVERYTHING
        for one in wanted:
            met = met & one
        return met

    def _where(self) -> Expression:
        if self.station is not None:
            return Project.station == self.station
        return lies_in(self.division) if self.division else EVERYTHING

    def _what(self) -> Expression:
        met = Project.category == self.category if self.category else EVERYTHING
        if not self.words:
            return met
        if blanked(self.words, hidden_words()) != self.words:
            return Project.id.is_null()  # what nobody may read, nobody may feel for by searching
        said = [column.contains(self.words) for column in (Project.name, Project.place, Project.conditions)]
        return met & (said[0] | said[1] | said[2] | Station.name.contains(self.words))

    def _post(self) -> Expression:
        """One open post that suits in all that is asked."""
        if not (self.skill or self.qualification or self.age is not None):
            return EVERYTHING
        posts = Post.select(Post.project).where(Post.open)
        if self.skill:
            posts = posts.where(Post.skills.has(self.skill))
        if self.qualification:
            posts = posts.where(Post.qualification == self.qualification)
        if self.age is not None:
            posts = posts.where(Post.minimum_age.is_null() | (Post.minimum_age <= self.age))
        return Project.id.in_(posts)

    def _when(self) -> Expression:
        """A day lies within the project; a time of the week is that of an activity which is planned."""
        runs = EVERYTHING
        if self.day is not None:
            runs = (Project.starts_on <= self.day) & (Project.ends_on >= self.day)
        if self.weekday is None and not self.part:
            return runs
        today = clock.today()
        days = [today + timedelta(days=n) for n in range(AHEAD)] if self.day is None else [self.day]
        days = [day for day in days if self.weekday is None or day.weekday() == self.weekday]
        planned = Activity.select(Activity.project).where(Activity.state == "planned", Activity.day.in_(days))
        if self.part:
            first, last = _SPANS[self.part]
            planned = planned.where(Activity.starts_at >= first, Activity.starts_at < last)
        return runs & Project.id.in_(planned)


def open_to_all() -> ModelSelect:
    """Projects that anyone may join today, with their stations, those that begin or began last first."""
    openly = Project.select(Project, Station).join(Station).where(Project.recruits(), Project.recruiting == "open")
    return openly.order_by(Project.starts_on.desc(), Project.id.desc())


def recruiting(wish: Wish, page: int, size: int) -> list[Project]:
    """A page of the projects that suit, one more than it holds, each with its open posts in ``wanted``."""
    rows = list(open_to_all().where(wish.condition()).offset(page * size).limit(size + 1))
    with_posts(rows[:size])
    return rows


def with_posts(rows: Collection[Project]) -> None:
    """Set on each project its open posts, ``wanted``, with their places counted; two statements for all of them."""
    posts = list(Post.select().where(Post.project.in_([row.id for row in rows]), Post.open).order_by(Post.id)) if rows else []
    count_places(posts)
    for row in rows:
        row.wanted = [post for post in posts if post.project_id == row.id]


def coming(project: Project) -> list[Activity]:
    """The next activities of a project."""
    planned = Activity.select().where(
        Activity.project == project.id, Activity.state == "planned", Activity.day >= clock.today()
    )
    return list(planned.order_by(Activity.day, Activity.starts_at, Activity.id).limit(NEXT))
