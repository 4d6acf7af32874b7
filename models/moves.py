"""How rows come to be and change: enter, amend, and the named moves of a stage. One transaction each.

A table with a life (`rules.states`) may say, beside its columns:

- ``prepare(by)``        fill what follows from other columns, before the checks;
- ``check(by)``          findings about the row as it would stand;
- ``may_<move>(by, **details)``  findings that refuse one move;
- ``do_<move>(by, **details)``   what one move does besides changing the state.

The columns that a move asks for (`Move.asks`) are given as details by their names; they stand in the row, checked for
their kind, before ``may_<move>`` is asked, and are not handed on to the hooks.

There are no save hooks and no signals: what is written here is all that happens.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any, Self

from peewee import (
    BigIntegerField,
    CharField,
    DataError,
    DateField,
    DateTimeField,
    Expression,
    Field,
    ForeignKeyField,
    IntegerField,
    IntegrityError,
    TextField,
    TimeField,
)

from models import clock, messages, once
from models.audit import attempted, made_lately, trail
from models.base import BaseModel, on_postgres, transaction
from models.fields import CodesField, IndexField, JSONText, SealedCodesField, SealedField
from models.refusals import Refusal, refuse, refuse_if
from models.scope import EVERYTHING, Actor, find, within
from models.seen import still_as_seen
from rules.access import STATION_ROLES, Role, may
from rules.findings import Finding
from rules.life import Life, Move
from rules.reading import FIRST_YEAR, LAST_YEAR, clean, unkept
from rules.reasons import check_reason
from rules.stations import AFTERWARDS
from rules.topics import PolicyError

UNSHOWN = "（已加密）"
REVEALS_AN_HOUR = 30  # sealed values that one person may open, one at a time; whoever needs more exports a ledger
NEW = ("enter", "import")  # what a dissolved station does no more
LONGEST_TEXT = 20_000  # characters of a text without a length of its own: ten pages
LARGEST_INTEGER = 2**31 - 1  # what an IntegerField holds on PostgreSQL


@contextmanager
def whole() -> Iterator[None]:
    """A transaction at one moment, whose two foreseeable accidents are refusals a person can read.

    The clock is asked once, when it is our turn: what one move writes bears one time. A twin that somebody else wrote at
    the same moment shows only when the row is written; and where no policy is in force nothing may be decided. Nor by a
    clock that stands wrong. The form that asks for it, if one does, counts once (`models.once`).
    """
    try:
        with transaction(), clock.still(), once.counted():
            clock.check()
            yield
    except PolicyError as silent:
        raise refuse(str(silent)) from silent
    except IntegrityError as clash:
        if "unique" not in str(clash).lower():
            raise
        raise refuse("与刚刚保存的另一条重复，请查看后再试。") from clash


class Entered(BaseModel):
    """A row that a person enters and amends, with who did and when."""

    entered_by = BigIntegerField(null=True, verbose_name="录入账号")
    entered_at = DateTimeField(default=clock.now, verbose_name="录入时间")
    amended_by = BigIntegerField(null=True, verbose_name="修改账号")
    revision = IntegerField(default=0, verbose_name="版次")

    editable = ""  # names of the columns that a form or an import may set
    was: dict[str, Any] = {}  # while a row is amended, its columns as they stood
    hers = False  # a volunteer enters such rows for herself, by a verb that looked up whatever they name
    vouched: frozenset[str] = frozenset()  # keys that whoever judges many rows has looked up already

    @classmethod
    def enter(cls, by: Actor, **values: Any) -> Self:
        """Make a row. Raises ``Refusal`` with every finding; nothing is written then."""
        permit(by, "enter", cls.resource)
        row = cls(**cls._declared(values))
        with whole():
            refuse_if(row.faults(by))
            row.store_new(by)
        return row

    @classmethod
    def amend(cls, key: object, by: Actor, revision: int | None = None, **values: Any) -> Self:
        """Change a row's columns. ``revision`` is the one that the person was looking at. Where nothing differs,
        nothing is written.

        Raises ``Refusal`` when somebody saved in between, the state allows no change, or a check fails.
        """
        permit(by, "amend", cls.resource)
        with whole():
            row = find(cls, key, by, lock=True)
            if revision is not None and revision != row.revision:
                raise refuse("这一条刚刚被别人改过，请对照最新内容再保存。您填写的内容仍在表单里。", "revision")
            refuse_if(row.may_amend(by))
            row.was = dict(row.__data__)
            for name, value in cls._declared(values).items():
                setattr(row, name, value)
            if row._pk != row.was[cls._meta.primary_key.name]:
                raise refuse("代码登记后不能更改，请另行登记。", cls._meta.primary_key.name)
            refuse_if(row.faults(by))
            row.store_amended(by)
        return row

    def prepare(self, by: Actor) -> None:
        """Fill what follows from other columns."""

    def missing(self, by: Actor) -> list[Finding]:
        """Findings about columns that must have a value; asked after `prepare`, before `check`."""
        return required(self)

    def check(self, by: Actor) -> list[Finding]:
        """Findings about the row as it would stand."""
        return []

    def may_amend(self, by: Actor) -> list[Finding]:
        """Findings that refuse a change of columns now."""
        return []

    def after_enter(self, by: Actor) -> None:
        """What else stands or falls with a new row."""

    def faults(self, by: Actor) -> list[Finding]:
        """All that the checks find in the row as it would stand, once what follows from other columns is filled in."""
        if "station" in self._meta.fields and self.station_id is None:
            self.station_id = by.station_id
        self._fill_defaults()
        names = self.editable.split()
        tidy(self, names)
        if wrong := malformed(self, names) or self._strangers(by, names):
            return wrong
        self.prepare(by)
        missing = self.missing(by)
        # A check may follow a foreign key, so it waits until there is one; all else is said at once.
        if any(isinstance(self._meta.fields.get(f.where), ForeignKeyField) for f in missing):
            return missing
        blank = {f.where for f in missing}
        return [*missing, *(f for f in self.check(by) if f.where not in blank)]

    def store_new(self, by: Actor) -> None:
        """Write a row that was found without fault, inside the transaction that judged it."""
        self.entered_by = by.account_id
        self.save(force_insert=True)
        self.after_enter(by)
        self.trace(by, "enter", after=self.shown(self._meta.sorted_field_names))

    def store_amended(self, by: Actor) -> None:
        """Write what differs from how the row stood (``was``); nothing where nothing does."""
        changed = self.changed()
        if not changed:
            return
        self.revision += 1
        self.amended_by = by.account_id
        # What was set to what it was is not written: a sealed value would be sealed anew.
        self._dirty.intersection_update({*changed, "revision", "amended_by"})
        self.save()
        self.trace(by, "amend", before=self.shown(changed, self.was), after=self.shown(changed))

    def _fill_defaults(self) -> None:
        """A column that a form left empty takes its default, where it has one and may not be empty."""
        for name in self.editable.split():
            field = self._meta.fields[name]
            if self.__data__.get(name) is None and not field.null and field.default is not None:
                setattr(self, name, field.default() if callable(field.default) else field.default)

    def changed(self) -> list[str]:
        """Columns that differ from how they stood."""
        return [
            name
            for name, field in self._meta.fields.items()
            if _plain(field, self.was.get(name)) != _plain(field, self.__data__.get(name))
        ]

    def _strangers(self, by: Actor, names: Iterable[str]) -> list[Finding]:
        """Keys that name a row this person may not know of: a forged form, or a row gone meanwhile."""
        if self.hers and by.role == Role.VOLUNTEER:
            return []
        findings = []
        for name in names:
            field = self._meta.fields[name]
            key = self.__data__.get(name)
            if name in self.vouched or key == self.was.get(name):
                continue  # nobody chose it now: what another office linked stays
            if isinstance(field, ForeignKeyField) and key is not None and not _knows(field.rel_model, key, by):
                findings.append(Finding(name, f"没有找到所选的「{field.verbose_name}」，请重新选择。"))
        return findings

    @classmethod
    def _declared(cls, values: dict[str, Any]) -> dict[str, Any]:
        if not cls.editable:
            raise TypeError(f"{cls.__name__} is not entered or amended by hand")
        unknown = set(values) - set(cls.editable.split())
        if unknown:
            raise TypeError(f"{cls.__name__} takes no {', '.join(sorted(unknown))}")
        return values

    def shown(self, names: list[str], data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Values for the trail; sealed columns only say that there is something."""
        fields = self._meta.fields
        data = self.__data__ if data is None else data
        return {
            n: (UNSHOWN if data.get(n) else "") if isinstance(fields[n], SealedField | IndexField) else data.get(n)
            for n in names
        }

    def reveal(self, field: str, by: Actor, reason: str) -> Any:
        """One sealed value in the clear, with the reason in the trail.

        Raises ``Refusal`` without the right or a reason that says something, or past `REVEALS_AN_HOUR` (which leaves a
        trace too), ``NotFound`` outside the actor's division, ``KeyError`` for a column that is not sealed.
        """
        permit(by, "reveal", self.resource)
        find(type(self), self._pk, by)
        return self.opened(field, by, reason)

    def opened(self, field: str, by: Actor, reason: str) -> Any:
        """The same for a row of which the caller has made sure that this person may read it now.

        Raises ``Refusal`` without a reason that says something and past `REVEALS_AN_HOUR`, ``KeyError`` for a column that
        is not sealed.
        """
        if not isinstance(self._meta.fields[field], SealedField):
            raise KeyError(field)
        refuse_if(check_reason(clean(reason)))
        if says := unkept(clean(reason)):
            raise refuse(f"查看的理由{says}", "reason")
        with whole():
            enough = by.account_id is not None and made_lately(by, "reveal") >= REVEALS_AN_HOUR
            self.trace(by, "reveal_refused" if enough else "reveal", clean(reason), after={"field": field})
        if enough:
            raise refuse(
                f"您一小时内已查看 {REVEALS_AN_HOUR} 次敏感信息，这一次没有显示，站长和审计员会看到。请过一会儿再看；"
                "要用的人多时，请导出台账并写明理由。"
            )
        return getattr(self, field) or ""

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
    moved_at = DateTimeField(null=True, verbose_name="办理时间")  # null until the first move

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not kwargs.get("__no_default__"):  # a row read from the database says its own state, or none
            kwargs.setdefault("state", self.life.first)
        super().__init__(*args, **kwargs)

    @property
    def state_label(self) -> str:
        return self.life.state(self.state).label

    def legal_moves(self, by: Actor) -> list[Move]:
        """The moves to offer this person on this row: legal by state, role and who entered it."""
        return [m for m in self.life.legal(self.state, by.role) if m.own_entry or not self.is_own(by)]

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        """Which rows of the move's states this person may make it on today: what the inbox narrows to."""
        return EVERYTHING

    @classmethod
    def move(cls, key: object, name: str, by: Actor, reason: str = "", **details: Any) -> Self:
        """Make one move and return the row. Made already, it changes nothing and returns the row as it is.

        Raises ``Refusal`` when the move is not this person's, not legal from here, lacks its reason or fails a
        check; ``NotFound`` outside the actor's division; ``KeyError`` for a move that the life does not know.
        """
        step = cls.life.move(name)
        with whole():
            row = find(cls, key, by)
            if on_postgres():
                row.hold(name)
                row = find(cls, key, by, lock=True)
            if by.role not in step.by:
                attempted(name)
                raise refuse(f"「{step.label}」不在{by.role.label}的职责内。")
            if row.state == step.target and row.state not in step.sources:
                return row
            refuse_if(still_as_seen(row))
            refuse_if(row._may(step, by, reason, details))
            before = row.state
            row.state, row.moved_at = step.target, clock.now()
            row._hook(f"do_{name}", by, details)
            row.revision += 1
            row.save()
            after = {"state": row.state} | row.shown(list(step.asked))
            row.trace(by, name, clean(reason), before={"state": before}, after=after)
            if step.reason and not row.is_own(by):  # sent back, refused, made void: whoever entered it is told why
                messages.tell(row.entered_by, messages.BACK, cls.resource, row._pk, name)
        return row

    def hold(self, name: str) -> None:
        """Locks that this move needs before the row's own (see the order in `models.hours`)."""

    @classmethod
    def move_all(cls, keys: Iterable[object], name: str, by: Actor, reason: str = "", **details: Any) -> int:
        """Make one move on several rows, all or none, and return how many. Raises ``Refusal`` naming the row."""
        done = 0
        with transaction():
            for key in keys:
                try:
                    cls.move(key, name, by, reason, **details)
                except Refusal as no:
                    whose = str(find(cls, key, by))
                    raise Refusal(*(Finding(f.where, f"{whose}：{f.says}") for f in no.findings)) from None
                done += 1
        return done

    def _may(self, step: Move, by: Actor, reason: str, details: dict[str, Any]) -> list[Finding]:
        if self.state not in step.sources:
            return [Finding("state", f"现在是「{self.state_label}」，不能「{step.label}」。")]
        if not step.own_entry and self.is_own(by):
            attempted(step.name)
            did = "录入" if self.entered_by == by.account_id else "改过"
            return [Finding("state", f"不能{step.label}自己{did}的内容，请由另一位{by.role.label}办理。")]
        if step.reason and not reason.strip():
            return [Finding("reason", f"请写明「{step.label}」的理由。")]
        if says := unkept(clean(reason)):
            return [Finding("reason", f"「{step.label}」的理由{says}")]
        self.reason_given = clean(reason)
        return self._take_asked(step, by, details) or self._hook(f"may_{step.name}", by, details) or []

    def _take_asked(self, step: Move, by: Actor, details: dict[str, Any]) -> list[Finding]:
        """Put what the move asks for into its columns, out of the details; findings where something does not fit."""
        blank = []
        for name in step.asked:
            field, value = self._meta.fields[name], details.pop(name, None)
            if value is None or not str(value).strip():
                blank += [_please(field, name)] if name in step.needed else []
                value = None if field.null else field.default
            setattr(self, name, value)
        if blank:
            return blank
        tidy(self, step.asked)
        return malformed(self, step.asked) or too_long(self, step.asked) or self._strangers(by, step.asked)

    def is_own(self, by: Actor) -> bool:
        """Whether this person entered or last changed the row: nobody approves what they entered."""
        return by.account_id is not None and by.account_id in (self.entered_by, self.amended_by)

    def _hook(self, name: str, by: Actor, details: dict[str, Any]) -> Any:
        hook = getattr(self, name, None)
        return hook(by, **details) if hook else None


