"""入账 (方案 二(5)(6)): verified service, and what policy gives for registering and introducing, into the account.

How much of it can be exchanged is `rules.earning`; here is what it is judged by, read once for many records.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from peewee import fn

from models import clock, policy
from models.activities import Activity
from models.hours import Balance, Entry, Lot, Writer, repayment, spendable_lots
from models.projects import Project
from models.refusals import refuse
from models.scope import Actor
from models.stations import Station
from models.volunteers import Volunteer
from rules.earning import Earned, Earner, bonus_minutes, earned_minutes
from rules.policy import PolicyBook, Version
from rules.rewards import expires_on

LOOKUP = 400  # keys in one query


@dataclass
class Standing:
    """What a person could exchange when this began, and owes; kept up as her records are posted."""

    kept: int = 0
    debt: int = 0

    def brought(self, earned: Earned) -> None:
        """Minutes came in: a debt has taken its part of the ordinary ones first."""
        paid = min(self.debt, earned.ordinary)
        self.debt -= paid
        self.kept += earned.ordinary - paid


@dataclass
class Ground:
    """What the records of one posting are judged by. Their people's balances are held when it is read."""

    posted: set[int] = field(default_factory=set)  # records that are in the account
    categories: dict[int, str] = field(default_factory=dict)  # activity -> its project's
    earners: dict[int, Earner] = field(default_factory=dict)
    standings: dict[int, Standing] = field(default_factory=dict)
    activities: dict[tuple[int, int], int] = field(default_factory=dict)  # (person, activity) -> exchangeable so far
    divisions: dict[int, str] = field(default_factory=dict)  # station -> its division
    versions: dict[tuple[str, date], Version] = field(default_factory=dict)  # of the exchange rules, as they are asked for

    @classmethod
    def of(cls, records: Iterable[Any]) -> "Ground":
        """Read for these records, in as many statements however many they are."""
        made, rows = cls(), list(records)
        keys, people, activities = (
            sorted({getattr(row, name) for row in rows}) for name in ("id", "volunteer_id", "activity_id")
        )
        stations = Station.select(Station.id, Station.division)
        made.divisions = dict(stations.where(Station.id.in_({row.station_id for row in rows})).tuples())
        for some in _parts(keys):
            known = Entry.select(Entry.record).where(Entry.record.in_(some), Entry.kind == "service")
            made.posted |= {key for (key,) in known.tuples()}
        for some in _parts(activities):
            of = Activity.select(Activity.id, Project.category).join(Project).where(Activity.id.in_(some))
            made.categories |= dict(of.tuples())
        for some in _parts(people):
            made._read_people(some)
            made._read_activities(some, activities)
        return made

    def version(self, station: int, day: date, book: PolicyBook) -> Version:
        """The exchange rules that bind this station on that day. Raises ``PolicyError`` where there are none."""
        key = str(self.divisions[station]), day
        if key not in self.versions:
            self.versions[key] = book.on("exchange", *key)
        return self.versions[key]

    def _read_people(self, people: list[int]) -> None:
        who = Volunteer.select(
            Volunteer.id, Volunteer.birth_date, Volunteer.guardian_name, Volunteer.consent_on, Balance.debt
        ).join(Balance, on=(Balance.volunteer == Volunteer.id))
        for key, born, guardian, consent, debt in who.where(Volunteer.id.in_(people)).tuples():
            self.earners[key] = Earner(born, bool(guardian), consent)
            self.standings[key] = Standing(0, debt)
        for key, left in kept(people).items():
            self.standings[key].kept = left

    def _read_activities(self, people: list[int], activities: list[int]) -> None:
        from models.records import ServiceRecord  # which rests on this room

        sums = (
            Entry.select(ServiceRecord.volunteer, ServiceRecord.activity, fn.SUM(Entry.minutes))
            .join(ServiceRecord, on=(Entry.record == ServiceRecord.id))
            .where(
                ServiceRecord.activity.in_(activities), ServiceRecord.volunteer.in_(people),
                ServiceRecord.state == "posted", Entry.kind == "service", Entry.credit == "exchangeable",
            )
            .group_by(ServiceRecord.volunteer, ServiceRecord.activity)
        )  # fmt: skip
        for person, activity, minutes in sums.tuples():
            self.activities[person, activity] = int(minutes)


def kept(people: list[int]) -> dict[int, int]:
    """Minutes in lots that each of these people could exchange today; nothing for whoever has none."""
    sums = Lot.select(Lot.volunteer, fn.SUM(Lot.left)).where(
        Lot.volunteer.in_(people), Lot.left > 0, spendable_lots(clock.today())
    )
    return {person: int(left) for person, left in sums.group_by(Lot.volunteer).tuples()}


def _parts(keys: list[int]) -> Iterable[list[int]]:
    return (keys[at : at + LOOKUP] for at in range(0, len(keys), LOOKUP))


