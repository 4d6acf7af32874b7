"""The trail: who did what to which row, when, and why. Written by moves, never altered (triggers in `models.schema`)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, DateTimeField, Expression, ModelSelect, TextField, fn

from models import clock
from models.base import BaseModel
from models.fields import JSONText
from models.scope import EVERYTHING, NOTHING, Actor, stations_of, within
from rules.access import DIVISION_ROLES, STATION_ROLES
from rules.divisions import subtree

LATELY = timedelta(days=30)  # how long what was refused stays on the list of things to look at


class Trail(BaseModel):
    """One thing that was done. ``before`` and ``after`` hold only what changed; sensitive values are masked."""

    resource = "audit"

    id = BigAutoField()
    at = DateTimeField(index=True, verbose_name="时间")
    account = BigIntegerField(null=True, index=True, verbose_name="账号")
    who = CharField(max_length=60, verbose_name="经手人")
    role = CharField(max_length=12, verbose_name="角色")
    station = BigIntegerField(null=True, index=True, verbose_name="工作站")
    division = CharField(max_length=12, null=True, verbose_name="区划", help_text="经手人负责的区划")
    table = CharField(max_length=40, column_name="table_name", verbose_name="对象")
    row = CharField(max_length=40, column_name="row_key", verbose_name="编号")
    action = CharField(max_length=40, verbose_name="动作")
    reason = TextField(default="", verbose_name="理由")
    before = JSONText(null=True, verbose_name="变更前")
    after = JSONText(null=True, verbose_name="变更后")

    class Meta:
        indexes = ((("table", "row", "id"), False),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.who}"

    @classmethod
    def too_many_reveals(cls, by: Actor) -> Expression:
        """Openings of sealed values that were refused lately, because the same person had opened so many."""
        return (cls.action == "reveal_refused") & (cls.at > clock.now() - LATELY)

    @classmethod
    def scope(cls, actor: Actor):
        if actor.role in STATION_ROLES:
            return cls.station == actor.station_id
        if actor.role in DIVISION_ROLES:
            stations = stations_of(actor)
            if stations is None:
                return EVERYTHING
            low, high = subtree(str(actor.division))
            return cls.station.in_(stations) | ((cls.division >= low) & (cls.division < high))
        return NOTHING


def trail(
    by: Actor,
    action: str,
    table: str,
    row: object,
    *,
    station: int | None = None,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Leave a trace, inside the caller's transaction: a move and its trace stand or fall together."""
    Trail.insert(
        at=clock.now(), account=by.account_id, who=by.name, role=by.role.value,
        station=station if station is not None else by.station_id, division=by.division, table=table, row=str(row),
        action=action, reason=reason, before=before, after=after,
    ).execute()  # fmt: skip


def made_lately(by: Actor, action: str, hours: int = 1) -> int:
    """How often this account did this within so many hours."""
    since = clock.now() - timedelta(hours=hours)
    made = Trail.select(fn.COUNT(1)).where(Trail.account == by.account_id, Trail.action == action, Trail.at > since)
    return int(made.scalar())


def lately_stopped(by: Actor) -> ModelSelect:
    """The accounts that were stopped at opening sealed values, as far as who asks may know."""
    return Trail.select(Trail.account).where(Trail.too_many_reveals(by), within(Trail, by))


def trails(
    by: Actor,
    action: str,
    table: str,
    rows: Iterable[tuple[object, dict[str, Any] | None, dict[str, Any] | None]],
    *,
    station: int | None = None,
    reason: str = "",
) -> None:
    """A trace on each of several rows, given as (key, before, after), in one statement."""
    about = {
        "at": clock.now(), "account": by.account_id, "who": by.name, "role": by.role.value,
        "station": station if station is not None else by.station_id, "division": by.division, "table": table,
        "action": action, "reason": reason,
    }  # fmt: skip
    said = [about | {"row": str(key), "before": before, "after": after} for key, before, after in rows]
    if said:
        Trail.insert_many(said).execute()
