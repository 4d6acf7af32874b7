"""Rows of a large table, kept in a file without a name while they are looked at: memory holds a few hundred of them."""

import pickle
import tempfile
from collections.abc import Iterator
from typing import Any

PART = 500  # rows written and read back at once
HEAD = 100  # first rows that stay in memory, for whoever looks for a header

Row = tuple[int, list[Any]]


class Spool:
    """As much of a list as an import asks for: it grows at its end, is gone through in order, and shows its first rows."""

    def __init__(self, rows: list[Row]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the spool; it has no name to be found by
        self._places: list[int] = []
        self._waiting: list[Row] = []
        self._long = 0
        self._head = rows[:HEAD]
        for row in rows:
            self.append(row)

    def append(self, row: Row) -> None:
        self._waiting.append(row)
        self._long += 1
        if len(self._waiting) == PART:
            self._places.append(self._file.seek(0, 2))
            pickle.dump(self._waiting, self._file, pickle.HIGHEST_PROTOCOL)
            self._waiting = []

    def __len__(self) -> int:
        return self._long

    def __iter__(self) -> Iterator[Row]:
        for place in self._places:
            self._file.seek(place)
            yield from pickle.load(self._file)  # our own, and nobody else can reach it
        yield from self._waiting

    def __getitem__(self, at: Any) -> Any:
        """Of the first rows alone."""
        return self._head[at]
