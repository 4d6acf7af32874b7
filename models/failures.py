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

FREE = {"name": 4, "address": 100, "posting": 10}  # wrong tries, or things sent in, before it waits
FADES = timedelta(minutes=5)  # one failure of an address is forgotten every so long
FORGOTTEN = timedelta(hours=24)  # after so long without a wrong try nothing is left
LONGEST = 60  # minutes
MOST = 10_000  # rows; beyond them the oldest go first
SAID = {
    "name": "输错次数过多，请 {} 分钟后再试。",
    "address": "从您所在的网络登录失败次数过多，请 {} 分钟后再试。",
}

POSTED = "从您所在的网络提交太多，请 {} 分钟后再试；急事请打工作站电话。"
LOOKED = "从您所在的网络查询不存在的证明次数过多，请 {} 分钟后再试。"


class Wait(Refusal):
    """Refused for so many minutes."""

    def __init__(self, says: str, minutes: int) -> None:
        super().__init__(Finding("", says.format(minutes)))
        self.minutes = minutes


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
    return str(ipaddress.ipnetwork(f"{address}/64", strict=False)) if whole.version == 6 else address


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


def must_wait_looking(address: str) -> None:
    """Raises ``Refusal`` while this address waits because it looked for too many codes that there are not."""
    _must_wait(_looking(address), LOOKED)


def looked_in_vain(address: str) -> None:
    """One more look for what is not there; sign-in from the address is not held up by it."""
    _count(_looking(address), "address")


def _looking(address: str) -> str:
    return f"address:{keyring.index(f'looking {network(address)}')}"


def must_wait_posting(what: str, address: str) -> None:
    """Raises ``Refusal`` while this address, or account, waits because it sent in too much of this kind."""
    _must_wait(_posting(what, address), POSTED)


def posted(what: str, address: str) -> None:
    """One more thing sent in by somebody who need not say who she is; each kind of thing is counted by itself."""
    _count(_posting(what, address), "posting")


def _posting(what: str, address: str) -> str:
    return f"posting:{keyring.index(f'posting {what} {network(address)}')}"


def _must_wait(key: str, says: str) -> None:
    now = clock.wall()
    within = Failure.locked_until.between(now + timedelta(seconds=1), now + timedelta(minutes=LONGEST))
    if row := Failure.select().where(Failure.key == key, within).first():
        raise Wait(says, int((row.locked_until - now).total_seconds() // 60) + 1)
