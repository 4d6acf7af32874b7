"""The data keys and what they seal: whether the right ones are here, and changing one for another while people work.

Which columns are sealed is asked of the models, so that a new one is never forgotten. A key is changed in three steps:
a new one is added (whatever is sealed from then on, it seals), `rotate` seals anew what older ones sealed, and only when
nothing is left under it may an old key be taken away. Copies of the database made before go on needing it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from time import sleep
from typing import Any

from peewee import Field, IntegrityError

from models import clock
from models.base import BaseModel, database, on_postgres
from models.clock import Setting
from models.fields import IndexField, SealedField, keyring
from models.schema import TABLES

BATCH = 200  # rows sealed anew in one transaction
PASSES = 20  # over one table, while people go on changing the rows that are looked at
LOOKS = 600  # times that `rotate` looks whether the transactions that began before the new key was there are over
PAUSE = 0.1  # seconds between two looks
BREATH = 0.02  # seconds between two batches, for whoever waits to write
KNOWN = "data_keys"  # the setting that says which keys this database needs
PLACE = "setting.data_keys"
Progress = Callable[[str, int, int], None]


class WrongKey(RuntimeError):
    """The data keys that were given are not those of this database."""


@dataclass(frozen=True)
class Sealed:
    """One table's sealed columns and the keyed indexes beside them."""

    model: type[BaseModel]
    columns: list[Field]
    indexes: list[IndexField]

    @property
    def name(self) -> str:
        return str(self.model._meta.table_name)


def sealed_tables() -> list[Sealed]:
    """Every table that has sealed columns, as the models declare them."""
    found = []
    for model in TABLES:
        fields = model._meta.sorted_fields
        columns = [f for f in fields if isinstance(f, SealedField)]
        indexes = [f for f in fields if isinstance(f, IndexField) and "." not in f.of]
        if columns:
            found.append(Sealed(model, columns, indexes))
    return found


@dataclass(frozen=True)
class KeyCount:
    """One data key: since when this database has known it, and how many values it still seals."""

    id: str
    since: date | None
    values: int
    here: bool  # whether it is among the keys that were given


def show() -> list[KeyCount]:
    """Every key that was given or is needed, newest first. Values sealed before keys had names count as «1»."""
    known = Setting.read(KNOWN, {})
    ids = [*keyring.ids, *(name for name in known if name not in keyring.ids)]
    counts = [
        KeyCount(name, _day(known.get(name)), count_under(name), name in keyring.ids)
        for name in ids
    ]  # fmt: skip
    nameless = _count("1:%")
    return [*counts, *([KeyCount("1", None, nameless, True)] if nameless else [])]


def _day(about: dict[str, str] | None) -> date | None:
    return date.fromisoformat(about["since"]) if about else None


def count_under(name: str) -> int:
    """How many values the key of this name seals."""
    return _count(f"2:{name}:%")


def _count(pattern: str) -> int:
    return sum(_count_in(table, pattern) for table in _there())


def _count_in(table: Sealed, pattern: str, *, but: bool = False) -> int:
    """Values of a table like the pattern, or (``but``) those that are there and unlike it."""
    like = "NOT LIKE" if but else "LIKE"
    sums = ", ".join(
        f"SUM(CASE WHEN {_quoted(c)} <> '' AND {_quoted(c)} {like} {database.param} THEN 1 ELSE 0 END)"
        for c in table.columns
    )
    row = database.execute_sql(f'SELECT {sums} FROM "{table.name}"', [pattern] * len(table.columns)).fetchone()
    return sum(int(one or 0) for one in row)


def _there() -> Iterator[Sealed]:
    """The sealed tables and columns that the database has already: one from an earlier release may lack some."""
    names = set(database.get_tables())
    for table in sealed_tables():
        if table.name in names:
            has = {column.name for column in database.get_columns(table.name)}
            yield Sealed(table.model, [c for c in table.columns if c.column_name in has], table.indexes)


# --- the right keys? ---


