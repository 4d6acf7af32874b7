"""Packages of many people on their pages: moved by jobs that show how far they are and can be cancelled, a page at a time."""

import pytest
from walks_transfer import Other, agreed, departure, flying

from models.base import database
from models.hours import Balance
from models.jobs import Cancelled, Job
from models.refusals import Refusal
from models.training import Backbone
from models.transfer import Arrival, Brought, Departure, receive
from models.transfer_out import Leaver
from models.verifying import verify
from models.volunteers import Volunteer
from views import transfer, work

MANY = transfer.AT_ONCE + 1


def crowd(cast, people: int) -> list[Volunteer]:
    """So many who agreed to go."""
    return [agreed(cast, cast.registered()) for _ in range(people)]


def done(desk, job: Job, tmp_path) -> Job:
    if job.state == "waiting":
        work.run(job.id, tmp_path)
    return Job.get_by_id(job.id)


def test_a_few_are_packed_at_once_and_many_by_a_job_that_leads_to_the_page(cast, desk, tmp_path):
    other = Other(cast)
    few, many = departure(cast, other, crowd(cast, 2)), departure(cast, other, crowd(cast, MANY))
    window = desk.signed_in_as(cast.head)
    for row in (few, many):
        window.get("/admin/departures/details/", id=row.id)
        window.post("/admin/departures/move/", move="pack", id=row.id, at=f"{row.id}:{row.revision}")
    assert Departure.get_by_id(few.id).state == "flying"
    job = Job.get(Job.kind == "transfer_move")
    assert (Job.select().count(), job.params["row"], job.params["move"]) == (1, many.id, "pack")
    job = done(desk, job, tmp_path)
    assert (job.state, job.result["人数"]) == ("done", MANY) and Departure.get_by_id(many.id).state == "flying"
    page = window.get("/admin/jobs/details/", id=job.id)
    assert f"/admin/departures/details/?id={many.id}" in page.html


def test_whoever_asked_does_not_get_a_job_but_the_refusal(cast, desk):
    row = Departure.ask([one.id for one in crowd(cast, MANY)], cast.head, peer=Other(cast).peer.id, reason="搬家")
    window = desk.signed_in_as(cast.head)
    window.get("/admin/departures/details/", id=row.id)
    assert window.post("/admin/departures/move/", move="pack", id=row.id).says("不能审核并打包自己")
    assert not Job.select().exists()


def test_many_are_taken_by_a_job_and_a_row_changed_meanwhile_is_left_alone(cast, desk, tmp_path):
    row = receive(Other(cast).package(MANY), cast.recorder)
    window = desk.signed_in_as(cast.head)
    window.get("/admin/arrivals/details/", id=row.id)
    window.post("/admin/arrivals/move/", move="take", id=row.id, at=f"{row.id}:{row.revision}")
    job = Job.get(Job.kind == "transfer_move")
    Arrival.move(row.id, "refuse", cast.deputy, "没有这些人")
    assert done(desk, job, tmp_path).state == "failed" and not Volunteer.select().exists()
    other = receive(Other(cast, "丙县平台").package(MANY), cast.recorder)
    window.post("/admin/arrivals/move/", move="take", id=other.id, at=f"{other.id}:{other.revision}")
    job = done(desk, Job.select().order_by(Job.id.desc()).get(), tmp_path)
    assert (job.state, job.result["结果"]) == ("done", f"接收 {MANY} 人。") and not verify()


def test_cancelled_in_the_middle_nobody_has_left_and_nobody_has_come(cast, monkeypatch):
    monkeypatch.setattr("models.transfer_out.AT_ONCE", 2)
    monkeypatch.setattr("models.transfer_in.AT_ONCE", 2)
    people = crowd(cast, 5)
    cast.posted(people[0], minutes=120)
    row, seen = departure(cast, Other(cast), people), []

    def stops(at: int, total: int) -> None:
        seen.append((at, total))
        if at:
            raise Cancelled

    with pytest.raises(Cancelled):
        Departure.move(row.id, "pack", cast.head, progress=stops)
    assert seen == [(0, 5), (2, 5)] and Departure.get_by_id(row.id).state == "asked"
    assert {v.state for v in Volunteer.select()} == {"registered"} and Balance.get_by_id(people[0].id).honour == 120
    came = receive(Other(cast, "丙县平台").package(4), cast.recorder)
    with pytest.raises(Cancelled):
        Arrival.move(came.id, "take", cast.head, progress=stops)
    assert Arrival.get_by_id(came.id).state == "shown" and Volunteer.select().count() == 5 and not verify()


