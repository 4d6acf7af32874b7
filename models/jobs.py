"""Long work that runs beside the screens: what was asked, how far it is, and the result that waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from peewee import BooleanField, CharField, DateTimeField, IntegerField, TextField

from models import clock, once
from models.base import BaseModel, database, transaction
from models.fields import JSONText
from models.moves import whole
from models.scope import NOTHING, Actor

STATES = [
    ("waiting", "等待中"),
    ("running", "进行中"),
    ("done", "已完成"),
    ("failed", "未完成"),
    ("cancelled", "已取消"),
]


# Jobs at work in this process: how far each is, and which are no longer wanted. A move that is one transaction can neither
# tell the one nor learn the other through the database before it ends.
_far: dict[int, tuple[int, int]] = {}
_unwanted: set[int] = set()


class Cancelled(Exception):
    """Whoever asked for the job no longer wants it."""


class Job(BaseModel):
    """One piece of long work and whose it is; only they see it and its result."""

    resource = "jobs"

    kind = CharField(max_length=30, verbose_name="任务")
    title = CharField(max_length=120, verbose_name="名称")
    params = JSONText(verbose_name="参数")
    asked_by = IntegerField(null=True, index=True)
    asked_at = DateTimeField(default=clock.now, verbose_name="提出时间")
    state = CharField(max_length=10, choices=STATES, default="waiting", verbose_name="状态")
    done = IntegerField(default=0)
    total = IntegerField(default=0)
    cancel = BooleanField(default=False)
    message = TextField(default="", verbose_name="说明")
    result = JSONText(null=True)
    file_name = CharField(max_length=200, default="", verbose_name="文件")
    ended_at = DateTimeField(null=True, verbose_name="结束时间")

    @classmethod
    def ask(cls, by: Actor, *, kind: str, title: str, params: dict[str, Any]) -> Self:
        """Ask for long work; a form that is sent twice asks once. The runner is told of it by whoever asked."""
        with whole():
            return cls.create(kind=kind, title=title, params=params, asked_by=by.account_id)

    def unask(self) -> None:
        """Take back what could not be handed on; the form that asked may ask again."""
        with transaction():
            self.delete_instance()
            once.free()

    @classmethod
    def scope(cls, actor: Actor):
        return cls.asked_by == actor.account_id if actor.account_id else NOTHING

    def __str__(self) -> str:
        return self.title

    @property
    def far(self) -> tuple[int, int]:
        """(done, of how many); (0, 0) while that is not known."""
        return _far.get(self.id) or (self.done, self.total)

    @property
    def percent(self) -> int:
        if self.state == "done":
            return 100
        done, total = self.far
        return min(99, done * 100 // total) if total else 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Inside, it is being done by this process."""
        _far[self.id] = self.done, self.total
        try:
            yield
        finally:
            _far.pop(self.id, None)
            _unwanted.discard(self.id)

    def stop(self) -> str:
        """Say that it is no longer wanted, and its state then: a waiting job is cancelled at once, a running one at its
        next `progress`; one that has ended stays as it is."""
        if self.id in _far:  # its transaction may hold the database's one writer: that would keep us waiting for its end
            _unwanted.add(self.id)
            return "running"
        Job.update(cancel=True).where(Job.id == self.id, Job.state.in_(["waiting", "running"])).execute()
        Job.update(state="cancelled", message="已取消。", ended_at=clock.now()).where(
            Job.id == self.id, Job.state == "waiting"
        ).execute()
        return str(Job.select(Job.state).where(Job.id == self.id).scalar())

    def progress(self, done: int, total: int) -> None:
        """Say how far it is. Raises ``Cancelled`` when it is no longer wanted."""
        if self.id in _far:
            _far[self.id] = done, total
        if self.id in _unwanted:
            raise Cancelled
        if not database.transaction_depth():
            Job.update(done=done, total=total).where(Job.id == self.id).execute()
        if Job.select(Job.cancel).where(Job.id == self.id).scalar():
            raise Cancelled
