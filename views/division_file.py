"""A list of divisions as published: CSV or a workbook, with or without a header, other columns left alone."""

import csv
import io
import re

import python_calamine

from models.division_list import Line
from models.refusals import refuse
from rules.reading import read_text

CODE_HEADINGS = {"code", "代码", "区划代码", "统计用区划代码", "行政区划代码"}
NAME_HEADINGS = {"name", "名称", "区划名称", "街道名称", "社区名称"}
HEADER_DEPTH = 5  # rows in which a header may stand, below a merged title
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods, .xls


def read(file_name: str, content: bytes) -> list[Line]:
    """The lines of the file with their row numbers, blank rows left out.

    Raises ``Refusal`` for a file that cannot be read or in which no code and name are found.
    """
    if not content:
        raise refuse("请先选择文件（.csv、.xlsx 或 .xls）。")
    rows = _workbook(content) if content.startswith(_WORKBOOK) else _csv(content)
    first, code, name = _columns(rows)
    lines = []
    for number, row in enumerate(rows[first:], first + 1):
        if any(row):
            lines.append(Line(number, row[code] if code < len(row) else "", row[name] if name < len(row) else ""))
    if not lines:
        raise refuse(f"「{file_name}」里没有内容。")
    return lines


def _workbook(content: bytes) -> list[list[str]]:
    try:
        book = python_calamine.load_workbook(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, IndexError):
        raise refuse("这个工作簿打不开，可能已损坏或设了密码；请另存为 .xlsx 再试。") from None
    return [[read_text(cell) for cell in row] for row in rows]


def _csv(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")  # what spreadsheets on Chinese Windows write
        except UnicodeDecodeError:
            raise refuse("文件的编码认不出，请另存为 UTF-8 的 .csv 或 .xlsx 再试。") from None
    if "\0" in text:
        raise refuse("这不是 .csv、.xlsx 或 .xls 文件。")
    return [[read_text(cell) for cell in row] for row in csv.reader(io.StringIO(text))]


def _columns(rows: list[list[str]]) -> tuple[int, int, int]:
    """Where the list begins and which columns are code and name."""
    for at, row in enumerate(rows[:HEADER_DEPTH]):
        named = {cell.lower(): place for place, cell in reversed(list(enumerate(row)))}
        code, name = (next((named[h] for h in named if h in known), None) for known in (CODE_HEADINGS, NAME_HEADINGS))
        if code is not None and name is not None:
            return at + 1, code, name
        if len(row) > 1 and re.fullmatch(r"[0-9]{2,18}", row[0]):
            return at, 0, 1  # no header: the code comes first
    raise refuse(
        "没有找到「区划代码」和「名称」两列；表头应写作 code,name 或 区划代码,名称，没有表头时头两列应是代码和名称。"
    )
