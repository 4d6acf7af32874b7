"""What a person can have for their hours now: the counter of the exchange, read without taking anything."""

from dataclasses import dataclass
from datetime import date

from peewee import fn

from models import clock, policy
from models.hours import Balance
from models.rewards import Redemption, RewardItem, standing_of
from models.scope import Actor, find, within
from models.volunteers import Volunteer
from rules.findings import Decision, Finding
from rules.policy import Version
from rules.rewards import DEAD, Right, Standing, barred, most_pieces, price_minutes, rights
from rules.topics import PolicyError

OPEN = ("asked", "reserved", "handed")  # exchanges that are not finished


@dataclass(frozen=True)
class Purse:
    """One person's figures in whole minutes, and what they are worth in points under the policy of the day."""

    person: Volunteer
    honour: int
    exchangeable: int
    debt: int
    standing: Standing
    version: Version
    pieces_this_year: dict[int, int]
    pending: list[Redemption]

    @property
    def spendable(self) -> int:
        """Minutes that can be exchanged now."""
        return self.standing.balance_minutes

    @property
    def points(self) -> int:
        """Whole points that what is spendable buys."""
        return points_of(self.spendable, self.version)

    @property
    def barred(self) -> list[Finding]:
        """What keeps the person from any exchange today, whatever it is."""
        return barred(self.standing, self.version)

    @property
    def rights(self) -> list[Right]:
        """积分权益, reached or not."""
        return rights(self.points, self.version)


def points_of(minutes: int, version: Version) -> int:
    """Whole points that so many spendable minutes come to."""
    return minutes * int(version.rule.points_per_hour) // 60


def rights_of(person: Volunteer, spendable: int) -> list[Right]:
    """积分权益 of somebody with so many spendable minutes, as her station's policy has it today; none without policy."""
    try:
        version = policy.in_force("exchange", person.station, clock.today())
    except PolicyError:
        return []
    return rights(points_of(spendable, version), version)


@dataclass(frozen=True)
class Offer:
    """One thing of the catalogue for one person: its price, and how many they could have now."""

    item: RewardItem
    price: Decision[int]
    most: int
    why_not: str


def purse(volunteer_id: int, by: Actor) -> Purse:
    """What a person of the actor's station, or the volunteer herself, has to spend. Raises ``NotFound`` for a stranger."""
    person = find(Volunteer, volunteer_id, by)
    today = clock.today()
    balance = Balance.get_or_none(Balance.volunteer == person.id) or Balance(volunteer=person.id)
    mine = Redemption.select().where(Redemption.volunteer == person.id)
    this_year = (
        Redemption.select(Redemption.item, fn.SUM(Redemption.quantity))
        .where(
            Redemption.volunteer == person.id, Redemption.state.not_in(DEAD),
            Redemption.reserved_on >= date(today.year, 1, 1),
        )
        .group_by(Redemption.item)
        .tuples()
    )  # fmt: skip
    pending = mine.select(Redemption, RewardItem).join(RewardItem).where(Redemption.state.in_(OPEN))
    return Purse(
        person, balance.honour, balance.exchangeable, balance.debt, standing_of(person, balance),
        policy.in_force("exchange", person.station, today),
        {item: int(pieces) for item, pieces in this_year},
        list(pending.where(within(Redemption, by)).order_by(Redemption.id)),
    )  # fmt: skip


def catalogue(purse: Purse, by: Actor) -> list[Offer]:
    """Everything on offer at the actor's station today, in one query, judged for this person."""
    items = RewardItem.select().where(within(RewardItem, by), RewardItem.active).order_by(RewardItem.points)
    today = clock.today()
    return [offer(purse, item) for item in items if item.open_on(today)]


def offer(purse: Purse, item: RewardItem) -> Offer:
    """How many of one thing the person could have now, and what stands in the way of one."""
    price = price_minutes(item.points, 1, purse.version)
    affordable = most_pieces(item.kind, item.points, purse.standing, purse.version)
    most, why = affordable.value, affordable.why
    if item.yearly_limit is not None:
        left = max(0, item.yearly_limit - purse.pieces_this_year.get(item.id, 0))
        most, why = (left, "" if left else f"今年已兑满 {item.yearly_limit} 份") if left < most else (most, why)
    if item.stock is not None and item.stock < most:
        most, why = item.stock, "" if item.stock else "没有库存"
    return Offer(item, price, most, why)
