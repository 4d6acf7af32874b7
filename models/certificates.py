"""志愿服务证明 (Order 67 art. 14–17; 民发〔2015〕149号): figures taken from the records once, frozen, shown, and verifiable.

Who recorded certifies: the own station's records, and those of a station that agreed to the person's moving here. No
name is kept here: it is read from the person, so that erasing her leaves the register whole and naming nobody.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Self

from peewee import (
    SQL,
    BigIntegerField,
    CharField,
    DateField,
    Expression,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
)

from models import clock
from models.activities import Activity
from models.base import BaseModel
from models.corrections import Correction
from models.moves import Staged, permit, whole
from models.notices import Notice, held_up, judged_by_head, unhindered
from models.projects import Project
from models.records import ServiceRecord
from models.refusals import NotFound, refuse, refuse_if
from models.scope import EVERYTHING, Actor, along_or_hers, find, held
from models.signing import sign
from models.stations import Station, station_field
from models.volunteers import Claim, Volunteer
from rules import certificates as rules
from rules.access import Role
from rules.certificates import CERTIFICATE, PURPOSES
from rules.findings import Finding
from rules.life import Move

CODE_BYTES = 24  # of the address that nobody guesses
ORIGINS = [("station", "本系统开具"), ("earlier", "以前开具")]
WAYS = [("desk", "窗口登记"), ("self", "本人网上申请")]
OPEN = ("asked", "accepted")  # applications still under way
PENDING = ("asked", "appealed")  # a correction on which nothing is decided yet


class Certificate(Staged):
    """One application and the certificate that came of it."""

    resource = "certificates"
    hers = True
    station_path = "station"
    life = CERTIFICATE
    notice_kind = "certificates"
    when_upheld: ClassVar[dict[str, str]] = {"noticed": "revoke"}
    editable = "volunteer purpose purpose_note first_day last_day project replaces"

    station = station_field()
    volunteer = ForeignKeyField(Volunteer, backref="certificates", verbose_name="志愿者")
    purpose = CharField(max_length=12, choices=list(PURPOSES.items()), verbose_name="用途")
    purpose_note = CharField(max_length=100, default="", verbose_name="用途说明", help_text="用途选其他的必填")
    first_day = DateField(null=True, verbose_name="时段起", help_text="留空为第一次服务")
    last_day = DateField(null=True, verbose_name="时段止", help_text="留空为今天")
    project = ForeignKeyField(Project, null=True, verbose_name="项目", help_text="留空为全部服务")
    replaces = ForeignKeyField("self", null=True, backref="replaced_by", verbose_name="代替的证明",
                               help_text="补开、重开时选原来的证明")  # fmt: skip
    minutes = IntegerField(default=0, verbose_name="证明时长", help_text="分钟")
    records = IntegerField(default=0, verbose_name="服务记录数")
    number = CharField(max_length=30, null=True, unique=True, verbose_name="证明编号")
    code = CharField(max_length=40, null=True, unique=True, verbose_name="核验码")
    issuer = CharField(max_length=80, default="", verbose_name="出具单位")
    contact = CharField(max_length=20, default="", verbose_name="联系方式")
    handler = CharField(max_length=60, default="", verbose_name="经办人")
    handler_id = BigIntegerField(null=True, verbose_name="经办账号")
    in_charge = CharField(max_length=60, default="", verbose_name="负责人")
    issued_on = DateField(null=True, index=True, verbose_name="出具日期")
    notice = ForeignKeyField(Notice, null=True, backref="certificates", verbose_name="公示")
    valid_on = DateField(null=True, verbose_name="生效日期")
    revoked_on = DateField(null=True, verbose_name="撤销日期")
    outcome = TextField(default="", verbose_name="理由")
    origin = CharField(max_length=12, choices=ORIGINS, default="station", constraints=[SQL("DEFAULT 'station'")],
                       verbose_name="来源")  # fmt: skip
    paper_no = CharField(max_length=30, default="", constraints=[SQL("DEFAULT ''")], index=True,
                         verbose_name="原证明编号", help_text="以前开具的纸质证明上的编号")  # fmt: skip
    way = CharField(max_length=8, choices=WAYS, default="desk", constraints=[SQL("DEFAULT 'desk'")],
                    verbose_name="申请方式")  # fmt: skip

    class Meta:
        indexes = ((("station", "state", "id"), False), (("volunteer", "state"), False))

    def __str__(self) -> str:
        return f"{self.volunteer.name} {self.any_number or '证明申请'}"

    @property
    def any_number(self) -> str:
        """Its number here, or on the paper of before; blank until it is issued."""
        return self.number or self.paper_no or ""

    @property
    def undecided(self) -> bool:
        """Whether nothing was issued: what it would certify is worked out on the day of issue (民发〔2015〕149号)."""
        return self.issued_on is None

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer her own."""
        return along_or_hers(cls, "station", actor, lambda key: cls.volunteer == key)

    @classmethod
    def ask(
        cls, purpose: str, by: Actor, *, purpose_note: str = "", first_day: date | None = None, last_day: date | None = None
    ) -> Self:
        """A volunteer applies for herself, signed in. A day left out is that of her first service, or today.

        What she asked for already and nobody has taken up yet is returned as it is: pressed twice is asked once.
        Raises ``Refusal`` with every finding, and ``NotFound`` for whoever is no volunteer.
        """
        if by.role != Role.VOLUNTEER or by.volunteer_id is None:
            raise NotFound()
        row = cls(
            volunteer=by.volunteer_id, purpose=purpose, purpose_note=purpose_note, first_day=first_day, last_day=last_day,
            way="self",
        )  # fmt: skip
        with whole():
            held(Volunteer.select(Volunteer.id).where(Volunteer.id == by.volunteer_id)).first()  # a twin waits here
            found = row.faults(by)
            if same := row.twins().where(Certificate.way == "self", Certificate.state == "asked").first():
                return same
            mine = Certificate.select().where(Certificate.volunteer == by.volunteer_id, Certificate.way == "self")
            refuse_if(found or rules.check_many(mine.where(Certificate.state.in_(OPEN)).count()))
            row.store_new(by)
        return row

    @classmethod
    def asked_online(cls, by: Actor) -> Expression:
        """本人网上申请: applications that nobody stood at the desk for; her documents are still to be seen."""
        return (cls.state == "asked") & (cls.way == "self")

    def prepare(self, by: Actor) -> None:
        if self.volunteer_id is None:
            return
        self.station_id = self.volunteer.station_id
        if self.last_day is None:
            self.last_day = clock.today()
        if self.first_day is None:
            first = self._countable().order_by(ServiceRecord.started_at).first()
            self.first_day = first.started_at.date() if first else min(self.last_day, clock.today())

    def check(self, by: Actor) -> list[Finding]:
        found = rules.check_period(self.first_day, self.last_day, clock.today())
        if self.volunteer.state not in ("registered", "suspended"):
            found.append(Finding("volunteer", f"{self.volunteer.name} 是「{self.volunteer.state_label}」，不能出具证明。"))
        if self.purpose == "other" and not (self.purpose_note or "").strip():
            found.append(Finding("purpose_note", "用途选「其他」的，请写明用在哪里。"))
        if self.replaces_id and (self.replaces.volunteer_id != self.volunteer_id or not self.replaces.number):
            found.append(Finding("replaces", "代替的证明应是同一个人已经开具的证明。"))
        if not found and self.twins().exists():
            found.append(Finding("volunteer", "同一时段、同一用途的申请正在办理，不要重复申请。"))
        return found or self._check_hours()

    def twins(self) -> ModelSelect:
        """Open applications of hers for the same period and purpose."""
        return Certificate.select().where(
            Certificate.volunteer == self.volunteer_id, Certificate.state.in_(OPEN),
            Certificate.first_day == self.first_day, Certificate.last_day == self.last_day,
            Certificate.purpose == self.purpose, Certificate.id != (self.id or 0),
        )  # fmt: skip

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state == "asked":
            return []
        return [Finding("state", f"现在是「{self.state_label}」，不能修改；有错请撤销后重新申请。")]

    # --- which hours ---

    def _countable(self) -> ModelSelect:
        """Her posted records of this station, or of one that let her move here; of the project, where one is named."""
        moved = Claim.select(Claim.from_station).where(Claim.volunteer == self.volunteer_id, Claim.state == "agreed")
        rows = ServiceRecord.select().where(
            ServiceRecord.volunteer == self.volunteer_id, ServiceRecord.state == "posted",
            (ServiceRecord.station == self.station_id) | ServiceRecord.station.in_(moved),
        )  # fmt: skip
        if self.project_id:
            of_project = Activity.select(Activity.id).where(Activity.project == self.project_id)
            rows = rows.where(ServiceRecord.activity.in_(of_project))
        return rows

    def counted(self) -> ModelSelect:
        """The records that it certifies: those of its period, as the records stand today."""
        first, after = self.first_day, self.last_day + timedelta(days=1)
        span = ServiceRecord.started_at.between(
            datetime.combine(first, time()), datetime.combine(after, time()) - timedelta(minutes=1)
        )
        return self._countable().where(span)

    def _check_hours(self) -> list[Finding]:
        rows = self.counted()
        if not rows.exists():
            return [Finding("first_day", "这个时段没有本站已入账的服务记录（谁记录谁证明），不能出具证明。")]
        pending = Correction.select(Correction.record).where(Correction.state.in_(PENDING))
        if held := rows.where(ServiceRecord.id.in_(pending)).count():
            return [Finding("first_day", f"时段内有 {held} 条服务记录正在更正，办结以后再出具。")]
        return []

    @property
    def hours(self) -> str:
        """As people say it."""
        return f"{self.minutes / 60:.2f}"

    # --- the moves ---

    def legal_moves(self, by: Actor) -> list[Move]:
        hidden = set()
        if self.state == "noticed" and held_up(self):
            hidden.add("confirm")
        if self.state == "accepted" and self.handler_id == by.account_id:
            hidden.add("issue")
        return [m for m in super().legal_moves(by) if m.name not in hidden]

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        if move.name == "confirm":
            return unhindered(cls)
        if move.name == "issue":
            return cls.handler_id != by.account_id
        return EVERYTHING

    def judged_by(self, by: Actor) -> list[Finding]:
        return judged_by_head(by)

    def may_accept(self, by: Actor) -> list[Finding]:
        return self.check(by)

    def do_accept(self, by: Actor) -> None:
        self.handler, self.handler_id = by.name, by.account_id

    def may_issue(self, by: Actor) -> list[Finding]:
        if self.handler_id == by.account_id:
            return [Finding("state", "经办人和负责人应是两个人，请由另一位站长开具。")]
        return self.check(by)

    def do_issue(self, by: Actor) -> None:
        today = clock.today()
        lines = [_line(self, row) for row in with_names(self.counted())]
        CertificateLine.insert_many(lines).execute()
        self.minutes, self.records = sum(line["minutes"] for line in lines), len(lines)
        self.number = rules.number(str(self.station.division_id), today.year, self.id)
        self.code = secrets.token_urlsafe(CODE_BYTES)
        self.issuer, self.contact = self.station.name, self.station.phone
        self.in_charge, self.issued_on = by.name, today
        self.notice = Notice.todays(self.station, by, self.notice_kind)
        if self.replaces_id and self.replaces.state in ("noticed", "valid"):
            acting = Actor(by.account_id, by.name, Role.SYSTEM)
            Certificate.move(self.replaces_id, "revoke", acting, f"重新出具，以 {self.number} 为准")

    def may_confirm(self, by: Actor) -> list[Finding]:
        if self.is_overtaken():
            return [Finding("state", "证明里的服务记录已被冲正，请撤销后重新出具。")]
        return held_up(self)

    def do_confirm(self, by: Actor) -> None:
        self.valid_on = clock.today()

    def may_claim(self, by: Actor) -> list[Finding]:
        if self.origin == "earlier":
            return []
        return [Finding("state", "这是本站的申请，不是以前开具的证明。")]

    def do_turn_down(self, by: Actor) -> None:
        self.outcome = self.reason_given

    def do_refuse(self, by: Actor) -> None:
        self.outcome = self.reason_given

    def do_revoke(self, by: Actor) -> None:
        self.revoked_on, self.outcome = clock.today(), self.reason_given

    @classmethod
    def move_all(cls, keys: Iterable[object], name: str, by: Actor, reason: str = "") -> int:
        """As elsewhere; a notice on which nothing is left to decide is closed."""
        wanted = [int(str(key)) for key in keys if str(key).isdecimal()]
        done = super().move_all(wanted, name, by, reason)
        on = cls.select(cls.notice).where(cls.id.in_(wanted), cls.notice.is_null(False))
        Notice.close_decided({key for (key,) in on.tuples()})
        return done

    # --- what became of it ---

    def is_overtaken(self) -> bool:
        return Certificate.select().where(Certificate.id == self.id, Certificate.overtaken(None)).exists()

    @classmethod
    def overtaken(cls, by: Actor | None) -> Expression:
        """时长已更正待处理: standing certificates with a record that a correction took back."""
        gone = CertificateLine.select(CertificateLine.certificate).join(ServiceRecord)
        return cls.state.in_(("noticed", "valid")) & cls.id.in_(gone.where(ServiceRecord.state == "reversed"))

    def token(self) -> str:
        """What the QR carries: signed, so that another station checks it without a network."""
        return sign(
            rules.signed_part(
                self.number, self.volunteer.name, self.minutes, self.first_day, self.last_day, self.issuer, self.issued_on
            ),
            rules.TYPE,
        )

    def why_not_printed(self) -> list[Finding]:
        """Findings where there is none that stands."""
        if self.state != "valid":
            return [Finding("state", f"现在是「{self.state_label}」，公示期满生效的证明才能打印。")]
        if self.volunteer.state == "erased":
            return [Finding("volunteer", "本人已注销，证明不再打印；登记保留备查。")]
        if self.is_overtaken():
            return [Finding("state", "证明里的服务记录已被冲正，请撤销后重新出具。")]
        return []


