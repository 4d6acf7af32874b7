"""删除 upwards: what went up and is no more is deleted above, answered record by record; nothing personal is left there."""

import io
import json

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook
from test_upwards import FULL, answers, batch_of, waiting
from upward_records import batch, deletion, service, volunteer

from models import clock, erasing
from models.base import transaction
from models.consents import Consent
from models.corrections import Correction
from models.projects import Project
from models.records import ServiceRecord
from models.upwards import UpwardRecord, standing
from models.upwards_batches import mark_sent, take_answers
from models.upwards_in import ReceivedRecord, UpwardSender
from models.upwards_receive import receive
from models.upwards_sweep import sweep
from models.volunteers import Volunteer
from rules.upwards import DELETED
from rules.upwards_checks import Malformed
from views.uploads import Upload
from views.upwards_file import read_batch_file
from views.upwards_openapi import document
from views.upwards_work import make


@pytest.fixture
def someone(cast):
    return cast.registered("李明", **FULL)


@pytest.fixture
def above(cast):
    """The station as the platform knows it."""
    return UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")


def erase(cast, person: Volunteer) -> None:
    with transaction():
        erasing.erase_volunteer(person.id, cast.head, "本人申请注销")


def went_up(cast, folder) -> dict:
    """Everything there is, sent and accepted."""
    one, said = batch_of(cast, folder)
    take_answers(one.id, answers(said), cast.head)
    return said


def told(said: dict) -> list[tuple]:
    return [(one["type"], one.get("deleted", False)) for one in said["records"]]


def test_an_erased_volunteer_goes_up_as_a_deletion_with_nothing_of_her(cast, someone, tmp_path):
    went_up(cast, tmp_path)
    erase(cast, someone)
    one, said = batch_of(cast, tmp_path)
    assert said["records"] == [
        {"station": said["records"][0]["station"], "type": "volunteer", "id": str(someone.id), "digest": DELETED,
         "deleted": True, "data": {}}
    ]  # fmt: skip
    assert waiting("volunteer").gone
    take_answers(one.id, answers(said), cast.head)
    assert (waiting("volunteer").state, waiting("volunteer").accepted_digest) == ("accepted", DELETED)
    assert make(cast.head, "provincial", tmp_path) == []


def test_a_deletion_stands_on_its_own_sheet_and_is_read_back_as_it_was(cast, someone, tmp_path):
    went_up(cast, tmp_path)
    erase(cast, someone)
    one, said = batch_of(cast, tmp_path)
    path = tmp_path / f"{one.number}.xlsx"
    head, row = [[cell.value for cell in line] for line in load_workbook(path)["删除"].iter_rows(max_row=2)]
    assert head == ["站号", "类型", "记录号", "摘要"] and row[1:3] == ["志愿者", str(someone.id)]
    assert read_batch_file(Upload(path.name, path.read_bytes()))["records"] == said["records"]


def test_who_was_never_sent_is_not_deleted_above_and_waits_for_nothing(cast, someone, tmp_path):
    sweep([cast.a.id], "provincial")
    assert waiting("volunteer").state == "waiting"
    erase(cast, someone)
    assert make(cast.head, "provincial", tmp_path) == []
    assert not UpwardRecord.select().where(UpwardRecord.kind == "volunteer").exists()


def test_who_is_erased_while_she_is_on_her_way_is_deleted_once_she_arrived(cast, someone, tmp_path):
    one, said = batch_of(cast, tmp_path)
    mark_sent(one.id, cast.head)
    erase(cast, someone)
    assert make(cast.head, "provincial", tmp_path) == []
    take_answers(one.id, answers(said), cast.head)
    assert told(batch_of(cast, tmp_path)[1]) == [("volunteer", True)]


def test_who_is_erased_on_her_way_and_refused_is_forgotten(cast, someone, tmp_path):
    one, said = batch_of(cast, tmp_path)
    mark_sent(one.id, cast.head)
    erase(cast, someone)
    take_answers(one.id, answers(said, volunteer="手机号不是本人的"), cast.head)
    assert make(cast.head, "provincial", tmp_path) == []
    assert not UpwardRecord.select().where(UpwardRecord.kind == "volunteer").exists()


