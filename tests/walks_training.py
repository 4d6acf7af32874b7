"""The ways through the lives of 组织培训."""

from datetime import timedelta

from models import clock
from models.attending import Mark, enrol, mark
from models.courses import Attendance, Training
from models.training import Backbone, Qualification
from models.training_plans import PlanLine, TrainingPlan
from walks import Walk


def course(cast, by=None, days_ago: int = 1, **more) -> Training:
    """A training of the day before (or so many days ago), a draft."""
    values = {
        "name": "急救基础", "topic": "03", "form": "lecture", "day": clock.today() - timedelta(days=days_ago),
        "place": "社区多功能厅", "speaker": "杨医生", "minutes": 120,
    } | more  # fmt: skip
    return Training.enter(by or cast.recorder, **values)


def held(cast, people, by=None, **more) -> Training:
    """A training that took place, with these people enrolled by the recorder of A."""
    row = course(cast, by, **more)
    for name in ("publish", "hold"):
        Training.move(row.id, name, by or cast.recorder)
    if people:
        enrol(row.id, [p.id for p in people], cast.recorder)
    return Training.get_by_id(row.id)


def passed(cast, people, by=None, **more) -> Training:
    """A training at which all of them passed, its results not yet confirmed."""
    row = held(cast, people, by, **more)
    keys = [a.id for a in Attendance.select().where(Attendance.training == row.id)]
    mark(row.id, [Mark(key, "attended", result="passed") for key in keys], cast.recorder)
    return row


def a_training(cast):
    return Training, course(cast).id


def a_county_training(cast):
    return Training, course(cast, cast.county).id


def an_attendance(cast):
    row = held(cast, [cast.registered()])
    return Attendance, Attendance.get(Attendance.training == row.id).id


def a_qualification(cast):
    row = Qualification.enter(
        cast.recorder, volunteer=cast.registered().id, kind="01", granted_on=clock.today(), proof="原件已看"
    )
    return Qualification, row.id


def a_backbone(cast):
    row = Backbone.enter(cast.recorder, volunteer=cast.registered().id, duty="带队入户", since=clock.today())
    return Backbone, row.id


def a_plan(cast, by=None):
    row = TrainingPlan.enter(by or cast.recorder, year=clock.today().year)
    PlanLine.enter(by or cast.recorder, plan=row.id, sessions=2, minutes=240, people=40)
    return TrainingPlan, row.id


def a_county_plan(cast):
    return a_plan(cast, cast.county)


WALKS = [
    Walk("trainings", a_county_training, "publish:county hold:county confirm:county reopen:county"),
    Walk("training_plans", a_county_plan, "submit:county issue:county"),
    Walk("trainings", a_training, "publish:recorder hold:recorder confirm:head reopen:head confirm:head"),
    Walk("trainings", a_training, "publish:head cancel:head"),
    Walk("attendances", an_attendance, "withdraw:recorder return:recorder attend:recorder miss:head attend:head"),
    Walk("qualifications", a_qualification, "refuse:head resubmit:recorder check:head revoke:head"),
    Walk("qualifications", a_qualification, "check:head void:system"),
    Walk("backbones", a_backbone, "confirm:head end:head"),
    Walk("backbones", a_backbone, "refuse:head"),
    Walk("training_plans", a_plan, "submit:recorder return:head submit:recorder issue:head adjust:head"),
]
