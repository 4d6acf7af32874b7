"""The codes that say «I am here» (方案 二(4)): signed, dated, of one activity, with no person in them.

``s``: on a screen, good for one time step and policy's grace; ``d``: on a printed sheet, good on the activity's day;
``t``: what a browser keeps after scanning, so that signing in does not outlast the code. The signature is HMAC-SHA256 by
a key that the caller holds; here is only how a code is written and read, and how old it may be.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.topics import PresenceRule

KINDS = ("s", "d", "t")
_SHAPE = re.compile(r"([sdt])([1-9]\d{0,8})-(\d{1,11})-([0-9a-f]{32})")
_BEGIN = datetime(2000, 1, 1)  # what moments are counted from, in seconds of local time


@dataclass(frozen=True)
class HereCode:
    """A code before it is signed: of which kind, for which activity, and since when (to the second)."""

    kind: str
    activity: int
    since: datetime

    @property
    def said(self) -> str:
        """What is signed."""
        return f"{self.kind}{self.activity}-{int((self.since - _BEGIN).total_seconds())}"

    def signed(self, mac: str) -> str:
        """The code as it stands in an address; ``mac`` are 32 or more hexadecimal digits."""
        return f"{self.said}-{mac[:32]}"


def read_here_code(text: str) -> tuple[HereCode, str] | None:
    """The code and the signature that it claims; None for what is no such code. Whoever asks compares the signature."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        return None
    return HereCode(found[1], int(found[2]), _BEGIN + timedelta(seconds=int(found[3]))), found[4]


def step_of(now: datetime, rule: PresenceRule) -> datetime:
    """When the time step that ``now`` lies in began, as long as policy wants them."""
    whole, seconds = int((now - _BEGIN).total_seconds()), rule.screen_seconds
    return _BEGIN + timedelta(seconds=whole - whole % seconds)


def fresh(code: HereCode, now: datetime, lasts: timedelta) -> bool:
    """Whether a code is not from the future and not older than ``lasts``."""
    return timedelta(0) <= now - code.since <= lasts
