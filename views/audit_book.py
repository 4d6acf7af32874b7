"""操作日志 as a workbook, written as a stream: no more is held in memory than a page of traces."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from models import clock
from models.audit import Trail, trail
from models.moves import permit
from models.people import Account
from models.scope import Actor, within
from models.stations import Station
from views import audit_search
from views.audit_words import action, changes, role, tables
from views.ledgers.cells import CELL_LIMIT
from views.ledgers.layout import FONT, SHEET_ROWS

READ_AT_ONCE = 2000  # traces
HEADINGS = {
    "时间": 18, "经手人": 12, "用户名": 14, "角色": 9, "工作站": 24, "区划": 13, "动作": 14, "对象": 14, "编号": 10,
    "理由": 28, "原来": 36, "现在": 36, "来源地址": 16, "会话": 10, "请求编号": 10, "日志链": 8, "第几行": 8, "校验码": 20,
}  # fmt: skip


def write(
    folder: Path, said: Mapping[str, str], by: Actor, progress: Callable[[int, int], None]
) -> tuple[str, int]:
    """Write what was asked for to ``folder``, newest first, and leave a trace of it: the file's name, and its rows.

    Raises ``Refusal`` where it is not this person's to export.
    """
    permit(by, "export", Trail.resource)
    where = [within(Trail, by), *audit_search.bar(said, by)[1]]
    total, rows = Trail.select().where(*where).count(), 0
    name = f"操作日志_{clock.now():%Y%m%d_%H%M}.xlsx"
    half = folder / "half.xlsx"
    book = Workbook(half, {
        "constant_memory": True, "tmpdir": str(folder), "use_zip64": True, "strings_to_formulas": False,
        "strings_to_urls": False, "strings_to_numbers": False,
    })  # fmt: skip
    plain = book.add_format({"font_name": FONT, "font_size": 10})
    head = book.add_format({"font_name": FONT, "font_size": 10, "bold": True, "border": 1, "bg_color": "#F2E3E3"})
    sheet, at = None, SHEET_ROWS
    try:
        for page in _pages(where):
            for row in _worded(page):
                if at >= SHEET_ROWS:
                    sheet, at = book.add_worksheet(), 1
                    sheet.freeze_panes(1, 0)
                    for n, (label, width) in enumerate(HEADINGS.items()):
                        sheet.set_column(n, n, width)
                        sheet.write_string(0, n, label, head)
                for n, text in enumerate(row):
                    sheet.write_string(at, n, text[:CELL_LIMIT], plain)
                at += 1
            rows += len(page)
            progress(rows, max(total, rows))
        if sheet is None:
            book.add_worksheet().write_string(0, 0, "没有符合条件的日志。", plain)
    except BaseException:
        for one in book.worksheets():  # not closed: nobody wants the file, and Windows removes none that is open
            one.row_data_fh.close()
        raise
    book.close()
    trail(by, "export", Trail._meta.table_name, "audit", after={"rows": rows, "filters": audit_search.told(said)})
    half.replace(folder / name)
    return name, rows


def _pages(where: list[Any]) -> Iterator[list[Trail]]:
    query = Trail.select().where(*where).order_by(Trail.id.desc()).limit(READ_AT_ONCE)
    after: list[Any] = []
    while page := list(query.where(*after)):
        yield page
        after = [Trail.id < page[-1].id]


def _worded(page: list[Trail]) -> Iterator[list[str]]:
    """The cells of these traces; names of accounts and stations are asked once for all of them."""
    names = tables()
    who = dict(Account.select(Account.id, Account.username).where(Account.id.in_({t.account for t in page})).tuples())
    where = dict(Station.select(Station.id, Station.name).where(Station.id.in_({t.station for t in page})).tuples())
    for one in page:
        said = changes(one)
        yield [
            f"{one.at:%Y-%m-%d %H:%M:%S}", one.who, who.get(one.account, ""), role(one.role),
            where.get(one.station, ""), one.division or "", str(action(one.table, one.action)),
            names.get(one.table, one.table), one.row, one.reason, _side(said, 1), _side(said, 2), one.address,
            one.session, one.request, str(one.chain), str(one.seq), one.hash,
        ]  # fmt: skip


def _side(said: list[tuple[str, Any, Any]], side: int) -> str:
    return "；".join(f"{one[0]}：{one[side]}" for one in said if one[side])
