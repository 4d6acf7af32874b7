"""抽查 (Order 67 arts. 20–22): a supervisor draws service records of a division by lot and says whether they are true."""

import secrets
from datetime import datetime, time
from typing import Any

from peewee import (
    Case,
    CharField,
    DateField,
    DateTimeField,
    Expression,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    fn,
)

from models import clock, policy
from models.fields import StationsField
from models.moves import Entered, Staged, permit, whole
from models.publicity import check_public
from models.records import ServiceRecord
from models.refusals import NotFound, Refusal
from models.scope import EVERYTHING, NOTHING, ROOT, Actor, find, stations_of
from models.stations import Division, Station, station_field, unknown_stations
from rules.access import DIVISION_ROLES, STATION_ROLES, Role
from rules.divisions import contains, subtree
from rules.findings import Finding
from rules.life import Move
from rules.months import months_before
from rules.sampling import draw
from rules.stations import SPOT_CHECK

MOST_SAMPLES = 500  # records that one check draws: what a few people can look into
SEED_BYTES = 8
RESULTS = [("true", "属实"), ("false", "不属实"), ("unknown", "无法核实")]


class SpotCheck(Staged):
    """One check: of which records, how many, drawn by which seed, and what came of it."""

    resource = "spot_checks"
    life = SPOT_CHECK
    editable = "title division stations starts_on ends_on size method"

    title = CharField(max_length=80, verbose_name="抽查名称")
    division = ForeignKeyField(
        Division, backref="+", verbose_name="抽查区划", help_text="空着就是您负责的区划；也可以选它的下级"
    )
    stations = StationsField(verbose_name="限定工作站", help_text="不选即区划内的全部工作站")
    starts_on = DateField(verbose_name="服务日期起")
    ends_on = DateField(verbose_name="服务日期止", help_text="含当日")
    size = IntegerField(verbose_name="抽查条数", help_text="条，不超过 500；不足的全部抽取")
    method = CharField(
        max_length=200, default="", verbose_name="核查办法", help_text="例如：电话回访、对照签到表、入户询问"
    )
    seed = CharField(max_length=40, default="", verbose_name="随机种子")
    population = IntegerField(null=True, verbose_name="总体条数")
    drawn_at = DateTimeField(null=True, verbose_name="抽样时间")
    published_on = DateField(null=True, verbose_name="公布日期")

    class Meta:
        indexes = ((("division", "state"), False),)

    def __str__(self) -> str:
        return self.title

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """Those of one's own division; and those that drew a record of one's station."""
        if actor.role in STATION_ROLES:
            return cls.id.in_(SpotSample.select(SpotSample.spot_check).where(SpotSample.station == actor.station_id))
        if actor.role not in DIVISION_ROLES:
            return NOTHING
        own = stations_of(actor)
        if own is None:
            return EVERYTHING
        touched = SpotSample.select(SpotSample.spot_check).where(SpotSample.station.in_(own))
        return cls.called_within(str(actor.division)) | cls.id.in_(touched)

    @classmethod
    def called_within(cls, division: str) -> Expression:
        low, high = subtree(division)
        return (cls.division >= low) & (cls.division < high)

    def prepare(self, by: Actor) -> None:
        if self.division_id is None and by.division:
            self.division_id = by.division

    def check(self, by: Actor) -> list[Finding]:
        findings = self._check_whose(by) + unknown_stations(self, "stations", by, str(self.division_id))
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            findings.append(Finding("ends_on", f"服务日期止应不早于 {self.starts_on}。"))
        if self.ends_on and self.ends_on > clock.today():
            findings.append(Finding("ends_on", "只能抽查已经过去的日子。"))
        if self.size is not None and not 1 <= self.size <= MOST_SAMPLES:
            findings.append(Finding("size", f"抽查条数应在 1 到 {MOST_SAMPLES} 之间。"))
        return findings + check_public(self, {"title": "抽查名称"})

    def _check_whose(self, by: Actor) -> list[Finding]:
        if self.is_theirs(by):
            return []
        return [Finding("division", "这个区划不在您负责的范围内。")]

    def check_recording(self, by: Actor) -> list[Finding]:
        """Findings that refuse to write down what was found of its samples."""
        if self.state == self.life.first:
            return [Finding("state", "还没有抽样，抽样以后再登记核查结果。")]
        if self.state != "drawn":
            return [Finding("state", "核查已经完毕，结果不能再改；要改请先「继续核查」。")]
        return [] if self.is_theirs(by) else [Finding("", "这次抽查由别的督导办理。")]

    def is_theirs(self, by: Actor) -> bool:
        """Whether this person answers for the division that is checked, not only sees the check."""
        return by.role == Role.SYSTEM or bool(by.division and contains(by.division, str(self.division_id)))

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state != "draft":
            return [Finding("state", "样本已经抽出，抽查的范围和条数不能再改。")]
        return self._check_whose(by)

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        ripe = cls.called_within(by.division) if by.division else NOTHING
        if move.name == "verify":
            open_ones = SpotSample.select(SpotSample.spot_check).where(SpotSample.result == "")
            return ripe & cls.id.not_in(open_ones)
        return ripe

    def legal_moves(self, by: Actor) -> list[Move]:
        """Not offered: another division's, and to be done with it while a sample has no finding."""
        moves = super().legal_moves(by) if self.is_theirs(by) else []
        return [m for m in moves if m.name != "verify" or not self.may_verify(by)]

    def eligible(self) -> ModelSelect:
        """The records that the draw is from: posted ones of the period, of the stations named or of the division."""
        if self.stations:
            of_stations = ServiceRecord.station.in_([int(key) for key in self.stations])
        elif str(self.division_id) == ROOT:
            of_stations = EVERYTHING
        else:
            low, high = subtree(str(self.division_id))
            inside = Station.select(Station.id).where(Station.division >= low, Station.division < high)
            of_stations = ServiceRecord.station.in_(inside)
        first, last = datetime.combine(self.starts_on, time.min), datetime.combine(self.ends_on, time.max)
        return ServiceRecord.select(ServiceRecord.id).where(
            ServiceRecord.state == "posted", ServiceRecord.started_at.between(first, last), of_stations
        )

    def may_draw(self, by: Actor, seed: str = "") -> list[Finding]:
        if whose := self._check_whose(by):
            return whose
        return (
            [] if self.eligible().exists() else [Finding("starts_on", "这段时间里没有已入账的服务记录，无从抽取。")]
        )

    def do_draw(self, by: Actor, seed: str = "") -> None:
        """Draw by lot. The seed is kept with how many records there were: whoever has both can draw again.

        Two statements whatever the division holds: one counts, one fetches the rows at the drawn places.
        """
        self.seed = seed or secrets.token_hex(SEED_BYTES)
        self.population = self.eligible().count()
        self.drawn_at = clock.now()
        places = draw(self.seed, self.population, self.size)
        numbered = self.eligible().select(
            ServiceRecord.id, ServiceRecord.station,
            fn.ROW_NUMBER().over(order_by=[ServiceRecord.id]).alias("place"),
        )  # fmt: skip
        chosen = (
            ServiceRecord.select(numbered.c.id, numbered.c.station_id)
            .from_(numbered)
            .where(numbered.c.place.in_([place + 1 for place in places]))
            .order_by(numbered.c.id)
            .tuples()
        )
        moment = clock.now()
        rows = [
            {"spot_check": self.id, "record": key, "station": station, "position": n, "entered_by": by.account_id,
             "entered_at": moment}
            for n, (key, station) in enumerate(chosen, start=1)
        ]  # fmt: skip
        SpotSample.insert_many(rows).execute()

    def may_verify(self, by: Actor) -> list[Finding]:
        if whose := self._check_whose(by):
            return whose
        left = self.samples.where(SpotSample.result == "").count()
        return [Finding("state", f"还有 {left} 条样本没有填写结果。")] if left else []

    def may_reopen(self, by: Actor) -> list[Finding]:
        return self._check_whose(by)

    may_publish = may_reopen

    def do_publish(self, by: Actor) -> None:
        self.published_on = clock.today()


