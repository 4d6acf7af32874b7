"""The hours account as a bookkeeper would keep it on paper: lists and whole numbers, nothing of ours imported.

`test_account_machine` holds the real account against this after every step. It was written from the rules (lots oldest
first, a debt that later hours pay, a term in calendar months, a price rounded up), not from the program.
"""

import calendar
from dataclasses import dataclass, field
from datetime import date


@dataclass
class Terms:
    """One version of the exchange's or the stars' rules, of one division, from one day on."""

    division: str
    since: date
    points_per_hour: int = 1
    origins: tuple[str, ...] = ()
    floor_hours: int = 0
    valid_months: int = 0
    stars: tuple[int, ...] = ()  # hours that reach the first star, the second …


@dataclass
class Parcel:
    """Exchangeable minutes that one record earned."""

    record: int
    earned: date
    minutes: int
    left: int
    ends: date | None

    def lives(self, day: date) -> bool:
        return self.ends is None or day < self.ends


@dataclass
class Person:
    station: str
    honour: int = 0
    debt: int = 0
    parcels: list[Parcel] = field(default_factory=list)  # in the order in which they were posted
    star: int = 0  # the highest at the last look
    starred: int = 0  # the highest ever reached

    def oldest_first(self) -> list[Parcel]:
        return sorted(self.parcels, key=lambda parcel: parcel.earned)  # stable: of one day, the first posted

    def exchangeable(self) -> int:
        return sum(parcel.left for parcel in self.parcels)

    def spendable(self, day: date) -> int:
        return max(0, sum(p.left for p in self.parcels if p.lives(day)) - self.debt)


@dataclass
class Service:
    person: int
    station: str
    day: date
    minutes: int
    origin: str
    posted: bool = False
    reversed: bool = False


@dataclass
class Swap:
    """One exchange: what it took from which parcel, so that it can go back there."""

    person: int
    item: int
    quantity: int
    took: list[tuple[Parcel, int]]
    counted: bool  # whether the shelf was counted when it was taken
    state: str = "reserved"


@dataclass
class Paper:
    """The whole book: people, services, shelves, exchanges and the rules as they were released."""

    today: date
    people: dict[int, Person] = field(default_factory=dict)
    services: dict[int, Service] = field(default_factory=dict)
    stock: dict[int, int | None] = field(default_factory=dict)
    points: dict[int, int] = field(default_factory=dict)
    swaps: dict[str, Swap] = field(default_factory=dict)
    exchange_rules: list[Terms] = field(default_factory=list)
    star_rules: list[Terms] = field(default_factory=list)

    @staticmethod
    def bound(rules: list[Terms], division: str, day: date) -> Terms:
        """The nearest division's own version goes before its parent's, and of one division the latest."""
        fits = [r for r in rules if division.startswith(r.division) and r.since <= day]
        return sorted(fits, key=lambda r: (len(r.division), r.since))[-1]

    def post(self, key: int) -> None:
        service = self.services[key]
        if service.posted:
            return
        service.posted = True
        person = self.people[service.person]
        person.honour += service.minutes
        rule = self.bound(self.exchange_rules, service.station, service.day)
        if service.origin in rule.origins:
            parcel = Parcel(key, service.day, service.minutes, service.minutes, months_on(service.day, rule))
            person.parcels.append(parcel)
            paid = min(person.debt, parcel.left)
            parcel.left -= paid
            person.debt -= paid

    def reverse(self, key: int) -> None:
        service = self.services[key]
        person = self.people[service.person]
        service.reversed = True
        person.honour -= service.minutes
        own = [p for p in person.parcels if p.record == key]
        if own:
            missing = service.minutes
            for parcel in [*own, *(p for p in person.oldest_first() if p.record != key)]:
                part = min(parcel.left, missing)
                parcel.left -= part
                missing -= part
            person.debt += missing
        self.look_at_stars(person)

    def look_at_stars(self, person: Person) -> None:
        rule = self.bound(self.star_rules, person.station, self.today)
        person.star = sum(person.honour >= hours * 60 for hours in rule.stars)
        person.starred = max(person.starred, person.star)

    def price(self, person: Person, item: int, quantity: int) -> tuple[int, Terms]:
        rule = self.bound(self.exchange_rules, person.station, self.today)
        points = self.points[item] * quantity
        minutes, rest = divmod(points * 60, rule.points_per_hour)
        return minutes + (1 if rest else 0), rule

    def allows(self, who: int, item: int, quantity: int) -> bool:
        person = self.people[who]
        minutes, rule = self.price(person, item, quantity)
        shelf = self.stock[item]
        return (
            person.honour >= rule.floor_hours * 60
            and person.spendable(self.today) >= minutes
            and (shelf is None or shelf >= quantity)
        )

    def reserve(self, key: str, who: int, item: int, quantity: int) -> None:
        person = self.people[who]
        missing, _ = self.price(person, item, quantity)
        took = []
        for parcel in person.oldest_first():
            part = min(parcel.left, missing) if parcel.lives(self.today) else 0
            if part:
                parcel.left -= part
                missing -= part
                took.append((parcel, part))
        if self.stock[item] is not None:
            self.stock[item] -= quantity
        self.swaps[key] = Swap(who, item, quantity, took, self.stock[item] is not None)

    def cancel(self, key: str) -> None:
        swap = self.swaps[key]
        if swap.state == "cancelled":
            return
        swap.state = "cancelled"
        person = self.people[swap.person]
        for parcel, part in swap.took:
            paid = min(person.debt, part)  # whoever owes has nothing to exchange
            parcel.left += part - paid
            person.debt -= paid
        if swap.counted and self.stock[swap.item] is not None:
            self.stock[swap.item] += swap.quantity


def months_on(day: date, rule: Terms) -> date | None:
    """The same day so many months later, or that month's last."""
    if not rule.valid_months:
        return None
    year, month = day.year, day.month
    for _ in range(rule.valid_months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