def check() -> None:
    """Raise ``WrongKey`` unless the keys given open what this database holds. Before the first upgrade, nothing is asked."""
    if Setting._meta.table_name not in database.get_tables():
        return
    known = Setting.read(KNOWN, {})
    for name, about in known.items():
        if name in keyring.ids:
            _open(about["check"], name)
        elif (left := count_under(name)) or (not set(known) & set(keyring.ids) and _count("1:%")):
            raise WrongKey(
                f"数据密钥不对：数据库里有 {left or _count('1:%')} 个加密内容要用密钥 {name} 打开，"
                f"现在给的是 {'、'.join(keyring.ids)}。请把密钥 {name} 放回 data.key 文件（一行一把，新的在前）"
                "或 DATA_KEY，再启动；数据没有改动。"
            )
    if not known:
        _try()


def _open(sealed: str, name: str) -> None:
    try:
        if keyring.unseal(sealed, PLACE) == name:
            return
    except ValueError:
        pass
    raise WrongKey(f"数据密钥 {name} 打不开数据库里的检验值：检验值被改动过，请用最近的备份核对。")


def _try() -> None:
    """Of a database that does not say which keys it needs: whether any of the values that it holds can be opened."""
    tried = 0
    for table in _there():
        for column in table.columns:
            query = f'SELECT {_quoted(column)} FROM "{table.name}" WHERE {_quoted(column)} LIKE {database.param} LIMIT 1'
            row = database.execute_sql(query, ["_:%"]).fetchone()
            if row is None:
                continue
            tried += 1
            try:
                keyring.unseal(row[0], column.place)
            except ValueError:
                continue
            return
    if tried:
        raise WrongKey(
            f"数据密钥不对：现在给的密钥 {'、'.join(keyring.ids)} 打不开数据库里的加密内容。请把原来的密钥放回 "
            "data.key 文件或 DATA_KEY，再启动；数据没有改动。"
        )


def remember() -> None:
    """Let the database know which keys it needs, each with the day and a check value; those that seal nothing any more
    and are no longer given are forgotten. Called once at every start, after `check`."""
    known = Setting.read(KNOWN, {})
    today = clock.today().isoformat()
    kept = {name: about for name, about in known.items() if name in keyring.ids}
    for name in keyring.ids:
        if name not in kept:
            kept[name] = {"since": today, "check": _checked(name)}
    if kept != known:
        Setting.write(KNOWN, kept)


def _checked(name: str) -> str:
    return keyring.seal_by(name, name, PLACE)


# --- changing a key ---


@dataclass
class Rotated:
    """What a rotation did. ``unread`` are the places of values that no key opens, ``clashes`` of rows that turned out to
    be twins; either leaves something under an old key."""

    values: int = 0
    indexes: int = 0
    left: int = 0
    unread: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)  # names of keys that seal nothing any more


def rotate(progress: Progress = lambda name, done, total: None) -> Rotated:
    """Seal by the newest key whatever older ones sealed, and make its indexes anew; people go on working.

    Rows are taken in batches; a value is replaced only where it still is what was read, so nobody's change is lost.
    Stopped anywhere it may be begun again: what is done is not done twice. ``progress(table, done, rows)``.
    """
    remember()
    _outwait()
    said = Rotated()
    for table in sealed_tables():
        for _ in range(PASSES):
            if not _pass(table, said, progress):
                break
    said.left = sum(_count_in(table, f"2:{keyring.newest.id}:%", but=True) for table in sealed_tables())
    if not said.left and not said.clashes:
        said.retired = keyring.ids[1:]
    return said


