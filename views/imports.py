"""从表格导入: choose a file, look at what it would do, take it whole or not at all."""

import json
from pathlib import Path
from typing import Any

from flask import abort, current_app, flash, redirect, request, send_file, url_for
from flask_admin import expose

from models.jobs import Job
from models.refusals import Refusal, refuse
from models.scope import Actor, find
from views import uploads
from views.asking import actor, allowed
from views.gate import right
from views.jobs import fetched, folder_of, start
from views.ledgers.handouts import refusals, returned, template
from views.ledgers.incoming import STATUSES, Preview
from views.ledgers.take_in import KINDS, preview, take
from views.pages import DeskPage
from views.work import kind as work_of

SHOWN_REFUSED, SHOWN_OTHERS = 500, 100  # lines of a preview that the page lists
UPLOAD, SEEN, RETURNED, REFUSED_ROWS = "upload", "seen.json", "标出错处.xlsx", "有误的行.xlsx"


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
        return self.render("desk/import.html", kind=kind)

    @expose("/template/<table>")
    @right("see")
    def template_view(self, table: str):
        """An empty table with the right headers, drop-downs and one example row."""
        kind = _kind(table)
        path = current_app.config["STATION"].instance / "jobs" / f"template-{kind.name}.xlsx"
        template(kind.name, path)
        return send_file(path, as_attachment=True, download_name=f"{kind.title}导入模板.xlsx")

    @expose("/seen/<int:job_id>")
    @right("see")
    def seen(self, job_id: int):
        """What the file would do, row by row, and the button that does it."""
        job = find(Job, job_id, actor())
        path = folder_of(job.id) / SEEN
        if job.kind != "import_preview" or not path.exists():
            abort(404)
        return self.render("desk/import_seen.html", job=job, seen=json.loads(path.read_text("utf-8")), statuses=STATUSES,
                           kind=_kind(job.params["kind"]))  # fmt: skip

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
    try:
        looked = preview(job.params["kind"], data, by, name=job.params["name"], progress=job.progress)
    except Refusal:
        (folder / UPLOAD).unlink()
        raise
    (folder / SEEN).write_text(json.dumps(_summary(looked), ensure_ascii=False), "utf-8")
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
    looked = preview(job.params["kind"], source.read_bytes(), by, name=job.params["name"])
    taken = take(looked, by, progress=job.progress, good_only=job.params.get("good", False))
    for name in (UPLOAD, SEEN, RETURNED, REFUSED_ROWS):  # people's numbers lie in them; once taken they have done their work
        (source.parent / name).unlink(missing_ok=True)
    said = {"新增": f"{taken.new} 行", "修改": f"{taken.changed} 行", "相同": f"{taken.same} 行"}
    if not taken.refused or taken.judged is None:
        return "", said
    refusals(taken.judged, folder / REFUSED_ROWS)
    return REFUSED_ROWS, said | {"有误": f"{taken.refused} 行"}


def _summary(looked: Preview) -> dict[str, Any]:
    others = [line for line in looked.lines if line.status != "refused"][:SHOWN_OTHERS]
    return {
        "counts": looked.counts,
        "notes": looked.notes,
        "skipped": [[number, why] for number, why in looked.skipped if why != "空行"][:50],
        "blank": sum(why == "空行" for _, why in looked.skipped),
        "lines": [
            {"number": line.number, "status": line.status, "shown": looked.shown(line),
             "said": [[str(f), f.warning] for f in line.findings]}
            for line in [*looked.refused[:SHOWN_REFUSED], *others]
        ],
    }  # fmt: skip
