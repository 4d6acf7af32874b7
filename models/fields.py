"""Columns of our own: encrypted text with a keyed index, sets of codes, JSON."""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from peewee import CharField, IntegerField, TextField

NONCE_BYTES = 12
_VERSION = "1:"


class Keyring:
    """The data key, kept outside the database. ``open`` is called once by whoever wires the program."""

    def __init__(self) -> None:
        self._cipher: AESGCM | None = None
        self._index_key = b""

    def open(self, key: bytes) -> None:
        """Take a key of 32 bytes. Raises ``ValueError`` for any other length."""
        if len(key) != 32:
            raise ValueError("the data key must be 32 bytes")
        # Two keys from one, so that an index value never helps against the cipher.
        self._cipher = AESGCM(hmac.digest(key, b"cipher", hashlib.sha256))
        self._index_key = hmac.digest(key, b"index", hashlib.sha256)

    def seal(self, text: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        return _VERSION + base64.b64encode(nonce + self._ready().encrypt(nonce, text.encode(), None)).decode()

    def unseal(self, sealed: str) -> str:
        """Raises ``ValueError`` when the text was sealed with another key or has been altered."""
        raw = base64.b64decode(sealed.removeprefix(_VERSION))
        try:
            return self._ready().decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode()
        except InvalidTag:
            raise ValueError("sealed with another data key, or altered") from None

    def index(self, text: str) -> str:
        """A keyed digest: equal texts meet, and nothing else can be read off it."""
        self._ready()
        return hmac.digest(self._index_key, text.encode(), hashlib.sha256)[:20].hex()

    def _ready(self) -> AESGCM:
        if self._cipher is None:
            raise RuntimeError("the data key has not been opened")
        return self._cipher


keyring = Keyring()


class SealedField(TextField):
    """Text encrypted at rest with AES-GCM. Not searchable; keep a `keyring.index` column beside it for that."""

    def db_value(self, value: Any) -> Any:
        return keyring.seal(str(value)) if value else value

    def python_value(self, value: Any) -> Any:
        return keyring.unseal(value) if value else value


class SealedCodesField(SealedField):
    """A set of codes from the vocabulary ``kind`` that is itself sensitive: one sealed text, read as a list.

    ``finds`` gives the condition that a code is in the set, by a keyed index kept beside the table.
    """

    def __init__(self, *args: Any, kind: str, finds: Callable[[str], Any], **kwargs: Any) -> None:
        self.kind, self.has = kind, finds
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def db_value(self, value: Iterable[str] | None) -> str:
        return super().db_value(" ".join(sorted(set(value)))) if value else ""

    def python_value(self, value: str | None) -> list[str]:
        return super().python_value(value).split() if value else []


class CodeField(CharField):
    """One code from the vocabulary ``kind``; blank where nothing is said."""

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        self.kind = kind
        kwargs.setdefault("max_length", 8)
        super().__init__(*args, **kwargs)


class CodesField(TextField):
    """A set of codes from one vocabulary (``kind``), kept as text " 01 05 " so that one can be found in it."""

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        self.kind = kind
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def db_value(self, value: Iterable[str] | str | None) -> str:
        if not value:
            return ""
        if isinstance(value, str):
            if value.startswith("%"):  # the pattern that `has` looks for
                return value
            value = value.split()
        return f" {' '.join(sorted(set(value)))} "

    def python_value(self, value: str | None) -> list[str]:
        return value.split() if value else []

    def has(self, code: str):
        """The condition that ``code`` is one of the set."""
        return self.contains(f" {code} ")


class StationsField(CodesField):
    """A set of stations by their keys, kept as a set of codes is: for a meeting or a check that names several."""


class MoneyField(IntegerField):
    """Money in whole 分; shown and typed in 元 (`rules.money`)."""


class JSONText(TextField):
    """A small JSON document; the same on both databases."""

    def db_value(self, value: Any) -> Any:
        return None if value is None else json.dumps(value, ensure_ascii=False, default=str)

    def python_value(self, value: Any) -> Any:
        return None if value is None else json.loads(value)
