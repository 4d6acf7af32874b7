"""Ledgers in: what a station's own tables become, what is refused and where it is said, and that nothing is half taken."""

from datetime import date, datetime, time, timedelta

import books
import openpyxl
import pytest
from playhouse.test_utils import count_queries

from models.audit import Trail
from models.records import ServiceRecord
from models.refusals import NotFound, Refusal
from models.volunteers import Volunteer
from rules.identity import make_resident_id
from views.ledgers import out
from views.ledgers.handouts import refusals, template
from views.ledgers.incoming import RowsRefused
from views.ledgers.take_in import preview, take, take_file

DAY = date(2026, 3, 5)
HEADER = ["姓名", "身份证号", "联系电话", "服务技能", "可服务时间"]


def card(n: int) -> str:
    return make_resident_id("530102", date(1985, 1, 1) + timedelta(days=n), n % 999)


def line(n: int, **more) -> list:
    return list(({"name": f"人{chr(0x4E00 + n)}", "document": card(n), "phone": f"139{n:08d}", "skills": "理发、烹饪",
                  "times": "周六全天"} | more).values())  # fmt: skip


def wrong(seen) -> list[tuple[int, str, str]]:
    return [(found.row, found.column, found.says) for found in seen.findings if not found.warning]


def trails() -> int:
    return Trail.select().count()


# --- volunteers -------------------------------------------------------------------------------------------------


def test_a_table_of_volunteers_waits_for_the_heads_review(cast_on_either):
    cast = cast_on_either
    table = books.xlsx(
        [["文林社区志愿者登记表"], ["序号", *HEADER, "积分"], [1, *line(1)], [2, *line(2)]], merge="A1:G1"
    )
    seen = preview("volunteers", table, cast.recorder, name="名册.xlsx")
    assert seen.counts == {"new": 2, "changed": 0, "same": 0, "refused": 0}
    assert "积分" in seen.notes[0]
    assert Volunteer.select().count() == 0 and not Trail.select().where(Trail.action == "import").exists()
    assert take(seen, cast.recorder).new == 2
    row = Volunteer.get(Volunteer.name == f"人{chr(0x4E01)}")
    assert (row.state, row.station_id, row.phone, row.skills) == ("applied", cast.a.id, "13900000001", ["02", "03"])
    assert (row.birth_date, row.gender, row.service_times) == (date(1985, 1, 2), "1", ["16", "17", "18"])
    assert Volunteer.move(row.id, "approve", cast.head).card_no


def test_whoever_keyed_the_table_cannot_approve_it(cast):
    take_file("volunteers", books.xlsx([HEADER, line(1)]), cast.head)
    with pytest.raises(Refusal, match="自己录入"):
        Volunteer.move(Volunteer.get().id, "approve", cast.head)
    assert Volunteer.move(Volunteer.get().id, "approve", cast.deputy).state == "registered"


def test_the_same_table_twice_changes_nothing(cast_on_either):
    cast = cast_on_either
    table = books.xls([HEADER, line(1), line(2)])
    seen = preview("volunteers", table, cast.recorder)
    take(seen, cast.recorder)
    before = trails(), [(v.id, v.revision, v.phone) for v in Volunteer.select().order_by(Volunteer.id)]
    for _ in range(2):
        assert take_file("volunteers", table, cast.recorder).same == 2
    assert take(seen, cast.recorder).same == 2  # an old preview is judged again
    assert (trails(), [(v.id, v.revision, v.phone) for v in Volunteer.select().order_by(Volunteer.id)]) == before


def test_a_changed_telephone_changes_that_person_alone_and_a_blank_erases_nothing(cast):
    take_file("volunteers", books.xlsx([HEADER, line(1), line(2)]), cast.recorder)
    table = books.xlsx([HEADER, line(1, phone="13700000000", skills=""), line(2)])
    seen = preview("volunteers", table, cast.recorder)
    assert [item.status for item in seen.lines] == ["changed", "same"]
    assert take(seen, cast.recorder).changed == 1
    first, second = Volunteer.select().order_by(Volunteer.id)
    assert (first.phone, first.skills, first.revision, second.revision) == ("13700000000", ["02", "03"], 1, 0)


