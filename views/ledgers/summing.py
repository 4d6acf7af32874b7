"""The sheet that sums a division's ledger up (方案 二(5)): by what lies beneath, by month and by state, with charts.

One grouped statement over exactly the rows of the ledger; so its figures are those of the sheet, and those of the list on
the screen, which sums the same columns (`views.totals`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SQL, ModelSelect, Node, fn
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from models.base import database
from models.scope import ROOT
from models.statistics import Line, lines
from rules.access import Role
from views.ledgers.cells import cell_of
from views.ledgers.columns import Column
from views.ledgers.layout import A4, FONT, cut
from views.ledgers.rows import Asked

NAME = "汇总"
CHART_ROWS = 16  # that a chart covers
CHARTED = 40  # lines of a table that a chart shows; more cannot be read
WIDE = 24
ONE_PAGE = 70  # rows that can still be read on one

Figures = list[int]  # rows, then each totalled column


@dataclass(frozen=True)
class Summed:
    """The figures of one ledger, three ways; each way adds up to the same."""

    columns: list[Column]
    places: list[tuple[str, Figures]]
    months: list[tuple[str, Figures]]
    states: list[tuple[str, Figures]]

    @property
    def total(self) -> Figures:
        return _sum([figures for _, figures in self.months], 1 + len(self.columns))


def summed(asked: Asked) -> Summed:
    """Count and sum the rows asked for, in one statement for each table that they stand in."""
    totalled = [column for column in asked.ledger.columns if column.total]
    width, parts = 1 + len(totalled), asked.parts()
    stations: dict[Any, Figures] = defaultdict(lambda: [0] * width)
    months: dict[Any, Figures] = defaultdict(lambda: [0] * width)
    states: list[tuple[str, Figures]] = []
    for part in parts:
        here: dict[Any, Figures] = defaultdict(lambda: [0] * width)
        for *keys, rows, _sums in ((*row[:4], row[4:]) for row in database.execute(_grouped(part))):
            figures = [int(rows), *(int(amount) for amount in _sums)]
            for way, key in zip((stations, months, here), keys, strict=True):
                way[key] = [a + b for a, b in zip(way[key], figures, strict=True)]
        say, order = _state_cell(part), _state_order(part)
        whose = f"{part.ledger.title}：" if len(parts) > 1 else ""
        in_order = sorted(here.items(), key=lambda one: order.index(one[0]))
        states += [(f"{whose}{say(key)}", figures) for key, figures in in_order]
    said = sorted((month or "日期未定", figures) for month, figures in months.items())
    return Summed(totalled, _places(asked, stations, width), said, states)


def _grouped(asked: Asked) -> ModelSelect:
    """Rows and sums by station, month and state."""
    ledger = asked.ledger
    month = fn.SUBSTR(ledger.day.cast("text"), SQL("1"), SQL("7"))
    sums = [fn.COALESCE(fn.SUM(column.source), 0) for column in ledger.columns if column.total]
    chosen = ledger.model.select(
        ledger.model.station, month, _state(asked), fn.COUNT(ledger.model.id), *sums
    )
    return ledger.join(chosen).where(*asked.conditions()).group_by(SQL("1"), SQL("2"), SQL("3"))


def _state(asked: Asked) -> Node:
    """What tells the rows apart: their state, or the kind of an entry in the account."""
    return asked.ledger.model.state if hasattr(asked.ledger.model, "state") else asked.ledger.model.kind


def _state_order(asked: Asked) -> list[str]:
    model = asked.ledger.model
    return (
        [state.name for state in model.life.states]
        if hasattr(model, "state")
        else [key for key, _ in model.kind.choices]
    )


def _state_cell(asked: Asked):
    if hasattr(asked.ledger.model, "state"):
        return lambda key: asked.ledger.model.life.state(key).label
    convert = cell_of(Column(asked.ledger.model.kind, "choice"), asked.ledger, clear=False).convert
    return convert or str


def _places(asked: Asked, stations: Mapping[int, Figures], width: int) -> list[tuple[str, Figures]]:
    by = asked.reach
    code = ROOT if by.role == Role.SYSTEM else str(by.division)
    beneath: Sequence[Line] = lines(code, by)
    said = [(one.short, [stations[key] for key in one.stations if key in stations]) for one in beneath]
    known = {key for one in beneath for key in one.stations}
    others = [
        figures for key, figures in stations.items() if key not in known
    ]  # entries of people who came from elsewhere
    if others:
        said.append(("其他地方的工作站", others))
    return [(name, _sum(found, width)) for name, found in said]


def _sum(rows: Sequence[Figures], width: int) -> Figures:
    return [sum(row[n] for row in rows) for n in range(width)]


def sheet(book: Workbook, asked: Asked, rows: int, totals: Mapping[str, int], mark: str) -> None:
    """Write the sheet; ``rows`` and ``totals`` are what stands on the ledger's own sheets."""
    found = summed(asked)
    written = [rows, *(totals[column.key] for column in found.columns)]
    page = _Page(book, found.columns, asked, mark)
    first = page.table(_beneath(asked), found.places)
    page.chart("bar", first, f"{asked.ledger.title}：{_beneath(asked)}")
    second = page.table("月份", found.months)
    page.chart("column", second, f"{asked.ledger.title}：逐月")
    third = page.table("状态" if hasattr(asked.ledger.model, "state") else "类型", found.states)
    page.chart(
        "pie",
        third,
        f"{asked.ledger.title}：{'状态' if hasattr(asked.ledger.model, 'state') else '类型'}",
        count=True,
    )
    page.say("合计与台账各页的合计行一致。" if written == found.total
             else "导出期间有人改动了台账，本页与台账各页的合计不一致，请重新导出。")  # fmt: skip