def post(record, by: Actor, book: PolicyBook, writer: Writer, ground: Ground | None = None) -> None:
    """Post one verified record: honour minutes always, exchangeable minutes as the policy of the day of service says.

    Posted already, it changes nothing. ``record.minutes`` are whole minutes.
    """
    if ground is None:
        Balance.hold([record.volunteer_id])
        ground = Ground.of([record])
    writer.write(movements(record, by, book, ground))


def movements(record, by: Actor, book: PolicyBook, ground: Ground) -> list[dict[str, Any]]:
    """What posting this record writes, for `Writer.write`; nothing where it is in the account already."""
    if record.id in ground.posted:
        return []
    person, day = record.volunteer_id, record.started_at.date()
    if person not in ground.standings:
        raise refuse("该志愿者还没有审核注册，没有工时账。", "volunteer")
    standing, at = ground.standings[person], (person, record.activity_id)
    version = ground.version(record.station_id, day, book)
    decision = earned_minutes(
        record.minutes, record.origin, ground.categories[record.activity_id], day, ground.earners[person],
        activity=ground.activities.get(at, 0), kept=standing.kept - standing.debt, version=version,
    )  # fmt: skip
    earned = decision.value
    credited = earned.ordinary + earned.donation
    common = {
        "day": day, "kind": "service", "origin": record.origin, "debit": "service", "volunteer": person,
        "record": record.id, "asked_by": record.entered_by, "approved_by": by.account_id,
    }  # fmt: skip
    # The figure explains itself where it is another than the record's own; nothing credited, beside the honour minutes.
    why = "" if credited == record.minutes and not earned.donation else decision.why
    honour = {
        "key": f"post:{record.id}:honour", "credit": "honour", "minutes": record.minutes, "policy": record.policy,
        "reason": "" if credited else why,
    }  # fmt: skip
    said = [common | honour]
    term = {"earned_on": day, "expires_on": expires_on(day, version), "record": record.id}
    credit = common | {"policy": version.key, "reason": why}
    said += credits(earned, (f"post:{record.id}:exchangeable", f"post:{record.id}:donation"), credit, term, standing)
    ground.posted.add(record.id)
    ground.activities[at] = ground.activities.get(at, 0) + credited
    return said


def credits(
    earned: Earned, keys: tuple[str, str], common: dict[str, Any], term: dict[str, Any], standing: Standing
) -> list[dict[str, Any]]:
    """Movements that bring earned minutes into new lots, and at once out of them into an open debt.

    ``keys`` are the ordinary lot's and that of what may only be donated. ``standing`` is the receiver's, and is
    brought up to date.
    """
    said = []
    for key, minutes, donation_only in zip(keys, (earned.ordinary, earned.donation), (False, True), strict=True):
        if not minutes:
            continue
        lot = Lot(
            volunteer=common["volunteer"], origin=common["origin"], minutes=minutes, left=0,
            donation_only=donation_only, **term,
        )  # fmt: skip
        into = common | {"key": key, "credit": "exchangeable", "minutes": minutes, "lot": lot}
        said += [into, *([] if donation_only else repayment(standing.debt, into))]
    standing.brought(earned)
    return said


# --- points for registering, and for introducing somebody ---


def bonus_terms(station: Station, day: date) -> Version | None:
    """The exchange rules of that day where they give anything for registering or introducing; None where they do not."""
    version = policy.in_force("exchange", station, day)
    return version if version.rule.opening_points or version.rule.recruit_points else None


def give_bonuses(volunteer: Volunteer, by: Actor) -> None:
    """Opening points to a person just registered, recruiting points to whoever introduced her: each paid once, ever.

    Exchangeable minutes alone: nobody has served. Where the policy of the day gives nothing, nothing is written.
    """
    today = clock.today()
    version = bonus_terms(volunteer.station, today)
    if version is None:
        return
    rule, writer = version.rule, Writer.open(volunteer.station_id)
    due = [(f"opening:{volunteer.id}", volunteer.id, rule.opening_points, "注册时赠送")]
    introducer = volunteer.introducer
    if introducer is not None and introducer.state == "registered":
        said = f"介绍 {volunteer.card_no} 注册"
        due.append((f"recruit:{volunteer.id}", introducer.id, rule.recruit_points, said))
    Balance.hold(person for _, person, _, _ in due)
    for key, person, points, said in due:
        keys = key, f"{key}:donation"
        if points and not Entry.select().where(Entry.key.in_(keys)).exists():
            writer.write(_bonus(keys, person, points, said, version, by))


def _bonus(
    keys: tuple[str, str], person: int, points: int, said: str, version: Version, by: Actor
) -> list[dict[str, Any]]:
    today = clock.today()
    standing = Standing(kept([person]).get(person, 0), Balance.locked(person).debt)
    decision = bonus_minutes(points, kept=standing.kept - standing.debt, version=version)
    common = {
        "day": today, "kind": "bonus", "origin": "bonus", "debit": "bonus", "volunteer": person,
        "approved_by": by.account_id, "policy": version.key, "reason": f"{said}：{decision.why}",
    }  # fmt: skip
    term = {"earned_on": today, "expires_on": expires_on(today, version)}
    return credits(decision.value, keys, common, term, standing)
