"""汇入上级平台: what goes up, what waits and why, what was answered; the sending side on its own."""

import json

import pytest
from openpyxl import load_workbook

from models import clock
from models.consents import Consent
from models.projects import Project
from models.refusals import NotFound, Refusal
from models.upwards import UpwardBatch, UpwardRecord, standing
from models.upwards_batches import mark_sent, take_answers, void
from models.upwards_in import UpwardSender
from models.upwards_receive import receive
from models.upwards_sweep import sweep
from models.volunteers import Volunteer
from rules.upwards import KINDS
from views.upwards_work import make

FULL = {"gender": "1", "speciality": "理发", "categories": ["01"], "residence": "530102"}


@pytest.fixture
def someone(cast):
    return cast.registered("李明", **FULL)


def waiting(kind: str, target: str = "provincial") -> UpwardRecord:
    return UpwardRecord.get(UpwardRecord.kind == kind, UpwardRecord.target == target)


def batch_of(cast, folder, by=None, target="provincial") -> tuple[UpwardBatch, dict]:
    (batch,) = make(by or cast.head, target, folder)
    return batch, json.loads((folder / f"{batch.number}.json").read_text("utf-8"))


def answers(said: dict, **refused: str) -> list[dict]:
    """Yes to every record of a batch, no to those of the kinds named."""
    found = []
    for one in said["records"]:
        key = {name: one[name] for name in ("station", "type", "id", "digest")}
        no = refused.get(one["type"])
        found.append(key | ({"state": "refused", "reason": no} if no else {"state": "accepted"}))
    return found


def test_a_volunteer_goes_up_with_the_national_codes(cast, someone, tmp_path):
    batch, said = batch_of(cast, tmp_path)
    (one,) = [r["data"] for r in said["records"] if r["type"] == "volunteer"]
    assert one["gender"] == someone.gender and one["area"] == "530102000000000000" and one["service_times"] == ["01", "02"]
    assert one["document_type"] == "居民身份证" and one["categories"] == ["社区服务"] and one["status"] == "启用"
    assert said["batch"] == batch.number and said["target"] == "provincial" and said["counts"]["volunteer"] == 1


def test_what_the_law_does_not_name_goes_up_by_consent_alone(cast, someone, tmp_path):
    Volunteer.amend(someone.id, cast.head, ethnicity="07", politics="13", address="文林街 1 号")
    sweep([cast.a.id], "provincial")
    before = waiting("volunteer").digest
    Consent.enter(cast.recorder, volunteer=someone.id, kind="sharing", given_on=clock.today())
    _, said = batch_of(cast, tmp_path)
    (one,) = [r["data"] for r in said["records"] if r["type"] == "volunteer"]
    assert (one["ethnicity"], one["politics"], one["address"]) == ("07", "13", "文林街 1 号")
    assert waiting("volunteer").digest != before


def test_what_lacks_something_waits_and_says_what(cast, someone, tmp_path):
    Volunteer.amend(someone.id, cast.head, speciality="")
    Project.update(recruiting="invited").where(Project.id == cast.activity().project_id).execute()
    make(cast.head, "provincial", tmp_path)
    assert waiting("volunteer").lacking == "缺少「个人特长」"
    assert waiting("project").state == "waiting" and "缺少" in waiting("project").lacking
    assert UpwardRecord.select().where(UpwardRecord.lacks(cast.head)).count() >= 2


def test_a_child_without_a_guardians_consent_waits(cast, someone, tmp_path):
    Volunteer.update(birth_date=clock.today().replace(year=clock.today().year - 10)).where(Volunteer.id == someone.id).execute()
    sweep([cast.a.id], "provincial")
    assert waiting("volunteer").lacking == "缺少监护人同意书"


