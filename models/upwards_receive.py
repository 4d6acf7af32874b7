"""A batch from a station as the platform takes it in: once, record by record, each answered by the declared rules."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from models import clock
from models.audit import trail
from models.base import insert_rows
from models.fields import keyring
from models.moves import permit, whole
from models.scope import SYSTEM, Actor, find
from models.upwards_in import ReceivedBatch, ReceivedRecord, UpwardSender
from rules.identity import normalise
from rules.upwards import DELETED, KINDS, canonical, digest, unnamed
from rules.upwards_checks import ITEMS, Fault, check_record, read_batch

AT_ONCE = 200  # records judged together
TWICE = (
    "这个证件号已由「{}」报送过（站号 {}，记录号 {}）。本人换了单位的，由原单位办理「异地转移」并报送删除；同一人登记了两次的，注销一条；"
    "证件号录错的，改正。办好后在「汇入情况」里点「重新报送」。"
)
PLACE = ("sender", "station_code", "kind", "record")
WRITTEN = [
    ReceivedRecord._meta.fields[name]
    for name in (*PLACE, "batch", "digest", "data", "volunteer_no", "document", "document_index", "started_at", "ended_at", "hours",
                 "accepted_at", "deleted_at")
]  # fmt: skip
NAMING = [kind.name for kind in KINDS.values() if kind.name != "volunteer" and any(item.private for item in kind.items)]


class Clash(Exception):
    """The number of a batch that was received already, with another content."""


def receive(sender: UpwardSender, said: Any, how: str, by: Actor = SYSTEM) -> ReceivedBatch:
    """Take a batch in and answer on each of its records; the same batch again is answered as it was.

    Raises ``Malformed`` where it is no batch, ``Clash`` where its number stands for another content.
    """
    if by is not SYSTEM:
        permit(by, "take", ReceivedBatch.resource)
    records = read_batch(said)
    content = digest(said)
    with whole():
        find(UpwardSender, sender.id, SYSTEM, lock=True)  # one batch of a sender at a time
        before: ReceivedBatch | None = ReceivedBatch.get_or_none(
            ReceivedBatch.sender == sender.id, ReceivedBatch.number == said["batch"]
        )
        if before is not None:
            if before.digest != content:
                raise Clash(said["batch"])
            return before
        batch: ReceivedBatch = ReceivedBatch.create(
            sender=sender.id, number=said["batch"], target=said["target"], digest=content, how=how,
            taken_by=by.account_id, records=len(records),
        )  # fmt: skip
        taking = _Taking(sender, batch)
        taking.take(records)
        batch.save()
        trail(by, "take", ReceivedBatch._meta.table_name, batch.id, after={
            "sender": sender.name, "batch": batch.number, "accepted": batch.accepted, "refused": batch.refused,
        } | ({"moved": taking.moved} if taking.moved else {}))  # fmt: skip
    return batch


Key = tuple[str, str, str]  # station, kind, record


@dataclass(frozen=True)
class _Holder:
    """Whose volunteer a document is: the record, her number in it, who sent it; ``row`` where it stood before this part."""

    key: Key
    number: str
    sender: str
    row: int | None = None

    def went_to(self, key: Key, number: str) -> bool:
        """Whether that is the same registration at another station: claimed there, with its number, inside one installation."""
        return self.row is not None and self.key[1:] == key[1:] and self.number == number


@dataclass
class _Taking:
    """One batch while it is judged: what stands already of whom it names, read a few hundred records at a time."""

    sender: UpwardSender
    batch: ReceivedBatch
    today: date = field(default_factory=clock.today)
    now: datetime = field(default_factory=clock.now)
    moved: int = 0  # volunteers who went from one station to another

    def take(self, records: list[dict[str, Any]]) -> None:
        order = {name: at for at, name in enumerate(KINDS)}
        answers: list[dict[str, Any] | None] = [None] * len(records)
        seen: set[Key] = set()
        # Volunteers first: what others say of them is judged by who was accepted.
        ranked = sorted(range(len(records)), key=lambda at: order.get(records[at]["type"], 99))
        groups: dict[str, list[int]] = {}
        for at in ranked:
            groups.setdefault(records[at]["type"], []).append(at)
        for places in groups.values():
            for begin in range(0, len(places), AT_ONCE):
                part = places[begin : begin + AT_ONCE]
                for at, fault in zip(part, self._part([records[at] for at in part], seen), strict=True):
                    answers[at] = _answer(records[at], fault)
        self.batch.answers = answers
        self.batch.refused = sum(one["state"] == "refused" for one in answers if one)
        self.batch.accepted = len(records) - self.batch.refused

    def _part(self, records: list[dict[str, Any]], seen: set[Key]) -> list[Fault | None]:
        kept = self._kept(records)
        nos = {str(one["data"].get("volunteer_no", "")) for one in records}
        known = self._volunteers(nos)
        spans = self._spans(nos) if records[0]["type"] == "service" else {}
        documents = self._documents(records) if records[0]["type"] == "volunteer" else {}
        found: list[Fault | None] = []
        rows: dict[Key, dict[str, Any]] = {}
        gone: set[str] = set()  # numbers of volunteers that are deleted
        self.left: list[int] = []  # rows of volunteers who went to another station
        for one in records:
            key = (one["station"], one["type"], one["id"])
            fault = self._fault(one, key, seen, known, spans, documents)
            seen.add(key)
            before = kept.get(key)
            if fault is None and one.get("deleted"):
                if before is not None and before.digest != DELETED:
                    rows[key] = self._emptied(before, spans, documents)
                    gone |= {before.volunteer_no} if key[1] == "volunteer" else set()
            elif fault is None and (before is None or before.digest != one["digest"]):
                # Reported for another station from now on: there she is no more.
                rows[key] = self._row(one, spans, documents)
            found.append(fault)
        if rows:
            said = [[field.db_value(row[field.name]) for field in WRITTEN] for row in rows.values()]
            insert_rows(ReceivedRecord, [field.name for field in WRITTEN], said, over=PLACE)
        if self.left:
            ReceivedRecord.update(
                digest=DELETED, data=canonical({}), document="", document_index="", deleted_at=self.now
            ).where(ReceivedRecord.id.in_(self.left)).execute()
            self.moved += len(self.left)
        if gone:
            self._forget(gone)
        return found

    def _fault(self, one: dict[str, Any], key: Key, seen: set[Key], known: set[str], spans: Any, documents: Any) -> Fault | None:
        if not self.sender.takes(one["station"]):
            return Fault("station", f"「{one['station']}」不是本单位的工作站。")
        if key in seen:
            return Fault("repeated", "这条记录在同一批里出现了两次。")
        if (fault := check_record(one, self.today, self.now)) or one.get("deleted"):
            return fault
        data, kind = one["data"], one["type"]
        if kind == "volunteer":
            whose = documents.get((data["document_type"], normalise(data["document_number"])))
            if whose is None or whose.key == key:
                return None
            if not whose.went_to(key, data["volunteer_no"]):
                return Fault("duplicate", TWICE.format(whose.sender, whose.key[0], whose.key[2]))
            self.left.append(whose.row)
        elif "volunteer_no" in ITEMS[kind] and data["volunteer_no"] not in known:
            return Fault("reference", f"没有接收过编号为 {data['volunteer_no']} 的志愿者，请先报送志愿者。")
        if kind == "service" and data["status"] != "3":
            start, end = datetime.fromisoformat(data["started_at"]), datetime.fromisoformat(data["ended_at"])
            for other, began, ended in spans.get(data["volunteer_no"], []):
                if other != key and began < end and start < ended:
                    return Fault("overlap", f"与这位志愿者 {began:%Y-%m-%d %H:%M} 至 {ended:%H:%M} 的另一条记录时间重叠。")
        return None

    def _kept(self, records: list[dict[str, Any]]) -> dict[Key, ReceivedRecord]:
        rows = ReceivedRecord.select().where(
            ReceivedRecord.sender == self.sender.id, ReceivedRecord.kind == records[0]["type"],
            ReceivedRecord.record.in_([one["id"] for one in records]),
        )  # fmt: skip
        return {(row.station_code, row.kind, row.record): row for row in rows}

    def _volunteers(self, nos: set[str]) -> set[str]:
        rows = ReceivedRecord.select(ReceivedRecord.volunteer_no).where(
            ReceivedRecord.kind == "volunteer", ReceivedRecord.volunteer_no.in_(list(nos)), ReceivedRecord.deleted_at.is_null()
        )
        return {no for (no,) in rows.tuples()}

    def _spans(self, nos: set[str]) -> dict[str, list[tuple[Key, datetime, datetime]]]:
        rows = ReceivedRecord.select(
            ReceivedRecord.volunteer_no, ReceivedRecord.station_code, ReceivedRecord.record, ReceivedRecord.started_at,
            ReceivedRecord.ended_at,
        ).where(
            ReceivedRecord.kind == "service", ReceivedRecord.volunteer_no.in_(list(nos)),
            ReceivedRecord.started_at.is_null(False),
        )  # fmt: skip
        found: dict[str, list[tuple[Key, datetime, datetime]]] = {}
        for no, station, record, began, ended in rows.tuples():
            found.setdefault(no, []).append(((station, "service", record), began, ended))
        return found

    def _documents(self, records: list[dict[str, Any]]) -> dict[tuple[str, str], _Holder]:
        said = {
            f"{one['data'].get('document_type', '')} {normalise(str(one['data'].get('document_number', '')))}" for one in records
        }
        wanted = [index for text in said for index in keyring.indexes(text)]
        rows = ReceivedRecord.select(
            ReceivedRecord.id, ReceivedRecord.document, ReceivedRecord.station_code, ReceivedRecord.record,
            ReceivedRecord.volunteer_no, UpwardSender.name,
        ).join(UpwardSender).where(ReceivedRecord.document_index.in_(wanted), ReceivedRecord.kind == "volunteer")  # fmt: skip
        found = {}
        for row, document, station, record, number, sender in rows.tuples():
            kind, _, text = document.partition(" ")
            found[kind, text] = _Holder((station, "volunteer", record), number, sender, row)
        return found

    def _row(self, one: dict[str, Any], spans: Any, documents: Any) -> dict[str, Any]:
        """What is kept of a record that is accepted, column by column."""
        data, kind, key = one["data"], one["type"], (one["station"], one["type"], one["id"])
        made = self._blank(key) | {
            "digest": one["digest"], "data": canonical(data), "volunteer_no": data.get("volunteer_no", ""),
            "hours": data.get("hours", ""),
        }  # fmt: skip
        if kind == "volunteer":
            number = normalise(data["document_number"])
            made["document"] = f"{data['document_type']} {number}"
            made["document_index"] = ReceivedRecord.document_index.made(made["document"])
            documents[data["document_type"], number] = _Holder(key, data["volunteer_no"], self.sender.name)
        if kind == "service":
            stands = data["status"] != "3"
            if stands:
                made["started_at"] = datetime.fromisoformat(data["started_at"])
                made["ended_at"] = datetime.fromisoformat(data["ended_at"])
            mine = [span for span in spans.get(data["volunteer_no"], []) if span[0] != key]
            spans[data["volunteer_no"]] = [*mine, *([(key, made["started_at"], made["ended_at"])] if stands else [])]
        return made

    def _emptied(self, row: ReceivedRecord, spans: Any, documents: Any) -> dict[str, Any]:
        """What is left of a record that its sender had deleted: that it was there, and nothing of a person."""
        key = (row.station_code, row.kind, row.record)
        spans[row.volunteer_no] = [span for span in spans.get(row.volunteer_no, []) if span[0] != key]
        for number in [number for number, whose in documents.items() if whose.key == key]:
            del documents[number]
        return self._blank(key) | {
            "digest": DELETED, "data": canonical({} if row.kind == "volunteer" else unnamed(row.kind, json.loads(row.data))),
            "volunteer_no": row.volunteer_no, "deleted_at": self.now,
        }  # fmt: skip

    def _blank(self, key: Key) -> dict[str, Any]:
        return {
            "sender": self.sender.id, "batch": self.batch.id, "station_code": key[0], "kind": key[1], "record": key[2],
            "document": "", "document_index": "", "started_at": None, "ended_at": None, "hours": "", "accepted_at": self.now,
            "deleted_at": None,
        }  # fmt: skip

    def _forget(self, numbers: set[str]) -> None:
        """Whatever else was sent of these volunteers keeps its hours and loses what names them: by this sender, and by others
        too where nobody else has a volunteer of that number (she was claimed by this station from another)."""
        everywhere = list(numbers - self._volunteers(numbers))
        last = 0
        while True:
            rows = list(ReceivedRecord.select().where(
                (ReceivedRecord.sender == self.sender.id) | ReceivedRecord.volunteer_no.in_(everywhere),
                ReceivedRecord.kind.in_(NAMING), ReceivedRecord.id > last, ReceivedRecord.volunteer_no.in_(list(numbers)), ReceivedRecord.deleted_at.is_null(),
            ).order_by(ReceivedRecord.id).limit(AT_ONCE))  # fmt: skip
            if not rows:
                return
            last = rows[-1].id
            for row in rows:
                row.data = canonical(unnamed(row.kind, json.loads(row.data)))
            ReceivedRecord.bulk_update(rows, [ReceivedRecord.data])


def _answer(one: Mapping[str, Any], fault: Fault | None) -> dict[str, Any]:
    said = {"station": one["station"], "type": one["type"], "id": one["id"], "digest": one["digest"]}
    if fault is None:
        return said | {"state": "accepted"}
    return said | {"state": "refused", "code": fault.code, "reason": fault.says}


def find_batch(sender: UpwardSender, number: str) -> ReceivedBatch | None:
    """A sender's own batch."""
    found: ReceivedBatch | None = ReceivedBatch.get_or_none(ReceivedBatch.sender == sender.id, ReceivedBatch.number == number)
    return found
