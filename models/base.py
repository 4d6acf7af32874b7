"""The database and what every table shares."""

import atexit
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from peewee import Database, DatabaseProxy, Model, PostgresqlDatabase
from playhouse.db_url import parse as parse_url
from playhouse.pool import PooledPostgresqlDatabase

from models.lending import Connection, KeptSqlite
from models.spool import Spool
from rules.life import Tone

database = DatabaseProxy()

SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "foreign_keys": 1,
    "busy_timeout": 5000,  # ms that a second writer queues before it is told
    "synchronous": "full",  # a committed row survives a power cut
    "secure_delete": 1,  # what was erased or sealed anew is overwritten in the file, not left in its free space
    "cache_size": -16384,  # KiB when negative: 16 MiB, and each connection that is kept has its own
    "temp_store": "memory",
}
POOL_SIZE = 16  # connections; more than the server's threads and the job worker together
STALE = 300  # seconds after which a connection is opened anew
NO_LIMIT = 0


def connect(url: str) -> Database:
    """Point every model at ``sqlite:///path`` or ``postgresql://…`` and return the database, unopened.

    Raises ``ValueError`` for any other scheme.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        path = url.removeprefix("sqlite:///")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        # Writers queue from BEGIN on: a transaction that reads and then writes can never fail half-way.
        made: Database = KeptSqlite(
            path, pragmas=SQLITE_PRAGMAS, lock_type="IMMEDIATE", factory=Connection, check_same_thread=False,
            max_connections=NO_LIMIT, stale_timeout=STALE,
        )  # fmt: skip
    elif scheme in ("postgresql", "postgres"):
        # It asks a connection whether it is still there before it hands it out: after a restart of PostgreSQL the next
        # request works, not only the one after sixteen that fail.
        made = PooledPostgresqlDatabase(
            **parse_url(url), prefer_psycopg3=True, max_connections=POOL_SIZE, stale_timeout=STALE, timeout=10
        )
    else:
        raise ValueError(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not «{scheme}»")
    made.station_url = url
    database.initialize(made)
    return made


@atexit.register
def shut() -> None:
    """Close every connection, as at the program's end: the last one to go writes SQLite's log back, so that the file by
    itself is whole for whoever copies it by hand."""
    if database.obj is not None:
        database.close_all()


def address() -> str:
    """The URL that the models point at now."""
    return str(database.obj.station_url)


def on_postgres() -> bool:
    """Whether the models point at PostgreSQL now."""
    return isinstance(database.obj, PostgresqlDatabase)


def transaction() -> AbstractContextManager[Any]:
    """All or nothing; inside another it is a savepoint."""
    return _savepoint() if database.transaction_depth() else _outermost()


Writer = Callable[[Collection[Any] | Spool], None]


class _Last(threading.local):
    """What this thread's transaction is still to write before it commits; None outside of one."""

    left: dict[Writer, Spool] | None = None


_last = _Last()


def write_last(writer: Writer, rows: Sequence[Any]) -> None:
    """Have ``writer`` called with all rows so left in this transaction, in their order, as the last thing before it
    commits: whatever it locks, it locks last and for a moment. What a savepoint left is dropped with it. In a
    transaction that `transaction` did not begin it is called at once; outside any, in one of its own.

    However many rows an import leaves, they wait in a file: neither is memory filled with them, nor is what the writer
    locks held from the first of them on.
    """
    if _last.left is not None:
        spool = _last.left.setdefault(writer, Spool())
        for row in rows:
            spool.append(row)
    elif database.transaction_depth():
        writer(rows)
    else:
        with database.atomic():
            writer(rows)


@contextmanager
def _outermost() -> Iterator[None]:
    with database.atomic():
        _last.left = left = {}
        try:
            yield
            for writer, rows in left.items():
                if len(rows):
                    writer(rows)
        finally:
            _last.left = None
            for rows in left.values():
                rows.close()


@contextmanager
def _savepoint() -> Iterator[None]:
    """As Peewee's, and gone after a refusal too.

    Rolling back to a savepoint leaves it standing. In one long transaction with many refusals (an import, the demo)
    they pile up, and every page written after costs by their number.
    """
    point = database.savepoint()
    left = {writer: len(rows) for writer, rows in (_last.left or {}).items()}
    try:
        with point:
            yield
    except BaseException:
        for writer, rows in (_last.left or {}).items():
            rows.cut(left.get(writer, 0))
        database.execute_sql(f"RELEASE SAVEPOINT {point.quoted_sid}")
        raise


def snapshot() -> AbstractContextManager[Any]:
    """One unchanging view of the whole database for a long reading, which keeps no writer waiting."""
    return database.atomic("REPEATABLE READ" if on_postgres() else "DEFERRED")


class BaseModel(Model):
    """A table. ``station_path`` says once how a row leads to a station (see `models.scope`): a dotted path of
    foreign keys that ends at a station, "" for the station itself, or None where `scope` must answer itself."""

    station_path: str | None = None
    resource = ""  # its name in `rules.access`
    tones: Mapping[str, Tone] = {}  # of its states, where it has some and no life (`rules.life`)
    undecided = False  # whether its minutes are not known yet: then they are shown as nothing, never as none

    class Meta:
        database = database
        legacy_table_names = False
        only_save_dirty = True  # a move writes what it changed; nothing sealed is sealed anew, nothing stale put back

    @classmethod
    def label(cls, field: str) -> str:
        """The field's Chinese name as screens, forms and ledgers show it."""
        found = cls._meta.fields.get(field)
        return (found.verbose_name or field) if found else field


def insert_rows(
    model: type[BaseModel], names: Sequence[str], rows: Sequence[Sequence[Any]], returning: Sequence[str] = (), over: Sequence[str] = ()
) -> list[tuple]:
    """Insert values of these fields, as the driver takes them, in one statement; the columns asked to be returned.

    Where ``over`` names a unique key, a row that has it already takes the new values instead.

    For where rows come by the thousand, such as the account: Peewee makes a node of every value, and so spends several
    times as long on the text of the statement as the database on the statement.
    """

    def columns(some: Sequence[str]) -> str:
        return ", ".join(f'"{model._meta.fields[name].column_name}"' for name in some)

    row = f"({', '.join([database.param] * len(names))})"
    text = f'INSERT INTO "{model._meta.table_name}" ({columns(names)}) VALUES {", ".join([row] * len(rows))}'
    if over:
        taken = ", ".join(f"{one} = EXCLUDED.{one}" for one in columns([name for name in names if name not in over]).split(", "))
        text += f" ON CONFLICT ({columns(over)}) DO UPDATE SET {taken}"
    if returning:
        text += f" RETURNING {columns(returning)}"
    made = database.execute_sql(text, [value for one in rows for value in one])
    return list(made.fetchall()) if returning else []
