"""异常 (方案 二(5); Order 67 arts. 3, 22): what `rules.anomalies` finds when records are submitted, explained by the
desk, then passed or sent back by a head who entered none of it. Until then the records cannot be approved."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta

from peewee import BigAutoField, CharField, Expression, ForeignKeyField, ModelSelect, TextField, fn

from models import clock, policy
from models.activities import Activity
from models.base import BaseModel
from models.hours import Balance
from models.moves import Staged
from models.records import DEAD, ServiceRecord
from models.scope import EVERYTHING, SYSTEM, Actor
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules import states
from rules.anomalies import KINDS, OPEN, Elsewhere, Facts, Oddity, Seen, find_oddities
from rules.life import Move
from rules.policy import PolicyBook
from rules.records import by_day

CHUNK = 400  # people, or records, named in one query
COUNTED = ("submitted", "approved", "noticed", "posted")  # states in which a line is part of its activity's roster


class Anomaly(Staged):
    """One odd thing on one or several submitted records."""

    resource = "anomalies"
    station_path = "station"
    life = states.ANOMALY

    station = station_field(backref="anomalies")
    kind = CharField(max_length=12, choices=KINDS, verbose_name="异常类型")
    says = TextField(verbose_name="情况")
    activity = ForeignKeyField(Activity, null=True, backref="anomalies", verbose_name="活动")
    explanation = TextField(default="", verbose_name="说明")
    explainer = CharField(max_length=60, default="", verbose_name="说明人")
    verdict = TextField(default="", verbose_name="退回理由")
    policy = CharField(max_length=60, default="", verbose_name="政策版本")

    class Meta:
        indexes = ((("station", "state", "id"), False),)

    def __str__(self) -> str:
        return f"{dict(KINDS)[self.kind]}：{self.says}"

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        """Nobody settles what is odd about a record that she keyed herself."""
        if move.own_entry or by.account_id is None:
            return EVERYTHING
        hers = (ServiceRecord.entered_by == by.account_id) | (ServiceRecord.amended_by == by.account_id)
        return cls.id.not_in(AnomalyLine.select(AnomalyLine.anomaly).join(ServiceRecord).where(hers))

    def is_own(self, by: Actor) -> bool:
        return super().is_own(by) or any(record.is_own(by) for record in self.records())

    def records(self) -> list[ServiceRecord]:
        """The records that it is about."""
        chosen = ServiceRecord.select().join(AnomalyLine).where(AnomalyLine.anomaly == self.id)
        return list(chosen.order_by(ServiceRecord.id))

    def hold(self, name: str) -> None:
        if name == "return":
            Balance.hold(record.volunteer_id for record in self.records())

    def do_explain(self, by: Actor) -> None:
        self.explainer = by.name
        self.amended_by = by.account_id  # whoever explained does not pass it

    def do_return(self, by: Actor) -> None:
        self.verdict = self.reason_given
        for record in self.records():
            if record.state == "submitted":
                says = f"{dict(KINDS)[self.kind]}：{self.reason_given}"
                ServiceRecord.move(record.id, "return", by, reason=says, anomaly=self.id)


class AnomalyLine(BaseModel):
    """One record of an anomaly."""

    resource = "anomalies"
    station_path = "anomaly.station"

    id = BigAutoField()
    anomaly = ForeignKeyField(Anomaly, backref="lines")
    record = ForeignKeyField(ServiceRecord, backref="anomaly_lines", verbose_name="服务记录")

    class Meta:
        indexes = ((("anomaly", "record"), True),)


def note(rows: Sequence[ServiceRecord], by: Actor) -> list[Anomaly]:
    """Look at the records of one station that are submitted together and write down what is odd, in a handful of
    statements however many. What was looked into and passed before, and still reads the same, is not asked again."""
    station = Station.get_by_id(rows[0].station_id)
    book = policy.book(division=str(station.division_id))
    version = book.on("anomalies", str(station.division_id), clock.today())
    lines = _lines(rows, station, book)
    found = find_oddities(lines, _facts(rows, lines, version.rule), version.rule)
    passed = _passed([row.id for row in rows]) if found else set()
    hands = {row.id: row.entered_by for row in rows}
    made = []
    for oddity in found:
        if (oddity.kind, oddity.says) not in passed:
            made.append(_write(oddity, station, version.key, hands[oddity.records[0]], by))
    return made


def _write(oddity: Oddity, station: Station, version: str, hand: int | None, by: Actor) -> Anomaly:
    row = Anomaly(
        station=station.id, kind=oddity.kind, says=oddity.says, activity=oddity.activity, policy=version,
        entered_by=hand,
    )  # fmt: skip
    row.save(force_insert=True)
    lines = [{"anomaly": row.id, "record": key} for key in oddity.records]
    for at in range(0, len(lines), CHUNK):
        AnomalyLine.insert_many(lines[at : at + CHUNK]).execute()
    row.trace(by, "enter", after={"kind": row.kind, "says": row.says})
    return row


def _passed(records: Sequence[int]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for at in range(0, len(records), CHUNK):
        some = Anomaly.select(Anomaly.kind, Anomaly.says).join(AnomalyLine)
        found |= set(some.where(AnomalyLine.record.in_(records[at : at + CHUNK]), Anomaly.state == "passed").tuples())
    return found


def _lines(rows: Sequence[ServiceRecord], station: Station, book: PolicyBook) -> list[Seen]:
    activities = {a.id: a for a in Activity.select().where(Activity.id.in_({row.activity_id for row in rows}))}
    names = _names({row.volunteer_id for row in rows})
    seen = []
    for row in rows:
        activity = activities[row.activity_id]
        day = row.started_at.date()
        planned = None
        if activity.starts_at and activity.ends_at:
            span = datetime.combine(day, activity.ends_at) - datetime.combine(day, activity.starts_at)
            planned = int(span.total_seconds() // 60)
        seen.append(Seen(
            row.id, row.volunteer_id, names[row.volunteer_id], activity.id, activity.name, row.started_at,
            row.ended_at, row.minutes, row.entered_by, row.backfilled, activity.state == "cancelled", planned,
            book.on("counting", str(station.division_id), day).rule.presence_share,
        ))  # fmt: skip
    return seen


def _names(volunteers: set[int]) -> dict[int, str]:
    keys, found = sorted(volunteers), {}
    for at in range(0, len(keys), CHUNK):
        chosen = Volunteer.select(Volunteer.id, Volunteer.name).where(Volunteer.id.in_(keys[at : at + CHUNK]))
        found.update(dict(chosen.tuples()))
    return found


def _facts(rows: Sequence[ServiceRecord], lines: Sequence[Seen], rule) -> Facts:
    """What the rules hold the lines against, each kind of fact in one query (for every few hundred people)."""
    station, own = rows[0].station_id, {row.id for row in rows}
    elsewhere: dict[int, list[Elsewhere]] = {}
    day_minutes: dict = {}
    # From the day before: a shift over midnight reaches into the first day.
    low = datetime.combine(min(row.started_at for row in rows).date() - timedelta(days=1), time())
    high = datetime.combine(max(row.ended_at for row in rows).date() + timedelta(days=1), time())
    people = sorted({row.volunteer_id for row in rows})
    for at in range(0, len(people), CHUNK):
        others = ServiceRecord.select(
            ServiceRecord.id, ServiceRecord.volunteer, ServiceRecord.station, ServiceRecord.started_at,
            ServiceRecord.ended_at, ServiceRecord.minutes,
        ).where(
            ServiceRecord.volunteer.in_(people[at : at + CHUNK]), ServiceRecord.started_at >= low,
            ServiceRecord.started_at < high, ServiceRecord.state.not_in(DEAD),
        )  # fmt: skip
        for key, who, where, started, ended, minutes in others.tuples():
            if key in own:
                continue
            for day, part in by_day(started, ended, minutes).items():
                day_minutes[who, day] = day_minutes.get((who, day), 0) + part
            if where != station:
                elsewhere.setdefault(who, []).append(Elsewhere(started, ended))
    return Facts(elsewhere, day_minutes, _roster(lines, own), _backfills(lines, own, rule), _desk(rows, lines))


def _roster(lines: Sequence[Seen], own: set[int]) -> dict[int, list[tuple[datetime, datetime]]]:
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    rows = ServiceRecord.select(
        ServiceRecord.id, ServiceRecord.activity, ServiceRecord.started_at, ServiceRecord.ended_at
    ).where(ServiceRecord.activity.in_({line.activity for line in lines}), ServiceRecord.state.in_(COUNTED))
    for key, activity, started, ended in rows.tuples():
        if key not in own:
            found.setdefault(activity, []).append((started, ended))
    return found


def _backfills(lines: Sequence[Seen], own: set[int], rule) -> dict[int, int]:
    """How many other records each of these recorders back-filled of late."""
    hands = {line.entered_by for line in lines if line.backfilled and line.entered_by is not None}
    if not hands:
        return {}
    since = clock.now() - timedelta(days=rule.backfill_days)
    counted = (
        ServiceRecord.select(ServiceRecord.entered_by, fn.COUNT(ServiceRecord.id))
        .where(
            ServiceRecord.entered_by.in_(hands), ServiceRecord.backfilled, ServiceRecord.entered_at >= since,
            ServiceRecord.state.in_(COUNTED), ServiceRecord.id.not_in(own),
        )
        .group_by(ServiceRecord.entered_by)
    )  # fmt: skip
    return dict(counted.tuples())


def _desk(rows: Sequence[ServiceRecord], lines: Sequence[Seen]) -> frozenset[tuple[int, int]]:
    """(who entered, volunteer) where whoever entered or changed the line is the volunteer, or bears the same name."""
    from models.people import Account  # which knows volunteers; nothing here needs it but this

    hands = {hand for row in rows for hand in (row.entered_by, row.amended_by) if hand is not None}
    accounts = {
        a.id: a for a in Account.select(Account.id, Account.name, Account.volunteer).where(Account.id.in_(hands))
    }
    found = set()
    for row, line in zip(rows, lines, strict=True):
        for hand in (row.entered_by, row.amended_by):
            account = accounts.get(hand)
            if account is not None and (account.volunteer == line.volunteer or account.name == line.name):
                found.add((row.entered_by, line.volunteer))
    return frozenset(found)


def disturbed() -> ModelSelect:
    """Ids of the records about which something odd has not been settled."""
    return AnomalyLine.select(AnomalyLine.record).join(Anomaly).where(Anomaly.state.in_(OPEN))


def standing(records: Collection[int]) -> dict[int, str]:
    """What has not been settled about each of these records, in words."""
    keys, found = sorted(records), {}
    for at in range(0, len(keys), CHUNK):
        rows = (
            AnomalyLine.select(AnomalyLine.record, Anomaly.says, Anomaly.state)
            .join(Anomaly)
            .where(AnomalyLine.record.in_(keys[at : at + CHUNK]), Anomaly.state.in_(OPEN))
            .order_by(Anomaly.id)
        )
        for record, says, state in rows.tuples():
            label = states.ANOMALY.state(state).label
            found[record] = f"{found[record]}；{says}（{label}）" if record in found else f"{says}（{label}）"
    return found


def let_go(record: int, but: int | None = None) -> None:
    """A record goes back to the desk: what was asked about it alone, or about others that went back too, is moot."""
    still = AnomalyLine.select(AnomalyLine.anomaly).join(ServiceRecord).where(
        ServiceRecord.state == "submitted", ServiceRecord.id != record
    )  # fmt: skip
    moot = (
        Anomaly.select(Anomaly.id)
        .join(AnomalyLine)
        .where(AnomalyLine.record == record, Anomaly.state.in_(OPEN), Anomaly.id.not_in(still))
    )
    for row in moot.order_by(Anomaly.id):
        if row.id != but:
            Anomaly.move(row.id, "lapse", SYSTEM)


def unexplained(by: Actor) -> Expression:
    """待说明的异常: what waits for the desk's explanation."""
    return Anomaly.state == "asked"
