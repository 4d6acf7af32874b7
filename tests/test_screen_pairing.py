"""结对帮扶的页面: the quarters beside the promise, the score in words, who is near, renewal, named lists."""

from datetime import timedelta

from served import household
from world_teams import a_draft, a_pairing, a_unit

from desk import queries
from models import clock
from models.activities import Activity
from models.keying import key_in
from models.pairing import PairedHousehold, Pairing
from models.records import ServiceRecord
from models.units import Unit
from rules.pairing import Quarter


def a_visit(cast, row, day):
    activity = cast.activity(day, pairing=row.id, name="结对义诊")
    Activity.move(activity.id, "hold", cast.recorder)
    (record,) = key_in([cast.draft(cast.registered("李明"), activity)], cast.recorder)
    ServiceRecord.update(state="posted").where(ServiceRecord.id == record.id).execute()


def test_a_supervisor_enters_a_unit_and_the_station_sees_it(cast, desk):
    window = desk.signed_in_as(cast.county)
    window.get("/admin/units/new/")
    page = window.post(
        "/admin/units/new/", name="五华区图书馆", level="prefecture", division="530102001", contact_name="何主任",
        contact="13912345678", categories=["01"], active="y",
    )  # fmt: skip
    assert page.says("五华区图书馆") and page.says("139****5678") and page.says("还不能评价成效")
    assert desk.signed_in_as(cast.recorder).get("/admin/units/").says("五华区图书馆")
    assert not desk.signed_in_as(cast.head_b).get("/admin/units/").says("五华区图书馆")
    auditor = desk.signed_in_as(cast.auditor)
    assert auditor.get("/admin/units/new/").status == 403


def test_units_without_a_pairing_wait_for_the_supervisor(cast, desk):
    a_unit(cast, name="图书馆"), a_pairing(cast, a_unit(cast, name="医院"))
    window = desk.signed_in_as(cast.county)
    assert window.get("/admin/").says("未结对的文明单位")
    page = window.get("/admin/units/?list=unpaired")
    assert page.says("图书馆") and not page.says("医院")
    assert not desk.signed_in_as(cast.head).get("/admin/").says("未结对的文明单位")


def test_the_quarters_stand_beside_the_promise_and_open_to_their_rows(cast, desk):
    row = a_pairing(cast)
    quarter = Quarter.of(clock.today()).before
    a_visit(cast, row, quarter.first)
    window = desk.signed_in_as(cast.head)
    page = window.get(f"/admin/pairings/details/?id={row.id}")
    assert page.says(f"{quarter.year} 年第 {quarter.number} 季度") and page.says("33%") and page.says("未兑现")
    assert page.says("每季承诺 3 次、6.00 小时")
    page = window.get(f"/admin/pairings/hours/?id={row.id}&quarter={quarter.year}-{quarter.number}")
    assert page.says("李明") and page.says("2.00")
    assert not window.get(f"/admin/pairings/hours/?id={row.id}&quarter=2001-1").says("李明")
    assert window.get(
        f"/admin/activities/?pairing={row.id}&state=held&day_from={quarter.first}&day_until={quarter.last}"
    ).says("结对义诊")
    stranger = desk.signed_in_as(cast.head_b)
    assert stranger.get(f"/admin/pairings/hours/?id={row.id}").status == 404
    assert stranger.get(f"/admin/pairings/details/?id={row.id}").status == 404


def test_a_units_page_says_its_score_in_words_and_figures(cast, desk):
    row = a_pairing(cast)
    a_visit(cast, row, Quarter.of(clock.today()).before.first)
    page = desk.signed_in_as(cast.county).get(f"/admin/units/details/?id={row.unit_id}")
    assert page.says("成效") and page.says("近四个季度承诺") and page.says("评价办法") and page.says("待改进")
    assert page.get(f"/admin/policy/version/?key={'pairing@53:2014-01-01'}").says("成效中次数的权重")


def test_who_is_near_is_said_with_the_reasons(cast, desk):
    a_unit(cast, name="同街单位"), a_unit(cast, by=cast.prefecture, name="邻县单位", division="530103001")
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/units/near/?category=06")
    assert page.says("与社区同一街道，能提供社区需要的技能培训，还没有结对。") and not page.says("邻县单位")
    assert f"/admin/pairings/new/?unit={Unit.get(Unit.name == '同街单位').id}" in page.html
    above = desk.signed_in_as(cast.prefecture)
    assert above.get("/admin/units/near/").says("请先选择工作站")
    page = above.get(f"/admin/units/near/?station={cast.a.id}")
    assert page.says("同街单位") and page.says("邻县单位") and "/admin/pairings/new/" not in page.html
    assert desk.signed_in_as(cast.county).get(f"/admin/units/near/?station={cast.b.id}").status == 404


def test_a_renewal_is_drafted_with_one_press(cast, desk):
    row = a_pairing(cast)
    window = desk.signed_in_as(cast.recorder)
    assert window.get(f"/admin/pairings/details/?id={row.id}").says("续签")
    page = window.post("/admin/pairings/renew/", id=row.id)
    new = Pairing.get(Pairing.renews == row.id)
    assert page.path.endswith(f"/admin/pairings/edit/?id={new.id}") and page.says("已按原协议起草续签")
    assert window.post("/admin/pairings/renew/", id=row.id).says("已经续签过")
    assert "/admin/pairings/renew/" not in window.get(f"/admin/pairings/details/?id={row.id}").html
    assert (
        "/admin/pairings/renew/"
        not in desk.signed_in_as(cast.county).get(f"/admin/pairings/details/?id={row.id}").html
    )


def test_what_soon_expires_is_a_list_in_the_inbox_of_the_station(cast, desk):
    a_pairing(cast, a_unit(cast, name="快到期"), ends_on=clock.today() + timedelta(days=9))
    a_pairing(cast, a_unit(cast, name="还很久"))
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/").says("即将到期")
    page = window.get("/admin/pairings/?list=expiring")
    assert page.says("快到期") and not page.says("还很久")


def test_households_are_added_below_and_masked_for_those_above(cast, desk):
    row, home = a_draft(cast), household(cast.recorder, name="赵德旺")
    window = desk.signed_in_as(cast.recorder)
    page = window.get(f"/admin/pairings/details/?id={row.id}")
    assert f"/admin/paired_households/new/?pairing={row.id}" in page.html
    window.get(f"/admin/paired_households/new/?pairing={row.id}")
    page = window.post(
        "/admin/paired_households/new/",
        pairing=row.id,
        household=home.id,
        since=clock.today().isoformat(),
        note="独居",
    )
    assert PairedHousehold.get().household_id == home.id
    assert window.get(f"/admin/pairings/details/?id={row.id}").says("赵德旺")
    above = desk.signed_in_as(cast.county)
    for path in (f"/admin/pairings/details/?id={row.id}", "/admin/paired_households/",
                 f"/admin/paired_households/details/?id={PairedHousehold.get().id}"):  # fmt: skip
        page = above.get(path)
        assert page.status == 200 and not page.says("赵德旺") and not page.says("独居"), path


def test_the_list_asks_no_more_for_more_pairings(cast, desk):
    a_pairing(cast, a_unit(cast, name="甲"))
    window = desk.signed_in_as(cast.head)
    window.get("/admin/pairings/")
    with queries() as few:
        window.get("/admin/pairings/")
    for name in "乙丙丁":
        a_pairing(cast, a_unit(cast, name=name))
    window.get("/admin/pairings/")
    with queries() as many:
        window.get("/admin/pairings/")
    assert len(many) == len(few)
