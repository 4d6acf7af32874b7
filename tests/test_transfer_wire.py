"""异地转移 over the network: between two served programs, and against whoever posts something else."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from test_transfer_there_and_back import Installation, populated
from walks_transfer import Other

from cast import KEY
from models import clock, messages, transfer_wire
from models.consents import Consent
from models.hours import Balance
from models.jobs import Job
from models.messages import Message
from models.peers import Peer
from models.refusals import Refusal
from models.transfer import Arrival, Departure
from models.transfer_wire import AnswerSent
from models.verifying import verify
from models.volunteers import Volunteer
from rules import transfer as rules
from views import transfer_wire as wire

ROOT = Path(__file__).parent.parent


def posted(desk, path: str, text: str, **query):
    return desk.app.test_client().post(path, data=text, content_type="text/plain", query_string=query)


def test_a_package_that_is_posted_waits_for_the_head_of_the_station_it_names(cast, desk):
    other = Other(cast)
    package = other.package()
    answer = posted(desk, wire.PACKAGES, package, station=cast.a.name)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    row = Arrival.get_by_id(answer.json["arrival"])
    assert (row.state, row.station_id, row.entered_by) == ("shown", cast.a.id, None)
    assert posted(desk, wire.PACKAGES, package, station=cast.a.name).json == answer.json
    assert Arrival.select().count() == 1
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/arrivals/").says("麒麟社区工作站")
    assert not desk.signed_in_as(cast.head_b).get("/admin/arrivals/").says("麒麟社区工作站")
    Arrival.move(row.id, "take", cast.head)
    again = posted(desk, wire.PACKAGES, package, station=cast.a.name)
    assert again.status_code == 422
    assert "不能重复接收" in again.json["error"]


def spoilt(other, cast) -> dict[str, tuple[str, str, str]]:
    """What may be wrong with a posted package: the text, the station, and what the answer says."""
    good, strange = other.package(), Other(cast, "昭通市昭阳区志愿服务平台")
    Peer.move(strange.peer.id, "withdraw", cast.county, "对方密钥遗失")
    return {
        "no station": (good, "", "多个工作站"),
        "unknown station": (good, "没有的工作站", "没有名为"),
        "cut off": (good[:-40], cast.a.name, "第 1 人"),
        "withdrawn signer": (strange.package(), cast.a.name, "撤销"),
        "no package": ("你好".encode().decode("latin-1"), cast.a.name, "不是转移包"),
        "empty": ("", cast.a.name, "空的"),
        "a receipt": (other.sign({"id": "x" * 32}, rules.RECEIPT), cast.a.name, "不是这个用途"),
    }


def test_whatever_else_is_posted_is_refused_with_the_reason_and_nothing_is_kept(cast, desk):
    other = Other(cast)
    for what, (text, station, says) in spoilt(other, cast).items():
        answer = posted(desk, wire.PACKAGES, text, station=station)
        assert answer.status_code == 422, what
        assert says in answer.json["error"], (what, answer.json)
    assert Arrival.select().count() == 0
    assert desk.app.test_client().get(wire.PACKAGES).status_code == 405
    big = posted(desk, wire.PACKAGES, "a" * (wire.LARGEST + 1), station=cast.a.name)
    assert big.status_code == 413


def test_an_address_that_posts_nonsense_again_and_again_has_to_wait(cast, desk):
    answers = [posted(desk, wire.RECEIPTS, "nonsense").status_code for _ in range(103)]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_a_receipt_that_is_posted_closes_the_package_and_the_same_again_changes_nothing(cast, desk):
    other = Other(cast)
    row = leaving(cast, other.peer)
    token = other.answer(row)
    assert posted(desk, wire.RECEIPTS, token).json == {"state": "closed"}
    assert posted(desk, wire.RECEIPTS, token).json == {"state": "closed"}
    assert verify() == []
    forged = Other(cast, "玉溪市红塔区志愿服务平台").answer(row)
    assert posted(desk, wire.RECEIPTS, forged).status_code == 422


def leaving(cast, peer, person=None) -> Departure:
    person = person or cast.registered("李明")
    if not Consent.select().where(Consent.volunteer == person.id, Consent.kind == "sharing", Consent.state == "given").exists():
        Consent(station=cast.a.id, volunteer=person.id, kind="sharing", given_on=clock.today(), state="given").save(
            force_insert=True
        )
    asked = Departure.enter(cast.recorder, volunteer=person.id, peer=peer.id, reason="搬到麒麟区居住")
    return Departure.move(asked.id, "pack", cast.head)


def test_a_package_is_posted_only_to_a_confirmed_peer_with_an_address(cast, desk):
    other = Other(cast)
    row = leaving(cast, other.peer)
    window = desk.signed_in_as(cast.recorder)
    assert not window.get("/admin/departures/details/", id=row.id).says("通过网络送出")
    assert window.post("/admin/departures/send/", id=row.id).says("名片上没有网址")
    Peer.update(url="https://qilin.example").where(Peer.id == other.peer.id).execute()
    assert window.get("/admin/departures/details/", id=row.id).says("通过网络送出")
    assert desk.signed_in_as(cast.head_b).post("/admin/departures/send/", id=row.id).status == 404
    Peer.move(other.peer.id, "withdraw", cast.county, "密钥遗失")
    assert window.post("/admin/departures/send/", id=row.id).says("不能发送")
    assert Job.select().count() == 0


def test_nothing_is_posted_over_an_open_line(cast, tmp_path):
    other = Other(cast)
    row = leaving(cast, other.peer)
    Peer.update(url="http://qilin.example").where(Peer.id == other.peer.id).execute()
    job = Job.ask(cast.recorder, kind="transfer_send", title="送出", params={"departure": row.id, "station": ""})
    with pytest.raises(Refusal, match="https"):
        wire.send(job, cast.recorder, tmp_path)


def test_an_answer_that_cannot_be_carried_back_is_tried_again_and_then_told(cast):
    other = Other(cast)
    Peer.update(url=f"http://127.0.0.1:{free_port()}").where(Peer.id == other.peer.id).execute()
    read = transfer_wire.receive(other.package(), cast.recorder)
    assert wire.send_answers() == 0
    assert AnswerSent.select().count() == 0  # nothing is decided yet
    Arrival.move(read.id, "take", cast.head)
    for n in range(1, len(transfer_wire.TRIES) + 2):
        AnswerSent.update(next_at=clock.now()).where(AnswerSent.sent_at.is_null()).execute()
        assert wire.send_answers() == 0
        assert AnswerSent.get().tries == n
    assert AnswerSent.get().next_at is None
    assert "连不上" in AnswerSent.get().fault
    assert wire.send_answers() == 0
    assert AnswerSent.get().tries == n
    told = Message.get(Message.event == messages.UNSENT)
    assert (told.account, told.about, told.row) == (cast.recorder.account_id, "arrivals", read.id)


# --- two programs ---


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def serving(url: str, folder: Path, port: int):
    """The program as `make run` serves it, in a process of its own."""
    folder.mkdir()
    env = {**os.environ, "DATABASE_URL": url, "INSTANCE": str(folder), "DATA_KEY": KEY.hex(), "PORT": str(port), "HOST": "127.0.0.1"}
    log = (folder / "log").open("w")
    program = subprocess.Popen([sys.executable, "-m", "admin_app.server"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        for _ in range(240):
            try:
                if requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code == 200:
                    break
            except requests.ConnectionError:
                time.sleep(0.25)
            assert program.poll() is None, (folder / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(20)
        log.close()


@pytest.mark.postgres
def test_two_served_programs_hand_a_person_over_and_the_receipt_comes_back(tmp_path, postgres_url):
    home = Installation(f"sqlite:///{tmp_path / 'home.db'}", "五华区志愿服务平台")
    away = Installation(postgres_url, "麒麟区志愿服务平台")
    populated(home, 3)
    home.trusts(away)
    away.trusts(home)
    with (
        serving(home.url, tmp_path / "h", free_port()) as at_home,
        serving(away.url, tmp_path / "a", free_port()) as at_away,
    ):
        for one, there in ((home, at_away), (away, at_home)):
            with one.open():
                Peer.update(url=there).execute()
        with home.open():
            person = Volunteer.get(Volunteer.state == "registered")
            before = Balance.get(Balance.volunteer == person.id)
            row = leaving(home.cast, Peer.get(), person)
            job = Job.ask(home.cast.recorder, kind="transfer_send", title="送出", params={"departure": row.id, "station": away.cast.b.name})
            _, said = wire.send(job, home.cast.recorder, tmp_path)
            assert said["人数"] == 1
            assert not verify()
        with away.open():
            arrived = Arrival.get_by_id(int(said["对方转入单"]))
            assert arrived.station_id == away.cast.b.id
            Arrival.move(arrived.id, "take", away.cast.head_b)
            assert wire.send_answers() == 1
            assert wire.send_answers() == 0
            assert AnswerSent.get().sent_at is not None
            here = Volunteer.get(Volunteer.document_index.finds(person.document_number))
            now = Balance.get(Balance.volunteer == here.id)
            assert before.honour > 0
            assert (now.honour, now.exchangeable, now.debt) == (before.honour, before.exchangeable, before.debt)
            assert not verify()
        with home.open():
            assert Departure.get_by_id(row.id).state == "closed"
            assert Balance.get(Balance.volunteer == person.id).honour == 0
            assert not verify()


def test_an_arrivals_page_leads_on_to_the_people_it_does_not_list(cast, desk, monkeypatch):
    monkeypatch.setattr("views.transfer.LINES", 2)
    answer = posted(desk, wire.PACKAGES, Other(cast).package(3), station=cast.a.name)
    window = desk.signed_in_as(cast.head)
    html = window.get("/admin/arrivals/details/", id=answer.json["arrival"]).html
    assert "下一页" in html and "上一页" not in html
