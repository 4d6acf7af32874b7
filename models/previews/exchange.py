"""兑换试算: the quarter's exchanges made again, whose balance would no longer be enough to begin, whose hours would
be past their term, and which hours would not have become exchangeable.

Each exchange is judged by itself on what really stood before it, as it was kept with it (`rules.rewards.kept`). Of one
from before that was kept, the balance is what was left plus what it took, honour is today's less the entries since,
the year's points are those of the person's earlier exchanges of that year, the star the one recognised by then.
Nothing is carried on from one to the next.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

from peewee import Case, Expression, ModelSelect, fn

from models.base import database
from models.hours import Balance, Entry, Lot
from models.previews import earning
from models.previews.ground import Ground, batches, chunks, count, day_of, midnight, moment_of, streamed
from models.previews.outcome import Figure, Outcome
from models.previews.sums import sum_after, sum_before, summed
from models.rewards import Redemption, RewardItem
from models.stars import StarGrant
from models.volunteers import Volunteer
from rules.identity import age_on
from rules.previews import Pair, exchange_change, last_expired, may_exchange, narrow
from rules.rewards import DEAD, Standing, Wish, standing_in

_MADE = (("志愿者", "text"), ("编号", "text"), ("工作站", "text"), ("兑换日期", "text"), ("兑换项", "text"), ("数量", "count"))
_PRICES = (("现行扣减", "minutes"), ("草案扣减", "minutes"))
_WHO = (("志愿者", "text"), ("编号", "text"), ("工作站", "text"))
REFUSED = Figure(
    "refused", "会被拒绝的兑换", "笔", "近一季度已经办理的兑换，按草案会被拒绝。",
    (*_MADE, *_PRICES, ("原因", "text")), "rewards", bad=True,
)  # fmt: skip
DEARER = Figure(
    "dearer", "会多扣工时的兑换", "笔", "同样的东西，按草案要多扣。", (*_MADE, *_PRICES), "rewards", True, "多扣"
)  # fmt: skip
CHEAPER = Figure(
    "cheaper", "会少扣工时的兑换", "笔", "同样的东西，按草案会少扣。", (*_MADE, *_PRICES), "rewards", sums="少扣"
)  # fmt: skip
SHUT = Figure(
    "shut", "会变得不能兑换", "人", "现在能兑换（至少一分），按草案未满起兑工时或余额不够一分。",
    (*_WHO, ("累计服务", "minutes"), ("可用工时", "minutes")), "volunteers", bad=True,
)  # fmt: skip
OPENED = Figure(
    "opened", "会变得可以兑换", "人", "现在还不能兑换，按草案就够了。",
    (*_WHO, ("累计服务", "minutes"), ("可用工时", "minutes")), "volunteers",
)  # fmt: skip
EXPIRED = Figure(
    "expired", "按新有效期已经过期", "人", "现在还能用的工时，假如从挣得之日起就按草案的有效期，到生效那天已经过期。",
    (*_WHO, ("会过期的工时", "minutes")), "volunteers", True, "会过期",
)  # fmt: skip
NOTES = [
    "每一笔兑换都按当时实际的余额、当时的累计工时和当年此前已换的积分单独重新判断，不连环推算；已取消的不在内。",
    "已经计入的可兑换工时保留入账时定下的到期日，不会因这份草案提前作废；「按新有效期已经过期」只说明新期限的轻重。",
]


def preview(ground: Ground, out: Outcome) -> None:
    """Judge the quarter's exchanges again, then everybody's balance and lots, and what the quarter's records brought."""
    out.offer(REFUSED, DEARER, CHEAPER, SHUT, OPENED, EXPIRED)
    out.notes += NOTES
    if not ground.pairs:
        return
    _judge_exchanges(ground, out)
    _judge_balances(ground, out)
    _judge_lots(ground, out)
    earning.preview(ground, out)


# --- the quarter's exchanges ---


def _judge_exchanges(ground: Ground, out: Outcome) -> None:
    query = (
        Redemption.select(
            Redemption.id, Redemption.volunteer, Redemption.station, Redemption.reserved_on, Redemption.entered_at,
            Redemption.quantity, Redemption.points, Redemption.minutes, Redemption.left_minutes, Redemption.judged,
            RewardItem.kind, Balance.honour, Volunteer.birth_date, Volunteer.name, Volunteer.card_no, RewardItem.name,
        )
        .join(Volunteer).join(Balance).join_from(Redemption, RewardItem)
        .where(
            Redemption.reserved_on >= ground.since, Redemption.reserved_on <= ground.today,
            Redemption.state.not_in(DEAD), ground.own(Redemption.station),
        )
    )  # fmt: skip
    out.expect("exchanges", count(query))
    for rows in chunks(query, Redemption.id):
        past = _Past.of([row for row in rows if not row[9]], ground)
        for row in rows:
            if (pair := ground.pairs.get(row[2])) is not None:
                _judge_exchange(row, pair, past, ground, out)
        out.advance(len(rows))


