"""时长 of a service team (方案 二(4)): posted minutes of its activities by people who were members on the day.

All sums are statements over the service records, so they agree with the records' ledger; each opens to its rows.
"""

from dataclasses import dataclass

from peewee import SQL, ModelSelect, fn

from models.activities import Activity
from models.records import ServiceRecord
from models.teams import TeamMember

POSTED = ServiceRecord.state == "posted"
MINUTES = fn.COALESCE(fn.SUM(ServiceRecord.minutes), 0)
MONTH = fn.SUBSTR(
    Activity.day.cast("TEXT"), SQL("1"), SQL("7")
)  # "2026-03" on both databases; no parameters: grouped by
MEMBER_ON_THE_DAY = (
    (TeamMember.team == Activity.team)
    & (TeamMember.volunteer == ServiceRecord.volunteer)
    & (TeamMember.joined_on <= Activity.day)
    & (TeamMember.left_on.is_null() | (TeamMember.left_on >= Activity.day))
)


@dataclass(frozen=True)
class Month:
    """What a team did in one month, "2026-03"."""

    month: str
    activities: int
    people: int
    minutes: int


@dataclass(frozen=True)
class Sums:
    """A team's minutes in all, and those at its activities by people who were no members on the day."""

    minutes: int
    people: int
    others: int


def records(*chosen) -> ModelSelect:
    """The posted records that count for a team, of every team; narrow by `Activity.team` or `TeamMember`."""
    return (
        ServiceRecord.select(*chosen)
        .join(Activity)
        .join_from(ServiceRecord, TeamMember, on=MEMBER_ON_THE_DAY)
        .where(POSTED)
    )


def by_team(team_ids: list[int]) -> dict[int, int]:
    """team -> minutes, in one statement."""
    rows = records(Activity.team, MINUTES).where(Activity.team.in_(team_ids)).group_by(Activity.team)
    return dict(rows.tuples())


def by_member(member_ids: list[int]) -> dict[int, int]:
    """member's row -> minutes of that time in the team, in one statement."""
    rows = records(TeamMember.id, MINUTES).where(TeamMember.id.in_(member_ids)).group_by(TeamMember.id)
    return dict(rows.tuples())


def by_month(team_id: int, months: int = 12) -> list[Month]:
    """The last months in which the team did something, newest first."""
    rows = (
        records(MONTH, fn.COUNT(Activity.id.distinct()), fn.COUNT(ServiceRecord.volunteer.distinct()), MINUTES)
        .where(Activity.team == team_id)
        .group_by(MONTH)
        .order_by(MONTH.desc())
        .limit(months)
    )
    return [Month(*row) for row in rows.tuples()]


def sums(team_id: int) -> Sums:
    """What counts for the team, and what was served at its activities by others: together the records' ledger."""
    minutes, people = (
        records(MINUTES, fn.COUNT(ServiceRecord.volunteer.distinct()))
        .where(Activity.team == team_id)
        .scalar(as_tuple=True)
    )
    whole = ServiceRecord.select(MINUTES).join(Activity).where(POSTED, Activity.team == team_id).scalar()
    return Sums(minutes, people, whole - minutes)


def of_member() -> ModelSelect:
    """A member's minutes beside the member's own row: for ledgers and lists."""
    return ServiceRecord.select(MINUTES).join(Activity).where(POSTED, MEMBER_ON_THE_DAY)
