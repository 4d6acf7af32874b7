"""The same table as every program writes it gives the same preview."""

import csv
import io
import os
import subprocess
from datetime import date

import books
import openpyxl
import pytest
import xlsxwriter

from models.refusals import Refusal
from rules.identity import make_resident_id
from views.ledgers.handouts import template
from views.ledgers.take_in import preview

HEADER = ["姓名", "身份证号", "联系电话", "服务技能", "住址"]
ROWS = [
    [
        f"人{chr(0x4E00 + n)}",
        make_resident_id("530102", date(1980, 1, 1 + n), n + 1),
        f"1390000000{n}",
        "理发、烹饪",
        f"翠竹巷{n}号，二楼",
    ]
    for n in range(6)
]
ROWS[4][2] = "1381"  # one is wrong
TABLE = [["文林社区志愿者登记表"], HEADER, *ROWS]
CONVERTED = {"xlsx": "xlsx", "xls": "xls", "ods": "ods", "csv": "csv:Text - txt - csv (StarCalc):44,34,76,1"}


def by_xlsxwriter() -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("名册")
        for r, row in enumerate(TABLE):
            for c, cell in enumerate(row):
                sheet.write_string(r, c, cell)
    return kept.getvalue()


def as_text(encoding: str, mark: str = ",") -> bytes:
    kept = io.StringIO()
    csv.writer(kept, delimiter=mark).writerows(TABLE)
    return kept.getvalue().encode(encoding)


MADE = {
    "xlsxwriter.xlsx": by_xlsxwriter, "openpyxl.xlsx": lambda: books.xlsx(TABLE), "xlwt.xls": lambda: books.xls(TABLE),
    "utf8.csv": lambda: as_text("utf-8"), "bom.csv": lambda: as_text("utf-8-sig"), "gbk.csv": lambda: as_text("gbk"),
    "gb18030.csv": lambda: as_text("gb18030"), "tabs.tsv": lambda: as_text("utf-8", "\t"), "utf16.txt": lambda: as_text("utf-16", "\t"),
}  # fmt: skip


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """The table as LibreOffice saves it, by ending."""
    room = tmp_path_factory.mktemp("soffice")
    source = room / "table.xlsx"
    source.write_bytes(by_xlsxwriter())
    made = {}
    for ending, filter_ in CONVERTED.items():
        out = room / ending
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{room}/profile", "--convert-to", filter_,
                   "--outdir", str(out), str(source)]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=120, env=os.environ | {"HOME": str(room)})
        made[ending] = (out / f"table.{ending}").read_bytes()
    return made


def told(cast, data: bytes, name: str):
    """All that a preview shows."""
    seen = preview("volunteers", data, cast.recorder, name=name)
    lines = [(line.number, line.status, seen.shown(line), line.values) for line in seen.lines]
    return seen.counts, lines, [(f.row, f.column, f.says) for f in seen.findings], seen.notes, seen.skipped


@pytest.fixture
def expected(cast):
    said = told(cast, by_xlsxwriter(), "表.xlsx")
    assert said[0] == {"new": 5, "changed": 0, "same": 0, "refused": 1}
    assert said[2] == [(7, "联系电话", "手机号码应为 11 位数字，现为 4 位。")]
    return said


@pytest.mark.parametrize("name", MADE)
def test_whatever_wrote_the_table_it_reads_the_same(cast, expected, name):
    assert told(cast, MADE[name](), name) == expected


@pytest.mark.parametrize("ending", CONVERTED)
def test_what_libreoffice_saves_reads_the_same(cast, expected, converted, ending):
    assert told(cast, converted[ending], f"表.{ending}") == expected


@pytest.mark.parametrize("number", ["5.30102E+17", "5.30102199003071E+17", 530102199003071094.0])
def test_a_number_that_a_spreadsheet_turned_into_a_power_of_ten_is_refused_with_what_happened(cast, number):
    rows = [HEADER, ["李明", number, "13812345678", "", ""]]
    data = books.text(rows) if isinstance(number, str) else books.xlsx(rows)
    seen = preview("volunteers", data, cast.recorder)
    assert seen.counts["refused"] == 1
    assert any("末几位已经丢失" in found.says and "文本" in found.says for found in seen.findings)


def test_a_template_says_which_it_is_and_is_refused_elsewhere(cast, tmp_path):
    path = tmp_path / "模板.xlsx"
    template("records", path, cast.a.name)
    book = openpyxl.load_workbook(path)
    about = book["模板信息"]
    assert about.sheet_state == "hidden" and [c.value for c in about["B"]] == ["records", "1", cast.a.name]
    assert book.worksheets[0].column_dimensions["B"].width and "5.30102E+17" in str([c.value for c in book["填写说明"]["A"]])
    with pytest.raises(Refusal, match="这是「服务记录」的导入模板"):
        preview("volunteers", path, cast.recorder)
    with pytest.raises(Refusal, match="没有可导入的行"):
        preview("records", path, cast.recorder)
    template("volunteers", path)
    book = openpyxl.load_workbook(path)
    book["模板信息"]["B2"].value = "0"
    for n, value in enumerate(["1", *ROWS[0][:1], "", *ROWS[0][1:2]], 1):
        book.worksheets[0].cell(5, n).value = value
    book.worksheets[0].cell(5, 7).value = ROWS[0][2]
    book.save(path)
    assert "模板是旧版" in preview("volunteers", path, cast.recorder).notes[0]