def permit(by: Actor, action: str, resource: str) -> None:
    if by.role != Role.SYSTEM and not may(by.role, action, resource):
        attempted(action)
        raise refuse(f"{by.role.label}不能办理这一项。")
    if by.role in STATION_ROLES and by.station_id is None:
        raise refuse("这个账号还没有分配到工作站，请联系管理员。")
    new = (action in NEW and resource not in AFTERWARDS) or (action, resource) == ("read", "arrivals")
    if by.role in STATION_ROLES and new:
        from models.dissolving import takes_in_nothing  # which rests on this room

        if takes_in_nothing(by.station_id):
            raise refuse("本站已撤销，志愿者已由承接的工作站接手；以往的记录可以查看，不能再登记新的。")


def check_key(model: type[BaseModel], key: str) -> None:
    """Refuse a request without the ``key`` by which the same request again finds its first result."""
    if not key or len(key) > model._meta.fields["key"].max_length:
        raise refuse("请求缺少编号，请刷新页面再试。")


def _knows(model: type[BaseModel], key: object, by: Actor) -> bool:
    try:
        return model.select().where(model._meta.primary_key == key, within(model, by)).exists()
    except (ValueError, OverflowError, DataError):  # a forged form may send anything for a key
        return False


def _plain(field: Field, value: Any) -> Any:
    """A value as two are compared: sets of codes regardless of their order."""
    if isinstance(field, SealedCodesField):
        return sorted(value or [])
    return field.db_value(value) if isinstance(field, CodesField) else value


