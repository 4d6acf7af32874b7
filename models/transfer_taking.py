"""异地转移, taking (方案 二(5)): one signed person becomes, or joins, a volunteer of the receiving station.

The account comes in through `transfer`, each lot with its origin, day and term; what else she brings is
`models.transfer_keeping`'s. Some people at a time, in as few statements as that takes.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models import clock
from models.audit import trails
from models.hours import LOT_ORIGINS, Balance, Lot, Writer
from models.moving import coming
from models.scope import Actor
from models.stations import Division
from models.transfer_keeping import Keeping, stored
from models.vocabulary import all_codes
from models.volunteers import Volunteer, earlier_registrations, next_card_nos
from rules import transfer as rules

STANDS = "moved", "registered", "suspended", "applied", "returned"
CODED = {"skills": "skill", "languages": "language", "categories": "category"}
LONE_CODES = {"ethnicity": "ethnicity", "politics": "politics", "education": "education", "occupation": "occupation"}


def why_not(known: Collection[Volunteer], arrival: Any) -> dict[int, str]:
    """Of whom of these, registered here already, the people of a package cannot be joined with, and why."""
    why, here = {}, []
    for found in known:
        if found.state == "leaving":
            why[found.id] = "这个人正在从本单位转出，办结后才能接收。"
        elif found.state != "moved" and found.station_id != arrival.station_id:
            why[found.id] = f"证件已在「{found.station.name}」登记，请先用「认领」转到本站，再请原单位重新打包。"
        elif found.state in ("registered", "suspended"):
            here.append(found.id)
    return why | _twice(here, arrival)


def _twice(here: list[int], arrival: Any) -> dict[int, str]:
    """Who of these stands on both sides already, because one of the two unlocked a package that the other had taken.

    Joined once more, the same minutes would stand here twice, and nobody could tell any longer which to take back.
    """
    from models.peers import Peer
    from models.transfer_in import Arrival, Arriver
    from models.transfer_out import Departure, Leaver

    if not here:
        return {}
    sender = arrival.peer.name
    came = (
        Arriver.select(Arriver.volunteer, Arriver.arrival).join(Arrival).join(Peer)
        .where(Arriver.volunteer.in_(here), Arriver.status == "taken", Peer.name == sender, Arrival.id != arrival.id)
    )  # fmt: skip
    why = {key: f"这个人已随转入单 {first} 从该单位接收；请把那一份回执再发给原单位。" for key, first in came.tuples()}
    unlocked = (
        Leaver.select(Leaver.volunteer, Leaver.departure).join(Departure).join(Peer)
        .where(
            Leaver.volunteer.in_(here), Leaver.status == "back", Peer.name == sender,
            (Departure.state == "clash") | ((Departure.state == "reopened") & (Departure.answer == "")),
        )
    )  # fmt: skip
    return why | {
        key: f"本站的转出单 {first} 解锁后还没有对方的回执；请先向该单位索取那一份回执，按回执办结后重新打包。"
        for key, first in unlocked.tuples()
    }


@dataclass
class Taking:
    """What taking the people of one package shares."""

    arrival: Any
    writer: Writer
    by: Actor
    codes: set[tuple[str, str]] = field(default_factory=all_codes)

    def __post_init__(self) -> None:
        self.keeping = Keeping(self.arrival, self.by)

    def take(self, lines: Sequence[Any]) -> list[int]:
        """Take these lines, each or not (``status``, ``says``), and return the people; entries in one go."""
        said = [json.loads(line.payload) for line in lines]
        documents = [(one["person"]["document_type"], one["person"]["document_number"]) for one in said]
        known = earlier_registrations(documents)
        stood = {row.id: {"state": row.state, "station": row.station_id} for row in known.values()}
        why, divisions = why_not(list(known.values()), self.arrival), _divisions(said)
        coming_in: list[tuple[Any, dict[str, Any], Volunteer]] = []
        for line, one, document in zip(lines, said, documents, strict=True):
            found = known.get(document)
            if found is not None and found.id in why:
                line.status, line.says = "declined", why[found.id][:200]
                continue
            person = self._person(found, one, divisions)
            known[document] = person  # the same document twice in one package is one person
            line.status, line.says = "taken", "并入原来的登记" if found is not None else "新登记"
            coming_in.append((line, one, person))
        people = list({id(person): person for _, _, person in coming_in}.values())
        self._put(people, stood)
        movements = []
        for line, one, person in coming_in:
            line.volunteer = person.id
            movements += self._account(line, person, one["account"])
        self.writer.write(movements)
        self.keeping.keep([(person, one) for _, one, person in coming_in])
        return [person.id for person in people]

    # --- the person ---

    def _person(self, found: Volunteer | None, said: dict[str, Any], divisions: Collection[str]) -> Volunteer:
        """She as she will stand, not yet written."""
        told = self._basics(said["person"], divisions)
        state = "suspended" if said.get("state") == "suspended" else "registered"
        if found is None:
            person = Volunteer(state=state, entered_by=self.arrival.entered_by, **told)
            person.document_index = Volunteer.document_index.made(person.document_number)
        else:
            person = found
            for name, value in told.items():
                if name != "registered_on" and (value or found.state == "moved"):
                    setattr(person, name, value)
            person.registered_on = min(filter(None, (found.registered_on, told["registered_on"])), default=clock.today())
            person.state = found.state if found.state in ("registered", "suspended") else state
        person.station = self.arrival.station_id
        return person

    def _put(self, people: list[Volunteer], stood: dict[int, dict[str, Any]]) -> None:
        """Write them, number them, open their accounts, and leave a trace on each."""
        unnumbered = [person for person in people if not person.card_no]
        for person, number in zip(unnumbered, next_card_nos(self.arrival.station_id, len(unnumbered)), strict=True):
            person.card_no = number
        new = []
        for person in people:
            person.moved_at = clock.now()
            if person.id is None:
                new.append(person)
            else:
                person.revision += 1
                person.save()
        stored(new, ("document_index", "document_type"), Volunteer.station == self.arrival.station_id)
        for at in range(0, len(people), 100):
            some = [{"volunteer": person.id} for person in people[at : at + 100]]
            Balance.insert_many(some).on_conflict_ignore().execute()
        reason = f"{self.arrival}：从{self.arrival.sender_name}转入"
        after = [(one.id, stood.get(one.id), {"state": one.state, "station": one.station_id}) for one in people]
        trails(self.by, "come", Volunteer._meta.table_name, after, station=self.arrival.station_id, reason=reason)

    def _basics(self, said: dict[str, Any], divisions: Collection[str]) -> dict[str, Any]:
        """Her columns, each cut to its length; a code or a division that is unknown here stays out."""
        told = {}
        for name in rules.BASICS:
            value, column = said[name], Volunteer._meta.fields[name]
            if name in ("birth_date", "registered_on"):
                value = date.fromisoformat(value) if value else None
            elif name in CODED:
                value = [code for code in value or [] if (CODED[name], code) in self.codes]
            elif name in LONE_CODES:
                value = value if (LONE_CODES[name], value) in self.codes else ""
            elif name == "residence":
                value = value if value in divisions else None
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
            ends = one["expires_on"]
            lots.append((Lot(
                volunteer=person.id, origin=origin, earned_on=date.fromisoformat(one["earned_on"]),
                expires_on=date.fromisoformat(ends) if ends else None, minutes=one["minutes"], left=0,
                donation_only=bool(one["donation_only"]),
            ), one["minutes"]))  # fmt: skip
        reason = f"从{self.arrival.sender_name}转入"[:200]
        return coming(person.id, said["honour"], lots, said["debt"], f"arrive:{line.id}", reason, self.by)


def _divisions(said: Sequence[dict[str, Any]]) -> set[str]:
    """Which of the divisions that these people live in are known here."""
    wanted = {code for one in said if isinstance(code := one["person"]["residence"], str)}
    return {code for (code,) in Division.select(Division.code).where(Division.code.in_(wanted)).tuples()}
