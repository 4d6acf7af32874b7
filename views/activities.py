"""开展活动 (方案 二(4)): activities of the projects."""

from models.activities import Activity
from models.projects import Project
from views.base import StageView


class ActivityScreen(StageView):
    model = Activity
    title = "活动"
    step = "开展活动"
    columns = "name project day starts_at ends_at place lead social_worker state"
    search = "name project.name"
    filter_by = "state station day"
    order = "-day"
    sortable = "day"
    form_groups = [
        ("活动", "name project day starts_at ends_at place lead social_worker headcount"),
        ("内容", "content"),
    ]
    detail_groups = [
        ("活动", "name project day starts_at ends_at place lead social_worker headcount state station"),
        ("内容", "content"),
    ]
    details_template = "desk/activity.html"
    empty = "还没有活动。项目发布后就可以安排活动。"

    def pickable(self, name):
        return [Project.state == "published"] if name == "project" else []
