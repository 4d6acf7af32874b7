"""A volunteer whom another station of the same installation claimed: she goes up anew for that one, is accepted there, and no
copy of her stays where she was. What was refused for something wrong elsewhere goes up again."""

import json

import pytest
from test_upwards import FULL, answers, batch_of, waiting
from test_upwards_deleting import told
from upward_records import STATION, batch, deletion, service, volunteer

from models import clock
from models.audit import Trail
from models.consents import Consent
from models.projects import Project
from models.refusals import Refusal
from models.upwards import UpwardRecord
from models.upwards_batches import again, mark_sent, take_answers
from models.upwards_in import ReceivedRecord, UpwardSender
from models.upwards_receive import receive
from models.upwards_sweep import sweep
from models.volunteers import Claim, Volunteer
from rules.upwards import DELETED
from views.upwards_work import make

NEXT = "530103001001-2"


@pytest.fixture
def someone(cast):
    return cast.registered("李明", **FULL)


@pytest.fixture
def whole(cast):
    """The platform's sender of both stations: one installation with one token."""
    return UpwardSender.enter(cast.admin, name="昆明市", division="5301")


def claim(cast, person: Volunteer) -> None:
    asked = Claim.ask("resident_id", person.document_number, "搬到本社区居住", cast.recorder_b)
    Claim.move(asked.id, "agree", cast.head)


def goes(cast, sender, folder, by=None) -> dict:
    """One batch made, received by the platform and answered."""
    one, said = batch_of(cast, folder, by=by)
    took = receive(sender, said, "http")
    take_answers(one.id, took.answers, by or cast.head)
    return {**said, "refused": took.refused, "answers": took.answers}


def up_there() -> list[tuple]:
    rows = ReceivedRecord.select().where(ReceivedRecord.kind == "volunteer", ReceivedRecord.deleted_at.is_null())
    return [(row.sender_id, row.station_code, row.record) for row in rows.order_by(ReceivedRecord.id)]


def test_who_was_claimed_goes_up_unchanged_for_the_new_station_and_is_accepted(cast, someone, whole, tmp_path):
    goes(cast, whole, tmp_path, by=cast.prefecture)
    claim(cast, someone)
    said = goes(cast, whole, tmp_path, by=cast.prefecture)
    assert told(said) == [("volunteer", False)] and said["refused"] == 0
    assert up_there() == [(whole.id, f"530103001001-{cast.b.id}", str(someone.id))]
    left = ReceivedRecord.get(ReceivedRecord.station_code == f"530102001001-{cast.a.id}", ReceivedRecord.kind == "volunteer")
    assert (left.digest, left.data, left.document, left.document_index) == (DELETED, "{}", "", "")
    assert Trail.select().order_by(Trail.id.desc()).where(Trail.action == "take").get().after["moved"] == 1
    assert make(cast.prefecture, "provincial", tmp_path) == []
    assert (waiting("volunteer").station_id, waiting("volunteer").accepted_for) == (cast.b.id, cast.b.id)


def test_each_station_with_a_token_of_its_own_hands_her_over_too(cast, someone, tmp_path):
    a = UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")
    b = UpwardSender.enter(cast.admin, name="环城社区工作站", division="530103001001")
    goes(cast, a, tmp_path)
    claim(cast, someone)
    assert make(cast.head, "provincial", tmp_path) == []  # she is no more its to send
    assert goes(cast, b, tmp_path, by=cast.head_b)["refused"] == 0
    assert up_there() == [(b.id, f"530103001001-{cast.b.id}", str(someone.id))]
    erase_by(cast, someone)
    assert told(goes(cast, b, tmp_path, by=cast.head_b)) == [("volunteer", True)]
    assert up_there() == []


def erase_by(cast, person) -> None:
    from models import erasing
    from models.base import transaction

    with transaction():
        erasing.erase_volunteer(person.id, cast.head_b, "本人申请注销")


def test_her_services_at_the_old_station_lose_her_name_when_she_is_deleted(cast, someone, tmp_path):
    a = UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")
    b = UpwardSender.enter(cast.admin, name="环城社区工作站", division="530103001001")
    cast.posted(someone, 150)
    Project.update(place="社区活动室").execute()
    goes(cast, a, tmp_path)
    claim(cast, someone)
    goes(cast, b, tmp_path, by=cast.head_b)
    kept = ReceivedRecord.get(ReceivedRecord.kind == "service")
    assert json.loads(kept.data)["name"] == "李明"
    erase_by(cast, someone)
    goes(cast, b, tmp_path, by=cast.head_b)
    kept = ReceivedRecord.get_by_id(kept.id)
    assert "name" not in json.loads(kept.data) and kept.hours == "2.50"


def test_claimed_and_erased_before_she_went_up_anew_the_old_station_has_her_deleted(cast, someone, tmp_path):
    a = UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")
    goes(cast, a, tmp_path)
    claim(cast, someone)
    sweep([cast.b.id], "provincial")
    assert waiting("volunteer").station_id == cast.b.id
    erase_by(cast, someone)
    assert make(cast.head_b, "provincial", tmp_path) == []
    assert told(goes(cast, a, tmp_path)) == [("volunteer", True)] and up_there() == []


