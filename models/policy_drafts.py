"""政策草案: what a supervisor means to lay down for her own division, until another releases it.

A draft is the division's alone: those above see it, those below and beside do not. Released, it is a `PolicyVersion`,
which nobody changes any more.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from peewee import CharField, DateField, Expression, ForeignKeyField, TextField

from models import clock, policy, vocabulary
from models.base import database
from models.fields import CodesField, JSONText
from models.moves import Staged
from models.policy import PolicyVersion
from models.policy_words import Words, unit_of
from models.scope import NOTHING, Actor
from models.stations import Division
from rules.access import Role
from rules.divisions import level, parent, subtree
from rules.findings import Finding
from rules.life import Move
from rules.policy import EDITIONS, PolicyBook, Release, Version, parameters, release, title_of
from rules.policy_office import (
    LAYS_DOWN,
    POLICY_DRAFT,
    Fallen,
    codes_in,
    contradictions,
    fallen,
    misfits,
    outside,
)
from rules.topics import TOPICS, PolicyError

RELEASING = 20261125  # with the topic's number: the lock under which releases of one topic queue on PostgreSQL


class PolicyDraft(Staged):
    """One draft of one topic for one division: the parameters it will set itself, and bounds for those below."""

    resource = "policy_drafts"
    life = POLICY_DRAFT
    editable = "topic since source values bounds note"

    topic = CharField(
        max_length=20, choices=[(name, title_of(name)) for name in TOPICS], verbose_name="政策"
    )
    division = CharField(max_length=12, verbose_name="区划")
    since = DateField(verbose_name="起始日", help_text="从这一天起按它办理，不能早于发布当天")
    source = CharField(max_length=200, verbose_name="依据", help_text="例如：五华区文明办〔2026〕8 号")
    values = JSONText(default=dict, verbose_name="参数")
    bounds = JSONText(default=dict, verbose_name="下级范围")
    note = TextField(default="", verbose_name="说明", help_text="为什么要改，给发布人看")
    released = ForeignKeyField(PolicyVersion, null=True, backref="+", verbose_name="发布的版本")
    authors = CodesField(verbose_name="起草人")  # accounts that entered or changed it: none of them releases it

    class Meta:
        indexes = ((("division", "state"), False), (("topic", "division"), False))

    def __str__(self) -> str:
        return f"{title_of(self.topic)} {self.since} 起"

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """Drafts of one's own division and of those within it, for who sets policy or inspects it."""
        if actor.role not in (Role.SUPERVISOR, Role.AUDITOR) or not actor.division:
            return NOTHING
        low, high = subtree(actor.division)
        return (cls.division >= low) & (cls.division < high)

    def prepare(self, by: Actor) -> None:
        self.division = self.division or by.division or ""
        self.values, self.bounds = self.values or {}, self.bounds or {}
        if by.account_id is not None and (not self.was or self.changed()):
            self.authors = sorted({*self.authors, str(by.account_id)})

    def check(self, by: Actor) -> list[Finding]:
        if self.was and self.was["topic"] != self.topic:
            return [Finding("topic", "草案写定了哪一项政策就不能改成另一项，请另起草案。")]
        if whose := self._check_whose(by):
            return whose
        return self.disagreements() if self.topic and self.since else []

    def _check_whose(self, by: Actor) -> list[Finding]:
        """A draft is made by the division's own supervisors, for nobody else."""
        if by.role != Role.SYSTEM and by.division != self.division:
            return [Finding("", "只能起草和修改自己区划的政策。")]
        if not self.division or level(self.division) not in LAYS_DOWN:
            return [Finding("", "政策由省、州市、县三级规定。")]
        return []

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state not in ("drafted", "returned"):
            return [Finding("state", f"现在是「{self.state_label}」，不能修改；待发布的请先退回。")]
        return self._check_whose(by)

    def disagreements(self) -> list[Finding]:
        """What stands against it as it is: the schema, the bounds of those above, and what others laid down."""
        for name in ("values", "bounds"):
            if not isinstance(self.__data__[name], dict):
                return [Finding(name, f"「{self.label(name)}」应是一组参数，现在是「{self.__data__[name]}」。")]
        if wrong := misfits(self.topic, self.division, self.values, self.bounds) or self._unknown_codes():
            return wrong
        book = policy.around(self.topic, self.division)
        one, say = self.as_release(book), Words()
        above = parent(self.division)
        try:
            parts = book.on(self.topic, above, self.since).parts if above else ()
        except PolicyError as silent:
            return [Finding("since", str(silent))]
        return outside(one, parts, say) or [
            Finding(f.finding.where, self._contradicts(f.division, f.day, f.finding.says))
            for f in contradictions(book, one)
        ]

    def _unknown_codes(self) -> list[Finding]:
        named = list(codes_in(self.topic, self.values))
        known = vocabulary.all_codes() if named else set()
        label = {name: spec.metadata["label"] for name, spec in parameters(TOPICS[self.topic]).items()}
        return [
            Finding(where, f"「{label[where.partition('.')[2]]}」没有「{code}」这个代码，请从列表中选择。")
            for where, kind, code in named
            if (kind, code) not in known
        ]

    def _contradicts(self, division: str, day: date, says: str) -> str:
        if division == self.division and day == self.since:
            return says
        whose = "本级" if division == self.division else names_of([division])[division]
        return f"与{whose}的规定合在一起，自 {day} 起自相矛盾：{says}"

    # --- moves ---

    def _check_ready(self) -> list[Finding]:
        today = clock.today()
        if self.since < today:
            return [Finding("since", f"起始日 {self.since} 已经过去，请改为 {today} 或以后的日子。")]
        if self.next_edition() > len(EDITIONS):
            return [Finding("since", f"从 {self.since} 起的版本已有 {len(EDITIONS)} 个，请改从另一天起。")]
        return self.disagreements()

    def may_submit(self, by: Actor) -> list[Finding]:
        return self._check_whose(by) or self._check_ready()

    def may_withdraw(self, by: Actor) -> list[Finding]:
        return self._check_whose(by)

    def may_release(self, by: Actor, seen: int | None = None) -> list[Finding]:
        """``seen`` is the revision that the releaser read: its author might take it back, change and submit it meanwhile."""
        if seen is not None and seen != self.revision:
            return [Finding("state", "草案在您打开以后又有改动，请重新看过再发布。")]
        return self._check_ready()

    def do_release(self, by: Actor, seen: int | None = None) -> None:
        self.released = PolicyVersion.create(
            topic=self.topic, division=self.division, since=self.since, edition=self.next_edition(),
            source=self.source, values=self.values, bounds=self.bounds or None, released_by=by.account_id,
            released_at=clock.now(),
        )  # fmt: skip

    def hold(self, name: str) -> None:
        """Releases of one topic queue: two that each agree with what stands might contradict one another."""
        if name == "release":
            number = list(TOPICS).index(self.topic)
            database.execute_sql("SELECT pg_advisory_xact_lock(%s, %s)", (RELEASING, number))

    def is_own(self, by: Actor) -> bool:
        return (by.account_id is not None and str(by.account_id) in self.authors) or super().is_own(by)

    def legal_moves(self, by: Actor) -> list[Move]:
        """Not offered: to submit or withdraw the draft of another division."""
        own = by.division == self.division
        return [m for m in super().legal_moves(by) if own or m.name in ("release", "return")]

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        """In the inbox: of the own division what is to be submitted; what another drafted there, or in a division
        right below, to be released. Further up it can be released too, but does not wait for it."""
        if not by.division:
            return NOTHING
        if move.name != "release":
            return cls.division == by.division
        return cls.division.in_([by.division, *_children(by.division)]) & ~cls.authors.has(str(by.account_id))

    # --- what it would be ---

    def next_edition(self, book: PolicyBook | None = None) -> int:
        """Which release of its division, topic and day it would be."""
        book = book or policy.book(topic=self.topic, division=self.division)
        some = book.releases(self.topic, self.division)
        return max((one.edition for one in some if one.since == self.since), default=0) + 1

    def as_release(self, book: PolicyBook | None = None) -> Release:
        """The release that it is, or would be: what a preview lays into the book.

        Raises ``PolicyError`` when the values do not follow the schema.
        """
        if self.released_id is not None:
            return self.released.release()
        return release(
            self.topic, self.division, self.since, self.source, self.values, self.bounds, self.next_edition(book)
        )

    def sides(self) -> tuple[Version, Version]:
        """What binds the division on the draft's first day without it, and with it.

        Raises ``PolicyError`` where either makes no sense, or none is in force.
        """
        book = policy.around(self.topic, self.division)
        one = self.as_release(book)
        before, after = book.without(one), book if self.released_id else book.with_release(one)
        return before.on(self.topic, self.division, self.since), after.on(self.topic, self.division, self.since)

    def consequences(self, book: PolicyBook | None = None) -> list[str]:
        """What the bounds do to the divisions below, in sentences; none once it is released.

        Raises ``PolicyError`` when the values do not follow the schema.
        """
        if self.released_id is not None:
            return []
        book = book or policy.around(self.topic, self.division)
        found = fallen(book, self.as_release(book))
        called, say = names_of({f.division for f in found} | {f.owner for f in found}), Words()
        known = parameters(TOPICS[self.topic])
        return [_sentence(f, called, say, known[f.name].metadata) for f in found]


def _children(division: str) -> Iterable[str]:
    return [code for (code,) in Division.select(Division.code).where(Division.parent == division).tuples()]


def _sentence(one: Fallen, called: dict[str, str], say: Words, about: Any) -> str:
    own = f"{called[one.division]}自 {one.day} 起：「{about['label']}」自定的 {_counted(one.name, one.own, say, about)}"
    if one.back:
        return f"{own}重新回到范围内，恢复适用。"
    return f"{own}超出上级范围，不再适用，改按{called[one.owner]}的 {_counted(one.name, one.binds, say, about)}。"


def _counted(name: str, value: Any, say: Words, about: Any) -> str:
    """A value with its unit, 300 分, or a word in quotes: 「不限」."""
    unit = unit_of(about, value)
    return f"{say(name, value)} {unit}" if unit else f"「{say(name, value)}」"


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Division code -> name; the code itself where none is registered."""
    codes = list(codes)
    known = dict(Division.select(Division.code, Division.name).where(Division.code.in_(codes)).tuples())
    return {code: known.get(code, code) for code in codes}
