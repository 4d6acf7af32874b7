"""对接 (方案 二(3)): the facts that a match is judged by, gathered for many people in a handful of statements.

At a station of ten thousand volunteers the database keeps the likeliest few hundred; those are judged exactly by
`rules.matching`, so that no rule stands twice.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import add, or_
from typing import Any

from peewee import JOIN, Case, Expression, ModelSelect, fn

from models import clock, policy
from models.activities import Activity
from models.applications import Application
from models.assignments import Assignment, missed_by
from models.covers import Cover, insured_on
from models.engagements import Times, Turn
from models.needs import Need
from models.projects import Post
from models.records import DEAD, ServiceRecord
from models.training import Backbone, Qualification, held_on
from models.vocabulary import Term
from models.volunteers import Volunteer
from rules.activities import TAKES_TIME
from rules.matching import COMMUNITY, COUNTY, STREET, Match, Person, Task, cells_of, is_holiday, match, ranked
from rules.rostering import ADULT, Ages, in_the_way, obstacles
from rules.topics import Roster
from rules.training import BACKBONE

POOL = 200  # people judged exactly
SHOWN = 20  # suggestions on a page
LOOKUP = 400  # people whose facts are read in one query
WORDS = ("skill", "qualification", "ethnicity", "language")
HAN = "01"  # of the vocabulary of peoples; being of the majority tells nothing
SERVED = ("present", "left")


@dataclass(frozen=True)
class Suggestion:
    """One volunteer who may take the turn, and how well she fits."""

    volunteer: int
    person: Person
    match: Match
    card_no: str = ""


@dataclass
class Ground:
    """One turn of one activity, for one need or none, and what its people are held against, read once."""

    activity: Activity
    need: Need | None
    task: Task
    rule: Roster
    version: str
    ages: Ages
    words: dict[str, dict[str, str]]
    known: dict[int, Person] = field(default_factory=dict)

    @classmethod
    def of(cls, activity: Activity, need: Need | None, starts_at: datetime, ends_at: datetime) -> "Ground":
        """Raises ``PolicyError`` where no policy is in force on the day."""
        station, day = activity.station, starts_at.date()
        division = str(station.division_id)
        book = policy.book(division=division)
        version = book.on("roster", division, day)
        holiday = is_holiday(day, policy.calendar_of(station).is_working(day))
        words = _words()
        posts = Post.select(Post.skills).where(Post.project == activity.project_id)
        skills = {code for post in posts for code in post.skills}
        task = Task(
            starts_at, ends_at, cells_of(starts_at, ends_at, holiday=holiday),
            skills={code: words["skill"].get(code, code) for code in sorted(skills)},
            category=activity.project.category,
            qualifications=_called(words["qualification"], activity.qualification),
            risky=bool(activity.risky), home_visit=bool(activity.home_visit), social_worker=activity.social_worker,
            place=division, **_for_whom(need, words),
        )  # fmt: skip
        able = book.on("eligibility", division, day).rule
        ages = Ages(able.guardian_below, able.accompanied_below)
        return cls(activity, need, task, version.rule, version.key, ages, words)

    def person(self, key: int, but: int | None = None) -> Person:
        """Facts of one volunteer; ``but`` is the turn that is being judged and so does not stand in its own way."""
        if key not in self.known:
            self.people([key], but)
        return self.known[key]

    def name(self, key: int) -> str:
        return self.known[key].name

    def people(self, keys: Iterable[int], but: int | None = None) -> dict[int, Person]:
        """Facts of these volunteers, `LOOKUP` at a time. A visitor of another station may serve here."""
        wanted = sorted(set(keys) - set(self.known))
        for at in range(0, len(wanted), LOOKUP):
            self.known |= self._facts(wanted[at : at + LOOKUP], but)
        return self.known

    def _facts(self, keys: list[int], but: int | None) -> dict[int, Person]:
        day = self.task.starts_at.date()
        turn = Turn(self.activity.id, self.activity.station_id, day, self.rule.load_days)
        times = Times.of(turn, keys, but)
        held, insured, missed = held_on(keys, day), insured_on(keys, day), missed_by(keys)
        visits, posts = self._visits(keys), self._posts(keys)
        found = {}
        for row in Volunteer.select(*FACTS).where(Volunteer.id.in_(keys)):
            post = posts.get(row.id)
            found[row.id] = Person(
                row.name, row.birth_date, row.state, row.guardian_name, row.consent_on, frozenset(row.skills),
                frozenset(row.categories), frozenset(row.service_times), str(row.residence_id or ""), row.ethnicity,
                languages=frozenset(row.languages), held=frozenset(held.get(row.id, ())), insured=row.id in insured,
                applied=(post.name or self.activity.project.name) if post else "",
                qualifications=_called(self.words["qualification"], post.qualification if post else ""),
                minimum_age=(post.minimum_age or 0) if post else 0,
                busy=tuple(times.busy.get(row.id, ())), here=tuple(times.here.get(row.id, ())),
                visits=visits.get(row.id, 0), recent_minutes=times.minutes.get(row.id, 0),
                recent_turns=times.turns.get(row.id, 0), missed=missed.get(row.id, 0),
            )  # fmt: skip
        return found

    def _visits(self, keys: Collection[int] | None = None) -> dict[int, int]:
        """How often each has served the same household, or the same recipient where there is no household."""
        if self.need is None:
            return {}
        same = Need.household == self.need.household_id
        if self.need.household_id is None:
            same = Need.recipient == self.need.recipient_id
        rows = (
            Assignment.select(Assignment.volunteer, fn.COUNT(1))
            .join(Need)
            .where(same, Assignment.state.in_(SERVED))
            .group_by(Assignment.volunteer)
        )
        return dict((rows.where(Assignment.volunteer.in_(keys)) if keys is not None else rows).tuples())

    def _posts(self, keys: list[int]) -> dict[int, Post]:
        """The post of this project that each was taken on for."""
        rows = (
            Application.select(Application.volunteer, Post)
            .join(Post)
            .where(Application.project == self.activity.project_id, Application.volunteer.in_(keys), TAKEN_ON)
        )
        return {row.volunteer_id: row.post for row in rows}

    # --- who might ---

    def suggestions(self) -> list[Suggestion]:
        """The best `SHOWN` of the station's own volunteers who may take the turn."""
        pool = self._pool()
        people = self.people(pool)
        able = [
            (key, people[key])
            for key in pool
            if not in_the_way(obstacles(people[key], self.task, self.rule, self.ages))
        ]
        best = ranked((key, match(person, self.task, self.rule)) for key, person in able)[:SHOWN]
        cards = dict(
            Volunteer.select(Volunteer.id, Volunteer.card_no).where(Volunteer.id.in_([k for k, _ in best])).tuples()
        )
        return [Suggestion(key, people[key], fits, cards.get(key) or "") for key, fits in best]

    def _pool(self) -> list[int]:
        """Keys of the likeliest, by what SQL can tell: who plainly may not is left out, the rest stands in rough order."""
        rule = self.rule
        since = datetime.combine(clock.today() - timedelta(days=rule.load_days), time())
        load = (
            ServiceRecord.select(ServiceRecord.volunteer, fn.SUM(ServiceRecord.minutes).alias("minutes"))
            .where(
                ServiceRecord.station == self.activity.station_id, ServiceRecord.started_at >= since,
                ServiceRecord.state.not_in(DEAD),
            )
            .group_by(ServiceRecord.volunteer)
        )  # fmt: skip
        rough = reduce(add, [_if(*term) for term in self._terms()])
        rested = _if(fn.COALESCE(load.c.minutes, 0) < rule.load_minutes // 2, rule.load_points)
        query = (
            Volunteer.select(Volunteer.id)
            .join(load, JOIN.LEFT_OUTER, on=(load.c.volunteer_id == Volunteer.id))
            .where(Volunteer.station == self.activity.station_id, Volunteer.state == "registered", *self._barriers())
            .order_by((rough + rested).desc(), fn.COALESCE(load.c.minutes, 0), Volunteer.id)
            .limit(POOL)
        )
        return [key for (key,) in query.tuples()]

    def _terms(self) -> list[tuple[Expression, int]]:
        """What a rough order rests on: a condition, and the points where it is met."""
        task, rule = self.task, self.rule
        found = [(Volunteer.service_times.has(cell), rule.time_points // len(task.cells)) for cell in task.cells]
        if task.skills:
            found.append((reduce(or_, [Volunteer.skills.has(code) for code in task.skills]), rule.skill_points))
        if task.category:
            found.append((Volunteer.categories.has(task.category), rule.skill_points // 2))
        for digits in (COMMUNITY, STREET, COUNTY):
            if len(task.place) >= digits:
                found.append((Volunteer.residence.startswith(task.place[:digits]), rule.near_points // 3))
        if task.ethnicity:
            found.append((Volunteer.ethnicity == task.ethnicity, rule.tongue_points // 2))
        for code in task.languages:
            found.append((Volunteer.languages.has(code), rule.tongue_points))
        taken_on = Application.select(Application.volunteer).where(
            Application.project == self.activity.project_id, TAKEN_ON
        )
        found.append((Volunteer.id.in_(taken_on), rule.applied_points))
        if visited := self._visits():
            found.append((Volunteer.id.in_(list(visited)), rule.known_points))
        return found

    def _barriers(self) -> list[Expression]:
        """Who may be asked at all: free at that time, of age, qualified and insured where that is asked for."""
        task, day = self.task, self.task.starts_at.date()
        busy = Assignment.select(Assignment.volunteer).where(
            Assignment.station == self.activity.station_id, Assignment.state.in_(TAKES_TIME),
            Assignment.starts_at < task.ends_at, Assignment.ends_at > task.starts_at,
        )  # fmt: skip
        wanted = [Volunteer.id.not_in(busy)]
        if task.risky:
            insured = Cover.select(Cover.volunteer).where(Cover.starts_on <= day, Cover.ends_on >= day)
            wanted += [Volunteer.id.in_(insured), Volunteer.birth_date <= _years_before(day, ADULT)]
        for code in task.qualifications:
            wanted.append(Volunteer.id.in_(_holders(code, day)))
        return wanted


FACTS = [
    Volunteer.id, Volunteer.name, Volunteer.birth_date, Volunteer.state, Volunteer.guardian_name, Volunteer.consent_on,
    Volunteer.skills, Volunteer.categories, Volunteer.service_times, Volunteer.residence, Volunteer.ethnicity,
    Volunteer.languages,
]  # fmt: skip
TAKEN_ON = Application.state == "accepted"


def _words() -> dict[str, dict[str, str]]:
    """The vocabularies that reasons are said in, in one statement."""
    found: dict[str, dict[str, str]] = {kind: {} for kind in WORDS}
    for kind, code, name in Term.select(Term.kind, Term.code, Term.name).where(Term.kind.in_(WORDS)).tuples():
        found[kind][code] = name
    return found


def _holders(code: str, day: date) -> ModelSelect:
    """Whoever may hold the qualification that day; `held_on` then says who does."""
    if code == BACKBONE:
        return Backbone.select(Backbone.volunteer).where(Backbone.since <= day)
    return Qualification.select(Qualification.volunteer).where(
        Qualification.kind == code, Qualification.granted_on <= day,
        Qualification.expires_on.is_null() | (Qualification.expires_on >= day),
    )  # fmt: skip


def _for_whom(need: Need | None, words: dict[str, dict[str, str]]) -> dict[str, Any]:
    """What the recipient of the need is, as far as a match looks at it."""
    whom = need.recipient if need is not None and need.recipient_id else None
    if whom is None:
        return {}
    people = whom.ethnicity if whom.ethnicity != HAN else ""
    return {
        "ethnicity": people, "ethnicity_name": words["ethnicity"].get(people, people),
        "languages": _called(words["language"], whom.language),
    }  # fmt: skip


def _called(words: dict[str, str], code: str | None) -> dict[str, str]:
    return {code: words.get(code, code)} if code else {}


def _if(condition: Expression, points: int) -> Case:
    return Case(None, [(condition, points)], 0)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return date(day.year - years, 2, 28)