def test_one_bad_cell_of_forty_rows_takes_nothing_and_is_named(cast_on_either):
    cast = cast_on_either
    rows = [line(n) for n in range(40)]
    rows[16][2] = "1381234"
    table = books.xlsx([["名册"], HEADER, *rows])
    seen = preview("volunteers", table, cast.recorder)
    assert wrong(seen) == [(19, "联系电话", "手机号码应为 11 位数字，现为 7 位。")]
    assert seen.counts["refused"] == 1
    with pytest.raises(RowsRefused, match="第 19 行「联系电话」"):
        take(seen, cast.recorder)
    assert Volunteer.select().count() == 0
    assert not Trail.select().where(Trail.table << ["volunteer", "volunteers"]).exists()


@pytest.mark.parametrize(
    ("more", "column", "says"),
    [
        ({"document": "530102199003071095"}, "身份证号", "校验不符"),
        ({"document": 530102199003071094.0}, "身份证号", "末几位已经丢失"),
        ({"document": ""}, "身份证号", "请填写"),
        ({"name": "李明2"}, "姓名", "不应有数字"),
        ({"skills": "理发、做饭饭"}, "服务技能", "没有“做饭饭”这一项，可填"),
        ({"times": "有空就来"}, "可服务时间", "不能认作服务时间"),
    ],
)
def test_a_finding_names_row_column_and_what_would_be_right(cast, more, column, says):
    (found,) = wrong(preview("volunteers", books.xlsx([HEADER, line(1), line(2, **more)]), cast.recorder))
    assert found[:2] == (3, column) and says in found[2]


def test_a_document_twice_in_the_table_names_both_rows(cast):
    seen = preview(
        "volunteers", books.xlsx([HEADER, line(1), line(2), line(3, document=card(1).lower())]), cast.recorder
    )
    assert wrong(seen) == [(4, "身份证号", "与第 2 行是同一个证件号码，请只留一行。")]


def test_a_person_of_another_station_is_to_be_claimed(cast_on_either):
    cast = cast_on_either
    other = cast.registered("李明", by=cast.recorder_b)
    rows = [HEADER, ["李明", other.document_number, "13812345678", "", ""]]
    (found,) = wrong(preview("volunteers", books.xlsx(rows), cast.recorder))
    assert found[1] == "身份证号" and "认领" in found[2]
    assert preview("volunteers", books.xlsx(rows), cast.recorder_b).counts["refused"] == 0


def test_what_the_document_says_holds_and_the_desk_is_told(cast):
    rows = [["姓名", "证件号码", "手机", "性别", "出生日期"], ["李明", card(1), "13812345678", "女", "1985年1月2日"]]
    seen = preview("volunteers", books.xlsx(rows), cast.recorder)
    assert [(f.column, f.warning) for f in seen.findings] == [("性别", True)]
    assert take(seen, cast.recorder).new == 1 and Volunteer.get().gender == "1"


def test_words_are_taken_as_people_write_them(cast):
    header = [
        "名字",
        "证件类型",
        "身份证",
        "手机号码",
        "性别",
        "出生年月日",
        "民族",
        "政治面貌",
        "文化程度",
        "所属社区",
        "服务意向",
    ]
    rows = [
        [
            "李 明",
            "身份证",
            f"　{card(1)}",
            "１３８１２３４５６７８",
            "男",
            31049,
            "彝",
            "党员",
            "本科",
            "文林社区",
            "文体活动，家政服务",
        ],
        ["JOHN SMITH", "外国护照", "AB1234567", "0871-65123456", "先生", "1990.5.6", "汉族", "群众", "大专", "", ""],
    ]
    rows[0][0] = "李明"
    take_file("volunteers", books.text([header, *rows], "gbk"), cast.recorder, name="名册.csv")
    li, john = Volunteer.select().order_by(Volunteer.id)
    assert (li.ethnicity, li.politics, li.education, li.residence_id) == ("07", "01", "20", "530102001001")
    assert (li.phone, li.document_number, sorted(li.categories)) == ("13812345678", card(1), ["01", "02"])
    assert (john.document_type, john.birth_date, john.gender) == ("passport_foreign", date(1990, 5, 6), "1")


def test_blank_rows_totals_signatures_and_the_example_are_passed_over_and_said(cast):
    rows = [
        ["序号", *HEADER],
        ["示例", *line(9)],
        [1, *line(1)],
        [],
        [2],
        ["合计", "1 人"],
        ["填表人：刘记录", "", "审核：张站长"],
    ]
    seen = preview("volunteers", books.xlsx(rows), cast.recorder)
    assert (seen.counts["new"], seen.counts["refused"]) == (1, 0)
    assert seen.skipped == [(2, "示例行"), (5, "空行"), (6, "合计行"), (7, "落款")]


