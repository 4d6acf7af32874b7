"""嘉许 (方案 二(6); Order 67 art. 9): honours of volunteers and teams, the station's own and those that other bodies gave."""

from collections.abc import Iterable
from typing import ClassVar

from peewee import CharField, DateField, Expression, ForeignKeyField, TextField

from models import clock
from models.moves import Staged, permit
from models.notices import Notice, held_up, judged_by_head, unhindered
from models.publicity import check_public
from models.refusals import refuse
from models.scope import EVERYTHING, Actor
from models.stations import station_field
from models.teams import Team
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.honours import HONOUR, LEVELS, OWN, certificate_number, check_honour
from rules.life import Move

PUBLIC = {"title": "荣誉称号"}  # what the notice of an own award says
OWN_PATH, PROOF_PATH = ("approve", "notice", "grant"), ("check",)


class Honour(Staged):
    """One honour of one volunteer or one team: its title, who gave it, when, by which document, and the proof behind it."""

    resource = "honours"
    station_path = "station"
    life = HONOUR
    notice_kind = "honours"
    when_upheld: ClassVar[dict[str, str]] = {"submitted": "return", "approved": "return", "noticed": "stop"}
    editable = "volunteer team title level body given_on document_no deeds proof"

    station = station_field()
    volunteer = ForeignKeyField(Volunteer, null=True, backref="honours", verbose_name="志愿者")
    team = ForeignKeyField(Team, null=True, backref="honours", verbose_name="服务队",
                           help_text="集体的嘉许选服务队，不选志愿者")  # fmt: skip
    title = CharField(max_length=60, verbose_name="荣誉称号", help_text="例如：年度优秀志愿者")
    level = CharField(max_length=12, choices=list(LEVELS.items()), default=OWN, verbose_name="授予层级",
                      help_text="本站的要审核、公示；其他的凭证明核对后记入")  # fmt: skip
    body = CharField(max_length=80, default="", verbose_name="授予单位", help_text="全称；本站的不用填")
    given_on = DateField(null=True, verbose_name="授予日期", help_text="本站的在授予时写入")
    document_no = CharField(max_length=60, default="", verbose_name="文号", help_text="例如：云文明委〔2025〕6号")
    deeds = TextField(default="", verbose_name="事迹", help_text="本站的嘉许必填")
    proof = TextField(default="", verbose_name="证明材料", help_text="证书或文件，存放在哪里")
    checked_by = CharField(max_length=60, default="", verbose_name="核对人")
    checked_on = DateField(null=True, verbose_name="核对日期")
    notice = ForeignKeyField(Notice, null=True, backref="honours", verbose_name="公示")
    certificate_no = CharField(max_length=30, null=True, unique=True, verbose_name="证书编号")
    outcome = TextField(default="", verbose_name="审核意见")

    class Meta:
        indexes = ((("station", "state", "id"), False), (("volunteer", "state"), False))

    def __str__(self) -> str:
        return f"{self.whose.name} {self.title}"

    @property
    def whose(self) -> Volunteer | Team:
        """Who is honoured."""
        return self.volunteer if self.volunteer_id else self.team  # type: ignore[no-any-return]

    def prepare(self, by: Actor) -> None:
        if self.level == OWN and self.station_id:
            self.body, self.given_on = self.station.name, None

    def check(self, by: Actor) -> list[Finding]:
        if bool(self.volunteer_id) == bool(self.team_id):
            return [Finding("volunteer", "请选一位志愿者，或者一支服务队，两者选一。")]
        found = check_honour(self.level, self.body or "", self.given_on, self.proof or "", clock.today())
        key, stands = ("volunteer", "registered") if self.volunteer_id else ("team", "listed")
        if self.whose.state != stands:
            found.append(Finding(key, f"{self.whose.name} 是「{self.whose.state_label}」，不能登记嘉许。"))
        if self.level == OWN and not (self.deeds or "").strip():
            found.append(Finding("deeds", "请写明事迹：为什么嘉许。"))
        twin = Honour.select().where(
            self._meta.fields[key] == self.whose.id, Honour.title == self.title, Honour.body == self.body,
            Honour.state.not_in(("withdrawn", "void")), Honour.id != (self.id or 0),
            *([] if self.given_on is None else [Honour.given_on == self.given_on]),
        )  # fmt: skip
        # An own award of last year may be given again; one on its way may not.
        if self.level == OWN:
            twin = twin.where(Honour.state != "granted")
        if twin.exists():
            found.append(Finding("title", f"{self.whose.name} 的「{self.title}」已经登记过，不要重复登记。"))
        return found + (check_public(self, PUBLIC, self.station_id) if self.level == OWN else [])

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state == "draft":
            return []
        return [Finding("state", f"现在是「{self.state_label}」，不能修改；有错请退回后再改。")]

    # --- whose turn it is ---

    def legal_moves(self, by: Actor) -> list[Move]:
        """An own award goes through 公示, another body's through the check of its proof; none is offered early."""
        hidden = set(PROOF_PATH if self.level == OWN else OWN_PATH)
        if self.state == "noticed" and held_up(self):
            hidden.add("grant")
        return [m for m in super().legal_moves(by) if m.name not in hidden]

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        if move.name in PROOF_PATH:
            return cls.level != OWN
        if move.name == "grant":
            return unhindered(cls)
        return cls.level == OWN if move.name == "approve" else EVERYTHING

    def judged_by(self, by: Actor) -> list[Finding]:
        return judged_by_head(by)

    # --- the moves ---

    def may_submit(self, by: Actor) -> list[Finding]:
        return self.check(by)

    def may_approve(self, by: Actor) -> list[Finding]:
        if self.level != OWN:
            return [Finding("level", "这是其他单位授予的，请核对证明材料后记入，不用公示。")]
        return self.check(by)

    def may_check(self, by: Actor) -> list[Finding]:
        if self.level == OWN:
            return [Finding("level", "这是本站的嘉许，要审核、公示后授予。")]
        return self.check(by)

    def may_grant(self, by: Actor) -> list[Finding]:
        return held_up(self)

    def do_return(self, by: Actor) -> None:
        self.outcome = self.reason_given

    def do_approve(self, by: Actor) -> None:
        self.checked_by, self.checked_on, self.outcome = by.name, clock.today(), ""

    def do_check(self, by: Actor) -> None:
        self.do_approve(by)

    def do_notice(self, by: Actor) -> None:
        self.notice = Notice.todays(self.station, by, self.notice_kind)

    def do_grant(self, by: Actor) -> None:
        self.given_on = clock.today()
        self.certificate_no = certificate_number(str(self.station.division_id), self.given_on.year, self.id)

    def do_stop(self, by: Actor) -> None:
        self.notice, self.outcome = None, self.reason_given

    def do_withdraw(self, by: Actor) -> None:
        self.outcome = self.reason_given

    def printed(self, by: Actor) -> None:
        """Leave a trace that the certificate was printed. Raises ``Refusal`` where there is none that stands."""
        permit(by, "print", "honours")
        if self.state != "granted":
            says = "其他单位授予的，证书由授予单位颁发。" if self.level != OWN else "已授予的嘉许才能打印证书。"
            raise refuse(f"现在是「{self.state_label}」，{says}")
        self.trace(by, "print")

    @classmethod
    def move_all(cls, keys: Iterable[object], name: str, by: Actor, reason: str = "") -> int:
        """As elsewhere; a notice on which nothing is left to decide is closed."""
        wanted = list(keys)
        done = super().move_all(wanted, name, by, reason)
        numbers = [int(str(key)) for key in wanted if str(key).isdecimal()]
        on = cls.select(cls.notice).where(cls.id.in_(numbers), cls.notice.is_null(False))
        Notice.close_decided({key for (key,) in on.tuples()})
        return done

    @classmethod
    def unproven(cls, by: Actor) -> Expression:
        """凭证明待核对: other bodies' awards that another person has yet to check."""
        return (cls.level != OWN) & (cls.state == "submitted")
