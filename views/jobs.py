"""任务: long work that was asked for, how far it is, and its result."""

import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from flask import abort, current_app, flash, redirect, request, send_file, url_for
from flask_admin import expose

from models.audit import trail
from models.jobs import Job
from models.scope import find
from views.asking import actor
from views.base import StageView
from views.gate import right
from views.wording import worded


def start(kind: str, title: str, files: Mapping[str, bytes] | None = None, /, **params) -> Job:
    """Ask for long work; the runner takes it up at once. ``files`` are kept in its folder first. Returns the job to watch."""
    job = Job.ask(actor(), kind=kind, title=title, params=params)
    try:
        for name, data in (files or {}).items():
            folder_of(job.id).mkdir(parents=True, exist_ok=True)
            (folder_of(job.id) / name).write_bytes(data)
        current_app.extensions["run_job"](job.id)
    except (OSError, sqlite3.OperationalError):  # the folder's disk or the queue's is full, say: nothing was asked for, then
        shutil.rmtree(folder_of(job.id), ignore_errors=True)
        job.unask()
        raise
    return job


def fetched(job: Job, name: str) -> None:
    """A file with people's data leaves the house: the trace names the job, whose own trace says what is in it."""
    trail(actor(), "download", Job._meta.table_name, job.id, after={"file": name})


def folder_of(job_id: int) -> Path:
    """Where a job keeps its files."""
    return current_app.config["STATION"].instance / "jobs" / str(job_id)


# Kinds whose result is a page of its own: the file it is made from, and the page.
LEADS_TO = {"import_preview": ("seen.json", "imports.seen")}
# Kinds that are about one row of a screen: its detail page (blank where the job's own parameter ``page`` names it), and the
# parameter, or the part of the result, that holds its key.
ABOUT = {"dissolve": ("dissolutions.details_view", "dissolution"), "transfer_move": ("", "row"),
         "transfer_send": ("departures.details_view", "departure"), "transfer_receipt": ("departures.details_view", "row"),
         "transfer_read": ("arrivals.details_view", "转入单")}  # fmt: skip
# Kinds that begin with a file, and the form that takes it: where whoever was refused chooses another.
AGAIN = {"transfer_read": "arrivals.read_view", "transfer_receipt": "departures.receipt_view"}
CANCEL_SAYS = {
    "cancelled": "已取消。",
    "running": "正在取消，做完手上这一步就停。",
    "done": "任务已经结束，不用取消。",
    "failed": "任务已经结束，不用取消。",
}


class JobScreen(StageView):
    model = Job
    title = "我的任务"
    step = "工作台"
    columns = "title asked_at state percent message"
    filter_by = "state"
    detail_groups = [("任务", "title asked_at state message ended_at")]
    details_template = "desk/job.html"
    empty = "还没有任务。导出台账、导入表格时会在这里显示进度和结果。"

    @expose("/details/")
    @right("see")
    def details_view(self):
        """The job; one whose result is a page of its own leads there once it is done."""
        job = find(Job, request.args.get("id", type=int), actor())
        made, page = LEADS_TO.get(job.kind, ("", ""))
        if job.state == "done" and made and (folder_of(job.id) / made).exists():
            return redirect(url_for(page, job_id=job.id))
        return super().details_view()

    def more(self, row):
        page, param = ABOUT.get(row.kind, ("", ""))
        said = row.params | (row.result or {})
        return {
            "there": bool(row.file_name) and (folder_of(row.id) / row.file_name).exists(),
            "about": url_for(page or row.params["page"], id=said[param]) if param in said else "",
            "again": url_for(AGAIN[row.kind]) if row.kind in AGAIN else "",
        }

    @expose("/file/<int:job_id>")
    @right("see")
    def file_view(self, job_id: int):
        """The result, for whoever asked."""
        job = find(Job, job_id, actor())
        path = folder_of(job.id) / job.file_name
        if job.state != "done" or not job.file_name or not path.exists():
            abort(404)
        fetched(job, job.file_name)
        return send_file(path, as_attachment=True, download_name=job.file_name)

    @expose("/cancel/<int:job_id>", methods=("POST",))
    @right("see")
    def cancel_view(self, job_id: int):
        flash(worded(CANCEL_SAYS[find(Job, job_id, actor()).stop()]), "note")
        return redirect(url_for("jobs.details_view", id=job_id))
