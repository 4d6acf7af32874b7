"""Row marks: the short text in a ledger's last, hidden column that says which row of which table a line came from.

Writing, one of::

    mark_of(row)                          # a model's row: its table, key and revision (0 where it has none)
    mark_of("volunteer", 12, 3)           # the same from raw values, for streams

Reading: ``read_mark(text) -> Mark(table, id, revision)``, ``ValueError`` with a Chinese sentence for anything else.
The text ends with a check that is keyed by the installation's data key, so that a cell dragged down in a spreadsheet,
or one made up, is no other row's mark; an older key's check is still read while that key is kept. A copied mark passes
the check and is refused by the frame (`take_in`), for it stands in two rows.

The frame reads the column by itself: ``line.mark`` is a `Mark` or None. What a kind does with it is in `marked`.
"""

import hmac
import re
from typing import Any, NamedTuple

from models.fields import keyring
from rules.reading import read_text

MARK = "row_mark"  # the key of the frame's own column
MARK_HEADER = "行标识（请勿改动）"
ALTERED = "行标识不对：可能是拖动、手改，或来自别处的文件；请不要改这一列，从本系统重新导出，或清空这一格按新行导入。"
_LONG = 10  # characters of the check: one guess in a million million
_SHAPE = re.compile(r"([a-z][a-z0-9_]{0,62})\.(\d{1,18})\.(\d{1,9})\.([0-9a-f]{10})k")


class Mark(NamedTuple):
    """Which row a line was exported from, and at which revision."""

    table: str
    id: int
    revision: int


def mark_of(row: Any, id: int | None = None, revision: int = 0) -> str:
    """The mark of a model's row, or of a table's name with a key and a revision."""
    if not isinstance(row, str):
        row, id, revision = row._meta.table_name, row._pk, getattr(row, "revision", 0)
    said = f"{row}.{id}.{revision}"
    # The letter at the end keeps a spreadsheet from counting the check upwards when the cell is dragged.
    return f"{said}.{keyring.index(_about(said))[:_LONG]}k"


def read_mark(text: str) -> Mark:
    """Raises ``ValueError`` with a Chinese sentence for a text that is no mark of ours."""
    found = _SHAPE.fullmatch(read_text(text).strip().lower())
    if found is None:
        raise ValueError(ALTERED)
    table, key, revision, check = found.groups()
    said = f"{table}.{key}.{revision}"
    if not any(hmac.compare_digest(made[:_LONG], check) for made in keyring.indexes(_about(said))):
        raise ValueError(ALTERED)
    return Mark(table, int(key), int(revision))


def _about(said: str) -> str:
    return f"row mark\0{said}"  # no value of an `IndexField` begins so
