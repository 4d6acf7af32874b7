"""工时账: append-only double entries, lots of exchangeable minutes, balances beside them, a hash chain per station.

An entry moves whole minutes from one account to another, so every entry sums to zero by its shape. Accounts:

==============  ===========================================================================
service         where verified service comes from
training        where study minutes come from, where policy counts them (`models.results`): honour alone
honour          a volunteer's honour minutes; exchange never lowers them, stars rest on them
exchangeable    a volunteer's minutes to spend, in lots by origin and day, oldest first
exchange        what was spent on services and goods
debt            what a correction took beyond what was left; later hours pay it first
bonus           where minutes come from that policy gives for registering and introducing: exchangeable alone
gift            between giver and receiver: what leaves one's lots is what comes into the other's, so it nets to zero
station         what was donated to the station of the chain and not yet granted to those in hardship
expiry          what lay in lots past their term
transfer        between two stations' chains when a person moves: out of one, into the other, so it nets to zero
==============  ===========================================================================

Locks are always taken in one order (the station's chain, then balances by volunteer, then records, then stock), so two
clerks queue and never deadlock. A person's balance is also their turn: whoever gives them service time holds it, so two
overlapping records can never both be found clear.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
    fn,
)

from models import clock, closes
from models.base import BaseModel, on_postgres, snapshot
from models.refusals import refuse
from models.scope import Actor, along, held
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules.months import month_of, period_of
from rules.policy import PolicyBook
from rules.rewards import expires_on

ORIGINS = [
    ("checked_in", "签到"),
    ("desk", "台账录入"),
    ("backfilled", "补录"),
    ("group", "集体"),
    ("imported", "表格导入"),
    ("transferred", "转入"),
]
LOT_ORIGINS = [*ORIGINS, ("bonus", "奖励")]  # no record comes from a bonus
ENTRY_ORIGINS = [*LOT_ORIGINS, ("training", "培训")]  # and no lot from a training
KINDS = [
    ("service", "服务入账"),
    ("training", "培训入账"),
    ("exchange", "兑换"),
    ("cancellation", "取消兑换"),
    ("reversal", "冲正"),
    ("repayment", "抵扣欠账"),
    ("bonus", "奖励"),
    ("gift", "转赠"),
    ("donation", "捐赠"),
    ("grant", "捐赠工时受助"),
    ("expiry", "到期作废"),
    ("transfer", "异地转移"),
]
ACCOUNTS = [
    ("service", "服务来源"),
    ("training", "培训来源"),
    ("honour", "荣誉工时"),
    ("exchangeable", "可兑换工时"),
    ("exchange", "兑换支出"),
    ("debt", "欠账"),
    ("bonus", "奖励来源"),
    ("gift", "转赠"),
    ("station", "工作站捐赠池"),
    ("expiry", "到期作废"),
    ("transfer", "异地转移"),
]
GENESIS = "0" * 64
LOCKED_AT_ONCE = 1000  # balances named in one statement


class Balance(BaseModel):
    """A volunteer's two figures, and what is owed, in whole minutes; always equal to the sum of the entries."""

    resource = "balances"
    station_path = "volunteer.station"

    volunteer = ForeignKeyField(Volunteer, primary_key=True, backref="balance", verbose_name="志愿者")
    honour = IntegerField(default=0, constraints=[Check("honour >= 0")], verbose_name="荣誉工时")
    exchangeable = IntegerField(default=0, constraints=[Check("exchangeable >= 0")], verbose_name="可兑换工时")
    debt = IntegerField(default=0, constraints=[Check("debt >= 0")], verbose_name="欠账")

    def __str__(self) -> str:
        return str(self.volunteer)

    @property
    def spendable(self) -> int:
        """Minutes that can be exchanged now; negative while a debt is open."""
        return self.exchangeable - self.debt

    @classmethod
    def open_for(cls, volunteer: Volunteer) -> None:
        """An empty account; opened twice it is the same account."""
        cls.insert(volunteer=volunteer.id).on_conflict_ignore().execute()

    @classmethod
    def locked(cls, volunteer_id: int) -> "Balance":
        """The row, held to the end of the transaction."""
        row = held(cls.select().where(cls.volunteer == volunteer_id)).first()
        if row is None:
            raise refuse("该志愿者还没有审核注册，没有工时账。", "volunteer")
        return row

    @classmethod
    def hold(cls, volunteers: Iterable[int]) -> None:
        """Take these people's turn, to the end of the transaction. SQLite's one writer has it already."""
        keys = sorted(set(volunteers)) if on_postgres() else []
        for at in range(0, len(keys), LOCKED_AT_ONCE):
            some = keys[at : at + LOCKED_AT_ONCE]
            list(held(cls.select(cls.volunteer).where(cls.volunteer.in_(some)).order_by(cls.volunteer)).tuples())


