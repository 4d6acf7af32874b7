"""账号: who may sign in, as what."""

from typing import ClassVar

from flask import flash, redirect, request
from flask_admin import expose

from models import people
from models.audit import lately_stopped
from models.people import Account
from models.refusals import NotFound, Refusal, refuse
from models.scope import ROOT
from models.stations import Division
from rules.access import Role
from rules.divisions import subtree
from views.asking import actor
from views.base import StageView
from views.forms import offered
from views.named import Named
from views.wording import worded

# Whom an administrator gives an account here; a volunteer's is opened from her own page.
OFFERED = [Role.RECORDER, Role.HEAD, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN]


class PeopleScreen(StageView):
    model = Account
    title = "账号"
    step = "政策与设置"
    columns = "username name role station division active signed_in_at"
    search = "username name"
    filter_by = "role active"
    form_groups = [("账号", "username name role station division active")]
    detail_groups = [("账号", "username name role station division.full_name active signed_in_at")]
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

    @expose("/reset/", methods=("POST",))
    def reset_view(self):
        """Set a new password for somebody; they hear it from whoever set it."""
        key = request.form.get("id", type=int)
        try:
            if request.form.get("password") != request.form.get("again"):
                raise refuse("两次输入的密码不一样，没有设置。")
            people.reset_password(key, request.form.get("password", ""), actor())
            flash(worded("密码已设置，请当面告知本人，并请本人登录后自己修改。"), "good")
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
        return redirect(self.get_url(".details_view", id=key))
