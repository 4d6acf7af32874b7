"""A batch upwards from its opening to the platform's answers: made, sent, answered record by record, or made void."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Case, chunked

from models import clock
from models.audit import trail
from models.base import transaction
from models.moves import permit, whole
from models.refusals import refuse, refuse_if
from models.scope import Actor, find
from models.stations import Station
from models.upwards import UpwardBatch, UpwardRecord, place_of, stations_at
from rules.reasons import check_reason
from rules.upwards import BATCH_STATES, STATES, TARGETS, station_code

AT_ONCE = 200  # answers written in one statement


def open_batch(by: Actor, target: str, job: int | None, next_at: datetime | None = None) -> UpwardBatch:
    """A batch of this person's place, its number taken; sent by the timetable at ``next_at``, where that is given.

    Raises ``Refusal`` for whoever makes none.
    """
    permit(by, "enter", UpwardBatch.resource)
    if target not in TARGETS:
        raise refuse("请选择上报到哪个平台。", "target")
    station, division = place_of(by)
    with whole():
        stem = f"{station_code(division, station or 0)}-{target[0].upper()}{clock.today():%Y%m%d}-"
        taken = UpwardBatch.select(UpwardBatch.number).where(UpwardBatch.number.startswith(stem))
        last = max((int(number[len(stem) :]) for (number,) in taken.tuples()), default=0)
        batch: UpwardBatch = UpwardBatch.create(
            number=f"{stem}{last + 1:04d}", station=station, division=division, target=target, made_by=by.account_id,
            who=by.name, job=job, next_at=next_at,
        )  # fmt: skip
        batch.trace(by, "enter", number=batch.number, target=target)
    return batch


def close_batch(batch: UpwardBatch, by: Actor, counts: Mapping[str, int]) -> None:
    """Every record is in it: it may be sent. Raises ``Refusal`` where another making let it go meanwhile."""
    with whole():
        batch.records = sum(counts.values())
        mine = UpwardBatch.update(state="made", records=batch.records).where(UpwardBatch.id == batch.id, UpwardBatch.state == "making")
        if ours := bool(mine.execute()):
            batch.trace(by, "export", batch=batch.number, **counts)
        else:
            _release(batch)
    if not ours:
        raise refuse("同时有另一次编批，这一次没有完成；请看另一次编好的批次。")
    batch.state = "made"


def not_sent(batch: UpwardBatch, says: str) -> None:
    """Keep on the batch why it did not get there; it waits as before."""
    UpwardBatch.update(note=says[:300]).where(UpwardBatch.id == batch.id).execute()


def mark_sent(key: object, by: Actor) -> UpwardBatch:
    """The batch was handed to the platform, by hand or over the network. Done already, it changes nothing."""
    permit(by, "send", UpwardBatch.resource)
    with whole():
        batch: UpwardBatch = find(UpwardBatch, key, by, lock=True)
        if batch.state in ("sent", "answered"):
            return batch
        if batch.state != "made":
            raise refuse(f"这一批现在是「{BATCH_STATES[batch.state]}」，不能报送。")
        batch.state, batch.sent_at, batch.next_at, batch.note = "sent", clock.now(), None, ""
        batch.save()
        UpwardRecord.update(state="sent").where(UpwardRecord.batch == batch.id).execute()
        batch.trace(by, "send", records=batch.records)
    return batch


def void(key: object, by: Actor, reason: str) -> UpwardBatch:
    """A batch that never reached the platform is made void: its records wait again."""
    permit(by, "void", UpwardBatch.resource)
    refuse_if(check_reason(reason))
    with whole():
        batch: UpwardBatch = find(UpwardBatch, key, by, lock=True)
        if batch.state == "void":
            return batch
        if batch.state == "answered":
            raise refuse("平台已经答复这一批，不能作废；有错请更正后重新编批。")
        _release(batch)
        batch.state, batch.next_at, batch.note = "void", None, reason[:300]
        batch.save()
        batch.trace(by, "void", reason)
    return batch


def again(key: object, by: Actor) -> UpwardRecord:
    """A record that was refused for what was wrong elsewhere goes into the next batch as it is. Waiting already, nothing
    changes. Raises ``Refusal`` for one that is on its way or was accepted."""
    permit(by, "send", UpwardRecord.resource)
    with whole():
        row: UpwardRecord = find(UpwardRecord, key, by, lock=True)
        if row.state == "waiting":
            return row
        if row.state != "refused":
            raise refuse(f"这条记录现在是「{STATES[row.state]}」，不用重新报送。")
        trail(by, "again", row._meta.table_name, row.id, station=row.station_id, before={"reason": row.reason})
        row.state, row.batch, row.sent_digest, row.reason, row.waiting_since = "waiting", None, "", "", clock.now()
        row.save()
    return row


def drop_unfinished(by: Actor) -> None:
    """What a job left half-made before is let go."""
    station, division = place_of(by)
    mine = UpwardBatch.station.is_null() if station is None else UpwardBatch.station == station
    for batch in UpwardBatch.select().where(mine, UpwardBatch.division == division, UpwardBatch.state == "making"):
        with transaction():
            _release(batch)
            UpwardBatch.update(state="void", next_at=None, note="编批中断").where(UpwardBatch.id == batch.id).execute()


def _release(batch: UpwardBatch) -> None:
    """Its records wait again, each with what it had been accepted with before."""
    UpwardRecord.update(state="waiting", batch=None, sent_digest="").where(
        UpwardRecord.batch == batch.id, UpwardRecord.state.in_(("waiting", "sent"))
    ).execute()


@dataclass
class Taken:
    """What came of the answers that were taken in."""

    accepted: int = 0
    refused: int = 0
    same: int = 0  # told before
    unknown: int = 0  # of no record of the batch, or of another version of it


def take_answers(key: object, answers: Iterable[Mapping[str, Any]], by: Actor) -> Taken:
    """Take the platform's word on each record of a batch. The same answers again change nothing.

    Raises ``Refusal`` where an answer says neither yes nor no.
    """
    permit(by, "send", UpwardBatch.resource)
    done = Taken()
    with whole():
        batch: UpwardBatch = find(UpwardBatch, key, by, lock=True)
        if batch.state in ("making", "void"):
            raise refuse(f"这一批现在是「{BATCH_STATES[batch.state]}」，没有回执可收。")
        stations = Station.select(Station.id, Station.division).where(Station.id.in_(stations_at(batch.station_id, str(batch.division_id))))
        codes = {station_code(str(division), key): key for key, division in stations.tuples()}
        said = {(codes.get(str(a["station"])), str(a["type"]), str(a["id"])): a for a in answers}
        for a in said.values():
            if a["state"] not in ("accepted", "refused"):
                raise refuse(f"回执「结果」应是 accepted 或 refused，现在是「{str(a['state'])[:20]}」。")
        done.unknown = len(said) - (heard := _take(batch, said, done))
        batch.accepted, batch.refused = batch.accepted + done.accepted, batch.refused + done.refused
        if heard:
            now = clock.now()
            batch.sent_at, batch.answered_at, batch.next_at = batch.sent_at or now, now, None
            batch.state = "answered" if batch.accepted + batch.refused >= batch.records else "sent"
        batch.save()
        if done.accepted or done.refused:
            batch.trace(by, "answers", accepted=done.accepted, refused=done.refused)
    return done


def _take(batch: UpwardBatch, said: Mapping[Any, Mapping[str, Any]], done: Taken) -> int:
    """Write down what was said of the records of a batch, some hundred in a statement; how many it was about."""
    yes: list[int] = []
    no: list[tuple[int, str]] = []
    heard = 0
    for row in UpwardRecord.select().where(UpwardRecord.batch == batch.id).iterator():
        answer = said.get((row.station_id, row.kind, str(row.row)))
        if answer is None or answer["digest"] != row.sent_digest:
            continue
        heard += 1
        if answer["state"] == "accepted":
            if row.accepted_digest == row.sent_digest:
                done.same += 1
                continue
            done.accepted += 1
            done.refused -= bool(row.reason)  # it was refused at first
            yes.append(row.id)
        else:
            reason = str(answer.get("reason") or answer.get("code") or "平台没有说明原因")[:300]
            if row.reason == reason and row.state in ("refused", "waiting") and row.accepted_digest != row.sent_digest:
                done.same += 1
                continue
            done.refused += not row.reason  # it may be refused again, with another reason
            no.append((row.id, reason))
    _write(yes, no)
    return heard


def _write(yes: list[int], no: list[tuple[int, str]]) -> None:
    now, changed = clock.now(), UpwardRecord.digest != UpwardRecord.sent_digest
    for keys in chunked(yes, AT_ONCE):
        UpwardRecord.update(
            accepted_digest=UpwardRecord.sent_digest, accepted_for=UpwardRecord.station, accepted_at=now, reason="", waiting_since=now,
            state=Case(None, [(changed, "waiting")], "accepted"),
        ).where(UpwardRecord.id.in_(list(keys))).execute()  # fmt: skip
    for pairs in chunked(no, AT_ONCE):
        reasons: dict[str, list[int]] = {}
        for key, reason in pairs:
            reasons.setdefault(reason, []).append(key)
        UpwardRecord.update(
            reason=Case(None, [(UpwardRecord.id.in_(keys), reason) for reason, keys in reasons.items()], ""),
            waiting_since=now, state=Case(None, [(changed, "waiting")], "refused"),
        ).where(UpwardRecord.id.in_([key for key, _ in pairs])).execute()  # fmt: skip
