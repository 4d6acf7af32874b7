"""A kiosk and a press that waits, of station A."""

from datetime import timedelta

from pressing import opened, press
from turns import occasion, rostered

from models import clock
from models.kiosks import Kiosk
from models.presence import Punch


def add(cast, keys) -> None:
    activity = occasion(cast, clock.today() - timedelta(days=41))
    (turn,) = rostered(cast, activity, cast.registered("沈志强"))
    kiosk = opened(cast, activity)
    press(kiosk, turn, True, "08:26", arrives="09:00", off=(1800, 1800))
    keys[Kiosk], keys[Punch] = kiosk.id, Punch.get(Punch.kiosk == kiosk.id).id
