"""Whom a post may take (条例 arts. 15, 16): what is known of the people, gathered for many applications at once."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from peewee import JOIN

from models import clock
from models.projects import Post, Project
from models.teams import Team, TeamMember
from models.training import held_on
from models.vocabulary import Term
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.projects import Candidate, Wanted, unfit

if TYPE_CHECKING:
    from models.applications import Application


def judge(rows: Sequence["Application"]) -> dict[int | None, list[Finding]]:
    """What keeps each person from the post applied for, today, by the application's key; a handful of statements
    however many they are."""
    today = clock.today()
    wanted = Post.select(Post, Project, Team).join(Project).join(Team, JOIN.LEFT_OUTER)
    posts = {post.id: post for post in wanted.where(Post.id.in_({row.post_id for row in rows}))}
    people = {row.volunteer_id for row in rows}
    columns = Volunteer.name, Volunteer.state, Volunteer.birth_date, Volunteer.skills
    known = {row.id: row for row in Volunteer.select(Volunteer.id, *columns).where(Volunteer.id.in_(people))}
    held = held_on(people, today) if any(post.qualification for post in posts.values()) else {}
    teams = members({post.project.team_id for post in posts.values() if post.project.team_id}, people, today)
    names = _names(posts.values())
    found: dict[int | None, list[Finding]] = {}
    for row in rows:
        post, who = posts[row.post_id], known[row.volunteer_id]
        team = post.project.team if post.project.recruiting == "team" else None
        asked = Wanted(
            post.name, post.minimum_age, post.qualification, tuple(post.skills), team.name if team else ""
        )  # fmt: skip
        candidate = Candidate(
            who.name, who.state == "registered", who.state_label, who.age(today), frozenset(held.get(who.id, ())),
            frozenset(who.skills), bool(team) and (team.id, who.id) in teams,
        )  # fmt: skip
        found[row.id] = unfit(candidate, asked, names)
    return found


def members(teams: Collection[int], people: Collection[int], day: date) -> set[tuple[int, int]]:
    """(team, volunteer) for each of these people who belongs to one of these teams on that day."""
    if not teams:
        return set()
    rows = TeamMember.select(TeamMember.team, TeamMember.volunteer).where(
        TeamMember.team.in_(teams), TeamMember.volunteer.in_(people), TeamMember.state == "in",
        TeamMember.joined_on <= day,
    )  # fmt: skip
    return set(rows.tuples())


def _names(posts: Iterable[Post]) -> dict[tuple[str, str], str]:
    """The words of the codes that these posts ask for, by (kind, code)."""
    posts = list(posts)
    codes = {code for post in posts for code in (*post.skills, post.qualification) if code}
    if not codes:
        return {}
    rows = Term.select(Term.kind, Term.code, Term.name).where(
        Term.kind.in_(("skill", "qualification")), Term.code.in_(codes)
    )
    return {(kind, code): name for kind, code, name in rows.tuples()}
