"""A form counts once: its number is spent in the very transaction that does what it asks.

A double click, «back» and a second press, a page sent again after the network failed: the second finds the number spent
and changes nothing. Spent with the work, it is free again when the work was refused, and never spent for nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from peewee import CharField, DateTimeField

from models import clock
from models.base import BaseModel
from models.refusals import refuse
from models.scope import NOTHING, Actor

KEPT_DAYS = 30  # longer than any page stays open
MOMENT = timedelta(seconds=30)  # within which the first answer may still be on its way
ADDRESS = 500  # characters of where a form led to


class SentForm(BaseModel):
    """One form that was sent and done. ``digest`` tells the same content from another; nothing of it is kept."""

    key = CharField(primary_key=True, max_length=60)
    digest = CharField(max_length=64)
    sent_at = DateTimeField(index=True)
    leads_to = CharField(max_length=ADDRESS, default="")  # where its sender was led; blank until she was

    @classmethod
    def scope(cls, actor: Actor):
        return NOTHING

    def just_now(self) -> bool:
        """Whether it was sent so short a time ago that where it led may not be kept yet."""
        return abs(clock.now() - self.sent_at) < MOMENT


class SentBefore(Exception):
    """What this form asks was done already, or is being done. No refusal: there is nothing to correct."""


@dataclass
class Press:
    """The form of the request under way. With ``shown_only`` it is only looked at: whatever it asks is refused so."""

    key: str
    digest: str
    shown_only: str = ""
    spent: bool = False

    def spend(self) -> None:
        """Raises ``SentBefore`` where another request was first; one that is under way is waited for."""
        mine = SentForm.insert(key=self.key, digest=self.digest, sent_at=clock.now())
        if not mine.on_conflict_ignore().as_rowcount().execute():
            raise SentBefore
        self.spent = True


press: ContextVar[Press | None] = ContextVar("press", default=None)


@contextmanager
def counted() -> Iterator[None]:
    """What is done inside, in a transaction, is done once for the form under way; outside a request it is just done.

    Raises ``SentBefore``, and ``Refusal`` where the form is only looked at.
    """
    now = press.get()
    if now is not None and now.shown_only:
        raise refuse(now.shown_only)
    if now is None or not now.key or now.spent:
        yield
        return
    now.spend()
    try:
        yield
    except BaseException:
        now.spent = False  # it goes with the transaction
        raise


def sent(key: str) -> SentForm | None:
    """The form of this number, where it was done."""
    return SentForm.get_or_none(SentForm.key == key)


def led(key: str, address: str) -> None:
    """Keep where the sender of a form was led, for whoever sends it again."""
    SentForm.update(leads_to=address).where(SentForm.key == key).execute()


def free() -> None:
    """What the form under way asked for came to nothing after it was written: its number may be sent again."""
    now = press.get()
    if now is not None and now.spent:
        SentForm.delete().where(SentForm.key == now.key).execute()
        now.spent = False


def clear_old() -> int:
    """Forget forms that nobody can have open any more; how many."""
    return SentForm.delete().where(SentForm.sent_at < clock.now() - timedelta(days=KEPT_DAYS)).execute()
