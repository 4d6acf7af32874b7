"""汇入 by a timetable: off unless set, at its hour, only to hosts that were allowed; what fails is tried again with growing
pauses, the same batch in the same words, and told when it is given up."""

import json
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_upwards import FULL

from models import clock, messages, upwards, upwards_timetable
from models.messages import Message
from models.refusals import Refusal
from models.upwards import UpwardBatch, UpwardLink, UpwardRecord
from models.volunteers import Volunteer
from rules.upwards_timetable import TRIES, host_fault, is_due, last_due, next_due
from views import upwards_timetable as rounds
from views import upwards_work

WEDNESDAY = datetime(2026, 3, 4, 13)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31))
timetables = st.tuples(st.sampled_from(["day", "week"]), st.sampled_from("1234567"), st.integers(0, 23).map(str))


@pytest.mark.parametrize(
    ("timetable", "last", "coming"),
    [
        (("day", "1", "12"), "2026-03-04 12", "2026-03-05 12"), (("day", "1", "14"), "2026-03-03 14", "2026-03-04 14"),
        (("week", "3", "13"), "2026-03-04 13", "2026-03-11 13"), (("week", "3", "14"), "2026-02-25 14", "2026-03-04 14"),
        (("week", "4", "0"), "2026-02-26 00", "2026-03-05 00"), (("week", "1", "9"), "2026-03-02 09", "2026-03-09 09"),
    ],
)  # fmt: skip
def test_the_moments_of_a_timetable(timetable, last, coming):
    assert last_due(*timetable, WEDNESDAY) == datetime.fromisoformat(last + ":00")
    assert next_due(*timetable, WEDNESDAY) == datetime.fromisoformat(coming + ":00")


@given(timetables, moments)
def test_there_is_always_one_moment_behind_and_one_before_us(timetable, now):
    last, coming = last_due(*timetable, now), next_due(*timetable, now)
    assert last <= now < coming and last_due(*timetable, coming) == coming
    assert is_due(*timetable, None, now) and is_due(*timetable, last - timedelta(hours=1), now)
    assert not is_due(*timetable, last, now)


def test_what_is_off_is_never_due():
    assert last_due("never", "1", "12", WEDNESDAY) is None and next_due("never", "1", "12", WEDNESDAY) is None
    assert not is_due("never", "1", "12", None, WEDNESDAY)


@pytest.mark.parametrize(
    ("url", "allowed", "fine"),
    [
        ("https://up.example.cn", ("up.example.cn",), True), ("https://up.example.cn:8443", ("up.example.cn:8443",), True),
        ("https://up.example.cn:8443", ("up.example.cn",), True), ("https://up.example.cn", ("up.example.cn:8443",), False),
        ("https://up.example.cn.evil.cn", ("up.example.cn",), False), ("https://up.example.cn", (), False),
        ("https://up.example.cn@evil.cn", ("up.example.cn",), False), ("nonsense", ("up.example.cn",), False),
    ],
)  # fmt: skip
def test_by_itself_it_sends_only_where_the_administrator_allowed(url, allowed, fine):
    assert (host_fault(url, allowed) == "") is fine


