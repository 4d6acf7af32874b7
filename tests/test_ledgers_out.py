"""Ledgers out: what the desk, the supervisor and a printer find in the workbook, and who is refused."""

from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook

import views.ledgers.layout
from models import clock
from models.audit import Trail
from models.jobs import Cancelled
from models.keying import Draft, key_in
from models.records import ServiceRecord
from models.refusals import NotFound, Refusal
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM
from models.volunteers import Claim, Volunteer
from views.ledgers import out
from views.ledgers.catalogue import LEDGERS

DAY = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 10, 9, 30))


def keyed(cast, volunteer, *, by=None, day=DAY, start="09:00", end="11:00", **more) -> ServiceRecord:
    by = by or cast.recorder
    (row,) = key_in([cast.draft(volunteer, cast.activity(day, by=by), start, end, **more)], by)
    return row


def read(path, sheet=0):
    """(title, note, header, rows, totals) as openpyxl finds them."""
    grid = [list(row) for row in load_workbook(path).worksheets[sheet].iter_rows(values_only=True)]
    return grid[0][0], grid[1][0], grid[2], grid[3:-1], grid[-1]


def column(path, header, sheet=0):
    _, _, head, rows, _ = read(path, sheet)
    return [row[head.index(header)] for row in rows]


def test_the_head_gets_the_stations_records_with_a_total(cast_on_either, tmp_path):
    cast = cast_on_either
    li, wang = cast.registered("李明"), cast.registered("王芳")
    record = keyed(cast, li)
    keyed(cast, wang, start="14:00", end="15:20", travel_minutes=20)
    path = tmp_path / "records.xlsx"
    summary = out.write("records", path, cast.head, period=(date(2026, 1, 1), date(2026, 6, 30)))
    assert (summary.rows, summary.totals) == (2, {"minutes": 180})
    title, note, head, rows, totals = read(path)
    assert title == "文林社区学雷锋志愿服务工作站 服务记录台账（2026-01-01 至 2026-06-30）"
    assert "张站长（站长）" in note and "2026-03-10 09:30" in note
    first = dict(zip(head, rows[0], strict=True))
    assert first["服务日期"] == datetime(2026, 3, 5) and str(first["开始时间"]) == "09:00:00"
    assert (first["姓名"], first["志愿者编号"], first["服务类别"]) == ("李明", li.card_no, "家政服务")
    assert (first["服务时长（小时）"], first["服务质量"], first["状态"]) == (2, "优", "草稿")
    assert first["录入时间"] == record.entered_at.replace(second=0)
    second = dict(zip(head, rows[1], strict=True))
    assert (second["往返交通（分钟）"], second["服务时长（小时）"]) == (20, 1)
    assert totals[0] == "合计" and totals[head.index("服务时长（小时）")] == 3


def test_another_stations_head_finds_nothing_of_it(cast_on_either, tmp_path):
    cast = cast_on_either
    keyed(cast, cast.registered("李明"))
    other = cast.registered("别站人", by=cast.recorder_b)
    keyed(cast, other, by=cast.recorder_b)
    for name in ("volunteers", "records"):
        path = tmp_path / f"{name}.xlsx"
        assert out.write(name, path, cast.head_b).rows == 1
        assert column(path, "姓名") == ["别站人"]
    assert out.write("hours", tmp_path / "h.xlsx", cast.head_b).rows == 0


def test_asking_for_another_station_by_number_finds_no_such_station(cast, tmp_path):
    with pytest.raises(NotFound):
        out.write("records", tmp_path / "r.xlsx", cast.head_b, station=cast.a.id)
    assert list(tmp_path.glob("*.xlsx")) == []


