"""注销与清除 (个人信息保护法 47): a person becomes a number; what her hours rest on stays as it is.

Nothing of the account is touched: entries, lots, records' minutes, stars, honours and months add up as before. What the
trail says stays too, for it is append-only and chained: of sealed columns it holds only that there was something.
"""

from collections.abc import Collection, Iterator
from typing import Any

from peewee import CharField, Expression, Field, ForeignKeyField, ModelSelect, TextField, fn

from models import clock, sessions
from models.applications import Application
from models.assignments import Assignment
from models.base import BaseModel
from models.certificates import Certificate
from models.closes import WAITS, MonthClose
from models.complaints import Complaint
from models.consents import Consent, take_down
from models.corrections import Correction
from models.covers import Cover
from models.fields import CodesField, SealedField
from models.first_codes import FirstCode
from models.honours import Honour
from models.hours import Balance, Entry, Lot
from models.households import Hardship, Household, Recipient, Visit
from models.needs import Need
from models.openings import Opening
from models.people import Account
from models.pool import Grant
from models.records import ServiceRecord
from models.rewards import Redemption
from models.scope import SYSTEM, Actor
from models.second_factor import SecondFactor
from models.sessions import Session
from models.sign_ups import SignUp
from models.stars import StarGrant
from models.stories import Story
from models.training import Qualification
from models.volunteers import Claim, Volunteer
from rules.complaints import UNANSWERED
from rules.projects import LIVE
from rules.retention import ERASED, number_for

CLEARED = "（已清除）"
OPEN_NEEDS = ("asked", "verified", "dispatched", "serving")


def keep_volunteers(volunteers: Collection[int]) -> dict[int, list[str]]:
    """Why each of these volunteers may not be erased now: what is under way about her, in Chinese sentences. A handful
    of statements however many they are."""
    why = under_way(volunteers)
    newest = Entry.select(Entry.volunteer, Entry.station, fn.MAX(Entry.day)).where(Entry.volunteer.in_(volunteers))
    closed = dict(MonthClose.select(MonthClose.station, fn.MAX(MonthClose.month)).group_by(MonthClose.station).tuples())
    for key, station, day in newest.group_by(Entry.volunteer, Entry.station).tuples():
        # Where a station closes its months none of hers may stand open: its people are still being looked at.
        if (month := str(day)[:7]) > closed.get(station, month):
            why[key].append(f"{month} 有工时，这个月还没有月结。")
    return why


def under_way(volunteers: Collection[int]) -> dict[int, list[str]]:
    """What of these volunteers waits for somebody, in Chinese sentences."""
    record = ServiceRecord.alias()
    of_record = Correction.select(record.volunteer, fn.COUNT(1)).join(record, on=(Correction.record == record.id))
    asked = [
        (of_record.where(record.volunteer.in_(volunteers), Correction.state.in_(("asked", "appealed"))), record.volunteer,
         "有 {} 个更正没有办结。"),
        *(
            (_counted(model.volunteer, volunteers, model.state.in_(states)), model.volunteer, says)
            for model, states, says in UNDER_WAY
        ),
    ]  # fmt: skip
    return _said(volunteers, asked)


UNDER_WAY: list[tuple[type[Any], Collection[str], str]] = [
    (Redemption, ("asked", "reserved", "handed"), "有 {} 张兑换单没有办结。"),
    (ServiceRecord, WAITS, "有 {} 条服务记录还没有入账。"),
    (Complaint, UNANSWERED, "有 {} 件投诉没有答复。"),
    (Claim, ("asked",), "有 {} 个认领（转移）没有办结。"),
    (StarGrant, ("proposed", "accepted", "noticed", "recheck"), "有 {} 个星级正在办理。"),
    (StarGrant, ("claimed", "vouched"), "有 {} 个以前认定的星级还没有核对确认。"),
    (Opening, ("draft", "submitted", "disputed"), "有 {} 笔期初工时还没有入账或正在更正。"),
    (Certificate, ("asked", "accepted", "noticed", "claimed"), "有 {} 份志愿服务证明正在办理。"),
    (Honour, ("submitted", "approved", "noticed"), "有 {} 个嘉许正在办理。"),
    (Assignment, ("present",), "有 {} 次活动还没有签退。"),
]


