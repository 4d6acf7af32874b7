"""本人的工时账 (Order 67 art. 12): a volunteer's entries as she reads them: each with its record and who decided what.

A service is two entries or more, of honour, of exchangeable minutes and what pays a debt; she reads them as one line. A
page is a handful of statements, however long the account.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from peewee import JOIN, fn

from models.activities import Activity
from models.audit import Trail
from models.base import BaseModel
from models.hours import Entry, Lot, spendable_lots
from models.notices import Notice
from models.people import Account
from models.records import ServiceRecord
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM

READ = 20  # entries behind one page
SOON = 90  # days
FIGURES = ("honour", "exchangeable", "debt")
# The moves that decide something about a line of the account, as they stand in the trail.
DECISIONS = ("approve", "notice", "post", "reverse", "refuse", "cancel", "hand")


@dataclass(frozen=True)
class Decision:
    """Who did what, when and why: ``action`` of ``table``, as the trail names them; ``who`` blank for the program."""

    table: str
    action: str
    at: datetime
    who: str = ""
    role: str = ""
    why: str = ""


@dataclass
class Line:
    """What happened to the account at one time for one reason; signed minutes by figure, and what lies behind it."""

    first: Entry
    minutes: dict[str, int]
    record: ServiceRecord | None = None
    redemption: Redemption | None = None
    decisions: list[Decision] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """Lines, the newest first; ``before`` is where the next page begins, 0 where there is none."""

    lines: list[Line]
    before: int


def page(volunteer: int, before: int = 0) -> Page:
    """The lines of the account with entries older than ``before``, or the newest."""
    rows = Entry.select().where(Entry.volunteer == volunteer)
    if before:
        rows = rows.where(Entry.id < before)
    entries = list(rows.order_by(Entry.id.desc()).limit(READ + 1))
    groups = [list(some) for _, some in groupby(entries, key=_reason)]
    if len(entries) > READ and len(groups) > 1:
        groups.pop()  # perhaps cut in two: it begins the next page
    lines = [Line(some[-1], _sums(some)) for some in groups]
    _explain(lines)
    return Page(lines, groups[-1][-1].id if len(entries) > READ else 0)


def _reason(entry: Entry) -> tuple[object, ...]:
    """Entries that follow each other with the same of all these are one line."""
    kind = "service" if entry.kind == "repayment" else entry.kind
    return entry.at, kind, entry.record, entry.redemption, entry.gift, entry.attendance, entry.reason


def _sums(entries: Iterable[Entry]) -> dict[str, int]:
    sums = dict.fromkeys(FIGURES, 0)
    for one in entries:
        for account, sign in ((one.credit, 1), (one.debit, -1)):
            if account in sums:
                sums[account] += one.minutes * (-sign if account == "debt" else sign)
    return sums


def _explain(lines: Sequence[Line]) -> None:
    records = _records({line.first.record for line in lines if line.first.record})
    redemptions = _redemptions({line.first.redemption for line in lines if line.first.redemption})
    told = _decisions({ServiceRecord: list(records), Redemption: list(redemptions)})
    names = _names({line.first.approved_by for line in lines if line.first.approved_by})
    for line in lines:
        line.record, line.redemption = records.get(line.first.record), redemptions.get(line.first.redemption)
        behind = line.record or line.redemption
        if behind is not None:
            line.decisions = [d for d in told.get((type(behind), behind.id), []) if d.at <= line.first.at + timedelta(seconds=1)]
        else:
            who, role = names.get(line.first.approved_by, ("", ""))
            line.decisions = [Decision("entry", line.first.kind, line.first.at, who, role, line.first.reason)]


def _records(keys: Iterable[int]) -> dict[int, ServiceRecord]:
    if not (keys := list(keys)):
        return {}
    rows = ServiceRecord.select(ServiceRecord, Activity, Notice).join(Activity).join_from(
        ServiceRecord, Notice, JOIN.LEFT_OUTER
    )  # fmt: skip
    return {row.id: row for row in rows.where(ServiceRecord.id.in_(keys))}


def _redemptions(keys: Iterable[int]) -> dict[int, Redemption]:
    if not (keys := list(keys)):
        return {}
    rows = Redemption.select(Redemption, RewardItem).join(RewardItem).where(Redemption.id.in_(keys))
    return {row.id: row for row in rows}


def _decisions(rows: dict[type[BaseModel], list[int]]) -> dict[tuple[type[BaseModel], int], list[Decision]]:
    """What was decided of these rows, the oldest first, by (table, key); one statement a table."""
    found: dict[tuple[type[BaseModel], int], list[Decision]] = {}
    for model, keys in rows.items():
        if not keys:
            continue
        table = model._meta.table_name
        traces = Trail.select(Trail.row, Trail.action, Trail.at, Trail.who, Trail.role, Trail.reason).where(
            Trail.table == table, Trail.row.in_([str(key) for key in keys]), Trail.action.in_(DECISIONS)
        )  # fmt: skip
        for key, action, at, who, role, why in traces.order_by(Trail.id).tuples():
            # The reversal of an approved correction is made as the system's move, by the name of whoever approved it.
            by = ("", "") if who == SYSTEM.name else (who, "" if role == SYSTEM.role.value else role)
            found.setdefault((model, int(key)), []).append(Decision(table, action, at, *by, why))
    return found


def of_record(record: ServiceRecord) -> list[Decision]:
    """What was decided of one record, the oldest first."""
    return _decisions({ServiceRecord: [record.id]}).get((ServiceRecord, record.id), [])


def _names(keys: Iterable[int]) -> dict[int | None, tuple[str, str]]:
    if not (keys := list(keys)):
        return {}
    rows = Account.select(Account.id, Account.name, Account.role).where(Account.id.in_(keys))
    return {key: (name, role) for key, name, role in rows.tuples()}


def runs_out(volunteer: int, day: date, days: int = SOON) -> tuple[int, date | None]:
    """Minutes that can be exchanged on ``day`` and not any more within so many days, and the first day on which some
    cannot; (0, None) where nothing runs out."""
    within = Lot.expires_on.between(day + timedelta(days=1), day + timedelta(days=days))
    minutes, first = (
        Lot.select(fn.COALESCE(fn.SUM(Lot.left), 0), fn.MIN(Lot.expires_on))
        .where(Lot.volunteer == volunteer, Lot.left > 0, within, spendable_lots(day))
        .scalar(as_tuple=True)
    )
    return int(minutes), date.fromisoformat(first) if isinstance(first, str) else first
