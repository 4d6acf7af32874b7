"""Columns of our own: encrypted text with a keyed index, sets of codes, JSON."""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from peewee import CharField, Expression, IntegerField, TextField

NONCE_BYTES = 12
_OLD, _NOW = "1:", "2:"  # 1: sealed without saying where or by which key; read still, written no more


@dataclass(frozen=True)
class DataKey:
    """What one key of 32 bytes is used as; ``id`` names it beside what it sealed and says nothing of it."""

    id: str
    cipher: AESGCM
    index_key: bytes = field(repr=False)
    given: bytes = field(repr=False)

    @classmethod
    def of(cls, key: bytes) -> "DataKey":
        """Raises ``ValueError`` for a key that is not 32 bytes long."""
        if len(key) != 32:
            raise ValueError("the data key must be 32 bytes")
        # Several from one, so that an index value or the name never helps against the cipher.
        drawn = [hmac.digest(key, use, hashlib.sha256) for use in (b"id", b"cipher", b"index")]
        return cls(drawn[0][:4].hex(), AESGCM(drawn[1]), drawn[2], key)

    def index(self, text: str) -> str:
        return hmac.digest(self.index_key, text.encode(), hashlib.sha256)[:20].hex()


class Keyring:
    """The data keys, kept outside the database, newest first: the first seals, all of them read.

    ``open`` is called once by whoever wires the program. While a key is being changed (`models.keys`) there are two.
    """

    def __init__(self) -> None:
        self._keys: tuple[DataKey, ...] = ()
        self._news: Callable[[], Sequence[bytes]] = tuple

    def open(self, *keys: bytes, news: Callable[[], Sequence[bytes]] = tuple) -> None:
        """Take keys of 32 bytes, newest first. Raises ``ValueError`` for any other length.

        ``news`` gives the keys anew when they have changed since it was last asked, else nothing; it is asked before
        anything is sealed or indexed, so that a server learns of a new key without a restart.
        """
        self._keys, self._news = tuple(map(DataKey.of, keys)), news

    def seal(self, text: str, place: str = "") -> str:
        """The text sealed by the newest key for one ``place`` (a column's); elsewhere it cannot be opened."""
        return self.seal_by(self.newest.id, text, place)

    def seal_by(self, name: str, text: str, place: str) -> str:
        """The same by the key of this name. Raises ``ValueError`` when it is not here."""
        (key,), nonce = self._named(name), os.urandom(NONCE_BYTES)
        sealed = nonce + key.cipher.encrypt(nonce, text.encode(), place.encode())
        return f"{_NOW}{key.id}:{base64.b64encode(sealed).decode()}"

    def unseal(self, sealed: str, place: str = "") -> str:
        """Raises ``ValueError`` when the text was sealed with another key, for another place, or has been altered."""
        if sealed.startswith(_NOW):
            name, _, rest = sealed.removeprefix(_NOW).partition(":")
            keys, about = self._named(name), place.encode()
        elif sealed.startswith(_OLD):
            keys, rest, about = self._ready(), sealed.removeprefix(_OLD), None
        else:
            raise ValueError("not sealed at all, or altered")
        raw = base64.b64decode(rest)
        for key in keys:
            try:
                return key.cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about).decode()
            except InvalidTag:
                continue
        raise ValueError("sealed with another data key or for another column, or altered")

    def index(self, text: str) -> str:
        """A keyed digest: equal texts meet, and nothing else can be read off it."""
        return self.newest.index(text)

    def indexes(self, text: str) -> list[str]:
        """The digest by each key, newest first: what is stored may still bear an older one's."""
        self._hear()
        return [key.index(text) for key in self._ready()]

    @property
    def newest(self) -> DataKey:
        """The key that seals."""
        self._hear()
        return self._ready()[0]

    @property
    def ids(self) -> list[str]:
        """The names of the keys, newest first."""
        self._hear()
        return [key.id for key in self._ready()]

    @property
    def given(self) -> list[bytes]:
        """The keys themselves, newest first, for a process of ours that is to read a copy."""
        self._hear()
        return [key.given for key in self._ready()]

    def _named(self, name: str) -> list[DataKey]:
        found = [key for key in self._ready() if key.id == name]
        if not found:
            self._hear()
            found = [key for key in self._ready() if key.id == name]
        return found

    def _hear(self) -> None:
        """Take up new keys. None is dropped while the program runs: it checks at the start that none is missing."""
        if news := [DataKey.of(key) for key in self._news()]:
            given = {key.id for key in news}
            self._keys = (*news, *(key for key in self._keys if key.id not in given))

    def _ready(self) -> tuple[DataKey, ...]:
        if not self._keys:
            raise RuntimeError("the data key has not been opened")
        return self._keys


keyring = Keyring()


class SealedField(TextField):
    """Text encrypted at rest with AES-GCM, bound to its table and column: a sealed value moved to another cannot be
    read. Not searchable; keep an `IndexField` beside it for that. `models.keys` finds every one of them."""

    @property
    def place(self) -> str:
        """What a value is bound to; blank for a field of no table."""
        model = getattr(self, "model", None)
        return f"{model._meta.table_name}.{self.column_name}" if model else ""

    def db_value(self, value: Any) -> Any:
        return keyring.seal(str(value), self.place) if value else value

    def python_value(self, value: Any) -> Any:
        return keyring.unseal(value, self.place) if value else value


class SealedText(SealedField):
    """What was told in confidence, at length. Its own station reads and words it in full, everyone above is only told
    that there is something (`models.private`)."""


class IndexField(CharField):
    """The keyed index of the sealed column ``of``, by which a value is found exactly. ``plain`` is how it is compared.

    A dotted ``of`` lies in the row behind that key, and its table keeps the index up by `reindex` (`models.keys`).
    """

    def __init__(self, *args: Any, of: str, plain: Callable[[str], str] = str, **kwargs: Any) -> None:
        self.of, self.plain = of, plain
        super().__init__(*args, **{"max_length": 40} | kwargs)

    def made(self, text: str | None) -> str:
        """What the column holds for this value; blank for none."""
        return keyring.index(self.plain(text)) if text else ""

    def finds(self, text: str) -> Expression:
        """The condition that the column stands for this value, whichever key made it."""
        return self.in_(keyring.indexes(self.plain(text)))


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


class MinutesField(IntegerField):
    """Whole minutes; shown and typed in hours (`rules.reading.read_minutes`)."""


class MoneyField(IntegerField):
    """Money in whole 分; shown and typed in 元 (`rules.money`)."""


class JSONText(TextField):
    """A small JSON document; the same on both databases."""

    def db_value(self, value: Any) -> Any:
        return None if value is None else json.dumps(value, ensure_ascii=False, default=str)

    def python_value(self, value: Any) -> Any:
        return None if value is None else json.loads(value)
