"""招募注册 (方案 二(2)): volunteers, their review, number and card, and the claim of an earlier registration."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from peewee import SQL, CharField, DateField, DateTimeField, Expression, ForeignKeyField, TextField

from models import clock, policy
from models.audit import trails
from models.fields import CodeField, CodesField, IndexField, SealedField, keyring
from models.moves import Staged, permit, required, whole
from models.refusals import NotFound, refuse, refuse_if
from models.scope import Actor, along, along_or_hers, within
from models.stations import Division, Station, station_field
from models.vocabulary import unknown_codes
from rules import identity, states
from rules.access import Role
from rules.consents import CHILD, NOT_OF_A_CHILD, minimised
from rules.eligibility import check_age
from rules.findings import Finding, errors
from rules.life import Move
from rules.reading import read_text
from rules.retention import ERASED, number_for
from rules.service_grid import DAYS, PARTS
from rules.stars import FOLLOWS
from rules.topics import Eligibility

GENDERS = [("1", "男"), ("2", "女"), ("0", "未知"), ("9", "未说明")]
ORIGINS = [("desk", "到站登记"), ("online", "网上报名")]
GRID = {f"{n:02d}" for n in range(1, len(DAYS) * len(PARTS) + 1)}
IDENTITY = ("document_type", "document_number", "name")
DOCUMENTS = [(kind.value, kind.label) for kind in identity.DocumentType]


class Volunteer(Staged):
    """One registered person. Unique by document across all stations (domain: one document, one account)."""

    resource = "volunteers"
    station_path = "station"
    life = states.VOLUNTEER
    editable = (
        "name document_type document_number gender birth_date phone residence address ethnicity politics "
        "education occupation skills languages speciality categories service_times national_no "
        "guardian_name guardian_phone consent_on introducer"
    )

    station = station_field(backref="volunteers")
    card_no = CharField(max_length=20, null=True, unique=True, verbose_name="志愿者编号")
    name = CharField(max_length=50, verbose_name="姓名")
    document_type = CharField(max_length=20, choices=DOCUMENTS, default="resident_id", verbose_name="证件类型")
    document_number = SealedField(verbose_name="证件号码")
    document_index = IndexField(of="document_number")
    gender = CharField(max_length=1, choices=GENDERS, verbose_name="性别",
                       help_text="18 位证件自动得出")  # fmt: skip
    birth_date = DateField(verbose_name="出生日期", help_text="18 位证件自动得出")
    phone = SealedField(verbose_name="联系电话")
    residence = ForeignKeyField(Division, null=True, verbose_name="居住区域")
    address = SealedField(null=True, verbose_name="详细地址")
    ethnicity = CodeField(kind="ethnicity", default="", verbose_name="民族")
    politics = CodeField(kind="politics", default="", verbose_name="政治面貌")
    education = CodeField(kind="education", default="", verbose_name="学历")
    occupation = CodeField(kind="occupation", default="", verbose_name="从业情况")
    skills = CodesField(kind="skill", verbose_name="服务技能")
    languages = CodesField(kind="language", constraints=[SQL("DEFAULT ''")], verbose_name="会说的语言")
    speciality = CharField(max_length=100, default="", verbose_name="个人特长")
    categories = CodesField(kind="category", verbose_name="服务类别")
    service_times = CodesField(verbose_name="服务时间", help_text="一周里方便服务的时段")
    national_no = CharField(max_length=30, default="", verbose_name="全国编号")
    guardian_name = CharField(max_length=50, default="", verbose_name="监护人")
    guardian_phone = SealedField(null=True, verbose_name="监护人电话")
    consent_on = DateField(null=True, verbose_name="知情同意日期", help_text="本人或监护人签字的日期")
    introducer = ForeignKeyField(
        "self", null=True, backref="introduced", verbose_name="介绍人", help_text="介绍来注册的志愿者"
    )
    registered_on = DateField(null=True, verbose_name="注册日期")
    refused_for = TextField(default="", verbose_name="退回理由")
    origin = CharField(
        max_length=8, choices=ORIGINS, default="desk", constraints=[SQL("DEFAULT 'desk'")], verbose_name="登记来源"
    )
    # The number of an application from the site, until somebody at the desk has held the document against it. Till then
    # what it says is anybody's word: it is nobody's twin, and its document is looked for nowhere (`models.sign_ups`).
    provisional = CharField(max_length=10, default="", constraints=[SQL("DEFAULT ''")])
    identified_on = DateField(null=True, verbose_name="证件核对日期")

    class Meta:
        indexes = (
            (("document_index", "document_type", "provisional"), True),  # the number alone finds the person, too
            (("station", "name"), False),
            (("station", "state", "id"), False),
            (("name", "card_no"), False),  # holds all that a search looks in: the wide rows are left alone
        )

    ground: "Ground | None" = None  # for a row that is judged among many

    def __str__(self) -> str:
        return f"{self.name} {self.card_no}" if self.card_no else self.name

    @property
    def masked_name(self) -> str:
        """The name as anyone may read it: of a child nothing (个人信息保护法第三十一条), of whoever was erased her number."""
        if self.name.startswith(ERASED):
            return self.name
        if self.birth_date and self.age() < CHILD:
            return "*" * len(self.name)
        return identity.mask_name(self.name)

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer herself."""
        return along_or_hers(cls, "station", actor, lambda key: cls.id == key)

    def age(self, on: date | None = None) -> int:
        """Full years on that day, today where none is given."""
        return identity.age_on(self.birth_date, on or clock.today())

    def prepare(self, by: Actor) -> None:
        self.document_number = identity.normalise(self.document_number or "")
        self.name = read_text(self.name or "")
        for name in ("phone", "guardian_phone"):
            if getattr(self, name):
                setattr(self, name, identity.normalise_phone(getattr(self, name)))
        self.document_index = Volunteer.document_index.made(self.document_number)
        kind = document_kind(self.document_type)
        known = identity.facts(kind, self.document_number) if kind else None
        if known and not errors(identity.check_document(kind, self.document_number, clock.today())):
            # What the number says wins over what was typed beside it: one of the two is a slip, and this one is checked.
            self.gender, self.birth_date = known.gender, known.birth_date

    def missing(self, by: Actor) -> list[Finding]:
        """Gender and birth date are not asked for where the document's number tells them."""
        findings = required(self)
        kind = document_kind(self.document_type)
        if kind and identity.tells_birth(kind, self.document_number):
            findings = [f for f in findings if f.where not in ("gender", "birth_date")]
        return findings

    def check(self, by: Actor) -> list[Finding]:
        ground = self.ground or Ground.of([self])
        today = ground.today
        findings = identity.check_name(self.name or "")
        if self.guardian_name:
            findings += identity.check_name(self.guardian_name, where="guardian_name")
        kind = document_kind(self.document_type)
        if self.document_number and kind:
            findings += identity.check_document(kind, self.document_number, today)
        if self.phone:
            findings += identity.check_phone(self.phone, where="phone")
        if self.guardian_phone:
            findings += identity.check_phone(self.guardian_phone, where="guardian_phone")
        if self.birth_date:
            findings += self._check_age(ground)
        findings += unknown_codes(self, ground.codes)
        if strange := sorted(set(self.service_times or ()) - GRID):
            findings.append(Finding("service_times", f"服务时间没有「{strange[0]}」这一格，代码是 01 到 24。"))
        if self.consent_on and self.consent_on > today:
            findings.append(Finding("consent_on", "知情同意日期不能晚于今天。"))
        if self.was and self.was["consent_on"] and not self.consent_on:
            findings.append(Finding("consent_on", "同意日期不能在这里删去；撤回或作废同意请在「知情同意」里办理。"))
        if self._is_renamed() and by.role == Role.RECORDER:
            findings.append(Finding("document_number", "已编发志愿者编号，姓名和证件由站长更正。"))
        findings += self._check_introducer()
        if not errors(findings):
            findings += self._check_twin(ground)
        return findings

    def _check_introducer(self) -> list[Finding]:
        """Asked when one is named, not ever after: whoever introduced somebody may be suspended later."""
        named_before = self.was.get("introducer") if self.was or self.id is None else self.introducer_id
        if self.introducer_id == named_before:
            return []
        if self.card_no:
            return [Finding("introducer", "审核通过时已按原来的介绍人办理，不能再改。")]
        if self.introducer_id == self.id:
            return [Finding("introducer", "介绍人不能是本人。")]
        if self.introducer_id and self.introducer.state != "registered":
            state = self.introducer.state_label
            return [Finding("introducer", f"介绍人应是已注册的志愿者，{self.introducer.name}现在是「{state}」。")]
        return []

    def _is_renamed(self) -> bool:
        """Whether an amendment would make somebody else of a person who has a card."""
        return bool(self.card_no and self.was) and any(self.was[n] != self.__data__[n] for n in IDENTITY)

    def _check_age(self, ground: "Ground") -> list[Finding]:
        if self.birth_date > ground.today:
            return [Finding("birth_date", "出生日期不能晚于今天。")]
        guarded, years = bool(self.guardian_name and self.guardian_phone), self.age(ground.today)
        kept = {name: self.__data__.get(name) for name in NOT_OF_A_CHILD}
        labels = {name: self.label(name) for name in NOT_OF_A_CHILD}
        return [*check_age(years, guarded, ground.rule), *minimised(kept, labels, years)]

    def _check_twin(self, ground: "Ground") -> list[Finding]:
        if self.provisional:
            return []  # whoever typed it may be anybody: she is told nothing, and the desk looks when she stands there
        twin = ground.earlier.get((self.document_type, self.document_number or ""))
        if twin is None or twin.id == self.id:
            return []
        if twin.state in ("leaving", "moved"):
            return [Finding("document_number",
                f"这个证件在「{twin.station.name}」登记过（{twin.state_label}）；请由现在的单位做异地转移，从「转入」接收。")]  # fmt: skip
        if twin.station_id == self.station_id:
            return [Finding("document_number", f"这个证件已在本站登记：{twin}（{twin.state_label}）。")]
        return [Finding("document_number",
            f"这个证件已在「{twin.station.name}」登记，不能重复注册；请用「认领」把以前的登记转到本站。")]  # fmt: skip

    @classmethod
    def move(cls, key: object, name: str, by: Actor, reason: str = "", **details: Any) -> Self:
        """One move; whoever is registered is applied for at the post that she named on the site."""
        from models.sign_ups import carry_wish  # which rests on this room

        with whole():
            row = super().move(key, name, by, reason, **details)
            if name == "approve" and row.origin == "online":
                carry_wish(row, by)
        return row

    def legal_moves(self, by: Actor) -> list[Move]:
        """Not offered: what is about applications from the site to others, and the other way round. Where her document is
        known already the way on is the earlier registration, else to hold it against what she sent."""
        moves = super().legal_moves(by)
        if not self.provisional:
            return [m for m in moves if m.name not in ("identify", "lead")]
        on = "lead" if self.earlier() else "identify"
        moves = [m for m in moves if m.name not in ({"identify", "lead", "resubmit", "reconsider"} - {on})]
        return [replace(m, expected=True) if m.name == on else m for m in moves]

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        if move.name in ("identify", "resubmit"):
            return (cls.provisional != "") if move.name == "identify" else (cls.provisional == "")
        return super().ripe(move, by)

    def earlier(self) -> "Volunteer | None":
        """Whoever is registered with this row's document, another than this row."""
        kind = document_kind(self.document_type)
        twin = earlier_registration(kind, self.document_number) if kind and self.document_number else None
        return twin if twin is not None and twin.id != self.id else None

    def hold(self, name: str) -> None:
        """Approving may move the hours account: the chain, then the introducer's balance (`models.hours`)."""
        from models.earning import bonus_terms
        from models.hours import Balance, Chain

        if name == "approve" and bonus_terms(self.station, clock.today()):
            Chain.lock(self.station_id)
            Balance.hold([self.introducer_id] if self.introducer_id else [])

    def after_enter(self, by: Actor) -> None:
        from models.consents import from_form  # which rests on this room

        if self.consent_on:
            from_form(self, by)

    def store_amended(self, by: Actor) -> None:
        from models.consents import from_form, keep_day

        agreed = self.consent_on and self.consent_on != self.was.get("consent_on")
        super().store_amended(by)
        if agreed:
            from_form(self, by)
            keep_day(self.id)

    def shown(self, names: list[str], data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Values for the trail, which outlives the person's data: names masked."""
        values = super().shown(names, data)
        return values | {n: identity.mask_name(values[n] or "") for n in ("name", "guardian_name") if n in values}

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state == "erased":
            return [Finding("state", "已注销，个人信息已清除，不能再修改。")]
        if self.state in ("leaving", "moved"):
            return [Finding("state", f"这位志愿者{self.state_label}，不能修改；资料以接收单位的为准。")]
        return []

    def may_identify(self, by: Actor) -> list[Finding]:
        """From now on it is a registration like any other: what may not stand twice is looked for."""
        if not self.provisional:
            return [Finding("state", "这份登记的证件已经核对过。")]
        self.provisional = ""
        return self.check(by)

    def do_identify(self, by: Actor) -> None:
        self.identified_on = clock.today()

    def may_lead(self, by: Actor) -> list[Finding]:
        if not self.provisional or self.earlier() is None:
            return [Finding("document_number", "没有查到这个证件以前的登记，请核对证件后点「证件已核对」。")]
        return []

    def do_lead(self, by: Actor) -> None:
        """The person stands at the desk with her document: her earlier registration is asked for where it lies."""
        twin = self.earlier()
        if twin is not None and twin.station_id != self.station_id:
            Claim.ask(self.document_type, self.document_number, "网上报名，本人持证件到站认领", by)

    def may_resubmit(self, by: Actor) -> list[Finding]:
        return self._only_identified()

    def may_reconsider(self, by: Actor) -> list[Finding]:
        return self._only_identified()

    def _only_identified(self) -> list[Finding]:
        if self.provisional:
            return [Finding("state", "网上报名还没有核对过证件：由本人改正后重新送出，或带证件到站核对。")]
        return []

    def may_approve(self, by: Actor) -> list[Finding]:
        return [*self.check(by), *self._lacks_consent()]

    def may_restore(self, by: Actor) -> list[Finding]:
        return self._lacks_consent()

    def _lacks_consent(self) -> list[Finding]:
        """A minor's guardian must have agreed; and nobody is taken (back) in whose consent was withdrawn and not given
        again."""
        from models.consents import lacking, withdrew

        if withdrew(self.id):
            return [Finding("consent_on", "同意已撤回，重新同意并登记同意书后才能办理。")]
        gap = lacking(self)
        return [Finding("consent_on", gap)] if gap else []

    def do_erase(self, by: Actor) -> None:
        """What says who she was goes; what her hours rest on stays, under a number (个人信息保护法第四十七条).

        Called by `models.erasing`, which clears what other tables hold of her.
        """
        self.name = number_for(self.card_no, "V", self.id)
        self.document_number, self.document_index = "", f"erased:{self.id}"
        self.phone, self.address, self.residence = "", None, None
        self.ethnicity = self.politics = self.education = self.occupation = self.speciality = self.national_no = ""
        self.skills, self.languages, self.categories, self.service_times = [], [], [], []
        self.guardian_name, self.guardian_phone, self.refused_for = "", None, ""
        self.birth_date = date(self.birth_date.year, 1, 1)  # the year alone: no figure asks for more
        self.introducer = None

    def reveal(self, field: str, by: Actor, reason: str) -> str:
        """As anybody's; a child's only by whoever has that right of its own (个人信息保护法第三十一条)."""
        if self.age() < CHILD:
            permit(by, "reveal_child", self.resource)
        return super().reveal(field, by, reason)

    def do_approve(self, by: Actor) -> None:
        from models.earning import give_bonuses
        from models.hours import Balance

        if self.card_no is None:
            self.card_no = next_card_no(self.station_id)
        self.registered_on = self.registered_on or clock.today()
        Balance.open_for(self)
        give_bonuses(self, by)

    def do_return(self, by: Actor) -> None:
        self.refused_for = self.reason_given

    def do_refuse(self, by: Actor) -> None:
        self.refused_for = self.reason_given

    def do_suspend(self, by: Actor) -> None:
        from models.teams import leave_all  # which rests on this room

        leave_all(self.id, "志愿者已停用")

    def masked(self) -> dict[str, str]:
        """The sensitive columns as a screen shows them."""
        return {
            "document_number": identity.mask(self.document_number or ""),
            "phone": identity.mask_phone(self.phone or ""),
            "guardian_phone": identity.mask_phone(self.guardian_phone or ""),
            "address": identity.mask_address(self.address or ""),
        }


def print_cards(keys: Collection[int], by: Actor) -> list[Volunteer]:
    """The volunteers whose record cards are printed, each with a trace. Raises ``Refusal`` naming who has none."""
    permit(by, "print", "volunteers")
    with whole():
        wanted = Volunteer.select(Volunteer, Station).join(Station)
        rows = list(wanted.where(Volunteer.id.in_(keys), within(Volunteer, by)).order_by(Volunteer.card_no))
        if len(rows) < len(set(keys)):
            raise NotFound()
        refuse_if([
            Finding("", f"{row.name} 还没有审核注册，没有服务记录证。") for row in rows if row.card_no is None
        ])  # fmt: skip
        for row in rows:
            row.trace(by, "print", after={"card_no": row.card_no})
    return rows


def document_kind(name: str | None) -> identity.DocumentType | None:
    """The document of this name; None for a blank or unknown one, which `required` refuses in words."""
    return identity.DocumentType(name) if name in dict(DOCUMENTS) else None


def next_card_no(station_id: int) -> str:
    """A new volunteer number: county (6) + station (4) + sequence (5). Called inside the approving transaction."""
    return next_card_nos(station_id, 1)[0]


def next_card_nos(station_id: int, count: int) -> list[str]:
    """So many new volunteer numbers of one station, in two statements."""
    if not count:
        return []
    Station.update(next_card=Station.next_card + count).where(Station.id == station_id).execute()
    station = Station.get_by_id(station_id)
    county, after = str(station.division_id)[:6], station.next_card
    return [f"{county}{station_id:04d}{n:05d}" for n in range(after - count, after)]


def earlier_registration(document_type: str, number: str) -> Volunteer | None:
    """Whoever is registered with this document, at any station."""
    document = document_type, identity.normalise(number)
    return earlier_registrations([document]).get(document)


def earlier_registrations(documents: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Volunteer]:
    """Whoever is registered with these documents, given and found by (type, number as it is stored)."""
    wanted = {(kind, number) for kind, number in documents if number}
    number_of = {index: number for _, number in wanted for index in keyring.indexes(number)}
    indexes, found = sorted(number_of), {}
    for at in range(0, len(indexes), LOOKUP):
        rows = Volunteer.select(Volunteer, Station).join(Station)
        for row in rows.where(Volunteer.document_index.in_(indexes[at : at + LOOKUP]), Volunteer.provisional == ""):
            found[row.document_type, number_of[row.document_index]] = row
    return {document: found[document] for document in wanted if document in found}


@dataclass(frozen=True)
class Ground:
    """What registrations at one station are judged by. ``codes`` are read beforehand where there are many."""

    today: date
    rule: Eligibility
    earlier: dict[tuple[str, str], Volunteer]
    codes: Collection[tuple[str, str]] | None = None

    @classmethod
    def of(cls, rows: Sequence[Volunteer], codes: Collection[tuple[str, str]] | None = None) -> "Ground":
        today = clock.today()
        rule = policy.in_force("eligibility", rows[0].station, today).rule
        documents = [(r.document_type, r.document_number or "") for r in rows if not r.provisional]
        return cls(today, rule, earlier_registrations(documents), codes)


def named(texts: Iterable[str], station_id: int) -> dict[str, list[Volunteer]]:
    """Whom each text may mean: a whole card number of any station, or a name at this one; two queries for all.

    A visitor shows her card; by name alone only the station's own people are found.
    """
    wanted = {text for text in texts if text}
    found: dict[str, list[Volunteer]] = {text: [] for text in wanted}
    few = [Volunteer.id, Volunteer.name, Volunteer.card_no, Volunteer.state, Volunteer.station]
    keys = sorted(wanted)
    for at in range(0, len(keys), LOOKUP):
        part = keys[at : at + LOOKUP]
        either = Volunteer.card_no.in_(part) | (Volunteer.name.in_(part) & (Volunteer.station == station_id))
        for row in Volunteer.select(*few).where(either):
            if row.card_no in found:
                found[row.card_no].append(row)
            if row.name in found and row.station_id == station_id:
                found[row.name].append(row)
    return found


LOOKUP = 400  # texts looked up in one query


class Claim(Staged):
    """A station asks for a person registered earlier elsewhere; that station's head agrees, and the record follows."""

    resource = "claims"
    life = states.CLAIM

    volunteer = ForeignKeyField(Volunteer, backref="claims", verbose_name="志愿者")
    from_station = ForeignKeyField(Station, backref="claims_out", verbose_name="原工作站")
    to_station = ForeignKeyField(Station, backref="claims_in", verbose_name="认领工作站")
    reason = CharField(max_length=200, verbose_name="认领理由")
    decided_at = DateTimeField(null=True, verbose_name="办理时间")

    def __str__(self) -> str:
        return f"{self.volunteer.name}的认领"

    @classmethod
    def scope(cls, actor: Actor):
        """Both ends see it."""
        return along(cls, "from_station", actor) | along(cls, "to_station", actor)

    @classmethod
    def ask(cls, document_type: str, number: str, reason: str, by: Actor) -> "Claim":
        """Ask for the earlier registration with this document. The person is at the desk and has shown it.

        Raises ``Refusal`` when there is none, it is the own station's, or it is asked for already.
        """
        permit(by, "enter", "claims")
        with whole():
            twin = earlier_registration(document_type, number)
            if twin is None:
                raise refuse("没有查到这个证件的登记，请按新志愿者注册。", "document_number")
            if twin.station_id == by.station_id:
                raise refuse(f"这个证件就在本站登记：{twin}。", "document_number")
            if twin.state in ("leaving", "moved"):
                raise refuse(f"这个人{twin.state_label}到别的单位，不能认领；请由现在的单位做异地转移。", "document_number")
            if len(reason.strip()) < 2:
                raise refuse("请写明认领的理由，例如「搬到本社区居住」。", "reason")
            open_claim = cls.get_or_none(
                (cls.volunteer == twin) & (cls.state == "asked") & (cls.to_station == by.station_id)
            )
            if open_claim is not None:
                return open_claim
            claim = cls(
                volunteer=twin, from_station=twin.station_id, to_station=by.station_id,
                reason=reason.strip()[:200], entered_by=by.account_id,
            )  # fmt: skip
            claim.save(force_insert=True)
            claim.trace(by, "ask", reason)
        return claim

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        return cls.from_station == by.station_id

    def legal_moves(self, by: Actor):
        return super().legal_moves(by) if by.station_id == self.from_station_id else []

    def may_agree(self, by: Actor) -> list[Finding]:
        return self._check_holder(by) or self._check_left()

    def may_refuse(self, by: Actor) -> list[Finding]:
        return self._check_holder(by)

    def _check_holder(self, by: Actor) -> list[Finding]:
        if by.role != Role.SYSTEM and by.station_id != self.from_station_id:
            return [Finding("", "要由原工作站的站长同意。")]
        return []

    def _check_left(self) -> list[Finding]:
        if self.volunteer.station_id != self.from_station_id:
            return [Finding("volunteer", "这位志愿者已转到别的工作站，请由认领的工作站重新提出。")]
        if self.volunteer.state in ("leaving", "moved"):
            return [Finding("volunteer", f"这位志愿者{self.volunteer.state_label}到别的单位，不能认领。")]
        return []

    def hold(self, name: str) -> None:
        """The account goes along: both chains, in the order of their numbers, then the balance (`models.hours`)."""
        from models.hours import Balance, Chain

        if name == "agree":
            for station in sorted((self.from_station_id, self.to_station_id)):
                Chain.lock(station)
            Balance.hold([self.volunteer_id])

    def do_agree(self, by: Actor) -> None:
        self.decided_at = clock.now()
        bring([self], by)

    def do_refuse(self, by: Actor) -> None:
        self.decided_at = clock.now()


def bring(claims: "Sequence[Claim]", by: Actor) -> None:
    """The people of these claims, all between the same two stations, and what is theirs come to the station that asked.
    Inside the caller's transaction; a handful of statements however many they are."""
    from models.applications import follow as follow_applications
    from models.erasures import follow as follow_erasures
    from models.moving import move_accounts
    from models.stars import StarGrant

    leaves, comes, people = claims[0].from_station_id, claims[0].to_station_id, [claim.volunteer_id for claim in claims]
    move_accounts(claims, by)
    Volunteer.update(station=comes, revision=Volunteer.revision + 1).where(Volunteer.id.in_(people)).execute()
    # A star on its way is proposed by whoever has the person now; one recognised or hanging out stays where it was.
    StarGrant.update(station=comes).where(StarGrant.volunteer.in_(people), StarGrant.state.in_(FOLLOWS)).execute()
    follow_erasures(people, comes)
    follow_applications(people, comes, by, claims[0].reason)
    went = [(key, {"station": leaves}, {"station": comes}) for key in people]
    trails(by, "transfer", Volunteer._meta.table_name, went, station=leaves, reason=claims[0].reason)
