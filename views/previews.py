"""预演影响: a draft of a policy shows what it would change on the real data, before anybody commits to it.

One station is answered at once, and so is a division with little in it; all of a large one is a job. What was found of
the whole draft is kept beside it, for whoever releases it and afterwards.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import abort, flash, redirect, request, send_file, url_for
from flask_admin import expose

from models.audit import trail
from models.jobs import Job
from models.policy_drafts import PolicyDraft, names_of
from models.policy_words import Words
from models.previews.ground import Ground
from models.previews.kept import PolicyPreview, basis_of
from models.previews.outcome import LOOKED, ROWS_KEPT, Outcome
from models.previews.run import is_small, preview, released_by
from models.refusals import Refusal
from models.scope import Actor, find
from models.stations import Station
from rules.divisions import subtree
from rules.policy import parameters, title_of
from rules.previews import Pair
from rules.topics import TOPICS
from views import jobs
from views.asking import actor, allowed
from views.base import as_json, look_up
from views.gate import right
from views.pages import DeskPage
from views.preview_book import Book
from views.preview_figures import Shown, shown_of
from views.wording import worded
from views.work import kind

MADE = "preview.txt"  # beside a job's workbook: that its result is on the draft's page


class PreviewPage(DeskPage):
    """Not in the menu: a draft's own page leads here."""

    title = "预演影响"
    step = "政策与设置"
    resource = "policy_drafts"
    path = "policy_previews"

    def is_visible(self) -> bool:
        return False

    @expose("/")
    @right("see")
    def index(self):
        """The draft and what it changes; the consequences for a station that was picked, else what was found of all."""
        draft, by = _draft(), actor()
        shown: Shown | None = None
        try:
            ground = None if draft.released_id else Ground.of(released_by(draft), by)
            if ground and (station := request.args.get("station", type=int)):
                shown = shown_of(*preview(ground.draft, by, station), request.args.get("show", ""))
        except Refusal as no:
            flash(str(no), "bad")
            ground = None
        kept = None if shown else PolicyPreview.latest(draft)
        if kept is not None:
            shown = Shown.of_kept(kept, request.args.get("show", ""))
        return self.render(
            "desk/policy_preview.html", draft=draft, whose=names_of([draft.division])[draft.division], shown=shown,
            kept=kept, stale=bool(kept and kept.stale(draft)), changes=_changes(ground) if ground else [], ground=ground,
            job=_running(draft, by), small=bool(ground and is_small(ground)), makes=allowed("enter", self.resource),
            picked=_picked(by), lookup=self.get_url(".stations", draft=draft.id), file=_file(kept, by), cap=ROWS_KEPT,
        )  # fmt: skip

    @expose("/all/", methods=("POST",))
    @right("enter")
    def start(self):
        """Work out the whole draft: at once where there is little, else as a job."""
        draft, by = _draft(), actor()
        try:
            release, basis = released_by(draft), basis_of(draft)
            if is_small(Ground.of(release, by)):
                PolicyPreview.keep(draft, basis, *preview(release, by), by)
                return redirect(self.get_url(".index", draft=draft.id))
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".index", draft=draft.id))
        job = jobs.start("policy_preview", f"预演：{draft}", draft=draft.id)
        return redirect(url_for("jobs.details_view", id=job.id))

    @expose("/made/<int:job_id>")
    @right("see")
    def made(self, job_id: int):
        """Where a job that is done leads to."""
        return redirect(self.get_url(".index", draft=find(Job, job_id, actor()).params["draft"]))

    @expose("/rows/")
    @right("export")
    def rows(self):
        """Every row behind the figures of one station, or of all where that is little, worked out anew."""
        draft, by = _draft(), actor()
        station = request.args.get("station", type=int)
        try:
            release = released_by(draft)
            if station is None and not is_small(Ground.of(release, by)):
                abort(404)
            with tempfile.TemporaryDirectory(prefix="preview-") as room:
                path = Path(room) / "rows.xlsx"
                write(path, draft, by, station)
                # Opened before the folder goes; on Windows the file itself stays until it is sent.
                stream = tempfile.SpooledTemporaryFile(max_size=8_000_000)  # noqa: SIM115
                stream.write(path.read_bytes())
                stream.seek(0)
            return send_file(stream, as_attachment=True, download_name=file_name(draft))
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".index", draft=draft.id))

    @expose("/stations/")
    @right("see")
    def stations(self):
        """Stations of the draft's division, for the picker."""
        low, high = subtree(_draft().division)
        where = [(Station.division >= low) & (Station.division < high)]
        return as_json(look_up(Station, request.args.get("q", ""), where))


def _draft() -> PolicyDraft:
    found: PolicyDraft = find(PolicyDraft, request.values.get("draft", type=int), actor())
    return found


