"""A batch from a station as the platform takes it in: once, record by record, each answered by the declared rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from models import clock
from models.audit import trail
from models.fields import keyring
from models.moves import permit, whole
from models.scope import SYSTEM, Actor, find
from models.upwards_in import ReceivedBatch, ReceivedRecord, UpwardSender
from rules.identity import normalise
from rules.upwards import KINDS, canonical, digest
from rules.upwards_checks import Fault, check_record, read_batch

AT_ONCE = 200  # records judged together


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
        _Taking(sender, batch).take(records)
        batch.save()
        trail(by, "take", ReceivedBatch._meta.table_name, batch.id, after={
            "sender": sender.name, "batch": batch.number, "accepted": batch.accepted, "refused": batch.refused,
        })  # fmt: skip
    return batch


Key = tuple[str, str, str]  # station, kind, record


@dataclass
class _Taking:
    """One batch while it is judged: what stands already of whom it names, read a few hundred records at a time."""

    sender: UpwardSender
    batch: ReceivedBatch
    today: date = field(default_factory=clock.today)
    now: datetime = field(default_factory=clock.now)

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
        for one in records:
            key = (one["station"], one["type"], one["id"])
            fault = self._fault(one, key, seen, known, spans, documents)
            seen.add(key)
            if fault is None:
                self._keep(one, kept.get(key), spans, documents)
            found.append(fault)
        return found

    def _fault(self, one: dict[str, Any], key: Key, seen: set[Key], known: set[str], spans: Any, documents: Any) -> Fault | None:
        if not self.sender.takes(one["station"]):
            return Fault("station", f"「{one['station']}」不是本单位的工作站。")
        if key in seen:
            return Fault("repeated", "这条记录在同一批里出现了两次。")
        if fault := check_record(one, self.today, self.now):
            return fault
        data, kind = one["data"], one["type"]
        if kind == "volunteer":
            whose = documents.get((data["document_type"], normalise(data["document_number"])))
            if whose is not None and whose != key:
                return Fault("duplicate", "这个证件号已经登记过另一条志愿者记录，请核对后办理认领或转移。")
        elif "volunteer_no" in {item.key for item in KINDS[kind].items} and data["volunteer_no"] not in known:
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
            ReceivedRecord.kind == "volunteer", ReceivedRecord.volunteer_no.in_(list(nos))
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

    def _documents(self, records: list[dict[str, Any]]) -> dict[tuple[str, str], Key]:
        said = {
            f"{one['data'].get('document_type', '')} {normalise(str(one['data'].get('document_number', '')))}" for one in records
        }
        wanted = [index for text in said for index in keyring.indexes(text)]
        rows = ReceivedRecord.select().where(ReceivedRecord.document_index.in_(wanted), ReceivedRecord.kind == "volunteer")
        found = {}
        for row in rows:
            kind, _, number = row.document.partition(" ")
            found[kind, number] = (row.station_code, row.kind, row.record)
        return found

    def _keep(self, one: dict[str, Any], row: ReceivedRecord | None, spans: Any, documents: Any) -> None:
        data, kind = one["data"], one["type"]
        new = row is None
        if row is None:
            row = ReceivedRecord(sender=self.sender.id, station_code=one["station"], kind=kind, record=one["id"])
        elif row.digest == one["digest"]:
            return
        key = (one["station"], kind, one["id"])
        row.batch, row.digest, row.accepted_at = self.batch.id, one["digest"], self.now
        row.data = canonical(data)
        row.volunteer_no, row.hours = data.get("volunteer_no", ""), data.get("hours", "")
        if kind == "volunteer":
            number = normalise(data["document_number"])
            row.document = f"{data['document_type']} {number}"
            row.document_index = ReceivedRecord.document_index.made(row.document)
            documents[data["document_type"], number] = key
        if kind == "service":
            stands = data["status"] != "3"
            row.started_at = datetime.fromisoformat(data["started_at"]) if stands else None
            row.ended_at = datetime.fromisoformat(data["ended_at"]) if stands else None
            mine = [span for span in spans.get(data["volunteer_no"], []) if span[0] != key]
            spans[data["volunteer_no"]] = [*mine, *([(key, row.started_at, row.ended_at)] if stands else [])]
        row.save(force_insert=new)


def _answer(one: Mapping[str, Any], fault: Fault | None) -> dict[str, Any]:
    said = {"station": one["station"], "type": one["type"], "id": one["id"], "digest": one["digest"]}
    if fault is None:
        return said | {"state": "accepted"}
    return said | {"state": "refused", "code": fault.code, "reason": fault.says}


def find_batch(sender: UpwardSender, number: str) -> ReceivedBatch | None:
    """A sender's own batch."""
    found: ReceivedBatch | None = ReceivedBatch.get_or_none(ReceivedBatch.sender == sender.id, ReceivedBatch.number == number)
    return found
