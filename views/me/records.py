"""服务记录: her records, and what she asks about them: a correction, an objection, an appeal; each with where it stands."""

from collections.abc import Sequence
from typing import Any

from flask import abort, request
from werkzeug.wrappers import Response

from models import her_account
from models.activities import Activity
from models.complaints import Complaint
from models.corrections import Correction
from models.hanging import lines_of
from models.notices import Notice, Objection
from models.objecting import MATTERS, object_to
from models.records import ServiceRecord
from models.scope import Actor, within
from models.stations import Station
from models.volunteers import Volunteer
from rules.reading import clean
from views.asking import actor
from views.gate import right
from views.me.frame import asked as ask_for
from views.me.frame import me, page_number, pages, part, shown
from views.me.notices import headline

MOST = 10  # of each kind on a page of what she asked
AT_ISSUE = 5  # decisions, the newest, of which the page says until when they can be appealed


@pages.get("/records")
@right("see", "me")
def records() -> str:
    """Her records, the newest first; each leads to its own page."""
    person, page = me(), page_number()
    rows = ServiceRecord.select(ServiceRecord, Activity).join(Activity).where(
        ServiceRecord.volunteer == person.id, ServiceRecord.state.not_in(["draft", "void"])
    )  # fmt: skip
    found, more = part(rows.order_by(ServiceRecord.started_at.desc(), ServiceRecord.id.desc()), page)
    return shown("records", person, rows=found, page=page, more=more)


@pages.get("/records/<int:key>")
@right("see", "me")
def record(key: int) -> str:
    """One record: what, when, who decided, and what she can do where it is wrong."""
    return _record(key)


@pages.post("/records/<int:key>")
@right("correct", "me")
def correct(key: int) -> Response | str:
    """Say that it is wrong: an objection while it hangs out, a correction once it is posted, else against its return."""
    person, reason = me(), clean(request.form.get("reason", ""))
    row = ServiceRecord.of_hers(key, person.id)

    def ask(by: Actor) -> object:
        if row.state == "noticed":
            return Objection.ask("records", row.id, reason, by)
        return object_to("record", row.id, reason, by) if row.state == "returned" else Correction.ask(row.id, reason, by)

    return ask_for(ask, "已交给工作站，办理结果会显示在这里。", "me.asked", lambda no: _record(key, no, reason))


def _record(key: int, wrong: str = "", typed: str = "") -> str:
    person, by = me(), actor()
    row = ServiceRecord.of_hers(key, person.id)
    notice = row.notice
    corrections = list(Correction.select().where(Correction.record == row.id).order_by(Correction.id.desc()).limit(MOST))
    objections = Objection.select().where(Objection.record == row.id, within(Objection, by), Objection.notice == row.notice_id)
    return shown(
        "record", person, row=row, notice=notice, activity=row.activity, station=row.station,
        decisions=her_account.of_record(row), corrections=corrections, objections=list(objections.limit(MOST)),
        wrong=wrong, typed=typed, open_notice=notice is not None and notice.state == "open" and not notice.is_over,
    )  # fmt: skip


@pages.get("/asked")
@right("see", "me")
def asked() -> str:
    """Everything she asked about her records and the decisions, with where it stands and what comes next."""
    return _asked()


def _asked(wrong: str = "", about: int = 0, typed: str = "") -> str:
    person, by, page = me(), actor(), page_number()
    corrections = Correction.select(Correction, ServiceRecord, Station).join(ServiceRecord, on=Correction.record)
    corrections = corrections.join_from(Correction, Station).where(within(Correction, by))
    objections = Objection.select(Objection, Notice).join(Notice).where(within(Objection, by))
    complaints = Complaint.select().where(within(Complaint, by))
    found, further = part(corrections.order_by(Correction.id.desc()), page, MOST)
    said, more = part(objections.order_by(Objection.id.desc()), page, MOST)
    disagreed, yet = part(complaints.order_by(Complaint.id.desc()), page, MOST)
    return shown(
        "asked", person, corrections=found, until=_appeals(found), wrong=wrong, about=about, typed=typed, objections=said,
        complaints=disagreed, page=page, more=further or more or yet, lines=lines_of(said, by), headline=headline,
    )  # fmt: skip


def _appeals(rows: Sequence[Correction]) -> dict[int, Any]:
    """Until when each of these that can still be appealed may be, by key; those alone that were decided of late, so that
    the policy is not asked about every one there ever was."""
    lately = [row for row in rows if row.state in ("approved", "refused", "told")][:AT_ISSUE]
    return {row.id: row.appeal_until() for row in lately if row.can_still_be_appealed()}


@pages.post("/asked")
@right("appeal", "me")
def appeal() -> Response | str:
    """Appeal once against the decision on a correction of a record of hers: the county decides."""
    key, reason = request.form.get("id", type=int) or 0, clean(request.form.get("reason", ""))
    return ask_for(
        lambda by: Correction.move(key, "appeal", by, reason), "申诉已提交，由县级督导复核。", "me.asked",
        lambda no: _asked(no, key, reason),
    )  # fmt: skip


@pages.get("/disagree/<kind>/<int:key>")
@right("see", "me")
def disagree(kind: str, key: int) -> str:
    """The form in which she does not agree with a decision."""
    if kind not in MATTERS:
        abort(404)
    return shown("disagree", me(), kind=kind, key=key, wrong="", typed="")


@pages.post("/disagree/<kind>/<int:key>")
@right("object", "me")
def say_so(kind: str, key: int) -> Response | str:
    """She does not agree: another than the decider looks into it, and answers by a day."""
    person: Volunteer = me()
    reason = clean(request.form.get("reason", ""))
    return ask_for(
        lambda by: object_to(kind, key, reason, by), "已交给工作站，由没有参与的人核查后答复您。", "me.asked",
        lambda no: shown("disagree", person, kind=kind, key=key, wrong=no, typed=reason),
    )  # fmt: skip