def _picked(by: Actor) -> Station | None:
    """The station that is looked at, where it is one of this person's."""
    key = request.args.get("station", type=int)
    try:
        return find(Station, key, by) if key else None
    except Refusal:
        return None


def _running(draft: PolicyDraft, by: Actor) -> Job | None:
    """This person's job on this draft that has not ended."""
    mine = Job.select().where(
        Job.asked_by == by.account_id, Job.kind == "policy_preview", Job.state.in_(("waiting", "running"))
    )
    return next((job for job in mine.order_by(Job.id.desc()) if job.params.get("draft") == draft.id), None)


def _file(kept: PolicyPreview | None, by: Actor) -> str:
    """Where the workbook of a kept preview is fetched: from the job of whoever asked for it, while it is there."""
    job = Job.get_or_none(Job.id == kept.job, Job.asked_by == by.account_id) if kept and kept.job else None
    there = job is not None and (jobs.folder_of(job.id) / job.file_name).exists()
    return url_for("jobs.file_view", job_id=job.id) if job is not None and there else ""


@dataclass(frozen=True)
class Change:
    """One parameter that the draft changes, in words."""

    label: str
    unit: str
    before: str
    after: str


def _changes(ground: Ground) -> list[Change]:
    """What the draft changes of its topic: for its own division, and where that is nothing, for the first that it
    touches below."""
    code = ground.draft.division
    pair = Pair(
        ground.book.on(ground.draft.topic, code, ground.day),
        ground.book.with_release(ground.draft).on(ground.draft.topic, code, ground.day),
    )
    if not pair.differs and ground.pairs:
        pair = next(iter(ground.pairs.values()))
    say = Words()
    return [
        Change(spec.metadata["label"], spec.metadata["unit"], _said(name, was, say), _said(name, now, say))
        for name, spec in parameters(TOPICS[ground.draft.topic]).items()
        if (was := getattr(pair.before.rule, name)) != (now := getattr(pair.after.rule, name))
    ]


def _said(name: str, value: Any, say: Words) -> str:
    """A value in words; a list of rows as a line each."""
    if isinstance(value, tuple) and value and hasattr(value[0], "__dataclass_fields__"):
        return "\n".join(_row(row, say) for row in value)
    return worded(say(name, value))


def _row(row: Any, say: Words) -> str:
    """一星级 100 小时 县级: a row of a table parameter in one line, a yes only where it is one."""
    parts = []
    for name, spec in parameters(type(row)).items():
        value, unit = getattr(row, name), spec.metadata["unit"]
        if isinstance(value, bool):
            parts += [worded(spec.metadata["label"])] if value else []
        elif isinstance(value, int) and name != "star":
            low = spec.metadata["low"] or 0
            parts += [f"{worded(spec.metadata['label'])} {value:,} {worded(unit)}"] if value > low or name == "at" else []
        else:
            parts.append(worded(say(name, value)))
    return " ".join(parts)


def file_name(draft: PolicyDraft) -> str:
    """预演_回馈兑换_五华区_20260601起.xlsx"""
    return f"预演_{title_of(draft.topic)}_{names_of([draft.division])[draft.division]}_{draft.since:%Y%m%d}起.xlsx"


def write(
    path: Path, draft: PolicyDraft, by: Actor, station: int | None = None, progress: Any = None
) -> tuple[Ground, Outcome]:
    """Work a draft out and write every row to ``path``, with a trace of it, for people's names leave the house."""
    with Book(path) as book:
        ground, out = preview(released_by(draft), by, station, progress=progress, sink=book.add)
        where = ground.stations[station] if station else names_of([draft.division])[draft.division]
        book.finish(ground, out, f"{where} 政策预演")
        rows = sum(one.count for one in out.figures.values())
        trail(by, "export", "policy_draft", draft.id, station=station, after={"rows": rows})
    return ground, out


@kind("policy_preview", lambda _: ("enter", "policy_drafts"))
def work_out(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    """Work a whole draft out, with every row in a workbook, and keep what was found beside the draft."""
    draft = find(PolicyDraft, job.params["draft"], by)
    basis, name = basis_of(draft), file_name(draft)
    ground, out = write(folder / name, draft, by, progress=job.progress)
    PolicyPreview.keep(draft, basis, ground, out, by, job.id)
    (folder / MADE).write_text(str(draft.id), "utf-8")
    said = {one.figure.label: f"{one.count:,} {one.figure.unit}" for one in out.figures.values()}
    return name, said | {LOOKED[what]: f"{count:,}" for what, count in out.looked.items()}


jobs.LEADS_TO["policy_preview"] = (MADE, "policy_previews.made")
