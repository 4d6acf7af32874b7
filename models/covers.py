"""志愿者保险 (志愿服务条例第十七条): whoever does risky work is insured against accidents beforehand."""

from collections.abc import Iterable
from datetime import date, timedelta

from peewee import CharField, DateField, Expression, ForeignKeyField, fn

from models import clock
from models.fields import SealedField
from models.moves import Entered
from models.scope import Actor
from models.stations import station_field
from models.volunteers import Volunteer
from rules.findings import Finding

REMIND_DAYS = 30  # before a cover runs out


class Cover(Entered):
    """One volunteer's accident insurance, from one day to another, both included."""

    resource = "covers"
    station_path = "station"
    editable = "volunteer insurer policy_number starts_on ends_on remark"

    station = station_field(backref="covers")
    volunteer = ForeignKeyField(Volunteer, backref="covers", verbose_name="志愿者")
    insurer = CharField(max_length=60, verbose_name="保险公司")
    policy_number = SealedField(verbose_name="保单号")
    starts_on = DateField(verbose_name="生效日期")
    ends_on = DateField(verbose_name="到期日期", help_text="当天仍在保")
    remark = CharField(max_length=200, default="", verbose_name="备注", help_text="险种、保额等")

    class Meta:
        indexes = ((("station", "ends_on"), False), (("volunteer", "ends_on"), False))

    def __str__(self) -> str:
        return f"{self.volunteer.name} {self.insurer}（{self.ends_on} 到期）"

    def prepare(self, by: Actor) -> None:
        if self.volunteer_id:
            self.station_id = self.volunteer.station_id
        self.policy_number = (self.policy_number or "").strip()

    def check(self, by: Actor) -> list[Finding]:
        found = []
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            found.append(Finding("ends_on", f"到期日期应不早于生效日期 {self.starts_on}。"))
        if self.volunteer_id != self.was.get("volunteer") and self.volunteer.state not in ("registered", "applied"):
            found.append(Finding("volunteer", f"{self.volunteer.name}{self.volunteer.state_label}，不用登记保险。"))
        return found

    def in_force(self, on: date | None = None) -> bool:
        """Whether it stands on that day, today where none is given."""
        return self.starts_on <= (on or clock.today()) <= self.ends_on

    @classmethod
    def expiring(cls, by: Actor) -> Expression:
        """Runs out within `REMIND_DAYS`, and nothing for the same person goes on after it."""
        today, later = clock.today(), cls.alias()
        renewed = later.select(later.id).where(later.volunteer == cls.volunteer, later.ends_on > cls.ends_on)
        return cls.ends_on.between(today, today + timedelta(days=REMIND_DAYS)) & ~fn.EXISTS(renewed)


def insured_on(volunteers: Iterable[int], day: date) -> set[int]:
    """Which of these people are insured on that day, in one statement."""
    rows = Cover.select(Cover.volunteer).where(
        Cover.volunteer.in_(list(volunteers)), Cover.starts_on <= day, Cover.ends_on >= day
    )
    return {key for (key,) in rows.tuples()}
