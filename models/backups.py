"""备份 (等保 数据备份恢复): a locked copy of the whole database, tried before it counts, and what became of each.

A backup counts as good only after it was read back from the disk, restored into a scratch place, found to hold exactly
what the database held, brought to today's schema there and its account verified.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from peewee import BigIntegerField, BooleanField, CharField, DateTimeField, IntegerField, TextField

from models import clock
from models.base import BaseModel
from models.scope import EVERYTHING, NOTHING, Actor
from models.vault import vault
from rules.access import Role
from rules.rotation import spare

log = logging.getLogger("station.backups")
NIGHT = time(3)  # a day's backup is one made since then
LATE = timedelta(days=2)  # without a good one: said on the first page
WHY = [("night", "定时"), ("asked", "手动"), ("upgrade", "升级之前"), ("restore", "恢复之前")]


class Backup(BaseModel):
    """One backup that was tried, and what became of it. The installation's: no station's own."""

    resource = "backups"

    made_at = DateTimeField(index=True, verbose_name="备份时间")
    folder = CharField(max_length=400, verbose_name="存放位置")
    file = CharField(max_length=200, default="", verbose_name="文件")
    why = CharField(max_length=8, choices=WHY, verbose_name="缘由")
    who = CharField(max_length=60, verbose_name="经手人")
    bytes = BigIntegerField(default=0, verbose_name="大小", help_text="字节")
    seconds = IntegerField(default=0, verbose_name="用时", help_text="秒")
    good = BooleanField(default=False, verbose_name="检查合格", help_text="已试恢复，内容与数据库一致，工时账核对相符")
    fault = TextField(default="", verbose_name="问题")
    removed_at = DateTimeField(null=True, verbose_name="清理时间", help_text="按保留天数自动清理")

    @classmethod
    def scope(cls, actor: Actor):
        return EVERYTHING if actor.role in (Role.HEAD, Role.ADMIN) else NOTHING

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} 备份"

    @classmethod
    def last_good(cls) -> "Backup | None":
        found: Backup | None = cls.select().where(cls.good, cls.removed_at.is_null()).order_by(cls.id.desc()).first()
        return found

    @property
    def path(self) -> Path:
        return Path(self.folder) / self.file

    @property
    def megabytes(self) -> str:
        """大小, as people say it."""
        return f"{self.bytes / 1e6:,.1f} MB" if self.bytes else ""

    @property
    def took(self) -> str:
        """用时, as people say it."""
        return f"{self.seconds} 秒" if self.bytes else ""


# --- every night, and what is kept ---


def due() -> bool:
    """Whether there is no good one since the last night. Asked for every hour: a computer that is off at night
    catches up when it is on."""
    now = clock.now()  # one from a day still to come, of a clock that stood wrong, is none
    since = datetime.combine(now.date() - timedelta(days=now.time() < NIGHT), NIGHT)
    return not Backup.select().where(
        Backup.good, Backup.made_at >= since, Backup.made_at <= now, Backup.removed_at.is_null()
    ).exists()


def rotate() -> int:
    """Remove what is no longer kept; how many files went. Only files that this database made and knows of, never the
    last good one; those made before an upgrade or a restore stay for as long as a month's."""
    days, weeks, months = vault.keep
    kept = Backup.select().where(Backup.file != "", Backup.removed_at.is_null()).order_by(Backup.made_at)
    rows = {row.id: row for row in kept}
    good = {key: row.made_at for key, row in rows.items() if row.good and row.why in ("night", "asked")}
    gone = spare(good, days, weeks, months)
    oldest = clock.now() - timedelta(days=31 * months)
    gone |= {key for key, row in rows.items() if key not in good and row.made_at < oldest}
    last = Backup.last_good()
    removed = 0
    for key in sorted(gone - {last and last.id}):
        try:
            rows[key].path.unlink(missing_ok=True)
        except OSError as error:  # a disk that is not there now: next night
            log.warning("could not remove %s: %s", rows[key].path, error)
            continue
        Backup.update(removed_at=clock.now()).where(Backup.id == key).execute()
        removed += 1
    return removed


# --- what the first page says ---


@dataclass(frozen=True)
class Standing:
    """The last good one, and what is wrong: blank where nothing is."""

    last: Backup | None
    wrong: str = ""


def standing() -> Standing:
    """How the backups stand now."""
    last = Backup.last_good()
    newest_try = Backup.select().order_by(Backup.id.desc()).first()
    if newest_try is not None and newest_try.fault:
        return Standing(last, newest_try.fault)
    if last is not None and not last.path.exists():
        return Standing(last, f"最近一份备份 {last.path} 不见了，请检查存放位置；如已移到别处保存，请再备份一次。")
    if last is not None and clock.now() - last.made_at > LATE:
        return Standing(last, f"已经 {(clock.now() - last.made_at).days} 天没有备份成功。")
    return Standing(last)
