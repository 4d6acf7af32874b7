"""A way through the life of a stage; each stage lists its own in `walks_<stage>.py`, and test_states walks them all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cast import Cast


@dataclass
class Walk:
    """The row it starts from and the moves in order, each with who makes it.

    ``steps`` reads "move:actor move:actor …"; "later" lets a notice run out. ``details`` is what a move asks for.
    """

    resource: str
    begin: Callable[[Cast], tuple[type, int]]
    steps: str
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
