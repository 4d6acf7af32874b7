"""Long work, by name: what a job of each kind does. Called by the runner with the job, who asked, and a folder."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from models import clock
from models.base import database
from models.jobs import Cancelled, Job
from models.people import Account
from models.refusals import Refusal
from models.scope import Actor

# kind -> what it does; returns (file name or "", result to show).
Work = Callable[[Job, Actor, Path], tuple[str, dict[str, Any]]]
KINDS: dict[str, Work] = {}


def kind(name: str) -> Callable[[Work], Work]:
    """Register what a kind of job does."""

    def _register(work: Work) -> Work:
        KINDS[name] = work
        return work

    return _register


def run(job_id: int, folder: Path) -> None:
    """Do one job with the rights that whoever asked has now, and keep what came of it. Never raises for a refusal."""
    with database.connection_context():
        job = Job.get_by_id(job_id)
        taken = Job.update(state="running").where(Job.id == job_id, Job.state == "waiting").execute()
        if not taken:
            return  # done, cancelled, or another runner has it
        account = Account.get_or_none(Account.id == job.asked_by, Account.active)
        try:
            if account is None:
                raise Cancelled
            folder.mkdir(parents=True, exist_ok=True)
            file_name, result = KINDS[job.kind](job, account.actor(), folder)
        except Cancelled:
            _end(job_id, "cancelled", message="已取消。")
        except Refusal as no:
            _end(job_id, "failed", message=str(no))
        except Exception:
            _end(job_id, "failed", message="程序出错，没有完成；请把任务编号告诉管理员。")
            raise
        else:
            _end(job_id, "done", file_name=file_name, result=result)


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


def _end(job_id: int, state: str, **more: Any) -> None:
    Job.update(state=state, ended_at=clock.now(), **more).where(Job.id == job_id).execute()
