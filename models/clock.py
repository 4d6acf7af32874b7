"""What time it is. Only the demo station's clock can be moved, and only forward; rules are handed the day."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from peewee import CharField

from models.base import BaseModel, transaction
from models.fields import JSONText
from models.refusals import refuse


class Setting(BaseModel):
    """One named value of the installation (demo or not, the demo clock)."""

    key = CharField(primary_key=True, max_length=40)
    value = JSONText()

    @classmethod
    def read(cls, key: str, default=None):
        row = cls.get_or_none(cls.key == key)
        return default if row is None else row.value

    @classmethod
    def write(cls, key: str, value) -> None:
        cls.insert(key=key, value=value).on_conflict(conflict_target=[cls.key], update={cls.value: value}).execute()


_past: ContextVar[datetime | None] = ContextVar("past", default=None)


def is_demo() -> bool:
    """Whether this database holds the demo station."""
    return bool(Setting.read("demo", False))


def now() -> datetime:
    """The local time, whole seconds; on a demo database plus what its clock was moved."""
    if (moment := _past.get()) is not None:
        return moment
    return wall() + timedelta(days=Setting.read("clock_days", 0))


def wall() -> datetime:
    """The local time of the computer itself, whole seconds: for sessions and waits, which a moved demo clock must
    neither end nor shorten."""
    return datetime.now().replace(microsecond=0)


def today() -> date:
    """The local day of `now`."""
    return now().date()


def move_demo_clock(days: int) -> date:
    """Move the demo clock forward by whole days and return its new day.

    Raises ``Refusal`` on a real database and for a move backwards: posted hours would lie in the future.
    """
    with transaction():
        if not is_demo():
            raise refuse("只有演示数据可以拨动时钟，正式数据按电脑的日期。")
        if not 1 <= days <= 366:
            raise refuse("演示时钟只能向前拨 1 到 366 天。", "days")
        Setting.write("clock_days", Setting.read("clock_days", 0) + days)
    return today()


@contextmanager
def past(moment: datetime) -> Iterator[None]:
    """What is done inside is done at that moment: how the demo station comes by its history.

    Raises ``Refusal`` on a real database, where nothing may ever be back-dated, and for a moment still to come.
    """
    if not is_demo():
        raise refuse("只有演示数据可以补写以往的日子，正式数据按电脑的日期。")
    if moment > now():
        raise refuse(f"{moment:%Y-%m-%d %H:%M} 还没有到。")
    token = _past.set(moment)
    try:
        yield
    finally:
        _past.reset(token)


@contextmanager
def still() -> Iterator[None]:
    """What is done inside is done at one moment, and the clock is asked once: a long import has one time of entry."""
    token = _past.set(now())
    try:
        yield
    finally:
        _past.reset(token)
