"""Many rows in a row, kept in a file without a name while they wait: memory holds a few hundred of them."""

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

PART = 500  # rows written and read back at once
HEAD = 100  # first rows that stay in memory, for whoever looks for a header


class Spool:
    """As much of a list as is asked for: it grows and is cut at its end, is gone through in order as often as one
    likes, and shows its first rows. While it is short there is no file."""

    def __init__(self, rows: Iterable[Any] = ()) -> None:
        self._file: IO[bytes] | None = None
        self._places: list[int] = []
        self._waiting: list[Any] = []
        self._head: list[Any] = []
        for row in rows:
            self.append(row)

    def append(self, row: Any) -> None:
        if len(self) < HEAD:
            self._head.append(row)
        self._waiting.append(row)
        if len(self._waiting) == PART:
            if self._file is None:  # closed with the spool; it has no name to be found by
                self._file = tempfile.TemporaryFile()  # noqa: SIM115
            self._places.append(self._file.seek(0, 2))
            pickle.dump(self._waiting, self._file, pickle.HIGHEST_PROTOCOL)
            self._waiting = []

    def cut(self, long: int) -> None:
        """Drop what comes after the first ``long`` rows."""
        if long >= len(self):
            return
        whole, over = divmod(long, PART)
        if whole < len(self._places) and self._file is not None:
            self._waiting = self._part(self._places[whole])
            self._file.truncate(self._places[whole])
            del self._places[whole:]
        del self._waiting[over:], self._head[long:]

    def close(self) -> None:
        """Done with; the file is gone."""
        if self._file is not None:
            self._file.close()

    def _part(self, place: int) -> list[Any]:
        assert self._file is not None
        self._file.seek(place)
        return pickle.load(self._file)  # our own, and nobody else can reach it

    def __len__(self) -> int:
        return len(self._places) * PART + len(self._waiting)

    def __iter__(self) -> Iterator[Any]:
        for place in self._places:
            yield from self._part(place)
        yield from self._waiting

    def __getitem__(self, at: Any) -> Any:
        """Of the first rows alone."""
        return self._head[at]
