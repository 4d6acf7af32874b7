"""汇入平台 by a timetable: which links are due, which batches wait to be sent by themselves, and what came of each try.

Off unless a link's form says otherwise. What is made and sent goes through the same moves as by hand, in the name of the
office whose link it is.
"""

from datetime import datetime

from models import clock, messages
from models.base import transaction
from models.moves import whole
from models.upwards import UpwardBatch, UpwardLink
from rules.upwards_timetable import is_due, last_due, next_try

AT_ONCE = 20  # links, and batches, of one round
GONE = "文件已过期清除，自动作废；其中的记录重新编批。"


def due(now: datetime) -> list[UpwardLink]:
    """Links whose moment has come since they last sent by themselves."""
    rows = UpwardLink.select().where(UpwardLink.active, UpwardLink.every != "never").order_by(UpwardLink.done_for, UpwardLink.id)
    return [row for row in rows.iterator() if is_due(row.every, row.weekday, row.hour, row.done_for, now)][:AT_ONCE]


def left_over(link: UpwardLink) -> list[UpwardBatch]:
    """Batches of this link that the timetable made before and that did not get there: it takes them up once more."""
    place = UpwardBatch.station.is_null() if link.station_id is None else UpwardBatch.station == link.station_id
    rows = UpwardBatch.select().where(
        UpwardBatch.division == link.division_id, place, UpwardBatch.target == link.target, UpwardBatch.state == "made",
        (UpwardBatch.tries > 0) | UpwardBatch.next_at.is_null(False),
    )  # fmt: skip
    return list(rows.order_by(UpwardBatch.id))


def try_anew(batch: UpwardBatch) -> None:
    """Its turn is now, and all its tries are before it again."""
    UpwardBatch.update(tries=0, next_at=clock.now()).where(UpwardBatch.id == batch.id, UpwardBatch.state == "made").execute()


def done(link: UpwardLink, fault: str = "") -> None:
    """The link's batches are made, or cannot be for this reason; whoever set it is told. Not again until its next moment."""
    with whole():
        moment = last_due(link.every, link.weekday, link.hour, clock.now())
        UpwardLink.update(done_for=moment, fault=fault[:300]).where(UpwardLink.id == link.id).execute()
        if fault:
            messages.tell(_whose(link), messages.UNSENT, UpwardLink.resource, link.id)


def unsent(now: datetime) -> list[UpwardBatch]:
    """Batches whose turn it is to be sent by themselves."""
    rows = UpwardBatch.select().where(UpwardBatch.next_at <= now, UpwardBatch.state == "made")
    return list(rows.order_by(UpwardBatch.next_at, UpwardBatch.id).limit(AT_ONCE))


def failed(batch: UpwardBatch, link: UpwardLink | None, fault: str, *, passing: bool) -> None:
    """One try came to nothing: it is tried again later where that may help, else given up and whoever set the link told."""
    with transaction():
        batch.tries += 1
        batch.note = fault[:300]
        batch.next_at = next_try(batch.tries, clock.now()) if passing else None
        batch.save()
        if batch.next_at is None and link is not None:
            messages.tell(_whose(link), messages.UNSENT, UpwardBatch.resource, batch.id)


def _whose(link: UpwardLink) -> int | None:
    found: int | None = link.amended_by or link.entered_by
    return found
