"""受助 (民函〔2012〕340号第二十二条): hours donated to a station pay for services and goods to people in hardship there.

The pool of a station is what is left of its donations. A grant draws on the oldest of them, so that each donor can be
told what her hours did.
"""

from datetime import date

from peewee import BooleanField, CharField, DateField, DateTimeField, ForeignKeyField, IntegerField, TextField, fn

from models import clock, households, policy
from models.catalogue import RewardItem
from models.fields import JSONText
from models.gifts import Gift
from models.hours import Chain, Entry, Writer
from models.households import Recipient
from models.moves import Staged, check_key, permit, whole
from models.refusals import refuse, refuse_if
from models.rewards import check_item
from models.scope import Actor, find, held
from models.stations import Station, station_field
from models.stock import note, return_stock, take_stock
from models.vocabulary import names
from models.volunteers import Volunteer
from rules.findings import Decision, Finding
from rules.giving import GRANT, drawn, qualifies
from rules.policy import Version
from rules.rewards import price_minutes


class Grant(Staged):
    """One thing of the catalogue for one person in hardship, paid from the hours that others donated."""

    resource = "grants"
    station_path = "station"
    life = GRANT

    station = station_field(backref="grants")
    key = CharField(max_length=40, unique=True)  # the same request again finds the first grant by this
    recipient = ForeignKeyField(Recipient, backref="grants", verbose_name="服务对象")
    item = ForeignKeyField(RewardItem, backref="grants", verbose_name="受助内容")
    quantity = IntegerField(default=1, verbose_name="数量")
    points = IntegerField(verbose_name="积分")
    minutes = IntegerField(verbose_name="所用捐赠工时")
    donations = IntegerField(verbose_name="用到的捐赠", help_text="笔")
    left_minutes = IntegerField(verbose_name="捐赠池余额")
    granted_on = DateField(verbose_name="受助日期")
    handed_at = DateTimeField(null=True, verbose_name="发放时间")
    handler = CharField(max_length=60, verbose_name="经办人")
    why = TextField(default="", verbose_name="计价说明")
    policy = CharField(max_length=60, verbose_name="政策版本")
    took_stock = BooleanField()
    judged = JSONText()  # the price's version, and the age on the day; of hardship nothing

    class Meta:
        table_name = "pool_grant"  # `grant` is a word of SQL
        indexes = ((("station", "state", "id"), False),)

    def __str__(self) -> str:
        return f"受助单 {self.id}"

    @classmethod
    def give(cls, recipient: int, item: int, quantity: int, by: Actor, key: str) -> "Grant":
        """Reserve ``quantity`` pieces for somebody registered as served: the pool and the stock give it at once or not at all.

        ``key`` names the request: the same key again returns the first grant and takes nothing. Raises ``Refusal`` where
        the policy does not serve this person, or pool or stock have too little; ``NotFound`` for a stranger.
        """
        permit(by, "enter", "grants")
        check_key(cls, key)
        with whole():
            writer = Writer.open(find(Station, by.station_id, by).id)
            first = cls.get_or_none(cls.key == key)
            if first is not None:
                said = (first.station_id, first.recipient_id, first.item_id, first.quantity)
                if said != (by.station_id, recipient, item, quantity):
                    raise refuse("这个请求编号已用于另一次受助，请刷新页面再试。")
                return first
            who, wanted = find(Recipient, recipient, by), find(RewardItem, item, by)
            refuse_if(obstacles(who, wanted, quantity, by))
            price = price_of(wanted, quantity, by)
            served = serves(who, by)
            made = cls(
                station=by.station_id, key=key, recipient=who.id, item=wanted.id, quantity=quantity,
                points=wanted.points * quantity, minutes=price.value, donations=0, left_minutes=0,
                granted_on=clock.today(), handler=by.name, why=price.why, policy=served.version,
                took_stock=False, judged={"price": price.version, "age": who.age(), "points": wanted.points},
                entered_by=by.account_id,
            )  # fmt: skip
            made.save(force_insert=True)
            made._draw(by, writer)
            made.took_stock = take_stock(wanted, quantity)
            if made.took_stock:
                note(wanted, -quantity, "grant", by, pool_grant=made.id)
            made.left_minutes = balance(made.station_id)
            made.save()
            made.trace(by, "reserve", after={"item": wanted.name, "quantity": quantity, "minutes": price.value})
        return made

    def _draw(self, by: Actor, writer: Writer) -> None:
        """Take the price from the oldest donations, each by a statement that fails where somebody was quicker."""
        parts = drawn(self.minutes, [(row.id, row.left_minutes) for row in held(_undrawn(self.station_id))])
        if sum(part for _, part in parts) < self.minutes:
            raise refuse(_short(self.minutes, self.station_id), "quantity")
        moved = []
        donors = dict(Gift.select(Gift.id, Gift.giver).where(Gift.id.in_([key for key, _ in parts])).tuples())
        for n, (key, part) in enumerate(parts):
            enough = (Gift.id == key) & (Gift.left_minutes >= part)
            if not Gift.update(left_minutes=Gift.left_minutes - part).where(enough).execute():
                raise refuse(_short(self.minutes, self.station_id), "quantity")
            moved.append({
                "key": f"grant:{self.id}:{n}", "day": clock.today(), "kind": "grant", "debit": "station",
                "credit": "exchange", "volunteer": donors[key], "gift": key, "minutes": part,
                "approved_by": by.account_id, "policy": self.policy,
            })  # fmt: skip
        writer.write(moved)
        self.donations = len(parts)

    def drawn_from(self) -> list[Entry]:
        """The entries by which it drew on the donations, the oldest first, the donors with them."""
        keys = [f"grant:{self.id}:{n}" for n in range(self.donations)]
        donors = Volunteer.id, Volunteer.name, Volunteer.card_no
        return list(Entry.select(Entry, *donors).join(Volunteer).where(Entry.key.in_(keys)).order_by(Entry.id))

    def hold(self, name: str) -> None:
        if name == "cancel":
            Chain.lock(self.station_id)

    def do_hand(self, by: Actor) -> None:
        self.handed_at = clock.now()

    def do_cancel(self, by: Actor) -> None:
        """Back into the very donations, and onto the shelf."""
        writer = Writer.open(self.station_id)
        for entry in self.drawn_from():
            Gift.update(left_minutes=Gift.left_minutes + entry.minutes).where(Gift.id == entry.gift).execute()
            writer.append(
                key=f"cancel:{entry.id}", day=clock.today(), kind="grant", debit="exchange", credit="station",
                volunteer=entry.volunteer_id, gift=entry.gift, minutes=entry.minutes, reverses=entry.id,
                approved_by=by.account_id, reason=self.reason_given, policy=self.policy,
            )  # fmt: skip
        if self.took_stock:
            return_stock(self.item_id, self.quantity, by, pool_grant=self.id)


