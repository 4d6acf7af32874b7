"""机器人通知: where what waits is told outside the program, and each message that was made for it until it is through.

Off unless somebody set one. What a message says is made of counts by `rules.webhooks`; sending it is a face's work
(`views.outward`), which reports back here.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, TextField, TimeField

from models import clock, messages
from models.base import BaseModel, transaction
from models.fields import JSONText, SealedField
from models.messages import UNSENT
from models.moves import Entered, permit
from models.refusals import refuse
from models.scope import NOTHING, Actor, find, stations_of
from models.stations import Division, Station
from rules.access import DIVISION_ROLES, STATION_ROLES, Role
from rules.divisions import subtree
from rules.findings import Finding
from rules.webhooks import ROBOTS, Waits, check_address, in_hours, is_news, next_try, says

KINDS = [(kind, label) for kind, (label, _) in ROBOTS.items()]
WHOSE = [("recorder", "记录员的待办"), ("head", "站长的待办"), ("supervisor", "督导的待办")]
STATES = [("waiting", "待发送"), ("sent", "已送达"), ("given_up", "没有送出"), ("off", "已停用，未发")]
AT_ONCE = 50  # robots, and messages, of one round
KEPT = timedelta(days=30)
TEST = "这是一条测试消息：志愿服务工作站的通知会发到这里。"


class Allowed:
    """Hosts beside the robots' own that the whole program may call; opened once by whoever wires it."""

    hosts: tuple[str, ...] = ()

    def open(self, hosts: Sequence[str]) -> None:
        self.hosts = tuple(hosts)


allowed = Allowed()


class Webhook(Entered):
    """One robot: whose inbox it tells, where, and how often at most. Its address is a secret: whoever has it may post."""

    resource = "webhooks"
    editable = "name kind url secret whose every_minutes first last active"

    station = ForeignKeyField(Station, null=True, backref="webhooks", verbose_name="工作站")
    division = ForeignKeyField(Division, null=True, verbose_name="区划")
    name = CharField(max_length=40, verbose_name="名称", help_text="发到哪个群，例如「站务群」")
    kind = CharField(max_length=10, choices=KINDS, default="wecom", verbose_name="类型")
    url = SealedField(verbose_name="地址", help_text="群机器人的 Webhook 地址，整段复制；谁有它谁就能往群里发，所以加密保存")
    secret = SealedField(default="", verbose_name="加签密钥", help_text="钉钉选了「加签」的填 SEC 开头的密钥，其他留空")
    whose = CharField(max_length=10, choices=WHOSE, default="head", verbose_name="通知什么")
    every_minutes = IntegerField(default=240, verbose_name="最短间隔（分钟）", help_text="有新的待办也不会发得更密")
    first = TimeField(default=time(8, 30), verbose_name="从几点起")
    last = TimeField(default=time(18, 0), verbose_name="到几点止")
    active = BooleanField(default=True, verbose_name="启用")
    told = JSONText(null=True)  # what it was last told: key of a line -> how many
    told_at = DateTimeField(null=True, verbose_name="上次通知")
    looked_at = DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def scope(cls, actor: Actor):
        if actor.role == Role.HEAD:
            return cls.station == actor.station_id
        if actor.role not in DIVISION_ROLES:
            return NOTHING
        low, high = subtree(str(actor.division))
        of_divisions = (cls.division >= low) & (cls.division < high)
        if actor.role == Role.SUPERVISOR:
            return of_divisions
        stations = stations_of(actor)
        return of_divisions | (cls.station.is_null(False) if stations is None else cls.station.in_(stations))

    def prepare(self, by: Actor) -> None:
        self.url = "".join((self.url or "").split())
        self.secret = "".join((self.secret or "").split())
        if self.id is None:
            self.station_id = by.station_id if by.role in STATION_ROLES else None
            self.division_id = by.division if by.role == Role.SUPERVISOR else None

    def check(self, by: Actor) -> list[Finding]:
        findings = check_address(self.kind, self.url or "", allowed.hosts)
        fitting = ("recorder", "head") if self.station_id else ("supervisor",)
        if self.whose not in fitting:
            labels = "或".join(f"「{dict(WHOSE)[one]}」" for one in fitting)
            findings.append(Finding("whose", f"这里只能通知{labels}。"))
        if not 10 <= (self.every_minutes or 0) <= 1440:
            findings.append(Finding("every_minutes", "最短间隔应在 10 至 1440 分钟之间。"))
        if self.first and self.last and self.last <= self.first:
            findings.append(Finding("last", f"到几点止应晚于从几点起（{self.first:%H:%M}）。"))
        if self.secret and self.kind != "dingtalk":
            findings.append(Finding("secret", "只有钉钉机器人有加签密钥，请留空。"))
        return findings

    def reader(self) -> Actor:
        """Whose inbox it tells: that office at its place, and nobody's own entries."""
        return Actor(None, self.name, Role(self.whose), self.station_id, self.division_id)

    def place(self) -> str:
        """What the message calls it."""
        return str(self.station.name if self.station_id else self.division.name)


