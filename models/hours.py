"""工时账: append-only double entries, lots of exchangeable minutes, balances beside them, a hash chain per station.

An entry moves whole minutes from one account to another, so every entry sums to zero by its shape. Accounts:

==============  ===========================================================================
service         where verified service comes from
training        where study minutes come from, where policy counts them (`models.results`): honour alone
honour          a volunteer's honour minutes; exchange never lowers them, stars rest on them
exchangeable    a volunteer's minutes to spend, in lots by origin and day, oldest first
exchange        what was spent on services and goods
debt            what a correction took beyond what was left; later hours pay it first
opening         where what was served before this account was kept comes from (`models.openings`)
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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from operator import itemgetter
from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Check,
    DateField,
    DateTimeField,
    Expression,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
    fn,
)

from models import clock, closes
from models.base import BaseModel, database, insert_rows, on_postgres
from models.refusals import refuse
from models.scope import Actor, along, held
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules.months import month_of, period_of

ORIGINS = [
    ("checked_in", "签到"),
    ("desk", "台账录入"),
    ("backfilled", "补录"),
    ("group", "集体"),
    ("imported", "表格导入"),
    ("transferred", "转入"),
]
LOT_ORIGINS = [*ORIGINS, ("bonus", "奖励")]  # no record comes from a bonus
# Neither record nor lot comes from a training, or from an account that moved: honour minutes of any origin go in one.
ENTRY_ORIGINS = [*LOT_ORIGINS, ("training", "培训"), ("moved", "异地转移")]
KINDS = [
    ("service", "服务入账"),
    ("training", "培训入账"),
    ("exchange", "兑换"),
    ("cancellation", "取消兑换"),
    ("reversal", "冲正"),
    ("repayment", "抵扣欠账"),
    ("opening", "期初转入"),
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
    ("opening", "期初来源"),
    ("bonus", "奖励来源"),
    ("gift", "转赠"),
    ("station", "工作站捐赠池"),
    ("expiry", "到期作废"),
    ("transfer", "异地转移"),
]
FIGURES = ("honour", "exchangeable", "debt")  # accounts that a balance keeps beside the entries
REPAID_WITH = ("day", "origin", "volunteer", "lot", "record", "redemption", "gift", "asked_by", "approved_by")
GENESIS = "0" * 64
LOCKED_AT_ONCE = 1000  # balances named in one statement
WRITTEN_AT_ONCE = 500  # entries in one statement: SQLite takes 32,766 values


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

    worked_out: int | None = None  # for a row that is shown among many

    @property
    def spendable(self) -> int:
        """Minutes that can be exchanged today, as `spendable_on` says."""
        return spendable_on(self, clock.today()) if self.worked_out is None else self.worked_out

    @classmethod
    def work_out(cls, rows: Sequence["Balance"]) -> None:
        """Set what each of these people can exchange today, in one statement for all."""
        lives = Lot.select(Lot.volunteer, fn.SUM(Lot.left)).where(
            Lot.volunteer.in_([row._pk for row in rows]), Lot.left > 0, spendable_lots(clock.today())
        )
        found = dict(lives.group_by(Lot.volunteer).tuples())
        for row in rows:
            row.worked_out = max(0, int(found.get(row._pk, 0)) - row.debt)

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
        head = held(cls.select().where(cls.station == station_id))
        found: Chain | None = head.first()
        if found is None:
            cls.insert(station=station_id).on_conflict_ignore().execute()
            found = head.get()
        return found


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
    previous = CharField(max_length=64, verbose_name="上一笔校验码")
    hash = CharField(max_length=64, verbose_name="校验码")
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
        return seal(*(self.__data__.get(name) for name in SEALED))


# What an entry's hash is made over, in this order.
SEALED = (
    "previous", "station", "seq", "key", "at", "day", "kind", "origin", "debit", "credit", "volunteer", "lot", "minutes",
    "record", "redemption", "reverses", "asked_by", "approved_by", "reason", "policy", "attendance", "period", "gift",
)  # fmt: skip


def seal(*said) -> str:
    """SHA-256 over the values of `SEALED`. A day or time may be given as such or as its text."""
    (
        previous, station, seq, key, at, day, kind, origin, debit, credit, volunteer, lot, minutes, record, redemption,
        reverses, asked_by, approved_by, reason, policy, attendance, period, gift,
    ) = said  # fmt: skip
    # One text made in one go: a night reads every entry there is.
    text = (
        f"{previous}\x1f{station}\x1f{seq}\x1f{key}\x1f{_iso(at)}\x1f{_iso(day)}\x1f{kind}\x1f{origin}\x1f{debit}\x1f{credit}"
        f"\x1f{volunteer}\x1f{'' if lot is None else lot}\x1f{minutes}\x1f{'' if record is None else record}"
        f"\x1f{'' if redemption is None else redemption}\x1f{'' if reverses is None else reverses}"
        f"\x1f{'' if asked_by is None else asked_by}\x1f{'' if approved_by is None else approved_by}\x1f{reason}\x1f{policy}"
    )
    # Later columns: an entry without a value there keeps the hash it was given when there was no such column.
    if attendance is not None:
        text += f"\x1f{attendance}"
    if period is not None:
        text += f"\x1fperiod {period}"
    if gift is not None:
        text += f"\x1fgift {gift}"
    return hashlib.sha256(text.encode()).hexdigest()


def _iso(moment: date | str) -> str:
    return moment.replace(" ", "T") if isinstance(moment, str) else moment.isoformat()


@dataclass
class Writer:
    """Appends to one station's chain inside one transaction; the chain is held from `open` on. Not by a clock that
    stands wrong (`models.clock`)."""

    chain: Chain
    first_open: str  # the first month that is not closed
    now: datetime

    @classmethod
    def open(cls, station_id: int) -> "Writer":
        clock.check()
        return cls(Chain.lock(station_id), closes.first_open(station_id), clock.now())

    def append(self, **what) -> None:
        """One entry, its balances and lot beside it; see `write`."""
        self.write([what])

    def write(self, movements: Sequence[dict[str, Any]]) -> None:
        """Entries in this order, and beside them, in as few statements as they need, lots, balances and the chain's head.

        A movement names Entry's columns but the chain's own. ``lot`` may be a new `Lot`, which then comes into being
        with what the movements leave in it. ``served`` is the day whose month the entry is reported in while that is
        open; its own day's where none is given.
        """
        if not movements:
            return
        new, names, rows = _carry_lots(movements), list(_left_out()), []
        for what in movements:
            what = _left_out() | what
            served = what.pop("served", None)
            if isinstance(what["lot"], Lot):
                what["lot"] = new[id(what["lot"])]
            self.chain.seq += 1
            what |= {
                "station": self.chain.__data__["station"], "seq": self.chain.seq, "at": self.now,
                "period": period_of(month_of(served or what["day"]), self.first_open), "previous": self.chain.hash,
            }  # fmt: skip
            what["hash"] = self.chain.hash = seal(*(what[name] for name in SEALED))
            if len(what) > len(names):
                raise TypeError(f"an entry has no {', '.join(sorted(what.keys() - names))}")
            rows.append([what[name] for name in names])
        for at in range(0, len(rows), WRITTEN_AT_ONCE):
            insert_rows(Entry, names, rows[at : at + WRITTEN_AT_ONCE])
        _run(
            'UPDATE "chain" SET "seq" = ?, "hash" = ? WHERE "station_id" = ?',
            self.chain.seq, self.chain.hash, self.chain.__data__["station"],
        )  # fmt: skip
        _carry_balances(movements)


def _run(statement: str, *values: Any) -> None:
    """One of the account's own statements, its text ready: see `models.base.insert_rows`."""
    database.execute_sql(statement.replace("?", database.param), values)


