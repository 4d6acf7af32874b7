"""Putting a backup in the database's place: tried first, what is there now backed up before, swapped in one step.

SQLite: the restored database is written over the present one inside one transaction of its own (the backup API), so a
power cut in the middle leaves the old one. PostgreSQL: it is restored under another name, and the two names are
exchanged in one transaction.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from models import clock, copies, first_codes, sessions
from models.audit import trail
from models.backing_up import FORMAT, differs, digest, make
from models.base import address, database, transaction
from models.copies import Unreadable, beside, file_of, holds_anything, kind_of, name_of
from models.faults import is_full, why
from models.fields import keyring
from models.jobs import Job
from models.refusals import Refusal, refuse
from models.rehearsal import Tried, rehearse
from models.schema import newest
from models.scope import SYSTEM, Actor
from models.vault import vault

INTERRUPTED = "恢复备份时中断，没有完成；请重新提交。"
FULL = "磁盘已满，请先腾出空间"
TRIES = 5  # to exchange PostgreSQL's names, while others keep coming in
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Restored:
    """What was put in place: the backup's manifest, the scripts that it took then, and where what stood there went."""

    manifest: dict[str, Any]
    applied: list[str]
    before: str
    faults: list[str]


def check(file: Path) -> dict[str, Any]:
    """The manifest of a backup that fits this program, this kind of database and this data key.

    Raises ``Refusal`` saying what does not fit.
    """
    manifest = vault.unlock(file)
    if manifest.get("format") != FORMAT:
        raise refuse(f"{file.name} 的格式是 {manifest.get('format')}，本程序只认得格式 {FORMAT}；请用较新的程序恢复。")
    if manifest["kind"] != kind_of(address()):
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise refuse(
            f"{file.name} 是 {names[manifest['kind']]} 数据库的备份，而现在用的是 {names[kind_of(address())]}；"
            "请把 DATABASE_URL 改成同一种数据库再恢复。"
        )
    if manifest["schema"] > newest():
        raise refuse(
            f"{file.name} 的数据结构（{manifest['schema']}）比本程序（{newest()}）新；请先更新程序，再恢复。"
        )
    if manifest["data_key"] not in keyring.ids:
        raise refuse(
            f"现在的数据密钥与 {file.name} 备份时的不是同一把，恢复后证件号码、电话等都读不出来；"
            "请把当时的 DATA_KEY（或 data.key 文件）放回来，再恢复。"
        )
    return manifest


def present() -> dict[str, Any] | None:
    """The figures of the database that is there now; None where it cannot be read."""
    with suppress(Exception), closing(beside(address())) as db:
        if kind_of(address()) == "sqlite" and not file_of(address()).exists():
            return {"rows": {}, "chains": {}, "trail": None, "schema": ""}
        db.connect()
        return copies.figures(db)
    return None


def loses(found: dict[str, Any] | None) -> str:
    """What would be overwritten, in words."""
    if found is None:
        return "现在的数据库读不出来（会原样改名保留）"
    rows = found["rows"]
    parts = [f"{rows.get(table, 0):,} {noun}" for table, noun in (
        ("station", "个工作站"), ("volunteer", "名志愿者"), ("service_record", "条服务记录"), ("entry", "笔工时账分录"),
    )]  # fmt: skip
    return "现在的数据库里有 " + "、".join(parts)


def restore(file: Path, by: Actor = SYSTEM, overwrite: str = "", with_faults: bool = False, tell: Tell = print) -> Restored:
    """Put this backup in the database's place; everybody has to sign in anew.

    ``overwrite`` must be the present database's name where anybody has worked in it. Raises ``Refusal`` and leaves all
    as it was: for a backup that does not fit or is not whole, one whose account `verify` finds wrong (unless
    ``with_faults``), or where the present state could not be backed up before.
    """
    manifest = check(file)
    url, found = address(), present()
    if (found is None or holds_anything(found)) and overwrite != name_of(url):
        raise refuse(
            f"{loses(found)}。恢复会用 {manifest['made_at']} 的备份替换它，此后的内容都不在了；"
            f"确实要替换，请加上 --overwrite {name_of(url)}。"
        )
    try:
        with vault.room() as room:
            tell("正在解开并检查备份……")
            plain = room / "plain"
            vault.unlock(file, plain)
            if digest(plain) != manifest["sha256"]:
                raise refuse(f"{file.name} 里的数据与清单上的校验码不符，没有恢复。")
            with copies.scratch(plain, url, room) as place:
                plain.unlink()
                tried = rehearse(place, then={"file": file.name, "made_at": manifest["made_at"], "by": by.name})
                _fits(file, manifest, tried, with_faults)
                before = _set_aside(found, by, tell)
                tell("正在替换数据库……")
                _swap(url, place, readable=found is not None)
    except OSError as error:
        raise refuse(f"没有恢复，数据库还是原来的：{why(error)}。") from error
    except (sqlite3.Error, psycopg.Error) as error:  # rolled back by the database itself
        raise refuse(f"没有恢复，数据库还是原来的：{FULL if is_full(error) else copies.first_line(error)}。") from error
    return Restored(manifest, tried.applied, before, tried.faults)


