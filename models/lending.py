"""SQLite's connections, lent again and again as PostgreSQL's are."""

import sqlite3
import weakref
from pathlib import Path
from typing import Any

from playhouse.pool import PooledSqliteDatabase


class Connection(sqlite3.Connection):
    """Knows which file it opened and what it was asked."""

    def __init__(self, path: str, *args: Any, **more: Any) -> None:
        super().__init__(path, *args, **more)
        self.file = _which(path)
        self.asked: weakref.WeakSet[sqlite3.Cursor] = weakref.WeakSet()

    def cursor(self, *args: Any, **more: Any) -> sqlite3.Cursor:
        made = super().cursor(*args, **more)
        self.asked.add(made)
        return made


def _which(path: str) -> tuple[int, int] | None:
    """Which file stands at ``path``, None where none does."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class KeptSqlite(PooledSqliteDatabase):
    """SQLite whose connections are lent again. To open one takes reading the whole schema, and to close the last one
    writing the log back into the file: together they were half the time of a page."""

    def _is_closed(self, conn: Connection) -> bool:
        # Another file may have taken the name meanwhile (`restore` of a damaged one), or the folder is gone.
        return conn.file is None or conn.file != _which(self.database) or super()._is_closed(conn)

    def _can_reuse(self, conn: Connection) -> bool:
        # An answer that nobody read to its end would hold the next borrower at the state of that moment.
        for cursor in list(conn.asked):
            cursor.close()
        return bool(super()._can_reuse(conn))
