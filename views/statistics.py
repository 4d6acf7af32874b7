"""信息和项目对接 (方案 三(1)): the figures of a division and a span of months; every one opens to the rows it counts."""

from dataclasses import dataclass
from xml.etree.ElementTree import tostring

import pygal
from flask import Response, abort, request, url_for
from flask_admin import expose
from pygal.style import Style

from models import clock, statistics, vocabulary
from models.fields import CodeField
from models.scope import ROOT
from models.stations import Division
from models.statistics import CROSSES, MEASURES, Cross, Line, Measure, Period
from rules.access import STATION_ROLES
from rules.divisions import contains, lineage
from rules.statistics import suppressed
from views.certificate_figures import certificates
from views.figures import HIDDEN, Asked, Cell, Table, address_of, asked, least_shown, line_of, looking_at
from views.gate import right
from views.pages import DeskPage
from views.wording import worded

SHEETS = {"overview": "概况", "months": "逐月", "supply": "供需", "hardship": "困难群众", "skills": "技能", "certificates": "证明"}
RED = "#8f1d22"
FONT = '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", sans-serif'
CHARTED = ("hours", "active", "records")  # measures that a chart may be asked of
OFFERS = "供需对照"
WHOLE = "末行是整个时段：注册志愿者和困难家庭按期末，活跃志愿者和已服务家庭在几个月里都有的只算一次。"
MANY = "一人可有几项，各项相加不等于人数。"
LONGEST = 48  # months back that the page offers


class Statistics(DeskPage):
    """Tables and charts; nothing is kept, all of it is counted when it is asked for."""

    title = "信息对接"
    step = "主要措施"
    resource = "statistics"

    @expose("/")
    @right("see")
    def index(self) -> str:
        wanted = asked()
        sheet = request.args.get("sheet", "")
        sheet = sheet if sheet in SHEETS else "overview"
        makes = {"overview": overview, "months": months, "supply": supply, "hardship": hardship, "skills": skills, "certificates": certificates}
        return self.render(
            "desk/statistics.html", sheet=sheet, sheets=SHEETS, asked=wanted, above=_above(wanted),
            at_station=wanted.by.role in STATION_ROLES, tables=(tables := makes[sheet](wanted)),
            hides=any(cell.text == HIDDEN for table in tables for _, cells in table.rows for cell in cells),
            months=Period.of("", "", clock.today()).back(LONGEST), charts=_charts(sheet, wanted), label=lambda name: MEASURES[name].label,
        )  # fmt: skip

    @expose("/<kind>-<measure>.svg")
    @right("see")
    def chart(self, kind: str, measure: str) -> Response:
        """A bar chart of one measure, by what lies beneath the division or by month."""
        if measure not in CHARTED or kind not in ("lines", "months"):
            abort(404)
        wanted, one = asked(), MEASURES[measure]
        return Response(_drawn(one, _points(kind, one, wanted)), mimetype="image/svg+xml")


def overview(wanted: Asked) -> list[Table]:
    """A line for each division or station beneath, a column for each measure, and their sum."""
    lines = statistics.lines(wanted.division, wanted.by)
    shown = list(MEASURES.values())
    counted = {one.name: statistics.by_station(one, wanted.period, wanted.by) for one in shown}
    grid = [[sum(counted[one.name].get(key, 0) for key in line.stations) for one in shown] for line in lines]
    totals = [sum(column) for column in zip(*grid, strict=True)] if grid else [0] * len(shown)
    hidden = _hidden_columns(grid, shown, wanted)
    rows = [
        (
            line_of(line, wanted),
            [_cell(one, value, wanted, line, hide) for one, value, hide in zip(shown, values, hides, strict=True)],
        )
        for line, values, hides in zip(lines, grid, hidden, strict=False)
    ]
    last = [_cell(one, value, wanted, None, hide) for one, value, hide in zip(shown, totals, hidden[-1], strict=True)]
    return [Table("", [one.label for one in shown], rows, last)]


