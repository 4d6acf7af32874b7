"""采集需求 (方案 二(1)): households (户), the people in them who are served, and the visits to them."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from peewee import SQL, CharField, DateField, Expression, ForeignKeyField, IntegerField, fn

from models import clock, policy
from models.base import BaseModel
from models.fields import CodeField, IndexField, SealedCodesField, SealedField, SealedText, keyring
from models.moves import Entered
from models.private import Private
from models.scope import EVERYTHING, Actor, within
from models.stations import station_field
from models.vocabulary import choices, unknown_codes
from models.volunteers import DOCUMENTS, GENDERS, document_kind
from rules import identity
from rules.findings import Finding
from rules.needs import VISITORS, check_visit

MOST_PEOPLE = 30  # in one household


class Household(Private, Entered):
    """A household that community workers and building leaders look after."""

    resource = "households"
    station_path = "station"
    editable = "name building address phone people leader left_on note"
    names = "name"

    station = station_field(backref="households")
    name = CharField(max_length=50, index=True, verbose_name="户主")
    building = CharField(max_length=40, index=True, verbose_name="楼栋", help_text="例如：翠竹巷 3 栋")
    address = SealedField(verbose_name="详细住址", help_text="到门牌号")
    address_index = IndexField(of="address", plain=lambda text: "".join(text.split()))
    phone = SealedField(null=True, verbose_name="联系电话")
    people = IntegerField(default=1, verbose_name="家庭人口", help_text="人")
    leader = CharField(max_length=40, default="", verbose_name="楼组长")
    left_on = DateField(null=True, verbose_name="迁出日期", help_text="迁出后不再列入走访")
    note = SealedField(null=True, verbose_name="家庭情况")
    erased_on = DateField(null=True, verbose_name="清除日期")

    class Meta:
        indexes = ((("station", "address_index"), False), (("station", "id"), False))

    def __str__(self) -> str:
        return f"{self.building} {identity.mask_name(self.name)}"

    def in_clear(self) -> str:
        return f"{self.name}（{self.building}）"

    def prepare(self, by: Actor) -> None:
        self.phone = identity.normalise_phone(self.phone) if self.phone else None
        self.address_index = Household.address_index.made(self.address)

    def check(self, by: Actor) -> list[Finding]:
        findings = identity.check_name(self.name or "")
        if self.phone:
            findings += identity.check_phone(self.phone)
        if self.people is not None and not 1 <= self.people <= MOST_PEOPLE:
            findings.append(Finding("people", f"家庭人口应在 1 到 {MOST_PEOPLE} 之间。"))
        if self.left_on and self.left_on > clock.today():
            findings.append(Finding("left_on", "迁出日期还没有到，迁出后再登记。"))
        twin = self._twin()
        if twin and not self.left_on:
            findings.append(Finding("address", f"这个住址已登记过一户：{twin.in_clear()}。"))
        return findings

    def _twin(self) -> "Household | None":
        """Another household still here at the same address; whoever judges many has looked them up together."""
        if "address" in self.vouched:
            return None
        return Household.select().where(
            Household.station == self.station_id, Household.address_index.finds(self.address or ""),
            Household.left_on.is_null(), Household.id != self.id if self.id else EVERYTHING,
        ).first()  # fmt: skip

    def may_amend(self, by: Actor) -> list[Finding]:
        return [Finding("name", "已清除，不能再修改。")] if self.erased_on else []

    @classmethod
    def unvisited(cls, by: Actor) -> Expression:
        """Households still here that nobody visited within the days of the policy, nor registered within them."""
        since = clock.today() - timedelta(days=policy.for_actor("needs", by).rule.visit_days)
        lately = Visit.select(Visit.household).where(Visit.day >= since, within(Visit, by))
        return cls.left_on.is_null() & (cls.entered_at < datetime.combine(since, time())) & cls.id.not_in(lately)

    @classmethod
    def due(cls, by: Actor) -> Expression:
        """Households whose last visit promised another by today."""
        later = Visit.alias()
        newer = later.select(later.id).where(later.household == Visit.household, later.day > Visit.day)
        promised = Visit.select(Visit.household).where(
            Visit.next_on <= clock.today(), within(Visit, by), ~fn.EXISTS(newer)
        )
        return cls.left_on.is_null() & cls.id.in_(promised)


class Recipient(Private, Entered):
    """服务对象: a person of a household who is served, with every hardship that is hers (方案 二(1), 三(3))."""

    resource = "recipients"
    station_path = "station"
    editable = (
        "household name gender birth_date hardship document_type document_number phone guardian guardian_phone "
        "ethnicity language left_on note"
    )
    names = "name guardian"

    station = station_field(backref="recipients")
    household = ForeignKeyField(Household, backref="recipients", verbose_name="所在户")
    name = CharField(max_length=50, index=True, verbose_name="姓名")
    gender = CharField(max_length=1, choices=GENDERS, default="0", verbose_name="性别")
    birth_date = DateField(null=True, verbose_name="出生日期", help_text="18 位证件自动得出")
    hardship = SealedCodesField(
        kind="recipient", finds=lambda code: Hardship.has(code), verbose_name="困难类别", help_text="可以选几项"
    )
    document_type = CharField(max_length=20, choices=DOCUMENTS, default="resident_id", verbose_name="证件类型")
    document_number = SealedField(null=True, verbose_name="证件号码")
    document_index = IndexField(of="document_number", default="")
    phone = SealedField(null=True, verbose_name="联系电话")
    guardian = CharField(max_length=50, default="", verbose_name="监护人或联系人")
    guardian_phone = SealedField(null=True, verbose_name="监护人电话")
    ethnicity = CodeField(kind="ethnicity", default="", constraints=[SQL("DEFAULT ''")], verbose_name="民族")
    language = CodeField(kind="language", default="", constraints=[SQL("DEFAULT ''")], verbose_name="常说的语言",
                         help_text="派会说这种语言的志愿者")  # fmt: skip
    left_on = DateField(null=True, verbose_name="注销日期", help_text="迁出、去世或不再需要")
    note = SealedField(null=True, verbose_name="具体情况")
    erased_on = DateField(null=True, verbose_name="清除日期")

    class Meta:
        indexes = ((("station", "document_index"), False), (("station", "id"), False))

    def __str__(self) -> str:
        return identity.mask_name(self.name)

    def in_clear(self) -> str:
        return self.name

    def age(self, on=None) -> int | str:
        """Full years on that day, today where none is given; blank where the birth date is not known."""
        return identity.age_on(self.birth_date, on or clock.today()) if self.birth_date else ""

    def prepare(self, by: Actor) -> None:
        if self.household_id:
            self.station_id = self.household.station_id
        for name in ("phone", "guardian_phone"):
            setattr(self, name, identity.normalise_phone(getattr(self, name) or "") or None)
        self.document_number = identity.normalise(self.document_number or "") or None
        self.document_index = Recipient.document_index.made(self.document_number)
        kind = document_kind(self.document_type)
        known = identity.facts(kind, self.document_number) if kind and self.document_number else None
        if known and not identity.check_document(kind, self.document_number, clock.today()):
            self.gender, self.birth_date = known.gender, known.birth_date

    def check(self, by: Actor) -> list[Finding]:
        findings = identity.check_name(self.name or "") + unknown_codes(self)
        if not self.hardship:
            findings.append(Finding("hardship", "请至少选一项「困难类别」。"))
        kind, today = document_kind(self.document_type), clock.today()
        if self.document_number and kind:
            findings += identity.check_document(kind, self.document_number, today)
            findings += self._check_twin()
        for name in ("phone", "guardian_phone"):
            if getattr(self, name):
                findings += identity.check_phone(getattr(self, name), where=name)
        for name in ("birth_date", "left_on"):
            if getattr(self, name) and getattr(self, name) > today:
                findings.append(Finding(name, f"「{self.label(name)}」还没有到。"))
        return findings

    def _check_twin(self) -> list[Finding]:
        """One person is registered once at a station; another station's people are not even asked about."""
        twin = Recipient.select(Recipient.name).where(
            Recipient.station == self.station_id, Recipient.document_index.finds(self.document_number),
            Recipient.id != self.id if self.id else EVERYTHING,
        ).first()  # fmt: skip
        return [Finding("document_number", f"这个证件已登记为服务对象 {twin.name}。")] if twin else []

    def may_amend(self, by: Actor) -> list[Finding]:
        return [Finding("name", "已清除，不能再修改。")] if self.erased_on else []

    def after_enter(self, by: Actor) -> None:
        Hardship.keep(self)

    def store_amended(self, by: Actor) -> None:
        super().store_amended(by)
        Hardship.keep(self)

    def reindex(self) -> None:
        """The keyed index beside it, made anew by the newest key."""
        Hardship.keep(self)


