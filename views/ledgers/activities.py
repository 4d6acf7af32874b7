"""活动记录台账 (domain §3.5 no. 2; 67号令第七条): every activity with who led it, for whom, how many came and how long.

What is summed up about an activity is a sub-select of its row, so that the ledger streams like the others.
"""

from peewee import JOIN, Case, ModelSelect, fn

from models.activities import Activity, SignInSheet
from models.assignments import Assignment
from models.photos import Photo
from models.projects import Project
from models.records import DEAD, ServiceRecord
from models.stations import Division, Station
from models.teams import Team
from rules.activities import TAKES_TIME
from views.ledgers.columns import STATION, Column, Ledger
from views.ledgers.looked_up import keepers, qualities, roll


def _joins(query: ModelSelect) -> ModelSelect:
    return (
        query.join_from(Activity, Project)
        .join_from(Activity, Station)
        .join_from(Activity, Team, JOIN.LEFT_OUTER, on=(Activity.team == Team.id))
        .join_from(Station, Division, on=(Station.division == Division.code))
    )


def _served(what) -> ModelSelect:
    """Something about the records of the activity that stand."""
    return ServiceRecord.select(what).where(ServiceRecord.activity == Activity.id, ServiceRecord.state.not_in(DEAD))


def _turns(*states: str) -> ModelSelect:
    return Assignment.select(fn.COUNT(Assignment.id)).where(
        Assignment.activity == Activity.id, Assignment.state.in_(states)
    )


# Photographs of its signed sheets that still stand; the pictures themselves stay at the desk.
_photos = (
    Photo.select(fn.COUNT(Photo.id)).join(SignInSheet, on=(Photo.sheet == SignInSheet.id))
    .where(SignInSheet.activity == Activity.id, Photo.cleared_at.is_null())
)  # fmt: skip
_good = Case(None, [(ServiceRecord.quality.in_(("1", "2")), 1)], None)  # 优 and 良

ACTIVITIES = Ledger(
    "activities", "活动记录", "activities", Activity,
    (
        Column(Activity.id, "int", 8, header="编号", name="number"),
        STATION,
        Column(Division.name, width=14, header="服务区域", name="division"),
        Column(Project.name, width=18, header="项目", name="project"),
        Column(Activity.name, width=20),
        Column(Team.name, width=16, header="服务队", name="team"),
        Column(Activity.day, "date", 11),
        Column(Activity.starts_at, "time", 8),
        Column(Activity.ends_at, "time", 8),
        Column(Activity.place, width=18),
        Column(Activity.lead, width=11),
        Column(Activity.social_worker, width=10),
        Column(Station.contact_name, width=10, header="联系人", name="contact"),
        Column(Station.phone, width=14, header="联系人电话", name="contact_phone"),
        Column(Project.recipients, "codes", 18, words="recipient"),
        Column(Project.category, "term", 12, words="category"),
        Column(Activity.content, "long_text", 30),
        Column(Activity.home_visit, "yes", 8),
        Column(Activity.risky, "yes", 9),
        Column(Activity.headcount, "int", 9, header="计划人数"),
        Column(_turns(*TAKES_TIME), "int", 9, header="排班人数", name="rostered", total=True),
        Column(_turns("missed"), "int", 9, header="未到岗", name="missed", total=True),
        Column(_served(fn.COUNT(ServiceRecord.volunteer.distinct())), "int", 9, header="服务人数", name="people", total=True),
        Column(_served(fn.COALESCE(fn.SUM(ServiceRecord.minutes), 0)), "hours", 11, header="总时长（小时）", name="minutes", total=True),
        Column(_served(fn.COUNT(_good)), "int", 9, header="优良人次", name="good", total=True),
        Column(Activity.id, "long_text", 40, header="志愿者名单与时长", name="roll", look=roll),
        Column(Activity.id, width=16, header="质量评价", name="qualities", look=qualities),
        Column(Activity.id, width=12, header="记录人", name="keepers", look=keepers),
        Column(_photos, "int", 9, header="照片（张）", name="photos", total=True),
        Column(Activity.state, "state", 9),
    ),
    _joins, order=Activity.day, day=Activity.day, filters=("state", "project", "risky", "home_visit"),
    leaves_out=("cancelled",),
)  # fmt: skip
