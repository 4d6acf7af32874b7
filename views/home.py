"""待办: the first page: what waits for me, how long, and the way there."""

from flask import flash, g, redirect, request, url_for
from flask_admin import AdminIndexView, expose

from models import clock, records
from models.refusals import Refusal
from views.asking import actor, at_the_desk
from views.first_steps import steps
from views.named import attention
from views.waiting import CAP, inbox
from views.wording import worded


class Home(AdminIndexView):
    """One inbox a role."""

    step = "工作台"
    resource = "home"
    entry = "index"

    def is_accessible(self) -> bool:
        return at_the_desk()

    def inaccessible_callback(self, name, **kwargs):
        if g.get("actor") is None:
            return redirect(url_for("login", next="/admin/"))
        return redirect(url_for("me.index"))

    @expose("/")
    def index(self):
        by = actor()
        lists = attention(self.admin._views, by)
        return self.render("desk/home.html", waiting=inbox(by), lists=lists, cap=CAP, steps=steps(by))

    @expose("/clock/", methods=("POST",))
    def move_clock(self):
        """The demo station's clock, moved forward; what falls due by it is posted at once."""
        try:
            day = clock.move_demo_clock(request.form.get("days", 0, type=int))
        except Refusal as no:
            flash(str(no), "bad")
        else:
            posted = records.post_due()
            flash(worded("演示时钟已到 %(day)s；期满公示入账 %(count)s 条。", day=day, count=posted), "good")
        return redirect(url_for("admin.index"))
