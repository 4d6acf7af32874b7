"""知情同意 (个人信息保护法 13–15, 17, 29–31): who agreed to which version of which text, how, and whether it still stands.

The texts are policy (`rules.topics.ConsentTexts`); a consent keeps the release whose words it was given to. It is never
changed: withdrawing is a move, a slip is voided, and what a withdrawal stops is stopped in the same transaction.
"""

from collections.abc import Collection
from datetime import date
from typing import Self

from peewee import CharField, DateField, Expression, ForeignKeyField, IntegerField, TextField, fn

from models import clock, policy
from models.households import Recipient
from models.moves import Staged, whole
from models.policy import book
from models.refusals import NotFound, refuse_if
from models.scope import NOTHING, SYSTEM, Actor, along
from models.stations import station_field
from models.volunteers import Volunteer
from rules import consents
from rules.access import Role
from rules.consents import ADULT, BASE, CHILD, CONSENT, GIVERS, GUARDIANS, KINDS, WAYS, years_before
from rules.findings import Finding
from rules.identity import age_on, mask_name
from rules.life import Move
from rules.policy import Version
from rules.topics import PolicyError

ON_PAPER = "（政策文本之前的纸质同意书）"


class Consent(Staged):
    """One consent of one volunteer or one person served. ``text`` is the key of the release that holds the words."""

    resource = "consents"
    hers = True
    life = CONSENT
    editable = "volunteer recipient kind given_by giver relation way given_on witness note"

    station = station_field(backref="consents")
    volunteer = ForeignKeyField(Volunteer, null=True, backref="consents", verbose_name="志愿者")
    recipient = ForeignKeyField(Recipient, null=True, backref="consents", verbose_name="服务对象")
    kind = CharField(max_length=16, choices=list(KINDS.items()), verbose_name="同意书")
    text = CharField(max_length=60, default="", verbose_name="文本版次")
    age = IntegerField(null=True, verbose_name="同意时年龄")
    given_by = CharField(max_length=8, choices=list(GIVERS.items()), default="self", verbose_name="同意人")
    giver = CharField(max_length=50, default="", verbose_name="签字人姓名", help_text="留空按本人或登记的监护人")
    relation = CharField(max_length=20, default="", verbose_name="与本人关系", help_text="监护人填写，例如：母亲")
    way = CharField(max_length=8, choices=list(WAYS.items()), default="paper", verbose_name="同意方式")
    given_on = DateField(verbose_name="同意日期", help_text="签字当天")
    witness = CharField(max_length=50, default="", verbose_name="见证人", help_text="当面确认的必填")
    note = CharField(max_length=200, default="", verbose_name="备注", help_text="例如：纸质件存放处")
    ended_on = DateField(null=True, verbose_name="撤回或作废日期")
    ended_for = TextField(default="", verbose_name="撤回或作废理由")

    class Meta:
        indexes = ((("station", "state", "id"), False), (("volunteer", "kind"), False), (("recipient", "kind"), False))

    def __str__(self) -> str:
        return f"{self.person}的{KINDS[self.kind]}" if self.person else KINDS[self.kind]

    @property
    def person(self) -> Volunteer | Recipient | None:
        """Whose data it is about."""
        return self.volunteer if self.volunteer_id else self.recipient if self.recipient_id else None

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """Where the person is now; to a volunteer her own."""
        if actor.role == Role.VOLUNTEER:
            return cls.volunteer == actor.volunteer_id if actor.volunteer_id else NOTHING
        return along(cls, "volunteer.station", actor) | along(cls, "recipient.station", actor)

    @classmethod
    def agree(cls, kind: str, by: Actor) -> Self:
        """A volunteer agrees to a text herself, signed in, having read it. Raises ``Refusal`` where it is not hers to give."""
        if by.role != Role.VOLUNTEER or by.volunteer_id is None:
            raise NotFound()
        row = cls(volunteer=by.volunteer_id, kind=kind, given_by="self", way="online", given_on=clock.today())
        with whole():
            refuse_if(row.faults(by))
            row.store_new(by)
        return row

    def prepare(self, by: Actor) -> None:
        who = self.person
        if who is None:
            return
        self.station_id = who.station_id
        day = self.given_on or clock.today()
        self.age = age_on(who.birth_date, max(day, who.birth_date)) if who.birth_date else None
        if self.kind in GUARDIANS:
            self.given_by = "guardian"
        if not (self.giver or "").strip():
            kept = who.guardian_name if self.volunteer_id else who.guardian
            self.giver = who.name if self.given_by == "self" else kept
        self.text = text_key(who.station, self.kind, day) if self.kind in KINDS else ""

    def check(self, by: Actor) -> list[Finding]:
        if (self.volunteer_id is None) == (self.recipient_id is None):
            return [Finding("volunteer", "请选一位志愿者，或者一位服务对象，两者选一。")]
        who = self.person
        if not (self.kind and self.given_by and self.given_on):
            return []  # each is asked for already
        if self.given_on > clock.today():
            return [Finding("given_on", "知情同意日期不能晚于今天。")]
        if is_erased(who):
            return [Finding("volunteer", "这个人已注销，不能再登记同意。")]
        found = consents.check_given(
            self.kind, self.given_by, self.age, recipient=self.recipient_id is not None
        )  # fmt: skip
        if self.given_by == "guardian" and not (self.giver or "").strip():
            found.append(Finding("giver", "请填写监护人姓名。"))
        if self.way == "on_site" and not (self.witness or "").strip():
            found.append(Finding("witness", "当面确认的，请填写见证人。"))
        twin = Consent.select().where(
            Consent.volunteer == self.volunteer_id if self.volunteer_id else Consent.recipient == self.recipient_id,
            Consent.kind == self.kind, Consent.state == "given", Consent.text == self.text,
            Consent.given_on == self.given_on, Consent.given_by == self.given_by,
        )  # fmt: skip
        if not found and twin.exists():
            found.append(Finding("given_on", "这份同意已经登记过，不要重复登记。"))
        return found

    def may_amend(self, by: Actor) -> list[Finding]:
        return [Finding("state", "同意书登记后不能改动；登记有误的请作废后重新登记。")]

    def after_enter(self, by: Actor) -> None:
        keep_day(self.volunteer_id)

    def shown(self, names, data=None):
        """Values for the trail: who signed is masked."""
        values = super().shown(names, data)
        return values | {n: mask_name(values[n] or "") for n in ("giver", "witness") if n in values}

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        return NOTHING  # nothing is expected of a consent

    def do_withdraw(self, by: Actor) -> None:
        self._end()
        stop(self, by)

    def do_void(self, by: Actor) -> None:
        self._end()

    def _end(self) -> None:
        self.ended_on, self.ended_for = clock.today(), self.reason_given
        if self.volunteer_id:
            keep_day(self.volunteer_id, but=self.id)

    def words(self) -> str:
        """The words that were agreed to; a sentence where they were on paper before there were any here."""
        return words_of(self.text, self.kind)

    # --- named lists ---

    @classmethod
    def outdated(cls, by: Actor) -> Expression:
        """文字已更新待重新同意: standing consents to an earlier wording of a text that policy wants agreed to anew."""
        version = policy.for_actor("consent", by)
        stale = [
            (cls.kind == kind) & (cls.text != version.origins[kind].key) for kind in version.rule.reconfirm
        ]  # fmt: skip
        condition: Expression = NOTHING
        for one in stale:
            condition = condition | one
        newer = cls.alias()
        again = newer.select(newer.id).where(
            (newer.volunteer == cls.volunteer) | (newer.recipient == cls.recipient), newer.kind == cls.kind,
            newer.state == "given", newer.id > cls.id,
        )  # fmt: skip
        return (cls.state == "given") & condition & ~fn.EXISTS(again)


