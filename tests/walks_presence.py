"""The life of a press that somebody must look at: counted with a reason, or not; and a turn that is taken up again."""

from datetime import timedelta

from pressing import number, opened, press, there

from models import clock
from models.assignments import Assignment, midnight
from models.presence import Punch
from walks import Walk


def a_held_press(cast):
    """Of a kiosk whose clock was half an hour slow."""
    activity, (turn,) = there(cast)
    press(opened(cast, activity), turn, True, "08:26", arrives="09:00", off=(1800, 1800))
    return Punch, Punch.get(Punch.state == "held").id


def a_dropped_press(cast):
    """Too early, and the lead counts it all the same."""
    activity, (turn,) = there(cast)
    press(opened(cast, activity, "07:00"), turn, True, "07:50", key=number())
    return Punch, Punch.get(Punch.state == "dropped").id


def a_turn_left_today(cast):
    """One that takes all of today, so that it goes on at whatever hour a test runs."""
    _, (turn,) = there(cast)
    begun = midnight(clock.today())
    Assignment.update(
        state="left", starts_at=begun, ends_at=midnight(clock.today() + timedelta(days=1)), came_at=begun, left_at=begun
    ).where(Assignment.id == turn.id).execute()
    return Assignment, turn.id


WALKS = [
    Walk("punches", a_held_press, "accept:head"),
    Walk("punches", a_held_press, "drop:recorder"),
    Walk("punches", a_dropped_press, "accept:recorder"),
    Walk("assignments", a_turn_left_today, "come_back:recorder"),
]  # fmt: skip
