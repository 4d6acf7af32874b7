"""The ledger of certificates of service (志愿服务证明登记): Order 67 art. 17 and 民发〔2015〕149号 want a register."""

from peewee import JOIN, Case, ModelSelect, fn

from models.certificates import Certificate
from models.notices import Notice
from models.projects import Project
from models.stations import Station
from models.volunteers import Volunteer
from views.ledgers.columns import CARD, NAME, STATION, Column, Ledger

_OLD = Certificate.alias()
# What is not issued certifies nothing yet: a blank cell, not 0.00 hours.
_MINUTES, _RECORDS = (
    Case(None, [(Certificate.issued_on.is_null(False), field)], None) for field in (Certificate.minutes, Certificate.records)
)


def _certificates(query: ModelSelect) -> ModelSelect:
    query = query.join_from(Certificate, Volunteer)
    query = query.join_from(Certificate, Station, on=(Certificate.station == Station.id))
    query = query.join_from(Certificate, Project, JOIN.LEFT_OUTER, on=(Certificate.project == Project.id))
    query = query.join_from(Certificate, _OLD, JOIN.LEFT_OUTER, on=(Certificate.replaces == _OLD.id))
    return query.join_from(Certificate, Notice, JOIN.LEFT_OUTER, on=(Certificate.notice == Notice.id))


CERTIFICATES = Ledger(
    "certificates", "志愿服务证明", "certificates", Certificate,
    (
        STATION,
        Column(fn.COALESCE(Certificate.number, Certificate.paper_no), width=22, header="证明编号", name="number"),
        CARD,
        NAME,
        Column(Certificate.purpose, "choice", 12),
        Column(Certificate.purpose_note, width=16),
        Column(Certificate.first_day, "date", 11),
        Column(Certificate.last_day, "date", 11),
        Column(Project.name, width=18, header="项目", name="project"),
        Column(_MINUTES, "hours", 12, header="证明时长（小时）", name="minutes", total=True),
        Column(_RECORDS, "int", 10, header=Certificate.label("records"), name="records"),
        Column(Certificate.issued_on, "date", 11),
        Column(Certificate.handler, width=12),
        Column(Certificate.in_charge, width=12),
        Column(Notice.opens_on, "date", 11),
        Column(Notice.closes_on, "date", 11),
        Column(Certificate.valid_on, "date", 11),
        Column(Certificate.state, "state", 9),
        Column(Certificate.revoked_on, "date", 11),
        Column(Certificate.outcome, "long_text", 24),
        Column(_OLD.number, width=22, header="代替的证明", name="replaces"),
    ),
    _certificates, order=Certificate.id, day=fn.COALESCE(Certificate.issued_on, fn.DATE(Certificate.entered_at)),
    filters=("state", "purpose", "volunteer"),
)  # fmt: skip
