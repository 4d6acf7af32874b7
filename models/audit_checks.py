"""日志核对 (网络安全法 art. 21(3)): the audit log re-read from its first trace, and the first that does not fit named.

Chain by chain and a page at a time, so no more is held in memory than a page. Whoever can write the database cannot
make the digests (`models.audit`), so any trace that was changed, put in, taken out or moved shows where the chain
stops fitting. What is cut off at the end shows where the head is held against the last trace, and, where the head was
set back too, against the heads as they were written down elsewhere (`heads`, `check(known=…)`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from peewee import fn

from models import clock
from models.audit import GENESIS, HOUSE, SEALED, Trail, TrailHead, TrailKey, digest
from models.base import database, snapshot, transaction
from models.clock import Setting
from models.verifying import Fault

READ_AT_ONCE = 5000  # traces
KEPT = 20  # faults written down; the first is what matters, the command says all
FOUND = "audit_check"  # the setting that holds what the last re-reading found
CHAIN, SEQ = SEALED.index("chain"), SEALED.index("seq")
NIGHT = time(3)  # a day's check is one made since then
Heads = Mapping[int, tuple[int, str]]  # chain -> how many traces it had, and the digest of the last


@dataclass(frozen=True)
class Broken(Fault):
    """Where a chain stops fitting."""

    chain: int


def called(chain: int) -> str:
    """What a chain is called in a fault: a station's by its number."""
    return f"工作站 {chain} 的操作日志" if chain != HOUSE else "总操作日志"


def chains() -> list[int]:
    """Every chain that has traces or a head, in order; found by hops through the index, not by reading every trace."""
    found = {chain for (chain,) in TrailHead.select(TrailHead.chain).tuples()}
    last = Trail.select(fn.MIN(Trail.chain)).scalar()
    while last is not None:
        found.add(last)
        last = Trail.select(fn.MIN(Trail.chain)).where(Trail.chain > last).scalar()
    return sorted(found)


def heads() -> dict[int, tuple[int, str]]:
    """The chains' ends as they stand, to be kept outside the database."""
    rows = TrailHead.select(TrailHead.chain, TrailHead.seq, TrailHead.hash).order_by(TrailHead.chain)
    return {chain: (seq, digest) for chain, seq, digest in rows.tuples()}


def verify(known: Heads | None = None) -> tuple[int, list[Broken]]:
    """Re-read the whole log as it stands at one moment: how many traces, and of each chain the first that does not fit.

    ``known`` are heads as they were written down earlier: each must still stand where it stood.
    """
    known, count, faults = known or {}, 0, []
    with snapshot():
        try:
            row = TrailKey.get_or_none()
        except ValueError:
            return 0, [Broken("操作日志", "校验用的密钥打不开：数据密钥不对，或密钥被换过。", HOUSE)]
        for chain in sorted({*chains(), *known}):
            rows, fault = check(chain, row.key if row else "", known.get(chain))
            count += rows
            faults += [Broken(fault.where, fault.says, chain)] if fault else []
    return count, faults


def check(chain: int, key: str, known: tuple[int, str] | None = None) -> tuple[int, Fault | None]:
    """Follow one chain to its end: how many traces fit, and the first that does not. Inside one snapshot."""
    previous, seq, number = GENESIS, 0, 0
    for found, *said, sealed in _traces(chain):
        where = f"{called(chain)}第 {said[SEQ]} 行（编号 {found}）"
        if said[SEQ] != seq + 1:
            return seq, Fault(where, f"前面缺少第 {seq + 1} 行，有日志被删去。")
        if sealed != digest(key, previous, said):
            return seq, Fault(where, "内容与校验码不符，日志被改动、插入或调换过。")
        if found <= number:
            return seq, Fault(where, "编号与先后不符，日志被调换过。")
        previous, seq, number = sealed, seq + 1, found
        if known and seq == known[0] and sealed != known[1]:
            return seq, Fault(where, "与另存的链尾不符，日志被整段换过。")
    head = TrailHead.get_or_none(TrailHead.chain == chain)
    if (head.seq, head.hash) != (seq, previous) if head else seq:
        said = f"链尾记到第 {head.seq} 行" if head else "没有链尾"
        return seq, Fault(called(chain), f"{said}，实际有 {seq} 行，末尾被删去或改动过。")
    if known and seq < known[0]:
        return seq, Fault(called(chain), f"另存的链尾到第 {known[0]} 行，现在只有 {seq} 行，末尾被删去过。")
    return seq, None


def _traces(chain: int) -> Iterator[tuple]:
    """The chain's traces in order: the number, what is sealed, the digest. Rows as the database gives them."""
    columns = [getattr(Trail, name) for name in ("id", *SEALED, "hash")]
    page = Trail.select(*columns).where(Trail.chain == chain).order_by(Trail.seq).limit(READ_AT_ONCE)
    last = None
    while True:
        query = page if last is None else page.where(Trail.seq > last)
        rows = database.execute_sql(*query.sql()).fetchall()
        yield from rows
        if len(rows) < READ_AT_ONCE:
            return
        last = rows[-1][SEQ + 1]


def keep(count: int, faults: list[Broken]) -> None:
    """Put what a re-reading found in the place of the last one, for the first page."""
    with transaction():
        before, now = last(), str(clock.now())
        Setting.write(FOUND, {
            "at": now, "rows": count, "wrong_since": (before.get("wrong_since") or now) if faults else None,
            "faults": [{"chain": one.chain, "says": f"{one.where}：{one.says}"} for one in faults[:KEPT]],
        })  # fmt: skip


def last() -> dict:
    """What the last re-reading kept; empty where there was none."""
    return Setting.read(FOUND) or {}


def is_due() -> bool:
    """Whether the log was not re-read since the last night: a computer that is off at night catches up when it is on."""
    now = clock.now()
    since = datetime.combine(now.date() - timedelta(days=now.time() < NIGHT), NIGHT)
    return str(last().get("at", "")) < str(since)


def check_one(number: int) -> Fault | None:
    """Whether one trace fits to the one before it in its chain; None where it does. Of the rest of the chain it says
    nothing: that is what the night reads."""
    columns = [getattr(Trail, name) for name in (*SEALED, "hash")]
    row = database.execute_sql(*Trail.select(*columns).where(Trail.id == number).sql()).fetchone()
    *said, sealed = row
    before = Trail.select(Trail.hash).where(Trail.chain == said[CHAIN], Trail.seq == said[SEQ] - 1).scalar()
    where = f"{called(said[CHAIN])}第 {said[SEQ]} 行"
    if before is None and said[SEQ] != 1:
        return Fault(where, f"前面缺少第 {said[SEQ] - 1} 行，有日志被删去。")
    try:
        key = TrailKey.get_or_none()
    except ValueError:
        key = None
    if key is None or sealed != digest(key.key, before or GENESIS, said):
        return Fault(where, "内容与校验码不符，日志被改动、插入或调换过。")
    return None