def test_a_job_inside_one_transaction_says_how_far_it_is_and_hears_that_it_is_not_wanted(cast):
    job = Job.create(kind="x", title="x", params={}, asked_by=cast.head.account_id, state="running")
    with job.at_work(), database.atomic():
        job.progress(1, 4)
        seen = Job.get_by_id(job.id)
        assert (seen.far, seen.percent, seen.done) == ((1, 4), 25, 0)
        assert seen.stop() == "running"
        with pytest.raises(Cancelled):
            job.progress(2, 4)
    assert Job.get_by_id(job.id).far == (0, 0)


def test_a_page_of_many_shows_some_and_leads_to_the_rest(cast, desk, monkeypatch):
    monkeypatch.setattr("views.transfer.LINES", 2)
    row = flying(cast, volunteers=crowd(cast, 5))
    window = desk.signed_in_as(cast.recorder)
    first = window.get("/admin/departures/details/", id=row.id)
    assert first.says("第 1–2 人，共 5 人") and "people=1#people" in first.html and "people=2#people" not in first.html
    last = window.get("/admin/departures/details/", id=row.id, people=99)
    assert last.says("第 5–5 人，共 5 人") and "people=1#people" in last.html
    came = receive(Other(cast, "丙县平台").package(5), cast.recorder)
    assert window.get("/admin/arrivals/details/", id=came.id, people=1).says("第 3–4 人，共 5 人")


def test_a_backbone_goes_along_is_shown_before_taking_and_leads_there(cast, desk):
    volunteer = agreed(cast, cast.registered())
    lead = Backbone.enter(cast.recorder, volunteer=volunteer.id, duty="带队入户", since=volunteer.registered_on)
    Backbone.move(lead.id, "confirm", cast.head)
    row = flying(cast, volunteers=[volunteer])
    assert row.sums["backbones"] == 1 and Leaver.get(Leaver.departure == row.id).status == "flying"
    from test_transfer_statements import rich

    other = Other(cast, "丙县平台")
    text = other.package(persons=[rich("x" * 24, n) for n in (1, 2)], id="x" * 24)
    came = receive(text, cast.recorder)
    page = desk.signed_in_as(cast.head).get("/admin/arrivals/details/", id=came.id)
    assert page.says("带队入户") and page.says("骨干任职 2 项")
    Arrival.move(came.id, "take", cast.head)
    assert {one.state for one in Backbone.select().where(Backbone.volunteer != volunteer.id)} == {"confirmed"}
    assert Brought.select().where(Brought.kind == "backbones", Brought.row.is_null(False)).count() == 2
    without = Other(cast, "丁县平台").package()
    assert "backbones" not in receive(without, cast.recorder).sums


def test_one_who_is_a_backbone_here_stays_that_and_one_who_stood_down_there_stands_down_here(cast):
    from test_transfer_statements import rich

    mine, other = cast.registered(), Other(cast)
    Backbone.move(Backbone.enter(cast.recorder, volunteer=mine.id, duty="新人引导", since=mine.registered_on).id, "confirm", cast.head)
    said = rich("y" * 24, 1)
    said["person"]["document_number"] = mine.document_number
    Arrival.move(receive(other.package(persons=[said], id="y" * 24), cast.recorder).id, "take", cast.head)
    assert [(one.duty, one.state) for one in Backbone.select()] == [("新人引导", "confirmed")]
    new = rich("z" * 24, 1)
    Arrival.move(receive(Other(cast, "丙县平台").package(persons=[new], id="z" * 24), cast.recorder).id, "take", cast.head)
    led = Backbone.get(Backbone.duty == "带队入户")
    row = flying(cast, other, [led.volunteer])
    from models.transfer import take_receipt

    take_receipt(other.answer(row), cast.recorder)
    new["backbones"][0] |= {"state": "ended", "until": "2026-04-01", "decided_for": "搬走"}
    new |= {"package": "u" * 24, "n": 1}
    Arrival.move(receive(other.package(persons=[new], id="u" * 24), cast.recorder).id, "take", cast.head)
    led = Backbone.get_by_id(led.id)
    assert (led.state, str(led.until)) == ("ended", "2026-04-01")


def test_a_supervisor_packs_nothing_whatever_the_size(cast, desk):
    row = departure(cast, Other(cast), crowd(cast, 1))
    with pytest.raises(Refusal, match="不在"):
        Departure.move(row.id, "pack", cast.county)
