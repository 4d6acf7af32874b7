"""星级认定 (方案 二(6): 依次认定): a star is a case, judged from verified minutes by the level that policy names.

Candidates come by themselves from the account; the head proposes, and with that the evidence is frozen; the recogniser
accepts, the list hangs out, and after it the star is recognised and gets its certificate. Hours taken back later put
a recognised star under review.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from peewee import SQL, BooleanField, CharField, DateField, Expression, ForeignKeyField, IntegerField, TextField, fn

from models import clock, policy
from models.fields import JSONText
from models.hours import Balance, Entry
from models.moves import Staged, permit, whole
from models.notices import Notice, held_up, unhindered
from models.refusals import refuse
from models.scope import EVERYTHING, SYSTEM, Actor, find
from models.stations import Division, Station, station_field
from models.volunteers import Volunteer
from rules.access import Role
from rules.divisions import level, lineage
from rules.findings import Decision, Finding
from rules.life import Move
from rules.policy import PolicyBook, Version
from rules.stars import (
    ON_THE_WAY,
    STAR,
    Line,
    certificate_number,
    evidence,
    level_of,
    reaches,
    star_for,
    stars_label,
)
from rules.topics import StarLevel

DIVISION_LABELS = {"county": "县级", "prefecture": "州市级", "province": "省级"}
STAR_ORIGINS = [("account", "工时账"), ("earlier", "以前认定")]
STARS = [(n, stars_label(n)) for n in range(1, 6)]
READ_AT_ONCE = 1000  # people in one statement
DECISIONS = ("accept", "select", "recognise", "refuse", "keep", "revoke", "admit", "turn_down")  # of the level that policy names, alone


class StarGrant(Staged):
    """One star of one person, with the evidence and the policy that judged it. A star refused or revoked and reached
    again is the same case, taken up again by a person."""

    resource = "stars"
    station_path = "station"
    life = STAR
    notice_kind = "stars"
    when_upheld: ClassVar[dict[str, str]] = {"proposed": "refuse", "accepted": "refuse", "noticed": "refuse"}

    station = station_field()
    volunteer = ForeignKeyField(Volunteer, backref="stars", verbose_name="志愿者")
    star = IntegerField(choices=STARS, verbose_name="星级")
    honour_minutes = IntegerField(verbose_name="累计工时", help_text="提出或认定时的荣誉工时")
    why = TextField(verbose_name="依据")
    policy = CharField(max_length=60, verbose_name="政策版本")
    recognised_by = CharField(max_length=12, choices=list(DIVISION_LABELS.items()), verbose_name="认定层级")
    selection = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")], verbose_name="评选产生")
    listed_on = DateField(null=True, verbose_name="列入日期")
    proposed_on = DateField(null=True, verbose_name="申报日期")
    evidence = JSONText(null=True, verbose_name="申报时的证据")
    accepted_on = DateField(null=True, verbose_name="审核日期")
    accepted_by = CharField(max_length=60, default="", constraints=[SQL("DEFAULT ''")], verbose_name="审核人")
    notice = ForeignKeyField(Notice, null=True, backref="stars", verbose_name="公示")
    recognised_on = DateField(null=True, verbose_name="认定日期")
    recogniser = CharField(max_length=60, default="", verbose_name="认定人")
    certificate_no = CharField(max_length=30, null=True, unique=True, verbose_name="证书编号")
    outcome = TextField(default="", constraints=[SQL("DEFAULT ''")], verbose_name="审核意见")
    kept_minutes = IntegerField(null=True, verbose_name="维持时的工时")
    origin = CharField(max_length=12, choices=STAR_ORIGINS, default="account", constraints=[SQL("DEFAULT 'account'")],
                       verbose_name="认定来源")  # fmt: skip
    proof = TextField(default="", constraints=[SQL("DEFAULT ''")], verbose_name="证明材料")
    void_nos = CharField(max_length=200, default="", constraints=[SQL("DEFAULT ''")], verbose_name="作废的证书编号")

    class Meta:
        indexes = ((("volunteer", "star"), True), (("station", "state", "id"), False))

    def __str__(self) -> str:
        return f"{self.volunteer.name} {stars_label(self.star)}"

    def hold(self, name: str) -> None:
        Balance.hold([self.volunteer_id])

    # --- whose turn it is ---

    def legal_moves(self, by: Actor) -> list[Move]:
        """Only the level that policy names is offered the decisions, and only those that are due."""
        theirs = not self._not_theirs(by, self.recognised_by)
        hidden = {"accept" if self.selection else "select"}
        if self.state == "noticed" and held_up(self):
            hidden.add("recognise")
        if self.state in ("candidate", "refused", "revoked") and self.out_of_turn():
            hidden |= {"propose", "reapply", "select"}
        if by.role == Role.SUPERVISOR and not theirs:
            hidden |= {*DECISIONS, "notice"}
        return [m for m in super().legal_moves(by) if m.name not in hidden]

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        theirs = cls.recognised_by == level(by.division) if by.division else EVERYTHING
        if move.name in ("keep", "vouch", "admit", "turn_down"):
            return theirs
        lower = cls.alias()
        in_turn = theirs & ~fn.EXISTS(lower.select(SQL("1")).where(
            lower.volunteer == cls.volunteer, lower.star < cls.star, lower.state.not_in(("recognised", "lapsed")))
        )  # fmt: skip
        if move.name == "recognise":
            return in_turn & unhindered(cls)
        if move.name in ("accept", "select"):
            return in_turn & (cls.selection == (move.name == "select"))
        return in_turn

    def judged_by(self, by: Actor) -> list[Finding]:
        """Objections to a star are decided by whoever recognises it."""
        return [] if by.role == Role.SYSTEM else self._not_theirs(by, self.recognised_by)

    def _not_theirs(self, by: Actor, named: str) -> list[Finding]:
        if by.role == Role.SUPERVISOR and by.division and level(by.division) == named:
            return []
        return [Finding("state", f"{stars_label(self.star)}由{DIVISION_LABELS[named]}认定。")]

    def out_of_turn(self) -> list[Finding]:
        """依次认定: a star waits until those below it are recognised and stand."""
        lower = (
            StarGrant.select()
            .where(
                StarGrant.volunteer == self.volunteer_id, StarGrant.star < self.star,
                StarGrant.state.not_in(("recognised", "lapsed")),
            )
            .order_by(StarGrant.star)
            .first()
        )  # fmt: skip
        if lower is None:
            return []
        below, this = stars_label(lower.star), stars_label(self.star)
        return [Finding("star", f"星级依次认定：{below}现在是「{lower.state_label}」，认定后才能办理{this}。")]

    # --- what each move asks ---

    def may_propose(self, by: Actor) -> list[Finding]:
        return self._still_reached() or self.out_of_turn()

    def may_reapply(self, by: Actor) -> list[Finding]:
        return self.may_propose(by)

    def may_accept(self, by: Actor) -> list[Finding]:
        wrong = self._decidable(by)
        if not wrong and self._rule().selection:
            return [Finding("state", f"{stars_label(self.star)}按评选产生，请用「评选产生」并写明评选情况。")]
        return wrong

    def may_select(self, by: Actor) -> list[Finding]:
        wrong = self._decidable(by)
        if not wrong and not self._rule().selection:
            return [Finding("state", f"{stars_label(self.star)}不用评选，申报后审核即可。")]
        return wrong

    def may_notice(self, by: Actor) -> list[Finding]:
        wrong = self._still_reached() or self.out_of_turn()
        return wrong if wrong or by.role == Role.HEAD else self._not_theirs(by, self.recognised_by)

    def may_recognise(self, by: Actor) -> list[Finding]:
        return self._decidable(by) or held_up(self)

    def may_refuse(self, by: Actor) -> list[Finding]:
        return self.judged_by(by)

    def may_keep(self, by: Actor) -> list[Finding]:
        return self._not_theirs(by, self.recognised_by)

    def may_admit(self, by: Actor) -> list[Finding]:
        return self._not_theirs(by, self.recognised_by)

    def may_turn_down(self, by: Actor) -> list[Finding]:
        return [] if by.role == Role.HEAD else self._not_theirs(by, self.recognised_by)

    def may_revoke(self, by: Actor) -> list[Finding]:
        return self._not_theirs(by, self.recognised_by)

    def _decidable(self, by: Actor) -> list[Finding]:
        return self._still_reached() or self._not_theirs(by, self._rule().recognised_by) or self.out_of_turn()

    def _rule(self) -> StarLevel:
        return level_of(self.star, policy.in_force("stars", self.station, clock.today()))

    def _still_reached(self) -> list[Finding]:
        decision = self._decision()
        return [] if decision.value >= self.star else [Finding("star", decision.why)]

    def _decision(self) -> Decision[int]:
        version = policy.in_force("stars", self.station, clock.today())
        # The balance is held, so that no reversal takes away below what is judged here.
        minutes = Balance.locked(self.volunteer_id).honour
        return star_for(minutes, self.volunteer.registered_on, clock.today(), version)

    # --- what each move does ---

    def do_propose(self, by: Actor) -> None:
        self.proposed_on = clock.today()
        self._judge()
        self._freeze()

    def do_reapply(self, by: Actor) -> None:
        self.outcome, self.accepted_on, self.accepted_by = "", None, ""
        self.recognised_on, self.recogniser, self.kept_minutes = None, "", None
        if self.certificate_no:
            self.void_nos = "；".join(filter(None, (self.void_nos, self.certificate_no)))
            self.certificate_no = None
        self.do_propose(by)

    def do_accept(self, by: Actor) -> None:
        self.accepted_on, self.accepted_by = clock.today(), by.name
        self._judge()

    def do_select(self, by: Actor) -> None:
        if self.evidence is None:
            self._freeze()
        self.outcome = f"评选：{self.reason_given}"
        self.do_accept(by)

    def do_notice(self, by: Actor) -> None:
        self.notice = Notice.todays(self.station, by, self.notice_kind)

    def do_recognise(self, by: Actor) -> None:
        self.recognised_on, self.recogniser = clock.today(), by.name
        self._judge()
        voided = len(self.void_nos.split("；")) if self.void_nos else 0
        self.certificate_no = certificate_number(
            str(self.station.division_id), clock.today().year, self.star, self.id, voided
        )

    def do_claim(self, by: Actor, said: "Earlier | None" = None) -> None:
        if said is None:
            return
        version = policy.in_force("stars", self.station, clock.today())
        rule = level_of(self.star, version)
        self.entered_by, self.origin, self.evidence, self.outcome = by.account_id, "earlier", None, ""
        self.recognised_by, self.selection, self.policy = rule.recognised_by, rule.selection, version.key
        self.honour_minutes, self.recognised_on, self.recogniser = said.honour_minutes, said.on, said.recogniser
        self.certificate_no, self.proof = said.certificate_no or None, said.proof
        self.why = said.why()

    def do_vouch(self, by: Actor) -> None:
        self.accepted_on, self.accepted_by = clock.today(), by.name

    def do_admit(self, by: Actor) -> None:
        """It stands as it was recognised; hours that came into the account later cannot put it in doubt, only less of
        what there is now."""
        self.outcome = f"{by.name}于 {clock.today()} 确认"
        self.kept_minutes = Balance.locked(self.volunteer_id).honour

    def do_turn_down(self, by: Actor) -> None:
        self.outcome, self.certificate_no, self.accepted_on, self.accepted_by = self.reason_given, None, None, ""
        self.recognised_on, self.recogniser, self.origin = None, "", "account"

    def do_refuse(self, by: Actor) -> None:
        self.outcome, self.notice = self.reason_given, None

    def do_doubt(self, by: Actor) -> None:
        self.outcome = self.reason_given

    def do_keep(self, by: Actor) -> None:
        self.outcome = f"维持：{self.reason_given}"
        self.kept_minutes = Balance.locked(self.volunteer_id).honour

    def do_revoke(self, by: Actor) -> None:
        self.outcome = f"撤销：{self.reason_given}"

    def do_lapse(self, by: Actor) -> None:
        self.notice = None

    def do_revive(self, by: Actor) -> None:
        self.listed_on = clock.today()
        self._judge()

    def _judge(self) -> None:
        """Keep the figures of this day and the policy version that judged them."""
        version = policy.in_force("stars", self.station, clock.today())
        self.honour_minutes = Balance.locked(self.volunteer_id).honour
        self.why, self.policy = reaches(self.star, self.honour_minutes, version), version.key
        rule = level_of(self.star, version)
        self.recognised_by, self.selection = rule.recognised_by, rule.selection

    def _freeze(self) -> None:
        registered = self.volunteer.registered_on
        self.evidence = evidence(honour_lines(self.volunteer_id)) | {
            "day": clock.today().isoformat(), "policy": self.policy,
            "registered_on": registered.isoformat(), "tenure_days": (clock.today() - registered).days,
        }  # fmt: skip

    def re_read(self) -> bool:
        """Whether the account, read again up to the entry that the evidence names, still says the same."""
        if self.evidence is None:
            return True
        again = evidence(honour_lines(self.volunteer_id, self.evidence["last_entry"]))
        return all(self.evidence[name] == value for name, value in again.items())

    def recognising_division(self) -> Division:
        """Whose recogniser decides: the station's county, prefecture or province."""
        return Division.get_by_id(
            next(code for code in lineage(str(self.station.division_id)) if level(code) == self.recognised_by)
        )

    def printed(self, by: Actor) -> None:
        """Leave a trace that the certificate was printed. Raises ``Refusal`` where there is none that stands."""
        permit(by, "print", "stars")
        if self.state != "recognised":
            raise refuse(f"现在是「{self.state_label}」，只有已认定的星级可以打印证书。")
        if self.origin == "earlier":
            raise refuse("这一星级是以前认定的，证书由当时的认定单位颁发，不能重新打印。")
        self.trace(by, "print")

    @classmethod
    def move_all(cls, keys: Iterable[object], name: str, by: Actor, reason: str = "") -> int:
        """As elsewhere, lower stars first; a notice on which nothing is left to decide is closed."""
        wanted = set(keys)
        order = {
            str(k): star for k, star in cls.select(cls.id, cls.star).where(cls.id.in_(_numbers(wanted))).tuples()
        }
        done = super().move_all(sorted(wanted, key=lambda key: order.get(str(key), 0)), name, by, reason)
        on = cls.select(cls.notice).where(cls.id.in_(_numbers(wanted)), cls.notice.is_null(False))
        Notice.close_decided({key for (key,) in on.tuples()})
        return done

    # --- lists by name ---

    @classmethod
    def under_review(cls, by: Actor) -> Expression:
        """待复核: recognised once, and hours beneath it were taken back."""
        return cls.state == "recheck"

    @classmethod
    def left_lying(cls, by: Actor) -> Expression:
        """该申报未申报: candidates whose turn it is, longer than policy leaves them lying."""
        days = policy.for_actor("incentives", by).rule.candidate_days
        return (
            (cls.state == "candidate")
            & (fn.COALESCE(cls.listed_on, fn.DATE(cls.entered_at)) < clock.today() - timedelta(days=days))
            & cls.ripe(cls.life.move("propose"), SYSTEM)
        )


