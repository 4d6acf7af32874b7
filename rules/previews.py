"""政策试算: what of the real data a draft could change at all, and what it changes of one decision.

The decisions themselves are the very ones that judge the real thing (`rules.stars`, `rules.rewards`, `rules.records`,
`rules.eligibility`); here two versions are only held against each other. Where SQL leaves rows out because their
decision cannot change, it does so by what is said here, and a test tries it against the decisions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from rules.findings import Finding, errors
from rules.policy import Version
from rules.rewards import check_exchange, expires_on, price_minutes
from rules.stars import star_for
from rules.topics import Stars

QUARTER_MONTHS = 3  # so many months up to today are judged again
EARLIEST = date(1970, 1, 1)  # no hours were earned before it


@dataclass(frozen=True)
class Pair:
    """What would bind a division on a day without the draft, and with it."""

    before: Version
    after: Version

    @property
    def differs(self) -> bool:
        """Whether the draft changes anything for this division: decisions rest on the rule alone."""
        return bool(self.before.rule != self.after.rule)


def quarter(today: date) -> date:
    """First day of the months that are judged again; the same day three months ago, or that month's last."""
    at = today.year * 12 + today.month - 1 - QUARTER_MONTHS
    first = date(at // 12, at % 12 + 1, 1)
    last = (date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)).day
    return first.replace(day=min(today.day, last))


# --- stars ---


def honour_ranges(before: Stars, after: Stars) -> list[tuple[int, int | None]]:
    """Spans [low, high) of honour minutes within which the star may be another; high None where there is no end.

    `star_for` walks the levels in the order of their hours and stops at the first that is not reached or whose tenure
    is not over: between two thresholds it depends on nothing but the stars and tenures of the levels below. Where
    these are the same under both versions, so is the star, whatever the tenure.
    """
    found: list[tuple[int, int | None]] = []
    edges = sorted({level.at * 60 for level in (*before.levels, *after.levels)})
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        if _reached(before, low) == _reached(after, low):
            continue
        if found and found[-1][1] == low:
            found[-1] = found[-1][0], high
        else:
            found.append((low, high))
    return found


def _reached(rule: Stars, minutes: int) -> list[tuple[int, int]]:
    return [
        (level.star, level.tenure_days) for level in sorted(rule.levels, key=lambda x: x.at) if level.at * 60 <= minutes
    ]


def star_change(honour: int, registered_on: date, day: date, pair: Pair) -> tuple[int, int]:
    """The star without the draft and with it, 0 for none. ``honour`` are whole minutes."""
    return (
        star_for(honour, registered_on, day, pair.before).value,
        star_for(honour, registered_on, day, pair.after).value,
    )


def moved_levels(before: Stars, after: Stars) -> set[int]:
    """Stars of both versions that another level recognises, or that selection decides where it did not."""
    theirs = {level.star: (level.recognised_by, level.selection) for level in before.levels}
    return {
        level.star for level in after.levels
        if level.star in theirs and theirs[level.star] != (level.recognised_by, level.selection)
    }  # fmt: skip


# --- exchanges ---


@dataclass(frozen=True)
class Spent:
    """One exchange as it was made: the points of a piece, and what stood at that moment. Whole minutes."""

    points_each: int
    quantity: int
    balance_minutes: int
    honour_minutes: int
    points_before: int  # of that year, before this one

    def judged(self, version: Version) -> tuple[int, list[Finding]]:
        """What it would cost in minutes under a version, and what would refuse it."""
        price = price_minutes(self.points_each, self.quantity, version).value
        return price, check_exchange(
            minutes=price, points=self.points_each * self.quantity, balance_minutes=self.balance_minutes,
            honour_minutes=self.honour_minutes, points_this_year=self.points_before, version=version,
        )  # fmt: skip


def exchange_change(spent: Spent, pair: Pair) -> tuple[str, int, int, str]:
    """("refused", "allowed", "dearer", "cheaper" or "", minutes without the draft and with it, why it is refused).

    What would be refused without the draft too is no change, whatever it would cost.
    """
    was, stood = spent.judged(pair.before)
    now, stands = spent.judged(pair.after)
    if errors(stands) or errors(stood):
        kind = "refused" if not errors(stood) else "allowed" if not errors(stands) else ""
        return kind, was, now, "".join(f.says for f in errors(stands))
    return "dearer" if now > was else "cheaper" if now < was else "", was, now, ""


def may_exchange(honour: int, spendable: int, version: Version) -> bool:
    """Whether somebody with these minutes could exchange the least there is, one point, this year's cap left aside."""
    return not Spent(1, 1, spendable, honour, 0).judged(version)[1]


def exchange_ranges(pair: Pair) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Spans [low, high) of honour, and of spendable minutes, outside which `may_exchange` is the same under both.

    It asks two things: honour at the floor, and the price of a point in the balance. Outside both spans each is
    answered alike.
    """
    floors = sorted(version.rule.floor_hours * 60 for version in (pair.before, pair.after))
    prices = sorted(price_minutes(1, 1, version).value for version in (pair.before, pair.after))
    spans = [[(low, high)] if low < high else [] for low, high in (floors, prices)]
    return spans[0], spans[1]


def last_expired(day: date, version: Version) -> date | None:
    """The last day of service whose hours are past their term on ``day``; None where nothing expires.

    Found by asking `expires_on` itself: hours earned later never expire earlier.
    """
    if expires_on(EARLIEST, version) is None or not _is_past(EARLIEST, day, version):
        return None
    low, high = EARLIEST.toordinal(), day.toordinal() + 1  # past at low, not past at high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _is_past(date.fromordinal(middle), day, version) else (low, middle)
    return date.fromordinal(low)


def _is_past(earned_on: date, day: date, version: Version) -> bool:
    ends = expires_on(earned_on, version)
    return ends is not None and ends <= day


# --- what fails that did not ---


def newly_fails(found: list[Finding], before: Callable[[], list[Finding]]) -> str:
    """The sentences that would refuse with the draft what stands without it, else nothing. ``before`` is asked only
    where it matters."""
    wrong = errors(found)
    return "".join(f.says for f in wrong) if wrong and not errors(before()) else ""
