"""汇入平台 (民政部令第67号第四条), the sending side: how records stand, batches, and where they go over the network."""

from flask import abort, current_app, flash, redirect, request, send_file, url_for
from flask_admin import expose

from models import upwards
from models.refusals import Refusal
from models.scope import Actor, find, within
from models.upwards import UpwardBatch, UpwardLink, UpwardRecord
from models.upwards_batches import again, mark_sent, take_answers, void
from models.upwards_rows import SOURCES
from rules.access import may
from rules.upwards import KIND_LABELS, TARGETS
from views import uploads
from views.asking import actor, allowed
from views.base import StageView
from views.below import Below
from views.gate import right
from views.jobs import start
from views.named import Named
from views.upwards_file import UPLOAD, read_answers
from views.upwards_work import file_of
from views.wording import worded

WHO = "head supervisor"
SHOWN = 50  # refused records that a batch's page gives with their reasons; the list has them all


class RecordScreen(StageView):
    model = UpwardRecord
    title = "汇入情况"
    step = "记录台账"
    columns = "station kind called gone target state lacking reason waiting_since batch"
    search = "called"
    filter_by = "station kind target state batch"
    named = {
        "lacks": Named("缺少内容", UpwardRecord.lacks, "head"),
        "refusals": Named("被退回", UpwardRecord.refusals, "head"),
        "silent": Named("长期没有接收", UpwardRecord.silent, WHO),
    }
    detail_groups = [
        ("记录", "station kind row called gone target"),
        ("汇入", "state lacking reason waiting_since batch accepted_at"),
    ]
    opens = {"batch": (UpwardBatch, "batch")}
    details_template = "desk/upward_record.html"
    empty = "还没有查看过有哪些记录要汇入。每天夜里自动查看一次；站长编批时也会查看。"

    def more(self, row):
        """Where what the platform refused is put right."""
        resource = SOURCES[row.kind][0].resource
        there = not row.gone and f"{resource}.details_view" in current_app.view_functions and allowed("see", resource)
        return {"own": url_for(f"{resource}.details_view", id=row.row) if there else ""}

    @expose("/again/", methods=("POST",))
    @right("send")
    def again_view(self):
        """What was refused for something wrong elsewhere goes into the next batch as it is."""
        row = find(UpwardRecord, request.values.get("id"), actor())
        try:
            again(row.id, actor())
        except Refusal as no:
            flash(str(no), "bad")
        else:
            flash(worded("已重新等待，编入下一批。"), "good")
        return redirect(self.get_url(".details_view", id=row.id))


