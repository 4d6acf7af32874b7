"""对决定的异议 (Order 67 arts. 20–22): a volunteer does not agree with what was decided about her, and says so.

It is a complaint of whoever decided: with the day by which it is answered, and looked into by another. A correction has
its own appeal (`models.corrections`), a line on a public notice its objection (`models.notices`).
"""

from collections.abc import Collection
from dataclasses import dataclass

from models.applications import Application
from models.assignments import Assignment
from models.audit import Trail
from models.certificates import Certificate
from models.complaints import Complaint
from models.herself import herself
from models.moves import Staged, whole
from models.records import ServiceRecord
from models.refusals import NotFound, refuse, refuse_if
from models.rewards import Redemption
from models.scope import Actor
from models.stars import StarGrant
from rules.complaints import UNANSWERED
from rules.reading import clean


@dataclass(frozen=True)
class Matter:
    """What may be decided about a volunteer: the table, what it is called, and the states that are a decision."""

    model: type[Staged]
    called: str
    decided: Collection[str]


MATTERS = {
    "application": Matter(Application, "报名", ("refused", "ended")),
    "turn": Matter(Assignment, "排班", ("missed",)),
    "record": Matter(ServiceRecord, "服务记录", ("returned",)),
    "exchange": Matter(Redemption, "兑换单", ("refused",)),
    "star": Matter(StarGrant, "星级", ("refused", "revoked")),
    "certificate": Matter(Certificate, "证明申请", ("refused", "revoked")),
}


def object_to(kind: str, key: int, reason: str, by: Actor) -> Complaint:
    """Object to a decision about herself. What she said of it already and nobody has answered is returned as it is.

    Raises ``NotFound`` for a row that is not hers, ``Refusal`` where nothing was decided and without a reason.
    """
    person, matter = herself(by), MATTERS.get(kind)
    if matter is None:
        raise NotFound()
    model = matter.model
    row = model.get_or_none((model.id == key) & (model.volunteer == person.id))
    if row is None:
        raise NotFound()
    if row.state not in matter.decided:
        raise refuse(f"这一项现在是「{row.state_label}」，没有可以提出意见的决定。")
    about = f"【{matter.called} {row.id}：{row.state_label}】"
    said = clean(reason)
    made = Complaint(station=row.station_id, said_by=by.name[:40], accused=_decider(row), reason=said and about + said)
    with whole():
        mine = Complaint.select().where(
            Complaint.entered_by == by.account_id, Complaint.state.in_(UNANSWERED), Complaint.reason.startswith(about)
        )  # fmt: skip
        if same := mine.first():
            return same  # type: ignore[no-any-return]
        refuse_if(made.faults(by))
        made.store_new(by)
    return made


def _decider(row: Staged) -> str:
    """Who made the last move on the row: whoever it is does not look into the objection."""
    moves = [move.name for move in row.life.moves if move.target == row.state]
    traces = Trail.select(Trail.who).where(
        Trail.table == row._meta.table_name, Trail.row == str(row._pk), Trail.action.in_(moves)
    )  # fmt: skip
    who = traces.order_by(Trail.id.desc()).limit(1).scalar()
    return (who or "工作站")[:40]
