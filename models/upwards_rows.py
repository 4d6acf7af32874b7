"""What our tables say of a record that goes up (`rules.upwards.KINDS`), chunk by chunk: its content, or what it lacks.

The law obliges whoever records on paper or in another system to enter the data into the national one (民政部令第67号第四条),
so the basic information of art. 5 goes up without a further consent (个人信息保护法第十三条第三项). What art. 5 does not name
(`BY_CONSENT`) goes only while a consent «向其他单位提供» stands. Nobody goes up who withdrew the registration's consent,
and no minor without a guardian's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from peewee import Expression, Field, ModelSelect, fn

from models import clock
from models.activities import Activity
from models.applications import places
from models.assessments import Assessment
from models.base import BaseModel
from models.consents import Consent
from models.courses import Attendance, Training
from models.honours import Honour
from models.projects import Post, Project
from models.records import ServiceRecord
from models.stations import Station
from models.teams import Team
from models.upwards_totals import totals_of
from models.vocabulary import Term
from models.volunteers import Volunteer
from rules.consents import ADULT, BASE, GUARDIANS
from rules.honours import STANDING
from rules.identity import DocumentType, age_on
from rules.upwards import BY_CONSENT, CATEGORIES, KINDS, SERVED, area_id, hours_of, station_code
from rules.upwards_checks import check_data

AT_ONCE = 500  # rows in memory
TERMS = ("category", "recipient", "ethnicity", "politics", "education", "occupation", "skill", "quality", "training_topic")
RECRUITING = {"open": "公开", "team": "指定队伍"}  # an invitation has no counterpart above


@dataclass(frozen=True)
class Row:
    """One record: whose, which, how the desk knows it (no name in it), what it says, and what keeps it back."""

    station: int
    key: int
    called: str
    data: dict[str, Any]
    lacking: str = ""
    volunteer: int | None = None  # whose own record must be fit to go up first
    gone: bool = False  # it is no more, or may not be up there any more: what went up is to be deleted


@dataclass
class Book:
    """What is read once for all rows: the vocabularies, the stations, today."""

    names: dict[tuple[str, str], str] = field(default_factory=dict)
    above: dict[tuple[str, str], str] = field(default_factory=dict)
    stations: dict[int, Station] = field(default_factory=dict)
    today: date = field(default_factory=clock.today)
    now: datetime = field(default_factory=clock.now)

    @classmethod
    def of(cls, stations: list[int]) -> "Book":
        book = cls()
        for term in Term.select().where(Term.kind.in_(TERMS)):
            book.names[term.kind, term.code] = term.name
            book.above[term.kind, term.code] = term.national_code
        book.stations = {row.id: row for row in Station.select().where(Station.id.in_(stations))}
        return book

    def name(self, kind: str, code: str) -> str:
        return self.names.get((kind, code), "") if code else ""

    def labels(self, kind: str, codes: list[str], known: tuple[str, ...]) -> tuple[list[str], str]:
        """The platform's labels of our codes, and what has none."""
        found = [self.above.get((kind, code), "") for code in codes]
        without = [self.name(kind, code) or code for code, label in zip(codes, found, strict=True) if label not in known]
        return list(dict.fromkeys(label for label in found if label in known)), "、".join(without)

    def code(self, station: int) -> str:
        return station_code(str(self.stations[station].division_id), station)


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _project_no(key: int) -> str:
    return f"P{key}"


def _of_volunteers(rows: list[Volunteer], book: Book) -> Iterator[Row]:
    keys = [row.id for row in rows]
    given: dict[int, set[str]] = {}
    ever: dict[int, set[str]] = {}
    said = Consent.select(Consent.volunteer, Consent.kind, Consent.state).where(Consent.volunteer.in_(keys))
    for volunteer, kind, state in said.tuples():
        ever.setdefault(volunteer, set()).add(kind)
        if state == "given":
            given.setdefault(volunteer, set()).add(kind)
    totals = totals_of(keys)
    for row in rows:
        mine, station = given.get(row.id, set()), book.stations[row.station_id]
        categories, without = book.labels("category", row.categories, CATEGORIES)
        skills = "、".join(filter(None, (book.name("skill", code) for code in row.skills)))
        data: dict[str, Any] = {
            "volunteer_no": row.card_no or "", "national_no": row.national_no, "name": row.name,
            "document_type": DocumentType(row.document_type).label, "document_number": row.document_number,
            "gender": row.gender if row.gender in ("1", "2") else "", "birth_date": _day(row.birth_date),
            "phone": row.phone, "area": area_id(str(row.residence_id), county=True) if row.residence_id else "",
            "service_times": sorted(row.service_times), "categories": categories,
            "speciality": row.speciality or skills, "service_area": area_id(str(station.division_id), county=True),
            "registered_on": _day(row.registered_on), "status": "停用" if row.state == "suspended" else "启用",
        } | totals[row.id].said()  # fmt: skip
        if "sharing" in mine:
            data |= {
                "ethnicity": book.above.get(("ethnicity", row.ethnicity), ""),
                "politics": book.above.get(("politics", row.politics), ""),
                "education": book.above.get(("education", row.education), ""),
                "occupation": book.name("occupation", row.occupation), "address": row.address or "",
            }  # fmt: skip
        lacking, gone = "", bool(set(BASE) & ever.get(row.id, set()) and not set(BASE) & mine)
        if gone:
            lacking = "缺少登记同意：本人已撤回"
        elif age_on(row.birth_date, book.today) < ADULT and not set(GUARDIANS) & mine:
            lacking = "缺少监护人同意书"
        elif without and not categories:
            lacking = f"缺少「服务类别」的对应：{without}"
        elif row.gender not in ("1", "2"):
            lacking = "缺少「性别」：全国平台只收男、女"
        yield Row(row.station_id, row.id, row.card_no or f"第 {row.id} 号", data, lacking, gone=gone)


