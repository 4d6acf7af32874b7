"""One walk through the account and the exchange: every rule is one move, made here and on a bookkeeper's paper.

`test_account_machine` says what must hold after every step.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)

from account_model import Paper, Person, Service, Terms
from models import clock
from models.activities import Activity
from models.base import connect, database
from models.corrections import Correction
from models.earning import post
from models.hours import Balance, Entry, Writer, give_back, reverse
from models.policy import PolicyVersion, book
from models.records import ServiceRecord, move_all, post_due
from models.refusals import Refusal
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM

BEGIN = datetime(2024, 3, 1, 9)
ORIGINS = ("checked_in", "desk", "backfilled", "imported")
A, B = "530102001001", "530103001001"  # the communities of the cast's two stations
DIVISIONS = ("53", "5301", "530102")  # whose versions bind both stations, both, and A alone
NTH = st.integers(0, 50)  # one of a list, whatever its length


class Walk(RuleBasedStateMachine):
    """Two people of A and one of B, two things to be had at each; every rule is one move, here and on paper."""

    template = None  # an open database with the cast in it, copied for each walk
    cast = None
    seen: Counter = Counter()  # what the walks came upon, so that a walk that meets nothing is noticed

    def __init__(self):
        super().__init__()
        connect("sqlite:///:memory:")
        database.connect()
        self.template.backup(database.connection())
        self.stop = None
        self.set_day(BEGIN)
        self.paper = Paper(BEGIN.date())
        shipped = date(2012, 10, 23)
        self.paper.exchange_rules.append(Terms("53", shipped, origins=(*ORIGINS, "group", "transferred")))
        self.paper.star_rules.append(Terms("53", shipped, stars=(100, 300, 600, 1000, 1500)))
        self.release_stars("53", (1, 3, 6), since=date(2020, 1, 1))  # within reach of a short walk
        stations = {self.cast.a.id: A, self.cast.b.id: B}
        for balance in Balance.select():
            self.paper.people[balance.volunteer_id] = Person(stations[balance.volunteer.station_id])
        for item in RewardItem.select():
            self.paper.stock[item.id], self.paper.points[item.id] = item.stock, item.points
        self.activities = {a.station_id: a.id for a in Activity.select()}
        self.closes: dict[int, date] = {}  # record -> last day of its notice
        self.honour = dict.fromkeys(self.paper.people, 0)
        self.exchanging = False

    def teardown(self):
        if self.stop:
            self.stop.__exit__(None, None, None)
        database.close()

    def set_day(self, moment: datetime) -> None:
        """The clock stands still between moves: a walk is the same at midnight and years from now."""
        if self.stop:
            self.stop.__exit__(None, None, None)
        self.stop, self.moment = clock.past(moment), moment
        self.stop.__enter__()

    def desk(self, who: int):
        """Recorder, head and station of the person's own station."""
        c = self.cast
        return (c.recorder, c.head, c.a) if self.paper.people[who].station == A else (c.recorder_b, c.head_b, c.b)

    @staticmethod
    def nth(of, n: int):
        """One of these, by a number that may be larger than how many there are."""
        return sorted(of)[n % len(of)]

    # Service

    @initialize(
        minutes=st.lists(st.sampled_from([60, 90, 240, 720]), min_size=2, max_size=6),
        months=st.sampled_from([0, 1, 2, 5]), rate=st.sampled_from([1, 2, 7]),
    )  # fmt: skip
    def begin_with_hours(self, minutes, months, rate):
        """People have served before the walk begins: from an empty account few steps lead anywhere."""
        self.release_exchange("53", rate, months, ORIGINS, 0, since=date(2020, 1, 1))
        for n, some in enumerate(minutes):
            self.publish_service(n, 10 * n + 1, some, "desk", False, wait=n == len(minutes) - 1)

    @rule(
        n=NTH, back=st.sampled_from([1, 2, 9, 200]), minutes=st.sampled_from([1, 45, 60, 90, 240, 720]),
        origin=st.sampled_from(ORIGINS), away=st.booleans(), wait=st.booleans(),
    )  # fmt: skip
    def publish_service(self, n, back, minutes, origin, away, wait):
        """A record that was keyed and approved goes on a notice; ``away`` it was served at the other station.

        ``wait`` brings it into the account in the same step: hours posted are what most other moves begin with.
        """
        who, c = self.nth(self.paper.people, n), self.cast
        at_a = (self.paper.people[who].station == A) != away
        recorder, head, station = (c.recorder, c.head, c.a) if at_a else (c.recorder_b, c.head_b, c.b)
        day = self.paper.today - timedelta(days=back)
        # A minute of its own each, so that nobody is in two places at once; what counts is `minutes`.
        start = datetime.combine(day, time()) + timedelta(minutes=len(self.paper.services))
        row = ServiceRecord.create(
            station=station.id, volunteer=who, activity=self.activities[station.id], started_at=start,
            ended_at=start + timedelta(minutes=1), minutes=minutes, content="陪伴老人", quality="1", origin=origin,
            state="approved", entered_by=recorder.account_id, policy="counting@53:2012-10-23",
        )  # fmt: skip
        move_all([row.id], "notice", head)
        self.paper.services[row.id] = Service(who, A if at_a else B, day, minutes, origin)
        self.closes[row.id] = ServiceRecord.get_by_id(row.id).notice.closes_on
        if wait:
            self.time_passes(20)
            self.post_what_is_due()

    def due(self) -> list[int]:
        """What a posting takes, in its order: by notice, then by person."""
        notice = {r.id: r.notice_id for r in ServiceRecord.select(ServiceRecord.id, ServiceRecord.notice)}
        services = self.paper.services
        keys = [k for k, s in services.items() if not s.posted and self.closes[k] < self.paper.today]
        return sorted(keys, key=lambda k: (notice[k], services[k].person, k))

    @rule()
    def post_what_is_due(self):
        due = self.due()
        assert post_due() == len(due)
        for key in due:
            self.paper.post(key)
        for who in {self.paper.services[key].person for key in due}:
            self.paper.look_at_stars(self.paper.people[who])

    @precondition(lambda self: self.paper.services)
    @rule(n=NTH)
    def head_posts_one(self, n):
        key = self.nth(self.paper.services, n)
        service = self.paper.services[key]
        head = self.cast.head if service.station == A else self.cast.head_b
        if service.reversed or (not service.posted and self.closes[key] >= self.paper.today):
            with pytest.raises(Refusal):
                ServiceRecord.move(key, "post", head)
        else:
            new = not service.posted
            ServiceRecord.move(key, "post", head)
            self.paper.post(key)
            if new:
                self.paper.look_at_stars(self.paper.people[service.person])

    @precondition(lambda self: self.paper.services)
    @rule(n=NTH, any_state=st.booleans())
    def correct(self, n, any_state):
        standing = [k for k, s in self.paper.services.items() if s.posted and not s.reversed]
        key = self.nth(standing if standing and not any_state else self.paper.services, n)
        service, c = self.paper.services[key], self.cast
        recorder, head = (c.recorder, c.head) if service.station == A else (c.recorder_b, c.head_b)
        if not service.posted or service.reversed:
            with pytest.raises(Refusal):
                Correction.enter(recorder, record=key, reason="重复登记")
            return
        asked = Correction.enter(recorder, record=key, reason="重复登记")
        Correction.move(asked.id, "approve", head)
        Correction.move(asked.id, "approve", head)
        self.paper.reverse(key)
        self.honour[service.person] = self.paper.people[service.person].honour

    @precondition(lambda self: any(s.posted for s in self.paper.services.values()))
    @rule(n=NTH)
    def post_or_reverse_a_second_time(self, n):
        """The account itself knows what it has written, whoever asks it again."""
        posted = [key for key, s in self.paper.services.items() if s.posted]
        row = ServiceRecord.get_by_id(self.nth(posted, n))
        before = Entry.select().count()
        with database.atomic():
            writer = Writer.open(row.station_id)
            post(row, SYSTEM, book(), writer)
            if self.paper.services[row.id].reversed:
                reverse(row, SYSTEM, None, "再来一次", writer)
        assert Entry.select().count() == before

    # Exchange

    @rule(n=NTH, m=st.integers(0, 1), quantity=st.sampled_from([1, 1, 2, 4]), anyone=st.booleans())
    def reserve(self, n, m, quantity, anyone):
        people = self.paper.people
        rich = [who for who, person in people.items() if person.spendable(self.paper.today)]
        who = self.nth(rich if rich and not anyone else people, n)
        recorder, _, station = self.desk(who)
        item = self.items_of(station.id)[m]
        key = f"k{len(self.paper.swaps)}"
        self.exchanging = True
        if not self.paper.allows(who, item, quantity):
            with pytest.raises(Refusal):
                Redemption.reserve(who, item, quantity, recorder, key)
            return
        left = self.paper.people[who].spendable(self.paper.today)
        made = Redemption.reserve(who, item, quantity, recorder, key)
        self.paper.reserve(key, who, item, quantity)
        self.seen["an exchange"] += 1
        self.seen["an exchange from several lots"] += len(self.paper.swaps[key].took) > 1
        assert made.minutes == sum(part for _, part in self.paper.swaps[key].took)
        assert made.left_minutes == left - made.minutes

    def items_of(self, station: int) -> list[int]:
        return [i.id for i in RewardItem.select().where(RewardItem.station == station).order_by(RewardItem.id)]

    @precondition(lambda self: self.paper.swaps)
    @rule(n=NTH, other=st.booleans())
    def send_the_same_request_again(self, n, other):
        key = self.nth(self.paper.swaps, n)
        swap = self.paper.swaps[key]
        recorder = self.desk(swap.person)[0]
        self.exchanging = True
        if other:
            with pytest.raises(Refusal, match="已用于另一次兑换"):
                Redemption.reserve(swap.person, swap.item, swap.quantity + 1, recorder, key)
        else:
            assert Redemption.reserve(swap.person, swap.item, swap.quantity, recorder, key).key == key

    @precondition(lambda self: self.paper.swaps)
    @rule(n=NTH, move=st.sampled_from(["hand", "cancel", "cancel", "confirm"]))
    def hand_confirm_or_cancel(self, n, move):
        key = self.nth(self.paper.swaps, n)
        swap = self.paper.swaps[key]
        row, by = Redemption.get(Redemption.key == key), self.desk(swap.person)[0]
        source, target = {
            "hand": ("reserved", "handed"), "confirm": ("handed", "confirmed"), "cancel": ("reserved", "cancelled"),
        }[move]  # fmt: skip
        self.exchanging = True
        if swap.state not in (source, target):
            with pytest.raises(Refusal):
                Redemption.move(row.id, move, by, "不需要了")
            return
        Redemption.move(row.id, move, by, "不需要了")
        self.seen[f"an exchange {target}"] += 1
        if move == "cancel":
            self.paper.cancel(key)
            with database.atomic():
                give_back(row.id, SYSTEM, "再来一次", Writer.open(row.station_id))
        swap.state = target

    @rule(n=NTH, stock=st.sampled_from([None, 0, 1, 5]))
    def change_stock(self, n, stock):
        item = self.nth(self.paper.stock, n)
        station = RewardItem.get_by_id(item).station_id
        head = self.cast.head if station == self.cast.a.id else self.cast.head_b
        RewardItem.amend(item, head, stock=stock)
        self.paper.stock[item] = stock

    # Time and policy

    @rule(days=st.sampled_from([1, 8, 31, 100]))
    def time_passes(self, days):
        self.paper.today += timedelta(days=days)
        self.set_day(self.moment + timedelta(days=days))

    @rule(
        division=st.sampled_from(DIVISIONS), rate=st.sampled_from([1, 2, 7, 60]), months=st.sampled_from([0, 1, 5]),
        origins=st.sets(st.sampled_from(ORIGINS), min_size=1), floor=st.sampled_from([0, 0, 2]),
    )  # fmt: skip
    def release_exchange(self, division, rate, months, origins, floor, since=None):
        since = since or self.paper.today
        if any((r.division, r.since) == (division, since) for r in self.paper.exchange_rules):
            return
        PolicyVersion.create(
            topic="exchange", division=division, since=since, source="文件",
            values={"points_per_hour": rate, "origins": sorted(origins), "floor_hours": floor,
                    "yearly_cap_points": 0, "valid_months": months},
        )  # fmt: skip
        self.paper.exchange_rules.append(Terms(division, since, rate, tuple(origins), floor, months))

    @rule(division=st.sampled_from(DIVISIONS), at=st.sampled_from([(1, 3, 6), (2, 4), (1, 2, 3, 4, 5)]))
    def release_stars(self, division, at, since=None):
        since = since or self.paper.today
        if any((r.division, r.since) == (division, since) for r in self.paper.star_rules):
            return
        levels = [
            {"star": n, "at": hours, "recognised_by": "county", "tenure_days": 0, "selection": False}
            for n, hours in enumerate(at, 1)
        ]
        PolicyVersion.create(topic="stars", division=division, since=since, source="文件", values={"levels": levels})
        self.paper.star_rules.append(Terms(division, since, stars=at))
