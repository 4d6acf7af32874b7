"""互认单位: other installations whose signatures count here, and our own card for them to take in."""

import json
from typing import Any

from flask import Response, flash, redirect, request
from flask_admin import expose
from wtforms import TextAreaField

from models.peers import Peer
from models.refusals import Refusal, refuse
from models.signing import describe, described, public_card
from views import uploads
from views.asking import actor
from views.base import StageView
from views.drawn import qr
from views.gate import right


class PeerScreen(StageView):
    model = Peer
    title = "互认单位"
    step = "政策与设置"
    columns = "name division fingerprint state confirmed_by confirmed_on entered_at"
    search = "name fingerprint"
    filter_by = "state"
    one_by_one = True
    form_groups = [("对方的公开名片", "card")]
    detail_groups = [
        ("单位", "name division url state"),
        ("核对", "fingerprint compared_with confirmed_by confirmed_on outcome entered_at"),
    ]
    list_template = "desk/peers.html"
    details_template = "desk/peer.html"
    empty = "还没有互认单位。把对方的公开名片登记在这里，由另一人核对指纹，以后就能不联网核验对方签发的证明。"

    def scaffold_form(self):
        form = super().scaffold_form()
        form.card = TextAreaField("公开名片", render_kw={"rows": 12})
        return form

    @expose("/file/", methods=("GET", "POST"))
    @right("enter")
    def file_view(self) -> Any:
        """The other side's card as the file that it handed out."""
        if request.method == "POST":
            try:
                row = Peer.take_in(_text(uploads.received(uploads.CARD).data), actor())
            except Refusal as no:
                flash(str(no), "bad")
            else:
                return redirect(self.get_url(".details_view", id=row.id))
        return self.render("desk/transfer_file.html", asks="从名片文件登记", kind=uploads.CARD)

    @expose("/own/", methods=("GET", "POST"))
    @right("enter")
    def own_view(self) -> Any:
        """What our card and the QR of our certificates say of us."""
        typed = described()
        if request.method == "POST":
            typed = {part: request.form.get(part, "")[:300] for part in typed}
            try:
                describe(typed["name"], typed["url"], actor())
            except Refusal as no:
                flash(str(no), "bad")
            else:
                return redirect(self.get_url(".card_view"))
        return self.render("desk/peer_describe.html", typed=typed, card=public_card())

    @expose("/card/")
    @right("print")
    def card_view(self) -> str | Response:
        """Our own card: to be read out, printed or sent. It holds public keys alone."""
        card = public_card()
        text = json.dumps(card, ensure_ascii=False, indent=1)
        if request.args.get("file"):
            says = {"Content-Disposition": 'attachment; filename="public-card.json"'}
            return Response(text, mimetype="application/json", headers=says)
        shown = json.dumps(card, ensure_ascii=False, separators=(",", ":"))
        back = self.get_url(".index_view")
        return self.render("paper/peer_card.html", card=card, qr=qr(shown, "l"), back=back, by=actor())


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse("这不是公开名片文件，请选对方系统导出的 public-card.json。", "file") from None
