"""嘉许 (方案 二(6)): own awards through review and 公示, other bodies' on proof that another person checked."""

from flask import Response, flash, redirect, request
from flask_admin import expose

from models.honours import Honour
from models.refusals import Refusal
from models.teams import Team
from models.volunteers import Volunteer
from rules.honours import OWN
from views.asking import actor
from views.base import StageView
from views.diplomas import of_honour, page
from views.gate import right
from views.named import Named


class HonourScreen(StageView):
    model = Honour
    title = "嘉许"
    step = "激励回馈"
    columns = "title volunteer.name team.name level body given_on certificate_no station state"
    search = "volunteer.name volunteer.card_no team.name title body document_no certificate_no"
    filter_by = "state level station team given_on"
    ledger = "honours"
    opens = {"volunteer.card_no": (Volunteer, "volunteer")}
    named = {"unproven": Named("凭证明待核对", Honour.unproven)}
    form_groups = [
        ("嘉许", "volunteer team title level"),
        ("本站的嘉许", "deeds"),
        ("其他单位的嘉许", "body given_on document_no proof"),
    ]
    detail_groups = [
        (
            "嘉许",
            "volunteer volunteer.card_no team title level body given_on document_no certificate_no state station",
        ),
        ("依据", "deeds proof checked_by checked_on notice outcome"),
    ]
    details_template = "desk/honour.html"
    empty = "还没有嘉许。本站的嘉许审核、公示后授予；其他单位授予的，凭证书或文件核对后记入。"

    def required(self, form):
        outside = {"body", "given_on", "proof"} if form.level.data not in (None, "", OWN) else {"deeds"}
        return super().required(form) | outside

    def pickable(self, name):
        return {"volunteer": [Volunteer.state == "registered"], "team": [Team.state == "listed"]}.get(name, [])

    def vouch(self, rows):
        return {row._pk: row.deeds if row.level == OWN else row.proof for row in rows}

    def more(self, row):
        return {"may_print": self.may("print") and row.state == "granted"}

    @expose("/certificate/")
    @right("print")
    def certificate_view(self) -> str | Response:
        """荣誉证书 on A4; printing it leaves a trace."""
        row = self.get_one(request.args.get("id"))
        try:
            row.printed(actor())
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=row.id))
        back = self.get_url(".details_view", id=row.id)
        return page(of_honour(row), back)
