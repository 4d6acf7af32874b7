"""The job runner: huey on a file beside the database, its worker a thread of the server."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flask import Flask
from huey import SqliteHuey, crontab
from huey.consumer import Consumer
from peewee import PeeweeException

from admin_app import witness
from models import (
    account_checks,
    applications,
    audit_checks,
    backing_up,
    clock,
    copies,
    expiring,
    failures,
    messages,
    once,
    pairing,
    records,
    retention,
    sessions,
    upwards_sweep,
)
from models import webhooks as deliveries
from models.base import address, database
from models.jobs import Job
from models.refusals import Refusal
from models.scope import SYSTEM
from models.vault import vault
from views import transfer_wire, upwards_timetable, webhooks, work

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

    @contextmanager
    def on_time() -> Iterator[bool]:
        """Connected, and whether the machine's clock may be trusted: by a wrong one nothing falls due."""
        with database.connection_context():
            if (wrong := clock.fault()) is not None:
                log.error("%s", wrong.says)
            yield wrong is None

    @queue.periodic_task(crontab(minute="*/5"))
    def keep_time() -> None:
        with database.connection_context():
            clock.tick()

    @queue.periodic_task(crontab(minute="7"))
    def post_due() -> None:
        with on_time() as right:
            if right and (posted := records.post_due()):
                log.info("posted %s records whose notice is over", posted)

    @queue.periodic_task(crontab(minute="*/10"))
    def move_up() -> None:
        with on_time() as right:
            if right and (changed := applications.move_up_all()):
                log.info("moved up %s applications whose turn came or whose offer ran out", changed)

    @queue.periodic_task(crontab(hour="0", minute="12"))
    def expire_pairings() -> None:
        with on_time() as right:
            if right:
                pairing.expire_due(SYSTEM)

    # Every hour, not once a night: an old PC is off then, and catches up before or soon after the desk opens.
    @queue.periodic_task(crontab(minute="17"))
    def expire_hours() -> None:
        with on_time() as right:
            if right and (expired := expiring.expire_due()):
                log.info("wrote off %s lots of exchangeable minutes past their term", expired)

    @queue.periodic_task(crontab(minute="40"))
    def check_accounts() -> None:
        with database.connection_context():
            for check in account_checks.check_due():
                log.error("the account of station %s does not fit: %s", check.station_id, check.first_fault)

    @queue.periodic_task(crontab(minute="*"))
    def say_refusals() -> None:
        with database.connection_context():
            app.extensions["refusals"].flush()

    @queue.periodic_task(crontab(minute="50"))
    def check_audit_log() -> None:
        with database.connection_context():
            if audit_checks.is_due():
                witness.watch(app.config["STATION"].instance)

    @queue.periodic_task(crontab(minute="27"))
    def clear_sessions() -> None:
        with database.connection_context():
            sessions.clear_old()
            failures.clear_old()

    # Every hour, for the same reason; what waits for a head already is not proposed again.
    @queue.periodic_task(crontab(minute="27"))
    def propose_erasing() -> None:
        with on_time() as right:
            if right and (made := retention.propose_due()):
                log.info("proposed to erase what is past its time: %s lists", made)

    @queue.periodic_task(crontab(minute="*/5"))
    def erase_approved() -> None:
        with on_time() as right:
            if right and (gone := retention.carry_out()):
                log.info("erased %s rows that heads approved", gone)

    @queue.periodic_task(crontab(hour="3", minute="40"))
    def clear_old() -> None:
        with on_time() as right:
            if right:
                work.clear_old(folder)
                once.clear_old()
                messages.clear_old()
                deliveries.clear_old()

    @queue.periodic_task(crontab(hour="4", minute="50"))
    def look_for_what_goes_up() -> None:
        with on_time() as right:
            if right:
                upwards_sweep.refresh()

    @queue.periodic_task(crontab(minute="*/5"))
    def send_upwards() -> None:
        with on_time() as right:
            if right:
                upwards_timetable.run(folder)

    @queue.periodic_task(crontab(minute="25"))
    def back_up() -> None:
        with database.connection_context(), suppress(Refusal):  # the log and the first page say it
            if (made := backing_up.back_up_if_due()) is not None:
                log.info("backed up to %s", made.path)

    @queue.periodic_task(crontab(minute="*/5"))
    def tell_robots() -> None:
        with on_time() as right, app.app_context():
            if right:
                webhooks.tell_due(app.extensions["admin"][0]._views)
                webhooks.send_due()

    @queue.periodic_task(crontab(minute="*/5"))
    def carry_answers() -> None:
        with on_time() as right:
            if right:
                transfer_wire.send_answers()

    app.extensions["run_job"] = run_job
    app.extensions["jobs"] = queue


def start_worker(app: Flask) -> Worker:
    """Start taking jobs up. What a killed server left half-done is said so, not silently begun again, but for the few
    kinds whose every step is whole (`views.work.RESUMED`): those go on.

    A job that was asked for and never reached the queue is queued now; one that waits there twice is done once. Files
    half-written and copies in the clear that the killed one left are removed.
    """
    folder = app.config["STATION"].instance / "jobs"
    with suppress(OSError, PeeweeException):
        vault.clear()
        copies.clear_scratch(address())
    with database.connection_context():
        clock.tick()
        for job in Job.select(Job.id).where(Job.state == "running"):
            shutil.rmtree(folder / str(job.id), ignore_errors=True)
        again = (Job.state == "running") & Job.kind.in_(work.RESUMED)
        Job.update(state="waiting").where(again, ~Job.cancel).execute()
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
