"""异地转移, packing (方案 二(5)): everything of a person as plain values, and what must be settled before she may leave.

A row that another installation wrote keeps the name it came under, so that going there and back makes nothing twice.
"""

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from peewee import BigIntegerField, CharField, DateField, ForeignKeyField, IntegerField

from models.activities import Activity
from models.assignments import Assignment
from models.base import BaseModel
from models.clock import Setting
from models.complaints import Complaint
from models.consents import Consent
from models.courses import Attendance, Training
from models.erasing import under_way
from models.erasures import Erasure
from models.fields import SealedField
from models.honours import Honour
from models.hours import Balance, Lot
from models.records import ServiceRecord
from models.stars import StarGrant
from models.stations import Station
from models.training import Backbone, Qualification
from models.volunteers import Volunteer
from rules import transfer as rules
from rules.consents import ADULT, KINDS
from rules.training import TAUGHT

AT_ONCE = 100  # people whose rows are read together
OURS = "transfer_origin"  # the setting that holds this installation's own name in the names of rows

BROUGHT_KINDS = [
    ("records", "服务记录"),
    ("trainings", "参训"),
    ("complaints", "查证属实的投诉"),
    ("qualifications", "资质"),
    ("honours", "嘉许"),
    ("backbones", "骨干"),
]
STAR = ["star", "state", "honour_minutes", "why", "recognised_by", "selection", "recognised_on", "recogniser", "certificate_no", "void_nos", "kept_minutes", "origin", "proof"]  # fmt: skip
CONSENT = ["kind", "age", "given_by", "giver", "relation", "way", "given_on", "witness", "note", "state", "ended_on", "ended_for"]
QUALIFICATION = ["kind", "number", "issuer", "granted_on", "expires_on", "proof", "state", "revoked_on", "revoked_for"]
BACKBONE = ["duty", "since", "until", "reason", "state", "decided_for"]
HONOUR = ["title", "level", "body", "given_on", "document_no", "deeds", "proof", "checked_by", "checked_on", "certificate_no"]


class Brought(BaseModel):
    """Something of a person's that another installation wrote: history, not counted again here. A qualification or an
    honour also stands as a row of its own (``row``), so that it holds here."""

    resource = "brought"
    station_path = "volunteer.station"

    volunteer = ForeignKeyField(Volunteer, backref="brought", verbose_name="志愿者")
    kind = CharField(max_length=16, choices=BROUGHT_KINDS, verbose_name="类别")
    uid = CharField(max_length=80)
    source = CharField(max_length=80, default="", verbose_name="原单位")
    day = DateField(null=True, verbose_name="日期")
    title = CharField(max_length=120, default="", verbose_name="内容")
    minutes = IntegerField(default=0, verbose_name="时长", help_text="分钟")
    data = SealedField(default="")  # all of it, as it came
    row = BigIntegerField(null=True)

    class Meta:
        indexes = ((("volunteer", "kind", "uid"), True), (("volunteer", "day"), False))

    def __str__(self) -> str:
        return f"{self.day or ''} {self.title}".strip()


def ours() -> str:
    """This installation's name in the names of rows: made at the first use, never changed."""
    if Setting.read(OURS) is None:
        Setting.insert(key=OURS, value=uuid.uuid4().hex[:16]).on_conflict_ignore().execute()
    return str(Setting.read(OURS))


def unready(people: Sequence[Volunteer]) -> Iterator[tuple[int, str]]:
    """What keeps these people from leaving: no consent to sharing, or something that waits. A handful of statements."""
    keys = [row.id for row in people]
    agreed: dict[int, set[str]] = {key: set() for key in keys}
    given = Consent.select(Consent.volunteer, Consent.given_by).where(
        Consent.volunteer.in_(keys), Consent.kind == "sharing", Consent.state == "given"
    )
    for key, giver in given.tuples():
        agreed[key].add(giver)
    for row in people:
        if row.state not in ("registered", "suspended"):
            continue
        if row.age() < ADULT and "guardian" not in agreed[row.id]:
            yield row.id, f"未满 {ADULT} 周岁，缺监护人的「{KINDS['sharing']}」同意书。"
        elif not agreed[row.id]:
            yield row.id, f"缺「{KINDS['sharing']}」同意书，或已撤回。"
    for key, said in under_way(keys).items():
        for says in said:
            yield key, says
    coming = Assignment.select(Assignment.volunteer).where(
        Assignment.volunteer.in_(keys), Assignment.state.in_(("rostered", "confirmed"))
    )
    for (key,) in coming.distinct().tuples():
        yield key, "还有排班没有开展，请先取消排班。"
    asked = Erasure.select(Erasure.volunteer).where(Erasure.volunteer.in_(keys), Erasure.state == "asked")
    for (key,) in asked.tuples():
        yield key, "提出了注销申请，正在办理。"
    unchecked = Qualification.select(Qualification.volunteer).where(
        Qualification.volunteer.in_(keys), Qualification.state == "submitted"
    )
    for (key,) in unchecked.distinct().tuples():
        yield key, "有资质还没有核验。"