def months(wanted: Asked) -> list[Table]:
    """A line for each month; the last says the whole span, in which whoever was active in two months counts once."""
    shown, by, least = list(MEASURES.values()), looking_at(wanted), least_shown(wanted)
    counted = [statistics.by_month(one, wanted.period, by) for one in shown]

    def cell(one: Measure, value: int, span: Asked) -> Cell:
        return _cell(one, value, span, None, one.people and 0 < value < least)

    rows = []
    for month in wanted.period.months:
        only = Asked(wanted.division, Period.of(month, month, clock.today()), wanted.by)
        rows.append((Cell(month), [cell(one, found[month], only) for one, found in zip(shown, counted, strict=True)]))
    whole = [sum(statistics.by_station(one, wanted.period, by).values()) for one in shown]
    last = [cell(one, value, wanted) for one, value in zip(shown, whole, strict=True)]
    return [Table("", [one.label for one in shown], rows, last, WHOLE)]


def supply(wanted: Asked) -> list[Table]:
    """What is asked for and not met, beside who offers it; then the unmet needs place by place."""
    unmet = _grid(CROSSES["unmet"], wanted)
    return [_offers(unmet, wanted), _crossed(unmet, wanted)]


def hardship(wanted: Asked) -> list[Table]:
    """Who is served, by hardship and place."""
    return [_crossed(_grid(CROSSES["hardship"], wanted), wanted)]


def skills(wanted: Asked) -> list[Table]:
    """Registered volunteers by skill."""
    return [_crossed(_grid(CROSSES["skills"], wanted), wanted)]


@dataclass(frozen=True)
class Grid:
    """Words down, places across, as counted, and what of it with its totals is hidden; a word nobody has is left out."""

    cross: Cross
    lines: list[Line]
    words: dict[str, str]
    counts: list[list[int]]
    hide: list[list[bool]]

    def sum_of(self, code: str) -> tuple[int, bool]:
        """The word's total over all places, and whether it is hidden."""
        if code not in self.words:
            return 0, False
        row = list(self.words).index(code)
        return sum(self.counts[row]), self.hide[row][-1]


def _grid(cross: Cross, wanted: Asked) -> Grid:
    lines = statistics.lines(wanted.division, wanted.by)
    counted = statistics.by_code(cross, looking_at(wanted))
    present = {code for _, code in counted}
    words = {code: word for code, word in vocabulary.names(cross.column.kind).items() if code in present}
    counts = [[sum(counted.get((key, code), 0) for key in line.stations) for line in lines] for code in words]
    hide = [[False] * (len(lines) + 1)] * (len(counts) + 1)
    return Grid(cross, lines, words, counts, suppressed(counts, least_shown(wanted)) if cross.people and counts else hide)


def _crossed(grid: Grid, wanted: Asked) -> Table:
    cross, ends = grid.cross, [*grid.lines, None]

    def cells(values: list[int], hides: list[bool], code: str) -> list[Cell]:
        values = [*values, sum(values)]
        return [_opened(cross, v, h, wanted, at, code) for v, h, at in zip(values, hides, ends, strict=True)]

    rows = [
        (Cell(word), cells(values, hides, code))
        for (code, word), values, hides in zip(grid.words.items(), grid.counts, grid.hide, strict=False)
    ]
    several = not isinstance(cross.column, CodeField)  # whoever has two counts twice: no sum of them means anything
    sums = [sum(column) for column in zip(*grid.counts, strict=True)]
    total = [] if several or not rows else cells(sums, grid.hide[-1], "")
    columns = [*(line.short for line in grid.lines), worded("合计")]
    return Table(cross.title, columns, rows, total, MANY if several else "")


def _offers(unmet: Grid, wanted: Asked) -> Table:
    """Category by category: what is asked for and not met, and what stands against it."""
    others = [_grid(CROSSES[name], wanted) for name in ("recruiting", "willing")]
    grids = [unmet, *others]
    rows = []
    for code, word in vocabulary.names(unmet.cross.column.kind).items():
        sums = [grid.sum_of(code) for grid in grids]
        if any(value for value, _ in sums):
            cells = [
                _opened(grid.cross, value, hidden, wanted, None, code)
                for grid, (value, hidden) in zip(grids, sums, strict=True)
            ]
            rows.append((Cell(word), cells))
    return Table(OFFERS, [grid.cross.title for grid in grids], rows, [])


