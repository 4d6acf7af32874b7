"""转赠与捐赠 (民函〔2012〕340号第二十二条): what a person gives out of her exchangeable minutes, to relatives or to the station.

A gift comes into the receiver's lots as it left the giver's, with origin, day and term; a donation lies in the pool of
the station (`models.pool`). Nobody's honour minutes change by either.
"""

from dataclasses import dataclass
from datetime import date

from peewee import JOIN, CharField, Check, DateField, ForeignKeyField, IntegerField, TextField, fn

from models import clock, policy
from models.hours import Balance, Chain, Entry, Lot, Writer, repayment
from models.moves import Staged, check_key, permit, whole
from models.refusals import refuse, refuse_if
from models.scope import Actor, along, find
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.giving import GIFT, RELATIONS, Offered, check_donation, check_gift
from rules.life import Move
from rules.policy import Version
from rules.reading import half_width


class Gift(Staged):
    """One gift to another volunteer, or, where nobody is named, one donation to the station and what is left of it."""

    resource = "gifts"
    life = GIFT

    station = station_field(backref="gifts")
    key = CharField(max_length=40, unique=True)  # the same request again finds the first gift by this
    giver = ForeignKeyField(Volunteer, backref="gifts_given", verbose_name="转出人")
    receiver = ForeignKeyField(Volunteer, null=True, backref="gifts_received", verbose_name="受赠人")
    relation = CharField(
        max_length=12, choices=list(RELATIONS.items()), default="", verbose_name="关系",
        help_text="受赠人是转出人的什么人",
    )  # fmt: skip
    minutes = IntegerField(constraints=[Check("minutes > 0")], verbose_name="转出工时")
    left_minutes = IntegerField(null=True, constraints=[Check("left_minutes >= 0")], verbose_name="捐赠池中剩余")
    given_on = DateField(verbose_name="办理日期")
    reason = CharField(max_length=200, default="", verbose_name="事由")
    handler = CharField(max_length=60, verbose_name="经办人")
    policy = CharField(max_length=60, verbose_name="政策版本")
    cancelled_for = TextField(default="", verbose_name="撤销理由")

    class Meta:
        indexes = (
            (("station", "state", "id"), False),
            (("station", "left_minutes"), False),
            (("giver", "given_on"), False),
        )

    @classmethod
    def scope(cls, actor: Actor):
        """The station that entered it, and wherever giver and receiver are now."""
        ends = along(cls, "giver.station", actor) | along(cls, "receiver.station", actor)
        return along(cls, "station", actor) | ends

    def __str__(self) -> str:
        return f"第 {self.id} 笔{self.what}"

    @property
    def what(self) -> str:
        """转赠 or 捐赠."""
        return "捐赠" if self.receiver_id is None else "转赠"

    @property
    def used(self) -> int | None:
        """Minutes of a donation that were granted; None of a gift, and of what was cancelled."""
        return None if self.left_minutes is None or self.state != "given" else self.minutes - self.left_minutes

    @classmethod
    def give(
        cls, giver: int, card: str, minutes: int, by: Actor, key: str, *, relation: str = "", reason: str = ""
    ) -> "Gift":
        """Give ``minutes`` of a volunteer's to whoever has this whole card number, at any station.

        ``key`` names the request: the same key again returns the first gift and moves nothing. Raises ``Refusal`` where
        the policy or the balance does not allow it, ``NotFound`` for a giver of another station.
        """
        permit(by, "enter", cls.resource)  # asked before anybody is looked up
        return cls._make(giver, (by_card(card) or _nobody(card)).id, minutes, by, key, relation, reason)

    @classmethod
    def donate(cls, giver: int, minutes: int, by: Actor, key: str, *, reason: str = "") -> "Gift":
        """Donate ``minutes`` of a volunteer's to the actor's station. Raises as `give` does."""
        return cls._make(giver, None, minutes, by, key, "", reason)

    @classmethod
    def _make(
        cls, giver: int, receiver: int | None, minutes: int, by: Actor, key: str, relation: str, reason: str
    ) -> "Gift":
        permit(by, "enter", cls.resource)
        check_key(cls, key)
        with whole():
            writer = Writer.open(find(Station, by.station_id, by).id)
            first = cls.get_or_none(cls.key == key)
            if first is not None:
                said = (first.station_id, first.giver_id, first.receiver_id, first.minutes, first.relation)
                if said != (by.station_id, giver, receiver, minutes, relation):
                    raise refuse("这个请求编号已用于另一次办理，请刷新页面再试。")
                return first
            has = wallet(giver, by, hold=receiver)
            to = Volunteer.get_by_id(receiver) if receiver else None
            refuse_if(obstacles(has, to, minutes, relation))
            made = cls(
                station=by.station_id, key=key, giver=giver, receiver=receiver, relation=relation, minutes=minutes,
                left_minutes=None if receiver else minutes, given_on=clock.today(), reason=reason.strip()[:200],
                handler=by.name, policy=has.version.key, entered_by=by.account_id,
            )  # fmt: skip
            made.save(force_insert=True)
            made._move_out(has.parts(minutes, donation=receiver is None), by, writer)
            made.trace(by, "give" if receiver else "donate", after={"minutes": minutes})
        return made

    def _said(self, by: Actor) -> dict:
        """What all its entries say."""
        kind = "gift" if self.receiver_id else "donation"
        return {
            "day": clock.today(), "kind": kind, "gift": self.id, "asked_by": self.entered_by,
            "approved_by": by.account_id, "policy": self.policy,
        }  # fmt: skip

    def _move_out(self, parts: list[tuple[Lot, int]], by: Actor, writer: Writer) -> None:
        said, moved = self._said(by), []
        debt = Balance.get_by_id(self.receiver_id).debt if self.receiver_id else 0
        for n, (lot, minutes) in enumerate(parts):
            one = said | {"origin": lot.origin, "minutes": minutes, "debit": "exchangeable"}
            out = {"key": f"gift:{self.id}:{n}", "volunteer": self.giver_id, "lot": lot.id}
            moved.append(one | out | {"credit": "gift" if self.receiver_id else "station"})
            if self.receiver_id:
                came = Lot(
                    volunteer=self.receiver_id, origin=lot.origin, earned_on=lot.earned_on, minutes=minutes, left=0,
                    expires_on=lot.expires_on, gift=self.id,
                )  # fmt: skip
                into = {"key": f"gift:{self.id}:{n}:in", "volunteer": self.receiver_id, "lot": came}
                into = one | into | {"debit": "gift", "credit": "exchangeable"}
                paid = repayment(debt, into)
                debt -= sum(payment["minutes"] for payment in paid)
                moved += [into, *paid]
        writer.write(moved)

    # --- 撤销 ---

    def legal_moves(self, by: Actor) -> list[Move]:
        """Only the station that entered it may take it back."""
        return super().legal_moves(by) if by.station_id in (None, self.station_id) else []

    def hold(self, name: str) -> None:
        Chain.lock(self.station_id)
        Balance.hold(key for key in (self.giver_id, self.receiver_id) if key)

    def may_cancel(self, by: Actor) -> list[Finding]:
        if by.station_id not in (None, self.station_id):
            return [Finding("state", "要由办理的工作站撤销。")]
        if self.receiver_id is None:
            gone = self.minutes - self.left_minutes
            return [Finding("state", f"已有 {gone / 60:.2f} 小时用于受助，不能撤销。")] if gone else []
        kept = Lot.select(fn.COALESCE(fn.SUM(Lot.left), 0)).where(Lot.gift == self.id)
        gone = self.minutes - int(kept.scalar())
        said = f"受赠的工时已用去 {gone / 60:.2f} 小时（含抵扣欠账和到期），不能撤销。"
        return [Finding("state", said)] if gone else []

    def do_cancel(self, by: Actor) -> None:
        """The minutes go back into the very lots that they came from."""
        writer = Writer.open(self.station_id)
        self.cancelled_for = self.reason_given
        if self.receiver_id is None:
            mine = (Gift.id == self.id) & (Gift.left_minutes == self.minutes)
            if not Gift.update(left_minutes=0).where(mine).execute():
                raise refuse("这笔捐赠刚刚有一部分用于受助，不能撤销。", "state")
            self.left_minutes = 0
        moved = Entry.select(Entry, Lot).join(Lot).where(
            Entry.gift == self.id, Entry.kind.in_(("gift", "donation")), Entry.reverses.is_null()
        )  # fmt: skip
        debt = Balance.get_by_id(self.giver_id).debt
        for entry in list(moved.order_by(Entry.id.desc())):
            back = self._said(by) | {
                "key": f"cancel:{entry.id}", "origin": entry.origin, "volunteer": entry.volunteer_id,
                "lot": entry.lot_id, "debit": entry.credit, "credit": entry.debit, "minutes": entry.minutes,
                "reverses": entry.id, "reason": self.reason_given,
            }  # fmt: skip
            pays = entry.volunteer_id == self.giver_id and not entry.lot.donation_only
            paid = repayment(debt, back) if pays else []
            debt -= sum(payment["minutes"] for payment in paid)
            writer.write([back, *paid])


