"""Files that people send: one door for every form that takes one, and what comes through it.

A file is taken into memory up to the limit of its kind and no further, is what its content says it is, and is looked
through before anything reads it (`views.ledgers.archives`). Its name is for people to read: no path is ever made of it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from models.refusals import refuse
from rules import policy_files, signing, transfer
from rules.reading import clean, unkept
from views.ledgers import archives

LONGEST_NAME = 80  # characters of a file's name that are kept


@dataclass(frozen=True)
class Kind:
    """What a form takes: endings of file names, the largest file in bytes, and the look at what is in it."""

    suffixes: tuple[str, ...]
    largest: int
    look: Callable[[bytes, str], object]

    @property
    def said(self) -> str:
        return "、".join(f".{suffix}" for suffix in self.suffixes)


def _any(data: bytes, name: str) -> None:
    """A policy's text is looked at by the one reader that it has (`rules.policy_files.read`)."""


TABLE = Kind(("xlsx", "xls", "ods", "csv", "txt", "tsv"), archives.MAX_BYTES, archives.kind_of)
POLICY = Kind(("toml",), policy_files.LARGEST_FILE, _any)
PACKAGE = Kind(("svst", "txt"), transfer.LARGEST_PACKAGE, _any)  # its one reader is `models.transfer`
CARD = Kind(("json", "txt"), 4 * signing.LONGEST_CARD, _any)  # its one reader is `rules.signing.read_card`
RECEIPT = Kind(("svsr", "txt"), transfer.LARGEST_LINE, _any)


@dataclass(frozen=True)
class Upload:
    """A file that may be read, and what its owner calls it."""

    name: str
    data: bytes


def received(kind: Kind) -> Upload:
    """The file that the form sent as ``file``.

    Raises ``Refusal`` with one Chinese sentence when there is none, or it is too large, unsafe or of another kind.
    """
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise refuse(f"请先选择要导入的文件（{kind.said}）。")
    name = shown_name(sent.filename)
    if name.rpartition(".")[2].lower() not in kind.suffixes or "." not in name:
        raise refuse(f"「{name}」不是可以导入的文件，请选择 {kind.said} 文件。")
    data = sent.stream.read(kind.largest + 1)
    if len(data) > kind.largest:
        raise refuse(f"文件太大：最多 {_size(kind.largest)}，请只留要导入的内容，或分成几份。")
    kind.look(data, name)
    return Upload(name, data)


def shown_name(sent: str) -> str:
    """A file's name as people read it: its last part, nothing invisible in it, shortened in the middle where it is long."""
    name = clean(re.split(r"[/\\]", sent)[-1]).replace("\n", " ")
    name = "".join("_" if unkept(char) else char for char in name)
    stem, dot, suffix = name.rpartition(".")
    longest = LONGEST_NAME - len(suffix) - 2
    return f"{stem[:longest]}…{dot}{suffix}" if len(name) > LONGEST_NAME and len(suffix) < 10 else name[:LONGEST_NAME]


def _size(largest: int) -> str:
    return f"{largest // archives.MIB} MB" if largest >= archives.MIB else f"{largest // 1024} KB"
