"""One walk of people between two installations in one process: every rule is one move, made on one side and on paper.

Each side is a database in memory with its own keys and cast; the models are pointed at whichever side acts. Files are
lines of text in the walk's hand: they can be lost, brought twice, or brought long after. `test_transfer_machine` says what
must hold after every step.
"""

import hashlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from models import clock, policy, transfer
from models.activities import Activity
from models.base import connect, database
from models.hours import Balance, Lot, Writer
from models.records import ServiceRecord
from models.refusals import Refusal
from models.rewards import Redemption, RewardItem
from models.transfer import Arrival, Departure
from models.transfer_in import Arriver
from models.volunteers import Volunteer

BEGIN = datetime(2024, 3, 1, 9)
HOME, AWAY = 0, 1
NTH = st.integers(0, 50)  # one of a list, whatever its length
HOUR = 60  # minutes that one thing costs
ACTIVE = ("registered", "suspended")


@dataclass
class Side:
    """One installation."""

    db: object
    cast: object
    peer: int  # the other one, as it is known here
    code: str = ""
    people: dict[str, int] = field(default_factory=dict)  # document -> the row here


@dataclass
class Parcel:
    """One package, as whoever carries the files knows it."""

    at: int  # the side that packed it
    departure: int
    number: str
    sender: str  # its fingerprint
    text: str
    who: list[str]
    ends: datetime
    free: datetime  # from when on it is unlocked without the receiver's word
    state: str = "flying"  # at the sender
    read: bool = False
    arrival: int = 0
    decided: str = ""  # at the receiver: taken, refused
    taken: set[str] = field(default_factory=set)
    answer: str = ""
    conceded: bool = False

    @property
    def to(self) -> int:
        return 1 - self.at

    def away(self) -> set[str]:
        """Whom the sender holds for gone or on their way."""
        return set(self.who) if self.state == "flying" else self.taken if self.state == "closed" else set()

    def twice(self) -> set[str]:
        """Who was unlocked here though she was taken there: nobody else may ever stand twice."""
        return self.taken if self.state in ("reopened", "clash") else set()


