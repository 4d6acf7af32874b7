"""Policy in force: the versions that ship and those that supervisors released, looked up by division and day."""

from datetime import date

from peewee import SQL, BigIntegerField, BooleanField, CharField, DateField, DateTimeField, IntegerField

from models import clock
from models.base import BaseModel
from models.fields import JSONText
from models.scope import EVERYTHING, ROOT, Actor
from models.stations import Station
from models.together import asked_once
from rules.divisions import lineage, subtree
from rules.policy import PolicyBook, Release, Version, release
from rules.working_days import WorkingCalendar


class PolicyVersion(BaseModel):
    """A released version of a division's own: the parameters that it sets, and bounds for the divisions below.

    Never changed, never deleted (triggers in `models.schema`): a mistake is a new version, of the same day if need be.
    """

    resource = "policy"

    topic = CharField(max_length=20, verbose_name="政策")
    division = CharField(max_length=12, verbose_name="区划")
    since = DateField(verbose_name="起始日")
    edition = IntegerField(default=1, constraints=[SQL("DEFAULT 1")], verbose_name="同日第几版")
    source = CharField(max_length=200, verbose_name="依据")
    values = JSONText(verbose_name="参数")
    bounds = JSONText(null=True, verbose_name="下级范围")
    released_by = BigIntegerField(null=True)
    released_at = DateTimeField(null=True, verbose_name="发布时间")

    class Meta:
        indexes = ((("topic", "division", "since", "edition"), True),)

    @classmethod
    def scope(cls, actor: Actor):
        return EVERYTHING

    def release(self) -> Release:
        """As `rules` reads it. Raises ``PolicyError`` when the values do not follow the schema."""
        return release(
            self.topic, self.division, self.since, self.source, self.values, self.bounds, self.edition
        )


class Holiday(BaseModel):
    """A day that a prefecture takes off, or works, beyond the national calendar (泼水节、火把节……)."""

    resource = "policy"

    division = CharField(max_length=12, verbose_name="州市")
    day = DateField(verbose_name="日期")
    working = BooleanField(default=False, verbose_name="上班")
    name = CharField(max_length=40, default="", verbose_name="名称")

    class Meta:
        indexes = ((("division", "day"), True),)

    @classmethod
    def scope(cls, actor: Actor):
        return EVERYTHING


@asked_once
def book(*, topic: str = "", division: str = "") -> PolicyBook:
    """Everything released; of one topic, and of what binds one division, where they are named.

    Read once for an operation, not once for a row.
    """
    wanted = PolicyVersion.select()
    if topic:
        wanted = wanted.where(PolicyVersion.topic == topic)
    if division:
        wanted = wanted.where(PolicyVersion.division.in_(lineage(division)))
    return PolicyBook.of(row.release() for row in wanted)


def around(topic: str, division: str) -> PolicyBook:
    """What was released of one topic for a division, for those above it and for those within it: what a draft of
    its own must agree with."""
    low, high = subtree(division)
    inside = (PolicyVersion.division >= low) & (PolicyVersion.division < high)
    wanted = PolicyVersion.select().where(
        PolicyVersion.topic == topic, PolicyVersion.division.in_(lineage(division)) | inside
    )
    return PolicyBook.of(row.release() for row in wanted)


def in_force(topic: str, station: Station, day: date) -> Version:
    """The version that binds the station on that day. Raises ``PolicyError`` when there is none."""
    code = str(station.division_id)
    return book(topic=topic, division=code).on(topic, code, day)


def for_actor(topic: str, by: Actor) -> Version:
    """The version by which this person's lists are drawn today: the station's own division, or the one answered for.

    Raises ``PolicyError`` when there is none.
    """
    division = by.division or ROOT
    if by.station_id:
        division = str(Station.select(Station.division).where(Station.id == by.station_id).scalar())
    return book(topic=topic, division=division).on(topic, division, clock.today())


@asked_once
def calendar_of(station: Station) -> WorkingCalendar:
    """Working days as the station's prefecture keeps them."""
    code = str(station.division_id)[:4]
    rows = list(Holiday.select(Holiday.day, Holiday.working).where(Holiday.division == code).tuples())
    return WorkingCalendar(
        extra_holidays=frozenset(day for day, working in rows if not working),
        extra_workdays=frozenset(day for day, working in rows if working),
    )
