"""账号: who may sign in, as what."""

from flask import flash, redirect, request
from flask_admin import expose

from models import people
from models.people import Account
from models.refusals import Refusal
from views.asking import actor
from views.base import StageView


class PeopleScreen(StageView):
    model = Account
    title = "账号"
    step = "政策与设置"
    columns = "username name role station division active signed_in_at"
    search = "username name"
    filter_by = "role active"
    form_groups = [("账号", "username name role station division active")]
    detail_groups = [("账号", "username name role station division active signed_in_at")]
    details_template = "desk/account.html"

    @expose("/reset/", methods=("POST",))
    def reset_view(self):
        """Set a new password for somebody; they hear it from whoever set it."""
        key = request.form.get("id", type=int)
        try:
            people.reset_password(key, request.form.get("password", ""), actor())
            flash("密码已重置，请当面告知本人。", "good")
        except Refusal as no:
            flash(str(no), "bad")
        return redirect(self.get_url(".details_view", id=key))
