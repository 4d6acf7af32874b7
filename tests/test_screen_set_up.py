"""工作站建设 at the desk: the list filled on one page, shares at a glance, findings keyed, money typed in 元."""

from datetime import date, timedelta

import pytest

from desk import Desk, queries
from models import clock
from models.policy import PolicyVersion
from models.self_checks import SelfCheck
from models.set_up import SetUpItem
from models.spot_checks import SpotCheck, SpotSample
from models.supports import Duty, Support
from views import waiting

DAY = date(2024, 3, 5)


def confirmed(cast, *codes: str) -> None:
    for code in codes:
        row = SetUpItem.enter(cast.recorder, item=code, standing="met", evidence="照片", since=DAY)
        SetUpItem.move(row.id, "confirm", cast.head)


def test_the_recorder_fills_the_list_and_the_head_confirms(cast, desk):
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/set_up_items/fill/")
    assert page.says("有固定的办公和接待场地") and page.says("志愿者有统一的马甲或胸牌")
    said = {"standing.11": "met", "evidence.11": "一楼", "since.11": "2024-03-05", "standing.12": "met"}
    page = window.post("/admin/set_up_items/fill/", said)
    assert page.says("有内容需要改正") and page.says("请在「依据」里写明") and page.says("一楼")
    assert not SetUpItem.select().exists()
    page = window.post("/admin/set_up_items/fill/", said | {"evidence.12": "二楼", "since.12": "2024-03-05"})
    assert page.says("已保存 2 项")
    page = window.post("/admin/set_up_items/fill/", {"standing.13": "met", "evidence.13": "x", "since.13": "上周"})
    assert page.says("日期不对") and SetUpItem.select().count() == 2
    head = desk.signed_in_as(cast.head)
    assert "waiting=confirm" in head.get("/admin/").html
    keys = [row.id for row in SetUpItem.select()]
    assert head.post("/admin/set_up_items/move/", move="confirm", id=keys, back="/admin/set_up_items/").says(
        "已确认 2 条"
    )
    page = window.get("/admin/set_up_items/fill/")
    assert 'name="standing.11"' not in page.html and page.says("张站长")


def test_only_a_desk_fills_the_list(cast, desk):
    for who in (cast.county, cast.auditor):
        window = desk.signed_in_as(who)
        assert window.get("/admin/set_up_items/fill/").status == 403
        assert window.post("/admin/set_up_items/fill/", {"standing.11": "unmet"}).status == 403
    assert not SetUpItem.select().exists()


def test_every_stations_share_stands_in_one_list_and_opens_to_its_rows(cast, desk):
    confirmed(cast, "11", "12", "21")
    SetUpItem.enter(cast.recorder, item="13", standing="met", evidence="照片", since=DAY)
    window = desk.signed_in_as(cast.prefecture)
    page = window.get("/admin/progress/")
    assert page.says("2/4") and page.says("12%") and page.says("0/4") and page.says("0%")
    assert f"/admin/set_up_items/?station={cast.a.id}&amp;aspect=1" in page.html
    page = window.get("/admin/set_up_items/", station=cast.a.id, aspect="1")
    assert page.says("共 3 条") and not page.says("社区主要负责人兼任站长</a>")
    assert window.get("/admin/set_up_items/", station=cast.a.id, state="claimed").says("共 1 条")
    assert window.get("/admin/progress/details/", id=cast.a.id).path.startswith("/admin/stations/details/")
    county = desk.signed_in_as(cast.county)
    assert not county.get("/admin/progress/").says("环城社区")
    assert county.get("/admin/progress/details/", id=cast.b.id).status == 404


def test_the_glance_asks_no_query_a_station(cast, desk, monkeypatch):
    monkeypatch.setattr(waiting, "KEPT_SECONDS", 3600)
    confirmed(cast, "11")
    asked = []
    for who in (cast.county, cast.prefecture):
        window = desk.signed_in_as(who)
        window.get("/admin/progress/")
        with queries() as sent:
            window.get("/admin/progress/")
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_the_named_lists_of_stations(cast, desk):
    values = {"target_share": 8, "self_check_month": 1, "minutes_days": 15}
    PolicyVersion.create(topic="stations", division="5301", since=date(2020, 1, 1), source="市文件", values=values)
    confirmed(cast, "11", "12")
    Duty.enter(cast.head, name="刘珊", role="full_time", since=DAY)
    row = SelfCheck.enter(cast.recorder, year=clock.today().year, problems="无", plans="无")
    SelfCheck.move(row.id, "submit", cast.head)
    window = desk.signed_in_as(cast.prefecture)
    for name in ("below", "unattended", "unchecked"):
        page = window.get("/admin/progress/", list=name)
        assert page.says("环城社区学雷锋") and not page.says("文林社区学雷锋"), name
    home = window.get("/admin/")
    assert home.says("未达标的工作站") and home.says("没有专人负责的工作站") and home.says("自查未提交")


def test_a_stations_page_tells_its_share_people_support_and_checks(cast, desk):
    confirmed(cast, "11")
    Duty.enter(cast.head, name="刘珊", role="full_time", since=DAY, phone="13800000001")
    Support.enter(cast.head, giver="530102001", kind="funds", fen=120_050, given_on=DAY)
    page = desk.signed_in_as(cast.head).get("/admin/stations/details/", id=cast.a.id)
    assert page.says("已达标 1 项，适用 25 项，占 4%") and page.says("刘珊") and page.says("1,200.50")
    assert not page.says("13800000001")