def balance(station_id: int) -> int:
    """Minutes that a station was donated and has not granted."""
    left = Gift.select(fn.COALESCE(fn.SUM(Gift.left_minutes), 0))
    return int(left.where(Gift.station == station_id, Gift.left_minutes > 0).scalar())


def _undrawn(station_id: int):
    rows = Gift.select(Gift.id, Gift.left_minutes).where(Gift.station == station_id, Gift.left_minutes > 0)
    return rows.order_by(Gift.given_on, Gift.id)


def _short(minutes: int, station_id: int) -> str:
    have = balance(station_id)
    return f"捐赠池的工时不足：需要 {minutes / 60:.2f} 小时，现有 {have / 60:.2f} 小时。"


def exchange_rule(by: Actor) -> Version:
    """The version by which the actor's station prices things today."""
    return policy.in_force("exchange", find(Station, by.station_id, by), clock.today())


def price_of(item: RewardItem, quantity: int, by: Actor) -> Decision[int]:
    """What so many pieces cost the pool today: as much as they would cost a volunteer."""
    return price_minutes(item.points, quantity, exchange_rule(by))


def serves(who: Recipient, by: Actor) -> Decision[bool]:
    """Whether the policy of the actor's station lets the pool help this person today, and why; no seal is opened."""
    version = policy.in_force("giving", find(Station, by.station_id, by), clock.today())
    asked = {code for row in version.rule.served for code in row.hardships}
    age = who.age()
    return qualifies(
        age if isinstance(age, int) else None, households.hardships_among(who.id, asked), version, names("recipient")
    )


def obstacles(who: Recipient, item: RewardItem, quantity: int, by: Actor) -> list[Finding]:
    """Findings that would refuse this grant now. Nothing is taken or held: `Grant.give` asks again."""
    today = clock.today()
    if who.left_on and who.left_on <= today:
        return [Finding("recipient", f"这位服务对象已于 {who.left_on} 注销，不能受助。")]
    served = serves(who, by)
    if not served.value:
        return [Finding("recipient", served.why)]
    if wrong := check_item(item, quantity, today):
        return wrong
    found = []
    if item.yearly_limit is not None:
        had = pieces_this_year(who).get(item.id, 0)
        if had + quantity > item.yearly_limit:
            left = max(0, item.yearly_limit - had)
            said = f"「{item.name}」每人每年限 {item.yearly_limit} 份，今年还可受助 {left} 份。"
            found.append(Finding("quantity", said))
    price = price_of(item, quantity, by).value
    if balance(int(by.station_id or 0)) < price:
        found.append(Finding("quantity", _short(price, int(by.station_id or 0))))
    if item.stock is not None and item.stock < quantity:
        found.append(Finding("quantity", f"「{item.name}」库存不足：需要 {quantity} 份，只剩 {item.stock} 份。"))
    return found


def pieces_this_year(who: Recipient) -> dict[int, int]:
    """How many of each thing somebody was granted since New Year, by the thing's key."""
    rows = Grant.select(Grant.item, fn.SUM(Grant.quantity)).where(
        Grant.recipient == who.id, Grant.state != "cancelled", Grant.granted_on >= date(clock.today().year, 1, 1)
    )
    return {item: int(pieces) for item, pieces in rows.group_by(Grant.item).tuples()}
