"""What goes from hand to hand and from station to station, made here and on paper: gifts, donations, grants from the
pool, bonuses, and people who move.
"""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from account_walk import NTH, A, AccountWalk, B
from models.base import transaction
from models.gifts import Gift
from models.hours import Entry
from models.moving import move_account
from models.pool import Grant
from models.refusals import Refusal
from models.scope import SYSTEM
from models.volunteers import Claim, Volunteer

MOST_PEOPLE = 6
MINUTES = st.sampled_from([1, 30, 60, 200, 1000])


class GivingWalk(AccountWalk):
    """The moves of `models.gifts`, `models.pool`, `models.moving` and the bonuses of `models.earning`."""

    # Gifts and donations

    @rule(
        n=NTH, m=NTH, minutes=MINUTES, relation=st.sampled_from(["child", "parent", ""]), anyone=st.booleans(),
    )  # fmt: skip
    def give(self, n, m, minutes, relation, anyone):
        owing = [who for who, person in self.paper.people.items() if person.debt]
        giver, receiver = self.somebody(n, anyone), self.nth(owing if owing and m % 2 else self.paper.people, m)
        recorder, card = self.desk_of(giver)[0], Volunteer.get_by_id(receiver).card_no
        key = f"g{len(self.paper.presents)}"
        if not self.paper.may_give(giver, receiver, minutes, relation):
            with pytest.raises(Refusal):
                Gift.give(giver, card, minutes, recorder, key, relation=relation)
            return
        Gift.give(giver, card, minutes, recorder, key, relation=relation)
        owed = self.paper.people[receiver].debt
        self.paper.give(key, giver, receiver, minutes)
        self.seen["a gift"] += 1
        self.seen["a gift to the other station"] += (
            self.paper.people[giver].station != self.paper.people[receiver].station
        )
        self.seen["a debt paid by a gift"] += owed > self.paper.people[receiver].debt

    @rule(n=NTH, minutes=MINUTES, anyone=st.booleans())
    def donate(self, n, minutes, anyone):
        kept_for_it = [who for who, person in self.paper.people.items() if person.for_donation(self.paper.today)]
        giver = self.nth(kept_for_it, n) if kept_for_it and n % 2 else self.somebody(n, anyone)
        key = f"g{len(self.paper.presents)}"
        if not self.paper.may_donate(giver, minutes):
            with pytest.raises(Refusal):
                Gift.donate(giver, minutes, self.desk_of(giver)[0], key)
            return
        Gift.donate(giver, minutes, self.desk_of(giver)[0], key)
        self.paper.donate(key, giver, minutes)
        self.seen["a donation"] += 1
        self.seen["a donation of what is for that alone"] += any(p.donation for p, _ in self.paper.presents[key].took)

    def send_the_same_gift_again(self, n, other):
        key = self.nth(self.paper.presents, n)
        made, first = self.paper.presents[key], Gift.get(Gift.key == key)
        recorder, minutes = self.desk(made.station)[0], made.minutes + other

        def again() -> Gift:
            if made.receiver is None:
                return Gift.donate(made.giver, minutes, recorder, key)
            card = Volunteer.get_by_id(made.receiver).card_no
            return Gift.give(made.giver, card, minutes, recorder, key, relation=first.relation)

        if other:
            with pytest.raises(Refusal, match="已用于另一次办理"):
                again()
        else:
            assert again().id == first.id

    @precondition(lambda self: self.paper.presents)
    @rule(n=NTH, anyhow=st.booleans())
    def take_a_gift_back(self, n, anyhow):
        presents = self.paper.presents
        untouched = [key for key, made in presents.items() if made.state == "given" and self.paper.may_take_back(key)]
        key = self.nth(untouched if untouched and not anyhow else presents, n)
        made, row = self.paper.presents[key], Gift.get(Gift.key == key)
        head = self.desk(made.station)[1]
        if made.state == "given" and not self.paper.may_take_back(key):
            with pytest.raises(Refusal, match="不能撤销"):
                Gift.move(row.id, "cancel", head, "给错了")
            return
        Gift.move(row.id, "cancel", head, "给错了")
        if made.state == "given":
            self.paper.take_back(key)
            self.seen["a donation taken back" if made.receiver is None else "a gift taken back"] += 1

    # The pool

    @rule(
        n=NTH, station=st.sampled_from([A, B]), m=st.integers(0, 1), quantity=st.sampled_from([1, 1, 3]), anyhow=st.booleans(),
    )  # fmt: skip
    def grant(self, n, station, m, quantity, anyhow):
        helps = [
            (place, item, pieces) for place, items in self.items.items() for item in items for pieces in (1, 3)
            if self.paper.may_grant(place, item, pieces)
        ]  # fmt: skip
        wish = station, self.items[station][m], quantity
        station, item, quantity = self.nth(helps, n) if helps and not anyhow else wish
        recorder = self.desk(station)[0]
        key = f"h{len(self.paper.helps)}"
        if not self.paper.may_grant(station, item, quantity):
            with pytest.raises(Refusal):
                Grant.give(self.helped[station], item, quantity, recorder, key)
            return
        made = Grant.give(self.helped[station], item, quantity, recorder, key)
        self.paper.grant(key, station, item, quantity)
        assert made.minutes == sum(part for _, part in self.paper.helps[key].drew)
        assert Grant.give(self.helped[station], item, quantity, recorder, key).id == made.id
        self.seen["a grant"] += 1
        self.seen["a grant from several donations"] += len(self.paper.helps[key].drew) > 1

    @precondition(lambda self: self.paper.helps)
    @rule(n=NTH, move=st.sampled_from(["hand", "cancel"]), anyhow=st.booleans())
    def hand_or_cancel_a_grant(self, n, move, anyhow):
        ready = [key for key, made in self.paper.helps.items() if made.state == "reserved"]
        key = self.nth(ready if ready and not anyhow else self.paper.helps, n)
        made, row = self.paper.helps[key], Grant.get(Grant.key == key)
        target = {"hand": "handed", "cancel": "cancelled"}[move]
        recorder = self.desk(made.station)[0]
        if made.state not in ("reserved", target):
            with pytest.raises(Refusal):
                Grant.move(row.id, move, recorder, "不需要了")
            return
        Grant.move(row.id, move, recorder, "不需要了")
        if made.state != target and move == "cancel":
            self.paper.cancel_grant(key)
            self.seen["a grant cancelled"] += 1
        made.state = target

    # People who come and move

    @precondition(lambda self: len(self.paper.people) < MOST_PEOPLE)
    @rule(station=st.sampled_from([A, B]), n=NTH, introduced=st.booleans())
    def register(self, station, n, introduced):
        here = [who for who, person in self.paper.people.items() if person.station == station]
        introducer = self.nth(here, n) if introduced and here else None
        recorder, _ = self.desk(station)
        before = Entry.select().count()
        made = self.cast.registered("王芳", by=recorder, introducer=introducer)
        self.paper.register(made.id, station, introducer)
        self.honour[made.id] = 0
        self.seen["a bonus"] += Entry.select().count() > before

    @rule(n=NTH, again=st.booleans())
    def move_to_the_other_station(self, n, again):
        who = self.nth(self.paper.people, n)
        person = self.paper.people[who]
        there = B if person.station == A else A
        number = Volunteer.get_by_id(who).document_number
        claim = Claim.ask("resident_id", number, "搬家", self.desk(there)[1])
        for _ in range(1 + again):
            Claim.move(claim.id, "agree", self.desk_of(who)[1])
        if again:
            with transaction():
                move_account(Claim.get_by_id(claim.id), SYSTEM)
        self.seen["a transfer with hours"] += bool(person.honour and person.exchangeable())
        self.seen["a transfer with a debt"] += person.debt > 0
        self.seen["a transfer back"] += person.station == B and bool(person.honour)
        person.station = there
