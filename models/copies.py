"""Plain copies of the whole database while people work, and scratch places to try one in. For both databases alike.

SQLite: the backup API inside one reading transaction, in steps; writers go on meanwhile. PostgreSQL: pg_dump on an
exported snapshot. So the figures that are read with a copy are exactly those of the copy.
"""

import hashlib
import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from peewee import Database, DatabaseError, PostgresqlDatabase, SqliteDatabase
from playhouse.db_url import parse as parse_url

from models.faults import is_full
from models.refusals import Refusal, refuse
from models.vault import vault

PAGES = 2000  # of SQLite copied in one step; about 8 MB
DAMAGED = ("malformed", "not a database", "file is encrypted")  # as SQLite says it
REST = 0.005  # seconds between two steps: the disk is the desk's too
HISTORY = "schema_migration"
INSTALLATION = {HISTORY, "setting", "term", "division", "holiday"}  # tables that are filled before anybody worked
Said = Callable[[int, int], None]  # how far, of how much


class Unreadable(Refusal):
    """The present database cannot be read at all: there is nothing that could be copied."""


# --- where a database is ---


def kind_of(url: str) -> str:
    return "sqlite" if urlsplit(url).scheme == "sqlite" else "postgresql"


def file_of(url: str) -> Path:
    """The file of a SQLite database. Raises ``Refusal`` for one that lives in memory."""
    path = url.removeprefix("sqlite:///")
    if not path or path == ":memory:":
        raise refuse("数据库只在内存里，没有可以备份的文件。")
    return Path(path)


def name_of(url: str) -> str:
    """What people call this database: the file's name, or PostgreSQL's own name for it."""
    return file_of(url).stem if kind_of(url) == "sqlite" else str(parse_url(url)["database"])


def beside(url: str) -> Database:
    """A connection of its own to this database, past the models and their pool; unopened."""
    if kind_of(url) == "sqlite":
        return SqliteDatabase(str(file_of(url)), pragmas={"busy_timeout": 5000, "query_only": 1})
    return PostgresqlDatabase(**parse_url(url), prefer_psycopg3=True)


# --- what is in one ---


def figures(db: Database) -> dict[str, Any]:
    """What a database holds, to compare two by: its schema's version, the rows of each table, the head of every
    station's chain, and the trail's last line."""
    tables = sorted(table for table in db.get_tables() if not table.startswith("sqlite_"))
    counts = {table: db.execute_sql(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0] for table in tables}
    found: dict[str, Any] = {"schema": schema_of(db), "rows": counts, "chains": {}, "trail": None}
    if "chain" in counts:
        heads = db.execute_sql('SELECT "station_id", "seq", "hash" FROM "chain" ORDER BY "station_id"').fetchall()
        found["chains"] = {str(station): [seq, digest] for station, seq, digest in heads}
    if counts.get("trail"):
        last = db.execute_sql('SELECT * FROM "trail" ORDER BY "id" DESC LIMIT 1').fetchone()
        found["trail"] = hashlib.sha256(repr(tuple(map(str, last))).encode()).hexdigest()
    return found


def schema_of(db: Database) -> str:
    """The last script that this database has seen; blank where it has seen none."""
    if HISTORY not in db.get_tables():
        return ""
    return str(db.execute_sql(f"SELECT MAX(name) FROM {HISTORY}").fetchone()[0] or "")


def holds_anything(found: dict[str, Any]) -> bool:
    """Whether somebody has worked in it."""
    return any(count for table, count in found["rows"].items() if table not in INSTALLATION)


# --- out of it ---


def copy_out(url: str, into: Path, said: Said) -> dict[str, Any]:
    """Copy this database as it stands at one moment into a file, and return its `figures` at that moment.

    Raises ``Unreadable`` where the database cannot be read, ``Refusal`` where the tools fail or the disk is full.
    """
    try:
        with closing(beside(url)) as db:
            db.connect()
            if isinstance(db, PostgresqlDatabase):
                return _dump(db, url, into, said)
            return _copy_sqlite(db, into, said)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        if is_full(error):
            raise refuse("磁盘已满，没有备份成；请先腾出空间，再备份一次。") from error
        if any(word in str(error) for word in DAMAGED):
            raise Unreadable(*refuse(f"现有的数据库已损坏，读不出来：{first_line(error)}。").findings) from error
        raise refuse(f"没有备份成，数据库或存放位置现在用不了：{first_line(error)}。") from error


def _copy_sqlite(db: Database, into: Path, said: Said) -> dict[str, Any]:
    source = db.connection()
    source.execute("BEGIN")  # the log keeps this moment for us, however much is written meanwhile
    found = figures(db)
    into.touch(mode=0o600)
    with closing(sqlite3.connect(into)) as target:
        source.backup(target, pages=PAGES, sleep=REST, progress=lambda _, left, all_: said(all_ - left, all_))
        target.execute("PRAGMA journal_mode = delete")  # one file, nothing beside it
    source.execute("ROLLBACK")
    return found