def test_a_posted_record_goes_up_after_its_volunteer(cast, someone, tmp_path):
    cast.posted(someone, 150)
    _, said = batch_of(cast, tmp_path)
    kinds = [one["type"] for one in said["records"]]
    assert kinds == sorted(kinds, key=list(KINDS).index) and "service" in kinds
    (service,) = [r["data"] for r in said["records"] if r["type"] == "service"]
    assert service["hours"] == "2.50" and service["status"] == "2" and service["volunteer_no"] == someone.card_no


def test_only_what_changed_since_it_was_accepted_goes_again(cast, someone, tmp_path):
    batch, said = batch_of(cast, tmp_path)
    mark_sent(batch.id, cast.head)
    done = take_answers(batch.id, answers(said), cast.head)
    assert done.accepted == len(said["records"]) and UpwardBatch.get_by_id(batch.id).state == "answered"
    assert make(cast.head, "provincial", tmp_path) == []
    Volunteer.amend(someone.id, cast.head, phone="13900001111")
    _, again = batch_of(cast, tmp_path)
    assert [one["type"] for one in again["records"]] == ["volunteer"]


def test_what_was_refused_goes_again_once_it_is_put_right(cast, someone, tmp_path):
    batch, said = batch_of(cast, tmp_path)
    take_answers(batch.id, answers(said, volunteer="手机号不是本人的"), cast.head)
    assert (waiting("volunteer").state, waiting("volunteer").reason) == ("refused", "手机号不是本人的")
    assert make(cast.head, "provincial", tmp_path) == []
    Volunteer.amend(someone.id, cast.head, phone="13900002222")
    _, again = batch_of(cast, tmp_path)
    assert [one["id"] for one in again["records"]] == [str(someone.id)]


def test_the_same_answers_twice_change_nothing(cast, someone, tmp_path):
    batch, said = batch_of(cast, tmp_path)
    take_answers(batch.id, answers(said), cast.head)
    before = list(UpwardRecord.select().order_by(UpwardRecord.id).tuples())
    done = take_answers(batch.id, answers(said), cast.head)
    assert (done.accepted, done.same) == (0, len(said["records"]))
    assert list(UpwardRecord.select().order_by(UpwardRecord.id).tuples()) == before


def test_an_answer_to_another_version_is_not_taken(cast, someone, tmp_path):
    batch, said = batch_of(cast, tmp_path)
    false = [one | {"digest": "0" * 64} for one in answers(said)]
    assert take_answers(batch.id, false, cast.head).unknown == len(false)
    assert waiting("volunteer").accepted_digest == ""


def test_a_change_on_the_way_goes_in_the_next_batch(cast, someone, tmp_path):
    batch, said = batch_of(cast, tmp_path)
    mark_sent(batch.id, cast.head)
    Volunteer.amend(someone.id, cast.head, phone="13900003333")
    assert make(cast.head, "provincial", tmp_path) == []
    take_answers(batch.id, answers(said), cast.head)
    _, again = batch_of(cast, tmp_path)
    assert [one["type"] for one in again["records"]] == ["volunteer"]


def test_a_void_batch_lets_its_records_wait_again(cast, someone, tmp_path):
    batch, _ = batch_of(cast, tmp_path)
    with pytest.raises(Refusal, match="理由"):
        void(batch.id, cast.head, "")
    void(batch.id, cast.head, "文件没有传上去")
    with pytest.raises(Refusal, match="已作废"):
        mark_sent(batch.id, cast.head)
    _, again = batch_of(cast, tmp_path)
    assert any(one["type"] == "volunteer" for one in again["records"])


def test_each_platform_is_reported_to_by_itself(cast, someone, tmp_path):
    batch, said = batch_of(cast, tmp_path)
    take_answers(batch.id, answers(said), cast.head)
    _, other = batch_of(cast, tmp_path, target="national")
    assert len(other["records"]) == len(said["records"])


def test_a_supervisor_sends_for_all_stations_of_her_division(cast, someone, tmp_path):
    cast.registered("周静", by=cast.recorder_b, **FULL)
    _, said = batch_of(cast, tmp_path, by=cast.prefecture)
    assert len({one["station"] for one in said["records"]}) == 2


