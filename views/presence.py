"""签到与到岗 (方案 二(4)(5)): the presses as a list, and of one activity who is there, its kiosks, its codes and its records."""

from typing import Any, ClassVar

from flask import Response, flash, make_response, redirect, request, url_for
from flask_admin import expose

from models import clock, kiosks, presence, present, vocabulary
from models.activities import Activity
from models.keying import LinesRefused
from models.kiosks import Kiosk, rule_of
from models.presence import Punch
from models.refusals import NotFound, Refusal
from models.scope import find
from models.volunteers import Volunteer
from views.asking import actor, allowed
from views.base import StageView
from views.drawn import qr
from views.gate import right
from views.here import moment_of
from views.kiosk import let_in
from views.named import Named
from views.wording import worded

REFRESH = 30  # seconds between two looks at who is there


class PunchScreen(StageView):
    model = Punch
    title = "签到"
    step = "开展活动"
    columns = "at what volunteer.name volunteer.card_no activity.name how why says entered_at station state"
    search = "volunteer.name volunteer.card_no activity.name"
    filter_by = "state station activity at"
    order = "-at"
    sortable = "at"
    opens = {"volunteer.name": (Volunteer, "volunteer"), "activity.name": (Activity, "activity")}
    detail_groups = [("签到", "volunteer activity at what how why says off_seconds kiosk assignment entered_at state station")]
    named: ClassVar[dict[str, Named]] = {"held": Named("签到待核对", Punch.waiting, "recorder head")}
    empty = "还没有签到。到「活动」里选一次活动，点「签到与到岗」，打开签到屏或签到台。"


class Presence:
    """What the screen of activities does for signing in on the spot."""

    @expose("/presence/")
    @right("see", "punches")
    def presence_view(self) -> str:
        """Who is there, who is not, which presses wait, which kiosks stand: ``?id=``. Refreshes itself."""
        return self._presence(find(Activity, request.args.get("id"), actor()))

    def _presence(self, row: Activity, code: str = "", lines: Any = ()) -> str:
        people, may = present.who_is_there(row.id), allowed("enter", "punches")
        standing = Kiosk.select().where(Kiosk.activity == row.id, Kiosk.closed_at.is_null()).order_by(Kiosk.id)
        return self.render(
            "desk/presence.html", row=row, people=people, counts=present.counts(people), held=present.held_of(row.id),
            may=may, now=clock.now(), today=clock.today(), kiosks=list(standing), code=code, minutes=kiosks.CODE_MINUTES,
            ready=present.ready_of(row) if allowed("enter", "records") else None, rule=rule_of(row), show=self.show,
            quality=vocabulary.choices("quality"), lines=lines, refresh=REFRESH, address=url_for("kiosk.page", _external=True),
            moves=Punch.life.moves,
        )  # fmt: skip

    @expose("/kiosk/", methods=("POST",))
    @right("enter", "kiosks")
    def kiosk_view(self) -> Response | str:
        """Offer a kiosk: its code is shown this once. Or open the screen or the kiosk in this very browser."""
        by, key = actor(), request.form.get("id")
        here = request.form.get("here", "")
        try:
            if here:
                kiosk, token = kiosks.open_here(key, by)
                where = url_for("kiosk.screen" if here == "screen" else "kiosk.page")
                return let_in(make_response(redirect(where)), kiosk, token)
            kiosk, code = kiosks.offer(key, by)
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".presence_view", id=key))
        return self._presence(kiosk.activity, code)

    @expose("/kiosk/close/", methods=("POST",))
    @right("close", "kiosks")
    def close_view(self) -> Response:
        """Its token is worth nothing from now on."""
        row = kiosks.close(request.form.get("id"), actor())
        flash(worded("签到台已关闭。"), "good")
        return redirect(self.get_url(".presence_view", id=row.activity_id))

    @expose("/sign/", methods=("POST",))
    @right("enter", "punches")
    def sign_view(self) -> Response:
        """Sign somebody in or out by hand, with a reason."""
        form = request.form
        try:
            turn = find(presence.Assignment, form.get("turn"), actor())
            presence.by_hand(
                turn.id, form.get("into") == "1", form.get("reason", ""), actor(),
                at=moment_of(turn.starts_at.date(), form.get("at", "")), companion=form.get("companion", ""),
            )  # fmt: skip
        except NotFound:
            raise
        except (Refusal, ValueError) as no:
            flash(str(no), "bad")
        else:
            flash(worded("已代签。"), "good")
        return redirect(self.get_url(".presence_view", id=turn.activity_id))

    @expose("/presence/record/", methods=("POST",))
    @right("enter", "records")
    def record_view(self) -> Response | str:
        """Make drafts of records from what presence says, whole or not at all."""
        row = find(Activity, request.form.get("id"), actor())
        try:
            paper, kept = present.record(row.id, actor(), request.form.get("content", "").strip(), request.form.get("quality", ""))
        except LinesRefused as no:
            return self._presence(row, lines=[finding.says for finding in no.findings])
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".presence_view", id=row.id))
        flash(worded("已由签到生成 %(count)s 条服务记录（草稿），请核对后提交。", count=len(kept)), "good")
        return redirect(url_for("sheets.details_view", id=paper.id))

    @expose("/presence/code/")
    @right("print", "punches")
    def code_view(self) -> Response | str:
        """A code on paper, which holds on the activity's day alone."""
        key = request.args.get("id")
        try:
            row, code = presence.sheet_code(key, actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".presence_view", id=key))
        target = request.host_url.rstrip("/") + url_for("here.scan", code=code)
        return self.render(
            "paper/here.html", activity=row, code=qr(target, "m"), target=target, back=self.get_url(".presence_view", id=row.id)
        )
