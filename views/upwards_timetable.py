"""汇入平台 by a timetable: the round that makes the batches that are due, sends what waits and takes the answers.

Killed at any moment it goes on with the next round: a batch is sent as it lies in its file, under its own number, until the
platform has answered; one that was not finished is let go, and its records go in another, with another number.
"""

import logging
from pathlib import Path

from models import clock
from models import upwards_timetable as timetable
from models.jobs import Job
from models.refusals import Refusal, refuse
from models.upwards import UpwardBatch, UpwardLink, allowed
from models.upwards_batches import void
from rules.upwards import TARGETS
from rules.upwards_timetable import host_fault
from views.upwards_work import NotNow, file_of, make, send

log = logging.getLogger("station.upwards")
OFF = "自动报送已关闭，或平台网址已停用，没有报送。"


def run(jobs: Path) -> tuple[int, int]:
    """Make what is due and send what waits; (batches made, batches that were answered)."""
    made = sum(_made(link, jobs) for link in timetable.due(clock.now()))
    return made, sum(_sent(batch, jobs) for batch in timetable.unsent(clock.now()))


def _made(link: UpwardLink, jobs: Path) -> int:
    by = link.office()
    try:
        if wrong := host_fault(link.url, allowed.hosts):
            raise refuse(wrong)
        for batch in timetable.left_over(link):
            if file_of(batch, jobs, "json") is None:
                void(batch.id, by, timetable.GONE)
            else:
                timetable.try_anew(batch)
        # A job of nobody's, done before it began: its folder is cleared in time, and nothing begins it again.
        job = Job.create(kind="upward_timetable", title=f"定时报送{TARGETS[link.target]}", params={"link": link.id}, state="done",
                         ended_at=clock.now())  # fmt: skip
        made = make(by, link.target, jobs / str(job.id), job.id, send_at=clock.now())
    except Refusal as no:
        timetable.done(link, str(no))
        return 0
    except Exception:  # one link's broken disk or record keeps no other from sending; the next round tries it again
        log.exception("link %s: its batches could not be made", link.id)
        return 0
    timetable.done(link)
    return len(made)


def _sent(batch: UpwardBatch, jobs: Path) -> bool:
    link = UpwardLink.of(batch)
    if link is None or link.every == "never":
        timetable.failed(batch, link, OFF, passing=False)
        return False
    try:
        done = send(batch, jobs, link.office(), waits=())
    except Refusal as no:
        timetable.failed(batch, link, str(no), passing=isinstance(no, NotNow))
        return False
    except Exception:
        log.exception("batch %s could not be sent", batch.number)
        timetable.failed(batch, link, "程序出错，没有报送；请把批次号告诉管理员。", passing=True)
        return False
    log.info("batch %s sent: %s", batch.number, done)
    return True