def test_a_table_without_its_columns_is_refused_by_their_names(cast):
    with pytest.raises(Refusal, match="第 1 行的表头缺少「证件号码」"):
        preview("volunteers", books.xlsx([["姓名", "电话"], ["李明", "13812345678"]]), cast.recorder)
    with pytest.raises(Refusal, match="没有找到表头"):
        preview("volunteers", books.xlsx([["甲", "乙"], ["丙", "丁"]]), cast.recorder)
    with pytest.raises(Refusal, match="没有可导入的行"):
        preview("volunteers", books.xlsx([HEADER, []]), cast.recorder)


def test_only_the_desk_may_import(cast):
    for nobody in (cast.county, cast.auditor, cast.admin, cast.volunteer):
        with pytest.raises(Refusal):
            preview("volunteers", books.xlsx([HEADER, line(1)]), nobody)
    seen = preview("volunteers", books.xlsx([HEADER, line(1)]), cast.recorder)
    with pytest.raises(Refusal):
        take(seen, cast.county)


def test_a_preview_looks_all_documents_up_together(cast):
    table = books.xlsx([HEADER, *[line(n) for n in range(40)]])
    with count_queries() as counter:
        preview("volunteers", table, cast.recorder)
    asked = [sql for sql, _ in (query.msg for query in counter.get_queries())]
    assert len([sql for sql in asked if '"volunteer"' in sql]) == 1
    assert len([sql for sql in asked if '"setting"' not in sql]) < 15  # the clock alone is asked row by row


def test_the_first_sheet_with_a_header_is_read_and_the_others_are_named(cast):

    def fill(book, sheet):
        sheet.write_string(0, 0, "封面")
        for name, n in (("一月", 1), ("二月", 2)):
            other = book.add_worksheet(name)
            other.write_row(0, 0, HEADER)
            other.write_row(1, 0, line(n))

    table = books.xlsx_of(fill)
    seen = preview("volunteers", table, cast.recorder)
    assert seen.sheet.name == "一月" and "「二月」没有读" in seen.notes[-1]
    assert preview("volunteers", table, cast.recorder, sheet="二月").lines[0].values["document_number"] == card(2)
    with pytest.raises(Refusal, match="没有名为「三月」"):
        preview("volunteers", table, cast.recorder, sheet="三月")


# --- records ----------------------------------------------------------------------------------------------------

SHEET = ["姓名", "活动名称", "服务日期", "开始时间", "结束时间", "服务内容", "服务质量"]


def at_work(cast, *names, day=DAY):
    """The words, an activity on the day, and registered people of station A."""
    return cast.activity(day), [cast.registered(name) for name in names]


def test_a_sheet_of_records_is_taken_as_drafts_that_say_where_they_come_from(cast_on_either):
    cast = cast_on_either
    _, (li, wang) = at_work(cast, "李明", "王芳")
    rows = [["文林社区志愿服务记录（2026年3月）"], SHEET, ["李明", "上门陪伴", "3月5日", "8:30", "11：00", "陪伴老人", "优"],
            ["王芳", "上门陪伴", 46086, "上午8点半", "下午2:15", "打扫", "良好"], ["合计", "", "", "", "", "8 小时"]]  # fmt: skip
    seen = preview("records", books.xlsx(rows, merge="A1:G1"), cast.recorder)
    assert wrong(seen) == [] and seen.skipped == [(5, "合计行")]
    assert seen.shown(seen.lines[1])["开始时间"] == "08:30" and seen.shown(seen.lines[1])["服务日期"] == "2026-03-05"
    assert ServiceRecord.select().count() == 0
    assert take(seen, cast.recorder).new == 2
    first, second = ServiceRecord.select().order_by(ServiceRecord.id)
    assert (first.volunteer_id, first.started_at, first.minutes) == (li.id, datetime(2026, 3, 5, 8, 30), 150)
    assert (first.state, first.origin, first.quality) == ("draft", "imported", "1")
    assert (second.volunteer_id, second.minutes, second.quality) == (wang.id, 345, "2")


