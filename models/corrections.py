"""冲正 (方案 二(5); Order 67 art. 13): a posted record taken back on somebody's request and another's approval.

The decision may be appealed once, to the county: who asked against a refusal, the volunteer (through the desk) against
an approval. The account is append-only, so an approval that is overturned is the same line entered anew, which goes
through its public notice once more.
"""

from datetime import date
from typing import Self

from peewee import SQL, BigIntegerField, CharField, DateField, Expression, ForeignKeyField, TextField

from models import clock, policy
from models.consequences import consequences
from models.fields import JSONText
from models.herself import from_her_own_hand, herself
from models.keying import RECORD_FIELDS, Draft, judge
from models.moves import Staged, whole
from models.records import ServiceRecord
from models.refusals import refuse_if
from models.scope import EVERYTHING, NOTHING, SYSTEM, Actor, along_or_hers
from models.stations import station_field
from rules import states
from rules.access import Role
from rules.divisions import level
from rules.findings import Finding, errors
from rules.life import Move

BLANK = [SQL("DEFAULT ''")]
DECISIONS = [("approved", "批准冲正"), ("refused", "不批准")]
OUTCOMES = [("upheld", "维持原决定"), ("overturned", "已改判")]
APPEALS = ("appeal", "uphold", "overturn")
WAYS = [("in_person", "当面"), ("phone", "电话"), ("sms", "短信"), ("other", "其他")]
AGAIN = "申诉改判后重新登记"