@cache
def _left_out() -> dict[str, Any]:
    """What a movement need not name, as the entry then says it."""
    fields = (field for field in Entry._meta.sorted_fields if not field.primary_key)
    return {field.name: field.default for field in fields}


def _carry_lots(movements: Sequence[dict[str, Any]]) -> dict[int, int]:
    """Keep the lots equal to the entries; the keys of those that are new, by the identity of their rows."""
    change: dict[int, int] = {}
    new: dict[int, Lot] = {}
    for what in movements:
        lot = what.get("lot")
        sign = (what["credit"] == "exchangeable") - (what["debit"] == "exchangeable")
        if lot is None or not sign:
            continue
        if isinstance(lot, Lot):
            new[id(lot)] = lot
            lot.left += sign * what["minutes"]
        else:
            change[lot] = change.get(lot, 0) + sign * what["minutes"]
    for key, minutes in change.items():
        if minutes:
            _run('UPDATE "lot" SET "left_minutes" = "left_minutes" + ? WHERE "id" = ?', minutes, key)
    for at in range(0, len(new), WRITTEN_AT_ONCE):
        _store(list(new.values())[at : at + WRITTEN_AT_ONCE])
    return {key: lot.id for key, lot in new.items()}


def _store(lots: Sequence[Lot]) -> None:
    """Insert these lots in one statement, and tell each its number.

    No database promises in which order it returns them, so a number goes to a lot that says what its row says.
    """
    names = [field.name for field in Lot._meta.sorted_fields if not field.primary_key]
    rows = [[lot.__data__.get(name) for name in names] for lot in lots]
    made = insert_rows(Lot, names, rows, returning=["id", *names])
    numbers: dict[str, list[int]] = {}
    for key, *said in sorted(made, key=itemgetter(0), reverse=True):
        numbers.setdefault(_said(said), []).append(key)
    for lot, row in zip(lots, rows, strict=True):
        lot.id = numbers[_said(row)].pop()