@dataclass(frozen=True)
class Earlier:
    """A star that was recognised before there was this program, as its paper says."""

    volunteer: int
    star: int
    honour_minutes: int
    on: date
    recogniser: str
    certificate_no: str
    proof: str

    def why(self) -> str:
        """The evidence beside the grant."""
        number = f"，证书编号 {self.certificate_no}" if self.certificate_no else ""
        return (
            f"{self.recogniser}于 {self.on} 认定{stars_label(self.star)}，当时累计 {self.honour_minutes / 60:.2f} 小时"
            f"{number}。证明材料：{self.proof}"
        )


CLAIMABLE = ("candidate", "lapsed", "refused")  # states in which a star can be said to have been recognised before


def claim(said: Sequence[Earlier], by: Actor) -> None:
    """Enter stars of earlier days, which wait for the head and then for the level that policy names.

    Raises ``Refusal`` where a person is not registered at the actor's station, or the star is past claiming.
    """
    permit(by, "import", StarGrant.resource)
    acting = Actor(by.account_id, by.name, SYSTEM.role)  # the list is the desk's; the move is nobody's button
    with whole():
        Balance.hold(one.volunteer for one in said)
        for one in said:
            person = find(Volunteer, one.volunteer, by)
            if person.state != "registered":
                raise refuse(f"{person.name}是「{person.state_label}」，审核注册后才能登记以前的星级。", "volunteer")
            grant = StarGrant.get_or_none(StarGrant.volunteer == person.id, StarGrant.star == one.star)
            if grant is None:
                grant = StarGrant(station=person.station_id, volunteer=person.id, star=one.star, state="claimed")
                grant.do_claim(by, said=one)
                grant.save(force_insert=True)
                grant.trace(by, "enter", grant.why)
            else:
                StarGrant.move(grant.id, "claim", acting, said=one)


