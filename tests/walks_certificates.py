"""Walks through the life of a certificate of service."""

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


WALKS = [
    Walk("certificates", a_certificate, "accept:recorder issue:head later confirm:head revoke:head"),
    Walk("certificates", a_certificate, "accept:recorder refuse:head"),
]
