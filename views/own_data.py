"""本人资料 (个人信息保护法 45): everything that is held about one volunteer, or one person served, in one workbook.

Written as a stream, a few hundred rows at a time, to a file that goes once it was sent.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response, send_file
from markupsafe import Markup
from peewee import Expression, ModelSelect
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from models import clock
from models.applications import Application
from models.assignments import Assignment
from models.audit import Trail, trail
from models.base import BaseModel
from models.complaints import Complaint
from models.consents import Consent
from models.corrections import Correction
from models.courses import Attendance
from models.covers import Cover
from models.erasures import Erasure
from models.fields import SealedCodesField, SealedField
from models.gifts import Gift
from models.honours import Honour
from models.hours import Entry, Lot
from models.households import Recipient, Visit
from models.measures import TakeUp
from models.moves import permit
from models.needs import Need
from models.notices import Objection
from models.people import Account
from models.pool import Grant
from models.presence import Punch
from models.records import ServiceRecord
from models.refusals import NotFound, refuse
from models.rewards import Redemption
from models.scope import Actor, find
from models.sign_ups import SignUp
from models.stars import StarGrant
from models.stories import Story
from models.teams import TeamMember
from models.training import Backbone, Qualification
from models.volunteers import Volunteer
from rules.access import Role
from views import cells, lists

AT_ONCE = 300  # rows in memory
WIDE = 22  # characters of a column
REASON_MIN = 2
PROFILE = (
    "name card_no state document_type document_number gender birth_date phone residence.full_name address ethnicity politics "
    "education occupation skills languages speciality categories service_times national_no guardian_name guardian_phone "
    "consent_on introducer station registered_on entered_at"
)
SERVED_PROFILE = (
    "name household gender birth_date hardship document_type document_number phone guardian guardian_phone ethnicity language "
    "note left_on station entered_at"
)
SEEN = ("reveal", "export", "print", "hand_over", "own_data", "transfer")  # what others did with her data


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, the rows that are hers, and what is said of each."""

    title: str
    model: type[BaseModel]
    mine: Callable[[int], Expression]
    columns: str


def _of(model: Any) -> Callable[[int], Expression]:
    return lambda key: model.volunteer == key


SHEETS = [
    Sheet("知情同意", Consent, _of(Consent), "kind text given_by giver relation way given_on witness state ended_on ended_for"),
    # The receipt of an application from the site; its code is kept nowhere, and what tells it stays here.
    Sheet("网上报名回执", SignUp, _of(SignUp),
          "number sent_at times post.name wish relation read volunteer.state volunteer.registered_on volunteer.refused_for"),
    Sheet("报名", Application, _of(Application), "project.name post.name way note state decided_on outcome"),
    Sheet("排班和签到", Assignment, _of(Assignment), "activity.name starts_at ends_at role came_at left_at companion state reason"),
    Sheet("签到明细", Punch, _of(Punch), "activity.name at what how why says state"),
    Sheet("服务记录", ServiceRecord, _of(ServiceRecord),
          "activity.name started_at ended_at minutes content quality remark origin station.name state"),
    Sheet("工时账", Entry, _of(Entry), "at day kind origin debit credit minutes station.name reason policy"),
    Sheet("可兑换工时", Lot, _of(Lot), "earned_on origin minutes left expires_on"),
    Sheet("星级", StarGrant, _of(StarGrant), "star honour_minutes why recognised_on recogniser certificate_no state"),
    Sheet("嘉许", Honour, _of(Honour), "title level body given_on document_no deeds certificate_no state"),
    Sheet("优待", TakeUp, _of(TakeUp), "measure.name used_on proof remark state"),
    Sheet("兑换", Redemption, _of(Redemption), "item.name quantity points minutes reserved_on handed_at confirmed_at state"),
    Sheet("转赠与捐赠", Gift, lambda key: (Gift.giver == key) | (Gift.receiver == key), "given_on what minutes reason state"),
    Sheet("培训", Attendance, _of(Attendance), "training.name training.day training.organiser minutes result state"),
    Sheet("资质", Qualification, _of(Qualification), "kind number issuer granted_on expires_on proof state"),
    Sheet("骨干", Backbone, _of(Backbone), "duty since until state"),
    Sheet("保险", Cover, _of(Cover), "insurer policy_number starts_on ends_on remark"),
    Sheet("服务队", TeamMember, _of(TeamMember), "team.name joined_on left_on duty state"),
    Sheet("更正", Correction,
          lambda key: Correction.record.in_(ServiceRecord.select(ServiceRecord.id).where(ServiceRecord.volunteer == key)),
          "record.started_at reason decision answer decided_on appeal_reason review outcome state"),
    # Of whoever complained nothing: that is another's.
    Sheet("投诉结论", Complaint, _of(Complaint), "received_on outcome measure replied_on state"),
    Sheet("本人提出的异议", Objection, lambda key: Objection.entered_by.in_(_account_of(key)),
          "notice.title record reason outcome state entered_at"),
    Sheet("本人提出的意见", Complaint, lambda key: Complaint.entered_by.in_(_account_of(key)),
          "received_on reason due_on reply replied_on state"),
    Sheet("事迹", Story, _of(Story), "title whose body consent_on published_on state"),
    Sheet("注销申请", Erasure, _of(Erasure), "asked_on reason due_on answer answered_on state"),
    Sheet("谁看过、取过", Trail, lambda key: _seen("volunteer", key), "at who role action reason after"),
]  # fmt: skip
SERVED_SHEETS = [
    Sheet("知情同意", Consent, lambda key: Consent.recipient == key,
          "kind text given_by giver relation way given_on witness state ended_on ended_for"),
    Sheet("需求", Need, lambda key: Need.recipient == key,
          "collected_on category content urgency risk_note handler met_on satisfaction rating_note state"),
    Sheet("走访", Visit, lambda key: Visit.household.in_(Recipient.select(Recipient.household).where(Recipient.id == key)),
          "day visitor role found next_on"),
    Sheet("受助", Grant, lambda key: Grant.recipient == key, "granted_on item.name quantity handed_at state"),
    Sheet("注销申请", Erasure, lambda key: Erasure.recipient == key, "asked_on reason due_on answer answered_on state"),
    Sheet("谁看过、取过", Trail, lambda key: _seen("recipient", key), "at who role action reason after"),
]  # fmt: skip


