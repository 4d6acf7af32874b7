"""Rows about people whom a station serves: in full at their own station, masked for everyone above (设计 8; 方案 二(1))."""

from typing import Any

from models.moves import UNSHOWN
from rules.identity import mask_name


class Private:
    """Beside `Entered`: a row of which only the own station reads everything.

    ``names`` are columns that hold a person's name, ``told`` those that hold what was told in confidence. ``str()`` of
    such a row must be fit for anybody; `in_clear` is what its own station calls it.
    """

    names = ""
    told = ""

    def in_clear(self) -> str:
        """What its own station calls the row."""
        return str(self)

    def shown(self, names: list[str], data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Values for the trail, which auditors read: names masked, confidences only said to be there."""
        values = super().shown(names, data)
        for name in set(self.names.split()) & set(values):
            values[name] = mask_name(values[name] or "")
        for name in set(self.told.split()) & set(values):
            values[name] = UNSHOWN if values[name] else ""
        return values
