"""The life of a turn: asked, come and gone; or missed; or called off."""

from datetime import date, datetime, time, timedelta

from turns import occasion, rostered

from models import clock
from models.assignments import Assignment
from walks import Walk


def a_turn(cast):
    """Of the day of `CAME`, though midnight may have passed since: whoever signs in now says when that was."""
    (row,) = rostered(cast, occasion(cast, CAME.date()), cast.registered())
    return Assignment, row.id


def a_turn_to_come(cast):
    tomorrow = clock.today() + timedelta(days=1)
    activity = cast.activity(tomorrow)
    row = Assignment.enter(
        cast.recorder, activity=activity.id, volunteer=cast.registered().id,
        starts_at=datetime.combine(tomorrow, time(9)), ends_at=datetime.combine(tomorrow, time(11)),
    )  # fmt: skip
    return Assignment, row.id


CAME = datetime.combine(date.today() - timedelta(days=1), time(9, 5))

WALKS = [
    Walk("assignments", a_turn, "sign_in:recorder sign_out:head",
         {"sign_in": {"came_at": CAME}, "sign_out": {"left_at": CAME + timedelta(hours=2)}}),
    Walk("assignments", a_turn, "miss:recorder"),
    Walk("assignments", a_turn_to_come, "confirm:recorder cancel:head"),
]  # fmt: skip
