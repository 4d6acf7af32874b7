"""汇入 at the desk: the head's batches, the administrator's senders and tokens, the supervisor's received batches."""

import io
import json

import pytest

from models import clock, upwards
from models.audit import Trail
from models.refusals import Refusal
from models.upwards import UpwardBatch, UpwardLink, UpwardRecord
from models.upwards_in import ReceivedBatch, ReceivedRecord, UpwardSender
from models.volunteers import Volunteer
from views.upwards_work import send

FULL = {"speciality": "理发", "categories": ["01"], "residence": "530102"}


@pytest.fixture
def there(desk):
    """A platform that the administrator allowed."""
    upwards.allowed.open(["zyz.example.gov.cn"])
    yield "https://zyz.example.gov.cn"
    upwards.allowed.open([])


def made(cast, desk):
    cast.registered("李明", **FULL)
    window = desk.signed_in_as(cast.head)
    window.get("/admin/upwards/")
    window.post("/admin/upwards/make/", target="provincial")
    desk.work()
    return window, UpwardBatch.get()


def test_the_head_makes_a_batch_downloads_it_and_takes_the_answers_in(cast, desk):
    window, batch = made(cast, desk)
    assert window.get("/admin/upwards/").says(batch.number) and window.says("待报送")
    said = window.get("/admin/upwards/file/", id=batch.id, form="json").json()
    assert said["batch"] == batch.number
    assert Trail.get(Trail.action == "download").after == {"file": f"{batch.number}.json"}
    answers = [{k: one[k] for k in ("station", "type", "id", "digest")} | {"state": "accepted"} for one in said["records"]]
    window.get("/admin/upwards/details/", id=batch.id)
    sent = (io.BytesIO(json.dumps({"answers": answers}).encode()), "回执.json")
    window.post(f"/admin/upwards/answers/?id={batch.id}", file=sent)
    assert window.says(f"接收 {len(answers)} 条") and UpwardBatch.get().state == "answered"


def test_a_batch_says_which_of_its_records_were_refused_and_why(cast, desk):
    window, batch = made(cast, desk)
    said = window.get("/admin/upwards/file/", id=batch.id, form="json").json()
    no = {"state": "refused", "reason": "手机号与本人实名认证时的不一致，请核对。"}
    answers = [{k: one[k] for k in ("station", "type", "id", "digest")} | no for one in said["records"]]
    window.get("/admin/upwards/details/", id=batch.id)
    assert window.says("收回执")
    window.post(f"/admin/upwards/answers/?id={batch.id}", file=(io.BytesIO(json.dumps({"answers": answers}).encode()), "回执.json"))
    row = UpwardRecord.get(UpwardRecord.state == "refused")
    assert window.get("/admin/upwards/details/", id=batch.id).says(no["reason"]) and window.says("重新报送")
    assert f"/admin/upward_records/details/?id={row.id}" in window.html


def taken_above(cast, desk):
    """The windows of A and of the county after it took the workbook of A's batch, and that batch."""
    window, batch = made(cast, desk)
    book = window.get("/admin/upwards/file/", id=batch.id, form="xlsx").answer.data
    sender = UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")
    county = desk.signed_in_as(cast.county)
    county.get("/admin/upward_received/")
    county.post("/admin/upward_received/take/", sender=str(sender.id), file=(io.BytesIO(book), "批次.xlsx"))
    return window, county, batch


def test_what_was_received_can_be_read_without_what_names_anybody(cast, desk):
    _, county, _ = taken_above(cast, desk)
    row, someone = ReceivedRecord.get(ReceivedRecord.kind == "volunteer"), Volunteer.get()
    page = county.get("/admin/upward_records_in/details/", id=row.id)
    assert page.says("服务时长") and page.says("0.00") and page.says("530102000000000000") and page.says("社区服务")
    for secret in (someone.name, someone.document_number, someone.phone, str(someone.birth_date)):
        assert not page.says(secret)


def test_a_file_that_is_no_answer_changes_nothing(cast, desk):
    window, batch = made(cast, desk)
    window.get("/admin/upwards/details/", id=batch.id)
    window.post(f"/admin/upwards/answers/?id={batch.id}", file=(io.BytesIO(b'{"answers": 3}'), "回执.json"))
    assert window.says("这不是回执") and UpwardBatch.get().state == "made"


def test_the_files_are_short_lived_and_the_page_says_so(cast, desk):
    window, batch = made(cast, desk)
    folder = desk.app.config["STATION"].instance / "jobs" / str(batch.job)
    for path in folder.iterdir():
        path.unlink()
    assert window.get("/admin/upwards/file/", id=batch.id, form="xlsx").says("已过期清除")


def test_a_stranger_finds_no_batch_and_a_recorder_makes_none(cast, desk):
    _, batch = made(cast, desk)
    assert desk.signed_in_as(cast.head_b).get("/admin/upwards/file/", id=batch.id).status == 404
    recorder = desk.signed_in_as(cast.recorder)
    recorder.get("/admin/upwards/")
    assert recorder.post("/admin/upwards/make/", target="provincial").status == 403