def test_the_same_sheet_twice_changes_nothing(cast_on_either):
    cast = cast_on_either
    at_work(cast, "李明")
    table = books.xlsx([SHEET, ["李明", "上门陪伴", DAY, "8:30", "11:00", "陪伴老人", "优"]])
    seen = preview("records", table, cast.recorder)
    take(seen, cast.recorder)
    before = trails(), ServiceRecord.get().revision
    assert take_file("records", table, cast.recorder).same == 1
    assert take(seen, cast.recorder).same == 1
    assert (trails(), ServiceRecord.get().revision, ServiceRecord.select().count()) == (*before, 1)


def test_a_draft_may_be_put_right_and_a_submitted_record_may_not(cast):
    at_work(cast, "李明")
    row = ["李明", "上门陪伴", DAY, "8:30", "11:00", "陪伴老人", "优"]
    take_file("records", books.xlsx([SHEET, row]), cast.recorder)
    row[4] = "11:30"
    assert take_file("records", books.xlsx([SHEET, row]), cast.recorder).changed == 1
    record = ServiceRecord.get()
    assert (record.minutes, record.revision) == (180, 1)
    ServiceRecord.move(record.id, "submit", cast.recorder)
    assert take_file("records", books.xlsx([SHEET, row]), cast.recorder).same == 1
    row[4] = "12:00"
    (found,) = wrong(preview("records", books.xlsx([SHEET, row]), cast.recorder))
    assert "待审核" in found[2]


@pytest.mark.parametrize(
    ("header", "cells", "minutes"),
    [
        (["服务时间"], ["8:30-11:00"], 150),
        (["起止时间"], ["上午8点至下午2点"], 360),
        (["签到", "时长"], ["8:30", 2.5], 150),
        (["签到", "服务时长（分钟）"], ["8:30", 90], 90),
        (["签到", "服务时间(小时)", "编号"], ["8:30", "1.5", 1], 90),
        (["签到", "服务时长（小时）", "往返交通（分钟）"], ["8:30", "2小时", 30], 120),
        (["起", "止", "往返交通"], ["８：３０", "１１：００", "20"], 130),
        (["起", "止"], [time(8, 30), 11 / 24], 150),
        (["起", "止"], ["22:00", "24:00"], 120),
    ],
)
def test_times_are_read_as_people_write_them(cast, header, cells, minutes):
    at_work(cast, "李明")
    table = books.xlsx(
        [["姓名", "活动", "日期", "内容", "评价", *header], ["李明", "上门陪伴", "2026.3.5", "陪伴", "优", *cells]]
    )
    seen = preview("records", table, cast.recorder)
    assert wrong(seen) == []
    take(seen, cast.recorder)
    assert ServiceRecord.get().minutes == minutes


def test_hours_that_do_not_fit_the_times_are_said_and_the_times_hold(cast):
    at_work(cast, "李明")
    table = books.xlsx([[*SHEET, "时长"], ["李明", "上门陪伴", DAY, "8:30", "11:00", "陪伴", "优", 3]])
    seen = preview("records", table, cast.recorder)
    assert [(f.column, f.warning) for f in seen.findings if f.column == "时长"] == [("时长", True)]
    take(seen, cast.recorder)
    assert ServiceRecord.get().minutes == 150


def test_two_of_one_name_are_told_apart_by_card_or_the_last_four(cast):
    _, (one, two) = at_work(cast, "李明", "李明")
    row = ["李明", "上门陪伴", DAY, "8:30", "11:00", "陪伴", "优"]
    (found,) = wrong(preview("records", books.xlsx([SHEET, row]), cast.recorder))
    assert found[:2] == (2, "姓名") and "2 位“李明”" in found[2] and "志愿者编号" in found[2]
    for header, cell, who in (
        ("手机尾号", one.phone[-4:], one),
        ("身份证号", two.document_number, two),
        ("编号", two.card_no, two),
    ):
        seen = preview("records", books.xlsx([[*SHEET, header], [*row, cell]]), cast.recorder)
        assert wrong(seen) == [] and seen.lines[0].result.volunteer == who.id
    (found,) = wrong(preview("records", books.xlsx([[*SHEET, "电话尾号"], [*row, "99x9"]]), cast.recorder))
    assert "不是以" in found[2]