def tidy(row: Entered, names: Iterable[str]) -> None:
    """Keep of each text in these columns what `rules.reading.clean` keeps, whichever door it came in by."""
    for name in names:
        field, value = row._meta.fields[name], row.__data__.get(name)
        if isinstance(value, str) and isinstance(field, CharField | TextField) and (kept := clean(value)) != value:
            setattr(row, name, kept)


def malformed(row: Entered, names: Iterable[str]) -> list[Finding]:
    """A finding for each of these columns whose value is not of the column's kind: checks may rely on the kind."""
    findings = []
    for name in names:
        field, value = row._meta.fields[name], row.__data__.get(name)
        if value is None or value == "":
            continue
        if says := _misfit(field, value):
            findings.append(Finding(name, f"「{field.verbose_name}」{says}"))
        elif field.choices and value not in dict(field.choices):
            findings.append(Finding(name, f"「{field.verbose_name}」没有「{value}」这一项，请从列表中选择。"))
    return findings


def _misfit(field: Field, value: Any) -> str:
    if isinstance(field, ForeignKeyField | CodesField | SealedCodesField | JSONText):
        return ""  # a key is looked up, codes are checked against their vocabulary, a document against its schema
    if isinstance(field, IntegerField):
        if type(value) is not int:
            return f"应是整数，现在是「{value}」。"
        return "" if abs(value) <= LARGEST_INTEGER else f"太大：{value}。"
    if isinstance(field, DateField):
        return _beyond(value) if type(value) is date else f"应是日期，例如 2025-03-05，现在是「{value}」。"
    if isinstance(field, DateTimeField):
        return _beyond(value) if type(value) is datetime else f"应是日期和时间，现在是「{value}」。"
    if isinstance(field, TimeField):
        return "" if type(value) is time else f"应是时间，例如 8:30，现在是「{value}」。"
    if isinstance(field, CharField | TextField):
        if not isinstance(value, str):
            return f"应是文字，现在是「{value}」。"
        return unkept(value)
    return ""


