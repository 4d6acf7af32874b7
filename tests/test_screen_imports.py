"""从表格导入 on the screen: choose, look, take whole or not at all."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest

from models.jobs import Job
from models.records import ServiceRecord
from models.volunteers import Volunteer
from rules.identity import make_resident_id

NUMBER = make_resident_id("530102", date(1978, 3, 5), 701)


def workbook(*rows: list) -> BytesIO:
    book = openpyxl.Workbook()
    book.active.append(["志愿者花名册"])
    book.active.append(["姓名", "身份证号", "联系电话"])
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def look_at(desk, cast, file, name="花名册.xlsx", by=None, kind="volunteers"):
    page = desk.signed_in_as(by or cast.recorder).get(f"/admin/imports/?kind={kind}")
    page.post("/admin/imports/", kind=kind, file=(file, name))
    page.work()
    return page.get(f"/admin/jobs/details/?id={Job.select().order_by(Job.id.desc()).get().id}")


def test_a_good_table_is_looked_at_then_taken_and_its_file_removed(cast, desk):
    page = look_at(desk, cast, workbook(["陶思源", NUMBER, "13987654321"]))
    assert page.says("新增 1")
    assert not Volunteer.select().exists()
    looked = Job.get()
    page.post(f"/admin/imports/take/{looked.id}")
    page.work()
    page.get(f"/admin/jobs/details/?id={looked.id + 1}")
    assert page.says("已完成") and page.says("1 行")
    assert Volunteer.get().state == "applied"
    folder = desk.app.config["STATION"].instance / "jobs" / str(looked.id)
    assert list(folder.iterdir()) == []


def test_a_preview_masks_numbers_on_the_page_and_in_the_file_it_keeps(cast, desk):
    page = look_at(desk, cast, workbook(["陶思源", NUMBER, "13987654321"]))
    kept = desk.app.config["STATION"].instance / "jobs" / str(Job.get().id) / "seen.json"
    assert not page.says(NUMBER) and NUMBER not in kept.read_text("utf-8")
    assert not page.says("13987654321") and page.says("139****4321")


def test_one_refused_row_refuses_the_table_and_returns_it_with_the_reason(cast, desk):
    page = look_at(
        desk, cast, workbook(["陶思源", NUMBER, "13987654321"], ["蒲月华", NUMBER[:-1] + "0", "13987654322"])
    )
    assert page.says("行有误，整份没有导入")
    assert page.says("第 4 行")
    assert not page.says("全部导入")
    returned = page.client.get(f"/admin/imports/returned/{Job.get().id}")
    sheet = openpyxl.load_workbook(BytesIO(returned.data)).active
    assert "蒲月华" in str([cell.value for row in sheet for cell in row])
    page.post(f"/admin/imports/take/{Job.get().id}")
    page.work()
    assert Job.get_by_id(2).state == "failed"
    assert not Volunteer.select().exists()


def test_the_same_file_twice_says_that_there_is_nothing_to_take(cast, desk):
    look_at(desk, cast, workbook(["陶思源", NUMBER, "13987654321"])).post("/admin/imports/take/1")
    desk.work()
    assert Volunteer.select().count() == 1
    assert look_at(desk, cast, workbook(["陶思源", NUMBER, "13987654321"])).says("这份文件都已导入过，没有要写入的")


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"PK\x03\x04 not really", "花名册.xlsx", "文件不完整或已损坏"),
        (b"", "花名册.csv", "空"),
        (b"\x89PNG\r\n", "花名册.png", "不是可以导入的文件"),
    ],
)
def test_a_file_that_is_no_table_is_refused_at_the_door_and_not_kept(cast, desk, content, name, says):
    page = desk.signed_in_as(cast.recorder).get("/admin/imports/?kind=volunteers")
    page.post("/admin/imports/", kind="volunteers", file=(BytesIO(content), name))
    assert page.says(says) and page.says("选择文件")
    assert not Job.select().exists()


def test_a_table_of_something_else_is_refused_in_words_and_not_kept(cast, desk):
    page = look_at(desk, cast, BytesIO("甲,乙\n1,2\n".encode()), "花名册.csv")
    job = Job.get()
    assert job.state == "failed"
    assert "没有找到表头" in job.message and page.says(job.message)
    assert list((desk.app.config["STATION"].instance / "jobs" / str(job.id)).iterdir()) == []


def test_nobody_else_sees_a_preview_or_takes_its_file(cast, desk):
    look_at(desk, cast, workbook(["陶思源", NUMBER, "13987654321"]))
    for other in (cast.head, cast.head_b):
        page = desk.signed_in_as(other)
        assert page.get("/admin/imports/seen/1").status == 404
        assert page.post("/admin/imports/take/1").status == 404
        assert page.get("/admin/imports/returned/1").status == 404


def test_a_supervisor_takes_nothing_in_and_an_unknown_kind_is_not_found(cast, desk):
    page = desk.signed_in_as(cast.county)
    assert page.get("/admin/imports/?kind=volunteers").status == 403
    assert page.get("/admin/imports/template/records").status == 403
    assert desk.signed_in_as(cast.recorder).get("/admin/imports/?kind=nothing").status == 404


def test_the_template_comes_filled_with_an_example_that_is_never_taken(cast, desk):
    page = desk.signed_in_as(cast.recorder)
    answer = page.client.get("/admin/imports/template/records")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0]
    assert any("姓名" in str(cell.value) for row in sheet for cell in row)
    seen = look_at(desk, cast, BytesIO(answer.data), "模板.xlsx", kind="records")
    assert Job.get().state == "failed" and seen.says("没有可导入的行")
    assert not ServiceRecord.select().exists()


def test_the_very_workbook_comes_back_marked_and_goes_in_once_put_right(cast, desk):
    book = openpyxl.load_workbook(workbook(["陶思源", NUMBER, "13987654321"], ["蒲月华", NUMBER[:-1] + "0", "139"]))
    book.active.column_dimensions["B"].width = 33
    book.create_sheet("说明").append(["街道要求"])
    file = BytesIO()
    book.save(file)
    file.seek(0)
    page = look_at(desk, cast, file)
    answer = page.client.get(f"/admin/imports/returned/{Job.get().id}")
    back = openpyxl.load_workbook(BytesIO(answer.data))
    sheet = back.worksheets[0]
    assert back.sheetnames[1] == "说明" and sheet.column_dimensions["B"].width == 33
    assert sheet["D2"].value == "问题" and sheet["D3"].value is None and "校验" in sheet["D4"].value
    assert sheet["B4"].fill.fgColor.rgb == "FFFFC7CE" and "校验" in sheet["B4"].comment.text
    assert sheet["A3"].value == "陶思源" and sheet["B3"].comment is None
    sheet["B4"].value, sheet["C4"].value = make_resident_id("530102", date(1979, 3, 5), 702), "13987654322"
    again = BytesIO()
    back.save(again)
    again.seek(0)
    page = look_at(desk, cast, again)
    assert page.says("新增 2") and not page.says("未读的列")


def test_a_text_file_comes_back_as_a_workbook_with_its_zeros(cast, desk):
    text = f"志愿者花名册,,\n姓名,身份证号,联系电话\n陶思源,{NUMBER},0139\n"
    page = look_at(desk, cast, BytesIO(text.encode("gb18030")), "花名册.csv")
    answer = page.client.get(f"/admin/imports/returned/{Job.get().id}")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert (sheet["B3"].value, sheet["C3"].value) == (NUMBER, "0139") and sheet["C3"].comment and sheet["D3"].value


def test_the_good_rows_may_be_taken_alone_and_the_others_are_handed_back(cast, desk):
    page = look_at(desk, cast, workbook(["陶思源", NUMBER, "13987654321"], ["蒲月华", NUMBER[:-1] + "0", "139"]))
    assert page.says("只导入无误的行")
    looked = Job.get()
    page.post(f"/admin/imports/take/{looked.id}", good="1")
    page.work()
    job = Job.get_by_id(looked.id + 1)
    assert (job.state, job.result["新增"], job.result["有误"]) == ("done", "1 行", "1 行")
    assert [row.name for row in Volunteer.select()] == ["陶思源"]
    answer = page.client.get(f"/admin/jobs/file/{job.id}")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert [c.value for c in sheet["A"]] == ["姓名", "蒲月华"]