class Correction(Staged):
    """A posted record is asked to be taken back; another person approves; a reversing entry is written."""

    resource = "corrections"
    hers = True
    station_path = "station"
    life = states.CORRECTION
    editable = "record reason"

    station = station_field()
    record = ForeignKeyField(ServiceRecord, backref="corrections", verbose_name="服务记录")
    reason = CharField(max_length=200, verbose_name="更正理由")
    decision = CharField(max_length=12, default="", constraints=BLANK, choices=DECISIONS, verbose_name="决定")
    answer = TextField(default="", constraints=BLANK, verbose_name="决定理由")
    decided_on = DateField(null=True, verbose_name="决定日期")
    decided_by = BigIntegerField(null=True)
    appeal_reason = TextField(default="", constraints=BLANK, verbose_name="申诉理由")
    appealed_on = DateField(null=True, verbose_name="申诉日期")
    review = TextField(default="", constraints=BLANK, verbose_name="复核意见")
    outcome = CharField(max_length=12, null=True, choices=OUTCOMES, verbose_name="复核结果")
    reviewer = CharField(max_length=60, default="", constraints=BLANK, verbose_name="复核人")
    policy = CharField(max_length=60, default="", constraints=BLANK, verbose_name="政策版本")
    restored = ForeignKeyField(ServiceRecord, null=True, backref="restores", verbose_name="重新登记的记录")
    foreseen = JSONText(null=True, verbose_name="决定时所知的后果")  # sentences, by «decision» and «review»
    told_how = CharField(max_length=12, null=True, choices=WAYS, verbose_name="告知方式")
    told_on = DateField(null=True, verbose_name="告知日期", help_text="留空按今天")
    reported_how = CharField(max_length=12, null=True, choices=WAYS, verbose_name="结果告知方式")
    reported_on = DateField(null=True, verbose_name="结果告知日期", help_text="留空按今天")

    def __str__(self) -> str:
        return f"更正申请 {self.id}"

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer those of her own records, whoever asked."""
        return along_or_hers(cls, "station", actor, lambda key: cls.record.in_(
            ServiceRecord.select(ServiceRecord.id).where(ServiceRecord.volunteer == key)
        ))  # fmt: skip

    @classmethod
    def ask(cls, record: int, reason: str, by: Actor) -> Self:
        """A volunteer says that a posted record of hers is wrong (Order 67 art. 13). What she asked already and nobody
        has decided is returned as it is.

        Raises ``Refusal`` with every finding, ``NotFound`` for a record that is not hers.
        """
        person = herself(by)
        row = cls(record=ServiceRecord.of_hers(record, person.id), reason=reason)
        with whole():
            mine = cls.select().where(cls.record == row.record_id, cls.state == "asked", cls.entered_by == by.account_id)
            if same := mine.first():
                return same  # type: ignore[no-any-return]
            refuse_if(row.faults(by))
            row.store_new(by)
        return row

    @classmethod
    def asked_online(cls, by: Actor) -> Expression:
        """本人网上申请: what volunteers asked on their own pages and nobody has decided; an appeal of hers as well."""
        return cls.state.in_(("asked", "appealed")) & from_her_own_hand(cls)

    def prepare(self, by: Actor) -> None:
        if self.record_id:
            self.station_id = self.record.station_id

    def check(self, by: Actor) -> list[Finding]:
        if self.record.state != "posted":
            return [Finding("record", f"这条记录是「{self.record.state_label}」，只有已入账的才需要冲正。")]
        if self.record.volunteer.state in ("leaving", "moved"):
            says = f"{self.record.volunteer.name}{self.record.volunteer.state_label}，工时账不在本单位，请与接收单位联系。"
            return [Finding("record", says)]
        twin = Correction.select().where(Correction.record == self.record_id, Correction.state == "asked")
        if self.id is None and twin.exists():
            return [Finding("record", "这条记录已经申请了冲正，正在等待批准。")]
        return []

    def do_approve(self, by: Actor) -> None:
        self._foresee("decision")
        self._decide(by, "approved")
        self._reverse(by, self.reason)

    def do_refuse(self, by: Actor) -> None:
        self._foresee("decision")
        self._decide(by, "refused")

    def _foresee(self, which: str) -> None:
        """Keep what is known of the consequences, as it is said to whoever decides."""
        self.foreseen = {**(self.foreseen or {}), which: self.consequences()}

    def _decide(self, by: Actor, decision: str) -> None:
        version = policy.in_force("handling", self.station, clock.today())
        self.decision, self.answer, self.policy = decision, self.reason_given, version.key
        self.decided_on, self.decided_by = clock.today(), by.account_id

    def _reverse(self, by: Actor, reason: str) -> None:
        acting = Actor(by.account_id, by.name, SYSTEM.role)  # reversing is nobody's button; the approval is
        ServiceRecord.move(self.record_id, "reverse", acting, reason=reason, asked_by=self.entered_by)

    # Telling the volunteer

    def may_tell(self, by: Actor) -> list[Finding]:
        return self._check_day("told_on", self.decided_on)

    def do_tell(self, by: Actor) -> None:
        self.decision = self.decision or self._made_before()
        self.told_on = self.told_on or clock.today()

    def may_report(self, by: Actor) -> list[Finding]:
        return self._check_day("reported_on", self.appealed_on)

    def do_report(self, by: Actor) -> None:
        self.reported_on = self.reported_on or clock.today()

    def _check_day(self, name: str, since: date | None) -> list[Finding]:
        day = getattr(self, name) or clock.today()
        if day > clock.today():
            return [Finding(name, f"告知日期 {day} 还没有到。")]
        if since and day < since:
            return [Finding(name, f"告知日期应不早于 {since}。")]
        return []

    # The appeal

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        if move.name in ("uphold", "overturn"):
            return EVERYTHING if by.division and level(by.division) == "county" else NOTHING
        if move.name in ("tell", "report"):  # what was decided before telling was kept may have been told: nobody knows
            return cls.foreseen.is_null(False)
        return EVERYTHING

    def legal_moves(self, by: Actor) -> list[Move]:
        """None that this person would only be refused: an appeal that is not hers or too late, another level's review."""
        return [
            m for m in super().legal_moves(by) if m.name not in APPEALS or not self._hook(f"may_{m.name}", by, {})
        ]

    def appeal_until(self) -> date:
        """Last day on which the decision may be appealed, by the policy of the day of the decision."""
        decided = self.decided_on or self.entered_at.date()  # decided before the day was written down
        days = policy.in_force("handling", self.station, decided).rule.appeal_days
        return policy.calendar_of(self.station).add(decided, days)

    def can_still_be_appealed(self) -> bool:
        """Whether there is a decision, not appealed yet, and the time for it is not over."""
        return self.state in ("approved", "refused", "told") and clock.today() <= self.appeal_until()

    def may_appeal(self, by: Actor) -> list[Finding]:
        # The move has not been made yet: where the decision was not kept the state may still say it.
        decision = self.decision or (self.state if self.state in dict(DECISIONS) else self._made_before())
        if decision == "refused" and by.account_id != self.entered_by and by.role != Role.VOLUNTEER:
            return [Finding("state", "只有当初提出更正的人可以申诉。")]
        if decision == "approved" and by.account_id is not None and by.account_id == self.decided_by:
            return [Finding("state", "不能对自己作出的决定提出申诉，请由另一位工作人员替志愿者登记。")]
        last = self.appeal_until()
        if clock.today() > last:
            return [Finding("state", f"申诉期限到 {last} 止，现在不能再申诉。")]
        return []

    def do_appeal(self, by: Actor) -> None:
        self.decision = self.decision or self._made_before()
        self.appeal_reason, self.appealed_on = self.reason_given, clock.today()

    def _made_before(self) -> str:
        """The decision where it was made before decisions were kept: a reversed record was approved."""
        return "approved" if self.record.state == "reversed" else "refused"

    def _another_level(self, by: Actor) -> list[Finding]:
        if not by.division or level(by.division) != "county":
            return [Finding("state", "更正的申诉由县级督导复核。")]
        return []

    def may_uphold(self, by: Actor) -> list[Finding]:
        return self._another_level(by)

    def do_uphold(self, by: Actor) -> None:
        self._review(by, "upheld")

    def may_overturn(self, by: Actor) -> list[Finding]:
        if wrong := self._another_level(by):
            return wrong
        if self.decision == "refused" and self.record.state != "posted":
            return [Finding("record", f"这条记录现在是「{self.record.state_label}」，没有可以冲正的。")]
        if self.decision == "approved":
            return errors(judge([self._again()], by, self.station)[0])
        return []

    def do_overturn(self, by: Actor) -> None:
        self._review(by, "overturned")
        if self.decision == "refused":
            self._foresee("review")
            self._reverse(by, f"申诉改判：{self.reason_given}")
        else:
            self.restored = self._enter_again(by)

    def _review(self, by: Actor, outcome: str) -> None:
        self.review, self.reviewer, self.outcome = self.reason_given, by.name, outcome
        self.foreseen = {"review": [], **(self.foreseen or {})}  # marks it as decided since telling is kept

    def _again(self) -> Draft:
        """The line as it was, as a new one: whatever was entered for that time meanwhile stands in its way."""
        return Draft(**{**Draft.of(self.record).__dict__, "id": None})

    def _enter_again(self, by: Actor) -> ServiceRecord:
        old = self.record
        row = ServiceRecord(
            station=old.station_id, state="approved", entered_by=by.account_id, minutes=old.minutes,
            policy=old.policy, format_policy=old.format_policy, backfilled=old.backfilled, **{name: old.__data__[name] for name in RECORD_FIELDS},
        )  # fmt: skip
        row.remark = f"{AGAIN}（原记录 {old.id}）"
        row.save(force_insert=True)
        row.trace(by, "enter", reason=f"申诉改判：{self.reason_given}", after=row.shown(RECORD_FIELDS))
        return row

    def consequences(self) -> list[str]:
        """What the reversal would do, in Chinese sentences, before anyone approves it."""
        return consequences(self.record)

    def would(self) -> list[str]:
        """The consequences, where a decision that lies ahead would reverse the record; nothing where none does."""
        ahead = self.state == "asked" or (self.state == "appealed" and self.decision == "refused")
        return self.consequences() if ahead and self.record.state == "posted" else []

    def if_overturned(self) -> str:
        """What overturning would do, in one Chinese sentence, before anyone decides."""
        if self.decision == "refused":
            return f"改判后，这条 {self.record.minutes / 60:.2f} 小时的记录将冲正。"
        return f"改判后，这条 {self.record.minutes / 60:.2f} 小时的记录将照原样重新登记，公示期满后再次入账。"