def _of_projects(rows: list[Project], book: Book) -> Iterator[Row]:
    for row in rows:
        categories, no_category = book.labels("category", [row.category], CATEGORIES)
        served, no_served = book.labels("recipient", row.recipients, SERVED)
        status = "已结项" if row.state == "closed" else "待启动" if row.starts_on > book.today else "运行中"
        data = {
            "project_no": _project_no(row.id), "name": row.name, "category": "".join(categories),
            "area": area_id(str(book.stations[row.station_id].division_id)), "place": row.place or book.stations[row.station_id].address,
            "starts_on": _day(row.starts_on), "ends_on": _day(row.ends_on),
            "published_on": _day(row.published_on), "served": served,
            "guarantees": row.guarantees, "details": row.details, "recruiting": RECRUITING.get(row.recruiting, ""),
            "status": status,
        }  # fmt: skip
        lacking = ""
        if no_category:
            lacking = f"缺少「服务类别」的对应：{no_category}"
        elif no_served and not served:
            lacking = f"缺少「服务对象」的对应：{no_served}"
        elif not data["recruiting"]:
            lacking = "缺少「招募方式」的对应：邀请"
        yield Row(row.station_id, row.id, row.name, data, lacking)


def _of_posts(rows: list[Post], book: Book) -> Iterator[Row]:
    where = places([row.id for row in rows])
    for row in rows:
        data = {
            "project_no": _project_no(row.project_id), "post_no": f"{_project_no(row.project_id)}-{row.id}", "name": row.name,
            "conditions": row.conditions, "headcount": str(row.headcount), "hired": str(where[row.id].accepted),
        }  # fmt: skip
        yield Row(row.station_id, row.id, row.name, data)


def _of_services(rows: list[ServiceRecord], book: Book) -> Iterator[Row]:
    for row in rows:
        event = row.activity
        data = {
            "volunteer_no": row.volunteer.card_no or "", "name": row.volunteer.name,
            "project_no": _project_no(event.project_id), "activity": event.name, "place": event.place,
            "content": row.content or event.content, "started_at": f"{row.started_at:%Y-%m-%d %H:%M}",
            "ended_at": f"{row.ended_at:%Y-%m-%d %H:%M}", "hours": hours_of(row.minutes),
            "organiser": book.stations[row.station_id].name, "lead": event.lead,
            "entry_type": "4" if row.origin == "checked_in" else "1", "status": "2", "remark": row.remark,
        }  # fmt: skip
        yield Row(row.station_id, row.id, f"{row.started_at:%Y-%m-%d} {event.name}", data, volunteer=row.volunteer_id)


def _of_trainings(rows: list[Attendance], book: Book) -> Iterator[Row]:
    came = Attendance.select(Attendance.training, fn.COUNT(1)).where(
        Attendance.training.in_({row.training_id for row in rows}), Attendance.state == "attended"
    )
    people = dict(came.group_by(Attendance.training).tuples())
    for row in rows:
        about = row.training
        data = {
            "volunteer_no": row.volunteer.card_no or "", "topic": about.name, "content": about.content,
            "day": _day(about.day), "hours": hours_of(row.minutes or about.minutes),
            "organiser": about.organiser or book.stations[row.station_id].name, "people": str(people[row.training_id]),
        }  # fmt: skip
        yield Row(row.station_id, row.id, f"{about.day} {about.name}", data, volunteer=row.volunteer_id)


def _of_honours(rows: list[Honour], book: Book) -> Iterator[Row]:
    for row in rows:
        data = {"volunteer_no": row.volunteer.card_no or "", "title": row.title, "document": row.document_no,
                "body": row.body, "day": _day(row.given_on)}  # fmt: skip
        yield Row(row.station_id, row.id, row.title, data, volunteer=row.volunteer_id)