def _judge_exchange(row: tuple, pair: Pair, past: "_Past", ground: Ground, out: Outcome) -> None:
    key, _, station, on, _, quantity, points, _, _, judged, kind, *_, name, card, item = row
    if judged:
        said = json.loads(judged)
        wish, standing = Wish(said["kind"], said["points"], said["quantity"]), standing_in(said)
    else:
        wish, standing = Wish(kind, points // quantity, quantity), past.standing(row)
    change, was, now, why = exchange_change(wish, standing, pair)
    if change in ("", "allowed"):
        return
    cells = (name, card or "", ground.stations[station], day_of(on).isoformat(), item, quantity, was, now)
    if change == "refused":
        out.take("refused", key, *cells, why)
    else:
        out.take(change, key, *cells, minutes=abs(now - was))


@dataclass(frozen=True)
class _Past:
    """What stood at the counter when exchanges were made that did not keep it, read together for many."""

    honour: dict[int, tuple[list, list[int]]]
    points: dict[tuple[int, int], tuple[list, list[int]]]
    stars: dict[int, list[tuple[date, int]]]

    @classmethod
    def of(cls, rows: Sequence[tuple], ground: Ground) -> "_Past":
        asks = [version.rule for pair in ground.distinct() for version in (pair.before, pair.after)]
        return cls(
            _later_honour(rows, ground) if any(rule.floor_hours for rule in asks) else {},
            _earlier_points(rows, ground) if any(rule.yearly_cap_points for rule in asks) else {},
            stars_of({row[1] for row in rows}) if any(rule.floor_star for rule in asks) else {},
        )

    def standing(self, row: tuple) -> Standing:
        key, volunteer, _, on, at, _, _, minutes, left, _, _, honour, born, *_ = row
        day = day_of(on)
        return Standing(
            day, left + minutes, honour - sum_after(self.honour.get(volunteer), moment_of(at)),
            sum_before(self.points.get((volunteer, day.year)), key),
            max((star for since, star in self.stars.get(volunteer, ()) if since <= day), default=0),
            age_on(day_of(born), day),
        )  # fmt: skip


def stars_of(people: set[int]) -> dict[int, list[tuple[date, int]]]:
    """volunteer -> (since when, star) of each star that is recognised now."""
    found: dict[int, list[tuple[date, int]]] = {}
    for keys in batches(sorted(people)):
        rows = StarGrant.select(StarGrant.volunteer, StarGrant.recognised_on, StarGrant.star).where(
            StarGrant.volunteer.in_(keys), StarGrant.state == "recognised"
        )
        for volunteer, since, star in rows.tuples():
            found.setdefault(volunteer, []).append((since, star))
    return found


def _later_honour(rows: Sequence[tuple], ground: Ground) -> dict[int, tuple[list, list[int]]]:
    """volunteer -> moments of the honour entries since the quarter began, and what each and all after it came to."""
    found: dict[int, list[tuple]] = {}
    signed = Case(None, [(Entry.credit == "honour", Entry.minutes)], 0 - Entry.minutes)
    for keys in batches(sorted({row[1] for row in rows})):
        some = Entry.select(Entry.volunteer, Entry.at, signed).where(
            Entry.volunteer.in_(keys), Entry.at >= midnight(ground.since),
            (Entry.credit == "honour") | (Entry.debit == "honour"),
        )  # fmt: skip
        for volunteer, at, minutes in some.order_by(Entry.volunteer, Entry.id).tuples():
            found.setdefault(volunteer, []).append((at, minutes))
    return {key: summed(entries) for key, entries in found.items()}


def _earlier_points(rows: Sequence[tuple], ground: Ground) -> dict[tuple[int, int], tuple[list, list[int]]]:
    """(volunteer, year) -> exchanges in order with their points, at any station: the year's limit is one."""
    found: dict[tuple[int, int], list[tuple]] = {}
    for keys in batches(sorted({row[1] for row in rows})):
        some = Redemption.select(Redemption.volunteer, Redemption.reserved_on, Redemption.id, Redemption.points).where(
            Redemption.volunteer.in_(keys), Redemption.reserved_on >= date(ground.since.year, 1, 1),
            Redemption.state.not_in(DEAD),
        )  # fmt: skip
        for volunteer, on, key, points in some.tuples():
            found.setdefault((volunteer, on.year), []).append((key, points))
    return {key: summed(points) for key, points in found.items()}


# --- balances ---


def _judge_balances(ground: Ground, out: Outcome) -> None:
    query = _whose_balance(ground)
    if query is None:
        return
    out.expect("balances", count(query))
    stars = any(v.rule.floor_star for pair in ground.distinct() for v in (pair.before, pair.after))
    for rows in chunks(query, Balance.volunteer, same=Volunteer.id):
        held = stars_of({row[0] for row in rows}) if stars else {}
        for key, honour, left, station, born, name, card in rows:
            if (pair := ground.pairs.get(station)) is None:
                continue
            star = max((star for _, star in held.get(key, ())), default=0)
            standing = Standing(ground.day, left, honour, 0, star, age_on(day_of(born), ground.day))
            was, now = (may_exchange(standing, version) for version in (pair.before, pair.after))
            if was != now:
                out.take("opened" if now else "shut", key, name, card or "", ground.stations[station], honour, left)
        out.advance(len(rows))


def _whose_balance(ground: Ground) -> ModelSelect | None:
    """The balances of whoever `rules.previews.narrow` does not leave out; none where it leaves out all."""
    spendable = Balance.exchangeable - Balance.debt
    conditions: list[Expression] = []
    for one in {narrow(pair) for pair in ground.distinct()}:
        spans = [(Balance.honour >= low) & (Balance.honour < high) for low, high in one.floors]
        spans += [(spendable >= low) & (spendable < high) for low, high in one.prices]
        enough = (Balance.honour >= one.honour) & (spendable >= one.spendable)
        if not one.nobody:
            conditions.append(enough if one.everybody else enough & reduce(or_, spans))
    if not conditions:
        return None
    return (
        Balance.select(
            Balance.volunteer, Balance.honour, spendable, Volunteer.station, Volunteer.birth_date, Volunteer.name,
            Volunteer.card_no,
        )
        .join(Volunteer)
        .where(Volunteer.state == "registered", ground.own(Volunteer.station), reduce(or_, conditions))
    )  # fmt: skip


# --- lots ---


def _judge_lots(ground: Ground, out: Outcome) -> None:
    """The rule says up to which day of service hours are past their term; SQL sums what is left of them."""
    windows = {id(pair): _window(pair, ground.day) for pair in ground.distinct()}
    distinct = sorted({window for window in windows.values() if window is not None})
    if not distinct:
        return
    sums = [
        fn.COALESCE(fn.SUM(Case(None, [(Lot.earned_on.between(*window), Lot.left)], 0)), 0) for window in distinct
    ]
    old = (
        Lot.select(Lot.volunteer, *sums)
        .where(
            Lot.left > 0, Lot.expires_on.is_null() | (Lot.expires_on > ground.day),
            Lot.earned_on.between(min(first for first, _ in distinct), max(last for _, last in distinct)),
            Lot.volunteer.in_(Volunteer.select(Volunteer.id).where(ground.own(Volunteer.station))),
        )
        .group_by(Lot.volunteer)
    )  # fmt: skip
    total, before = count(Volunteer.select().where(ground.own(Volunteer.station))), out.done
    out.expect("holders", total)
    for rows in streamed(old):
        whose = _whose(row[0] for row in rows)
        for key, *minutes in rows:
            station, name, card = whose[key]
            pair = ground.pairs.get(station)
            window = windows[id(pair)] if pair is not None else None
            if window is not None and (gone := int(minutes[distinct.index(window)])):
                out.take("expired", key, name, card, ground.stations[station], gone, minutes=gone)
        out.advance(len(rows))
    out.advance(max(0, before + total - out.done))  # whoever has nothing that old was left out by SQL


def _whose(people: Iterable[int]) -> dict[int, tuple[int, str, str]]:
    """volunteer -> (station, name, number)."""
    found: dict[int, tuple[int, str, str]] = {}
    for keys in batches(sorted(people)):
        some = Volunteer.select(Volunteer.id, Volunteer.station, Volunteer.name, Volunteer.card_no)
        for key, station, name, card in database.execute(some.where(Volunteer.id.in_(keys))).fetchall():
            found[key] = station, name, card or ""
    return found


def _window(pair: Pair, day: date) -> tuple[date, date] | None:
    """Days of service, first and last, whose hours are past their term with the draft and not without it."""
    last = last_expired(day, pair.after)
    if last is None:
        return None
    was = last_expired(day, pair.before)
    first = was + timedelta(days=1) if was else date(1970, 1, 1)
    return (first, last) if first <= last else None