def keep_recipients(recipients: Collection[int]) -> dict[int, list[str]]:
    """Why each of these people served may not be erased now."""
    return _said(recipients, [
        (_counted(Need.recipient, recipients, Need.state.in_(OPEN_NEEDS)), Need.recipient, "有 {} 个需求没有办结。"),
        (_counted(Grant.recipient, recipients, Grant.state == "reserved"), Grant.recipient, "有 {} 张受助单没有发放。"),
    ])  # fmt: skip


def keep_households(households: Collection[int]) -> dict[int, list[str]]:
    """Why each of these households may not be erased now: somebody in it is served, or one of its needs is open."""
    return _said(households, [
        (_counted(Recipient.household, households, Recipient.erased_on.is_null()), Recipient.household,
         "户里还有 {} 位服务对象没有清除。"),
        (_counted(Need.household, households, Need.state.in_(OPEN_NEEDS)), Need.household, "有 {} 个需求没有办结。"),
    ])  # fmt: skip


def _counted(whose: Field, keys: Collection[int], under_way: Expression) -> ModelSelect:
    return whose.model.select(whose, fn.COUNT(1)).where(whose.in_(keys), under_way)


def _said(keys: Collection[int], asked: list[tuple[ModelSelect, Field, str]]) -> dict[int, list[str]]:
    why: dict[int, list[str]] = {key: [] for key in keys}
    for query, whose, says in asked:
        for key, count in query.group_by(whose).tuples():
            why[key].append(says.format(count))
    return why


def leftover(volunteer: int) -> int:
    """Whole minutes that a volunteer could still exchange or donate today."""
    live = Lot.select(fn.COALESCE(fn.SUM(Lot.left), 0)).where(
        Lot.volunteer == volunteer, Lot.left > 0, Lot.expires_on.is_null() | (Lot.expires_on > clock.today())
    )
    balance = Balance.get_or_none(Balance.volunteer == volunteer)
    return max(0, int(live.scalar()) - (balance.debt if balance else 0))


def erase_volunteer(volunteer: int, by: Actor, reason: str) -> None:
    """Replace a volunteer by her number, inside the caller's transaction, which has asked `keep_volunteers`.

    Her way in is closed, she leaves teams and projects, nothing told of her stays public. Erased already, it changes
    nothing. Her document is free again: she may register anew, as somebody else.
    """
    acting = Actor(by.account_id, by.name, SYSTEM.role, by.station_id, by.division)
    person = Volunteer.get_by_id(volunteer)
    if person.state == "erased":
        return
    name, number = person.name, number_for(person.card_no, "V", person.id)
    from models.transfer_packing import forget  # which rests on this room

    _leave(person, acting, reason)
    Volunteer.move(person.id, "erase", acting, reason)
    _forget_name(Volunteer, volunteer, name, number)
    Story.update(whose=number, title=CLEARED, lead="", body=CLEARED, consent_by="").where(
        Story.volunteer == volunteer
    ).execute()
    Consent.update(giver="", witness="", note="").where(Consent.volunteer == volunteer).execute()
    Cover.update(policy_number="").where(Cover.volunteer == volunteer).execute()
    Qualification.update(number="", proof="").where(Qualification.volunteer == volunteer).execute()
    Assignment.update(companion="").where(Assignment.volunteer == volunteer).execute()
    SignUp.delete().where(SignUp.volunteer == volunteer).execute()  # number and code open nothing any more
    forget(volunteer)
    account = Account.get_or_none(Account.volunteer == volunteer)
    if account is not None:
        sessions.end_all(account, "switched_off", acting)
        Session.update(address="", browser="").where(Session.account == account.id).execute()
        SecondFactor.delete().where(SecondFactor.account == account.id).execute()
        FirstCode.delete().where(FirstCode.volunteer == volunteer).execute()
        Account.update(name=number, active=False, password="").where(Account.id == account.id).execute()


