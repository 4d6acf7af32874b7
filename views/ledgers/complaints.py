"""投诉台账 (民函〔2012〕340号 被投诉信息; Order 67 arts. 20–22): who complained of what, what was found, what was answered.

Objections to a notice are no complaints of somebody: they stand with their notice, and their outcome in the record.
"""

from peewee import JOIN, Case, ModelSelect

from models.activities import Activity
from models.complaints import Complaint
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


COMPLAINTS = Ledger(
    "complaints", "投诉", "complaints", Complaint,
    (
        STATION,
        Column(Complaint.id, "int", 8, header="编号"),
        Column(Complaint.received_on, "date", 11),
        Column(Complaint.said_by, width=16),
        Column(Complaint.contact, "sealed", 14, mask=mask_phone),
        CARD,
        NAME,
        Column(Complaint.accused, width=10),
        Column(Activity.name, width=20),
        Column(Complaint.record, "int", 10),
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
)  # fmt: skip
