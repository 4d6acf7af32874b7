"""汇入平台 (民政部令第67号第四条), the sending side: how each record stands with the platforms above, the batches in which
records go up, and where to. What a record says is read anew from its own table each time (`models.upwards_rows`); kept
here is only the digest of its content, so that what changed since it was last accepted goes again, and nothing else.
"""

from datetime import datetime, timedelta
from typing import Any

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    DateTimeField,
    Expression,
    ForeignKeyField,
    IntegerField,
    fn,
)

from models import clock, policy
from models.audit import trail
from models.base import BaseModel
from models.fields import SealedField
from models.moves import Entered
from models.refusals import refuse
from models.scope import NOTHING, Actor, along, within
from models.stations import Division, Station, station_field
from models.webhooks import Allowed
from rules.access import DIVISION_ROLES, Role
from rules.divisions import subtree
from rules.findings import Finding
from rules.outward import address_fault
from rules.upwards import BATCH_STATES, BATCH_TONES, DELETED, KIND_LABELS, STATES, TARGETS, TONES
from rules.upwards_timetable import EVERY, HOURS, WEEKDAYS, host_fault, last_due, next_due

allowed = Allowed()  # the hosts that a link may send to
BY_ITSELF = "定时报送"  # who did it, in the trail


def place_scope(model: Any, actor: Actor) -> Expression:
    """Rows of a station, and those of a whole division: within the division answered for."""
    own = along(model, "station", actor)
    if actor.role not in DIVISION_ROLES or not actor.division:
        return own
    low, high = subtree(actor.division)
    return own | (model.station.is_null() & (model.division >= low) & (model.division < high))


class UpwardLink(Entered):
    """Where a station, or a supervisor for her whole division, sends its batches over the network; off unless entered."""

    resource = "upward_links"
    editable = "target url token active every weekday hour"

    station = station_field(null=True)
    division = ForeignKeyField(Division, verbose_name="区划")
    target = CharField(max_length=12, choices=list(TARGETS.items()), default="provincial", verbose_name="上报到")
    url = CharField(max_length=200, verbose_name="平台网址", help_text="以 https:// 开头；主机要先由管理员登记在 UPWARD_HOSTS 里")
    token = SealedField(verbose_name="令牌", help_text="由平台的管理员发给，只显示一次")
    active = BooleanField(default=True, verbose_name="启用")
    every = CharField(max_length=6, choices=list(EVERY.items()), default="never", constraints=[SQL("DEFAULT 'never'")],
                      verbose_name="自动报送", help_text="到时间自动编批、报送并收回执")  # fmt: skip
    weekday = CharField(max_length=1, choices=list(WEEKDAYS.items()), default="1", constraints=[SQL("DEFAULT '1'")],
                        verbose_name="星期几", help_text="每周报送的才看这一项")  # fmt: skip
    hour = CharField(max_length=2, choices=list(HOURS.items()), default="12", constraints=[SQL("DEFAULT '12'")],
                     verbose_name="几点", help_text="那时电脑没开的，开机后补报一次")  # fmt: skip
    done_for = DateTimeField(null=True, verbose_name="上次自动报送")  # the moment of the timetable, not of the sending
    fault = CharField(max_length=300, default="", constraints=[SQL("DEFAULT ''")], verbose_name="自动报送出错")

    class Meta:
        indexes = ((("division", "station", "target"), False),)

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        return place_scope(cls, actor)

    def __str__(self) -> str:
        return f"{TARGETS[self.target]} {self.url}"

    def prepare(self, by: Actor) -> None:
        self.url = (self.url or "").strip().rstrip("/")
        if self.division_id is None:
            self.station_id, self.division_id = place_of(by)
        if any(self.was.get(name) != self.__data__.get(name) for name in ("every", "weekday", "hour")):
            # It begins with the next moment, not with one that is past already.
            self.done_for, self.fault = last_due(self.every, self.weekday, self.hour, clock.now()), ""

    def check(self, by: Actor) -> list[Finding]:
        if wrong := address_fault(self.url) or host_fault(self.url, allowed.hosts):
            return [Finding("url", wrong)]
        twin = UpwardLink.select().where(
            UpwardLink.division == self.division_id, UpwardLink.target == self.target, UpwardLink.id != (self.id or 0),
            UpwardLink.station.is_null() if self.station_id is None else UpwardLink.station == self.station_id,
        )  # fmt: skip
        return [Finding("target", "这个平台的网址已经登记过，请修改那一条。")] if twin.exists() else []

    @property
    def next_send(self) -> datetime | None:
        """When it sends by itself next; None where it does not."""
        return next_due(self.every, self.weekday, self.hour, clock.now()) if self.active else None

    @property
    def hindrance(self) -> str:
        """Why nothing can go there now; blank where it can."""
        return host_fault(self.url, allowed.hosts)

    def office(self) -> Actor:
        """Who sends by the timetable: the office whose link it is, and nobody's account."""
        role = Role.HEAD if self.station_id else Role.SUPERVISOR
        return Actor(None, BY_ITSELF, role, self.station_id, str(self.division_id))

    @classmethod
    def way(cls, batch: "UpwardBatch") -> "UpwardLink":
        """The link by which a batch goes. Raises ``Refusal`` where there is none, or the administrator has not allowed its host."""
        link = cls.of(batch)
        if link is None:
            raise refuse("还没有登记平台网址和令牌，或已停用；请在「平台网址」里登记，或下载文件手工上传。")
        if wrong := host_fault(link.url, allowed.hosts):
            raise refuse(wrong)
        return link

    @classmethod
    def of(cls, batch: "UpwardBatch") -> "UpwardLink | None":
        """The link by which a batch goes, if there is one that is on."""
        place = cls.station.is_null() if batch.station_id is None else cls.station == batch.station_id
        found: UpwardLink | None = cls.get_or_none(
            cls.division == batch.division_id, place, cls.target == batch.target, cls.active
        )
        return found


