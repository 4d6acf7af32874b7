"""What came before or after a moment, for many people at once: sums kept in order, so that each is one look."""

from bisect import bisect_left
from typing import Any


def summed(entries: list[tuple]) -> tuple[list, list[int]]:
    """Keys in order, and what the entries before each came to; the last sum is all of them."""
    entries.sort()
    sums = [0]
    for _, amount in entries:
        sums.append(sums[-1] + amount)
    return [at for at, _ in entries], sums


def sum_after(summed: tuple[list, list[int]] | None, at: Any) -> int:
    """What came at this moment or after it."""
    return summed[1][-1] - summed[1][bisect_left(summed[0], at)] if summed else 0


def sum_before(summed: tuple[list, list[int]] | None, at: Any) -> int:
    return summed[1][bisect_left(summed[0], at)] if summed else 0