def _said(values: Iterable[Any]) -> str:
    """What a row says, alike however a database hands over days and truth."""
    return "\x1f".join(str(int(value) if isinstance(value, bool) else value) for value in values)


def _carry_balances(movements: Iterable[dict[str, Any]]) -> None:
    """Keep the balances equal to the entries, in one statement a person."""
    change: dict[int, dict[str, int]] = {}
    for what in movements:
        one = change.setdefault(what["volunteer"], dict.fromkeys(FIGURES, 0))
        for account, sign in ((what["debit"], -1), (what["credit"], 1)):
            if account in one:
                one[account] += sign * what["minutes"]
    for volunteer, one in sorted(change.items()):
        if any(one.values()):
            _run(
                'UPDATE "balance" SET "honour" = "honour" + ?, "exchangeable" = "exchangeable" + ?, "debt" = "debt" - ? '
                'WHERE "volunteer_id" = ?',
                *one.values(), volunteer,  # a debt grows where it is debited
            )  # fmt: skip


def repayment(debt: int, into: dict[str, Any]) -> list[dict[str, Any]]:
    """The movement, if any, by which an open debt takes at once from what ``into`` brings into a lot that can be spent.

    A person who owes has nothing to exchange: whoever writes a credit of exchangeable minutes asks this with the debt
    as it stands then. What may only be donated pays no debt.
    """
    owed = min(debt, into["minutes"])
    if not owed:
        return []
    kept = {name: into[name] for name in REPAID_WITH if name in into}
    return [kept | {
        "key": f"{into['key']}:repay", "kind": "repayment", "debit": "exchangeable", "credit": "debt", "minutes": owed,
    }]  # fmt: skip


