"""志愿服务证明: which hours it certifies and which not, who makes it, when it stands, and what becomes of it."""

from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook
from walks_certificates import asked

from cast import past_the_notice
from models import clock, printing
from models.certificates import Certificate, CertificateLine, by_activity
from models.corrections import Correction
from models.erasing import keep_volunteers
from models.notices import Notice, Objection
from models.records import ServiceRecord
from models.refusals import NotFound, Refusal
from models.scope import SYSTEM
from models.signing import check
from models.volunteers import Claim, Volunteer
from rules.certificates import TYPE, check_period, number, token_of
from views.ledgers.out import write


def issued(cast, person=None, minutes=240, **more) -> Certificate:
    row = asked(cast, person, minutes, **more)
    Certificate.move(row.id, "accept", cast.recorder)
    return Certificate.move(row.id, "issue", cast.head)


def valid(cast, person=None, **more) -> Certificate:
    row = issued(cast, person, **more)
    clock.shift(days=8) if hasattr(clock, "shift") else past_the_notice()
    return Certificate.move(row.id, "confirm", cast.head)


def test_figures_are_taken_from_the_posted_records_and_frozen(cast_on_either):
    cast = cast_on_either
    row = issued(cast, minutes=600)
    assert (row.minutes, row.records) == (600, 2) and row.hours == "10.00"
    assert row.number == number(str(cast.a.division_id), clock.today().year, row.id) and len(row.code) >= 32
    assert (row.handler, row.in_charge, row.issuer) == (cast.recorder.name, cast.head.name, cast.a.name)
    assert sum(line["minutes"] for line in by_activity(row)) == 600
    cast.posted(row.volunteer, minutes=60)  # of a day after what was certified: the demo clock went on
    assert Certificate.get_by_id(row.id).minutes == 600


def test_only_what_lies_in_the_period_counts(cast):
    person = cast.registered()
    cast.posted(person, minutes=960)
    day = ServiceRecord.select().order_by(ServiceRecord.started_at).first().started_at.date()
    row = issued(cast, person, first_day=day, last_day=day)
    assert row.minutes == 480 and row.records == 1


def test_only_the_project_that_is_named_counts(cast):
    person = cast.registered()
    first = cast.posted(person, minutes=60)[0]
    cast.posted(person, minutes=120, day=clock.today() - timedelta(days=1))
    row = issued(cast, person, project=first.activity.project_id)
    assert row.minutes == 60


def test_without_posted_service_there_is_nothing_to_certify(cast):
    with pytest.raises(Refusal, match="谁记录谁证明"):
        asked(cast, cast.registered())
    assert not Certificate.select().exists()


@pytest.mark.parametrize(("first", "last", "says"), [(2, 5, "应不早于"), (5, -1, "不能晚于今天")])
def test_a_period_that_cannot_be_is_refused(first, last, says):
    today = date(2026, 3, 5)
    (found,) = check_period(today - timedelta(days=first), today - timedelta(days=last), today)
    assert says in found.says


def test_hours_under_correction_are_not_certified(cast):
    person = cast.registered()
    (record,) = cast.posted(person, minutes=120)
    row = asked(cast, person)
    Certificate.move(row.id, "accept", cast.recorder)
    correction = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    with pytest.raises(Refusal, match="1 条服务记录正在更正"):
        Certificate.move(row.id, "issue", cast.head)
    Correction.move(correction.id, "refuse", cast.head, reason="核对无误")
    assert Certificate.move(row.id, "issue", cast.head).minutes == 120


def test_the_handler_and_the_person_in_charge_are_two(cast):
    row = asked(cast)
    Certificate.move(row.id, "accept", cast.head)
    assert "issue" not in {m.name for m in Certificate.get_by_id(row.id).legal_moves(cast.head)}
    with pytest.raises(Refusal, match="应是两个人"):
        Certificate.move(row.id, "issue", cast.head)
    assert Certificate.move(row.id, "issue", cast.deputy).in_charge == cast.deputy.name
    own = asked(cast, by=cast.head, person=row.volunteer, purpose="work")
    Certificate.move(own.id, "accept", cast.recorder)
    with pytest.raises(Refusal, match="自己录入"):
        Certificate.move(own.id, "issue", cast.head)


def test_it_stands_only_after_seven_days_of_the_calendar_inside_the_unit(cast):
    row = issued(cast)
    assert row.notice.closes_on == clock.today() + timedelta(days=7) and row.notice.kind == "certificates"
    with pytest.raises(Refusal, match="期满后才能生效"):
        Certificate.move(row.id, "confirm", cast.head)
    with pytest.raises(Refusal, match="公示中"):
        printing.certificate(row.id, cast.recorder)
    past_the_notice()
    assert Certificate.move(row.id, "confirm", cast.head).valid_on == clock.today()


def test_an_objection_that_is_upheld_revokes_it(cast):
    row = issued(cast)
    said = Objection.enter(cast.recorder, notice=row.notice_id, record=row.id, said_by="邻居", reason="没有去过")
    Objection.move(said.id, "uphold", cast.head, reason="核查属实")
    row = Certificate.get_by_id(row.id)
    assert row.state == "revoked" and "异议成立" in row.outcome and row.number


def test_the_notice_closes_when_nothing_on_it_is_left_to_decide(cast):
    row = issued(cast)
    past_the_notice()
    assert Certificate.move_all([row.id], "confirm", cast.head) == 1
    assert Notice.get_by_id(row.notice_id).state == "closed"


