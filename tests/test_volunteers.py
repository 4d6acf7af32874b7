"""招募注册: one document one person, numbers on approval, claims by agreement, and secrets kept."""

from datetime import date, timedelta

import pytest

from cast import person
from models import clock
from models.audit import Trail
from models.base import database
from models.hours import Balance
from models.moves import UNSHOWN
from models.refusals import NotFound, Refusal
from models.scope import find
from models.volunteers import Claim, Volunteer, earlier_registration

SECRETS = ("document_number", "phone", "address", "guardian_phone")


def test_the_document_says_birth_date_and_gender(cast):
    row = Volunteer.enter(cast.recorder, **person(birth=date(1990, 3, 7)), gender="9", birth_date=date(1970, 1, 1))
    assert row.birth_date == date(1990, 3, 7)
    assert row.gender in ("1", "2")


def test_a_document_registered_here_or_elsewhere_is_refused_and_named(cast):
    values = person()
    Volunteer.enter(cast.recorder, **values)
    with pytest.raises(Refusal, match=r"已在本站登记：李明（待审核）"):
        Volunteer.enter(cast.head, **values)
    with pytest.raises(Refusal, match=r"已在「文林社区学雷锋志愿服务工作站」登记.*请用「认领」"):
        Volunteer.enter(cast.recorder_b, **values)
    assert Volunteer.select().count() == 1


def test_lower_case_x_and_blanks_are_the_same_document(cast):
    values = person() | {"document_number": "11010519491231002X"}
    Volunteer.enter(cast.recorder, **values)
    with pytest.raises(Refusal, match="已在本站登记"):
        Volunteer.enter(cast.recorder, **person() | {"document_number": " 11010519491231002x "})
    assert earlier_registration("resident_id", "11010519491231002x")


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"document_number": "530102199003071095"}, "document_number"),
        ({"document_number": None}, "document_number"),
        ({"document_type": "library_card"}, "document_type"),
        ({"phone": "123"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"name": ""}, "name"),
        ({"residence": "999999"}, "residence"),
        ({"skills": ["zz"]}, "skills"),
        ({"categories": ["01", "zz"]}, "categories"),
        ({"ethnicity": "zz"}, "ethnicity"),
        ({"service_times": ["25"]}, "service_times"),
        ({"consent_on": date(2099, 1, 1)}, "consent_on"),
        ({"gender": "3"}, "gender"),
    ],
)
def test_what_is_wrong_is_named_at_its_column_and_nothing_is_written(cast, more, where):
    with pytest.raises(Refusal) as no:
        Volunteer.enter(cast.recorder, **person() | more)
    assert where in {f.where for f in no.value.findings}
    assert Volunteer.select().count() == 0
    assert Volunteer.enter(cast.recorder, **person(), ethnicity="01", skills=["01"], residence="530102")


def test_a_minor_needs_a_guardian_and_a_small_child_cannot_register(cast):
    values = person(birth=date(clock.today().year - 12, 1, 1))
    with pytest.raises(Refusal, match="未满 18 周岁，请填写监护人姓名和电话"):
        Volunteer.enter(cast.recorder, **values)
    assert Volunteer.enter(cast.recorder, **values, guardian_name="李父", guardian_phone="13812345678")
    small = person(birth=date(clock.today().year - 5, 1, 1))
    with pytest.raises(Refusal, match="未满 8 周岁，不能注册"):
        Volunteer.enter(cast.recorder, **small, guardian_name="李父", guardian_phone="13812345678")


def test_a_number_is_issued_on_approval_and_kept(cast):
    row = Volunteer.enter(cast.recorder, **person())
    assert row.card_no is None
    row = Volunteer.move(row.id, "approve", cast.head)
    assert row.card_no == f"530102{cast.a.id:04d}00001"
    assert row.registered_on == clock.today()
    assert Balance.get_by_id(row.id).honour == 0
    Volunteer.move(row.id, "suspend", cast.head, "迁走")
    assert Volunteer.move(row.id, "restore", cast.head, "回来了").card_no == row.card_no
    assert cast.registered("王芳").card_no == f"530102{cast.a.id:04d}00002"


def test_who_has_a_card_is_renamed_by_the_head_alone(cast):
    row = cast.registered()
    other = person()["document_number"]
    for values in ({"document_number": other}, {"name": "李鸣"}):
        with pytest.raises(Refusal, match="由站长更正"):
            Volunteer.amend(row.id, cast.recorder, **values)
    assert Volunteer.amend(row.id, cast.recorder, phone="13900000001").phone == "13900000001"
    assert Volunteer.amend(row.id, cast.head, name="李鸣", document_number=other).card_no == row.card_no
    trace = Trail.select().where(Trail.action == "amend").order_by(Trail.id.desc()).first()
    assert {"name", "document_number", "document_index"} <= set(trace.after)


def test_an_applicants_slip_is_mended_by_the_recorder(cast):
    row = Volunteer.enter(cast.recorder, **person())
    assert Volunteer.amend(row.id, cast.recorder, name="李鸣").name == "李鸣"


