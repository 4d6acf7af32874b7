"""What the calls of every address are about: `world.populate`, and beside it whoever stands outside, what station B has
of its own, jobs of everybody, and what the public site shows.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import world_upwards
from served import household, recipient
from walks_policy import a_draft
from walks_publicity import story
from walks_signing import a_peer
from walks_training import course

from cast import Cast
from models import clock, policy
from models.activities import Activity
from models.backups import Backup
from models.base import BaseModel
from models.certificates import Certificate
from models.courses import Training
from models.households import Recipient
from models.jobs import Job
from models.keying import key_in
from models.notices import Notice
from models.peers import Peer
from models.people import Account, open_for
from models.policy_drafts import PolicyDraft
from models.projects import Project
from models.records import ServiceRecord, move_all
from models.rewards import RewardItem
from models.scope import SYSTEM, Actor
from models.spot_checks import SpotCheck
from models.stars import StarGrant
from models.stations import Division, Station
from models.stories import Story
from models.teams import Team
from models.vocabulary import Term
from models.volunteers import Volunteer
from rules.access import Role
from world import World, populate

Model = type[BaseModel]
FILE = "台账.xlsx"
SEEN = '{"counts": {}, "notes": [], "skipped": [], "blank": 0, "lines": []}'  # a preview of an import, nothing in it


@dataclass
class Ground:
    """Who asks, the rows that belong to A, and the few that belong to B."""

    world: World
    people: dict[str, Actor | None]
    jobs: dict[tuple[int, str], int]  # (account, kind) -> its job
    shown: dict[str, Any]  # what anyone may read: notice, story, spot_check, project, station; and a policy's version, an item of A
    hidden: dict[str, Any]  # the same tables' rows that nobody published
    own_of_b: dict[Model, Any]
    marks: tuple[str, ...]  # what stands on pages about rows of A, and on no page of anybody outside

    def keys(self, model: Model, kind: str, who: Actor | None) -> list[Any]:
        """The rows to try: the world's; of jobs one's own and another's."""
        if model is not Job:
            return [self.world.keys[model]]
        owners = [who.account_id if who else None, self.world.cast.head.account_id, self.world.cast.county.account_id]
        return list(dict.fromkeys(self.jobs[one, kind] for one in owners if (one, kind) in self.jobs))

    def put_files(self, folder: Path) -> None:
        """The files of the jobs, as the runner would have left them."""
        for job in self.jobs.values():
            (folder / str(job)).mkdir(parents=True, exist_ok=True)
            for name, text in ((FILE, "1"), ("seen.json", SEEN), ("upload", "1"), ("有误的行.xlsx", "1"), ("preview.txt", "1")):
                (folder / str(job) / name).write_text(text, "utf-8")


def lay(cast: Cast) -> Ground:
    """All of it, into the cast's database."""
    world = populate(cast)
    made = Backup.create(made_at=clock.now(), folder="backups", file="one.backup", why="asked", who=cast.admin.name)
    world.keys |= {PolicyDraft: a_draft(cast)[1], Division: "530102001001", Term: Term.get().id, Backup: made.id}
    world.keys |= {Peer: a_peer(cast)[1]}
    world_upwards.above(cast, world.keys)
    theirs = cast.registered("赵敏", by=cast.recorder_b)
    judged_by = policy.book(topic="stars").on("stars", "53", clock.today()).key
    StarGrant.update(policy=judged_by).where(StarGrant.id == world.keys[StarGrant]).execute()
    people: dict[str, Actor | None] = {
        name: getattr(cast, name)
        for name in ("recorder", "head", "county", "prefecture", "province", "auditor", "admin", "recorder_b", "head_b")
    }
    people |= {
        "volunteer": open_for(world.keys[Volunteer], SYSTEM).actor(),
        "next_volunteer": open_for(theirs.id, SYSTEM).actor(),
        "next_county": _account("next_county", Role.SUPERVISOR, "530103"),
        "next_auditor": _account("next_auditor", Role.AUDITOR, "5303"),
        "next_admin": _account("next_admin", Role.ADMIN, "5303"),
        "nobody": None,
    }
    own = {
        Activity: cast.activity(by=cast.recorder_b).id, Volunteer: theirs.id, Recipient: recipient(cast.recorder_b, household(cast.recorder_b, "孙桂兰"), "孙桂兰").id,
        Training: course(cast, cast.recorder_b).id, Team: _team_of_b(cast), Notice: _noticed(cast, theirs, cast.recorder_b, cast.head_b),
    }  # fmt: skip
    shown, hidden = _published(cast, world)
    card_no = Volunteer.get_by_id(world.keys[Volunteer]).card_no
    marks = (card_no, "赵德旺", "翠湖夕阳红服务队")
    return Ground(world, people, _jobs(people, world.keys[PolicyDraft]), shown, hidden, own, marks)


