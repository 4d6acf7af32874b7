"""One walk through the account: every rule is one move, made here and on a bookkeeper's paper.

Here are service, exchange and time; `account_walk_giving` has what goes from hand to hand and from station to station,
`account_walk_policy` what is released. `test_account_machine` says what must hold after every step.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from account_model import Paper, Person, Service
from account_policy import month_of
from models import clock
from models.activities import Activity
from models.base import connect, database, transaction
from models.closes import MonthClose
from models.corrections import Correction
from models.earning import post
from models.expiring import expire_due
from models.hours import Balance, Entry, Writer, give_back, reverse
from models.policy import book
from models.projects import Project
from models.records import ServiceRecord, move_all, post_due
from models.refusals import Refusal
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM

BEGIN = datetime(2024, 3, 1, 9)
ORIGINS = ("checked_in", "desk", "backfilled", "imported")
A, B = "530102001001", "530103001001"  # the communities of the cast's two stations
NTH = st.integers(0, 50)  # one of a list, whatever its length
MOVES = {  # of an exchange: from where, to where, by the head?
    "approve": (("asked",), "reserved", True), "refuse": (("asked",), "refused", True),
    "hand": (("reserved",), "handed", False), "confirm": (("handed",), "confirmed", False),
    "cancel": (("asked", "reserved"), "cancelled", False),
}  # fmt: skip


class AccountWalk(RuleBasedStateMachine):
    """Two people of A and one of B to begin with, two things to be had at each."""

    template = None  # an open database with the cast in it, copied for each walk
    cast = None
    helped: dict[str, int] = {}  # somebody in hardship at each station
    seen: Counter = Counter()  # what the walks came upon, so that a walk that meets nothing is noticed

    def __init__(self):
        super().__init__()
        connect("sqlite:///:memory:")
        database.connect()
        self.template.backup(database.connection())
        self.stop = None
        self.set_day(BEGIN)
        self.paper = Paper(BEGIN.date())
        self.stations = {A: self.cast.a.id, B: self.cast.b.id}
        codes = {number: code for code, number in self.stations.items()}
        for balance in Balance.select():
            self.paper.people[balance.volunteer_id] = Person(codes[balance.volunteer.station_id])
        self.items: dict[str, list[int]] = {A: [], B: []}
        for item in RewardItem.select().order_by(RewardItem.id):
            self.paper.stock[item.id], self.paper.points[item.id] = item.stock, item.points
            self.paper.kinds[item.id] = item.kind
            self.items[codes[item.station_id]].append(item.id)
        held = Activity.select(Activity.id, Activity.station, Project.category).join(Project)
        self.activities: dict[str, list[tuple[int, str]]] = {A: [], B: []}
        for key, station, category in held.order_by(Activity.id).tuples():
            self.activities[codes[station]].append((key, category))
        self.closes: dict[int, tuple[date, int]] = {}  # record -> last day of its notice, and which
        self.honour = dict.fromkeys(self.paper.people, 0)
        self.corrected: set[int] = set()  # people whose honour minutes this step may lower

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

    def desk(self, station: str):
        """Recorder and head of a station."""
        c = self.cast
        return (c.recorder, c.head) if station == A else (c.recorder_b, c.head_b)

    def desk_of(self, who: int):
        """Recorder and head of the person's own station."""
        return self.desk(self.paper.people[who].station)

    @staticmethod
    def nth(of, n: int):
        """One of these, by a number that may be larger than how many there are."""
        return sorted(of)[n % len(of)]

    def somebody(self, n: int, anyone: bool) -> int:
        """Mostly somebody who has something to spend."""
        people = self.paper.people
        rich = [who for who, person in people.items() if person.spendable(self.paper.today)]
        return self.nth(rich if rich and not anyone else people, n)

    # Service

    @rule(
        n=NTH, m=st.integers(0, 1), back=st.sampled_from([1, 2, 9, 40, 200]),
        minutes=st.sampled_from([1, 45, 90, 240, 240, 720]), origin=st.sampled_from(ORIGINS), away=st.booleans(),
        wait=st.booleans(),
    )  # fmt: skip
    def publish_service(self, n, m, back, minutes, origin, away, wait):
        """A record that was keyed and approved goes on a notice; ``away`` it was served at the other station.

        ``wait`` brings it into the account in the same step: hours posted are what most other moves begin with.
        """
        who = self.nth(self.paper.people, n)
        station = A if (self.paper.people[who].station == A) != away else B
        recorder, head = self.desk(station)
        day = self.paper.today - timedelta(days=back)
        activity, category = self.activities[station][m]
        # A minute of its own each, so that nobody is in two places at once; what counts is `minutes`.
        start = datetime.combine(day, time()) + timedelta(minutes=len(self.paper.services))
        row = ServiceRecord.create(
            station=self.stations[station], volunteer=who, activity=activity, started_at=start,
            ended_at=start + timedelta(minutes=1), minutes=minutes, content="陪伴老人", quality="1", origin=origin,
            state="approved", entered_by=recorder.account_id, policy="counting@53:2012-10-23",
        )  # fmt: skip
        move_all([row.id], "notice", head)
        self.paper.services[row.id] = Service(who, station, day, minutes, origin, activity, category)
        notice = ServiceRecord.get_by_id(row.id).notice
        self.closes[row.id] = notice.closes_on, notice.id
        if wait:
            self.night(20, posts=True, expires=False)

    @rule(
        n=NTH, m=st.integers(0, 1), back=st.sampled_from([1, 9, 40]), minutes=st.sampled_from([90, 240, 720]),
        origin=st.sampled_from(ORIGINS),
    )  # fmt: skip
    def serve(self, n, m, back, minutes, origin):
        """Once more service that comes into the account: without it a walk soon stands still."""
        self.publish_service(n, m, back, minutes, origin, away=False, wait=True)

    def post_what_is_due(self):
        """In the order of a posting: by notice, then by person."""
        services = self.paper.services
        due = [key for key, s in services.items() if not s.posted and self.closes[key][0] < self.paper.today]
        due.sort(key=lambda key: (self.closes[key][1], services[key].person, key))
        assert post_due() == len(due)
        for key in due:
            self.paper.post(key)
        for who in {services[key].person for key in due}:
            self.paper.look_at_stars(self.paper.people[who])

    def head_posts_one(self, n):
        key = self.nth(self.paper.services, n)
        service = self.paper.services[key]
        head = self.desk(service.station)[1]
        if service.reversed or (not service.posted and self.closes[key][0] >= self.paper.today):
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
        service = self.paper.services[key]
        recorder, head = self.desk(service.station)
        if not service.posted or service.reversed:
            with pytest.raises(Refusal):
                Correction.enter(recorder, record=key, reason="重复登记")
            return
        asked = Correction.enter(recorder, record=key, reason="重复登记")
        Correction.move(asked.id, "approve", head)
        Correction.move(asked.id, "approve", head)
        self.paper.reverse(key)
        self.corrected.add(service.person)
        self.seen["a correction"] += 1
        self.seen["a correction after the person moved"] += (
            self.paper.people[service.person].station != service.station
        )
        self.seen["a correction in a closed month"] += (service.station, month_of(service.day)) in self.paper.closed

    @rule(n=NTH, what=st.sampled_from(["post", "posting", "exchange", "gift"]), other=st.booleans())
    def say_it_again(self, n, what, other):
        """The same command gives the first result, and another one under the same key is refused."""
        if what == "post" and self.paper.services:
            self.head_posts_one(n)
        elif what == "posting" and any(s.posted for s in self.paper.services.values()):
            self.post_or_reverse_again(n)
        elif what == "exchange" and self.paper.swaps:
            self.send_the_same_request_again(n, other)
        elif what == "gift" and self.paper.presents:
            self.send_the_same_gift_again(n, other)  # of `account_walk_giving`: no other walk has presents

    def post_or_reverse_again(self, n):
        """The account itself knows what it has written, whoever asks it again."""
        posted = [key for key, s in self.paper.services.items() if s.posted]
        row = ServiceRecord.get_by_id(self.nth(posted, n))
        before = Entry.select().count()
        with transaction():
            writer = Writer.open(row.station_id)
            post(row, SYSTEM, book(), writer)
            if self.paper.services[row.id].reversed:
                reverse(row, SYSTEM, None, "再来一次", writer)
        assert Entry.select().count() == before

    # Exchange

    @rule(n=NTH)
    def exchange(self, n):
        """With the fewest arguments, this is the rule that chance falls back on."""
        self.reserve(n, 0, 1, anyhow=False)

    @rule(n=NTH, m=st.integers(0, 1), quantity=st.sampled_from([1, 1, 2, 4]), anyhow=st.booleans())
    def reserve(self, n, m, quantity, anyhow):
        """Mostly one that is allowed; ``anyhow`` whatever comes."""
        wishes = [
            (who, item, pieces) for who, person in self.paper.people.items()
            for item in self.items[person.station] for pieces in (1, 2, 4) if self.paper.allows(who, item, pieces)
        ]  # fmt: skip
        who = self.nth(self.paper.people, n)
        wish = who, self.items[self.paper.people[who].station][m], quantity
        who, item, quantity = self.nth(wishes, n + 51 * m) if wishes and not anyhow else wish
        recorder = self.desk_of(who)[0]
        key = f"k{len(self.paper.swaps)}"
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

    def send_the_same_request_again(self, n, other):
        key = self.nth(self.paper.swaps, n)
        swap = self.paper.swaps[key]
        recorder = self.desk(swap.station)[0]
        if other:
            with pytest.raises(Refusal, match="已用于另一次兑换"):
                Redemption.reserve(swap.person, swap.item, swap.quantity + 1, recorder, key)
        else:
            assert Redemption.reserve(swap.person, swap.item, swap.quantity, recorder, key).key == key

    @precondition(lambda self: self.paper.swaps)
    @rule(n=NTH, move=st.sampled_from(["approve", "refuse", "hand", "cancel", "cancel", "confirm"]), anyhow=st.booleans())
    def hand_confirm_or_cancel(self, n, move, anyhow):
        sources, target, head = MOVES[move]
        ready = [key for key, swap in self.paper.swaps.items() if swap.state in sources]
        key = self.nth(ready if ready and not anyhow else self.paper.swaps, n)
        swap = self.paper.swaps[key]
        row, by = Redemption.get(Redemption.key == key), self.desk(swap.station)[head]
        if swap.state not in (*sources, target):
            with pytest.raises(Refusal):
                Redemption.move(row.id, move, by, "不需要了")
            return
        Redemption.move(row.id, move, by, "不需要了")
        self.seen[f"an exchange {target}"] += 1
        if swap.state != target and target in ("cancelled", "refused"):
            owed = self.paper.people[swap.person].debt
            self.paper.give_back(key, target)
            self.seen["a debt paid by what came back"] += owed > self.paper.people[swap.person].debt
            self.seen["a cancellation after the person moved"] += (
                self.paper.people[swap.person].station != swap.station
            )
            with transaction():
                give_back(row.id, SYSTEM, "再来一次", Writer.open(row.station_id))
        swap.state = target

    @rule(n=NTH, stock=st.sampled_from([None, 0, 1, 5]))
    def change_stock(self, n, stock):
        item = self.nth(self.paper.stock, n)
        station = A if item in self.items[A] else B
        before = self.paper.stock[item]
        counted = self.paper.kinds[item] == "goods" and before is not None
        if counted and stock != before and (before or stock is not None):  # two persons count goods
            with pytest.raises(Refusal):
                RewardItem.amend(item, self.desk(station)[1], stock=stock)
            return
        RewardItem.amend(item, self.desk(station)[1], stock=stock)
        self.paper.stock[item] = stock

    # Time

    @rule(days=st.sampled_from([1, 8, 31, 100]), posts=st.booleans(), expires=st.booleans())
    def night(self, days, posts, expires):
        """Days pass; then what the machine does by itself, if it was on."""
        self.paper.today += timedelta(days=days)
        self.set_day(self.moment + timedelta(days=days))
        if posts:
            self.post_what_is_due()
        if expires:
            self.what_is_past_its_term_expires()

    def what_is_past_its_term_expires(self):
        expired = self.paper.expire()
        assert expire_due() == expired
        assert expire_due() == 0
        self.seen["an expiry"] += expired > 0

    @precondition(lambda self: self.paper.services)
    @rule(station=st.sampled_from([A, B]), times=st.sampled_from([1, 4]))
    def close_months(self, station, times):
        head = self.desk(station)[1]
        for _ in range(times):
            month = self.paper.turn(station)
            if not self.paper.may_close(station, month):
                with pytest.raises(Refusal):
                    MonthClose.close(self.stations[station], month, head)
                return
            self.paper.close(station, month)
            made = MonthClose.close(self.stations[station], month, head)
            assert MonthClose.close(self.stations[station], month, head).id == made.id
            self.seen["a month closed"] += 1
