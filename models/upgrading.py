"""Bringing a database to today's schema when the program starts: a backup first, then a copy, then the real one.

The trial of that backup is the rehearsal: the copy is restored, upgraded and verified in a scratch place before anything
happens to the real database, which then takes all scripts in one transaction, or none.
"""

import logging
from contextlib import closing

from playhouse.migrations import Runner

from models import copies, schema
from models.backing_up import keep, make
from models.base import address, database
from models.copies import beside, first_line, kind_of
from models.refusals import Refusal, refuse
from models.schema import newest, upgrade
from models.scope import SYSTEM
from models.vault import vault

log = logging.getLogger("station.upgrading")


def bring_up() -> list[str]:
    """Bring the database that the models point at to today's schema; the scripts that it took.

    One that is empty, or up to date, needs no copy. Raises ``Refusal`` in Chinese, and leaves the database as it was,
    where it is of a newer program, where the backup or the rehearsal fails, or a script does.
    """
    version, pending = _version()
    if version > newest():
        raise refuse(f"数据库的结构（{version}）比程序（{newest()}）新，旧程序不能打开它；请换回较新的程序。")
    if not version or not pending or not _holds_anything():
        return upgrade()
    log.info("upgrading from %s to %s", version, newest())
    try:
        made = make(SYSTEM, vault.folder, "upgrade")
    except Refusal as no:
        raise refuse(f"升级之前没能备份，数据库没有改动，还是 {version}：{no}") from no
    if made.fault:
        raise refuse(
            f"没有升级：{made.fault.rstrip('。')}。数据库没有改动，还是 {version}；升级前的备份在 {made.file}。"
            "请换回原来的程序继续使用，并把这句话告诉程序的维护人员。"
        )
    try:
        applied = upgrade()
    except Exception as error:
        log.exception("the upgrade failed")
        raise refuse(
            f"升级没有成功：{type(error).__name__}: {first_line(error)}。数据库没有改动，还是 {version}；升级前的备份在 {made.file}。"
            "请换回原来的程序继续使用，并把这句话告诉程序的维护人员。"
        ) from error
    keep(made, SYSTEM)
    return applied


def _version() -> tuple[str, bool]:
    """The last script that the database has seen, and whether there are some that it has not."""
    status = Runner(database.obj, str(schema.MIGRATIONS)).status()
    seen = [script.name for script in status if script.applied]
    return max(seen, default=""), any(not script.applied for script in status)


def _holds_anything() -> bool:
    if kind_of(address()) == "sqlite" and address().endswith(("///", ":memory:")):
        return False
    with closing(beside(address())) as db:
        db.connect()
        return copies.holds_anything(copies.figures(db))
