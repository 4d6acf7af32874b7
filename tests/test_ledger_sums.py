"""What a supervisor's workbook adds up to: on its own sheet, on the summing sheet, on the screens, and in other programs."""

import csv
import subprocess
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook
from playhouse.test_utils import count_queries
from python_calamine import CalamineWorkbook
from test_ledgers_out import keyed

from models import clock
from models.audit import Trail
from models.records import ServiceRecord
from models.refusals import NotFound
from models.scope import SYSTEM, within
from models.statistics import MEASURES, Period, by_station
from models.volunteers import Volunteer
from views.ledgers import out
from views.ledgers.catalogue import LEDGERS
from views.ledgers.marks import MARK_HEADER, read_mark
from views.totals import totals


@pytest.fixture
def year(cast_on_either):
    """Two stations of one prefecture, two people each, posted and not, in two months."""
    cast = cast_on_either
    for by in (cast.recorder, cast.recorder_b):
        li = cast.registered("李明", by=by)
        for n, (start, end) in enumerate([("09:00", "11:20"), ("14:00", "15:00"), ("09:00", "09:50")]):
            keyed(cast, li, by=by, day=clock.today() - timedelta(days=1 + 31 * n), start=start, end=end)
    cast.posted(cast.registered("王芳"), minutes=600)
    return cast


def tables(path):
    """{heading: {line: [figures]}} of the summing sheet."""
    found, at = {}, None
    for row in load_workbook(path, data_only=True)["汇总"].iter_rows(min_row=4, values_only=True):
        if row[1] == "条数":
            at = found.setdefault(row[0], {})
        elif row[0] and row[1] is not None:
            at[row[0]] = [value for value in row[1:] if value is not None]
    return found


def recalculated(path, folder):
    """The copy that LibreOffice writes, every formula worked out anew."""
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx", "--outdir",
         str(folder / "copy"), str(path)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return folder / "copy" / path.name


def test_the_summing_sheet_the_ledger_and_the_screens_say_the_same(year, tmp_path):
    path = tmp_path / "records.xlsx"
    written = out.write("records", path, year.prefecture)
    screen = totals("records", [within(ServiceRecord, year.prefecture)])
    assert written.totals["minutes"] == screen.sums[0].amount > 0
    said = tables(path)
    assert set(said) == {"县市区", "月份", "状态"}
    for table in said.values():
        assert table["合计"] == [written.rows, pytest.approx(written.totals["minutes"] / 60)]
    assert "一致" in str([cell.value for cell in load_workbook(path)["汇总"]["A"]][-1])
    posted = by_station(MEASURES["records"], Period.of("2000-01", "2099-12", clock.today()), year.prefecture)
    assert said["状态"]["已入账"][0] == sum(posted.values()) > 0
    assert len(load_workbook(path)["汇总"]._charts) == 3 or b"chart3.xml" in path.read_bytes()


def test_a_recalculated_copy_still_says_so(year, tmp_path):
    path = tmp_path / "hours.xlsx"
    written = out.write("hours", path, year.prefecture)
    assert tables(recalculated(path, tmp_path)) == {
        title: {line: [pytest.approx(figure) for figure in figures] for line, figures in table.items()}
        for title, table in tables(path).items()
    }
    assert tables(path)["类型"]["合计"][0] == written.rows > 0


def test_what_is_filtered_is_summed_filtered(year, tmp_path):
    path, today = tmp_path / "r.xlsx", clock.today()
    period = (today - timedelta(days=60), today)
    written = out.write("records", path, year.prefecture, filters={"state": "draft"}, period=period)
    assert written.rows == 4 and list(tables(path)["状态"]) == ["草稿", "合计"]
    assert tables(path)["月份"]["合计"] == [4, pytest.approx(written.totals["minutes"] / 60)]


@pytest.mark.parametrize("name", LEDGERS)
def test_every_ledger_of_a_division_comes_with_its_sums(year, tmp_path, name):
    path = tmp_path / f"{name}.xlsx"
    period = (date(2000, 1, 1), date(2099, 12, 31))
    written = out.write(name, path, year.prefecture, division=year.county.division, period=period)
    assert all(table["合计"][0] == written.rows for table in tables(path).values())
    assert out.write(name, tmp_path / f"{name}.csv", SYSTEM).rows >= written.rows


def test_a_division_is_taken_out_alone_and_only_by_whoever_answers_for_it(year, tmp_path):
    path = tmp_path / "r.xlsx"
    whole = out.write("records", path, year.prefecture)
    part = out.write("records", path, year.prefecture, division=year.county.division)
    assert 0 < part.rows < whole.rows
    assert load_workbook(path).worksheets[0]["A1"].value == "五华区 服务记录台账"
    assert out.write("records", path, SYSTEM, division=year.county.division) == part
    for by, code in [(year.county, "5301"), (year.county, "530103"), (year.head, "530102"), (year.prefecture, "53x")]:
        with pytest.raises(NotFound):
            out.write("records", tmp_path / "no.xlsx", by, division=code)
    assert not (tmp_path / "no.xlsx").exists()


