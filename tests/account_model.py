"""The hours account as a bookkeeper would keep it on paper: lists and whole numbers, nothing of ours imported.

`test_account_machine` holds the real account against this after every step. It was written from the rules (lots oldest
first, what is kept for donation last, a debt that later hours pay, a term in calendar months, a price rounded up), not
from the program.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from account_policy import Released, in_force, month_of, months_on


@dataclass
class Parcel:
    """Exchangeable minutes that came together: of one record, one gift, one bonus."""

    origin: str
    earned: date
    minutes: int
    left: int
    ends: date | None
    record: int | None = None
    gift: str | None = None
    donation: bool = False  # may only be given to the station
    expired: int = 0

    def lives(self, day: date) -> bool:
        return self.ends is None or day < self.ends


@dataclass
class Person:
    station: str
    honour: int = 0
    debt: int = 0
    parcels: list[Parcel] = field(default_factory=list)  # in the order in which they came
    star: int = 0  # the highest at the last look
    starred: int = 0  # the highest ever reached

    def oldest_first(self) -> list[Parcel]:
        return sorted(self.parcels, key=lambda parcel: parcel.earned)  # stable: of one day, what came first

    def exchangeable(self) -> int:
        return sum(parcel.left for parcel in self.parcels)

    def at_hand(self, day: date) -> int:
        """What can be exchanged or given to a person, before what is owed."""
        return sum(p.left for p in self.parcels if p.lives(day) and not p.donation)

    def for_donation(self, day: date) -> int:
        return sum(p.left for p in self.parcels if p.lives(day) and p.donation)

    def spendable(self, day: date) -> int:
        return max(0, self.at_hand(day) - self.debt)

    def comes_in(self, parcel: Parcel, minutes: int) -> None:
        """Minutes into a parcel; what is owed is paid from them at once, unless they are for donation."""
        parcel.left += minutes
        paid = 0 if parcel.donation else min(self.debt, minutes)
        parcel.left -= paid
        self.debt -= paid


@dataclass
class Service:
    person: int
    station: str
    day: date
    minutes: int
    origin: str
    activity: int
    category: str
    posted: bool = False
    reversed: bool = False
    brought: int = 0  # exchangeable minutes


Taken = list[tuple[Parcel, int]]


@dataclass
class Swap:
    """One exchange: what it took from which parcel, so that it can go back there."""

    person: int
    station: str
    item: int
    quantity: int
    points: int
    day: date
    took: Taken
    from_shelf: bool
    state: str


@dataclass
class Present:
    """One gift, or one donation (``receiver`` is nobody) and what is left of it in the pool."""

    giver: int
    receiver: int | None
    station: str
    minutes: int
    day: date
    took: Taken
    came: list[Parcel] = field(default_factory=list)
    left: int | None = None
    state: str = "given"


@dataclass
class Help:
    """One grant from the pool: of which donations, and of which shelf."""

    station: str
    item: int
    quantity: int
    drew: list[tuple[Present, int]]
    from_shelf: bool
    state: str = "reserved"


@dataclass(frozen=True)
class Line:
    """Honour minutes as a month reports them."""

    station: str
    month: str
    record: int
    person: int
    origin: str
    minutes: int
    taken_back: bool = False


@dataclass
class Paper:
    """The whole book: people, services, shelves, exchanges, gifts, the pool, the months and the rules as released."""

    today: date
    people: dict[int, Person] = field(default_factory=dict)
    services: dict[int, Service] = field(default_factory=dict)
    stock: dict[int, int | None] = field(default_factory=dict)
    points: dict[int, int] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    swaps: dict[str, Swap] = field(default_factory=dict)
    presents: dict[str, Present] = field(default_factory=dict)
    helps: dict[str, Help] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    closed: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    released: list[Released] = field(default_factory=list)  # in the order in which they were

    def rule(self, topic: str, station: str, day: date | None = None) -> dict[str, Any]:
        return in_force(self.released, topic, station, day or self.today)

    # Service

    def post(self, key: int) -> None:
        service = self.services[key]
        if service.posted:
            return
        service.posted = True
        person = self.people[service.person]
        person.honour += service.minutes
        self._report(key, service)
        rule = self.rule("exchange", service.station, service.day)
        ordinary, donation = self._earned(service, rule)
        service.brought = ordinary + donation
        self._credit(person, ordinary, donation, rule, Parcel(service.origin, service.day, 0, 0, None, key))

    def _report(self, key: int, service: Service, *, taken_back: bool = False) -> None:
        month = max(month_of(service.day), self.first_open(service.station))
        said = service.person, service.origin, service.minutes, taken_back
        self.lines.append(Line(service.station, month, key, *said))

    def _earned(self, service: Service, rule: dict[str, Any]) -> tuple[int, int]:
        """Minutes of a service that can be exchanged, and that can only be donated."""
        donated = service.origin in rule["donation_origins"]
        if not donated and service.origin not in rule["origins"]:
            return 0, 0
        percent = {w["category"]: w["percent"] for w in rule["weights"]}.get(service.category, rule["other_weight"])
        counted = service.minutes * percent // 100
        counted -= counted % rule["unit_minutes"]
        if rule["activity_cap_minutes"]:
            before = sum(
                s.brought for s in self.services.values()
                if (s.person, s.activity) == (service.person, service.activity) and s.posted and not s.reversed
            )  # fmt: skip
            counted = min(counted, max(0, rule["activity_cap_minutes"] - before))
        return (0, counted) if donated else self._kept(self.people[service.person], counted, rule)

    def _kept(self, person: Person, minutes: int, rule: dict[str, Any]) -> tuple[int, int]:
        if not rule["balance_cap_hours"]:
            return minutes, 0
        room = max(0, rule["balance_cap_hours"] * 60 - (person.at_hand(self.today) - person.debt))
        kept = min(minutes, room)
        return kept, minutes - kept if rule["over_cap"] == "donation" else 0

    @staticmethod
    def _credit(person: Person, ordinary: int, donation: int, rule: dict[str, Any], like: Parcel) -> None:
        ends = months_on(like.earned, rule["valid_months"], to_year_end=rule["year_end"])
        for minutes, only in ((ordinary, False), (donation, True)):
            if minutes:
                parcel = Parcel(like.origin, like.earned, minutes, 0, ends, like.record, None, only)
                person.parcels.append(parcel)
                person.comes_in(parcel, minutes)

    def reverse(self, key: int) -> None:
        """Its own parcels give what they have, then what ran out of them, then the oldest, those for donation last; the
        rest is owed."""
        service = self.services[key]
        person = self.people[service.person]
        service.reversed = True
        person.honour -= service.minutes
        self._report(key, service, taken_back=True)
        own = [p for p in person.parcels if p.record == key]
        others = sorted((p for p in person.oldest_first() if p.record != key), key=lambda p: p.donation)
        for first in own:
            missing = first.minutes
            mine = [first, *(p for p in own if p is not first)]
            for parcel in mine:
                part = min(parcel.left, missing)
                parcel.left -= part
                missing -= part
            for parcel in mine:
                part = min(parcel.expired, missing)
                parcel.expired -= part
                missing -= part
            for parcel in others:
                part = min(parcel.left, missing)
                parcel.left -= part
                missing -= part
            person.debt += missing
        self.look_at_stars(person)

    def look_at_stars(self, person: Person) -> None:
        reached = self.rule("stars", person.station)["hours"]
        person.star = sum(person.honour >= hours * 60 for hours in reached)
        person.starred = max(person.starred, person.star)

    def expire(self) -> int:
        over = [p for one in self.people.values() for p in one.parcels if p.left and not p.lives(self.today)]
        for parcel in over:
            parcel.expired += parcel.left
            parcel.left = 0
        return len(over)

    def register(self, key: int, station: str, introducer: int | None) -> None:
        self.people[key] = Person(station)
        rule = self.rule("exchange", station)
        for who, points in ((key, rule["opening_points"]), (introducer, rule["recruit_points"])):
            if who is not None and points:
                kept = self._kept(self.people[who], points * 60 // rule["points_per_hour"], rule)
                self._credit(self.people[who], *kept, rule, Parcel("bonus", self.today, 0, 0, None))

    # Exchange

    def price(self, station: str, item: int, quantity: int) -> int:
        minutes, rest = divmod(self.points[item] * quantity * 60, self.rule("exchange", station)["points_per_hour"])
        return minutes + (1 if rest else 0)

    def on_the_shelf(self, item: int, quantity: int) -> bool:
        return self.stock[item] is None or self.stock[item] >= quantity

    def allows(self, who: int, item: int, quantity: int) -> bool:
        person = self.people[who]
        rule = self.rule("exchange", person.station)
        spent = sum(
            s.points for s in self.swaps.values()
            if s.person == who and s.state not in ("cancelled", "refused") and s.day.year == self.today.year
        )  # fmt: skip
        cap = rule["yearly_cap_points"]
        return (
            person.honour >= rule["floor_hours"] * 60
            and self.kinds[item] in rule["kinds"]
            and (not rule["weekdays"] or str(self.today.isoweekday()) in rule["weekdays"])
            and (not cap or spent + self.points[item] * quantity <= cap)
            and person.spendable(self.today) >= self.price(person.station, item, quantity)
            and self.on_the_shelf(item, quantity)
        )

    def reserve(self, key: str, who: int, item: int, quantity: int) -> None:
        person = self.people[who]
        minutes = self.price(person.station, item, quantity)
        took = self._take([p for p in person.oldest_first() if p.lives(self.today) and not p.donation], minutes)
        state = "asked" if self.rule("exchange", person.station)["approval"] else "reserved"
        points = self.points[item] * quantity
        shelf = self._from_shelf(item, quantity)
        self.swaps[key] = Swap(who, person.station, item, quantity, points, self.today, took, shelf, state)

    @staticmethod
    def _take(parcels: list[Parcel], minutes: int) -> Taken:
        took = []
        for parcel in parcels:
            if part := min(parcel.left, minutes):
                parcel.left -= part
                minutes -= part
                took.append((parcel, part))
        assert not minutes, "the paper gave what was not there"
        return took

    def _from_shelf(self, item: int, quantity: int) -> bool:
        if self.stock[item] is None:
            return False
        self.stock[item] -= quantity
        return True

    def _to_shelf(self, what: Swap | Help) -> None:
        if what.from_shelf and self.stock[what.item] is not None:
            self.stock[what.item] += what.quantity

    def give_back(self, key: str, state: str) -> None:
        """Cancelled or refused: minutes into the parcels that they came from, pieces onto the shelf."""
        swap = self.swaps[key]
        swap.state = state
        for parcel, part in swap.took:
            self.people[swap.person].comes_in(parcel, part)
        self._to_shelf(swap)

    # Gifts, donations, grants

    def may_give(self, giver: int, receiver: int, minutes: int, relation: str) -> bool:
        rule = self.rule("giving", self.people[giver].station)
        given = sum(
            p.minutes for p in self.presents.values()
            if p.giver == giver and p.receiver is not None and p.state == "given" and p.day.year == self.today.year
        )  # fmt: skip
        return (
            rule["gift"] != "nobody"
            and giver != receiver
            and (rule["gift"] == "anyone" or relation in rule["relations"])
            and minutes <= self.people[giver].spendable(self.today)
            and (not rule["gift_yearly_hours"] or given + minutes <= rule["gift_yearly_hours"] * 60)
        )

    def give(self, key: str, giver: int, receiver: int, minutes: int) -> None:
        """Each part comes into a parcel of the receiver's that is as old and ends as the one it left."""
        person, to = self.people[giver], self.people[receiver]
        took = self._take([p for p in person.oldest_first() if p.lives(self.today) and not p.donation], minutes)
        made = Present(giver, receiver, person.station, minutes, self.today, took)
        for parcel, part in took:
            came = Parcel(parcel.origin, parcel.earned, part, 0, parcel.ends, gift=key)
            made.came.append(came)
            to.parcels.append(came)
            to.comes_in(came, part)
        self.presents[key] = made

    def may_donate(self, giver: int, minutes: int) -> bool:
        person = self.people[giver]
        has = person.spendable(self.today) + person.for_donation(self.today)
        return self.rule("giving", person.station)["donation"] and minutes <= has

    def donate(self, key: str, giver: int, minutes: int) -> None:
        person = self.people[giver]
        first = sorted((p for p in person.oldest_first() if p.lives(self.today)), key=lambda p: not p.donation)
        took = self._take(first, minutes)
        self.presents[key] = Present(giver, None, person.station, minutes, self.today, took, left=minutes)

    def may_take_back(self, key: str) -> bool:
        """Only what is untouched: nothing spent, paid to a debt, past its term or granted."""
        made = self.presents[key]
        return made.minutes == (made.left if made.receiver is None else sum(p.left for p in made.came))

    def take_back(self, key: str) -> None:
        made = self.presents[key]
        made.state, made.left = "cancelled", None if made.left is None else 0
        for parcel in made.came:
            parcel.left = 0
        for parcel, part in reversed(made.took):
            self.people[made.giver].comes_in(parcel, part)

    def pool(self, station: str) -> Iterator[Present]:
        """Donations of which something is left, the oldest first."""
        return (p for p in self.presents.values() if p.station == station and p.left)

    def may_grant(self, station: str, item: int, quantity: int) -> bool:
        price = self.price(station, item, quantity)
        return (
            self.rule("giving", station)["serves_hardship"]
            and sum(p.left or 0 for p in self.pool(station)) >= price
            and self.on_the_shelf(item, quantity)
        )

    def grant(self, key: str, station: str, item: int, quantity: int) -> None:
        missing, drew = self.price(station, item, quantity), []
        for present in list(self.pool(station)):
            if part := min(present.left or 0, missing):
                present.left -= part
                missing -= part
                drew.append((present, part))
        assert not missing, "the paper granted what was not there"
        self.helps[key] = Help(station, item, quantity, drew, self._from_shelf(item, quantity))

    def cancel_grant(self, key: str) -> None:
        made = self.helps[key]
        made.state = "cancelled"
        for present, part in made.drew:
            present.left += part
        self._to_shelf(made)

    # Months

    def first_open(self, station: str) -> str:
        done = [month for where, month in self.closed if where == station]
        return next_month(max(done)) if done else ""

    def turn(self, station: str) -> str:
        """The month after the last one closed, or the first in which anybody served."""
        served = [month_of(s.day) for s in self.services.values() if s.station == station]
        return self.first_open(station) or min(served, default="")

    def may_close(self, station: str, month: str) -> bool:
        waits = any(
            s.station == station and not s.posted and month_of(s.day) == month for s in self.services.values()
        )
        return bool(month) and month == self.turn(station) and month < month_of(self.today) and not waits

    def figures(self, station: str, month: str) -> dict[str, Any]:
        lines = [line for line in self.lines if (line.station, line.month) == (station, month)]
        came, went = ([line for line in lines if line.taken_back is back] for back in (False, True))
        origins: dict[str, int] = {}
        for line in came:
            origins[line.origin] = origins.get(line.origin, 0) + line.minutes
        minutes, taken_back = (sum(line.minutes for line in some) for some in (came, went))
        return {
            "records": len({line.record for line in came}), "people": len({line.person for line in came}),
            "minutes": minutes, "taken_back": taken_back, "other_minutes": 0, "net_minutes": minutes - taken_back,
            "by_origin": origins,
        }  # fmt: skip

    def close(self, station: str, month: str) -> None:
        self.closed[station, month] = self.figures(station, month)


def next_month(month: str) -> str:
    year, n = map(int, month.split("-"))
    return f"{year + n // 12}-{n % 12 + 1:02d}"