def test_money_is_typed_in_yuan_and_a_mistake_is_said_beside_the_box(cast, desk):
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/supports/new/")
    said = {"giver": "530102001", "kind": "funds", "given_on": "2024-03-05"}
    page = window.post("/admin/supports/new/", said | {"fen": "五千"})
    assert page.says("金额「五千」不对") and not Support.select().exists()
    page = window.post("/admin/supports/new/", said | {"fen": "5,000.5"})
    assert page.says("5,000.50") and Support.get().fen == 500_050
    page = window.get("/admin/supports/")
    assert page.says("2024 年") and page.says("5,000.50") and "given_on_from=2024-01-01" in page.html
    found = window.get("/admin/supports/ajax/lookup/", name="giver", q="五华").json()
    assert [row["id"] for row in found] == ["530102"]
    assert window.get("/admin/supports/ajax/lookup/", name="giver", q="盘龙").json() == []


def test_a_telephone_on_a_duty_is_masked_until_it_is_asked_for(cast, desk):
    row = Duty.enter(cast.head, name="刘珊", role="full_time", since=DAY, phone="13800000001")
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/duties/details/", id=row.id).says("138****0001")
    page = window.post("/admin/duties/reveal/", id=row.id, field="phone", reason="通知值班")
    assert page.says("13800000001")
    county = desk.signed_in_as(cast.county)
    assert county.get("/admin/duties/details/", id=row.id).says("138****0001")
    assert county.post("/admin/duties/reveal/", id=row.id, field="phone", reason="看看").status == 403


def test_a_self_check_is_submitted_and_read_by_the_county(cast, desk):
    window = desk.signed_in_as(cast.head)
    window.get("/admin/self_checks/new/")
    page = window.post("/admin/self_checks/new/", year=str(clock.today().year), problems="场地小", plans="申请")
    assert page.says("本年数字") and page.says("未登记")
    row = SelfCheck.get()
    window.post("/admin/self_checks/move/", move="submit", id=row.id, back=page.path)
    county = desk.signed_in_as(cast.county)
    assert "waiting=review" in county.get("/admin/").html
    page = county.get("/admin/self_checks/", waiting="review")
    assert page.says("共 1 条")
    county.post("/admin/self_checks/move/", move="review", id=row.id, back="/admin/self_checks/")
    assert SelfCheck.get().state == "reviewed"
    prefecture = desk.signed_in_as(cast.prefecture)
    assert "waiting=review" not in prefecture.get("/admin/").html


@pytest.fixture
def check(cast) -> SpotCheck:
    cast.posted(cast.registered("李明"), minutes=3 * 480)
    today = clock.today()
    row = SpotCheck.enter(
        cast.county, title="春季抽查", size=3, starts_on=today - timedelta(days=200), ends_on=today,
        stations=[str(cast.a.id)],
    )  # fmt: skip
    return SpotCheck.move(row.id, "draw", cast.county)


def test_a_supervisor_draws_looks_into_and_publishes_a_check(cast, desk, check):
    window = desk.signed_in_as(cast.county)
    assert window.get("/admin/").says("待填写核查结果")
    page = window.get("/admin/spot_checks/details/", id=check.id)
    assert page.says("李明") and page.says(check.seed) and 'value="verify"' not in page.html
    page = window.get("/admin/spot_checks/results/", id=check.id)
    one, two, three = [sample.id for sample in check.samples]
    said = {f"result.{one}": "true", f"result.{two}": "true", f"result.{three}": "false"}
    page = window.post(f"/admin/spot_checks/results/?id={check.id}", said)
    assert page.says("请写明查到的情况") and not SpotSample.select().where(SpotSample.result != "").exists()
    page = window.post(f"/admin/spot_checks/results/?id={check.id}", said | {f"note.{three}": "本人说没有去"})
    assert page.says("已保存 3 条核查结果")
    for move in ("verify", "publish"):
        page = window.post(
            "/admin/spot_checks/move/", move=move, id=check.id, back=f"/admin/spot_checks/details/?id={check.id}"
        )
    assert page.says("已公布") and page.says("66%")
    assert desk.signed_in_as(cast.head).get("/admin/stations/details/", id=cast.a.id).says("春季抽查")
    page = Desk(desk.app).get(f"/spot-checks/{check.id}")
    assert page.says("66%") and page.says("文林社区") and not page.says("李明") and not page.says("没有去")
    assert Desk(desk.app).get("/").says("春季抽查")


def test_what_is_not_published_is_nobodys_to_read(cast, desk, check):
    assert Desk(desk.app).get(f"/spot-checks/{check.id}").status == 404
    assert not Desk(desk.app).get("/").says("春季抽查")


def test_a_station_sees_its_own_samples_and_writes_nothing(cast, desk, check):
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/spot_samples/").says("共 3 条")
    page = window.get("/admin/spot_checks/details/", id=check.id)
    assert page.says("李明") and "results/?id" not in page.html
    assert window.get("/admin/spot_checks/results/", id=check.id).status == 403
    sample = check.samples.first().id
    assert window.post(f"/admin/spot_samples/edit/?id={sample}", result="true").status == 403
    assert desk.signed_in_as(cast.head_b).get("/admin/spot_checks/details/", id=check.id).status == 404


def test_a_picker_of_divisions_keeps_to_ones_own(cast, desk):
    window = desk.signed_in_as(cast.county)
    found = window.get("/admin/spot_checks/ajax/lookup/", name="division", q="5").json()
    assert found and all(str(row["id"]).startswith("530102") for row in found)
    window.get("/admin/spot_checks/new/")
    page = window.post(
        "/admin/spot_checks/new/",
        title="秋季抽查",
        size="3",
        starts_on="2024-01-01",
        ends_on="2024-06-30",
        stations=[str(cast.a.id)],
    )
    assert (
        page.says("秋季抽查")
        and SpotCheck.get().division_id == "530102"
        and SpotCheck.get().stations == [str(cast.a.id)]
    )
    assert page.says("文林社区")