def _outwait() -> None:
    """Wait until whoever may not have heard of the newest key has finished: from now on nothing is sealed by another."""
    if not on_postgres():
        with database.atomic("IMMEDIATE"):  # one writer at a time: it is our turn when the others are done
            return
    (now,) = database.execute_sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
    for _ in range(LOOKS):
        (oldest,) = database.execute_sql("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetchone()
        if oldest >= now:
            return
        sleep(PAUSE)


def _pass(table: Sealed, said: Rotated, progress: Progress) -> int:
    """Once over a table; how many rows somebody was changing meanwhile."""
    key = table.model._meta.primary_key
    (rows,) = database.execute_sql(f'SELECT COUNT(*) FROM "{table.name}"').fetchone()
    last: Any = None
    missed = done = 0
    while True:
        fields = [key, *table.columns, *table.indexes]
        query = table.model.select(*fields).order_by(key).limit(getattr(table.model, "sealed_at_once", BATCH))
        if last is not None:
            query = query.where(key > last)
        # As the driver gives them: still sealed.
        batch = database.execute(query).fetchall()
        if not batch:
            break
        last = batch[-1][0]
        missed += _reseal(table, batch, said)
        done += len(batch)
        progress(table.name, done, rows)
    return missed


def _reseal(table: Sealed, batch: list[tuple], said: Rotated) -> int:
    """Seal one batch anew; how many rows somebody was changing."""
    changes = {row[0]: change for row in batch if (change := _change(table, row, said))}
    behind = hasattr(table.model, "reindex")
    if not changes and not behind:
        return 0
    with database.atomic(*(() if on_postgres() else ("IMMEDIATE",))):
        wanted = [row[0] for row in batch] if behind else list(changes)
        mine = _hold(table, wanted)
        missed = len(wanted) - len(mine)
        for key in mine & changes.keys():
            missed += 0 if _put(table, key, changes[key], said) else 1
        if behind:
            for row in table.model.select().where(table.model._meta.primary_key.in_(list(mine))):
                row.reindex()
    sleep(BREATH)
    return missed


def _change(table: Sealed, row: tuple, said: Rotated) -> dict[Field, tuple[str, str]]:
    """Column -> (as it was read, as it is to be) for what is not the newest key's; nothing where all of it is."""
    mine = f"2:{keyring.newest.id}:"
    values = dict(zip([*table.columns, *table.indexes], row[1:], strict=True))
    wanted: dict[Field, tuple[str, str]] = {}
    clear: dict[str, str] = {}
    needed = {one.of for one in table.indexes}
    for column in table.columns:
        raw = values[column]
        if not raw or (raw.startswith(mine) and column.name not in needed):
            continue
        try:
            clear[column.name] = keyring.unseal(raw, column.place)
        except ValueError:
            place = f"{table.name}.{column.column_name} {row[0]}"
            if place not in said.unread:
                said.unread.append(place)
            continue
        if not raw.startswith(mine):
            wanted[column] = raw, keyring.seal(clear[column.name], column.place)
    for one in table.indexes:
        made = one.made(clear.get(one.of))
        if one.of in clear and made != values[one]:
            wanted[one] = values[one], made
    return wanted


def _hold(table: Sealed, keys: list[Any]) -> set[Any]:
    """Lock these rows and give those that nobody else holds: whoever waits for us, we never wait for."""
    if not on_postgres():
        return set(keys)  # the whole database is ours
    key = table.model._meta.primary_key
    rows = table.model.select(key).where(key.in_(keys)).for_update("FOR UPDATE SKIP LOCKED")
    return {one for (one,) in database.execute(rows).fetchall()}


def _put(table: Sealed, key: Any, change: dict[Field, tuple[str, str]], said: Rotated) -> bool:
    """Write one row's new values where the old ones still stand; whether they did."""
    mark = database.param
    sets = ", ".join(f"{_quoted(f)} = {mark}" for f in change)
    still = " AND ".join(f"{_quoted(f)} = {mark}" for f in change)
    own = table.model._meta.primary_key
    text = f'UPDATE "{table.name}" SET {sets} WHERE {_quoted(own)} = {mark} AND {still}'
    values = [new for _, new in change.values()], [old for old, _ in change.values()]
    try:
        with database.savepoint():
            done = database.execute_sql(text, [*values[0], key, *values[1]]).rowcount
    except IntegrityError:
        place = f"{table.name} {key}"
        if place not in said.clashes:
            said.clashes.append(place)
        return True
    if done:
        said.values += sum(isinstance(f, SealedField) for f in change)
        said.indexes += sum(isinstance(f, IndexField) for f in change)
    return bool(done)


def _quoted(column: Field) -> str:
    return f'"{column.column_name}"'
