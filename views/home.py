"""待办: the first page: what waits for me, how long, and the way there."""

from dataclasses import dataclass, field

from flask import flash, redirect, request, url_for
from flask_admin import AdminIndexView, expose

from models import clock, expiring, records
from models.refusals import Refusal
from models.scope import Actor
from views import backups, upwards
from views.account_checks import standing
from views.asking import actor, allowed
from views.audit_checks import broken
from views.first_steps import steps
from views.gate import right
from views.menu import STEPS
from views.named import Attention, attention
from views.waiting import CAP, Waiting, inbox
from views.wording import worded


@dataclass
class Group:
    """What waits for a person in one step of the plan: rows to move on, and lists to look at."""

    number: str
    title: str
    waiting: list[Waiting] = field(default_factory=list)
    lists: list[Attention] = field(default_factory=list)


def grouped(views, by: Actor) -> list[Group]:
    """The steps in the menu's order, those alone in which something waits."""
    groups = {title: Group(number, title) for number, title in STEPS}
    step_of = {view.endpoint: view.step for view in views if getattr(view, "step", "") in groups}
    for one in inbox(by):
        groups[step_of[one.model.resource]].waiting.append(one)
    for list_ in attention(views, by):
        groups[step_of[list_.endpoint]].lists.append(list_)
    return [group for group in groups.values() if group.waiting or group.lists]


class Home(AdminIndexView):
    """One inbox a role."""

    step = "工作台"
    resource = "home"
    entry = "index"

    def is_accessible(self) -> bool:
        return allowed("see", self.resource)

    @expose("/")
    @right("see")
    def index(self):
        by = actor()
        return self.render(
            "desk/home.html", groups=grouped(self.admin._views, by), cap=CAP, steps=steps(by), account=standing(by),
            log_broken=broken(by), machine=backups.standing(by),
            upwards=upwards.standing(by),
        )  # fmt: skip

    @expose("/clock/right/", methods=("POST",))
    @right("clock")
    def clock_is_right(self):
        """Whoever may says that the machine's clock is right."""
        if backups.trust_clock(actor()):
            flash(worded("已确认电脑的时间是对的。"), "good")
        return redirect(url_for("admin.index"))

    @expose("/clock/", methods=("POST",))
    @right("clock")
    def move_clock(self):
        """The demo station's clock, moved forward; what falls due by it is posted at once."""
        try:
            day = clock.move_demo_clock(request.form.get("days", 0, type=int))
        except Refusal as no:
            flash(str(no), "bad")
        else:
            posted = records.post_due()
            expiring.expire_due()
            flash(worded("演示时钟已到 %(day)s；期满公示入账 %(count)s 条。", day=day, count=posted), "good")
        return redirect(url_for("admin.index"))