class Platform(BaseHTTPRequestHandler):
    """A platform on this machine: it answers as it is told to, and keeps what it heard."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(body)
        status = self.server.answers.pop(0) if self.server.answers else 200
        said = [{k: one[k] for k in ("station", "type", "id", "digest")} | {"state": "accepted"} for one in json.loads(body)["records"]]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({"answers": said} if status == 200 else {"message": "请稍后"}).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def platform():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    server.heard, server.answers = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    upwards.allowed.open([f"127.0.0.1:{server.server_port}"])
    yield server
    upwards.allowed.open([])
    server.shutdown()
    server.server_close()


@pytest.fixture
def someone(cast):
    return cast.registered("李明", **FULL)


def daily(by, platform, **more) -> UpwardLink:
    return UpwardLink.enter(by, **({"target": "provincial", "url": platform.url, "token": "t" * 40, "every": "day"} | more))


def test_a_link_sends_by_itself_at_its_hour_takes_the_answers_and_rests_until_the_next(cast, someone, platform, tmp_path):
    daily(cast.head, platform)
    assert rounds.run(tmp_path) == (0, 0) and not platform.heard  # it begins with the next moment
    clock.move_demo_clock(1)
    assert rounds.run(tmp_path) == (1, 1)
    batch = UpwardBatch.get()
    assert (batch.state, batch.who, batch.made_by, batch.next_at) == ("answered", "定时报送", None, None)
    assert not UpwardRecord.select().where(UpwardRecord.state == "waiting", UpwardRecord.lacking == "").exists()
    assert rounds.run(tmp_path) == (0, 0)
    clock.move_demo_clock(1)
    assert rounds.run(tmp_path) == (0, 0) and len(platform.heard) == 1  # nothing changed
    Volunteer.amend(someone.id, cast.head, phone="13900001111")
    clock.move_demo_clock(1)
    assert rounds.run(tmp_path) == (1, 1) and len(json.loads(platform.heard[-1])["records"]) == 1


def test_a_pc_that_was_off_for_days_sends_once(cast, someone, platform, tmp_path):
    daily(cast.head, platform, every="week", weekday="3", hour="0")
    clock.move_demo_clock(40)
    assert rounds.run(tmp_path) == (1, 1) and rounds.run(tmp_path) == (0, 0)


def test_it_is_off_unless_set_and_where_the_link_is_off(cast, someone, platform, tmp_path):
    row = daily(cast.head, platform, every="never")
    clock.move_demo_clock(8)
    assert rounds.run(tmp_path) == (0, 0)
    UpwardLink.amend(row.id, cast.head, every="day", active=False)
    clock.move_demo_clock(1)
    assert rounds.run(tmp_path) == (0, 0) and not platform.heard and not UpwardBatch.select().exists()


def test_a_host_that_nobody_allowed_is_refused_in_the_form_and_later_on_its_way(cast, someone, platform, tmp_path):
    with pytest.raises(Refusal, match="UPWARD_HOSTS"):
        daily(cast.head, platform, url="https://evil.example.cn")
    row = daily(cast.head, platform)
    upwards.allowed.open([])
    clock.move_demo_clock(1)
    assert rounds.run(tmp_path) == (0, 0) and not platform.heard
    assert "UPWARD_HOSTS" in UpwardLink.get_by_id(row.id).fault
    told = Message.get(Message.event == messages.UNSENT)
    assert (told.account, told.about, told.row) == (cast.head.account_id, "upward_links", row.id)
    assert rounds.run(tmp_path) == (0, 0) and Message.select().where(Message.event == messages.UNSENT).count() == 1


def hurry() -> None:
    """The pause is over."""
    UpwardBatch.update(next_at=clock.now()).where(UpwardBatch.next_at.is_null(False)).execute()


def test_what_fails_is_tried_again_with_growing_pauses_in_the_same_words(cast, someone, platform, tmp_path):
    daily(cast.head, platform)
    clock.move_demo_clock(1)
    platform.answers = [503, 500, 429]
    assert rounds.run(tmp_path) == (1, 0)
    pauses = []
    for _ in range(2):
        batch = UpwardBatch.get()
        pauses.append(round((batch.next_at - clock.now()).total_seconds() / 60))
        assert rounds.run(tmp_path) == (0, 0)  # not before its turn
        hurry()
        assert rounds.run(tmp_path) == (0, 0)
    assert pauses == list(TRIES[:2]) and "503" not in UpwardBatch.get().note
    Volunteer.amend(someone.id, cast.head, phone="13900001111")  # changed meanwhile: the batch stays as it was
    hurry()
    assert rounds.run(tmp_path) == (0, 1)
    assert len(platform.heard) == 4 and len(set(platform.heard)) == 1
    assert UpwardBatch.get().state == "answered" and not Message.select().where(Message.event == messages.UNSENT).exists()


def test_what_failed_for_good_is_told_in_the_inbox_and_by_message_and_taken_up_at_the_next_moment(
    cast, desk, someone, platform, tmp_path
):
    daily(cast.head, platform)
    clock.move_demo_clock(1)
    platform.answers = [503] * (len(TRIES) + 1)
    rounds.run(tmp_path)
    for _ in TRIES:
        hurry()
        rounds.run(tmp_path)
    batch = UpwardBatch.get()
    assert (batch.state, batch.next_at, batch.tries) == ("made", None, len(TRIES) + 1)
    told = Message.get(Message.event == messages.UNSENT)
    assert (told.account, told.about, told.row) == (cast.head.account_id, "upwards", batch.id)
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/").says("没有送到平台")
    assert window.get("/admin/messages/").says(f"汇入批次 {batch.number}：没有送出")
    assert window.get("/admin/upwards/", list="stuck").says(batch.number)
    assert not desk.signed_in_as(cast.head_b).get("/admin/").says("没有送到平台")
    rounds.run(tmp_path)
    assert len(platform.heard) == len(TRIES) + 1
    clock.move_demo_clock(1)
    assert rounds.run(tmp_path) == (0, 1) and UpwardBatch.get().state == "answered"
    assert len(set(platform.heard)) == 1 and not desk.signed_in_as(cast.head).get("/admin/").says("没有送到平台")


def test_a_no_that_will_not_pass_is_told_at_once(cast, someone, platform, tmp_path):
    daily(cast.head, platform)
    clock.move_demo_clock(1)
    platform.answers = [401]
    assert rounds.run(tmp_path) == (1, 0)
    assert UpwardBatch.get().next_at is None and "401" in UpwardBatch.get().note
    assert Message.select().where(Message.event == messages.UNSENT).count() == 1


def test_killed_while_it_makes_a_batch_it_lets_that_one_go_and_makes_another(cast, someone, platform, tmp_path, monkeypatch):
    daily(cast.head, platform)
    clock.move_demo_clock(1)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(upwards_work, "close_batch", killed)
        with pytest.raises(KeyboardInterrupt):
            rounds.run(tmp_path)
    assert UpwardBatch.get().state == "making" and not platform.heard
    assert rounds.run(tmp_path) == (1, 1)
    dropped, sent = UpwardBatch.select().order_by(UpwardBatch.id)
    assert (dropped.state, dropped.next_at, sent.state) == ("void", None, "answered") and dropped.number != sent.number
    assert [json.loads(one)["batch"] for one in platform.heard] == [sent.number]


def test_killed_before_the_answers_are_kept_it_sends_the_same_once_more(cast, someone, platform, tmp_path, monkeypatch):
    daily(cast.head, platform)
    clock.move_demo_clock(1)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(upwards_work, "take_answers", killed)
        with pytest.raises(KeyboardInterrupt):
            rounds.run(tmp_path)
    assert UpwardBatch.get().state == "made"
    assert rounds.run(tmp_path) == (0, 1)
    assert len(platform.heard) == 2 and len(set(platform.heard)) == 1


def test_a_batch_whose_file_is_gone_is_let_go_and_its_records_go_under_another_number(cast, someone, platform, tmp_path):
    daily(cast.head, platform)
    clock.move_demo_clock(1)
    platform.answers = [401]
    rounds.run(tmp_path)
    first = UpwardBatch.get()
    for path in (tmp_path / str(first.job)).iterdir():
        path.unlink()
    clock.move_demo_clock(8)
    assert rounds.run(tmp_path) == (1, 1)
    gone, second = UpwardBatch.select().order_by(UpwardBatch.id)
    assert (gone.state, second.state) == ("void", "answered") and gone.number != second.number


def test_a_batch_made_by_hand_is_left_to_people(cast, someone, platform, tmp_path):
    daily(cast.head, platform)
    (own,) = upwards_work.make(cast.head, "provincial", tmp_path / "1", 1)
    clock.move_demo_clock(1)
    assert rounds.run(tmp_path) == (0, 0) and UpwardBatch.get_by_id(own.id).state == "made" and not platform.heard


def test_switched_off_meanwhile_what_waits_is_not_sent(cast, someone, platform, tmp_path):
    row = daily(cast.head, platform)
    clock.move_demo_clock(1)
    platform.answers = [503]
    rounds.run(tmp_path)
    UpwardLink.amend(row.id, cast.head, every="never")
    hurry()
    assert rounds.run(tmp_path) == (0, 0) and len(platform.heard) == 1
    assert "自动报送已关闭" in UpwardBatch.get().note and upwards_timetable.unsent(clock.now()) == []


def test_a_supervisors_link_sends_for_her_whole_division(cast, someone, platform, tmp_path):
    cast.registered("周静", by=cast.recorder_b, **FULL)
    daily(cast.prefecture, platform)
    clock.move_demo_clock(1)
    assert rounds.run(tmp_path) == (1, 1)
    assert len({one["station"] for one in json.loads(platform.heard[0])["records"]}) == 2


def test_the_form_sets_it_and_the_page_says_when_it_sends_next(cast, desk, platform):
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/upward_links/new/").says("不自动报送")
    form = {"target": "provincial", "url": platform.url, "token": "t" * 40, "active": "y", "every": "week", "weekday": "5", "hour": "9"}
    window.post("/admin/upward_links/new/", **form | {"url": "https://elsewhere.example.cn"})
    assert window.says("UPWARD_HOSTS") and not UpwardLink.select().exists()
    window.post("/admin/upward_links/new/", **form)
    row = UpwardLink.get()
    assert (row.every, row.weekday, row.hour) == ("week", "5", "9")
    assert window.get("/admin/upward_links/details/", id=row.id).says("下次自动报送")


def test_the_command_does_what_the_timetable_asks_for(cast, desk, someone, platform):
    daily(cast.head, platform)
    clock.move_demo_clock(1)
    upwards.allowed.open([f"127.0.0.1:{platform.server_port}"])
    told = desk.app.test_cli_runner().invoke(args=["upwards", "due"])
    assert told.exit_code == 0 and "编批 1 个，报送并收到回执 1 个" in told.output, told.output