def _of_evaluations(rows: list[Assessment], book: Book) -> Iterator[Row]:
    there = {row.record.activity.team_id for row in rows} - {None}
    teams = dict(Team.select(Team.id, Team.name).where(Team.id.in_(there)).tuples()) if there else {}
    for row in rows:
        served = row.record
        data = {
            "volunteer_no": served.volunteer.card_no or "", "project_no": _project_no(served.activity.project_id),
            "service": str(served.id), "team": teams.get(served.activity.team_id, ""),
            "punctuality": book.name("quality", row.punctuality),
            "attitude": book.name("quality", row.attitude), "skill": book.name("quality", row.skill),
            "quality": book.name("quality", row.quality), "day": _day(row.assessed_on),
        }  # fmt: skip
        called = f"{served.started_at:%Y-%m-%d} {served.activity.name}"
        yield Row(row.station_id, row.id, called, data, volunteer=served.volunteer_id)


# --- which rows there are, and which of them go up ---

ON_THE_BOOKS = ("registered", "suspended")
HERE = (*ON_THE_BOOKS, "leaving")  # who leaves may yet stay: until the receipt she is kept as she is above
IN_FORCE = ("published", "closed")


def _services() -> ModelSelect:
    query = ServiceRecord.select(ServiceRecord, Volunteer, Activity).join(Volunteer).switch(ServiceRecord).join(Activity)
    return query.where(ServiceRecord.state == "posted")


def _trainings() -> ModelSelect:
    query = Attendance.select(Attendance, Volunteer, Training).join(Volunteer).switch(Attendance).join(Training)
    return query.where(Attendance.state == "attended", Training.state == "confirmed")


def _honours() -> ModelSelect:
    return Honour.select(Honour, Volunteer).join(Volunteer).where(Honour.state.in_(STANDING))


def _evaluations() -> ModelSelect:
    query = Assessment.select(Assessment, ServiceRecord, Volunteer, Activity).join(ServiceRecord).join(Volunteer)
    return query.switch(ServiceRecord).join(Activity).where(ServiceRecord.state == "posted")


def _volunteers() -> ModelSelect:
    return Volunteer.select().where(Volunteer.state.in_(HERE))


def _projects() -> ModelSelect:
    return Project.select().where(Project.state.in_(IN_FORCE))


def _posts() -> ModelSelect:
    return Post.select().where(Post.project.in_(Project.select(Project.id).where(Project.state.in_(IN_FORCE))))


Made = Callable[[list[Any], Book], Iterator[Row]]
SOURCES: dict[str, tuple[type[BaseModel], Callable[[], ModelSelect], Made]] = {
    "volunteer": (Volunteer, _volunteers, _of_volunteers),
    "project": (Project, _projects, _of_projects),
    "post": (Post, _posts, _of_posts),
    "service": (ServiceRecord, _services, _of_services),
    "training": (Attendance, _trainings, _of_trainings),
    "honour": (Honour, _honours, _of_honours),
    "evaluation": (Assessment, _evaluations, _of_evaluations),
}
OF_NOBODY = ("project", "post")


def there_are(kind: str) -> ModelSelect:
    """The rows of a kind that there are: what went up before and is none of them is deleted above."""
    return SOURCES[kind][1]()


def to_go(kind: str) -> ModelSelect:
    """Those of them that go up: of people who are on the books now. What went up of who left or was erased stays as it is;
    the platform empties it of her name with her own record."""
    query = there_are(kind)
    return query if kind in OF_NOBODY else query.where(Volunteer.state.in_(ON_THE_BOOKS))


def among(kind: str, query: ModelSelect, key: Field) -> Expression:
    """The condition that ``key`` is that of one of these rows, looked up by it."""
    model = SOURCES[kind][0]
    return fn.EXISTS(query.select(model.id).where(model.id == key))


def chunks(kind: str, stations: list[int], book: Book) -> Iterator[list[Row]]:
    """The records of a kind of these stations that go up, `AT_ONCE` at a time, by their keys."""
    model, _, made = SOURCES[kind]
    last = 0
    while True:
        query = to_go(kind).where(model.station.in_(stations), model.id > last).order_by(model.id).limit(AT_ONCE)
        rows = list(query)
        if not rows:
            return
        last = rows[-1].id
        yield [_judged(kind, row, book) for row in made(rows, book)]


def _judged(kind: str, row: Row, book: Book) -> Row:
    """Without what is empty; with the first thing that the platform would refuse."""
    data = {key: value for key, value in row.data.items() if value not in ("", [], None)}
    lacking = row.lacking
    if not lacking and (fault := check_data(kind, data, book.today, book.now)):
        lacking = fault.says.rstrip("。")
    return Row(row.station, row.key, row.called, data, lacking, row.volunteer, row.gone)


assert set(SOURCES) == set(KINDS) and set(BY_CONSENT) <= {item.key for item in KINDS["volunteer"].items}
