"""Policy in force: the versions that ship and those that supervisors released, looked up by division and day."""

from datetime import date

from peewee import BooleanField, CharField, DateField

from models import clock
from models.base import BaseModel
from models.fields import JSONText
from models.scope import EVERYTHING, ROOT, Actor
from models.stations import Station
from rules.policy import TOPICS, PolicyBook, Version, build
from rules.working_days import WorkingCalendar


class PolicyVersion(BaseModel):
    """A released version of a division's own. Never edited: a mistake is a new version."""

    resource = "policy"

    topic = CharField(max_length=20, verbose_name="政策")
    division = CharField(max_length=12, verbose_name="区划")
    since = DateField(verbose_name="起始日")
    source = CharField(max_length=200, verbose_name="依据")
    values = JSONText(verbose_name="参数")

    class Meta:
        indexes = ((("topic", "division", "since"), True),)

    @classmethod
    def scope(cls, actor: Actor):
        return EVERYTHING

    def version(self) -> Version:
        """As `rules` reads it. Raises ``PolicyError`` when the values do not follow the schema."""
        return Version(
            self.topic,
            self.division,
            self.since,
            self.source,
            build(TOPICS[self.topic], self.values, self.topic),
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


def book() -> PolicyBook:
    """Everything released. Read once for an operation, not once for a row."""
    return PolicyBook.of(row.version() for row in PolicyVersion.select())


def in_force(topic: str, station: Station, day: date) -> Version:
    """The version that binds the station on that day. Raises ``PolicyError`` when there is none."""
    return book().on(topic, str(station.division_id), day)


def for_actor(topic: str, by: Actor) -> Version:
    """The version by which this person's lists are drawn today: the station's own division, or the one answered for.

    Raises ``PolicyError`` when there is none.
    """
    division = by.division or ROOT
    if by.station_id:
        division = str(Station.select(Station.division).where(Station.id == by.station_id).scalar())
    return book().on(topic, division, clock.today())


def calendar_of(station: Station) -> WorkingCalendar:
    """Working days as the station's prefecture keeps them."""
    code = str(station.division_id)[:4]
    rows = list(Holiday.select(Holiday.day, Holiday.working).where(Holiday.division == code).tuples())
    return WorkingCalendar(
        extra_holidays=frozenset(day for day, working in rows if not working),
        extra_workdays=frozenset(day for day, working in rows if working),
    )
