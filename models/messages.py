"""消息: what one account is told on its own page: what it entered was sent back, what it asked for is done.

A message holds which row and which move, and no value of the row: what it says is read off the row when it is shown, by
whoever may still see it. What waits for a person is not told here but counted in the inbox.
"""

from collections.abc import Sequence
from datetime import timedelta

from peewee import CharField, DateTimeField, IntegerField

from models import clock
from models.base import BaseModel
from models.scope import NOTHING, Actor

BACK, ENDED, UNSENT = "back", "ended", "unsent"
EVENTS = [(BACK, "办理结果"), (ENDED, "任务结束"), (UNSENT, "通知没有送出")]
KEPT = timedelta(days=90)


class Message(BaseModel):
    """One line to one account. ``about`` is a resource and ``row`` the key of its row; ``move`` what was done to it."""

    resource = "messages"

    account = IntegerField(index=True)  # id; a key would make a circle with the moves
    event = CharField(max_length=8, choices=EVENTS, verbose_name="类别")
    about = CharField(max_length=30)
    row = IntegerField()
    move = CharField(max_length=20, default="")
    at = DateTimeField(default=clock.now, verbose_name="时间")
    seen_at = DateTimeField(null=True, verbose_name="看过")

    class Meta:
        indexes = ((("account", "seen_at"), False),)

    @classmethod
    def scope(cls, actor: Actor):
        """Whose it is, and nobody else's."""
        return cls.account == actor.account_id if actor.account_id else NOTHING


def tell(account: int | None, event: str, about: str, row: int, move: str = "") -> None:
    """Tell an account of something, in the caller's transaction; nobody where there is no account."""
    if account is not None and isinstance(row, int):
        Message.create(account=account, event=event, about=about, row=row, move=move)


def unseen(by: Actor) -> int:
    """How many this person has not looked at, counted to a hundred."""
    some = Message.select(Message.id).where(Message.scope(by), Message.seen_at.is_null()).limit(100)
    return int(some.count())


def see(by: Actor, keys: Sequence[int] | None = None) -> int:
    """This person has looked at these, or at all there are; how many were new."""
    which = [Message.scope(by), Message.seen_at.is_null(), *([] if keys is None else [Message.id.in_(list(keys))])]
    return int(Message.update(seen_at=clock.now()).where(*which).execute())


def clear_old() -> int:
    """Drop what is older than `KEPT`; how many rows went."""
    return int(Message.delete().where(Message.at < clock.now() - KEPT).execute())
