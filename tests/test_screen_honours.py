"""嘉许 and 优待 on screen: entered, checked by another, granted, printed; who qualifies and who took it up."""

from datetime import timedelta

import pytest
from test_honours import a_team

from cast import past_the_notice
from desk import Desk, queries
from models import clock
from models.honours import Honour
from models.measures import Measure, TakeUp


def move(window, path, row, name, **more):
    return window.post(
        f"/admin/{path}/move/", move=name, id=row.id, back=f"/admin/{path}/details/?id={row.id}", **more
    )


@pytest.fixture
def person(cast):
    return cast.registered("李明")


def test_an_own_award_goes_from_form_to_certificate(cast, desk, person):
    recorder, head = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.head)
    said = {"volunteer": person.id, "title": "季度之星", "level": "own", "deeds": "每周给老人送餐"}
    assert recorder.post("/admin/honours/new/", said).says("季度之星")
    row = Honour.get()
    assert move(recorder, "honours", row, "submit").says("待审核")
    page = head.get("/admin/honours/details/", id=row.id)
    assert 'value="approve"' in page.html and 'value="check"' not in page.html
    move(head, "honours", row, "approve")
    move(head, "honours", row, "notice")
    notice = Honour.get().notice_id
    public = Desk(desk.app).get(f"/notices/{notice}")
    assert public.says("李*") and not public.says("李明") and public.says("季度之星")
    past_the_notice()
    assert head.get("/admin/").says("嘉许")
    assert move(head, "honours", row, "grant").says("已授予")
    page = recorder.get("/admin/honours/certificate/", id=row.id)
    assert page.says(Honour.get().certificate_no) and page.says("荣誉证书")
    assert recorder.get("/admin/volunteers/details/", id=person.id).says("季度之星")
    assert desk.signed_in_as(cast.head_b).get("/admin/honours/details/", id=row.id).status == 404


def test_a_teams_award_shows_its_name_in_public_and_on_the_certificate(cast, desk):
    team = a_team(cast)
    row = Honour.enter(cast.recorder, team=team.id, title="优秀服务队", level="own", deeds="常来")
    for name, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        Honour.move(row.id, name, by)
    window = desk.signed_in_as(cast.head)
    notice = Honour.get().notice_id
    assert window.get("/admin/notices/details/", id=notice).says("夕阳红服务队")
    assert window.get("/admin/notices/print/", id=notice).says("夕阳红服务队")
    assert Desk(desk.app).get(f"/notices/{notice}").says("夕阳红服务队")
    assert window.get("/admin/objections/new/", notice=notice, record=row.id).says(
        f"{row.id}　夕阳红服务队　优秀服务队"
    )
    past_the_notice()
    move(window, "honours", row, "grant")
    assert window.get("/admin/honours/certificate/", id=row.id).says("夕阳红服务队：")
    assert window.get("/admin/honours/").says("夕阳红服务队")


def test_a_refusal_of_the_form_stands_beside_its_fields(cast, desk, person):
    page = desk.signed_in_as(cast.recorder).post(
        "/admin/honours/new/", volunteer=person.id, title="优秀志愿者", level="county"
    )
    for says in ("请填写授予单位", "请填写授予日期", "请写明证明材料"):
        assert page.says(says)
    assert not Honour.select().exists()


def test_proofs_to_be_checked_are_a_list(cast, desk, person):
    row = Honour.enter(
        cast.recorder, volunteer=person.id, title="优秀志愿者", level="county", body="区文明办", given_on=clock.today(),
        proof="证书复印件",
    )  # fmt: skip
    head = desk.signed_in_as(cast.head)
    assert not head.get("/admin/honours/", list="unproven").says("优秀志愿者")
    Honour.move(row.id, "submit", cast.recorder)
    assert head.get("/admin/honours/", list="unproven").says("优秀志愿者")
    assert head.get("/admin/honours/", state="submitted", waiting="check").says("证书复印件")
    assert move(head, "honours", row, "check").says("已记入")


@pytest.fixture
def measure(cast):
    return Measure.enter(
        cast.county, name="门诊优先", category="medical", provider="区人民医院", content="凭证优先挂号",
        minimum_hours=2, starts_on=clock.today() - timedelta(days=3), ends_on=clock.today() + timedelta(days=60),
    )  # fmt: skip


