"""Row codes of a printed sign-in sheet (方案 二(5)): short, checked, read by hand or by a scanner.

``12-345-68`` is volunteer 345 at activity 12, ``12-00103-40`` the blank row 3 of sheet 1; the last two digits are the
check digits of ISO 7064 MOD 97-10 over the rest, which tell every slip of one digit and every pair that was swapped.
"""

import re
from dataclasses import dataclass

from stdnum.iso7064 import mod_97_10

from rules.reading import half_width

_SHAPE = re.compile(r"([1-9]\d{0,8})[-－—–‐](\d{1,10})[-－—–‐](\d{2})")
BLANK = "0"  # how the middle of a blank row's code begins; no volunteer's number does
_BETWEEN = "X"  # stands for the hyphen where the check digits are worked out


@dataclass(frozen=True)
class RowCode:
    """What a row of a sheet is: whose turn at which activity, or a blank row (``volunteer`` is None) of a sheet."""

    activity: int
    volunteer: int | None = None
    sheet: int = 0
    row: int = 0

    def __str__(self) -> str:
        middle = str(self.volunteer) if self.volunteer else f"{BLANK}{self.sheet:02d}{self.row:02d}"
        return f"{self.activity}-{middle}-{_check(str(self.activity), middle)}"


def read_row_code(text: str) -> RowCode | None:
    """The row that a text names; None where it does not look like a row code at all.

    Raises ``ValueError`` with a Chinese sentence where its check digits do not fit.
    """
    found = _SHAPE.fullmatch(half_width(text).strip())
    if found is None:
        return None
    activity, middle, check = found.groups()
    if _check(activity, middle) != check:
        raise ValueError(f"行码「{text.strip()}」的校验位不对，请对照纸上的行码再输一遍，或填志愿者编号。")
    if not middle.startswith(BLANK):
        return RowCode(int(activity), int(middle))
    if len(middle) != 5:
        raise ValueError(f"没有「{text.strip()}」这样的行码，请对照纸上的行码再输一遍。")
    return RowCode(int(activity), None, int(middle[1:3]), int(middle[3:]))


def _check(activity: str, middle: str) -> str:
    return str(mod_97_10.calc_check_digits(f"{activity}{_BETWEEN}{middle}"))
