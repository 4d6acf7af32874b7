"""签到表 (方案 二(4)(5)): one grid to key a whole paper sheet; each cell says what is wrong beside itself."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response, flash, jsonify, redirect, request
from flask_admin import expose
from peewee import Expression, fn

from models import keying, photos, vocabulary
from models.activities import Activity, SignInSheet
from models.assignments import Assignment
from models.keying import Draft, LinesRefused
from models.records import ServiceRecord
from models.refusals import Refusal
from models.rosters import attended
from models.scope import find, within
from models.seen import as_seen
from models.stations import Station
from models.volunteers import Volunteer, named
from rules.findings import Finding, errors
from rules.reading import half_width, read_text, read_time, whole_number
from rules.row_codes import RowCode, read_row_code
from rules.states import RECORD
from views import cells, lists
from views.asking import actor
from views.base import StageView, look_up
from views.gate import right
from views.sheet_photos import ShowsPhotos, count_photos
from views.sign_in_paper import PrintsSheets
from views.wording import worded

BLANK_ROWS = 15  # rows that stand ready; a paper sheet has as many
MOST_ROWS = 200
CELLS = ("who", "volunteer", "start", "end", "travel", "content", "quality", "remark", "id", "revision")
SAVED = ("started_at", "ended_at", "content")  # said of a line that somebody else changed meanwhile
# Where a finding of the data layer stands in the grid.
PLACES = {
    "volunteer": "who", "started_at": "start", "ended_at": "end", "travel_minutes": "travel", "activity": "who",
}  # fmt: skip


def count_lines(sheets: list[SignInSheet]) -> None:
    """Set on each sheet how many lines it has, in one query."""
    counted = (
        ServiceRecord.select(ServiceRecord.sheet, fn.COUNT(ServiceRecord.id))
        .where(ServiceRecord.sheet.in_([row.id for row in sheets]), ServiceRecord.state != "void")
        .group_by(ServiceRecord.sheet)
    )
    lines = dict(counted.tuples())
    for row in sheets:
        row.lines = lines.get(row.id, 0)


@dataclass
class Row:
    """One line as typed, what was found wrong with each cell, and the minutes it would count."""

    typed: dict[str, str]
    wrong: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    minutes: int | None = None
    state: str = ""

    @property
    def blank(self) -> bool:
        return not any(self.typed[name] for name in ("who", "volunteer", "start", "end"))

    def say(self, findings: list[Finding]) -> None:
        """Put findings beside their cells; a cell that could not be read says only that."""
        for finding in findings:
            place = PLACES.get(finding.where, finding.where)
            if finding.warning:
                self.notes.append(finding.says)
            elif place not in self.wrong or finding.says in self.wrong[place]:
                self.wrong.setdefault(place, [finding.says])

    @property
    def shown_hours(self) -> str:
        return "" if self.minutes is None else f"{self.minutes / 60:.2f}"


class SheetScreen(PrintsSheets, ShowsPhotos, StageView):
    model = SignInSheet
    title = "签到表"
    step = "开展活动"
    columns = "activity.name activity.day number lines photo_count note entered_at station"
    search = "activity.name"
    filter_by = "station"
    detail_groups = [("签到表", "activity number activity.day activity.place activity.lead note entered_at")]
    details_template = "desk/sheet.html"
    list_template = "desk/sheets.html"
    empty = "还没有签到表。到「活动」里选一次活动，点「录入签到表」。"

    def adorn(self, rows: list[Any]) -> None:
        count_lines(rows)
        count_photos(rows)

    def more(self, row: Any) -> dict[str, Any]:
        keys = [
            r.id
            for r in ServiceRecord.select(ServiceRecord.id)
            .where(ServiceRecord.sheet == row.id, ServiceRecord.state != "void")
            .order_by(ServiceRecord.id)
        ]
        lines = lists.with_keys(ServiceRecord, ["volunteer.name"], keys)
        by = actor()
        offered = {m.name: m for line in lines for m in line.legal_moves(by)}
        open_states = {"draft", "returned"}
        return {
            "lines": lines,
            "photos": self.photos_of(row),
            "moves": [m for m in RECORD.moves if m.name in offered and (m.expected or m.name == "return")],
            "can_key": self.may("enter") and (not lines or any(line.state in open_states for line in lines)),
        }

    @expose("/key/", methods=("GET", "POST"))
    @right("enter")
    def key(self):
        """The grid: for a new sheet ``?activity=``, for one keyed before ``?sheet=``."""
        sheet, activity = self._asked_for()
        if request.method == "GET":
            if sheet:
                rows = _rows_of(ServiceRecord.sheet == sheet.id)
            elif code := request.args.get("code"):
                rows = [Row(dict.fromkeys(CELLS, "") | {"who": code})]
                _drafts(rows, activity, None)
            elif request.args.get("loose"):
                rows = _rows_of(_loose(activity))
            else:
                rows = _rostered(activity) if request.args.get("roster") else []
            return self._grid(activity, sheet, rows)
        rows = _typed(request.form)
        drafts = _drafts(rows, activity, sheet)
        dropped = [key for row in rows if row.blank and (key := whole_number(row.typed["id"]))]
        filled = [row for row in rows if not row.blank]
        if not filled and not dropped:
            flash(worded("表里还没有内容，没有保存。"), "bad")
            return self._grid(activity, sheet, rows)
        if any(row.wrong for row in filled):
            _judge(filled, drafts, activity)
            return self._refused(activity, sheet, rows)
        try:
            note = request.form.get("note", "").strip()
            with as_seen(ServiceRecord, _altered(rows, drafts), actor(), SAVED):
                paper, kept = keying.key_sheet(activity.id, drafts, actor(), sheet and sheet.id, dropped, note)
            if "submit" in request.form:
                ServiceRecord.move_all([r.id for r in kept if r.state in ("draft", "returned")], "submit", actor())
        except LinesRefused as no:
            for row, found in zip(filled, no.lines, strict=True):
                row.say(found)
            return self._refused(activity, sheet, rows)
        except Refusal as no:
            if _say_changed(rows, no):
                return self._refused(activity, sheet, rows)
            flash(str(no), "bad")
            return self._grid(activity, sheet, rows)
        said = "已保存 %(count)s 条并提交审核。" if "submit" in request.form else "已保存 %(count)s 条。"
        flash(worded(said, count=len(kept)), "good")
        return redirect(self.get_url(".details_view", id=paper.id))

    @expose("/check/", methods=("POST",))
    @right("enter")
    def check(self) -> Response:
        """What would be wrong with the grid as it stands, cell by cell; nothing is written."""
        sheet, activity = self._asked_for()
        rows = _typed(request.form)
        filled = [row for row in rows if not row.blank]
        _judge(filled, _drafts(rows, activity, sheet), activity)
        understood = ("who", "volunteer", "start", "end")
        return jsonify([
            {"wrong": r.wrong, "notes": r.notes, "hours": r.shown_hours, "typed": {n: r.typed[n] for n in understood}}
            for r in rows
        ])  # fmt: skip

    @expose("/people/", methods=("GET", "POST"))
    @right("enter")
    def people(self) -> Response:
        """Volunteers for a cell of the grid: three characters of a name or a card number."""
        return jsonify(look_up(Volunteer, request.values.get("q", ""), [Volunteer.state == "registered"]))

    def _asked_for(self) -> tuple[SignInSheet | None, Activity]:
        by = actor()
        key = request.values.get("sheet", type=int)
        sheet = find(SignInSheet, key, by) if key else None
        return sheet, find(Activity, sheet.activity_id if sheet else request.values.get("activity", type=int), by)

    def _refused(self, activity: Activity, sheet: SignInSheet | None, rows: list[Row]) -> str:
        lines = [str(n) for n, row in enumerate(rows, 1) if row.wrong]
        said = "第 %(lines)s 行有内容需要改正，整张表都没有保存。"
        flash(worded(said, lines=worded("、").join(lines)), "bad")
        return self._grid(activity, sheet, rows)

    def _grid(self, activity: Activity, sheet: SignInSheet | None, rows: list[Row]) -> str:
        untouched = sheet is None and not any(not row.blank for row in rows)
        rosterable = untouched and bool(attended(activity.id))
        loose = untouched and ServiceRecord.select().where(_loose(activity), _still_open()).exists()
        wanted = max(BLANK_ROWS, len(rows) + 3) - len(rows)
        rows = rows + [Row(dict.fromkeys(CELLS, "")) for _ in range(wanted)]
        return self.render(
            "desk/grid.html", activity=activity, sheet=sheet, rows=rows, quality=vocabulary.choices("quality"),
            note=request.form.get("note", sheet.note if sheet else ""), show=cells.show, rosterable=rosterable,
            loose=loose, photos=self.photos_of(sheet), photo_wanted=photos.wanted_for(activity),
        )  # fmt: skip


def _rostered(activity: Activity) -> list[Row]:
    """Whoever came by the roster and is not recorded yet, with the hours of coming and going."""
    return [
        Row({
            "who": str(turn.volunteer), "volunteer": str(turn.volunteer_id), "start": turn.signed_in,
            "end": turn.signed_out, "travel": "", "content": "", "quality": "", "remark": "", "id": "", "revision": "",
        }, notes=[] if turn.left_at else [worded("还没有签退，请填写结束时间。")])
        for turn in attended(activity.id)
    ]  # fmt: skip


def _loose(activity: Activity) -> Expression:
    """Records of the activity that came from a table and stand on no sheet yet."""
    return (ServiceRecord.activity == activity.id) & ServiceRecord.sheet.is_null()


def _still_open() -> Expression:
    return ServiceRecord.state.in_(["draft", "returned"])


def _rows_of(which: Expression) -> list[Row]:
    """Those of these lines that can still be keyed, as they were typed."""
    keys = ServiceRecord.select(ServiceRecord.id).where(which, _still_open())
    lines = lists.with_keys(ServiceRecord, ["volunteer"], [r.id for r in keys.order_by(ServiceRecord.id)])
    return [
        Row({
            "who": str(line.volunteer), "volunteer": str(line.volunteer_id), "start": f"{line.started_at:%H:%M}",
            "end": "24:00" if line.ended_at.time() == time.min else f"{line.ended_at:%H:%M}",
            "travel": str(line.travel_minutes or ""), "content": line.content, "quality": line.quality,
            "remark": line.remark, "id": str(line.id), "revision": str(line.revision),
        }, minutes=line.minutes, notes=[line.returned_for] if line.state == "returned" else [])
        for line in lines
    ]  # fmt: skip


def _altered(rows: list[Row], drafts: list[Draft]) -> dict[str, int]:
    """Key -> revision as the sheet showed it, of the lines that she would change or strike off."""
    shown = {row.typed["id"]: row.typed["revision"] for row in rows if whole_number(row.typed["id"]) is not None}
    kept = ServiceRecord.select().where(ServiceRecord.id.in_([int(key) for key in shown]), within(ServiceRecord, actor()))
    said = {draft.id: draft for draft in drafts if draft.id}
    altered = {str(line.id) for line in kept if not (line.id in said and keying.says(line, said[line.id]))}
    return {key: int(at) for key, at in shown.items() if key in altered and whole_number(at) is not None}


def _say_changed(rows: list[Row], no: Refusal) -> bool:
    """Put what was found of a line beside it, and let her save over it next time: she has seen it then."""
    by_key = {row.typed["id"]: row for row in rows if row.typed["id"]}
    found = [(by_key[finding.where], finding) for finding in no.findings if finding.where in by_key]
    for row, finding in found:
        row.say([Finding("volunteer", finding.says)])
        row.typed["revision"] = str(ServiceRecord.get_by_id(int(row.typed["id"])).revision)
    return bool(found)


def _typed(form: Any) -> list[Row]:
    columns = {name: form.getlist(name)[:MOST_ROWS] for name in CELLS}
    count = max((len(values) for values in columns.values()), default=0)
    return [
        Row({name: values[n].strip() if n < len(values) else "" for name, values in columns.items()})
        for n in range(count)
    ]


def _drafts(rows: list[Row], activity: Activity, sheet: SignInSheet | None) -> list[Draft]:
    """The filled lines read: people found, times on the activity's day. What cannot be read is said in the cell."""
    filled = [row for row in rows if not row.blank]
    _decode(filled, activity)
    people = named({_who(row) for row in filled if not whole_number(row.typed["volunteer"])}, activity.station_id)
    drafts = [_draft(row, people, activity, sheet) for row in filled]
    return keying.over_midnight(drafts, Station.get_by_id(activity.station_id))