def test_a_visitor_shows_card_and_name_and_a_number_alone_tells_nothing(cast):
    at_work(cast, "李明")
    visitor = cast.registered("来访人", by=cast.recorder_b)
    header = ["志愿者编号", *SHEET]
    rest = ["上门陪伴", DAY, "8:30", "11:00", "陪伴", "优"]
    assert wrong(preview("records", books.xlsx([header, [visitor.card_no, "来访人", *rest]]), cast.recorder)) == []
    for card_no, name, says in (
        (visitor.card_no, "", "请同时填写姓名"),
        (visitor.card_no, "李明", "不是同一个人"),
        ("", "来访人", "本站没有叫“来访人”"),
        ("999", "", "没有编号为 999"),
    ):
        (found,) = wrong(preview("records", books.xlsx([header, [card_no, name, *rest]]), cast.recorder))
        assert says in found[2] and "来访人" not in found[2].replace("“来访人”", "")


@pytest.mark.parametrize(
    ("at", "cell", "column", "says"),
    [
        (1, "上门陪护", "活动名称", "当天有「上门陪伴」"),
        (2, "2026-03-06", "活动名称", "不在 2026-03-06，而在 2026-03-05"),
        (2, "5/3/26", "服务日期", "不能认作日期"),
        (2, "1926-03-05", "活动名称", "不在 1926-03-05"),
        (3, "八点多", "开始时间", "不能认作时间"),
        (4, "8:00", "结束时间", "应晚于开始时间"),
        (4, "", "结束时间", "请填写结束时间"),
        (5, "", "服务内容", "请填写「服务内容」"),
        (6, "棒", "服务质量", "可填优、良、中、差"),
    ],
)
def test_a_wrong_cell_is_named_once(cast, at, cell, column, says):
    at_work(cast, "李明")
    row = ["李明", "上门陪伴", "2026-03-05", "8:30", "11:00", "陪伴", "优"]
    row[at] = cell
    found = wrong(preview("records", books.xlsx([SHEET, row]), cast.recorder))
    assert found[0][:2] == (2, column) and says in found[0][2]
    assert len(found) == 1 or cell == "1926-03-05"


def test_one_bad_row_of_forty_takes_no_record(cast_on_either):
    cast = cast_on_either
    _, people = at_work(cast, *[f"人{chr(0x4E00 + n)}" for n in range(40)])
    rows = [[p.name, "上门陪伴", DAY, "8:30", "11:00", "陪伴", "优"] for p in people]
    rows[7][4] = "25:00"
    seen = preview("records", books.xlsx([SHEET, *rows]), cast.recorder)
    assert [(row, column) for row, column, _ in wrong(seen)] == [(9, "结束时间")]
    before = trails()
    with pytest.raises(RowsRefused):
        take(seen, cast.recorder)
    assert (ServiceRecord.select().count(), trails()) == (0, before)


def test_lines_that_overlap_in_the_sheet_or_with_what_is_there_are_refused(cast):
    at_work(cast, "李明")
    row = ["李明", "上门陪伴", DAY, "8:30", "11:00", "陪伴", "优"]
    (found,) = wrong(preview("records", books.xlsx([SHEET, row, [*row[:3], "10:00", *row[4:]]]), cast.recorder))
    assert found[0] == 3 and "重叠" in found[2]
    take_file("records", books.xlsx([SHEET, row]), cast.recorder)
    (found,) = wrong(preview("records", books.xlsx([SHEET, [*row[:3], "10:00", *row[4:]]]), cast.recorder))
    assert "重叠" in found[2]


def test_an_activity_chosen_for_the_sheet_stands_in_for_its_columns(cast):
    activity, _ = at_work(cast, "李明")
    table = books.xlsx([["姓名", "起", "止"], ["李明", "8:30", "11:00"]])
    seen = preview("records", table, cast.recorder, activity=activity.id, content="陪伴老人", quality="1")
    assert wrong(seen) == []
    take(seen, cast.recorder)
    assert (ServiceRecord.get().activity_id, ServiceRecord.get().content) == (activity.id, "陪伴老人")
    with pytest.raises(Refusal, match="缺少「活动名称」、「服务日期」"):
        preview("records", table, cast.recorder)


