"""The whole account and exchange, driven at random and held against a bookkeeper's paper after every step.

`make test` runs a short walk. ``PROVE=2000 pytest tests/test_account_machine.py`` runs so many walks of fifty steps;
`make prove` is that. A walk that fails is printed as the calls that lead there, shortened as far as they go.
"""

import os
from datetime import datetime

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from account_walk import Walk
from cast import KEY, settle
from models import clock
from models.base import connect, database
from models.fields import keyring
from models.hours import Balance, Lot, spendable_on
from models.rewards import RewardItem
from models.schema import upgrade
from models.stars import StarGrant
from models.verifying import verify

PROVE = int(os.environ.get("PROVE", "0"))
WALKS, STEPS = (PROVE, 50) if PROVE else (20, 25)
MET = {
    "a debt", "a star", "a star lapsed", "an exchange", "an exchange from several lots", "an exchange handed",
    "an exchange cancelled", "hours past their term",
}  # fmt: skip


class Machine(Walk):
    """What holds after every step."""

    @invariant()
    def the_chain_and_the_sums_fit(self):
        assert verify() == []

    @invariant()
    def balances_are_those_on_paper(self):
        for balance in Balance.select():
            person = self.paper.people[balance.volunteer_id]
            assert (balance.honour, balance.exchangeable, balance.debt) == (
                person.honour, person.exchangeable(), person.debt,
            )  # fmt: skip
            self.seen["a star"] += person.star > 0
            self.seen["a star lapsed"] += person.starred > person.star
            assert spendable_on(balance, self.paper.today) == person.spendable(self.paper.today)

    @invariant()
    def lots_are_those_on_paper(self):
        people = self.paper.people.values()
        self.seen["a debt"] += any(person.debt for person in people)
        self.seen["hours past their term"] += any(
            p.left and not p.lives(self.paper.today) for person in people for p in person.parcels
        )
        kept = {
            lot.record: (lot.volunteer_id, lot.earned_on, lot.minutes, lot.left, lot.expires_on)
            for lot in Lot.select()
        }
        assert kept == {
            p.record: (who, p.earned, p.minutes, p.left, p.ends)
            for who, person in self.paper.people.items()
            for p in person.parcels
        }

    @invariant()
    def only_a_correction_lowers_honour(self):
        for balance in Balance.select():
            was = self.honour[balance.volunteer_id]
            assert balance.honour == was if self.exchanging else balance.honour >= was
            self.honour[balance.volunteer_id] = balance.honour
        self.exchanging = False

    @invariant()
    def stock_is_that_on_paper_and_never_below_zero(self):
        stock = dict(RewardItem.select(RewardItem.id, RewardItem.stock).tuples())
        assert stock == self.paper.stock
        assert all(pieces is None or pieces >= 0 for pieces in stock.values())

    @invariant()
    def star_candidates_are_those_that_the_minutes_reach(self):
        for who, person in self.paper.people.items():
            grants = StarGrant.select(StarGrant.star, StarGrant.state).where(StarGrant.volunteer == who)
            assert dict(grants.tuples()) == {
                n: "candidate" if n <= person.star else "lapsed" for n in range(1, person.starred + 1)
            }


@pytest.fixture
def machine():
    """The machine on a database with the cast, three volunteers and four things to be had."""
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
            cast.activity(by=by)
        for head in (cast.head, cast.head_b):
            RewardItem.enter(head, name="理发", points=1)
            RewardItem.enter(head, name="大米", kind="goods", points=2, stock=5)
    Machine.template, Machine.cast = database.connection(), cast
    kept = database.obj
    yield Machine
    kept.close()


@pytest.mark.slow
def test_the_account_agrees_with_a_bookkeepers_paper_after_every_step(machine):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=WALKS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck),
            derandomize=not PROVE,  # `make test` takes the same walks each time, `make prove` new ones
            phases=[Phase.reuse, Phase.generate, Phase.shrink],
        ),
    )  # fmt: skip
    assert set(+machine.seen) >= (MET if PROVE >= 100 else {"a star", "an exchange"})
