"""账号: who may sign in, as what."""

from typing import Any, ClassVar

from flask import flash, redirect, request
from flask_admin import expose

from models import clock, people, second_factor, sessions
from models.audit import lately_stopped
from models.people import Account
from models.refusals import NotFound, Refusal
from models.scope import ROOT
from models.stations import Division
from rules.access import Role
from rules.divisions import subtree
from views.asking import actor
from views.base import StageView
from views.forms import offered
from views.gate import right
from views.named import Named
from views.wording import worded

# Whom an administrator gives an account here; a volunteer's is opened from her own page.
OFFERED = [Role.RECORDER, Role.HEAD, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN]


class PeopleScreen(StageView):
    model = Account
    title = "账号"
    step = "政策与设置"
    columns = "username name role station division active coded signed_in_at"
    search = "username name"
    filter_by = "role active"
    form_groups = [("账号", "username name role station division active")]
    detail_groups = [("账号", "username name role station division.full_name active coded one_time_until signed_in_at")]
    create_template = edit_template = "desk/account_form.html"
    details_template = "desk/account.html"
    named: ClassVar[dict[str, Named]] = {
        "curious": Named("查看敏感信息过多被拦下", lambda by: Account.id.in_(lately_stopped(by)), "head")
    }
    empty = "还没有账号。新增后要先设置密码，本人才能登录。"

    def shown_columns(self):
        """A head sees her own recorders only: role, station and division would say the same on every row."""
        names = super().shown_columns()
        return [n for n in names if n not in ("role", "division")] if actor().role == Role.HEAD else names

    def trim(self, form):
        if actor().role == Role.HEAD:
            for name in ("role", "station", "division"):
                del form._fields[name]
            return
        own = form.role.data if form.role.object_data == Role.VOLUNTEER.value else None
        roles = [r for r in Role if r in OFFERED or r.value == own]
        form.role.choices = offered([(r.value, r.label) for r in roles], blank=True)

    def required(self, form):
        return super().required(form) | {"station", "division"}  # whichever of the two the role shows

    def enter(self, said):
        if actor().role == Role.HEAD:
            said = {**said, "role": Role.RECORDER.value}
        return super().enter(said)

    def said_of_new(self, row):
        said = "已新增账号「%(name)s」，还不能登录：请在本页「设置密码」，再当面告知本人。"
        return worded(said, name=row.username)

    def pickable(self, name):
        if name != "division":
            return []
        low, high = subtree(actor().division or ROOT)
        return [Division.active, Division.code >= low, Division.code < high]

    def more(self, row):
        return {"sessions": sessions.of_account(row.id)}

    @expose("/reset/", methods=("POST",))
    @right("reset")
    def reset_view(self):
        """A one-time password for somebody, made by the program and shown once; they hear it from whoever asked."""
        key = request.form.get("id", type=int)
        try:
            account, password = people.reset_password(key, actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(worded(str(no)), "bad")
            return redirect(self.get_url(".details_view", id=key))
        return self.render("desk/one_time.html", **one_time(account, password), back=self.get_url(".details_view", id=key))

    @expose("/end-sessions/", methods=("POST",))
    @right("reset")
    def end_sessions_view(self):
        """Sign somebody out everywhere."""
        key = request.form.get("id", type=int)
        count = sessions.end_for(key, actor())
        flash(worded("已结束 %(count)s 处登录。", count=count), "good")
        return redirect(self.get_url(".details_view", id=key))

    @expose("/code-off/", methods=("POST",))
    @right("reset")
    def code_off_view(self):
        """Take the second factor of a lost phone off somebody's account."""
        key = request.form.get("id", type=int)
        try:
            second_factor.reset(key, actor(), request.form.get("reason", ""))
            flash(worded("已解除动态口令，本人可以只用密码登录；按政策须用的，下次登录时重新启用。"), "good")
        except NotFound:
            raise
        except Refusal as no:
            flash(worded(str(no)), "bad")
        return redirect(self.get_url(".details_view", id=key))


def one_time(account: Account, password: str) -> dict[str, Any]:
    """What the page that shows a one-time password says."""
    left = account.one_time_until - clock.wall()
    return {"account": account, "password": password, "days": max(1, round(left.total_seconds() / 86_400))}
