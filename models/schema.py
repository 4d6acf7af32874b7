"""All tables, and the triggers that keep the account and the trail append-only on both databases."""

from pathlib import Path

from playhouse.migrations import Runner

from models.account_checks import AccountCheck
from models.activities import Activity, SignInSheet
from models.anomalies import Anomaly, AnomalyLine
from models.applications import Application
from models.assessments import Assessment
from models.assignments import Assignment
from models.audit import Trail, TrailHead, TrailKey
from models.backups import Backup
from models.base import BaseModel, database, on_postgres
from models.catalogue import RewardItem
from models.certificates import Certificate, CertificateLine
from models.clock import Setting
from models.closes import MonthClose
from models.complaints import Complaint
from models.consents import Consent
from models.corrections import Correction
from models.courses import Attendance, Training
from models.covers import Cover
from models.dissolving import Dissolution
from models.erasures import Erasure
from models.failures import Failure
from models.first_codes import FirstCode
from models.gifts import Gift
from models.header_mappings import HeaderMapping
from models.honours import Honour
from models.hours import Balance, Chain, Entry, Lot
from models.households import Hardship, Household, Recipient, Visit
from models.jobs import Job
from models.kiosks import Kiosk
from models.measures import Measure, TakeUp
from models.meetings import FollowUp, Meeting
from models.messages import Message
from models.needs import Need
from models.notices import Notice, Objection
from models.once import SentForm
from models.openings import Opening
from models.pairing import PairedHousehold, Pairing
from models.peers import Peer
from models.people import Account
from models.photos import Photo
from models.policy import Holiday, PolicyVersion
from models.policy_drafts import PolicyDraft
from models.pool import Grant
from models.presence import Punch
from models.previews.kept import PolicyPreview
from models.projects import Post, Project
from models.record_book import BookLine
from models.records import ServiceRecord
from models.retention import RetentionLine, RetentionProposal
from models.rewards import Redemption
from models.second_factor import SecondFactor
from models.self_checks import SelfCheck
from models.sessions import Session
from models.set_up import SetUpItem
from models.sign_ups import SignUp
from models.signing import InstallationKey
from models.spot_checks import SpotCheck, SpotSample
from models.stars import StarGrant
from models.stations import Division, Station
from models.stock import StockMove
from models.stocktaking import StockCount
from models.stories import Story
from models.supports import Duty, Support
from models.teams import Team, TeamMember
from models.training import Backbone, Qualification
from models.training_plans import PlanLine, TrainingPlan
from models.transfer_in import Arrival, Arriver
from models.transfer_out import Departure, Leaver
from models.transfer_packing import Brought
from models.transfer_wire import AnswerSent
from models.units import Unit
from models.upwards import UpwardBatch, UpwardLink, UpwardRecord
from models.upwards_in import ReceivedBatch, ReceivedRecord, UpwardSender
from models.vocabulary import Term
from models.volunteers import Claim, Volunteer
from models.webhooks import Delivery, Webhook

TABLES: list[type[BaseModel]] = [
    Setting,
    Trail,
    TrailHead,
    TrailKey,
    Term,
    Division,
    Station,
    Account,
    PolicyVersion,
    Holiday,
    Household,
    Recipient,
    Hardship,
    Visit,
    Need,
    Volunteer,
    Claim,
    FirstCode,
    Project,
    Team,
    TeamMember,
    Unit,
    Pairing,
    Post,
    Application,
    SignUp,
    Activity,
    SignInSheet,
    Photo,
    Cover,
    Assignment,
    Kiosk,
    Punch,
    Notice,
    ServiceRecord,
    Objection,
    Correction,
    Chain,
    Balance,
    Lot,
    Entry,
    Opening,
    StarGrant,
    Honour,
    Measure,
    TakeUp,
    RewardItem,
    StockMove,
    StockCount,
    Redemption,
    Gift,
    Grant,
    PairedHousehold,
    Training,
    Attendance,
    Qualification,
    Backbone,
    TrainingPlan,
    PlanLine,
    SetUpItem,
    Duty,
    Support,
    SelfCheck,
    SpotCheck,
    SpotSample,
    Story,
    Meeting,
    FollowUp,
    Job,
    HeaderMapping,
    Assessment,
    Complaint,
    Anomaly,
    AnomalyLine,
    MonthClose,
    AccountCheck,
    PolicyDraft,
    PolicyPreview,
    Session,
    SecondFactor,
    Failure,
    SentForm,
    Backup,
    Consent,
    Erasure,
    RetentionProposal,
    RetentionLine,
    Message,
    Webhook,
    Delivery,
    BookLine,
    InstallationKey,
    Peer,
    Certificate,
    CertificateLine,
    Departure,
    Leaver,
    Arrival,
    Arriver,
    Brought,
    AnswerSent,
    UpwardLink,
    UpwardBatch,
    UpwardRecord,
    UpwardSender,
    ReceivedBatch,
    ReceivedRecord,
    Dissolution,
]

APPEND_ONLY: list[type[BaseModel]] = [Entry, Trail, MonthClose, PolicyVersion, StockMove]


MIGRATIONS = Path(__file__).parent / "migrations"


def newest() -> str:
    """The last numbered script that this program knows."""
    return max(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


def upgrade() -> list[str]:
    """Bring the database to today's schema by the numbered scripts it has not seen; their names, none when up to date.

    An empty database is one that has seen none. Two programs starting at once on one database queue.
    """
    with database.atomic():
        if on_postgres():
            database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (UPGRADING,))
        applied: list[str] = Runner(database.obj, str(MIGRATIONS)).up()
        _guard()
    return applied


UPGRADING = 20261124  # the number of the advisory lock; any will do, if it stays the same


def create_all() -> None:
    """The tables straight from the models: for tests, which compare them with what `upgrade` gives."""
    with database.atomic():
        database.create_tables(TABLES)
        _guard()


def _guard() -> None:
    for table in APPEND_ONLY:
        for statement in guards(table._meta.table_name):
            database.execute_sql(statement)


def guards(table: str) -> list[str]:
    """The statements that make a table refuse UPDATE and DELETE."""
    says = f"{table} is append-only"
    if on_postgres():
        return [
            f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{says}'; END $$",
            f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
            f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
        ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
        for verb in ("UPDATE", "DELETE")
    ]