class UpwardBatch(BaseModel):
    """So many records on their way to one platform. Its files lie with the job that made it, and are short-lived."""

    resource = "upwards"
    tones = BATCH_TONES

    number = CharField(max_length=60, unique=True, verbose_name="批次号")
    station = station_field(null=True, backref="upward_batches")
    division = ForeignKeyField(Division, verbose_name="区划")
    target = CharField(max_length=12, choices=list(TARGETS.items()), default="provincial", verbose_name="上报到")
    state = CharField(max_length=10, choices=list(BATCH_STATES.items()), default="making", verbose_name="状态")
    made_by = BigIntegerField(null=True)
    who = CharField(max_length=60, verbose_name="编批人")
    made_at = DateTimeField(default=clock.now, verbose_name="编批时间")
    job = BigIntegerField(null=True)
    records = IntegerField(default=0, verbose_name="条数")
    accepted = IntegerField(default=0, verbose_name="已接收")
    refused = IntegerField(default=0, verbose_name="被退回")
    sent_at = DateTimeField(null=True, verbose_name="报送时间")
    answered_at = DateTimeField(null=True, verbose_name="回执时间")
    note = CharField(max_length=300, default="", verbose_name="说明")
    tries = IntegerField(default=0, constraints=[SQL("DEFAULT 0")], verbose_name="自动报送次数")
    next_at = DateTimeField(null=True, index=True, verbose_name="下次自动报送")  # null where nobody but a person sends it

    class Meta:
        indexes = ((("division", "made_at"), False), (("station", "state"), False))

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        return place_scope(cls, actor)

    def __str__(self) -> str:
        return self.number

    @classmethod
    def to_send(cls, by: Actor) -> Expression:
        return (cls.state == "made") & cls.next_at.is_null() & (cls.tries == 0)

    @classmethod
    def stuck(cls, by: Actor) -> Expression:
        """没有送到平台: tried by the timetable as often as it may be, and given up."""
        return (cls.state == "made") & cls.next_at.is_null() & (cls.tries > 0)

    @classmethod
    def unanswered(cls, by: Actor) -> Expression:
        return cls.state == "sent"

    def trace(self, by: Actor, action: str, reason: str = "", **after: Any) -> None:
        trail(by, action, self._meta.table_name, self.id, station=self.station_id, reason=reason, after=after)


