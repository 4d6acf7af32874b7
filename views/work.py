"""Long work, by name: what a job of each kind does. Called by the runner with the job, who asked, and a folder."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from peewee import PeeweeException

from models import clock, messages
from models.audit import Origin, origin
from models.base import database, transaction
from models.faults import is_full
from models.jobs import Cancelled, Job
from models.people import Account
from models.refusals import Refusal, refuse
from models.scope import Actor
from rules.access import may

# kind -> what it does; returns (file name or "", result to show).
Work = Callable[[Job, Actor, Path], tuple[str, dict[str, Any]]]
KINDS: dict[str, Work] = {}
FULL = "磁盘已满，没有完成，也没有留下半个文件；请先腾出空间，再重新提交。"
BROKEN = "程序出错，没有完成；请把任务编号告诉管理员。"
WAITS = (0.2, 1, 5, 15, 30, 60)  # seconds between tries to write down how a job ended
# Kinds that go on where a killed server left them: each of their steps is whole, and done once.
RESUMED: set[str] = set()
# kind -> the right of the access table that it takes, read off the job's parameters.
RIGHTS: dict[str, Callable[[dict[str, Any]], tuple[str, str]]] = {}
GONE = "提出任务的账号已停用，任务没有办理。"


def kind(
    name: str, takes: Callable[[dict[str, Any]], tuple[str, str]], *, resumed: bool = False
) -> Callable[[Work], Work]:
    """Register what a kind of job does, and the (action, resource) of the access table that it takes.

    One that is ``resumed`` is taken up again after a restart by itself.
    """

    def _register(work: Work) -> Work:
        KINDS[name], RIGHTS[name] = work, takes
        if resumed:
            RESUMED.add(name)
        return work

    return _register


def _asker(job: Job) -> Actor:
    """Whoever asked, as the account stands now.

    Raises ``Refusal`` where it was switched off, or has another role by now that may not do this.
    """
    account = Account.get_or_none(Account.id == job.asked_by, Account.active)
    if account is None:
        raise refuse(GONE)
    by: Actor = account.actor()
    if job.kind in RIGHTS and not may(by.role, *RIGHTS[job.kind](job.params)):
        raise refuse(f"「{job.title}」不在{by.role.label}的职责内，提出任务以后您的角色改了，没有办理。")
    return by


def run(job_id: int, folder: Path) -> None:
    """Do one job with the rights that whoever asked has now, and keep what came of it. Never raises for a refusal."""
    fault: Exception | None = None
    with database.connection_context():
        job = Job.get_by_id(job_id)
        taken = Job.update(state="running").where(Job.id == job_id, Job.state == "waiting").execute()
        if not taken:
            return  # done, cancelled, or another runner has it
        try:
            by = _asker(job)
            folder.mkdir(parents=True, exist_ok=True)
            with asked_by_job(job_id), job.at_work():
                file_name, result = KINDS[job.kind](job, by, folder)
            ending = _ending("done", file_name=file_name, result=result)
        except Cancelled:
            ending = _ending("cancelled", message="已取消。")
        except Refusal as no:
            ending = _ending("failed", message="\n".join(one.says for one in no.findings) or str(no))
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)  # nothing half-written, and room again
            full = is_full(error)
            ending = _ending("failed", message=FULL if full else BROKEN)
            fault = None if full else error
    _end(job_id, job.asked_by, ending)
    if fault is not None:
        raise fault


@contextmanager
def asked_by_job(job_id: int) -> Iterator[None]:
    """What is done inside is known to the audit log as this job's, as a request's is by its own number."""
    token = origin.set(Origin(request=f"job {job_id}"[:12]))
    try:
        yield
    finally:
        origin.reset(token)


KEPT_DAYS = 7  # results hold people's data in the clear: long enough to fetch, no longer
LOOKED_AT_DAYS = 1  # a file that was looked at and not taken: whoever chose it still has it


def clear_old(folder: Path) -> int:
    """Remove the files of jobs that ended more than `KEPT_DAYS` (`LOOKED_AT_DAYS`) ago; how many folders went. The jobs
    stay listed."""
    gone = 0
    looked_at = (Job.kind == "import_preview") & (Job.ended_at < clock.now() - timedelta(days=LOOKED_AT_DAYS))
    old = Job.select(Job.id).where((Job.ended_at < clock.now() - timedelta(days=KEPT_DAYS)) | looked_at)
    for job in old.order_by(Job.id.desc()).limit(1000):
        if (folder / str(job.id)).is_dir():
            shutil.rmtree(folder / str(job.id))
            gone += 1
    return gone


def _ending(state: str, **more: Any) -> dict[str, Any]:
    return {"state": state, **more}


def _end(job_id: int, asker: int | None, ending: dict[str, Any]) -> None:
    """Write down how it ended; where the database is full or gone just now, wait for it rather than let a job run on
    for ever in everybody's eyes."""
    for wait in (*WAITS, None):
        try:
            with database.connection_context(), transaction():
                Job.update(ended_at=clock.now(), **ending).where(Job.id == job_id).execute()
                if ending["state"] != "cancelled" and asker is not None:
                    messages.tell(asker, messages.ENDED, Job.resource, job_id)
            return
        except PeeweeException:
            if wait is None:
                raise
            time.sleep(wait)
