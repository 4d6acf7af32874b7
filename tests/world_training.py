"""A row of every table of 组织培训, of station A."""

from walks_training import a_backbone, a_plan, a_qualification, held

from models.courses import Attendance, Training
from models.training import Backbone, Qualification
from models.training_plans import PlanLine, TrainingPlan


def add(cast, keys) -> None:
    from models.volunteers import Volunteer

    row = held(cast, [Volunteer.get_by_id(keys[Volunteer])])
    keys[Training] = row.id
    keys[Attendance] = Attendance.get(Attendance.training == row.id).id
    keys[Qualification], keys[Backbone] = a_qualification(cast)[1], a_backbone(cast)[1]
    keys[TrainingPlan] = a_plan(cast)[1]
    keys[PlanLine] = PlanLine.get(PlanLine.plan == keys[TrainingPlan]).id
