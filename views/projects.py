"""设计项目、发布信息 (方案 二(1)(2)): projects, and the posts for which they recruit."""

from typing import Any

from models.activities import Activity
from models.applications import Application, count_places
from models.needs import Need
from models.projects import Post, Project
from models.teams import Team
from views.activities import count_people
from views.base import StageView
from views.below import Below
from views.named import Named
from views.needs import DrawnFromNeeds
from views.wording import worded


class ProjectScreen(DrawnFromNeeds):
    model = Project
    title = "项目"
    step = "需求与项目"
    columns = "name category recipients starts_on ends_on recruiting headcount station state"
    search = "name"
    filter_by = "state category recipients recruiting station"
    form_groups = [
        ("项目", "name category headcount starts_on ends_on place recipients"),
        ("招募", "recruiting team apply_by"),
        ("如实告知", "conditions risks guarantees details"),
    ]
    detail_groups = [
        ("项目", "name category recipients headcount starts_on ends_on place state published_on station"),
        ("招募", "recruiting team apply_by conditions risks guarantees details"),
    ]
    below = [
        Below("岗位", Post, "project", "name headcount accepted offered waiting vacant minimum_age qualification open",
              adds=True, order="id"),
        Below("报名", Application, "project", "volunteer.name post.name way applied_on offer_until state"),
        Below("需求", Need, "project", "id household.name recipient.name category urgency due_on state"),
    ]  # fmt: skip
    ledger = "projects"
    takes_in = "projects"
    details_template = "desk/project.html"
    empty = "还没有项目。先新增一个项目，登记岗位，由站长审核发布，再安排活动。"

    def vouch(self, rows: list[Project]) -> dict[Any, str]:
        """What recruiting must state (条例 art. 12): all there, or what is missing."""
        keys = [row.id for row in rows]
        posted = {key for (key,) in Post.select(Post.project).where(Post.project.in_(keys), Post.open).tuples()}
        said = {}
        for row in rows:
            missing = "；".join(finding.says.rstrip("。") for finding in row.unsaid(posted))
            said[row.id] = missing or worded("条件、风险、保障、岗位都已写明")
        return said

    def more(self, row: Project) -> dict[str, Any]:
        """Its activities, newest first, with how many came to each; and what it must still state to be published."""
        activities = Activity.select().where(Activity.project == row.id)
        shown = list(activities.order_by(Activity.day.desc(), Activity.id.desc()).limit(MOST_ACTIVITIES))
        count_people(shown)
        unsaid = row.unsaid() if row.state in ("draft", "submitted") else []
        return {"activities": shown, "count": activities.count(), "unsaid": unsaid, "reach": self.reach(row)}

    def pickable(self, name):
        return [Team.state == "listed"] if name == "team" else []


MOST_ACTIVITIES = 100  # shown on a project's page


class PostScreen(StageView):
    model = Post
    title = "岗位"
    step = "招募注册"
    columns = "name project headcount accepted offered waiting vacant minimum_age qualification open station"
    search = "name project.name"
    filter_by = "project open qualification station"
    form_groups = [
        ("岗位", "project name headcount"),
        ("要求", "minimum_age qualification open conditions"),
        ("技能", "skills"),
    ]
    detail_groups = [
        ("岗位", "name project headcount accepted offered waiting vacant open station"),
        ("要求", "minimum_age qualification skills conditions"),
    ]
    below = [Below("报名", Application, "post", "volunteer.name way applied_on offer_until state", adds=True)]
    named = {"unfilled": Named("录用未满", Post.unfilled)}
    opens = {"project": (Project, "project")}
    empty = "还没有岗位。在项目页面登记岗位：写明人数、年龄、资质和技能要求。"

    def adorn(self, rows):
        count_places(rows)

    def get_one(self, id):
        row = super().get_one(id)
        count_places([row])
        return row

    def pickable(self, name):
        return [Project.state.in_(("draft", "submitted", "published"))] if name == "project" else []