def _decode(filled: list[Row], activity: Activity) -> None:
    """Put the person in the place of a row code, whoever is on the roster of the activity or of the own station."""
    coded: list[tuple[Row, RowCode]] = []
    for row in filled:
        try:
            if code := read_row_code(row.typed["who"]):
                row.typed["volunteer"] = ""  # what was chosen before it was typed over
                coded.append((row, code))
        except ValueError as no:
            row.say([Finding("volunteer", str(no))])
    turns = Assignment.select(Assignment.volunteer).where(Assignment.activity == activity.id)
    known = (Volunteer.station == activity.station_id) | Volunteer.id.in_(turns)
    keys = {code.volunteer for _, code in coded if code.volunteer}
    few = Volunteer.select(Volunteer.id, Volunteer.name, Volunteer.card_no).where(Volunteer.id.in_(keys), known)
    people = {one.id: one for one in few} if keys else {}
    for row, code in coded:
        text, person = row.typed["who"], people.get(code.volunteer)
        if code.activity != activity.id:
            row.say([Finding("volunteer", f"行码「{text}」是另一次活动的签到表上的，请到那次活动里录入。")])
        elif code.volunteer is None:
            row.say([Finding("volunteer", f"「{text}」是第 {code.sheet} 张表第 {code.row} 行的空白行，请填写这一行手写的姓名或志愿者编号。")])
        elif person is None:
            row.say([Finding("volunteer", f"没有找到行码「{text}」的志愿者，请填写志愿者编号或姓名。")])
        else:
            row.typed["volunteer"], row.typed["who"] = str(person.id), str(person)


