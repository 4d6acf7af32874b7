"""保存期限 (个人信息保护法 19, 47): every night the program proposes what is past its time; a head approves; then it goes.

A proposal names its rows once and for all, with why some are kept back. Approved, they go one by one, each in a
transaction of its own with its trace: killed in between, the next run goes on. Nothing goes that nobody approved.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from peewee import (
    CharField,
    DateField,
    DateTimeField,
    Expression,
    ForeignKeyField,
    IntegerField,
    TextField,
    fn,
)  # fmt: skip

from models import clock, erasing, photos, policy
from models.applications import Application
from models.base import BaseModel, transaction
from models.complaints import Complaint
from models.covers import Cover
from models.erasing import CLEARED
from models.households import Household, Recipient, Visit
from models.moves import Staged, whole
from models.notices import Objection
from models.photos import Photo
from models.refusals import Refusal, refuse
from models.scope import NOTHING, SYSTEM, Actor, find, held
from models.stations import Station, station_field
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.life import Move
from rules.measures import months_before
from rules.retention import BATCH, ERASED, KINDS, PROPOSAL

REST_MONTHS = 6  # after a head refused a proposal, its rows are not proposed anew for so long


def _nothing(keys: Collection[int]) -> dict[int, list[str]]:
    """What nobody may be at work on."""
    return {key: [] for key in keys}


@dataclass(frozen=True)
class Kind:
    """How one kind of `rules.retention.KINDS` is found and erased. ``over`` is given the last day that is past its
    time; ``clear`` runs inside a transaction of its own; ``keeps`` says why each of several rows must stay for now."""

    model: type[BaseModel]
    over: Callable[[date], Expression]
    clear: Callable[[int, Actor, str], None]
    keeps: Callable[[Collection[int]], dict[int, list[str]]] = _nothing


def _until(day: date) -> datetime:
    return datetime.combine(day, time.max)


def _set(model: type[Any], **said: Any) -> Callable[[int, Actor, str], None]:
    """Write these columns over, and leave a trace that says which."""

    def clear(key: int, by: Actor, reason: str) -> None:
        row = model.get_by_id(key)
        model.update(said).where(model.id == key).execute()
        row.trace(by, "erase", reason, after=dict.fromkeys(said, CLEARED))

    return clear


WAYS: dict[str, Kind] = {
    "left_volunteer": Kind(
        Volunteer, lambda day: (Volunteer.state == "suspended") & (Volunteer.moved_at <= _until(day)),
        erasing.erase_volunteer, erasing.keep_volunteers,
    ),
    "refused_registration": Kind(
        Volunteer, lambda day: Volunteer.state.in_(("returned", "refused", "known", "online"))
        & (fn.COALESCE(Volunteer.moved_at, Volunteer.entered_at) <= _until(day)),
        erasing.erase_volunteer, erasing.keep_volunteers,
    ),
    "recipient": Kind(
        Recipient, lambda day: Recipient.erased_on.is_null() & (Recipient.left_on <= day), erasing.erase_recipient,
        erasing.keep_recipients,
    ),
    "household": Kind(
        Household, lambda day: Household.erased_on.is_null() & (Household.left_on <= day), erasing.erase_household,
        erasing.keep_households,
    ),
    "visit": Kind(Visit, lambda day: (Visit.day <= day) & (Visit.found != ""), _set(Visit, found="")),
    "application": Kind(
        Application,
        lambda day: Application.state.in_(("refused", "withdrawn", "lapsed", "ended")) & (Application.moved_at <= _until(day))
        & ((Application.note != "") | (Application.outcome != "")),
        _set(Application, note="", outcome=""),
    ),
    "objection": Kind(
        Objection,
        lambda day: (Objection.state != "open") & (Objection.moved_at <= _until(day)) & (Objection.said_by != ERASED),
        _set(Objection, said_by=ERASED, contact=""),
    ),
    "complaint": Kind(
        Complaint,
        lambda day: (Complaint.state == "replied") & (Complaint.moved_at <= _until(day)) & (Complaint.said_by != ERASED),
        _set(Complaint, said_by=ERASED, contact=""),
    ),
    "photo": Kind(
        Photo, lambda day: (Photo.entered_at <= _until(day)) & Photo.cleared_at.is_null(), photos.clear,
    ),
    "cover": Kind(
        Cover, lambda day: (Cover.ends_on <= day) & (Cover.policy_number != ""), _set(Cover, policy_number=""),
    ),
}  # fmt: skip


class RetentionProposal(Staged):
    """So many rows of one kind at one station are past their time: a head says whether they go."""

    resource = "retention"
    station_path = "station"
    life = PROPOSAL

    station = station_field(backref="retention_proposals")
    kind = CharField(max_length=24, choices=[(name, kind.label) for name, kind in KINDS.items()], verbose_name="数据")
    months = IntegerField(verbose_name="保存（月）")
    past = DateField(verbose_name="到期截止日", help_text="这一天及以前的")
    basis = CharField(max_length=200, default="", verbose_name="依据")
    policy = CharField(max_length=60, verbose_name="政策版本")
    rows = IntegerField(default=0, verbose_name="拟清除")
    kept = IntegerField(default=0, verbose_name="留下")
    cleared = IntegerField(default=0, verbose_name="已清除")
    approver = CharField(max_length=60, default="", verbose_name="批准人")
    approved_at = DateTimeField(null=True, verbose_name="批准时间")
    finished_at = DateTimeField(null=True, verbose_name="完成时间")
    answer = TextField(default="", verbose_name="暂不清除的理由")

    class Meta:
        indexes = ((("station", "state", "id"), False),)

    def __str__(self) -> str:
        return f"{KINDS[self.kind].label} {self.rows} 条"

    def consequences(self) -> list[str]:
        """What approving would do, in Chinese sentences."""
        if self.state != "proposed":
            return []
        kind = KINDS[self.kind]
        said = [f"{kind.since}起已满 {self.months} 个月的 {self.rows} 条：{kind.does}。清除后不能恢复。"]
        if self.kept:
            said.append(f"另有 {self.kept} 条还在办理中，这次留下。")
        return said

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        return super().ripe(move, by) if move.name != "finish" else NOTHING

    def do_approve(self, by: Actor) -> None:
        self.approver, self.approved_at = by.name, clock.now()

    def do_refuse(self, by: Actor) -> None:
        self.answer = self.reason_given

    def may_finish(self, by: Actor) -> list[Finding]:
        waits = RetentionLine.select().where(RetentionLine.proposal == self.id, RetentionLine.done_at.is_null()).count()
        return [Finding("state", f"还有 {waits} 条没有清除。")] if waits else []

    def do_finish(self, by: Actor) -> None:
        named = RetentionLine.select().where(RetentionLine.proposal == self.id)
        self.kept = named.where(RetentionLine.held != "").count()
        self.cleared = named.count() - self.kept
        self.finished_at = clock.now()


class RetentionLine(BaseModel):
    """One row of a proposal: gone, kept with its reason, or still to go."""

    resource = "retention"
    station_path = "proposal.station"

    proposal = ForeignKeyField(RetentionProposal, backref="lines", verbose_name="清除批次")
    row = IntegerField(verbose_name="编号")
    held = CharField(max_length=200, default="", verbose_name="留下的理由")
    done_at = DateTimeField(null=True, verbose_name="处理时间")

    class Meta:
        indexes = ((("proposal", "row"), True), (("proposal", "done_at"), False))

    def __str__(self) -> str:
        return str(self.row)


# --- proposing ---


def propose_due(by: Actor = SYSTEM) -> int:
    """Propose what is past its time at every station, kind by kind, at most `BATCH` rows each; how many proposals.

    Run again it proposes nothing that waits, is being erased, or was lately refused.
    """
    if by != SYSTEM:
        raise refuse("到期清除由程序提出。")
    made, today, book = 0, clock.today(), policy.book(topic="retention")
    for station in Station.select().order_by(Station.id):
        version = book.on("retention", str(station.division_id), today)
        for one in version.rule.schedules:
            with whole():
                made += _propose(station, one, version.key, today)
    return made


def _propose(station: Station, one: Any, key: str, today: date) -> int:
    kind, past = WAYS[one.what], months_before(today, one.months)
    if RetentionProposal.select().where(
        RetentionProposal.station == station.id, RetentionProposal.kind == one.what,
        RetentionProposal.state.in_(("proposed", "approved")),
    ).exists():  # fmt: skip
        return 0
    rested = RetentionLine.select(RetentionLine.row).join(RetentionProposal).where(
        RetentionProposal.station == station.id, RetentionProposal.kind == one.what,
        RetentionProposal.state == "refused", RetentionProposal.moved_at > _until(months_before(today, REST_MONTHS)),
    )  # fmt: skip
    due = kind.model.select(kind.model.id).where(
        kind.model.station == station.id, kind.over(past), kind.model.id.not_in(rested)
    )
    keys = [row for (row,) in due.order_by(kind.model.id).limit(BATCH).tuples()]
    why = {row: "".join(said)[:200] for row, said in kind.keeps(keys).items()} if keys else {}
    going = sum(not said for said in why.values())
    if not going:
        return 0  # what is only kept back waits silently for its case to end
    made = RetentionProposal(
        station=station.id, kind=one.what, months=one.months, past=past, basis=one.basis[:200], policy=key, rows=going,
        kept=len(keys) - going,
    )  # fmt: skip
    made.save(force_insert=True)
    RetentionLine.insert_many(
        {"proposal": made.id, "row": row, "held": said, "done_at": clock.now() if said else None}
        for row, said in why.items()
    ).execute()
    made.trace(SYSTEM, "propose", after={"kind": one.what, "rows": going, "kept": len(keys) - going})
    return 1


# --- erasing what was approved ---


def carry_out(by: Actor = SYSTEM) -> int:
    """Erase what heads approved, row by row, and finish each proposal; how many rows went."""
    gone = 0
    approved = RetentionProposal.select(RetentionProposal.id).where(RetentionProposal.state == "approved")
    for (key,) in list(approved.order_by(RetentionProposal.id).tuples()):
        waiting = RetentionLine.select(RetentionLine.id).where(
            RetentionLine.proposal == key, RetentionLine.done_at.is_null()
        )
        for (line,) in list(waiting.order_by(RetentionLine.id).tuples()):
            gone += _carry_out(line)
        RetentionProposal.move(key, "finish", by)
    return gone


def _carry_out(key: int) -> int:
    """One row, in a transaction of its own: gone, or kept because something began meanwhile."""
    with whole():
        line = held(RetentionLine.select().where(RetentionLine.id == key)).get()
        proposal = RetentionProposal.get_by_id(line.proposal_id)
        if line.done_at is not None or proposal.state != "approved":
            return 0
        kind = WAYS[proposal.kind]
        why = [] if _still_due(kind, line.row, proposal) else ["已不再到期（期间有变动）。"]
        why = why or kind.keeps([line.row])[line.row]
        if not why:
            # In the name of the station whose head approved it: its trail shows what went.
            acting = Actor(None, proposal.approver or SYSTEM.name, SYSTEM.role, proposal.station_id)
            try:
                with transaction():
                    kind.clear(line.row, acting, f"保存期满，{proposal.approver}批准（第 {proposal.id} 批）")
            except Refusal as no:
                why = [str(no)]
        line.held, line.done_at = "".join(why)[:200], clock.now()
        line.save()
    return 0 if why else 1


def _still_due(kind: Kind, row: int, proposal: RetentionProposal) -> bool:
    """Whether the row is still past its time, and still the station's whose head approved it."""
    mine = kind.model.id == row, kind.model.station == proposal.station_id
    return bool(kind.model.select().where(*mine, kind.over(proposal.past)).exists())


def rows_of(proposal: RetentionProposal, by: Actor, most: int = BATCH) -> list[tuple[RetentionLine, str]]:
    """The lines of a proposal, each with what its row is called now; two statements."""
    find(RetentionProposal, proposal.id, by)
    lines = list(
        RetentionLine.select().where(RetentionLine.proposal == proposal.id).order_by(RetentionLine.id).limit(most)
    )
    model = WAYS[proposal.kind].model
    named = {row.id: row for row in model.select().where(model.id.in_([line.row for line in lines]))}
    return [(line, str(named.get(line.row, ""))) for line in lines]
