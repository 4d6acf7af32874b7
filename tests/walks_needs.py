"""Walks through the life of a need."""

from typing import Any

from served import COMPLETE, RATE, VERIFY, need

from models import clock
from models.activities import Activity
from models.needs import Need
from walks import Walk

_DISPATCH: dict[str, Any] = {}
DETAILS = {"verify": VERIFY, "dispatch": _DISPATCH, "complete": COMPLETE, "rate": RATE}


def a_need(cast):
    activity = cast.activity(clock.today())
    Activity.move(activity.id, "hold", cast.recorder)
    _DISPATCH["project"] = activity.project_id
    return Need, need(cast.recorder).id


WALKS = [
    Walk("needs", a_need, "verify:head dispatch:recorder serve:recorder complete:recorder rate:recorder", DETAILS),
    Walk(
        "needs",
        a_need,
        "verify:head dispatch:head redispatch:head dispatch:head serve:head redispatch:recorder",
        DETAILS,
    ),
    Walk("needs", a_need, "verify:deputy refuse:head", DETAILS),
    Walk("needs", a_need, "refuse:head"),
]
