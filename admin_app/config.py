"""Where things are: the database, the keys, the folder for what the station keeps. From the environment or made once."""

import contextlib
import logging
import os
import re
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.vault import new_key

ROOT = Path(__file__).resolve().parents[1]
KEY_BYTES = 32
HERE = ("localhost", "127.0.0.1", "::1")  # by what names a program on this very machine is asked for
ANYWHERE = ("0.0.0.0", "::")  # served to whoever reaches the machine

log = logging.getLogger("station.keys")


@dataclass(frozen=True)
class Config:
    """``instance`` holds the embedded database, keys, job results; ``demo_password`` only serves the demo station.

    ``hosts`` are the names under which it answers, without port; ``trusted_proxy`` is the address of the
    one machine of our own before it that is believed in what it says of the browser.
    """

    instance: Path
    database_url: str
    secret_key: str
    data_key: bytes
    demo_password: str | None
    behind_tls: bool
    old_keys: tuple[bytes, ...] = ()  # data keys that still open what they sealed, newest first
    key_file: "KeyFile | None" = None  # where the data keys are kept; None where the environment gives them
    hosts: tuple[str, ...] = HERE
    trusted_proxy: str = ""
    backup_to: Path | None = None  # a folder; `instance`/backups where none is given
    backup_key: str | None = None  # made beside the others where none is given
    backup_also_for: str = ""
    backup_keep: str = ""
    pg_tools: str = ""
    webhook_hosts: tuple[str, ...] = ()  # hosts beside the robots' own that what waits may be told to
    upward_hosts: tuple[str, ...] = ()  # hosts of platforms that records may go up to by themselves

    @property
    def data_keys(self) -> tuple[bytes, ...]:
        """The data key, then the older ones."""
        return (self.data_key, *self.old_keys)

    def news_of_keys(self) -> Callable[[], Sequence[bytes]]:
        """What a keyring asks for new keys; those of the environment stay what they are."""
        return self.key_file.news if self.key_file else tuple

    @classmethod
    def from_environment(cls) -> "Config":
        """Read the environment; keys that it does not hold are read from, or made into, files only the owner may read.

        ``DATA_KEY`` may list several, newest first. Raises ``ValueError`` where one is not 64 hexadecimal digits.
        """
        instance = Path(os.environ.get("INSTANCE", ROOT / "instance")).resolve()
        instance.mkdir(parents=True, exist_ok=True)
        kept = None if os.environ.get("DATA_KEY") else KeyFile(instance / "data.key")
        newest, *older = kept.read() if kept else data_keys(os.environ["DATA_KEY"])
        return cls(
            instance=instance,
            database_url=os.environ.get("DATABASE_URL", f"sqlite:///{instance / 'station.db'}"),
            secret_key=os.environ.get("SECRET_KEY") or _kept(instance / "secret.key"),
            data_key=newest,
            demo_password=os.environ.get("DEMO_PASSWORD") or None,
            behind_tls=os.environ.get("BEHIND_TLS", "") == "1",
            hosts=_hosts(os.environ.get("HOSTS", ""), os.environ.get("HOST", "")),
            trusted_proxy=os.environ.get("TRUSTED_PROXY", ""),
            backup_to=Path(os.environ["BACKUP_TO"]).absolute() if os.environ.get("BACKUP_TO") else None,
            backup_key=os.environ.get("BACKUP_KEY") or None,
            backup_also_for=os.environ.get("BACKUP_ALSO_FOR", ""),
            backup_keep=os.environ.get("BACKUP_KEEP", ""),
            pg_tools=os.environ.get("PG_TOOLS", ""),
            webhook_hosts=_listed("WEBHOOK_HOSTS"),
            upward_hosts=_listed("UPWARD_HOSTS"),
            old_keys=tuple(older),
            key_file=kept,
        )

    def for_the_vault(self) -> dict[str, Any]:
        """What `models.vault` is opened with; the backup key is made at the first start."""
        return {
            "folder": self.backup_to or self.instance / "backups", "scratch": self.instance / "scratch",
            "key": self.backup_key or _kept(self.instance / "backup.key", new_key),
            "also_for": self.backup_also_for, "keep": self.backup_keep, "tools": self.pg_tools,
        }  # fmt: skip


def _listed(name: str) -> tuple[str, ...]:
    """Names or name:port of hosts in a setting, separated by commas."""
    return tuple(filter(None, (host.strip().lower() for host in os.environ.get(name, "").split(","))))


def _hosts(told: str, served_at: str) -> tuple[str, ...]:
    """The names it answers to: those told, else where it is served; served to the whole office, this PC's own.

    A colleague asks for the PC by its name or its address in the house, so both are known without a setting. A name that
    a DNS server or a proxy gives it has to be told.
    """
    if names := tuple(name.strip().lower() for name in told.split(",") if name.strip()):
        return tuple(dict.fromkeys([*HERE, *names]))
    if served_at not in ANYWHERE:
        return tuple(dict.fromkeys([*HERE, *([served_at.lower()] if served_at else [])]))
    name = socket.gethostname().lower()
    return tuple(dict.fromkeys([*HERE, name, *_addresses(name)]))


def _addresses(name: str) -> list[str]:
    """This machine's addresses in its networks. Nothing is sent: a datagram's socket only asks which way it would go."""
    found = []
    with contextlib.suppress(OSError):
        found = socket.gethostbyname_ex(name)[2]
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
            way.connect(("192.0.2.1", 9))  # an address that is nobody's (RFC 5737)
            found.append(way.getsockname()[0])
    except OSError:
        pass
    return found


def data_keys(text: str) -> list[bytes]:
    """The keys in a text, newest first, parted by spaces, commas or new lines.

    Raises ``ValueError`` where there is none or one is not 64 hexadecimal digits.
    """
    said = text.replace(",", " ").split()
    if not said or not all(re.fullmatch(rf"[0-9A-Fa-f]{{{KEY_BYTES * 2}}}", key) for key in said):
        raise ValueError(f"DATA_KEY must be {KEY_BYTES * 2} hexadecimal digits, or several such keys, newest first")
    return list(map(bytes.fromhex, said))


class KeyFile:
    """The data keys in a file that only its owner may read, one a line, newest first; made at the first start."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None

    def read(self) -> list[bytes]:
        """The keys now. Raises ``ValueError`` as `data_keys` does."""
        keys = data_keys(_kept(self.path))
        self._seen = self._stamp()
        return keys

    def news(self) -> list[bytes]:
        """The keys where the file has changed since it was last read; nothing where it has not, or is being written."""
        try:
            return self.read() if self._stamp() != self._seen else []
        except (OSError, ValueError) as wrong:
            log.error("the file of data keys cannot be read, the keys known before go on: %s", type(wrong).__name__)
            return []

    def write(self, keys: Sequence[bytes]) -> None:
        """Replace the file, whole or not at all."""
        half = self.path.with_suffix(".new")
        keep(half, "".join(f"{key.hex()}\n" for key in keys))
        half.replace(self.path)

    def _stamp(self) -> tuple[int, int]:
        about = self.path.stat()
        return about.st_mtime_ns, about.st_ino


def _kept(path: Path, make: Callable[[], str] = lambda: secrets.token_hex(KEY_BYTES)) -> str:
    """The key in this file; made at the first start, for the owner alone."""
    if not path.exists():
        keep(path, make())
    return path.read_text().strip()


def keep(path: Path, secret: str) -> None:
    """Write a new file that only its owner may read, and be sure that it lies on the disk."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(secret)
        out.flush()
        os.fsync(handle)