def _account(name: str, role: Role, division: str) -> Actor:
    return Account.enter(SYSTEM, username=name, name=name, role=role.value, division=division).actor()


def _team_of_b(cast: Cast) -> int:
    row = Team.enter(
        cast.recorder_b, name="拓东青年服务队", kind="own", leader="孙队长", phone="13812345679",
        since=clock.today(), categories=["01"],
    )  # fmt: skip
    return Team.move(row.id, "approve", cast.head_b).id


def _noticed(cast: Cast, volunteer: Volunteer, recorder: Actor, head: Actor) -> int:
    """A notice that hangs out today, with one record of this volunteer's."""
    (record,) = key_in([cast.draft(volunteer, cast.activity(by=recorder), "18:00", "19:00")], recorder)
    for name, by in (("submit", recorder), ("approve", head), ("notice", head)):
        move_all([record.id], name, by)
    return ServiceRecord.get_by_id(record.id).notice_id


def _published(cast: Cast, world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    told = story(cast, title="公开的故事").id
    Story.update(state="published", published_on=clock.today()).where(Story.id == told).execute()
    check = SpotCheck.get_by_id(world.keys[SpotCheck])
    published = SpotCheck.create(**{**check.__data__, "id": None, "title": "已公布的抽查", "state": "published"})
    version = policy.book(topic="exchange").on("exchange", "53", clock.today()).key
    noticed = _noticed(cast, cast.registered("李明"), cast.recorder, cast.head)
    item = world.keys[RewardItem]
    shown = {"notice": noticed, "story": told, "spot_check": published.id, "version": version, "item": item}
    shown |= {"project": cast.project(name="邻里助餐").id, "station": cast.a.id}
    shown["verify"] = Certificate.get_by_id(world.keys[Certificate]).code
    over = Notice.select().where(Notice.closes_on < clock.today()).first()
    return shown, {"notice": over.id, "story": world.keys[Story], "spot_check": check.id, "verify": "no-such-code", "project": _unpublished(cast), "station": _shut(cast)}


def _unpublished(cast: Cast) -> int:
    row = cast.project(name="只邀请的项目")
    Project.update(recruiting="invited").where(Project.id == row.id).execute()
    return row.id


def _shut(cast: Cast) -> int:
    return Station.create(**{**cast.b.__data__, "id": None, "name": "停用的工作站", "active": False}).id


def _jobs(people: dict[str, Actor | None], draft: int) -> dict[tuple[int, str], int]:
    """A job of each kind that somebody's role comes by, done, with its file."""
    made = {}
    for who in people.values():
        if who is None or who.role == Role.VOLUNTEER:
            continue
        kinds = ["export"] + (["import_preview"] if who.station_id else ["policy_preview"])
        for kind in kinds:
            params = {"draft": draft, "kind": "volunteers", "name": "名单.xlsx"}
            made[who.account_id, kind] = Job.create(
                kind=kind, title="任务", params=params, asked_by=who.account_id, state="done", file_name=FILE
            ).id
    return made
