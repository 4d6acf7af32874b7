"""签到表 on paper (方案 二(4)(5)): for an activity, blank or with the roster, each row with a code that is keyed back."""

from dataclasses import dataclass
from datetime import date

from flask import Response, flash, redirect, request, url_for
from flask_admin import expose

from models import printing, vocabulary
from models.activities import Activity
from models.refusals import NotFound, Refusal
from models.scope import find
from rules.row_codes import RowCode, read_row_code
from views.asking import actor, own_path
from views.drawn import qr
from views.gate import right
from views.wording import worded

ROWS = 15  # on one sheet, as many as stand ready in the grid
SPARE = 3  # blank rows at least, for whoever comes unasked
MOST_BLANK = 10  # blank sheets printed at once


@dataclass(frozen=True)
class Line:
    """One row of a sheet; of a blank one nobody's name."""

    number: int
    code: str
    name: str = ""
    card_no: str = ""
    planned: str = ""

    @property
    def qr(self) -> str:
        return qr(self.code)


class PrintsSheets:
    """What the screen of sheets prints, and the way back from a code."""

    @expose("/print/")
    @right("print")
    def print_view(self) -> str | Response:
        """The sheets of one activity: the roster with blank rows behind it, or ``?blank=`` so many blank sheets."""
        key, blank = request.args.get("activity", type=int), request.args.get("blank", 0, type=int)
        try:
            asked = printing.sign_in(key, actor(), filled=not blank)
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(url_for("activities.details_view", id=key))
        wanted = min(max(blank, 1), MOST_BLANK) if blank else -(-(len(asked.turns) + SPARE) // ROWS)
        return self.render(
            "paper/sign_in.html", activity=asked.activity, sheets=_sheets(asked, wanted), first=asked.first, blank=blank,
            quality=[name for _, name in vocabulary.choices("quality")], back=url_for("activities.details_view", id=key),
        )  # fmt: skip

    @expose("/row/")
    @right("enter")
    def row_view(self) -> Response:
        """From a row code, typed or scanned, to the grid of its activity with its person filled in."""
        said = request.args.get("code", "")
        try:
            code = read_row_code(said)
        except ValueError as no:
            flash(str(no), "bad")
            code = None
        else:
            if code is None:
                flash(worded("请输入纸质签到表上的行码，例如 12-345-68。"), "bad")
        if code is None:
            return redirect(own_path(request.args.get("back")) or self.get_url(".index_view"))
        activity = find(Activity, code.activity, actor())
        return redirect(self.get_url(".key", activity=activity.id, code=str(code)))


def _sheets(asked: printing.Roster, wanted: int) -> list[list[Line]]:
    turns, key = asked.turns, asked.activity.id
    pages = []
    for page in range(wanted):
        lines = []
        for at in range(page * ROWS, (page + 1) * ROWS):
            row = at - page * ROWS + 1
            if at < len(turns):
                turn = turns[at]
                code, person = RowCode(key, turn.volunteer_id), turn.volunteer
                lines.append(Line(at + 1, str(code), person.name, person.card_no or "", f"{turn.starts_at:%H:%M}–{turn.ends}"))
            else:
                lines.append(Line(at + 1, str(RowCode(key, None, min(asked.first + page, 99), row))))
        pages.append(lines)
    return pages


def weekday(day: date) -> str:
    """星期几, in one character."""
    return "一二三四五六日"[day.weekday()]
