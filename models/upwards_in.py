"""This installation as the platform: who may send batches here, what was received, and the answer on each record.

What others send lies in tables of its own: it is no volunteer, record or hour of a station here, and no statistic counts
it. What is personal in it is sealed.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateTimeField,
    Expression,
    ForeignKeyField,
    IntegerField,
    fn,
)

from models import clock
from models.base import BaseModel
from models.fields import IndexField, JSONText, SealedField
from models.moves import Entered, permit, whole
from models.scope import NOTHING, Actor, find
from models.stations import Division
from rules.access import DIVISION_ROLES
from rules.divisions import contains, subtree
from rules.findings import Finding
from rules.upwards import KIND_LABELS, KINDS, TARGETS
from rules.upwards_checks import STATION

HOWS = [("http", "接口"), ("file", "文件")]
TOKEN_BYTES = 32


def _answered_for(division: Any, actor: Actor) -> Expression:
    if actor.role not in DIVISION_ROLES or not actor.division:
        return NOTHING
    low, high = subtree(actor.division)
    return (division >= low) & (division < high)


class UpwardSender(Entered):
    """报送单位: a station, or a whole division's installation, that may send batches here."""

    resource = "upward_senders"
    editable = "name division station_code active"

    name = CharField(max_length=80, verbose_name="报送单位")
    division = ForeignKeyField(Division, verbose_name="区划", help_text="只收这个区划内工作站的记录")
    station_code = CharField(max_length=30, default="", verbose_name="站号",
                             help_text="只收一个站的填写，例如 530102001001-1；留空收区划内全部工作站")  # fmt: skip
    active = BooleanField(default=True, verbose_name="启用")
    token_digest = CharField(max_length=64, default="", index=True)
    token_made_at = DateTimeField(null=True, verbose_name="令牌发放时间")
    token_revoked_at = DateTimeField(null=True, verbose_name="令牌收回时间")
    last_used_at = DateTimeField(null=True, verbose_name="最近使用")

    counts: Mapping[str, int] = {}  # set on a page's rows by `count_received`

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        return _answered_for(cls.division, actor)

    def __str__(self) -> str:
        return self.name

    @property
    def received(self) -> int:
        """已接收记录"""
        return sum(self.counts.values())

    def check(self, by: Actor) -> list[Finding]:
        found = []
        if by.division and self.division_id and not contains(by.division, str(self.division_id)):
            found.append(Finding("division", "所选区划不在您负责的区划内。"))
        if self.station_code and not STATION.fullmatch(self.station_code):
            found.append(Finding("station_code", "站号应是 12 位区划代码、连字符和数字，例如 530102001001-1。"))
        elif self.station_code and not self.takes(self.station_code):
            found.append(Finding("station_code", "这个站号不在所选区划内。"))
        return found

    def takes(self, code: str) -> bool:
        """Whether the records of the station of this code are its to send."""
        inside = code.partition("-")[0].startswith(str(self.division_id))
        return inside and self.station_code in ("", code)

    def new_token(self, by: Actor) -> str:
        """A new token, shown to whoever asked and kept as its digest only; the one before it is worth nothing now."""
        permit(by, "token", self.resource)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with whole():
            find(UpwardSender, self.id, by, lock=True)
            self.token_digest, self.token_made_at, self.token_revoked_at = _digest(token), clock.now(), None
            self.revision += 1
            self.save()
            self.trace(by, "token")
        return token

    def revoke(self, by: Actor) -> None:
        """The token is worth nothing any more."""
        permit(by, "token", self.resource)
        with whole():
            find(UpwardSender, self.id, by, lock=True)
            if self.token_digest and not self.token_revoked_at:
                self.token_revoked_at = clock.now()
                self.revision += 1
                self.save()
                self.trace(by, "token_off")

    @classmethod
    def by_token(cls, token: str) -> "UpwardSender | None":
        """Whose token it is, if it still counts."""
        found: UpwardSender | None = cls.get_or_none(
            cls.token_digest == _digest(token), cls.token_digest != "", cls.token_revoked_at.is_null(), cls.active
        )
        return found

    @classmethod
    def count_received(cls, rows: list["UpwardSender"]) -> None:
        """How many records of each kind each of them has here, in one query."""
        query = (
            ReceivedRecord.select(ReceivedRecord.sender, ReceivedRecord.kind, fn.COUNT(1))
            .where(ReceivedRecord.sender.in_([row.id for row in rows]), ReceivedRecord.deleted_at.is_null())
            .group_by(ReceivedRecord.sender, ReceivedRecord.kind)
        )
        found: dict[int, dict[str, int]] = {}
        for sender, kind, count in query.tuples():
            found.setdefault(sender, {})[kind] = count
        for row in rows:
            row.counts = found.get(row.id, {})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class ReceivedBatch(BaseModel):
    """One batch as it came in, and the answers that went back."""

    resource = "upward_received"

    sender = ForeignKeyField(UpwardSender, backref="batches", verbose_name="报送单位")
    number = CharField(max_length=60, verbose_name="批次号")
    target = CharField(max_length=12, choices=list(TARGETS.items()), verbose_name="上报到")
    digest = CharField(max_length=64)
    how = CharField(max_length=4, choices=HOWS, verbose_name="方式")
    received_at = DateTimeField(default=clock.now, verbose_name="收到时间")
    taken_by = BigIntegerField(null=True)
    records = IntegerField(default=0, verbose_name="条数")
    accepted = IntegerField(default=0, verbose_name="已接收")
    refused = IntegerField(default=0, verbose_name="被退回")
    answers = JSONText(default=list)

    class Meta:
        indexes = ((("sender", "number"), True), (("received_at",), False))

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        return cls.sender.in_(UpwardSender.select(UpwardSender.id).where(_answered_for(UpwardSender.division, actor)))

    def __str__(self) -> str:
        return self.number

    def said(self) -> dict[str, Any]:
        """What goes back to the sender."""
        return {
            "batch": self.number, "received_at": f"{self.received_at:%Y-%m-%d %H:%M:%S}",
            "counts": {"records": self.records, "accepted": self.accepted, "refused": self.refused},
            "answers": self.answers,
        }  # fmt: skip


