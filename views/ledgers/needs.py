"""需求台账 (方案 二(1); 志愿服务派遣受理回复单): what was needed, by whom, how it was verified, who took it on, what came of it."""

from peewee import JOIN, ModelSelect

from models.households import Household, Recipient, Visit
from models.needs import Need
from models.projects import Project
from models.stations import Station
from rules.identity import mask_address, mask_name, mask_phone
from views.ledgers.columns import STATION, Column, Ledger


def hidden(told: str) -> str:
    """What was told in confidence, for whoever is not of the station."""
    return "＊＊" if told else ""


def _needs(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(Need, Household)
        .join_from(Need, Recipient, JOIN.LEFT_OUTER, on=(Need.recipient == Recipient.id))
        .join_from(Need, Visit, JOIN.LEFT_OUTER, on=(Need.visit == Visit.id))
        .join_from(Need, Project, JOIN.LEFT_OUTER, on=(Need.project == Project.id))
        .join_from(Need, Station, on=(Need.station == Station.id))
    )


NEEDS = Ledger(
    "needs", "需求", "needs", Need,
    (
        STATION,
        Column(Need.id, "int", 8, header="编号"),
        Column(Need.collected_on, "date", 11),
        Column(Need.collector, width=10),
        Column(Need.source, "choice", 11),
        Column(Visit.day, "date", 11, header="走访日期", name="visit"),
        Column(Visit.visitor, width=10, header="走访人", name="visitor"),
        Column(Household.name, "private", 10, mask=mask_name),
        Column(Recipient.name, "private", 10, header="服务对象", name="recipient", mask=mask_name),
        Column(Recipient.hardship, "sealed", 18, words="recipient", mask=hidden),
        Column(Household.building, width=16),
        Column(Household.address, "sealed", 28, mask=mask_address),
        Column(Household.phone, "sealed", 14, mask=mask_phone),
        Column(Need.category, "term", 12, words="category"),
        Column(Need.content, "private", 36, mask=hidden),
        Column(Need.urgency, "choice", 9),
        Column(Need.risk, "choice", 11),
        Column(Need.risk_note, "private", 20, mask=hidden),
        Column(Need.due_on, "date", 11),
        Column(Need.verified_how, "choice", 11),
        Column(Need.verified_by, width=10),
        Column(Need.verified_on, "date", 11),
        Column(Project.name, width=20, header="承接项目", name="project"),
        Column(Need.handler, width=14),
        Column(Need.dispatched_on, "date", 11),
        Column(Need.said_role, "choice", 12),
        Column(Need.said_by, "private", 10, mask=mask_name),
        Column(Need.met_on, "date", 11),
        Column(Need.satisfaction, "choice", 10, header="回访满意度"),
        Column(Need.rated_by, "private", 10, mask=mask_name),
        Column(Need.rating_note, "private", 20, mask=hidden),
        Column(Need.rated_on, "date", 11),
        Column(Need.state, "state", 9),
        Column(Need.refused_for, "long_text", 20),
    ),
    _needs, order=Need.id, day=Need.collected_on,
    filters=("state", "category", "urgency", "household", "project"),
)  # fmt: skip
