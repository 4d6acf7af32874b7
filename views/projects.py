"""设计项目、发布信息 (方案 二(1)(2))."""

from typing import Any

from models.activities import Activity
from models.projects import Project
from views.activities import count_people
from views.base import StageView


class ProjectScreen(StageView):
    model = Project
    title = "项目"
    step = "需求与项目"
    columns = "name category recipients starts_on ends_on headcount station state"
    search = "name"
    filter_by = "state category recipients station"
    form_groups = [
        ("项目", "name category headcount starts_on ends_on place recipients"),
        ("岗位与要求", "posts conditions risks guarantees details"),
    ]
    detail_groups = [
        ("项目", "name category recipients headcount starts_on ends_on place state station"),
        ("岗位与要求", "posts conditions risks guarantees details"),
    ]
    details_template = "desk/project.html"
    empty = "还没有项目。先新增一个项目，由站长审核发布，再安排活动。"

    def more(self, row: Project) -> dict[str, Any]:
        """Its activities, newest first, with how many came to each."""
        activities = Activity.select().where(Activity.project == row.id)
        shown = list(activities.order_by(Activity.day.desc(), Activity.id.desc()).limit(MOST_ACTIVITIES))
        count_people(shown)
        return {"activities": shown, "count": activities.count()}


MOST_ACTIVITIES = 100  # shown on a project's page