def test_a_withdrawn_registration_is_deleted_above_and_comes_back_with_a_new_consent(cast, someone, tmp_path):
    given = Consent.enter(cast.recorder, volunteer=someone.id, kind="registration", given_on=clock.today())
    went_up(cast, tmp_path)
    Consent.move(given.id, "withdraw", cast.recorder, "不想再参加")
    one, said = batch_of(cast, tmp_path)
    assert told(said) == [("volunteer", True)]
    take_answers(one.id, answers(said), cast.head)
    assert make(cast.head, "provincial", tmp_path) == [] and not waiting("volunteer").lacking
    Consent.enter(cast.recorder, volunteer=someone.id, kind="registration", given_on=clock.today())
    assert told(batch_of(cast, tmp_path)[1]) == [("volunteer", False)]


def test_a_record_that_was_taken_back_is_deleted_above(cast, someone, tmp_path):
    (record,) = cast.posted(someone, 150)
    went_up(cast, tmp_path)
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)
    assert ServiceRecord.get_by_id(record.id).state == "reversed"
    assert ("service", True) in told(batch_of(cast, tmp_path)[1])


def test_a_cancelled_project_is_deleted_above_with_its_posts(cast, someone, tmp_path):
    cast.posted(someone, 150)
    Project.update(place="社区活动室").execute()
    said = went_up(cast, tmp_path)
    assert ("project", False) in told(said) and ("post", False) in told(said)
    Project.update(state="cancelled").execute()
    assert set(told(batch_of(cast, tmp_path)[1])) == {("project", True), ("post", True)}


def test_hours_of_who_is_erased_stay_and_nothing_of_them_waits(cast, someone, tmp_path):
    cast.posted(someone, 150)
    went_up(cast, tmp_path)
    erase(cast, someone)
    one, said = batch_of(cast, tmp_path)
    assert told(said) == [("volunteer", True)]
    take_answers(one.id, answers(said), cast.head)
    sweep([cast.a.id], "provincial")
    assert waiting("service").state == "accepted"
    clock.move_demo_clock(31)
    assert standing(cast.head)[1] == UpwardRecord.select().where(UpwardRecord.kind == "project").count()  # it lacks its place


def test_a_deletion_that_is_refused_says_why_and_is_not_sent_for_ever(cast, someone, tmp_path):
    went_up(cast, tmp_path)
    erase(cast, someone)
    one, said = batch_of(cast, tmp_path)
    take_answers(one.id, answers(said, volunteer="请先结清时长"), cast.head)
    assert (waiting("volunteer").state, waiting("volunteer").reason) == ("refused", "请先结清时长")
    assert make(cast.head, "provincial", tmp_path) == []


# --- the receiving side ---


def test_the_platform_empties_what_it_holds_of_a_deleted_volunteer(above):
    sent = [volunteer(1), volunteer(2), service(1, 1), service(2, 2)]
    assert receive(above, batch("x-1", sent), "http").refused == 0
    took = receive(above, batch("x-2", [deletion(sent[0])]), "http")
    assert (took.accepted, took.refused) == (1, 0)
    gone = ReceivedRecord.get(ReceivedRecord.kind == "volunteer", ReceivedRecord.record == "1")
    assert (gone.data, gone.document, gone.document_index) == ("{}", "", "") and gone.deleted_at
    served = {row.record: row for row in ReceivedRecord.select().where(ReceivedRecord.kind == "service")}
    assert "name" not in json.loads(served["1"].data) and served["1"].hours == "2.50" and not served["1"].deleted_at
    assert json.loads(served["2"].data)["name"] == sent[3]["data"]["name"]


def test_a_deleted_record_keeps_what_names_nobody_and_takes_up_no_time(above):
    sent = [volunteer(1), service(1, 1)]
    receive(above, batch("x-1", sent), "http")
    receive(above, batch("x-2", [deletion(sent[1])]), "http")
    gone = ReceivedRecord.get(ReceivedRecord.kind == "service")
    assert gone.deleted_at and (gone.started_at, gone.hours) == (None, "")
    said = json.loads(gone.data)
    assert "name" not in said and "lead" not in said and said["activity"] == "上门陪伴"
    assert receive(above, batch("x-3", [service(2, 1, started_at=sent[1]["data"]["started_at"], ended_at=sent[1]["data"]["ended_at"])]), "http").refused == 0


def test_a_document_is_free_again_in_the_same_batch_and_she_may_come_back(above):
    first = volunteer(1)
    receive(above, batch("x-1", [first]), "http")
    again = first | {"id": "7"}
    assert receive(above, batch("x-2", [again]), "http").answers[0]["code"] == "duplicate"
    assert receive(above, batch("x-3", [deletion(first), again]), "http").refused == 0
    back = receive(above, batch("x-4", [deletion(again), first]), "http")
    assert back.refused == 0
    row = ReceivedRecord.get(ReceivedRecord.record == "1")
    assert row.deleted_at is None and json.loads(row.data) == first["data"]


