"""撤站: a dissolved station hands all its people to its successor, and none of their minutes is lost or doubled."""

import pytest
from walks_transfer import a_dissolution

from admin_app.jobs import start_worker
from cast import person
from models.applications import Application
from models.audit import Trail
from models.base import database
from models.certificates import Certificate
from models.corrections import Correction
from models.dissolving import Dissolution, carry_on
from models.erasures import Erasure
from models.hours import Balance, Entry, Lot
from models.jobs import Cancelled, Job
from models.keying import key_in
from models.projects import Project
from models.records import ServiceRecord
from models.refusals import NotFound, Refusal
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM, find
from models.stars import StarGrant
from models.stations import Station
from models.verifying import verify
from models.volunteers import Claim, Volunteer
from views import work


def quiet(job: int, total: int) -> None:
    """Nobody watches."""


def over(cast) -> None:
    """The projects and activities of A are done with, as they must be first."""
    from models.activities import Activity

    Activity.update(state="held").where(Activity.station == cast.a.id).execute()
    Project.update(state="closed").where(Project.station == cast.a.id).execute()


def begun(cast) -> Dissolution:
    over(cast)
    return Dissolution.move(a_dissolution(cast)[1], "start", cast.province)


def figures() -> dict:
    return {row.volunteer_id: (row.honour, row.exchangeable, row.debt) for row in Balance.select()}


def lots() -> list[tuple]:
    return list(Lot.select(Lot.id, Lot.volunteer, Lot.minutes, Lot.left, Lot.expires_on).order_by(Lot.id).tuples())


def net(station, account) -> int:
    rows = Entry.select(Entry.debit, Entry.credit, Entry.minutes).where(Entry.station == station.id).tuples()
    return sum(m * ((c == account) - (d == account)) for d, c, m in rows)


def test_everybody_follows_with_every_minute_and_what_is_open(cast_on_either):
    cast = cast_on_either
    served, idle, theirs = cast.registered(), cast.registered("王芳"), cast.registered("周强", by=cast.recorder_b)
    cast.posted(served, minutes=100 * 60 + 30)
    star = StarGrant.get(StarGrant.volunteer == served.id)
    waits = Volunteer.enter(cast.recorder, **person("赵新"))
    asked = Erasure.enter(cast.recorder, volunteer=idle.id, reason="搬走了")
    before, kept = figures(), lots()
    row = begun(cast)
    assert (row.state, row.people, Station.get_by_id(cast.a.id).active) == ("moving", 3, False)
    done = carry_on(row.id, cast.province, quiet)
    assert (done.state, done.moved) == ("done", 3) and not verify()
    assert figures() == before and lots() == kept
    here = {one.id for one in Volunteer.select().where(Volunteer.station == cast.b.id)}
    assert here == {served.id, idle.id, theirs.id, waits.id}
    assert StarGrant.get_by_id(star.id).station_id == cast.b.id == Erasure.get_by_id(asked.id).station_id
    assert [net(cast.a, name) for name in ("honour", "exchangeable")] == [0, 0]
    assert net(cast.b, "honour") == before[served.id][0]
    assert Volunteer.move(waits.id, "approve", cast.head_b).state == "registered"
    assert Claim.select().where(Claim.state == "agreed").count() == 3
    count = Entry.select().count()
    assert carry_on(row.id, cast.province, quiet).state == "done" and Entry.select().count() == count


def test_what_waits_is_named_first_and_nothing_is_changed(cast):
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=120)
    item = RewardItem.enter(cast.head, name="理发", points=1)
    order = Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k1")
    _, key = a_dissolution(cast)
    with pytest.raises(Refusal) as no:
        Dissolution.move(key, "start", cast.province)
    said = str(no.value)
    assert "个项目没有结束" in said and "次活动没有办结" in said
    assert f"{volunteer}：有 1 张兑换单没有办结。" in said
    assert Station.get_by_id(cast.a.id).active and Volunteer.get_by_id(volunteer.id).station_id == cast.a.id
    Redemption.move(order.id, "cancel", cast.recorder, "不需要了")
    over(cast)
    assert Dissolution.move(key, "start", cast.province).state == "moving"


def test_the_names_of_many_are_counted(cast):
    for _ in range(10):
        volunteer = cast.registered()
        key_in([cast.draft(volunteer, cast.activity())], cast.recorder)
    _, key = a_dissolution(cast)
    over(cast)
    with pytest.raises(Refusal, match="还有 2 处，办结后再试"):
        Dissolution.move(key, "start", cast.province)


