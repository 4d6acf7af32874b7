"""从表格导入: choose a file, look at what it would do, take it whole or not at all."""

import json
import re
from pathlib import Path
from typing import Any

from flask import abort, current_app, flash, redirect, request, send_file, url_for
from flask_admin import expose

from models import header_mappings
from models.header_mappings import HeaderMapping
from models.jobs import Job
from models.refusals import Refusal, refuse
from models.scope import Actor, find, within
from models.stations import Station
from rules.reading import read_text
from views import uploads
from views.asking import actor, allowed
from views.gate import right
from views.jobs import fetched, folder_of, start
from views.ledgers.catalogue import LEDGERS
from views.ledgers.handouts import refusals, returned, template
from views.ledgers.headers import ColumnsMissing, Header
from views.ledgers.incoming import STATUSES, Kind, Preview, as_text
from views.ledgers.sheets import Sheet
from views.ledgers.take_in import BLANK, KINDS, opened, preview, take
from views.pages import DeskPage
from views.wording import worded
from views.work import kind as work_of

SHOWN_REFUSED, SHOWN_OTHERS = 500, 100  # lines of a preview that the page lists
UPLOAD, SEEN, RETURNED, REFUSED_ROWS = "upload", "seen.json", "有误的行.xlsx", "只含有误的行.xlsx"


class Imports(DeskPage):
    """Not in the menu: the lists that can be filled from a table lead here, each by its own right to import."""

    title = "从表格导入"
    resource = "imports"
    path = "imports"

    def is_visible(self) -> bool:
        return False

    @expose("/", methods=("GET", "POST"))
    @right("see")
    def index(self):
        """The file is kept beside the job that looks at it; nothing is written to the tables."""
        kind = _kind(request.values.get("kind", ""))
        if request.method == "POST":
            try:
                sent = uploads.received(uploads.TABLE)
            except Refusal as no:
                flash(str(no), "bad")
            else:
                job = start(
                    "import_preview", f"预览导入：{sent.name}", {UPLOAD: sent.data}, kind=kind.name, name=sent.name
                )
                return redirect(url_for("jobs.details_view", id=job.id))
        known = {column.key: column.label for column in kind.columns}
        told = HeaderMapping.select().where(HeaderMapping.ledger == kind.name, within(HeaderMapping, actor()))
        filled = kind.name in LEDGERS and allowed("export", LEDGERS[kind.name].resource)
        return self.render("desk/import.html", kind=kind, filled=filled, told=list(told.order_by(HeaderMapping.header)), known=known)

    @expose("/map/<int:job_id>", methods=("POST",))
    @right("see")
    def map(self, job_id: int):
        """What the unknown headers of a looked-at file stand for; remembered for the station, and looked at again."""
        looked = find(Job, job_id, actor())
        source, path = folder_of(looked.id) / UPLOAD, folder_of(looked.id) / SEEN
        if looked.kind != "import_preview" or not source.exists() or not path.exists():
            abort(404)
        kind = _kind(looked.params["kind"])
        seen, known = json.loads(path.read_text("utf-8")), {column.key for column in kind.columns}
        said = {
            one["header"]: key for n, one in enumerate(seen.get("unknown", []))
            if (key := request.form.get(f"column-{n}", "")) in known
        }  # fmt: skip
        back = redirect(url_for("imports.seen", job_id=looked.id))
        if not said or len(set(said.values())) < len(said):
            flash(worded("请选择各列对应什么；一列只能选一次。"), "bad")
            return back
        try:
            header_mappings.remember(kind.name, kind.resource, said, actor())
        except Refusal as no:
            flash(str(no), "bad")
            return back
        name = looked.params["name"]
        job = start("import_preview", f"预览导入：{name}", {UPLOAD: source.read_bytes()}, kind=kind.name, name=name)
        return redirect(url_for("jobs.details_view", id=job.id))

    @expose("/forget/<int:mapping_id>", methods=("POST",))
    @right("see")
    def forget(self, mapping_id: int):
        """Forget what one header stands for."""
        row = header_mappings.forget(mapping_id, actor())
        return redirect(url_for("imports.index", kind=row.ledger))

    @expose("/template/<table>")
    @right("see")
    def template_view(self, table: str):
        """An empty table with the right headers, drop-downs and one example row."""
        kind = _kind(table)
        path = current_app.config["STATION"].instance / "jobs" / f"template-{kind.name}.xlsx"
        station = find(Station, actor().station_id, actor())
        template(kind.name, path, station.name)
        return send_file(path, as_attachment=True, download_name=f"{kind.title}导入模板.xlsx")

    @expose("/seen/<int:job_id>")
    @right("see")
    def seen(self, job_id: int):
        """What the file would do, row by row, and the button that does it."""
        job = find(Job, job_id, actor())
        path = folder_of(job.id) / SEEN
        if job.kind != "import_preview" or not path.exists():
            abort(404)
        seen = json.loads(path.read_text("utf-8"))
        return self.render("desk/import_seen.html", job=job, seen=seen, notes=[_say(*([note] if isinstance(note, str) else note)) for note in seen["notes"]], statuses=STATUSES,
                           kind=(kind := _kind(job.params["kind"])),
                           known={column.key: column.label for column in kind.columns})  # fmt: skip

    @expose("/take/<int:job_id>", methods=("POST",))
    @right("see")
    def take(self, job_id: int):
        """Take the file that was looked at, whole or (``good``) without its refused rows; it is judged again."""
        looked = find(Job, job_id, actor())
        if looked.kind != "import_preview" or looked.state != "done":
            abort(404)
        good = bool(request.form.get("good"))
        title = f"{'导入无误的行' if good else '导入'}：{looked.params['name']}"
        job = start("import_take", title, **looked.params, looked=looked.id, good=good)
        return redirect(url_for("jobs.details_view", id=job.id))

    @expose("/returned/<int:job_id>")
    @right("see")
    def returned(self, job_id: int):
        """The workbook with what is wrong marked in it, or (``only``) its refused rows alone, each with its reason."""
        job = find(Job, job_id, actor())
        name = REFUSED_ROWS if request.args.get("only") else RETURNED
        path = folder_of(job.id) / name
        if not path.exists():
            abort(404)
        fetched(job, name)
        stem = str(job.params.get("name", "")).rpartition(".")[0]
        return send_file(path, as_attachment=True, download_name=f"{stem}-{name}" if stem else name)