def test_services_of_who_is_deleted_are_taken_no_more(above):
    receive(above, batch("x-1", [volunteer(1)]), "http")
    receive(above, batch("x-2", [deletion(volunteer(1))]), "http")
    assert receive(above, batch("x-3", [service(1, 1)]), "http").answers[0]["code"] == "reference"


def test_a_deletion_of_what_was_never_received_is_accepted_and_the_same_again_changes_nothing(above):
    assert receive(above, batch("x-1", [deletion(volunteer(9))]), "http").accepted == 1
    assert not ReceivedRecord.select().exists()
    receive(above, batch("x-2", [volunteer(1)]), "http")
    receive(above, batch("x-3", [deletion(volunteer(1))]), "http")
    before = list(ReceivedRecord.select().tuples())
    assert receive(above, batch("x-4", [deletion(volunteer(1))]), "http").accepted == 1
    assert list(ReceivedRecord.select().tuples()) == before


def test_nobody_deletes_what_another_sent(cast, above):
    receive(above, batch("x-1", [volunteer(1)]), "http")
    stranger = UpwardSender.enter(cast.admin, name="环城社区工作站", division="530103001001")
    assert receive(stranger, batch("y-1", [deletion(volunteer(1))]), "http").answers[0]["code"] == "station"
    twin = UpwardSender.enter(cast.admin, name="华山街道", division="530102001")
    assert receive(twin, batch("z-1", [deletion(volunteer(1))]), "http").accepted == 1
    assert ReceivedRecord.get().deleted_at is None


@pytest.mark.parametrize("spoilt", [{"deleted": 1}, {"deleted": "yes"}, {"data": {"name": "李明"}}])
def test_a_deletion_that_is_none_is_no_batch(above, spoilt):
    with pytest.raises(Malformed, match="删除"):
        receive(above, batch("x-1", [deletion(volunteer(1)) | spoilt]), "http")


def test_a_deletion_with_another_digest_is_refused(above):
    answer = receive(above, batch("x-1", [deletion(volunteer(1)) | {"digest": "0" * 64}]), "http").answers[0]
    assert (answer["state"], answer["code"]) == ("refused", "digest")


def test_the_document_describes_a_deletion_and_nothing_else_passes_for_one():
    whole = document()
    fits = Draft202012Validator({"components": whole["components"], "$ref": "#/components/schemas/Batch"})
    assert fits.is_valid(batch("x-1", [deletion(volunteer(1)), volunteer(2), service(1, 2)]))
    assert not fits.is_valid(batch("x-1", [deletion(volunteer(1)) | {"data": {"name": "李明"}}]))
    assert not fits.is_valid(batch("x-1", [volunteer(1) | {"data": {}}]))


def test_both_databases_delete_on_both_sides(cast_on_either, tmp_path):
    cast = cast_on_either
    person = cast.registered("李明", **FULL)
    cast.posted(person, 150)
    sender = UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")
    one, said = batch_of(cast, tmp_path)
    take_answers(one.id, receive(sender, said, "http").answers, cast.head)
    erase(cast, person)
    one, said = batch_of(cast, tmp_path)
    assert told(said) == [("volunteer", True)]
    assert take_answers(one.id, receive(sender, said, "http").answers, cast.head).accepted == 1
    assert ReceivedRecord.get(ReceivedRecord.kind == "volunteer").data == "{}"
    assert "name" not in json.loads(ReceivedRecord.get(ReceivedRecord.kind == "service").data)


def test_the_desk_and_the_county_see_what_was_deleted(cast, desk, someone, above, tmp_path):
    said = went_up(cast, tmp_path)
    receive(above, said, "http")
    erase(cast, someone)
    one, said = batch_of(cast, tmp_path)
    assert desk.signed_in_as(cast.head).get("/admin/upwards/details/", id=one.id).says("要求删除")
    county = desk.signed_in_as(cast.county)
    county.get("/admin/upward_received/")
    sent = (io.BytesIO((tmp_path / f"{one.number}.xlsx").read_bytes()), "批次.xlsx")
    county.post("/admin/upward_received/take/", sender=str(above.id), file=sent)
    assert county.says("接收 1 条，退回 0 条")
    row = ReceivedRecord.get(ReceivedRecord.kind == "volunteer")
    assert row.deleted_at and county.get("/admin/upward_records_in/details/", id=row.id).says("删除时间")