def test_a_supervisor_gets_all_stations_of_the_division_in_order(cast_on_either, tmp_path):
    cast = cast_on_either
    keyed(cast, cast.registered("别站人", by=cast.recorder_b), by=cast.recorder_b)
    keyed(cast, cast.registered("李明"))
    path = tmp_path / "r.xlsx"
    out.write("records", path, cast.prefecture)
    assert column(path, "姓名") == ["李明", "别站人"]
    assert read(path)[0] == "昆明市 服务记录台账"
    out.write("records", path, cast.county)
    assert column(path, "姓名") == ["李明"]
    out.write("records", path, cast.prefecture, station=cast.b.id)
    assert column(path, "姓名") == ["别站人"]


def test_whoever_the_table_of_rights_leaves_out_is_refused(cast, tmp_path):
    for nobody in (cast.volunteer, cast.admin):
        with pytest.raises(Refusal):
            out.write("records", tmp_path / "r.xlsx", nobody)
    with pytest.raises(KeyError):
        out.write("nonsense", tmp_path / "r.xlsx", cast.head)
    with pytest.raises(KeyError):
        out.write("records", tmp_path / "r.xlsx", cast.head, filters={"sttae": "draft"})
    assert list(tmp_path.glob("*.xlsx")) == []


def test_numbers_and_telephones_are_text_and_masked(cast, tmp_path):
    li = cast.registered("李明", skills=["03", "05"], address="昆明市五华区华山街道文林街12号")
    path = tmp_path / "v.xlsx"
    out.write("volunteers", path, cast.head)
    assert column(path, "证件号码") == [li.document_number[:6] + "*" * 9 + li.document_number[15:]]
    assert column(path, "联系电话") == [f"138****{li.phone[-4:]}"]
    assert column(path, "详细地址") == ["昆明市五华区华山街道****"]
    assert column(path, "服务技能") == ["理发、家电维修"]
    assert column(path, "服务时间") == ["周一上午、周一下午"]
    assert (column(path, "性别"), column(path, "状态")) == ([f"{'男' if li.gender == '1' else '女'}"], ["已注册"])


def test_the_desk_may_have_them_in_the_clear_with_a_reason_that_is_kept(cast, tmp_path):
    li = cast.registered("李明")
    path = tmp_path / "v.xlsx"
    with pytest.raises(Refusal, match="理由"):
        out.write("volunteers", path, cast.head, full=True)
    assert not path.exists()
    out.write("volunteers", path, cast.head, full=True, reason="上报民政局")
    assert column(path, "证件号码") == [li.document_number]
    assert column(path, "联系电话") == [li.phone]
    left = Trail.select().where(Trail.action == "export").get()
    assert (left.reason, left.after["full"], left.after["rows"], left.station) == ("上报民政局", True, 1, cast.a.id)


def test_a_supervisor_never_gets_them_in_the_clear(cast, tmp_path):
    with pytest.raises(Refusal, match="遮盖"):
        out.write("volunteers", tmp_path / "v.xlsx", cast.county, full=True, reason="检查")


def test_every_export_leaves_a_trace_with_what_was_asked(cast, tmp_path):
    keyed(cast, cast.registered("李明"))
    out.write("records", tmp_path / "r.xlsx", cast.county, filters={"state": "draft"}, period=(DAY, None))
    left = Trail.select().where(Trail.action == "export").get()
    assert (left.who, left.after["rows"], left.after["filters"]) == ("五华督导", 1, {"state": "draft"})
    assert left.after["period"] == ["2026-03-05", ""]


def test_a_period_takes_both_its_ends_and_a_filter_narrows_it(cast_on_either, tmp_path):
    cast = cast_on_either
    li = cast.registered("李明")
    for n in range(4):
        keyed(
            cast,
            li,
            day=DAY - timedelta(days=n),
            end="23:30" if n == 1 else "11:00",
            start="22:00" if n == 1 else "09:00",
        )
    path = tmp_path / "r.xlsx"
    assert out.write("records", path, cast.head, period=(DAY - timedelta(days=2), DAY - timedelta(days=1))).rows == 2
    assert [d.day for d in column(path, "服务日期")] == [3, 4]
    assert out.write("records", path, cast.head, filters={"volunteer": li.id, "state": ["draft", "posted"]}).rows == 4
    assert out.write("records", path, cast.head, filters={"state": "posted"}).rows == 0


