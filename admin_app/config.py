"""Where things are: the database, the keys, the folder for what the station keeps. From the environment or made once."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEY_BYTES = 32


@dataclass(frozen=True)
class Config:
    """``instance`` holds the embedded database, keys, job results; ``demo_password`` only serves the demo station."""

    instance: Path
    database_url: str
    secret_key: str
    data_key: bytes
    demo_password: str | None
    behind_tls: bool
    trusted_proxy: str = ""  # address of the one proxy whose word on who asks is taken

    @classmethod
    def from_environment(cls) -> "Config":
        """Read the environment; keys that it does not hold are read from, or made into, files only the owner may read.

        Raises ``ValueError`` when ``DATA_KEY`` is not 64 hexadecimal digits.
        """
        instance = Path(os.environ.get("INSTANCE", ROOT / "instance")).resolve()
        instance.mkdir(parents=True, exist_ok=True)
        return cls(
            instance=instance,
            database_url=os.environ.get("DATABASE_URL", f"sqlite:///{instance / 'station.db'}"),
            secret_key=os.environ.get("SECRET_KEY") or _kept(instance / "secret.key"),
            data_key=_data_key(os.environ.get("DATA_KEY") or _kept(instance / "data.key")),
            demo_password=os.environ.get("DEMO_PASSWORD") or None,
            behind_tls=os.environ.get("BEHIND_TLS", "") == "1",
            trusted_proxy=os.environ.get("TRUSTED_PROXY", ""),
        )


def _data_key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if len(key) != KEY_BYTES:
        raise ValueError(f"DATA_KEY must be {KEY_BYTES * 2} hexadecimal digits")
    return key


def _kept(path: Path) -> str:
    """The key in this file; made at the first start, for the owner alone."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_hex(KEY_BYTES))
    return path.read_text().strip()