class ReceivedRecord(BaseModel):
    """The version of one record that was last accepted from a sender."""

    resource = "upward_records_in"

    sender = ForeignKeyField(UpwardSender, backref="records", verbose_name="报送单位")
    batch = ForeignKeyField(ReceivedBatch, backref="lines", verbose_name="批次")
    station_code = CharField(max_length=30, verbose_name="站号")
    kind = CharField(max_length=12, choices=list(KIND_LABELS.items()), verbose_name="类型")
    record = CharField(max_length=40, verbose_name="记录号")
    digest = CharField(max_length=64)
    data = SealedField(verbose_name="内容")
    volunteer_no = CharField(max_length=20, default="", verbose_name="志愿者编号")
    document = SealedField(default="", verbose_name="证件号码")
    document_index = IndexField(of="document", default="", index=True)
    started_at = DateTimeField(null=True, verbose_name="开始时间")
    ended_at = DateTimeField(null=True, verbose_name="结束时间")
    hours = CharField(max_length=10, default="", verbose_name="时长", help_text="小时")
    accepted_at = DateTimeField(default=clock.now, verbose_name="接收时间")
    deleted_at = DateTimeField(null=True, verbose_name="删除时间")  # its sender had it deleted: nothing personal is left in it

    class Meta:
        indexes = (
            (("sender", "station_code", "kind", "record"), True),
            (("kind", "volunteer_no", "started_at"), False),
            (("batch", "kind"), False),
        )

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        return cls.sender.in_(UpwardSender.select(UpwardSender.id).where(_answered_for(UpwardSender.division, actor)))

    def __str__(self) -> str:
        return f"{KIND_LABELS[self.kind]} {self.record}"

    def content(self) -> list[tuple[str, str]]:
        """What it says, column by column as the platform calls them, with the meaning of codes; without what names a person
        or is hers (`rules.upwards.Item.private`)."""
        said = json.loads(self.data)
        found = []
        for item in KINDS[self.kind].items:
            if not item.private and (value := said.get(item.key)):
                values = value if isinstance(value, list) else [value]
                found.append((item.label, "、".join(f"{one} {(item.codes or {}).get(one, '')}".strip() for one in values)))
        return found