def test_a_station_gets_no_summing_sheet(year, tmp_path):
    out.write("records", tmp_path / "r.xlsx", year.head)
    assert load_workbook(tmp_path / "r.xlsx").sheetnames == ["服务记录"]


def test_each_row_bears_a_hidden_mark_that_leads_back_to_it(cast, tmp_path):
    record = keyed(cast, cast.registered("李明"))
    path = tmp_path / "r.xlsx"
    out.write("records", path, cast.head)
    sheet = load_workbook(path).active
    last = sheet.cell(3, sheet.max_column)
    assert last.value == MARK_HEADER and sheet.column_dimensions[last.column_letter].hidden
    assert read_mark(sheet.cell(4, last.column).value) == ("service_record", record.id, record.revision)
    out.write("hours", path, cast.head)  # never amended, so there is nothing to lead back
    assert MARK_HEADER not in [cell.value for cell in load_workbook(path).active[3]]


def test_who_when_and_a_number_stand_on_every_sheet_and_page_and_in_the_log(year, tmp_path):
    path = tmp_path / "r.xlsx"
    out.write("records", path, year.prefecture)
    number = Trail.select().where(Trail.action == "export").order_by(Trail.id.desc()).get().after["number"]
    book = load_workbook(path)
    assert number in book.properties.description and book.properties.creator == year.prefecture.name
    for sheet in book:
        for place in (sheet["A2"].value, sheet.oddHeader.center.text):
            assert number in place and year.prefecture.name in place and f"{clock.now():%Y-%m-%d}" in place


def test_three_programs_read_the_same_values_and_run_nothing(cast, tmp_path):
    for name in ("=1+1", "+86", "@SUM(A1)", "<r>&amp;</r>"):
        row = cast.registered("李明")
        Volunteer.update(speciality=name).where(Volunteer.id == row.id).execute()
    path = tmp_path / "v.xlsx"
    out.write("volunteers", path, cast.head)
    ours = [[cell.value for cell in row] for row in load_workbook(path).active.iter_rows(min_row=3)]
    places = [
        ours[0].index("个人特长"),
        ours[0].index("出生日期"),
        ours[0].index("年龄"),
        ours[0].index("累计工时") if "累计工时" in ours[0] else 0,
    ]
    assert [row[places[0]].strip() for row in ours[1:-1]] == ["=1+1", "+86", "@SUM(A1)", "<r>&amp;</r>"]
    assert all(isinstance(row[places[1]], datetime) and isinstance(row[places[2]], int) for row in ours[1:-1])
    copy = recalculated(path, tmp_path)
    theirs = [[cell.value for cell in row] for row in load_workbook(copy).active.iter_rows(min_row=3)]
    assert [row[: len(ours[0])] for row in theirs] == ours
    read = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[-len(ours) :]
    for row, other in zip(ours[1:-1], read[1:-1], strict=True):
        assert str(row[places[0]]) == str(other[places[0]])
        assert row[places[1]].date() == (
            other[places[1]].date() if isinstance(other[places[1]], datetime) else other[places[1]]
        )
        assert row[places[2]] == other[places[2]] and row[-1] == other[len(row) - 1]


def test_plain_text_says_the_same_and_runs_nothing(cast, tmp_path):
    record = keyed(cast, cast.registered("李明"))
    ServiceRecord.update(content='=cmd|"/c calc"').where(ServiceRecord.id == record.id).execute()
    path = tmp_path / "r.csv"
    assert out.write("records", path, cast.head).totals == {"minutes": 120}
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    _title, _note, head, first, last = csv.reader(path.read_text("utf-8-sig").splitlines())
    row = dict(zip(head, first, strict=True))
    assert (
        row["服务内容"] == '\'=cmd|"/c calc"' and row["服务时长（小时）"] == "2.00" and last[:2] == ["合计", "1 条"]
    )
    assert (row["服务日期"], row["开始时间"]) == (f"{record.started_at:%Y-%m-%d}", "09:00")


def test_the_roll_of_an_activity_costs_no_query_a_row(cast, tmp_path):
    li, wang, counts = cast.registered("李明"), cast.registered("王芳"), []
    for n in (1, 8):
        for m in range(n):
            day = date(2026, 3, 5) - timedelta(days=10 * n + m)
            keyed(cast, li, day=day)
            keyed(cast, wang, day=day, end="10:30")
        with count_queries() as counter:
            out.write("activities", tmp_path / "a.xlsx", cast.head)
        counts.append(counter.count)
    assert counts[0] == counts[1]
    rows = [[cell.value for cell in row] for row in load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=3)]
    first = dict(zip(rows[0], rows[1], strict=True))
    assert first["志愿者名单与时长"] in ("李明 2.00、王芳 1.50", "李明 2.00", "王芳 1.50")
    assert first["记录人"] and first["质量评价"].startswith("优 ")
