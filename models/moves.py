"""How rows come to be and change: enter, amend, and the named moves of a stage. One transaction each.

A table with a life (`rules.states`) may say, beside its columns:

- ``prepare(by)``        fill what follows from other columns, before the checks;
- ``check(by)``          findings about the row as it would stand;
- ``may_<move>(by)``     findings that refuse one move;
- ``do_<move>(by, **details)``  what one move does besides changing the state.

There are no save hooks and no signals: what is written here is all that happens.
"""

from collections.abc import Iterable
from typing import Any, Self

from peewee import BigIntegerField, CharField, DateTimeField, ForeignKeyField, IntegerField

from models import clock
from models.audit import trail
from models.base import BaseModel, transaction
from models.fields import SealedField
from models.refusals import Refusal, refuse, refuse_if
from models.scope import Actor, find, within
from rules.access import STATION_ROLES, Role, may
from rules.findings import Finding
from rules.states import Life, Move

UNSHOWN = "（已加密）"


class Entered(BaseModel):
    """A row that a person enters and amends, with who did and when."""

    entered_by = BigIntegerField(null=True, verbose_name="录入账号")
    entered_at = DateTimeField(default=clock.now, verbose_name="录入时间")
    revision = IntegerField(default=0, verbose_name="版次")

    editable = ""  # names of the columns that a form or an import may set

    @classmethod
    def enter(cls, by: Actor, **values: Any) -> Self:
        """Make a row. Raises ``Refusal`` with every finding; nothing is written then."""
        permit(by, "enter", cls.resource)
        row = cls(**cls._declared(values))
        with transaction():
            row._settle(by)
            row.entered_by = by.account_id
            row.save(force_insert=True)
            row.after_enter(by)
            row.trace(by, "enter", after=row.shown(cls._meta.sorted_field_names))
        return row

    @classmethod
    def amend(cls, key: object, by: Actor, revision: int | None = None, **values: Any) -> Self:
        """Change a row's columns. ``revision`` is the one that the person was looking at.

        Raises ``Refusal`` when somebody saved in between, the state allows no change, or a check fails.
        """
        permit(by, "amend", cls.resource)
        with transaction():
            row = find(cls, key, by, lock=True)
            if revision is not None and revision != row.revision:
                raise refuse("这一条刚刚被别人改过，请对照最新内容再保存。您填写的内容仍在表单里。")
            refuse_if(row.may_amend(by))
            names = sorted(cls._declared(values))
            before = row.shown(names)
            for name in names:
                setattr(row, name, values[name])
            row._settle(by)
            row.revision += 1
            row.save()
            after = row.shown(names)
            changed = [n for n in names if before[n] != after[n] or cls._meta.fields[n].__class__ is SealedField]
            row.trace(by, "amend", before={n: before[n] for n in changed}, after={n: after[n] for n in changed})
        return row

    def prepare(self, by: Actor) -> None:
        """Fill what follows from other columns."""

    def check(self, by: Actor) -> list[Finding]:
        """Findings about the row as it would stand."""
        return []

    def may_amend(self, by: Actor) -> list[Finding]:
        """Findings that refuse a change of columns now."""
        return []

    def after_enter(self, by: Actor) -> None:
        """What else stands or falls with a new row."""

    def _settle(self, by: Actor) -> None:
        if "station" in self._meta.fields and self.station_id is None:
            self.station_id = by.station_id
        refuse_if(self._strangers(by))
        self.prepare(by)
        refuse_if(required(self) or self.check(by))

    def _strangers(self, by: Actor) -> list[Finding]:
        """Keys that name a row this person may not know of: a forged form, or a row gone meanwhile."""
        findings = []
        for name in self.editable.split():
            field = self._meta.fields[name]
            key = self.__data__.get(name)
            if isinstance(field, ForeignKeyField) and key is not None:
                model = field.rel_model
                if not model.select().where(model._meta.primary_key == key, within(model, by)).exists():
                    findings.append(Finding(name, f"没有找到所选的「{field.verbose_name}」，请重新选择。"))
        return findings

    @classmethod
    def _declared(cls, values: dict[str, Any]) -> dict[str, Any]:
        unknown = set(values) - set(cls.editable.split())
        if unknown:
            raise TypeError(f"{cls.__name__} takes no {', '.join(sorted(unknown))}")
        return values

    def shown(self, names: list[str]) -> dict[str, Any]:
        """Values for the trail; sealed columns only say that there is something."""
        fields = self._meta.fields
        return {
            n: (UNSHOWN if self.__data__.get(n) else "") if isinstance(fields[n], SealedField)
            else self.__data__.get(n)
            for n in names
        }  # fmt: skip

    def trace(self, by: Actor, action: str, reason: str = "", before=None, after=None) -> None:
        """Leave a trace of something done to this row."""
        trail(
            by, action, self._meta.table_name, self._pk, reason=reason, before=before, after=after,
            station=self.__data__.get("station"),
        )  # fmt: skip


