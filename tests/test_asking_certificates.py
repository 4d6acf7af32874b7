"""志愿服务证明, asked for by the volunteer herself: her own rows alone, once however often she presses, and told at the desk."""

from dataclasses import replace
from datetime import timedelta

import pytest
from test_concurrency import at_once
from walks_certificates import asked

from cast import Cast
from models import clock
from models.audit import Trail
from models.certificates import Certificate
from models.corrections import Correction
from models.refusals import NotFound, Refusal
from models.scope import SYSTEM, Actor, find, within
from models.volunteers import Volunteer
from rules.certificates import MOST_OPEN

STAFF = ("recorder", "head", "deputy", "head_b", "recorder_b", "county", "prefecture", "province", "auditor", "admin")


def herself(cast: Cast, person: Volunteer) -> Actor:
    return replace(cast.volunteer, volunteer_id=person.id)


@pytest.fixture
def served(cast) -> Volunteer:
    person = cast.registered()
    cast.posted(person, minutes=240)
    return person


def test_a_volunteer_asks_for_her_own_and_the_desk_finds_it_as_asked_by_herself(cast, served):
    row = Certificate.ask("study", herself(cast, served))
    first = served.records.get().started_at.date()
    assert (row.volunteer_id, row.station_id, row.state, row.way) == (served.id, cast.a.id, "asked", "self")
    assert (row.first_day, row.last_day) == (first, clock.today())
    for by in (cast.recorder, cast.head):
        assert [*Certificate.select().where(within(Certificate, by), Certificate.asked_online(by))] == [row]
    assert Trail.select().where(Trail.action == "enter", Trail.table == "certificate").count() == 1
    Certificate.move(row.id, "accept", cast.recorder)
    assert not Certificate.select().where(Certificate.asked_online(cast.head)).exists()
    assert Certificate.move(row.id, "issue", cast.head).minutes == 240


@pytest.mark.parametrize("name", STAFF)
def test_nobody_but_a_volunteer_asks_by_this_door(cast, served, name):
    with pytest.raises(NotFound):
        Certificate.ask("study", replace(getattr(cast, name), volunteer_id=served.id))
    assert not Certificate.select().exists()


def test_an_account_that_is_nobodys_asks_for_nothing(cast, served):
    with pytest.raises(NotFound):
        Certificate.ask("study", cast.volunteer)


def test_what_the_desk_enters_is_asked_for_at_the_desk_and_does_not_stand_in_that_list(cast):
    row = asked(cast)
    assert row.way == "desk" and not Certificate.select().where(Certificate.asked_online(cast.head)).exists()


def test_a_volunteer_knows_of_her_own_certificates_and_of_nobody_elses(cast, served):
    mine, other = Certificate.ask("study", herself(cast, served)), asked(cast)
    assert [*Certificate.select().where(within(Certificate, herself(cast, served)))] == [mine]
    assert find(Certificate, mine.id, herself(cast, served)) == mine
    for whose, key in ((herself(cast, served), other.id), (cast.volunteer, mine.id), (herself(cast, other.volunteer), mine.id)):
        with pytest.raises(NotFound):
            find(Certificate, key, whose)


@pytest.mark.parametrize("move", ["accept", "issue", "confirm", "refuse", "revoke", "vouch"])
def test_she_makes_no_move_on_it(cast, served, move):
    row = Certificate.ask("study", herself(cast, served))
    with pytest.raises(Refusal, match="不在志愿者的职责内"):
        Certificate.move(row.id, move, herself(cast, served), reason="我要")
    with pytest.raises(Refusal, match="不能办理"):
        Certificate.amend(row.id, herself(cast, served), purpose="work")


def test_pressed_twice_is_asked_once_and_another_purpose_or_period_is_another(cast, served):
    by = herself(cast, served)
    row = Certificate.ask("study", by)
    assert Certificate.ask("study", by) == row and Certificate.select().count() == 1
    assert Certificate.ask("work", by) != row
    assert Certificate.ask("study", by, first_day=row.first_day, last_day=row.last_day - timedelta(days=1)) != row
    assert Certificate.select().count() == 3


