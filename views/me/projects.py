"""报名 (方案 二(2); 条例第十二、十五、十六条): a project's posts, what each asks for, and what of it does not fit her."""

from collections.abc import Sequence

from flask import abort, request
from werkzeug.wrappers import Response

from models.applications import Application, count_places
from models.eligibility import judge
from models.projects import OPENLY, Post, Project
from models.stations import Station
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.projects import LIVE
from rules.reading import clean
from views.gate import right
from views.me.frame import asked, me, page_number, pages, part, shown
from views.wording import worded

MOST_POSTS = 30  # of one project


@pages.get("/projects")
@right("see", "me")
def projects() -> str:
    """Projects that recruit now, those of her own station first."""
    person, page = me(), page_number()
    rows = Project.select(Project, Station).join(Station).where(Project.recruits(), Project.recruiting.in_(OPENLY))
    rows = rows.order_by((Project.station == person.station_id).desc(), Project.starts_on.desc(), Project.id.desc())
    found, more = part(rows, page)
    return shown("projects", person, rows=found, page=page, more=more)


@pages.get("/projects/<int:key>")
@right("see", "me")
def project(key: int) -> str:
    """Conditions, risks, guarantees, and each post with the places left and what does not fit her."""
    return _project(key)


@pages.post("/projects/<int:key>")
@right("apply", "me")
def apply(key: int) -> Response | str:
    """She applies for a post of this project."""
    person, note = me(), clean(request.form.get("note", ""))
    post = Post.get_or_none(Post.id == request.form.get("post", type=int), Post.project == key)
    if post is None:
        return _project(key, worded("请选择这个项目的一个岗位。"))
    if not _open_to(post.project, person):
        abort(404)
    return asked(
        lambda by: Application.apply(post.id, person.id, by, note), "已报名，等站长审核。", "me.applications",
        lambda no: _project(key, no, post.id, note),
    )  # fmt: skip


def _project(key: int, wrong: str = "", about: int = 0, typed: str = "") -> str:
    person = me()
    row = Project.select(Project, Station).join(Station).where(Project.id == key).first()
    if row is None or not _open_to(row, person):
        abort(404)
    posts = list(Post.select().where(Post.project == row.id, Post.open).order_by(Post.id).limit(MOST_POSTS))
    count_places(posts)
    mine = Application.select(Application, Post).join(Post).where(
        Application.project == row.id, Application.volunteer == person.id, Application.state.in_(LIVE)
    )  # fmt: skip
    recruits = Project.select().where(Project.id == row.id, Project.recruits(), Project.recruiting.in_(OPENLY)).exists()
    return shown(
        "project", person, row=row, posts=posts, fits=_fits(posts, person), current=mine.first(), recruits=recruits,
        wrong=wrong, about=about, typed=typed,
    )  # fmt: skip


def _open_to(row: Project, person: Volunteer) -> bool:
    """A published project that recruits openly or in a team, and one that she has applied for or was invited to."""
    if row.state == "published" and row.recruiting in OPENLY:
        return True
    mine = Application.select().where(Application.project == row.id, Application.volunteer == person.id)
    return row.state != "draft" and mine.exists()


def _fits(posts: Sequence[Post], person: Volunteer) -> dict[int, list[Finding]]:
    """What keeps her from each post, by its key; a handful of statements for all of them."""
    rows = [Application(id=post.id, post=post.id, volunteer=person.id) for post in posts]  # never stored: keyed by the post
    return {key: found for key, found in judge(rows).items() if key is not None} if rows else {}