def test_void_records_are_left_out_and_the_sheet_says_so(cast, tmp_path):
    li = cast.registered("李明")
    keyed(cast, li)
    dead = keyed(cast, li, start="14:00", end="15:00")
    ServiceRecord.move(dead.id, "void", cast.recorder, reason="重复")
    path = tmp_path / "r.xlsx"
    assert out.write("records", path, cast.head).totals == {"minutes": 120}
    assert "不含已作废、已冲正的" in read(path)[1]
    assert out.write("records", path, cast.head, filters={"state": "void"}).totals == {"minutes": 60}


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "+8613800000000", "-1+1", "@SUM(A1)", "http://a.b", "007", "<r><x/></r>"]
)
def test_what_looks_like_a_formula_leaves_as_text(cast, tmp_path, text):
    li = cast.registered("李明")
    activity = cast.activity(DAY)
    key_in(
        [Draft(li.id, activity.id, datetime(2026, 3, 5, 9), datetime(2026, 3, 5, 10), content=text, quality="1")],
        cast.recorder,
    )
    path = tmp_path / "r.xlsx"
    out.write("records", path, cast.head)
    sheet = load_workbook(path).active
    at = [cell.value for cell in sheet[3]].index("服务内容") + 1
    cell = sheet.cell(4, at)
    assert (cell.value.strip(), cell.data_type, cell.hyperlink) == (text, "s", None)


def test_the_sheet_is_ready_to_print_and_to_filter(cast, tmp_path):
    keyed(cast, cast.registered("李明"))
    path = tmp_path / "r.xlsx"
    out.write("records", path, cast.head)
    sheet = load_workbook(path).active
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in ((1, 0), ("1", "0"), (None, 0))
    assert sheet.print_title_rows == "$3:$3" and sheet.freeze_panes == "A4"
    assert sheet.auto_filter.ref == "A3:W4"  # up to the last column that shows
    assert "&P" in sheet.oddFooter.right.text or "第" in sheet.oddFooter.right.text
    hours = sheet.cell(4, [c.value for c in sheet[3]].index("服务时长（小时）") + 1)
    assert (hours.number_format, hours.data_type) == ("0.00", "n")


def test_rows_beyond_a_sheet_go_on_the_next_with_the_same_header(cast, tmp_path, monkeypatch):
    monkeypatch.setattr(views.ledgers.layout, "SHEET_ROWS", 6)  # title, note, header, two rows, room for the total
    li = cast.registered("李明")
    for n in range(5):
        keyed(cast, li, day=DAY - timedelta(days=n))
    path = tmp_path / "r.xlsx"
    assert out.write("records", path, cast.head).rows == 5
    assert [s.title for s in load_workbook(path)] == ["服务记录", "服务记录2", "服务记录3"]
    assert read(path, 0)[2] == read(path, 2)[2]
    assert [row[0] for row in read(path, 2)[3]] == [5]
    assert read(path, 2)[4][:2] == ["合计", "5 条"]


def test_chunks_join_without_a_row_lost_or_twice(cast_on_either, tmp_path, monkeypatch):
    monkeypatch.setattr("views.ledgers.rows.CHUNK", 3)
    cast = cast_on_either
    activity = cast.activity(DAY)
    people = [cast.registered(f"志愿者{chr(0x4E00 + n)}") for n in range(8)]
    key_in([cast.draft(person, activity) for person in people], cast.recorder)  # all start at one moment
    path, told = tmp_path / "r.xlsx", []
    out.write("records", path, cast.head, progress=lambda done, total: told.append((done, total)))
    assert column(path, "姓名") == [person.name for person in people]
    assert told == [(0, 8), (3, 8), (6, 8), (8, 8)]


