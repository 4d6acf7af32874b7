"""回馈兑换 (方案 二(6)): a catalogue of services and goods, and exchanges that reserve, hand over and confirm."""

from datetime import date

from peewee import (
    SQL,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    Expression,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
    fn,
)

from models import clock, hours, policy
from models.base import transaction
from models.catalogue import RewardItem
from models.fields import JSONText
from models.herself import from_her_own_hand, herself
from models.moves import Staged, check_key, permit, whole
from models.refusals import refuse, refuse_if
from models.scope import Actor, along_or_hers, find
from models.stars import StarGrant
from models.stations import Station, station_field
from models.stock import note, out_of_stock, return_stock, take_stock
from models.volunteers import Volunteer
from rules import rewards
from rules.access import Role
from rules.findings import Finding
from rules.policy import Version
from rules.rewards import DEAD, Standing, Wish, check_exchange, price_minutes

MOST = 1000  # pieces in one exchange


class Redemption(Staged):
    """One exchange: minutes and stock are taken when it is asked for or reserved, and returned if it comes to nothing."""

    resource = "rewards"
    station_path = "station"
    life = rewards.REDEMPTION

    station = station_field(backref="redemptions")
    key = CharField(max_length=40, unique=True)  # the same request again finds the first exchange by this
    volunteer = ForeignKeyField(Volunteer, backref="redemptions", verbose_name="志愿者")
    item = ForeignKeyField(RewardItem, backref="redemptions", verbose_name="兑换项")
    quantity = IntegerField(default=1, verbose_name="数量")
    points = IntegerField(verbose_name="积分")
    minutes = IntegerField(verbose_name="扣减工时")
    left_minutes = IntegerField(verbose_name="兑换后余额")
    reserved_on = DateField(verbose_name="兑换日期")
    handed_at = DateTimeField(null=True, verbose_name="发放时间")
    confirmed_at = DateTimeField(null=True, verbose_name="签领时间")
    handler = CharField(max_length=60, verbose_name="经办人")
    why = TextField(default="", verbose_name="计价说明")
    policy = CharField(max_length=60, verbose_name="政策版本")
    approver = CharField(max_length=60, default="", constraints=[SQL("DEFAULT ''")], verbose_name="审批人")
    took_stock = BooleanField(null=True)  # none in exchanges from before it was noted
    judged = JSONText(null=True)  # what the decision rests on (`rules.rewards.kept`); none in those from before

    class Meta:
        indexes = ((("station", "state", "id"), False), (("volunteer", "reserved_on"), False))

    def __str__(self) -> str:
        return f"兑换单 {self.id}"

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer her own."""
        return along_or_hers(cls, "station", actor, lambda mine: cls.volunteer == mine)

    @classmethod
    def ask(cls, item: int, quantity: int, by: Actor, key: str) -> "Redemption":
        """A volunteer asks for herself, signed in: as `reserve`, and the head approves whatever policy says of those made
        at the desk, for nobody there has spoken with her. What she can have she fetches at the desk.

        Raises ``NotFound`` for whoever is no volunteer, and for what her station does not offer.
        """
        person = herself(by)
        check_key(cls, key)
        with whole():
            return cls._reserve(person.station, person.id, item, quantity, by, key)

    @classmethod
    def asked_online(cls, by: Actor) -> Expression:
        """本人网上申请: what volunteers asked on their own pages and the head has not decided."""
        return cls.state.in_(("asked",)) & from_her_own_hand(cls)

    @classmethod
    def reserve(cls, volunteer: int, item: int, quantity: int, by: Actor, key: str) -> "Redemption":
        """Reserve ``quantity`` pieces for a volunteer: minutes and stock are taken at once or not at all.

        Where policy wants the head's approval it is asked for, with minutes and stock held meanwhile. ``key`` names the
        request: the same key again returns the first exchange and takes nothing. Raises ``Refusal`` when the balance,
        the stock, the year's limit or the policy does not allow it.
        """
        permit(by, "enter", "rewards")
        check_key(cls, key)
        with whole():
            return cls._reserve(find(Station, by.station_id, by), volunteer, item, quantity, by, key)

    @classmethod
    def _reserve(cls, station: Station, volunteer: int, item: int, quantity: int, by: Actor, key: str) -> "Redemption":
        writer = hours.Writer.open(station.id)
        first = cls.get_or_none(cls.key == key)
        if first is not None:
            if (first.station_id, first.volunteer_id, first.item_id, first.quantity) != (
                station.id, volunteer, item, quantity,
            ):  # fmt: skip
                raise refuse("这个请求编号已用于另一次兑换，请刷新页面再试。")
            return first
        person = find(Volunteer, volunteer, by)
        wanted = find(RewardItem, item, by)
        balance = hours.Balance.locked(person.id)
        version = policy.in_force("exchange", station, clock.today())
        standing = standing_of(person, balance)
        refuse_if(_check(person, wanted, quantity, standing, version))
        took = take_stock(wanted, quantity)
        price = price_minutes(wanted.points, quantity, version)
        herself = by.role == Role.VOLUNTEER
        made = cls(
            station=station.id, key=key, volunteer=person.id, item=wanted.id, quantity=quantity,
            points=wanted.points * quantity, minutes=price.value,
            left_minutes=standing.balance_minutes - price.value, reserved_on=standing.day,
            handler="" if herself else by.name, why=price.why, policy=version.key, entered_by=by.account_id,
            took_stock=took, state="asked" if herself or version.rule.approval else "reserved",
            judged=rewards.kept(Wish(wanted.kind, wanted.points, quantity), standing, version),
        )  # fmt: skip
        made.save(force_insert=True)
        if took:
            note(wanted, -quantity, "exchange", by, redemption=made.id)
        hours.spend(person.id, price.value, made.id, by, version.key, writer)
        made.trace(by, "reserve", after={"item": wanted.name, "quantity": quantity, "minutes": price.value})
        return made

    def hold(self, name: str) -> None:
        if name in ("cancel", "refuse"):
            hours.Chain.lock(self.station_id)
            hours.Balance.hold([self.volunteer_id])

    def printed(self, by: Actor) -> None:
        """Leave a trace that the slip was printed."""
        permit(by, "print", "rewards")
        with transaction():
            self.trace(by, "print")

    def do_approve(self, by: Actor) -> None:
        self.approver = by.name

    def do_refuse(self, by: Actor) -> None:
        self.approver = by.name
        self._return_all(by)

    def do_hand(self, by: Actor) -> None:
        self.handed_at = clock.now()
        self.handler = self.handler or by.name  # nobody had, where she asked herself

    def do_confirm(self, by: Actor) -> None:
        self.confirmed_at = clock.now()

    def may_cancel(self, by: Actor) -> list[Finding]:
        """A volunteer thinks better of it while nobody has decided; what is put aside for her the desk takes back."""
        if by.role == Role.VOLUNTEER and self.state != "asked":
            return [Finding("state", "这张兑换单已经批准，东西已为您留好；不要了请告诉工作站，由工作人员取消。")]
        return []

    def do_cancel(self, by: Actor) -> None:
        self._return_all(by)

    def _return_all(self, by: Actor) -> None:
        hours.give_back(self.id, by, self.reason_given, hours.Writer.open(self.station_id))
        if self.took_stock is not False:
            return_stock(self.item_id, self.quantity, by, redemption=self.id)


def standing_of(person: Volunteer, balance: hours.Balance) -> Standing:
    """What the person brings to the counter today; the balance is the caller's to hold."""
    today = clock.today()
    star = StarGrant.select(fn.MAX(StarGrant.star)).where(
        StarGrant.volunteer == person.id, StarGrant.state == "recognised"
    )
    points = _this_year(person.id, today).select(fn.COALESCE(fn.SUM(Redemption.points), 0))
    return Standing(
        today, hours.spendable_on(balance, today), balance.honour, int(points.scalar()), star.scalar() or 0,
        person.age(today),
    )  # fmt: skip