class Lot(BaseModel):
    """Exchangeable minutes that came together: from one record, one gift or one bonus, with origin and day.

    ``left`` is what remains. What policy lets only be given away stands in a lot of its own (``donation_only``).
    """

    resource = "hours"
    station_path = "volunteer.station"

    id = BigAutoField()
    volunteer = ForeignKeyField(Volunteer, backref="lots", verbose_name="志愿者")
    origin = CharField(max_length=12, choices=LOT_ORIGINS, verbose_name="来源")
    earned_on = DateField(verbose_name="服务日期")
    expires_on = DateField(null=True, verbose_name="到期日")
    minutes = IntegerField(verbose_name="分钟")
    left = IntegerField(column_name="left_minutes", constraints=[Check("left_minutes >= 0")], verbose_name="剩余分钟")
    record = BigIntegerField(null=True, index=True)
    gift = BigIntegerField(null=True, index=True)
    donation_only = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")], verbose_name="只能捐赠")

    class Meta:
        indexes = ((("volunteer", "earned_on", "id"), False),)


# A lot that is used up never expires: what a night looks through stays as small as what is left.
Lot.add_index(Lot.index(Lot.expires_on, where=(Lot.left > 0), name="lot_expires_on"))


class Chain(BaseModel):
    """The head of one station's chain of entries; holding it is the station's turn to write."""

    station_path = "station"

    station = ForeignKeyField(Station, primary_key=True)
    seq = BigIntegerField(default=0)
    hash = CharField(max_length=64, default=GENESIS)

    @classmethod
    def lock(cls, station_id: int) -> "Chain":
        """The head, held to the end of the transaction: always the first lock taken."""
        cls.insert(station=station_id).on_conflict_ignore().execute()
        return held(cls.select().where(cls.station == station_id)).get()


class Entry(BaseModel):
    """One movement of minutes between two accounts. Never changed, never deleted (triggers in `models.schema`)."""

    resource = "hours"

    id = BigAutoField()
    station = station_field(backref="entries")
    seq = BigIntegerField(verbose_name="序号")
    key = CharField(max_length=60, unique=True)  # the same command again finds its first result by this
    at = DateTimeField(verbose_name="入账时间")
    day = DateField(verbose_name="发生日期")
    kind = CharField(max_length=12, choices=KINDS, verbose_name="类型")
    origin = CharField(max_length=12, choices=ENTRY_ORIGINS, default="desk", verbose_name="来源")
    debit = CharField(max_length=12, choices=ACCOUNTS, verbose_name="出账")
    credit = CharField(max_length=12, choices=ACCOUNTS, verbose_name="入账")
    volunteer = ForeignKeyField(Volunteer, backref="entries", verbose_name="志愿者")
    lot = ForeignKeyField(Lot, null=True, backref="entries")
    minutes = IntegerField(constraints=[Check("minutes > 0")], verbose_name="工时", help_text="整分钟")
    record = BigIntegerField(null=True, index=True, verbose_name="服务记录")
    redemption = BigIntegerField(null=True, index=True, verbose_name="兑换单")
    reverses = ForeignKeyField("self", null=True, verbose_name="冲正分录")
    asked_by = BigIntegerField(null=True, verbose_name="申请人")
    approved_by = BigIntegerField(null=True, verbose_name="批准人")
    reason = TextField(default="", verbose_name="理由")
    policy = CharField(max_length=60, default="", verbose_name="政策版本")
    period = CharField(
        max_length=7, null=True, verbose_name="计入月份"
    )  # none in entries from before there were closes
    previous = CharField(max_length=64)
    hash = CharField(max_length=64)
    attendance = BigIntegerField(null=True, index=True, verbose_name="参训")
    gift = BigIntegerField(null=True, index=True, verbose_name="赠送单")

    class Meta:
        indexes = (
            (("station", "seq"), True),
            (("station", "id"), False),
            (("station", "period"), False),
            (("volunteer", "id"), False),
        )

    @classmethod
    def scope(cls, actor: Actor):
        """After a transfer the station where the hours were earned and the person's present one both see them."""
        return along(cls, "station", actor) | along(cls, "volunteer.station", actor)

    def __str__(self) -> str:
        return f"第 {self.seq} 笔"

    def digest(self) -> str:
        """SHA-256 over the entry before and everything this one says."""
        said = [
            self.previous, self.__data__["station"], self.seq, self.key, self.at.isoformat(), self.day.isoformat(),
            self.kind, self.origin, self.debit, self.credit, self.__data__["volunteer"], self.__data__.get("lot"),
            self.minutes, self.record, self.redemption, self.__data__.get("reverses"), self.asked_by,
            self.approved_by, self.reason, self.policy,
        ]  # fmt: skip
        if self.attendance is not None:  # a later column: entries without one keep the hash they were given
            said.append(self.attendance)
        if self.period is not None:  # an entry from before there were periods keeps the hash it was given
            said.append(f"period {self.period}")
        if self.gift is not None:
            said.append(f"gift {self.gift}")
        return hashlib.sha256("\x1f".join("" if v is None else str(v) for v in said).encode()).hexdigest()


