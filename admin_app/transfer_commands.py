"""`flask --app wsgi transfer …`: packages to and from other installations, as files."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from models.base import database
from models.people import Account
from models.refusals import Refusal
from models.scope import Actor
from models.transfer import Arrival, Departure, answer_of, package, receive, take_receipt
from rules.transfer import LARGEST_PACKAGE

_AS = click.option("--as", "username", required=True, help="Account in whose name it is done.")


@click.group("transfer")
def transfer_() -> None:
    """People who leave for, or come from, another installation."""


@contextmanager
def _acting(username: str) -> Iterator[Actor]:
    with database.connection_context():
        account = Account.get_or_none(Account.username == username, Account.active)
        try:
            if account is None:
                raise click.ClickException(f"没有账号「{username}」，或已停用。")
            yield account.actor()
        except Refusal as no:
            for finding in no.findings:
                click.echo(finding.says, err=True)
            sys.exit(1)


def _read(path: Path) -> str:
    if path.stat().st_size > LARGEST_PACKAGE:
        raise click.ClickException("文件太大。")
    return path.read_text("ascii", errors="replace")


@transfer_.command("pack")
@click.argument("departure", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_AS
def pack(departure: int, file: Path, username: str) -> None:
    """Approve and pack a departure that was asked, if that was not done yet, and write the package to FILE."""
    with _acting(username) as by:
        row = Departure.get_or_none(Departure.id == departure)
        if row is not None and row.state == "asked":
            Departure.move(departure, "pack", by)
        lines = package(departure, by)
        with file.open("w", encoding="ascii") as out:
            out.writelines(f"{line}\n" for line in lines)
    click.echo(f"转出单 {departure} 的转移包已写入 {file}。")


@transfer_.command("show")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_AS
def show(file: Path, username: str) -> None:
    """Verify a package, keep it to be taken, and say what is in it."""
    with _acting(username) as by:
        row = receive(_read(file), by)
        click.echo(f"转入单 {row.id}（{row.state_label}）：{row.sender_name}，{row.people} 人，{row.made_at:%Y-%m-%d %H:%M} 打包。")
        for name, value in sorted((row.sums or {}).items()):
            click.echo(f"{name}\t{value}")


@transfer_.command("take")
@click.argument("arrival", type=int)
@_AS
def take(arrival: int, username: str) -> None:
    """Take the people of an arrival that was shown."""
    with _acting(username) as by:
        row = Arrival.move(arrival, "take", by)
        click.echo(row.outcome)


@transfer_.command("refuse")
@click.argument("arrival", type=int)
@click.option("--reason", required=True)
@_AS
def refuse(arrival: int, reason: str, username: str) -> None:
    """Refuse an arrival that was shown."""
    with _acting(username) as by:
        Arrival.move(arrival, "refuse", by, reason)
        click.echo(f"转入单 {arrival} 已拒收。")


@transfer_.command("answer")
@click.argument("arrival", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_AS
def answer(arrival: int, file: Path, username: str) -> None:
    """Write the signed receipt or refusal of an arrival to FILE, to be carried back."""
    with _acting(username) as by:
        file.write_text(answer_of(arrival, by), encoding="ascii")
        click.echo(f"回执已写入 {file}。")


@transfer_.command("receipt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_AS
def receipt(file: Path, username: str) -> None:
    """Take in the receiver's signed receipt or refusal."""
    with _acting(username) as by:
        row = take_receipt(_read(file), by)
        click.echo(f"{row}：{row.state_label}。{row.outcome}")
