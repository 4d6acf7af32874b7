"""Wrong tries at the door, by name and by address, and how long each waits (GB/T 22239 8.1.4.1 b).

A name waits whether or not there is such an account, so that waiting tells nobody which names exist. An address waits
only after many more, because a whole station may stand behind one; its failures fade slowly, and nobody's success wipes
them out. What is kept is a keyed digest, no name and no address.
"""

import ipaddress
from datetime import datetime, timedelta

from peewee import CharField, DateTimeField, IntegerField

from models import clock
from models.base import BaseModel, transaction
from models.fields import keyring
from models.refusals import Refusal, refuse
from models.scope import NOTHING, Actor, held
from rules.findings import Finding

# Wrong tries, or things sent in, before it waits.
FREE = {"name": 4, "address": 100, "looking": 100, "sending": 20, "asking": 30, "objecting": 10}
FADES = timedelta(minutes=5)  # one failure of an address is forgotten every so long
FORGOTTEN = timedelta(hours=24)  # after so long without a wrong try nothing is left
LONGEST = 60  # minutes
MOST = 10_000  # rows; beyond them the oldest go first
SAID = {
    "name": "输错次数过多，请 {} 分钟后再试。",
    "address": "从您所在的网络登录失败次数过多，请 {} 分钟后再试。",
}

# What an address, or an account, may do only so often.
PACED = {
    "looking": "从您所在的网络查询不存在的证明次数过多，请 {} 分钟后再试。",
    "sending": "从您所在的网络送出的报名太多，请 {} 分钟后再送；填写的内容都还在。",
    "asking": "查询申请时输错的次数太多，请 {} 分钟后再试。",
    "objecting": "从您所在的网络提交太多，请 {} 分钟后再试；急事请打工作站电话。",
}


class TooMany(Refusal):
    """Whoever does a thing too often has to wait, for so many whole seconds."""

    def __init__(self, says: str, seconds: int) -> None:
        super().__init__(Finding("", says))
        self.seconds = seconds


class Failure(BaseModel):
    """The wrong tries of one name or from one address. Nobody's to see: the trail tells the auditor."""

    resource = "people"

    key = CharField(primary_key=True, max_length=48)  # «name:», «address:» or «posting:» and a keyed digest
    failures = IntegerField(default=0)
    last_at = DateTimeField(index=True)
    locked_until = DateTimeField(null=True)

    @classmethod
    def scope(cls, actor: Actor):
        return NOTHING


def must_wait(name: str, address: str = "") -> None:
    """Raises ``Refusal`` while this name or address waits; a try made then is not even looked at, nor counted."""
    now = clock.wall()
    keys = _keys(name, address)
    # A lock longer than any was set by a clock that stood wrong then: it is none.
    within = Failure.locked_until.between(now + timedelta(seconds=1), now + timedelta(minutes=LONGEST))
    for row in Failure.select().where(Failure.key.in_(list(keys)), within):
        minutes = int((row.locked_until - now).total_seconds() // 60) + 1
        raise refuse(SAID[keys[row.key]].format(minutes))


def count(name: str, address: str = "") -> datetime | None:
    """One more wrong try; until when the name must wait now, if it must."""
    until = None
    for key, kind in _keys(name, address).items():
        locked = _count(key, kind)
        until = locked if kind == "name" else until
    return until


def forget(name: str) -> None:
    """The name's failures are over: the person came in, or was given a new password. The address keeps its own."""
    Failure.delete().where(Failure.key.in_(list(_keys(name, "")))).execute()


def clear_old() -> int:
    """Drop what is forgotten, and the oldest beyond `MOST`; how many rows went."""
    gone: int = Failure.delete().where(Failure.last_at < clock.wall() - FORGOTTEN).execute()
    if (left := Failure.select().count()) > MOST:
        oldest = Failure.select(Failure.key).order_by(Failure.last_at).limit(left - MOST)
        gone += Failure.delete().where(Failure.key.in_([row.key for row in oldest])).execute()
    return gone


def _keys(name: str, address: str) -> dict[str, str]:
    keys = {f"name:{keyring.index(f'name {name}')}": "name"}
    if address:
        keys[f"address:{keyring.index(f'address {network(address)}')}"] = "address"
    return keys


def network(address: str) -> str:
    """The address as it is counted: one household's IPv6 addresses count as one: it has 2**64 of them to try from."""
    try:
        whole = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if whole.version == 6 else address


def _count(key: str, kind: str) -> datetime | None:
    now = clock.wall()
    with transaction():
        if Failure.insert(key=key, last_at=now).on_conflict_ignore().execute() and Failure.select().count() > MOST:
            clear_old()
        row = held(Failure.select().where(Failure.key == key)).get()  # counted under the lock: guesses may race
        quiet = max(timedelta(0), now - row.last_at)
        left = 0 if quiet > FORGOTTEN else row.failures
        if kind != "name":
            left = max(0, left - quiet // FADES)
        row.failures, row.last_at, row.locked_until = left + 1, now, None
        if row.failures > FREE[kind]:
            wait = 2 ** min(row.failures - FREE[kind] - 1, 6)  # minutes: 1, 2, 4 … 64
            row.locked_until = now + timedelta(minutes=min(LONGEST, wait))
        row.save()
    locked: datetime | None = row.locked_until
    return locked


def pace(kind: str, address: str) -> None:
    """Raises ``TooMany`` while this address waits because it did this too often: ``kind`` is one of `PACED`."""
    _must_wait(_paced(kind, address), kind)


def did(kind: str, address: str) -> None:
    """This address did it once more."""
    _count(_paced(kind, address), kind)


def must_wait_for(what: str, name: str) -> None:
    """Raises ``TooMany`` while tries at this one thing wait, whether or not there is such a thing."""
    for key in _keys(f"{what}: {name}", ""):
        _must_wait(key, "asking")


def missed(what: str, name: str) -> None:
    """One more wrong try at this one thing."""
    count(f"{what}: {name}")


def _must_wait(key: str, kind: str) -> None:
    now = clock.wall()
    within = Failure.locked_until.between(now + timedelta(seconds=1), now + timedelta(minutes=LONGEST))
    if row := Failure.select().where(Failure.key == key, within).first():
        seconds = int((row.locked_until - now).total_seconds())
        raise TooMany(PACED[kind].format(seconds // 60 + 1), seconds)


def _paced(kind: str, address: str) -> str:
    return f"{kind}:{keyring.index(f'{kind} {network(address)}')}"
