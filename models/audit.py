"""The trail: who did what to which row, when, and why. Written by moves, never altered (triggers in `models.schema`).

Each station's traces form a chain, and so do those of no station: a trace carries a keyed digest of itself and of the
one before it. The key opens only with the data key, which lies outside the database: whoever gets past the triggers can
change, insert or take out a trace, but not so that the chain fits again (`models.audit_checks` re-reads it). What is cut
off at the end shows in the chain's head, and where the head was set back as well, in the heads written down elsewhere.

A transaction's traces are written as its last statements, so the head is the last lock that anybody takes, and is held
for no longer than the commit; several heads are taken in their order. Hence nobody waits long, and nobody for ever.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    CharField,
    DateTimeField,
    Expression,
    ModelSelect,
    TextField,
    fn,
)

from models import clock
from models.base import BaseModel, database, insert_rows, write_last
from models.fields import JSONText, SealedField
from models.scope import EVERYTHING, NOTHING, Actor, held, stations_of, within
from models.spool import Spool
from rules.access import DIVISION_ROLES, STATION_ROLES
from rules.divisions import subtree

GENESIS = "0" * 64
KEY_BYTES = 32
LATELY = timedelta(days=30)  # how long what was refused stays on the list of things to look at
HOUSE = 0  # the chain of what belongs to no station
# What must be kept at least (网络安全法, 2016 text, art. 21(3); GB/T 22239-2019 8.1.4.3 and 8.1.5.4 for what it holds).
# Nothing in the program removes a trace, and the database refuses to: all are kept.
KEPT_MONTHS = 6
WRITTEN_AT_ONCE = 500  # traces in one statement: SQLite takes 32,766 values


@dataclass(frozen=True)
class Origin:
    """Where a request came from: its address, a short name of its session, and its own number."""

    address: str = ""
    session: str = ""
    request: str = ""


origin: ContextVar[Origin | None] = ContextVar("origin", default=None)  # set by whoever receives the request
# What was asked for in this request and is not the person's to do; kept by whoever receives it, for its transaction is
# rolled back.
attempts: ContextVar[list[str] | None] = ContextVar("attempts", default=None)


def attempted(action: str) -> None:
    """Somebody tried what is not hers to do."""
    left = attempts.get()
    if left is not None and action not in left:
        left.append(action)


class Trail(BaseModel):
    """One thing that was done. ``before`` and ``after`` hold only what changed; sensitive values are masked."""

    resource = "audit"

    id = BigAutoField()
    at = DateTimeField(index=True, verbose_name="时间")
    account = BigIntegerField(null=True, verbose_name="账号")
    who = CharField(max_length=60, verbose_name="经手人")
    role = CharField(max_length=12, verbose_name="角色")
    station = BigIntegerField(null=True, verbose_name="工作站")
    division = CharField(max_length=12, null=True, verbose_name="区划", help_text="经手人负责的区划")
    table = CharField(max_length=40, column_name="table_name", verbose_name="对象")
    row = CharField(max_length=40, column_name="row_key", verbose_name="编号")
    action = CharField(max_length=40, verbose_name="动作")
    reason = TextField(default="", verbose_name="理由")
    before = JSONText(null=True, verbose_name="变更前")
    after = JSONText(null=True, verbose_name="变更后")
    address = CharField(max_length=45, default="", constraints=[SQL("DEFAULT ''")], verbose_name="来源地址")
    session = CharField(max_length=12, default="", constraints=[SQL("DEFAULT ''")], verbose_name="会话")
    request = CharField(max_length=12, default="", constraints=[SQL("DEFAULT ''")], verbose_name="请求编号")
    chain = BigIntegerField(default=HOUSE, constraints=[SQL("DEFAULT 0")], verbose_name="日志链")
    seq = BigIntegerField(default=0, constraints=[SQL("DEFAULT 0")], verbose_name="链上第几行")
    hash = CharField(max_length=64, default="", constraints=[SQL("DEFAULT ''")], verbose_name="校验码")

    class Meta:
        indexes = (
            (("table", "row", "id"), False),
            (("chain", "seq"), True),
            (("account", "id"), False),
            (("who", "id"), False),
            (("station", "id"), False),
            (("action", "id"), False),
            (("address", "id"), False),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.who}"

    @classmethod
    def too_many_reveals(cls, by: Actor) -> Expression:
        """Openings of sealed values that were refused lately, because the same person had opened so many."""
        return (cls.action == "reveal_refused") & (cls.at > clock.now() - LATELY)

    @classmethod
    def scope(cls, actor: Actor):
        if actor.role in STATION_ROLES:
            return cls.station == actor.station_id
        if actor.role in DIVISION_ROLES:
            stations = stations_of(actor)
            if stations is None:
                return EVERYTHING
            low, high = subtree(str(actor.division))
            return cls.station.in_(stations) | ((cls.division >= low) & (cls.division < high))
        return NOTHING


class TrailHead(BaseModel):
    """The end of one chain: how many traces it has, and the digest of the last. Holding it is the turn to write."""

    chain = BigIntegerField(primary_key=True)  # the station's number, or `HOUSE`
    seq = BigIntegerField(default=0)
    hash = CharField(max_length=64, default=GENESIS)
    key = ""  # of a head that is held

    @classmethod
    def scope(cls, actor: Actor):
        return NOTHING

    @classmethod
    def hold(cls, chains: list[int]) -> dict[int, "TrailHead"]:
        """The heads of these chains, held to the end of the transaction; taken in their order, so that nobody who
        needs two waits for somebody who waits for her. Each knows the key, so that it costs no statement more."""
        sealed = TrailKey.select(TrailKey.key).limit(1).alias("sealed")
        wanted = held(cls.select(cls, sealed).where(cls.chain.in_(sorted(chains))).order_by(cls.chain))
        found = {head.chain: head for head in wanted}
        if new := sorted(set(chains) - set(found)):
            cls.insert_many([{"chain": key} for key in new]).on_conflict_ignore().execute()
            found = {head.chain: head for head in wanted.clone()}
        for head in found.values():
            head.key = TrailKey.key.python_value(head.sealed) if head.sealed else TrailKey.made()
        return found


class TrailKey(BaseModel):
    """The one key of all chains, itself sealed by the data key: when that is changed this is sealed anew, and every
    digest stays as it is."""

    key = SealedField()

    @classmethod
    def scope(cls, actor: Actor):
        return NOTHING

    @classmethod
    def made(cls) -> str:
        """The key; made by whoever needs it first."""
        cls.insert(id=1, key=secrets.token_hex(KEY_BYTES)).on_conflict_ignore().execute()
        return cls.get().key


# What a digest is over, after the digest before it. A later column is named at the end, and only where it has a value,
# so that older traces keep theirs.
SEALED = (
    "chain", "seq", "at", "account", "who", "role", "station", "division", "table", "row", "action", "reason", "before",
    "after", "address", "session", "request",
)  # fmt: skip


def digest(key: str, previous: str, said: Sequence[Any]) -> str:
    """The keyed digest of one trace: ``said`` are the values of `SEALED` as the database holds them."""
    parts = [str(part) if isinstance(part, datetime) else part for part in said]
    text = json.dumps([previous, *parts], ensure_ascii=False)
    return hmac.digest(key.encode(), text.encode(), hashlib.sha256).hex()


def trail(
    by: Actor,
    action: str,
    table: str,
    row: object,
    *,
    station: int | None = None,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Leave a trace, inside the caller's transaction: a move and its trace stand or fall together."""
    trails(by, action, table, [(row, before, after)], station=station, reason=reason)


