"""采集需求、设计项目 (方案 二(1)): what people need, from the visit that found it to whoever says that it is met."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import CharField, DateField, Expression, ForeignKeyField, ModelSelect, TextField, fn

from models import clock, policy
from models.activities import Activity
from models.fields import CodeField
from models.households import Household, Recipient, Visit
from models.moves import Staged, whole
from models.private import Private
from models.projects import Project
from models.refusals import NotFound, refuse
from models.scope import EVERYTHING, Actor, held, within
from models.stations import KEY_DIGITS, station_field
from models.together import asked_once, is_together
from models.vocabulary import Term, names, unknown_codes
from rules import needs
from rules.findings import Finding
from rules.life import Move
from rules.reading import whole_number

PICKED = 20  # characters of a need's content in a picker


class Need(Private, Staged):
    """One thing that a household needs; met only when the people or the social worker say so (方案 四(4))."""

    resource = "needs"
    station_path = "station"
    life = needs.NEED
    editable = (
        "household recipient visit source collected_on collector category content urgency risk risk_note due_on"
    )
    names = "said_by rated_by"
    told = "content risk_note rating_note"

    station = station_field(backref="needs")
    household = ForeignKeyField(Household, backref="needs", verbose_name="所在户")
    recipient = ForeignKeyField(Recipient, null=True, backref="needs", verbose_name="服务对象",
                                help_text="全户的需求请留空")  # fmt: skip
    visit = ForeignKeyField(Visit, null=True, backref="needs", verbose_name="采集时的走访")
    again_of = ForeignKeyField("self", null=True, backref="told_again", verbose_name="上次办结的同类需求")
    source = CharField(max_length=10, choices=needs.SOURCES, default="visit", verbose_name="来源")
    collected_on = DateField(verbose_name="采集日期")
    collector = CharField(max_length=40, verbose_name="采集人")
    category = CodeField(kind="category", verbose_name="需求类别")
    content = TextField(verbose_name="需求内容")
    urgency = CharField(max_length=1, choices=needs.URGENCIES, default="1", verbose_name="紧急程度")
    risk = CharField(max_length=1, choices=needs.RISKS, default="1", verbose_name="风险")
    risk_note = TextField(default="", verbose_name="风险说明", help_text="志愿服务条例第十三条要求如实告知")
    due_on = DateField(null=True, verbose_name="期限")
    verified_how = CharField(max_length=10, choices=needs.VERIFIED, default="", verbose_name="核实方式")
    verified_by = CharField(max_length=40, default="", verbose_name="核实人")
    verified_on = DateField(null=True, verbose_name="核实日期")
    project = ForeignKeyField(Project, null=True, backref="needs", verbose_name="承接项目")
    handler = CharField(max_length=40, default="", verbose_name="承接人", help_text="服务队或志愿者")
    dispatched_on = DateField(null=True, verbose_name="派单日期")
    said_role = CharField(max_length=10, choices=needs.SAID, default="", verbose_name="谁说已办好")
    said_by = CharField(max_length=40, default="", verbose_name="确认人姓名")
    met_on = DateField(null=True, verbose_name="完成日期")
    satisfaction = CharField(max_length=1, choices=needs.SATISFACTIONS, default="", verbose_name="满意度")
    rated_by = CharField(max_length=40, default="", verbose_name="评价人")
    rating_note = TextField(default="", verbose_name="评价意见")
    rated_on = DateField(null=True, verbose_name="评价日期")
    refused_for = TextField(default="", verbose_name="拒绝理由")
    redispatched_for = TextField(default="", verbose_name="重新派单理由")
    policy = CharField(max_length=60, default="", verbose_name="政策版本")

    class Meta:
        indexes = (
            (("station", "state", "id"), False),
            (("household", "category", "met_on"), False),
            (("station", "collected_on"), False),
        )

    def __str__(self) -> str:
        return f"{self.id} 号需求"

    def in_clear(self) -> str:
        return f"{self.id} 号需求：{self.household.in_clear()}"

    @classmethod
    def in_full(cls, rows: Sequence["Need"]) -> dict[int, str]:
        """As a picker at the station shows them: whose, and what; one statement for all of them."""
        homes = {
            row.id: row for row in Household.select().where(Household.id.in_({row.household_id for row in rows}))
        }
        return {row.id: f"{row.id} 号 {homes[row.household_id].in_clear()}：{row.content[:PICKED]}" for row in rows}

    def prepare(self, by: Actor) -> None:
        if self.recipient_id and not self.household_id:
            self.household_id = self.recipient.household_id
        if self.household_id:
            self.station_id = self.household.station_id
        if self.household_id and self.category and self.collected_on:
            version = policy.in_force("needs", self.household.station, clock.today())
            self.policy, self.again_of = version.key, self._met_before(version.rule.again_days)

    def _met_before(self, days: int) -> "Need | int | None":
        """The household's last need of the same kind, if it was met so few days before this one was told."""
        if is_together():
            first, last = self.collected_on - timedelta(days=days), self.collected_on
            met = _met_at(self.station_id).get((self.household_id, self.category), [])
            return next((key for day, key in reversed(met) if first <= day <= last and key != self.id), None)
        earlier = Need.select().where(
            Need.household == self.household_id, Need.category == self.category, Need.state.in_(needs.MET),
            Need.met_on.between(self.collected_on - timedelta(days=days), self.collected_on),
            Need.id != self.id if self.id else EVERYTHING,
        )  # fmt: skip
        return earlier.order_by(Need.met_on.desc(), Need.id.desc()).first()

    def check(self, by: Actor) -> list[Finding]:
        findings = needs.check_days(self.collected_on, self.due_on, clock.today()) + unknown_codes(self)
        if self.recipient_id and self.recipient.household_id != self.household_id:
            findings.append(Finding("recipient", "这位服务对象不在所选的户里。"))
        if self.visit_id and self.visit.household_id != self.household_id:
            findings.append(Finding("visit", "这次走访去的不是所选的户。"))
        if self.risk == needs.RISKY and not self.risk_note.strip():
            findings.append(Finding("risk_note", "风险较高时请写明是什么风险。"))
        return findings

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state != "asked":
            return [Finding("state", f"需求{self.state_label}，内容不能再改；情况有变请另行登记。")]
        return []

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        """Dispatched is what has a published project or none yet; service begins with an activity held since."""
        if move.name == "dispatch":
            return cls.project.is_null() | cls.project.in_(
                Project.select(Project.id).where(Project.state == "published")
            )
        if move.name == "serve":
            return fn.EXISTS(_held_since(cls.project, cls.dispatched_on))
        return EVERYTHING

    def legal_moves(self, by: Actor) -> list[Move]:
        """Not offered: to begin a service that nobody has held yet."""
        moves = super().legal_moves(by)
        return [m for m in moves if m.name != "serve" or not self.may_serve(by)]

    def do_verify(self, by: Actor) -> None:
        self.verified_on = clock.today()

    def do_refuse(self, by: Actor) -> None:
        self.refused_for = self.reason_given

    def may_dispatch(self, by: Actor) -> list[Finding]:
        if self.project.state != "published":
            return [Finding("project", f"项目「{self.project}」不在招募中，不能派单；请先由站长审核发布。")]
        return []

    def do_dispatch(self, by: Actor) -> None:
        self.dispatched_on = clock.today()

    def may_serve(self, by: Actor) -> list[Finding]:
        if not _held_since(self.project_id, self.dispatched_on).exists():
            return [Finding("state", "派单以后，承接项目还没有开展过活动。")]
        return []

    def may_complete(self, by: Actor) -> list[Finding]:
        return needs.check_said_by(self.said_by, by.name)

    def do_complete(self, by: Actor) -> None:
        self.met_on = clock.today()

    def do_rate(self, by: Actor) -> None:
        self.rated_on = clock.today()

    def do_redispatch(self, by: Actor) -> None:
        self.redispatched_for = self.reason_given
        self.project = self.dispatched_on = self.met_on = None
        self.handler = self.said_role = self.said_by = ""

    @classmethod
    def of_project(cls, project_id: int) -> ModelSelect:
        """The needs that a project answers, oldest first; narrow with `scope.within` for whoever asks."""
        return cls.select().where(cls.project == project_id).order_by(cls.id)

    @classmethod
    def unanswered(cls, by: Actor) -> Expression:
        """Told longer ago than the policy gives for an answer, and still under review (志愿服务条例 第十三条)."""
        days = policy.for_actor("needs", by).rule.answer_days
        return (cls.state == "asked") & (cls.collected_on < clock.today() - timedelta(days=days))

    @classmethod
    def overdue(cls, by: Actor) -> Expression:
        """Past the day by which it was wanted, and nobody has said that it is met."""
        return cls.state.in_(needs.LIVING) & (cls.due_on < clock.today())

    @classmethod
    def again(cls, by: Actor) -> Expression:
        """Still open, and the same household asked for the same kind of help within some days after it was met."""
        return cls.state.in_(needs.LIVING) & cls.again_of.is_null(False)


