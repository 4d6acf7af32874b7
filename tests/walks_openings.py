"""Walks through 期初工时, and through a star that was recognised before there was this program."""

from datetime import timedelta

from walks_stars import a_star

from models import clock
from models.openings import Opening
from walks import Walk


def opening(cast, volunteer=None, **more):
    """A line of A's opening list: 120 hours of the year past, of which 40 may still be exchanged."""
    said = {
        "honour_minutes": 120 * 60, "exchangeable_minutes": 40 * 60, "earned_on": clock.today() - timedelta(days=300),
        "until": clock.today() - timedelta(days=200), "source": "纸质台账", "evidence": "第 3 册第 7 页",
    } | more  # fmt: skip
    return Opening.enter(cast.recorder, volunteer=(volunteer or cast.registered()).id, **said)


def an_opening(cast):
    return Opening, opening(cast).id


WALKS = [
    Walk("openings", an_opening, "submit:recorder return:head submit:head post:head dispute:recorder keep:head "
                                 "dispute:recorder reverse:head"),
    Walk("openings", an_opening, "void:recorder"),
    Walk("stars", a_star, "claim:system vouch:head admit:county"),
    Walk("stars", a_star, "claim:system turn_down:head"),
]  # fmt: skip
