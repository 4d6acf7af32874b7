"""`flask --app wsgi policy …`: what is in force, in words or as a file, and a file taken in as a draft."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

import click

from models import clock, policy
from models.base import database
from models.people import Account
from models.policy_drafts import PolicyDraft, names_of
from models.policy_words import Words, unit_of
from models.refusals import Refusal
from rules import policy_files
from rules.divisions import check_code, level
from rules.policy import PROVINCE, Version, parameters, title_of
from rules.policy_office import LAYS_DOWN, plain, refusal, row_kind
from rules.topics import TOPICS, PolicyError

_TOPIC = click.argument("topic", type=click.Choice(list(TOPICS)))
_DIVISION = click.option("--division", default=PROVINCE, show_default=True, help="Code of the division it binds.")
_ON = click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day, e.g. 2026-03-05; today when not given.")


@click.group("policy")
def policy_() -> None:
    """Policy in force, and drafts from files."""


def _fail(*says: str) -> NoReturn:
    click.echo("\n".join(says), err=True)
    sys.exit(1)


def _in_force(topic: str, division: str, day: date) -> Version:
    if wrong := check_code(division):
        _fail(wrong[0].says)
    try:
        return policy.book(topic=topic, division=division).on(topic, division, day)
    except PolicyError as silent:
        _fail(str(silent))


@policy_.command("show")
@_TOPIC
@_DIVISION
@_ON
def show(topic: str, division: str, day: datetime | None) -> None:
    """Print TOPIC as it binds a division on a day: each parameter in words, whose it is and since when."""
    with database.connection_context():
        version = _in_force(topic, division, day.date() if day else clock.today())
        names, say = names_of([division, *(part.division for part in version.parts)]), Words()
        click.echo(f"{title_of(topic)}（{names[division]}）　{version.key}")
        for name, spec in parameters(TOPICS[topic]).items():
            value, origin = getattr(version.rule, name), version.origins[name]
            unit = f" {said}" if (said := unit_of(spec.metadata, value)) else ""
            text = _rows(plain(value), say) if row_kind(spec) and value else say(name, value)
            click.echo(f"{spec.metadata['label']}：{text}{unit}　（{names[origin.division]} {origin.since}）")
            for part in version.parts:
                if part.division != division and name in part.bounds:
                    whose = LAYS_DOWN[level(part.division)]
                    click.echo(f"  {refusal(part.bounds[name], whose, spec.metadata, name, say)}")
            if laid := version.aside.get(name):
                click.echo(f"  {names[laid.division]}自 {laid.since} 起规定的超出范围，不适用")


def _rows(rows: list[dict], say: Words) -> str:
    return "；".join("，".join(say(name, value) for name, value in row.items()) for row in rows)


@policy_.command("export")
@_TOPIC
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@_DIVISION
@_ON
def export(topic: str, file: Path | None, division: str, day: datetime | None) -> None:
    """Write TOPIC as it binds a division to FILE as TOML, or print it."""
    with database.connection_context():
        text = policy_files.in_force(_in_force(topic, division, day.date() if day else clock.today()))
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        _fail(f"写不了 {file}：{error.strerror}。")
    click.echo(f"已写入 {file}：{title_of(topic)}。")


@policy_.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, help="A supervisor's account: the draft is of its division.")
def import_(file: Path, username: str) -> None:
    """Take a TOML file in as a draft; another supervisor releases it in the browser."""
    with database.connection_context():
        account = Account.get_or_none(Account.username == username, Account.active)
        if account is None:
            _fail(f"没有启用的账号「{username}」。")
        try:
            said = policy_files.read(file.read_bytes())
            row = PolicyDraft.enter(
                account.actor(), topic=said.topic, since=said.since, source=said.source, values=said.values,
                bounds=said.bounds,
            )  # fmt: skip
        except PolicyError as error:
            _fail(str(error))
        except Refusal as no:
            _fail(*(policy_files.placed(f.where, f.says) for f in no.findings))
        click.echo(f"已起草 {row}（{names_of([row.division])[row.division]}），草案 {row.id}；请在浏览器里核对后提交。")