class TransferWalk(RuleBasedStateMachine):
    """Three people at home and one away to begin with."""

    templates: list[Side] = []  # open databases, copied for each walk
    seen: Counter = Counter()  # what the walks came upon

    def __init__(self):
        super().__init__()
        self.stop, self.sides, self.parcels = None, [], []
        for kept in self.templates:
            connect("sqlite:///:memory:")
            database.connect()
            kept.db.connection().backup(database.connection())
            self.sides.append(Side(database.obj, kept.cast, kept.peer, kept.code, dict(kept.people)))
        self.on(HOME)
        self.set_day(BEGIN)
        self.place = {who: {at} for at, side in enumerate(self.sides) for who in side.people}
        self.earned = Counter(dict.fromkeys(self.place, 600))
        self.spent: Counter = Counter()
        self.n = 0

    def teardown(self):
        if self.stop:
            self.stop.__exit__(None, None, None)
        for side in self.sides:
            side.db.close()

    def on(self, at: int) -> Side:
        """Point the models at this side."""
        side = self.sides[at]
        database.initialize(side.db)
        return side

    def set_day(self, moment: datetime) -> None:
        if self.stop:
            self.stop.__exit__(None, None, None)
        self.stop, self.moment = clock.past(moment), moment
        self.stop.__enter__()

    def prints(self) -> list[str]:
        """Every byte of both databases."""
        return [hashlib.sha256(side.db.connection().serialize()).hexdigest() for side in self.sides]

    @contextmanager
    def refused(self, says: str):
        """What is done inside is refused with this reason, and neither side is changed by a byte."""
        before = self.prints()
        with pytest.raises(Refusal, match=says):
            yield
        assert self.prints() == before
        self.seen[f"refused: {says}"] += 1

    @staticmethod
    def nth(of, n: int):
        return list(of)[n % len(list(of))]

    # --- what fills the accounts ---

    @rule(n=NTH, minutes=st.sampled_from([30, 60, 240]))
    def serve(self, n, minutes):
        who = self.nth(sorted(self.place), n)
        if not self.place[who]:
            return
        at = max(self.place[who])
        side = self.on(at)
        key, station = side.people[who], side.cast.a.id
        self.n += 1
        record = ServiceRecord.create(
            station=station, volunteer=key, activity=Activity.get().id, started_at=self.moment + timedelta(seconds=self.n),
            ended_at=self.moment + timedelta(seconds=self.n, minutes=minutes), minutes=minutes, content="陪伴", quality="1",
            state="posted",
        )  # fmt: skip
        common = {"day": self.moment.date(), "kind": "service", "volunteer": key, "record": record.id, "debit": "service"}
        lot = Lot(volunteer=key, origin="desk", earned_on=self.moment.date(), minutes=minutes, left=0)
        with database.atomic():
            Writer.open(station).write([
                {**common, "credit": "honour", "minutes": minutes, "key": f"r:{record.id}:h"},
                {**common, "credit": "exchangeable", "lot": lot, "minutes": minutes, "key": f"r:{record.id}:e"},
            ])  # fmt: skip
        self.earned[who] += minutes
        self.seen["served while in two places"] += len(self.place[who]) > 1

    @rule(n=NTH)
    def spend(self, n):
        who = self.nth(sorted(self.place), n)
        if not self.place[who]:
            return
        at = min(self.place[who])
        side = self.on(at)
        self.n += 1
        if Balance.get_by_id(side.people[who]).exchangeable < HOUR:
            return
        order = Redemption.reserve(side.people[who], RewardItem.get().id, 1, side.cast.recorder, f"k{self.n}")
        Redemption.move(order.id, "hand", side.cast.recorder)
        Redemption.move(order.id, "confirm", side.cast.recorder)
        self.spent[who] += HOUR

    @rule(days=st.sampled_from([1, 16, 31, 46]))
    def wait(self, days):
        self.set_day(self.moment + timedelta(days=days))

    # --- the sender ---

    @rule(n=NTH, mask=st.integers(1, 15), at=st.sampled_from([HOME, HOME, AWAY]))
    def pack(self, n, mask, at):
        """Some of whoever has a row here: refused where one of them is not here to leave."""
        side = self.on(at)
        known = sorted(side.people)
        who = [one for k, one in enumerate(known) if mask >> k & 1] or [self.nth(known, n)]

        def ask():
            row = Departure.ask([side.people[one] for one in who], side.cast.recorder, peer=side.peer, reason="搬家")
            return Departure.move(row.id, "pack", side.cast.head)

        clashing = {one for p in self.parcels if p.at == at and p.state == "clash" for one in p.twice()}
        if clashing & set(who) or any(at not in self.place[one] for one in who):
            with self.refused("不能转出|已经在转出单|迟来"):
                ask()
            return
        row = ask()
        order = {key: one for one, key in side.people.items()}
        ids = [line.volunteer_id for line in row.lines.order_by(row.lines.model.n)]
        text = "\n".join(transfer.package(row.id, side.cast.recorder))
        division = str(side.cast.a.division_id)
        grace = timedelta(days=policy.book().on("transfer", division, self.moment.date()).rule.grace_days)
        self.parcels.append(Parcel(
            at, row.id, row.package_no, side.code, text, [order[key] for key in ids], row.expires_at, row.expires_at + grace,
        ))  # fmt: skip
        for one in who:
            self.place[one].discard(at)
        self.seen["packed"] += 1
        self.seen["packed again after unlocking"] += any(
            set(p.who) & set(who) and p.state == "reopened" for p in self.parcels if p.at == at
        )

    @precondition(lambda self: self.parcels)
    @rule(n=NTH)
    def fetch_again(self, n):
        """The same file again while it flies; nothing after."""
        one = self.nth(self.parcels, n)
        side = self.on(one.at)
        if one.state == "flying":
            assert "\n".join(transfer.package(one.departure, side.cast.recorder)) == one.text
            return
        with self.refused("只有在途的"):
            transfer.package(one.departure, side.cast.recorder)

    @precondition(lambda self: any(p.state == "flying" for p in self.parcels))
    @rule(n=NTH)
    def reopen(self, n):
        one = self.nth([p for p in self.parcels if p.state == "flying"], n)
        side = self.on(one.at)
        if self.moment < one.free:
            with self.refused("才能不凭对方答复解锁"):
                Departure.move(one.departure, "reopen", side.cast.county, "对方没有收到")
            return
        Departure.move(one.departure, "reopen", side.cast.county, "对方没有收到")
        one.state = "reopened"
        for who in one.who:
            self.place[who].add(one.at)
        self.seen["reopened"] += 1
        self.seen["reopened though taken"] += bool(one.taken)

    @precondition(lambda self: any(p.answer for p in self.parcels))
    @rule(n=NTH)
    def bring_receipt(self, n):
        """The answer to a package, for the first time, again, or after it was unlocked."""
        one = self.nth([p for p in self.parcels if p.answer], n)
        side = self.on(one.at)
        before = self.prints() if one.state in ("closed", "declined", "clash") else None
        row = transfer.take_receipt(one.answer, side.cast.recorder)
        if before:
            assert (row.state, self.prints()) == (one.state, before)
            self.seen["a receipt again"] += 1
        elif one.state == "flying":
            one.state = "closed" if one.taken else "declined"
            for who in set(one.who) - one.taken:
                self.place[who].add(one.at)
            self.seen[one.state] += 1
            self.seen["some gone, some back"] += bool(one.taken) and len(one.taken) < len(one.who)
        elif one.taken:
            one.state = "clash"
            self.seen["clash"] += 1
        assert row.state == one.state

    @precondition(lambda self: any(p.state == "clash" for p in self.parcels))
    @rule(n=NTH)
    def concede(self, n):
        one = self.nth([p for p in self.parcels if p.state == "clash"], n)
        side = self.on(one.at)
        if any(one.at not in self.place[who] for who in one.taken):
            with self.refused("请先办结"):
                Departure.move(one.departure, "concede", side.cast.county, "对方已经接收")
            return
        Departure.move(one.departure, "concede", side.cast.county, "对方已经接收")
        one.state = "closed"
        for who in one.taken:
            self.place[who].discard(one.at)
        self.seen["conceded"] += 1

    # --- the receiver ---

    @precondition(lambda self: self.parcels)
    @rule(n=NTH)
    def bring_file(self, n):
        """For the first time, again while it waits, or after it was decided or is past its term."""
        one = self.nth(self.parcels, n)
        side = self.on(one.to)
        if one.decided:
            with self.refused("不能重复接收" if one.decided == "taken" else "拒收"):
                transfer.receive(one.text, side.cast.recorder)
        elif not one.read and one.ends <= self.moment:
            with self.refused("过期"):
                transfer.receive(one.text, side.cast.recorder)
        else:
            row = transfer.receive(one.text, side.cast.recorder)
            assert row.id == one.arrival or not one.read
            one.read, one.arrival = True, row.id

    @precondition(lambda self: self.parcels)
    @rule(n=NTH)
    def bring_to_the_sender(self, n):
        """A file in the wrong hands."""
        one = self.nth(self.parcels, n)
        with self.refused("本单位自己发出"):
            transfer.receive(one.text, self.on(one.at).cast.recorder)

    @precondition(lambda self: any(p.read for p in self.parcels))
    @rule(n=NTH)
    def take(self, n):
        one = self.nth([p for p in self.parcels if p.read], n)
        side = self.on(one.to)
        if one.decided == "taken":
            before = self.prints()
            Arrival.move(one.arrival, "take", side.cast.head)
            assert self.prints() == before
            return
        if one.decided or one.ends <= self.moment:
            with self.refused("不能「接收」" if one.decided else "过期"):
                Arrival.move(one.arrival, "take", side.cast.head)
            return
        row = Arrival.move(one.arrival, "take", side.cast.head)
        one.decided = "taken"
        lines = Arriver.select().where(Arriver.arrival == row.id).order_by(Arriver.n)
        for who, line in zip(one.who, lines, strict=True):
            assert (line.status == "taken") == self.comes(one, who), (who, line.says)
            if line.status == "taken":
                side.people[who] = line.volunteer_id
                self.place[who].add(one.to)
                one.taken.add(who)
            else:
                self.seen["declined at taking"] += 1
        one.answer = transfer.answer_of(row.id, side.cast.recorder)
        self.seen["taken"] += 1
        self.seen["taken back where she came from"] += any(
            p.at == one.to and p.state == "closed" and p.taken & one.taken for p in self.parcels
        )

    def comes(self, one: Parcel, who: str) -> bool:
        """Whether a person of a package can be taken: not while she leaves from here, nor while she stands here and
        an earlier package between the two was unlocked against the word of whoever took it."""
        leaves = any(p.at == one.to and p.state == "flying" and who in p.who for p in self.parcels)
        return not leaves and one.to not in self.place[who]

    @precondition(lambda self: any(p.read and not p.decided for p in self.parcels))
    @rule(n=NTH)
    def refuse(self, n):
        one = self.nth([p for p in self.parcels if p.read and not p.decided], n)
        side = self.on(one.to)
        Arrival.move(one.arrival, "refuse", side.cast.head, "没有这个人")
        one.decided, one.answer = "refused", transfer.answer_of(one.arrival, side.cast.recorder)
        self.seen["refused"] += 1

    @precondition(lambda self: self.parcels)
    @rule(n=NTH)
    def disclaim(self, n):
        """The sender asks for a word on a package whose file was lost."""
        one = self.nth(self.parcels, n)
        side = self.on(one.to)
        if one.decided == "taken":
            with self.refused("请把回执发给原单位"):
                transfer.disclaim(one.number, one.sender, "没有收到", side.cast.head)
            return
        row = transfer.disclaim(one.number, one.sender, "没有收到", side.cast.head)
        if not one.decided:
            one.decided, one.arrival = "refused", row.id
            one.answer = transfer.answer_of(row.id, side.cast.recorder)
            self.seen["disclaimed"] += 1
        one.read = True

    # --- what stands on a side ---

    def standing(self, at: int) -> dict[str, str]:
        side = self.on(at)
        rows = dict(Volunteer.select(Volunteer.id, Volunteer.state).where(Volunteer.id.in_(list(side.people.values()))).tuples())
        return {who: rows[key] for who, key in side.people.items()}
