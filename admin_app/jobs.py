"""The job runner: huey on a file beside the database, its worker a thread of the server."""

import logging

from flask import Flask
from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from models import account_checks, applications, clock, expiring, pairing, records, retention
from models.base import database
from models.jobs import Job
from models.scope import SYSTEM
from views import work

log = logging.getLogger("station.jobs")
LONGEST_NAP = 0.5  # seconds before an idle worker looks again: whoever asked is watching the page
WORKERS = 1  # one long job at a time leaves the desk quick on one old PC
INTERRUPTED = "程序重启时中断，没有完成；请重新提交。"


class Worker(Consumer):
    """Huey's consumer inside the server's process: signals stay the server's."""

    def _set_signal_handlers(self) -> None:
        pass


def init(app: Flask) -> None:
    """Jobs asked for are queued in a file, so they outlive a restart."""
    folder = app.config["STATION"].instance / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    queue = SqliteHuey(filename=str(folder / "queue.db"))

    @queue.task()
    def run_job(job_id: int) -> None:
        work.run(job_id, folder / str(job_id))

    @queue.periodic_task(crontab(minute="7"))
    def post_due() -> None:
        with database.connection_context():
            if posted := records.post_due():
                log.info("posted %s records whose notice is over", posted)

    @queue.periodic_task(crontab(minute="*/10"))
    def move_up() -> None:
        with database.connection_context():
            if changed := applications.move_up_all():
                log.info("moved up %s applications whose turn came or whose offer ran out", changed)

    @queue.periodic_task(crontab(hour="0", minute="12"))
    def expire_pairings() -> None:
        with database.connection_context():
            pairing.expire_due(SYSTEM)

    # Every hour, not once a night: an old PC is off then, and catches up before or soon after the desk opens.
    @queue.periodic_task(crontab(minute="17"))
    def expire_hours() -> None:
        with database.connection_context():
            if expired := expiring.expire_due():
                log.info("wrote off %s lots of exchangeable minutes past their term", expired)

    @queue.periodic_task(crontab(minute="40"))
    def check_accounts() -> None:
        with database.connection_context():
            for check in account_checks.check_due():
                log.error("the account of station %s does not fit: %s", check.station_id, check.first_fault)

    # Every hour, for the same reason; what waits for a head already is not proposed again.
    @queue.periodic_task(crontab(minute="27"))
    def propose_erasing() -> None:
        with database.connection_context():
            if made := retention.propose_due():
                log.info("proposed to erase what is past its time: %s lists", made)

    @queue.periodic_task(crontab(minute="*/5"))
    def erase_approved() -> None:
        with database.connection_context():
            if gone := retention.carry_out():
                log.info("erased %s rows that heads approved", gone)

    @queue.periodic_task(crontab(hour="3", minute="40"))
    def clear_old() -> None:
        with database.connection_context():
            work.clear_old(folder)

    app.extensions["run_job"] = run_job
    app.extensions["jobs"] = queue


def start_worker(app: Flask) -> Worker:
    """Start taking jobs up. What a killed server left half-done is said so, not silently begun again.

    A job that was asked for and never reached the queue is queued now; one that waits there twice is done once.
    """
    with database.connection_context():
        interrupted = {"state": "failed", "message": INTERRUPTED, "ended_at": clock.now()}
        Job.update(interrupted).where(Job.state == "running").execute()
        waiting = [job.id for job in Job.select(Job.id).where(Job.state == "waiting").order_by(Job.id)]
    for job_id in waiting:
        app.extensions["run_job"](job_id)
    worker = Worker(
        app.extensions["jobs"], workers=WORKERS, worker_type="thread", check_worker_health=False,
        initial_delay=LONGEST_NAP / 10, max_delay=LONGEST_NAP,
    )  # fmt: skip
    worker.start()
    return worker