def test_a_recorder_makes_no_batch_and_a_stranger_knows_of_none(cast, someone, tmp_path):
    with pytest.raises(Refusal):
        make(cast.recorder, "provincial", tmp_path)
    batch, said = batch_of(cast, tmp_path)
    with pytest.raises(NotFound):
        mark_sent(batch.id, cast.head_b)
    with pytest.raises(NotFound):
        take_answers(batch.id, answers(said), cast.head_b)


def test_the_workbook_has_a_sheet_a_type_with_national_headings(cast, someone, tmp_path):
    cast.posted(someone, 120)
    batch, said = batch_of(cast, tmp_path)
    book = load_workbook(tmp_path / f"{batch.number}.xlsx")
    assert book.sheetnames == ["批次", *(kind.label for kind in KINDS.values()), "删除"]
    head, row = [[cell.value for cell in line] for line in book["志愿者"].iter_rows(max_row=2)]
    assert dict(zip(head, row, strict=True))["证件号"] == someone.document_number
    assert {one["type"] for one in said["records"]} >= {"volunteer", "post", "service"}


def test_two_batches_of_the_same_records_say_the_same(cast, someone, tmp_path):
    batch, said = batch_of(cast, tmp_path)
    void(batch.id, cast.head, "文件没有传上去")
    _, again = batch_of(cast, tmp_path)
    assert again["records"] == said["records"] and again["batch"] != said["batch"]


def test_the_alarm_rings_after_so_many_days_of_silence(cast, someone, tmp_path):
    batch, said = batch_of(cast, tmp_path)
    assert standing(cast.head) == (0, 0)
    clock.move_demo_clock(31)
    days, count = standing(cast.head)
    assert days == 31 and count == len(said["records"])
    assert standing(cast.head_b) == (0, 0) and standing(cast.county)[1] == count
    take_answers(batch.id, answers(said), cast.head)
    assert standing(cast.head) == (0, 0)


def test_both_databases_make_send_answer_and_send_again_what_changed(cast_on_either, tmp_path):
    cast = cast_on_either
    person = cast.registered("李明", **FULL)
    cast.posted(person, 150)
    batch, said = batch_of(cast, tmp_path)
    sender = UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")
    took = receive(sender, said, "http")
    assert (took.accepted, took.refused) == (batch.records, 0) and receive(sender, said, "http").id == took.id
    assert take_answers(batch.id, took.answers, cast.head).accepted == batch.records
    Volunteer.amend(person.id, cast.head, phone="13900001111")
    _, again = batch_of(cast, tmp_path)
    assert [one["type"] for one in again["records"]] == ["volunteer"]
    assert receive(sender, again, "http").accepted == 1
    clock.move_demo_clock(31)
    assert standing(cast.head)[1] == 2  # she, and a project that lacks its place


def test_the_command_makes_takes_and_says_what_it_did(cast, desk, someone, tmp_path):
    run = desk.app.test_cli_runner().invoke
    made = run(args=["upwards", "make", "--as", "head"])
    assert made.exit_code == 0 and "530102001001-" in made.output, made.output
    batch = UpwardBatch.get()
    folder = desk.app.config["STATION"].instance / "jobs" / str(batch.job)
    said = json.loads((folder / f"{batch.number}.json").read_text("utf-8"))
    told = run(args=["upwards", "send", "--as", "head"])
    assert told.exit_code == 1 and "还没有登记平台网址" in told.output
    (tmp_path / "回执.json").write_text(json.dumps({"answers": answers(said)}), "utf-8")
    taken = run(args=["upwards", "take", "--as", "head", batch.number, str(tmp_path / "回执.json")])
    assert taken.exit_code == 0 and f"接收 {batch.records} 条" in taken.output
    assert run(args=["upwards", "make", "--as", "recorder"]).exit_code == 1
    assert "NUMBER" in run(args=["upwards", "take", "--help"]).output
