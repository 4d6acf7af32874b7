"""投诉和异议 stand in one ledger, told apart; it adds up to what the two lists show, and goes in again as it came out.
Beside it: how many photographs of its signed sheets an activity has."""

import re

import openpyxl
from test_photos import photograph

from models import photos
from models.activities import Activity, SignInSheet
from models.complaints import Complaint
from models.notices import Objection
from views.ledgers import out
from views.ledgers.complaints_in import OBJECTED
from views.ledgers.marks import MARK_HEADER
from views.ledgers.take_in import preview
from walks_main import an_objection


def book(path, sheet=0) -> tuple[list[dict], list]:
    """The body of a sheet by heading, and its last row."""
    lines = [[cell.value for cell in line] for line in openpyxl.load_workbook(path).worksheets[sheet].iter_rows()]
    head = lines[2]
    return [dict(zip(head, line, strict=True)) for line in lines[3:-1]], lines[-1]


def told(cast) -> tuple[Complaint, Objection]:
    """A complaint of somebody, and an objection to a line of a notice that the head dismissed."""
    person = cast.registered("王芳")
    complaint = Complaint.enter(cast.recorder, said_by="孙某", contact="13812345678", volunteer=person.id, reason="没有来")
    _, key = an_objection(cast)
    Objection.move(key, "dismiss", cast.head, "签到表属实")
    return complaint, Objection.get_by_id(key)


def test_objections_follow_the_complaints_and_the_kind_says_which(cast_on_either, tmp_path):
    cast = cast_on_either
    _, objection = told(cast)
    path = tmp_path / "c.xlsx"
    summary = out.write("complaints", path, cast.head)
    (first, second), total = book(path)
    assert summary.rows == 2 and total[1] == "2 条" and [first["序号"], second["序号"]] == [1, 2]
    assert (first["类别"], first["投诉人"], first["姓名"], first["状态"]) == ("投诉", "孙某", "王芳", "待核查")
    assert (second["类别"], second["投诉人"], second["事由"]) == ("对公示的异议", "邻居", "当天没有来")
    assert (second["姓名"], second["服务记录"], second["公示"]) == ("李明", objection.record, objection.notice.title)
    assert (second["核查结论"], second["核查情况"], second["办理人"]) == ("不成立", "签到表属实", cast.head.name)
    assert second["答复日期"].date() == objection.entered_at.date()
    assert out.write("complaints", path, cast.head_b).rows == 0


def test_its_rows_are_those_of_both_lists_and_the_summary_says_how_many_of_each(cast, desk, tmp_path):
    told(cast)
    window = desk.signed_in_as(cast.county)
    shown = [_listed(window, name) for name in ("complaints", "objections")]
    summary = out.write("complaints", tmp_path / "c.xlsx", cast.county)
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx")["汇总"]
    lines = {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if row[0]}
    assert shown == [1, 1] and summary.rows == sum(shown)
    assert (lines["投诉：待核查"], lines["异议：不成立"]) == (1, 1)
    assert "合计与台账各页的合计行一致。" in lines


def _listed(window, name) -> int:
    """How many rows the list on the screen has."""
    return len(re.findall(rf'href="/admin/{name}/details/[^"]*"', window.get(f"/admin/{name}/").html))


def test_a_filter_that_objections_have_not_leaves_them_out(cast, tmp_path):
    told(cast)
    assert out.write("complaints", tmp_path / "c.xlsx", cast.head, filters={"state": "open"}).rows == 1


def test_the_ledger_goes_in_again_and_an_edited_objection_is_refused(cast, tmp_path):
    told(cast)
    path = tmp_path / "c.xlsx"
    out.write("complaints", path, cast.head)
    seen = preview("complaints", path, cast.recorder)
    assert [line.status for line in seen.lines] == ["same", "same"] and not seen.findings, [str(f) for f in seen.findings]
    made = openpyxl.load_workbook(path)
    sheet = made.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[3]}
    sheet.cell(5, places["事由"]).value = "改过的事由"
    made.save(path)
    (found,) = preview("complaints", path, cast.recorder).findings
    assert (found.row, found.column, found.says) == (5, "事由", OBJECTED)
    sheet.cell(5, places[MARK_HEADER]).value = None
    made.save(path)
    said = [str(one) for one in preview("complaints", path, cast.recorder).findings if not one.warning]
    assert f"第 5 行「类别」：{OBJECTED}" in said
    made = openpyxl.load_workbook(path)
    assert {line.status for line in preview("complaints", path, cast.recorder_b).lines} == {"refused"}


def test_an_activity_says_how_many_photographs_of_its_sheets_there_are(cast_on_either, tmp_path):
    cast = cast_on_either
    activity = cast.activity()
    cast.activity(name="没有照片")
    for _ in range(2):
        paper = SignInSheet.enter(cast.recorder, activity=activity.id)
        row = photos.attach(paper.id, photograph((40, 30)), (40, 30), "a.jpg", cast.recorder)
    photos.attach(paper.id, photograph((40, 30)), (40, 30), "b.jpg", cast.recorder)
    photos.take_down(row.id, "拍到了旁人", cast.head)
    summary = out.write("activities", tmp_path / "a.xlsx", cast.head)
    rows, _ = book(tmp_path / "a.xlsx")
    assert [row["照片（张）"] for row in rows] == [2, 0] and summary.totals["photos"] == 2
    standing = [len(photos.of_sheet(paper.id, cast.head)) for paper in SignInSheet.select()]
    assert sum(standing) == 2 and Activity.select().count() == 2
