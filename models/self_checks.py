"""年度自查 (方案 四(1)): one a station and year, made from the checklist and the year's figures, read by the county."""

from datetime import date, datetime, time
from typing import Any

from peewee import CharField, DateField, DateTimeField, Expression, IntegerField, TextField, fn

from models import clock, policy
from models.activities import Activity
from models.courses import Training
from models.fields import JSONText
from models.moves import Staged
from models.needs import Need
from models.pairing import Pairing
from models.projects import Project
from models.records import ServiceRecord
from models.scope import EVERYTHING, NOTHING, Actor
from models.set_up import SetUpItem, items, shares
from models.stations import Station, station_field
from models.supports import Duty, Support
from models.teams import Team
from models.volunteers import Volunteer
from rules import stations
from rules.access import Role
from rules.divisions import level
from rules.findings import Finding
from rules.life import Move
from rules.stations import ASPECTS, STANDINGS, Share

FIRST_YEAR = 2014  # of the plan


class SelfCheck(Staged):
    """A station's own look at its year.

    The checklist and the figures are those of the moment: measured when the draft is made, measured anew by each
    submission, and never after; what changes later does not change them.
    """

    resource = "self_checks"
    station_path = "station"
    life = stations.SELF_CHECK
    editable = "year problems plans"

    station = station_field(backref="self_checks")
    year = IntegerField(verbose_name="年度", help_text="四位数字，例如 2025")
    problems = TextField(default="", verbose_name="存在的问题")
    plans = TextField(default="", verbose_name="整改打算")
    met = IntegerField(default=0, verbose_name="达到项数")
    applicable = IntegerField(default=0, verbose_name="适用项数")
    checklist = JSONText(default=list, verbose_name="建站清单")
    figures = JSONText(default=dict, verbose_name="本年数字")
    measured_at = DateTimeField(null=True, verbose_name="统计时间")
    submitted_on = DateField(null=True, verbose_name="提交日期")
    reviewer = CharField(max_length=40, default="", verbose_name="审阅人")
    reviewed_on = DateField(null=True, verbose_name="审阅日期")
    returned_for = TextField(default="", verbose_name="退回理由")

    class Meta:
        indexes = ((("station", "year"), True), (("year", "state"), False))

    def __str__(self) -> str:
        return f"{self.year} 年度自查"

    @property
    def share(self) -> str:
        percent = Share(self.met, self.applicable).percent
        return "" if percent is None else f"{percent}%"

    def prepare(self, by: Actor) -> None:
        if not self.was:
            self._measure()

    def check(self, by: Actor) -> list[Finding]:
        this_year = clock.today().year
        if self.year and not FIRST_YEAR <= self.year <= this_year:
            return [Finding("year", f"年度应在 {FIRST_YEAR} 到 {this_year} 之间。")]
        if self.was and self.was["year"] != self.year:
            return [Finding("year", "年度不能改，请另做一份自查。")]
        twin = SelfCheck.select(SelfCheck.id).where(
            SelfCheck.station == self.station_id, SelfCheck.year == self.year, SelfCheck.id != self.id
        )
        return (
            [Finding("year", f"本站 {self.year} 年的自查已经有了，请在原来那一份上修改。")] if twin.exists() else []
        )

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state in ("submitted", "reviewed"):
            return [Finding("state", "自查已经提交，不能再改；需要改请督导退回。")]
        return []

    def may_submit(self, by: Actor) -> list[Finding]:
        wanted = (("problems", "存在的问题"), ("plans", "整改打算"))
        return [Finding(name, f"请先写明「{said}」。") for name, said in wanted if not getattr(self, name).strip()]

    def do_submit(self, by: Actor) -> None:
        self._measure()
        self.submitted_on = clock.today()
        self.returned_for = ""

    def may_review(self, by: Actor) -> list[Finding]:
        if by.role == Role.SUPERVISOR and level(str(by.division)) != "county":
            return [Finding("", "年度自查由县（市、区）督导审阅。")]
        return []

    may_return = may_review

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        if move.name == "review":
            return EVERYTHING if by.division and level(by.division) == "county" else NOTHING
        return EVERYTHING

    def legal_moves(self, by: Actor) -> list[Move]:
        """Review is offered to the county alone."""
        return [m for m in super().legal_moves(by) if m.name == "submit" or not self.may_review(by)]

    def do_review(self, by: Actor) -> None:
        self.reviewer, self.reviewed_on = by.name, clock.today()

    def do_return(self, by: Actor) -> None:
        self.returned_for = self.reason_given

    def _measure(self) -> None:
        share = sum(shares([self.station_id])[self.station_id].values(), Share(0, 0))
        self.met, self.applicable = share.met, share.applicable
        self.checklist = as_it_stands(self.station_id)
        self.figures = figures(self.station_id, self.year) if isinstance(self.year, int) else {}
        self.measured_at = clock.now()


