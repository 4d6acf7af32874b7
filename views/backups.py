"""备份 (等保 数据备份恢复): what was backed up, when and to where; one more now; and how it stands, on the first page."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import flash, redirect, url_for
from flask_admin import expose

from models import backing_up, backups, clock
from models.audit import trail
from models.backups import Backup
from models.base import transaction
from models.jobs import Job
from models.scope import Actor
from rules.access import Role, may
from views import jobs
from views.base import StageView
from views.gate import right
from views.wording import worded
from views.work import kind

TITLE = "备份数据库"


class BackupScreen(StageView):
    model = Backup
    title = "备份"
    step = "政策与设置"
    columns = "made_at why who good fault megabytes took folder file"
    filter_by = "good why made_at"
    detail_groups = [
        ("备份", "made_at why who good fault"),
        ("文件", "folder file megabytes took removed_at"),
    ]
    list_template = "desk/backups.html"
    empty = "还没有备份。每天夜里自动备份一次，电脑夜里关机的，开机后一小时内补做；也可以点「立即备份」。"

    @expose("/now/", methods=("POST",))
    @right("enter")
    def now_view(self):
        """Ask for a backup now; one at a time."""
        if Job.select().where(Job.kind == "backup", Job.state.in_(["waiting", "running"])).exists():
            flash(worded("已经在备份，请等它做完。"), "note")
            return redirect(self.get_url(".index_view"))
        return redirect(url_for("jobs.details_view", id=jobs.start("backup", TITLE).id))


@kind("backup", takes=lambda params: ("enter", "backups"))
def _back_up(job: Job, by: Actor, folder: Path) -> tuple[str, dict[str, Any]]:
    made = backing_up.back_up(by, said=job.progress)
    result = {"存放位置": made.folder, "文件": made.file, "大小": made.megabytes}
    return "", result | ({"检查": "合格：已试恢复，内容一致，工时账相符"} if made.good else {"检查": f"不合格：{made.fault}"})


@dataclass(frozen=True)
class Standing:
    """What the first page says of the backups, and of the machine's clock: quiet lines, and red ones with what to do."""

    fine: str = ""
    wrong: str = ""
    clock: str = ""
    may_trust: bool = False  # whether this person may say that the clock is right


def standing(by: Actor) -> Standing:
    """As it concerns this person: the clock everybody, the backups whoever may make one."""
    fault = clock.fault()
    said, trusts = (fault.says, may_trust(fault, by)) if fault else ("", False)
    if not may(by.role, "see", Backup.resource):
        return Standing(clock=said, may_trust=trusts)
    now = backups.standing()
    fine = worded("还没有备份过。")
    if now.last is not None:
        when = f"{now.last.made_at:%Y-%m-%d %H:%M}"
        fine = worded("上次备份 %(when)s，存放在 %(where)s。", when=when, where=now.last.folder)
    return Standing(fine, now.wrong, said, trusts)


def may_trust(fault: clock.ClockFault, by: Actor) -> bool:
    """Going on after a long absence is the head's to say too; a clock that goes back is the administrator's alone."""
    return by.role == Role.ADMIN or (by.role == Role.HEAD and fault.ahead)


def trust_clock(by: Actor) -> bool:
    """This person says that the machine's clock is right; whether she may."""
    fault = clock.fault()
    if fault is None or not may_trust(fault, by):
        return False
    with transaction():
        trail(by, "clock", "setting", clock.MARK, reason=fault.says)
        clock.trust()
    return True