def _opened(cross: Cross, value: int, hidden: bool, wanted: Asked, line: Line | None, code: str) -> Cell:
    if hidden:
        return Cell(HIDDEN)
    args = {"count": cross.name, **({cross.column.name: code} if code else {})}
    return Cell(f"{value:,}", address_of(cross.model, wanted, line, args) if value else "")


def _cell(measure: Measure, value: int, wanted: Asked, line: Line | None, hidden: bool) -> Cell:
    if hidden:
        return Cell(HIDDEN)
    text = f"{value / 60:,.2f}" if measure.in_hours else f"{value:,}"
    return Cell(text, address_of(measure.model, wanted, line, {"count": measure.name}) if value else "")


def _hidden_columns(grid: list[list[int]], shown: list[Measure], wanted: Asked) -> list[list[bool]]:
    """What to hide of each measure over the places, and last of its sum."""
    least = least_shown(wanted)
    columns = []
    for n, one in enumerate(shown):
        column = [row[n] for row in grid]
        mask = suppressed([column], least)[0] if one.people and column else [False] * (len(column) + 1)
        columns.append(mask)
    return [list(row) for row in zip(*columns, strict=True)]


def _above(wanted: Asked) -> list[tuple[str, str, str]]:
    """(code, name, address) of the division looked at and of those above it, as far as the person's own."""
    if wanted.by.role in STATION_ROLES:
        return []
    own = wanted.by.division or ROOT
    codes = [code for code in lineage(wanted.division) if contains(own, code)]
    names = dict(Division.select(Division.code, Division.name).where(Division.code.in_(codes)).tuples())
    return [(code, names.get(code, code), url_for(".index", division=code, **wanted.args)) for code in codes]


def _charts(sheet: str, wanted: Asked) -> list[tuple[str, str]]:
    """(kind, measure) of the charts below a sheet: places side by side where there are several, else the months."""
    several = len(statistics.lines(wanted.division, wanted.by)) > 1
    if sheet == "overview" and several:
        return [("lines", name) for name in CHARTED]
    if sheet in ("overview", "months"):
        return [("months", name) for name in CHARTED]
    return []


def _points(kind: str, measure: Measure, wanted: Asked) -> list[tuple[str, int]]:
    if kind == "months":
        return list(statistics.by_month(measure, wanted.period, looking_at(wanted)).items())
    counted = statistics.by_station(measure, wanted.period, wanted.by)
    return [
        (line.short, sum(counted.get(key, 0) for key in line.stations))
        for line in statistics.lines(wanted.division, wanted.by)
    ]


def _drawn(measure: Measure, points: list[tuple[str, int]]) -> bytes:
    """The chart as an image of its own: no script, no outside address."""
    style = Style(
        background="white", plot_background="white", foreground="#333", foreground_strong="#222",
        foreground_subtle="#ccc", colors=(RED,), font_family=FONT, label_font_size=12, major_label_font_size=12,
        title_font_size=14, value_font_size=11, opacity="1", guide_stroke_color="#e5e5e5",
        guide_stroke_dasharray="0", major_guide_stroke_color="#e5e5e5", major_guide_stroke_dasharray="0",
    )  # fmt: skip
    chart = pygal.Bar(
        js=[], style=style, show_legend=False, width=560, height=260, margin=8, explicit_size=True,
        title=worded(measure.label), x_label_rotation=30 if len(points) > 6 else 0, disable_xml_declaration=True,
        print_values=len(points) <= 12, print_values_position="top", y_labels_major_count=4, show_minor_y_labels=False, no_data_text=worded("这段时间没有数据"),
    )  # fmt: skip
    chart.x_labels = [name for name, _ in points]
    chart.add("", [round(value / 60, 1) if measure.in_hours else value for _, value in points])
    drawn = chart.render_tree()
    for parent in list(drawn.iter()):  # pygal writes its settings as a script for tooltips; an image has none
        for script in [child for child in parent if str(child.tag).endswith("script")]:
            parent.remove(script)
    return bytes(tostring(drawn, encoding="utf-8"))
