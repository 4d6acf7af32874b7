"""A team of station A with a member, and a unit of its county with an agreement."""

from datetime import timedelta

from models import clock
from models.households import Household
from models.pairing import PairedHousehold, Pairing
from models.teams import Team, TeamMember
from models.units import Unit
from models.volunteers import Volunteer


def a_team(cast, **more) -> Team:
    """A team of A that the recorder entered, on the list since the head approved it."""
    values = {
        "name": "翠湖夕阳红服务队", "kind": "own", "leader": "李队长", "phone": "13812345678",
        "since": clock.today() - timedelta(days=700), "categories": ["01"],
    } | more  # fmt: skip
    row = Team.enter(cast.recorder, **values)
    return Team.move(row.id, "approve", cast.head)


def a_unit(cast, by=None, **more) -> Unit:
    """A unit in A's street, entered by the county supervisor."""
    values = {
        "name": "五华区图书馆", "level": "prefecture", "division": "530102001", "contact_name": "何主任",
        "contact": "13912345678", "categories": ["01", "06"],
    } | more  # fmt: skip
    return Unit.enter(by or cast.county, **values)


def a_draft(cast, unit=None, **more) -> Pairing:
    """A draft agreement of A with the unit, entered by the recorder: three visits and six hours a quarter."""
    today = clock.today()
    values = {
        "unit": (unit or a_unit(cast)).id, "form": "several", "categories": ["01"],
        "starts_on": today - timedelta(days=400), "ends_on": today + timedelta(days=300), "promised_visits": 3,
        "promised_minutes": 360, "unit_person": "何主任", "station_person": "刘记录",
    } | more  # fmt: skip
    return Pairing.enter(cast.recorder, **values)


def a_pairing(cast, unit=None, **more) -> Pairing:
    """An agreement of A in force."""
    row = a_draft(cast, unit, **more)
    Pairing.move(row.id, "submit", cast.recorder)
    return Pairing.move(row.id, "approve", cast.head)


def add(cast, keys) -> None:
    team = a_team(cast)
    (member,) = TeamMember.admit(
        team.id, [Volunteer.get_by_id(keys[Volunteer]).card_no], clock.today(), cast.recorder
    )
    pairing = a_pairing(cast)
    paired = PairedHousehold.enter(cast.recorder, pairing=pairing.id, household=keys[Household], since=clock.today())
    keys |= {
        Team: team.id, TeamMember: member.id, Unit: pairing.unit_id, Pairing: pairing.id, PairedHousehold: paired.id,
    }  # fmt: skip