def test_a_supervisor_enters_a_measure_and_the_desk_reads_it(cast, desk):
    county = desk.signed_in_as(cast.county)
    county.post(
        "/admin/measures/new/", name="图书馆优先", category="culture", provider="区图书馆", content="优先借阅",
        starts_on=clock.today().isoformat(), minimum_star="2", active="y",
    )  # fmt: skip
    row = Measure.get()
    assert (row.division_id, row.minimum_star) == ("530102", 2)
    head = desk.signed_in_as(cast.head)
    page = head.get("/admin/measures/details/", id=row.id)
    assert page.says("二星级及以上") and not page.says("修改</a>")
    assert head.get("/admin/measures/new/").status == 403
    assert desk.signed_in_as(cast.head_b).get("/admin/measures/details/", id=row.id).status == 404
    assert "edit/?id" not in desk.signed_in_as(cast.prefecture).get("/admin/measures/details/", id=row.id).html
    assert "edit/?id" in county.get("/admin/measures/details/", id=row.id).html


def test_who_qualifies_is_listed_and_taken_up_from_there(cast, desk, person, measure):
    cast.registered("王芳")
    cast.posted(person, minutes=120)
    recorder = desk.signed_in_as(cast.recorder)
    page = recorder.get("/admin/measures/who/", id=measure.id)
    assert page.says("李明") and not page.says("王芳") and page.says("共 1 位")
    assert f"/admin/take_ups/new/?measure={measure.id}&amp;volunteer={person.id}" in page.html
    said = {"measure": measure.id, "used_on": clock.today().isoformat(), "proof": "挂号单"}
    assert recorder.post("/admin/take_ups/new/", said, volunteer=person.id).says("李明 门诊优先")
    page = recorder.get("/admin/measures/details/", id=measure.id)
    assert page.says("挂号单")
    assert recorder.get("/admin/measures/").says("累计服务满 2 小时")


def test_who_does_not_qualify_is_told_what_is_missing(cast, desk, person, measure):
    page = desk.signed_in_as(cast.recorder).post(
        "/admin/take_ups/new/",
        measure=measure.id,
        volunteer=person.id,
        used_on=clock.today().isoformat(),
        proof="挂号单",
    )
    assert page.says("需累计服务 2.00 小时，现有 0.00 小时，还差 2.00 小时")
    assert not TakeUp.select().exists()


def test_a_measure_counts_only_what_the_reader_may_know_of(cast, desk, person, measure):
    cast.posted(person, minutes=120)
    TakeUp.enter(cast.recorder, measure=measure.id, volunteer=person.id, used_on=clock.today(), proof="挂号单")
    city = Measure.enter(
        cast.prefecture,
        name="公交优惠",
        category="transport",
        provider="公交",
        content="乘车",
        starts_on=clock.today(),
    )
    TakeUp.enter(cast.recorder, measure=city.id, volunteer=person.id, used_on=clock.today(), proof="名单")
    mine = desk.signed_in_as(cast.head).get("/admin/measures/")
    assert mine.html.count('<td class="number">1</td>') == 2
    other = desk.signed_in_as(cast.head_b).get("/admin/measures/")
    assert other.says("公交优惠") and '<td class="number">0</td>' in other.html and not other.says("门诊优先")


def test_ending_measures_wait_for_their_supervisor(cast, desk):
    Measure.enter(
        cast.county, name="门诊优先", category="medical", provider="医院", content="挂号", starts_on=clock.today(),
        ends_on=clock.today() + timedelta(days=9),
    )  # fmt: skip
    county = desk.signed_in_as(cast.county)
    assert county.get("/admin/").says("即将到期")
    assert county.get("/admin/measures/", list="expiring").says("门诊优先")
    assert not desk.signed_in_as(cast.prefecture).get("/admin/measures/", list="expiring").says("门诊优先")


def test_queries_do_not_grow_with_measures_or_people(cast, desk, person, measure):
    cast.posted(person, minutes=120)
    window = desk.signed_in_as(cast.head)
    pages = [("/admin/measures/", {}), ("/admin/measures/who/", {"id": measure.id})]

    def asked() -> list[int]:
        counts = []
        for path, query in pages:
            window.get(path, **query)
            with queries() as sent:
                window.get(path, **query)
            counts.append(len(sent))
        return counts

    few = asked()
    for name in ("王芳", "赵强"):
        cast.posted(cast.registered(name), minutes=120)
        Measure.enter(cast.county, name=name, category="work", provider="x", content="x", starts_on=clock.today())
    assert asked() == few