class SpotSample(Entered):
    """One record that was drawn, and what looking into it found. The draw makes it; only the finding is written."""

    resource = "spot_samples"
    station_path = "station"
    editable = "result note"

    spot_check = ForeignKeyField(SpotCheck, backref="samples", verbose_name="抽查")
    station = station_field(backref="+")
    record = ForeignKeyField(ServiceRecord, backref="+", verbose_name="服务记录")
    position = IntegerField(verbose_name="序号")
    result = CharField(max_length=8, choices=RESULTS, default="", verbose_name="核查结果")
    note = CharField(max_length=200, default="", verbose_name="核查说明")

    class Meta:
        indexes = ((("spot_check", "position"), True),)

    def __str__(self) -> str:
        return f"{self.spot_check.title} 第 {self.position} 条"

    @classmethod
    def unfilled(cls, by: Actor) -> Expression:
        """待填写核查结果: drawn by a check of one's own division, and nothing found of it yet."""
        mine = SpotCheck.select(SpotCheck.id).where(
            SpotCheck.state == "drawn", SpotCheck.called_within(by.division or ROOT)
        )
        return (cls.result == "") & cls.spot_check.in_(mine)

    def check(self, by: Actor) -> list[Finding]:
        if self.result in ("false", "unknown") and not self.note.strip():
            return [Finding("note", "不属实或无法核实的，请写明查到的情况。")]
        return []

    def may_amend(self, by: Actor) -> list[Finding]:
        return self.spot_check.check_recording(by)


