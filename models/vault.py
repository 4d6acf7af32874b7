"""Where backups go, what locks them, and the room in which they are made. Opened once by whoever wires the program.

A backup is one file in the age format (https://age-encryption.org): it is locked for the station's own backup key and for
whoever else is named, so that a lost key at the station need not be the end. Inside: one line of JSON, the manifest, then
the database, compressed by gzip. So it can be read without this program:

    age -d -i backup.key station-2026-11-26-0312.backup | tail -n +2 | gunzip > station.db

The data key is never in it. The manifest says by a fingerprint which one the database was sealed with.
"""

import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from models.refusals import refuse

PIECE = 1 << 20  # bytes read at once
QUICK = 1  # zlib's level: half the size at the speed of the disk
LONGEST_MANIFEST = 16 << 20  # bytes
ROOM = "room-"


@dataclass
class Vault:
    """``keep`` says how many days, weeks and months keep a backup; ``tools`` is the folder of pg_dump and pg_restore,
    blank to look on PATH; ``maker`` names the kind of process, so that a server that starts clears what a killed one
    left and not what a command is making."""

    folder: Path = Path("backups")
    scratch: Path = Path("scratch")
    keep: tuple[int, int, int] = (7, 5, 12)
    tools: str = ""
    maker: str = "command"
    _own: Any = None
    _for: list[Any] = field(default_factory=list)

    def open(
        self, *, folder: Path, scratch: Path, key: str, also_for: str = "", keep: str = "", tools: str = ""
    ) -> None:
        """Take the settings. Raises ``ValueError`` with a Chinese sentence for a key or figure that is none."""
        self.folder, self.scratch, self.tools = folder, scratch, tools
        try:
            self._own = pyrage.x25519.Identity.from_str(key.strip())
        except pyrage.IdentityError:
            raise ValueError("BACKUP_KEY 不是备份密钥：应以 AGE-SECRET-KEY-1 开头。") from None
        try:
            others = [pyrage.x25519.Recipient.from_str(one) for one in also_for.replace(",", " ").split()]
        except pyrage.RecipientError:
            raise ValueError("BACKUP_ALSO_FOR 里有一个不是公钥：应以 age1 开头，几个之间用逗号隔开。") from None
        self._for = [self._own.to_public(), *others]
        if keep:
            self.keep = _three(keep)

    @contextmanager
    def room(self) -> Iterator[Path]:
        """A folder of one's own for a copy in the clear, which only this user may read; gone afterwards."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f"{ROOM}{self.maker}-", dir=self.scratch))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def clear(self) -> int:
        """Remove what a killed server left: rooms with copies in the clear, and backups half-written. How many."""
        left = [*self.scratch.glob(f"{ROOM}server-*"), *self.folder.glob(".*.server.part")]
        for path in left:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        return len(left)

    def lock(self, manifest: dict[str, Any], plain: Path, into: Path, said: Callable[[int], None]) -> None:
        """Write the backup, for the owner's eyes alone, down to the disk. ``said`` hears how many bytes of ``plain``
        were read. Raises ``OSError`` where it cannot be written."""
        handle = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out, plain.open("rb") as source:
            sink = _Sink(out)
            try:
                pyrage.encrypt_io(_Packed(manifest, source, said), sink, self._for)
            except pyrage.EncryptError:
                raise sink.fault or OSError("the backup could not be written") from None
            out.flush()
            os.fsync(out.fileno())

    def unlock(self, file: Path, into: Path | None = None) -> dict[str, Any]:
        """The manifest; with ``into`` the database too, each byte of it authenticated, in bounded memory.

        Raises ``Refusal`` for a file that is no backup, is for another key, or was cut short or altered; ``OSError``
        where it cannot be read or written.
        """
        handle = os.open(into or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out, file.open("rb") as source:
            sink = _Unpacked(out, whole=into is not None)
            try:
                pyrage.decrypt_io(source, sink, [self._own])
            except (pyrage.DecryptError, OSError, ValueError, zlib.error, _Enough) as error:
                if sink.enough:
                    return sink.manifest
                if sink.fault is not None:
                    raise sink.fault from None
                if "No matching keys" in str(error):
                    raise refuse(f"{file.name} 是用另一把备份密钥锁的，打不开；请用当时的 BACKUP_KEY。") from None
                if isinstance(error, OSError) and error.errno:  # the medium's, not the content's
                    raise
                raise refuse(f"{file.name} 不是完整的备份：不是本程序的备份文件，或被截短、改动过。") from None
            sink.finish(file.name)
            if into is not None:
                out.flush()
                os.fsync(out.fileno())
        return sink.manifest


vault = Vault()


def new_key() -> str:
    """A new backup key, as text."""
    return str(pyrage.x25519.Identity.generate())


def _three(text: str) -> tuple[int, int, int]:
    parts = text.replace("，", ",").split(",")
    if len(parts) != 3 or not all(part.strip().isdigit() for part in parts) or int(parts[0]) < 1:
        raise ValueError("BACKUP_KEEP 应是三个数，例如 7,5,12：保留几天、几周、几个月的备份，天数至少为 1。")
    days, weeks, months = (int(part) for part in parts)
    return days, weeks, months


class _Packed:
    """What age reads: the manifest's line, then the database as gzip makes it, a piece at a time."""

    def __init__(self, manifest: dict[str, Any], source: BinaryIO, said: Callable[[int], None]) -> None:
        self.pieces = self._all(manifest, source, said)
        self.left = b""

    def _all(self, manifest: dict[str, Any], source: BinaryIO, said: Callable[[int], None]) -> Iterator[bytes]:
        yield json.dumps(manifest, ensure_ascii=False).encode() + b"\n"
        packer, read = zlib.compressobj(QUICK, wbits=31), 0  # 31: a gzip header, so that gunzip reads it
        while piece := source.read(PIECE):
            read += len(piece)
            said(read)
            if packed := packer.compress(piece):
                yield packed
        yield packer.flush()

    def read(self, size: int = -1) -> bytes:
        while not self.left:
            piece = next(self.pieces, None)
            if piece is None:
                return b""
            self.left = piece
        given, self.left = (self.left, b"") if size < 0 else (self.left[:size], self.left[size:])
        return given