def test_the_old_station_sees_what_is_past_and_takes_in_nothing_new(cast):
    volunteer, item = cast.registered(), cast.activity()
    (record,) = cast.posted(volunteer, minutes=120)
    draft = cast.draft(volunteer, item)
    row = begun(cast)
    for enters in (
        lambda: Volunteer.enter(cast.recorder, **person("孙新")),
        lambda: key_in([draft], cast.recorder),
        lambda: Project.enter(cast.head, name="x"),
        lambda: Claim.ask("resident_id", volunteer.document_number, "回来", cast.head),
    ):
        with pytest.raises(Refusal, match="本站已撤销"):
            enters()
    carry_on(row.id, cast.province, quiet)
    assert find(ServiceRecord, record.id, cast.recorder).minutes == 120
    assert find(Dissolution, row.id, cast.head_b).id == find(Dissolution, row.id, cast.recorder).id
    assert Volunteer.enter(cast.recorder_b, **person("孙新")).station_id == cast.b.id
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)
    assert figures()[volunteer.id][0] == 0 and not verify()


def test_the_successor_certifies_what_was_served_there(cast):
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=120)
    carry_on(begun(cast).id, cast.province, quiet)
    paper = Certificate.enter(cast.recorder_b, volunteer=volunteer.id, purpose="study")
    assert paper.station_id == cast.b.id and paper.counted().count() == 1


def test_cut_off_in_the_middle_everybody_is_whole_and_carrying_on_takes_the_rest(cast_on_either, monkeypatch):
    cast = cast_on_either
    people = [cast.registered() for _ in range(5)]
    cast.posted(people[0], minutes=120)
    cast.posted(people[4], minutes=60)
    before, kept = figures(), lots()
    row = begun(cast)
    monkeypatch.setattr("models.dissolving.AT_ONCE", 2)

    def stops(done: int, total: int) -> None:
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        carry_on(row.id, cast.province, stops)
    half = Dissolution.get_by_id(row.id)
    assert (half.state, half.moved) == ("moving", 2) and not verify()
    assert Volunteer.select().where(Volunteer.station == cast.b.id).count() == 2
    assert carry_on(row.id, cast.province, quiet).moved == 5
    assert figures() == before and lots() == kept and not verify()


def test_who_is_held_back_meanwhile_stays_and_is_named(cast):
    volunteer, other = cast.registered(), cast.registered("王芳")
    row = begun(cast)
    claim = Claim.create(volunteer=other.id, from_station=cast.a.id, to_station=cast.b.id, reason="搬家")
    with pytest.raises(Refusal, match=r"王芳.*认领"):
        carry_on(row.id, cast.province, quiet)
    assert Volunteer.get_by_id(volunteer.id).station_id == cast.b.id
    assert Volunteer.get_by_id(other.id).station_id == cast.a.id
    Claim.move(claim.id, "refuse", cast.head, "撤站统一移交")
    assert carry_on(row.id, cast.province, quiet).state == "done"


def test_nobody_confirms_what_they_asked_and_only_within_their_division(cast):
    _, key = a_dissolution(cast)
    with pytest.raises(Refusal, match="不能确认撤站自己录入"):
        Dissolution.move(key, "start", cast.prefecture)
    for by in (cast.head, cast.auditor):
        with pytest.raises(Refusal):
            Dissolution.move(key, "start", by)
        with pytest.raises(Refusal):
            Dissolution.enter(by, station=cast.a.id, successor=cast.b.id, reason="社区合并")
    with pytest.raises(Refusal, match="没有找到所选"):
        Dissolution.enter(cast.county, station=cast.a.id, successor=cast.b.id, reason="社区合并")
    with pytest.raises(NotFound):
        Dissolution.move(key, "cancel", SYSTEM.__class__(None, "x", cast.county.role, None, "530302"), "不归我管")


def test_a_successor_must_be_another_station_that_works(cast):
    for station, successor, says in ((cast.a, cast.a, "不能就是"), (cast.b, cast.a, "正在撤站")):
        if station is cast.b:
            a_dissolution(cast)
        with pytest.raises(Refusal, match=says):
            Dissolution.enter(cast.prefecture, station=station.id, successor=successor.id, reason="社区合并")
    with pytest.raises(Refusal, match="已经在办理撤站"):
        a_dissolution(cast)
    Station.update(active=False).where(Station.id == cast.b.id).execute()
    Dissolution.update(state="cancelled").execute()
    with pytest.raises(Refusal, match="已停用"):
        a_dissolution(cast)


