"""Walks through the life of a certificate of service."""

from datetime import timedelta

from models import clock
from models.certificates import Certificate
from walks import Walk


def asked(cast, person=None, minutes: int = 240, by=None, **more) -> Certificate:
    """An application of somebody with so much posted service."""
    if person is None:
        person = cast.registered()
        cast.posted(person, minutes=minutes)
    return Certificate.enter(by or cast.recorder, **{"volunteer": person.id, "purpose": "study"} | more)


def a_certificate(cast):
    return Certificate, asked(cast).id


def one_of_before(cast):
    person, today = cast.registered(), clock.today()
    said = {
        "volunteer": person.id, "paper_no": f"纸{person.id}", "purpose": "study", "minutes": 600, "issuer": "老站",
        "first_day": today - timedelta(days=400), "last_day": today - timedelta(days=300),
        "issued_on": today - timedelta(days=299), "handler": "张三", "in_charge": "王五",
    }  # fmt: skip
    row = Certificate(**said, station=person.station_id, origin="earlier")
    row.store_new(cast.recorder)
    return Certificate, row.id


WALKS = [
    Walk("certificates", one_of_before, "claim:system vouch:head"),
    Walk("certificates", one_of_before, "claim:system turn_down:head"),
    Walk("certificates", a_certificate, "accept:recorder issue:head later confirm:head revoke:head"),
    Walk("certificates", a_certificate, "accept:recorder refuse:head"),
]
