"""公示 (民函〔2012〕340号): lists in their period, as they hang out, and a form by which anyone may object to a line."""

from flask import abort, render_template, request
from peewee import ModelSelect
from werkzeug.wrappers import Response

from models import clock, failures
from models.notices import Notice, Objection
from models.refusals import Refusal
from models.stations import Station
from rules.notices import KINDS
from rules.reading import whole_number
from views.gate import right
from views.notice_lines import part
from views.openly import openly, page_asked, too_many, whoever_asks
from views.public_site import pages
from views.wording import worded

OPENLY = [name for name, kind in KINDS.items() if not kind.inside]
MOST_AT_FRONT = 5  # the list has them all
SIZE = 20  # notices on a page
LINES = 50  # of a notice on a page
KEY_DIGITS = 9
POSTING = "objecting"  # what is counted of an address


def on_show() -> ModelSelect:
    """Notices whose time has not run out, with their stations: publishing them is what they are for."""
    query = Notice.select(Notice, Station).join(Station)
    shown = (Notice.state == "open") & (Notice.closes_on >= clock.today()) & Notice.kind.in_(OPENLY)
    return query.where(shown).order_by(Notice.closes_on, Notice.id)


@pages.get("/notices/")
@right("read", "notices")
@openly(indexed=False)
def notices() -> str:
    """All that hang out now, the first to end first."""
    page = page_asked()
    rows = list(on_show().offset(page * SIZE).limit(SIZE + 1))
    return render_template("public/notices.html", rows=rows[:SIZE], page=page, more=len(rows) > SIZE)


@pages.get("/notices/<int:key>")
@right("read", "notices")
@openly(indexed=False)
def notice(key: int) -> str:
    """One notice as it hangs out: names masked, nothing else of a person."""
    row = on_show().where(Notice.id == key).first()
    if row is None:
        abort(404)
    page = page_asked()
    lines, count = part(row, page, LINES)
    return render_template("public/notice.html", row=row, sheet=lines, count=count, page=page, more=count > (page + 1) * LINES)


@pages.get("/notices/<int:key>/object")
@right("object", "notices")
def object_form(key: int) -> str:
    """The form of an objection. It holds a token, so no cache keeps it and it does not travel compressed."""
    row = on_show().where(Notice.id == key).first()
    if row is None:
        abort(404)
    return render_template("public/object.html", row=row, said={"record": request.args.get("line", "")}, errors={})


@pages.post("/notices/<int:key>/object")
@right("object", "notices")
def object_to(key: int) -> Response | str:
    """Take an objection in: it waits in the desk's inbox, and the line does not take effect until it is decided."""
    row = on_show().where(Notice.id == key).first()
    if row is None:
        abort(404)
    said = {name: request.form.get(name, "").strip() for name in ("record", "reason", "said_by", "contact")}
    try:
        for one in whoever_asks():
            failures.pace(POSTING, one)
        made = Objection.hear(
            row.id, record=whole_number(said["record"], KEY_DIGITS), reason=said["reason"], said_by=said["said_by"],
            contact=said["contact"],
        )  # fmt: skip
    except failures.TooMany as wait:
        return too_many(worded(str(wait)), wait.seconds)
    except Refusal as no:
        errors = {one.where or "record": worded(one.says) for one in no.findings}
        return render_template("public/object.html", row=row, said=said, errors=errors)
    for one in whoever_asks():
        failures.did(POSTING, one)
    return render_template("public/objected.html", row=row, made=made)