def record_results(check_id: object, said: dict[int, dict[str, Any]], by: Actor) -> int:
    """Write what was found of several samples of one check, by their keys; how many changed. All or none.

    Raises ``Refusal`` whose findings name «key.column», ``NotFound`` for a sample of another check.
    """
    permit(by, "amend", SpotSample.resource)
    with whole():
        one = find(SpotCheck, check_id, by, lock=True)
        mine = {row.id: row for row in one.samples}
        if not set(said) <= set(mine):
            raise NotFound()
        wrong, changed = [], 0
        for key, values in said.items():
            if all(getattr(mine[key], name) == value for name, value in values.items()):
                continue
            try:
                SpotSample.amend(key, by, **values)
                changed += 1
            except Refusal as no:
                wrong += [Finding(f"{key}.{finding.where}", finding.says) for finding in no.findings]
        if wrong:
            raise Refusal(*wrong)
    return changed


def tally(*where: Expression) -> list[dict[str, Any]]:
    """Of each check and station: how many were drawn and how many were true, false, not to be told; one statement."""
    counted = (
        SpotSample.select(
            SpotSample.spot_check, SpotSample.station, Station.name, fn.COUNT(1),
            *(fn.SUM(Case(None, [(SpotSample.result == result, 1)], 0)) for result, _ in RESULTS),
        )
        .join(Station, on=(SpotSample.station == Station.id))
        .where(*where)
        .group_by(SpotSample.spot_check, SpotSample.station, Station.name)
        .order_by(SpotSample.spot_check.desc(), Station.name)
    )  # fmt: skip
    return [
        {"spot_check": check, "station": station, "name": name, "drawn": drawn, "true": int(true), "false": int(false),
         "unknown": int(unknown), "percent": int(true) * 100 // drawn}
        for check, station, name, drawn, true, false, unknown in counted.tuples()
    ]  # fmt: skip


def unaudited(by: Actor) -> Expression:
    """久未抽查的工作站: stations in use of which no record was drawn within as many months as policy allows.

    One that opened later than that has still its time. Nothing where policy asks for no spot checks.
    """
    months = policy.for_actor("handling", by).rule.audit_months
    if not months:
        return NOTHING
    since = months_before(clock.today(), months)
    drawn = SpotCheck.select(SpotCheck.id).where(SpotCheck.drawn_at >= datetime.combine(since, time.min))
    looked_into = SpotSample.select(SpotSample.station).where(SpotSample.spot_check.in_(drawn))
    old = Station.opened_on.is_null() | (Station.opened_on < since)
    return Station.active & old & Station.id.not_in(looked_into)


def published_of(station_id: int) -> list[tuple[SpotCheck, dict[str, Any]]]:
    """Published checks that drew records of this station, newest first, each with the station's figures."""
    published = SpotCheck.select(SpotCheck.id).where(SpotCheck.state == "published")
    lines = tally(SpotSample.station == station_id, SpotSample.spot_check.in_(published))
    checks = {row.id: row for row in SpotCheck.select().where(SpotCheck.id.in_([one["spot_check"] for one in lines]))}
    return [(checks[line["spot_check"]], line) for line in lines]
