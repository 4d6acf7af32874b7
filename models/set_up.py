"""建站清单 (方案 三(2); 中央 2024 年意见): what a station has of the six aspects, item by item, confirmed by its head."""

from collections.abc import Iterable, Mapping
from typing import Any

from peewee import SQL, Case, CharField, DateField, Expression, fn

from models import clock, policy
from models.fields import CodeField
from models.moves import Staged, permit, whole
from models.refusals import Refusal
from models.scope import Actor
from models.stations import Station, station_field
from models.vocabulary import Term, unknown_codes
from rules import stations
from rules.findings import Finding
from rules.stations import ASPECTS, STANDINGS, Share

KIND = "setup_item"  # the vocabulary that holds the items


class SetUpItem(Staged):
    """How a station stands on one item of the list, with what shows it and since when."""

    resource = "set_up_items"
    station_path = "station"
    life = stations.SET_UP
    editable = "item standing evidence since"

    station = station_field(backref="set_up_items")
    item = CodeField(kind=KIND, verbose_name="建站项目")
    standing = CharField(max_length=6, choices=STANDINGS, verbose_name="达到情况")
    evidence = CharField(
        max_length=200, default="", verbose_name="依据", help_text="照片、文件、实物所在；不适用的写明原因"
    )
    since = DateField(null=True, verbose_name="达到日期")
    confirmer = CharField(max_length=40, default="", verbose_name="确认人")
    confirmed_on = DateField(null=True, verbose_name="确认日期")

    class Meta:
        indexes = ((("station", "item"), True), (("station", "state", "id"), False))

    def __str__(self) -> str:
        return f"{self.aspect}：{Term.get(Term.kind == KIND, Term.code == self.item).name}"

    @property
    def aspect(self) -> str:
        return stations.aspect_of(self.item)

    def check(self, by: Actor) -> list[Finding]:
        findings = unknown_codes(self)
        if self.since and self.since > clock.today():
            findings.append(Finding("since", "达到日期还没有到。"))
        if self.standing == "met" and not self.since:
            findings.append(Finding("since", "达到的项目要写明从哪一天起达到。"))
        if self.standing in ("met", "na") and not self.evidence.strip():
            needed = "用什么可以看出来（照片、文件、实物所在）" if self.standing == "met" else "为什么不适用"
            findings.append(Finding("evidence", f"请在「依据」里写明{needed}。"))
        twin = SetUpItem.select(SetUpItem.id).where(
            SetUpItem.station == self.station_id, SetUpItem.item == self.item, SetUpItem.id != self.id
        )
        if twin.exists():
            findings.append(Finding("item", "这一项已经登记过，请在原来那一条上修改。"))
        return findings

    def may_amend(self, by: Actor) -> list[Finding]:
        return [Finding("state", "已经确认的项目不能直接改，请先「重新登记」。")] if self.state == "confirmed" else []

    def do_confirm(self, by: Actor) -> None:
        self.confirmer, self.confirmed_on = by.name, clock.today()

    def do_reopen(self, by: Actor) -> None:
        self.confirmer, self.confirmed_on = "", None


def fill(said: Mapping[str, Mapping[str, Any]], by: Actor) -> int:
    """Enter or amend several items of the actor's own station at once, by the item's code; how many changed.

    All or none: raises ``Refusal`` whose findings name «code.column».
    """
    permit(by, "enter", SetUpItem.resource)
    changed, wrong = 0, []
    with whole():
        kept = {row.item: row for row in SetUpItem.select().where(SetUpItem.station == by.station_id)}
        for code, values in said.items():
            row = kept.get(code)
            try:
                if row is None:
                    SetUpItem.enter(by, item=code, **values)
                    changed += 1
                else:
                    changed += SetUpItem.amend(row.id, by, **values).revision != row.revision
            except Refusal as no:
                wrong += [Finding(f"{code}.{finding.where}", finding.says) for finding in no.findings]
        if wrong:
            raise Refusal(*wrong)
    return changed


def items() -> dict[str, list[tuple[str, str]]]:
    """The list in force: aspect -> (code, name) of its items in their order."""
    found: dict[str, list[tuple[str, str]]] = {aspect: [] for aspect in ASPECTS}
    for code, name in Term.select(Term.code, Term.name).where(*_listed()).order_by(Term.position, Term.code).tuples():
        found[code[:1]].append((code, name))
    return found


def _listed() -> tuple[Expression, ...]:
    return Term.kind == KIND, Term.active


def shares(station_ids: Iterable[int]) -> dict[int, dict[str, Share]]:
    """For each station the share of each aspect. Two statements, however many stations."""
    wanted = list(station_ids)
    whole_list = {aspect: len(rows) for aspect, rows in items().items()}
    # Grouped by its alias: to PostgreSQL two bound parameters are two expressions.
    aspect = fn.SUBSTR(SetUpItem.item, 1, 1).alias("aspect")
    counted = (
        SetUpItem.select(SetUpItem.station, aspect, _counts("met"), _counts("na"), _counts("met", "claimed"))
        .join(Term, on=(Term.code == SetUpItem.item))
        .where(SetUpItem.station.in_(wanted), *_listed())
        .group_by(SetUpItem.station, SQL("aspect"))
    )
    found = {(station, name): figures for station, name, *figures in counted.tuples()}
    made: dict[int, dict[str, Share]] = {}
    for station in wanted:
        made[station] = {}
        for name, total in whole_list.items():
            met, na, claimed = found.get((station, name), (0, 0, 0))
            made[station][name] = Share(int(met), total - int(na), int(claimed))
    return made


def _counts(standing: str, state: str = "confirmed"):
    return fn.SUM(Case(None, [((SetUpItem.standing == standing) & (SetUpItem.state == state), 1)], 0))


def below_target(by: Actor) -> Expression:
    """未达标的工作站: stations in use whose overall share is below the policy's target."""
    target = policy.for_actor("stations", by).rule.target_share
    total = Term.select(fn.COUNT(1)).where(*_listed())
    reaching = (
        SetUpItem.select(SetUpItem.station)
        .join(Term, on=(Term.code == SetUpItem.item))
        .where(*_listed())
        .group_by(SetUpItem.station)
        .having(_counts("met") * 100 + _counts("na") * target >= fn.COALESCE(total, 0) * target)
    )
    return Station.active & Station.id.not_in(reaching)
