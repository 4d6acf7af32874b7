"""组织培训 (方案 二(3)): trainings, who came to them, and the grid in which forty results are keyed at once."""

from typing import Any

from flask import Response, flash, redirect, request
from flask_admin import expose
from peewee import Case, fn

from models.attending import MOST_AT_ONCE, Mark, MarksRefused, candidates, enrol, mark
from models.courses import Attendance, Training, check_open
from models.moves import Staged
from models.projects import Project
from models.refusals import NotFound, Refusal
from models.scope import find, within
from models.seen import as_seen
from models.teams import Team
from models.training import Qualification
from models.training_plans import PlanLine, TrainingPlan
from rules.reading import half_width, whole_number
from rules.training import RESULTS
from views import lists
from views.asking import actor, allowed
from views.base import StageView
from views.below import Below
from views.gate import right
from views.named import Named
from views.seen import revisions
from views.wording import worded

MOST_SHOWN = 200  # people shown on a training's page and keyed in one grid
MARKED = [("enrolled", "未登记"), ("attended", "到场"), ("absent", "缺席")]


def of_plan(column: str) -> list[Any]:
    """The condition that ``?line=`` or ``?plan=`` puts on a list: the rows behind a figure of a yearly plan.

    ``column`` is "trainings" or "people". Raises ``NotFound`` for a stranger's plan.
    """
    by = actor()
    if key := request.args.get("line", type=int):
        line = find(PlanLine, key, by)
        return [line.trainings() if column == "trainings" else line.people_there()]
    if key := request.args.get("plan", type=int):
        plan = find(TrainingPlan, key, by)
        counted = plan.part(request.args.get("part") != "outside")
        if column == "trainings":
            return [counted]
        return [plan.people(), Attendance.training.in_(Training.select(Training.id).where(counted))]
    return []


def count_people(rows: list[Training]) -> None:
    """Set on each training how many are enrolled and how many came, as far as this person sees them; one query."""
    came = fn.SUM(Case(None, [(Attendance.state == "attended", 1)], 0))
    counted = (
        Attendance.select(Attendance.training, fn.COUNT(1), came)
        .where(
            Attendance.training.in_([row.id for row in rows]),
            Attendance.state != "withdrawn",
            within(Attendance, actor()),
        )
        .group_by(Attendance.training)
    )
    found = {key: (enrolled, int(there)) for key, enrolled, there in counted.tuples()}
    for row in rows:
        row.enrolled, row.came = found.get(row.id, (0, 0))


class TrainingScreen(StageView):
    model = Training
    takes_in = "training"
    title = "培训"
    step = "组织培训"
    columns = "name topic form level day minutes enrolled came organiser state"
    search = "name speaker organiser"
    filter_by = "state level topic day"
    order = "-day"
    sortable = "day"
    form_groups = [
        ("培训", "name topic form day starts_at ends_at place speaker organiser minutes capacity for_backbones"),
        ("考核和资质", "qualification valid_months"),
        ("内容", "content"),
    ]
    detail_groups = [
        (
            "培训",
            "name topic form level day starts_at ends_at place speaker organiser minutes capacity for_backbones",
        ),
        ("考核和资质", "qualification valid_months"),
        ("内容", "content"),
    ]
    named = {
        "unconfirmed": Named("举办已久、结果未确认", Training.unconfirmed, "recorder head supervisor"),
        "backbones": Named("骨干培训", Training.of_backbones),
    }
    below = [Below("颁发的资质", Qualification, "training", "volunteer.name kind granted_on expires_on state")]
    details_template = "desk/training.html"
    empty = "还没有培训。先新增一次培训，发布后给志愿者报名。"

    def where(self) -> list[Any]:
        return of_plan("trainings")

    def adorn(self, rows: list[Training]) -> None:
        count_people(rows)

    def more(self, row: Training) -> dict[str, Any]:
        """Who is on the list, as far as this person sees it, and what may be done for them."""
        people = _listed(row)
        count_people([row])
        mine = allowed("enter", "attendances")
        return {
            "people": people, "owner": row.owner, "theirs": row.is_theirs(actor()),
            "unmarked": sum(one.state == "enrolled" for one in people),
            "can_enrol": mine and not check_open(row, "enrol"), "can_mark": mine and not check_open(row, "attend"),
        }  # fmt: skip

    @expose("/enrol/", methods=("GET", "POST"))
    @right("enter", "attendances")
    def enrol_view(self) -> str | Response:
        """Tick whom to enrol: everybody, one team, the backbones, or whoever a search finds."""
        by = actor()
        row = find(Training, request.values.get("id", type=int), by)
        if request.method == "POST":
            try:
                done = enrol(row.id, request.form.getlist("volunteer", type=int), by)
                flash(worded("已报名 %(count)s 人。", count=done), "good")
                return redirect(self.get_url(".details_view", id=row.id))
            except NotFound:
                raise
            except Refusal as no:
                flash(str(no), "bad")
        team, project = _chosen(Team, "team"), _chosen(Project, "project")
        whom = candidates(row, by, team=team, project=project, backbones="backbones" in request.values)
        words = request.values.get("q", "").strip()
        whom = whom.where(*lists.matching(whom.model, ["name", "card_no"], words)).limit(MOST_SHOWN + 1)
        people = list(whom)
        return self.render(
            "desk/training_enrol.html", row=row, people=people[:MOST_SHOWN], more=len(people) > MOST_SHOWN, words=words,
            team=team, project=project, most=MOST_SHOWN, show=self.show, backbones="backbones" in request.values,
            chosen=set(request.form.getlist("volunteer", type=int)),
            teams=_offered(Team, "listed"), projects=_offered(Project, "published"),
        )  # fmt: skip

    @expose("/results/", methods=("GET", "POST"))
    @right("enter", "attendances")
    def results_view(self) -> str | Response:
        """The grid: who came, for how long, with what result; one press for all who are not marked yet."""
        by = actor()
        row = find(Training, request.values.get("id", type=int), by)
        people = [one for one in _listed(row) if one.station_id == by.station_id and one.state != "withdrawn"]
        wrong: dict[int, list[Any]] = {}
        typed = {one.id: _as_kept(one, row) for one in people}
        if request.method == "POST":
            typed = {one.id: _typed(one.id) for one in people}
            marks, wrong = _read(typed, request.form.get("rest", ""))
            try:
                if not wrong:
                    with as_seen(Attendance, _altered(people, marks), by, ("state", "minutes", "result")):
                        done = mark(row.id, marks, by)
                    flash(worded("已登记 %(count)s 人。", count=done), "good")
                    return redirect(self.get_url(".details_view", id=row.id))
            except NotFound:
                raise
            except MarksRefused as no:
                wrong = {key: [f.says for f in found] for key, found in no.lines.items()}
            except Refusal as no:
                wrong = {one.id: [f.says for f in no.findings if f.where == str(one.id)] for one in people}
                wrong = {key: said for key, said in wrong.items() if said}
                if not wrong:
                    flash(str(no), "bad")
        if wrong:
            flash(worded("有内容需要改正，没有保存：%(count)s 人。", count=len(wrong)), "bad")
        return self.render(
            "desk/training_results.html",
            row=row,
            people=people,
            typed=typed,
            wrong=wrong,
            marked=MARKED,
            results=RESULTS,
        )