@asked_once
def _met_at(station: int) -> dict[tuple[int, str], list[tuple[date, int]]]:
    """household and category -> when what was met, and its key, oldest first; read once where many rows are judged."""
    rows = Need.select(Need.household, Need.category, Need.met_on, Need.id).where(
        Need.station == station, Need.state.in_(needs.MET), Need.met_on.is_null(False)
    )
    found: dict[tuple[int, str], list[tuple[date, int]]] = {}
    for household, category, met_on, key in rows.order_by(Need.met_on, Need.id).tuples():
        found.setdefault((household, category), []).append((met_on, key))
    return found


def _held_since(project: Any, day: Any) -> ModelSelect:
    """Activities of the project held on that day or later: service has begun."""
    return Activity.select(Activity.id).where(
        Activity.project == project, Activity.state == "held", Activity.day >= day
    )


@dataclass(frozen=True)
class Coverage:
    """Whom the needs of a project reach."""

    needs: int
    households: int
    people: int


def coverage(project_id: int, by: Actor) -> Coverage:
    """How many needs, households and people a project answers, in one statement; refused needs are not answered."""
    counted = Need.select(
        fn.COUNT(Need.id), fn.COUNT(Need.household.distinct()), fn.COUNT(Need.recipient.distinct())
    ).where(Need.project == project_id, Need.state != "refused", within(Need, by))
    return Coverage(*counted.scalar(as_tuple=True))


