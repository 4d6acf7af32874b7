"""`flask --app wsgi backup`, `restore` and `clock`."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from admin_app import witness
from models import clock as clock_
from models.audit import trail
from models.backing_up import back_up
from models.base import database
from models.refusals import Refusal
from models.restoring import restore
from models.scope import SYSTEM


def _fail(no: object) -> None:
    click.echo(no, err=True)
    sys.exit(1)


@click.command("backup")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path),
    help="Folder for this one; BACKUP_TO when not given.",
)  # fmt: skip
def backup(folder: Path | None) -> None:
    """A locked, dated copy of the database while people work; it counts once it was restored and verified."""
    try:
        with database.connection_context():
            made = back_up(SYSTEM, folder)
    except Refusal as no:
        _fail(no)
    if not made.good:
        _fail(f"已备份到 {made.path}，但检查不合格：{made.fault}")
    click.echo(f"已备份到 {made.path}（{made.megabytes}，{made.seconds} 秒），试恢复与核对合格。")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--overwrite", default="", metavar="NAME", help="Name of the database that is to be replaced.")
@click.option("--with-faults", is_flag=True, help="Even where the account in it does not fit.")
@with_appcontext
def restore_(file: Path, overwrite: str, with_faults: bool) -> None:
    """Put the backup FILE in the database's place, after it was tried and what is there was backed up."""
    try:
        done = restore(file, SYSTEM, overwrite, with_faults, tell=click.echo)
    except Refusal as no:
        _fail(no)
    click.echo(f"已恢复 {done.manifest['made_at']} 的备份，各工作站的账尾与清单一致；所有人需要重新登录。")
    if aside := witness.put_aside(current_app.config["STATION"].instance):
        click.echo(f"恢复以前的操作日志链尾留在 {aside}，以后从恢复后的日志重新记起。")
    if done.applied:
        click.echo(f"备份的结构较旧，已升级到 {done.applied[-1]}。")
    if done.before:
        click.echo(done.before)
    for says in done.faults:
        click.echo(f"注意，工时账核对不符：{says}", err=True)


@click.command("clock")
@click.option("--right", is_flag=True, help="The machine's clock is right: go on by it.")
def clock(right: bool) -> None:
    """Whether the machine's clock can be trusted; with --right, that it can."""
    with database.connection_context():
        wrong = clock_.fault()
        if wrong is None:
            click.echo(f"现在是 {clock_.now():%Y-%m-%d %H:%M}，时间正常。")
            return
        if not right:
            _fail(wrong.says)
        trail(SYSTEM, "clock", "setting", clock_.MARK, reason=wrong.says)
        clock_.trust()
    click.echo(f"已确认电脑的时间 {clock_.now():%Y-%m-%d %H:%M} 是对的。")


COMMANDS = (backup, restore_, clock)
