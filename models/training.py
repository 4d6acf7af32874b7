"""资质与骨干 (方案 二(3)): which qualification who held on which day, and the volunteers who lead the others."""

from collections.abc import Iterable
from datetime import date, timedelta

from peewee import CharField, DateField, Expression, ForeignKeyField, TextField, fn

from models import clock, policy
from models.courses import Attendance, Training
from models.fields import CodeField
from models.moves import Staged
from models.scope import Actor, along
from models.stations import station_field
from models.vocabulary import unknown_codes
from models.volunteers import Volunteer
from rules import training as rules
from rules.findings import Finding

__all__ = ["Attendance", "Backbone", "Qualification", "Training", "held_on"]


class Personal(Staged):
    """What a station says of one volunteer; after a transfer her present station sees it, too."""

    station = station_field()
    volunteer = ForeignKeyField(Volunteer, verbose_name="志愿者")

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        return along(cls, "station", actor) | along(cls, "volunteer.station", actor)

    def check_person(self) -> list[Finding]:
        """Findings where the person is not one of this station's registered volunteers."""
        if self.volunteer_id == self.was.get("volunteer"):
            return []
        if self.volunteer.station_id != self.station_id:
            return [Finding("volunteer", "只能登记本站的志愿者。")]
        if self.volunteer.state != "registered":
            return [Finding("volunteer", f"{self.volunteer.name}现在是「{self.volunteer.state_label}」，不能登记。")]
        return []


class Qualification(Personal):
    """A qualification of one person: granted by a training that she passed, or entered from a paper and checked."""

    resource = "qualifications"
    life = rules.QUALIFICATION
    editable = "volunteer kind number issuer granted_on expires_on proof"

    kind = CodeField(kind="qualification", verbose_name="资质")
    number = CharField(max_length=40, default="", verbose_name="证书编号")
    issuer = CharField(max_length=80, default="", verbose_name="发证单位")
    granted_on = DateField(verbose_name="取得日期")
    expires_on = DateField(null=True, verbose_name="有效期至", help_text="最后一天；长期有效请留空")
    proof = CharField(
        max_length=200, default="", verbose_name="证明材料", help_text="例如：原件已看，复印件存档第 12 号"
    )
    training = ForeignKeyField(Training, null=True, backref="grants", verbose_name="来自培训")
    revoked_on = DateField(null=True, verbose_name="撤销日期")
    revoked_for = TextField(default="", verbose_name="不予通过或撤销的理由")

    class Meta:
        indexes = (
            (("station", "state", "id"), False),
            (("volunteer", "kind", "granted_on"), False),
            (("state", "expires_on"), False),
        )

    def __str__(self) -> str:
        return f"{self.volunteer.name}的资质"

    def check(self, by: Actor) -> list[Finding]:
        findings = [*self.check_person(), *unknown_codes(self)]
        if self.granted_on and self.granted_on > clock.today():
            findings.append(Finding("granted_on", "取得日期不能晚于今天。"))
        if self.granted_on and self.expires_on and self.expires_on < self.granted_on:
            findings.append(Finding("expires_on", f"有效期应不早于取得日期 {self.granted_on}。"))
        if self.kind == rules.BACKBONE:
            findings.append(Finding("kind", "骨干在「骨干」里提名、确认，不在这里登记。"))
        if len((self.proof or "").strip()) < 2 and not self.training_id:
            findings.append(Finding("proof", "请写明看过什么证明材料。"))
        return findings

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state not in ("submitted", "refused"):
            return [Finding("state", f"资质{self.state_label}，不能再修改；有误请撤销后重新登记。")]
        return [] if by.station_id == self.station_id else [Finding("state", "由登记的工作站修改。")]

    def do_refuse(self, by: Actor) -> None:
        self.revoked_for = self.reason_given

    def do_revoke(self, by: Actor) -> None:
        self.revoked_on, self.revoked_for = clock.today(), self.reason_given

    def do_void(self, by: Actor) -> None:
        self.revoked_for = self.reason_given

    @classmethod
    def expiring(cls, by: Actor) -> Expression:
        """In force, not for longer than the policy's days ahead, and not renewed yet."""
        today = clock.today()
        until = today + timedelta(days=policy.for_actor("training", by).rule.expiring_days)
        return (cls.state == "valid") & cls.expires_on.between(today, until) & ~cls._renewed()

    @classmethod
    def expired(cls, by: Actor) -> Expression:
        """Past its last day and not renewed."""
        return (cls.state == "valid") & (cls.expires_on < clock.today()) & ~cls._renewed()

    @classmethod
    def _renewed(cls) -> Expression:
        """The person has another of the same kind that holds longer."""
        later = cls.alias()
        longer = later.select(later.id).where(
            later.volunteer == cls.volunteer, later.kind == cls.kind, later.state == "valid",
            later.expires_on.is_null() | (later.expires_on > cls.expires_on),
        )  # fmt: skip
        return fn.EXISTS(longer)