def _account_of(key: int) -> ModelSelect:
    """The account in which a volunteer says something herself."""
    return Account.select(Account.id).where(Account.volunteer == key)


def _seen(table: str, key: int) -> Expression:
    """What others did with what is held of the person."""
    return (Trail.table == table) & (Trail.row == str(key)) & Trail.action.in_(SEEN)


def own(by: Actor) -> Response:
    """A volunteer fetches what is held about her; a trace is left. ``NotFound`` for anybody else."""
    if by.role != Role.VOLUNTEER or by.volunteer_id is None:
        raise NotFound()
    person = Volunteer.get_by_id(by.volunteer_id)
    trail(by, "own_data", "volunteer", person.id, station=person.station_id)
    return _sent(person)


def handed_over(model: type[Volunteer] | type[Recipient], key: object, reason: str, by: Actor) -> Response:
    """The head fetches it for a person at the desk who cannot sign in, on her written request; a trace is left.

    Raises ``Refusal`` without the right or a reason, ``NotFound`` for a stranger's.
    """
    permit(by, "hand_over", model.resource)
    person = find(model, key, by)
    if len(reason.strip()) < REASON_MIN:
        raise refuse("请写明理由，例如「本人持身份证到站书面申请」。", "reason")
    trail(by, "hand_over", model._meta.table_name, person.id, reason=reason.strip(), station=person.station_id)
    return _sent(person)


def _sent(person: Volunteer | Recipient) -> Response:
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- gone once the answer is closed
    write(person, file)
    file.seek(0)
    number = person.card_no if isinstance(person, Volunteer) else None
    name = f"本人资料 {number or person.id} {clock.today()}.xlsx"
    sent = send_file(file, as_attachment=True, download_name=name)
    sent.headers["Cache-Control"] = "no-store"
    return sent


def write(person: Volunteer | Recipient, file: Any) -> None:
    """Write the workbook of one person: her registration in the clear, then a sheet a kind."""
    volunteer = isinstance(person, Volunteer)
    profile, sheets = (PROFILE, SHEETS) if volunteer else (SERVED_PROFILE, SERVED_SHEETS)
    with tempfile.TemporaryDirectory(prefix=".own-") as room:
        book = Workbook(file, {
            "constant_memory": True, "tmpdir": str(Path(room)), "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False,
        })  # fmt: skip
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        _profile(book.add_worksheet("登记"), person, profile, bold, wrap)
        for sheet in sheets:
            page = book.add_worksheet(sheet.title)
            names = sheet.columns.split()
            page.set_column(0, len(names) - 1, WIDE, wrap)
            page.freeze_panes(1, 0)
            for at, path in enumerate(names):
                page.write_string(0, at, cells.heading(sheet.model, path), bold)
            for line, row in enumerate(_rows(sheet, person.id), 1):
                for at, path in enumerate(names):
                    page.write_string(line, at, _said(row, path))
        book.close()


def _profile(page: Worksheet, person: Volunteer | Recipient, profile: str, bold: Any, wrap: Any) -> None:
    page.set_column(0, 0, WIDE)
    page.set_column(1, 1, 3 * WIDE, wrap)
    page.write_string(0, 0, "本人资料", bold)
    page.write_string(0, 1, f"{clock.now():%Y-%m-%d %H:%M} 由系统导出（个人信息保护法第四十五条）")
    for line, path in enumerate(profile.split(), 2):
        page.write_string(line, 0, cells.heading(type(person), path), bold)
        page.write_string(line, 1, _said(person, path))


def _rows(sheet: Sheet, key: int) -> Iterator[Any]:
    """Hers, the oldest first, a part at a time, with what their columns lead to."""
    model, last = sheet.model, 0
    while True:
        some = model.select(model.id).where(sheet.mine(key), model.id > last).order_by(model.id).limit(AT_ONCE)
        keys = [found for (found,) in some.tuples()]
        if not keys:
            return
        yield from lists.with_keys(model, sheet.columns.split(), keys)
        last = keys[-1]


def _said(row: Any, path: str) -> str:
    """A cell in words; her own sealed values in the clear."""
    field = row._meta.fields.get(path)
    if isinstance(field, SealedCodesField):
        return str(cells.words_of(field.kind, getattr(row, path)))
    if isinstance(field, SealedField):
        return str(getattr(row, path) or "")
    if isinstance(row, Trail) and path in ("role", "action", "after"):
        return _trace(row, path)
    said = cells.show(row, path)
    return Markup(said).striptags() if isinstance(said, Markup) else str(said)


def _trace(row: Trail, path: str) -> str:
    from views.base import ACTIONS

    if path == "role":
        return Role(row.role).label
    if path == "action":
        return ACTIONS.get(row.action, row.action)
    field, of = (row.after or {}).get("field", ""), Volunteer if row.table == "volunteer" else Recipient
    return of.label(field) if field in of._meta.fields else ""
