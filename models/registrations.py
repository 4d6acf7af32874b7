"""Many registrations at once (招募注册, 方案 二(2)): judged together with few queries, then taken row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models import clock
from models.moves import permit, required
from models.scope import Actor
from models.stations import Station
from models.volunteers import Ground, Volunteer
from rules.findings import Finding


@dataclass(frozen=True)
class Judged:
    """One registration as it would stand. ``changes`` are columns that differ from what is stored under its document."""

    row: Volunteer
    findings: list[Finding]
    new: bool
    changes: dict[str, Any] = field(default_factory=dict)


def judge(wanted: Sequence[Mapping[str, Any]], by: Actor, station: Station) -> list[Judged]:
    """What becomes of each of these registrations at the station, in order; nothing is written.

    Each is a set of `Volunteer.editable` columns; what is not said stays as it is stored. A document known at this
    station means its holder, at another it is refused, and all of them are looked up together.
    """
    now = clock.now()
    probes = [Volunteer(station=station, entered_at=now, **Volunteer._declared(dict(values))) for values in wanted]
    for probe in probes:
        probe.prepare(by)
    ground = Ground.of(station, probes)
    return [_judge(values, probe, ground, by) for values, probe in zip(wanted, probes, strict=True)]


def _judge(values: Mapping[str, Any], probe: Volunteer, ground: Ground, by: Actor) -> Judged:
    row = ground.earlier.get((probe.document_type, probe.document_index))
    if row is None or row.station_id != probe.station_id:
        return Judged(probe, _findings(probe, by, ground), True)
    names = Volunteer.editable.split()
    before = {name: row.__data__[name] for name in names}
    for name, value in values.items():
        setattr(row, name, value)
    row.prepare(by)
    changes = {name: row.__data__[name] for name in names if _plain(row.__data__[name]) != _plain(before[name])}
    findings = (row.may_amend(by) or _findings(row, by, ground)) if changes else []
    return Judged(row, findings, False, changes)


def _findings(row: Volunteer, by: Actor, ground: Ground) -> list[Finding]:
    """What the checks find, and what is missing beside it; a column is named once."""
    checked = row.check(by, ground)
    missing = required(row)
    named = {found.where for found in checked}
    if any(found.where == "document_number" for found in [*checked, *missing]):
        named |= {"gender", "birth_date"}  # they follow from the number once it is right
    return [*checked, *(found for found in missing if found.where not in named)]


def _plain(value: Any) -> Any:
    """A value that can be compared: codes are a set, and nothing is nothing however it is stored."""
    return sorted(set(value)) if isinstance(value, list | tuple) else value or ""


def write(judged: Judged, by: Actor) -> None:
    """Store one registration that was found right, inside the transaction that judged it. Unchanged, it writes nothing."""
    row = judged.row
    if judged.new:
        permit(by, "enter", row.resource)
        row.entered_by = by.account_id
        row.save(force_insert=True)
        row.after_enter(by)
        row.trace(by, "enter", after=row.shown(row._meta.sorted_field_names))
    elif judged.changes:
        Volunteer.amend(row.id, by, revision=row.revision, **judged.changes)
