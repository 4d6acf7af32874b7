"""等我办的 (方案 二(2)(3)): what waits for a volunteer herself, counted for her first page."""

from dataclasses import dataclass
from datetime import timedelta

from peewee import fn

from models import clock, hanging
from models.applications import Application
from models.assignments import Assignment, midnight
from models.certificates import Certificate
from models.corrections import Correction
from models.records import ServiceRecord
from models.rewards import Redemption

DAYS = 14  # how far ahead turns are told


@dataclass(frozen=True)
class Waits:
    """How many rows of one kind want something of her, or are news to her."""

    kind: str
    count: int


def waits(volunteer: int) -> list[Waits]:
    """Everything that waits for her, in the order in which it presses; one small count each, none where nothing does."""
    today, now = clock.today(), clock.now()
    mine = ServiceRecord.select(ServiceRecord.id).where(ServiceRecord.volunteer == volunteer)
    soon = Assignment.starts_at.between(now, midnight(today + timedelta(days=DAYS)))
    counted = {
        "offers": Application.select().where(
            Application.volunteer == volunteer, Application.state == "offered", Application.offer_until >= now
        ),
        "turns": Assignment.select().where(Assignment.volunteer == volunteer, Assignment.state == "rostered", soon),
        "fetch": Redemption.select().where(Redemption.volunteer == volunteer, Redemption.state == "reserved"),
        "decided": Correction.select().where(
            Correction.record.in_(mine), Correction.state.in_(("approved", "refused", "told")),
            Correction.decided_on >= today - timedelta(days=DAYS),
        ),
        "certificates": Certificate.select().where(
            Certificate.volunteer == volunteer, Certificate.state == "valid",
            Certificate.valid_on >= today - timedelta(days=DAYS),
        ),
    }  # fmt: skip
    found = [Waits(kind, rows.select(fn.COUNT(1)).scalar()) for kind, rows in counted.items()]
    found.append(Waits("noticed", hanging.count(volunteer)))
    return [one for one in found if one.count]