def _fits(file: Path, manifest: dict[str, Any], tried: Tried, with_faults: bool) -> None:
    if tried.broken or tried.upgrade_fault:
        raise refuse(f"{file.name} 试恢复没有成功，没有动现在的数据库：{tried.broken or tried.upgrade_fault}。")
    if wrong := differs(manifest["figures"], tried.figures):
        raise refuse(f"{file.name} 试恢复后与清单不一致，没有恢复：{wrong}。")
    if tried.faults and not with_faults:
        raise refuse(
            f"{file.name} 里的工时账核对不符：{tried.faults[0]}。请换一份更早的备份；没有别的备份时，可加 --with-faults 恢复后再查。"
        )


def settle(file: str, made_at: str, by: str) -> None:
    """What a restored database is told before it takes its place: all sessions end, no printed code opens, no job goes on by itself, the clock
    is taken as it is now, and the trail says what happened."""
    with transaction():
        sessions.end_everybodys("restored")
        first_codes.spend_all()
        ended = {"state": "failed", "message": INTERRUPTED, "ended_at": clock.now()}
        Job.update(ended).where(Job.state.in_(["waiting", "running"])).execute()
        clock.trust()
        trail(SYSTEM, "restore", "backup", file[:40], reason=f"{by}恢复了 {made_at} 的备份 {file}")


def _set_aside(found: dict[str, Any] | None, by: Actor, tell: Tell) -> str:
    """Back up what is there now; where that is, in words. Raises ``Refusal`` where it cannot be."""
    if found is not None and not holds_anything(found):
        return ""
    try:
        if found is None:
            raise Unreadable()
        tell("正在备份现在的数据库……")
        made = make(by, vault.folder, "restore")
    except Unreadable:
        return "现在的数据库读不出来，没有备份，原样改名保留。"
    except Refusal as no:
        raise refuse(f"恢复之前没能备份现在的数据库，没有恢复：{no}") from None
    return f"原来的数据已备份到 {made.file}。"


def _swap(url: str, place: str, readable: bool) -> None:
    database.close_all()
    if kind_of(url) == "postgresql":
        _exchange(url, name_of(place))
    elif readable and file_of(url).exists():
        with closing(sqlite3.connect(file_of(place))) as new, closing(sqlite3.connect(file_of(url), timeout=30)) as old:
            old.execute("PRAGMA synchronous = full")
            new.backup(old)  # all pages in one transaction: others see the old state, then the new
    else:
        _replace(file_of(url), file_of(place))


def _replace(file: Path, new: Path) -> None:
    """The damaged file and its logs keep their content under another name; the new one takes the name at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    ready = file.with_name(f".{file.name}.part")
    with new.open("rb") as source, os.fdopen(os.open(ready, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        shutil.copyfileobj(source, out)
        out.flush()
        os.fsync(out.fileno())
    away = f"{file.name}.damaged-{clock.wall():%Y%m%d-%H%M%S}"
    with suppress(FileNotFoundError):
        os.link(file, file.with_name(away))
    for end in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            file.with_name(file.name + end).rename(file.with_name(away + end))
    ready.replace(file)


def _exchange(url: str, new: str) -> None:
    """PostgreSQL: the restored database takes the name, all who are connected are sent away, the old one is dropped with
    the scratch place (its state lies in the backup made before)."""
    name, away = name_of(url), f"{name_of(url)[:30]}_old_{os.urandom(3).hex()}"
    with copies.server(url) as there:
        for left in reversed(range(TRIES)):
            there.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (%s, %s) AND pid <> pg_backend_pid()",
                (name, new),
            )
            try:
                with there.transaction():
                    there.execute(f'ALTER DATABASE "{name}" RENAME TO "{away}"')
                    there.execute(f'ALTER DATABASE "{new}" RENAME TO "{name}"')
                break
            except psycopg.errors.ObjectInUse:
                if not left:
                    raise refuse("数据库正被别的程序使用，没有恢复；请先停止服务，再试一次。") from None
        there.execute(f'DROP DATABASE IF EXISTS "{away}" WITH (FORCE)')
