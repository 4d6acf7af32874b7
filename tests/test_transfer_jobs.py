"""Packages and receipts of many people: read and taken in by jobs, with the same sentences as those of a few."""

from io import BytesIO

import pytest
from walks_transfer import Other, agreed, flying

from models.base import database
from models.jobs import Cancelled, Job
from models.transfer import Arrival, Departure, receive, take_receipt
from models.transfer_in import Arriver
from models.transfer_out import Leaver
from models.verifying import verify
from models.volunteers import Volunteer
from views import transfer, work
from views.jobs import folder_of

MANY = transfer.AT_ONCE + 1


def sent(window, path: str, text: str, name: str = "package.svst"):
    window.get(path)
    return window.post(path, file=(BytesIO(text.encode()), name))


def run(desk, job: Job) -> Job:
    with desk.app.app_context():
        folder = folder_of(job.id)
    work.run(job.id, folder)
    database.connect(reuse_if_open=True)
    assert not list(folder.glob("*.sv*"))  # people's data in the clear does not stay
    return Job.get_by_id(job.id)


@pytest.fixture
def window(cast, desk):
    desk.app.extensions["run_job"] = lambda key: None  # each test runs it when it wants
    return desk.signed_in_as(cast.recorder)


def test_a_few_are_read_at_once_and_many_by_a_job_that_leads_to_what_is_to_be_taken(cast, desk, window):
    few, many = Other(cast).package(2), Other(cast, "丙县平台").package(MANY)
    assert sent(window, "/admin/arrivals/read/", few).says("待接收") and not Job.select().exists()
    page = sent(window, "/admin/arrivals/read/", many)
    assert page.says("进行中") and Arrival.select().count() == 1
    job = run(desk, Job.get(Job.kind == "transfer_read"))
    row = Arrival.get(Arrival.people == MANY)
    assert (job.state, job.result["转入单"], row.state) == ("done", row.id, "shown")
    assert Arriver.select().where(Arriver.arrival == row.id).count() == MANY
    assert f"/admin/arrivals/details/?id={row.id}" in window.get("/admin/jobs/details/", id=job.id).html
    assert sent(window, "/admin/arrivals/read/", many).says("待接收") and Job.select().count() == 1


def test_what_the_head_of_a_large_package_shows_is_said_on_the_form(cast, window):
    other = Other(cast)
    for text, says in (
        (other.package(MANY, version=9), "第 9 版格式"),
        (other.package(MANY, expires_at="2020-01-02T00:00:00", made_at="2020-01-01T00:00:00"), "过期"),
        (other.package(MANY, sealed=False, receiver={"fingerprint": "", "name": "别处"}), "与本站、本社区的名称不符"),
        ("x\n" * MANY, "签名的内容"),
    ):
        page = sent(window, "/admin/arrivals/read/", text)
        assert page.says(says), (says, page.html[-3000:])
    assert not Job.select().exists() and not Arrival.select().exists()


def test_what_its_people_show_is_said_by_the_job_and_nothing_is_kept(cast, desk, window):
    people = MANY + 4
    whole = Other(cast).package(people)
    for text, says in (
        ("\n".join(whole.splitlines()[:-1]) + "\n", f"写明 {people} 人，实际只有 {people - 1} 人"),
        (whole[:-30], f"第 {people} 人"),
        ("\n".join([*whole.splitlines()[:-2], *reversed(whole.splitlines()[-2:])]), "文件被拼接过"),
    ):
        sent(window, "/admin/arrivals/read/", text)
        job = run(desk, Job.select().order_by(Job.id.desc()).get())
        assert (job.state, Arrival.select().count()) == ("failed", 0) and says in job.message
        assert window.get("/admin/jobs/details/", id=job.id).says(says)