def made_lately(by: Actor, action: str, hours: int = 1) -> int:
    """How often this account did this within so many hours."""
    since = clock.now() - timedelta(hours=hours)
    made = Trail.select(fn.COUNT(1)).where(Trail.account == by.account_id, Trail.action == action, Trail.at > since)
    return int(made.scalar())


def lately_stopped(by: Actor) -> ModelSelect:
    """The accounts that were stopped at opening sealed values, as far as who asks may know."""
    return Trail.select(Trail.account).where(Trail.too_many_reveals(by), within(Trail, by))


def trails(
    by: Actor,
    action: str,
    table: str,
    rows: Iterable[tuple[object, dict[str, Any] | None, dict[str, Any] | None]],
    *,
    station: int | None = None,
    reason: str = "",
) -> None:
    """A trace on each of several rows, given as (key, before, after), all in one statement."""
    where, at = origin.get() or Origin(), clock.now()
    station = station if station is not None else by.station_id
    text = JSONText().db_value
    left = [
        {
            "chain": station or HOUSE, "at": at, "account": by.account_id, "who": by.name, "role": by.role.value,
            "station": station, "division": by.division, "table": table, "row": str(key), "action": action,
            "reason": reason, "before": text(before), "after": text(after), "address": where.address,
            "session": where.session, "request": where.request,
        }
        for key, before, after in rows
    ]  # fmt: skip
    if left:
        write_last(_write, left)


def _write(traces: Collection[dict[str, Any]] | Spool) -> None:
    """Put these traces at the end of their chains; gone through twice, for a large import leaves them in a file."""
    heads = TrailHead.hold(list({trace["chain"] for trace in traces}))
    names, rows = [*SEALED, "hash"], []
    for trace in traces:
        head = heads[trace["chain"]]
        head.seq += 1
        said = [head.seq if name == "seq" else trace[name] for name in SEALED]
        head.hash = digest(head.key, head.hash, said)
        rows.append([*said, head.hash])
        if len(rows) == WRITTEN_AT_ONCE:
            insert_rows(Trail, names, rows)
            rows = []
    if rows:
        insert_rows(Trail, names, rows)
    for head in heads.values():
        text = 'UPDATE "trail_head" SET "seq" = ?, "hash" = ? WHERE "chain" = ?'
        database.execute_sql(text.replace("?", database.param), (head.seq, head.hash, head.chain))