@dataclass
class Writer:
    """Appends to one station's chain inside one transaction; the chain is held from `open` on."""

    chain: Chain
    first_open: str = ""  # the first month that is not closed

    @classmethod
    def open(cls, station_id: int) -> "Writer":
        return cls(Chain.lock(station_id), closes.first_open(station_id))

    def append(self, served: date | None = None, **what) -> Entry:
        """One entry, its balances and lot beside it. ``what`` are Entry's columns but the chain's own.

        ``served`` is the day whose month it is reported in while that is open; the entry's own where none is given.
        """
        entry = Entry(**what)
        entry.period = period_of(month_of(served or entry.day), self.first_open)
        entry.station = self.chain.__data__["station"]
        entry.at = clock.now()
        entry.seq = self.chain.seq + 1
        entry.previous = self.chain.hash
        entry.hash = entry.digest()
        entry.save(force_insert=True)
        self.chain.seq, self.chain.hash = entry.seq, entry.hash
        Chain.update(seq=entry.seq, hash=entry.hash).where(Chain.station == entry.station_id).execute()
        _carry(entry)
        return entry


def _carry(entry: Entry) -> None:
    """Keep the balance and the lot equal to the entries."""
    change = {}
    for account, sign in ((entry.debit, -1), (entry.credit, 1)):
        if account in ("honour", "exchangeable"):
            column = getattr(Balance, account)
            change[column] = column + sign * entry.minutes
        elif account == "debt":
            change[Balance.debt] = Balance.debt - sign * entry.minutes
        if account == "exchangeable" and entry.lot_id:
            Lot.update(left=Lot.left + sign * entry.minutes).where(Lot.id == entry.lot_id).execute()
    if change:
        Balance.update(change).where(Balance.volunteer == entry.volunteer_id).execute()


def post(record, by: Actor, book: PolicyBook, writer: Writer) -> None:
    """Post one verified record: honour minutes always, exchangeable minutes where the policy of the day lets its origin.

    Posted already, it changes nothing. ``record.minutes`` are whole minutes.
    """
    if Entry.select().where(Entry.key == f"post:{record.id}:honour").exists():
        return
    balance = Balance.locked(record.volunteer_id)
    day = record.started_at.date()
    # Asked first: once an entry is appended nothing may fail, for the writer already counts it.
    version = book.on("exchange", str(record.station.division_id), day)
    common = {
        "day": day, "kind": "service", "origin": record.origin, "debit": "service",
        "volunteer": record.volunteer_id, "minutes": record.minutes, "record": record.id,
        "asked_by": record.entered_by, "approved_by": by.account_id, "policy": record.policy,
    }  # fmt: skip
    writer.append(key=f"post:{record.id}:honour", credit="honour", **common)
    if record.origin not in version.rule.origins:
        return
    lot = Lot.create(
        volunteer=record.volunteer_id, origin=record.origin, earned_on=day, minutes=record.minutes, left=0,
        expires_on=expires_on(day, version), record=record.id,
    )  # fmt: skip
    writer.append(key=f"post:{record.id}:exchangeable", credit="exchangeable", lot=lot.id, **common)
    owed = min(balance.debt, record.minutes)
    if owed:
        writer.append(
            key=f"post:{record.id}:repay", day=day, kind="repayment", origin=record.origin, debit="exchangeable",
            credit="debt", volunteer=record.volunteer_id, lot=lot.id, minutes=owed, record=record.id,
            approved_by=by.account_id,
        )  # fmt: skip