def _numbers(keys: Iterable[object]) -> list[int]:
    """Those of these keys that a number may be: a forged form sends anything, and is answered row by row."""
    return [int(str(key)) for key in keys if str(key).isdecimal() and len(str(key)) < 10]


def honour_lines(volunteer_id: int, last: int | None = None) -> list[Line]:
    """A person's honour account, entry by entry; up to entry ``last`` where one is named."""
    said = Entry.id, Entry.day, Entry.credit, Entry.minutes, Entry.hash, Entry.reverses, Entry.kind
    rows = Entry.select(*said).where(
        Entry.volunteer == volunteer_id, (Entry.credit == "honour") | (Entry.debit == "honour")
    )
    if last is not None:
        rows = rows.where(Entry.id <= last)
    return [
        Line(key, day, minutes if credit == "honour" else -minutes, seal, reverses, kind == "transfer")
        for key, day, credit, minutes, seal, reverses, kind in rows.order_by(Entry.id).tuples()
    ]


def review(people: Iterable[int], book: PolicyBook) -> None:
    """Bring these people's stars in line with their minutes, inside the move that changed them.

    Stars newly reached become candidates; those on their way and no longer reached lapse; a recognised star whose
    minutes fell below its threshold (by the policy that recognised it) waits for its recogniser.
    """
    keys, today = sorted(set(people)), clock.today()
    for at in range(0, len(keys), READ_AT_ONCE):
        some = keys[at : at + READ_AT_ONCE]
        columns = Volunteer.id, Volunteer.station, Volunteer.registered_on, Station.division, Balance.honour
        reviewed = Volunteer.select(*columns).join(Station).switch(Volunteer).join(Balance)
        known: dict[int, dict[int, StarGrant]] = {}
        for grant in StarGrant.select().where(StarGrant.volunteer.in_(some)):
            known.setdefault(grant.volunteer_id, {})[grant.star] = grant
        rows = reviewed.where(Volunteer.id.in_(some), Volunteer.registered_on.is_null(False))
        for key, station, registered_on, division, honour in rows.order_by(Volunteer.id).tuples():
            version = book.on("stars", str(division), today)
            reached = star_for(honour, registered_on, today, version).value
            mine = known.get(key, {})
            for rule in (one for one in version.rule.levels if one.star <= reached):
                _reach(key, station, rule, honour, mine.get(rule.star), version)
            for star, grant in mine.items():
                if star > reached and grant.state in ON_THE_WAY:
                    StarGrant.move(grant.id, "lapse", SYSTEM)
                if grant.state == "recognised":
                    _doubt(grant, honour, book)