def _leave(person: Volunteer, by: Actor, reason: str) -> None:
    from models.teams import leave_all

    leave_all(person.id, reason[:200])
    take_down(person.id, by, reason)
    for model, states, move in ((Application, LIVE, "end"), (Assignment, ("rostered", "confirmed"), "cancel")):
        rows = model.select(model.id).where(model.volunteer == person.id, model.state.in_(states))
        for (key,) in list(rows.tuples()):
            model.move(key, move, by, reason)


def erase_recipient(recipient: int, by: Actor, reason: str) -> None:
    """Replace somebody served by a number, inside the caller's transaction; her needs stay counted, their words go."""
    row = Recipient.get_by_id(recipient)
    if row.erased_on:
        return
    name, number = row.name, number_for(None, "F", row.id)
    row.name, row.hardship, row.note, row.guardian, row.language, row.ethnicity = number, [], None, "", "", ""
    row.document_number, row.document_index, row.phone, row.guardian_phone = None, "", None, None
    row.birth_date = row.birth_date.replace(month=1, day=1) if row.birth_date else None
    row.left_on, row.erased_on = row.left_on or clock.today(), clock.today()
    row.revision += 1
    row.save()
    Hardship.keep(row)
    _forget_name(Recipient, recipient, name, number)
    Need.update(content=CLEARED, risk_note="", rating_note="").where(Need.recipient == recipient).execute()
    Consent.update(giver="", witness="", note="").where(Consent.recipient == recipient).execute()
    row.trace(by, "erase", reason, after={"name": number})


def erase_household(household: int, by: Actor, reason: str) -> None:
    """Replace a household by a number, inside the caller's transaction; visits to it stay counted, what they found goes."""
    row = Household.get_by_id(household)
    if row.erased_on:
        return
    name, number = row.name, number_for(None, "H", row.id)
    row.name, row.building, row.address, row.address_index = number, ERASED, "", f"erased:{row.id}"
    row.phone, row.note, row.left_on, row.erased_on = None, None, row.left_on or clock.today(), clock.today()
    row.revision += 1
    row.save()
    _forget_name(Household, household, name, number)
    Visit.update(found="").where(Visit.household == household).execute()
    Need.update(content=CLEARED, risk_note="", rating_note="").where(Need.household == household).execute()
    row.trace(by, "erase", reason, after={"name": number})


def _forget_name(model: type[BaseModel], key: int, name: str, number: str) -> None:
    """Write the number for the name wherever a row that belongs to the person says it in words: one statement a table.

    Only her own rows: the same name elsewhere may be another's.
    """
    for table, whose in _pointing_at(model):
        words = [field for field in table._meta.sorted_fields if _is_words(field)]
        if not words:
            continue
        told = words[0].contains(name)
        for field in words[1:]:
            told |= field.contains(name)
        said = {field: _written(field, name, number) for field in words}
        table.update(said).where(whose == key, told).execute()


def _pointing_at(model: type[BaseModel]) -> Iterator[tuple[type[BaseModel], Field]]:
    from models.schema import APPEND_ONLY, TABLES

    for table in TABLES:
        if table in APPEND_ONLY:
            continue  # the account names people by their key alone
        for field in table._meta.sorted_fields:
            if isinstance(field, ForeignKeyField) and field.rel_model is model and table is not model:
                yield table, field


def _is_words(field: Field) -> bool:
    """Whether somebody may have written a name into it."""
    free = isinstance(field, CharField | TextField) and not isinstance(field, SealedField | CodesField | ForeignKeyField)
    kept = ("state", "policy", "format_policy", "key", "why", "text")
    return free and not field.choices and not field.unique and not field.primary_key and field.name not in kept


def _written(field: Field, name: str, number: str):
    said = fn.REPLACE(field, name, number)
    limit = getattr(field, "max_length", None)
    return fn.SUBSTR(said, 1, limit) if limit else said
