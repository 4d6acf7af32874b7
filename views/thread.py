"""需求 → 项目 → 活动 → 记录 → 入账: where a page stands on the way from what was needed to the hours account."""

from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from peewee import Expression, fn

from models.activities import Activity
from models.base import BaseModel
from models.hours import Entry
from models.needs import Need
from models.projects import Project
from models.records import DEAD, ServiceRecord
from models.rosters import need_of
from models.scope import Actor, within
from rules.access import may
from views.cells import terms
from views.wording import worded

SHOWN = 2  # needs or activities named on one step; the rest are counted


@dataclass
class Step:
    """One stage of the way: what is there, with its doors, and how much more."""

    title: str
    here: bool = False
    links: list[tuple[str, str]] = field(default_factory=list)
    more: str = ""


def thread(row: BaseModel, by: Actor) -> list[Step]:
    """The five steps as they are for this row, none for a row that is not on that way; a handful of statements."""
    project, activity, record, since = None, None, None, None
    if isinstance(row, ServiceRecord):
        record, activity, project = row, row.activity, row.activity.project
    elif isinstance(row, Activity):
        activity, project = row, row.project
    elif isinstance(row, Need):
        project, since = row.project, row.dispatched_on
    elif isinstance(row, Project):
        project = row
    else:
        return []
    if not may(by.role, "see", "needs"):
        return []
    steps = [
        _needs(row, project, by),
        Step("项目", isinstance(row, Project), [_door(project, project.name)] if project else []),
        _activities(activity, project, since),
        *_records(record, activity, project, since, by),
    ]
    steps[2].here = row is activity
    return steps


def _door(row: BaseModel, label: str) -> tuple[str, str]:
    return label, url_for(f"{row.resource}.details_view", id=row._pk)


def _needs(row: BaseModel, project: Project | None, by: Actor) -> Step:
    """The need itself; of a record the one that her turn was for; else those that the project answers."""
    if isinstance(row, Need):
        return Step("需求", True, [_door(row, _said(row))])
    if isinstance(row, ServiceRecord) and (need := need_of(row, by)) is not None:
        return Step("需求", links=[_door(need, _said(need))])
    rows = list(Need.of_project(project.id).where(within(Need, by)).limit(SHOWN + 1))
    step = Step("需求", links=[_door(one, _said(one)) for one in rows[:SHOWN]])
    if len(rows) > SHOWN:
        step.more = worded("共 %(count)s 条", count=Need.of_project(project.id).where(within(Need, by)).count())
    return step


def _said(need: Need) -> str:
    return f"{need.id} {terms('category').get(need.category, '')}"


def _of(project: Project, since: Any) -> Expression:
    found = (Activity.project == project.id) & (Activity.state != "cancelled")
    return found & (Activity.day >= since) if since else found


def _activities(activity: Activity | None, project: Project | None, since: Any) -> Step:
    step = Step("活动")
    if activity is not None:
        step.links = [_door(activity, str(activity))]
    elif project is not None:
        rows = Activity.select().where(_of(project, since))
        step.links = [
            _door(one, str(one)) for one in rows.order_by(Activity.day.desc(), Activity.id.desc()).limit(SHOWN)
        ]
        count = rows.count()
        step.more = worded("共 %(count)s 次", count=count) if count > SHOWN else ""
    return step


def _records(record: ServiceRecord | None, activity, project, since, by: Actor) -> tuple[Step, Step]:
    kept, posted = Step("记录"), Step("入账")
    if record is not None:
        kept.here, kept.links = True, [_door(record, f"{record.started_at:%Y-%m-%d} {record.minutes / 60:.2f}")]
        entry = Entry.select(Entry.id).where(Entry.record == record.id, within(Entry, by)).order_by(Entry.id).first()
        if entry:
            posted.links = [(worded(record.state_label), url_for("hours.details_view", id=entry.id))]
        return kept, posted
    if project is None:
        return kept, posted
    where = ServiceRecord.activity == (activity.id if activity else None)
    if activity is None:
        where = ServiceRecord.activity.in_(Activity.select(Activity.id).where(_of(project, since)))
    counted = (
        ServiceRecord.select(ServiceRecord.state, fn.COUNT(1), fn.SUM(ServiceRecord.minutes))
        .where(where, ServiceRecord.state.not_in(DEAD))
        .group_by(ServiceRecord.state)
    )
    lines = [(state, count, minutes) for state, count, minutes in counted.tuples()]
    for step, rows in (kept, lines), (posted, [line for line in lines if line[0] == "posted"]):
        if rows:
            hours = f"{sum(minutes for *_, minutes in rows) / 60:.2f}"
            step.more = worded("%(count)s 条，%(hours)s 小时", count=sum(n for _, n, _ in rows), hours=hours)
    return kept, posted
