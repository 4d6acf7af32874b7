"""A volunteer signed in as herself, for tests of what she does on her own pages."""

from datetime import time, timedelta

from cast import Cast
from models import clock
from models.assignments import Assignment
from models.keying import key_in
from models.people import open_for
from models.records import ServiceRecord, move_all
from models.rosters import assign
from models.scope import Actor
from models.volunteers import Volunteer


def as_herself(cast: Cast, person: Volunteer) -> Actor:
    """The volunteer as she acts on her own pages; her account is opened by the head of her station."""
    return open_for(person.id, cast.head if person.station_id == cast.a.id else cast.head_b).actor()


def noticed(cast: Cast, person: Volunteer, days_ago: int = 1) -> ServiceRecord:
    """A record of two hours that hangs out today."""
    activity = cast.activity(clock.today() - timedelta(days=days_ago))
    (row,) = key_in([cast.draft(person, activity)], cast.recorder)
    for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all([row.id], move, by)
    return ServiceRecord.get_by_id(row.id)


def everybody_else(cast: Cast, other: Volunteer) -> list[Actor]:
    """Everyone but the volunteer herself: the desk, those above it, and another volunteer."""
    desk = [cast.recorder, cast.head, cast.deputy, cast.head_b, cast.recorder_b, cast.county, cast.prefecture]
    return [*desk, cast.province, cast.auditor, cast.admin, cast.volunteer, as_herself(cast, other)]


def turn_to_come(cast: Cast, person: Volunteer) -> Assignment:
    """Her turn tomorrow from nine to eleven."""
    activity = cast.activity(clock.today() + timedelta(days=1), starts_at=time(9), ends_at=time(11))
    return assign(activity.id, [person.id], cast.recorder)[0]
