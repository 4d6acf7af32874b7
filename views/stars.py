"""星级认定 (方案 二(6)): the case that each star is, with its evidence, its notice and its certificate."""

from flask import Response, flash, redirect, request
from flask_admin import expose

from models import policy
from models.hours import Balance
from models.notices import Objection
from models.refusals import Refusal
from models.stars import DIVISION_LABELS, StarGrant
from models.volunteers import Volunteer
from rules.stars import reaches
from views import decisions, doors
from views.asking import actor
from views.base import StageView
from views.diplomas import of_star, page
from views.gate import right
from views.named import Named
from views.policy import shown
from views.star_claims import Claiming


class StarScreen(Claiming, StageView):
    model = StarGrant
    title = "星级认定"
    step = "激励回馈"
    columns = "volunteer.name volunteer.card_no star honour_minutes recognised_by proposed_on notice.closes_on recognised_on certificate_no station state"
    search = "volunteer.name volunteer.card_no certificate_no"
    filter_by = "state star station recognised_on"
    ledger = "stars"
    opens = {"honour_minutes": (Balance, "volunteer"), "volunteer.card_no": (Volunteer, "volunteer")}
    takes_in = "stars"
    named = {
        "recheck": Named("待复核", StarGrant.under_review, "head"),
        "left": Named("该申报未申报", StarGrant.left_lying, "head supervisor"),
    }
    detail_groups = [
        ("星级", "volunteer volunteer.card_no star honour_minutes state station"),
        ("申报与审核", "origin listed_on proposed_on accepted_on accepted_by selection outcome proof"),
        ("公示与认定", "notice recognised_by recognised_on recogniser certificate_no void_nos policy"),
    ]
    list_template = "desk/stars.html"
    details_template = "desk/star.html"
    empty = "还没有候选。累计工时达到标准时会自动列出。"

    def _batch_moves(self):
        """A selection and a review are decided from their own lists, where only what they are about is ticked."""
        return [move for move in super()._batch_moves() if move.name not in ("select", "keep")]

    def vouch(self, rows):
        book = policy.book(topic="stars")
        return {
            row._pk: row.why if row.origin == "earlier"
            else row.outcome  # what was taken back, not what stood when it was recognised
            if row.state == "recheck"
            else reaches(row.star, row.honour_minutes, book.find(row.policy))
            for row in rows
        }

    def more(self, row):
        version = policy.book(topic="stars").find(row.policy)
        balance = Balance.get_or_none(Balance.volunteer == row.volunteer_id)
        objections = Objection.select().where(Objection.notice == row.notice_id, Objection.record == row.id)
        return {
            "rule": shown(version, str(row.station.division_id)), "why": row.why if row.origin == "earlier" else reaches(row.star, row.honour_minutes, version),
            "now": balance.honour if balance else 0, "whose": DIVISION_LABELS[row.recognised_by],
            "balance": doors.doors([row], {"volunteer": (Balance, "volunteer")}, actor()).get((row._pk, "volunteer")),
            "evidence": row.evidence, "stands": row.re_read(), "objections": list(objections) if row.notice_id else [],
            "may_print": self.may("print") and row.state == "recognised" and row.origin != "earlier",
            "decisions": decisions.shown(row),
            "turn": [f.says for f in row.out_of_turn()] if row.state in ("candidate", "refused", "revoked") else [],
        }  # fmt: skip

    @expose("/certificate/")
    @right("print")
    def certificate_view(self) -> str | Response:
        """星级证书 on A4; printing it leaves a trace."""
        row = self.get_one(request.args.get("id"))
        try:
            row.printed(actor())
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=row.id))
        return page(of_star(row), self.get_url(".details_view", id=row.id))