class _Sink:
    """A file that age writes to, which remembers why it could not be written."""

    def __init__(self, out: BinaryIO) -> None:
        self.out, self.fault = out, None

    def write(self, data: bytes) -> int:
        try:
            return self.out.write(data)
        except OSError as error:
            self.fault = error
            raise

    def flush(self) -> None:
        pass


class _Enough(Exception):
    pass


class _Unpacked(_Sink):
    """What age writes its clear text to: takes the manifest off the front and unpacks the rest into the file."""

    def __init__(self, out: BinaryIO, *, whole: bool) -> None:
        super().__init__(out)
        self.whole, self.enough = whole, False
        self.manifest: dict[str, Any] = {}
        self.head, self.unpacker = b"", zlib.decompressobj(wbits=31)

    def write(self, data: bytes) -> int:
        rest = bytes(data)
        if not self.manifest:
            self.head += rest
            line, found, rest = self.head.partition(b"\n")
            if not found:
                if len(self.head) > LONGEST_MANIFEST:
                    raise _Enough
                return len(data)
            self.manifest, self.head = json.loads(line), b""
            if not self.whole:
                self.enough = True
                raise _Enough
        while rest:
            piece = self.unpacker.decompress(rest, PIECE)
            super().write(piece)
            rest = self.unpacker.unconsumed_tail
        return len(data)

    def finish(self, name: str) -> None:
        if self.whole and (rest := self.unpacker.flush()):
            super().write(rest)
        if not self.manifest or (self.whole and not self.unpacker.eof):
            raise refuse(f"{name} 不是完整的备份：里面没有清单，或数据不全。")


