"""How a test comes by a kiosk and presses at it: at any hour of a past day, by a device whose clock may stand elsewhere."""

from datetime import datetime, timedelta
from itertools import count

from turns import occasion, rostered

from cast import Cast, at
from models import clock, kiosks, presence
from models.activities import Activity
from models.assignments import Assignment, midnight
from models.kiosks import Kiosk
from models.presence import Answer, Sent
from models.rosters import assign
from models.volunteers import Volunteer

_numbers = count(1)


def number() -> str:
    """A press's own number."""
    return f"{next(_numbers):032x}"


def there(cast: Cast, *names: str, **more) -> tuple[Activity, list[Assignment]]:
    """Yesterday's activity from nine to eleven and the turns of these people."""
    activity = occasion(cast, **more)
    return activity, rostered(cast, activity, *[cast.registered(name) for name in names or ("李明",)])


def opened(cast: Cast, activity: Activity, hhmm: str = "08:30", by=None) -> Kiosk:
    """A kiosk opened with its code at that hour."""
    with clock.past(at(activity.day, hhmm)):
        return kiosks.open_with(kiosks.offer(activity.id, by or cast.recorder)[1], "192.0.2.7")[0]


def sent(turn: Assignment | str, into: bool, when: datetime, key: str = "", off: tuple[int | None, ...] = (0, 0)) -> Sent:
    card = turn if isinstance(turn, str) else Volunteer.get_by_id(turn.volunteer_id).card_no
    return Sent(key or number(), card, into, when, off)


def press(kiosk: Kiosk, turn: Assignment | str, into: bool, hhmm: str, *, arrives: str = "", **more) -> Answer:
    """One press at that hour of the kiosk's day, which arrives then or at another hour."""
    day = kiosk.activity.day
    with clock.past(at(day, arrives or hhmm)):
        return presence.from_kiosk(kiosk, [sent(turn, into, at(day, hhmm), **more)])[0]


def state_of(turn: Assignment) -> tuple[str, str, str]:
    """State, coming and going of a turn now."""
    row = Assignment.get_by_id(turn.id)
    return row.state, row.signed_in, row.signed_out


def going_on(cast: Cast, *names: str, by=None) -> tuple[Activity, list[Assignment]]:
    """An activity that goes on now, at whatever hour this runs, and the turns of these people, which take all of today."""
    activity = occasion(cast, clock.today(), "00:00", "23:59", **({"by": by} if by else {}))
    people = [cast.registered(name, **({"by": by} if by else {})) for name in names]
    with clock.past(midnight(activity.day)):
        turns = assign(activity.id, [one.id for one in people], by or cast.recorder, ends_at=at(activity.day, "08:00"))
    all_day = {"starts_at": midnight(activity.day), "ends_at": midnight(activity.day + timedelta(days=1))}
    Assignment.update(**all_day).where(Assignment.id.in_([turn.id for turn in turns])).execute()
    return activity, turns
