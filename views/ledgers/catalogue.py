"""The ledgers that leave the house, column by column (志愿者登记、服务记录、工时账、星级认定、回馈兑换).

Columns of a service record are those of Order 67 art. 7; of a volunteer, those of art. 5 and 方案 二(2).
"""

from peewee import JOIN, Case, Field, ModelSelect

from models.activities import Activity
from models.hours import Balance, Entry
from models.projects import Project
from models.records import DEAD, ServiceRecord
from models.rewards import Redemption, RewardItem
from models.stations import Division, Station
from models.volunteers import Volunteer
from rules.identity import mask, mask_address, mask_phone
from views.ledgers.activities import ACTIVITIES
from views.ledgers.certificates import CERTIFICATES
from views.ledgers.columns import CARD, NAME, STATION, Column, Ledger
from views.ledgers.complaints import COMPLAINTS, OBJECTIONS
from views.ledgers.goods import GOODS
from views.ledgers.needs import NEEDS
from views.ledgers.pairing import PAIRING
from views.ledgers.projects import PROJECTS
from views.ledgers.stars import HONOURS, STARS
from views.ledgers.teams import TEAMS
from views.ledgers.training import TRAINING


def _volunteers(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(Volunteer, Station)
        .join_from(Volunteer, Division, JOIN.LEFT_OUTER, on=(Volunteer.residence == Division.code))
        .join_from(Volunteer, Balance, JOIN.LEFT_OUTER, on=(Balance.volunteer == Volunteer.id))
    )


VOLUNTEERS = Ledger(
    "volunteers", "志愿者登记", "volunteers", Volunteer,
    (
        STATION,
        CARD,
        NAME,
        Column(Volunteer.gender, "choice", 6),
        Column(Volunteer.birth_date, "date", 11),
        Column(Volunteer.birth_date, "age", 6, header="年龄", name="age"),
        Column(Volunteer.document_type, "choice", 14),
        Column(Volunteer.document_number, "sealed", 20, mask=mask),
        Column(Volunteer.politics, "term", 12, words="politics"),
        Column(Volunteer.ethnicity, "term", 8, words="ethnicity"),
        Column(Volunteer.education, "term", 12, words="education"),
        Column(Volunteer.occupation, "term", 12, words="occupation"),
        Column(Division.name, width=16, header="居住区域", name="residence"),
        Column(Volunteer.address, "sealed", 28, mask=mask_address),
        Column(Volunteer.phone, "sealed", 14, mask=mask_phone),
        Column(Volunteer.skills, "codes", 20, words="skill"),
        Column(Volunteer.languages, "codes", 14, words="language"),
        Column(Volunteer.speciality, width=16),
        Column(Volunteer.categories, "codes", 20, words="category"),
        Column(Volunteer.service_times, "grid", 22),
        Column(Volunteer.national_no, width=18),
        Column(Volunteer.guardian_name, width=10),
        Column(Volunteer.guardian_phone, "sealed", 14, mask=mask_phone),
        Column(Volunteer.consent_on, "date", 12),
        Column(Volunteer.registered_on, "date", 11),
        Column(Balance.honour, "hours", 11, total=True),
        Column(Balance.exchangeable, "hours", 12, total=True),
        Column(Volunteer.state, "state", 9),
    ),
    _volunteers, order=Volunteer.id, day=Volunteer.entered_at, filters=("state", "gender", "residence"),
)  # fmt: skip


def _records(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(ServiceRecord, Volunteer)
        .join_from(ServiceRecord, Activity)
        .join_from(Activity, Project)
        .join_from(ServiceRecord, Station)
    )


RECORDS = Ledger(
    "records", "服务记录", "records", ServiceRecord,
    (
        Column(ServiceRecord.started_at, "date", 11, header="服务日期", name="day"),
        Column(ServiceRecord.started_at, "time", 8),
        Column(ServiceRecord.ended_at, "time", 8),
        CARD,
        NAME,
        Column(Project.name, width=18),
        Column(Activity.name, width=20),
        Column(Project.category, "term", 12, words="category"),
        Column(Activity.place, width=16),
        Column(Station.name, width=30, header="组织单位", name="station"),
        Column(Activity.lead, width=11),
        Column(Activity.social_worker, width=10),
        Column(ServiceRecord.content, width=30),
        Column(ServiceRecord.travel_minutes, "int", 11, header="往返交通（分钟）"),
        Column(ServiceRecord.minutes, "hours", 11, header="服务时长（小时）", total=True),
        Column(ServiceRecord.quality, "term", 9, words="quality"),
        Column(ServiceRecord.origin, "choice", 9),
        Column(ServiceRecord.backfilled, "yes", 6),
        Column(ServiceRecord.state, "state", 9),
        Column(ServiceRecord.entered_by, "account", 10, header="记录人"),
        Column(ServiceRecord.entered_at, "datetime", 16),
        Column(ServiceRecord.remark, width=16),
    ),
    _records, order=ServiceRecord.started_at, day=ServiceRecord.started_at,
    filters=("state", "volunteer", "activity", "quality", "origin", "notice"), leaves_out=DEAD,
)  # fmt: skip


