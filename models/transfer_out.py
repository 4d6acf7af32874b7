"""异地转移, leaving (方案 二(5)): who goes to another installation, packed once, in flight until the receiver has answered.

The account is written at packing: all that a person has goes into `transfer` then, so that nothing can be spent in two
places while the package is on its way; a signed refusal, or a supervisor after the term, brings it back into the very lots
it came from. `models.verifying` holds what lies in `transfer` against these lines.
"""

import uuid
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from typing import Any, Self

from peewee import (
    JOIN,
    SQL,
    BooleanField,
    CharField,
    DateTimeField,
    Expression,
    ForeignKeyField,
    IntegerField,
    TextField,
    fn,
)

from models import clock, policy, signing
from models.audit import trails
from models.base import BaseModel
from models.fields import JSONText, SealedField
from models.hours import Balance, Chain, Lot, Writer
from models.moves import Staged, permit, whole
from models.moving import coming, leaving, leaving_again
from models.refusals import NotFound, refuse_if
from models.scope import EVERYTHING, Actor, within
from models.signing import Peer
from models.stations import station_field
from models.together import together
from models.transfer_packing import AT_ONCE, persons, unready
from models.volunteers import Volunteer
from rules import transfer as rules
from rules.findings import Finding
from rules.life import Move

Progress = Callable[[int, int], None]
STAYS = ("registered", "suspended")  # states that a person can leave from
STATUSES = [
    ("asked", "待审核"),
    ("flying", "在途"),
    ("taken", "对方已接收"),
    ("declined", "对方未接收"),
    ("back", "已解锁"),
    ("cancelled", "已取消"),
]
NAMED = 5  # people whom one refusal names