def _reach(
    volunteer: int, station: int, rule: StarLevel, honour: int, grant: StarGrant | None, version: Version
) -> None:
    """A star that the minutes reach: a candidate, or one again where it had lapsed."""
    if grant is None:
        grant = StarGrant(
            station=station, volunteer=volunteer, star=rule.star, honour_minutes=honour,
            why=reaches(rule.star, honour, version), policy=version.key, listed_on=clock.today(),
            recognised_by=rule.recognised_by, selection=rule.selection,
        )  # fmt: skip
        grant.save(force_insert=True)
        grant.trace(SYSTEM, "enter", grant.why)
    elif grant.state == "lapsed":
        StarGrant.move(grant.id, "revive", SYSTEM)


def _doubt(grant: StarGrant, minutes: int, book: PolicyBook) -> None:
    if doubtful(grant, minutes, book):
        StarGrant.move(grant.id, "doubt", SYSTEM, reason=reaches(grant.star, minutes, book.find(grant.policy)))


def doubtful(grant: StarGrant, minutes: int, book: PolicyBook) -> bool:
    """Whether a recognised star is looked at again with so many minutes: fewer than the policy that recognised it asks,
    and than those with which it was kept."""
    short = minutes < level_of(grant.star, book.find(grant.policy)).at * 60
    return short and (grant.kept_minutes is None or minutes < grant.kept_minutes)