def by_card(card: str) -> Volunteer | None:
    """Whoever has this whole card number, at any station: a visitor shows her card, and nobody leafs through strangers."""
    number = half_width(card).strip()
    return Volunteer.get_or_none(Volunteer.card_no == number) if number else None


def _nobody(card: str) -> Volunteer:
    if not card.strip():
        raise refuse("请输入受赠人服务证上的完整编号。", "receiver")
    raise refuse(f"没有查到编号「{card.strip()}」的志愿者，请照受赠人的服务证输入完整编号。", "receiver")


@dataclass(frozen=True)
class Wallet:
    """What somebody has to give today: her lots that have not run out, oldest first, and what she owes."""

    person: Volunteer
    version: Version
    lots: list[Lot]
    debt: int
    gifts_this_year: int

    @property
    def ordinary(self) -> int:
        """Minutes that may be given to a person, beyond what she owes; those kept for donation are none."""
        return max(0, sum(int(lot.left) for lot in self.lots if not lot.donation_only) - self.debt)

    @property
    def all(self) -> int:
        """Minutes that may be donated: what is kept for that pays no debt."""
        return self.ordinary + sum(int(lot.left) for lot in self.lots if lot.donation_only)

    def parts(self, minutes: int, *, donation: bool) -> list[tuple[Lot, int]]:
        """(lot, minutes) that come to ``minutes``: oldest first; of a donation what may only be donated before that."""
        lots = sorted(self.lots, key=lambda lot: not lot.donation_only) if donation else self.lots
        taken = []
        for lot in lots:
            part = min(int(lot.left), minutes)
            if part > 0 and (donation or not lot.donation_only):
                taken.append((lot, part))
                minutes -= part
        return taken