def reverse(record, by: Actor, asked_by: int | None, reason: str, writer: Writer) -> None:
    """Take a posted record back; see `take_back`."""
    Balance.locked(record.volunteer_id)
    posted = list(Entry.select().where(Entry.record == record.id, Entry.kind == "service").order_by(Entry.id))
    take_back(posted, by, asked_by, reason, writer)


def take_back(posted: Sequence[Entry], by: Actor, asked_by: int | None, reason: str, writer: Writer) -> None:
    """Take one person's posted minutes back by opposite entries that name what they reverse. The balance is held.

    What its own lots no longer hold because it ran out is taken back from there: nobody pays for minutes that she never
    had the use of. What she did use is taken from her other lots, oldest first, those for donation last; what is still
    missing becomes a debt that later hours pay: a correction is never refused for want of balance. Reversed already, it
    changes nothing.
    """
    done = Entry.select(Entry.reverses).where(Entry.reverses.in_([first.id for first in posted]))
    before = {key for (key,) in done.tuples()}
    lots = [first.lot_id for first in posted if first.lot_id]
    for first in posted:
        if first.id in before:
            continue
        key = f"reverse:{first.id}"
        common = {
            "day": clock.today(), "served": first.day, "kind": "reversal", "origin": first.origin, "credit": first.debit,
            "volunteer": first.volunteer_id, "record": first.record, "reverses": first.id, "asked_by": asked_by,
            "approved_by": by.account_id, "reason": reason, "policy": first.policy,
        }  # fmt: skip
        if first.credit == "honour":
            writer.append(key=key, debit="honour", minutes=first.minutes, **common)
            continue
        # Its own lot before the record's other one: what was to be donated comes back from there.
        own = sorted(lots, key=lambda lot, mine=first.lot_id: lot != mine)
        taken = _taken_back(first, own)
        said = [
            common | {"key": f"{key}:{n}", "debit": account, "lot": lot_id, "minutes": minutes}
            for n, (account, lot_id, minutes) in enumerate(taken)
        ]
        if missing := first.minutes - sum(minutes for *_, minutes in taken):
            said.append(common | {"key": f"{key}:debt", "debit": "debt", "minutes": missing})
        writer.write(said)


def _taken_back(first: Entry, own: Sequence[int]) -> list[tuple[str, int, int]]:
    """(account, lot, minutes) from which what an entry credited comes back, as far as there is anything: its own lots,
    what ran out of them, the person's other lots."""
    theirs = take(first.volunteer_id, first.minutes, own)
    from_own = [part for part in theirs if part[0] in own]
    missing = first.minutes - sum(minutes for _, minutes in from_own)
    ran_out = _parts(expired_from(own), missing)
    missing -= sum(minutes for _, minutes in ran_out)
    from_others = _parts((part for part in theirs if part[0] not in own), missing)
    said = (("exchangeable", from_own), ("expiry", ran_out), ("exchangeable", from_others))
    return [(account, lot, minutes) for account, parts in said for lot, minutes in parts]


def expired_from(lots: Sequence[int]) -> list[tuple[int, int]]:
    """(lot, minutes) that ran out of these lots and were not taken back since, in their order."""
    into = fn.SUM(Case(None, [(Entry.credit == "expiry", Entry.minutes)], 0 - Entry.minutes))
    rows = Entry.select(Entry.lot, into).where(
        Entry.lot.in_(list(lots)), (Entry.credit == "expiry") | (Entry.debit == "expiry")
    )
    found = dict(rows.group_by(Entry.lot).tuples())
    return [(lot, int(found[lot])) for lot in lots if found.get(lot)]


def take(volunteer_id: int, minutes: int, before: Sequence[int] = ()) -> list[tuple[int, int]]:
    """(lot, minutes) that together give ``minutes``, or all that there is, whatever its term.

    The lots in ``before`` come first, in their order; then the oldest, those for donation last.
    """
    lots = [
        (before.index(key) if key in before else len(before), donated, key, left)
        for key, donated, left in _with_something_left(volunteer_id).tuples()
    ]
    return _parts(((key, left) for *_, key, left in sorted(lots, key=lambda lot: lot[:2])), minutes)