class Departure(Staged):
    """One package of people who leave for another installation."""

    resource = "departures"
    station_path = "station"
    life = rules.DEPARTURE
    editable = "volunteer whole_station peer receiver_name reason"

    station = station_field(backref="departures")
    volunteer = ForeignKeyField(Volunteer, null=True, backref="departures", verbose_name="志愿者",
                                help_text="只转一个人时选；全站转出的留空")  # fmt: skip
    whole_station = BooleanField(default=False, verbose_name="全站转出", help_text="工作站撤销，全部志愿者交给承接单位")
    peer = ForeignKeyField(Peer, null=True, backref="departures", verbose_name="接收单位",
                           help_text="已互认的单位；包裹按它的公钥加密")  # fmt: skip
    receiver_name = CharField(max_length=80, default="", verbose_name="接收单位名称",
                              help_text="还没有互认时写对方工作站或社区的全称；这样的包裹只签名，不加密")  # fmt: skip
    reason = CharField(max_length=200, verbose_name="转出理由")
    package_no = CharField(max_length=40, null=True, unique=True, verbose_name="包裹编号")
    people = IntegerField(default=0, verbose_name="人数")
    sums = JSONText(null=True, verbose_name="合计")
    made_at = DateTimeField(null=True, verbose_name="打包时间")
    expires_at = DateTimeField(null=True, verbose_name="有效期至")
    free_at = DateTimeField(null=True, verbose_name="最早解锁", help_text="到这时还没有对方的答复，督导可以解锁")
    policy = CharField(max_length=120, default="", constraints=[SQL("DEFAULT ''")], verbose_name="政策版本")
    head = TextField(default="", verbose_name="包裹签名")
    digest = CharField(max_length=64, default="", verbose_name="校验码")
    answer = TextField(default="", verbose_name="回执")
    answered_at = DateTimeField(null=True, verbose_name="回执时间")
    outcome = TextField(default="", verbose_name="结果")

    class Meta:
        indexes = ((("station", "state", "id"), False),)

    def __str__(self) -> str:
        return f"转出单 {self.id}"

    @property
    def addressee(self) -> str:
        return self.peer.name if self.peer_id else self.receiver_name

    # --- asked ---

    @classmethod
    def ask(cls, volunteers: Collection[int], by: Actor, **values: Any) -> Self:
        """Ask for several of the own station at once, as a command or a list does."""
        permit(by, "enter", cls.resource)
        row = cls(**cls._declared(values))
        row.chosen = sorted(set(volunteers))
        with whole():
            refuse_if(row.faults(by))
            row.store_new(by)
        return row

    chosen: list[int] | None = None

    def prepare(self, by: Actor) -> None:
        self.people = len(self._wanted())

    def _wanted(self) -> list[int]:
        if self.chosen is not None:
            return self.chosen
        if self.volunteer_id:
            return [self.volunteer_id]
        if not self.whole_station:
            return []
        rows = Volunteer.select(Volunteer.id).where(Volunteer.station == self.station_id, Volunteer.state.in_(STAYS))
        return [key for (key,) in rows.order_by(Volunteer.id).tuples()]

    def check(self, by: Actor) -> list[Finding]:
        if bool(self.volunteer_id) and self.whole_station:
            return [Finding("volunteer", "选了志愿者就不要再选「全站转出」。")]
        if not self.people:
            return [Finding("volunteer", "请选要转出的志愿者，或者选「全站转出」。")]
        if self.people > rules.MOST_PEOPLE:
            return [Finding("volunteer", f"一个转移包最多 {rules.MOST_PEOPLE} 人，请分几次转出。")]
        found = []
        if bool(self.peer_id) == bool((self.receiver_name or "").strip()):
            found.append(Finding("peer", "请选一个已互认的接收单位，或者填写接收单位名称，两者选一。"))
        elif self.peer_id and self.peer.state != "confirmed":
            found.append(Finding("peer", f"{self.peer.name}现在是「{self.peer.state_label}」，确认互认后才能加密发送。"))
        return found or self._ready(self._wanted(), by)

    def _ready(self, keys: list[int], by: Actor) -> list[Finding]:
        """Who of these cannot leave now, named."""
        found: list[str] = []
        more = 0
        for at in range(0, len(keys), AT_ONCE):
            for says in self._unready(keys[at : at + AT_ONCE]):
                if len(found) < NAMED:
                    found.append(says)
                else:
                    more += 1
        if more:
            found.append(f"还有 {more} 处，办结后再试。")
        return [Finding("volunteer", says) for says in found]

    def _unready(self, keys: list[int]) -> Iterator[str]:
        people = {row.id: row for row in Volunteer.select().where(
            Volunteer.id.in_(keys), Volunteer.station == self.station_id)}  # fmt: skip
        if len(people) < len(keys):
            yield "只能转出本站的志愿者。"
            return
        other = Leaver.select(Leaver.volunteer, Leaver.departure).where(
            Leaver.volunteer.in_(keys), Leaver.status.in_(("asked", "flying")), Leaver.departure != (self.id or 0)
        )
        for key, departure in other.tuples():
            yield f"{people[key].name}已经在转出单 {departure} 里。"
        clash = Leaver.select(Leaver.volunteer, Leaver.departure).join(Departure).where(
            Leaver.volunteer.in_(keys), Leaver.status == "back", Departure.state == "clash"
        )
        for key, departure in clash.tuples():
            yield f"{people[key].name}：转出单 {departure} 解锁后收到迟来的回执，请先办结。"
        for row in people.values():
            if row.state not in STAYS:
                yield f"{row.name}现在是「{row.state_label}」，不能转出。"
        for key, says in unready(list(people.values())):
            yield f"{people[key].name}：{says}"

    def may_amend(self, by: Actor) -> list[Finding]:
        return [Finding("state", "转出单提出后不能改动；有误请取消后重新提出。")]

    def after_enter(self, by: Actor) -> None:
        keys = self._wanted()
        for at in range(0, len(keys), AT_ONCE):
            Leaver.insert_many([
                {"departure": self.id, "n": n, "volunteer": key, "status": "asked"}
                for n, key in enumerate(keys[at : at + AT_ONCE], at + 1)
            ]).execute()  # fmt: skip

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        if move.name == "reopen":
            return cls.free_at <= clock.now()
        return EVERYTHING

    def legal_moves(self, by: Actor) -> list[Move]:
        """Unlocking is not offered before its day."""
        early = self.state == "flying" and self.may_reopen(by)
        return [move for move in super().legal_moves(by) if not (early and move.name == "reopen")]

    @classmethod
    def overdue(cls, by: Actor) -> Expression:
        """在途超期未回执: past its term, and the receiver has said nothing."""
        return (cls.state == "flying") & (cls.expires_at < clock.now())

    @classmethod
    def clashing(cls, by: Actor) -> Expression:
        """解锁后又收到回执: taken over there, and unlocked here; to be resolved at once."""
        return cls.state == "clash"

    # --- packed ---

    def hold(self, name: str) -> None:
        if name in ("pack", "reopen", "concede", "close", "decline"):
            mine = Leaver.select(Leaver.volunteer).where(Leaver.departure == self.id)
            stations = {self.station_id}
            if name == "concede":  # she may have come to another station of ours meanwhile
                rows = Volunteer.select(Volunteer.station).where(Volunteer.id.in_(mine)).distinct()
                stations |= {station for (station,) in rows.tuples()}
            for station in sorted(stations):
                Chain.lock(station)
            Balance.hold(key for (key,) in mine.tuples())

    def may_pack(self, by: Actor, progress: Progress | None = None) -> list[Finding]:
        if self.peer_id and self.peer.state != "confirmed":
            return [Finding("peer", f"{self.peer.name}现在是「{self.peer.state_label}」，不能发送。")]
        keys = [key for (key,) in Leaver.select(Leaver.volunteer).where(Leaver.departure == self.id).tuples()]
        return self._ready(keys, by)

    def do_pack(self, by: Actor, progress: Progress | None = None) -> None:
        """``progress`` is told after each hundred people, and may raise `models.jobs.Cancelled`: then nobody leaves."""
        from models.applications import end_of

        self.package_no, self.made_at = uuid.uuid4().hex, clock.now().replace(microsecond=0)
        terms = policy.in_force("transfer", self.station, self.made_at.date())
        self.policy = terms.key
        self.expires_at = self.made_at + timedelta(days=terms.rule.valid_days)
        self.free_at = self.expires_at + timedelta(days=terms.rule.grace_days)
        peer, writer, digest, sums = self.peer if self.peer_id else None, Writer.open(self.station_id), rules.Digest(), {}
        reason = f"转出到{self.addressee}"[:200]
        for lines in self.chunks():
            if progress:
                progress(lines[0].n - 1, self.people)
            with together():  # by one key for all
                for line, person in zip(lines, persons(lines, str(self.package_no)), strict=True):
                    rules.add(sums, person["sums"])
                    token = signing.sign(person, rules.PERSON)
                    digest.add(token)
                    line.token = signing.seal(token, peer) if peer else token
            self._out(lines, writer, "depart", reason, by)
            end_of([line.volunteer_id for line in lines], reason)  # a place kept for her is another's while she flies
            for line in lines:
                line.status = "flying"
            Leaver.bulk_update(
                lines, [Leaver.token, Leaver.status, Leaver.honour, Leaver.exchangeable, Leaver.debt, Leaver.lots,
                        Leaver.before], batch_size=50,
            )  # fmt: skip
        self.digest, self.sums = digest.value(), sums
        card = signing.public_card()
        self.head = signing.sign(rules.head_payload(rules.Head(
            str(self.package_no), card["fingerprint"], self.station.name, peer.fingerprint if peer else "",
            self.addressee, self.made_at, self.expires_at, self.people, self.digest, sums,
        )), rules.HEAD)  # fmt: skip

    def _out(self, lines: "list[Leaver]", writer: Writer, key: str, reason: str, by: Actor) -> None:
        """Take all that these people have out of the chain, and lock them."""
        keys = [line.volunteer_id for line in lines]
        balances = {row.volunteer_id: row for row in Balance.select().where(Balance.volunteer.in_(keys))}
        lots: dict[int, list[Lot]] = {}
        for lot in Lot.select().where(Lot.volunteer.in_(keys), Lot.left > 0).order_by(Lot.earned_on, Lot.id):
            lots.setdefault(lot.volunteer_id, []).append(lot)
        movements = []
        for line in lines:
            balance, mine = balances.get(line.volunteer_id), [(lot, lot.left) for lot in lots.get(line.volunteer_id, [])]
            line.honour, line.debt = (balance.honour, balance.debt) if balance else (0, 0)
            line.exchangeable, line.lots = sum(left for _, left in mine), [[lot.id, left] for lot, left in mine]
            movements += leaving(line.volunteer_id, line.honour, mine, line.debt, f"{key}:{line.id}", reason, by)
        writer.write(movements)
        states = dict(Volunteer.select(Volunteer.id, Volunteer.state).where(Volunteer.id.in_(keys)).tuples())
        for line in lines:
            line.before = states[line.volunteer_id]
        _put(keys, "leaving", "depart", reason, by, self.station_id)

    def chunks(self, status: str | None = None) -> "Iterator[list[Leaver]]":
        """Its lines in their order, some at a time."""
        last = 0
        mine = Leaver.select().where(Leaver.departure == self.id, *([Leaver.status == status] if status else []))
        while some := list(mine.where(Leaver.n > last).order_by(Leaver.n).limit(AT_ONCE)):
            yield some
            last = some[-1].n

    def do_cancel(self, by: Actor) -> None:
        Leaver.update(status="cancelled").where(Leaver.departure == self.id).execute()

    # --- answered ---

    def do_close(self, by: Actor, answer: rules.Answer, progress: Progress | None = None) -> None:
        """Whom the receiver took is gone; whom it did not take is unlocked."""
        self._settle(answer, by, progress)

    def do_decline(self, by: Actor, answer: rules.Answer, progress: Progress | None = None) -> None:
        self._settle(answer, by, progress)

    def _settle(self, answer: rules.Answer, by: Actor, progress: Progress | None) -> None:
        from models.applications import end_of
        from models.teams import all_leave

        writer, back = Writer.open(self.station_id), 0
        for lines in self.chunks("flying"):
            if progress:
                progress(lines[0].n - 1, self.people)
            gone = [line for line in lines if line.n in answer.taken]
            stay = [line for line in lines if line.n not in answer.taken]
            for line in gone:
                line.status, line.token = "taken", None
            for line in stay:
                line.status, line.says, line.token = "declined", answer.declined.get(line.n, answer.reason)[:200], None
            if gone:
                keys = [line.volunteer_id for line in gone]
                all_leave(keys, f"已转出到{self.addressee}"[:200])
                end_of(keys, f"已转出到{self.addressee}"[:200])
                _put(keys, "moved", "go", str(self), by, self.station_id)
            self._back(stay, writer, by)
            Leaver.bulk_update(lines, [Leaver.status, Leaver.says, Leaver.token], batch_size=100)
            back += len(stay)
        self.outcome = f"对方接收 {len(answer.taken)} 人，未接收 {back} 人。{answer.reason}"

    def _back(
        self, lines: "list[Leaver]", writer: Writer, by: Actor, reason: str = "", key: str = "back"
    ) -> None:
        """Bring what these people had back into the lots it came from, and unlock them; ``reason`` where it is another
        than that nobody took them."""
        if not lines:
            return
        wanted = [key for line in lines for key, _ in line.lots or []]
        lots = {}
        for at in range(0, len(wanted), 500):
            lots |= {lot.id: lot for lot in Lot.select().where(Lot.id.in_(wanted[at : at + 500]))}
        movements = []
        for line in lines:
            mine = [(lots[key], minutes) for key, minutes in line.lots or []]
            why = reason or f"{self.addressee}未接收，退回"[:200]
            movements += coming(line.volunteer_id, line.honour, mine, line.debt, f"{key}:{line.id}", why, by)
        writer.write(movements)
        whose = [line.volunteer_id for line in lines]
        erased = {one for (one,) in Volunteer.select(Volunteer.id).where(
            Volunteer.id.in_(whose), Volunteer.state == "erased").tuples()}  # fmt: skip
        for state in STAYS:
            keys = [line.volunteer_id for line in lines if line.before == state and line.volunteer_id not in erased]
            if keys:
                _put(keys, state, "stay", str(self), by, self.station_id)

    def may_reopen(self, by: Actor, progress: Progress | None = None) -> list[Finding]:
        says = rules.may_reopen(self.expires_at, self.free_at, clock.now())
        return [Finding("state", says)] if says else []

    def do_reopen(self, by: Actor, progress: Progress | None = None) -> None:
        writer = Writer.open(self.station_id)
        for lines in self.chunks("flying"):
            if progress:
                progress(lines[0].n - 1, self.people)
            self._back(lines, writer, by)
            for line in lines:
                line.status = "back"
            Leaver.bulk_update(lines, [Leaver.status], batch_size=100)
        self.outcome = f"没有收到回执，{by.name}解锁：{self.reason_given}"

    def do_contest(self, by: Actor) -> None:
        self.outcome = "解锁以后收到对方的回执：对方已经接收。同一份工时两边都有，请立即核实并按回执转出。"

    def do_settle(self, by: Actor) -> None:
        """The receiver gave back whom it had taken: she stands here alone, as she was unlocked."""

    def do_regain(self, by: Actor) -> None:
        """The receiver gave back everybody whom it had taken; `give_back` has brought them home."""

    def give_back(self, numbers: Collection[int], reason: str, by: Actor) -> int:
        """Bring home those of these numbers of the package who were gone, after the receiver has given them back; how
        many. Whoever was unlocked here and not conceded has what is hers, and is only said to be given back."""
        says, back = f"对方接收后退回：{reason}"[:200], 0
        for lines in self.chunks():
            mine = [line for line in lines if line.n in numbers and line.status in ("taken", "back")]
            gone = [line for line in mine if line.status == "taken"]
            self._back(gone, Writer.open(self.station_id), by, f"{self.addressee}退回"[:200], "return")
            for line in mine:
                line.status, line.says = "declined", says
            back += len(gone)
            Leaver.bulk_update(mine, [Leaver.status, Leaver.says], batch_size=100)
        return back

    def may_concede(self, by: Actor, progress: Progress | None = None) -> list[Finding]:
        """Not while she is on her way elsewhere, or taken by a third: then one of the two that hold her gives her back."""
        gone = Volunteer.select().where(Volunteer.id.in_(self._conceded()), Volunteer.state.in_(("leaving", "moved")))
        people = {row.id: row for row in gone.order_by(Volunteer.id).limit(NAMED)}
        return [Finding("state", says) for _, says in elsewhere(self, people)]

    def _conceded(self) -> list[int]:
        rows = Leaver.select(Leaver.volunteer).where(Leaver.departure == self.id, Leaver.status == "back",
                                                     Leaver.n.in_(sorted(self._answer().taken)))  # fmt: skip
        return [key for (key,) in rows.tuples()]

    def _answer(self) -> rules.Answer:
        return rules.read_answer(signing.check(self.answer, rules.RECEIPT).payload)

    def do_concede(self, by: Actor, progress: Progress | None = None) -> None:
        """Out once more, from whichever station of ours she has come to: as much as was taken over there. What was spent
        meanwhile is owed, so that no minute stands twice."""
        from models.applications import end_of
        from models.teams import all_leave

        taken, reason = self._answer().taken, f"按回执转出到{self.addressee}"[:200]
        for lines in self.chunks("back"):
            gone = [line for line in lines if line.n in taken]
            if progress:
                progress(lines[0].n - 1, self.people)
            keys = [line.volunteer_id for line in gone]
            rows = Volunteer.select(Volunteer.id, Volunteer.station, Volunteer.state).where(Volunteer.id.in_(keys))
            stands = {key: (station, state) for key, station, state in rows.tuples()}
            for station in sorted({station for station, _ in stands.values()}):
                writer = Writer.open(station)
                for line in gone:
                    if stands[line.volunteer_id][0] == station:
                        kept = [key for key, _ in line.lots or []]
                        writer.write(leaving_again(line, kept, f"concede:{line.id}", reason, by))
                if here := [key for key in keys if stands[key][0] == station and stands[key][1] in STAYS]:
                    all_leave(here, reason)
                    end_of(here, reason)
                    _put(here, "moved", "go", str(self), by, station)
            for line in gone:
                line.status = "taken"
            if gone:
                Leaver.bulk_update(gone, [Leaver.status], batch_size=100)
        self.outcome = "按对方的回执再次转出。"


