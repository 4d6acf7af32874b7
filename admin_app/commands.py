"""The command line: `flask --app wsgi …`. Each prints what it did and exits non-zero on failure."""

import sys
from datetime import datetime
from pathlib import Path

import click
from flask import Flask

from admin_app import backup_commands, witness
from admin_app.key_commands import keys
from admin_app.policy_commands import policy_
from admin_app.transfer_commands import transfer_
from admin_app.upward_commands import upwards
from fixtures import demo as demo_station
from fixtures.seed import seed
from models import audit_checks, division_list, second_factor, sessions, verifying
from models.base import database
from models.people import Account, check_password, set_password
from models.refusals import Refusal
from models.scope import SYSTEM
from rules.access import Role
from views import division_file
from views.exports import said_of
from views.ledgers import out, take_in
from views.ledgers.catalogue import LEDGERS

REFUSALS_SAID = 50  # lines; the screen gives them all


def init(app: Flask) -> None:
    commands = (init_, demo, import_, export, verify, user, policy_, keys, transfer_, upwards)
    for command in (*commands, *backup_commands.COMMANDS):
        if app.config["NOT_READY"] and command is not backup_commands.restore_:
            command = _says(command.name, app.config["NOT_READY"])
        app.cli.add_command(command)


def _says(name: str | None, why: str) -> click.Command:
    """In a command's place while the database cannot be used: says why, whatever it is given."""
    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, callback=lambda: _fail(why), context_settings=anything)


def _fail(says: str) -> None:
    click.echo(says, err=True)
    sys.exit(1)


@click.command("init")
@click.option("--username", default="admin", show_default=True, help="Name of the first administrator.")
@click.option("--name", default="管理员", show_default=True)
@click.password_option(help="Asked for when not given.")
def init_(username: str, name: str, password: str) -> None:
    """Divisions, vocabularies and the first administrator of an empty installation."""
    with database.connection_context():
        if Account.select().where(Account.role == Role.ADMIN.value).exists():
            _fail("已有管理员账号，没有再建。")
        if wrong := check_password(password, Account(username=username, name=name, role=Role.ADMIN.value)):
            _fail(wrong[0].says)  # before anything is written
        seed()
        try:
            account = Account.enter(
                SYSTEM, username=username, name=name, role=Role.ADMIN.value, division="53", station=None, active=True
            )
            set_password(account, password, SYSTEM)
        except Refusal as no:
            _fail(str(no))
    click.echo(f"已建管理员 {username}，区划与词表已就绪。")


@click.command("demo")
@click.option(
    "--password", envvar="DEMO_PASSWORD", default=None, help="For all demo accounts; random when not given."
)
def demo(password: str | None) -> None:
    """Load the demo station into an empty database and print its accounts."""
    with database.connection_context():
        try:
            print_demo(*demo_station.load(password))
        except Refusal as no:
            _fail(str(no))


def print_demo(accounts: list[tuple[str, str, str, str]], password: str) -> None:
    """The demo accounts as a table, with the one password."""
    click.echo("演示账号（密码都是 " + password + "）：")
    for username, role, name, where in accounts:
        click.echo(f"  {username:<16} {role}\t{name}\t{where}")


@click.command("verify")
@click.option(
    "--heads", type=click.Path(dir_okay=False, path_type=Path),
    help="Ends of the audit log's chains, kept elsewhere: held against where there are any, then written.",
)
@click.pass_obj
def verify(info, heads: Path | None) -> None:
    """Re-read the hours account and the audit log; name the first entry and the first trace that does not fit.

    Nothing is stored in the database.
    """
    instance = info.load_app().config["STATION"].instance
    entries, faults = 0, []
    with database.connection_context():
        for report in verifying.reports():
            entries += report.entries
            faults += report.faults
        ends = audit_checks.heads()
        try:
            known = [witness.read(path) for path in (instance / witness.NAME, heads) if path]
        except ValueError as wrong:
            _fail(str(wrong))
        traces, broken = audit_checks.verify(known[0])
        if heads and not broken:
            traces, broken = audit_checks.verify(known[1])
    for fault in [*faults, *broken]:
        click.echo(f"{fault.where}：{fault.says}", err=True)
    if faults or broken:
        sys.exit(1)
    click.echo(f"工时账相符，共 {entries} 笔分录。")
    click.echo(f"操作日志相符，共 {traces} 行，{len(ends)} 条链，链尾摘要 {witness.summary(ends)}。")
    if heads:
        witness.write(heads, ends)
        click.echo(f"链尾已写入 {heads}，请存放在服务器以外。")