# --- the words ---


def text_key(station, kind: str, day: date) -> str:
    """The release whose words of this kind are in force at the station on a day; blank before there were any."""
    try:
        return policy.in_force("consent", station, day).origins[kind].key
    except PolicyError:
        return ""


def words_of(key: str, kind: str) -> str:
    """What a release says of one kind."""
    division = key.partition("@")[2].partition(":")[0]
    releases = book(topic="consent").releases("consent", division) if division else []
    return next((str(one.values[kind]) for one in releases if one.key == key and kind in one.values), ON_PAPER)


def texts_for(station) -> Version:
    """The texts in force at a station today."""
    return policy.in_force("consent", station, clock.today())


# --- what stands ---


def is_erased(who: Volunteer | Recipient) -> bool:
    return who.state == "erased" if isinstance(who, Volunteer) else who.erased_on is not None


def standing(volunteer: int, *kinds: str) -> list[Consent]:
    """A volunteer's consents of these kinds that stand, of all where none is named; the oldest first."""
    mine = Consent.select().where(Consent.volunteer == volunteer, Consent.state == "given")
    return list((mine.where(Consent.kind.in_(kinds)) if kinds else mine).order_by(Consent.given_on, Consent.id))


def lacking(person: Volunteer, day: date | None = None) -> str:
    """Why this person may not be registered for want of consent, in one sentence; blank where nothing is wanting.

    A minor's guardian must have agreed; to the special rules where she is below `CHILD`. An adult's own is asked for by
    a list, not refused: many were registered on paper.
    """
    age = person.age(day)
    if age >= ADULT:
        return ""
    kinds = {one.kind for one in standing(person.id, *GUARDIANS)}
    wanted = consents.base_kind(age)
    if wanted in kinds or (wanted == "guardian" and kinds):
        return ""
    return f"{age} 周岁，缺「{KINDS[wanted]}」；请先登记监护人签字的同意书。"