def test_what_becomes_of_applications_is_said_before_it_is_decided_and_done(desk, cast):
    volunteer = cast.registered()
    post = cast.post(headcount=2)
    mine = Application.apply(post.id, volunteer.id, cast.recorder)
    there = cast.post(headcount=2, by=cast.recorder_b)
    far = Application(post=there.id, project=there.project_id, station=cast.b.id, volunteer=volunteer.id,
                      applied_on=volunteer.registered_on, state="applied")  # fmt: skip
    far.save(force_insert=True)
    Volunteer.enter(cast.recorder, **person("赵新"))
    _, key = a_dissolution(cast)
    window = desk.signed_in_as(cast.province)
    page = window.get("/admin/dissolutions/details/", id=key)
    for says in ("2 名志愿者连同工时账", "其中 1 名还在等注册审核", "报名 1 份，以撤站为由终止", "岗位 1 份，随人保留", "先要办结", "个项目没有结束"):
        assert page.says(says), says
    over(cast)
    row = Dissolution.move(key, "start", cast.province)
    ended = Application.get_by_id(mine.id)
    assert ended.state == "ended" and Trail.select().where(Trail.table == "application", Trail.row == str(mine.id),
                                                          Trail.reason.contains("撤站")).exists()  # fmt: skip
    carry_on(row.id, cast.province, quiet)
    assert Application.get_by_id(far.id).state == "applied"
    assert Trail.get(Trail.table == "application", Trail.row == str(far.id), Trail.action == "follow").reason == row.claimed_for


def test_its_people_are_listed_a_page_at_a_time_with_who_has_followed(desk, cast, monkeypatch):
    monkeypatch.setattr("views.dissolving.LINES", 2)
    people = [cast.registered() for _ in range(5)]
    row = begun(cast)
    window = desk.signed_in_as(cast.province)
    page = window.get("/admin/dissolutions/details/", id=row.id, people=1)
    assert page.says("第 3–4 人，共 5 人") and page.says(people[2].card_no) and not page.says(people[0].card_no)
    assert page.says("还没有移交") and "people=2#people" in page.html
    carry_on(row.id, cast.province, quiet)
    page = window.get("/admin/dissolutions/details/", id=row.id, people=99)
    assert page.says("第 5–5 人，共 5 人") and page.says("已移交") and not page.says("还没有移交")


def test_a_job_that_a_crash_cut_off_is_taken_up_again_by_itself(desk, cast, monkeypatch):
    people = [cast.registered() for _ in range(5)]
    cast.posted(people[4], minutes=60)
    before, kept = figures(), lots()
    row = begun(cast)
    monkeypatch.setattr("models.dissolving.AT_ONCE", 2)

    def dies(done: int, total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        carry_on(row.id, cast.province, dies)
    ask = {"title": "移交", "params": {"dissolution": row.id}, "asked_by": cast.province.account_id, "state": "running"}
    cut, given_up = Job.create(kind="dissolve", **ask), Job.create(kind="dissolve", cancel=True, **ask)
    other = Job.create(kind="export", **ask)
    queued = []
    monkeypatch.setitem(desk.app.extensions, "run_job", queued.append)
    monkeypatch.setattr("admin_app.jobs.Worker.start", lambda self: None)
    start_worker(desk.app)
    database.connect(reuse_if_open=True)
    assert queued == [cut.id]
    assert [Job.get_by_id(one.id).state for one in (cut, given_up, other)] == ["waiting", "failed", "failed"]
    work.run(cut.id, desk.app.config["STATION"].instance / "jobs" / str(cut.id))
    database.connect(reuse_if_open=True)
    assert Job.get_by_id(cut.id).state == "done" and Dissolution.get_by_id(row.id).moved == 5
    assert figures() == before and lots() == kept and not verify()


def test_the_button_asks_for_a_job_that_carries_everybody(desk, cast, tmp_path):
    volunteer = cast.registered()
    row = begun(cast)
    desk = desk.signed_in_as(cast.province)
    page = desk.get(f"/admin/dissolutions/details/?id={row.id}")
    assert "开始移交" in page.html and "已移交 0 人，应移交 1 人" in page.html
    desk.post("/admin/dissolutions/carry/", id=row.id)
    job = Job.get(Job.kind == "dissolve")
    if job.state == "waiting":
        work.run(job.id, tmp_path)
    job = Job.get_by_id(job.id)
    assert (job.state, job.result) == ("done", {"已移交人数": 1, "承接的工作站": cast.b.name})
    assert Volunteer.get_by_id(volunteer.id).station_id == cast.b.id
    assert "已撤站" in desk.get(f"/admin/dissolutions/details/?id={row.id}").html
