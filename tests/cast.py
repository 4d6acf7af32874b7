"""The fixed cast of every test, and the places where they work. Synthetic people with valid check digits.

Station A (recorder, head, deputy head) and station B (head) lie in two counties of one prefecture; the county
supervisor answers for A's county, the auditor and the prefecture for both, the province for all.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count

from fixtures.vocabularies import terms
from models import clock
from models.activities import Activity
from models.keying import Draft, key_in
from models.people import Account
from models.projects import Post, Project
from models.records import ServiceRecord, move_all, post_due
from models.scope import SYSTEM, Actor
from models.stars import StarGrant
from models.stations import Division, Station
from models.vocabulary import Term
from models.volunteers import Volunteer
from rules.access import Role
from rules.identity import make_resident_id

_numbers = count(1)
# What a project must state before it is published (条例 art. 12).
STATED = {"conditions": "身体健康", "risks": "无特别风险", "guarantees": "提供饮水和意外险"}
KEY = b"a data key for tests, 32 bytes.."


@dataclass
class Cast:
    a: Station
    b: Station
    recorder: Actor
    head: Actor
    deputy: Actor
    head_b: Actor
    recorder_b: Actor
    county: Actor
    prefecture: Actor
    province: Actor
    auditor: Actor
    admin: Actor
    volunteer: Actor

    def registered(self, name: str = "李明", by: Actor | None = None, **more) -> Volunteer:
        """A volunteer entered by the recorder of A (or ``by``) and approved by that station's head."""
        by = by or self.recorder
        row = Volunteer.enter(by, **person(name, **more))
        return Volunteer.move(row.id, "approve", self.head if by.station_id == self.a.id else self.head_b)

    def activity(self, day: date | None = None, by: Actor | None = None, **more) -> Activity:
        """An activity of a published project of A, on ``day`` (yesterday where none is given)."""
        by = by or self.recorder
        day = day or clock.today() - timedelta(days=1)
        project = self.project(by, starts_on=day - timedelta(days=400), ends_on=day + timedelta(days=400))
        values = {
            "name": "上门陪伴",
            "day": day,
            "place": "社区活动室",
            "lead": "赵敏",
            "social_worker": "钱进",
        } | more
        return Activity.enter(by, project=project.id, **values)

    def project(self, by: Actor | None = None, **more) -> Project:
        """A published project of A (or of the station of ``by``): from a year ago to a year hence."""
        by = by or self.recorder
        today = clock.today()
        values = {
            "name": "爱心陪伴", "category": "01", "recipients": ["01"], "starts_on": today - timedelta(days=400),
            "ends_on": today + timedelta(days=400), "headcount": 20,
        } | STATED | more  # fmt: skip
        row = Project.enter(by, **values)
        Post.enter(by, project=row.id, name="服务", headcount=values["headcount"])
        Project.move(row.id, "submit", by)
        return Project.move(row.id, "publish", self.head if by.station_id == self.a.id else self.head_b)

    def post(self, headcount: int = 1, by: Actor | None = None, project: dict | None = None, **more) -> Post:
        """A post of a new published project that has no other open one."""
        row = self.project(by, **project or {})
        Post.update(open=False).where(Post.project == row.id).execute()
        head = self.head if row.station_id == self.a.id else self.head_b
        return Post.enter(head, **{"project": row.id, "name": "助餐", "headcount": headcount} | more)

    def draft(self, volunteer: Volunteer, activity: Activity, start="09:00", end="11:00", **more) -> Draft:
        """A line of a sheet at this activity; times as "HH:MM"."""
        return Draft(
            volunteer=volunteer.id, activity=activity.id, started_at=at(activity.day, start),
            ended_at=at(activity.day, end), content="陪伴老人", quality="1", **more,
        )  # fmt: skip

    def posted(self, volunteer: Volunteer, minutes: int = 120, day: date | None = None) -> list[ServiceRecord]:
        """Records of so many minutes in all, keyed, approved, shown publicly and posted; eight hours a day at most.

        Moves the demo clock past the notice.
        """
        day = day or clock.today() - timedelta(days=1)
        rows = []
        while minutes:
            part = min(minutes, 480)
            start = datetime.combine(day, time(9))
            line = Draft(
                volunteer.id, self.activity(day).id, start, start + timedelta(minutes=part),
                content="陪伴老人", quality="1",
            )  # fmt: skip
            rows += key_in([line], self.recorder)
            minutes, day = minutes - part, day - timedelta(days=1)
        keys = [row.id for row in rows]
        for name in ("submit", "approve", "notice"):
            move_all(keys, name, self.recorder if name == "submit" else self.head)
        past_the_notice()
        post_due()
        return [ServiceRecord.get_by_id(key) for key in keys]

    def noticed_star(self, star: StarGrant) -> StarGrant:
        """The case proposed by A's head, accepted by its recogniser and hung out."""
        for move, by in (("propose", self.head), ("accept", self.judge(star)), ("notice", self.head)):
            StarGrant.move(star.id, move, by)
        return StarGrant.get_by_id(star.id)

    def recognised(self, star: StarGrant) -> StarGrant:
        """The case brought to its end; moves the demo clock past the notice."""
        self.noticed_star(star)
        past_the_notice()
        StarGrant.move_all([star.id], "recognise", self.judge(star))
        return StarGrant.get_by_id(star.id)

    def judge(self, star: StarGrant) -> Actor:
        """Whoever recognises this star."""
        return {"county": self.county, "prefecture": self.prefecture, "province": self.province}[star.recognised_by]


