"""What a station calls its columns: asked once, remembered for that station and ledger, and forgotten when told to."""

from datetime import date
from io import BytesIO

import books
import pytest

from models import header_mappings
from models.audit import Trail
from models.header_mappings import HeaderMapping, remembered
from models.jobs import Job
from models.refusals import NotFound, Refusal
from models.volunteers import Volunteer
from rules.identity import make_resident_id
from views.ledgers.take_in import preview

NUMBER = make_resident_id("530102", date(1978, 3, 5), 701)
TABLE = [["大名", "身份证号", "联系电话", "积分"], ["陶思源", NUMBER, "13987654321", 5]]


def look_at(desk, cast, by=None, rows=TABLE):
    page = desk.signed_in_as(by or cast.recorder).get("/admin/imports/?kind=volunteers")
    page.post("/admin/imports/", kind="volunteers", file=(BytesIO(books.xlsx(rows)), "册.xlsx"))
    page.work()
    return page.get(f"/admin/jobs/details/?id={Job.select().order_by(Job.id.desc()).get().id}")


def test_a_missing_column_is_asked_for_remembered_and_read_so_the_next_time(cast, desk):
    page = look_at(desk, cast)
    assert page.says("缺少「姓名」") and page.says("大名") and page.says("陶思源") and not page.says("全部导入")
    page.post(f"/admin/imports/map/{Job.get().id}", **{"column-0": "name", "column-1": ""})
    page.work()
    page.get(f"/admin/jobs/details/?id={Job.get().id + 1}")
    assert page.says("新增 1") and page.says("按上次的对应关系：「大名」→「姓名」")
    page.post(f"/admin/imports/take/{Job.get().id + 1}")
    page.work()
    assert Volunteer.get().name == "陶思源"
    assert look_at(desk, cast).says("按上次的对应关系")
    assert Trail.select().where(Trail.table == "header_mapping").count() == 1


def test_it_is_remembered_for_that_station_and_ledger_alone(cast, desk):
    header_mappings.remember("volunteers", "volunteers", {"大名": "name"}, cast.recorder)
    assert remembered("volunteers", cast.head) == {"大名": "name"}
    assert remembered("volunteers", cast.recorder_b) == {} == remembered("records", cast.recorder)
    assert look_at(desk, cast, cast.recorder_b).says("缺少「姓名」")


def test_it_can_be_seen_and_forgotten_and_a_strangers_is_not_found(cast, desk):
    header_mappings.remember("volunteers", "volunteers", {"大名": "name"}, cast.recorder)
    key = HeaderMapping.get().id
    page = desk.signed_in_as(cast.recorder_b).get("/admin/imports/?kind=volunteers")
    assert not page.says("大名") and page.post(f"/admin/imports/forget/{key}").status == 404
    with pytest.raises(NotFound):
        header_mappings.forget(key, cast.head_b)
    page = desk.signed_in_as(cast.head).get("/admin/imports/?kind=volunteers")
    assert page.says("大名")
    page.post(f"/admin/imports/forget/{key}")
    assert not HeaderMapping.select().exists()


def test_one_column_is_not_two_headers_and_nothing_chosen_is_said(cast, desk):
    page = look_at(desk, cast)
    for said in ({"column-0": "name", "column-1": "name"}, {"column-0": ""}, {"column-0": "no such"}):
        page.post(f"/admin/imports/map/{Job.get().id}", **said)
        assert page.says("请选择各列对应什么")
    assert not HeaderMapping.select().exists()


def test_a_known_word_goes_before_what_was_told_and_too_many_are_refused(cast):
    header_mappings.remember("volunteers", "volunteers", {"积分": "name"}, cast.recorder)
    rows = [["姓名", *TABLE[0][1:]], TABLE[1]]
    seen = preview("volunteers", rows, cast.recorder)
    assert seen.lines[0].values["name"] == "陶思源" and not seen.header.told
    with pytest.raises(Refusal, match="请先删去"):
        many = {f"列{n}": "name" for n in range(201)}
        header_mappings.remember("volunteers", "volunteers", many, cast.recorder)
    with pytest.raises(Refusal):
        header_mappings.remember("volunteers", "volunteers", {"大名": "name"}, cast.county)