def _who(row: Row) -> str:
    """The text that names a person: a card number behind a name counts alone."""
    text = half_width(row.typed["who"]).strip()
    *_, last = text.split() or [""]
    return last if last.isdigit() else text


def _draft(row: Row, people: dict[str, list[Volunteer]], activity: Activity, sheet: SignInSheet | None) -> Draft:
    typed = row.typed
    person = whole_number(typed["volunteer"]) or ("who" not in row.wrong and _person(row, people.get(_who(row), []))) or None
    start, end = _time(row, "start", activity.day), _time(row, "end", activity.day)
    travel = half_width(typed["travel"])
    minutes = whole_number(travel, 4)
    if travel and minutes is None:
        row.say([Finding("travel_minutes", f"往返交通应是分钟数，例如 30，现在是「{typed['travel']}」。")])
    return Draft(
        volunteer=person, activity=activity.id, started_at=start, ended_at=end,
        travel_minutes=minutes or 0, content=read_text(typed["content"]),
        quality=typed["quality"], remark=read_text(typed["remark"]), sheet=sheet.id if sheet else keying.THIS_SHEET,
        id=whole_number(typed["id"]),
    )  # fmt: skip


def _person(row: Row, found: list[Volunteer]) -> int | None:
    text = row.typed["who"]
    if not text:
        row.say([Finding("volunteer", "请填写志愿者编号或姓名。")])
    elif not found:
        row.say([Finding("volunteer", f"本站没有「{text}」，请填写志愿者编号，或先登记这位志愿者。")])
    elif len(found) > 1:
        row.say([Finding("volunteer", f"本站有 {len(found)} 位「{text}」，请填写志愿者编号。")])
    else:
        row.typed["volunteer"] = str(found[0].id)
        row.typed["who"] = str(found[0])
        return found[0].id
    return None


def _time(row: Row, name: str, day: date) -> datetime | None:
    text = half_width(row.typed[name]).replace("：", ":")
    if not text:
        return None
    if name == "end" and text in ("24:00", "24点", "24时"):
        return datetime.combine(day + timedelta(days=1), time.min)
    try:
        read = read_time(row.typed[name])
        row.typed[name] = f"{read:%H:%M}"
        return datetime.combine(day, read)
    except ValueError as no:
        row.say([Finding("started_at" if name == "start" else "ended_at", str(no))])
        return None


def _judge(filled: list[Row], drafts: list[Draft], activity: Activity) -> None:
    """The record-format checks on every line, said beside the cells, and the minutes that would count."""
    station = Station.get_by_id(activity.station_id)
    found = keying.judge(drafts, actor(), station)
    for row, draft, findings in zip(filled, drafts, found, strict=True):
        row.say(findings)
        if not errors(findings) and not row.wrong:
            row.minutes = keying.minutes_of(draft, station)