def as_it_stands(station_id: int) -> list[dict[str, Any]]:
    """The checklist in words, item by item: later rewordings of the vocabulary do not reach into it."""
    rows = {row.item: row for row in SetUpItem.select().where(SetUpItem.station == station_id)}
    words = dict(STANDINGS)
    found = []
    for aspect, listed in items().items():
        for code, name in listed:
            row = rows.get(code)
            said = f"{words[row.standing]}{'' if row.state == 'confirmed' else '（待确认）'}" if row else "未登记"
            found.append({
                "aspect": ASPECTS[aspect], "item": name, "standing": said, "evidence": row.evidence if row else "",
                "since": row.since.isoformat() if row and row.since else "", "confirmer": row.confirmer if row else "",
            })  # fmt: skip
    return found


def figures(station_id: int, year: int) -> dict[str, int]:
    """What the station did in a year, each in its own unit (`rules.stations.FIGURES`)."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    begins, ends = datetime.combine(first, time.min), datetime.combine(last, time.max)
    posted = ServiceRecord.select(
        fn.COUNT(1), fn.COUNT(ServiceRecord.volunteer.distinct()), fn.COALESCE(fn.SUM(ServiceRecord.minutes), 0)
    ).where(
        ServiceRecord.station == station_id, ServiceRecord.state == "posted",
        ServiceRecord.started_at.between(begins, ends),
    )  # fmt: skip
    records, people, minutes = posted.scalar(as_tuple=True)
    mine = Volunteer.station == station_id, Volunteer.state == "registered"
    return {
        "volunteers": Volunteer.select().where(*mine).count(),
        "joined": Volunteer.select().where(*mine, Volunteer.registered_on.between(first, last)).count(),
        "duties": Duty.select().where(Duty.station == station_id, Duty.in_office()).count(),
        "projects": Project.select().where(
            Project.station == station_id, Project.state.in_(("published", "closed")), Project.starts_on <= last,
            Project.ends_on >= first,
        ).count(),
        "activities": Activity.select().where(
            Activity.station == station_id, Activity.state == "held", Activity.day.between(first, last)
        ).count(),
        "people": people,
        "records": records,
        "minutes": int(minutes),
        "needs": Need.select().where(Need.station == station_id, Need.collected_on.between(first, last)).count(),
        "trainings": Training.select().where(
            Training.station == station_id, Training.state.in_(("held", "confirmed")), Training.day.between(first, last)
        ).count(),
        "teams": Team.select().where(Team.station == station_id, Team.state == "listed").count(),
        "pairings": Pairing.select().where(Pairing.station == station_id, Pairing.state == "active").count(),
        "funds": int(Support.select(fn.COALESCE(fn.SUM(Support.fen), 0)).where(
            Support.station == station_id, Support.given_on.between(first, last)
        ).scalar()),
    }  # fmt: skip


def unsubmitted(by: Actor) -> Expression:
    """自查未提交: stations in use without a self-check of this year, once the month for it has come."""
    today = clock.today()
    if today.month < policy.for_actor("stations", by).rule.self_check_month:
        return NOTHING
    submitted = SelfCheck.select(SelfCheck.station).where(
        SelfCheck.year == today.year, SelfCheck.state.in_(("submitted", "reviewed"))
    )
    return Station.active & Station.id.not_in(submitted)
