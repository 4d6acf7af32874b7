"""The draw of a spot-check: the same seed, count and size give the same sample, on any machine and in any year.

Order 67 arts. 20–22 let the civil affairs authority look into records; a draw that anybody can repeat shows that
nobody was picked on or spared. Python's own `random` promises no such thing across its versions, a digest does.
"""

import hashlib
from itertools import count

_ALL = 1 << 64


def draw(seed: str, population: int, size: int) -> list[int]:
    """``size`` different places out of 0 … population − 1, in ascending order; all of them where there are no more.

    Floyd's algorithm: as many steps as places drawn, however many rows there are. Raises ``ValueError`` for a size
    below one or an empty seed.
    """
    if size < 1 or not seed:
        raise ValueError("a draw needs a seed and a size of at least one")
    chosen: set[int] = set()
    for top in range(max(0, population - size), population):
        place = below(seed, top, top + 1)
        chosen.add(top if place in chosen else place)
    return sorted(chosen)


def below(seed: str, turn: int, limit: int) -> int:
    """A number from 0 to limit − 1 that the seed and the turn decide, each equally likely."""
    fair = _ALL - _ALL % limit
    for attempt in count():
        number = int.from_bytes(hashlib.sha256(f"{seed}:{turn}:{attempt}".encode()).digest()[:8], "big")
        if number < fair:
            return number % limit
    raise AssertionError  # count() never ends
