"""去谁家 (方案 二(4); 设计: name and address of own visit only): whom a volunteer visits, told to her alone and while it lasts.

From when she said that she comes until the visit is over. It is a revelation of the address like any other: it counts, and
stands in the log with the turn that it was for.
"""

from dataclasses import dataclass

from peewee import JOIN

from models import clock
from models.activities import Activity
from models.assignments import Assignment
from models.herself import herself
from models.households import Household, Recipient
from models.moves import permit
from models.needs import Need
from models.refusals import NotFound, Refusal, refuse
from models.scope import Actor
from rules.activities import accepted
from rules.needs import LIVING


@dataclass(frozen=True)
class Visited:
    """Whose door it is: whom the need is of, or the head of the household."""

    name: str
    building: str
    address: str


def is_told(turn: Assignment) -> bool:
    """Whether this turn's name and address may be asked for now: a visit that she accepted and that is not over."""
    return bool(turn.need_id) and accepted(turn.state) and clock.now() < turn.ends_at


def visited(key: object, by: Actor) -> Visited:
    """Name and address of the visit of her own turn; leaves a trace.

    Raises ``NotFound`` for a turn that is not hers and for one that visits nobody; ``Refusal`` before she accepted it, when
    it is over or called off, and past the number that one person may open in an hour.
    """
    permit(by, "visit", "me")
    person = herself(by)
    rows = Assignment.select(Assignment, Activity, Need, Household, Recipient).join(Activity).join_from(Assignment, Need)
    rows = rows.join(Household).join_from(Need, Recipient, JOIN.LEFT_OUTER)
    turn = rows.where(Assignment.id == key, Assignment.volunteer == person.id).first()
    if turn is None:
        raise NotFound()
    if no := _why_not(turn):
        raise no
    home, reason = turn.need.household, f"本人上门服务，排班 {turn.id}，{turn.starts_at:%Y-%m-%d %H:%M}"
    address = home.opened("address", by, reason)
    return Visited(turn.need.recipient.name if turn.need.recipient_id else home.name, home.building, address)


def _why_not(turn: Assignment) -> Refusal | None:
    home = turn.need.household
    if turn.state == "rostered":
        return refuse("确认「我会去」以后才能看姓名和住址。")
    if not accepted(turn.state) or turn.activity.state == "cancelled":
        return refuse(f"这次排班{turn.state_label}，不再显示姓名和住址；有事请找工作站。")
    if clock.now() >= turn.ends_at:
        return refuse(f"这次服务到 {turn.ends_at:%m-%d %H:%M} 为止，已经结束，不再显示姓名和住址；有事请找工作站。")
    if turn.need.state not in LIVING or home.left_on or home.erased_on:
        return refuse("这户不用再上门了，请先给工作站打电话。")
    return None