def wallet(giver: int, by: Actor, hold: int | None = None) -> Wallet:
    """What a person of the actor's station has to give. Raises ``NotFound`` for a stranger.

    Her balance, and that of ``hold``, are held to the end of the transaction.
    """
    person = find(Volunteer, giver, by)
    Balance.hold(key for key in (person.id, hold) if key)
    today = clock.today()
    balance = Balance.get_or_none(Balance.volunteer == person.id)
    live = Lot.select().where(
        Lot.volunteer == person.id, Lot.left > 0, Lot.expires_on.is_null() | (Lot.expires_on > today)
    )
    given = Gift.select(fn.COALESCE(fn.SUM(Gift.minutes), 0)).where(
        Gift.giver == person.id, Gift.receiver.is_null(False), Gift.state == "given",
        Gift.given_on >= date(today.year, 1, 1),
    )  # fmt: skip
    version = policy.in_force("giving", find(Station, by.station_id, by), today)
    lots = list(live.order_by(Lot.earned_on, Lot.id))
    return Wallet(person, version, lots, balance.debt if balance else 0, int(given.scalar()))


def obstacles(has: Wallet, receiver: Volunteer | None, minutes: int, relation: str) -> list[Finding]:
    """Findings that refuse to give so many minutes to ``receiver``, to the station where that is nobody."""
    if has.person.state != "registered":
        who = has.person
        return [Finding("giver", f"{who.name} 是「{who.state_label}」，不能转赠和捐赠。")]
    if receiver is None:
        return check_donation(Offered(minutes, has.all), has.version)
    return check_gift(
        Offered(minutes, has.ordinary, has.gifts_this_year), relation,
        to_herself=receiver.id == has.person.id, registered=receiver.state == "registered", version=has.version,
    )  # fmt: skip


def of_person(volunteer: int) -> list[Gift]:
    """What somebody gave, donated or was given, the newest first; giver and receiver with it."""
    giver, receiver = Volunteer.alias(), Volunteer.alias()
    rows = (
        Gift.select(Gift, giver.id, giver.name, receiver.id, receiver.name)
        .join_from(Gift, giver, on=Gift.giver == giver.id, attr="giver")
        .join_from(Gift, receiver, JOIN.LEFT_OUTER, on=Gift.receiver == receiver.id, attr="receiver")
    )
    return list(rows.where((Gift.giver == volunteer) | (Gift.receiver == volunteer)).order_by(Gift.id.desc()))
