"""`flask upwards make|send|take|due`: what the screens of 汇入平台 do, from the command line and from a timetable."""

import sys
from pathlib import Path

import click

from models import clock
from models.base import database
from models.jobs import Job
from models.people import Account
from models.refusals import Refusal
from models.scope import Actor
from models.upwards import UpwardBatch
from models.upwards_batches import take_answers
from rules.upwards import BYTES_AT_MOST, TARGETS
from views import upwards_timetable, work
from views.uploads import Upload
from views.upwards_file import read_answers
from views.upwards_work import send

AS = click.option("--as", "username", required=True, help="Account (a head, or a supervisor for her division) whose rights apply.")


@click.group("upwards")
def upwards() -> None:
    """Batches for the provincial and national platforms."""


@upwards.command("make")
@AS
@click.option("--target", type=click.Choice(list(TARGETS)), default="provincial", show_default=True)
@click.pass_obj
def make_(info, username: str, target: str) -> None:
    """Put what is new or changed since it was last accepted into batches, and print where their files lie."""
    jobs = info.load_app().config["STATION"].instance / "jobs"
    with database.connection_context():
        job = Job.ask(_actor(username), kind="upward_make", title=f"编批上报{TARGETS[target]}", params={"target": target})
    work.run(job.id, jobs / str(job.id))
    with database.connection_context():
        job = Job.get_by_id(job.id)
        made = list(UpwardBatch.select().where(UpwardBatch.job == job.id).order_by(UpwardBatch.id))
    if job.state != "done":
        _fail(job.message)
    if not made:
        click.echo("没有需要报送的记录。")
    for batch in made:
        click.echo(f"{batch.number}：{batch.records} 条，{jobs / str(job.id) / batch.number}.json、.xlsx")


@upwards.command("send")
@AS
@click.argument("number", required=False)
@click.pass_obj
def send_(info, username: str, number: str | None) -> None:
    """Send batch NUMBER, or every one that waits, to the platform entered for it, and take its answers."""
    jobs = info.load_app().config["STATION"].instance / "jobs"
    with database.connection_context():
        by = _actor(username)
        mine = UpwardBatch.select().where(UpwardBatch.scope(by)).order_by(UpwardBatch.id)
        chosen = list(mine.where(UpwardBatch.number == number) if number else mine.where(UpwardBatch.state == "made"))
        if number and not chosen:
            _fail(f"没有批次「{number}」。")
        for batch in chosen:
            try:
                done = send(batch, jobs, by)
            except Refusal as no:
                _fail(f"{batch.number}：{no}")
            click.echo(f"{batch.number}：" + "，".join(f"{name} {count}" for name, count in done.items()))


@upwards.command("due")
@click.pass_obj
def due_(info) -> None:
    """Make and send what the timetables of the links ask for now, as the server does every few minutes."""
    jobs = info.load_app().config["STATION"].instance / "jobs"
    with database.connection_context():
        if (wrong := clock.fault()) is not None:
            _fail(wrong.says)
        made, sent = upwards_timetable.run(jobs)
    click.echo(f"编批 {made} 个，报送并收到回执 {sent} 个。")


@upwards.command("take")
@AS
@click.argument("number")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def take_(username: str, number: str, file: Path) -> None:
    """Take the platform's answers to batch NUMBER from FILE (.json or .xlsx)."""
    with database.connection_context():
        by = _actor(username)
        batch = UpwardBatch.get_or_none(UpwardBatch.number == number, UpwardBatch.scope(by))
        if batch is None:
            _fail(f"没有批次「{number}」。")
        if file.stat().st_size > BYTES_AT_MOST:
            _fail("文件太大。")
        try:
            done = take_answers(batch.id, read_answers(Upload(file.name, file.read_bytes())), by)
        except Refusal as no:
            _fail(str(no))
    click.echo(f"已收回执：接收 {done.accepted} 条，退回 {done.refused} 条，以前收过 {done.same} 条，不是这一批的 {done.unknown} 条。")


def _actor(username: str) -> Actor:
    account: Account | None = Account.get_or_none(Account.username == username, Account.active)
    if account is None:
        _fail(f"没有启用的账号「{username}」。")
    return account.actor()


def _fail(says: str) -> None:
    click.echo(says, err=True)
    sys.exit(1)