class Staged(Entered):
    """A row with a life: it moves from state to state and in no other way."""

    life: Life
    state = CharField(max_length=12, verbose_name="状态")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("state", self.life.first)
        super().__init__(*args, **kwargs)

    @property
    def state_label(self) -> str:
        return self.life.state(self.state).label

    def legal_moves(self, by: Actor) -> list[Move]:
        """The moves to offer this person on this row: legal by state, role and who entered it."""
        return [m for m in self.life.legal(self.state, by.role) if m.own_entry or not self._is_own(by)]

    @classmethod
    def move(cls, key: object, name: str, by: Actor, reason: str = "", **details: Any) -> Self:
        """Make one move and return the row. Made already, it changes nothing and returns the row as it is.

        Raises ``Refusal`` when the move is not this person's, not legal from here, lacks its reason or fails a
        check; ``NotFound`` outside the actor's division; ``KeyError`` for a move that the life does not know.
        """
        step = cls.life.move(name)
        with transaction():
            row = find(cls, key, by, lock=True)
            if by.role not in step.by:
                raise refuse(f"「{step.label}」不在{by.role.label}的职责内。")
            if row.state == step.target and row.state not in step.sources:
                return row
            refuse_if(row._may(step, by, reason))
            before = row.state
            row.state = step.target
            row._hook(f"do_{name}", by, details)
            row.revision += 1
            row.save()
            row.trace(by, name, reason, before={"state": before}, after={"state": row.state})
        return row

    @classmethod
    def move_all(cls, keys: Iterable[object], name: str, by: Actor, reason: str = "") -> int:
        """Make one move on several rows, all or none, and return how many. Raises ``Refusal`` naming the row."""
        done = 0
        with transaction():
            for key in keys:
                try:
                    cls.move(key, name, by, reason)
                except Refusal as no:
                    whose = str(find(cls, key, by))
                    raise Refusal(*(Finding(f.where, f"{whose}：{f.says}") for f in no.findings)) from None
                done += 1
        return done

    def _may(self, step: Move, by: Actor, reason: str) -> list[Finding]:
        if self.state not in step.sources:
            return [Finding("state", f"现在是「{self.state_label}」，不能「{step.label}」。")]
        if not step.own_entry and self._is_own(by):
            return [Finding("state", f"不能{step.label}自己录入的内容，请由另一位站长办理。")]
        if step.reason and not reason.strip():
            return [Finding("reason", f"请写明「{step.label}」的理由。")]
        self.reason_given = reason.strip()
        return self._hook(f"may_{step.name}", by, {}) or []

    def _is_own(self, by: Actor) -> bool:
        return by.account_id is not None and self.entered_by == by.account_id

    def _hook(self, name: str, by: Actor, details: dict[str, Any]) -> Any:
        hook = getattr(self, name, None)
        return hook(by, **details) if hook else None


def permit(by: Actor, action: str, resource: str) -> None:
    if by.role != Role.SYSTEM and not may(by.role, action, resource):
        raise refuse(f"{by.role.label}不能办理这一项。")
    if by.role in STATION_ROLES and by.station_id is None:
        raise refuse("这个账号还没有分配到工作站，请联系管理员。")


def required(row: BaseModel) -> list[Finding]:
    """A finding for each editable column that must have a value and has none; and for text past its length."""
    findings = []
    for name in row.editable.split():
        field = row._meta.fields[name]
        value = row.__data__.get(name)
        if not field.null and field.default is None and (value is None or value == ""):
            verb = "请选择" if isinstance(field, ForeignKeyField) or field.choices else "请填写"
            findings.append(Finding(name, f"{verb}「{field.verbose_name}」。"))
        limit = getattr(field, "max_length", None)
        if limit and isinstance(value, str) and len(value) > limit:
            findings.append(Finding(name, f"「{field.verbose_name}」最多 {limit} 个字，现在是 {len(value)} 个字。"))
        if field.choices and value not in (None, "") and value not in dict(field.choices):
            findings.append(Finding(name, f"「{field.verbose_name}」没有「{value}」这一项，请从列表中选择。"))
    return findings
