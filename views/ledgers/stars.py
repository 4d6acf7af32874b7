"""The ledgers of 星级认定 and 嘉许: from application through review, 公示 and objections to the certificate."""

from peewee import JOIN, Case, ModelSelect, fn

from models.honours import Honour
from models.notices import Notice, Objection
from models.stars import DIVISION_LABELS, StarGrant
from models.stations import Station
from models.teams import Team
from models.volunteers import Volunteer
from views.ledgers.columns import CARD, NAME, STATION, Column, Ledger


def _objections(kind: str, key) -> ModelSelect:
    """How many objections a row had on notices of its kind."""
    on = Notice.alias()
    return (
        Objection.select(fn.COUNT(Objection.id))
        .join(on, on=(Objection.notice == on.id))
        .where(on.kind == kind, Objection.record == key)
    )


def _stars(query: ModelSelect) -> ModelSelect:
    query = query.join_from(StarGrant, Volunteer).join_from(StarGrant, Station)
    return query.join_from(StarGrant, Notice, JOIN.LEFT_OUTER, on=(StarGrant.notice == Notice.id))


STARS = Ledger(
    "stars", "星级认定", "stars", StarGrant,
    (
        STATION,
        CARD,
        NAME,
        Column(StarGrant.star, "choice", 9),
        Column(StarGrant.honour_minutes, "hours", 11),
        Column(StarGrant.state, "state", 10),
        Column(StarGrant.entered_at, "date", 11, header="列入日期"),
        Column(StarGrant.proposed_on, "date", 11),
        Column(StarGrant.accepted_on, "date", 11),
        Column(StarGrant.accepted_by, width=12),
        Column(StarGrant.outcome, "long_text", 24),
        Column(Notice.opens_on, "date", 11),
        Column(Notice.closes_on, "date", 11),
        Column(_objections("stars", StarGrant.id), "int", 8, header="异议（件）", name="objections"),
        Column(StarGrant.recognised_on, "date", 11),
        Column(Case(StarGrant.recognised_by, list(DIVISION_LABELS.items()), StarGrant.recognised_by), width=10,
               header="认定层级", name="recognised_by"),
        Column(StarGrant.recogniser, width=12),
        Column(StarGrant.certificate_no, width=22),
        Column(StarGrant.void_nos, width=22),
        Column(StarGrant.why, "long_text", 40),
        Column(StarGrant.policy, width=22),
    ),
    _stars, order=StarGrant.id,
    day=fn.COALESCE(StarGrant.recognised_on, StarGrant.proposed_on, fn.DATE(StarGrant.entered_at)),
    filters=("state", "star", "volunteer", "recognised_by"),
)  # fmt: skip


def _honours(query: ModelSelect) -> ModelSelect:
    query = query.join_from(Honour, Volunteer, JOIN.LEFT_OUTER).join_from(Honour, Team, JOIN.LEFT_OUTER)
    query = query.join_from(Honour, Station, on=(Honour.station == Station.id))
    return query.join_from(Honour, Notice, JOIN.LEFT_OUTER, on=(Honour.notice == Notice.id))


HONOURS = Ledger(
    "honours", "嘉许", "honours", Honour,
    (
        STATION,
        CARD,
        NAME,
        Column(Team.name, width=16, header="服务队", name="team"),
        Column(Honour.title, width=20),
        Column(Honour.level, "choice", 10),
        Column(Honour.body, width=24),
        Column(Honour.given_on, "date", 11),
        Column(Honour.document_no, width=20),
        Column(Honour.deeds, "long_text", 30),
        Column(Honour.proof, "long_text", 30),
        Column(Honour.state, "state", 9),
        Column(Honour.checked_by, width=12),
        Column(Honour.checked_on, "date", 11),
        Column(Notice.opens_on, "date", 11),
        Column(Notice.closes_on, "date", 11),
        Column(_objections("honours", Honour.id), "int", 8, header="异议（件）", name="objections"),
        Column(Honour.certificate_no, width=22),
        Column(Honour.outcome, "long_text", 24),
    ),
    _honours, order=Honour.id, day=fn.COALESCE(Honour.given_on, fn.DATE(Honour.entered_at)),
    filters=("state", "level", "volunteer"), leaves_out=("void",),
)  # fmt: skip
