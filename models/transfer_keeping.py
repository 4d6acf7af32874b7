"""异地转移, what a person brings beside her account (方案 二(5)): history that another installation wrote, and what holds
here as it held there: qualifications, honours, the work of a 骨干, stars, consents.

History is kept with that station's name and never published, posted or counted again.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from peewee import Expression, Model, fn

from models import clock, policy
from models.audit import trails
from models.consents import Consent, keep_days
from models.honours import Honour
from models.scope import Actor
from models.stars import StarGrant
from models.training import Backbone, Qualification
from models.transfer_packing import BACKBONE, CONSENT, HONOUR, QUALIFICATION, STAR, Brought, ours
from models.volunteers import Volunteer
from rules import transfer as rules
from rules.honours import OWN
from rules.stars import STAR as STAR_LIFE

BROUGHT = ("records", "trainings", "complaints", "qualifications", "honours", "backbones")
AT_ONCE = 100  # rows written in one statement
Said = dict[str, Any]
Came = Sequence[tuple[Volunteer, Said]]


class Keeping:
    """What keeping the things of one package's people shares; a few statements for all that are given together."""

    def __init__(self, arrival: Any, by: Actor) -> None:
        self.arrival, self.by, self.us = arrival, by, ours()
        self.stars = policy.in_force("stars", arrival.station, clock.today()).key

    def keep(self, came: Came) -> None:
        """All that these people bring, each row once however often it comes."""
        keys = [person.id for person, _ in came]
        if not keys:
            return
        there = {
            (key, kind, uid): row
            for key, kind, uid, row in Brought.select(Brought.volunteer, Brought.kind, Brought.uid, Brought.row)
            .where(Brought.volunteer.in_(keys)).tuples()
        }  # fmt: skip
        new: list[Said] = []
        made: dict[str, list[tuple[Said, Said]]] = {"qualifications": [], "honours": [], "backbones": []}
        again: list[tuple[str, int, Said]] = []  # (list, row here, as it stands there)
        for person, said in came:
            for kind in BROUGHT:
                for one in said.get(kind, ()):
                    uid = str(one["uid"])[:80]
                    if uid.partition(":")[0] == self.us:
                        again.append((kind, _number(uid.rpartition(":")[2]), one))
                    elif (person.id, kind, uid) in there:
                        again.append((kind, there[person.id, kind, uid] or 0, one))
                    else:
                        there[person.id, kind, uid] = None
                        new.append(_brought(person, kind, uid, one))
                        if kind in made:
                            made[kind].append((new[-1], one))
        self._qualifications(made["qualifications"])
        self._honours(made["honours"])
        self._backbones(made["backbones"])
        for at in range(0, len(new), AT_ONCE):
            Brought.insert_many(new[at : at + AT_ONCE]).execute()
        self._again(again)
        self._stars(came, keys)
        self._consents(came, keys)
        keep_days(keys)

    def _trace(self, rows: Sequence[Any], action: str = "come", after: Callable[[Any], Said] | None = None) -> None:
        if rows:
            said = [(row.id, None, after(row) if after else None) for row in rows]
            trails(self.by, action, rows[0]._meta.table_name, said, station=self.arrival.station_id, reason=str(self.arrival))

    def _made(self, rows: Sequence[Any], of: Sequence[tuple[Said, Said]], names: tuple[str, ...]) -> None:
        """These rows hold here; what was brought says which they are."""
        stored(rows, ("volunteer", *names), type(rows[0]).volunteer.in_([row.volunteer_id for row in rows]) if rows else None)
        for row, (brought, _) in zip(rows, of, strict=True):
            brought["row"] = row.id
        self._trace(rows)

    def _qualifications(self, came: Sequence[tuple[Said, Said]]) -> None:
        rows = [
            Qualification(station=self.arrival.station_id, volunteer=brought["volunteer"], **_of(Qualification, QUALIFICATION, said))
            for brought, said in came
        ]
        self._made(rows, came, ("kind", "number", "issuer", "granted_on", "state"))

    def _honours(self, came: Sequence[tuple[Said, Said]]) -> None:
        taken = _taken(Honour, [said.get("certificate_no") for _, said in came])
        rows = []
        for brought, said in came:
            told = _of(Honour, HONOUR, said)
            told["level"] = "other" if told["level"] == OWN else told["level"]
            told["body"] = told["body"] or str(said["station"])[:80]
            if (number := told["certificate_no"]) in taken:
                told["certificate_no"], told["document_no"] = None, str(number)[:60]
            elif number:
                taken[number] = 0
            rows.append(Honour(station=self.arrival.station_id, volunteer=brought["volunteer"], state="recorded", **told))
        self._made(rows, came, ("title", "level", "given_on", "certificate_no"))

    def _backbones(self, came: Sequence[tuple[Said, Said]]) -> None:
        """One who led others there leads here, unless she is a 骨干 here already."""
        lead = Backbone.select(Backbone.volunteer).where(
            Backbone.volunteer.in_([brought["volunteer"] for brought, _ in came]), Backbone.state.in_(("proposed", "confirmed"))
        )
        leads = {key for (key,) in lead.tuples()} if came else set()
        rows, of = [], []
        for brought, said in came:
            told = _of(Backbone, BACKBONE, said)
            if told["state"] == "confirmed" and brought["volunteer"] in leads:
                continue
            leads |= {brought["volunteer"]} if told["state"] == "confirmed" else set()
            rows.append(Backbone(station=self.arrival.station_id, volunteer=brought["volunteer"], **told))
            of.append((brought, said))
        self._made(rows, of, ("duty", "since", "state"))

    def _again(self, came: Iterable[tuple[str, int, Said]]) -> None:
        """Something that is here already: a qualification revoked, or a 骨干 stood down, meanwhile."""
        for kind, model, stood, state, names in (
            ("qualifications", Qualification, "valid", "revoked", ("revoked_on", "revoked_for")),
            ("backbones", Backbone, "confirmed", "ended", ("until", "decided_for")),
        ):
            ended = {row: said for name, row, said in came if name == kind and said.get("state") == state}
            stands = model.select().where(model.id.in_(list(ended)), model.state == stood) if ended else []
            for row in stands:
                told = _of(model, names, ended[row.id])
                model.update(state=state, **told).where(model.id == row.id).execute()

    def _stars(self, came: Came, keys: list[int]) -> None:
        here = {(row.volunteer_id, row.star): row for row in StarGrant.select().where(StarGrant.volunteer.in_(keys))}
        taken = _taken(StarGrant, [one.get("certificate_no") for _, said in came for one in said["stars"]])
        known, new, changed = {state.name for state in STAR_LIFE.states}, [], []
        for person, said in came:
            for one in said["stars"]:
                told = _of(StarGrant, STAR, one)
                if told["state"] not in known:
                    continue
                row = here.get((person.id, told["star"]))
                if row is not None and row.certificate_no == told["certificate_no"] and row.state == told["state"]:
                    continue
                if row is not None and row.state == "recognised":
                    continue  # recognised here, too: one star, one certificate
                if (number := told["certificate_no"]) and taken.get(number, person.id) != person.id:
                    told["certificate_no"], told["void_nos"] = None, str(number)
                elif number:
                    taken[number] = person.id
                if row is None:
                    row = StarGrant(station=self.arrival.station_id, volunteer=person.id, policy=self.stars)
                    here[person.id, told["star"]] = row
                    new.append(row)
                elif row.id:
                    changed.append(row)
                for name, value in told.items():
                    setattr(row, name, value)
        stored(new, ("volunteer", "star"), StarGrant.volunteer.in_(keys))
        for row in changed:
            row.save()
        self._trace([*new, *changed], after=lambda row: {"star": row.star, "state": row.state})

    def _consents(self, came: Came, keys: list[int]) -> None:
        here = {
            (row.volunteer_id, row.kind, row.given_by, str(row.given_on)): row
            for row in Consent.select().where(Consent.volunteer.in_(keys))
        }
        new, withdrawn = [], []
        for person, said in came:
            for one in said["consents"]:
                told = _of(Consent, CONSENT, one)
                key = person.id, told["kind"], told["given_by"], str(told["given_on"])
                row = here.get(key)
                if row is None:
                    note = f"{told.pop('note')}（随{self.arrival}）"[:200]
                    here[key] = Consent(station=self.arrival.station_id, volunteer=person.id, note=note, **told)
                    new.append(here[key])
                elif row.id and row.state == "given" and told["state"] == "withdrawn":
                    row.state, row.ended_on, row.ended_for = "withdrawn", told["ended_on"], told["ended_for"]
                    row.save()
                    withdrawn.append(row)
        stored(new, ("volunteer", "kind", "given_by", "given_on"), Consent.volunteer.in_(keys))
        self._trace(new, after=lambda row: {"kind": row.kind})
        self._trace(withdrawn, "withdraw")


