"""期初工时 (方案 二(5)(6)): one line of a station's list of what its volunteers had served before this account was kept.

The recorder enters it (from a workbook, mostly), a head who did not enter it holds it against the paper and posts it.
Honour and exchangeable minutes go into the account apart, as entries of their own kind, of origin «imported», on the day
of the first service; they are no service of the month they were entered in, so closes and statistics leave them out.
Exchangeable minutes are what was left on paper: what had been exchanged before is no longer among them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from peewee import BigIntegerField, CharField, Check, DateField, ForeignKeyField, TextField

from models import clock, policy, stars
from models.earning import kept
from models.fields import MinutesField
from models.hours import Balance, Chain, Entry, Lot, Writer, repayment, take_back
from models.moves import Staged
from models.records import DEAD, ServiceRecord
from models.scope import Actor
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules import states
from rules.findings import Finding
from rules.life import Move
from rules.openings import GONE, Said, check_opening
from rules.policy import PolicyBook
from rules.rewards import expires_on
from rules.topics import PolicyError

LOOKUP = 400  # people in one statement


@dataclass
class Ground:
    """What lines are judged by, read once for many: policy, what these people keep, what is listed or posted already."""

    book: PolicyBook
    division: str
    people: dict[int, Volunteer] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)  # exchangeable minutes less debts
    listed: dict[tuple[int, str], int] = field(default_factory=dict)  # (person, source) -> the line that stands
    served: dict[int, list[date]] = field(default_factory=dict)  # days of records that stand

    @classmethod
    def of(cls, people: Iterable[int], station: Station) -> "Ground":
        """Read for these people, in four statements for every four hundred."""
        made = cls(policy.book(topic="exchange"), str(station.division_id))
        keys = sorted(set(people))
        for at in range(0, len(keys), LOOKUP):
            made._read(keys[at : at + LOOKUP])
        return made

    def _read(self, some: list[int]) -> None:
        self.people |= {row.id: row for row in Volunteer.select().where(Volunteer.id.in_(some))}
        debts = dict(Balance.select(Balance.volunteer, Balance.debt).where(Balance.volunteer.in_(some)).tuples())
        lots = kept(some)
        self.left |= {key: lots.get(key, 0) - debts.get(key, 0) for key in some}
        lines = Opening.select(Opening.volunteer, Opening.source, Opening.id)
        lines = lines.where(Opening.volunteer.in_(some), Opening.state.not_in(GONE))
        self.listed |= {(person, source): key for person, source, key in lines.tuples()}
        days = ServiceRecord.select(ServiceRecord.volunteer, ServiceRecord.started_at)
        days = days.where(ServiceRecord.volunteer.in_(some), ServiceRecord.state.not_in(DEAD))
        for person, moment in days.tuples():
            self.served.setdefault(person, []).append(moment.date())


def covering(people: Iterable[int]) -> dict[int, list["Opening"]]:
    """The openings of these people that stand, posted or on their way: service of their days is not entered again."""
    keys, found = sorted(set(people)), dict[int, list[Opening]]()
    chosen = Opening.select(
        Opening.id, Opening.volunteer, Opening.station, Opening.earned_on, Opening.until, Opening.source, Opening.state
    )
    for at in range(0, len(keys), LOOKUP):
        rows = chosen.where(Opening.volunteer.in_(keys[at : at + LOOKUP]), Opening.state.not_in(GONE))
        for row in rows.order_by(Opening.id):
            found.setdefault(row.volunteer_id, []).append(row)
    return found


class Opening(Staged):
    """What one volunteer had by one source: honour minutes, those still to be exchanged, their days, the evidence."""

    resource = "openings"
    station_path = "station"
    life = states.OPENING
    editable = "volunteer honour_minutes exchangeable_minutes earned_on until source evidence"

    station = station_field()
    volunteer = ForeignKeyField(Volunteer, backref="openings", verbose_name="志愿者")
    honour_minutes = MinutesField(constraints=[Check("honour_minutes > 0")], verbose_name="荣誉工时",
                                  help_text="小时；全部经核实的服务，已兑换的也算")  # fmt: skip
    exchangeable_minutes = MinutesField(
        default=0, constraints=[Check("exchangeable_minutes >= 0")], verbose_name="可兑换工时",
        help_text="小时；扣除以前已兑换的，还剩多少",
    )  # fmt: skip
    earned_on = DateField(verbose_name="最早服务日期", help_text="可兑换工时的有效期从这一天算起")
    until = DateField(verbose_name="截至日期", help_text="这一天以后的服务逐条登记")
    source = CharField(max_length=60, verbose_name="资料来源", help_text="例如：2015—2025 年纸质台账")
    evidence = CharField(max_length=120, verbose_name="证明材料", help_text="存放在哪里，例如：档案柜 2 第 3 册第 7 页")
    outcome = TextField(default="", verbose_name="核对意见")
    checked_by = CharField(max_length=60, default="", verbose_name="核对人")
    posted_on = DateField(null=True, verbose_name="入账日期")
    disputed_by = BigIntegerField(null=True)
    policy = CharField(max_length=60, default="", verbose_name="政策版本")

    class Meta:
        indexes = ((("station", "state", "id"), False), (("volunteer", "source"), False))

    ground: "Ground | None" = None  # for a row that is judged among many

    def __str__(self) -> str:
        return f"{self.volunteer.name} 期初工时"

    def prepare(self, by: Actor) -> None:
        self.source, self.evidence = (self.source or "").strip(), (self.evidence or "").strip()

    def check(self, by: Actor) -> list[Finding]:
        ground = self.ground or Ground.of([self.volunteer_id], self.station)
        person = ground.people[self.volunteer_id]
        if person.station_id != self.station_id:
            return [Finding("volunteer", f"{person.name}不在本站登记，由现在的工作站登记期初工时。")]
        if person.state != "registered":
            return [Finding("volunteer", f"{person.name}是「{person.state_label}」，审核注册后才能登记期初工时。")]
        if ground.listed.get((person.id, self.source), self.id) != self.id:
            return [Finding("source", f"{person.name}的「{self.source}」已经登记过期初工时，同一来源只登记一次。")]
        if None in (self.honour_minutes, self.exchangeable_minutes, self.earned_on, self.until):
            return []  # said already
        try:
            rule = ground.book.on("exchange", ground.division, self.earned_on)
            now = ground.book.on("exchange", ground.division, clock.today()).rule
        except PolicyError:
            return [Finding("earned_on", f"{self.earned_on} 太早了，没有可以依据的政策，请核对年份。")]
        room = max(0, now.balance_cap_hours * 60 - ground.left[person.id]) if now.balance_cap_hours else None
        said = Said(self.honour_minutes, self.exchangeable_minutes, self.earned_on, self.until)
        ends_on = expires_on(self.earned_on, rule)
        found = check_opening(said, person.birth_date, clock.today(), ends_on=ends_on, room=room)
        return found + self._twice(ground.served.get(person.id, []))

    def _twice(self, served: list[date]) -> list[Finding]:
        """Service that was entered record by record is not taken over once more."""
        within = sorted(day for day in served if self.earned_on <= day <= self.until)
        if not within:
            return []
        says = (
            f"这段时间里已有 {len(within)} 条服务记录（最早 {within[0]}），会重复计算；"
            f"截至日期请填 {within[0] - timedelta(days=1)} 以前。"
        )
        return [Finding("until", says)]

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state == "draft":
            return []
        how = "请申请更正" if self.state == "posted" else "请退回后再改"
        return [Finding("state", f"现在是「{self.state_label}」，不能修改；有错{how}。")]

    # --- the moves ---

    def hold(self, name: str) -> None:
        if name in ("post", "reverse"):
            Chain.lock(self.station_id)
        Balance.hold([self.volunteer_id])

    def legal_moves(self, by: Actor) -> list[Move]:
        """Whoever asked for a correction does not decide it."""
        mine = self.state == "disputed" and by.account_id is not None and by.account_id == self.disputed_by
        return [] if mine else super().legal_moves(by)

    def may_submit(self, by: Actor) -> list[Finding]:
        return self.check(by)

    def may_post(self, by: Actor) -> list[Finding]:
        Balance.locked(self.volunteer_id)
        return self.check(by)

    def do_return(self, by: Actor) -> None:
        self.outcome = self.reason_given

    def do_post(self, by: Actor) -> None:
        writer = Writer.open(self.station_id)
        self.checked_by, self.posted_on, self.outcome = by.name, clock.today(), ""
        version = policy.in_force("exchange", self.station, self.earned_on)
        self.policy = version.key
        writer.write(self._movements(by, expires_on(self.earned_on, version)))
        stars.review([self.volunteer_id], policy.book(topic="stars"))

    def _movements(self, by: Actor, ends_on: date | None) -> list[dict[str, Any]]:
        """Entries of the opening, told from its earlier ones by how often it was posted: kept open, it is once."""
        common = {
            "day": self.earned_on, "kind": "opening", "origin": "imported", "debit": "opening",
            "volunteer": self.volunteer_id, "asked_by": self.entered_by, "approved_by": by.account_id,
            "policy": self.policy, "reason": f"期初工时 {self.id}：{self.source}",
        }  # fmt: skip
        said = [common | {"key": f"opening:{self.id}:honour", "credit": "honour", "minutes": self.honour_minutes}]
        if self.exchangeable_minutes:
            lot = Lot(
                volunteer=self.volunteer_id, origin="imported", earned_on=self.earned_on, expires_on=ends_on,
                minutes=self.exchangeable_minutes, left=0, donation_only=False,
            )  # fmt: skip
            into = common | {
                "key": f"opening:{self.id}:exchangeable", "credit": "exchangeable", "lot": lot,
                "minutes": self.exchangeable_minutes,
            }  # fmt: skip
            said += [into, *repayment(Balance.locked(self.volunteer_id).debt, into)]
        return said

    def entries(self) -> list[Entry]:
        """What it wrote into the account, and what took it back, in order."""
        posted = [f"opening:{self.id}:{what}" for what in ("honour", "exchangeable")]
        first = list(Entry.select().where(Entry.key.in_(posted)).order_by(Entry.id))
        back = Entry.select().where(Entry.reverses.in_([one.id for one in first])).order_by(Entry.id)
        return [*first, *(back if first else [])]

    def do_dispute(self, by: Actor) -> None:
        self.outcome, self.disputed_by = f"申请更正：{self.reason_given}", by.account_id

    def may_keep(self, by: Actor) -> list[Finding]:
        return self._not_the_asker(by)

    def do_keep(self, by: Actor) -> None:
        self.outcome = f"维持：{self.reason_given}"

    def may_reverse(self, by: Actor) -> list[Finding]:
        return self._not_the_asker(by)

    def do_reverse(self, by: Actor) -> None:
        """By opposite entries, as a record is taken back; what was used meanwhile becomes a debt."""
        writer = Writer.open(self.station_id)
        posted = [one for one in self.entries() if one.kind == "opening"]
        take_back(posted, by, self.disputed_by, self.outcome, writer)
        stars.review([self.volunteer_id], policy.book(topic="stars"))

    def do_void(self, by: Actor) -> None:
        self.outcome = self.reason_given

    def _not_the_asker(self, by: Actor) -> list[Finding]:
        if by.account_id is not None and by.account_id == self.disputed_by:
            return [Finding("state", "不能决定自己提出的更正，请由另一位站长办理。")]
        return []
