"""核对 (方案 二(5) 统一台账): the account re-read from its first entry, and the first that does not fit named.

Station by station: its chain in order, its closed months, then the balances and lots of the people who stand there
now against the sum of all their entries. So no more is held in memory than a page of entries and of people.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from peewee import Case, ModelSelect, fn

from models import closes, stock
from models.base import database, snapshot
from models.gifts import Gift
from models.hours import FIGURES, GENESIS, SEALED, Balance, Chain, Entry, Lot, seal
from models.stations import Station
from models.transfer_in import taken_in
from models.transfer_out import in_flight
from models.volunteers import Volunteer

READ_AT_ONCE = 5000  # entries
PEOPLE_AT_ONCE = 500  # with all their lots, of which a busy person has hundreds


@dataclass(frozen=True)
class Fault:
    """One thing that `verify` found: which entry or account, and what does not fit."""

    where: str
    says: str


@dataclass
class Report:
    """What the re-reading of one station came to: how many entries its chain has, and what does not fit."""

    station: int
    entries: int = 0
    read_through: bool = False  # whether the chain was followed to its end
    pool: dict[int | None, int] = field(default_factory=dict)  # donation -> minutes left of it, as its entries say
    faults: list[Fault] = field(default_factory=list)


def verify(station_id: int | None = None) -> list[Fault]:
    """Re-read every entry of one station, or of all: the faults, of each station the first entry that does not fit
    first; none where all is well."""
    return [fault for report in reports(station_id) for fault in report.faults]


def reports(station_id: int | None = None) -> Iterator[Report]:
    """What each station's account comes to, all of them as they stand at one moment; a station is read when asked for."""
    with snapshot():
        every = Station.select(Station.id).order_by(Station.id).tuples()
        for key in [key for (key,) in every] if station_id is None else [station_id]:
            yield check(key)


def check(station_id: int) -> Report:
    """Re-read one station's account. Inside one snapshot: whoever posts meanwhile is not seen half."""
    report = Report(station_id)
    found = [
        _chain(report), _closes(station_id), _gifts(station_id), _donations(report), _people(station_id),
        _stock(station_id),
    ]  # fmt: skip
    report.faults = [fault for faults in found for fault in faults]
    return report


def _rows(query: ModelSelect) -> list[tuple]:
    """As the database gives them: to make models of millions of rows, or dates of their texts, takes most of a night."""
    found: list[tuple] = database.execute_sql(*query.sql()).fetchall()
    return found


def _name(station_id: int, seq: int) -> str:
    return f"工作站 {station_id} 第 {seq} 笔"


# --- the chain, entry by entry ---


def _entries(station_id: int) -> Iterator[tuple]:
    """The station's entries in order: what is sealed, then the hash. Rows as the database gives them, no models."""
    columns = [getattr(Entry, name) for name in (*SEALED, "hash")]
    page = Entry.select(*columns).where(Entry.station == station_id).order_by(Entry.seq).limit(READ_AT_ONCE)
    last = None
    while True:
        rows = _rows(page if last is None else page.where(Entry.seq > last))
        yield from rows
        if len(rows) < READ_AT_ONCE:
            return
        last = rows[-1][SEQ]


SEQ, DEBIT, CREDIT, MINUTES, GIFT = (
    SEALED.index(name) for name in ("seq", "debit", "credit", "minutes", "gift")
)  # fmt: skip


def _chain(report: Report) -> Iterator[Fault]:
    station_id, previous, seq, pool = report.station, GENESIS, 0, 0
    for *said, digest in _entries(station_id):
        at = said[SEQ]
        if at != seq + 1:
            yield Fault(_name(station_id, at), f"前面缺少第 {seq + 1} 笔分录。")
            return
        if said[0] != previous or digest != seal(*said):
            yield Fault(_name(station_id, at), "内容与校验码不符，分录被改动过。")
            return
        if said[DEBIT] == "station" or said[CREDIT] == "station":
            into = said[MINUTES] if said[CREDIT] == "station" else -said[MINUTES]
            report.pool[said[GIFT]] = report.pool.get(said[GIFT], 0) + into
            pool += into
            if pool < 0:
                yield Fault(_name(station_id, at), "捐赠池支出多于收到的捐赠。")
                return
        previous, seq = digest, at
        report.entries += 1
    report.read_through = True
    chain = Chain.get_or_none(Chain.station == station_id)
    if chain is None:
        if seq:
            yield Fault(f"工作站 {station_id}", f"有 {seq} 笔分录而没有账尾。")
    elif chain.seq != seq:
        yield Fault(f"工作站 {station_id}", f"账尾记到第 {chain.seq} 笔，实际只有 {seq} 笔。")
    elif chain.hash != previous:
        yield Fault(_name(station_id, seq), "校验码与账尾不符，最后一笔或账尾被改动过。")


def _closes(station_id: int) -> Iterator[Fault]:
    for one in closes.check_closes(station_id):
        yield Fault(f"工作站 {one.station}", one.says)


def _stock(station_id: int) -> Iterator[Fault]:
    for where, says in stock.faults(station_id):
        yield Fault(f"工作站 {station_id} {where}", says)


# --- accounts that net to zero ---


