"""冲正 (方案 二(5); Order 67 art. 13): a posted record taken back on somebody's request and another's approval."""

from peewee import CharField, ForeignKeyField, fn

from models import clock, hours, policy, stars
from models.moves import Staged
from models.records import ServiceRecord
from models.scope import SYSTEM, Actor
from models.stations import station_field
from rules import states
from rules.findings import Finding


class Correction(Staged):
    """A posted record is asked to be taken back; another person approves; a reversing entry is written."""

    resource = "corrections"
    station_path = "station"
    life = states.CORRECTION
    editable = "record reason"

    station = station_field()
    record = ForeignKeyField(ServiceRecord, backref="corrections", verbose_name="服务记录")
    reason = CharField(max_length=200, verbose_name="更正理由")

    def __str__(self) -> str:
        return f"更正申请 {self.id}"

    def prepare(self, by: Actor) -> None:
        if self.record_id:
            self.station_id = self.record.station_id

    def check(self, by: Actor) -> list[Finding]:
        if self.record.state != "posted":
            return [Finding("record", f"这条记录是「{self.record.state_label}」，只有已入账的才需要冲正。")]
        twin = Correction.select().where(Correction.record == self.record_id, Correction.state == "asked")
        if self.id is None and twin.exists():
            return [Finding("record", "这条记录已经申请了冲正，正在等待批准。")]
        return []

    def do_approve(self, by: Actor) -> None:
        acting = Actor(by.account_id, by.name, SYSTEM.role)  # reversing is nobody's button; the approval is
        ServiceRecord.move(self.record_id, "reverse", acting, reason=self.reason, asked_by=self.entered_by)

    def consequences(self) -> list[str]:
        """What the reversal would do, in Chinese sentences, before anyone approves it."""
        balance = hours.Balance.get_by_id(self.record.volunteer_id)
        minutes = self.record.minutes
        said = [f"荣誉工时从 {balance.honour / 60:.2f} 小时变为 {(balance.honour - minutes) / 60:.2f} 小时。"]
        given = hours.Entry.select(fn.COALESCE(fn.SUM(hours.Entry.minutes), 0)).where(
            hours.Entry.record == self.record_id, hours.Entry.kind == "service", hours.Entry.credit == "exchangeable"
        )
        spendable = balance.spendable - int(given.scalar())
        if spendable < 0:
            said.append(f"可兑换工时不足，将欠 {-spendable / 60:.2f} 小时，由以后的工时抵扣。")
        else:
            said.append(f"可兑换工时变为 {spendable / 60:.2f} 小时。")
        version = policy.in_force("stars", self.station, clock.today())
        volunteer = self.record.volunteer
        reached = stars.star_for(balance.honour - minutes, volunteer.registered_on, clock.today(), version).value
        for grant in volunteer.stars.where(stars.StarGrant.state.in_(["candidate", "proposed", "recognised"])):
            if grant.star > reached:
                said.append(f"{stars.stars_label(grant.star)}（{grant.state_label}）将不再达到标准。")
        return said
