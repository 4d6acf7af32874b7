"""A turn at an activity and an insurance, of station A."""

from datetime import timedelta

from turns import occasion, rostered

from models import clock
from models.assignments import Assignment
from models.covers import Cover


def add(cast, keys) -> None:
    someone = cast.registered("周敏")
    (turn,) = rostered(cast, occasion(cast, clock.today() - timedelta(days=40)), someone)
    today = clock.today()
    cover = Cover.enter(
        cast.recorder, volunteer=someone.id, insurer="人保财险", policy_number="PICC2026000001", starts_on=today,
        ends_on=today + timedelta(days=365),
    )  # fmt: skip
    keys[Assignment], keys[Cover] = turn.id, cover.id