def test_secrets_are_sealed_at_rest_in_the_row_and_in_the_trail(cast_on_either):
    cast = cast_on_either
    values = person() | {"address": "文林街18号3单元502室", "guardian_phone": "13700001234"}
    row = Volunteer.enter(cast.recorder, **values)
    Volunteer.amend(row.id, cast.recorder, phone="13900000001", address="文林街19号")
    plain = [*(values[name] for name in SECRETS), "13900000001", "文林街19号"]
    everything = ""
    for table in ("volunteer", "trail"):
        everything += str(database.execute_sql(f"SELECT * FROM {table}").fetchall())
    assert row.name in everything
    for secret in plain:
        assert secret not in everything
        assert secret.encode().hex() not in everything
    trace = Trail.select().where(Trail.action == "amend").get()
    assert trace.after == {"phone": UNSHOWN, "address": UNSHOWN}
    assert Volunteer.get_by_id(row.id).address == "文林街19号"


def test_a_reveal_needs_a_reason_and_leaves_a_trace(cast):
    row = cast.registered()
    with pytest.raises(Refusal, match="请写明查看的理由"):
        row.reveal("phone", cast.recorder, " ")
    with pytest.raises(KeyError):
        row.reveal("name", cast.recorder, "核对")
    with pytest.raises(Refusal, match="督导不能办理"):
        row.reveal("phone", cast.county, "核对")
    with pytest.raises(NotFound):
        row.reveal("phone", cast.head_b, "核对")
    assert not Trail.select().where(Trail.action == "reveal").exists()
    assert row.reveal("phone", cast.recorder, "通知活动改期") == row.phone
    trace = Trail.get(Trail.action == "reveal")
    assert (trace.reason, trace.after, trace.station) == ("通知活动改期", {"field": "phone"}, cast.a.id)


def test_masks_hide_the_middle(cast):
    row = cast.registered()
    masked = row.masked()
    assert set(masked) == set(SECRETS)
    assert masked["document_number"] != row.document_number
    assert row.phone not in masked["phone"]
    assert row.masked_name == "李*"


def test_a_claim_moves_the_person_when_the_other_station_agrees(cast):
    row = cast.registered()
    claim = Claim.ask("resident_id", row.document_number, "搬到本社区居住", cast.recorder_b)
    assert Claim.ask("resident_id", row.document_number, "搬到本社区居住", cast.recorder_b).id == claim.id
    with pytest.raises(Refusal, match="要由原工作站的站长同意"):
        Claim.move(claim.id, "agree", cast.head_b)
    with pytest.raises(Refusal, match="不在记录员的职责内"):
        Claim.move(claim.id, "agree", cast.recorder)
    assert [m.name for m in claim.legal_moves(cast.head)] == ["agree", "refuse"]
    assert claim.legal_moves(cast.head_b) == []
    Claim.move(claim.id, "agree", cast.head)
    moved = find(Volunteer, row.id, cast.head_b)
    assert (moved.card_no, moved.state, moved.revision) == (row.card_no, "registered", row.revision + 1)
    with pytest.raises(NotFound):
        find(Volunteer, row.id, cast.head)
    assert Trail.get(Trail.action == "transfer").after == {"station": cast.b.id}


def test_a_refused_claim_moves_nobody(cast):
    row = cast.registered()
    claim = Claim.ask("resident_id", row.document_number, "搬家", cast.head_b)
    Claim.move(claim.id, "refuse", cast.head, "本人没有搬")
    assert Volunteer.get_by_id(row.id).station_id == cast.a.id


@pytest.mark.parametrize(
    ("number", "reason", "wrong"),
    [(None, "搬家", "没有查到"), ("own", "搬家", "就在本站登记"), ("other", " ", "请写明认领的理由")],
)
def test_a_claim_must_make_sense(cast, number, reason, wrong):
    own, other = cast.registered("王芳", by=cast.recorder_b), cast.registered()
    document = {"own": own.document_number, "other": other.document_number}.get(number, "530102199003071094")
    with pytest.raises(Refusal, match=wrong):
        Claim.ask("resident_id", document, reason, cast.recorder_b)
    assert Claim.select().count() == 0


def test_an_old_claim_cannot_move_who_has_gone_elsewhere_meanwhile(cast):
    row = cast.registered()
    first = Claim.ask("resident_id", row.document_number, "搬家", cast.head_b)
    second = Claim.ask("resident_id", row.document_number, "又问一次", cast.recorder_b)
    assert second.id == first.id
    late = Claim(volunteer=row.id, from_station=cast.a.id, to_station=cast.b.id, reason="旧的")
    late.save(force_insert=True)
    Claim.move(first.id, "agree", cast.head)
    with pytest.raises(Refusal, match="已转到别的工作站"):
        Claim.move(late.id, "agree", cast.head)
    assert Claim.move(late.id, "refuse", cast.head, "已转走").state == "refused"


def test_age_counts_full_years(cast):
    row = cast.registered(birth=date(2000, 2, 29))
    assert row.age(date(2025, 2, 27)) == 24
    assert row.age(date(2025, 3, 1)) == 25
    assert row.age() >= (clock.today() - timedelta(days=366)).year - 2000 - 1