def withdrew(volunteer: int) -> bool:
    """Whether she, or her guardian, once agreed to the registration and nothing of that stands any more."""
    mine = Consent.select().where(Consent.volunteer == volunteer, Consent.kind.in_(BASE))
    return mine.where(Consent.state == "withdrawn").exists() and not mine.where(Consent.state == "given").exists()


def keep_day(volunteer: int | None, but: int | None = None) -> None:
    """Make `Volunteer.consent_on` say what the consents say: the first day from which one that counts has stood.

    For a minor a guardian's alone counts (`rules.earning`, `rules.rostering` ask for that day).
    """
    if volunteer is not None:
        keep_days([volunteer], but)


def keep_days(volunteers: Collection[int], but: int | None = None) -> None:
    """`keep_day` of several; a statement more for each different day that it must set."""
    people = list(Volunteer.select(Volunteer.id, Volunteer.birth_date, Volunteer.consent_on).where(Volunteer.id.in_(volunteers)))
    given = Consent.select(Consent.volunteer, Consent.kind, fn.MIN(Consent.given_on)).where(
        Consent.volunteer.in_(volunteers), Consent.state == "given", Consent.kind.in_({*BASE, *GUARDIANS}),
        *([Consent.id != but] if but else []),
    )  # fmt: skip
    first: dict[int, dict[str, date]] = {}
    for key, kind, day in given.group_by(Consent.volunteer, Consent.kind).tuples():
        first.setdefault(key, {})[kind] = date.fromisoformat(day) if isinstance(day, str) else day
    changed: dict[date | None, list[int]] = {}
    for person in people:
        kinds = BASE if person.age() >= ADULT else GUARDIANS
        day = min((day for kind, day in first.get(person.id, {}).items() if kind in kinds), default=None)
        if day != person.consent_on:
            changed.setdefault(day, []).append(person.id)
    for day, keys in changed.items():
        Volunteer.update(consent_on=day).where(Volunteer.id.in_(keys)).execute()


def from_form(person: Volunteer, by: Actor) -> None:
    """The consent that a registration form's «知情同意日期» stands for: a signature on paper, by whoever must agree."""
    day = person.consent_on
    age = age_on(person.birth_date, max(day, person.birth_date))
    row = Consent(
        volunteer=person.id, kind=consents.base_kind(age), given_by="guardian" if age < ADULT else "self", way="paper",
        given_on=day, note="随注册登记",
    )  # fmt: skip
    row.prepare(by)
    row.store_new(by)


