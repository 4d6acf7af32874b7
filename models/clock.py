"""What time it is. Only the demo station's clock can be moved, and only forward; rules are handed the day.

The machine's own clock may stand wrong: an old PC whose battery is empty wakes up years ago, and somebody sets it to next
year by a slip. So the installation remembers how late it already was (`tick`), and where the clock disagrees nothing is
decided or posted by it (`check`) until it is set right, or somebody who may says that it is right (`trust`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peewee import CharField

from models.base import BaseModel, database, transaction
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


MARK = "clock_mark"  # the setting in which it is remembered how late it already was
BACK = timedelta(minutes=15)  # further than this before the mark, and the clock was set back
AHEAD = timedelta(days=60)  # further than this after it: nobody is away so long, so somebody must say that it is right

TRUSTED = timedelta(seconds=5)

_found_right: tuple[int, datetime] = (0, datetime.min)  # which database, and when
_past: ContextVar[datetime | None] = ContextVar("past", default=None)


def is_demo() -> bool:
    """Whether this database holds the demo station."""
    return bool(Setting.read("demo", False))


def now() -> datetime:
    """The local time, whole seconds; on a demo database plus what its clock was moved."""
    if (moment := _past.get()) is not None:
        return moment
    return _present()


def _present() -> datetime:
    return wall() + timedelta(days=Setting.read("clock_days", 0))


def wall() -> datetime:
    """The local time of the machine itself, whole seconds: for sessions, waits and files, which a moved demo clock must
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
        if Setting.read(MARK):
            trust()
    return today()


@dataclass(frozen=True)
class ClockFault:
    """The machine's clock stands wrong: by how much, and in words."""

    ahead: bool
    says: str


def fault() -> ClockFault | None:
    """Whether the machine's clock stands before what was already done, or implausibly far after it."""
    mark = Setting.read(MARK)
    if mark is None:
        return None
    before, now_ = datetime.fromisoformat(mark), _present()
    if now_ < before - BACK:
        return ClockFault(False, (
            f"电脑的时间是 {now_:%Y-%m-%d %H:%M}，早于最近一次办理的时间 {before:%Y-%m-%d %H:%M}；"
            "时间不对时不办理、不入账。请先把电脑的日期和时间调准，再试一次。"
        ))  # fmt: skip
    if now_ > before + AHEAD:
        return ClockFault(True, (
            f"电脑的时间是 {now_:%Y-%m-%d %H:%M}，比最近一次使用（{before:%Y-%m-%d %H:%M}）晚了 {(now_ - before).days} 天；"
            "确认之前不办理、不入账。时间不对请先调准，确实没错请站长或管理员在待办页确认。"
        ))  # fmt: skip
    return None


def check() -> None:
    """Raises ``Refusal`` where the machine's clock stands wrong: no account is dated by it.

    Asked for by every move. Found right, it is taken for right for `TRUSTED` more of its own time, on this database.
    """
    global _found_right
    here, at = _found_right
    if here == id(database.obj) and timedelta(0) <= wall() - at < TRUSTED:
        return
    if (wrong := fault()) is not None:
        raise refuse(wrong.says)
    _found_right = id(database.obj), wall()


def tick() -> ClockFault | None:
    """Remember how late it is; where the clock stands wrong, the fault, and nothing is changed. Asked for every few
    minutes while the server runs."""
    wrong = fault()
    if wrong is None:
        trust()
    return wrong


def trust() -> None:
    """Take the clock as it stands for right."""
    Setting.write(MARK, _present().isoformat())




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


def of_epoch(milliseconds: int) -> datetime:
    """The moment that another clock calls so many milliseconds since 1970, as `now` counts; a device says moments so, for
    it may keep another zone. Raises ``ValueError`` for what no clock says."""
    try:
        moment = datetime.fromtimestamp(milliseconds // 1000)
    except (OverflowError, OSError) as wrong:
        raise ValueError(milliseconds) from wrong
    return moment + (now() - wall())


def ahead_of(milliseconds: int) -> int:
    """By how many seconds this machine's clock is ahead of one that says that it is so late now."""
    return int(wall().timestamp()) - milliseconds // 1000
