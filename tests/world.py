"""A row of every table that belongs to somebody, all of station A: what tests of scope and of lists look at.

The main line's rows are made here; every other stage's in its `world_<stage>.py`, by ``add(cast, keys)``.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from cast import Cast
from models.activities import Activity, SignInSheet
from models.audit import Trail
from models.base import BaseModel
from models.corrections import Correction
from models.hours import Balance, Chain, Entry, Lot
from models.jobs import Job
from models.keying import key_in
from models.notices import Notice, Objection
from models.people import Account
from models.projects import Project
from models.records import ServiceRecord, move_all
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM, Actor
from models.stars import StarGrant
from models.stations import Division, Station
from models.volunteers import Claim, Volunteer


@dataclass
class World:
    """At least one row of every table that belongs to somebody, all of station A; C is a third station's head."""

    cast: Cast
    head_c: Actor
    keys: dict[type[BaseModel], object]


def populate(cast: Cast) -> World:
    Division.enter(SYSTEM, code="530103001002", name="东华社区")
    c = Station.enter(SYSTEM, division="530103001002", name="东华社区工作站", head_name="孙站长")
    head_c = Account.enter(SYSTEM, username="head_c", name="孙站长", role="head", station=c.id).actor()
    someone = cast.registered("李明")
    (posted,) = [r for r in cast.posted(someone, minutes=240) if r.id]
    correction = Correction.enter(cast.recorder, record=posted.id, reason="重复登记")
    item = RewardItem.enter(cast.head, name="理发", points=2, stock=3)
    redemption = Redemption.reserve(someone.id, item.id, 1, cast.recorder, "k1")
    activity = cast.activity()
    sheet = SignInSheet.enter(cast.recorder, activity=activity.id)
    (record,) = key_in([cast.draft(someone, activity)], cast.recorder)
    for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all([record.id], move, by)
    record = ServiceRecord.get_by_id(record.id)
    objection = Objection.enter(
        cast.recorder, notice=record.notice_id, record=record.id, said_by="邻居", reason="没来"
    )
    star = StarGrant(
        station=cast.a.id,
        volunteer=someone.id,
        star=1,
        honour_minutes=6000,
        why="",
        policy="",
        recognised_by="county",
    )
    star.save(force_insert=True)
    job = Job.create(kind="export", title="导出", params={}, asked_by=cast.head.account_id)
    keys = {
        Trail: Trail.get(Trail.station == cast.a.id).id, Station: cast.a.id, Account: cast.recorder.account_id,
        Volunteer: someone.id, Claim: Claim.ask("resident_id", someone.document_number, "搬家", head_c).id,
        Project: activity.project_id, Activity: activity.id, SignInSheet: sheet.id, Notice: record.notice_id,
        ServiceRecord: record.id, Objection: objection.id, Correction: correction.id, Chain: cast.a.id,
        Balance: someone.id, Lot: Lot.get().id, Entry: Entry.get().id, StarGrant: star.id, RewardItem: item.id,
        Redemption: redemption.id, Job: job.id,
    }  # fmt: skip
    for path in sorted(Path(__file__).parent.glob("world_*.py")):
        import_module(path.stem).add(cast, keys)
    return World(cast, head_c, keys)
