"""What a filtered list adds up to: the very columns that its ledger totals, so that screen and workbook agree."""

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import Expression, fn

from views.ledgers.catalogue import LEDGERS
from views.wording import worded


@dataclass(frozen=True)
class Total:
    """One sum and its heading; hours are kept as whole minutes and shown as hours."""

    label: str
    amount: int
    hours: bool

    @property
    def shown(self) -> str:
        return f"{self.amount / 60:,.2f}" if self.hours else f"{self.amount:,}"


@dataclass(frozen=True)
class Totals:
    """The sums of one list; ``without`` are the states that count nowhere and were left out, in words."""

    sums: list[Total]
    without: str = ""


def totals(name: str, conditions: Sequence[Expression], state: str = "") -> Totals:
    """Sums over the rows that meet ``conditions``, in one statement. ``state`` is the one that was asked for by name."""
    ledger = LEDGERS[name]
    columns = [column for column in ledger.columns if column.total]
    chosen = ledger.filter_conditions({"state": state} if state else {})
    query = ledger.join(ledger.model.select(*(fn.COALESCE(fn.SUM(column.source), 0) for column in columns)))
    amounts = query.where(*conditions, *chosen).tuples().get()
    left_out = () if state else ledger.leaves_out
    return Totals(
        [Total(c.label, int(n), c.kind == "hours") for c, n in zip(columns, amounts, strict=True)],
        worded("、").join(worded(ledger.model.life.state(one).label) for one in left_out),
    )
