"""The whole account, exchange and giving, driven at random and held against a bookkeeper's paper after every step.

`make test` runs a short walk, and one written down that comes to everything. ``PROVE=2000 pytest -n 2
tests/test_account_machine.py`` runs so many walks of fifty steps, in shards with a seed of their own, so that several
processes share them; `make prove` is that. A walk that fails is printed as the calls that lead there, shortened as far
as they go, with the seed of its shard: ``PROVE=50 PROVE_SEED=…`` takes the same walks again.
"""

import os
import random
from collections import Counter
from datetime import datetime

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from served import recipient

from account_everything import everything
from account_walk import A, B
from account_walk_policy import PolicyWalk
from cast import KEY, settle
from models import clock
from models.activities import Activity
from models.base import connect, database
from models.closes import MonthClose
from models.fields import keyring
from models.gifts import Gift
from models.hours import Balance, Lot, spendable_on
from models.pool import Grant
from models.rewards import Redemption, RewardItem
from models.schema import upgrade
from models.stars import StarGrant
from models.verifying import verify

PROVE = int(os.environ.get("PROVE", "0"))
SHARD = 50  # walks: chance goes further in many short runs than in one long one, which keeps varying what it knows
SHARDS = max(1, PROVE // SHARD)
WALKS, STEPS = (PROVE // SHARDS, 50) if PROVE else (8, 20)
MET = {
    "a debt", "a star", "a star lapsed", "a correction", "a correction in a closed month",
    "a correction after the person moved", "an exchange", "an exchange from several lots", "an exchange handed",
    "an exchange confirmed", "an exchange cancelled", "an exchange refused", "a cancellation after the person moved",
    "a debt paid by what came back", "hours past their term", "an expiry", "a month closed", "a gift",
    "a gift to the other station", "a gift taken back", "a debt paid by a gift", "a donation", "a donation taken back",
    "a donation of what is for that alone", "a grant", "a grant from several donations", "a grant cancelled", "a bonus",
    "a transfer with hours", "a transfer with a debt", "a transfer back", "a release in part",
    "a second release of one day",
}  # fmt: skip
# What the whole account must come to, in one statement: keys that stand twice, and what does not net to zero.
ONE_LOOK = """
SELECT (SELECT COUNT(*) - COUNT(DISTINCT "key") FROM "entry"),
       (SELECT COUNT(*) FROM (
            SELECT 1 FROM "entry" WHERE 'transfer' IN ("debit", "credit") GROUP BY "volunteer_id"
            HAVING SUM(CASE WHEN "credit" = 'transfer' THEN "minutes" ELSE -"minutes" END) <> 0)),
       (SELECT COUNT(*) FROM (
            SELECT 1 FROM "entry" WHERE 'gift' IN ("debit", "credit") GROUP BY "gift"
            HAVING SUM(CASE WHEN "credit" = 'gift' THEN "minutes" ELSE -"minutes" END) <> 0))
"""


class Machine(PolicyWalk):
    """What holds after every step."""

    @invariant()
    def the_chain_and_the_sums_fit(self):
        assert verify() == []

    @invariant()
    def no_key_stands_twice_and_gifts_and_transfers_net_to_zero(self):
        assert database.execute_sql(ONE_LOOK).fetchone() == (0, 0, 0)

    @invariant()
    def balances_are_those_on_paper(self):
        kept = {balance.volunteer_id: balance for balance in Balance.select()}
        assert kept.keys() == self.paper.people.keys()
        for who, person in self.paper.people.items():
            balance = kept[who]
            assert (balance.honour, balance.exchangeable, balance.debt) == (
                person.honour, person.exchangeable(), person.debt,
            )  # fmt: skip
            self.seen["a star"] += person.star > 0
            self.seen["a star lapsed"] += person.starred > person.star
            self.seen["a debt"] += person.debt > 0
            assert spendable_on(balance, self.paper.today) == person.spendable(self.paper.today)

    @invariant()
    def lots_are_those_on_paper(self):
        gifts = dict(Gift.select(Gift.id, Gift.key).tuples())
        columns = (
            Lot.volunteer, Lot.origin, Lot.earned_on, Lot.expires_on, Lot.minutes, Lot.left, Lot.record, Lot.gift,
            Lot.donation_only,
        )  # fmt: skip
        kept = Counter((*row[:7], gifts.get(row[7]), row[8]) for row in Lot.select(*columns).tuples())
        assert kept == Counter(
            (who, p.origin, p.earned, p.ends, p.minutes, p.left, p.record, p.gift, p.donation)
            for who, person in self.paper.people.items()
            for p in person.parcels
        )
        self.seen["hours past their term"] += any(
            p.left and not p.lives(self.paper.today) for one in self.paper.people.values() for p in one.parcels
        )

    @invariant()
    def only_a_correction_lowers_honour(self):
        for who, honour in Balance.select(Balance.volunteer, Balance.honour).tuples():
            assert honour >= self.honour[who] or who in self.corrected
            self.honour[who] = honour
        self.corrected.clear()

    @invariant()
    def stock_is_that_on_paper_and_never_below_zero(self):
        stock = dict(RewardItem.select(RewardItem.id, RewardItem.stock).tuples())
        assert stock == self.paper.stock
        assert all(pieces is None or pieces >= 0 for pieces in stock.values())

    @invariant()
    def exchanges_gifts_and_grants_stand_as_on_paper(self):
        for model, paper in ((Redemption, self.paper.swaps), (Grant, self.paper.helps)):
            assert dict(model.select(model.key, model.state).tuples()) == {k: one.state for k, one in paper.items()}
        given = {key: stands for key, *stands in Gift.select(Gift.key, Gift.state, Gift.left_minutes).tuples()}
        assert given == {key: [made.state, made.left] for key, made in self.paper.presents.items()}

    @invariant()
    def star_candidates_are_those_that_the_minutes_reach(self):
        kept = {(who, star): state for who, star, state in StarGrant.select(
            StarGrant.volunteer, StarGrant.star, StarGrant.state).tuples()}  # fmt: skip
        assert kept == {
            (who, n): "candidate" if n <= person.star else "lapsed"
            for who, person in self.paper.people.items()
            for n in range(1, person.starred + 1)
        }

    @invariant()
    def closed_months_stand_as_they_were_closed(self):
        codes = {number: code for code, number in self.stations.items()}
        names = ("records", "people", "minutes", "taken_back", "other_minutes", "net_minutes", "by_origin")
        assert {
            (codes[row.station_id], row.month): {name: getattr(row, name) for name in names}
            for row in MonthClose.select()
        } == self.paper.closed


@pytest.fixture
def machine():
    """The machine on a database with the cast, three volunteers, four things to be had and two people in hardship."""
    keyring.open(KEY)
    connect("sqlite:///:memory:")
    database.connect()
    upgrade()
    cast = settle()
    for _ in range(20):  # the walks take place in this database's past
        clock.move_demo_clock(366)
    with clock.past(datetime(2020, 1, 1, 9)):
        for by in (cast.recorder, cast.recorder, cast.recorder_b):
            cast.registered("李明", by=by)
        for by in (cast.recorder, cast.recorder_b):
            first = cast.activity(by=by)
            other = cast.project(by, category="02")
            Activity.enter(by, project=other.id, name="手机课", day=first.day, place="教室", lead="赵敏",
                           social_worker="钱进")  # fmt: skip
            Machine.helped |= {A if by is cast.recorder else B: recipient(by).id}
        for head in (cast.head, cast.head_b):
            RewardItem.enter(head, name="理发", points=1)
            RewardItem.enter(head, name="大米", kind="goods", points=2, stock=5)
    Machine.template, Machine.cast = database.connection(), cast
    Machine.seen = Counter()
    kept = database.obj
    yield Machine
    kept.close()


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_account_agrees_with_a_bookkeepers_paper_after_every_step(machine, shard):
    at = int(os.environ.get("PROVE_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
    print(f"PROVE_SEED={at}")  # noqa: T201
    run_state_machine_as_test(
        seed(at)(machine) if PROVE else machine,
        settings=settings(
            max_examples=WALKS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck),
            derandomize=not PROVE,  # `make test` takes the same walks each time, `make prove` new ones
            database=None, phases=[Phase.generate, Phase.shrink],
        ),
    )  # fmt: skip
    met = MET & set(+machine.seen)
    assert len(met) > (len(MET) // 2 if WALKS >= SHARD else 3), f"walks that came only to {met}"


def test_a_walk_that_is_written_down_comes_to_everything(machine):
    """What chance leads to in hundreds of walks: every case in `MET`, each step held against the paper."""
    walk = machine()

    def step(name: str, **how) -> None:
        getattr(walk, name)(**how)
        for held in walk.invariants:
            held.function(walk)

    try:
        everything(walk, step)
    finally:
        walk.teardown()
    missing = MET - set(+machine.seen)
    assert missing == set()