def persons(lines: Sequence[Any], package: str) -> Iterator[dict[str, Any]]:
    """The people of these lines of a package as they are signed, in their order. A dozen statements for all."""
    keys = [line.volunteer_id for line in lines]
    people = {row.id: row for row in Volunteer.select().where(Volunteer.id.in_(keys))}
    held = {row.volunteer_id: row for row in Balance.select().where(Balance.volunteer.in_(keys))}
    lots: dict[int, list[dict[str, Any]]] = {key: [] for key in keys}
    for lot in Lot.select().where(Lot.volunteer.in_(keys), Lot.left > 0).order_by(Lot.earned_on, Lot.id):
        lots[lot.volunteer_id].append({
            "origin": lot.origin, "earned_on": _plain(lot.earned_on), "expires_on": _plain(lot.expires_on),
            "minutes": lot.left, "donation_only": bool(lot.donation_only),
        })  # fmt: skip
    rows = {name: {key: [] for key in keys} for name in (*rules.LISTS, *rules.LATER)}
    for name, key, one in _rows(keys):
        rows[name][key].append(one)
    for line in lines:
        person, balance = people[line.volunteer_id], held.get(line.volunteer_id)
        made = {
            "format": rules.FORMAT, "version": rules.VERSION, "package": package, "n": line.n,
            "person": {name: _plain(getattr(person, f"{name}_id" if name == "residence" else name)) for name in rules.BASICS},
            "state": person.state, "card_no": person.card_no or "",
            "account": {
                "honour": balance.honour if balance else 0, "debt": balance.debt if balance else 0,
                "lots": lots[person.id],
            },
            **{name: rows[name][person.id] for name in rules.LISTS},
            **{name: said for name in rules.LATER if (said := rows[name][person.id])},
        }  # fmt: skip
        made["sums"] = rules.sums_of(made)
        yield made


def _rows(keys: list[int]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """(list, person, row) of all that these people have, what they brought from elsewhere first."""
    us, brought = ours(), {}
    for row in Brought.select().where(Brought.volunteer.in_(keys)).order_by(Brought.id):
        if row.row is None:
            yield row.kind, row.volunteer_id, _loaded(row)
        else:
            brought[row.kind, row.row] = row.uid
    yield from _history(keys, us)
    for name, model, columns, where in (
        ("qualifications", Qualification, QUALIFICATION, Qualification.state.in_(("valid", "revoked"))),
        ("honours", Honour, HONOUR, Honour.state.in_(("granted", "recorded"))),
        ("backbones", Backbone, BACKBONE, Backbone.state.in_(("confirmed", "ended"))),
    ):
        for row in model.select(model, Station).join(Station).where(model.volunteer.in_(keys), where).order_by(model.id):
            said = {column: _plain(getattr(row, column)) for column in columns}
            uid = brought.get((name, row.id)) or f"{us}:{name}:{row.id}"
            yield name, row.volunteer_id, {"uid": uid, "station": row.station.name, **said}
    for row in StarGrant.select().where(
        StarGrant.volunteer.in_(keys), StarGrant.state.in_(("recognised", "revoked", "refused"))
    ).order_by(StarGrant.star):  # fmt: skip
        yield "stars", row.volunteer_id, {name: _plain(getattr(row, name)) for name in STAR}
    for row in Consent.select().where(
        Consent.volunteer.in_(keys), Consent.state.in_(("given", "withdrawn"))
    ).order_by(Consent.id):  # fmt: skip
        yield "consents", row.volunteer_id, {name: _plain(getattr(row, name)) for name in CONSENT}


def _history(keys: list[int], us: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    records = ServiceRecord.select(ServiceRecord, Activity.name, Station.name).join(Activity)
    records = records.switch(ServiceRecord).join(Station, on=(ServiceRecord.station == Station.id))
    where = ServiceRecord.volunteer.in_(keys), ServiceRecord.state == "posted"
    for row in records.where(*where).order_by(ServiceRecord.started_at, ServiceRecord.id):
        yield "records", row.volunteer_id, {
            "uid": f"{us}:records:{row.id}", "station": row.station.name, "title": row.activity.name,
            "day": row.started_at.date().isoformat(), "started_at": _plain(row.started_at),
            "ended_at": _plain(row.ended_at), "travel_minutes": row.travel_minutes, "minutes": row.minutes,
            "content": row.content, "quality": row.quality, "remark": row.remark, "origin": row.origin,
        }  # fmt: skip
    came = Attendance.select(Attendance, Training, Station.name).join(Training)
    came = came.switch(Attendance).join(Station, on=(Attendance.station == Station.id))
    where = Attendance.volunteer.in_(keys), Attendance.state == "attended", Training.state.in_(TAUGHT)
    for row in came.where(*where).order_by(Training.day, Attendance.id):
        yield "trainings", row.volunteer_id, {
            "uid": f"{us}:trainings:{row.id}", "station": row.station.name, "title": row.training.name,
            "day": _plain(row.training.day), "minutes": row.minutes, "result": row.result,
            "topic": row.training.topic, "form": row.training.form,
        }  # fmt: skip
    told = Complaint.select(Complaint, Station.name).join(Station).where(
        Complaint.volunteer.in_(keys), Complaint.outcome == "upheld"
    )  # fmt: skip
    for row in told.order_by(Complaint.received_on, Complaint.id):
        yield "complaints", row.volunteer_id, {
            "uid": f"{us}:complaints:{row.id}", "station": row.station.name, "title": row.reason[:120],
            "day": _plain(row.received_on), "reason": row.reason, "outcome": row.outcome, "measure": row.measure,
            "replied_on": _plain(row.replied_on),
        }  # fmt: skip


def _loaded(row: Brought) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(row.data)
    return said


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def history(volunteer: int) -> list[Brought]:
    """What a person brought from elsewhere, the newest first."""
    return list(Brought.select().where(Brought.volunteer == volunteer).order_by(Brought.day.desc(), Brought.id.desc()))


def forget(volunteer: int) -> None:
    """Empty what says more of an erased person than her figures, inside the caller's transaction."""
    from models.transfer_in import Arriver
    from models.transfer_out import Leaver

    Brought.update(data="", title="").where(Brought.volunteer == volunteer).execute()
    Leaver.update(token=None, says="").where(Leaver.volunteer == volunteer).execute()
    Arriver.update(payload=None, name="", says="", backbone="").where(Arriver.volunteer == volunteer).execute()