def test_a_cancelled_export_leaves_no_file_and_no_trace(cast, tmp_path):
    keyed(cast, cast.registered("李明"))
    path = tmp_path / "r.xlsx"
    path.write_text("last month's")

    def cancel(done, total):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        out.write("records", path, cast.head, progress=cancel)
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".xlsx" or p.is_dir()] == ["r.xlsx"]
    assert path.read_text() == "last month's"
    assert not Trail.select().where(Trail.action == "export").exists()


def test_the_hours_ledger_shows_a_spending_as_a_minus(cast_on_either, tmp_path, monkeypatch):
    monkeypatch.undo()
    cast = cast_on_either
    li = cast.registered("李明")
    cast.posted(li, 600)
    item = RewardItem.enter(cast.head, name="理发", points=2, stock=3)
    made = Redemption.reserve(li.id, item.id, 1, cast.recorder, key="k1")
    path = tmp_path / "h.xlsx"
    assert out.write("hours", path, cast.head).totals == {"honour": 600, "exchangeable": 480, "debt": 0}
    assert -2 in column(path, "可兑换工时增减")
    assert out.write("rewards", path, cast.head).totals == {"quantity": 1, "points": 2, "minutes": 120}
    assert column(path, "兑换项") == ["理发"]
    Redemption.move(made.id, "cancel", cast.head, reason="不要了")
    assert out.write("rewards", path, cast.head).rows == 0


def test_after_a_transfer_both_stations_find_the_old_hours(cast_on_either, tmp_path, monkeypatch):
    monkeypatch.undo()
    cast = cast_on_either
    li = cast.registered("李明")
    cast.posted(li, 120)
    path = tmp_path / "h.xlsx"
    assert out.write("hours", path, cast.head_b).rows == 0
    claim = Claim.ask(li.document_type, li.document_number, "搬到环城社区", cast.head_b)
    Claim.move(claim.id, "agree", cast.head)
    # What A's ledger adds up to is what A still keeps; the old entries and the way they went stand in both.
    assert out.write("hours", path, cast.head).totals["honour"] == 0
    assert set(column(path, "工作站")) == {cast.a.name}
    assert out.write("hours", path, cast.head_b).totals["honour"] == 120
    assert set(column(path, "工作站")) == {cast.a.name, cast.b.name}
    assert read(path)[0] == f"{cast.b.name} 工时账"


def test_the_stars_ledger_names_who_recognises(cast_on_either, tmp_path, monkeypatch):
    monkeypatch.undo()
    cast = cast_on_either
    cast.posted(cast.registered("李明"), 6000)
    path = tmp_path / "s.xlsx"
    year = clock.today().year
    assert out.write("stars", path, cast.county, period=(date(year - 1, 1, 1), date(year + 1, 12, 31))).rows == 1
    assert (column(path, "星级"), column(path, "认定层级"), column(path, "状态")) == (
        ["一星级"],
        ["县级"],
        ["候选"],
    )


def test_every_ledger_names_its_columns_and_asks_no_query_a_row(cast, tmp_path):
    from playhouse.test_utils import count_queries

    li = cast.registered("李明")
    counts = []
    for n in range(2):
        for m in range(1 + 9 * n):
            keyed(cast, li, day=DAY - timedelta(days=m + n))
        with count_queries() as counter:
            out.write("records", tmp_path / "r.xlsx", cast.head)
        counts.append(counter.count)
    assert counts[0] == counts[1]
    for ledger in LEDGERS.values():
        labels = [column.label for column in ledger.columns]
        assert len(labels) == len(set(labels)) > 5, ledger.name


def test_the_system_itself_may_export_everything(cast, tmp_path):
    keyed(cast, cast.registered("李明"))
    assert out.write("records", tmp_path / "r.xlsx", SYSTEM).rows == 1
    assert Volunteer.select().count() == 1