def _chosen(model: type[Staged], name: str) -> int | None:
    """The team or project that the page is narrowed to. Raises ``NotFound`` for a stranger's."""
    key = request.values.get(name, type=int)
    return find(model, key, actor()).id if key else None


def _offered(model: type[Staged], state: str) -> list[Any]:
    mine = model.select().where(within(model, actor()), model.state == state)
    return list(mine.order_by(model.name).limit(MOST_SHOWN))


def _listed(row: Training) -> list[Attendance]:
    """The people of a training whom this person sees, in two statements."""
    mine = Attendance.select(Attendance.id).where(Attendance.training == row.id, within(Attendance, actor()))
    keys = [key for (key,) in mine.order_by(Attendance.station, Attendance.id).limit(MOST_SHOWN).tuples()]
    return lists.with_keys(Attendance, ["volunteer.name", "volunteer.card_no", "station.name"], keys)


def _as_kept(one: Attendance, row: Training) -> dict[str, str]:
    minutes = one.minutes if one.state == "attended" else row.minutes
    return {"state": one.state, "minutes": str(minutes), "result": one.result}


def _altered(people: list[Attendance], marks: list[Mark]) -> dict[str, int]:
    """The revisions that the page showed of those lines which it would change."""
    said = {one.id: one for one in marks}

    def differs(kept: Attendance) -> bool:
        one = said.get(kept.id)
        if one is None or one.state != kept.state:
            return one is not None
        return one.state == "attended" and (one.result, one.minutes or kept.minutes) != (kept.result, kept.minutes)

    changes = {str(one.id) for one in people if differs(one)}
    return {key: at for key, at in revisions().items() if key in changes}


def _typed(key: int) -> dict[str, str]:
    return {name: request.form.get(f"{name}-{key}", "").strip() for name in ("state", "minutes", "result")}


def _read(typed: dict[int, dict[str, str]], rest: str) -> tuple[list[Mark], dict[int, list[str]]]:
    """The grid as marks, and what could not be read; ``rest`` marks those left open as having come, with this result."""
    marks, wrong = [], {}
    for key, said in typed.items():
        if rest in dict(RESULTS) and said["state"] == "enrolled":
            said |= {"state": "attended", "result": rest}
        text = half_width(said["minutes"])
        minutes = whole_number(text, 6)
        if said["state"] == "attended" and text and minutes is None:
            wrong[key] = [worded("实到学时应是整数分钟，现在是「%(typed)s」。", typed=said["minutes"])]
            continue
        if said["state"] in dict(MARKED):
            marks.append(Mark(key, said["state"], minutes, said["result"] or "none"))
    return marks, wrong


class AttendanceScreen(StageView):
    model = Attendance
    title = "参训"
    step = "组织培训"
    columns = "volunteer.name volunteer.card_no training.name training.day training.topic training.level minutes result station state"
    search = "volunteer.name volunteer.card_no training.name"
    filter_by = "state result training volunteer station"
    ledger = "training"
    adds_up = True
    opens = {"training.name": (Training, "training")}
    detail_groups = [
        ("参训", "volunteer training training.day training.topic training.organiser minutes result state station"),
        ("登记", "marked_at entered_at"),
    ]
    empty = "还没有人参训。到「培训」里选一次培训，点「报名」。"

    def where(self) -> list[Any]:
        return of_plan("people")


assert MOST_SHOWN <= MOST_AT_ONCE