class Delivery(BaseModel):
    """One message to one robot: what it says, how often it was tried, and what became of it."""

    resource = "webhooks"

    webhook = ForeignKeyField(Webhook, backref="deliveries", on_delete="CASCADE")
    says = TextField(verbose_name="内容")
    made_at = DateTimeField(default=clock.now, verbose_name="生成时间")
    state = CharField(max_length=10, choices=STATES, default="waiting", verbose_name="状态")
    tries = IntegerField(default=0, verbose_name="次数")
    next_at = DateTimeField(null=True, verbose_name="下次发送")
    fault = CharField(max_length=200, default="", verbose_name="原因")
    ended_at = DateTimeField(null=True, verbose_name="送达时间")

    class Meta:
        indexes = ((("state", "next_at"), False),)

    @classmethod
    def scope(cls, actor: Actor):
        return cls.webhook.in_(Webhook.select(Webhook.id).where(Webhook.scope(actor)))


def due(now: datetime) -> list[Webhook]:
    """Robots that may be told something now: on, in their hours, and not looked at within their interval."""
    rows = (
        Webhook.select(Webhook, Station, Division)
        .left_outer_join(Station)
        .switch(Webhook)
        .left_outer_join(Division, on=(Webhook.division == Division.code))
        .where(Webhook.active, Webhook.first <= now.time(), Webhook.last >= now.time().replace(second=0, microsecond=0))
        .order_by(Webhook.looked_at, Webhook.id)
        .limit(AT_ONCE * 4)
    )
    return [row for row in rows if in_hours(now, row.first, row.last) and _rested(row, now)][:AT_ONCE]


def _rested(row: Webhook, now: datetime) -> bool:
    """A quarter of its interval after it was last looked at, and the whole of it after it was last told."""
    gap = timedelta(minutes=row.every_minutes)
    return (row.told_at is None or now - row.told_at >= gap) and (row.looked_at is None or now - row.looked_at >= gap / 4)


def tell(row: Webhook, waiting: Sequence[Waits], now: datetime) -> Delivery | None:
    """Make the message for what waits, where it is news; it is sent by the next round."""
    made = None
    with transaction():
        row.looked_at = now
        if is_news(waiting, row.told or {}, row.told_at, now):
            made = Delivery.create(webhook=row.id, says=says(row.place(), waiting), next_at=now, made_at=now)
            row.told, row.told_at = {one.key: one.count for one in waiting}, now
        elif row.told:  # what was done meanwhile is news again when it comes back
            row.told = {one.key: min(one.count, row.told.get(one.key, 0)) for one in waiting}
        row.save()
    return made


def try_out(key: object, by: Actor) -> Delivery:
    """A message that says it is a test, to be sent at once. Raises ``Refusal`` without the right or for one that is off."""
    permit(by, "amend", Webhook.resource)
    with transaction():
        row = find(Webhook, key, by)
        if not row.active:
            raise refuse("这个机器人已停用，请先启用再试。")
        row.trace(by, "try_out")
        return Delivery.create(webhook=row.id, says=f"【{row.place()}】{TEST}", next_at=clock.now())


def unsent(now: datetime) -> list[Delivery]:
    """Messages whose turn it is, with their robots."""
    rows = Delivery.select(Delivery, Webhook).join(Webhook).where(Delivery.state == "waiting", Delivery.next_at <= now)
    return list(rows.order_by(Delivery.next_at, Delivery.id).limit(AT_ONCE))


def settle(row: Delivery, fault: str, now: datetime) -> None:
    """What became of one try: through where ``fault`` is blank; else tried again later, or given up and its maker told."""
    with transaction():
        row.tries += 1
        row.fault = fault[:200]
        row.next_at = next_try(row.tries, now) if fault else None
        row.state = "sent" if not fault else "waiting" if row.next_at else "given_up"
        if row.state != "waiting":
            row.ended_at = now
        row.save()
        if row.state == "given_up":
            messages.tell(row.webhook.entered_by, UNSENT, Webhook.resource, row.webhook_id)


def drop(row: Delivery) -> None:
    """Switched off meanwhile: not sent."""
    Delivery.update(state="off", next_at=None, ended_at=clock.now()).where(Delivery.id == row.id).execute()


def clear_old() -> int:
    """Drop what ended more than `KEPT` ago; how many rows went."""
    return int(Delivery.delete().where(Delivery.ended_at < clock.now() - KEPT).execute())