def test_a_later_correction_flags_it_and_it_is_neither_confirmed_nor_printed(cast):
    person = cast.registered()
    (record,) = cast.posted(person, minutes=120)
    row = valid(cast, person)
    assert not row.is_overtaken()
    correction = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(correction.id, "approve", cast.head)
    flagged = list(Certificate.select().where(Certificate.overtaken(cast.head)))
    assert flagged == [row]
    with pytest.raises(Refusal, match="已被冲正"):
        printing.certificate(row.id, cast.recorder)
    Certificate.move(row.id, "revoke", cast.head, reason="时长已更正")
    assert not Certificate.select().where(Certificate.overtaken(cast.head)).exists()


def test_one_issued_anew_takes_the_old_ones_place(cast):
    old = issued(cast)
    new = asked(cast, old.volunteer, purpose="work", replaces=old.id)
    Certificate.move(new.id, "accept", cast.recorder)
    new = Certificate.move(new.id, "issue", cast.head)
    old = Certificate.get_by_id(old.id)
    assert old.state == "revoked" and new.number in old.outcome and new.number != old.number
    with pytest.raises(Refusal, match="同一个人"):
        asked(cast, cast.registered("王芳"), replaces=old.id)


def test_the_same_application_twice_is_refused(cast):
    row = asked(cast)
    with pytest.raises(Refusal, match="正在办理"):
        asked(cast, row.volunteer)
    with pytest.raises(Refusal, match="请写明用在哪里"):
        asked(cast, row.volunteer, purpose="other")


def test_a_stranger_finds_none_and_the_hours_follow_whoever_moves(cast):
    person = cast.registered()
    cast.posted(person, minutes=120)
    with pytest.raises(Refusal, match="没有找到"):
        asked(cast, person, by=cast.recorder_b)
    claim = Claim.ask("resident_id", person.document_number, "搬家", cast.head_b)
    Claim.move(claim.id, "agree", cast.head)
    row = asked(cast, Volunteer.get_by_id(person.id), by=cast.recorder_b)
    Certificate.move(row.id, "accept", cast.recorder_b)
    row = Certificate.move(row.id, "issue", cast.head_b)
    assert row.minutes == 120 and CertificateLine.get().recorded_by == cast.a.name and row.issuer == cast.b.name
    with pytest.raises(NotFound):
        Certificate.move(row.id, "revoke", cast.head, reason="不是我的")


def test_what_is_signed_is_little_and_names_nobody_in_full(cast):
    row = issued(cast)
    signed = check(row.token(), TYPE)
    assert signed.ours and set(signed.payload) == {"v", "no", "name", "minutes", "from", "to", "by", "on"}
    assert signed.payload["name"] == "李*" and signed.payload["minutes"] == row.minutes
    assert row.volunteer.document_number not in str(signed.payload)
    address = f"http://example.org/verify/{row.code}#{row.token()}"
    assert token_of(address) == token_of(f" {row.token()}\n") == row.token()


def test_whoever_asks_for_a_certificate_is_not_erased_meanwhile_and_afterwards_it_names_nobody(cast):
    row = valid(cast)
    assert not any("证明" in why for why in keep_volunteers([row.volunteer_id])[row.volunteer_id])
    other = asked(cast, row.volunteer, purpose="work")
    assert any("志愿服务证明" in why for why in keep_volunteers([row.volunteer_id])[row.volunteer_id])
    Certificate.move(other.id, "refuse", cast.recorder, reason="本人撤回")
    from models.erasing import erase_volunteer

    name = row.volunteer.name
    erase_volunteer(row.volunteer_id, SYSTEM, "本人申请")
    row = Certificate.get_by_id(row.id)
    assert row.state == "valid" and row.minutes == 240 and name not in str(row)
    with pytest.raises(Refusal, match="已注销"):
        printing.certificate(row.id, cast.recorder)


def test_only_the_desk_prints_and_a_supervisor_does_not(cast):
    row = valid(cast)
    printing.certificate(row.id, cast.recorder)
    with pytest.raises(Refusal):
        printing.certificate(row.id, cast.county)


def test_hours_that_nothing_is_decided_of_are_blank_and_not_none(cast, desk, tmp_path):
    person = cast.registered("李明")
    cast.posted(person, minutes=480)
    row = asked(cast, person)
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/certificates/")
    assert page.says("待受理") and not page.says("0.00")
    path = tmp_path / "certificates.xlsx"
    assert write("certificates", path, cast.recorder).totals == {"minutes": 0}
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    at = next(one for one in rows if "证明时长（小时）" in one).index("证明时长（小时）")
    (line,) = [one for one in rows if "李明" in one]
    assert line[at : at + 2] == ["", ""]
    Certificate.move(row.id, "accept", cast.recorder)
    Certificate.move(row.id, "issue", cast.head)
    assert window.get("/admin/certificates/").says("8.00")
    assert write("certificates", path, cast.recorder).totals == {"minutes": 480}


def test_a_revoked_one_is_told_as_revoked_though_its_signature_is_good(cast, desk):
    row = valid(cast)
    window = desk.signed_in_as(cast.recorder)
    assert window.post("/admin/certificates/check/", said=row.token()).says("签名有效") and not window.says("不再有效")
    Certificate.move(row.id, "revoke", cast.head, "时段有误，重新出具。")
    window.post("/admin/certificates/check/", said=row.token())
    assert window.says("签名有效") and window.says("撤销，不再有效") and window.says("时段有误，重新出具。")


def test_the_open_page_says_that_a_notice_is_over_and_not_confirmed_yet(cast, desk):
    row = issued(cast)
    assert desk.get(f"/verify/{row.code}").says("公示到")
    past_the_notice()
    assert desk.get(f"/verify/{row.code}").says("期满，工作站还没有确认")
