"""Walks through the lives of a team, its members, and an agreement with a unit."""

from datetime import timedelta

from world_teams import a_draft, a_team

from models import clock
from models.pairing import Pairing
from models.teams import Team, TeamMember
from walks import Walk


def an_entered_team(cast):
    row = Team.enter(
        cast.recorder, name="翠湖夕阳红服务队", kind="own", leader="李队长", phone="13812345678",
        since=clock.today(), categories=["01"],
    )  # fmt: skip
    return Team, row.id


def a_member(cast):
    person = cast.registered("李明")
    return TeamMember, TeamMember.admit(a_team(cast).id, [person.card_no], clock.today(), cast.recorder)[0].id


def a_running_agreement(cast):
    return Pairing, a_draft(cast).id


def one_that_runs_out(cast):
    """Its last day is past before the walk gets to it."""
    return Pairing, a_draft(cast, ends_on=clock.today() - timedelta(days=1)).id


WALKS = [
    Walk("teams", an_entered_team, "return:head resubmit:recorder approve:head stop:head resume:head"),
    Walk("team_members", a_member, "leave:recorder"),
    Walk("pairings", a_running_agreement, "submit:recorder return:head submit:recorder approve:head end:head"),
    Walk("pairings", one_that_runs_out, "submit:recorder approve:head expire:system"),
]