def at(day: date, hhmm: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(hhmm))


def past_the_notice() -> None:
    """Move the demo clock so far that any notice of three working days is over, long holidays included."""
    clock.move_demo_clock(20)


def person(name: str = "李明", *, birth: date = date(1980, 5, 6), **more) -> dict:
    """What a registration form sends: a synthetic person nobody else is."""
    n = next(_numbers)
    return {
        "name": name, "document_type": "resident_id",
        "document_number": make_resident_id("530102", birth, n % 999 + 1) if birth != date(1980, 5, 6)
        else make_resident_id("530102", birth + timedelta(days=n // 999), n % 999 + 1),
        "phone": f"138{n:08d}", "service_times": ["01", "02"],
    } | more  # fmt: skip


def settle() -> Cast:
    """Put the cast into an empty database with the demo flag set, so that its clock can be moved."""
    clock.Setting.write("demo", True)
    Term.insert_many(
        {
            "kind": t.kind,
            "code": t.code,
            "name": t.name,
            "national_code": t.national_code,
            "position": t.order,
            "sensitive": t.sensitive,
        }
        for t in terms()
    ).execute()
    for code, name in [
        ("53", "云南省"), ("5301", "昆明市"), ("530102", "五华区"), ("530103", "盘龙区"), ("530102001", "华山街道"),
        ("530103001", "拓东街道"), ("530102001001", "文林社区"), ("530103001001", "环城社区"), ("5303", "曲靖市"),
        ("530302", "麒麟区"),
    ]:  # fmt: skip
        Division.enter(SYSTEM, code=code, name=name)
    a = Station.enter(SYSTEM, division="530102001001", name="文林社区学雷锋志愿服务工作站", head_name="张站长")
    b = Station.enter(SYSTEM, division="530103001001", name="环城社区学雷锋志愿服务工作站", head_name="王站长")

    def account(username: str, name: str, role: Role, station=None, division=None) -> Actor:
        return Account.enter(
            SYSTEM, username=username, name=name, role=role.value, station=station, division=division, active=True
        ).actor()

    return Cast(
        a=a, b=b,
        recorder=account("recorder", "刘记录", Role.RECORDER, a.id),
        head=account("head", "张站长", Role.HEAD, a.id),
        deputy=account("deputy", "陈副站长", Role.HEAD, a.id),
        head_b=account("head_b", "王站长", Role.HEAD, b.id),
        recorder_b=account("recorder_b", "周记录", Role.RECORDER, b.id),
        county=account("county", "五华督导", Role.SUPERVISOR, division="530102"),
        prefecture=account("prefecture", "昆明督导", Role.SUPERVISOR, division="5301"),
        province=account("province", "省督导", Role.SUPERVISOR, division="53"),
        auditor=account("auditor", "审计员", Role.AUDITOR, division="5301"),
        admin=account("admin", "管理员", Role.ADMIN, division="53"),
        volunteer=account("volunteer", "志愿者", Role.VOLUNTEER),
    )  # fmt: skip