def _dump(db: Database, url: str, into: Path, said: Said) -> dict[str, Any]:
    db.execute_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    found = figures(db)
    (moment,) = db.execute_sql("SELECT pg_export_snapshot()").fetchone()
    into.touch(mode=0o600)
    _run("pg_dump", url, "--format=custom", "--compress=0", "--no-owner", "--no-privileges",
         f"--snapshot={moment}", f"--file={into}")  # fmt: skip
    db.execute_sql("ROLLBACK")
    said(1, 1)
    return found


# --- and into a scratch place ---


@contextmanager
def scratch(plain: Path, url: str, room: Path) -> Iterator[str]:
    """A database of its own with what the copy holds, to be tried and thrown away: its URL. ``url`` names the database
    that it is a copy of, on whose server PostgreSQL's scratch place is."""
    if kind_of(url) == "sqlite":
        file = room / "scratch.db"
        shutil.copyfile(plain, file)
        file.chmod(0o600)
        yield f"sqlite:///{file}"
        return
    name = create_database(url)
    try:
        place = with_name(url, name)
        _run("pg_restore", place, "--no-owner", "--no-privileges", "--exit-on-error", str(plain))
        yield place
    finally:
        drop_database(url, name)


def with_name(url: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    return parts._replace(path=f"/{name}").geturl().replace(f"{parts.scheme}:/{name}", f"{parts.scheme}:///{name}")


def server(url: str) -> Any:
    """A connection to PostgreSQL beside all databases of its own; every statement stands alone."""
    import psycopg

    said = parse_url(with_name(url, "postgres"))
    said["dbname"] = said.pop("database")
    return psycopg.connect(**said, autocommit=True)


def create_database(url: str) -> str:
    """An empty database on the same server, sorted and encoded as this one; its name.

    Raises ``Refusal`` where the account may not.
    """
    import psycopg

    name = f"{name_of(url)[:30]}_check_{vault.maker}_{secrets.token_hex(4)}"
    with server(url) as there:
        alike = "SELECT pg_encoding_to_char(encoding), coalesce(datcollate, 'C'), coalesce(datctype, 'C') FROM pg_database WHERE datname = %s"
        encoding, collate, ctype = there.execute(alike, (name_of(url),)).fetchone() or ("UTF8", "C", "C")
        try:
            there.execute(
                f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE '{collate}' LC_CTYPE '{ctype}'"
            )
        except psycopg.errors.InsufficientPrivilege:
            raise refuse("数据库账号不能建临时数据库，备份无法检查；请管理员执行 ALTER ROLE 账号 CREATEDB。") from None
        except psycopg.errors.DiskFull:
            raise refuse("数据库服务器的磁盘已满，备份无法检查；请先腾出空间。") from None
    return name


def drop_database(url: str, name: str) -> None:
    with server(url) as there:
        there.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def clear_scratch(url: str) -> int:
    """Drop the scratch databases that a killed server left on PostgreSQL; how many."""
    if kind_of(url) == "sqlite":
        return 0
    with server(url) as there:
        left = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        names = [name for (name,) in there.execute(left, (f"{name_of(url)[:30]}_check_server_",)).fetchall()]
        for name in names:
            there.execute(f'DROP DATABASE IF EXISTS "{name}"')
    return len(names)


# --- PostgreSQL's own tools ---


def _run(tool: str, url: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore on this database. The password goes by the environment, where nobody else can read it."""
    from psycopg.conninfo import make_conninfo

    said = parse_url(url)
    said["dbname"] = said.pop("database")
    env = dict(os.environ)
    if password := said.pop("password", None):
        env["PGPASSWORD"] = str(password)
    said = {name: value for name, value in said.items() if value not in (None, "")}
    program = shutil.which(tool, path=vault.tools or None)
    if program is None:
        raise refuse(
            f"没有找到 {tool}，PostgreSQL 的数据库要用它备份和恢复；请安装 PostgreSQL 客户端工具，或用 PG_TOOLS 写明它所在的文件夹。"
        )
    done = subprocess.run(
        [program, *arguments, "--dbname", make_conninfo(**said)], env=env, capture_output=True, check=False
    )
    if done.returncode:
        says = done.stderr.decode("utf-8", "replace").strip()
        if "version mismatch" in says:
            raise refuse(f"{tool} 的版本低于数据库服务器，请安装同一版本的 PostgreSQL 客户端工具，或用 PG_TOOLS 指明。")
        if "No space left" in says:
            raise refuse("磁盘已满，没有备份成；请先腾出空间。")
        raise refuse(f"{tool} 没有做完：{says.splitlines()[0] if says else done.returncode}。")


def first_line(error: BaseException) -> str:
    """What an error says, without what a database adds below."""
    return str(error).strip().partition("\n")[0].rstrip("。.")
