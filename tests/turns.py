"""How a test comes by a turn at an activity: held in the past, where the demo clock can stand still at any hour."""

from datetime import date, time, timedelta

from cast import Cast, at
from models import clock
from models.activities import Activity
from models.assignments import Assignment
from models.rosters import assign
from models.volunteers import Volunteer


def yesterday() -> date:
    return clock.today() - timedelta(days=1)


def occasion(cast: Cast, day: date | None = None, start="09:00", end="11:00", **more) -> Activity:
    """An activity with hours, yesterday where no day is given."""
    return cast.activity(
        day or yesterday(), starts_at=time.fromisoformat(start), ends_at=time.fromisoformat(end), **more
    )


def rostered(cast: Cast, activity: Activity, *people: Volunteer, by=None, **more) -> list[Assignment]:
    """Turns entered at eight in the morning of the activity's day."""
    with clock.past(at(activity.day, "08:00")):
        return assign(activity.id, [one.id for one in people], by or cast.recorder, **more)


def moved(turn: Assignment, name: str, hhmm: str, by, reason: str = "", **more) -> Assignment:
    """One move at that hour of the turn's day."""
    with clock.past(at(turn.starts_at.date(), hhmm)):
        return Assignment.move(turn.id, name, by, reason, **more)
