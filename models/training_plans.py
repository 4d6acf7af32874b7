"""年度培训计划 (方案 二(3): 培训工作要定期进行): what a station or a division means to teach in a year, against what it did.

What is done is never typed: it is counted from trainings that took place and from who was there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from peewee import CharField, Expression, ForeignKeyField, IntegerField, TextField, fn

from models.base import transaction
from models.courses import Attendance, Organised, Training
from models.fields import CodeField
from models.moves import Entered
from models.refusals import refuse
from models.scope import NOTHING, Actor, find, within
from models.stations import LEVELS
from models.vocabulary import unknown_codes
from rules import training as rules
from rules.divisions import level, subtree
from rules.findings import Finding
from rules.life import Move

RANKS = [name for name, _ in LEVELS]  # the province first


class TrainingPlan(Organised):
    """One year's plan of one station or one division."""

    resource = "training_plans"
    life = rules.TRAINING_PLAN
    editable = "year aims"

    year = IntegerField(verbose_name="年度", help_text="例如 2026")
    aims = TextField(default="", verbose_name="目标和要求")

    class Meta:
        indexes = ((("station", "state", "id"), False), (("division", "year"), False))

    def __str__(self) -> str:
        return f"{self.owner} {self.year} 年培训计划"

    def check(self, by: Actor) -> list[Finding]:
        if not 2000 <= (self.year or 0) <= 2100:
            return [Finding("year", f"年度应是四位数的年份，例如 2026，现在是 {self.year}。")]
        whose = (
            TrainingPlan.station == self.station_id
            if self.station_id
            else TrainingPlan.station.is_null() & (TrainingPlan.division == self.division_id)
        )
        if TrainingPlan.select().where(whose, TrainingPlan.year == self.year, TrainingPlan.id != self.id).exists():
            return [Finding("year", f"{self.year} 年的计划已经有了，请在原计划里修改。")]
        return []

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state != "draft":
            return [Finding("state", f"计划{self.state_label}，要改请先退回或调整。")]
        return super().may_amend(by)

    def may_submit(self, by: Actor) -> list[Finding]:
        if not self.lines.exists():
            return [Finding("state", "计划里还没有内容，请先新增计划项目。")]
        return []

    def may_issue(self, by: Actor) -> list[Finding]:
        """At a station somebody else issues it; a division has one supervisor, who answers for it alone."""
        if self.station_id and self.is_own(by):
            return [Finding("state", "不能审定自己录入的计划，请由另一位站长办理。")]
        return []

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        wanted = cls.theirs(by)
        if move.name == "issue" and by.station_id:
            for hand in (cls.entered_by, cls.amended_by):
                wanted &= hand.is_null() | (hand != by.account_id)
        return wanted & cls.id.in_(PlanLine.select(PlanLine.plan)) if move.name == "submit" else wanted

    def trainings(self) -> Expression:
        """Trainings that count for this plan: those that took place in its year, taught by its station or in its
        division; for a station those above it, too, where its own people were."""
        in_time = Training.day.between(date(self.year, 1, 1), date(self.year, 12, 31))
        taught = Training.state.in_(rules.TAUGHT) & in_time
        if self.station_id is None:
            low, high = subtree(str(self.division_id))
            return taught & (Training.division >= low) & (Training.division < high)
        sent = Attendance.select(Attendance.training).where(
            Attendance.station == self.station_id, Attendance.state == "attended"
        )
        return taught & ((Training.station == self.station_id) | (Training.station.is_null() & Training.id.in_(sent)))

    def part(self, planned: bool) -> Expression:
        """Trainings that count for this plan and that a line of it foresaw; or those that none did."""
        kinds = PlanLine.select(PlanLine.level, PlanLine.topic).where(PlanLine.plan == self.id).tuples()
        foreseen = NOTHING
        for rank, topic in kinds:
            of_kind = Training.level == rank
            foreseen |= of_kind & (Training.topic == topic) if topic else of_kind
        return self.trainings() & (foreseen if planned else ~foreseen)

    def people(self) -> Expression:
        """Attendances that count for this plan, of the trainings that do."""
        came = Attendance.state == "attended"
        return came & (Attendance.station == self.station_id) if self.station_id else came


