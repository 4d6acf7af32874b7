"""注销申请 (个人信息保护法 47, 50): somebody asks to be erased; the head decides within the days that policy gives."""

from collections.abc import Collection
from datetime import timedelta
from typing import Self

from peewee import CharField, DateField, Expression, ForeignKeyField, TextField

from models import clock, policy
from models.erasing import CLEARED, erase_recipient, erase_volunteer, keep_recipients, keep_volunteers, leftover
from models.expiring import write_off
from models.gifts import Gift
from models.hours import Balance, Chain
from models.households import Recipient
from models.moves import Staged, whole
from models.refusals import NotFound, refuse_if
from models.scope import Actor, along_or_hers
from models.stations import station_field
from models.volunteers import Volunteer
from rules.access import Role
from rules.findings import Finding
from rules.retention import ERASURE, LEFTOVER

ASKERS = [("self", "本人"), ("guardian", "监护人"), ("family", "家属")]
SOON = timedelta(days=5)


class Erasure(Staged):
    """One request, from the person's own page or told at the desk; done, it holds no more than a number."""

    resource = "erasures"
    hers = True
    life = ERASURE
    editable = "volunteer recipient asked_by reason"

    station = station_field(backref="erasures")
    volunteer = ForeignKeyField(Volunteer, null=True, backref="erasures", verbose_name="志愿者")
    recipient = ForeignKeyField(Recipient, null=True, backref="erasures", verbose_name="服务对象")
    asked_by = CharField(max_length=8, choices=ASKERS, default="self", verbose_name="提出人")
    reason = CharField(max_length=200, verbose_name="理由", help_text="例如：不再参加服务")
    asked_on = DateField(verbose_name="提出日期")
    due_on = DateField(index=True, verbose_name="答复期限")
    policy = CharField(max_length=60, verbose_name="政策版本")
    leftover = CharField(
        max_length=10, choices=list(LEFTOVER.items()), null=True, verbose_name="剩余可兑换工时",
        help_text="没有剩余的留空；想先兑换的，兑换完再办理",
    )  # fmt: skip
    answer = TextField(default="", verbose_name="答复")
    answered_on = DateField(null=True, verbose_name="答复日期")

    class Meta:
        indexes = ((("station", "state", "id"), False), (("volunteer", "state"), False))

    def __str__(self) -> str:
        return f"注销申请 {self.id}"

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        return along_or_hers(cls, "station", actor, lambda key: cls.volunteer == key)

    @classmethod
    def ask(cls, reason: str, by: Actor) -> Self:
        """A volunteer asks for herself, signed in. Raises ``Refusal`` where she has asked already."""
        if by.role != Role.VOLUNTEER or by.volunteer_id is None:
            raise NotFound()
        row = cls(volunteer=by.volunteer_id, asked_by="self", reason=reason.strip())
        with whole():
            refuse_if(row.faults(by))
            row.store_new(by)
        return row

    @property
    def person(self) -> Volunteer | Recipient | None:
        return self.volunteer if self.volunteer_id else self.recipient if self.recipient_id else None

    def prepare(self, by: Actor) -> None:
        if self.person is None:
            return
        self.station_id = self.person.station_id
        self.asked_on = self.asked_on or clock.today()
        version = policy.in_force("retention", self.station, self.asked_on)
        self.policy = version.key
        self.due_on = policy.calendar_of(self.station).add(self.asked_on, version.rule.answer_days)

    def check(self, by: Actor) -> list[Finding]:
        if (self.volunteer_id is None) == (self.recipient_id is None):
            return [Finding("volunteer", "请选一位志愿者，或者一位服务对象，两者选一。")]
        gone = self.person.state == "erased" if self.volunteer_id else self.person.erased_on is not None
        if gone:
            return [Finding("volunteer", "这个人已经注销。")]
        whose = Erasure.volunteer == self.volunteer_id if self.volunteer_id else Erasure.recipient == self.recipient_id
        if Erasure.select().where(whose, Erasure.state == "asked").exists():
            return [Finding("volunteer", "已经提出过注销申请，正在办理。")]
        return []

    def may_amend(self, by: Actor) -> list[Finding]:
        return [Finding("state", "申请提出后不能改动；本人改变主意的请取消后重新提出。")]

    @classmethod
    def due(cls, by: Actor) -> Expression:
        """快到期的注销申请: not answered, and the term is over within days or already."""
        return (cls.state == "asked") & (cls.due_on <= clock.today() + SOON)

    def hold(self, name: str) -> None:
        """Settling what is left moves the account: the chain, then the balance (`models.hours`)."""
        if name == "erase" and self.volunteer_id:
            Chain.lock(self.volunteer.station_id)
            Balance.hold([self.volunteer_id])

    # --- before it is decided ---

    def keeps(self) -> list[str]:
        """Why it cannot be done now."""
        key = self.volunteer_id or self.recipient_id
        return (keep_volunteers if self.volunteer_id else keep_recipients)([key])[key]

    def left(self) -> int:
        """Whole minutes that could still be exchanged."""
        return leftover(self.volunteer_id) if self.volunteer_id else 0

    def consequences(self) -> list[str]:
        """What erasing would do, in Chinese sentences, before anybody decides."""
        if self.state != "asked":
            return []
        if wrong := self.keeps():
            return ["现在不能办理：", *wrong]
        if self.recipient_id:
            return ["姓名换成编号；困难类别、证件号码、电话、监护人和具体情况清除，不能恢复。", "需求和受助的件数不变，需求的内容清除。"]
        person, left = self.volunteer, self.left()
        balance = Balance.get_or_none(Balance.volunteer == person.id)
        honour = balance.honour / 60 if balance else 0
        said = [
            f"「{person.name}」换成「已注销 {person.card_no or ''}」；证件号码、电话、地址、监护人、技能等清除，不能恢复。",
            f"荣誉工时 {honour:.2f} 小时、服务记录、星级、嘉许和各项统计不变；账号关闭，退出服务队和报名，事迹撤下并清除。",
            "操作日志只增不减：当时的经手人和文字留在日志里，只有审计员和管理员看得到；证件号码、电话、地址在里面只记「已加密」。",
        ]
        if left:
            said.append(f"还有 {left / 60:.2f} 小时可以兑换：请先问本人捐给工作站、放弃，还是兑换完再来注销。")
        return said

    # --- the decision ---

    def may_erase(self, by: Actor) -> list[Finding]:
        if wrong := self.keeps():
            return [Finding("state", says) for says in wrong]
        left = self.left()
        if left and not self.leftover:
            return [Finding("leftover", f"还有 {left / 60:.2f} 小时可以兑换，请先问本人：捐给工作站、放弃，还是兑换完再来注销。")]
        if left and self.leftover == "donated" and self.volunteer.state != "registered":
            return [Finding("leftover", f"{self.volunteer.name}已停用，不能捐赠；请恢复后再办理，或选「放弃」。")]
        return []

    def do_erase(self, by: Actor) -> None:
        reason = f"注销申请 {self.id}"
        if self.volunteer_id:
            self._settle(by, reason)
            erase_volunteer(self.volunteer_id, by, reason)
        else:
            erase_recipient(self.recipient_id, by, reason)
        self.reason = CLEARED
        self._answer("已注销并清除个人信息。")

    def _settle(self, by: Actor, reason: str) -> None:
        left = self.left()
        if not left:
            self.leftover = None
        elif self.leftover == "donated":
            Gift.donate(self.volunteer_id, left, by, f"erasure:{self.id}", reason=reason)
        else:
            write_off(self.volunteer_id, by, f"{reason}，本人放弃")

    def do_refuse(self, by: Actor) -> None:
        self._answer(self.reason_given)

    def do_drop(self, by: Actor) -> None:
        self._answer(self.reason_given)

    def _answer(self, says: str) -> None:
        self.answer, self.answered_on = says, clock.today()


def follow(volunteers: Collection[int], station: int) -> None:
    """A request that waits goes along with whoever moves: the head who has her now answers it."""
    Erasure.update(station=station).where(Erasure.volunteer.in_(volunteers), Erasure.state == "asked").execute()


def open_of(volunteer: int) -> Erasure | None:
    """A volunteer's own request that waits for an answer."""
    return Erasure.get_or_none(Erasure.volunteer == volunteer, Erasure.state == "asked")