@click.command("export")
@click.argument("ledger", type=click.Choice(list(LEDGERS)))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day, e.g. 2026-01-01.")
@click.option("--until", "--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day, included.")
@click.option("--station", type=int, help="Number of one station; all that may be seen when not given.")
@click.option("--division", help="Code of a division, e.g. 530102; all that may be seen when not given.")
@click.option("--format", "form", type=click.Choice(["xlsx", "csv"]), help="By the ending of FILE when not given.")
@click.option("--as", "username", help="With the rights of this account; the system's own when not given.")
def export(
    ledger: str, file: Path, first: datetime | None, last: datetime | None, station: int | None, division: str | None,
    form: str | None, username: str | None,
) -> None:  # fmt: skip
    """Write LEDGER as a workbook (or as CSV) to FILE and print its rows and totals."""
    period = (first.date() if first else None, last.date() if last else None)
    with database.connection_context():
        by = SYSTEM
        if username:
            account = Account.get_or_none(Account.username == username, Account.active)
            if account is None:
                _fail(f"没有启用的账号「{username}」。")
            by = account.actor()
        if first and last and last < first:
            _fail(f"结束日期 {last:%Y-%m-%d} 早于开始日期 {first:%Y-%m-%d}。")
        try:
            summary = out.write(ledger, file, by, period=period, station=station, division=division, form=form)
        except Refusal as no:
            _fail(str(no))
        except OSError as error:
            _fail(f"写不了 {file}：{error.strerror}。")
    click.echo(
        f"已写入 {file}：" + "，".join(f"{name} {text}" for name, text in said_of(ledger, summary).items()) + "。"
    )


@click.command("import")
@click.argument("ledger", type=click.Choice([*take_in.KINDS, "divisions"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--as", "username", help="Account whose station takes the table in; its rights apply. Not for divisions."
)
def import_(ledger: str, file: Path, username: str | None) -> None:
    """Take a table in, whole or not at all: one of a station's ledgers, or the list of divisions."""
    with database.connection_context():
        account = Account.get_or_none(Account.username == username, Account.active) if username else None
        if username and account is None:
            _fail(f"没有启用的账号「{username}」。")
        if account is None and ledger != "divisions":
            _fail("请用 --as 写明由哪个账号（记录员或站长）导入。")
        try:
            said = _take_divisions(file, account) if ledger == "divisions" else _take_ledger(ledger, file, account)
        except Refusal as no:
            _fail("\n".join(finding.says for finding in no.findings[:REFUSALS_SAID]))
    click.echo(f"已导入 {file}：{said}。")


def _take_divisions(file: Path, account: Account | None) -> str:
    by = account.actor() if account else SYSTEM
    done = division_list.take_in(division_file.read(file.name, file.read_bytes()), by, file.name)
    if done.refused:
        _fail("\n".join(f"第 {row} 行：{why}" for row, why in done.refused[:REFUSALS_SAID]))
    return f"新增 {done.new} 个，更名 {len(done.renamed)} 个，相同 {done.same} 个"


def _take_ledger(ledger: str, file: Path, account: Account) -> str:
    done = take_in.take_file(ledger, file, account.actor())
    return f"新增 {done.new} 行，修改 {done.changed} 行，相同 {done.same} 行"


@click.group("user")
def user() -> None:
    """Accounts, from the command line."""


@user.command("password")
@click.argument("username")
@click.password_option()
def user_password(username: str, password: str) -> None:
    """Set an account's password."""
    with database.connection_context():
        try:
            set_password(_account(username), password, SYSTEM)
        except Refusal as no:
            _fail(str(no))
    click.echo(f"已设置 {username} 的密码，其他登录已退出。")


@user.command("totp-off")
@click.argument("username")
@click.option("--reason", required=True, help="Why, for the trail.")
def user_totp_off(username: str, reason: str) -> None:
    """Take the second factor off an account whose phone is lost."""
    with database.connection_context():
        try:
            second_factor.reset(_account(username).id, SYSTEM, reason)
        except Refusal as no:
            _fail(str(no))
    click.echo(f"已解除 {username} 的动态口令，其他登录已退出。")


@user.command("sessions-end")
@click.argument("username")
def user_sessions_end(username: str) -> None:
    """Sign an account out everywhere."""
    with database.connection_context():
        count = sessions.end_for(_account(username).id, SYSTEM)
    click.echo(f"已结束 {username} 的 {count} 处登录。")


def _account(username: str) -> Account:
    account: Account | None = Account.get_or_none(Account.username == username)
    if account is None:
        _fail(f"没有账号「{username}」。")
    return account