# --- what a withdrawal stops ---


def stop(row: Consent, by: Actor) -> None:
    """What ends with a consent (art. 15): what was done stays, nothing new begins.

    Without the base of a registration the person is suspended, her coming turns are called off and nothing of her
    stays public; without publicity alone the latter. The account stays as it is.
    """
    if row.volunteer_id is None:
        return
    reason = f"撤回同意：{row.ended_for}"[:200]
    acting = Actor(by.account_id, by.name, SYSTEM.role, by.station_id, by.division)
    base = row.kind in BASE and not _still_based(row)
    if base:
        if row.volunteer.state == "registered":
            Volunteer.move(row.volunteer_id, "suspend", acting, reason)
        _call_off(row.volunteer_id, acting, reason)
    if base or row.kind == "publicity":
        take_down(row.volunteer_id, acting, reason)


def _still_based(row: Consent) -> bool:
    """Whether another consent that a registration may rest on at this age still stands."""
    kinds = GUARDIANS if row.volunteer.age() < ADULT else BASE
    mine = Consent.volunteer == row.volunteer_id, Consent.state == "given", Consent.id != row.id
    return Consent.select().where(*mine, Consent.kind.in_(kinds)).exists()


def _call_off(volunteer: int, by: Actor, reason: str) -> None:
    from models.assignments import Assignment

    coming = Assignment.select(Assignment.id).where(
        Assignment.volunteer == volunteer, Assignment.state.in_(("rostered", "confirmed"))
    )
    for (key,) in list(coming.tuples()):
        Assignment.move(key, "cancel", by, reason)


def take_down(volunteer: int, by: Actor, reason: str) -> None:
    """Nothing told of this person stays public, or on its way there."""
    from models.stories import Story

    told = Story.select(Story.id).where(
        Story.volunteer == volunteer, Story.state.in_(Story.life.move("withdraw").sources)
    )
    for (key,) in list(told.tuples()):
        Story.move(key, "withdraw", by, reason)


# --- named lists of people ---


def _has(*where: Expression) -> Expression:
    mine = Consent.select(Consent.volunteer).where(Consent.state == "given", Consent.volunteer.is_null(False), *where)
    return Volunteer.id.in_(mine)


def _ages() -> tuple[Expression, Expression, Expression]:
    """Conditions on a volunteer: a child, a youth, an adult today."""
    today = clock.today()
    child, adult = years_before(today, CHILD), years_before(today, ADULT)
    born = Volunteer.birth_date
    return born > child, (born <= child) & (born > adult), born <= adult


def grown(by: Actor) -> Expression:
    """满 14 / 18 周岁待本人同意: old enough to agree herself and has not, or not since she came of age."""
    _, youth, adult = _ages()
    herself = Consent.kind == "registration"
    then = (youth & ~_has(herself)) | (adult & _has(Consent.age < ADULT) & ~_has(herself, Consent.age >= ADULT))
    return (Volunteer.state == "registered") & then


def without_consent(by: Actor) -> Expression:
    """缺同意: registered or waiting, and no consent of whoever must agree at her age, of what they once agreed nothing."""
    child, youth, adult = _ages()
    guarded = Consent.kind.in_(GUARDIANS)
    missing = (
        (child & ~_has(Consent.kind == "guardian_child"))
        | (youth & ~_has(guarded))
        | (adult & ~_has(Consent.kind.in_(BASE)))
    )
    return Volunteer.state.in_(("applied", "registered")) & missing


def without_sensitive(by: Actor) -> Expression:
    """缺敏感信息单独同意: people served, still here, who have not agreed to it separately (art. 29)."""
    agreed = Consent.select(Consent.recipient).where(
        Consent.state == "given", Consent.recipient.is_null(False), Consent.kind == "sensitive"
    )
    return Recipient.left_on.is_null() & Recipient.id.not_in(agreed)