class CertificateLine(BaseModel):
    """One record that a certificate rests on, as it stood when it was issued."""

    resource = "certificates"
    station_path = "certificate.station"

    certificate = ForeignKeyField(Certificate, backref="lines")
    record = ForeignKeyField(ServiceRecord, backref="certificate_lines")
    day = DateField()
    minutes = IntegerField()
    project = CharField(max_length=120, default="")
    activity = CharField(max_length=120, default="")
    recorded_by = CharField(max_length=80, default="")


def claim(said: Sequence[dict[str, Any]], by: Actor) -> None:
    """Enter certificates that were issued on paper before there was this program: history, which rests on no records of
    ours and waits for a head who did not enter it. Each is the columns of one, the person's id among them.

    Raises ``Refusal`` where a person is not registered at the actor's station.
    """
    permit(by, "import", Certificate.resource)
    acting = Actor(by.account_id, by.name, Role.SYSTEM)  # the list is the desk's; the move is nobody's button
    with whole():
        for one in said:
            person = find(Volunteer, one["volunteer"], by)
            if person.station_id != by.station_id or person.state not in ("registered", "suspended"):
                raise refuse(f"{person.name}现在不是本站的注册志愿者，不能登记以前开具的证明。", "volunteer")
            row = Certificate(**one, station=person.station_id, origin="earlier")
            row.store_new(by)
            Certificate.move(row.id, "claim", acting)


