"""A list of divisions as published: CSV or a workbook, with or without a header, other columns left alone."""

import re

from models.division_list import Line
from models.refusals import refuse
from rules.reading import read_text
from views.ledgers import sheets

CODE_HEADINGS = {"code", "代码", "区划代码", "统计用区划代码", "行政区划代码"}
NAME_HEADINGS = {"name", "名称", "区划名称", "街道名称", "社区名称"}
HEADER_DEPTH = 5  # rows in which a header may stand, below a merged title


def read(file_name: str, content: bytes) -> list[Line]:
    """The lines of the file's first sheet with their row numbers, blank rows left out.

    Raises ``Refusal`` for a file that cannot be read or in which no code and name are found.
    """
    shown = sheets.read(content, file_name)[:1]
    rows = [(number, [read_text(cell) for cell in row]) for sheet in shown for number, row in sheet.rows]
    first, code, name = _columns([row for _, row in rows])
    lines = [
        Line(number, row[code] if code < len(row) else "", row[name] if name < len(row) else "")
        for number, row in rows[first:]
    ]
    if not lines:
        raise refuse(f"「{file_name}」里没有内容。")
    return lines


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