def _beneath(asked: Asked) -> str:
    width = len(ROOT if asked.reach.role == Role.SYSTEM else str(asked.reach.division))
    return {2: "州市", 4: "县市区"}.get(width, "工作站")


class _Page:
    """Tables one below the other, since rows are written once; charts to the right of them."""

    def __init__(self, book: Workbook, columns: Sequence[Column], asked: Asked, mark: str) -> None:
        self.book, self.columns, self.at = book, columns, 3
        base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        self.plain, self.bold = book.add_format(base), book.add_format(base | {"bold": True, "top": 1})
        head = base | {"bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": "#F2E3E3"}
        self.head = book.add_format(head)
        self.shapes = [book.add_format(base | {"num_format": n}) for n in self._numbers()]
        self.sums = [book.add_format(base | {"num_format": n, "bold": True, "top": 1}) for n in self._numbers()]
        self.sheet: Worksheet = book.add_worksheet(NAME)
        self.sheet.set_tab_color("#8F1D22")
        self.sheet.hide_gridlines(2)
        self.sheet.set_column(0, 0, WIDE)
        self.sheet.set_column(1, 1 + len(columns), 13)
        self.sheet.set_landscape()
        self.sheet.set_paper(A4)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_header("&C&9&K808080" + cut(mark))
        self.sheet.set_footer("&R&9第 &P 页，共 &N 页")
        self.sheet.set_row(0, 26)
        self.sheet.write_string(
            0, 0, f"{asked.ledger.title}汇总", book.add_format(base | {"font_size": 14, "bold": True})
        )
        self.sheet.write_string(1, 0, mark, book.add_format(base | {"font_size": 9, "font_color": "#595959"}))

    def _numbers(self) -> list[str]:
        return ["#,##0", *("#,##0.00" if column.kind == "hours" else "#,##0" for column in self.columns)]

    def table(self, title: str, rows: Sequence[tuple[str, Figures]]) -> tuple[int, int]:
        """Write one table; its first and last row of figures."""
        self.sheet.set_row(self.at, 30)
        for n, label in enumerate([title, "条数", *(column.label for column in self.columns)]):
            self.sheet.write_string(self.at, n, label, self.head)
        first = top = self.at + 1
        for name, figures in rows:
            self.sheet.write_string(top, 0, name, self.plain)
            for n, figure in enumerate(self._shown(figures)):
                self.sheet.write_number(top, n + 1, figure, self.shapes[n])
            top += 1
        self.sheet.write_string(top, 0, "合计", self.bold)
        total = self._shown(_sum([figures for _, figures in rows], 1 + len(self.columns)))
        for n, figure in enumerate(total):
            if rows:
                letter = chr(ord("B") + n)
                self.sheet.write_formula(top, n + 1, f"=SUM({letter}{first + 1}:{letter}{top})", self.sums[n], figure)
            else:
                self.sheet.write_number(top, n + 1, figure, self.sums[n])
        self.at = max(top, first + CHART_ROWS - 1) + 2
        return first, top - 1

    def _shown(self, figures: Figures) -> list[float]:
        kinds = ["", *(column.kind for column in self.columns)]
        return [figure / 60 if kind == "hours" else figure for figure, kind in zip(figures, kinds, strict=True)]

    def chart(self, kind: str, place: tuple[int, int], title: str, *, count: bool = False) -> None:
        """A native chart of the ledger's first sum, or of the number of rows."""
        first, last = place[0], min(place[1], place[0] + CHARTED - 1)
        if last < first:
            return
        hours = [n for n, column in enumerate(self.columns) if column.kind == "hours"]
        column = 1 if count or not hours else 2 + hours[0]
        label = "条数" if column == 1 else self.columns[column - 2].label
        chart = self.book.add_chart({"type": kind})
        series: dict[str, Any] = {
            "name": label, "categories": [NAME, first, 0, last, 0], "values": [NAME, first, column, last, column],
        }  # fmt: skip
        if kind == "pie":
            series["data_labels"] = {"percentage": True}
        else:
            series |= {"fill": {"color": "#8F1D22"}, "gap": 60}
        chart.add_series(series)
        chart.set_title({"name": f"{title}（{label}）", "name_font": {"size": 11}})
        if kind != "pie":
            chart.set_legend({"none": True})
        if kind == "bar":
            chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 620, "height": 20 * CHART_ROWS})
        self.sheet.insert_chart(first - 1, 3 + len(self.columns), chart)

    def say(self, text: str) -> None:
        """A line below everything; what is short enough is printed on one page, so that no chart is cut."""
        if self.at <= ONE_PAGE:
            self.sheet.fit_to_pages(1, 1)
        self.sheet.write_string(self.at, 0, text, self.plain)
