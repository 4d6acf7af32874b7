"""设计项目、发布信息 (方案 二(1)(2))."""

from models.projects import Project
from views.base import StageView


class ProjectScreen(StageView):
    model = Project
    title = "项目"
    step = "设计项目"
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
    empty = "还没有项目。先新增一个项目，由站长审核发布，再安排活动。"