class BatchScreen(StageView):
    model = UpwardBatch
    title = "汇入平台"
    step = "记录台账"
    columns = "number station target state records accepted refused made_at who note"
    filter_by = "station target state made_at"
    named = {
        "stuck": Named("没有送到平台", UpwardBatch.stuck, WHO),
        "to_send": Named("待报送", UpwardBatch.to_send, WHO),
        "unanswered": Named("待回执", UpwardBatch.unanswered, WHO),
    }
    detail_groups = [
        ("批次", "number station division target state made_at who note"),
        ("结果", "records accepted refused sent_at answered_at tries next_at"),
    ]
    below = [Below("这一批的记录", UpwardRecord, "batch", "kind called gone state reason")]
    list_template = "desk/upwards.html"
    details_template = "desk/upward.html"
    empty = "还没有批次。站长点「编批」，把新的和改动过的记录编成一批。"

    def more(self, row):
        return {
            "files": {form: file_of(row, self._jobs(), form) is not None for form in ("xlsx", "json")},
            "link": UpwardLink.of(row) if row.state in ("made", "sent") else None,
            "refused": list(UpwardRecord.select().where(
                UpwardRecord.batch == row.id, UpwardRecord.refusals(actor()), within(UpwardRecord, actor()),
            ).order_by(UpwardRecord.id).limit(SHOWN)) if row.refused else [],
        }  # fmt: skip

    def _jobs(self):
        return current_app.config["STATION"].instance / "jobs"

    def render(self, template, **kwargs):
        return super().render(template, targets=TARGETS, kinds=KIND_LABELS, **kwargs)

    @expose("/make/", methods=("POST",))
    @right("enter")
    def make_view(self):
        """Ask for batches of what is new or changed; one job at a time tells when it is done."""
        target = request.form.get("target", "")
        if target not in TARGETS:
            abort(400)
        job = start("upward_make", f"编批上报{TARGETS[target]}", target=target)
        return redirect(url_for("jobs.details_view", id=job.id))

    @expose("/file/")
    @right("export")
    def file_view(self):
        """The batch's workbook or JSON, while it lies there."""
        batch = find(UpwardBatch, request.args.get("id"), actor())
        form = request.args.get("form", "xlsx")
        path = file_of(batch, self._jobs(), form)
        if path is None:
            flash(worded("这一批的文件已过期清除。没有报送的，请作废后重新编批。"), "bad")
            return redirect(self.get_url(".details_view", id=batch.id))
        batch.trace(actor(), "download", file=path.name)
        return send_file(path, as_attachment=True, download_name=f"汇入_{path.name}")

    @expose("/send/", methods=("POST",))
    @right("send")
    def send_view(self):
        """Send it over the network: a job, which tries again where the platform is busy."""
        batch = find(UpwardBatch, request.values.get("id"), actor())
        try:
            UpwardLink.way(batch)
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=batch.id))
        job = start("upward_send", f"报送 {batch.number}", batch=batch.id)
        return redirect(url_for("jobs.details_view", id=job.id))

    @expose("/sent/", methods=("POST",))
    @right("send")
    def sent_view(self):
        """It was handed over by hand."""
        return self._done(lambda key: mark_sent(key, actor()), worded("已标记为报送，等平台的回执。"))

    @expose("/void/", methods=("POST",))
    @right("void")
    def void_view(self):
        return self._done(lambda key: void(key, actor(), request.form.get("reason", "")), worded("已作废，其中的记录重新等待编批。"))

    @expose("/answers/", methods=("POST",))
    @right("send")
    def answers_view(self):
        """The platform's answers, from a file."""
        batch = find(UpwardBatch, request.values.get("id"), actor())
        try:
            taken = take_answers(batch.id, read_answers(uploads.received(UPLOAD)), actor())
        except Refusal as no:
            flash(str(no), "bad")
        else:
            said = worded("已收回执：接收 %(yes)s 条，退回 %(no)s 条。", yes=taken.accepted, no=taken.refused)
            if taken.same:
                said += worded("以前收过 %(count)s 条。", count=taken.same)
            if taken.unknown:
                said += worded("另有 %(count)s 条不是这一批的，没有收。", count=taken.unknown)
            flash(said, "good")
        return redirect(self.get_url(".details_view", id=batch.id))

    def _done(self, work, says: str):
        batch = find(UpwardBatch, request.values.get("id"), actor())
        try:
            work(batch.id)
        except Refusal as no:
            flash(str(no), "bad")
        else:
            flash(says, "good")
        return redirect(self.get_url(".details_view", id=batch.id))


class LinkScreen(StageView):
    model = UpwardLink
    title = "平台网址"
    step = "政策与设置"
    columns = "station division target url active every done_for fault"
    filter_by = "target active every"
    form_groups = [("平台", "target url token active"), ("自动报送", "every weekday hour")]
    detail_groups = [
        ("平台", "station division target url token active hindrance"),
        ("自动报送", "every weekday hour next_send done_for fault"),
    ]
    empty = "没有登记平台网址，批次下载后手工上传。要由程序报送，请登记平台的网址和发给您的令牌。"


def standing(by: Actor) -> str:
    """What the first page says where nothing was accepted for long; blank where all is well or it is not hers to send."""
    if not may(by.role, "send", UpwardBatch.resource):
        return ""
    days, count = upwards.standing(by)
    if not count:
        return ""
    return worded("上级平台已经 %(days)s 天没有接收记录，还有 %(count)s 条在等。", days=days, count=count)
