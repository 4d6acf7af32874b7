"""投诉、异议台账 (domain §3.5 no. 10; 民函〔2012〕340号 被投诉信息; Order 67 arts. 20–22): who complained of what, what was
found, what was answered. Objections to a line of a notice follow the complaints, in the same columns.
"""

from collections.abc import Sequence
from dataclasses import replace

from peewee import JOIN, SQL, Case, ModelSelect, fn

from models.activities import Activity
from models.audit import Trail
from models.certificates import Certificate
from models.complaints import Complaint
from models.honours import Honour
from models.notices import Notice, Objection
from models.records import ServiceRecord
from models.stars import StarGrant
from models.stations import Station
from models.volunteers import Volunteer
from rules.complaints import OUTCOMES
from rules.identity import mask_phone
from views.ledgers.columns import CARD, NAME, STATION, Column, Ledger


def _joined(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(Complaint, Station)
        .join_from(Complaint, Volunteer, JOIN.LEFT_OUTER)
        .join_from(Complaint, Activity, JOIN.LEFT_OUTER)
    )


def _objected(query: ModelSelect) -> ModelSelect:
    """The line that an objection is about, in whichever table the kind of its notice lists."""
    query = query.join_from(Objection, Notice).join_from(Objection, Station, on=(Objection.station == Station.id))
    for kind, table in _LISTED.items():
        on = (Notice.kind == kind) & (Objection.record == table.id)
        query = query.join_from(Objection, table, JOIN.LEFT_OUTER, on=on)
    whose = fn.COALESCE(*(table.volunteer for table in _LISTED.values()))
    query = query.join_from(Objection, Volunteer, JOIN.LEFT_OUTER, on=(Volunteer.id == whose))
    return query.join_from(Objection, Activity, JOIN.LEFT_OUTER, on=(ServiceRecord.activity == Activity.id))


_LISTED = {"records": ServiceRecord, "stars": StarGrant, "honours": Honour, "certificates": Certificate}


def _decisions(keys: Sequence[int]) -> dict[int, Trail]:
    """What decided each of these objections, as the audit log has it."""
    moves = Trail.select(Trail.row, Trail.at, Trail.who).where(
        Trail.table == Objection._meta.table_name, Trail.row.in_([str(key) for key in keys]),
        Trail.action.in_(("uphold", "dismiss")),
    )  # fmt: skip
    return {int(trace.row): trace for trace in moves.order_by(Trail.id)}


def _decided_on(keys: Sequence[int]) -> dict[int, str]:
    return {key: f"{trace.at:%Y-%m-%d}" for key, trace in _decisions(keys).items()}


def _decided_by(keys: Sequence[int]) -> dict[int, str]:
    return {key: trace.who for key, trace in _decisions(keys).items()}


_DECIDED = [(state.name, state.label) for state in Objection.life.states if state.name != "open"]
_NOTHING = SQL("NULL")

OBJECTIONS = Ledger(
    "objections", "异议", "objections", Objection,
    (
        STATION,
        Column(SQL("'对公示的异议'"), width=12, header="类别", name="kind"),
        Column(Objection.id, "int", 8, header="编号"),
        Column(Objection.entered_at, "date", 11, header="收到日期", name="received_on"),
        Column(Objection.said_by, width=16),
        Column(Objection.contact, "sealed", 14, mask=mask_phone),
        CARD,
        NAME,
        Column(_NOTHING, width=10, header="被投诉人", name="accused"),
        Column(Activity.name, width=20),
        Column(ServiceRecord.id, "int", 10, header="服务记录", name="record"),
        Column(Notice.title, width=24, header="公示", name="notice"),
        Column(Objection.reason, "long_text", 36),
        Column(_NOTHING, "date", 11, header="答复期限", name="due_on"),
        Column(Objection.state, "state", 9),
        Column(Objection.outcome, "long_text", 36, header="核查情况", name="findings"),
        Column(Case(Objection.state, _DECIDED, ""), width=9, header="核查结论", name="outcome"),
        Column(_NOTHING, width=30, header="处理措施", name="measure"),
        Column(_NOTHING, width=30, header="答复内容", name="reply"),
        Column(Objection.id, "date", 11, header="答复日期", name="replied_on", look=_decided_on),
        Column(Objection.id, width=12, header="办理人", name="handler", look=_decided_by),
        Column(Notice.policy, width=22),
    ),
    _objected, order=Objection.id, day=Objection.entered_at, filters=("state", "notice"),
)  # fmt: skip

COMPLAINTS = Ledger(
    "complaints", "投诉", "complaints", Complaint,
    (
        STATION,
        Column(SQL("'投诉'"), width=12, header="类别", name="kind"),
        Column(Complaint.id, "int", 8, header="编号"),
        Column(Complaint.received_on, "date", 11),
        Column(Complaint.said_by, width=16),
        Column(Complaint.contact, "sealed", 14, mask=mask_phone),
        CARD,
        NAME,
        Column(Complaint.accused, width=10),
        Column(Activity.name, width=20),
        Column(Complaint.record, "int", 10),
        Column(SQL("NULL"), width=24, header="公示", name="notice"),
        Column(Complaint.reason, "long_text", 36),
        Column(Complaint.due_on, "date", 11),
        Column(Complaint.state, "state", 9),
        Column(Complaint.findings, "long_text", 36),
        Column(Case(Complaint.outcome, OUTCOMES, ""), width=9, header="核查结论", name="outcome"),
        Column(Complaint.measure, "long_text", 30),
        Column(Complaint.reply, "long_text", 30),
        Column(Complaint.replied_on, "date", 11),
        Column(Complaint.handler, width=12),
        Column(Complaint.policy, width=22),
    ),
    _joined, order=Complaint.id, day=Complaint.received_on,
    filters=("state", "outcome", "volunteer", "activity", "record"),
    beside=(replace(OBJECTIONS, filters=()),),  # states of the one are not states of the other
)  # fmt: skip
