"""招募注册 (方案 二(2)): what a document's number says as soon as it is typed, before anything is saved."""

from dataclasses import dataclass, field
from datetime import date

from models import clock
from models.moves import permit
from models.scope import Actor
from models.volunteers import Volunteer, document_kind, earlier_registration
from rules import identity
from rules.findings import Finding


@dataclass(frozen=True)
class Glance:
    """What is known of one number. ``here`` is the row at the asker's own station; ``elsewhere`` names another's."""

    birth_date: date | None = None
    gender: str = ""
    age: int | None = None
    here: Volunteer | None = None
    elsewhere: str = ""
    findings: list[Finding] = field(default_factory=list)


def glance(document_type: str, number: str, by: Actor, own: int | None = None) -> Glance:
    """Look at a number that is being typed. ``own`` is the row being amended, which is no twin of itself.

    Writes nothing. Raises ``Refusal`` for whoever may not register volunteers.
    """
    permit(by, "enter", "volunteers")
    kind, today = document_kind(document_type), clock.today()
    if kind is None or not number.strip():
        return Glance()
    findings = identity.check_document(kind, number, today)
    known = identity.facts(kind, number)
    if known is not None and known.birth_date > today:
        known = None
    twin = earlier_registration(kind, number)
    if twin is not None and twin.id == own:
        twin = None
    return Glance(
        birth_date=known.birth_date if known else None,
        gender=known.gender if known else "",
        age=identity.age_on(known.birth_date, today) if known else None,
        here=twin if twin and twin.station_id == by.station_id else None,
        elsewhere=twin.station.name if twin and twin.station_id != by.station_id else "",
        findings=findings,
    )
