"""项目台账 (方案 二(1)(2)): each project with what it states to volunteers, and how far its recruiting has come."""

from peewee import JOIN, ModelSelect, fn

from models.applications import Application
from models.projects import Post, Project
from models.stations import Station
from models.teams import Team
from views.ledgers.columns import STATION, Column, Ledger


def _join(query: ModelSelect) -> ModelSelect:
    return query.join_from(Project, Station).join_from(Project, Team, JOIN.LEFT_OUTER)


_wanted = Post.select(fn.COALESCE(fn.SUM(Post.headcount), 0)).where(Post.project == Project.id)


def _people(*states: str) -> ModelSelect:
    """How many applications for a project have come there; all of them where no state is named."""
    counted = Application.select(fn.COUNT(1)).where(Application.project == Project.id)
    return counted.where(Application.state.in_(states)) if states else counted


PROJECTS = Ledger(
    "projects", "项目", "projects", Project,
    (
        STATION,
        Column(Project.name, width=24),
        Column(Project.category, "term", 12, words="category"),
        Column(Project.recipients, "codes", 20, words="recipient"),
        Column(Project.starts_on, "date", 11),
        Column(Project.ends_on, "date", 11),
        Column(Project.place, width=20),
        Column(Project.state, "state", 9),
        Column(Project.recruiting, "choice", 10),
        Column(Team.name, width=16, header="指定队伍", name="team"),
        Column(Project.apply_by, "date", 11),
        Column(Project.headcount, "int", 9, total=True),
        Column(_wanted, "int", 9, header="岗位人数", name="wanted", total=True),
        Column(_people(), "int", 9, header="报名人次", name="applied", total=True),
        Column(_people("accepted"), "int", 9, header="已录用", name="accepted", total=True),
        Column(_people("waiting", "offered"), "int", 9, header="候补和待确认", name="waiting", total=True),
        Column(Project.conditions, "long_text", 30),
        Column(Project.risks, "long_text", 30),
        Column(Project.guarantees, "long_text", 30),
        Column(Project.details, "long_text", 40),
    ),
    _join, order=Project.id, day=Project.starts_on, filters=("state", "category", "recruiting", "team"),
)  # fmt: skip