def _gifts(station_id: int) -> Iterator[Fault]:
    """Every gift that an entry of this station belongs to, over all stations: what was given is what was received."""
    here = Entry.select(Entry.gift).where(Entry.station == station_id, Entry.gift.is_null(False))
    sums = (
        Entry.select(Entry.gift, fn.MIN(Entry.seq), _into("gift"))
        .where(Entry.gift.in_(here), (Entry.debit == "gift") | (Entry.credit == "gift"))
        .group_by(Entry.gift)
        .having(_into("gift") != 0)
        .order_by(Entry.gift)
    )
    for gift, seq, minutes in sums.tuples():
        yield Fault(_name(station_id, seq), f"赠送单 {gift} 送出与收到的工时相差 {abs(int(minutes))} 分钟。")


def _donations(report: Report) -> Iterator[Fault]:
    """What each donation says is left of it, against what the chain says went into the pool by it and out again."""
    if not report.read_through:
        return
    said = dict(report.pool)
    rows = Gift.select(Gift.id, Gift.left_minutes).where(Gift.station == report.station, Gift.receiver.is_null())
    for gift, left in _rows(rows.order_by(Gift.id)):
        if said.pop(gift, 0) != left:
            yield Fault(f"捐赠 {gift}", "捐赠池中的剩余与分录合计不符。")
    for gift in said:
        yield Fault(f"工作站 {report.station}", f"捐赠池的分录写明的赠送单 {gift or '（空）'} 不是本站收到的捐赠。")


def _into(account: str):
    """Minutes into an account less those out of it, summed."""
    return fn.SUM(Case(None, [(Entry.credit == account, Entry.minutes), (Entry.debit == account, 0 - Entry.minutes)], 0))


# --- balances and lots against the sum of the entries ---


def _people(station_id: int) -> Iterator[Fault]:
    """Balances and lots of whoever stands at this station now, a page of people at a time."""
    wanted = Volunteer.select(Volunteer.id).where(Volunteer.station == station_id).order_by(Volunteer.id)
    last = 0
    while keys := [key for (key,) in wanted.where(Volunteer.id > last).limit(PEOPLE_AT_ONCE).tuples()]:
        last = keys[-1]
        yield from _some_people(station_id, keys)


def _some_people(station_id: int, keys: list[int]) -> Iterator[Fault]:
    own = (Volunteer.station == station_id) & (Volunteer.id >= keys[0]) & (Volunteer.id <= keys[-1])
    theirs = Volunteer.select(Volunteer.id).where(own)
    balances = {row[0]: row[1:] for row in _rows(
        Balance.select(Balance.volunteer, *(getattr(Balance, name) for name in FIGURES)).where(Balance.volunteer.in_(theirs))
    )}  # fmt: skip
    lots: dict[int, dict[int, int]] = {}
    for key, person, left in _rows(Lot.select(Lot.id, Lot.volunteer, Lot.left).where(Lot.volunteer.in_(theirs))):
        lots.setdefault(person, {})[key] = left
    said: dict[int, list[tuple]] = {}
    sums = Entry.select(Entry.volunteer, Entry.lot, Entry.debit, Entry.credit, fn.SUM(Entry.minutes))
    sums = sums.where(Entry.volunteer.in_(theirs)).group_by(Entry.volunteer, Entry.lot, Entry.debit, Entry.credit)
    for row in _rows(sums):
        said.setdefault(row[0], []).append(row)
    away, here = in_flight(theirs), taken_in(theirs)
    wrong = [
        (person, says) for person in keys
        for says in _one_person(balances.get(person), lots.get(person, {}), said.get(person, []),
                                away.get(person, 0) - here.get(person, 0))
    ]  # fmt: skip
    names = _people_named({person for person, _ in wrong}) if wrong else {}
    yield from (Fault(names[person], says) for person, says in wrong)


def _people_named(people: set[int]) -> dict[int, str]:
    """What a fault calls people: by the number on the card that the desk finds them by, and by our own."""
    cards = dict(_rows(Volunteer.select(Volunteer.id, Volunteer.card_no).where(Volunteer.id.in_(people))))
    return {key: f"志愿者 {cards[key]}（第 {key} 号）" if cards.get(key) else f"志愿者第 {key} 号" for key in people}


def _one_person(
    balance: tuple | None, lots: dict[int, int], rows: list[tuple], packed: int = 0
) -> Iterator[str]:
    """Hold one balance and its lots against what the entries say: (person, lot, debit, credit, minutes); and what lies
    in `transfer` against what packages to and from other installations carry. Says what does not fit."""
    sums: dict[str, int] = {}
    by_lot: dict[int | None, int] = {}
    for _, lot, debit, credit, minutes in rows:
        for account, sign in ((debit, -int(minutes)), (credit, int(minutes))):
            sums[account] = sums.get(account, 0) + sign
            if account == "exchangeable":
                by_lot[lot] = by_lot.get(lot, 0) + sign
    if balance is None and rows:
        yield "有分录而没有工时账。"
    elif list(balance or (0, 0, 0)) != [sums.get("honour", 0), sums.get("exchangeable", 0), -sums.get("debt", 0)]:
        yield "余额与分录合计不符。"
    if over := sums.get("transfer", 0) - packed:
        yield f"转出与转入的工时相差 {abs(over)} 分钟。"
    if None in by_lot:
        yield "有可兑换工时的分录没有写明是哪一笔。"
    for key, left in lots.items():
        if by_lot.pop(key, 0) != left:
            yield f"第 {key} 笔可兑换工时的剩余与分录合计不符。"
    for key in sorted(key for key in by_lot if key is not None):
        yield f"分录写明的第 {key} 笔可兑换工时不是本人的，或已经没有了。"