def test_the_first_page_says_when_nothing_was_accepted_for_long(cast, desk):
    window, _ = made(cast, desk)
    assert not window.get("/admin/").says("没有接收记录")
    clock.move_demo_clock(31)
    assert window.get("/admin/").says("上级平台已经 31 天没有接收记录")
    assert window.get("/admin/upward_records/", list="silent").says("省级平台")
    assert not desk.signed_in_as(cast.recorder).get("/admin/").says("没有接收记录")


def test_a_records_state_leads_to_the_record_itself_where_it_is_put_right(cast, desk):
    window, _ = made(cast, desk)
    row = UpwardRecord.get(UpwardRecord.kind == "volunteer")
    assert window.get("/admin/upward_records/details/", id=row.id).says("打开原记录")
    assert window.get("/admin/volunteers/details/", id=row.row).says("李明")
    assert f"/admin/volunteers/details/?id={row.row}" in window.get("/admin/upward_records/details/", id=row.id).html


def test_the_address_of_a_platform_is_kept_sealed_and_only_over_https(cast, desk, there):
    window = desk.signed_in_as(cast.head)
    window.get("/admin/upward_links/new/")
    window.post("/admin/upward_links/new/", target="provincial", url="http://zyz.example.gov.cn", token="t" * 40, active="y")
    assert window.says("网址应以 https:// 开头") and not UpwardLink.select().exists()
    window.post("/admin/upward_links/new/", target="provincial", url=there, token="t" * 40, active="y")
    row = UpwardLink.get()
    assert (row.token, row.station_id) == ("t" * 40, cast.a.id) and "t" * 40 not in window.html
    assert window.get("/admin/upward_links/details/", id=row.id).status == 200 and "t" * 40 not in window.html
    assert window.get("/admin/upward_links/edit/", id=row.id).status == 200 and "t" * 40 not in window.html


@pytest.mark.parametrize("role", ["head", "county"])
def test_an_address_that_the_administrator_did_not_allow_is_refused_by_name_of_the_setting(cast, desk, there, role):
    window = desk.signed_in_as(getattr(cast, role))
    window.get("/admin/upward_links/new/")
    for strange in ("https://evil.example.cn", "https://zyz.example.gov.cn.evil.example.cn", "https://10.0.0.9:8443"):
        window.post("/admin/upward_links/new/", target="provincial", url=strange, token="t" * 40, active="y")
        assert window.says("UPWARD_HOSTS") and window.says("不能报送到「") and not UpwardLink.select().exists()


def test_a_head_sends_by_hand_to_no_host_that_is_not_allowed_any_more(cast, desk, there):
    window, batch = made(cast, desk)
    UpwardLink.enter(cast.head, target="provincial", url=there, token="t" * 40)
    upwards.allowed.open([])
    window.get("/admin/upwards/details/", id=batch.id)
    window.post(f"/admin/upwards/send/?id={batch.id}")
    assert window.says("不能报送到「zyz.example.gov.cn」") and window.says("UPWARD_HOSTS") and window.says("下载文件手工上传")
    assert UpwardBatch.get().state == "made"
    with pytest.raises(Refusal, match="UPWARD_HOSTS"):  # nor by the command, or a job that was begun before
        send(UpwardBatch.get(), desk.app.config["STATION"].instance / "jobs", cast.head, waits=())


def test_a_token_is_shown_once_and_withdrawn(cast, desk):
    window = desk.signed_in_as(cast.admin)
    sender = UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")
    window.get("/admin/upward_senders/details/", id=sender.id)
    window.post(f"/admin/upward_senders/token/?id={sender.id}")
    token = window.html.split('class="told">')[1].split("<")[0]
    assert window.says("/api/v1/openapi.json")
    assert UpwardSender.by_token(token).id == sender.id
    assert token not in window.get("/admin/upward_senders/details/", id=sender.id).html
    window.post(f"/admin/upward_senders/revoke/?id={sender.id}")
    assert UpwardSender.by_token(token) is None
    county = desk.signed_in_as(cast.county)
    county.get("/admin/upward_senders/")
    assert county.post(f"/admin/upward_senders/token/?id={sender.id}").status == 403


def test_the_supervisor_takes_a_workbook_and_hands_the_answers_back(cast, desk):
    window, county, batch = taken_above(cast, desk)
    assert county.says(f"接收 {batch.records} 条，退回 0 条"), county.html
    back = county.get("/admin/upward_received/answers/", id=ReceivedBatch.get().id).answer.data
    window.get("/admin/upwards/details/", id=batch.id)
    window.post(f"/admin/upwards/answers/?id={batch.id}", file=(io.BytesIO(back), "回执.xlsx"))
    assert not UpwardRecord.select().where(UpwardRecord.state == "sent").exists()
    assert UpwardBatch.get().state == "answered"


def test_a_supervisor_takes_no_batch_for_a_sender_elsewhere(cast, desk):
    sender = UpwardSender.enter(cast.admin, name="环城社区工作站", division="530103001001")
    county = desk.signed_in_as(cast.county)
    county.get("/admin/upward_received/")
    assert county.post("/admin/upward_received/take/", sender=str(sender.id), file=(io.BytesIO(b"{}"), "a.json")).status == 404