def test_claimed_and_withdrawn_before_she_went_up_anew_the_old_station_has_her_deleted(cast, someone, tmp_path):
    a = UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")
    given = Consent.enter(cast.recorder, volunteer=someone.id, kind="registration", given_on=clock.today())
    goes(cast, a, tmp_path)
    claim(cast, someone)
    Consent.move(given.id, "withdraw", cast.recorder_b, "不想再参加")
    assert make(cast.head_b, "provincial", tmp_path) == []
    assert told(goes(cast, a, tmp_path)) == [("volunteer", True)] and up_there() == []
    assert make(cast.head, "provincial", tmp_path) == [] and make(cast.head_b, "provincial", tmp_path) == []


def test_claimed_while_she_is_on_her_way_she_goes_again_after_the_answer(cast, someone, whole, tmp_path):
    one, said = batch_of(cast, tmp_path)
    mark_sent(one.id, cast.head)
    claim(cast, someone)
    assert make(cast.head_b, "provincial", tmp_path) == []
    take_answers(one.id, receive(whole, said, "http").answers, cast.head)
    assert told(goes(cast, whole, tmp_path, by=cast.head_b)) == [("volunteer", False)]
    assert [code for _, code, _ in up_there()] == [f"530103001001-{cast.b.id}"]


def test_claimed_back_again_she_stands_at_the_first_station(cast, someone, whole, tmp_path):
    goes(cast, whole, tmp_path, by=cast.prefecture)
    claim(cast, someone)
    goes(cast, whole, tmp_path, by=cast.prefecture)
    asked = Claim.ask("resident_id", someone.document_number, "搬回来", cast.recorder)
    Claim.move(asked.id, "agree", cast.head_b)
    assert goes(cast, whole, tmp_path, by=cast.prefecture)["refused"] == 0
    assert [code for _, code, _ in up_there()] == [f"530102001001-{cast.a.id}"]


@pytest.mark.parametrize("wrong", ["record", "number", "same batch"])
def test_another_registration_of_the_same_document_is_refused_and_told_what_to_do(cast, whole, wrong):
    first, twin = volunteer(1), volunteer(1) | {"station": NEXT}
    if wrong == "number":
        changed = volunteer(1, volunteer_no="530103000000009")
        twin = changed | {"station": NEXT}
    elif wrong == "record":
        twin |= {"id": "77"}
    if wrong == "same batch":
        (_, no) = receive(whole, batch("x-1", [first, twin]), "http").answers
    else:
        receive(whole, batch("x-1", [first]), "http")
        (no,) = receive(whole, batch("x-2", [twin]), "http").answers
    assert (no["state"], no["code"]) == ("refused", "duplicate")
    for word in ("昆明市", STATION, "记录号 1", "异地转移", "重新报送"):
        assert word in no["reason"]
    assert first["data"]["document_number"] not in no["reason"] and len(no["reason"]) < 300
    assert [code for _, code, _ in up_there()] == [STATION]


def test_a_name_is_not_taken_from_others_who_have_a_volunteer_of_the_same_number(cast, whole):
    other = UpwardSender.enter(cast.admin, name="别的平台", division="530102")
    receive(other, batch("y-1", [volunteer(1), service(9, 1)]), "http")
    same = volunteer(2, volunteer_no="530102000000001")
    receive(whole, batch("x-1", [same]), "http")
    receive(whole, batch("x-2", [deletion(same)]), "http")
    assert json.loads(ReceivedRecord.get(ReceivedRecord.kind == "service").data)["name"]


def test_what_was_refused_for_want_of_its_volunteer_goes_again_once_she_is_accepted(cast, someone, tmp_path):
    cast.posted(someone, 150)
    Project.update(place="社区活动室").execute()
    one, said = batch_of(cast, tmp_path)
    take_answers(one.id, answers(said, volunteer="手机号不是本人的", service="没有接收过这位志愿者"), cast.head)
    assert make(cast.head, "provincial", tmp_path) == []
    Volunteer.amend(someone.id, cast.head, phone="13900002222")
    one, said = batch_of(cast, tmp_path)
    assert told(said) == [("volunteer", False)]
    clock.move_demo_clock(1)
    take_answers(one.id, answers(said), cast.head)
    one, said = batch_of(cast, tmp_path)
    assert told(said) == [("service", False)]
    clock.move_demo_clock(1)
    take_answers(one.id, answers(said, service="还是不行"), cast.head)
    assert make(cast.head, "provincial", tmp_path) == []  # not for ever


def test_the_head_sends_a_refused_record_again_and_nobody_else_does(cast, someone, tmp_path, desk):
    one, said = batch_of(cast, tmp_path)
    take_answers(one.id, answers(said, volunteer="这个证件号已由别处报送过"), cast.head)
    row = waiting("volunteer")
    with pytest.raises(Refusal):
        again(row.id, cast.recorder)
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/upward_records/details/", id=row.id).says("重新报送")
    window.post(f"/admin/upward_records/again/?id={row.id}")
    assert window.says("已重新等待") and not window.says("重新报送</button>")
    again(row.id, cast.head)  # twice changes nothing
    assert Trail.select().where(Trail.action == "again").count() == 1
    assert told(batch_of(cast, tmp_path)[1]) == [("volunteer", False)]
    mark_sent(UpwardRecord.get_by_id(row.id).batch_id, cast.head)
    with pytest.raises(Refusal, match="已报送"):
        again(row.id, cast.head)
