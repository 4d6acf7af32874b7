"""签到台 (方案 二(4)): a device on a public table that may sign people in at one activity and do nothing else.

The desk offers it with a one-time code that somebody types there; from then on the device shows a token of its own, of
which only the digest is kept. It presses until the activity's turns are over, may send what it kept without a network a
while longer, and whoever works at the desk can close it at once. Times are those of `models.clock`.
"""

import hashlib
import secrets
from datetime import datetime, time, timedelta

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, fn

from models import clock, failures, policy
from models.activities import Activity
from models.assignments import Assignment, midnight
from models.fields import keyring
from models.moves import Entered, permit, whole
from models.refusals import refuse
from models.scope import Actor, find, held
from models.stations import station_field
from rules.access import Role
from rules.activities import TAKES_TIME
from rules.presence import window
from rules.topics import PresenceRule

CODE_DIGITS = 8
CODE_MINUTES = 15
TOKEN_BYTES = 32
MOST_OPEN = 10  # kiosks of one activity that are not closed
WRONG = "开台码不对、已用过或已过期，请向工作站要一个新的。"


class Kiosk(Entered):
    """One device for one activity, offered with a code, opened once."""

    resource = "kiosks"
    station_path = "station"
    station = station_field(backref="kiosks")
    activity = ForeignKeyField(Activity, backref="kiosks", verbose_name="活动")
    code_digest = CharField(max_length=64, default="", index=True)
    code_until = DateTimeField(verbose_name="开台码有效至")
    token_digest = CharField(max_length=64, default="", index=True)
    opened_at = DateTimeField(null=True, verbose_name="打开时间")
    closed_at = DateTimeField(null=True, verbose_name="关闭时间")
    seen_at = DateTimeField(null=True, verbose_name="最近联系")
    off_seconds = IntegerField(null=True, verbose_name="时钟差", help_text="秒，服务器减设备")

    class Meta:
        indexes = ((("activity", "id"), False),)

    def __str__(self) -> str:
        return f"签到台 {self.id}"

    def as_actor(self) -> Actor:
        """Who presses there, as traces name it: the program itself, at this device."""
        return Actor(None, str(self), Role.SYSTEM, self.station_id)

    def may_press(self) -> bool:
        """Whether it still signs people in; what it kept it may send a while longer."""
        return self.closed_at is None and clock.now() <= over(self.activity, rule_of(self.activity))

    def lasts_until(self) -> datetime:
        """When its token is worth nothing any more."""
        rule = rule_of(self.activity)
        return over(self.activity, rule) + timedelta(hours=rule.send_hours)


def rule_of(activity: Activity) -> PresenceRule:
    """How people sign in at this activity, by the policy of its day. Raises ``PolicyError`` where none is in force."""
    rule: PresenceRule = policy.in_force("presence", activity.station, activity.day).rule
    return rule


def hours_of(activity: Activity) -> tuple[datetime, datetime]:
    """From the first turn's beginning to the last one's end; the activity's own hours, or its day, where nobody is
    rostered."""
    turns = Assignment.select(fn.MIN(Assignment.starts_at), fn.MAX(Assignment.ends_at)).where(
        Assignment.activity == activity.id, Assignment.state.in_(TAKES_TIME)
    )
    field = Assignment.starts_at
    start, end = (field.python_value(one) if isinstance(one, str) else one for one in turns.scalar(as_tuple=True))
    start = start or datetime.combine(activity.day, activity.starts_at or time())
    end = end or (
        datetime.combine(activity.day, activity.ends_at) if activity.ends_at else midnight(activity.day + timedelta(days=1))
    )
    return start, end


def over(activity: Activity, rule: PresenceRule) -> datetime:
    """When nobody can sign out at it any more."""
    return window(*hours_of(activity), rule)[1]


def offer(activity: object, by: Actor) -> tuple[Kiosk, str]:
    """A kiosk to be opened for this activity, and the code that opens it once within `CODE_MINUTES`.

    Raises ``Refusal`` for an activity that is cancelled or over, ``NotFound`` for a stranger's.
    """
    permit(by, "enter", "kiosks")
    with whole():
        row = find(Activity, activity, by)
        if row.state == "cancelled":
            raise refuse("活动已取消，不能打开签到台。")
        if clock.now() > over(row, rule_of(row)):
            raise refuse("这次活动的签到时间已过，不能再打开签到台；漏签的请用代签或录入签到表。")
        if Kiosk.select().where(Kiosk.activity == row.id, Kiosk.closed_at.is_null()).count() >= MOST_OPEN:
            raise refuse(f"这次活动已有 {MOST_OPEN} 台签到台没有关闭，请先关闭不用的。")
        code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
        made = Kiosk(
            station=row.station_id, activity=row.id, code_digest=keyring.index(f"kiosk {code}"),
            code_until=clock.wall() + timedelta(minutes=CODE_MINUTES), entered_by=by.account_id,
        )  # fmt: skip
        made.save(force_insert=True)
        made.trace(by, "enter", after={"activity": row.id})
    return made, code


def open_with(code: str, address: str) -> tuple[Kiosk, str]:
    """Open the kiosk that this code was offered for; it and its token, which is told this once.

    Raises ``Refusal`` for a code that there is not, was used or has run out, all alike; too many make the address wait.
    """
    failures.pace("looking", address)
    digits = "".join(char for char in code if char.isdigit())
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with whole():
        wanted = Kiosk.select().where(
            Kiosk.code_digest.in_(keyring.indexes(f"kiosk {digits}")), Kiosk.code_until >= clock.wall(),
            Kiosk.token_digest == "", Kiosk.closed_at.is_null(),
        )  # fmt: skip
        row = held(wanted).first()
        if row is not None:
            row.token_digest, row.code_digest, row.opened_at = _digest(token), "", clock.now()
            row.seen_at = row.opened_at
            row.save()
            row.trace(row.as_actor(), "open")
    if row is None:
        failures.did("looking", address)
        raise refuse(WRONG)
    return row, token


def open_here(activity: object, by: Actor) -> tuple[Kiosk, str]:
    """Offer and open at once, on the device that the desk itself holds; the kiosk and its token."""
    _, code = offer(activity, by)
    return open_with(code, "")


def by_token(token: str) -> Kiosk | None:
    """The kiosk whose token this is, while it lasts; closed ones and those long over are nobody's."""
    if not token:
        return None
    row: Kiosk | None = Kiosk.get_or_none(Kiosk.token_digest == _digest(token), Kiosk.closed_at.is_null())
    return row if row is not None and clock.now() <= row.lasts_until() else None


def close(kiosk: object, by: Actor) -> Kiosk:
    """Close it: its token is worth nothing from now on. Closed already, nothing changes."""
    permit(by, "close", "kiosks")
    with whole():
        row: Kiosk = find(Kiosk, kiosk, by, lock=True)
        if row.closed_at is None:
            row.closed_at, row.code_digest, row.token_digest = clock.now(), "", ""
            row.save()
            row.trace(by, "close")
    return row


def heard_from(kiosk: Kiosk, off_seconds: int | None) -> None:
    """It has spoken; by how much its clock differed, where it said."""
    said = {"seen_at": clock.now()} | ({} if off_seconds is None else {"off_seconds": off_seconds})
    Kiosk.update(**said).where(Kiosk.id == kiosk.id).execute()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
