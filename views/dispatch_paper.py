"""派遣回复单 (domain 3.4): what a volunteer takes to the door, and what the household says of it afterwards."""

from flask import Response, flash, redirect, request
from flask_admin import expose

from models import printing
from models.refusals import NotFound, Refusal
from rules.identity import mask_address
from rules.needs import RISKS, SATISFACTIONS, URGENCIES
from views import cells
from views.asking import actor
from views.fitting import Leaf
from views.gate import right
from views.wording import worded

TURNS = 4  # that the sheet has room for; the leaf behind it has the others


class PrintsSlips:
    """What the screen of needs prints."""

    @expose("/slip/", methods=("GET", "POST"))
    @right("print")
    def slip_view(self) -> str | Response:
        """The slip of one need, its address masked; with the whole address where it is posted why."""
        key, reason = request.values.get("id"), request.form.get("reason", "")
        if request.method == "POST" and not reason.strip():
            flash(worded("请写明打印完整内容的理由。"), "bad")
            return redirect(self.get_url(".details_view", id=key))
        try:
            asked = printing.dispatch_slip(key, actor(), reason)
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=key))
        need, home = asked.need, asked.need.household
        door = (home.address or "") if asked.clear else mask_address(home.address or "")
        return self.render(
            "paper/dispatch.html", need=need, home=home, turns=asked.turns[:TURNS], others=asked.turns[TURNS:], leaf=Leaf(), door=door, clear=asked.clear, show=cells.show,
            urgency=dict(URGENCIES).get(need.urgency, ""), risk=dict(RISKS).get(need.risk, ""),
            ratings=[name for _, name in SATISFACTIONS], back=self.get_url(".details_view", id=need.id),
        )  # fmt: skip
