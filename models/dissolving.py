"""撤站 (方案 三(2)): a dissolved station hands all its volunteers to its successor in the same installation.

From the second person's word on the station takes in nothing new; then its people follow, some at a time, each by a claim
of the successor that is agreed (`models.volunteers.bring`): her account minute for minute, her registration where that
still waits, stars on their way, requests to be erased and qualifications to be checked. Cut off in the middle, everybody
is wholly here or wholly there, and carrying on takes the rest.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, CharField, DateTimeField, ForeignKeyField, IntegerField, fn

from models import applications, clock
from models.activities import Activity
from models.applications import Application
from models.assignments import Assignment
from models.erasing import UNDER_WAY, under_way
from models.hours import Balance, Chain
from models.moves import Staged, whole
from models.openings import Opening
from models.projects import Project
from models.refusals import refuse_if
from models.scope import SYSTEM, Actor, along, find
from models.stars import StarGrant
from models.stations import Station
from models.training import Qualification
from models.transfer_in import Arrival
from models.transfer_out import Departure
from models.volunteers import Claim, Volunteer, bring
from rules.access import STATION_ROLES
from rules.findings import Finding
from rules.projects import OPEN
from rules.stars import FOLLOWS
from rules.stations import DISSOLUTION

GOES = ("applied", "online", "returned", "refused", "registered", "suspended")  # states in which a person follows
AT_ONCE = 100  # people of one transaction
NAMED = 8  # waiting things that one refusal names


class Dissolution(Staged):
    """One station that is dissolved, and which one has its people after it."""

    resource = "dissolutions"
    life = DISSOLUTION
    editable = "station successor reason document"

    station = ForeignKeyField(Station, backref="dissolved", verbose_name="撤销的工作站")
    successor = ForeignKeyField(Station, backref="succeeds", verbose_name="承接的工作站")
    reason = CharField(max_length=200, verbose_name="撤站理由")
    document = CharField(max_length=100, default="", verbose_name="批准文件", help_text="文号，有的填写")
    people = IntegerField(default=0, verbose_name="应移交人数")
    moved = IntegerField(default=0, verbose_name="已移交人数")
    ended_at = DateTimeField(null=True, verbose_name="办结时间")

    class Meta:
        indexes = ((("station", "state"), False),)

    def __str__(self) -> str:
        return f"{self.station.short_name}撤站"

    @property
    def claimed_for(self) -> str:
        """The reason on the claim by which each of its people follows."""
        return f"{self}，由{self.successor.name}承接"[:200]

    @classmethod
    def scope(cls, actor: Actor) -> Any:
        """Both stations see it, and whoever answers for the one that is dissolved."""
        own = along(cls, "station", actor)
        return own | (cls.successor == actor.station_id) if actor.role in STATION_ROLES and actor.station_id else own

    def check(self, by: Actor) -> list[Finding]:
        if self.station_id == self.successor_id:
            return [Finding("successor", "承接的工作站不能就是撤销的工作站。")]
        others = Dissolution.select().where(Dissolution.id != (self.id or 0), Dissolution.state != "cancelled")
        if others.where(Dissolution.station == self.station_id).exists():
            return [Finding("station", f"{self.station}已经在办理撤站，或者已经撤销。")]
        if not self.successor.active or others.where(Dissolution.station == self.successor_id).exists():
            return [Finding("successor", f"{self.successor}已停用或正在撤站，不能承接。")]
        if others.where(Dissolution.successor == self.station_id, Dissolution.state != "done").exists():
            return [Finding("station", f"{self.station}正在承接别的工作站，办结后才能撤销。")]
        return []

    def may_amend(self, by: Actor) -> list[Finding]:
        return [] if self.state == "asked" else [Finding("state", f"现在是「{self.state_label}」，不能修改。")]

    def hold(self, name: str) -> None:
        if name == "start":
            Chain.lock(self.station_id)

    def may_start(self, by: Actor) -> list[Finding]:
        if findings := self.check(by):
            return findings
        found, more = [], 0
        for says in waiting(self.station_id):
            if len(found) < NAMED:
                found.append(says)
            else:
                more += 1
        if more:
            found.append(f"还有 {more} 处，办结后再试。")
        return [Finding("station", says) for says in found]

    def do_start(self, by: Actor) -> None:
        for project in _recruiting(self.station_id):
            applications.end_all(project, OPEN, f"{self.station.name}撤站：{self.reason}"[:200])
        self.people = _people(self.station_id).count()
        Station.update(active=False, revision=Station.revision + 1).where(Station.id == self.station_id).execute()
        self.station.trace(by, "dissolve", self.reason, before={"active": True}, after={"active": False})

    def do_finish(self, by: Actor) -> None:
        self.ended_at = clock.now()


@dataclass(frozen=True)
class Outlook:
    """What a dissolution comes to, before it is decided: how many people follow, how many of them still wait to be
    registered, and what becomes of applications (报名)."""

    people: int
    registering: int
    ended: int  # applications for posts of the station's own
    carried: int  # of its people for posts elsewhere


def outlook(row: Dissolution) -> Outlook:
    people = _people(row.station_id)
    here = Application.select().where(Application.station == row.station_id, Application.state.in_(OPEN))
    elsewhere = _carried(people.select(Volunteer.id), row.station_id)
    return Outlook(
        people.count(), people.where(Volunteer.state.in_(("applied", "online", "returned"))).count(), here.count(), elsewhere.count()
    )


def _carried(people: Any, station: int) -> Any:
    return Application.select().where(
        Application.volunteer.in_(people), Application.state.in_(OPEN), Application.station != station
    )


def _recruiting(station: int) -> list[int]:
    rows = Application.select(Application.project).where(Application.station == station, Application.state.in_(OPEN))
    return [key for (key,) in rows.distinct().order_by(Application.project).tuples()]


def followers(row: Dissolution, page: int, size: int) -> list[tuple[Volunteer, Balance | None, bool]]:
    """One page of the people of a dissolution, by their numbers: each with her account, and whether she has followed."""
    went = Claim.select(Claim.volunteer).where(
        Claim.from_station == row.station_id, Claim.to_station == row.successor_id, Claim.state == "agreed",
        Claim.reason == row.claimed_for,
    )  # fmt: skip
    stay = (Volunteer.station == row.station_id) & Volunteer.state.in_(GOES)
    known = Volunteer.select(Volunteer, Balance).join(Balance, JOIN.LEFT_OUTER, on=Balance.volunteer == Volunteer.id, attr="held")
    known = known.where(stay) if row.state in ("asked", "cancelled") else known.where(stay | Volunteer.id.in_(went))
    people = list(known.order_by(Volunteer.id).offset(page * size).limit(size))
    gone = {key for (key,) in went.where(Claim.volunteer.in_([one.id for one in people])).tuples()}
    return [(one, getattr(one, "held", None), one.id in gone) for one in people]


def _people(station: int) -> Any:
    return Volunteer.select().where(Volunteer.station == station, Volunteer.state.in_(GOES))


def waiting(station: int) -> Iterator[str]:
    """What must be settled before this station is dissolved: its own, then of its people whoever has something open."""
    for model, states, says in (
        (Project, ("draft", "submitted", "published"), "还有 {} 个项目没有结束。"),
        (Activity, ("planned",), "还有 {} 次活动没有办结。"),
        (Departure, ("asked", "flying", "clash"), "还有 {} 张转出单没有办结。"),
        (Arrival, ("shown",), "还有 {} 张转入单没有办结。"),
        (Opening, ("draft", "submitted", "disputed"), "还有 {} 条期初工时没有入账。"),
    ):
        if count := model.select().where(model.station == station, model.state.in_(states)).count():
            yield says.format(count)
    last = 0
    rows = _people(station).order_by(Volunteer.id).limit(AT_ONCE)
    while people := list(rows.where(Volunteer.id > last)):
        names, last = {row.id: str(row) for row in people}, people[-1].id
        for key, says in _held_back(list(names)):
            yield f"{names[key]}：{says}"


def _held_back(keys: Collection[int]) -> Iterator[tuple[int, str]]:
    """What of these people waits and does not follow them."""
    follows = dict(
        StarGrant.select(StarGrant.volunteer, fn.COUNT(1))
        .where(StarGrant.volunteer.in_(keys), StarGrant.state.in_(_stars()), StarGrant.state.in_(FOLLOWS))
        .group_by(StarGrant.volunteer)
        .tuples()
    )
    stars = next(says for model, _, says in UNDER_WAY if model is StarGrant)
    for key, said in under_way(keys).items():
        count = follows.get(key, 0)
        yield from ((key, says) for says in said if not count or says != stars.format(count))
    coming = Assignment.select(Assignment.volunteer).where(
        Assignment.volunteer.in_(keys), Assignment.state.in_(("rostered", "confirmed"))
    )
    yield from ((key, "还有排班没有开展，请先取消排班。") for (key,) in coming.distinct().tuples())


def _stars() -> Collection[str]:
    return next(states for model, states, _ in UNDER_WAY if model is StarGrant)


def carry_on(key: int, by: Actor, progress: Callable[[int, int], None]) -> Dissolution:
    """Bring whoever is still at the dissolved station to its successor, so many in a transaction, and end it when
    nobody is left. Taken up again it goes on where it stopped.

    Raises ``Refusal`` naming whoever is held back by something that came to wait meanwhile.
    """
    row: Dissolution = find(Dissolution, key, by)
    if row.state != "moving":
        refuse_if([Finding("state", f"现在是「{row.state_label}」，没有要移交的。")] if row.state != "done" else [])
        return row
    last, held = 0, []
    while True:
        progress(row.moved, row.people)
        with whole():
            for station in sorted((row.station_id, row.successor_id)):
                Chain.lock(station)
            row = find(Dissolution, key, by, lock=True)
            people = list(_people(row.station_id).where(Volunteer.id > last).order_by(Volunteer.id).limit(AT_ONCE))
            if row.state != "moving" or not people:
                break
            last, names = people[-1].id, {one.id: str(one) for one in people}
            Balance.hold(names)
            back = list(_held_back(list(names)))
            held += [f"{names[one]}：{says}" for one, says in back]
            _bring(row, [one for one in names if one not in dict(back)], by)
    if held:
        more = [f"还有 {len(held) - NAMED} 处。"] if len(held) > NAMED else []
        refuse_if([Finding("station", says) for says in [*held[:NAMED], *more]])
    return Dissolution.move(key, "finish", SYSTEM)


def _bring(row: Dissolution, people: list[int], by: Actor) -> None:
    if not people:
        return
    now, reason = clock.now(), row.claimed_for
    before = Claim.select(fn.COALESCE(fn.MAX(Claim.id), 0)).scalar()
    Claim.insert_many([
        {
            "volunteer": one, "from_station": row.station_id, "to_station": row.successor_id, "reason": reason,
            "state": "agreed", "decided_at": now, "moved_at": now, "entered_by": by.account_id, "entered_at": now,
        }
        for one in people
    ]).execute()  # fmt: skip
    mine = Claim.select().where(
        Claim.id > before, Claim.volunteer.in_(people), Claim.from_station == row.station_id,
        Claim.to_station == row.successor_id, Claim.state == "agreed",
    )  # fmt: skip
    bring(list(mine.order_by(Claim.id)), by)
    Qualification.update(station=row.successor_id).where(
        Qualification.volunteer.in_(people), Qualification.state == "submitted", Qualification.station == row.station_id
    ).execute()
    row.moved += len(people)
    Dissolution.update(moved=row.moved).where(Dissolution.id == row.id).execute()


def takes_in_nothing(station: int | None) -> bool:
    """Whether this station is dissolved, or being so: it sees what is past, and enters nothing new."""
    ended = Dissolution.select().where(Dissolution.station == station, Dissolution.state.in_(("moving", "done")))
    return station is not None and ended.exists()
