"""Files as stations send them: read whatever wrote them, refused with a sentence where they are no table."""

import io
import time
import zipfile
from datetime import date, datetime

import books
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.refusals import Refusal
from views.ledgers import archives, sheets
from views.ledgers.headers import Wanted, find

ROWS = [["姓名", "电话"], ["李明", "13812345678"], ["王芳", "13912345678"]]
WANTED = [Wanted("name", "姓名", "名字"), Wanted("phone", "联系电话", "电话 手机"), Wanted("start", "开始时间", "起"),
          Wanted("end", "结束时间", "止"), Wanted("span", "起止时间", "服务时间")]  # fmt: skip


def only(data: bytes, name: str = "") -> sheets.Sheet:
    (sheet,) = sheets.read(data, name)
    return sheet


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.xlsx", books.xlsx),
        ("a.xls", books.xls),
        ("a.ods", books.ods),
        ("a.csv", books.text),
        ("a.csv", lambda rows: books.text(rows, "utf-8")),
        ("a.csv", lambda rows: books.text(rows, "gbk")),
        ("a.csv", lambda rows: books.text(rows, "gb18030", ";")),
        ("a.txt", lambda rows: books.text(rows, "utf-16", "\t")),
    ],
)
def test_every_kind_of_file_gives_the_same_rows(name, make, tmp_path):
    assert only(make(ROWS), name).rows == [(1, ROWS[0]), (2, ROWS[1]), (3, ROWS[2])]
    path = tmp_path / name
    path.write_bytes(make(ROWS))
    (sheet,) = sheets.read(path)
    assert len(sheet.rows) == 3


def test_rows_keep_the_number_that_the_spreadsheet_shows():
    sheet = only(books.xlsx([["标题"], [], ["姓名"], [None], ["　"], ["李明"], []]))
    assert [number for number, _ in sheet.rows] == [1, 3, 6]
    assert sheet.blank == 3


def test_days_and_numbers_arrive_as_such():
    def fill(book, sheet):
        sheet.write_datetime(0, 0, datetime(2026, 3, 5), book.add_format({"num_format": 'm"月"d"日"'}))
        sheet.write_number(0, 1, 46086)
        sheet.write_number(0, 2, 8.5 / 24, book.add_format({"num_format": "h:mm"}))

    ((_, cells),) = only(books.xlsx_of(fill)).rows
    assert cells[:2] == [date(2026, 3, 5), 46086]
    assert (cells[2].hour, cells[2].minute) == (8, 30)


def test_a_million_blank_rows_are_passed_over():
    def fill(book, sheet):
        grey = book.add_format({"bg_color": "#CCCCCC"})
        sheet.write_row(0, 0, ["姓名", "电话"])
        sheet.write_row(1, 0, ["李明", "13812345678"])
        for row in range(2, 1_000_000, 7):
            sheet.write_blank(row, 0, None, grey)

    data = books.xlsx_of(fill)
    start = time.perf_counter()
    assert len(only(data).rows) == 2
    assert time.perf_counter() - start < 10  # seconds


@pytest.mark.parametrize(
    ("row", "column", "says"), [(1_048_575, 16_383, "200000 行"), (250_000, 0, "200000 行"), (4, 300, "CZ 列")]
)
def test_one_cell_far_away_is_refused_before_it_takes_all_memory(row, column, says):
    def fill(book, sheet):
        sheet.write_string(0, 0, "姓名")
        sheet.write_string(row, column, "x")

    with pytest.raises(Refusal, match=says):
        sheets.read(books.xlsx_of(fill))


def test_repeated_cells_of_an_open_document_are_refused_where_they_would_fill_the_memory():
    cell = '<table:table-cell {} office:value-type="string"><text:p>x</text:p></table:table-cell>'
    many = cell.format('table:number-columns-repeated="1000"')
    wide = f"<table:table-row>{many}</table:table-row>"
    deep = f'<table:table-row table:number-rows-repeated="1000000">{cell.format("")}</table:table-row>'
    with pytest.raises(Refusal, match="CZ 列"):
        sheets.read(books.ods([], wide))
    with pytest.raises(Refusal, match="200000 行"):
        sheets.read(books.ods([], deep))
    blank = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    assert len(only(books.ods([], f"<table:table-row>{cell.format('')}</table:table-row>{blank}")).rows) == 1


