"""Figures for supervisors: which cells of a table would name a person, and must not be shown (个人信息保护法 28).

A cell counts people or households. Whoever reads that one household of a kind lives in a community may know which; and
a hidden cell that the totals give away is not hidden.
"""

from collections.abc import Collection, Iterator, Sequence

Grid = list[list[int]]
Mask = list[list[bool]]
Place = tuple[int, int]


def with_totals(cells: Sequence[Sequence[int]]) -> Grid:
    """The table with a last column of row sums and a last row of column sums."""
    rows = [[*row, sum(row)] for row in cells]
    width = len(cells[0]) + 1 if cells else 1
    return [*rows, [sum(row[column] for row in rows) for column in range(width)]]


def suppressed(cells: Sequence[Sequence[int]], least: int, also: Collection[Place] = ()) -> Mask:
    """Which cells of `with_totals(cells)` to hide: every count from 1 to ``least`` - 1, and as many more as it takes
    that no row or column with its total gives a hidden one away. ``also`` are cells that are hidden elsewhere already.

    In every line the hidden cells are none, or at least two that together hold ``least`` or more; where a line has too
    little for that, all of it is hidden.
    """
    grid = with_totals(cells)
    mask = [[0 < value < least or (r, c) in also for c, value in enumerate(row)] for r, row in enumerate(grid)]
    changed = True
    while changed:
        changed = False
        for line in _lines(grid):
            while (more := _uncovered(grid, mask, line, least)) is not None:
                row, column = more
                mask[row][column] = changed = True
    return mask


def suppressed_alike(tables: Sequence[Sequence[Sequence[int]]], least: int) -> list[Mask]:
    """As `suppressed`, for tables that tell the same rows apart in several ways: their last row, the totals, is the same
    and is hidden alike in all, or one table would show what another hides."""
    hidden: set[int] = set()
    while True:
        masks = [suppressed(cells, least, {(len(cells), column) for column in hidden}) for cells in tables]
        found = {column for mask in masks for column, hide in enumerate(mask[-1]) if hide}
        if found == hidden:
            return masks
        hidden = found


def _lines(grid: Grid) -> Iterator[list[Place]]:
    """Each row and each column, its total last."""
    for row in range(len(grid)):
        yield [(row, column) for column in range(len(grid[0]))]
    for column in range(len(grid[0])):
        yield [(row, column) for row in range(len(grid))]


def _uncovered(grid: Grid, mask: Mask, line: list[Place], least: int) -> Place | None:
    """The next cell to hide in this line, the smallest that holds anything, or None where nothing is given away."""
    hidden = [place for place in line if mask[place[0]][place[1]]]
    parts = [grid[row][column] for row, column in hidden if (row, column) != line[-1]]
    safe = len(hidden) >= 2 and (line[-1] in hidden or sum(parts) >= least)
    if not hidden or safe:
        return None
    shown = [place for place in line if place not in hidden]
    holding = [place for place in shown if grid[place[0]][place[1]]]
    return min(holding or shown, key=lambda place: grid[place[0]][place[1]], default=None)
