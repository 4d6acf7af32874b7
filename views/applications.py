"""招募 (方案 二(2)): applications for posts, their review, and who waits for a place."""

from typing import Any

from flask import request

from models import applications
from models.applications import Application, judge
from models.projects import Post, Project
from models.scope import known
from models.volunteers import Volunteer
from rules.access import Role
from rules.projects import LIVE, OPEN
from views.asking import actor
from views.base import StageView
from views.named import Named
from views.wording import worded


class ApplicationScreen(StageView):
    model = Application
    title = "报名"
    step = "招募注册"
    columns = "volunteer.name volunteer.card_no project.name post.name way applied_on offer_until station state"
    search = "volunteer.name volunteer.card_no project.name"
    filter_by = "state project post station"
    form_groups = [("报名", "post volunteer way note")]
    detail_groups = [
        ("报名", "volunteer volunteer.card_no project post way note applied_on state station"),
        ("办理", "queued_at offered_at offer_until decided_on outcome by_herself policy"),
    ]
    named = {
        "pending": Named("待审核", Application.pending),
        "queued": Named("候补", Application.queued),
        "expiring": Named("24 小时内确认到期", Application.expiring, "recorder head"),
        "withdrew": Named("本人网上退出（7 天内）", Application.withdrew, "recorder head"),
    }
    opens = {"project.name": (Project, "project"), "post.name": (Post, "post")}
    details_template = "desk/application.html"
    empty = "还没有报名。项目发布后，在岗位页面为志愿者报名，或由站长邀请。"

    def trim(self, form):
        if actor().role != Role.HEAD:
            del form._fields["way"]
        elif request.method == "GET" and form.post.data:
            post = known(Post, form.post.data, actor())
            if post is not None and post.project.recruiting == "invited":
                form.way.data = "invited"

    def said_of_new(self, row: Application) -> str:
        """What comes next, and the skills that are missing."""
        said = [worded("已保存。")]
        if row.state == "offered":
            said = [worded("已邀请，请在 %(until)s 前确认。", until=f"{row.offer_until:%Y-%m-%d %H:%M}")]
        return "".join([*said, *(f.says for f in judge([row])[row.id])])

    def vouch(self, rows: list[Application]) -> dict[Any, str]:
        """What each person's papers say of the post, and the places left, in a handful of queries."""
        found, where = judge(rows), applications.places({row.post_id for row in rows})
        said = {}
        for row in rows:
            left = where[row.post_id].left
            fits = "；".join(f.says.rstrip("。") for f in found[row.id]) or worded("年龄、资质、技能都符合")
            said[row.id] = (
                f"{fits}{worded('；')}{worded('还有 %(count)s 个名额', count=left) if left else worded('名额已满')}"
            )
        return said

    def more(self, row: Application) -> dict[str, Any]:
        """Whether the person fits, while something is still to be decided; where she is now, if she moved meanwhile."""
        now = row.volunteer.station
        moved = {"now_at": now.name} if row.state in LIVE and now.id != row.station_id else {}
        if row.state not in OPEN:
            return moved
        return moved | {"fits": judge([row])[row.id], "places": applications.places([row.post_id])[row.post_id]}

    def pickable(self, name):
        if name == "post":
            return [Post.open, Post.project.in_(Project.select(Project.id).where(Project.recruits()))]
        return [Volunteer.state == "registered"] if name == "volunteer" else []
