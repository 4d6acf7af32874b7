"""汇入平台, the receiving side (a county as the platform): senders and their tokens, batches taken in, what was accepted."""

import json
from io import BytesIO

from flask import flash, make_response, redirect, request, send_file
from flask_admin import expose

from models.refusals import Refusal, refuse
from models.scope import find
from models.upwards_in import ReceivedBatch, ReceivedRecord, UpwardSender
from models.upwards_receive import Clash, receive
from rules.upwards import KIND_LABELS
from rules.upwards_checks import CODES, Malformed
from views import uploads
from views.asking import actor
from views.base import StageView
from views.below import Below
from views.gate import right
from views.upwards_file import UPLOAD, read_batch_file, write_answers
from views.wording import worded

SHOWN = 200  # answers that a page lists; the file has them all


class SenderScreen(StageView):
    model = UpwardSender
    title = "报送单位"
    step = "政策与设置"
    columns = "name division station_code received token_made_at token_revoked_at last_used_at active"
    search = "name"
    filter_by = "division active"
    form_groups = [("报送单位", "name division station_code active")]
    detail_groups = [
        ("报送单位", "name division station_code active"),
        ("令牌", "token_made_at token_revoked_at last_used_at"),
    ]
    below = [Below("收到的批次", ReceivedBatch, "sender", "number received_at records accepted refused")]
    details_template = "desk/upward_sender.html"
    empty = "还没有报送单位。本程序作为上级平台接收时，由管理员登记报送单位并发给令牌。"

    def adorn(self, rows):
        UpwardSender.count_received(rows)

    def more(self, row):
        UpwardSender.count_received([row])
        return {"counts": {label: row.counts[kind] for kind, label in KIND_LABELS.items() if kind in row.counts}}

    @expose("/token/", methods=("POST",))
    @right("token")
    def token_view(self):
        """A new token, shown in this very answer and never again."""
        row = find(UpwardSender, request.values.get("id"), actor())
        token = row.new_token(actor())
        answer = make_response(self.render("desk/upward_token.html", row=row, token=token, back=self.get_url(".details_view", id=row.id)))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/revoke/", methods=("POST",))
    @right("token")
    def revoke_view(self):
        row = find(UpwardSender, request.values.get("id"), actor())
        row.revoke(actor())
        flash(worded("令牌已收回，用它不能再报送。"), "good")
        return redirect(self.get_url(".details_view", id=row.id))


class ReceivedScreen(StageView):
    model = ReceivedBatch
    title = "收到的批次"
    step = "记录台账"
    columns = "sender number target received_at how records accepted refused"
    filter_by = "target received_at how"
    detail_groups = [("批次", "sender number target received_at how"), ("结果", "records accepted refused")]
    list_template = "desk/upward_received.html"
    details_template = "desk/upward_received_one.html"
    empty = "还没有收到批次。报送单位可以用接口报送，也可以把文件交来，在这里收。"

    def render(self, template, **kwargs):
        if template == self.list_template and self.may("take"):
            kwargs["senders"] = list(UpwardSender.select().where(UpwardSender.scope(actor()), UpwardSender.active).order_by(UpwardSender.name))
        return super().render(template, codes=CODES, kinds=KIND_LABELS, **kwargs)

    def more(self, row):
        refused = [one for one in row.answers if one["state"] == "refused"]
        return {"refused": refused[:SHOWN], "others": max(0, len(refused) - SHOWN)}

    @expose("/take/", methods=("POST",))
    @right("take")
    def take_view(self):
        """Take a batch in from a file, for the sender that is named."""
        sender = find(UpwardSender, request.values.get("sender"), actor())
        try:
            sent = uploads.received(UPLOAD)
            batch = _received(sender, sent)
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".index_view"))
        flash(worded("已收：接收 %(yes)s 条，退回 %(no)s 条。", yes=batch.accepted, no=batch.refused), "good")
        return redirect(self.get_url(".details_view", id=batch.id))

    @expose("/answers/")
    @right("take")
    def answers_view(self):
        """The answers as a file for the sender: a workbook, or JSON."""
        batch = find(ReceivedBatch, request.args.get("id"), actor())
        form = "json" if request.args.get("form") == "json" else "xlsx"
        made = BytesIO()
        if form == "json":
            made.write(json.dumps(batch.said(), ensure_ascii=False).encode())
        else:
            write_answers(made, batch.said())
        made.seek(0)
        return send_file(made, as_attachment=True, download_name=f"回执_{batch.number}.{form}")


def _received(sender: UpwardSender, sent: uploads.Upload) -> ReceivedBatch:
    try:
        return receive(sender, read_batch_file(sent), "file", actor())
    except Malformed as no:
        raise refuse(no.says) from None
    except Clash as no:
        raise refuse(f"批次号 {no} 已收过另一份内容；改动过的请用新的批次号。") from None


class ReceivedRecordScreen(StageView):
    model = ReceivedRecord
    title = "收到的记录"
    step = "记录台账"
    columns = "sender station_code kind record volunteer_no started_at hours accepted_at deleted_at"
    search = "volunteer_no station_code"
    filter_by = "kind started_at"
    detail_groups = [("记录", "sender batch station_code kind record volunteer_no started_at ended_at hours accepted_at deleted_at"), ("内容", "document")]
    details_template = "desk/upward_record_in.html"
    empty = "还没有接收的记录。"