def _signed(account: str, up: Field, down: Field) -> Case:
    """Signed minutes of one account; blank where the entry does not touch it."""
    return Case(None, [(up == account, Entry.minutes), (down == account, 0 - Entry.minutes)], None)


_REVERSED = Entry.alias()


def _hours(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(Entry, Volunteer)
        .join_from(Entry, Station)
        .join_from(Entry, _REVERSED, JOIN.LEFT_OUTER, on=(Entry.reverses == _REVERSED.id))
    )


HOURS = Ledger(
    "hours", "工时账", "hours", Entry,
    (
        STATION,
        Column(Entry.seq, "int", 8, header="账序"),
        Column(Entry.at, "datetime", 16),
        Column(Entry.day, "date", 11),
        CARD,
        NAME,
        Column(Entry.kind, "choice", 10),
        Column(Entry.origin, "choice", 10),
        Column(_signed("honour", Entry.credit, Entry.debit), "hours", 12, header="荣誉工时增减", name="honour", total=True),
        Column(_signed("exchangeable", Entry.credit, Entry.debit), "hours", 13, header="可兑换工时增减", name="exchangeable", total=True),
        Column(_signed("debt", Entry.debit, Entry.credit), "hours", 10, header="欠账增减", name="debt", total=True),
        Column(Entry.record, "int", 10),
        Column(Entry.redemption, "int", 9),
        Column(_REVERSED.seq, "int", 9, header="冲正账序", name="reverses"),
        Column(Entry.gift, "int", 8),
        Column(Entry.reason, "long_text", 24),
        Column(Entry.policy, width=22),
        Column(Entry.hash, width=20, header="校验码"),
    ),
    _hours, order=Entry.seq, day=Entry.day, filters=("volunteer", "kind", "origin", "period", "record", "redemption"),
)  # fmt: skip


def _rewards(query: ModelSelect) -> ModelSelect:
    return query.join_from(Redemption, Volunteer).join_from(Redemption, RewardItem).join_from(Redemption, Station)


REWARDS = Ledger(
    "rewards", "回馈兑换", "rewards", Redemption,
    (
        STATION,
        Column(Redemption.id, "int", 8, header="单号"),
        Column(Redemption.reserved_on, "date", 11),
        CARD,
        NAME,
        Column(Redemption.left_minutes + Redemption.minutes, "hours", 12, header="兑换前可用（小时）", name="before"),
        Column(RewardItem.name, width=18, header="兑换项", name="item"),
        Column(RewardItem.kind, "choice", 10),
        Column(Redemption.quantity, "int", 7, total=True),
        Column(Redemption.points, "int", 8, total=True),
        Column(Redemption.minutes, "hours", 11, total=True),
        Column(Redemption.left_minutes, "hours", 11),
        Column(Redemption.state, "state", 9),
        Column(Redemption.handed_at, "datetime", 16),
        Column(Redemption.confirmed_at, "datetime", 16),
        Column(Redemption.handler, width=12),
        Column(Redemption.approver, width=12),
        Column(Redemption.why, "long_text", 36),
        Column(Redemption.policy, width=22),
    ),
    _rewards, order=Redemption.id, day=Redemption.reserved_on, filters=("state", "volunteer", "item"),
    leaves_out=("refused", "cancelled"),
)  # fmt: skip

LEDGERS: dict[str, Ledger] = {
    ledger.name: ledger
    for ledger in (
        VOLUNTEERS,
        ACTIVITIES,
        PROJECTS,
        NEEDS,
        RECORDS,
        HOURS,
        STARS,
        HONOURS,
        CERTIFICATES,
        REWARDS,
        GOODS,
        TRAINING,
        TEAMS,
        COMPLAINTS,
        OBJECTIONS,
        PAIRING,
    )
}
