"""A ledger as plain text (CSV, UTF-8 with its mark, so that Excel reads the Chinese): one line a row, nothing that runs."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TextIO

from views.ledgers.cells import Cell
from views.ledgers.columns import Ledger
from views.ledgers.marks import MARK_HEADER

RUNS = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet take text for a formula
_ZERO = datetime(1899, 12, 30)


class Lines:
    """Takes rows as `layout.Layout` does. Row marks stand in the last column, for nothing can be hidden here."""

    def __init__(self, file: TextIO, ledger: Ledger, cells: Sequence[Cell], title: str, note: str) -> None:
        self.csv, self.ledger, self.cells, self.number = csv.writer(file), ledger, cells, 0
        self.kinds = [column.kind for column in ledger.columns]
        self.csv.writerow([title])
        self.csv.writerow([note])
        labels = [column.label for column in ledger.columns]
        self.csv.writerow(["序号", *labels, *([MARK_HEADER] if ledger.marked else [])])

    def use(self, cells: Sequence[Cell]) -> None:
        """As `layout.Layout.use`."""
        self.cells = cells

    def add(self, rows: Sequence[tuple]) -> None:
        for row in rows:
            self.number += 1
            found = [
                "" if raw is None or raw == "" else _said(raw if cell.convert is None else cell.convert(raw), kind)
                for raw, cell, kind in zip(row, self.cells, self.kinds, strict=False)
            ]
            self.csv.writerow([self.number, *found, *row[len(self.cells) :]])

    def finish(self, rows: int, sums: Mapping[int, int]) -> None:
        last = ["" if n not in sums else _said(_figure(sums[n], kind), kind) for n, kind in enumerate(self.kinds)]
        self.csv.writerow(["合计", f"{rows} 条", *last[1:]])


def _figure(amount: int, kind: str) -> float:
    return amount / 60 if kind == "hours" else amount


def _said(value: Any, kind: str) -> str:
    if kind == "hours":
        return f"{value:.2f}"
    if kind == "date":
        return str(date(1899, 12, 30) + timedelta(days=int(value)))
    if kind in ("datetime", "time"):
        at = _ZERO + timedelta(minutes=round(value * 1440))
        return f"{at:%H:%M}" if kind == "time" else f"{at:%Y-%m-%d %H:%M}"
    text = str(value)
    return f"'{text}" if text.startswith(RUNS) and kind not in ("int", "age") else text