def packed(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return kept.getvalue()


def test_an_archive_that_unpacks_to_far_more_is_not_opened(monkeypatch):
    bomb = packed(xl__workbook_xml=b" " * 120_000_000)
    with pytest.raises(Refusal, match="大得不寻常"):
        sheets.read(bomb, "a.xlsx")
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1000)
    with pytest.raises(Refusal, match="大得不寻常"):
        sheets.read(books.xlsx(ROWS), "a.xlsx")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.xlsx", b"", "空的"),
        ("a.xlsx", b"x" * (archives.MAX_BYTES + 1), "最大 20 MB"),
        ("a.xlsx", books.xlsx(ROWS)[:3000], "不完整或已损坏"),
        ("a.xls", books.xls(ROWS)[:3000], "不完整"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("a.ods", books.ods(ROWS, manifest="<encryption-data/>"), "密码"),
        ("a.xls", books.xlsx(ROWS), "文件名以 .xls 结尾"),
        ("a.xlsx", books.text(ROWS), "文件名以 .xlsx 结尾"),
        ("a.et", books.xls(ROWS), "文件名以 .et 结尾"),
        ("a.xls", "<html><table><tr><td>姓名</td></tr></table></html>".encode(), "网页"),
        ("a.csv", b"%PDF-1.7", "不是表格文件"),
        ("a.xlsx", packed(word__document_xml=b"<w/>"), "不是表格文件"),
        ("a.csv", '姓名,电话\n"李明,138'.encode(), "引号"),
        ("a.csv", "姓名".encode("gbk") + b"\xff\xff", "文字编码"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(name, data, says):
    with pytest.raises(Refusal, match=says):
        sheets.read(data, name)


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)
    monkeypatch.setattr(sheets, "ABOVE", 0)
    assert len(only(books.text(ROWS[:2])).rows) == 2
    with pytest.raises(Refusal, match="请分成几份"):
        sheets.read(books.text(ROWS))


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=40))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(at, damage):
    for whole in (_XLS, _XLSX):
        start = 512 + at % (len(whole) - 600)
        broken = whole[:start] + damage + whole[start + len(damage) :]
        try:
            sheets.read(broken)
        except Refusal as refused:
            assert "。" in str(refused)


_XLS, _XLSX = books.xls(ROWS), books.xlsx(ROWS)


@pytest.mark.parametrize(
    ("rows", "first", "places"),
    [
        ([["姓名", "电话"]], 1, {"name": 0, "phone": 1}),
        (
            [["文林社区志愿者名册"], ["填表日期：2026年3月"], ["序号", "志愿者 姓名 *", "名字*", "手机（必填）"]],
            3,
            {"name": 2, "phone": 3},
        ),
        ([["名册", "姓名"], ["姓 名", "联系\n电话"]], 2, {"name": 0, "phone": 1}),
    ],
)
def test_the_header_is_found_beneath_titles_and_however_it_is_worded(rows, first, places):
    header = find(only(books.xlsx([*rows, ["李明", "138"]])), WANTED)
    assert (header.first, header.places) == (first, places)


def test_a_second_header_row_under_a_merged_one_belongs_to_it():
    sheet = only(books.xlsx([["姓名", "服务时间", None, "签名"], [None, "起", "止"], ["李明", "8:30", "11:00"]]))
    header = find(sheet, WANTED)
    assert (header.row, header.places, header.unknown) == (2, {"name": 0, "start": 1, "end": 2}, ["签名"])


def test_a_sheet_without_a_header_has_none():
    assert find(only(books.xlsx([["李明", "13812345678"], ["王芳", "139"]])), WANTED) is None