def _beyond(day: date) -> str:
    """A year that nobody here has lived or will plan for is a slip of the hand."""
    return "" if FIRST_YEAR <= day.year <= LAST_YEAR else f"的年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，现在是「{day}」。"


def required(row: Entered) -> list[Finding]:
    """A finding for each editable column that must have a value and has none; and for text past its length."""
    findings = []
    for name in row.editable.split():
        field = row._meta.fields[name]
        value = row.__data__.get(name)
        chosen = field.choices and field.default not in (None, "")  # a choice with a default is never left blank
        needed = not field.null and (field.default is None or chosen)
        if needed and (value is None or not str(value).strip()):
            findings.append(_please(field, name))
        findings += too_long(row, [name])
    return findings


def _please(field: Field, name: str) -> Finding:
    verb = "请选择" if isinstance(field, ForeignKeyField) or field.choices else "请填写"
    return Finding(name, f"{verb}「{field.verbose_name}」。")


def too_long(row: Entered, names: Iterable[str]) -> list[Finding]:
    """A finding for each of these columns whose text is past the column's length."""
    findings = []
    for name in names:
        field, value = row._meta.fields[name], row.__data__.get(name)
        limit = getattr(field, "max_length", None) or (LONGEST_TEXT if isinstance(field, TextField) else None)
        if limit and isinstance(value, str) and len(value) > limit:
            findings.append(Finding(name, f"「{field.verbose_name}」最多 {limit} 个字，现在是 {len(value)} 个字。"))
    return findings
