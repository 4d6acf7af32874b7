"""星级认定 (方案 二(6)): a star is proposed from verified minutes, and recognised by the level that policy names."""

from peewee import CharField, DateField, Expression, ForeignKeyField, IntegerField, TextField

from models import clock, policy
from models.hours import Balance
from models.moves import Staged
from models.scope import EVERYTHING, SYSTEM, Actor
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules import states
from rules.divisions import level
from rules.findings import Decision, Finding
from rules.life import Move
from rules.policy import PolicyBook
from rules.stars import level_of, reaches, star_for, stars_label

DIVISION_LABELS = {"county": "县级", "prefecture": "州市级", "province": "省级"}
STARS = [(n, stars_label(n)) for n in range(1, 6)]


class StarGrant(Staged):
    """One star of one person: candidate, proposed, recognised; with the figures and the policy it was judged by."""

    resource = "stars"
    station_path = "station"
    life = states.STAR

    station = station_field()
    volunteer = ForeignKeyField(Volunteer, backref="stars", verbose_name="志愿者")
    star = IntegerField(choices=STARS, verbose_name="星级")
    honour_minutes = IntegerField(verbose_name="累计工时", help_text="提出或认定时的荣誉工时")
    why = TextField(verbose_name="依据")
    policy = CharField(max_length=60, verbose_name="政策版本")
    recognised_by = CharField(max_length=12, choices=list(DIVISION_LABELS.items()), verbose_name="认定层级")
    proposed_on = DateField(null=True, verbose_name="申报日期")
    recognised_on = DateField(null=True, verbose_name="认定日期")
    recogniser = CharField(max_length=60, default="", verbose_name="认定人")
    certificate_no = CharField(max_length=30, null=True, unique=True, verbose_name="证书编号")

    class Meta:
        indexes = ((("volunteer", "star"), True), (("station", "state", "id"), False))

    def __str__(self) -> str:
        return f"{self.volunteer.name} {stars_label(self.star)}"

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        return cls.recognised_by == level(by.division) if by.division else EVERYTHING

    def hold(self, name: str) -> None:
        Balance.hold([self.volunteer_id])

    def do_propose(self, by: Actor) -> None:
        self.proposed_on = clock.today()
        self._judge()

    def do_revive(self, by: Actor) -> None:
        self._judge()

    def may_propose(self, by: Actor) -> list[Finding]:
        return self._still_reached()

    def legal_moves(self, by: Actor) -> list[Move]:
        """Only the level that policy names is offered the decision."""
        theirs = not self._not_theirs(by, self.recognised_by)
        return [m for m in super().legal_moves(by) if theirs or m.name not in ("recognise", "refuse")]

    def may_recognise(self, by: Actor) -> list[Finding]:
        wrong = self._still_reached()
        if wrong:
            return wrong
        named = level_of(self.star, policy.in_force("stars", self.station, clock.today())).recognised_by
        return self._not_theirs(by, named)

    def may_refuse(self, by: Actor) -> list[Finding]:
        return self._not_theirs(by, self.recognised_by)

    def _not_theirs(self, by: Actor, named: str) -> list[Finding]:
        if by.division and level(by.division) == named:
            return []
        return [Finding("state", f"{stars_label(self.star)}由{DIVISION_LABELS[named]}认定。")]

    def do_recognise(self, by: Actor) -> None:
        self.recognised_on, self.recogniser = clock.today(), by.name
        self._judge()
        self.certificate_no = f"{str(self.station.division_id)[:6]}{clock.today().year}X{self.star}{self.id:07d}"

    def _still_reached(self) -> list[Finding]:
        decision = self._decision()
        return [] if decision.value >= self.star else [Finding("star", decision.why)]

    def _decision(self) -> Decision[int]:
        version = policy.in_force("stars", self.station, clock.today())
        # The balance is held, so that no reversal takes away below what is judged here.
        minutes = Balance.locked(self.volunteer_id).honour
        return star_for(minutes, self.volunteer.registered_on, clock.today(), version)

    def _judge(self) -> None:
        """Keep the figures of this day and the policy version that judged them."""
        version = policy.in_force("stars", self.station, clock.today())
        self.honour_minutes = Balance.locked(self.volunteer_id).honour
        self.why, self.policy = reaches(self.star, self.honour_minutes, version), version.key
        self.recognised_by = level_of(self.star, version).recognised_by


def review(volunteer_id: int, book: PolicyBook) -> None:
    """Bring the candidates in line with the person's minutes, inside the move that changed them.

    Stars newly reached become candidates; candidates no longer reached lapse. A recognised star stays as it is here:
    taking one back is a case of its own.
    """
    volunteer = Volunteer.get_by_id(volunteer_id)
    balance = Balance.get_or_none(Balance.volunteer == volunteer_id)
    if balance is None or volunteer.registered_on is None:
        return
    today = clock.today()
    station = Station.get_by_id(volunteer.station_id)
    version = book.on("stars", str(station.division_id), today)
    decision = star_for(balance.honour, volunteer.registered_on, today, version)
    known = {grant.star: grant for grant in StarGrant.select().where(StarGrant.volunteer == volunteer_id)}
    for star in range(1, decision.value + 1):
        grant = known.get(star)
        if grant is None:
            grant = StarGrant(
                station=volunteer.station_id, volunteer=volunteer_id, star=star, honour_minutes=balance.honour,
                why=reaches(star, balance.honour, version), policy=version.key,
                recognised_by=level_of(star, version).recognised_by,
            )  # fmt: skip
            grant.save(force_insert=True)
            grant.trace(SYSTEM, "enter", grant.why)
        elif grant.state == "lapsed":
            StarGrant.move(grant.id, "revive", SYSTEM)
    for star, grant in known.items():
        if star > decision.value and grant.state in ("candidate", "proposed"):
            StarGrant.move(grant.id, "lapse", SYSTEM)
