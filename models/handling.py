"""办理时限 (Order 67 arts. 11, 13, 20–22): the last day whose deadline of so many working days is already past."""

from datetime import date

from peewee import Expression, Value, fn

from models import clock, policy
from models.activities import Activity
from models.records import ServiceRecord
from models.scope import Actor
from models.stations import Station
from rules.working_days import WorkingCalendar


def last_overdue(limit: str, by: Actor) -> date:
    """What happened on this day or before is overdue by the policy ``handling``'s parameter ``limit``.

    A desk counts by its own prefecture's calendar, whoever answers for several by the national one.
    """
    days: int = getattr(policy.for_actor("handling", by).rule, limit)
    calendar = policy.calendar_of(Station.get_by_id(by.station_id)) if by.station_id else WorkingCalendar()
    return calendar.overdue(clock.today(), days)


def unkeyed(by: Actor) -> Expression:
    """超期未录: activities that took place and of which, past the limit, nobody's service has been keyed."""
    keyed = ServiceRecord.select(Value(1)).where(ServiceRecord.activity == Activity.id, ServiceRecord.state != "void")
    return (Activity.state == "held") & (Activity.day <= last_overdue("keying_days", by)) & ~fn.EXISTS(keyed)