def of_these_needs(project_id: int) -> Expression:
    """The people for whom a project's needs were told; for `households.count_by_category`."""
    told = Need.select(Need.recipient).where(Need.project == project_id, Need.recipient.is_null(False))
    return Recipient.id.in_(told)


def design(keys: Iterable[object], by: Actor, **values: Any) -> Project:
    """Enter a project drawn from these needs and tie them to it; both or neither.

    The needs stay verified: they are dispatched once the project is published. Raises ``Refusal`` where one is not
    verified or has a project already, ``NotFound`` where one is not the actor's to know of.
    """
    with whole():
        project = Project.enter(by, **values)
        for need in free(keys, by, lock=True):
            need.project = project
            need.save()
            need.trace(by, "design", after={"project": project.id})
    return project


def free(keys: Iterable[object], by: Actor, *, lock: bool = False) -> list[Need]:
    """These needs, if all of them wait for a project. Raises as `design` does."""
    wanted = {number for key in keys if (number := whole_number(str(key), KEY_DIGITS - 1)) is not None}
    query = Need.select().where(Need.id.in_(wanted), within(Need, by)).order_by(Need.id)
    rows = list(held(query) if lock else query)
    if len(rows) != len(wanted) or not wanted:
        raise NotFound()
    for row in rows:
        if row.state != "verified":
            raise refuse(f"{row}现在是「{row.state_label}」，只有已核实的需求可以据此设计项目。")
        if row.project_id:
            raise refuse(f"{row}已经列入项目「{row.project}」。")
    return rows


def draft(rows: Sequence[Need]) -> dict[str, Any]:
    """What a new project drawn from these needs would say: category, whom it serves, a name.

    Nothing of what was told in confidence goes into it: a project is public.
    """
    categories = Counter(row.category for row in rows)
    category = categories.most_common(1)[0][0]
    served = Recipient.select(Recipient.hardship).where(
        Recipient.id.in_([row.recipient_id for row in rows])
        | Recipient.household.in_([row.household_id for row in rows if not row.recipient_id]),
        Recipient.left_on.is_null(),
    )
    hardships = Counter(code for (codes,) in served.tuples() for code in codes)
    codes = [code for code, _ in hardships.most_common()]
    public = dict(
        Term.select(Term.code, Term.name).where(Term.kind == "recipient", ~Term.sensitive).tuples()
    )  # whose hardship is sensitive is not said in the name of anything
    return {
        "name": needs.project_name([public[code] for code in codes if code in public], names("category")[category]),
        "category": category,
        "recipients": codes,
        "starts_on": clock.today(),
    }
