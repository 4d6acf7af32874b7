"""Making a backup: copy, lock, read back, try; only then does the file bear its name."""

import hashlib
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from peewee import PeeweeException

from models import clock, copies
from models.audit import trail
from models.backups import Backup, due, rotate
from models.base import address, transaction
from models.copies import HISTORY, kind_of, name_of
from models.faults import is_full, why
from models.fields import keyring
from models.moves import permit
from models.refusals import Refusal, refuse
from models.rehearsal import Tried, rehearse
from models.schema import newest
from models.scope import SYSTEM, Actor
from models.vault import vault

log = logging.getLogger("station.backups")
SUFFIX = ".backup"
FORMAT = 1
Said = Callable[[int, int], None]  # how far, in percent, of 100


@dataclass(frozen=True)
class Made:
    """A backup as it lies there; ``tried`` is what its own trial found."""

    file: Path
    made_at: datetime
    bytes: int
    seconds: int
    why: str
    who: str
    tried: Tried

    @property
    def fault(self) -> str:
        """Why it is a true copy and yet not good; blank where it is."""
        if self.tried.upgrade_fault:
            return f"升级在副本上没有成功：{self.tried.upgrade_fault}"
        return f"工时账核对不符：{self.tried.faults[0]}" if self.tried.faults else ""


def back_up(by: Actor, folder: Path | None = None, said: Said = lambda done, total: None, why: str = "asked") -> Backup:
    """Make a backup, keep what became of it, and clear what the rotation no longer keeps.

    Raises ``Refusal`` in Chinese when none was made; that too is kept. ``said`` may raise to give up: nothing is left.
    """
    permit(by, "enter", Backup.resource)
    folder = folder or vault.folder
    try:
        made = make(by, folder, why, said)
    except Refusal as no:
        with suppress(PeeweeException):  # a disk that is full takes no line either: the first page counts the days
            Backup.create(made_at=clock.now(), folder=str(folder), why=why, who=by.name, fault=str(no))
        log.error("no backup: %s", no)
        raise
    row = keep(made, by)
    rotate()
    return row


def keep(made: Made, by: Actor) -> Backup:
    """Write a backup down, with its trail."""
    with transaction():
        row = Backup.create(
            made_at=made.made_at, folder=str(made.file.parent), file=made.file.name, why=made.why, who=made.who,
            bytes=made.bytes, seconds=made.seconds, good=not made.fault, fault=made.fault,
        )  # fmt: skip
        trail(by, "backup", "backup", row.id, after={"file": made.file.name, "good": row.good})
    return row


def make(by: Actor, folder: Path, why: str = "asked", said: Said = lambda done, total: None) -> Made:
    """Make and try one, of whatever schema the database has; nothing is written down in the database.

    The file bears its name only when all is done: a kill, a full disk or a refusal leaves none. Raises ``Refusal``.
    """
    url, began, at = address(), perf_counter(), clock.now()
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with vault.room() as room:
            plain = room / "plain"
            found = copies.copy_out(url, plain, lambda done, total: said(done * 40 // max(total, 1), 100))
            size = plain.stat().st_size
            manifest = {
                "format": FORMAT, "kind": kind_of(url), "database": name_of(url), "made_at": f"{at:%Y-%m-%d %H:%M:%S}",
                "by": by.name, "why": why, "program": newest(), "schema": found["schema"], "figures": found,
                "data_key": keyring.newest.id, "bytes": size, "sha256": digest(plain),
            }  # fmt: skip
            part = folder / f".{os.urandom(6).hex()}.{vault.maker}.part"
            try:
                vault.lock(manifest, plain, part, lambda read: said(40 + read * 20 // max(size, 1), 100))
                plain.unlink()
                tried = _try(part, url, room, manifest)
                said(99, 100)
                file = _named(part, folder, at, why)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot(error, folder) from error
    return Made(file, at, file.stat().st_size, round(perf_counter() - began), why, by.name, tried)


def _try(part: Path, url: str, room: Path, manifest: dict[str, Any]) -> Tried:
    """Read the file back from the disk, restore it into a scratch place and hold it against what was copied."""
    again = room / "again"
    vault.unlock(part, again)
    if digest(again) != manifest["sha256"]:
        raise refuse("备份写到磁盘后读回来与原来不同，磁盘可能有问题；请换一个存放位置再备份。")
    with copies.scratch(again, url, room) as place:
        tried = rehearse(place)
    if tried.broken:
        raise refuse(f"备份试恢复没有成功：{tried.broken}。")
    if wrong := differs(manifest["figures"], tried.figures):
        raise refuse(f"备份试恢复后与数据库不一致：{wrong}。")
    return tried


def differs(here: dict[str, Any], there: dict[str, Any]) -> str:
    """In what two databases' figures differ, in words; blank where they agree."""
    if here["schema"] != there["schema"]:
        return f"结构版本 {here['schema']} 与 {there['schema']}"
    for table in sorted({*here["rows"], *there["rows"]} - {HISTORY}):
        if here["rows"].get(table) != there["rows"].get(table):
            return f"{table} 应有 {here['rows'].get(table)} 行，实有 {there['rows'].get(table)} 行"
    for station in {*here["chains"], *there["chains"]}:
        if here["chains"].get(station) != there["chains"].get(station):
            return f"工作站 {station} 的账尾不同"
    return "" if here["trail"] == there["trail"] else "操作日志的最后一条不同"


def _named(part: Path, folder: Path, at: datetime, why: str) -> Path:
    """Give the finished file its name; a second one of the same minute is told apart by a number."""
    stem = f"{name_of(address())}-{at:%Y-%m-%d-%H%M}" + (f"-before-{why}" if why in ("upgrade", "restore") else "")
    n = 1
    while (file := folder / f"{stem}{'' if n == 1 else f'-{n}'}{SUFFIX}").exists():
        n += 1
    part.replace(file)
    with suppress(OSError, AttributeError):  # Windows has no folder to bring down to the disk
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(handle)
        os.close(handle)
    return file


def digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _cannot(error: OSError, folder: Path) -> Refusal:
    if is_full(error):
        return refuse(f"磁盘已满，没有备份成；请在 {folder} 所在的磁盘上腾出空间，或换一个存放位置，再点「立即备份」。")
    return refuse(f"写不了备份的存放位置 {folder}：{why(error)}；请检查这个文件夹在不在、能不能写。")


def back_up_if_due() -> Backup | None:
    """The night's backup, where there is none yet. Raises ``Refusal`` as `back_up`."""
    return back_up(SYSTEM, why="night") if due() else None