def elsewhere(row: Departure, people: "dict[int, Volunteer]") -> Iterator[tuple[int, str]]:
    """Of these people of a package, on their way or taken by another than its receiver: where, and what is to be done."""
    later = (
        Leaver.select(Leaver, Departure, Peer).join(Departure).join(Peer, JOIN.LEFT_OUTER)
        .where(Leaver.volunteer.in_(list(people)), Leaver.status.in_(("flying", "taken")), Departure.id != row.id)
        .order_by(Leaver.id)
    )  # fmt: skip
    for key, line in {line.volunteer_id: line for line in later}.items():
        name, to = people[key].masked_name, line.departure.addressee
        if line.status == "flying":
            yield key, f"{name}正随{line.departure} 转往「{to}」，有了答复以后再办理。"
        else:
            yield key, (
                f"{name}已随{line.departure} 由「{to}」接收，「{row.addressee}」也接收过，同一份工时两个单位各有一份。"
                f"请与两家商定由谁接收，另一家在转入单上「退回接收的人」，再把它新的回执导入这里："
                f"「{row.addressee}」退回的，这张单子随即了结；「{to}」退回的，再「按回执转出」。"
            )


class Leaver(BaseModel):
    """One person of a package: what she took along, and what the receiver said of her."""

    resource = "departures"
    station_path = "departure.station"

    departure = ForeignKeyField(Departure, backref="lines", verbose_name="转出单")
    n = IntegerField(verbose_name="序号")
    volunteer = ForeignKeyField(Volunteer, backref="leavings", verbose_name="志愿者")
    status = CharField(max_length=10, choices=STATUSES, verbose_name="状态")
    before = CharField(max_length=12, default="", verbose_name="转出前状态")
    honour = IntegerField(default=0, verbose_name="荣誉工时")
    exchangeable = IntegerField(default=0, verbose_name="可兑换工时")
    debt = IntegerField(default=0, verbose_name="欠账")
    lots = JSONText(null=True)  # [lot, minutes] of each, as packed
    token = SealedField(null=True)  # her line of the package, until the receiver has answered
    says = CharField(max_length=200, default="", verbose_name="对方说明")

    class Meta:
        indexes = ((("departure", "n"), True), (("volunteer", "status"), False))

    def __str__(self) -> str:
        return f"{self.departure_id}-{self.n}"

    @property
    def status_label(self) -> str:
        return dict(STATUSES)[self.status]


