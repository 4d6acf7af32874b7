"""招募注册 (方案 二(2)) before anything is saved: what one number says as it is typed, and what many rows become."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from models import clock
from models.moves import permit
from models.scope import Actor
from models.stations import Station
from models.vocabulary import all_codes
from models.volunteers import Ground, Volunteer, document_kind, earlier_registration
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


def told_by(document_type: str, number: str) -> Glance:
    """What a number says of itself, to anybody: form, check digit, birth date, gender. Nobody is looked for."""
    kind, today = document_kind(document_type), clock.today()
    if kind is None or not number.strip():
        return Glance()
    known = identity.facts(kind, number)
    if known is not None and known.birth_date > today:
        known = None
    return Glance(
        birth_date=known.birth_date if known else None,
        gender=known.gender if known else "",
        age=identity.age_on(known.birth_date, today) if known else None,
        findings=identity.check_document(kind, number, today),
    )


def glance(document_type: str, number: str, by: Actor, own: int | None = None) -> Glance:
    """Look at a number that is being typed. ``own`` is the row being amended, which is no twin of itself.

    Writes nothing. Raises ``Refusal`` for whoever may not register volunteers.
    """
    permit(by, "enter", "volunteers")
    kind = document_kind(document_type)
    if kind is None or not number.strip():
        return Glance()
    twin = earlier_registration(kind, number)
    if twin is not None and twin.id == own:
        twin = None
    return replace(
        told_by(document_type, number),
        here=twin if twin and twin.station_id == by.station_id else None,
        elsewhere=twin.station.name if twin and twin.station_id != by.station_id else "",
    )


@dataclass(frozen=True)
class Judged:
    """One registration as it would stand; ``changed`` are its columns that differ from what is stored."""

    row: Volunteer
    findings: list[Finding]
    new: bool
    changed: list[str] = field(default_factory=list)

    def store(self, by: Actor) -> None:
        """Write it inside the transaction that judged it; where nothing is new or changed, nothing."""
        if self.new:
            permit(by, "enter", "volunteers")
            self.row.store_new(by)
        elif self.changed:
            permit(by, "amend", "volunteers")
            self.row.store_amended(by)


def judge(
    wanted: Sequence[Mapping[str, Any]], by: Actor, station: Station, provisional: Mapping[int, Volunteer] | None = None
) -> list[Judged]:
    """What becomes of each of these registrations at the station, in order; nothing is written.

    ``provisional`` are rows, by their place in ``wanted``, of people who registered themselves: known under no document yet.
    Each is a set of `Volunteer.editable` columns; what is not said stays as it is stored. A document known at this
    station means its holder, at another it is refused; all of them are looked up together.
    """
    probes = [Volunteer(station=station, **values) for values in wanted]
    for probe in probes:
        probe.prepare(by)
    ground = Ground.of(probes, all_codes()) if probes else None
    own = provisional or {}
    return [_judge(*one, own.get(n), ground, by) for n, one in enumerate(zip(wanted, probes, strict=True))]


def _judge(values: Mapping[str, Any], probe: Volunteer, own: Volunteer | None, ground: Ground, by: Actor) -> Judged:
    row = own or ground.earlier.get((probe.document_type, probe.document_number))
    if row is None or row.station_id != probe.station_id:
        probe.ground = ground
        return Judged(probe, probe.faults(by), True)
    row.ground, row.was = ground, dict(row.__data__)
    for name, value in values.items():
        setattr(row, name, value)
    row.prepare(by)
    changed = row.changed()
    return Judged(row, (row.may_amend(by) or row.faults(by)) if changed else [], False, changed)