def reverse(record, by: Actor, asked_by: int | None, reason: str, writer: Writer) -> None:
    """Take a posted record back by opposite entries that name what they reverse.

    What its lot no longer holds is taken from the person's other lots, oldest first; what is still missing becomes a
    debt that later hours pay: a correction is never refused for want of balance. Reversed already, it changes nothing.
    """
    Balance.locked(record.volunteer_id)
    for first in list(Entry.select().where(Entry.record == record.id, Entry.kind == "service").order_by(Entry.id)):
        key = f"reverse:{first.id}"
        if Entry.select().where(Entry.reverses == first.id).exists():
            continue
        common = {
            "day": clock.today(), "served": first.day, "kind": "reversal", "origin": first.origin, "credit": "service",
            "volunteer": first.volunteer_id, "record": record.id, "reverses": first.id, "asked_by": asked_by,
            "approved_by": by.account_id, "reason": reason, "policy": first.policy,
        }  # fmt: skip
        if first.credit == "honour":
            writer.append(key=key, debit="honour", minutes=first.minutes, **common)
            continue
        missing = first.minutes
        for n, (lot_id, minutes) in enumerate(_take(first.volunteer_id, missing, first_lot=first.lot_id)):
            writer.append(key=f"{key}:{n}", debit="exchangeable", lot=lot_id, minutes=minutes, **common)
            missing -= minutes
        if missing:
            writer.append(key=f"{key}:debt", debit="debt", minutes=missing, **common)


def _take(
    volunteer_id: int, minutes: int, first_lot: int | None = None, on: date | None = None
) -> list[tuple[int, int]]:
    """(lot, minutes) that together give ``minutes`` or all there is: ``first_lot`` before the rest, then oldest first."""
    query = Lot.select(Lot.id, Lot.left).where(Lot.volunteer == volunteer_id, Lot.left > 0)
    if on is not None:
        query = query.where(Lot.expires_on.is_null() | (Lot.expires_on > on))
    lots = sorted(
        query.order_by(Lot.earned_on, Lot.id).tuples(), key=lambda row: row[0] != first_lot
    )  # a stable sort: the named lot first, the order of age behind it
    taken = []
    for lot_id, left in lots:
        part = min(left, minutes)
        if part <= 0:
            break
        taken.append((lot_id, part))
        minutes -= part
    return taken


def spendable_on(balance: Balance, day: date) -> int:
    """Minutes that can be exchanged on that day: lots past their term and open debts left out; never negative."""
    live = Lot.select(fn.COALESCE(fn.SUM(Lot.left), 0)).where(
        Lot.volunteer == balance.volunteer_id, Lot.expires_on.is_null() | (Lot.expires_on > day)
    )
    return max(0, int(live.scalar()) - balance.debt)


def spend(volunteer_id: int, minutes: int, redemption: int, by: Actor, policy: str, writer: Writer) -> None:
    """Take exchangeable minutes for one exchange, oldest lots first. Raises ``Refusal`` when there are too few."""
    balance = Balance.locked(volunteer_id)
    today = clock.today()
    have = spendable_on(balance, today)
    if have < minutes:
        raise refuse(f"可兑换工时不足：需要 {minutes / 60:.2f} 小时，现有 {have / 60:.2f} 小时。", "quantity")
    for n, (lot_id, part) in enumerate(_take(volunteer_id, minutes, on=today)):
        writer.append(
            key=f"exchange:{redemption}:{n}", day=today, kind="exchange", debit="exchangeable", credit="exchange",
            origin=Lot.get_by_id(lot_id).origin, volunteer=volunteer_id, lot=lot_id, minutes=part,
            redemption=redemption, approved_by=by.account_id, policy=policy,
        )  # fmt: skip