def obstacles(person: Volunteer, item: RewardItem, quantity: int, by: Actor) -> list[Finding]:
    """Findings that would refuse this exchange now. Nothing is taken or held: `Redemption.reserve` asks again."""
    balance = hours.Balance.locked(person.id)
    version = policy.in_force("exchange", person.station, clock.today())
    found = _check(person, item, quantity, standing_of(person, balance), version)
    if not found and item.stock is not None and item.stock < quantity:
        found.append(out_of_stock(item, quantity, item.stock))
    return found


def check_item(item: RewardItem, quantity: int, today: date) -> list[Finding]:
    """Findings about a number of pieces that nobody may have of this thing on this day."""
    if type(quantity) is not int or not 1 <= quantity <= MOST:
        return [Finding("quantity", f"数量应在 1 到 {MOST} 之间。")]
    if not item.open_on(today):
        return [Finding("item", f"「{item.name}」现在不在兑换期内。")]
    return []


def _check(
    person: Volunteer, item: RewardItem, quantity: int, standing: Standing, version: Version
) -> list[Finding]:
    if person.state != "registered":
        return [Finding("volunteer", f"{person.name} 是「{person.state_label}」，不能兑换。")]
    if wrong := check_item(item, quantity, standing.day):
        return wrong
    findings = []
    if item.yearly_limit is not None:
        had = _this_year(person.id, standing.day).where(Redemption.item == item.id)
        pieces = int(had.select(fn.COALESCE(fn.SUM(Redemption.quantity), 0)).scalar())
        if pieces + quantity > item.yearly_limit:
            left = max(0, item.yearly_limit - pieces)
            findings.append(
                Finding("quantity", f"「{item.name}」每人每年限 {item.yearly_limit} 份，今年还可兑换 {left} 份。")
            )
    return findings + check_exchange(Wish(item.kind, item.points, quantity), standing, version)


def _this_year(volunteer_id: int, today: date) -> ModelSelect:
    """The person's exchanges since New Year that came to something or still may."""
    return Redemption.select().where(
        Redemption.volunteer == volunteer_id, Redemption.state.not_in(DEAD),
        Redemption.reserved_on >= date(today.year, 1, 1),
    )  # fmt: skip
