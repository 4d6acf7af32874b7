"""异地转移 over the network (方案 二(5)): which station a package that came in is for, and answers on their way back.

What is carried is the same signed and sealed text as in a file, through the same doors (`models.transfer`).
"""

from datetime import datetime, timedelta

from peewee import JOIN, CharField, DateTimeField, ForeignKeyField, IntegerField

from models import clock
from models.base import BaseModel, transaction
from models.messages import UNSENT, tell
from models.peers import Peer
from models.refusals import refuse
from models.scope import NOTHING, SYSTEM, Actor
from models.stations import Station
from models.transfer import Arrival, Departure, receive, take_receipt
from rules.access import Role

TRIES = (1, 5, 30, 120, 720, 1440)  # minutes after the first, second … try of an answer that failed
AT_ONCE = 20  # answers of one round


class AnswerSent(BaseModel):
    """One answer to be carried back over the network: how often it was tried, and when it got there."""

    resource = "arrivals"

    arrival = ForeignKeyField(Arrival, unique=True, backref="sent", on_delete="CASCADE")
    tries = IntegerField(default=0)
    next_at = DateTimeField(null=True, index=True)
    sent_at = DateTimeField(null=True)
    fault = CharField(max_length=200, default="")

    @classmethod
    def scope(cls, actor: Actor):
        return NOTHING  # told on the arrival's page


def came_in(package: str, station: str = "") -> Arrival:
    """A package that another installation posted: kept, to be taken or refused by the head of the station it is for.

    ``station`` names it where there are several here. Raises ``Refusal`` as reading the file would.
    """
    return receive(package, Actor(None, "网络", Role.SYSTEM, _addressed(station.strip()).id))


def _addressed(name: str) -> Station:
    stations = list(Station.select().where(Station.name == name).limit(2) if name else Station.select().limit(2))
    if len(stations) == 1:
        return stations[0]
    if name:
        raise refuse(f"这里没有名为「{name[:40]}」的工作站，请核对对方工作站的全称。", "station")
    raise refuse("这里有多个工作站，请写明送给哪一个（工作站全称）。", "station")


def answered(token: str) -> Departure:
    """The answer that a receiver posted back. Raises ``Refusal`` as reading the file would."""
    return take_receipt(token, SYSTEM)


def due(now: datetime) -> list[Arrival]:
    """Decided arrivals whose answer has not reached a sender that can be reached, and whose turn it is."""
    tried = AnswerSent.arrival == Arrival.id
    waits = AnswerSent.id.is_null() | (AnswerSent.sent_at.is_null() & (AnswerSent.next_at <= now))
    rows = (
        Arrival.select(Arrival, Peer)
        .join(Peer)
        .join_from(Arrival, AnswerSent, JOIN.LEFT_OUTER, on=tried)
        .where(Arrival.answer != "", Peer.url != "", Peer.state == "confirmed", waits)
    )
    return list(rows.order_by(Arrival.id).limit(AT_ONCE))


def settle(row: Arrival, fault: str) -> None:
    """What became of one try to carry an answer back; after the last one whoever read the package in is told."""
    with transaction():
        sent, _ = AnswerSent.get_or_create(arrival=row.id)
        sent.tries += 1
        sent.fault = fault[:200]
        given_up = bool(fault) and sent.tries > len(TRIES)
        sent.next_at = None if not fault or given_up else clock.now() + timedelta(minutes=TRIES[sent.tries - 1])
        sent.sent_at = None if fault else clock.now()
        sent.save()
        if given_up:
            tell(row.entered_by, UNSENT, Arrival.resource, row.id)


def standing(arrival: int) -> AnswerSent | None:
    """How the answer to this package fares on its way back."""
    return AnswerSent.get_or_none(AnswerSent.arrival == arrival)


def reachable(row: Departure) -> str:
    """Where a package in flight can be posted. Raises ``Refusal`` where it has no receiver with an address."""
    if row.state != "flying":
        raise refuse(f"现在是「{row.state_label}」，只有在途的才有转移包可以发送。", "state")
    if not row.peer_id or not row.peer.url:
        raise refuse("接收单位的名片上没有网址，请下载转移包，用文件交给对方。", "peer")
    if row.peer.state != "confirmed":
        raise refuse(f"{row.peer.name}现在是「{row.peer.state_label}」，不能发送。", "peer")
    return str(row.peer.url).rstrip("/")



