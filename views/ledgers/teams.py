"""服务队台帐 (方案 二(4)): who was a member of which team from when to when, and her minutes for it."""

from peewee import ModelSelect

from models.stations import Station
from models.team_hours import of_member
from models.teams import Team, TeamMember
from models.volunteers import Volunteer
from views.ledgers.columns import CARD, NAME, STATION, Column, Ledger


def _members(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(TeamMember, Team)
        .join_from(TeamMember, Volunteer)
        .join_from(TeamMember, Station, on=(TeamMember.station == Station.id))
    )


TEAMS = Ledger(
    "teams", "服务队", "teams", TeamMember,
    (
        STATION,
        Column(Team.name, width=22, header="服务队", name="team"),
        Column(Team.kind, "choice", 20),
        Column(Team.organisation, width=22),
        Column(Team.uscc, width=20),
        Column(Team.leader, width=10),
        CARD,
        NAME,
        Column(TeamMember.duty, width=12),
        Column(TeamMember.joined_on, "date", 11),
        Column(TeamMember.left_on, "date", 11),
        Column(TeamMember.left_for, "long_text", 20),
        Column(of_member(), "hours", 12, header="为服务队服务时长", name="minutes", total=True),
        Column(TeamMember.state, "state", 9),
    ),
    _members, order=TeamMember.joined_on, day=TeamMember.joined_on, filters=("state", "team", "volunteer"),
)  # fmt: skip
