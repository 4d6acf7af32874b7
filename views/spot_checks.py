"""抽查 (Order 67 arts. 20–22): what was drawn, what was found of each record, and the result station by station."""

from typing import Any, ClassVar

from flask import flash, redirect, request
from flask_admin import expose

from models.refusals import Refusal
from models.scope import ROOT, within
from models.seen import as_seen
from models.spot_checks import RESULTS, SpotCheck, SpotSample, record_results, tally
from models.stations import Division
from rules.divisions import subtree
from rules.reading import whole_number
from views import lists
from views.asking import actor, allowed
from views.base import StageView
from views.forms import DeskForm
from views.gate import right
from views.named import Named
from views.seen import revisions
from views.wording import worded

MOST_SHOWN = 100  # samples on a check's page; the rest stand in their own list
LINE = "record.volunteer.name record.activity.name record.started_at record.minutes record.content station.short_name"


def called_here(name: str) -> list[Any]:
    """Only divisions that the asker answers for."""
    low, high = subtree(actor().division or ROOT)
    return [Division.code >= low, Division.code < high] if name == "division" else []


class SpotCheckScreen(StageView):
    model = SpotCheck
    title = "抽查"
    step = "主要措施"
    columns = "title division starts_on ends_on size population drawn_at published_on state"
    search = "title"
    filter_by = "state starts_on"
    form_groups = [("抽查", "title division size starts_on ends_on method stations")]
    detail_groups = [
        ("抽查", "title division.full_name starts_on ends_on size method stations state"),
        ("抽样", "population seed drawn_at published_on"),
    ]
    details_template = "desk/spot_check.html"
    empty = "还没有抽查。督导定出区划、日期和条数，由电脑随机抽取，逐条核查后公布。"

    def required(self, form: DeskForm) -> set[str]:
        """The division is the asker's own where she names none."""
        return super().required(form) - {"division"}

    def pickable(self, name: str) -> list[Any]:
        return called_here(name)

    def more(self, row: SpotCheck) -> dict[str, Any]:
        by = actor()
        mine = within(SpotSample, by) & (SpotSample.spot_check == row.id)
        keys = SpotSample.select(SpotSample.id).where(mine).order_by(SpotSample.position).limit(MOST_SHOWN)
        return {
            "samples": lists.with_keys(SpotSample, LINE.split(), [key for (key,) in keys.tuples()]),
            "results": tally(mine),
            "can_record": allowed("amend", "spot_samples") and not row.check_recording(by),
        }  # fmt: skip

    @expose("/results/", methods=("GET", "POST"))
    @right("amend", "spot_samples")
    def results_view(self):
        """Every sample of a check on one page, with what was found of it."""
        by = actor()
        row = self.get_one(request.args.get("id"))
        if no := row.check_recording(by):
            flash(no[0].says, "bad")
            return redirect(self.get_url(".details_view", id=row.id))
        wrong: dict[str, list[str]] = {}
        if request.method == "POST":
            try:
                said = _said(request.form)
                with as_seen(SpotSample, _altered(row, said), by, ("result", "note")):
                    done = record_results(row.id, said, by)
            except Refusal as no:
                for finding in no.findings:
                    wrong.setdefault(finding.where.partition(".")[0], []).append(finding.says)
            else:
                flash(worded("已保存 %(count)s 条核查结果。", count=done), "good")
                return redirect(self.get_url(".details_view", id=row.id))
        keys = SpotSample.select(SpotSample.id).where(SpotSample.spot_check == row.id).order_by(SpotSample.position)
        return self.render(
            "desk/spot_results.html", row=row, wrong=wrong, typed=request.form, show=self.show,
            samples=lists.with_keys(SpotSample, LINE.split(), [key for (key,) in keys.tuples()]),
            results=[("", "—"), *((value, worded(label)) for value, label in RESULTS)],
        )  # fmt: skip


def _altered(row: SpotCheck, said: dict[int, dict[str, Any]]) -> dict[str, int]:
    """The revisions that the page showed of those samples whose finding it would change."""
    changes = {
        str(one.id) for one in row.samples
        if one.id in said and any(getattr(one, name) != value for name, value in said[one.id].items())
    }  # fmt: skip
    return {key: at for key, at in revisions().items() if key in changes}


def _said(form: Any) -> dict[int, dict[str, Any]]:
    keys = (name.removeprefix("result.") for name in form if name.startswith("result."))
    return {
        number: {"result": form[f"result.{key}"], "note": form.get(f"note.{key}", "").strip()}
        for key in keys
        if (number := whole_number(key)) is not None
    }


class SpotSampleScreen(StageView):
    model = SpotSample
    title = "被抽查的记录"
    step = "主要措施"
    columns = (
        "position spot_check record.volunteer.name record.activity.name record.started_at record.minutes result note "
        "station"
    )
    filter_by = "result spot_check station"
    form_groups = [("核查", "result note")]
    detail_groups = [
        ("核查", "spot_check position result note station"),
        ("服务记录", "record.volunteer record.activity record.started_at record.minutes record.content record.state"),
    ]
    named: ClassVar[dict[str, Named]] = {"unfilled": Named("待填写核查结果", SpotSample.unfilled, "supervisor")}
    opens = {"record.started_at": (SpotSample.record.rel_model, "record"), "spot_check": (SpotCheck, "spot_check")}
    empty = "没有被抽查的记录。督导抽样后，被抽到的记录列在这里。"