class Backbone(Personal):
    """A volunteer who leads others (方案 二(3): 特别要重视志愿者骨干的培养): proposed, confirmed by another, until."""

    resource = "backbones"
    life = rules.BACKBONE_LIFE
    editable = "volunteer duty since reason"

    duty = CharField(max_length=80, verbose_name="承担工作", help_text="例如：带队入户、新人引导")
    since = DateField(verbose_name="起始日期")
    until = DateField(null=True, verbose_name="卸任日期")
    reason = TextField(default="", verbose_name="提名理由")
    decided_for = TextField(default="", verbose_name="不予确认或卸任的理由")

    class Meta:
        indexes = ((("station", "state", "id"), False), (("volunteer", "since"), False))

    def __str__(self) -> str:
        return f"骨干 {self.volunteer.name}"

    def check(self, by: Actor) -> list[Finding]:
        findings = self.check_person()
        twin = Backbone.select().where(
            Backbone.volunteer == self.volunteer_id,
            Backbone.state.in_(("proposed", "confirmed")),
            Backbone.id != self.id,
        )
        if not findings and twin.exists():
            findings.append(Finding("volunteer", f"{self.volunteer.name}已经是骨干或正在等待确认。"))
        if self.since and self.since > clock.today() + timedelta(days=366):
            findings.append(Finding("since", "起始日期不能晚于一年以后。"))
        return findings

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state != "proposed":
            return [Finding("state", f"现在是「{self.state_label}」，不能再修改。")]
        return [] if by.station_id == self.station_id else [Finding("state", "由提名的工作站修改。")]

    def do_refuse(self, by: Actor) -> None:
        self.decided_for = self.reason_given

    def do_end(self, by: Actor) -> None:
        self.until, self.decided_for = clock.today(), self.reason_given

    @classmethod
    def untrained(cls, by: Actor) -> Expression:
        """Confirmed, and seen at fewer of this year's trainings for backbones than the policy asks."""
        today = clock.today()
        asked = policy.for_actor("training", by).rule.backbone_sessions
        went = (
            Attendance.select(fn.COUNT(1))
            .join(Training)
            .where(
                Attendance.volunteer == cls.volunteer, Attendance.state == "attended", Training.for_backbones,
                Training.state.in_(rules.TAUGHT), Training.day.between(date(today.year, 1, 1), today),
            )
        )  # fmt: skip
        return (cls.state == "confirmed") & (went < asked)


def held_on(volunteers: Iterable[int], day: date) -> dict[int, set[str]]:
    """volunteer -> the qualifications (codes) that she held on the day of a service, 骨干 among them; two statements.

    A qualification entered but not yet checked is not held; one revoked later was held before (`rules.training.holds`).
    """
    keys = set(volunteers)
    found: dict[int, set[str]] = {key: set() for key in keys}
    if not keys:
        return found
    rows = Qualification.select(
        Qualification.volunteer, Qualification.kind, Qualification.granted_on, Qualification.expires_on,
        Qualification.revoked_on,
    ).where(
        Qualification.volunteer.in_(keys), Qualification.state.in_(("valid", "revoked")), Qualification.granted_on <= day
    )  # fmt: skip
    for volunteer, kind, granted_on, expires_on, revoked_on in rows.tuples():
        if rules.holds(granted_on, expires_on, revoked_on, day):
            found[volunteer].add(kind)
    leads = Backbone.select(Backbone.volunteer, Backbone.since, Backbone.until).where(
        Backbone.volunteer.in_(keys), Backbone.state.in_(("confirmed", "ended"))
    )
    for volunteer, since, until in leads.tuples():
        if rules.holds(since, None, until, day):
            found[volunteer].add(rules.BACKBONE)
    return found


def studied(volunteer: int) -> int:
    """Study minutes of one person at trainings that took place; kept apart from service."""
    came = (Attendance.volunteer == volunteer) & (Attendance.state == "attended")
    rows = Attendance.select(fn.COALESCE(fn.SUM(Attendance.minutes), 0)).join(Training)
    return int(rows.where(came, Training.state.in_(rules.TAUGHT)).scalar())