def stored(rows: Sequence[Any], names: tuple[str, ...], mine: Expression | None) -> None:
    """Insert these new rows in few statements, and tell each its number.

    No database promises in which order it numbers them: a number goes to a row that says in ``names`` what its own says.
    ``mine`` narrows where they are looked for.
    """
    if not rows:
        return
    model: type[Model] = type(rows[0])
    last = model.select(fn.COALESCE(fn.MAX(model.id), 0)).scalar()
    columns = [field.name for field in model._meta.sorted_fields if not field.primary_key]
    waiting: dict[tuple[Any, ...], list[Any]] = {}
    for at in range(0, len(rows), AT_ONCE):
        some = rows[at : at + AT_ONCE]
        model.insert_many([{name: row.__data__.get(name) for name in columns} for row in some]).execute()
        for row in some:
            waiting.setdefault(tuple(row.__data__.get(name) for name in names), []).append(row)
    fields = [model._meta.fields[name] for name in names]
    for key, *said in model.select(model.id, *fields).where(model.id > last, mine).order_by(model.id).tuples():
        if found := waiting.get(tuple(said)):
            found.pop(0).id = key


def _taken(model: Any, numbers: Iterable[Any]) -> dict[str, int]:
    """Which of these certificate numbers are given already, and to whom."""
    wanted = sorted({str(number) for number in numbers if number})
    if not wanted:
        return {}
    rows = model.select(model.certificate_no, model.volunteer).where(model.certificate_no.in_(wanted))
    return {number: whose or 0 for number, whose in rows.tuples()}


def _brought(person: Volunteer, kind: str, uid: str, said: Said) -> Said:
    """As `Brought` keeps it."""
    return {
        "volunteer": person.id, "kind": kind, "uid": uid, "source": str(said.get("station") or "")[:80],
        "day": _day(said.get("day") or said.get("granted_on") or said.get("given_on") or said.get("since")),
        "title": str(said.get("title") or said.get("issuer") or said.get("duty") or "")[:120],
        "minutes": said.get("minutes") or 0, "data": rules.canonical(said), "row": None,
    }  # fmt: skip


def _of(model: Any, names: Sequence[str], said: Said) -> Said:
    """These columns as they came, days as days and texts cut to their length."""
    told = {}
    for name in names:
        value, column = said.get(name), model._meta.fields[name]
        if name.endswith("_on") or name in ("since", "until"):
            value = _day(value)
        elif isinstance(value, str) and getattr(column, "max_length", None):
            value = value[: column.max_length]
        elif value is None and not column.null:
            value = column.default if column.default is not None else ""
        told[name] = value
    return told


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