class UpwardRecord(BaseModel):
    """How one of our records stands with one platform. ``digest`` is its content now, ``sent_digest`` what is or was on
    its way, ``accepted_digest`` what the platform last took, ``accepted_for`` whose it is there. `DELETED` in their place: it is no more, and goes up as that."""

    resource = "upward_records"
    station_path = "station"
    tones = TONES

    station = station_field(backref="upward_records")
    target = CharField(max_length=12, choices=list(TARGETS.items()), verbose_name="上报到")
    kind = CharField(max_length=12, choices=list(KIND_LABELS.items()), verbose_name="类型")
    row = BigIntegerField(verbose_name="记录号")
    called = CharField(max_length=140, default="", verbose_name="记录")
    state = CharField(max_length=10, choices=list(STATES.items()), default="waiting", verbose_name="状态")
    lacking = CharField(max_length=200, default="", verbose_name="缺少什么")
    reason = CharField(max_length=300, default="", verbose_name="退回原因")
    digest = CharField(max_length=64)
    sent_digest = CharField(max_length=64, default="")
    accepted_digest = CharField(max_length=64, default="")
    accepted_for = BigIntegerField(null=True)  # the station for which the platform last took it
    batch = ForeignKeyField(UpwardBatch, null=True, backref="lines", verbose_name="批次")
    waiting_since = DateTimeField(default=clock.now, verbose_name="等待起")
    accepted_at = DateTimeField(null=True, verbose_name="接收时间")

    class Meta:
        indexes = (
            (("target", "kind", "row"), True),
            (("station", "state", "id"), False),
            (("station", "target", "accepted_at"), False),
            (("batch", "kind", "row"), False),
        )

    def __str__(self) -> str:
        return f"{KIND_LABELS[self.kind]} {self.called}"

    @property
    def gone(self) -> bool | None:
        """True where it is no more here, and is to be deleted above or was; else None, so that a list shows nothing."""
        return True if self.digest == DELETED else None

    # --- named lists ---

    @classmethod
    def lacks(cls, by: Actor) -> Expression:
        """缺少内容: what cannot go up before the desk puts it right."""
        return (cls.state == "waiting") & (cls.lacking != "")

    @classmethod
    def refusals(cls, by: Actor) -> Expression:
        return cls.state == "refused"

    @classmethod
    def silent(cls, by: Actor) -> Expression:
        """长期没有接收: waits, at a station of which nothing was accepted for so many days as policy says."""
        days = policy.for_actor("upwards", by).rule.alarm_days
        if not days:
            return NOTHING
        limit = clock.now() - timedelta(days=days)
        heard = cls.alias()
        lately = heard.select(heard.id).where(
            heard.station == cls.station, heard.target == cls.target, heard.accepted_at >= limit
        )
        return cls.state.in_(("waiting", "sent")) & (cls.waiting_since < limit) & ~fn.EXISTS(lately)


def place_of(by: Actor) -> tuple[int | None, str]:
    """(station, its division) of the station's own people; (none, the division) of whoever answers for one."""
    if by.station_id:
        return by.station_id, str(Station.select(Station.division).where(Station.id == by.station_id).scalar())
    if by.division:
        return None, by.division
    raise refuse("这个账号没有工作站，也没有区划，不能汇入。")


def stations_at(station: int | None, division: str) -> list[int]:
    """The stations whose records a place sends."""
    if station:
        return [station]
    low, high = subtree(division)
    inside = Station.select(Station.id).where(Station.division >= low, Station.division < high).order_by(Station.id)
    return [key for (key,) in inside.tuples()]


def standing(by: Actor) -> tuple[int, int]:
    """(days of silence, records that wait) where the alarm rings, else zeros; across the stations of who asks."""
    wanted = UpwardRecord.select(fn.MIN(UpwardRecord.waiting_since), fn.COUNT(1)).where(
        within(UpwardRecord, by), UpwardRecord.silent(by)
    )
    since, count = wanted.scalar(as_tuple=True)
    if not count:
        return 0, 0
    since = datetime.fromisoformat(since) if isinstance(since, str) else since
    return (clock.now() - since).days, count