class PlanLine(Entered):
    """So many sessions, minutes and people on one topic at one level."""

    resource = "training_plan_lines"
    editable = "plan level topic sessions minutes people note"

    plan = ForeignKeyField(TrainingPlan, backref="lines", verbose_name="年度计划")
    level = CharField(max_length=10, choices=LEVELS, default="community", verbose_name="级别")
    topic = CodeField(kind="training_topic", default="", verbose_name="主题", help_text="不分主题请留空")
    sessions = IntegerField(verbose_name="计划场次", help_text="场")
    minutes = IntegerField(verbose_name="计划学时", help_text="分钟，各场合计")
    people = IntegerField(verbose_name="计划人次", help_text="人次")
    note = CharField(max_length=120, default="", verbose_name="备注")

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        return cls.plan.in_(TrainingPlan.select(TrainingPlan.id).where(within(TrainingPlan, actor)))

    def __str__(self) -> str:
        return f"{self.plan} {dict(LEVELS)[self.level]}"

    def check(self, by: Actor) -> list[Finding]:
        findings = [*unknown_codes(self), *self.plan.may_amend(by)]
        for name in ("sessions", "minutes", "people"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1_000_000:
                findings.append(Finding(name, f"「{self.label(name)}」应在 0 到 1000000 之间。"))
        if not self.plan.station_id and RANKS.index(self.level) < RANKS.index(level(str(self.plan.division_id))):
            findings.append(Finding("level", "上级举办的培训不列入本级计划。"))
        twin = PlanLine.select().where(
            PlanLine.plan == self.plan_id,
            PlanLine.level == self.level,
            PlanLine.topic == self.topic,
            PlanLine.id != self.id,
        )
        if not findings and twin.exists():
            findings.append(Finding("topic", "计划里已有这个级别、这个主题的一项，请在那一项里修改。"))
        return findings

    def may_amend(self, by: Actor) -> list[Finding]:
        return self.plan.may_amend(by)

    def trainings(self) -> Expression:
        """Trainings that make up what is done of this line."""
        wanted = self.plan.trainings() & (Training.level == self.level)
        return wanted & (Training.topic == self.topic) if self.topic else wanted

    def covers(self, rank: str, topic: str) -> bool:
        """Whether a training of this level and topic is one that this line foresaw."""
        return rank == self.level and self.topic in ("", topic)

    def people_there(self) -> Expression:
        """Attendances that make up what is done of this line."""
        return self.plan.people() & Attendance.training.in_(Training.select(Training.id).where(self.trainings()))

    @classmethod
    def strike(cls, key: object, by: Actor) -> TrainingPlan:
        """Take a line out of a plan that is still a draft; the trail keeps what it said. Raises ``Refusal``."""
        row = find(cls, key, by, lock=True)
        if wrong := row.may_amend(by):
            raise refuse(wrong[0].says, "state")
        with transaction():
            row.trace(by, "strike", before=row.shown(row.editable.split()))
            row.delete_instance()
        return row.plan


@dataclass(frozen=True)
class Done:
    """Sessions, minutes and people: planned, or done."""

    sessions: int = 0
    minutes: int = 0
    people: int = 0

    def __add__(self, other: "Done") -> "Done":
        return Done(self.sessions + other.sessions, self.minutes + other.minutes, self.people + other.people)


@dataclass(frozen=True)
class Figures:
    """What is done: of each line by its key, of all that the plan foresaw, and of what it did not foresee."""

    lines: dict[int, Done]
    planned: Done
    outside: Done


def done(plan: TrainingPlan, lines: Sequence[PlanLine]) -> Figures:
    """What is done of a plan with these lines; two statements for all of them."""
    by_kind: dict[tuple[str, str], Done] = {}
    taught = (
        Training.select(Training.level, Training.topic, fn.COUNT(1), fn.SUM(Training.minutes))
        .where(plan.trainings())
        .group_by(Training.level, Training.topic)
    )
    for rank, topic, sessions, minutes in taught.tuples():
        by_kind[rank, topic] = Done(sessions, int(minutes))
    came = (
        Attendance.select(Training.level, Training.topic, fn.COUNT(1))
        .join(Training)
        .where(plan.trainings(), plan.people())
        .group_by(Training.level, Training.topic)
    )
    for rank, topic, people in came.tuples():
        by_kind[rank, topic] = by_kind.get((rank, topic), Done()) + Done(people=people)
    foreseen = {kind for kind in by_kind if any(line.covers(*kind) for line in lines)}
    return Figures(
        {line.id: sum((d for kind, d in by_kind.items() if line.covers(*kind)), Done()) for line in lines},
        sum((by_kind[kind] for kind in foreseen), Done()),
        sum((d for kind, d in by_kind.items() if kind not in foreseen), Done()),
    )
