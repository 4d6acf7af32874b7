"""Walks through the lives of the main line: registration, projects, records, notices, exchange."""

from datetime import timedelta

from cast import STATED, person
from models import clock
from models.activities import Activity
from models.corrections import Correction
from models.keying import key_in
from models.notices import Notice, Objection
from models.projects import Post, Project
from models.records import ServiceRecord, move_all
from models.rewards import Redemption, RewardItem
from models.volunteers import Claim, Volunteer
from walks import Walk


def a_volunteer(cast):
    return Volunteer, Volunteer.enter(cast.recorder, **person()).id


def a_claim(cast):
    someone = cast.registered()
    return Claim, Claim.ask("resident_id", someone.document_number, "搬到本社区", cast.head_b).id


def a_project(cast):
    today = clock.today()
    row = Project.enter(
        cast.recorder, name="爱心陪伴", category="01", recipients=["01"], starts_on=today,
        ends_on=today + timedelta(days=9), headcount=3, **STATED,
    )  # fmt: skip
    Post.enter(cast.recorder, project=row.id, name="陪伴", headcount=3)
    return Project, row.id


def an_activity(cast):
    return Activity, cast.activity().id


def a_record(cast):
    (row,) = key_in([cast.draft(cast.registered(), cast.activity())], cast.recorder)
    return ServiceRecord, row.id


def a_noticed_record(cast):
    _, key = a_record(cast)
    move_all([key], "submit", cast.recorder)
    move_all([key], "approve", cast.head)
    move_all([key], "notice", cast.head)
    return ServiceRecord.get_by_id(key)


def a_notice(cast):
    record = a_noticed_record(cast)
    ServiceRecord.move(record.id, "withdraw", cast.head, "先不公示")
    return Notice, record.notice_id


def an_objection(cast):
    record = a_noticed_record(cast)
    row = Objection.enter(
        cast.recorder, notice=record.notice_id, record=record.id, said_by="邻居", reason="当天没有来"
    )
    return Objection, row.id


def a_correction(cast):
    (record,) = cast.posted(cast.registered(), minutes=60)
    return Correction, Correction.enter(cast.recorder, record=record.id, reason="重复登记").id


def a_redemption(cast):
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=240)
    item = RewardItem.enter(cast.head, name="理发", points=2, stock=3)
    return Redemption, Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k1").id


WALKS = [
    Walk("volunteers", a_volunteer, "return:head resubmit:recorder approve:head suspend:head restore:head"),
    Walk("claims", a_claim, "agree:head"),
    Walk("claims", a_claim, "refuse:head"),
    Walk("projects", a_project, "submit:recorder return:head submit:head publish:head close:head"),
    Walk("activities", an_activity, "hold:recorder"),
    Walk("activities", an_activity, "cancel:recorder"),
    Walk("records", a_record, "submit:recorder return:head submit:recorder approve:head notice:head withdraw:head "
                              "submit:head approve:head return:head void:recorder"),
    Walk("records", a_record, "submit:recorder approve:head notice:head later post:head reverse:system"),
    Walk("records", a_record, "submit:recorder approve:head notice:head later post:system"),
    Walk("notices", a_notice, "later close:head"),
    Walk("notices", a_notice, "later close:system"),
    Walk("objections", an_objection, "uphold:head"),
    Walk("objections", an_objection, "dismiss:head"),
    Walk("corrections", a_correction, "approve:head"),
    Walk("corrections", a_correction, "refuse:head"),
    Walk("rewards", a_redemption, "hand:recorder confirm:recorder"),
    Walk("rewards", a_redemption, "cancel:head"),
]  # fmt: skip
