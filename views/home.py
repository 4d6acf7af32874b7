"""待办: the first page: what waits for me, how long, and the way there."""

from flask import flash, g, redirect, request, url_for
from flask_admin import AdminIndexView, expose

from models import clock, records
from models.refusals import Refusal
from views.asking import actor, at_the_desk
from views.first_steps import steps
from views.waiting import CAP, inbox
from views.wording import worded

# What waits, and the word that counts it.
NOUNS = {
    "volunteers": ("志愿者", "位"), "claims": ("登记认领", "个"), "projects": ("项目", "个"),
    "records": ("服务记录", "条"), "objections": ("异议", "条"), "corrections": ("更正", "条"),
    "stars": ("星级", "个"), "rewards": ("兑换单", "张"),
}  # fmt: skip


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
        return self.render("desk/home.html", waiting=inbox(actor()), cap=CAP, nouns=NOUNS, steps=steps(actor()))

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
