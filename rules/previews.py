"""政策试算: what of the real data a draft could change at all, and what it changes of one decision.

The decisions themselves are the very ones that judge the real thing (`rules.stars`, `rules.rewards`, `rules.records`,
`rules.eligibility`); here two versions are only held against each other. Where SQL leaves rows out because their
decision cannot change, it does so by what is said here, and a test tries it against the decisions.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rules.findings import Finding, errors, held_back
from rules.policy import Version
from rules.rewards import Standing, Wish, check_exchange, expires_on, next_day, price_minutes
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


def exchange_change(wish: Wish, standing: Standing, pair: Pair) -> tuple[str, int, int, str]:
    """("refused", "allowed", "dearer", "cheaper" or "", minutes without the draft and with it, why it is refused).

    What would be refused without the draft too is no change, whatever it would cost.
    """
    was, now = (price_minutes(wish.points, wish.quantity, version).value for version in (pair.before, pair.after))
    stood, stands = (errors(check_exchange(wish, standing, version)) for version in (pair.before, pair.after))
    if stands or stood:
        kind = "refused" if not stood else "allowed" if not stands else ""
        return kind, was, now, "".join(finding.says for finding in stands)
    return "dearer" if now > was else "cheaper" if now < was else "", was, now, ""


def may_exchange(standing: Standing, version: Version) -> bool:
    """Whether somebody could exchange the least there is, one point's worth of a kind that is exchanged, on the next
    day on which things are; this year's points are what ``standing`` says."""
    wish = Wish(version.rule.kinds[0], 1)
    return not check_exchange(wish, replace(standing, day=next_day(standing.day, version)), version)


@dataclass(frozen=True)
class Narrow:
    """Whose `may_exchange` can differ between two versions at all; minutes, spans [low, high).

    With less than ``spendable`` or less honour than ``honour`` nobody may under either. Of the others whoever lies
    outside ``floors`` and ``prices`` is answered alike on both counts; star and age are nowhere narrowed (``everybody``).
    """

    honour: int
    spendable: int
    floors: tuple[tuple[int, int], ...]
    prices: tuple[tuple[int, int], ...]
    everybody: bool

    @property
    def nobody(self) -> bool:
        return not (self.everybody or self.floors or self.prices)

    def holds(self, honour: int, spendable: int) -> bool:
        """What the condition in SQL says, for the test that tries it against `may_exchange`."""
        if honour < self.honour or spendable < self.spendable:
            return False
        spans = [(honour, span) for span in self.floors] + [(spendable, span) for span in self.prices]
        return self.everybody or any(low <= value < high for value, (low, high) in spans)


def narrow(pair: Pair) -> Narrow:
    """Whom a change of the exchange can concern. One point costs less than any year's limit: that one is left aside."""
    rules = pair.before.rule, pair.after.rule
    floors = sorted(rule.floor_hours * 60 for rule in rules)
    prices = sorted(price_minutes(1, 1, version).value for version in (pair.before, pair.after))
    spans = [((low, high),) if low < high else () for low, high in (floors, prices)]
    everybody = any(getattr(rules[0], name) != getattr(rules[1], name) for name in ("floor_star", "spend_age"))
    return Narrow(floors[0], prices[0], spans[0], spans[1], everybody)


EARNING = (
    "origins", "weights", "other_weight", "unit_minutes", "activity_cap_minutes", "balance_cap_hours", "over_cap",
    "donation_origins", "minimum_age", "guardian_allows",
)  # fmt: skip


def earns_alike(pair: Pair) -> bool:
    """Whether every record earns the same to exchange under both versions: what `rules.earning` reads is the same."""
    return all(getattr(pair.before.rule, name) == getattr(pair.after.rule, name) for name in EARNING)


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
    where it matters. What holds back a submission refuses here, for what is judged was submitted."""
    wrong = held_back(found)
    return "".join(f.says for f in wrong) if wrong and not held_back(before()) else ""