def test_pressed_eight_times_at_once_is_asked_once(cast_on_either):
    cast = cast_on_either
    person = cast.registered()
    cast.posted(person, minutes=240)
    by = herself(cast, person)
    results = at_once(*[lambda: Certificate.ask("study", by).id] * 8)
    assert set(results) == {Certificate.get().id} and Certificate.select().count() == 1


def test_what_the_desk_has_in_hand_is_not_asked_for_again(cast, served):
    by = herself(cast, served)
    row = Certificate.ask("study", by)
    Certificate.move(row.id, "accept", cast.recorder)
    asked(cast, served, purpose="work")
    for purpose in ("study", "work"):
        with pytest.raises(Refusal, match="正在办理，不要重复申请"):
            Certificate.ask(purpose, by)
    Certificate.move(row.id, "refuse", cast.head, reason="证件没有带来")
    assert Certificate.ask("study", by) != row


def test_only_so_many_of_hers_are_under_way(cast, served):
    by, today = herself(cast, served), clock.today()
    days = [today - timedelta(days=n) for n in range(MOST_OPEN)]
    rows = [Certificate.ask("study", by, first_day=today - timedelta(days=300), last_day=day) for day in days]
    assert Certificate.ask("study", by, first_day=rows[-1].first_day, last_day=rows[-1].last_day) == rows[-1]
    with pytest.raises(Refusal, match=f"已有 {MOST_OPEN} 份申请正在办理"):
        Certificate.ask("work", by)
    Certificate.move(rows[0].id, "refuse", cast.recorder, reason="重复")
    assert Certificate.ask("work", by).state == "asked"


def test_what_is_wrong_is_said(cast, served):
    by, today = herself(cast, served), clock.today()
    for says, purpose, more in [
        ("请选择「用途」", "", {}),
        ("没有「travel」这一项", "travel", {}),
        ("请写明用在哪里", "other", {}),
        ("应不早于时段起", "study", {"first_day": today, "last_day": today - timedelta(days=1)}),
        ("不能晚于今天", "study", {"last_day": today + timedelta(days=1)}),
        ("应是日期", "study", {"last_day": "昨天"}),
        ("年份应在", "study", {"first_day": today.replace(year=201)}),
        ("最多 100 个字", "other", {"purpose_note": "很" * 101}),
        ("谁记录谁证明", "study", {"first_day": today, "last_day": today}),
    ]:
        with pytest.raises(Refusal, match=says):
            Certificate.ask(purpose, by, **more)
    assert not Certificate.select().exists()


def test_who_never_served_has_left_or_has_a_record_under_correction_is_told_why(cast, served):
    with pytest.raises(Refusal, match="没有本站已入账的服务记录"):
        Certificate.ask("study", herself(cast, cast.registered("王芳")))
    correction = Correction.enter(cast.recorder, record=served.records.get().id, reason="重复登记")
    with pytest.raises(Refusal, match="正在更正"):
        Certificate.ask("study", herself(cast, served))
    Correction.move(correction.id, "refuse", cast.head, reason="核对无误")
    Volunteer.move(served.id, "depart", SYSTEM)
    with pytest.raises(Refusal, match="不能出具证明"):
        Certificate.ask("study", herself(cast, served))


def test_the_desk_reads_in_its_inbox_and_on_the_row_that_she_asked_herself(cast, served, desk):
    row = Certificate.ask("study", herself(cast, served))
    window = desk.signed_in_as(cast.recorder)
    assert "本人网上申请，待受理" in window.get("/admin/").html
    assert served.name in window.get("/admin/certificates/?list=online").html
    assert "本人网上申请" in window.get(f"/admin/certificates/details/?id={row.id}").html
    assert "本人网上申请，待受理" not in desk.signed_in_as(cast.recorder_b).get("/admin/").html
