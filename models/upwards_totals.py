"""What a volunteer's account comes to as the national platform words it: 服务时长, 已支取, 可支取, 未到岗次数 (domain notes 3.1)."""

from collections.abc import Collection
from dataclasses import dataclass

from peewee import Case, fn

from models.assignments import missed_by
from models.hours import Balance, Entry
from rules.upwards import hours_of


@dataclass(frozen=True)
class Totals:
    """Of one person, in whole minutes: verified service, what was exchanged and stands, what can be exchanged today; and how
    often she did not come."""

    served: int = 0
    drawn: int = 0
    drawable: int = 0
    no_shows: int = 0

    def said(self) -> dict[str, str]:
        """The columns of a volunteer's record that go up."""
        return {
            "total_hours": hours_of(self.served), "drawn_hours": hours_of(self.drawn),
            "drawable_hours": hours_of(self.drawable), "no_shows": str(self.no_shows),
        }  # fmt: skip


def totals_of(volunteers: Collection[int]) -> dict[int, Totals]:
    """Of each of these people; whoever has no account yet has nothing in it. Four statements, however many they are."""
    balances = {row.volunteer_id: row for row in Balance.select().where(Balance.volunteer.in_(volunteers))}
    Balance.work_out(list(balances.values()))
    drawn, missed = _drawn(volunteers), missed_by(volunteers)
    return {
        key: Totals(mine.honour if mine else 0, drawn.get(key, 0), mine.spendable if mine else 0, missed.get(key, 0))
        for key, mine in ((key, balances.get(key)) for key in volunteers)
    }


def _drawn(volunteers: Collection[int]) -> dict[int, int]:
    """Minutes that each of them exchanged for services and goods; what was cancelled came back."""
    net = fn.SUM(Case(None, [(Entry.credit == "exchange", Entry.minutes)], 0 - Entry.minutes))
    rows = Entry.select(Entry.volunteer, net).where(
        Entry.volunteer.in_(volunteers), (Entry.credit == "exchange") | (Entry.debit == "exchange")
    )
    return {key: int(minutes) for key, minutes in rows.group_by(Entry.volunteer).tuples()}
