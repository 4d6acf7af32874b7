"""Paper that a station prints: each function asks for the right, finds what is to be printed within the actor's
division, and leaves the trace, before anything is laid out."""

from dataclasses import dataclass

from peewee import fn

from models import clock
from models.activities import Activity, SignInSheet
from models.assignments import Assignment
from models.certificates import Certificate
from models.moves import permit, whole
from models.needs import Need
from models.refusals import refuse, refuse_if
from models.scope import Actor, find
from models.volunteers import Volunteer
from rules.activities import TAKES_TIME
from rules.reading import clean
from rules.reasons import check_reason

MOST_PEOPLE = 400  # on the sheets of one activity
MOST_TURNS = 40  # of one need, the latest


@dataclass(frozen=True)
class Roster:
    """What goes on an activity's sign-in sheets: who is expected, and the number of the first sheet."""

    activity: Activity
    turns: list[Assignment]
    first: int


def sign_in(activity: int, by: Actor, *, filled: bool) -> Roster:
    """An activity's sheets to be printed, with the roster or blank; leaves a trace of the activity.

    Raises ``Refusal`` for an activity that does not take place, ``NotFound`` for a stranger's.
    """
    permit(by, "print", "sheets")
    with whole():
        row = find(Activity, activity, by)
        if row.state == "cancelled":
            raise refuse("活动已取消，不用打印签到表。")
        turns = list(_expected(row.id)) if filled else []
        last = SignInSheet.select(fn.MAX(SignInSheet.number)).where(SignInSheet.activity == row.id).scalar()
        row.trace(by, "print", after={"paper": "签到表", "people": len(turns)})
    return Roster(row, turns, (last or 0) + 1)


def _expected(activity: int):
    turns = Assignment.select(Assignment, Volunteer.id, Volunteer.name, Volunteer.card_no).join(Volunteer)
    return (
        turns.where(Assignment.activity == activity, Assignment.state.in_(TAKES_TIME))
        .order_by(Assignment.starts_at, Assignment.id)
        .limit(MOST_PEOPLE)
    )


def registration_form(volunteer: int, by: Actor, reason: str = "") -> tuple[Volunteer, bool]:
    """A volunteer's registration form to be printed, and whether its sealed columns may stand on it in the clear.

    They may where the own desk says why: that is a revelation of all of them, and counts as one. Without a reason the
    form is printed masked. Raises ``Refusal`` for a reason that says nothing, or that the person may not give.
    """
    permit(by, "print", "volunteers")
    said = clean(reason)
    row = find(Volunteer, volunteer, by)
    if row.state == "erased":
        raise refuse("已注销，个人信息已清除，没有可打印的登记表。")
    if said:
        refuse_if(check_reason(said))
        row.reveal("document_number", by, said)  # asks for the right, a child's for its own, and counts
    with whole():
        row.trace(by, "print", said, after={"paper": "登记表", "masked": not said})
    return row, bool(said)


@dataclass(frozen=True)
class Dispatch:
    """A need given out: who goes when, as far as the roster says; those who are still to go, or who went last."""

    need: Need
    clear: bool  # whether the address stands on it in full
    turns: list[Assignment]


def dispatch_slip(need: int, by: Actor, reason: str = "") -> Dispatch:
    """A need's dispatch-and-reply slip to be printed; leaves a trace. With a reason the door stands on it in full, which
    is a revelation of the address and counts as one.

    Raises ``Refusal`` where it was not given to a project yet, ``NotFound`` for a stranger's.
    """
    permit(by, "print", "needs")
    row, said = find(Need, need, by), clean(reason)
    if said:
        row.household.reveal("address", by, said)
    with whole():
        if row.dispatched_on is None:
            raise refuse(f"{row}现在是「{row.state_label}」，派单以后才能打印派遣回复单。")
        turns = (
            Assignment.select(Assignment, Activity, Volunteer.id, Volunteer.name, Volunteer.card_no)
            .join(Activity).switch(Assignment).join(Volunteer)
            .where(Assignment.need == row.id, Assignment.state.in_(TAKES_TIME))
            .order_by(Assignment.starts_at.desc(), Assignment.id).limit(MOST_TURNS)
        )  # fmt: skip
        turns = _still_to_go(sorted(turns, key=lambda turn: (turn.starts_at, turn.id)))
        row.trace(by, "print", said, after={"paper": "派遣回复单", "masked": not said})
    return Dispatch(row, bool(said), turns)


def _still_to_go(turns: list[Assignment]) -> list[Assignment]:
    """The turns from today on; where none is left, those of the last day."""
    last = min(clock.today(), turns[-1].starts_at.date()) if turns else None
    return [turn for turn in turns if turn.starts_at.date() >= last]


def certificate(key: object, by: Actor, reason: str = "") -> tuple[Certificate, str]:
    """A certificate of service to be printed, and the document number as it stands on this print: masked, or in full
    where the own desk says what for (民发〔2015〕149号 has it in the first block). That is a revelation like any other, a
    child's too; the number is in this answer alone. Leaves a trace.

    Raises ``Refusal`` where none stands, for a reason that says nothing or that the person may not give, and in full where
    the volunteer has gone to another station; ``NotFound`` for a stranger's.
    """
    permit(by, "print", "certificates")
    row, said = find(Certificate, key, by), clean(reason)
    refuse_if(row.why_not_printed())
    person = Volunteer.get_by_id(row.volunteer_id)  # with the sealed columns, which no list reads
    if said:
        if person.station_id != by.station_id:
            raise refuse("志愿者现在不在本站登记，本站只能打印遮盖的证件号码；要完整号码的，请由现在的工作站出具。")
        if not person.document_number:
            raise refuse("没有登记证件号码，没有可以打印的完整号码。")
        refuse_if(check_reason(said))
        person.reveal("document_number", by, said)
    with whole():
        row.trace(by, "print", said, after={"paper": "志愿服务证明", "masked": not said})
    return row, (person.document_number or "") if said else person.masked()["document_number"]