def take_spendable(volunteer_id: int, minutes: int, day: date) -> list[tuple[int, int]]:
    """(lot, minutes) as `take`, of lots alone that can be exchanged on that day: within their term, not for donation."""
    lots = _with_something_left(volunteer_id).where(spendable_lots(day))
    return _parts(((key, left) for key, _, left in lots.tuples()), minutes)


def _with_something_left(volunteer_id: int) -> ModelSelect:
    mine = Lot.select(Lot.id, Lot.donation_only, Lot.left).where(Lot.volunteer == volunteer_id, Lot.left > 0)
    return mine.order_by(Lot.earned_on, Lot.id)


def _parts(lots: Iterable[tuple[int, int]], minutes: int) -> list[tuple[int, int]]:
    taken = []
    for key, left in lots:
        part = min(left, minutes)
        if part <= 0:
            break
        taken.append((key, part))
        minutes -= part
    return taken


def spendable_lots(day: date) -> Expression:
    """Lots that can be exchanged on that day: within their term, and not for donation alone."""
    return (Lot.expires_on.is_null() | (Lot.expires_on > day)) & ~Lot.donation_only


def spendable_on(balance: Balance, day: date) -> int:
    """Minutes that can be exchanged on that day; never negative.

    Lots past their term, those that may only be donated and open debts are left out.
    """
    live = Lot.select(fn.COALESCE(fn.SUM(Lot.left), 0)).where(
        Lot.volunteer == balance.volunteer_id, spendable_lots(day)
    )
    return max(0, int(live.scalar()) - balance.debt)


def spend(volunteer_id: int, minutes: int, redemption: int, by: Actor, policy: str, writer: Writer) -> None:
    """Take exchangeable minutes for one exchange, oldest lots first. Raises ``Refusal`` when there are too few."""
    balance = Balance.locked(volunteer_id)
    today = clock.today()
    have = spendable_on(balance, today)
    if have < minutes:
        raise refuse(f"可兑换工时不足：需要 {minutes / 60:.2f} 小时，现有 {have / 60:.2f} 小时。", "quantity")
    parts = take_spendable(volunteer_id, minutes, today)
    origins = dict(Lot.select(Lot.id, Lot.origin).where(Lot.id.in_([key for key, _ in parts])).tuples())
    writer.write([
        {
            "key": f"exchange:{redemption}:{n}", "day": today, "kind": "exchange", "debit": "exchangeable",
            "credit": "exchange", "origin": origins[lot_id], "volunteer": volunteer_id, "lot": lot_id, "minutes": part,
            "redemption": redemption, "approved_by": by.account_id, "policy": policy,
        }
        for n, (lot_id, part) in enumerate(parts)
    ])  # fmt: skip


def give_back(redemption: int, by: Actor, reason: str, writer: Writer) -> None:
    """Return what one exchange took to the very lots it came from, an open debt first. Returned already, it is done."""
    spent = list(Entry.select().where(Entry.redemption == redemption, Entry.kind == "exchange").order_by(Entry.id))
    back = Entry.select(Entry.reverses).where(Entry.redemption == redemption, Entry.kind == "cancellation")
    before = {key for (key,) in back.tuples()}
    for one in spent:
        if one.id in before:
            continue
        debt = Balance.locked(one.volunteer_id).debt
        into = {
            "key": f"cancel:{one.id}", "day": clock.today(), "kind": "cancellation", "debit": "exchange",
            "credit": "exchangeable", "origin": one.origin, "volunteer": one.volunteer_id, "lot": one.lot_id,
            "minutes": one.minutes, "redemption": redemption, "reverses": one.id, "approved_by": by.account_id,
            "reason": reason, "policy": one.policy,
        }  # fmt: skip
        writer.write([into, *repayment(debt, into)])