def _put(keys: Collection[int], state: str, action: str, reason: str, by: Actor, station: int) -> None:
    """Set the state of these people, with a trace on each."""
    before = Volunteer.select(Volunteer.id, Volunteer.state).where(Volunteer.id.in_(list(keys)))
    said = [(key, {"state": old}, {"state": state}) for key, old in before.tuples()]
    Volunteer.update(state=state, moved_at=clock.now(), revision=Volunteer.revision + 1).where(
        Volunteer.id.in_(list(keys))
    ).execute()
    trails(by, action, Volunteer._meta.table_name, said, station=station, reason=reason)


def package(key: int, by: Actor) -> Iterator[str]:
    """The lines of a package in flight, to be carried to the receiver; leaves a trace.

    Raises ``Refusal`` where it is not packed or answered already.
    """
    permit(by, "file", "departures")
    with whole():
        row = Departure.get_or_none(Departure.id == key, within(Departure, by))
        if row is None:
            raise NotFound()
        if row.state != "flying":
            refuse_if([Finding("state", f"现在是「{row.state_label}」，只有在途的才有转移包可以发送。")])
        row.trace(by, "file", after={"package": row.package_no, "people": row.people})
    return _lines(row)


def _lines(row: Departure) -> Iterator[str]:
    yield str(row.head)
    for lines in row.chunks():
        yield from (str(line.token) for line in lines)


def in_flight(people: Any) -> dict[int, int]:
    """volunteer -> minutes that lie in `transfer` for her, as the packages say: in flight, or taken by another."""
    net = fn.SUM(Leaver.honour + Leaver.exchangeable - Leaver.debt)
    rows = Leaver.select(Leaver.volunteer, net).where(
        Leaver.volunteer.in_(people), Leaver.status.in_(("flying", "taken"))
    )
    return {key: int(minutes) for key, minutes in rows.group_by(Leaver.volunteer).tuples()}


