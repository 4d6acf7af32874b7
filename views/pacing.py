"""How often somebody asked in the last minute: kept in the program's memory, for what costs little and is forgotten soon.
What has to outlast a restart, wrong passwords and things sent in, is counted in the database (`models.failures`)."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from threading import Lock

from flask import current_app

MINUTE = 60  # seconds
MOST = 10_000  # of whom something is remembered; beyond them whoever was quiet for a minute is forgotten


class Pace:
    """So many in the last minute, by whom and at what; one a program."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, Lock()
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    def count(self, whose: str) -> int:
        """How many were noted in the last minute."""
        with self._lock:
            since, seen = self._now() - MINUTE, self._seen[whose]
            while seen and seen[0] <= since:
                seen.popleft()
            if not seen:
                self._seen.pop(whose, None)
            return len(seen)

    def note(self, whose: str) -> None:
        """One more of this one's."""
        with self._lock:
            if len(self._seen) > MOST:
                since = self._now() - MINUTE
                for quiet in [name for name, seen in self._seen.items() if seen[-1] <= since]:
                    del self._seen[quiet]
            self._seen[whose].append(self._now())


def pace() -> Pace:
    """The program's own."""
    found: Pace = current_app.extensions["pace"]
    return found
