"""异地转移, taking (方案 二(5)): one signed person becomes, or joins, a volunteer of the receiving station.

What another installation wrote is history: it is kept with that station's name and never published, posted or counted
again. The account comes in through `transfer`, each lot with its origin, day and term.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models import clock, policy
from models.consents import Consent, keep_day
from models.honours import Honour
from models.hours import LOT_ORIGINS, Balance, Lot, Writer
from models.moving import coming
from models.scope import Actor
from models.stars import StarGrant
from models.stations import Division
from models.training import Qualification
from models.transfer_packing import CONSENT, HONOUR, QUALIFICATION, STAR, Brought, ours
from models.vocabulary import all_codes
from models.volunteers import Volunteer, earlier_registrations, next_card_no
from rules import transfer as rules
from rules.honours import OWN
from rules.stars import STAR as STAR_LIFE

STANDS = "moved", "registered", "suspended", "applied", "returned"
CODED = {"skills": "skill", "languages": "language", "categories": "category"}
LONE_CODES = {"ethnicity": "ethnicity", "politics": "politics", "education": "education", "occupation": "occupation"}


def says_no(found: Volunteer, station: int) -> str:
    """Why a person who is registered here already cannot be joined; blank where she can."""
    if found.state == "leaving":
        return "这个人正在从本单位转出，办结后才能接收。"
    if found.state != "moved" and found.station_id != station:
        return f"证件已在「{found.station.name}」登记，请先用「认领」转到本站，再请原单位重新打包。"
    return ""


@dataclass
class Taking:
    """What taking the people of one package shares."""

    arrival: Any
    writer: Writer
    by: Actor
    us: str = field(default_factory=ours)
    codes: set[tuple[str, str]] = field(default_factory=all_codes)

    def take(self, lines: Sequence[Any]) -> list[int]:
        """Take these lines, each or not (``status``, ``says``), and return the people; entries in one go."""
        said = [json.loads(line.payload) for line in lines]
        documents = [(one["person"]["document_type"], one["person"]["document_number"]) for one in said]
        known = earlier_registrations(documents)
        movements: list[dict[str, Any]] = []
        people = []
        for line, one, document in zip(lines, said, documents, strict=True):
            found = known.get(document)
            if found is not None and (no := says_no(found, self.arrival.station_id)):
                line.status, line.says = "declined", no[:200]
                continue
            person = self._person(found, one)
            known[document] = person  # the same document twice in one package is one person
            line.status, line.volunteer, line.says = "taken", person.id, "并入原来的登记" if found else "新登记"
            movements += self._account(line, person, one["account"])
            people.append(person.id)
            self._rows(person, one)
        self.writer.write(movements)
        return people

    # --- the person ---

    def _person(self, found: Volunteer | None, said: dict[str, Any]) -> Volunteer:
        told = self._basics(said["person"])
        state = "suspended" if said.get("state") == "suspended" else "registered"
        if found is None:
            person = Volunteer(station=self.arrival.station_id, state=state, entered_by=self.arrival.entered_by, **told)
            person.document_index = Volunteer.document_index.made(person.document_number)
            person.card_no = next_card_no(self.arrival.station_id)
            person.moved_at = clock.now()
            person.save(force_insert=True)
            before = None
        else:
            person, before = found, {"state": found.state, "station": found.station_id}
            for name, value in told.items():
                if name != "registered_on" and (value or found.state == "moved"):
                    setattr(person, name, value)
            person.registered_on = min(filter(None, (found.registered_on, told["registered_on"])), default=clock.today())
            person.state = found.state if found.state in ("registered", "suspended") else state
            person.station = self.arrival.station_id
            person.card_no = found.card_no or next_card_no(self.arrival.station_id)
            person.moved_at, person.revision = clock.now(), found.revision + 1
            person.save()
        Balance.open_for(person)
        person.trace(self.by, "come", f"{self.arrival}：从{self.arrival.sender_name}转入", before=before,
                     after={"state": person.state, "station": person.station_id})  # fmt: skip
        return person

    def _basics(self, said: dict[str, Any]) -> dict[str, Any]:
        """Her columns, each cut to its length; a code or a division that is unknown here stays out."""
        told = {}
        for name in rules.BASICS:
            value, column = said[name], Volunteer._meta.fields[name]
            if name in ("birth_date", "registered_on"):
                value = _day(value)
            elif name in CODED:
                value = [code for code in value or [] if (CODED[name], code) in self.codes]
            elif name in LONE_CODES:
                value = value if (LONE_CODES[name], value) in self.codes else ""
            elif name == "residence":
                value = value if value and Division.select().where(Division.code == value).exists() else None
            elif isinstance(value, str) and getattr(column, "max_length", None):
                value = value[: column.max_length]
            elif value is None and not column.null:
                value = column.default if isinstance(column.default, str) else ""
            told[name] = value
        told["registered_on"] = told["registered_on"] or clock.today()
        return told

    # --- the account ---

    def _account(self, line: Any, person: Volunteer, said: dict[str, Any]) -> list[dict[str, Any]]:
        lots = []
        known = dict(LOT_ORIGINS)
        for one in said["lots"]:
            origin = one["origin"] if one["origin"] in known else "transferred"
            lots.append((Lot(
                volunteer=person.id, origin=origin, earned_on=_day(one["earned_on"]), expires_on=_day(one["expires_on"]),
                minutes=one["minutes"], left=0, donation_only=bool(one["donation_only"]),
            ), one["minutes"]))  # fmt: skip
        reason = f"从{self.arrival.sender_name}转入"[:200]
        return coming(person.id, said["honour"], lots, said["debt"], f"arrive:{line.id}", reason, self.by)

    # --- what she brings ---

    def _rows(self, person: Volunteer, said: dict[str, Any]) -> None:
        there = {(kind, uid) for kind, uid in Brought.select(Brought.kind, Brought.uid).where(
            Brought.volunteer == person.id).tuples()}  # fmt: skip
        new = []
        for kind in ("records", "trainings", "complaints", "qualifications", "honours"):
            for one in said[kind]:
                uid = str(one["uid"])[:80]
                if uid.partition(":")[0] == self.us or (kind, uid) in there:
                    self._again(kind, uid, one)
                    continue
                there.add((kind, uid))
                new.append({
                    "volunteer": person.id, "kind": kind, "uid": uid, "source": str(one.get("station") or "")[:80],
                    "day": _day(one.get("day") or one.get("granted_on") or one.get("given_on")),
                    "title": str(one.get("title") or one.get("issuer") or "")[:120], "minutes": one.get("minutes") or 0,
                    "data": rules.canonical(one), "row": self._made(kind, person, one),
                })  # fmt: skip
        for at in range(0, len(new), 100):
            Brought.insert_many(new[at : at + 100]).execute()
        self._stars(person, said["stars"])
        self._consents(person, said["consents"])

    def _made(self, kind: str, person: Volunteer, said: dict[str, Any]) -> int | None:
        """The row of a qualification or an honour, so that it holds here as it did there."""
        if kind == "qualifications":
            held = Qualification(station=self.arrival.station_id, volunteer=person.id, **_of(Qualification, QUALIFICATION, said))
            held.save(force_insert=True)
            held.trace(self.by, "come", str(self.arrival))
            return int(held.id)
        if kind == "honours":
            told = _of(Honour, HONOUR, said)
            told["level"] = "other" if told["level"] == OWN else told["level"]
            told["body"] = told["body"] or str(said["station"])[:80]
            number = told["certificate_no"]
            if number and Honour.select().where(Honour.certificate_no == number).exists():
                told["certificate_no"], told["document_no"] = None, str(number)[:60]
            given = Honour(station=self.arrival.station_id, volunteer=person.id, state="recorded", **told)
            given.save(force_insert=True)
            given.trace(self.by, "come", str(self.arrival))
            return int(given.id)
        return None

    def _again(self, kind: str, uid: str, said: dict[str, Any]) -> None:
        """A qualification that is here already: what was decided of it meanwhile."""
        if kind != "qualifications" or said.get("state") != "revoked":
            return
        origin, _, key = uid.rpartition(":")
        if not origin.startswith(self.us):
            link = Brought.get_or_none(Brought.kind == kind, Brought.uid == uid)
            key = str(link.row) if link is not None and link.row else ""
        if key.isdecimal():
            Qualification.update(state="revoked", revoked_on=_day(said["revoked_on"]), revoked_for=said["revoked_for"]).where(
                Qualification.id == int(key), Qualification.state == "valid"
            ).execute()

    def _stars(self, person: Volunteer, said: list[dict[str, Any]]) -> None:
        here = {row.star: row for row in StarGrant.select().where(StarGrant.volunteer == person.id)}
        version = policy.in_force("stars", person.station, clock.today())
        for one in said:
            told = _of(StarGrant, STAR, one)
            if told["state"] not in {state.name for state in STAR_LIFE.states}:
                continue
            row = here.get(told["star"])
            if row is not None and row.certificate_no == told["certificate_no"] and row.state == told["state"]:
                continue
            if row is not None and row.state == "recognised":
                continue  # recognised here, too: one star, one certificate
            number = told["certificate_no"]
            if number and StarGrant.select().where(
                StarGrant.certificate_no == number, StarGrant.volunteer != person.id
            ).exists():  # fmt: skip
                told["certificate_no"], told["void_nos"] = None, str(number)
            if row is None:
                row = StarGrant(station=self.arrival.station_id, volunteer=person.id, policy=version.key)
            for name, value in told.items():
                setattr(row, name, value)
            row.save(force_insert=row.id is None)
            row.trace(self.by, "come", str(self.arrival), after={"star": row.star, "state": row.state})

    def _consents(self, person: Volunteer, said: list[dict[str, Any]]) -> None:
        here = {
            (row.kind, row.given_by, str(row.given_on)): row
            for row in Consent.select().where(Consent.volunteer == person.id)
        }
        for one in said:
            told = _of(Consent, CONSENT, one)
            row = here.get((told["kind"], told["given_by"], str(told["given_on"])))
            if row is None:
                note = f"{told.pop('note')}（随{self.arrival}）"[:200]
                row = Consent(station=self.arrival.station_id, volunteer=person.id, note=note, **told)
                row.save(force_insert=True)
                row.trace(self.by, "come", str(self.arrival), after={"kind": row.kind})
            elif row.state == "given" and told["state"] == "withdrawn":
                row.state, row.ended_on, row.ended_for = "withdrawn", told["ended_on"], told["ended_for"]
                row.save()
                row.trace(self.by, "withdraw", str(self.arrival))
        keep_day(person.id)


def _of(model: Any, names: Sequence[str], said: dict[str, Any]) -> dict[str, Any]:
    """These columns as they came, days as days and texts cut to their length."""
    told = {}
    for name in names:
        value, column = said.get(name), model._meta.fields[name]
        if name.endswith("_on"):
            value = _day(value)
        elif isinstance(value, str) and getattr(column, "max_length", None):
            value = value[: column.max_length]
        elif value is None and not column.null:
            value = column.default if column.default is not None else ""
        told[name] = value
    return told


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