def with_names(rows: ModelSelect) -> ModelSelect:
    """Records with their activities, projects and stations, the oldest first, in one statement."""
    named = rows.select(ServiceRecord, Activity, Project, Station).join(Activity).join(Project)
    return named.join_from(ServiceRecord, Station).order_by(ServiceRecord.started_at, ServiceRecord.id)


def _line(certificate: Certificate, row: ServiceRecord) -> dict[str, Any]:
    activity = row.activity
    return {
        "certificate": certificate.id, "record": row.id, "day": row.started_at.date(), "minutes": row.minutes,
        "project": activity.project.name[:120], "activity": activity.name[:120], "recorded_by": row.station.name,
    }  # fmt: skip


def by_activity(certificate: Certificate) -> list[dict[str, Any]]:
    """What the paper says of the content: each project with its days and minutes, the longest first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line in certificate.lines.order_by(CertificateLine.day):
        one = found.setdefault(
            (line.project, line.recorded_by),
            {"project": line.project, "by": line.recorded_by, "first": line.day, "times": 0, "minutes": 0, "names": []},
        )
        one["last"], one["times"], one["minutes"] = line.day, one["times"] + 1, one["minutes"] + line.minutes
        if line.activity not in one["names"]:
            one["names"].append(line.activity)
    return sorted(found.values(), key=lambda one: -one["minutes"])


def by_code(code: str) -> Certificate | None:
    """The issued certificate behind an open address."""
    return Certificate.get_or_none(Certificate.code == code) if 0 < len(code) <= 40 and code.isascii() else None


def of_number(number: str) -> Certificate | None:
    """The issued certificate of this number."""
    return Certificate.get_or_none(Certificate.number == number)


def day_of(said: Any) -> date | None:
    """A day out of a signed part."""
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None