class Hardship(BaseModel):
    """The keyed index beside `Recipient.hardship`: who has which, findable and countable, but not to be read."""

    resource = "recipients"
    station_path = "station"

    station = station_field()
    recipient = ForeignKeyField(Recipient, backref="hardships", verbose_name="服务对象")
    category_index = IndexField(of="recipient.hardship")

    class Meta:
        indexes = ((("recipient", "category_index"), True), (("station", "category_index"), False))

    @classmethod
    def keep(cls, row: Recipient) -> None:
        """Make the index say what the row says."""
        wanted = {index_of(code) for code in row.hardship}
        kept = {index for (index,) in cls.select(cls.category_index).where(cls.recipient == row.id).tuples()}
        if gone := kept - wanted:
            cls.delete().where(cls.recipient == row.id, cls.category_index.in_(gone)).execute()
        rows = [{"station": row.station_id, "recipient": row.id, "category_index": i} for i in sorted(wanted - kept)]
        if rows:
            cls.insert_many(rows).execute()

    @classmethod
    def has(cls, code: str) -> Expression:
        """The condition that a recipient has this hardship."""
        return Recipient.id.in_(cls.select(cls.recipient).where(cls.category_index.in_(indexes_of(code))))


def index_of(code: str) -> str:
    """What stands for a category beside the sealed text; without the data key it says nothing."""
    return keyring.index(f"recipient:{code}")