def _kind(name: str):
    kind = KINDS.get(name)
    if kind is None:
        abort(404)
    if not allowed("import", kind.resource):
        abort(403)
    return kind


@work_of("import_preview", lambda asked: ("import", KINDS[asked["kind"]].resource))
def look(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    """Read the file and keep what it would do beside it; a file that cannot be used is not kept."""
    data = (folder / UPLOAD).read_bytes()
    asked: list[dict[str, Any]] = []
    kind = KINDS[job.params["kind"]]
    try:
        looked = preview(kind.name, data, by, name=job.params["name"], progress=job.progress,
                         ask=lambda sheet, header: asked.extend(_unknown(kind, sheet, header)))  # fmt: skip
    except ColumnsMissing as missing:
        said = {"counts": dict.fromkeys(STATUSES, 0), "notes": [], "skipped": [], "blank": 0, "lines": [],
                "unknown": asked, "missing": str(missing)}  # fmt: skip
        if not asked:
            (folder / UPLOAD).unlink()
            raise
        (folder / SEEN).write_text(json.dumps(said, ensure_ascii=False), "utf-8")
        return "", {"结果": "列名对不上"}
    except Refusal:
        (folder / UPLOAD).unlink()
        raise
    (folder / SEEN).write_text(json.dumps(_summary(looked) | {"unknown": asked, "missing": ""}, ensure_ascii=False), "utf-8")
    if looked.refused:
        returned(looked, data, folder / RETURNED)
        refusals(looked, folder / REFUSED_ROWS)
    return "", {STATUSES[status]: f"{count} 行" for status, count in looked.counts.items()}


@work_of("import_take", lambda asked: ("import", KINDS[asked["kind"]].resource))
def take_it(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    """Take the file whole, or raise ``Refusal`` and take nothing; where the good rows alone were asked for, the others
    are handed back."""
    source = folder.parent / str(job.params["looked"]) / UPLOAD
    if not source.exists():
        raise refuse("要导入的文件已不在，请重新选择文件。")
    looked = opened(job.params["kind"], source.read_bytes(), by, name=job.params["name"])
    taken = take(looked, by, progress=job.progress, good_only=job.params.get("good", False))
    for name in (UPLOAD, SEEN, RETURNED, REFUSED_ROWS):  # people's numbers lie in them; once taken they have done their work
        (source.parent / name).unlink(missing_ok=True)
    said = {"新增": f"{taken.new} 行", "修改": f"{taken.changed} 行", "相同": f"{taken.same} 行"}
    if not taken.refused or taken.judged is None:
        return "", said
    refusals(taken.judged, folder / REFUSED_ROWS)
    return REFUSED_ROWS, said | {"有误": f"{taken.refused} 行"}


def _unknown(kind: Kind, sheet: Sheet, header: Header) -> list[dict[str, Any]]:
    """Headers that nobody knows, each with two of its cells; digits are hidden, for they may be anybody's number."""
    found = []
    for at, name in enumerate(header.names):
        if name not in header.unknown or any(one["header"] == name for one in found):
            continue
        said = [
            re.sub(r"\d(?=\d{4})", "*", as_text(cells[at]))[:30]
            for number, cells in sheet.rows[:12] if number > header.row and at < len(cells) and read_text(cells[at])
        ]  # fmt: skip
        free = [column.key for column in kind.columns if not column.fixed and column.key not in header.places]
        found.append({"header": name, "cells": said[:2], "columns": free})
    return found


def _say(text: str, values: dict[str, Any] | None = None) -> str:
    """A note of the preview in the reader's language; names of columns and sheets stay as they stand in the table."""
    parts = {name: worded("、").join(value) if isinstance(value, list) else value for name, value in (values or {}).items()}
    return worded(text, **parts)


def _summary(looked: Preview) -> dict[str, Any]:
    others = [line for line in looked.lines if line.status != "refused"][:SHOWN_OTHERS]
    return {
        "counts": looked.counts,
        "notes": [[note.text, note.values] for note in looked.notes],
        "skipped": [[number, why] for number, why in looked.skipped if why != BLANK][:50],
        "blank": sum(why == BLANK for _, why in looked.skipped),
        "lines": [
            {"number": line.number, "status": line.status, "shown": looked.shown(line),
             "said": [[str(f), f.warning] for f in line.findings]}
            for line in [*looked.refused[:SHOWN_REFUSED], *others]
        ],
    }  # fmt: skip