def test_another_stations_activity_cannot_be_chosen_or_named(cast):
    at_work(cast, "李明")
    theirs = cast.activity(DAY, by=cast.recorder_b, name="别站活动")
    table = books.xlsx([SHEET, ["李明", "别站活动", DAY, "8:30", "11:00", "陪伴", "优"]])
    with pytest.raises(NotFound):
        preview("records", table, cast.recorder, activity=theirs.id)
    (found,) = wrong(preview("records", table, cast.recorder))
    assert "没有叫“别站活动”的活动，当天有「上门陪伴」" in found[2]


def test_a_preview_of_records_asks_no_query_a_row(cast):
    _, people = at_work(cast, *[f"人{chr(0x4E00 + n)}" for n in range(30)])
    counts = []
    for many in (3, 30):
        rows = [[p.name, "上门陪伴", DAY, "8:30", "11:00", "陪伴", "优"] for p in people[:many]]
        with count_queries() as counter:
            preview("records", books.xlsx([SHEET, *rows]), cast.recorder)
        counts.append(counter.count)
    assert counts[0] == counts[1]


def test_a_formula_like_name_comes_in_as_text_and_is_refused_as_a_name(cast):
    seen = preview("volunteers", books.text([HEADER, line(1, name="=HYPERLINK(1)")]), cast.recorder)
    assert [column for _, column, _ in wrong(seen)] == ["姓名"]


def test_rows_may_be_pasted(cast):
    at_work(cast, "李明")
    rows = [SHEET, ["李明", "上门陪伴", "2026-3-5", "8:30", "11:00", "陪伴", "优"]]
    assert preview("records", rows, cast.recorder).counts["new"] == 1


# --- what goes back and forth -----------------------------------------------------------------------------------


def test_an_exported_ledger_comes_back_as_the_same(cast, tmp_path):
    at_work(cast, "李明", "王芳")
    rows = [[name, "上门陪伴", DAY, "8:30", "11:00", "陪伴", "优"] for name in ("李明", "王芳")]
    take_file("records", books.xlsx([SHEET, *rows]), cast.recorder)
    path = tmp_path / "records.xlsx"
    out.write("records", path, cast.head)
    seen = preview("records", path, cast.recorder)
    assert (seen.counts["same"], seen.counts["refused"]) == (2, 0), seen.findings
    out.write("volunteers", path, cast.head, full=True, reason="核对名册")
    seen = preview("volunteers", path, cast.recorder)
    assert (seen.counts["same"], seen.counts["refused"]) == (2, 0), seen.findings


def test_refused_rows_go_back_with_the_reasons_and_return_once_put_right(cast, tmp_path):
    table = books.xlsx([["名册"], [*HEADER, "积分"], [*line(1), 5], [*line(2, phone="1381"), 6]])
    seen = preview("volunteers", table, cast.recorder)
    path = tmp_path / "refused.xlsx"
    refusals(seen, path)
    sheet = openpyxl.load_workbook(path).active
    assert [c.value for c in sheet[1]] == [*HEADER, "积分", "原行号", "问题"]
    assert sheet.max_row == 2 and sheet.cell(2, 2).value == card(2) and sheet.cell(2, 7).value == 4
    assert "联系电话：手机号码应为 11 位数字" in sheet.cell(2, 8).value
    assert sheet.cell(2, 3).fill.fgColor.rgb == "FFFFC7CE" and sheet.cell(2, 1).fill.fgColor.rgb != "FFFFC7CE"
    book = openpyxl.load_workbook(path)
    book.active.cell(2, 3).value = "13812345678"
    book.save(path)
    assert take_file("volunteers", path, cast.recorder).new == 1


@pytest.mark.parametrize("kind", ["volunteers", "records"])
def test_the_template_is_what_the_import_reads(cast, tmp_path, kind):
    at_work(cast, "李明")
    path = tmp_path / "template.xlsx"
    template(kind, path)
    with pytest.raises(Refusal, match="没有可导入的行"):
        preview(kind, path, cast.recorder)  # the example is passed over
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert sheet.data_validations.dataValidation and book.worksheets[1].sheet_state == "hidden"
    heads = [c.value for c in sheet[3]]
    filled = dict(zip(heads, [c.value for c in sheet[4]], strict=True)) | {"序号": "1", "姓名*": "李明"}
    for n, head in enumerate(heads, 1):
        sheet.cell(5, n).value = filled[head]
    book.save(path)
    seen = preview(kind, path, cast.recorder)
    assert (seen.counts["new"], wrong(seen)) == (1, [])