def indexes_of(code: str) -> list[str]:
    """What may stand for it while a key is changed: by each key."""
    return keyring.indexes(f"recipient:{code}")


def codes_by_index(codes: Iterable[str]) -> dict[str, str]:
    """Which category each index stands for, whichever key made it."""
    return {index: code for code in codes for index in indexes_of(code)}


def hardships_among(recipient_id: int, codes: Iterable[str]) -> set[str]:
    """Which of these hardships a person has, asked of the keyed index: nothing sealed is opened."""
    return hardships_of([recipient_id], codes).get(recipient_id, set())


def hardships_of(recipients: Iterable[int], codes: Iterable[str]) -> dict[int, set[str]]:
    """Which of these hardships each of these people has, in one statement; whoever has none of them is not in it."""
    of = codes_by_index(codes)
    rows = Hardship.select(Hardship.recipient, Hardship.category_index).where(
        Hardship.recipient.in_(list(recipients)), Hardship.category_index.in_(list(of))
    )
    found: dict[int, set[str]] = {}
    for recipient, index in rows.tuples():
        found.setdefault(recipient, set()).add(of[index])
    return found


def count_by_category(by: Actor, *where: Expression) -> dict[str, int]:
    """How many people are served, by the code of their hardship: one grouped statement, and nobody's row is opened.

    Whoever has two counts under both. People of the asker's own division who have not left; ``where`` narrows on
    `Recipient` (for example to a station, or to the people of a project's needs).
    """
    counted = (
        Hardship.select(Hardship.category_index, fn.COUNT(Hardship.recipient))
        .join(Recipient)
        .where(within(Hardship, by), Recipient.left_on.is_null(), *where)
        .group_by(Hardship.category_index)
    )
    codes = [code for code, _ in choices("recipient", active_only=False)]
    of, found = codes_by_index(codes), dict.fromkeys(codes, 0)
    for index, count in counted.tuples():
        if index in of:
            found[of[index]] += count
    return {code: count for code, count in found.items() if count}


class Visit(Private, Entered):
    """入户走访: who went, in which role, when, what was found, and when somebody goes again (方案 二(1))."""

    resource = "visits"
    station_path = "station"
    editable = "household day visitor role found next_on"
    told = "found"

    station = station_field(backref="visits")
    household = ForeignKeyField(Household, backref="visits", verbose_name="走访的户")
    day = DateField(verbose_name="走访日期")
    visitor = CharField(max_length=40, verbose_name="走访人")
    role = CharField(max_length=10, choices=VISITORS, default="community", verbose_name="走访人身份")
    found = SealedText(verbose_name="了解到的情况")
    next_on = DateField(null=True, verbose_name="下次走访")

    class Meta:
        indexes = ((("station", "day"), False), (("household", "day"), False))

    def __str__(self) -> str:
        return f"{self.day} 走访"

    def prepare(self, by: Actor) -> None:
        if self.household_id:
            self.station_id = self.household.station_id

    def check(self, by: Actor) -> list[Finding]:
        findings = check_visit(self.day, self.next_on, clock.today())
        if self.household.left_on and self.day and self.day > self.household.left_on:
            findings.append(Finding("household", f"这一户已于 {self.household.left_on} 迁出。"))
        return findings
