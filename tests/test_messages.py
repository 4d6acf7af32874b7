"""消息与机器人通知: who is told what inside, what goes out to a group chat, and what never does."""

import json
import threading
from datetime import time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from world_webhooks import a_robot

from cast import person
from models import clock, messages, webhooks
from models.activities import Activity
from models.base import database
from models.jobs import Job
from models.messages import Message
from models.refusals import NotFound, Refusal
from models.scope import find
from models.volunteers import Volunteer
from models.webhooks import Delivery, Webhook
from rules.webhooks import TRIES
from views import webhooks as rounds
from views import work


class Robot(BaseHTTPRequestHandler):
    """A group robot as both kinds answer: 200, and in the body whether it took the message."""

    def do_POST(self):
        self.server.heard.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        status, said = self.server.answers
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


@pytest.fixture
def robot():
    """A real server on this machine, allowed as WEBHOOK_HOSTS would allow it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Robot)
    server.heard, server.answers = [], (200, b'{"errcode": 0}')
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}/send?key=0b-secret-1"
    webhooks.allowed.open([f"127.0.0.1:{server.server_port}"])
    yield server
    webhooks.allowed.open([])
    server.shutdown()
    server.server_close()


def all_day(by, robot, **more) -> Webhook:
    return a_robot(by, url=robot.url, first=time(0, 0), last=time(23, 59), **more)


def applied(cast, name="李明") -> Volunteer:
    return Volunteer.enter(cast.recorder, **person(name))


def test_whoever_entered_a_row_is_told_that_it_was_sent_back_and_led_to_it(cast, desk):
    row = applied(cast)
    Volunteer.move(row.id, "return", cast.head, "电话少一位")
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/messages/")
    assert page.says(f"志愿者 {Volunteer.get_by_id(row.id)}：已退回，原因见该条的办理过程。")
    assert window.get("/admin/").html.count('class="messages"') == 1
    assert 'title="没看过的">1<' in window.html
    window.get("/admin/messages/details/", id=Message.get().id)
    assert window.path == f"/admin/volunteers/details/?id={row.id}"
    assert window.says("电话少一位")
    assert Message.get().seen_at is not None
    window.post("/admin/messages/seen/")
    assert 'title="没看过的"' not in window.get("/admin/").html


def test_nobody_is_told_of_what_they_did_themselves_or_of_what_went_well(cast):
    row = applied(cast)
    Volunteer.move(row.id, "approve", cast.head)
    Volunteer.move(row.id, "suspend", cast.head, "长期外出")
    assert [(m.account, m.move) for m in Message.select()] == [(cast.recorder.account_id, "suspend")]
    Message.delete().execute()
    activity = cast.activity(by=cast.recorder)
    Activity.move(activity.id, "cancel", cast.recorder, "下雨")
    assert Message.select().count() == 0


def test_a_message_is_its_owners_and_nobody_elses(cast, desk):
    row = applied(cast)
    Volunteer.move(row.id, "return", cast.head, "电话少一位")
    told = Message.get()
    for other in (cast.head, cast.head_b, cast.county, cast.auditor):
        with pytest.raises(NotFound):
            find(Message, told.id, other)
        assert messages.unseen(other) == 0
        assert messages.see(other) == 0
    assert Message.get().seen_at is None
    window = desk.signed_in_as(cast.head_b)
    assert window.get("/admin/messages/details/", id=told.id).status == 404


def test_a_move_that_fails_tells_nobody(cast):
    row = applied(cast)
    with pytest.raises(Refusal):
        Volunteer.move(row.id, "return", cast.head, "")
    assert Message.select().count() == 0


def test_whoever_asked_for_a_job_is_told_when_it_has_ended(cast, tmp_path):
    job = Job.ask(cast.head, kind="export", title="导出 志愿者登记", params={"ledger": "volunteers", "from": "", "until": "", "filters": {}, "station": None, "full": False, "reason": ""})
    work.run(job.id, tmp_path / "job")
    (told,) = Message.select()
    assert (told.account, told.event, told.about, told.row) == (cast.head.account_id, "ended", "jobs", job.id)


def test_of_a_row_that_is_not_hers_any_more_a_message_says_only_what_kind_it_was(cast, desk):
    messages.tell(cast.recorder_b.account_id, messages.BACK, "volunteers", cast.registered("赵小军").id, "return")
    window = desk.signed_in_as(cast.recorder_b)
    page = window.get("/admin/messages/")
    assert page.says("志愿者：已退回")
    assert not page.says("赵小军")


def test_messages_older_than_three_months_go(cast):
    messages.tell(cast.head.account_id, messages.ENDED, "jobs", 1)
    messages.tell(cast.head.account_id, messages.ENDED, "jobs", 2)
    Message.update(at=clock.now() - timedelta(days=91)).where(Message.row == 1).execute()
    assert messages.clear_old() == 1
    assert Message.get().row == 2


def test_nothing_goes_out_unless_somebody_set_a_robot(cast, desk, robot):
    applied(cast)
    assert rounds.tell_due(desk.app.extensions["admin"][0]._views) == 0
    assert rounds.send_due() == 0
    assert robot.heard == []


def test_a_robot_is_told_what_waits_once_and_nothing_of_anybody(cast, desk, robot):
    someone = applied(cast, "欧阳雪梅")
    all_day(cast.head, robot)
    screens = desk.app.extensions["admin"][0]._views
    with desk.app.app_context():
        assert rounds.tell_due(screens) == 1
        assert rounds.send_due() == 1
        assert rounds.tell_due(screens) == 0
        assert rounds.send_due() == 0
    ((path, said),) = robot.heard
    assert path == "/send?key=0b-secret-1"
    text = said["text"]["content"]
    assert text.startswith(f"【{cast.a.name}】待办 4 项：\n")
    assert "· 志愿者：1 位待审核通过" in text
    assert "· 志愿者·缺同意：1 条待处理" in text  # the named lists of the inbox, too
    for secret in ("欧阳雪梅", "雪梅", someone.document_number, someone.phone):
        assert secret not in json.dumps(said, ensure_ascii=False)
    assert Delivery.get().state == "sent"


def test_more_of_it_is_told_again_only_after_the_interval(cast, desk, robot):
    applied(cast)
    row = all_day(cast.head, robot, every_minutes=60)
    screens = desk.app.extensions["admin"][0]._views
    with desk.app.app_context():
        rounds.tell_due(screens)
        applied(cast, "王芳")
        assert rounds.tell_due(screens) == 0  # too soon
        earlier = clock.now() - timedelta(minutes=61)
        Webhook.update(told_at=earlier, looked_at=earlier).where(Webhook.id == row.id).execute()
        assert rounds.tell_due(screens) == 1
    assert "2 位" in Delivery.select().order_by(Delivery.id.desc()).get().says


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ((500, b""), "500"),
        ((302, b""), "302"),
        ((200, json.dumps({"errcode": 93000, "errmsg": "invalid webhook url"}).encode()), "93000"),
        ((200, b"[" * 100_000), ""),
    ],
    ids=["fails", "redirects", "says no", "answers nonsense"],
)
def test_what_a_robot_did_not_take_is_tried_again_and_a_redirect_is_not_followed(cast, desk, robot, answers, says):
    applied(cast)
    all_day(cast.head, robot)
    robot.answers = answers
    with desk.app.app_context():
        rounds.tell_due(desk.app.extensions["admin"][0]._views)
        rounds.send_due()
    row = Delivery.get()
    assert len(robot.heard) == 1
    if says:
        assert row.state == "waiting"
        assert row.next_at > clock.now()
        assert says in row.fault
        assert "0b-secret-1" not in row.fault
    else:
        assert row.state == "sent"


def test_after_the_last_try_it_is_given_up_and_its_maker_told(cast, desk, robot):
    applied(cast)
    all_day(cast.head, robot)
    robot.server_close()
    robot.shutdown()
    with desk.app.app_context():
        rounds.tell_due(desk.app.extensions["admin"][0]._views)
        for _ in range(len(TRIES) + 2):
            Delivery.update(next_at=clock.now()).where(Delivery.state == "waiting").execute()
            rounds.send_due()
    row = Delivery.get()
    assert (row.state, row.tries) == ("given_up", len(TRIES) + 1)
    assert row.fault == "连不上对方的服务器。"
    (told,) = Message.select().where(Message.event == messages.UNSENT)
    assert told.account == cast.head.account_id


def test_a_robot_that_was_switched_off_meanwhile_is_sent_nothing(cast, desk, robot):
    applied(cast)
    row = all_day(cast.head, robot)
    with desk.app.app_context():
        rounds.tell_due(desk.app.extensions["admin"][0]._views)
        Webhook.amend(row.id, cast.head, active=False)
        assert rounds.send_due() == 0
    assert robot.heard == []
    assert Delivery.get().state == "off"


def test_a_supervisors_robot_counts_her_division_and_a_heads_his_station(cast, desk, robot):
    applied(cast)
    with pytest.raises(Refusal, match="督导的待办"):
        all_day(cast.county, robot, whose="head")
    with pytest.raises(Refusal, match="站长的待办"):
        all_day(cast.head, robot, whose="supervisor")
    b = all_day(cast.head_b, robot)
    with desk.app.app_context():
        rounds.tell_due(desk.app.extensions["admin"][0]._views)
    assert "志愿者" not in Delivery.get().says  # who applied, applied at A
    assert Delivery.get().says.startswith(f"【{cast.b.name}】")
    with pytest.raises(NotFound):
        find(Webhook, b.id, cast.head)


def test_where_a_robot_is_is_sealed_and_masked_and_its_test_is_the_heads(cast, desk, robot):
    row = all_day(cast.head, robot)
    stored = database.execute_sql("SELECT url FROM webhook").fetchone()[0]
    assert "0b-secret-1" not in stored
    window = desk.signed_in_as(cast.head)
    page = window.get("/admin/webhooks/details/", id=row.id)
    assert not page.says("0b-secret-1")
    assert window.post("/admin/webhooks/try/", id=row.id).says("测试消息已送达")
    assert "测试消息" in robot.heard[0][1]["text"]["content"]
    robot.answers = (500, b"")
    assert window.post("/admin/webhooks/try/", id=row.id).says("没有送到：对方回答 500")
    assert desk.signed_in_as(cast.recorder).post("/admin/webhooks/try/", id=row.id).status == 403
    assert desk.signed_in_as(cast.head_b).post("/admin/webhooks/try/", id=row.id).status == 404


def test_a_form_with_a_strange_address_says_what_would_be_right(cast, desk):
    window = desk.signed_in_as(cast.head)
    window.get("/admin/webhooks/new/")
    page = window.post(
        "/admin/webhooks/new/", name="站务群", kind="wecom", url="https://10.0.0.1/send", whose="head",
        every_minutes="5", first="18:00", last="08:00", active="y",
    )  # fmt: skip
    assert page.says("qyapi.weixin.qq.com")
    assert page.says("10 至 1440")
    assert page.says("应晚于从几点起")
    assert Webhook.select().count() == 0