def test_cancelled_while_it_reads_nothing_is_kept(cast, monkeypatch):
    monkeypatch.setattr("models.transfer_in.AT_ONCE", 2)
    seen = []

    def stops(at: int, total: int) -> None:
        seen.append((at, total))
        if at:
            raise Cancelled

    package = Other(cast).package(5)
    with pytest.raises(Cancelled):
        receive(package, cast.recorder, stops)
    assert seen == [(0, 5), (2, 5)] and not Arrival.select().exists() and not Arriver.select().exists()
    assert receive(package, cast.recorder).people == 5


def crowd(cast, people: int) -> list[Volunteer]:
    return [agreed(cast, cast.registered()) for _ in range(people)]


def test_a_receipt_of_many_is_taken_in_by_a_job_and_the_same_again_at_once(cast, desk, window):
    other = Other(cast)
    row = flying(cast, other, crowd(cast, MANY))
    answer = other.answer(row, taken=range(2, MANY + 1), reason="一人没有到")
    assert sent(window, "/admin/departures/receipt/", answer, "receipt.svsr").says("进行中")
    assert Departure.get_by_id(row.id).state == "flying"
    job = run(desk, Job.get())
    assert (job.state, job.kind, Departure.get_by_id(row.id).state) == ("done", "transfer_receipt", "closed")
    assert job.result["结果"].startswith(f"对方接收 {MANY - 1} 人，未接收 1 人。") and not verify()
    assert f"/admin/departures/details/?id={row.id}" in window.get("/admin/jobs/details/", id=job.id).html
    assert sent(window, "/admin/departures/receipt/", answer, "receipt.svsr").says("已转出") and Job.select().count() == 1


def test_a_forged_receipt_of_many_is_refused_on_the_form_and_one_that_came_second_by_the_job(cast, desk, window):
    other = Other(cast)
    row = flying(cast, other, crowd(cast, MANY))
    forged = Other(cast, "丙县平台").answer(row)
    assert sent(window, "/admin/departures/receipt/", forged, "receipt.svsr").says("不是接收单位签发")
    assert not Job.select().exists()
    sent(window, "/admin/departures/receipt/", other.answer(row), "receipt.svsr")
    take_receipt(other.answer(row, taken=(), reason="没有这些人", at="2026-01-01T00:00:00"), cast.recorder)
    job = run(desk, Job.get())
    assert job.state == "failed" and "的回执办过，与这一份不同" in job.message
    assert {line.status for line in Leaver.select()} == {"declined"}


def test_cancelled_while_a_receipt_is_taken_in_everybody_is_still_on_the_way(cast, monkeypatch):
    monkeypatch.setattr("models.transfer_out.AT_ONCE", 2)
    other = Other(cast)
    row = flying(cast, other, crowd(cast, 5))

    def stops(at: int, total: int) -> None:
        if at:
            raise Cancelled

    with pytest.raises(Cancelled):
        take_receipt(other.answer(row), cast.recorder, stops)
    assert Departure.get_by_id(row.id).answer == "" and {one.state for one in Volunteer.select()} == {"leaving"}
    assert take_receipt(other.answer(row), cast.recorder).state == "closed"


def test_many_are_unlocked_by_a_job_that_keeps_the_reason_and_too_early_is_said_at_once(cast, desk):
    from models import clock

    desk.app.extensions["run_job"] = lambda key: None
    row = flying(cast, Other(cast), crowd(cast, MANY))
    window = desk.signed_in_as(cast.county)
    window.get("/admin/departures/details/", id=row.id)
    page = window.post("/admin/departures/move/", move="reopen", id=row.id, reason="对方说没有收到")
    assert page.says("才能不凭对方答复解锁") and not Job.select().exists()
    clock.move_demo_clock(60)
    window = desk.signed_in_as(cast.county)
    window.post("/admin/departures/move/", move="reopen", id=row.id, reason="对方说没有收到")
    job = run(desk, Job.get())
    assert job.state == "done" and job.result["结果"].endswith("解锁：对方说没有收到") and not verify()