def give_back(redemption: int, by: Actor, reason: str, writer: Writer) -> None:
    """Return what one exchange took to the very lots it came from. Returned already, it changes nothing."""
    for spent in list(
        Entry.select().where(Entry.redemption == redemption, Entry.kind == "exchange").order_by(Entry.id)
    ):
        key = f"cancel:{spent.id}"
        if Entry.select().where(Entry.key == key).exists():
            continue
        Balance.locked(spent.volunteer_id)
        writer.append(
            key=key, day=clock.today(), kind="cancellation", debit="exchange", credit="exchangeable",
            origin=spent.origin, volunteer=spent.volunteer_id, lot=spent.lot_id, minutes=spent.minutes,
            redemption=redemption, reverses=spent.id, approved_by=by.account_id, reason=reason, policy=spent.policy,
        )  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One thing that `verify` found: which entry or account, and what does not fit."""

    where: str
    says: str


def verify(station_id: int | None = None) -> list[Fault]:
    """Re-read every entry: the chain of each station and its closed months, then balances and lots against the sum
    of entries.

    Faults in order, the first entry of a chain that does not fit first; none where all is well.
    """
    with snapshot():
        stations = {row.__data__["station"] for row in Entry.select(Entry.station).distinct()}
        stations |= {row.__data__["station"] for row in Chain.select(Chain.station)}
        chosen = sorted(stations) if station_id is None else [station_id]
        faults = [fault for key in chosen for fault in _verify_chain(key)]
        faults += [Fault(f"工作站 {one.station}", one.says) for key in chosen for one in closes.check_closes(key)]
        if station_id is None:
            faults += [*_verify_balances(), *_verify_lots()]
    return faults


def _verify_chain(station_id: int) -> Iterator[Fault]:
    previous, seq = GENESIS, 0
    for entry in Entry.select().where(Entry.station == station_id).order_by(Entry.seq).iterator():
        name = f"工作站 {station_id} 第 {entry.seq} 笔"
        if entry.seq != seq + 1:
            yield Fault(name, f"前面缺少第 {seq + 1} 笔分录。")
            return
        if entry.previous != previous or entry.hash != entry.digest():
            yield Fault(name, "内容与校验码不符，分录被改动过。")
            return
        previous, seq = entry.hash, entry.seq
    chain = Chain.get_or_none(Chain.station == station_id)
    if chain is None:
        if seq:
            yield Fault(f"工作站 {station_id}", f"有 {seq} 笔分录而没有账尾。")
    elif chain.seq != seq:
        yield Fault(f"工作站 {station_id}", f"账尾记到第 {chain.seq} 笔，实际只有 {seq} 笔。")
    elif chain.hash != previous:
        yield Fault(f"工作站 {station_id} 第 {seq} 笔", "校验码与账尾不符，最后一笔或账尾被改动过。")


def _summed(by: ForeignKeyField, accounts: list[str]) -> dict[int, dict[str, int]]:
    """What the entries say: volunteer or lot -> account -> minutes in less minutes out."""
    sums: dict[int, dict[str, int]] = {}
    for side, sign in ((Entry.debit, -1), (Entry.credit, 1)):
        rows = Entry.select(by, side, fn.SUM(Entry.minutes)).where(side.in_(accounts)).group_by(by, side).tuples()
        for key, account, minutes in rows.iterator():
            one = sums.setdefault(key, dict.fromkeys(accounts, 0))
            one[account] += sign * int(minutes)
    return sums


def _verify_balances() -> Iterator[Fault]:
    accounts = ["honour", "exchangeable", "debt"]
    sums = _summed(Entry.volunteer, accounts)
    for balance in Balance.select().order_by(Balance.volunteer).iterator():
        volunteer = balance.__data__["volunteer"]
        said = sums.pop(volunteer, dict.fromkeys(accounts, 0))
        if [balance.honour, balance.exchangeable, balance.debt] != [
            said["honour"], said["exchangeable"], -said["debt"],
        ]:  # fmt: skip
            yield Fault(f"志愿者 {volunteer}", "余额与分录合计不符。")
    for volunteer in sorted(sums):
        yield Fault(f"志愿者 {volunteer}", "有分录而没有工时账。")


def _verify_lots() -> Iterator[Fault]:
    sums = _summed(Entry.lot, ["exchangeable"])
    if None in sums:
        sums.pop(None)
        yield Fault("可兑换工时", "有分录没有写明是哪一笔。")
    for key, volunteer, left in Lot.select(Lot.id, Lot.volunteer, Lot.left).order_by(Lot.id).tuples().iterator():
        if sums.pop(key, {"exchangeable": 0})["exchangeable"] != left:
            yield Fault(f"志愿者 {volunteer}", f"第 {key} 笔可兑换工时的剩余与分录合计不符。")
    for key in sorted(sums):
        yield Fault(f"第 {key} 笔可兑换工时", "有分录而没有这一笔。")
