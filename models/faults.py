"""What a fault of the machine is, in words: a full disk, a database that is busy, gone, or read-only.

Whatever was asked for then was rolled back whole; it can be asked for again.
"""

import errno
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from peewee import PeeweeException

FULL = "磁盘已满，刚才的操作没有保存。请先腾出空间：清理旧文件，或把备份移到别的磁盘。"
BUSY = "数据库正忙，另一个程序正占用着它，刚才的操作没有保存。"
READ_ONLY = "数据库文件现在只能读不能写，刚才的操作没有保存；请管理员检查数据库文件夹的权限。"
GONE = "数据库暂时连不上，刚才的操作没有保存；连上以后不用重新登录。"
AGAIN = "填写的内容都还在，处理好以后点「再提交一次」。"
BACK = "处理好以后请返回上一页重试，填写的内容还在。"
SAID = (FULL, BUSY, READ_ONLY, GONE, AGAIN, BACK)
WHY = {
    errno.EACCES: "没有写的权限", errno.EPERM: "没有写的权限", errno.EROFS: "磁盘只能读", errno.ENOENT: "没有这个文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹", errno.EEXIST: "那里已有同名的文件", errno.EIO: "磁盘读写出错",
    errno.ENODEV: "磁盘不在", errno.ENXIO: "磁盘不在",
}  # fmt: skip
NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class Fault:
    """The HTTP status that fits, and the sentence."""

    code: int
    says: str

    def says_then(self, at_hand: bool) -> str:
        """What to do next: whether what was typed is on the page itself, or on the one before."""
        return AGAIN if at_hand else BACK


def _all(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those that it came of: SQLite rolls back by itself where a disk is full, so that the last one says
    no more than that there is nothing to roll back."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def is_full(error: BaseException) -> bool:
    """Whether it is a disk that is full: a database's, or of a file."""
    if any(isinstance(one, OSError) and one.errno in NO_SPACE for one in _all(error)):
        return True
    of_databases = (one for one in _all(error) if isinstance(one, PeeweeException | sqlite3.Error | psycopg.Error))
    said = "\n".join(map(str, of_databases)).lower()
    return "disk is full" in said or "no space left" in said or "disk full" in said


def why(error: OSError) -> str:
    """Why a file or folder could not be used, as far as there is a word for it; the system's own otherwise."""
    return WHY.get(error.errno or 0) or error.strerror or str(error)


def fault_of(error: BaseException) -> Fault:
    """What an error of the database, or of a file, means for the person who asked."""
    if is_full(error):
        return Fault(507, FULL)
    said = "\n".join(str(one) for one in _all(error)).lower()
    if "locked" in said:
        return Fault(503, BUSY)
    if "readonly" in said or "read-only" in said or "permission denied" in said:
        return Fault(503, READ_ONLY)
    return Fault(503, GONE)
