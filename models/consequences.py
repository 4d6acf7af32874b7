"""What taking a posted record back would do (方案 二(5); Order 67 art. 13): said before anybody approves it.

Nothing is written here. The sentences are kept with the decision (`models.corrections`), so that one can see later what
was known when it was made.
"""

from collections.abc import Iterator

from peewee import JOIN, fn

from models import clock, policy, stars
from models.gifts import Gift
from models.hours import Balance, Entry, Lot, expired_from
from models.records import ServiceRecord
from models.rewards import Redemption, RewardItem
from models.volunteers import Volunteer
from rules.stars import stars_label

# What else a lot was used for, by the kind of its entries; what was exchanged is said one by one.
USED = {
    "repayment": "已抵扣以前的欠账",
    "reversal": "已用于另一条记录的冲正",
}


def consequences(record: ServiceRecord) -> list[str]:
    """What the reversal of this record would do now, in Chinese sentences: to the two figures, to what its minutes were
    spent on, and to the person's stars. A handful of statements."""
    return [*_figures(record), *_spent(record), *_stars(record)]


def _figures(record: ServiceRecord) -> Iterator[str]:
    balance = Balance.get_by_id(record.volunteer_id)
    yield f"荣誉工时从 {_hours(balance.honour)} 小时变为 {_hours(balance.honour - record.minutes)} 小时。"
    left = balance.exchangeable - balance.debt - _given(record) + _expired(record)
    if left < 0:
        yield f"可兑换工时不足，将欠 {_hours(-left)} 小时，由以后的工时抵扣。"
    else:
        yield f"可兑换工时变为 {_hours(left)} 小时。"


def _given(record: ServiceRecord) -> int:
    """Exchangeable minutes that the record gave, whole."""
    given = Entry.select(fn.COALESCE(fn.SUM(Entry.minutes), 0)).where(
        Entry.record == record.id, Entry.kind == "service", Entry.credit == "exchangeable"
    )
    return int(given.scalar())


def _expired(record: ServiceRecord) -> int:
    """Minutes that ran out of the record's own lots: they come back from there."""
    mine = [key for (key,) in Lot.select(Lot.id).where(Lot.record == record.id).order_by(Lot.id).tuples()]
    return sum(minutes for _, minutes in expired_from(mine))


def _spent(record: ServiceRecord) -> Iterator[str]:
    """What of the record's own lot is gone, and where the account takes it from instead: the person's other lots,
    oldest first, then a debt. What ran out is not taken again."""
    mine = Lot.select(Lot.id).where(Lot.record == record.id)
    others = Lot.select(fn.COALESCE(fn.SUM(Lot.left), 0)).where(
        Lot.volunteer == record.volunteer_id, Lot.id.not_in(mine)
    )
    spare = int(others.scalar())
    if expired := _expired(record):
        yield f"其中 {_hours(expired)} 小时已到期作废，不再另外扣回。"
    for minutes, said in [*_exchanged(mine), *_given_away(mine, record), *_used(mine)]:
        from_others = min(spare, minutes)
        spare -= from_others
        yield f"其中 {_hours(minutes)} 小时{said}，{_made_good(from_others, minutes - from_others)}。"


def _exchanged(mine) -> list[tuple[int, str]]:
    """Minutes of these lots and the exchange that they paid for, those that were cancelled left out."""
    taken_back = Entry.select(Entry.reverses).where(Entry.kind == "cancellation", Entry.lot.in_(mine))
    paid = (
        Entry.select(Entry.redemption, fn.SUM(Entry.minutes))
        .where(Entry.lot.in_(mine), Entry.kind == "exchange", Entry.id.not_in(taken_back))
        .group_by(Entry.redemption)
        .order_by(Entry.redemption)
    )
    minutes = {key: int(total) for key, total in paid.tuples()}
    slips = Redemption.select(Redemption, RewardItem).join(RewardItem).where(Redemption.id.in_(list(minutes)))
    return [(minutes[slip.id], _slip(slip)) for slip in slips.order_by(Redemption.id)]


def _slip(slip: Redemption) -> str:
    if slip.handed_at is None:
        return f"已预留兑换「{slip.item.name}」，还没有发放，可以先取消兑换单；不取消的"
    at = slip.handed_at
    return f"已兑换「{slip.item.name}」并于 {at.month} 月 {at.day} 日发放，不追回"


def _given_away(mine, record: ServiceRecord) -> list[tuple[int, str]]:
    """Minutes of these lots and whom they were given to; another station's volunteer is not named."""
    gone = (
        Entry.select(Entry.gift, fn.SUM(Entry.minutes))
        .where(Entry.lot.in_(mine), Entry.debit == "exchangeable", Entry.kind.in_(("gift", "donation")))
        .group_by(Entry.gift)
    )
    minutes = {key: int(total) for key, total in gone.tuples()}
    gifts = Gift.select(Gift, Volunteer).join(Volunteer, JOIN.LEFT_OUTER, on=Gift.receiver)
    standing = gifts.where(Gift.id.in_(list(minutes)), Gift.state == "given").order_by(Gift.id)
    return [(minutes[gift.id], _gift(gift, record)) for gift in standing]


def _gift(gift: Gift, record: ServiceRecord) -> str:
    on = f"{gift.given_on.month} 月 {gift.given_on.day} 日"
    if gift.receiver_id is None:
        return f"已于 {on}捐给工作站，不追回"
    ours = gift.receiver.station_id == record.station_id
    return f"已于 {on}转赠给{gift.receiver.name if ours else '其他工作站的志愿者'}，不追回"


def _used(mine) -> list[tuple[int, str]]:
    """Minutes of these lots that went elsewhere than to an exchange, by kind."""
    gone = (
        Entry.select(Entry.kind, fn.SUM(Entry.minutes))
        .where(Entry.lot.in_(mine), Entry.debit == "exchangeable", Entry.kind.in_(list(USED)))
        .group_by(Entry.kind)
        .order_by(Entry.kind)
    )
    return [(int(total), USED[kind]) for kind, total in gone.tuples()]


def _made_good(from_others: int, owed: int) -> str:
    if not owed:
        return "从其余工时中扣回"
    if not from_others:
        return "记为欠账"
    return f"从其余工时中扣回 {_hours(from_others)} 小时，{_hours(owed)} 小时记为欠账"


def _stars(record: ServiceRecord) -> Iterator[str]:
    """Stars that would no longer be reached, as `stars.review` will find: those on their way by the policy of today where
    the person is now, a recognised one by the policy that recognised it."""
    volunteer, today = record.volunteer, clock.today()
    left = Balance.get_by_id(record.volunteer_id).honour - record.minutes
    book = policy.book(topic="stars")
    version = book.on("stars", str(volunteer.station.division_id), today)
    reached = stars.star_for(left, volunteer.registered_on, today, version).value
    known = volunteer.stars.where(stars.StarGrant.state.in_([*stars.ON_THE_WAY, "recognised"]))
    for grant in known.order_by(stars.StarGrant.star):
        held = grant.state == "recognised"
        if stars.doubtful(grant, left, book) if held else grant.star > reached:
            yield f"{stars_label(grant.star)}（{grant.state_label}）将不再达到标准{'，转入复核' if held else ''}。"


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.2f}"
