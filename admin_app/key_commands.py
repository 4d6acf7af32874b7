"""`flask --app wsgi keys …`: which data keys there are, a new one, and sealing everything anew by it."""

import secrets
import sys
from pathlib import Path
from typing import NoReturn

import click
from flask import current_app
from flask.cli import with_appcontext

from admin_app.config import KEY_BYTES, KeyFile, keep
from models import keys as data_keys
from models import signing
from models.base import database
from models.fields import DataKey, keyring

MOST_SAID = 20  # places of one kind
FROM_ENVIRONMENT = "密钥来自环境变量 DATA_KEY，程序不改它"


@click.group("keys")
def keys() -> None:
    """The data keys that seal identity numbers, phones and addresses."""


@keys.command("show")
@with_appcontext
def show() -> None:
    """Each key: its name, since when it is known, and how many values it seals."""
    with database.connection_context():
        for one in data_keys.show():
            since = f"{one.since} 起" if one.since else "未登记"
            role = "正在使用" if one.id == keyring.newest.id else "旧密钥" if one.here else "没有给出"
            name = "旧格式（不记密钥名）" if one.id == "1" else one.id
            click.echo(f"{name}\t{'' if one.id == '1' else since}\t{role}\t加密着 {one.values:,} 个值")


@keys.command("new")
@with_appcontext
def new() -> None:
    """Add a new data key before the others. Whatever is saved from now on it seals; then run `keys rotate`."""
    kept: KeyFile | None = current_app.config["STATION"].key_file
    if kept is None:
        _fail(f"{FROM_ENVIRONMENT}：请自己生成 {KEY_BYTES * 2} 位十六进制的新密钥，写在 DATA_KEY 最前，"
              "旧的留在后面，用逗号隔开，重新启动，再运行 keys rotate --restarted。")  # fmt: skip
    made = secrets.token_bytes(KEY_BYTES)
    with database.connection_context():
        kept.write([made, *kept.read()])
        data_keys.remember()
    click.echo(f"已加新密钥 {DataKey.of(made).id}（{kept.path}），正在运行的程序马上会用它。请另存一份，再运行 keys rotate。")


@keys.command("rotate")
@with_appcontext
@click.option("--restarted", is_flag=True, help="With DATA_KEY: every server runs with the new list of keys already.")
def rotate(restarted: bool) -> None:
    """Seal everything anew by the newest key, while people work. Stopped half-way it may simply be run again."""
    if current_app.config["STATION"].key_file is None and not restarted:
        _fail(f"{FROM_ENVIRONMENT}：请先用新旧密钥（新的在前）重新启动所有程序，再加 --restarted 运行；"
              "不认识新密钥的程序会读不出刚加密的内容。")  # fmt: skip
    with database.connection_context():
        said = data_keys.rotate(_progress)
    click.echo(f"重新加密 {said.values:,} 个值，重做 {said.indexes:,} 个查找码，都用密钥 {keyring.newest.id}。")
    for what, places in (("读不出（内容被改动过，或缺密钥）", said.unread), ("与另一行是同一证件，请先合并", said.clashes)):
        for place in places[:MOST_SAID]:
            click.echo(f"{what}：{place}", err=True)
    if said.left or said.clashes:
        _fail(f"还有 {said.left:,} 个值不是用新密钥加密的，旧密钥还不能拿走；请处理后再运行一次 keys rotate。")
    for name in said.retired:
        click.echo(f"旧密钥 {name} 已不再加密任何内容，可以用 keys drop {name} --to 文件 拿走。"
                   "用它的时候做的备份仍要靠它才能读，请与那些备份分开保存。")  # fmt: skip


@keys.command("drop")
@with_appcontext
@click.argument("name")
@click.option("--to", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where the old key is put, for the "
              "sake of copies of the database that were made with it.")  # fmt: skip
def drop(name: str, file: Path) -> None:
    """Take the old key NAME out of the file of keys, unless anything is still sealed by it."""
    kept: KeyFile | None = current_app.config["STATION"].key_file
    if kept is None:
        _fail(f"{FROM_ENVIRONMENT}：keys show 里旧密钥加密着 0 个值以后，请自己从 DATA_KEY 里拿走，并另外保存。")
    every = kept.read()
    found = [key for key in every if DataKey.of(key).id == name]
    if not found or found == every[:1]:
        _fail(f"没有名为 {name} 的旧密钥；正在使用的密钥不能拿走。")
    with database.connection_context():
        counts = {one.id: one.values for one in data_keys.show()}
        if left := counts.get(name, 0) + counts.get("1", 0):
            _fail(f"密钥 {name} 还加密着 {left:,} 个值，不能拿走；请先运行 keys rotate。")
        if file.exists():
            _fail(f"{file} 已存在，请另写一个文件名。")
        keep(file, f"{found[0].hex()}\n")
        kept.write([key for key in every if key not in found])
    click.echo(f"已拿走旧密钥 {name}，存在 {file}。请移到别处保存，恢复旧备份时要用。")


@keys.command("renew-signing")
@with_appcontext
def renew_signing() -> None:
    """Sign certificates and packages, and be written to, by new keys. What the old ones signed stays good."""
    with database.connection_context():
        signing.renew()
        card = signing.public_card()
    click.echo(f"已换新的签名和加密密钥，旧密钥签过的证明仍能核验。公开名片的指纹是 {card['fingerprint']}；"
               "请把新名片交给互认单位重新登记、核对指纹，在那以前他们核不了新签的内容。")  # fmt: skip


def _progress(name: str, done: int, rows: int) -> None:
    click.echo(f"  {name} {done:,} / {rows:,}")


def _fail(says: str) -> NoReturn:
    click.echo(says, err=True)
    sys.exit(1)
